//! One check of a workspace, on a snapshot, in a thread of its own.
//!
//! A thread of its own, because a snapshot that waits in a queue would hold up every edit. A new edit
//! makes the check unwind; then somebody begins anew. What is found is plain data; the snapshot is
//! dropped before it is put in the terms of the protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use ls_types::{Diagnostic as Shown, DiagnosticSeverity, NumberOrString, Range, Uri};
use rush_diagnostics::{Code, Diagnostic, FileId, ResolvedDiagnostic, resolve_all};
use rush_semantics::check::{file_diagnostics, left_open, prepare};
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::{RushDatabase, SourceFile};

use crate::bug::{Failure, attempt, report};
use crate::capabilities::Session;
use crate::convert::{self, SOURCE};
use crate::lint::Lints;
use crate::message::{Inbox, Message};
use crate::outbox::Publication;
use crate::table::Table;
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
    pub(crate) table: Table,
    pub(crate) session: Session,
    /// What was said about scripts.
    pub(crate) lints: Lints,
    /// Whether the rules about the graph are asked.
    pub(crate) asks_graph: bool,
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
        let mut job = job;
        let mut bugs = Vec::new();
        let found = attempt(|| find(&mut job, &db, &mut bugs));
        drop(db);
        let ticket = job.ticket;
        let outcome = found.and_then(|found| attempt(|| tell(job, found)));
        inbox.send(Message::Checked(Checked { ticket, outcome, bugs }));
    })?;
    Ok(())
}

/// What a check found, as plain data.
struct Found {
    /// One for each file; nothing for a file that could not be checked.
    files: Vec<Option<Vec<ResolvedDiagnostic>>>,
    graph: Option<Vec<Diagnostic>>,
}

fn find(job: &mut Job, db: &RushDatabase, bugs: &mut Vec<String>) -> Found {
    caught("the definitions were ordered", bugs, || prepare(db));
    let asked = (job.ticket.wave == Wave::Workspace && job.asks_graph).then(|| {
        let found = caught("the graph was checked", bugs, || workspace_diagnostics(db).to_vec());
        found.unwrap_or_default()
    });
    let graph = by_file(asked.as_deref().unwrap_or(&job.graph));
    let mut files = Vec::with_capacity(job.targets.len());
    for target in &job.targets {
        let place = format!("`{}` was checked", target.file.path(db));
        let found = caught(&place, bugs, || resolve(db, target, &graph));
        for diagnostic in found.iter().flatten() {
            convert::note(&mut job.table, db, diagnostic);
        }
        files.push(found);
    }
    Found { files, graph: asked }
}

fn tell(job: Job, found: Found) -> Findings {
    let Job { targets, table, session, lints, .. } = job;
    let convert = |it: &ResolvedDiagnostic| convert::convert(it, &table, &session);
    let publications = targets.into_iter().zip(found.files).map(|(target, found)| {
        let mut diagnostics: Vec<Shown> = match found {
            Some(found) => found.iter().filter_map(convert).collect(),
            None => vec![internal()],
        };
        diagnostics.extend(lints.of(&target.uri));
        Publication { uri: target.uri, version: target.version, diagnostics }
    });
    Findings { publications: publications.collect(), graph: found.graph }
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

/// What is to be said of one file.
fn resolve(db: &RushDatabase, target: &Target, graph: &ByFile<'_>) -> Vec<ResolvedDiagnostic> {
    if let Some(broken) = &target.broken {
        return resolve_all([broken], db);
    }
    let graph = graph.get(&target.file.id(db)).into_iter().flatten().copied();
    // Whoever has a file open sees why nothing is said there.
    let hints = target.version.into_iter().flat_map(|_| left_open(db, target.file));
    resolve_all(file_diagnostics(db, target.file).iter().chain(graph).chain(hints), db)
}

/// What is shown of a file that could not be checked.
pub(crate) fn internal() -> Shown {
    Shown {
        range: Range::default(),
        severity: Some(DiagnosticSeverity::ERROR),
        code: Some(NumberOrString::String(Code::Internal.to_string())),
        source: Some(SOURCE.to_owned()),
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
