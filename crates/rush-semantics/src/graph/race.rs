//! RUSH0503 and RUSH0508: two tasks of one plan, neither behind the other, that touch one path.
//!
//! Patterns are compared first, since few of them meet; only for those is it asked who waits for
//! whom. A wildcard in `inputs` never means files that another task declares as its outputs, unless
//! it is written below them, because the executor leaves them out as well.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rush_diagnostics::{Diagnostic, Severity};
use rush_plan::{Glob, PatternIndex};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::need::add_need;
use super::network::{Network, Node, NodeId};
use super::site::{label, span};
use super::{Call, Finding, Pattern, Site, When};
use crate::db::{Db, Item};
use crate::report::{self, Place};

/// How many pairs of patterns are compared; what is left out is told.
pub const PAIRS_MAX: usize = 400_000;

/// Two tasks that touch one path in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Race {
    kind: Kind,
    first: End,
    second: End,
    example: String,
    is_certain: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Both write.
    Writes,
    /// The cells of one task write; the path does not depend on this axis.
    Cells(SmolStr),
    /// The first writes what the second reads.
    Reads,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct End {
    call: Call,
    site: Site,
}

impl Race {
    pub fn report(&self, db: &dyn Db) -> Diagnostic {
        let severity = if self.is_certain { Severity::Error } else { Severity::Warning };
        let from = self.second.site.item;
        let place =
            |end: &End| Place { span: span(db, &end.site), label: label(db, from, &end.call) };
        let (first, second) = (place(&self.first), place(&self.second));
        match &self.kind {
            Kind::Cells(axis) => {
                report::cells_race(second.span, &second.label, axis, &self.example, severity)
            }
            Kind::Writes if self.first.site == self.second.site => {
                let (first, at) = (&first.label, second.span);
                report::calls_race(at, first, &second.label, &self.example, severity)
            }
            Kind::Writes => report::output_race(&first, &second, &self.example, severity),
            Kind::Reads => {
                let report = report::missing_need(&second, &first, &self.example, severity);
                match add_need(db, self.second.call.item, &self.first.call) {
                    Some(fix) => report.fix(fix),
                    None => report,
                }
            }
        }
    }
}

/// Every race: for each pattern that is written one, for each that is read one per writer.
pub fn find(network: &Network<'_>) -> Vec<Finding> {
    let writers = ends(network, |node| &node.facts.outputs.wanted);
    let prefixes = writers.iter().map(|end| end.pattern.covered_prefix());
    let index = PatternIndex::by_prefix(prefixes.zip(0..));
    let mut accused = FxHashSet::default();
    let mut found = cells(&writers);
    let (races, rest) = writes(network, &writers, &index, &mut accused);
    found.extend(races);
    let (races, rest_of_reads) = reads(network, &writers, &index, &accused);
    found.extend(races);
    let unproved = rest.or(rest_of_reads).map(Finding::Unproved);
    found.into_iter().map(Finding::Race).chain(unproved).collect()
}

/// A pattern of a node.
#[derive(Clone, Copy)]
struct Touch<'a, 'db> {
    id: NodeId,
    node: &'a Node<'db>,
    pattern: &'db Pattern,
}

