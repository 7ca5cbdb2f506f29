//! The thread that owns the documents and the projects, and decides what a message means.
//!
//! It takes all messages that wait, brings the documents up to date, hands the changes to the
//! projects at once, and starts checks. It never waits for the editor, and for a check only until
//! that has noticed that it is outdated.

mod questions;
mod settle;
mod waves;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use ls_types::{Diagnostic, FileChangeType, TraceValue, Uri};
use rush_project::machine_facts;
use rush_semantics::names::PACKAGE_FILE;

use crate::answers::TokenMemory;
use crate::buffers::{BufferedSystem, Buffers};
use crate::bug::{Failure, attempt, report};
use crate::capabilities::{Refreshes, Session};
use crate::crew::Crew;
use crate::disk::Disk;
use crate::document::{Document, PathKind};
use crate::ground::Terms;
use crate::lint::Lints;
use crate::lookout::{Lookout, Watch};
use crate::message::{Inbox, Message, Start};
use crate::outbox::{Outbox, Refresh};
use crate::owner::settle::{Folder, Touched};
use crate::paths;
use crate::published::{Mode, Published};
use crate::server::Options;
use crate::settings::Settings;
use crate::table::PRELUDE_URI;
use crate::workspace::Workspaces;

/// How many messages are taken before the projects hear of them.
const BATCH_MAX: usize = 1024;

/// How long after a check of everything memory is given back, if no edit comes first.
const REST: Duration = Duration::from_millis(200);

/// How long the owner sleeps when nothing is due.
const SLEEP: Duration = Duration::from_hours(1);

/// What the names of task files end with.
const EXTENSION: &str = "rush";

/// The name of the task files of TaskRush. Editors take it for `EXTENSION` alone.
const LEGACY_FILE: &str = ".rush";

/// The path that a document gets of which only the editor knows.
const UNTITLED: &str = "/untitled/tasks.rush";

/// Starts the owner and returns the queue on which it hears of messages.
pub(crate) fn start(options: Options, outbox: Arc<Outbox>) -> Inbox {
    let (inbox, messages) = Inbox::new();
    let mut owner = Owner::new(options, outbox, inbox.clone());
    let thread = thread::Builder::new().name("rush-owner".to_owned());
    if let Err(error) = thread.spawn(move || owner.run(&messages)) {
        tracing::error!("the thread that owns the projects could not be started: {error}");
    }
    inbox
}

/// Whether the owner goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Stop,
}

struct Owner {
    terms: Arc<Terms>,
    trace: TraceValue,
    quiet: Duration,
    documents: BTreeMap<Uri, Document>,
    buffers: Buffers,
    workspaces: Workspaces,
    folders: BTreeMap<Utf8PathBuf, Folder>,
    touched: Touched,
    published: Published,
    outbox: Arc<Outbox>,
    inbox: Inbox,
    crew: Crew,
    lookout: Lookout,
    disk: Disk,
    /// How often it was asked to say when there is nothing left to say.
    unsettled: usize,
    give_back: fn(),
    /// When memory is given back.
    rest: Option<Instant>,
}

impl Owner {
    fn new(options: Options, outbox: Arc<Outbox>, inbox: Inbox) -> Self {
        let buffers = Buffers::default();
        let (history, world) = (options.history, Arc::clone(&options.system));
        let host = machine_facts(&*world);
        let lookout = Lookout::start(Arc::clone(&history), inbox.clone());
        let disk = Disk::new(options.watch, Arc::clone(&world), inbox.clone());
        let system = BufferedSystem::new(options.system, buffers.clone());
        Self {
            terms: Arc::new(Terms {
                session: Session::default(),
                settings: Settings::default(),
                history,
                system: world,
                host,
                linter: options.linter,
                lints: Lints::default(),
                tokens: TokenMemory::default(),
            }),
            trace: TraceValue::Off,
            quiet: options.quiet,
            documents: BTreeMap::new(),
            buffers,
            workspaces: Workspaces::new(system),
            folders: BTreeMap::new(),
            touched: Touched::default(),
            published: Published::new(Arc::clone(&outbox), Mode::Push),
            crew: Crew::new(&inbox, options.give_back),
            lookout,
            disk,
            unsettled: 0,
            give_back: options.give_back,
            rest: None,
            outbox,
            inbox,
        }
    }

