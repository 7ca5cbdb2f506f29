//! RUSH0503 and RUSH0508 in a plan: two nodes, neither behind the other, that touch one path.
//!
//! Here nothing is left to guess: every pattern is known, and so is who waits for whom. Patterns
//! are compared first, since few of them meet, and the order is asked for only where they do. A
//! wildcard in `inputs` leaves out what other tasks declare as outputs, as it does when running,
//! unless it is written below them.

mod order;

use std::cell::OnceCell;
use std::rc::Rc;

use rush_diagnostics::Severity;
use rush_plan::{Glob, Node, PatternIndex, Task, WorkspacePath};
use rush_syntax::ast::{Element, Expr};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::session::{Place, Session};
use crate::db::Item;
use crate::report as rules;

use order::Order;

/// How many pairs of patterns are compared; what is left out is told.
const PAIRS_MAX: usize = 400_000;
/// How many races are reported at once.
pub(super) const FINDINGS_MAX: usize = 64;
/// How many times an example is looked for.
const EXAMPLES_MAX: usize = 10_000;

/// Reports the races between the nodes of a plan.
pub(super) fn check(session: &mut Session<'_>, nodes: &[Node]) {
    let mut known = Known::default();
    let outputs = sides(nodes, &mut known, |task| &task.outputs);
    let inputs = sides(nodes, &mut known, |task| task.inputs.as_deref().unwrap_or_default());
    let (writers, readers) = (touches(&outputs), touches(&inputs));
    let index = writers.iter().enumerate().map(|(at, it)| (it.pattern.start(), at)).collect();
    let (mut meetings, rest) = written_twice(&writers, &index);
    let (reads, rest_of_reads) = written_and_read(&writers, &readers, &index);
    meetings.extend(reads);
    let rest = rest.map(|it| (it, "outputs")).or(rest_of_reads.map(|it| (it, "inputs")));
    if let Some((touch, field)) = rest {
        session.unproved(nodes, field, touch);
    }
    if meetings.is_empty() {
        return;
    }
    let pairs = meetings.iter().map(|it| (it.first.side.node, it.second.side.node));
    let mut is_unordered = Order::new(nodes).unordered(pairs).into_iter();
    meetings.retain(|_| is_unordered.next().unwrap_or_default());
    Report { session, nodes, ordinals: FxHashMap::default() }.races(meetings);
}

/// A pattern, compiled once however many nodes have it.
struct Pattern {
    glob: Glob,
    /// With what is below, once asked for.
    contents: OnceCell<Glob>,
}

type Known<'a> = FxHashMap<&'a str, Option<Rc<Pattern>>>;

impl Pattern {
    fn new(text: &str) -> Option<Self> {
        let glob = Glob::parse(text).ok()?;
        Some(Self { glob, contents: OnceCell::new() })
    }

    /// All paths that are meant by it as an output: for a plain path also those below it.
    fn covers(&self) -> &Glob {
        if self.glob.is_literal() || self.glob.is_negated() {
            self.contents.get_or_init(|| self.glob.with_contents())
        } else {
            &self.glob
        }
    }

    /// What it means as an output beside another one. A plain path may be a directory, but a wildcard
    /// that does not begin in there does not say so.
    fn beside(&self, other: &Self) -> &Glob {
        if other.path().is_some() || other.glob.lies_inside(&self.glob) {
            self.covers()
        } else {
            &self.glob
        }
    }

    /// What all it covers starts with, as a pattern.
    fn start(&self) -> &Glob {
        if self.path() == Some(".") { self.covers() } else { &self.glob }
    }

    /// The path, if it is no wildcard.
    fn path(&self) -> Option<&str> {
        self.glob.is_literal().then(|| self.glob.literal_prefix())
    }
}

/// The `inputs` or the `outputs` of a node.
struct Side {
    node: usize,
    /// With the place of each in the list.
    wanted: Vec<(usize, Rc<Pattern>)>,
    excluded: Vec<Rc<Pattern>>,
    len: usize,
}

fn sides<'a>(
    nodes: &'a [Node],
    known: &mut Known<'a>,
    texts: impl Fn(&'a Task) -> &'a [String],
) -> Vec<Side> {
    let mut sides = Vec::new();
    for (node, task) in nodes.iter().enumerate().filter_map(|(at, it)| Some((at, it.as_task()?))) {
        let texts = texts(task);
        if texts.is_empty() || task.skip.is_some() {
            continue;
        }
        let mut side = Side { node, wanted: Vec::new(), excluded: Vec::new(), len: texts.len() };
        for (at, text) in texts.iter().enumerate() {
            let pattern = known.entry(text).or_insert_with(|| Pattern::new(text).map(Rc::new));
            match pattern {
                Some(it) if it.glob.is_negated() => side.excluded.push(Rc::clone(it)),
                Some(it) => side.wanted.push((at, Rc::clone(it))),
                None => {}
            }
        }
        sides.push(side);
    }
    sides
}

