//! The word that nobody reads any more what is written, from whoever writes to whatever goes on.
//!
//! It is told once and stays true; all who hold the same one hear it. What follows from it is theirs to know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether nobody reads any more what is written.
#[derive(Clone, Debug, Default)]
pub struct Unread(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_told: AtomicBool,
    told: Notify,
}

impl Unread {
    /// Tells it to everybody who holds this one.
    pub fn tell(&self) {
        self.0.is_told.store(true, Ordering::SeqCst);
        self.0.told.notify_waiters();
    }

    /// Whether it was told.
    pub fn is_told(&self) -> bool {
        self.0.is_told.load(Ordering::SeqCst)
    }

    /// Waits until it is told; returns at once if it was.
    pub(crate) async fn told(&self) {
        let mut told = std::pin::pin!(self.0.told.notified());
        // From here on nothing is missed, so the question must come after.
        told.as_mut().enable();
        if !self.is_told() {
            told.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unread;

    #[test]
    fn it_is_heard_by_all_before_and_after_it_is_told() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let unread = Unread::default();
            let (first, second) = (unread.clone(), unread.clone());
            let waiting = tokio::spawn(async move { first.told().await });
            let also = tokio::spawn(async move { second.told().await });
            tokio::task::yield_now().await;
            assert!(!unread.is_told() && !waiting.is_finished());
            unread.tell();
            waiting.await.unwrap();
            also.await.unwrap();
            unread.told().await;
        });
    }
}
