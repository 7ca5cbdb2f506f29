//! Starts the parts of the server, connects them, and says how it ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rush_system::System;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tower_lsp::LspService;

use crate::frontend::Frontend;
use crate::history::{NoHistory, TaskHistory};
use crate::lint::{NoLinter, ScriptLinter};
use crate::message::{Inbox, Message};
use crate::ordered::Ordered;
use crate::outbox::Outbox;
use crate::owner;
use crate::record::{Recorder, Side, Tap};
use crate::transport;
use crate::written::Written;

/// The stack of threads that check: generous, because a body's own nesting is recursion.
const STACK_BYTES: usize = 8 << 20;

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
}

impl Ended {
    /// The exit status the protocol asks for.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Properly => 0,
            Self::Abruptly => 1,
        }
    }
}

/// Serves one editor over a pair of streams, until it leaves.
pub async fn serve(
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    options: Options,
) -> Ended {
    let outbox = Arc::new(Outbox::default());
    let version = options.version.clone();
    let reader = Tap::new(reader, Side::Editor, options.record.clone());
    let writer = Tap::new(writer, Side::Server, options.record.clone());
    let inbox = owner::start(options, outbox.clone());
    let is_leaving = Arc::new(AtomicBool::new(false));
    let mut client = None;
    let (service, socket) = LspService::build(|it| {
        client = Some(it.clone());
        let ends = (inbox.clone(), outbox.clone());
        Frontend::new(it, ends, is_leaving.clone(), version)
    })
    .custom_method("$/setTrace", Frontend::set_trace)
    .custom_method("rush/preludeText", Frontend::page)
    .custom_method("rush/explainText", Frontend::page)
    .finish();
    let delivery = client.map(|it| tokio::spawn(outbox.clone().deliver(it, inbox.clone())));
    let service = Ordered::new(Written::new(service));
    transport::serve((reader, writer), service, socket).await;
    if let Some(delivery) = delivery {
        delivery.abort();
    }
    stop(&inbox);
    if is_leaving.load(Ordering::SeqCst) { Ended::Properly } else { Ended::Abruptly }
}

fn stop(inbox: &Inbox) {
    inbox.send(Message::Stop);
}

/// Serves the editor that started this process, over its standard input and output.
pub fn serve_stdio(options: Options) -> std::io::Result<Ended> {
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), options));
    // Standard input is read by a thread that only its end could stop; it is left behind.
    runtime.shutdown_background();
    Ok(ended)
}

/// What drives the streams; answers are made elsewhere.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
}