/// One pattern of a node.
#[derive(Clone, Copy)]
struct Touch<'a> {
    side: &'a Side,
    at: usize,
    pattern: &'a Pattern,
}

fn touches(sides: &[Side]) -> Vec<Touch<'_>> {
    let touches = sides.iter().flat_map(|side| {
        side.wanted.iter().map(move |(at, pattern)| Touch { side, at: *at, pattern })
    });
    touches.collect()
}

/// Two patterns of different nodes that have a path in common, exclusions aside.
#[derive(Clone, Copy)]
struct Meeting<'a> {
    kind: Kind,
    first: Touch<'a>,
    second: Touch<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    /// Both write.
    Writes,
    /// The first writes what the second reads.
    Reads,
}

impl Meeting<'_> {
    /// A path both touch; `None` if the exclusions leave none.
    fn example(&self) -> Option<String> {
        let (first, second) = (self.first.pattern, self.second.pattern);
        let (written, touched) = match self.kind {
            Kind::Writes => (first.beside(second), second.beside(first)),
            Kind::Reads => (first.covers(), &second.glob),
        };
        let excluded = self.first.side.excluded.iter().chain(&self.second.side.excluded);
        let excluded: Vec<&Glob> = excluded.map(|it| it.covers()).collect();
        written.common_path_outside(touched, &excluded)
    }
}

/// Races between writers, and the first pattern that was not compared with all others.
fn written_twice<'a>(
    writers: &[Touch<'a>],
    index: &PatternIndex<usize>,
) -> (Vec<Meeting<'a>>, Option<Touch<'a>>) {
    let mut all = index.pairs();
    let pairs = all.by_ref().take(PAIRS_MAX).filter_map(|(left, right)| {
        let (first, second) = (*writers.get(*left)?, *writers.get(*right)?);
        let is_race =
            first.side.node != second.side.node && may_clash(first.pattern, second.pattern);
        is_race.then_some(Meeting { kind: Kind::Writes, first, second })
    });
    let found = pairs.collect();
    let rest = all.next().and_then(|(at, _)| writers.get(*at).copied());
    (found, rest)
}

fn may_clash(left: &Pattern, right: &Pattern) -> bool {
    match (left.path(), right.path()) {
        (Some(left), Some(right)) => is_at_or_below(left, right) || is_at_or_below(right, left),
        _ => left.beside(right).intersects(right.beside(left)),
    }
}

fn is_at_or_below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    directory == "." || rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

