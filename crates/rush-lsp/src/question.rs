//! What the editor asks of the texts, from the moment it asks to the answer.
//!
//! A question is answered in two steps: what can be known is found on snapshots of the projects, as
//! plain data; then the snapshots are dropped, so that edits need not wait, and the data is told in
//! the terms of the protocol. Which question it is and what it means is not known here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ls_types::Uri;
use salsa::CancellationToken;
use serde::Serialize;
use tokio::sync::oneshot;
use tower_lsp::jsonrpc::{self, Error, ErrorCode};

use crate::bug::{Failure, attempt, report};
use crate::document::Edition;
use crate::ground::{Desk, Ground};

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// One document.
    Document(&'a Uri),
    /// Whatever is open.
    Everything,
}

/// How soon an answer is needed. The order is that in which questions are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// Somebody is typing, and waits.
    Typing,
    /// It is painted on what is shown.
    Painting,
    /// Somebody looks for something, or nobody waits at all.
    Searching,
}

/// A question about the texts.
pub(crate) trait Question: Send + 'static {
    /// What is found, without anything of a database in it.
    type Found;
    /// The answer, in the terms of the protocol.
    type Answer: Serialize + Send + 'static;
    /// What goes on while it is answered, for the log.
    const WHILE: &'static str;
    /// How soon the answer is needed.
    const URGENCY: Urgency;

    /// What the question is about.
    fn subject(&self) -> Subject<'_>;

    /// Finds what there is to say; nothing is an answer, too. Nothing slow may be done here without
    /// asking a database now and then, or an edit waits for it.
    fn find(&self, ground: &mut Ground) -> Option<Self::Found>;

    /// The answer when the document is neither open nor part of a workspace.
    fn unknown(&self) -> jsonrpc::Result<Option<Self::Answer>> {
        let name = match self.subject() {
            Subject::Document(uri) => uri.as_str(),
            Subject::Everything => return Ok(None),
        };
        Err(Error::invalid_params(format!("`{name}` is not open")))
    }

    /// The answer when nothing is said of the document.
    fn nothing(&self) -> jsonrpc::Result<Option<Self::Answer>> {
        Ok(None)
    }

    /// Tells what was found.
    fn tell(&self, found: Self::Found, desk: &Desk) -> jsonrpc::Result<Option<Self::Answer>>;
}

/// Where the answer to a question goes.
pub(crate) type Reply<T> = oneshot::Sender<jsonrpc::Result<Option<T>>>;

/// A question, and where its answer goes.
struct Asked<Q: Question, T> {
    question: Q,
    /// Makes of the answer what is handed over.
    finish: fn(Q::Answer) -> jsonrpc::Result<T>,
    /// Taken when the answer is given.
    reply: Option<Reply<T>>,
    withdrawal: Withdrawal,
}

/// A question of any kind that has not been answered.
pub(crate) trait Pending: Send {
    /// What the question is about.
    fn subject(&self) -> Subject<'_>;
    /// How soon the answer is needed.
    fn urgency(&self) -> Urgency;
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Answers with an error.
    fn refuse(&mut self, error: Error);
    /// Answers what there is to say of a document that nobody knows.
    fn answer_unknown(&mut self);
    /// Answers that there is nothing to say.
    fn answer_nothing(&mut self);
    /// Answers, unless a text changed meanwhile; then it may be tried again.
    fn answer(&mut self, ground: Ground, edition: Option<&Edition>) -> Tried;
}

/// What came of an attempt to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It is answered, or nobody waits for an answer.
    Answered {
        /// What was done, for whoever traces the server.
        what: &'static str,
        /// How long that took.
        took: Duration,
        /// A bug that was met, for the log.
        bug: Option<String>,
    },
    /// A text changed under it.
    Overtaken,
}

