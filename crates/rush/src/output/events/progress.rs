//! The line at the bottom of a terminal that says how far a run is.
//!
//! It is erased before anything else is written and drawn again afterwards, so it never stays in the scrollback.
//! It decides what to say; when to draw is the display's business.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rush_plan::{NodeId, NodeState, Plan};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::output::amount::rough;

/// How often the line is drawn at most.
const REDRAW_PAUSE: Duration = Duration::from_millis(80);

/// How wide the line may be where the terminal does not say how wide it is.
const COLUMNS_DEFAULT: usize = 80;

/// Back to the first column, and everything after it gone.
const ERASE: &str = "\r\u{1b}[K";

/// How far a run is.
pub(super) struct Progress {
    jobs: usize,
    total: usize,
    ended: usize,
    /// The nodes that have not ended.
    left: HashMap<NodeId, Expected>,
    running: BTreeMap<NodeId, Instant>,
    /// Nodes that have the terminal for themselves.
    owners: Vec<NodeId>,
    /// Whether there is a run: before it, questions are asked.
    is_begun: bool,
    is_drawn: bool,
    drawn: Option<Instant>,
}

/// How long a node is expected to take.
#[derive(Clone, Copy)]
struct Expected {
    /// By itself; `None` where that is not known.
    alone: Option<Duration>,
    /// With the longest chain of those that wait for it.
    chain: Duration,
}

impl Progress {
    /// Nothing has happened yet.
    pub(super) fn new(plan: &Plan, jobs: usize, expected: &HashMap<NodeId, Duration>) -> Self {
        let is_work = |node: &rush_plan::Node| {
            node.as_task().is_some_and(|it| it.skip.is_none() && !it.run.is_empty())
        };
        let chains = chains(plan, expected);
        let expected_of = |node: NodeId| Expected {
            alone: expected.get(&node).copied(),
            chain: chains.get(&node).copied().unwrap_or_default(),
        };
        let work = plan.nodes().iter().filter(|it| is_work(it));
        Self {
            jobs: jobs.max(1),
            total: plan.nodes().len(),
            ended: 0,
            left: work.map(|it| (it.id(), expected_of(it.id()))).collect(),
            running: BTreeMap::new(),
            owners: Vec::new(),
            is_begun: false,
            is_drawn: false,
            drawn: None,
        }
    }

    /// The run begins.
    pub(super) const fn begin(&mut self) {
        self.is_begun = true;
    }

    /// Takes in the state of a node; `owns_terminal` for one that is interactive.
    pub(super) fn note(&mut self, node: NodeId, state: &NodeState, owns_terminal: bool) {
        if state.is_final() {
            self.ended += 1;
            self.left.remove(&node);
            self.running.remove(&node);
            self.owners.retain(|it| *it != node);
        } else if matches!(state, NodeState::Running { .. }) {
            self.running.entry(node).or_insert_with(Instant::now);
            if owns_terminal && !self.owners.contains(&node) {
                self.owners.push(node);
            }
        } else if matches!(state, NodeState::Serving { .. }) {
            self.running.remove(&node);
        }
    }

    /// What takes the line away, if it is there.
    pub(super) fn erase(&mut self) -> &'static str {
        if std::mem::take(&mut self.is_drawn) { ERASE } else { "" }
    }

    /// What draws the line, if it is time to.
    pub(super) fn draw(
        &mut self,
        names: impl Fn(NodeId) -> String,
        columns: impl Fn() -> Option<usize>,
    ) -> Option<String> {
        let now = Instant::now();
        let is_recent = self.drawn.is_some_and(|it| now - it < REDRAW_PAUSE);
        if !self.is_begun
            || !self.owners.is_empty()
            || is_recent && self.is_drawn
            || self.ended == self.total
        {
            return None;
        }
        self.drawn = Some(now);
        self.is_drawn = true;
        let mut text = self.text(now, names);
        let columns = columns().unwrap_or(COLUMNS_DEFAULT).saturating_sub(1);
        if text.width() > columns {
            text = format!("{}..", beginning(&text, columns.saturating_sub(2)));
        }
        Some(format!("{ERASE}{text}"))
    }

    fn text(&self, now: Instant, names: impl Fn(NodeId) -> String) -> String {
        let width = self.total.to_string().len();
        let mut text = format!("[{:width$}/{}]", self.ended, self.total);
        if let Some(left) = self.time_left(now) {
            let _ = write!(text, " about {} left", rough(left));
        }
        let mut running: Vec<_> = self.running.iter().collect();
        running.sort_by_key(|(_, since)| **since);
        for (at, (node, since)) in running.into_iter().enumerate() {
            let separator = if at == 0 { ": " } else { ", " };
            let _ = write!(text, "{separator}{} {}", names(*node), rough(now - *since));
        }
        text
    }

    /// How long it will take, if every node that has not ended ran before: the work shared out evenly, but no
    /// less than its longest chain.
    fn time_left(&self, now: Instant) -> Option<Duration> {
        let mut sum = Duration::ZERO;
        let mut longest = Duration::ZERO;
        for (node, expected) in &self.left {
            let since = self.running.get(node).map_or(Duration::ZERO, |since| now - *since);
            let alone = expected.alone?;
            // What takes longer than expected does not make what comes behind it shorter.
            let since = since.min(alone);
            sum += alone.saturating_sub(since);
            longest = longest.max(expected.chain.saturating_sub(since));
        }
        let left = longest.max(sum / u32::try_from(self.jobs).unwrap_or(u32::MAX));
        (left >= Duration::from_secs(1)).then_some(left)
    }
}