fn written_and_read<'a>(
    writers: &[Touch<'a>],
    readers: &[Touch<'a>],
    index: &PatternIndex<usize>,
) -> (Vec<Meeting<'a>>, Option<Touch<'a>>) {
    // Many nodes have the same inputs.
    let mut met: FxHashMap<&str, Rc<[usize]>> = FxHashMap::default();
    let mut left = PAIRS_MAX;
    let mut found = Vec::new();
    for second in readers {
        if left == 0 {
            return (found, Some(*second));
        }
        let written = met.entry(second.pattern.glob.as_str()).or_insert_with(|| {
            let candidates = candidates(index, &second.pattern.glob);
            left = left.saturating_sub(candidates.len());
            let reads = |at: &usize| {
                writers.get(*at).is_some_and(|it| may_read(second.pattern, it.pattern))
            };
            candidates.into_iter().take(left).filter(reads).collect()
        });
        let written = Rc::clone(written);
        let written = written.iter().filter_map(|at| writers.get(*at));
        let others = written.filter(|it| it.side.node != second.side.node).take(left);
        let before = found.len();
        found.extend(others.map(|first| Meeting {
            kind: Kind::Reads,
            first: *first,
            second: *second,
        }));
        left -= found.len() - before;
    }
    (found, None)
}

/// The outputs an input may lie inside of.
fn candidates(index: &PatternIndex<usize>, input: &Glob) -> Vec<usize> {
    let directory = WorkspacePath::new(input.literal_directory());
    match directory {
        Ok(directory) => index.above(directory.as_str()).copied().collect(),
        Err(_) => Vec::new(),
    }
}

fn may_read(input: &Pattern, output: &Pattern) -> bool {
    match (input.path(), output.path()) {
        (Some(input), Some(output)) => is_at_or_below(input, output),
        (Some(_), None) => output.covers().intersects(&input.glob),
        (None, _) => {
            output.covers().intersects(&input.glob) && input.glob.lies_inside(&output.glob)
        }
    }
}

/// Where a node stands in the sources.
type Rank = (SmolStr, usize, usize);

struct Report<'a, 'db> {
    session: &'a mut Session<'db>,
    nodes: &'a [Node],
    /// The place of each item in its file, for the files that were asked about.
    ordinals: FxHashMap<Item, usize>,
}

impl Report<'_, '_> {
    /// Reports one race for each two declarations, in the order of the sources.
    fn races(&mut self, meetings: Vec<Meeting<'_>>) {
        let mut ranked: Vec<(Kind, Rank, Rank, Meeting<'_>)> = Vec::new();
        for mut it in meetings {
            let (mut first, mut second) = (self.rank(it.first), self.rank(it.second));
            if it.kind == Kind::Writes && first > second {
                std::mem::swap(&mut first, &mut second);
                std::mem::swap(&mut it.first, &mut it.second);
            }
            ranked.push((it.kind, second, first, it));
        }
        ranked.sort_by(|a, b| (a.0, &a.1, &a.2).cmp(&(b.0, &b.1, &b.2)));
        let mut accused = FxHashSet::default();
        let mut findings = 0;
        let mut examples = 0;
        for (.., meeting) in ranked {
            let Some(pair) = self.items(&meeting) else { continue };
            // Who writes what the other one writes may well read it.
            if accused.contains(&pair) || examples == EXAMPLES_MAX || findings == FINDINGS_MAX {
                continue;
            }
            examples += 1;
            let Some(example) = meeting.example() else { continue };
            self.race(&meeting, &example);
            findings += 1;
            accused.insert(pair);
            if meeting.kind == Kind::Writes {
                accused.insert((pair.1, pair.0));
            }
        }
    }

    fn race(&mut self, meeting: &Meeting<'_>, example: &str) {
        let Some((_, from)) = self.items(meeting) else { return };
        let (field, error) = ("outputs", Severity::Error);
        let read = if meeting.kind == Kind::Reads { "inputs" } else { field };
        let (Some(first), Some(second)) =
            (self.place(meeting.first, field, from), self.place(meeting.second, read, from))
        else {
            return;
        };
        let diagnostic = match meeting.kind {
            Kind::Reads => rules::missing_need(&second, &first, example, error),
            Kind::Writes if first.span == second.span => {
                rules::calls_race(second.span, &first.label, &second.label, example, error)
            }
            Kind::Writes => rules::output_race(&first, &second, example, error),
        };
        self.session.fail(diagnostic);
    }

    fn items(&self, meeting: &Meeting<'_>) -> Option<(Item, Item)> {
        Some((self.item(meeting.first)?, self.item(meeting.second)?))
    }

    fn item(&self, touch: Touch<'_>) -> Option<Item> {
        let node = self.nodes.get(touch.side.node)?;
        self.session.cells.get(&node.id()).map(|it| it.item)
    }

    fn rank(&mut self, touch: Touch<'_>) -> Rank {
        let db = self.session.db;
        let Some(item) = self.item(touch) else { return (SmolStr::default(), 0, 0) };
        if !self.ordinals.contains_key(&item) {
            let items = item.file(db).items(db).iter();
            self.ordinals.extend(items.enumerate().map(|(at, it)| (*it, at)));
        }
        let ordinal = self.ordinals.get(&item).copied().unwrap_or_default();
        (SmolStr::new(item.file(db).path(db)), ordinal, touch.side.node)
    }

    /// Where a pattern is written, and what its node is called in messages about `from`.
    fn place(&mut self, touch: Touch<'_>, field: &str, from: Item) -> Option<rules::Place> {
        let db = self.session.db;
        let node = self.nodes.get(touch.side.node)?;
        let cell = Rc::clone(self.session.cells.get(&node.id())?);
        let span = self.session.element_place(&cell, field, touch).span(db);
        let call = node.to_string();
        let label = match call.strip_prefix(node.label()) {
            Some(args) if cell.item.file(db) == from.file(db) => {
                format!("{}{args}", cell.item.name(db))
            }
            _ => call,
        };
        Some(rules::Place { span, label })
    }
}

impl Session<'_> {
    /// Says where the search for races ended.
    fn unproved(&mut self, nodes: &[Node], field: &str, touch: Touch<'_>) {
        let node = nodes.get(touch.side.node).map(Node::id);
        let Some(cell) = node.and_then(|it| self.cells.get(&it).cloned()) else { return };
        let span = self.element_place(&cell, field, touch).span(self.db);
        self.warn(rules::unproved_races(span, PAIRS_MAX));
    }

    /// The element of a list that is written out, else its field.
    fn element_place(
        &mut self,
        cell: &super::expansion::Cell,
        field: &str,
        of: Touch<'_>,
    ) -> Place {
        let whole = self.field_or_name_place(cell.instance, field);
        let ast = whole.item.ast(self.db);
        let written = ast.field(field);
        let Some(Expr::List(elements)) = written.map(|it| ast.expr(it.value)) else {
            return whole;
        };
        let is_plain = elements.iter().all(|it| matches!(it, Element::Value(_)));
        match elements.get(of.at) {
            Some(Element::Value(value)) if is_plain && elements.len() == of.side.len => {
                Place { item: whole.item, range: ast.expr_range(*value) }
            }
            _ => whole,
        }
    }
}
