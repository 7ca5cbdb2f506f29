//! What waits to be written to the editor, in two lanes.
//!
//! The protocol leaves the order of answers open, not that of what the server says by itself. So a
//! long answer lets pass whatever is short: that a question is withdrawn, a completion, diagnostics.
//! Within a lane the order is kept. What is being written is not interrupted.

use tokio::sync::mpsc;
use tokio::task::yield_now;
use tower_lsp::jsonrpc::Request;

use crate::frames::frame;
use crate::written::Answer;

/// How many messages may wait in a lane.
const WAITING_MAX: usize = 64;

/// From how many bytes on an answer is long. Less is written in one go whoever reads: it fits into
/// a pipe together with what is there already.
const LONG_BYTES: usize = 16 << 10;

/// How many messages may pass a long answer before it has its turn.
const PASSING_MAX: usize = 64;

/// What is sent to the editor.
pub(crate) enum Outgoing {
    Answer(Answer),
    Request(Request),
}

/// Where messages are handed in.
#[derive(Clone)]
pub(crate) struct Entry {
    short: mpsc::Sender<Outgoing>,
    long: mpsc::Sender<Outgoing>,
}

/// Where messages come out.
pub(crate) struct Lanes {
    short: mpsc::Receiver<Outgoing>,
    long: mpsc::Receiver<Outgoing>,
    /// How many have passed the first long answer.
    passed: usize,
}

/// Makes both ends.
pub(crate) fn lanes() -> (Entry, Lanes) {
    let (short_entry, short) = mpsc::channel(WAITING_MAX);
    let (long_entry, long) = mpsc::channel(WAITING_MAX);
    (Entry { short: short_entry, long: long_entry }, Lanes { short, long, passed: 0 })
}

impl Outgoing {
    /// The message as it goes over the wire.
    pub(crate) fn frame(&self) -> serde_json::Result<Vec<u8>> {
        match self {
            Self::Answer(answer) => answer.frame(),
            Self::Request(request) => Ok(frame(&[&serde_json::to_string(request)?])),
        }
    }

    fn is_long(&self) -> bool {
        matches!(self, Self::Answer(answer) if answer.len() >= LONG_BYTES)
    }
}

impl Entry {
    /// Hands in a message; says whether somebody still takes them out.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> bool {
        let lane = if outgoing.is_long() { &self.long } else { &self.short };
        lane.send(outgoing).await.is_ok()
    }
}

impl Lanes {
    /// The next message; nothing when all who hand in are gone.
    pub(crate) async fn next(&mut self) -> Option<Outgoing> {
        if self.short.is_empty() && !self.long.is_empty() {
            // What became ready while the last message was written comes into its lane first.
            yield_now().await;
        }
        if self.passed >= PASSING_MAX
            && let Ok(long) = self.long.try_recv()
        {
            self.passed = 0;
            return Some(long);
        }
        tokio::select! {
            biased;
            Some(short) = self.short.recv() => {
                self.passed = if self.long.is_empty() { 0 } else { self.passed + 1 };
                Some(short)
            }
            Some(long) = self.long.recv() => {
                self.passed = 0;
                Some(long)
            }
            else => None,
        }
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.short.is_empty() && self.long.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tower_lsp::jsonrpc::{Id, Request, Response};

    use super::{LONG_BYTES, Outgoing, PASSING_MAX, lanes};
    use crate::written::{Answer, Text};

    fn long(id: i64) -> Outgoing {
        Outgoing::Answer(Answer::Left(Id::Number(id), Text::of("x".repeat(LONG_BYTES)).unwrap()))
    }

    fn short(id: i64) -> Outgoing {
        Outgoing::Answer(Answer::Left(Id::Number(id), Text::of(json!([])).unwrap()))
    }

    fn refused(id: i64) -> Outgoing {
        let error = tower_lsp::jsonrpc::Error::request_cancelled();
        Outgoing::Answer(Answer::Library(Response::from_error(Id::Number(id), error)))
    }

    fn said(number: i64) -> Outgoing {
        Outgoing::Request(Request::build("say").params(json!(number)).finish())
    }

    /// Hands all of them in, and expects the order in which they come out.
    async fn check(messages: Vec<Outgoing>, expect: &[&str]) {
        let (entry, mut lanes) = lanes();
        let count = messages.len();
        for message in messages {
            assert!(entry.send(message).await);
        }
        drop(entry);
        let mut found = Vec::new();
        while let Some(message) = lanes.next().await {
            let frame = String::from_utf8(message.frame().unwrap()).unwrap();
            let (_, body) = frame.split_once("\r\n\r\n").unwrap();
            let message: Value = serde_json::from_str(body).unwrap();
            found.push(message.get("id").unwrap_or(&message["params"]).to_string());
        }
        assert_eq!(found.len(), count);
        assert_eq!(found.get(..expect.len()).unwrap_or(&found), expect);
    }

    #[tokio::test]
    async fn long_answers_let_pass_what_is_short() {
        check(
            vec![long(1), said(2), long(3), refused(4), short(5), said(6)],
            &["2", "4", "5", "6", "1", "3"],
        )
        .await;
    }

    #[tokio::test]
    async fn what_becomes_ready_while_something_is_written_may_pass() {
        let (entry, mut lanes) = lanes();
        for id in [1, 2] {
            entry.send(long(id)).await;
        }
        let late = tokio::spawn(async move { entry.send(refused(3)).await });
        let first = lanes.next().await.unwrap();
        assert!(!first.is_long(), "nobody had to wait for");
        assert!(late.await.unwrap());
    }

    #[tokio::test]
    async fn a_long_answer_is_not_passed_for_ever() {
        let (entry, mut lanes) = lanes();
        entry.send(long(0)).await;
        for id in (1..).take(PASSING_MAX) {
            entry.send(short(id)).await;
            assert!(!lanes.next().await.unwrap().is_long(), "{id}");
        }
        entry.send(short(-1)).await;
        assert!(lanes.next().await.unwrap().is_long());
    }
}
