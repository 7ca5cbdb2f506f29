//! One check of a workspace, on a snapshot, in a thread of its own.
//!
//! A thread of its own, because a snapshot that waits in a queue would hold up every edit. A new edit
//! makes the check unwind; then somebody begins anew. The snapshot is dropped before the answer is
//! handed over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use ls_types::{Diagnostic as Shown, DiagnosticSeverity, NumberOrString, Range, Uri};
use rush_diagnostics::{Code, Diagnostic, FileId, resolve_all};
use rush_semantics::check::{file_diagnostics, prepare};
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::{RushDatabase, SourceFile};

use crate::bug::{Failure, attempt, report};
use crate::capabilities::Session;
use crate::convert::{Converter, Names};
use crate::message::{Inbox, Message};
use crate::outbox::Publication;
use crate::workspace::WorkspaceId;

/// The stack of a thread that checks: generous, because a body's own nesting is recursion.
const STACK_BYTES: usize = 8 << 20;

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wave {
    /// The open documents, after each edit.
    Documents,
    /// The whole workspace with the rules about its graph, once nothing is typed.
    Workspace,
}

/// A file to check.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) file: SourceFile,
    pub(crate) uri: Uri,
    /// The version of the document, if it is open.
    pub(crate) version: Option<i32>,
    /// The one thing to be said about a file that is no text.
    pub(crate) broken: Option<Diagnostic>,
}

/// What a check needs to know besides the snapshot.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) ticket: Ticket,
    pub(crate) targets: Vec<Target>,
    pub(crate) names: Names,
    pub(crate) session: Session,
    /// What the rules about the graph last said; shown until they have been asked again.
    pub(crate) graph: Arc<Vec<Diagnostic>>,
}

/// Which check it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) workspace: WorkspaceId,
    /// The state of the texts.
    pub(crate) generation: u64,
    pub(crate) wave: Wave,
}

/// How a check ended.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) ticket: Ticket,
    pub(crate) outcome: Result<Findings, Failure>,
    /// Bugs that were met on the way, for the log.
    pub(crate) bugs: Vec<String>,
}

/// What a check found.
#[derive(Debug, PartialEq)]
pub(crate) struct Findings {
    /// One for each file that was checked.
    pub(crate) publications: Vec<Publication>,
    /// What the rules about the graph say, if they were asked.
    pub(crate) graph: Option<Vec<Diagnostic>>,
}

/// Starts a check; its end comes as a message.
pub(crate) fn start(job: Job, db: RushDatabase, inbox: Inbox) -> std::io::Result<()> {
    let thread = thread::Builder::new().name("rush-check".to_owned()).stack_size(STACK_BYTES);
    thread.spawn(move || {
        let mut bugs = Vec::new();
        let outcome = attempt(|| run(&job, &db, &mut bugs));
        drop(db);
        inbox.send(Message::Checked(Checked { ticket: job.ticket, outcome, bugs }));
    })?;
    Ok(())
}

fn run(job: &Job, db: &RushDatabase, bugs: &mut Vec<String>) -> Findings {
    caught("the definitions were ordered", bugs, || prepare(db));
    let asked = (job.ticket.wave == Wave::Workspace).then(|| {
        let found = caught("the graph was checked", bugs, || workspace_diagnostics(db).to_vec());
        found.unwrap_or_default()
    });
    let graph = by_file(asked.as_deref().unwrap_or(&job.graph));
    let mut converter = Converter::new(db, &job.names, &job.session);
    let mut publications = Vec::with_capacity(job.targets.len());
    for target in &job.targets {
        let place = format!("`{}` was checked", target.file.path(db));
        let found = caught(&place, bugs, || convert(db, target, &graph, &mut converter));
        let diagnostics = found.unwrap_or_else(|| vec![internal()]);
        let (uri, version) = (target.uri.clone(), target.version);
        publications.push(Publication { uri, version, diagnostics });
    }
    Findings { publications, graph: asked }
}

type ByFile<'a> = BTreeMap<FileId, Vec<&'a Diagnostic>>;

fn by_file(diagnostics: &[Diagnostic]) -> ByFile<'_> {
    let mut by_file = ByFile::new();
    for diagnostic in diagnostics {
        by_file.entry(diagnostic.file()).or_default().push(diagnostic);
    }
    by_file
}

/// Does a part of a check. A bug is noted and costs that part; cancellation goes on unwinding.
fn caught<T>(place: &str, bugs: &mut Vec<String>, part: impl FnOnce() -> T) -> Option<T> {
    match attempt(part) {
        Ok(value) => Some(value),
        Err(Failure::Cancelled) => {
            std::panic::resume_unwind(Box::new(salsa::Cancelled::PendingWrite))
        }
        Err(Failure::Bug(panic)) => {
            bugs.push(report(place, &panic));
            None
        }
    }
}

/// What is to be shown of one file.
fn convert(
    db: &RushDatabase,
    target: &Target,
    graph: &ByFile<'_>,
    converter: &mut Converter<'_>,
) -> Vec<Shown> {
    let id = target.file.id(db);
    let resolved = if let Some(broken) = &target.broken {
        resolve_all([broken], db)
    } else {
        let own = file_diagnostics(db, target.file);
        resolve_all(own.iter().chain(graph.get(&id).into_iter().flatten().copied()), db)
    };
    resolved.iter().filter_map(|it| converter.convert(it)).collect()
}

/// What is shown of a file that could not be checked.
fn internal() -> Shown {
    Shown {
        range: Range::default(),
        severity: Some(DiagnosticSeverity::ERROR),
        code: Some(NumberOrString::String(Code::Internal.to_string())),
        source: Some("rush".to_owned()),
        message: "an error in Rush itself: this file could not be checked".to_owned(),
        ..Shown::default()
    }
}

impl Findings {
    /// The documents that are spoken of.
    pub(crate) fn uris(&self) -> BTreeSet<&Uri> {
        self.publications.iter().map(|it| &it.uri).collect()
    }
}