    fn run(&mut self, messages: &Receiver<Message>) {
        loop {
            let wait = self.deadline().map_or(SLEEP, |it| it - Instant::now().min(it));
            let first = match messages.recv_timeout(wait) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let batch = first.into_iter().chain(messages.try_iter()).take(BATCH_MAX);
            for message in batch {
                if self.survive("a message was taken in", |it| it.take_in(message)) == Then::Stop {
                    return;
                }
            }
            if self.rest.is_some_and(|it| it <= Instant::now()) {
                self.rest = None;
                (self.give_back)();
            }
            self.survive("the projects were brought up to date", |it| {
                it.settle();
                it.watch_disk();
                it.hand_out();
                it.start_checks();
                it.say_settled();
                it.lookout.set(it.watch(), Instant::now());
                Then::GoOn
            });
        }
    }

    /// Does a step. After a bug, projects may be half changed: they are opened anew.
    fn survive(&mut self, place: &str, step: impl FnOnce(&mut Self) -> Then) -> Then {
        match attempt(|| step(self)) {
            Ok(then) => then,
            Err(Failure::Cancelled) => Then::GoOn,
            Err(Failure::Bug(panic)) => {
                self.outbox.log(report(place, &panic));
                self.begin_anew();
                Then::GoOn
            }
        }
    }

    fn take_in(&mut self, message: Message) -> Then {
        match message {
            Message::Start(start) => self.start(*start),
            Message::Folders { added, removed } => {
                self.remove_folders(&removed);
                self.add_folders(added);
            }
            Message::Open { uri, version, text } => self.open(uri, version, text),
            Message::Change { uri, version, changes } => {
                let encoding = self.terms.session.encoding;
                self.edit(uri, |document| document.edit(version, changes, encoding));
            }
            Message::Save { uri } => self.save(&uri),
            Message::Close { uri } => self.close(&uri),
            Message::Watched(changes) => self.watched(&changes),
            Message::Configured(settings) => self.configure(settings),
            Message::Trace(trace) => self.trace = trace,
            Message::Ask(pending) => self.ask(pending),
            Message::Linted { uri, said } => self.linted(&uri, &said),
            Message::Returned(returned) => self.returned(*returned),
            Message::Report { known, reply } => {
                // Who left does not need the answer.
                let _ = reply.send(self.published.report(&known));
            }
            Message::Ran => self.repaint_lenses(),
            Message::Settle => self.unsettled += 1,
            Message::Checked(checked) => self.checked(checked),
            Message::Stop => return Then::Stop,
        }
        Then::GoOn
    }

    fn open(&mut self, uri: Uri, version: i32, text: String) {
        let (path, path_kind) = match paths::from_uri(&uri) {
            Some(path) if path.file_name() == Some(LEGACY_FILE) => (path, PathKind::Legacy),
            Some(path) => (self.without_links(path), PathKind::Disk),
            None if uri.as_str() == PRELUDE_URI => (UNTITLED.into(), PathKind::Prelude),
            None => (UNTITLED.into(), PathKind::Editor),
        };
        let mut document = Document::new(path, path_kind, version, text);
        document.home = self.documents.get(&uri).and_then(|it| it.home);
        self.touched.packages(&document.path);
        self.documents.insert(uri.clone(), document);
        self.edit(uri, |_| ());
    }

    /// Changes a document, and notes that it was changed.
    fn edit(&mut self, uri: Uri, change: impl FnOnce(&mut Document)) {
        let Some(document) = self.documents.get_mut(&uri) else {
            tracing::warn!("`{}` was edited but is not open", uri.as_str());
            return;
        };
        change(document);
        self.terms.lints.set(&uri, &[]);
        match document.path_kind {
            PathKind::Disk => self.buffers.set(&document.path, document.lines.text().clone()),
            PathKind::Editor => {}
            PathKind::Prelude | PathKind::Legacy => return,
        }
        self.touched.documents.insert(uri);
    }

    fn save(&mut self, uri: &Uri) {
        let Some(document) = self.documents.get(uri) else { return };
        self.touched.packages(&document.path);
        // Who saves wants to know now.
        if let Some(home) = document.home.and_then(|id| self.workspaces.get_mut(id)) {
            home.due = Instant::now();
        }
    }

    fn close(&mut self, uri: &Uri) {
        let Some(document) = self.documents.remove(uri) else { return };
        document.retire();
        self.terms.lints.set(uri, &[]);
        self.touched.documents.remove(uri);
        self.published.forget(uri);
        if document.path_kind == PathKind::Disk {
            self.buffers.remove(&document.path);
            self.touched.files.insert(document.path);
        }
        self.touched.is_closed = true;
    }

