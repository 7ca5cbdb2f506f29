//! Carries messages between the streams and the service.
//!
//! What is read is handed to the service at once, so that the order of the wire is kept. Answers are
//! waited for by tasks of their own, and written as they come; long ones let pass what is short.
//! Reading and writing are two futures, so each may have a thread; neither holds the other up, until
//! too much is under way.

use std::future::Future;
use std::sync::Arc;

use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufWriter};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::Service;
use tower_lsp::ClientSocket;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};

use crate::frames::Frames;
use crate::lanes::{Entry, Lanes, Outgoing, lanes};
use crate::written::Answer;

/// How many requests may be under way at once. Far more than an editor sends, so that a message
/// which cancels one of them is always read.
const REQUESTS_MAX: usize = 256;

/// How much is read at a time.
const PIECE_BYTES: usize = 64 << 10;

/// What the editor sends.
enum Incoming {
    Request(Request),
    Response(Response),
}

/// Whether anything that came was a question or a notification of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Something,
    Nothing,
}

/// What reads, which ends when the editor leaves or hangs up and all is answered; and what writes,
/// which ends when that has and all is written.
pub(crate) fn halves<S, R, W>(
    reader: R,
    writer: W,
    service: S,
    socket: ClientSocket,
) -> (impl Future<Output = Heard>, impl Future<Output = ()>)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
    S: Service<Request, Response = Option<Answer>>,
    S::Error: std::fmt::Display,
    S::Future: Send + 'static,
{
    let (requests, responses) = socket.split();
    let (outgoing, lanes) = lanes();
    let calls = Calls {
        service,
        tasks: JoinSet::new(),
        limit: Arc::new(Semaphore::new(REQUESTS_MAX)),
        outgoing: outgoing.clone(),
    };
    let reader = Reader { stream: reader, frames: Frames::default() };
    let reading = async move {
        let asking = tokio::spawn(ask(requests, outgoing));
        let heard = read(reader, calls, responses).await;
        asking.abort();
        // That it was ended is no news.
        let _ = asking.await;
        heard
    };
    (reading, write(lanes, writer))
}

/// Hands on what the server asks and says by itself.
async fn ask(mut requests: impl Stream<Item = Request> + Unpin, outgoing: Entry) {
    while let Some(request) = requests.next().await {
        if !outgoing.send(Outgoing::Request(request)).await {
            break;
        }
    }
}

/// Hands on what the editor says, until it leaves; then waits for the answers that are still to come.
async fn read<S>(
    mut reader: Reader<impl AsyncRead + Unpin>,
    mut calls: Calls<S>,
    mut responses: impl Sink<Response> + Unpin,
) -> Heard
where
    S: Service<Request, Response = Option<Answer>>,
    S::Error: std::fmt::Display,
    S::Future: Send + 'static,
{
    let mut heard = Heard::Nothing;
    while let Some(message) = reader.next().await {
        match parse(&message) {
            Ok(Incoming::Request(request)) => {
                heard = Heard::Something;
                // Some editors leave the stream open after they said that they leave.
                let is_last = request.method() == "exit";
                if !calls.start(request).await || is_last {
                    break;
                }
            }
            Ok(Incoming::Response(response)) => {
                if responses.send(response).await.is_err() {
                    break;
                }
            }
            Err(error) => calls.refuse(error).await,
        }
    }
    calls.end().await;
    heard
}

/// The calls that are under way.
struct Calls<S> {
    service: S,
    tasks: JoinSet<()>,
    limit: Arc<Semaphore>,
    outgoing: Entry,
}

