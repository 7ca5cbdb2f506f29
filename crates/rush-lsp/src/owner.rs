//! The thread that owns the documents and the projects, and decides what a message means.
//!
//! It takes all messages that wait, brings the documents up to date, hands the changes to the
//! projects at once, and starts checks. It never waits for the editor, and for a check only until
//! that has noticed that it is outdated.

mod settle;
mod waves;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use ls_types::{TextEdit, Uri};
use tower_lsp::jsonrpc::{Error, ErrorCode};

use crate::buffers::{BufferedSystem, Buffers};
use crate::bug::{Failure, attempt, report};
use crate::capabilities::Session;
use crate::document::{Document, PathKind};
use crate::format;
use crate::message::{Inbox, Message, Reply};
use crate::outbox::Outbox;
use crate::owner::settle::{Folder, Touched};
use crate::paths;
use crate::pool::Pool;
use crate::published::Published;
use crate::server::Options;
use crate::workspace::Workspaces;

/// How many messages are taken before the projects hear of them.
const BATCH_MAX: usize = 1024;

/// How long the owner sleeps when nothing is due.
const SLEEP: Duration = Duration::from_hours(1);

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
    session: Session,
    quiet: Duration,
    documents: BTreeMap<Uri, Document>,
    buffers: Buffers,
    workspaces: Workspaces,
    folders: BTreeMap<Utf8PathBuf, Folder>,
    touched: Touched,
    published: Published,
    outbox: Arc<Outbox>,
    inbox: Inbox,
    pool: Pool,
}

impl Owner {
    fn new(options: Options, outbox: Arc<Outbox>, inbox: Inbox) -> Self {
        let buffers = Buffers::default();
        let system = BufferedSystem::new(options.system, buffers.clone());
        Self {
            session: Session::default(),
            quiet: options.quiet,
            documents: BTreeMap::new(),
            buffers,
            workspaces: Workspaces::new(system),
            folders: BTreeMap::new(),
            touched: Touched::default(),
            published: Published::new(Arc::clone(&outbox)),
            outbox,
            inbox,
            pool: Pool::new(),
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
            self.survive("the projects were brought up to date", |it| {
                it.settle();
                it.start_checks();
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
            Message::Start(session, folders) => {
                self.session = *session;
                self.add_folders(folders);
            }
            Message::Folders { added, removed } => {
                self.remove_folders(&removed);
                self.add_folders(added);
            }
            Message::Open { uri, version, text } => self.open(uri, version, text),
            Message::Change { uri, version, changes } => {
                let encoding = self.session.encoding;
                self.edit(uri, |document| document.edit(version, changes, encoding));
            }
            Message::Save { uri } => self.save(&uri),
            Message::Close { uri } => self.close(&uri),
            Message::Watched(uris) => self.watched(&uris),
            Message::Format { uri, reply } => self.format(&uri, reply),
            Message::Checked(checked) => self.checked(checked),
            Message::Stop => return Then::Stop,
        }
        Then::GoOn
    }

    fn open(&mut self, uri: Uri, version: i32, text: String) {
        let (path, path_kind) = match paths::from_uri(&uri) {
            Some(path) => (self.without_links(path), PathKind::Disk),
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
        if document.path_kind == PathKind::Disk {
            self.buffers.set(&document.path, document.lines.text().clone());
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
        self.touched.documents.remove(uri);
        self.published.forget(uri);
        if document.path_kind == PathKind::Disk {
            self.buffers.remove(&document.path);
            self.touched.files.insert(document.path);
        }
        self.touched.is_closed = true;
    }

    fn watched(&mut self, uris: &[Uri]) {
        for path in uris.iter().filter_map(paths::from_uri) {
            let path = self.without_links(path);
            self.touched.packages(&path);
            self.touched.files.insert(path);
        }
    }

    fn format(&self, uri: &Uri, reply: Reply<Vec<TextEdit>>) {
        let Some(document) = self.documents.get(uri) else {
            let error = format!("`{}` is not open", uri.as_str());
            answer(reply, Err(Error::invalid_params(error)));
            return;
        };
        let (edition, encoding) = (document.edition(), self.session.encoding);
        let outbox = Arc::clone(&self.outbox);
        self.pool.run(move || {
            if reply.is_closed() {
                return;
            }
            let edits = attempt(|| format::format(&edition.lines, encoding));
            answer(
                reply,
                match edits {
                    Ok(edits) if edition.is_current() => Ok(Some(edits)),
                    Ok(_) | Err(Failure::Cancelled) => Err(modified()),
                    Err(Failure::Bug(panic)) => {
                        outbox.log(report("a document was formatted", &panic));
                        Err(Error::internal_error())
                    }
                },
            );
        });
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

/// Answers a request, if anybody still waits for it.
fn answer<T>(reply: Reply<T>, result: tower_lsp::jsonrpc::Result<Option<T>>) {
    if reply.send(result).is_err() {
        tracing::debug!("a request was cancelled before it was answered");
    }
}

fn modified() -> Error {
    Error {
        code: ErrorCode::ContentModified,
        message: "the document was edited meanwhile".into(),
        data: None,
    }
}