fn ends<'a, 'db>(
    network: &'a Network<'db>,
    patterns: impl Fn(&Node<'db>) -> &'db [Pattern],
) -> Vec<Touch<'a, 'db>> {
    let runs = network.nodes().filter(|(_, node)| node.facts.when != When::Never);
    let touches = runs.flat_map(|(id, node)| {
        patterns(node).iter().map(move |pattern| Touch { id, node, pattern })
    });
    touches.collect()
}

/// Cells of one task that write the same path.
fn cells(writers: &[Touch<'_, '_>]) -> Vec<Race> {
    let mut seen = FxHashSet::default();
    let races = writers.iter().filter_map(|it| {
        let axes = it.pattern.axes.as_ref()?;
        let axis = it.node.facts.axes.iter().find(|axis| !axes.contains(axis))?;
        // A wildcard may stand for different files in each cell.
        if it.node.facts.when != When::Always || !it.pattern.is_plain {
            return None;
        }
        if !seen.insert(it.pattern.site.clone()) {
            return None;
        }
        let excluded: Vec<&Glob> = it.node.facts.outputs.excluded.iter().collect();
        let example = it.pattern.glob.common_path_outside(&it.pattern.glob, &excluded)?;
        Some(Race {
            kind: Kind::Cells(axis.clone()),
            first: it.end(),
            second: it.end(),
            example,
            is_certain: !it.pattern.has_holes,
        })
    });
    races.collect()
}

fn writes(
    network: &Network<'_>,
    writers: &[Touch<'_, '_>],
    index: &PatternIndex<usize>,
    accused: &mut FxHashSet<(Item, Item)>,
) -> (Vec<Race>, Option<Site>) {
    let mut all = index.pairs().map(|(left, right)| (*left.max(right), *left.min(right)));
    let mut pairs: Vec<(usize, usize)> = all.by_ref().take(PAIRS_MAX).collect();
    let rest = all.next().and_then(|(later, _)| writers.get(later));
    let rest = rest.map(|it| it.pattern.site.clone());
    pairs.sort_unstable();
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for (later, earlier) in pairs {
        let (Some(second), Some(first)) = (writers.get(later), writers.get(earlier)) else {
            continue;
        };
        if done.contains(&later) {
            continue;
        }
        network.give_way();
        if let Some(race) = race(network, Kind::Writes, (first, second)) {
            done.insert(later);
            let (one, other) = (first.node.item, second.node.item);
            accused.extend([(one, other), (other, one)]);
            found.push(race);
        }
    }
    (once_per_site(found), rest)
}

fn reads(
    network: &Network<'_>,
    writers: &[Touch<'_, '_>],
    index: &PatternIndex<usize>,
    accused: &FxHashSet<(Item, Item)>,
) -> (Vec<Race>, Option<Site>) {
    let mut compared = 0;
    let mut rest = None;
    let mut found = Vec::new();
    for reader in ends(network, |node| &node.facts.inputs.wanted) {
        let candidates = candidates(index, reader.pattern);
        // The kind is looked at last: it stands elsewhere, and few patterns have a candidate.
        if candidates.is_empty() || reader.node.item.kind(network.db) != rush_syntax::Kind::Task {
            continue;
        }
        let mut done: Vec<Item> = Vec::new();
        for at in candidates {
            compared += 1;
            if compared > PAIRS_MAX {
                rest.get_or_insert_with(|| reader.pattern.site.clone());
                break;
            }
            network.give_way();
            let Some(writer) = writers.get(at) else { continue };
            let pair = (writer.node.item, reader.node.item);
            if done.contains(&pair.0)
                || accused.contains(&pair)
                || !may_read(reader.pattern, writer.pattern)
            {
                continue;
            }
            if let Some(race) = race(network, Kind::Reads, (writer, &reader)) {
                done.push(pair.0);
                if !race_in_writing(network, writer, &reader) {
                    found.push(race);
                }
            }
        }
    }
    (once_per_site(found), rest)
}

/// Whether two nodes also write one path. Of several writers each is accused together with one other, which says
/// nothing about the rest.
fn race_in_writing(network: &Network<'_>, one: &Touch<'_, '_>, other: &Touch<'_, '_>) -> bool {
    let is_race = |(first, second)| race(network, Kind::Writes, (&first, &second)).is_some();
    outputs(one).flat_map(|first| outputs(other).map(move |second| (first, second))).any(is_race)
}

/// All that the node of this pattern writes.
fn outputs<'a, 'db>(of: &Touch<'a, 'db>) -> impl Iterator<Item = Touch<'a, 'db>> {
    let Touch { id, node, .. } = *of;
    node.facts.outputs.wanted.iter().map(move |pattern| Touch { id, node, pattern })
}

/// The outputs an input may lie inside of.
fn candidates(index: &PatternIndex<usize>, input: &Pattern) -> Vec<usize> {
    let mut found: Vec<usize> = if input.is_plain && input.has_holes {
        index.candidates(&input.glob).copied().collect()
    } else {
        index.above(input.glob.literal_directory()).copied().collect()
    };
    found.sort_unstable();
    found
}

/// Whether an input is not one of those that leave declared outputs out.
fn may_read(input: &Pattern, output: &Pattern) -> bool {
    if input.is_plain {
        return true;
    }
    begins_inside(input, output)
}

/// Whether everything a pattern matches lies in what an output declares.
fn begins_inside(pattern: &Pattern, output: &Pattern) -> bool {
    if output.has_holes {
        let directory = pattern.glob.literal_directory();
        return !directory.is_empty() && output.covers().matches(directory);
    }
    pattern.glob.lies_inside(&output.glob)
}

/// What an output means beside another. A plain path may be a directory, but a wildcard that does not
/// begin in there does not say so.
fn written_beside<'a>(output: &'a Pattern, other: &Pattern) -> Cow<'a, Glob> {
    if other.is_plain || begins_inside(other, output) {
        output.covers()
    } else {
        Cow::Borrowed(&output.glob)
    }
}

/// The race between two patterns that might meet, if it is one.
fn race(
    network: &Network<'_>,
    kind: Kind,
    (first, second): (&Touch<'_, '_>, &Touch<'_, '_>),
) -> Option<Race> {
    let (left, right) = (first.node, second.node);
    if first.id == second.id || !left.differs_from(right) {
        return None;
    }
    // A wildcard may stand for different files in each call.
    if first.pattern.site == second.pattern.site && !first.pattern.is_plain {
        return None;
    }
    // What is computed from an argument may differ where the argument does.
    if first.pattern.site == second.pattern.site {
        let differing = left.differing(right);
        if first.pattern.follows.meet(differing) || second.pattern.follows.meet(differing) {
            return None;
        }
    }
    // Two conditions may exclude each other: one file for each platform, say.
    if left.facts.when != When::Always && right.facts.when != When::Always {
        return None;
    }
    let (written, touched) = match kind {
        Kind::Reads => (first.pattern.covers(), Cow::Borrowed(&second.pattern.glob)),
        Kind::Writes | Kind::Cells(_) => (
            written_beside(first.pattern, second.pattern),
            written_beside(second.pattern, first.pattern),
        ),
    };
    if !written.intersects(&touched)
        || network.may_be_ordered(first.id, second.id)
        || !network.share_a_plan(&[first.id, second.id])
    {
        return None;
    }
    let touches = if kind == Kind::Reads { &right.facts.inputs } else { &right.facts.outputs };
    let excluded = left.facts.outputs.excluded.iter().chain(&touches.excluded);
    let excluded: Vec<&Glob> = excluded.collect();
    let example = written.common_path_outside(&touched, &excluded)?;
    let is_certain = !first.pattern.has_holes && !second.pattern.has_holes;
    Some(Race { kind, first: first.end(), second: second.end(), example, is_certain })
}

impl Touch<'_, '_> {
    fn end(&self) -> End {
        End { call: self.node.call(), site: self.pattern.site.clone() }
    }
}

/// Several calls of one task are one mistake.
fn once_per_site(races: Vec<Race>) -> Vec<Race> {
    let mut seen = FxHashSet::default();
    let mut races = races;
    races.retain(|race| {
        let writer = matches!(race.kind, Kind::Reads).then_some(race.first.call.item);
        seen.insert((race.second.site.clone(), race.second.call.item, writer))
    });
    races
}