impl<S> Calls<S>
where
    S: Service<Request, Response = Option<Answer>>,
    S::Error: std::fmt::Display,
    S::Future: Send + 'static,
{
    /// Hands a request to the service; says whether that takes more.
    async fn start(&mut self, request: Request) -> bool {
        if let Err(error) = std::future::poll_fn(|it| self.service.poll_ready(it)).await {
            tracing::error!("{error}");
            return false;
        }
        let call = self.service.call(request);
        let Ok(permit) = Arc::clone(&self.limit).acquire_owned().await else { return false };
        let outgoing = self.outgoing.clone();
        self.tasks.spawn(async move {
            let answer = call.await.map_err(|error| tracing::error!("{error}"));
            if let Ok(Some(answer)) = answer {
                // Nobody listens any more: that is noticed where it is written.
                outgoing.send(Outgoing::Answer(answer)).await;
            }
            drop(permit);
        });
        while self.tasks.try_join_next().is_some() {}
        true
    }

    /// Answers what is no message.
    async fn refuse(&self, error: Error) {
        let answer = Answer::Library(Response::from_error(Id::Null, error));
        self.outgoing.send(Outgoing::Answer(answer)).await;
    }

    /// Waits for the answers that are still to come, and sends nothing more.
    async fn end(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Cuts a stream into messages.
struct Reader<R> {
    stream: R,
    frames: Frames,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(message) = self.frames.next() {
                return Some(message);
            }
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            match self.stream.read_buf(&mut piece).await {
                Ok(0) => return None,
                Ok(_) => self.frames.feed(&piece),
                Err(error) => {
                    tracing::info!("the editor can't be heard: {error}");
                    return None;
                }
            }
        }
    }
}

/// Only questions have a method, so it is looked for first.
fn parse(message: &[u8]) -> Result<Incoming, Error> {
    #[derive(Deserialize)]
    struct Head {
        method: Option<IgnoredAny>,
    }
    let wrong = |error: serde_json::Error| {
        tracing::warn!("a message can't be read: {error}");
        if error.is_data() { Error::invalid_request() } else { Error::parse_error() }
    };
    let head: Head = serde_json::from_slice(message).map_err(wrong)?;
    if head.method.is_some() {
        serde_json::from_slice(message).map(Incoming::Request).map_err(wrong)
    } else {
        serde_json::from_slice(message).map(Incoming::Response).map_err(wrong)
    }
}

/// Writes what is to be sent, until all who send have ended.
async fn write(mut lanes: Lanes, stream: impl AsyncWrite + Unpin) {
    if let Err(error) = write_to(&mut lanes, stream).await {
        tracing::info!("the editor no longer listens: {error}");
        // Who sends does not have to care.
        while lanes.next().await.is_some() {}
    }
}

async fn write_to(lanes: &mut Lanes, stream: impl AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut stream = BufWriter::new(stream);
    while let Some(outgoing) = lanes.next().await {
        stream.write_all(&outgoing.frame()?).await?;
        if lanes.is_empty() {
            stream.flush().await?;
        }
    }
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::{Incoming, parse};

    fn check(message: &str, expect: &str) {
        let found = match parse(message.as_bytes()) {
            Ok(Incoming::Request(it)) => format!("asks {}", it.method()),
            Ok(Incoming::Response(it)) => format!("answers {}", it.id()),
            Err(error) => error.code.code().to_string(),
        };
        assert_eq!(found, expect, "{message}");
    }

    #[test]
    fn messages_are_told_apart() {
        check(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"result":1}}"#, "asks a");
        check(r#"{"jsonrpc":"2.0","method":"a"}"#, "asks a");
        check(r#"{"jsonrpc":"2.0","id":2,"result":{"method":"a"}}"#, "answers 2");
        check(r#"{"jsonrpc":"2.0","id":3,"result":null}"#, "answers 3");
        check(r#"{"jsonrpc":"2.0","id":4,"error":{"code":1,"message":"no"}}"#, "answers 4");
        check(r#"{"jsonrpc":"2.0","id":5}"#, "-32600");
        check(r#"{"id":6,"method":"a"}"#, "-32600");
        check("[1]", "-32600");
        check("{\"method\"", "-32700");
    }
}
