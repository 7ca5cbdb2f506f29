//! What is on its way to the editor.
//!
//! Handing something in never waits. Of the diagnostics of one document only the newest are kept, so
//! an editor that reads slowly gets fewer messages and not older ones.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use ls_types::{Diagnostic, MessageType, Uri};
use tokio::sync::Notify;
use tower_lsp::Client;

/// How many lines for the log may wait; the oldest are dropped.
const LOG_MAX: usize = 64;

/// The diagnostics of one document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Publication {
    pub(crate) uri: Uri,
    /// Which text of the document they belong to; `None` when the editor does not hold it.
    pub(crate) version: Option<i32>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What is on its way to the editor.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    arrival: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    log: VecDeque<String>,
    /// In the order in which documents came to wait.
    order: VecDeque<Uri>,
    publications: BTreeMap<Uri, Publication>,
}

impl Outbox {
    /// Hands in the diagnostics of a document, in place of any that still wait.
    pub(crate) fn publish(&self, publication: Publication) {
        self.with(|waiting| {
            let uri = publication.uri.clone();
            if waiting.publications.insert(uri.clone(), publication).is_none() {
                waiting.order.push_back(uri);
            }
        });
        self.arrival.notify_one();
    }

    /// Hands in a line about a bug for the editor's log.
    pub(crate) fn log(&self, line: String) {
        self.with(|waiting| {
            if waiting.log.len() == LOG_MAX {
                waiting.log.pop_front();
            }
            waiting.log.push_back(line);
        });
        self.arrival.notify_one();
    }

    /// Sends what comes in, for ever.
    pub(crate) async fn deliver(self: Arc<Self>, client: Client) {
        loop {
            while let Some(next) = self.with(Waiting::next) {
                match next {
                    Next::Line(line) => client.log_message(MessageType::ERROR, line).await,
                    Next::Publication(it) => {
                        client.publish_diagnostics(it.uri, it.diagnostics, it.version).await;
                    }
                }
            }
            self.arrival.notified().await;
        }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Waiting) -> T) -> T {
        f(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

enum Next {
    Line(String),
    Publication(Publication),
}

impl Waiting {
    fn next(&mut self) -> Option<Next> {
        if let Some(line) = self.log.pop_front() {
            return Some(Next::Line(line));
        }
        let uri = self.order.pop_front()?;
        self.publications.remove(&uri).map(Next::Publication)
    }
}

#[cfg(test)]
mod tests {
    use super::{LOG_MAX, Next, Outbox, Publication, Waiting};

    fn publication(uri: &str, version: i32) -> Publication {
        Publication { uri: uri.parse().unwrap(), version: Some(version), diagnostics: Vec::new() }
    }

    fn drain(outbox: &Outbox) -> Vec<String> {
        let next = || outbox.with(Waiting::next);
        std::iter::from_fn(next)
            .map(|it| match it {
                Next::Line(line) => line,
                Next::Publication(it) => format!("{} {:?}", it.uri.as_str(), it.version),
            })
            .collect()
    }

    #[test]
    fn only_the_newest_diagnostics_of_a_document_wait() {
        let outbox = Outbox::default();
        outbox.publish(publication("file:///a", 1));
        outbox.publish(publication("file:///b", 1));
        outbox.publish(publication("file:///a", 2));
        assert_eq!(drain(&outbox), ["file:///a Some(2)", "file:///b Some(1)"]);
        assert!(drain(&outbox).is_empty());
    }

    #[test]
    fn the_log_is_bounded() {
        let outbox = Outbox::default();
        for line in 0..=LOG_MAX {
            outbox.log(line.to_string());
        }
        assert_eq!(drain(&outbox).first().map(String::as_str), Some("1"));
    }
}
