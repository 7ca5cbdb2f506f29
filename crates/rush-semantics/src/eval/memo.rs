//! What is remembered of units, and what is given back.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::instance::InstanceId;
use super::session::{Eval, Session, Unit};
use super::trail::{FindingsId, Mention};
use super::value::Value;

/// The field of a node that other nodes read.
const READ_BY_OTHERS: &str = "outputs";

/// What became of a unit, and what it left behind.
#[derive(Clone)]
pub(super) struct Memo {
    /// The value; `None` for a field that is nowhere written. What is not done is not remembered.
    pub(super) result: Eval<Option<Value>>,
    pub(super) mentions: Rc<[Mention]>,
    pub(super) findings: Option<FindingsId>,
    pub(super) is_asking: bool,
    pub(super) is_circular: bool,
}

impl Session<'_> {
    /// What became of a unit, if it was worked out.
    pub(super) fn recall(&mut self, unit: &Unit) -> Option<Eval<Option<Value>>> {
        let (memo, is_provisional) = self.known(unit)?;
        let memo = memo.clone();
        self.follow_memo(&memo, is_provisional);
        Some(memo.result)
    }

    /// Leaves behind what a unit left behind.
    pub(super) fn follow_memo(&mut self, memo: &Memo, is_provisional: bool) {
        self.trail.mentions.extend(memo.mentions.iter().copied());
        self.say_again(memo.findings);
        self.trail.is_asking |= memo.is_asking;
        self.trail.is_provisional |= is_provisional;
        self.trail.is_circular |= memo.is_circular;
    }

    /// What is known of a unit, and whether only under the assumption.
    pub(super) fn known(&self, unit: &Unit) -> Option<(&Memo, bool)> {
        let assumed = self.assumption.as_ref().and_then(|it| it.memo.get(unit));
        assumed.map(|it| (it, true)).or_else(|| Some((self.memo.get(unit)?, false)))
    }

    /// Remembers what became of a unit, as long as the assumption holds if it may be otherwise under another.
    pub(super) fn remember(&mut self, unit: Unit, memo: Memo, is_provisional: bool) {
        match &mut self.assumption {
            Some(assumption) if is_provisional || memo.is_circular => {
                assumption.memo.insert(unit, memo)
            }
            _ => self.memo.insert(unit, memo),
        };
    }

    /// Gives back what the nodes were worked out with, which is as much as the nodes are. What was
    /// found stays, and what it is about.
    pub(super) fn forget_values(&mut self) {
        self.memo = FxHashMap::default();
        self.instances = Vec::new();
        self.expansions = FxHashMap::default();
    }

    /// Gives back what is known of the instances, once they are all lowered: what is asked for all the same
    /// is worked out again.
    pub(super) fn forget_instances(&mut self) {
        self.memo.retain(|unit, _| unit.entered().is_none() && !matches!(unit, Unit::Local(..)));
        self.memo.shrink_to_fit();
        self.fresh_fields = Vec::new();
        self.expansions = FxHashMap::default();
    }

    /// Gives back a unit that nobody will ask for.
    pub(super) fn forget(&mut self, unit: &Unit) {
        self.memo.remove(unit);
        if let Some(assumption) = &mut self.assumption {
            assumption.memo.remove(unit);
        }
    }

    /// Gives back the fields of a node that was lowered, but for the one that others read; one that is
    /// asked for all the same is worked out again.
    pub(super) fn forget_fields(&mut self, node: InstanceId) {
        for (instance, name) in std::mem::take(&mut self.fresh_fields) {
            if instance == node && name != READ_BY_OTHERS {
                self.memo.remove(&Unit::Field(instance, name));
            }
        }
    }
}