/// Makes a question ready to be handed over. It is withdrawn when the second value is dropped. The
/// answer is finished by whoever found it.
pub(crate) fn ask<Q: Question, T: Send + 'static>(
    question: Q,
    finish: fn(Q::Answer) -> jsonrpc::Result<T>,
) -> (Box<dyn Pending>, Answer<T>) {
    let (reply, answer) = oneshot::channel();
    let withdrawal = Withdrawal::default();
    let asked = Asked { question, finish, reply: Some(reply), withdrawal: withdrawal.clone() };
    (Box::new(asked), Answer { answer, _guard: Guard(withdrawal) })
}

/// An answer that is on its way.
pub(crate) struct Answer<T> {
    answer: oneshot::Receiver<jsonrpc::Result<Option<T>>>,
    _guard: Guard,
}

impl<T> Answer<T> {
    /// Waits for the answer.
    pub(crate) async fn get(self) -> jsonrpc::Result<Option<T>> {
        // Whoever drops the reply has met a bug and reported it.
        self.answer.await.unwrap_or_else(|_| Err(Error::internal_error()))
    }
}

/// How the work on a question is stopped when the editor no longer wants it.
#[derive(Clone, Default)]
struct Withdrawal(Arc<Mutex<Vec<CancellationToken>>>);

impl Withdrawal {
    fn with<T>(&self, f: impl FnOnce(&mut Vec<CancellationToken>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Guard(Withdrawal);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.with(|tokens| tokens.drain(..).for_each(|it| it.cancel()));
    }
}

impl<Q: Question, T> Asked<Q, T> {
    fn give(&mut self, result: jsonrpc::Result<Option<T>>) {
        if let Some(reply) = self.reply.take()
            && reply.send(result).is_err()
        {
            tracing::debug!("a request was cancelled before it was answered");
        }
    }

    fn bug(&mut self, panic: &str) -> String {
        self.give(Err(Error::internal_error()));
        report(Q::WHILE, panic)
    }
}

impl<Q: Question, T: Send> Pending for Asked<Q, T> {
    fn subject(&self) -> Subject<'_> {
        self.question.subject()
    }

    fn urgency(&self) -> Urgency {
        Q::URGENCY
    }

    fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn refuse(&mut self, error: Error) {
        self.give(Err(error));
    }

    fn answer_unknown(&mut self) {
        let answer = self.question.unknown();
        self.give(answer.and_then(|it| it.map(self.finish).transpose()));
    }

    fn answer_nothing(&mut self) {
        let answer = self.question.nothing();
        self.give(answer.and_then(|it| it.map(self.finish).transpose()));
    }

    fn answer(&mut self, mut ground: Ground, edition: Option<&Edition>) -> Tried {
        let began = Instant::now();
        self.withdrawal.with(|tokens| *tokens = ground.cancellation_tokens());
        // Withdrawn before the tokens were there, nobody would use them.
        let found = if self.is_abandoned() {
            Err(Failure::Cancelled)
        } else {
            attempt(|| self.question.find(&mut ground))
        };
        self.withdrawal.with(Vec::clear);
        let desk = ground.leave();
        let told = found.and_then(|found| {
            attempt(|| {
                let Some(found) = found else { return Ok(None) };
                self.question.tell(found, &desk)?.map(self.finish).transpose()
            })
        });
        let mut bug = None;
        match told {
            Err(Failure::Cancelled) if !self.is_abandoned() => return Tried::Overtaken,
            Err(Failure::Cancelled) => {}
            Err(Failure::Bug(panic)) => bug = Some(self.bug(&panic)),
            Ok(_) if edition.is_some_and(|it| !it.is_current()) => self.give(Err(modified())),
            Ok(answer) => self.give(answer),
        }
        Tried::Answered { what: Q::WHILE, took: began.elapsed(), bug }
    }
}

/// The answer to a question about a text that is no more.
pub(crate) fn modified() -> Error {
    Error {
        code: ErrorCode::ContentModified,
        message: "the document was edited meanwhile".into(),
        data: None,
    }
}
