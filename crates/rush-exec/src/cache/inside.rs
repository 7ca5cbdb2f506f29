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
use rustc_hash::{FxHashMap, FxHashSet};

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
pub(super) type Declared = BTreeMap<Name, Vec<usize>>;

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
    /// Nobody wrote it, but an earlier attempt of the task did.
    Earlier,
}

/// A task was where another one declares something more exactly.
pub(super) struct Intrusion {
    path: Name,
    declarer: String,
    is_gone: bool,
}

impl Change {
    /// Whether the file has the text and the mode it had.
    const fn is_same(self) -> bool {
        matches!(self, Self::Again | Self::Earlier)
    }
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
        let mut gone: Vec<Changed> = gone.collect();
        gone.sort_by(|a, b| a.path.cmp(&b.path));
        let written = now.into_iter().filter_map(|(path, declarers)| {
            let then = before.inside.get(&path);
            let change = then.map_or(Some(Change::Other), |it| self.change_since(&path, it));
            let earlier = || self.is_earlier(position, (&path, &declarers), before);
            let change = change.or_else(|| earlier().then_some(Change::Earlier))?;
            Some(Changed { path, declarers, change })
        });
        let mut changed: Vec<Changed> = written.collect();
        changed.extend(gone);
        Ok(changed)
    }

    /// What became of a file that was there and still is.
    fn change_since(&self, path: &Name, then: &Seen) -> Option<Change> {
        let tree = &self.contents.tree;
        let now = tree.stamp(path);
        let has_text = |digest| self.contents.look(path).is_ok_and(|it| it.digest == digest);
        let has_same_text = LazyCell::new(|| then.digest.is_some_and(has_text));
        let is_written = then.stamp.mode != now.mode
            || is_rewritten(tree, path, (&then.stamp, &now))
            || !then.is_settled && then.digest.is_some() && !*has_same_text;
        if !is_written {
            return None;
        }
        let is_same = then.stamp.mode == now.mode && *has_same_text;
        Some(if is_same { Change::Again } else { Change::Other })
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
        let told = LazyCell::new(|| self.told_inside(position, &before.inside));
        let is_as_told = |it: &Changed| {
            let then = before.inside.get(&it.path).filter(|_| it.change.is_same());
            then.is_some_and(|then| told.get(&it.path).is_some_and(|it| then.is_one_of(it)))
        };
        let mut neighbours = Vec::new();
        for it in changed.into_iter().filter(|it| !is_as_told(it)) {
            if !self.may_be_theirs(position, &it)? {
                return Ok(Err(self.intrusion(it)));
            }
            neighbours.extend(it.declarers);
        }
        Ok(Ok(neighbours))
    }

    /// Whether the declarers of a file may have changed it, or make it anew.
    fn may_be_theirs(&self, position: usize, changed: &Changed) -> io::Result<bool> {
        let is_gone = changed.change == Change::Removed;
        let mut is_theirs = false;
        for declarer in &changed.declarers {
            let is_before = comes_before(&self.plan, *declarer, position);
            let is_after = comes_before(&self.plan, position, *declarer);
            is_theirs |=
                is_after && is_gone || !is_before && !is_after && !self.is_otherwise(*declarer)?;
        }
        Ok(is_theirs)
    }

    fn intrusion(&self, Changed { path, declarers, change }: Changed) -> Intrusion {
        let declarer = declarers.first().and_then(|it| self.node(*it));
        let declarer = declarer.map(ToString::to_string).unwrap_or_default();
        Intrusion { path, declarer, is_gone: change == Change::Removed }
    }

    /// What lay there before a task ran, as far as its key says so: with the same key it finds the same, and leaves it as
    /// it did.
    fn told_inside(&self, position: usize, before: &Inside) -> FxHashMap<Name, Vec<Content>> {
        let inside = self.preceding.inside(position);
        let makers = self.makers_behind(position).into_iter().map(|it| it.0);
        let makers: FxHashSet<usize> = makers.filter(|it| inside.contains(it)).collect();
        let mut told: FxHashMap<Name, Vec<Content>> = FxHashMap::default();
        for maker in makers {
            for (path, content) in self.files_made(maker, |it| before.contains_key(&it.0)) {
                told.entry(path).or_default().push(content);
            }
        }
        told
    }
}

impl Seen {
    /// Whether one of these is what was there.
    fn is_one_of(&self, made: &[Content]) -> bool {
        made.iter().any(|it| self.digest == Some(it.digest) && self.stamp.mode == it.stamp.mode)
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
