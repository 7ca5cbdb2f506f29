//! What a task does to files that others declare more exactly: its result does not hold them, so it is not remembered if
//! it wrote there.
//!
//! What lies there is noted before the first attempt and compared after the last one. Whoever comes neither before nor
//! after the task may write there at the same time. It does not know how results are kept.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::PoisonError;

use rush_plan::{Digest, Task};
use rustc_hash::FxHashMap;

use super::contents::{Content, Name};
use super::inner::Inner;
use super::inputs::{is_rewritten, shown};
use super::leftovers::{Before, is_file};
use super::listing::{Listing, Patterns, Purpose};
use super::makers::Maker;
use super::order::comes_before;
use super::owned::Owned;
use super::save::SETTLE_BYTES_MAX;
use super::stamp::{Stamp, now_ns};
use super::written::{Written, writes};

/// What lay there before a task ran.
pub(super) type Inside = FxHashMap<Name, Seen>;

/// Files with those that declare them, by positions.
type Declared = BTreeMap<Name, Vec<usize>>;

/// A file before a task ran.
pub(super) struct Seen {
    stamp: Stamp,
    /// Whether a later change is sure to change its stamp.
    is_settled: bool,
    /// What was in it, as far as somebody knew.
    digest: Option<Digest>,
    maker: Maker,
    declarers: Vec<usize>,
}

/// A file that is not what it was, or that an earlier attempt wrote.
pub(super) struct Changed {
    path: Name,
    declarers: Vec<usize>,
    change: Change,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Removed,
    /// It is new, or has another text or mode.
    Other,
    /// It was written, and is what it was.
    Again,
    /// Nothing but a time that nobody sets is another one, as after a `chmod`.
    Touched,
    /// Nobody wrote it, but an earlier attempt of the task did.
    Earlier,
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
            let is_settled = stamp.is_settled(now_ns());
            let content = if is_settled {
                let known = self.contents.settle(&path, SETTLE_BYTES_MAX);
                known.filter(|it| it.is_settled && it.stamp.still_holds(&stamp))
            } else {
                self.contents.look(&path).ok()
            };
            let (digest, maker) = (content.map(|it| it.digest), owned.maker_of(&path, &stamp));
            (path, Seen { stamp, is_settled, digest, maker, declarers })
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
            change: Change::Removed,
        });
        let mut changed: Vec<Changed> = gone.collect();
        changed.sort_by(|a, b| a.path.cmp(&b.path));
        let written = now.into_iter().filter_map(|(path, declarers)| {
            let then = before.inside.get(&path);
            let change = then.map_or(Some(Change::Other), |it| self.change_since(&path, it));
            let earlier = || self.is_earlier(position, (&path, &declarers), before);
            let change = change.or_else(|| earlier().then_some(Change::Earlier))?;
            Some(Changed { path, declarers, change })
        });
        let written: Vec<Changed> = written.collect();
        changed.splice(0..0, written);
        Ok(changed)
    }

    /// What became of a file that was there and still is.
    fn change_since(&self, path: &Name, then: &Seen) -> Option<Change> {
        let tree = &self.contents.tree;
        let now = tree.stamp(path);
        let has_text = |then| self.contents.look(path).is_ok_and(|now| now.digest == then);
        let is_same_text = || then.digest.is_some_and(has_text);
        let is_written = then.stamp.mode != now.mode
            || is_rewritten(tree, path, (&then.stamp, &now))
            || !then.is_settled && then.digest.is_some() && !is_same_text();
        let as_then = Stamp { changed_ns: now.changed_ns, ..then.stamp };
        is_written.then(|| match then.stamp.mode == now.mode && is_same_text() {
            true if as_then.still_holds(&now) => Change::Touched,
            true => Change::Again,
            false => Change::Other,
        })
    }

    /// Whether an earlier attempt wrote a file that this one left alone, as a tool does that finds it up to date. One that
    /// others made anew before this one began is theirs.
    fn is_earlier(
        &self,
        position: usize,
        (path, declarers): (&Name, &[usize]),
        before: &Before,
    ) -> bool {
        before.left.outputs.get(path).is_some_and(|left| {
            let is_before = |it: &usize| comes_before(&self.plan, *it, position);
            let is_still = |it: &Seen| left.still_holds(&it.stamp);
            before.inside.get(path).is_some_and(is_still) || !declarers.iter().all(is_before)
        })
    }

    /// What an attempt made there, as it is now. Its result is not remembered, so who needs it depends on that, too.
    pub(super) fn made_inside(&self, task: (usize, &Task), before: &Before) -> Vec<(Name, Stamp)> {
        let Ok(changed) = self.changed_inside(task, before) else {
            self.made_untold(task.0);
            return Vec::new();
        };
        let written = changed.into_iter().filter(|it| it.change != Change::Removed);
        let written: Vec<_> = written.map(|it| (it.path, it.change)).collect();
        let is_made = |(path, change): &&(Name, Change)| match before.inside.get(path) {
            // What nobody is known to have made stays somebody's, and what is as another one made it stays that one's.
            Some(then) if *change == Change::Other => then.maker.is_rush(),
            Some(then) => then.maker == Maker::This,
            None => true,
        };
        let made = written.iter().filter(is_made);
        let made = made.map(|it| (it.0.clone(), self.contents.tree.stamp(&it.0))).collect();
        let mut all = self.written_inside.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(task.0, written.into_iter().map(|it| it.0).collect());
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
        before: &Before,
        changed: Vec<Changed>,
    ) -> io::Result<Result<Vec<usize>, Intrusion>> {
        let mut neighbours = Vec::new();
        let told = LazyCell::new(|| self.told_inside(position));
        for Changed { path, declarers, change } in changed {
            let is_gone = change == Change::Removed;
            let is_as_told = |then: &Seen| {
                let is_so = |it: &Content| {
                    then.digest == Some(it.digest) && then.stamp.mode == it.stamp.mode
                };
                told.get(&path).is_some_and(|it| it.iter().any(is_so))
            };
            let is_same = !is_gone && change != Change::Other;
            if is_same && before.inside.get(&path).is_some_and(is_as_told) {
                continue;
            }
            let (mut is_theirs, mut are_after) = (false, true);
            for declarer in &declarers {
                let is_before = comes_before(&self.plan, *declarer, position);
                let is_after = comes_before(&self.plan, position, *declarer);
                are_after &= is_after;
                // Who comes later makes anew what is not there.
                is_theirs |= is_after && is_gone
                    || !is_before && !is_after && !self.is_otherwise(*declarer)?;
            }
            if change == Change::Touched && are_after {
                continue;
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

    /// What lay there before a task ran, as far as its key says so: with the same key it finds the same, and leaves it as
    /// it did.
    fn told_inside(&self, position: usize) -> FxHashMap<Name, Vec<Content>> {
        let inside = self.preceding.inside(position);
        let mut told: FxHashMap<Name, Vec<Content>> = FxHashMap::default();
        let makers = self.makers_behind(position).into_iter().filter(|it| inside.contains(&it.0));
        for (path, content) in makers.flat_map(|(maker, _)| self.files_made(maker)) {
            told.entry(path).or_default().push(content);
        }
        told
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
