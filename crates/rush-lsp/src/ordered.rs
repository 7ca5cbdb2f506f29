//! Keeps the order of the wire.
//!
//! The protocol library runs its handlers concurrently, each from the moment it happens to be polled,
//! so of two edits the second may be applied first. Here each message is polled once at the moment it
//! is read. Up to their first wait handlers run at once, and all they do before it is to hand the
//! message to the owner; so the owner hears of messages in the order in which they were written.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tower::Service;

/// A service whose calls start when they are made.
pub(crate) struct Ordered<S>(S);

impl<S> Ordered<S> {
    pub(crate) const fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S, R> Service<R> for Ordered<S>
where
    S: Service<R>,
    S::Future: Unpin,
    S::Response: Unpin,
    S::Error: Unpin,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Started<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let mut call = self.0.call(request);
        // Nobody needs to be woken: whoever takes the future polls it again, with a waker.
        match Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Started::Answered(Some(answer)),
            Poll::Pending => Started::Running(call),
        }
    }
}

/// A call that has been polled at least once.
pub(crate) enum Started<F: Future> {
    Answered(Option<F::Output>),
    Running(F),
}

impl<F: Future + Unpin> Future for Started<F>
where
    F::Output: Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.get_mut() {
            // Taken twice only if polled after it was ready, which futures need not survive.
            Self::Answered(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Self::Running(call) => Pin::new(call).poll(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;
    use std::future::Future;
    use std::pin::Pin;
    use std::rc::Rc;
    use std::task::{Context, Poll};

    use tower::Service;

    use super::Ordered;

    /// Notes each message in its future, like a handler that sends before it waits.
    struct Notes(Rc<RefCell<Vec<u32>>>);

    impl Service<u32> for Notes {
        type Response = u32;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<u32, Infallible>>>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, message: u32) -> Self::Future {
            let notes = self.0.clone();
            Box::pin(async move {
                notes.borrow_mut().push(message);
                tokio::task::yield_now().await;
                Ok(message)
            })
        }
    }

    #[tokio::test]
    async fn messages_are_handled_when_they_are_read() {
        let notes = Rc::new(RefCell::default());
        let mut service = Ordered::new(Notes(Rc::clone(&notes)));
        let mut calls: Vec<_> = (0..100).map(|it| service.call(it)).collect();
        assert_eq!(*notes.borrow(), (0..100).collect::<Vec<_>>());
        for (message, call) in (0..100).zip(&mut calls).rev() {
            assert_eq!(call.await, Ok(message));
        }
    }
}
