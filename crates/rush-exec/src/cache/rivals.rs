//! Which tasks may write over what another one makes: their outputs meet in a place that none of them declares more
//! exactly.
//!
//! Mostly there are none, and nothing is parsed. It does not know which of them come before whom; see `preceding`.

use std::cell::OnceCell;

use rush_plan::{Glob, Node, PatternIndex, Plan};
use rustc_hash::{FxHashMap, FxHashSet};

use super::order::hands_on;
use super::written::writes;
use crate::service::reaches;

/// The tasks that may write over what others make.
pub(super) struct Rivals<'a> {
    all: Vec<Shared<'a>>,
    index: PatternIndex<usize>,
}

/// A pattern in a place where several tasks write.
struct Shared<'a> {
    text: &'a str,
    place: &'a str,
    /// Who writes it, by positions.
    writers: Vec<usize>,
    /// The same with all below it.
    covers: OnceCell<Option<Glob>>,
}

impl Shared<'_> {
    /// The plan was validated, so there is a pattern.
    fn covers(&self) -> Option<&Glob> {
        let parse = || Glob::parse(self.text).ok().map(|it| it.with_contents());
        self.covers.get_or_init(parse).as_ref()
    }
}

impl<'a> Rivals<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let mut places: FxHashMap<&str, usize> = FxHashMap::default();
        let mut shared: FxHashSet<&str> = FxHashSet::default();
        for (position, text) in outputs(plan) {
            let first = *places.entry(place_of(text)).or_insert(position);
            if first != position {
                shared.insert(place_of(text));
            }
        }
        let mut by_text: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (position, text) in outputs(plan).filter(|it| shared.contains(place_of(it.1))) {
            by_text.entry(text).or_default().push(position);
        }
        let pattern = |(text, writers)| {
            let covers = OnceCell::new();
            Shared { text, place: place_of(text), writers, covers }
        };
        let all: Vec<Shared<'_>> = by_text.into_iter().map(pattern).collect();
        let index = PatternIndex::by_prefix(all.iter().map(|it| Glob::start_of(it.text)).zip(0..));
        Self { all, index }
    }

    /// For each node the tasks that may write over what it needs, sorted; they may be among what it needs.
    pub(super) fn over_needed(&self, plan: &Plan) -> FxHashMap<usize, Vec<usize>> {
        let mut over: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        if self.all.is_empty() {
            return over;
        }
        let mut known: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for node in plan.topological() {
            let required = node.edges.iter().filter(|it| reaches(it.reason));
            let mut found = Vec::new();
            for needed in required.filter_map(|it| plan.position(it.node)) {
                let Some(maker) = plan.nodes().get(needed) else { continue };
                let of_maker = known.entry(needed).or_insert_with(|| self.over(needed, maker));
                found.extend_from_slice(of_maker);
                if hands_on(maker) {
                    found.extend(over.get(&needed).into_iter().flatten());
                }
            }
            found.sort_unstable();
            found.dedup();
            if let Some(position) = plan.position(node.id()).filter(|_| !found.is_empty()) {
                over.insert(position, found);
            }
        }
        over
    }

    /// Those that may write over what a task makes.
    fn over(&self, position: usize, maker: &Node) -> Vec<usize> {
        let outputs = writes(maker).into_iter().flat_map(|it| &it.outputs);
        let mut found = Vec::new();
        for text in outputs.filter(|it| !is_negated(it)) {
            let candidates = self.index.candidates_at(Glob::start_of(text));
            let mut near = candidates.filter_map(|it| self.all.get(*it)).collect::<Vec<_>>();
            near.retain(|it| it.place == place_of(text));
            let Some(own) = near.iter().find(|it| it.text == *text).and_then(|it| it.covers())
            else {
                continue;
            };
            let meets = |it: &&&Shared<'_>| it.covers().is_some_and(|it| it.intersects(own));
            found.extend(near.iter().filter(meets).flat_map(|it| &it.writers));
        }
        found.retain(|it| *it != position);
        found
    }
}

/// The patterns of all tasks that write, with their positions.
fn outputs(plan: &Plan) -> impl Iterator<Item = (usize, &str)> {
    let tasks = plan.nodes().iter().enumerate();
    let tasks = tasks.filter_map(|(at, node)| Some((at, writes(node)?)));
    let outputs = tasks.flat_map(|(at, task)| task.outputs.iter().map(move |it| (at, &**it)));
    outputs.filter(|it| !is_negated(it.1))
}

/// The directory a pattern begins in, or the path that it is, as far as that shows without parsing. What begins further
/// down is declared more exactly.
fn place_of(text: &str) -> &str {
    let start = Glob::start_of(text);
    if start.len() == text.len() {
        return start;
    }
    start.rsplit_once('/').map_or("", |it| it.0)
}

/// Whether a pattern takes what it matches from the others of its list.
pub(super) fn is_negated(text: &str) -> bool {
    text.starts_with('!')
}
