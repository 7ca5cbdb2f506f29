//! What a task does to files that others declare more exactly: its result does not hold them, so it is not remembered if
//! it wrote there.
//!
//! What lies there is noted before the first attempt and compared after the last one. Whoever comes neither before nor
//! after the task may write there at the same time. It does not know how results are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::PoisonError;

use rush_plan::{Digest, Task};
use rustc_hash::FxHashMap;

use super::contents::Name;
use super::inner::Inner;
use super::inputs::{is_rewritten, shown};
use super::leftovers::{Before, is_file};
use super::listing::{Listing, Patterns, Purpose};
use super::order::comes_before;
use super::owned::Owned;
use super::stamp::{Stamp, now_ns};
use super::written::{Written, writes};

/// What lay there before a task ran.
pub(super) type Inside = FxHashMap<Name, Seen>;

/// Files with those that declare them, by positions.
type Declared = BTreeMap<Name, Vec<usize>>;

/// A file before a task ran.
pub(super) struct Seen {
    stamp: Stamp,
    /// What was in it, where a later change need not change its stamp.
    digest: Option<Digest>,
    is_rush: bool,
    declarers: Vec<usize>,
}

/// A file that is not what it was.
pub(super) struct Changed {
    path: Name,
    declarers: Vec<usize>,
    is_gone: bool,
}

/// A task was where another one declares something more exactly.
pub(super) struct Intrusion {
    path: Name,
    declarer: String,
    is_gone: bool,
}

impl Inner {
    /// The files in the outputs of a task that others declare more exactly.
    pub(super) fn files_inside(&self, position: usize, task: &Task) -> io::Result<Declared> {
        let mut found = Declared::new();
        let own = Patterns::new(&task.outputs);
        let hidden = own.wanted().iter().map(|it| (it, self.written().outside_of_output(it)));
        let hidden: Vec<_> = hidden.map(|(it, hidden)| (it.with_contents(), hidden)).collect();
        let is_own =
            |path: &str| hidden.iter().any(|(it, hidden)| it.matches(path) && !hidden.hides(path));
        for other in self.preceding.inside(position) {
            let Some(declares) = self.node(*other).and_then(writes) else { continue };
            let patterns = Patterns::new(&declares.outputs);
            let (nobody, purpose) = (Written::of_nobody(), Purpose::Outputs);
            let listing = self.lister.list(&self.contents, &nobody, &patterns, purpose)?;
            for (path, _) in listing.paths.into_iter().filter(|it| is_file(it.1)) {
                let text = String::from_utf8_lossy(&path);
                if own.take(&text) && !is_own(&text) {
                    drop(text);
                    found.entry(path).or_default().push(*other);
                }
            }
        }
        Ok(found)
    }

    /// What lies there before a task runs.
    pub(super) fn inside_before(&self, files: Declared, owned: &Owned<'_>) -> Inside {
        let seen = |(path, declarers): (Name, Vec<usize>)| {
            let stamp = self.contents.tree.stamp(&path);
            let digest = || self.contents.look(&path).ok().map(|it| it.digest);
            let digest = (!stamp.is_settled(now_ns())).then(digest).flatten();
            let is_rush = owned.maker_of(&path, &stamp).is_rush();
            (path, Seen { stamp, digest, is_rush, declarers })
        };
        files.into_iter().map(seen).collect()
    }

    /// What a task wrote there, or did in an earlier attempt, and what it removed.
    pub(super) fn changed_inside(
        &self,
        (position, task): (usize, &Task),
        before: &Before,
    ) -> io::Result<Vec<Changed>> {
        let now = self.files_inside(position, task)?;
        let gone = before.inside.iter().filter(|it| !now.contains_key(it.0));
        let gone = gone.map(|(path, seen)| Changed {
            path: path.clone(),
            declarers: seen.declarers.clone(),
            is_gone: true,
        });
        let mut changed: Vec<Changed> = gone.collect();
        changed.sort_by(|a, b| a.path.cmp(&b.path));
        let written = now.into_iter().filter(|(path, _)| {
            let is_written = |it: &Seen| self.is_written_since(path, it);
            before.inside.get(path).is_none_or(is_written) || before.left.outputs.contains_key(path)
        });
        let written = written.map(|(path, declarers)| Changed { path, declarers, is_gone: false });
        changed.splice(0..0, written);
        Ok(changed)
    }

    fn is_written_since(&self, path: &Name, then: &Seen) -> bool {
        let tree = &self.contents.tree;
        let now = tree.stamp(path);
        then.stamp.mode != now.mode
            || is_rewritten(tree, path, (&then.stamp, &now))
            || then
                .digest
                .is_some_and(|then| self.contents.look(path).map_or(true, |now| now.digest != then))
    }

    /// What an attempt made there, as it is now. Its result is not remembered, so who needs it depends on that, too.
    pub(super) fn made_inside(&self, task: (usize, &Task), before: &Before) -> Vec<(Name, Stamp)> {
        let Ok(changed) = self.changed_inside(task, before) else {
            self.made_untold(task.0);
            return Vec::new();
        };
        let written = changed.into_iter().filter(|it| !it.is_gone);
        let written: Vec<Name> = written.map(|it| it.path).collect();
        // What nobody is known to have made stays somebody's.
        let made = written.iter().filter(|it| before.inside.get(*it).is_none_or(|it| it.is_rush));
        let made = made.map(|it| (it.clone(), self.contents.tree.stamp(it))).collect();
        let mut all = self.written_inside.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(task.0, written);
        made
    }

    /// Adds what a task without a result that is remembered wrote there to what it made.
    pub(super) fn add_inside(&self, position: usize, listing: &mut Listing) {
        let all = self.written_inside.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(written) = all.get(&position).filter(|it| !it.is_empty()) else { return };
        let kind = |it: &Name| self.contents.tree.stamp(it).kind;
        listing.paths.extend(written.iter().map(|it| (it.clone(), kind(it))));
        listing.paths.sort_unstable();
        listing.paths.dedup();
    }

    /// The tasks that changed this themselves, or the first thing that they did not.
    pub(super) fn judge_inside(
        &self,
        position: usize,
        changed: Vec<Changed>,
    ) -> io::Result<Result<Vec<usize>, Intrusion>> {
        let mut neighbours = Vec::new();
        for Changed { path, declarers, is_gone } in changed {
            let mut is_theirs = false;
            for declarer in &declarers {
                let is_before = comes_before(&self.plan, *declarer, position);
                let is_after = comes_before(&self.plan, position, *declarer);
                // Who comes later makes anew what is not there.
                is_theirs |= is_after && is_gone
                    || !is_before && !is_after && !self.is_otherwise(*declarer)?;
            }
            if is_theirs {
                neighbours.extend(declarers);
                continue;
            }
            let declarer = declarers.first().and_then(|it| self.node(*it));
            let declarer = declarer.map(ToString::to_string).unwrap_or_default();
            return Ok(Err(Intrusion { path, declarer, is_gone }));
        }
        Ok(Ok(neighbours))
    }
}

impl fmt::Display for Intrusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, declarer) = (shown(&self.path), &self.declarer);
        let (did, advice) = if self.is_gone {
            ("removed", "give each task its own files")
        } else {
            ("wrote", "name that path in its own `outputs`, too, or give each task its own files")
        };
        write!(
            f,
            "it {did} `{path}`, which `{declarer}` declares more exactly; its result is used but not remembered; {advice}"
        )
    }
}
