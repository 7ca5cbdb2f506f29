//! What happened since somebody last looked, gathered as it happens.
//!
//! The same path counts once however often it changes, and beyond a number of paths only that there were too many is
//! kept: who does not look for an hour finds no more than who looks all the time. It does not know what is watched.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify_debouncer_full::{DebounceEventResult, DebouncedEvent};

/// How many paths are kept apart.
const PATHS_MAX: usize = 16_384;

/// Where events are put and taken from; both ends are clones of one.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Shared>);

#[derive(Default)]
struct Shared {
    news: Mutex<News>,
    has_come: Condvar,
}

/// What happened.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// What was written, made or removed.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Those of them that came to their name or went from it.
    pub(super) moved: BTreeSet<PathBuf>,
    /// What is missing in the paths.
    pub(super) missing: Missing,
}

/// What is not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// Nothing happened, or nothing is missing.
    #[default]
    Nothing,
    /// The system lost events.
    Events,
    /// There were more paths than are kept, and they are dropped.
    Paths,
}

impl Inbox {
    /// Takes note of a burst.
    pub(super) fn put(&self, result: DebounceEventResult) {
        let mut news = self.news();
        match result {
            Ok(events) => events.into_iter().for_each(|it| news.add(it)),
            Err(_) => news.miss(Missing::Events),
        }
        self.0.has_come.notify_one();
    }

    /// Takes what happened, waiting for it at most this long; `None` if nothing did.
    pub(super) fn take(&self, timeout: Duration) -> Option<News> {
        let waited = self.0.has_come.wait_timeout_while(self.news(), timeout, |it| it.is_empty());
        let mut news = waited.unwrap_or_else(PoisonError::into_inner).0;
        (!news.is_empty()).then(|| std::mem::take(&mut *news))
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.0.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl News {
    fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.missing == Missing::Nothing
    }

    fn add(&mut self, event: DebouncedEvent) {
        if event.need_rescan() {
            self.miss(Missing::Events);
        }
        if matches!(event.kind, EventKind::Access(_)) || self.missing == Missing::Paths {
            return;
        }
        if is_move(event.kind) {
            self.moved.extend(event.paths.iter().cloned());
        }
        self.paths.extend(event.event.paths);
        if self.paths.len() > PATHS_MAX {
            self.miss(Missing::Paths);
        }
    }

    fn miss(&mut self, missing: Missing) {
        self.missing = self.missing.max(missing);
        if self.missing == Missing::Paths {
            self.paths = BTreeSet::new();
            self.moved = BTreeSet::new();
        }
    }
}

/// Whether something came to this name or went from it.
const fn is_move(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    )
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use notify::event::{AccessKind, CreateKind, DataChange, Event};

    use super::*;

    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const MADE: EventKind = EventKind::Create(CreateKind::File);

    fn put(inbox: &Inbox, kind: EventKind, paths: impl Iterator<Item = usize>) {
        let event = |it| Event::new(kind).add_path(PathBuf::from(format!("/w/{it}")));
        let events = paths.map(|it| DebouncedEvent::new(event(it), Instant::now()));
        inbox.put(Ok(events.collect()));
    }

    #[test]
    fn the_same_path_is_kept_once_and_reading_is_no_news() {
        let inbox = Inbox::default();
        put(&inbox, EventKind::Access(AccessKind::Any), 0..1);
        assert_eq!(inbox.take(Duration::ZERO), None);
        (0..1000).for_each(|_| put(&inbox, WRITTEN, 0..3));
        put(&inbox, MADE, 2..3);
        let news = inbox.take(Duration::ZERO).expect("something happened");
        assert_eq!((news.paths.len(), news.moved.len(), news.missing), (3, 1, Missing::Nothing));
        assert_eq!(inbox.take(Duration::ZERO), None);
    }

    #[test]
    fn too_many_paths_are_told_as_that_and_not_kept() {
        let inbox = Inbox::default();
        put(&inbox, MADE, 0..=PATHS_MAX);
        put(&inbox, MADE, 0..3);
        let news = inbox.take(Duration::ZERO).expect("something happened");
        assert_eq!((news.paths.len(), news.moved.len(), news.missing), (0, 0, Missing::Paths));
    }
}
