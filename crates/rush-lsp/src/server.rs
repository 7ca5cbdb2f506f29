//! Starts the parts of the server, connects them, and says how it ended.

use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use ls_types::notification::Notification as _;
use rush_project::WatchMode;
use rush_system::System;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tower::Service;
use tower_lsp::jsonrpc::Request;
use tower_lsp::{ClientSocket, LspService};

use crate::editor::Editor;
use crate::frontend::Frontend;
use crate::history::{NoHistory, TaskHistory};
use crate::lint::{NoLinter, ScriptLinter};
use crate::message::{Inbox, Message};
use crate::ordered::Ordered;
use crate::outbox::{Outbox, Settled};
use crate::owner;
use crate::record::{Recorder, Side, Tap};
use crate::stdio;
use crate::transport::{self, Heard};
use crate::written::{Answer, Written};

/// The stack of threads that check or read: generous, because a body's own nesting is recursion.
const STACK_BYTES: usize = 8 << 20;

/// How long after the end of the editor the server may go on if nobody closes the streams.
const LOOK: Duration = Duration::from_secs(3);

/// What the server is to do differently from one embedding to the next.
#[derive(Clone, Debug)]
pub struct Options {
    /// The world the files are read from.
    pub system: Arc<dyn System>,
    /// How long nothing must be typed before the whole workspace is checked.
    pub quiet: Duration,
    /// What ran before.
    pub history: Arc<dyn TaskHistory>,
    /// Checks the shell scripts of saved documents, if the person wants that.
    pub linter: Arc<dyn ScriptLinter>,
    /// Gives memory that was freed back to the system; called when all is said for a moment.
    pub give_back: fn(),
    /// How changes of files are noticed where the editor does not tell of them, if at all.
    pub watch: Option<WatchMode>,
    /// Where the conversation is written down, if anywhere.
    pub record: Option<Recorder>,
    /// What the server calls its version.
    pub version: String,
}

impl Options {
    /// The usual options.
    pub fn new(system: Arc<dyn System>) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let history = Arc::new(NoHistory);
        Self {
            system,
            quiet: Duration::from_millis(50),
            history,
            linter: Arc::new(NoLinter),
            give_back: || {},
            watch: None,
            record: None,
            version,
        }
    }
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The editor said that it would leave, and left.
    Properly,
    /// The editor left without a word.
    Abruptly,
    /// Nothing that came was a message of the protocol: whoever started the server is no editor.
    Unheard,
}

impl Ended {
    /// The exit status the protocol asks for.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Properly => 0,
            Self::Abruptly | Self::Unheard => 1,
        }
    }
}

/// The parts of a server that are under way.
struct Running {
    inbox: Inbox,
    editor: Arc<Editor>,
    delivery: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts everything but what reads and writes.
    fn start(
        options: Options,
    ) -> (
        Self,
        impl Service<Request, Response = Option<Answer>, Error: Display, Future: Send + 'static>
        + Send
        + 'static,
        ClientSocket,
    ) {
        let outbox = Arc::new(Outbox::default());
        let version = options.version.clone();
        let inbox = owner::start(options, outbox.clone());
        let editor = Arc::new(Editor::default());
        let mut client = None;
        let (service, socket) = LspService::build(|it| {
            client = Some(it.clone());
            Frontend::new(it, inbox.clone(), outbox.clone(), editor.clone(), version)
        })
        .custom_method("$/setTrace", Frontend::set_trace)
        .custom_method(Settled::METHOD, Frontend::settle)
        .custom_method("rush/preludeText", Frontend::page)
        .custom_method("rush/explainText", Frontend::page)
        .custom_method("rush/taskAt", Frontend::task_at)
        .finish();
        let delivery = client.map(|it| tokio::spawn(outbox.clone().deliver(it, inbox.clone())));
        (Self { inbox, editor, delivery }, Ordered::new(Written::new(service)), socket)
    }

    fn stop(self, heard: Heard) -> Ended {
        if let Some(delivery) = self.delivery {
            delivery.abort();
        }
        self.inbox.send(Message::Stop);
        let is_leaving = self.editor.is_leaving();
        match heard {
            Heard::Nothing => Ended::Unheard,
            Heard::Something if is_leaving => Ended::Properly,
            Heard::Something => Ended::Abruptly,
        }
    }
}

/// Both streams, written down if anybody wants that.
fn tapped<R, W>(streams: (R, W), record: Option<&Recorder>) -> (Tap<R>, Tap<W>) {
    let (reader, writer) = streams;
    let reader = Tap::new(reader, Side::Editor, record.cloned());
    (reader, Tap::new(writer, Side::Server, record.cloned()))
}

/// Serves one editor over a pair of streams, until it leaves.
pub async fn serve(
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    options: Options,
) -> Ended {
    let (reader, writer) = tapped((reader, writer), options.record.as_ref());
    let (running, service, socket) = Running::start(options);
    let (reading, writing) = transport::halves(reader, writer, service, socket);
    let (heard, ()) = tokio::join!(reading, writing);
    running.stop(heard)
}

/// Serves the editor that started this process, over its standard input and output.
///
/// One thread reads. Another one writes, and drives what waits for answers: so between the thread
/// that found an answer and the stream there is no other. This one waits until they have ended, or the
/// editor has; then both may be stuck in streams that somebody else holds open, and nobody joins them.
pub fn serve_stdio(options: Options) -> io::Result<Ended> {
    let (output, record) = (stdio::output()?, options.record.clone());
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let _inside = handle.enter();
    let (running, service, socket) = Running::start(options);
    let (ends, end) = channel();
    let reader = thread::Builder::new().name("rush-reader".to_owned()).stack_size(STACK_BYTES);
    reader.spawn(move || {
        let (reader, writer) = tapped((stdio::input(), output), record.as_ref());
        let (reading, writing) = transport::halves(reader, writer, service, socket);
        // Who waits has ended if the editor has.
        let _ = ends.send(converse(runtime, reading, writing));
    })?;
    let heard = wait(&end, &running.editor)?;
    Ok(running.stop(heard))
}

/// Reads here and writes elsewhere, until the editor leaves.
fn converse(
    runtime: Runtime,
    reading: impl Future<Output = Heard>,
    writing: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Heard> {
    let handle = runtime.handle().clone();
    let writer = thread::Builder::new().name("rush-writer".to_owned());
    let writer = writer.spawn(move || runtime.block_on(writing))?;
    let heard = handle.block_on(reading);
    if writer.join().is_err() {
        tracing::error!("the thread that writes has met a bug");
    }
    Ok(heard)
}

/// Waits until the conversation is over, or nobody is there to go on with it.
fn wait(end: &Receiver<io::Result<Heard>>, editor: &Editor) -> io::Result<Heard> {
    loop {
        match end.recv_timeout(LOOK) {
            Ok(heard) => return heard,
            Err(RecvTimeoutError::Timeout) if !editor.is_gone() => {}
            Err(RecvTimeoutError::Timeout) => {
                tracing::info!("the editor has ended, and its streams are open");
                return Ok(Heard::Something);
            }
            Err(RecvTimeoutError::Disconnected) => {
                tracing::error!("the thread that reads has met a bug");
                return Ok(Heard::Something);
            }
        }
    }
}

/// What drives a conversation that is said again.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
}