/// How long each node takes with the longest chain of those that wait for it.
fn chains(plan: &Plan, expected: &HashMap<NodeId, Duration>) -> HashMap<NodeId, Duration> {
    let mut chains: HashMap<NodeId, Duration> = HashMap::with_capacity(plan.nodes().len());
    for node in plan.topological().rev() {
        let chain = chains.entry(node.id()).or_default();
        *chain += expected.get(&node.id()).copied().unwrap_or_default();
        let chain = *chain;
        for edge in &node.edges {
            let behind = chains.entry(edge.node).or_default();
            *behind = chain.max(*behind);
        }
    }
    chains
}

/// As much of a text as has room in some columns.
fn beginning(text: &str, columns: usize) -> &str {
    let mut left = columns;
    let end = text.char_indices().find(|(_, it)| {
        let width = it.width().unwrap_or(0);
        let is_over = width > left;
        left = left.saturating_sub(width);
        is_over
    });
    end.map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> NodeId {
        NodeId::of(text, &rush_plan::Arguments::default(), &rush_plan::Arguments::default())
    }

    fn progress(expected: &[(&str, Option<u64>)]) -> Progress {
        let left = expected.iter().map(|(it, seconds)| {
            let alone = seconds.map(Duration::from_secs);
            (node(it), Expected { alone, chain: alone.unwrap_or_default() })
        });
        Progress {
            jobs: 2,
            total: expected.len(),
            ended: 0,
            left: left.collect(),
            running: BTreeMap::new(),
            owners: Vec::new(),
            is_begun: false,
            is_drawn: false,
            drawn: None,
        }
    }

    #[test]
    fn the_line_is_cut_where_the_terminal_ends() {
        assert_eq!(beginning("abc", 3), "abc");
        assert_eq!(beginning("abc", 2), "ab");
        assert_eq!(beginning("a\u{65e5}\u{672c}b", 4), "a\u{65e5}");
    }

    #[test]
    fn the_line_counts_names_and_guesses() {
        let mut progress = progress(&[("a", Some(10)), ("b", Some(4)), ("c", Some(2))]);
        let now = Instant::now();
        let name = |it| if it == node("a") { "a".to_owned() } else { "b".to_owned() };
        assert_eq!(progress.text(now, name), "[0/3] about 10 s left");
        progress.note(node("a"), &NodeState::Running { attempt: 1 }, false);
        progress.note(node("c"), &NodeState::Succeeded, false);
        let later = Instant::now() + Duration::from_secs(3);
        assert_eq!(progress.text(later, name), "[1/3] about 6 s left: a 3 s");
    }

    #[test]
    fn what_waits_for_one_another_takes_one_after_the_other() {
        let mut progress = progress(&[("a", Some(4)), ("b", Some(4)), ("c", Some(4))]);
        // `b` waits for `a`, and `c` for nothing.
        progress.left.entry(node("a")).and_modify(|it| it.chain = Duration::from_secs(8));
        let now = Instant::now();
        assert_eq!(progress.text(now, |_| String::new()), "[0/3] about 8 s left");
        progress.note(node("c"), &NodeState::Succeeded, false);
        progress.note(node("a"), &NodeState::Running { attempt: 1 }, false);
        let text = |seconds| progress.time_left(Instant::now() + Duration::from_secs(seconds));
        assert_eq!(text(1).map(rough).as_deref(), Some("7 s"));
        assert_eq!(text(9).map(rough).as_deref(), Some("4 s"), "`b` is still to come");
    }

    #[test]
    fn nothing_is_guessed_about_what_never_ran() {
        let progress = progress(&[("a", Some(10)), ("b", None)]);
        assert_eq!(progress.text(Instant::now(), |_| String::new()), "[0/2]");
    }

    #[test]
    fn a_task_that_has_the_terminal_is_not_disturbed() {
        let mut progress = progress(&[("a", None), ("b", None)]);
        assert_eq!(progress.draw(|_| String::new(), || None), None, "nothing has begun");
        progress.begin();
        progress.note(node("a"), &NodeState::Running { attempt: 1 }, true);
        assert_eq!(progress.draw(|_| String::new(), || None), None);
        progress.note(node("a"), &NodeState::Succeeded, true);
        assert!(progress.draw(|_| String::new(), || None).is_some());
        assert_eq!(progress.erase(), ERASE);
        assert_eq!(progress.erase(), "");
    }
}
