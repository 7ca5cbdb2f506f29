//! What is on its way to the editor.
//!
//! Handing something in never waits. Of the diagnostics of one document only the newest are kept, so
//! an editor that reads slowly gets fewer messages and not older ones. Whatever asks the editor
//! something runs beside the rest: an editor that does not answer holds nothing up. Nothing at all is
//! sent before the editor has said that it is ready.

mod deliver;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use ls_types::{Diagnostic, LogTraceParams, MessageType, Uri};
use tokio::sync::{Notify, oneshot};

pub(crate) use deliver::Settled;

/// How many lines for the log may wait; the oldest are dropped.
const LOG_MAX: usize = 64;
/// How many questions may wait; of long steps that nobody could be shown, the oldest are dropped.
const QUESTIONS_MAX: usize = 16;

/// The diagnostics of one document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Publication {
    pub(crate) uri: Uri,
    /// Which text of the document they belong to; `None` when the editor does not hold it.
    pub(crate) version: Option<i32>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Something the editor is to ask for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refresh {
    /// The diagnostics it pulls.
    Diagnostics,
    /// The hints inside texts.
    Hints,
    /// The lenses above tasks.
    Lenses,
    /// The colours of words.
    Tokens,
}

/// A long step that is shown to the person until this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    _end: oneshot::Sender<()>,
}

/// What is on its way to the editor.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    arrival: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Whether the editor is ready to hear.
    is_open: bool,
    log: VecDeque<(MessageType, String)>,
    traces: VecDeque<LogTraceParams>,
    asked: VecDeque<Question>,
    refreshes: BTreeSet<Refresh>,
    /// In the order in which documents came to wait.
    order: VecDeque<Uri>,
    /// How often it is to be said that nothing is left.
    settled: usize,
    publications: BTreeMap<Uri, Publication>,
}

/// Something that is asked of the editor.
#[derive(Debug)]
enum Question {
    /// What the settings are.
    Settings,
    /// Whether a long step may be shown, which has ended when the channel closes.
    Progress { title: String, end: oneshot::Receiver<()> },
}

impl Outbox {
    /// Lets what waits go, now that the editor is ready.
    pub(crate) fn open(&self) {
        self.with(|waiting| waiting.is_open = true);
    }

    /// Hands in the diagnostics of a document, in place of any that still wait.
    pub(crate) fn publish(&self, publication: Publication) {
        self.with(|waiting| {
            let uri = publication.uri.clone();
            if waiting.publications.insert(uri.clone(), publication).is_none() {
                waiting.order.push_back(uri);
            }
        });
    }

    /// Hands in a line about a bug for the editor's log.
    pub(crate) fn log(&self, line: String) {
        self.tell(MessageType::ERROR, line);
    }

    /// Hands in a line for the editor's log.
    pub(crate) fn tell(&self, level: MessageType, line: String) {
        self.with(|waiting| push(&mut waiting.log, (level, line)));
    }

    /// Hands in a line about what goes on, for an editor that traces the server.
    pub(crate) fn trace(&self, message: String, verbose: Option<String>) {
        self.with(|waiting| push(&mut waiting.traces, LogTraceParams { message, verbose }));
    }

    /// Has the editor ask for something again.
    pub(crate) fn refresh(&self, refresh: Refresh) {
        self.with(|waiting| waiting.refreshes.insert(refresh));
    }

    /// Asks the editor for the settings; they come as a message.
    pub(crate) fn ask_for_settings(&self) {
        self.with(|waiting| waiting.ask(Question::Settings));
    }

    /// Shows the person a long step, until what is returned is dropped.
    pub(crate) fn show_progress(&self, title: String) -> Progress {
        let (sender, end) = oneshot::channel();
        self.with(|waiting| waiting.ask(Question::Progress { title, end }));
        Progress { _end: sender }
    }

    /// Hands in that there is nothing left; it is said after all the rest.
    pub(crate) fn say_settled(&self) {
        self.with(|waiting| waiting.settled += 1);
    }

    fn with<T>(&self, f: impl FnOnce(&mut Waiting) -> T) -> T {
        let result = f(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.arrival.notify_one();
        result
    }

    fn next(&self, patience: Patience) -> Option<Next> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).next(patience)
    }
}

/// Whether the editor can be asked one more thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    /// It can.
    Left,
    /// It has not answered much of what it was asked.
    Spent,
}

fn push<T>(queue: &mut VecDeque<T>, value: T) {
    if queue.len() == LOG_MAX {
        queue.pop_front();
    }
    queue.push_back(value);
}

