//! What a run would put in place before it goes on, for questions that are answered without putting anything in place.
//!
//! Where something is foreseen at a path, the file system is not asked about that path.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rush_plan::Digest;

use super::contents::{Content, Contents, Name, link_digest, nothing};
use super::depfile::short;
use super::entry::Output;
use super::inner::Inner;
use super::listing::{join, parent};
use super::stamp::{Kind, Stamp};

/// Nothing as long as nobody foresees anything, which costs a run nothing.
#[derive(Default)]
pub(crate) struct Foreseen(OnceLock<Mutex<BTreeMap<Name, Sight>>>);

/// What will be at a path.
#[derive(Clone, Copy)]
pub(crate) struct Sight {
    pub(crate) content: Content,
    /// The contents of the file that it leads to.
    pub(crate) followed: Digest,
}

impl Foreseen {
    fn all(&self) -> Option<MutexGuard<'_, BTreeMap<Name, Sight>>> {
        Some(self.0.get()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn insert(&self, path: &[u8], sight: Sight) {
        let all = self.0.get_or_init(Mutex::default);
        all.lock().unwrap_or_else(PoisonError::into_inner).insert(path.into(), sight);
    }

    /// What will be at a path of the workspace at `root`; `None` if that is what is there.
    pub(crate) fn at(&self, path: &[u8], root: &[u8]) -> Option<Sight> {
        self.all()?.get(short(path, root).as_slice()).copied()
    }

    /// What will be at a path and below it.
    pub(crate) fn below(&self, start: &[u8]) -> Vec<(Name, Kind)> {
        let Some(all) = self.all() else { return Vec::new() };
        let from =
            all.range::<[u8], _>((std::ops::Bound::Included(start), std::ops::Bound::Unbounded));
        let near = from.take_while(|(path, _)| path.starts_with(start));
        let is_below =
            |path: &Name| start.is_empty() || matches!(path.get(start.len()), None | Some(b'/'));
        let below = near.filter(|(path, _)| is_below(path));
        below.map(|(path, sight)| (path.clone(), sight.content.stamp.kind)).collect()
    }

    /// Nothing is foreseen any more.
    pub(crate) fn clear(&self) {
        if let Some(mut all) = self.all() {
            all.clear();
        }
    }
}

impl Sight {
    fn new(kind: Kind, mode: u32, digest: Digest, followed: Digest) -> Self {
        let stamp = Stamp { kind, mode, ..Stamp::ABSENT };
        Self { content: Content { stamp, digest, is_settled: true }, followed }
    }
}

impl Inner {
    /// From now on questions are answered as if these outputs were in place and what is stale were gone.
    pub(super) fn foresee<'a>(
        &self,
        outputs: &[Output],
        missing: &[&Output],
        stale: impl Iterator<Item = &'a Name>,
    ) {
        let foreseen = &self.contents.foreseen;
        let mut stale = stale.peekable();
        if missing.is_empty() && stale.peek().is_none() {
            return;
        }
        for path in stale {
            let gone = nothing(Kind::Absent);
            foreseen.insert(path, Sight::new(Kind::Absent, 0, gone, gone));
        }
        for output in missing.iter().filter(|it| it.kind != Kind::Link) {
            let sight = Sight::new(output.kind, output.mode, output.digest, output.digest);
            foreseen.insert(&output.path, sight);
        }
        // Where a link leads may be foreseen, too, also if the link itself is in place.
        for link in outputs.iter().filter(|it| it.kind == Kind::Link) {
            foreseen.insert(&link.path, foreseen_link(&self.contents, link));
        }
        // Lists of inputs may be others now.
        self.files_changed();
    }
}

fn foreseen_link(contents: &Contents, link: &Output) -> Sight {
    let end = join(parent(&link.path), &link.target);
    let end = if link.target.first() == Some(&b'/') { link.target.clone() } else { end };
    let followed = contents.look_through(&short(&end, &contents.root));
    let is_file = [Kind::Absent, Kind::Directory, Kind::Other, Kind::Unreadable]
        .into_iter()
        .all(|kind| followed != nothing(kind));
    let digest = link_digest(&link.target, is_file.then_some(followed));
    Sight::new(Kind::Link, link.mode, digest, followed)
}
