//! What working something out leaves behind beside its value.
//!
//! Whoever remembers what came out, or may have to take it back, works it out by [`Session::traced`]. What it
//! left behind goes on to whoever is around only by [`Session::follow`], so that nothing gets past such a border
//! by itself. What is remembered says again what it said; what was found on a way that is not taken is not told.

use rush_diagnostics::Diagnostic;
use rush_plan::NodeId;
use rustc_hash::FxHashSet;

use super::UsageError;
use super::session::{Place, Session, Stop};

/// What was left behind.
#[derive(Default)]
pub(super) struct Trail {
    /// Whose outputs were read.
    pub(super) mentions: Vec<Mention>,
    /// What was found, in its order.
    pub(super) findings: Vec<Entry>,
    /// Whether it depends on who asks: on the services it needs. A `let` of a file that does is worked out for
    /// each that uses it.
    pub(super) is_asking: bool,
    /// Whether it depends on what the task at work is only taken to need.
    pub(super) is_provisional: bool,
    /// Whether it failed because it leads back to what is being worked out: it need not where that is not.
    pub(super) is_circular: bool,
}

/// Somebody reads the outputs of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mention {
    pub(super) node: NodeId,
    pub(super) at: Place,
}

/// What is wrong or may be.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Finding {
    Error(Diagnostic),
    Warning(Diagnostic),
    Usage(UsageError),
}

/// One of the things that were found.
pub(super) enum Entry {
    Finding(Box<Finding>),
    /// All that was found when something was worked out that is remembered.
    Again(FindingsId),
}

/// What was found when something was worked out. It is only referred to, so a chain in which each asks for the
/// next does not hold what is at its end many times.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FindingsId(u32);

/// Everything that was found, each thing once.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) usage: Vec<UsageError>,
}

impl Session<'_> {
    /// Works something out, and gives what it left behind apart from that.
    pub(super) fn traced<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Trail) {
        let around = std::mem::take(&mut self.trail);
        let result = work(self);
        (result, std::mem::replace(&mut self.trail, around))
    }

    /// Leaves behind what something inside left behind.
    pub(super) fn follow(&mut self, inner: Trail) {
        let Trail { mentions, findings, is_asking, is_provisional, is_circular } = inner;
        self.trail.mentions.extend(mentions);
        self.trail.findings.extend(findings);
        self.trail.is_asking |= is_asking;
        self.trail.is_provisional |= is_provisional;
        self.trail.is_circular |= is_circular;
    }

    /// Reports what is wrong.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Stop {
        self.add(Finding::Error(diagnostic));
        Stop::Failed
    }

    /// Reports what may be wrong.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        self.add(Finding::Warning(warning));
    }

    /// Reports a mistake in the request.
    pub(super) fn usage(&mut self, error: UsageError) {
        self.add(Finding::Usage(error));
    }

    fn add(&mut self, finding: Finding) {
        self.trail.findings.push(Entry::Finding(Box::new(finding)));
    }

    /// Keeps what was found, so that it can be said again.
    pub(super) fn keep(&mut self, findings: Vec<Entry>) -> Option<FindingsId> {
        match findings.as_slice() {
            [] => return None,
            [Entry::Again(known)] => return Some(*known),
            _ => {}
        }
        let id = FindingsId(self.kept.len() as u32);
        self.kept.push(findings);
        Some(id)
    }

    /// Says again what was found.
    pub(super) fn say_again(&mut self, findings: Option<FindingsId>) {
        self.trail.findings.extend(findings.map(Entry::Again));
    }

    /// Everything that was found, in the order in which it was.
    pub(super) fn findings(&self) -> Findings {
        let mut all = Findings::default();
        let (mut seen, mut seen_kept) = (FxHashSet::default(), FxHashSet::default());
        // Chains may be long, so what is still to be looked at is on the heap.
        let mut waiting: Vec<&Entry> = self.trail.findings.iter().rev().collect();
        while let Some(entry) = waiting.pop() {
            let finding = match entry {
                Entry::Finding(finding) => finding,
                Entry::Again(id) => {
                    let kept = self.kept.get(id.0 as usize).filter(|_| seen_kept.insert(*id));
                    waiting.extend(kept.into_iter().flatten().rev());
                    continue;
                }
            };
            match &**finding {
                _ if !seen.insert(finding) => {}
                Finding::Error(it) => all.errors.push(it.clone()),
                Finding::Warning(it) => all.warnings.push(it.clone()),
                Finding::Usage(it) => all.usage.push(it.clone()),
            }
        }
        all
    }

    /// Whether nothing is wrong, and nothing has to be read first.
    pub(super) fn is_sound(&self) -> bool {
        self.missing.is_empty() && self.findings().errors.is_empty()
    }
}
