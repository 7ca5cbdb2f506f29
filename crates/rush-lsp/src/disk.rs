//! Watches the disk for an editor that does not.
//!
//! Each workspace has a thread of its own, for to watch many folders takes a while. What it sees is told
//! to the owner in the words in which an editor would tell it. What a change means is not known here.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use ls_types::{FileChangeType, Uri};
use rush_project::{Changed, Watch, WatchMode};
use rush_system::System;

use crate::message::{Inbox, Message};
use crate::paths;

/// How long a thread may live on after its workspace has ended.
const PAUSE: Duration = Duration::from_secs(30);

/// The workspaces that are watched. A thread ends when its mark is dropped.
pub(crate) struct Disk {
    mode: Option<WatchMode>,
    system: Arc<dyn System>,
    inbox: Inbox,
    watched: BTreeMap<Utf8PathBuf, Arc<()>>,
}

impl Disk {
    pub(crate) const fn new(
        mode: Option<WatchMode>,
        system: Arc<dyn System>,
        inbox: Inbox,
    ) -> Self {
        Self { mode, system, inbox, watched: BTreeMap::new() }
    }

    /// Whether it may watch at all.
    pub(crate) const fn may_watch(&self) -> bool {
        self.mode.is_some()
    }

    /// Whether the workspace at a root is watched.
    pub(crate) fn follows(&self, root: &Utf8Path) -> bool {
        self.watched.contains_key(root)
    }

    /// From now on the workspaces at these roots are watched, and no others.
    pub(crate) fn follow(&mut self, roots: &[&Utf8Path]) {
        let Some(mode) = self.mode else { return };
        self.watched.retain(|root, _| roots.contains(&root.as_path()));
        for root in roots {
            if self.watched.contains_key(*root) {
                continue;
            }
            let mark = Arc::new(());
            let place = Place {
                root: (*root).to_owned(),
                system: Arc::clone(&self.system),
                mark: Arc::downgrade(&mark),
            };
            let inbox = self.inbox.clone();
            let thread = thread::Builder::new().name("rush-disk".to_owned());
            if let Err(error) = thread.spawn(move || place.watch(mode, &inbox)) {
                tracing::error!("a thread could not be started, so changes are not seen: {error}");
            }
            self.watched.insert((*root).to_owned(), mark);
        }
    }
}

/// A workspace that is watched.
struct Place {
    root: Utf8PathBuf,
    system: Arc<dyn System>,
    mark: Weak<()>,
}

impl Place {
    fn watch(&self, mode: WatchMode, inbox: &Inbox) {
        let ended = Watch::open(&self.root, &[], mode, || ()).and_then(|mut watch| {
            // What changed before it was watched made no event.
            inbox.send(Message::Watched(self.told(Changed::Anything)));
            while self.mark.strong_count() > 0 {
                if let Some(changed) = watch.next(PAUSE)? {
                    inbox.send(Message::Watched(self.told(changed)));
                }
            }
            Ok(())
        });
        if let Err(error) = ended {
            tracing::warn!("changes on the disk are not seen any more: {error}");
        }
    }

    /// What an editor would tell.
    fn told(&self, changed: Changed) -> Vec<(Uri, FileChangeType)> {
        let told = |path: &Utf8Path, change| Some((paths::to_uri(path)?, change));
        match changed {
            Changed::Paths(paths) => {
                // Whether it is new is not told, so it is taken for new.
                let is_there = |path: &Utf8Path| self.system.metadata(path).is_ok();
                let change = |path: &Utf8Path| {
                    if is_there(path) { FileChangeType::CREATED } else { FileChangeType::DELETED }
                };
                paths.iter().filter_map(|it| told(it, change(it))).collect()
            }
            // All below a folder that went is looked at anew.
            Changed::Anything => told(&self.root, FileChangeType::DELETED).into_iter().collect(),
        }
    }
}