    fn start(&mut self, start: Start) {
        let Start { session, settings, folders, trace } = start;
        if session.pulls {
            self.published = Published::new(Arc::clone(&self.outbox), Mode::Pull);
        }
        self.trace = trace;
        self.terms = Arc::new(Terms { session, settings, ..Terms::clone(&self.terms) });
        self.add_folders(folders);
    }

    fn configure(&mut self, settings: Settings) {
        if settings == self.terms.settings {
            return;
        }
        let asks_graph = self.terms.settings.check.graph;
        self.terms = Arc::new(Terms { settings, ..Terms::clone(&self.terms) });
        self.repaint();
        if asks_graph != self.terms.settings.check.graph {
            self.workspaces.check_all_anew();
        }
    }

    /// Tells what was said about the scripts of a document together with the rest.
    fn linted(&mut self, uri: &Uri, said: &[Diagnostic]) {
        if !self.terms.lints.set(uri, said) {
            return;
        }
        if self.terms.session.pulls {
            self.outbox.refresh(Refresh::Diagnostics);
        } else if let Some(home) = self.documents.get(uri).and_then(|it| it.home) {
            self.workspaces.check_anew(home);
        }
    }

    /// Has the editor ask anew for what is painted on documents: it may be other than what it was,
    /// though none of them was edited.
    fn repaint(&self) {
        let Refreshes { hints, lenses, tokens } = self.terms.session.refreshes;
        let all = [(hints, Refresh::Hints), (lenses, Refresh::Lenses), (tokens, Refresh::Tokens)];
        for (_, refresh) in all.into_iter().filter(|(is_able, _)| *is_able) {
            self.outbox.refresh(refresh);
        }
    }

    /// Has the editor ask anew how tasks ran last.
    fn repaint_lenses(&self) {
        if self.watch() == Watch::On {
            self.outbox.refresh(Refresh::Lenses);
        }
    }

    /// Whether the editor shows how tasks ran last, and can be told that they ran again.
    fn watch(&self) -> Watch {
        let Terms { session, settings, .. } = &*self.terms;
        let is_shown = settings.lenses.history && !self.documents.is_empty();
        if is_shown && session.refreshes.lenses { Watch::On } else { Watch::Off }
    }

    /// Watches the workspaces, if the editor does not. The folder of a file that is in none may hold anything.
    fn watch_disk(&mut self) {
        if self.terms.session.watches_files || !self.disk.may_watch() {
            return;
        }
        let is_there = |root: &Utf8Path| {
            self.terms.system.metadata(&root.join(PACKAGE_FILE)).is_ok_and(|it| it.is_file())
        };
        let shared = self.workspaces.iter().filter(|(_, it)| it.is_shared);
        let roots = shared.map(|(_, it)| it.project.root());
        // What is watched already is not asked for: this is done after each edit.
        let roots: Vec<_> = roots.filter(|it| self.disk.follows(it) || is_there(it)).collect();
        self.disk.follow(&roots);
    }

    fn watched(&mut self, changes: &[(Uri, FileChangeType)]) {
        let mut are_folders_changed = false;
        for (uri, change) in changes {
            let Some(path) = paths::from_uri(uri) else { continue };
            are_folders_changed |= *change != FileChangeType::CHANGED;
            if path.extension() != Some(EXTENSION) {
                if *change == FileChangeType::DELETED {
                    self.touch_below(&path);
                }
                continue;
            }
            let path = self.without_links(path);
            self.touched.packages(&path);
            self.touched.files.insert(path);
        }
        if are_folders_changed {
            self.workspaces.iter().for_each(|(_, it)| it.folders.forget());
        }
        if !changes.is_empty() {
            self.repaint();
        }
    }

    /// Has the files below a directory looked at, which went without a word about each of them.
    fn touch_below(&mut self, directory: &Utf8Path) {
        let below: Vec<Utf8PathBuf> = self
            .workspaces
            .iter()
            .flat_map(|(_, it)| it.project.files().map(|(path, _)| it.project.absolute(path)))
            .filter(|path| path.starts_with(directory))
            .collect();
        for path in below {
            self.touched.packages(&path);
            self.touched.files.insert(path);
        }
    }

    /// A path as the projects have it: links in front of the name are followed.
    fn without_links(&self, path: Utf8PathBuf) -> Utf8PathBuf {
        let directory = path.parent().map(|it| self.workspaces.system().canonicalize(it));
        match (directory, path.file_name()) {
            (Some(Ok(directory)), Some(name)) => directory.join(name),
            _ => path,
        }
    }
}