enum Next {
    Line(MessageType, String),
    Trace(LogTraceParams),
    Ask(Question),
    Refresh(Refresh),
    Publication(Publication),
    Settled,
}

impl Waiting {
    /// Takes a question in; asking once for the settings is enough.
    fn ask(&mut self, question: Question) {
        let is_settings = |it: &Question| matches!(it, Question::Settings);
        if is_settings(&question) && self.asked.iter().any(is_settings) {
            return;
        }
        if self.asked.len() == QUESTIONS_MAX {
            let oldest = self.asked.iter().position(|it| !is_settings(it));
            oldest.and_then(|it| self.asked.remove(it));
        }
        self.asked.push_back(question);
    }

    fn next(&mut self, patience: Patience) -> Option<Next> {
        if !self.is_open {
            return None;
        }
        if let Some((level, line)) = self.log.pop_front() {
            return Some(Next::Line(level, line));
        }
        if let Some(trace) = self.traces.pop_front() {
            return Some(Next::Trace(trace));
        }
        let may_ask = patience == Patience::Left;
        if may_ask && let Some(question) = self.asked.pop_front() {
            return Some(Next::Ask(question));
        }
        if let Some(uri) = self.order.pop_front() {
            return self.publications.remove(&uri).map(Next::Publication);
        }
        if may_ask && let Some(refresh) = self.refreshes.pop_first() {
            return Some(Next::Refresh(refresh));
        }
        self.settled = self.settled.checked_sub(1)?;
        Some(Next::Settled)
    }
}

#[cfg(test)]
mod tests {
    use super::{LOG_MAX, Next, Outbox, Patience, Publication, QUESTIONS_MAX, Refresh};

    fn publication(uri: &str, version: i32) -> Publication {
        Publication { uri: uri.parse().unwrap(), version: Some(version), diagnostics: Vec::new() }
    }

    fn drain(outbox: &Outbox) -> Vec<String> {
        outbox.open();
        std::iter::from_fn(|| outbox.next(Patience::Left))
            .map(|it| match it {
                Next::Line(_, line) => line,
                Next::Trace(trace) => trace.message,
                Next::Ask(question) => format!("{question:?}"),
                Next::Refresh(refresh) => format!("{refresh:?}"),
                Next::Publication(it) => format!("{} {:?}", it.uri.as_str(), it.version),
                Next::Settled => "settled".to_owned(),
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
    fn nothing_is_said_before_the_editor_is_ready() {
        let outbox = Outbox::default();
        outbox.log("early".to_owned());
        outbox.refresh(Refresh::Lenses);
        assert!(outbox.next(Patience::Left).is_none());
        assert_eq!(drain(&outbox), ["early", "Lenses"]);
    }

    #[test]
    fn the_log_is_bounded() {
        let outbox = Outbox::default();
        for line in 0..=LOG_MAX {
            outbox.log(line.to_string());
        }
        assert_eq!(drain(&outbox).first().map(String::as_str), Some("1"));
    }

    #[test]
    fn questions_are_bounded() {
        let outbox = Outbox::default();
        outbox.ask_for_settings();
        let _steps: Vec<_> = (0..=QUESTIONS_MAX)
            .map(|it| {
                outbox.ask_for_settings();
                outbox.show_progress(it.to_string())
            })
            .collect();
        let waiting = drain(&outbox);
        assert_eq!(waiting.len(), QUESTIONS_MAX);
        assert_eq!(waiting.iter().filter(|it| *it == "Settings").count(), 1);
        assert!(waiting.last().unwrap().contains(&QUESTIONS_MAX.to_string()));
    }

    #[test]
    fn an_editor_that_answers_nothing_is_asked_nothing_more() {
        let outbox = Outbox::default();
        outbox.open();
        outbox.ask_for_settings();
        outbox.refresh(Refresh::Lenses);
        outbox.publish(publication("file:///a", 1));
        assert!(matches!(outbox.next(Patience::Spent), Some(Next::Publication(_))));
        assert!(outbox.next(Patience::Spent).is_none());
        assert!(matches!(outbox.next(Patience::Left), Some(Next::Ask(_))));
    }

    #[test]
    fn one_refresh_of_a_kind_is_enough() {
        let outbox = Outbox::default();
        outbox.refresh(Refresh::Lenses);
        outbox.refresh(Refresh::Hints);
        outbox.refresh(Refresh::Lenses);
        assert_eq!(drain(&outbox), ["Hints", "Lenses"]);
    }
}
