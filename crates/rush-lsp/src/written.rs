//! Answers as text, from the thread that found them to the stream.
//!
//! The protocol library makes a tree of values of every result, and text of the tree, on the thread
//! that serves the streams. For the colours of a long document that is more work than finding them.
//! Here an answer is text before it leaves the thread that found it. It passes the library by: the
//! handler leaves it with its call and gives the library an empty result to put it in place of.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;
use tokio::task_local;
use tower::Service;
use tower_lsp::jsonrpc::{Error, Id, Request, Response, Result};

use crate::frames::frame;

task_local! {
    /// What the handler of this call has left.
    static LEFT: Cell<Option<Text>>;
}

/// An answer as it stands in the message: JSON in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    /// Writes an answer.
    pub(crate) fn of(answer: impl Serialize) -> Result<Self> {
        let text = serde_json::to_string(&answer);
        text.map(Self).map_err(|error| {
            tracing::error!("an answer can't be written: {error}");
            Error::internal_error()
        })
    }

    /// Leaves the answer with the call that is being handled: what its handler returns besides is
    /// not sent. Outside of a call nobody waits for it.
    pub(crate) fn leave(self) {
        if LEFT.try_with(|left| left.set(Some(self))).is_err() {
            tracing::error!("an answer was left where no call is");
        }
    }
}

/// What is said to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// What the library says.
    Library(Response),
    /// What a handler has left.
    Left(Id, Text),
}

impl Answer {
    fn new(response: Response, left: Option<Text>) -> Self {
        match left {
            // A call that was cancelled after it had its answer is refused nevertheless.
            Some(text) if response.is_ok() => Self::Left(response.into_parts().0, text),
            _ => Self::Library(response),
        }
    }

    /// The message that says it, as it goes over the wire.
    pub(crate) fn frame(&self) -> serde_json::Result<Vec<u8>> {
        match self {
            Self::Library(response) => Ok(frame(&[&serde_json::to_string(response)?])),
            Self::Left(id, Text(text)) => {
                let id = serde_json::to_string(id)?;
                Ok(frame(&[r#"{"jsonrpc":"2.0","id":"#, &id, r#","result":"#, text, "}"]))
            }
        }
    }

    /// How many bytes were left with the call; what the library says is never long.
    pub(crate) const fn len(&self) -> usize {
        match self {
            Self::Library(_) => 0,
            Self::Left(_, Text(text)) => text.len(),
        }
    }
}

/// A service whose handlers may leave their answers as text.
pub(crate) struct Written<S>(S);

impl<S> Written<S> {
    pub(crate) const fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S> Service<Request> for Written<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
{
    type Response = Option<Answer>;
    type Error = S::Error;
    type Future =
        Pin<Box<dyn Future<Output = std::result::Result<Option<Answer>, S::Error>> + Send>>;

    fn poll_ready(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<std::result::Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let call = self.0.call(request);
        Box::pin(LEFT.scope(Cell::new(None), async move {
            let response = call.await?;
            Ok(response.map(|it| Answer::new(it, LEFT.with(Cell::take))))
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use serde_json::json;
    use tower::Service;
    use tower_lsp::jsonrpc::{Error, Request, Response};

    use super::{Text, Written};
    use crate::frames::frame;

    /// Leaves the parameters as the answer; refuses to answer those that are null.
    struct Echo;

    impl Service<Request> for Echo {
        type Response = Option<Response>;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request) -> Self::Future {
            Box::pin(async {
                let (_, id, params) = request.into_parts();
                Text::of(&params).unwrap().leave();
                let body = params.map(|_| json!(null)).ok_or_else(Error::request_cancelled);
                Ok(id.map(|id| Response::from_parts(id, body)))
            })
        }
    }

    /// Expects what is said to a request.
    async fn check(request: Request, expect: Option<&str>) {
        let answer = Written::new(Echo).call(request).await.unwrap();
        assert_eq!(answer.map(|it| it.frame().unwrap()), expect.map(|it| frame(&[it])));
    }

    #[tokio::test]
    async fn what_was_left_is_said() {
        let request = Request::build("a").id("é\"").params(json!({ "b": [1, "🦀"] })).finish();
        let expect = r#"{"jsonrpc":"2.0","id":"é\"","result":{"b":[1,"🦀"]}}"#;
        check(request, Some(expect)).await;
        check(Request::build("a").params(json!(1)).finish(), None).await;
        let refused = r#"{"jsonrpc":"2.0","error":{"code":-32800,"message":"Canceled"},"id":7}"#;
        check(Request::build("a").id(7).finish(), Some(refused)).await;
    }

    #[tokio::test]
    async fn what_was_left_outside_of_a_call_is_lost() {
        Text::of(1).unwrap().leave();
        let silent = tower::service_fn(|request: Request| -> Ready<Result<_, Infallible>> {
            let id = request.id().cloned();
            ready(Ok(id.map(|id| Response::from_ok(id, json!("plain")))))
        });
        let answer = Written::new(silent).call(Request::build("a").id(1).finish()).await.unwrap();
        let expect = r#"{"jsonrpc":"2.0","result":"plain","id":1}"#;
        assert_eq!(answer.unwrap().frame().unwrap(), frame(&[expect]));
    }
}
