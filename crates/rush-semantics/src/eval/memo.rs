//! What is remembered of units, and what is given back.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::instance::InstanceId;
use super::session::{Eval, Mention, Session, Stop, Unit};
use super::value::Value;

/// The field of a node that other nodes read.
const READ_BY_OTHERS: &str = "outputs";

/// What became of a unit.
#[derive(Clone)]
pub(super) struct Memo {
    /// The value; `None` for a field that is nowhere written.
    result: Result<Option<Value>, Known>,
    mentions: Rc<[Mention]>,
    pub(super) is_asking: bool,
}

/// A [`Stop`] that stays true.
#[derive(Clone, Copy)]
enum Known {
    Failed,
    Needs,
    Unknown,
    Cell,
}

impl Memo {
    /// `None` for a unit that is not done.
    pub(super) fn of(
        result: &Eval<Option<Value>>,
        mentions: &[Mention],
        is_asking: bool,
    ) -> Option<Self> {
        let result = match result {
            Ok(value) => Ok(value.clone()),
            Err(Stop::Failed) => Err(Known::Failed),
            Err(Stop::Needs) => Err(Known::Needs),
            Err(Stop::Unknown) => Err(Known::Unknown),
            Err(Stop::Cell) => Err(Known::Cell),
            Err(Stop::Suspend(_)) => return None,
        };
        Some(Self { result, mentions: Rc::from(mentions), is_asking })
    }
}

impl Session<'_> {
    /// What became of a unit, if it was worked out.
    pub(super) fn recall(&mut self, unit: &Unit) -> Option<Eval<Option<Value>>> {
        let (memo, is_provisional) = self.known(unit)?;
        let memo = memo.clone();
        self.is_provisional |= is_provisional;
        self.mentions.extend(memo.mentions.iter().copied());
        self.is_asking |= memo.is_asking;
        Some(memo.result.map_err(|known| match known {
            Known::Failed => Stop::Failed,
            Known::Needs => Stop::Needs,
            Known::Unknown => Stop::Unknown,
            Known::Cell => Stop::Cell,
        }))
    }

    /// What is known of a unit, and whether only under the assumption.
    pub(super) fn known(&self, unit: &Unit) -> Option<(&Memo, bool)> {
        let assumed = self.assumption.as_ref().and_then(|it| it.memo.get(unit));
        assumed.map(|it| (it, true)).or_else(|| Some((self.memo.get(unit)?, false)))
    }

    /// Remembers what became of a unit, as long as the assumption holds if it may be otherwise under another.
    pub(super) fn remember(&mut self, unit: Unit, memo: Memo, is_certain: bool) {
        match &mut self.assumption {
            Some(assumption) if !is_certain => assumption.memo.insert(unit, memo),
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
