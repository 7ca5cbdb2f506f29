//! Which tasks may write over what another one makes: their outputs meet. Whose the files are is settled where one is
//! declared more exactly, see `written`; who reads them is not.
//!
//! Mostly there are none, and nothing is parsed. It does not know which of them come before whom; see `preceding`.

use rush_plan::{Glob, PatternIndex, Plan};
use rustc_hash::{FxHashMap, FxHashSet};

use super::order::hands_on;
use super::written::{Declared, Parsed, at_and_above, is_below, writes};
use crate::service::reaches;

/// The tasks that may write over what others make.
pub(super) struct Rivals<'a> {
    plan: &'a Plan,
    all: Vec<Shared<'a>>,
    index: PatternIndex<usize>,
}

/// A pattern in a place where several tasks write.
struct Shared<'a> {
    declared: Declared<'a>,
    place: &'a str,
    /// Who writes it, by positions.
    writers: Vec<usize>,
}

/// Where a pattern has to begin to count beside another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    SamePlaceOrBelow,
    Below,
}

impl Where {
    fn holds(self, place: &str, than: &str) -> bool {
        is_below(place, than) || (self == Self::SamePlaceOrBelow && place == than)
    }
}

impl<'a> Rivals<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let shared = shared_places(plan);
        let mut by_text: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (position, text) in outputs(plan).filter(|it| shared.contains(place_of(it.1))) {
            by_text.entry(text).or_default().push(position);
        }
        let pattern = |(text, writers)| {
            let place = place_of(text);
            Shared { declared: Declared::new(text), place, writers }
        };
        let all: Vec<Shared<'_>> = by_text.into_iter().map(pattern).collect();
        let starts = all.iter().map(|it| Glob::start_of(it.declared.text));
        let index = PatternIndex::by_prefix(starts.zip(0..));
        Self { plan, all, index }
    }

    /// For each task, by position, those that declare more exactly what lies in its outputs.
    pub(super) fn inside(&self) -> FxHashMap<usize, Vec<usize>> {
        let writers: FxHashSet<usize> =
            self.all.iter().flat_map(|it| it.writers.iter().copied()).collect();
        let inside = writers.into_iter().map(|it| (it, self.beside(it, Where::Below)));
        inside.filter(|it| !it.1.is_empty()).collect()
    }

    /// The tasks that may write where one does, or further down.
    pub(super) fn around(&self, position: usize) -> Vec<usize> {
        self.beside(position, Where::SamePlaceOrBelow)
    }

    /// For each node the tasks that may write over what it needs, sorted; they may be among what it needs.
    pub(super) fn over_needed(&self) -> FxHashMap<usize, Vec<usize>> {
        let plan = self.plan;
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
                let of_maker = known
                    .entry(needed)
                    .or_insert_with(|| self.beside(needed, Where::SamePlaceOrBelow));
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

    /// The tasks that declare what a task may write as well, in such places, sorted.
    fn beside(&self, position: usize, place: Where) -> Vec<usize> {
        let task = self.plan.nodes().get(position).and_then(writes);
        let outputs = task.into_iter().flat_map(|it| &it.outputs);
        let (excluded, wanted): (Vec<_>, Vec<_>) = outputs.partition(|it| is_negated(it));
        let excluded: Vec<Glob> =
            excluded.into_iter().filter_map(|it| Glob::parse(it).ok()).collect();
        let is_excluded = |it: &Parsed| excluded.iter().any(|by| it.glob.lies_inside(by));
        let mut found = Vec::new();
        for text in wanted {
            let near = || {
                let candidates = self.index.candidates_at(Glob::start_of(text));
                candidates.filter_map(|it| self.all.get(*it))
            };
            let own = near().find(|it| it.declared.text == *text);
            let Some(own) = own.and_then(|it| it.declared.parsed()) else { continue };
            let meets = |it: &Parsed| it.covers.intersects(&own.covers) && !is_excluded(it);
            let near = near().filter(|it| place.holds(it.place, place_of(text)));
            let meeting = near.filter(|it| it.declared.parsed().is_some_and(meets));
            found.extend(meeting.flat_map(|it| &it.writers));
        }
        found.retain(|it| *it != position);
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The places where several tasks write, or some in and others further down.
fn shared_places(plan: &Plan) -> FxHashSet<&str> {
    /// Who writes in a place.
    #[derive(Clone, Copy, PartialEq)]
    enum Who {
        One(usize),
        Several,
    }
    let mut places: FxHashMap<&str, Who> = FxHashMap::default();
    for (position, text) in outputs(plan) {
        let who = places.entry(place_of(text)).or_insert(Who::One(position));
        if *who != Who::One(position) {
            *who = Who::Several;
        }
    }
    let mut shared: FxHashSet<&str> = FxHashSet::default();
    for (place, who) in &places {
        for above in at_and_above(place).skip(1).chain((!place.is_empty()).then_some("")) {
            let Some((above, other)) = places.get_key_value(above) else { continue };
            if *who == Who::Several || other != who {
                shared.extend([*above, *place]);
            }
        }
        if *who == Who::Several {
            shared.insert(place);
        }
    }
    shared
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
