//! The right to run a node of which no result was found, from the end of the look to the first attempt.
//!
//! Much may lie between the two: a worker, a place of a `limit` group and services are waited for. So what is there
//! before an attempt is asked when it begins, and nothing is removed before that. It does not know how a result is looked
//! for, nor how it is kept.

use std::sync::Arc;

use rush_plan::{Digest, LogStream};

use super::inner::Inner;
use super::leftovers::BeforeUnremembered;
use super::look::Situation;
use super::record::{HeldKey, LocalPending};
use super::said::Saying;
use super::stamp::now_ns;
use super::turns::Turn;
use crate::results::{Begun, Claim, Pending, Recorded, Success};

/// A node that has to run.
pub(super) struct LocalClaim {
    pub(super) inner: Arc<Inner>,
    pub(super) position: usize,
    /// What the right is about, if it could be had.
    pub(super) key: Digest,
    pub(super) turn: Turn,
    pub(super) lock: HeldKey,
}

/// A node that has to run and of which nothing will be remembered.
pub(super) struct UnrememberedClaim {
    pub(super) inner: Arc<Inner>,
    pub(super) position: usize,
    /// Nobody's, if it waits for nobody.
    pub(super) turn: Turn,
}

/// The same once it runs.
struct UnrememberedPending {
    inner: Arc<Inner>,
    position: usize,
    #[expect(dead_code, reason = "it is held while the node runs")]
    turn: Turn,
    before: BeforeUnremembered,
}

impl Claim for LocalClaim {
    fn begin(self: Box<Self>) -> Begun {
        let Self { inner, position, key, turn, lock } = *self;
        inner.files_changed();
        let situation = match inner.situation_or_notes(position) {
            Ok(situation) => situation,
            Err(notes) => return inner.begin_unremembered(position, turn, notes),
        };
        // Who waits for the key of what was there before waits for nothing now.
        let lock = if inner.lock_name(&situation) == key {
            lock
        } else {
            drop(lock);
            inner.try_key(&situation)
        };
        inner.begin(situation, (turn, lock))
    }
}

impl Claim for UnrememberedClaim {
    fn begin(self: Box<Self>) -> Begun {
        let Self { inner, position, turn } = *self;
        inner.files_changed();
        let before = inner.before_unremembered(position);
        let pending = UnrememberedPending { inner, position, turn, before };
        Begun { pending: Box::new(pending), notes: Vec::new() }
    }
}

impl Pending for UnrememberedPending {
    fn begin_attempt(&mut self) {}

    fn hear(&mut self, _: LogStream, _: &[u8]) {}

    fn record(self: Box<Self>, _: Success) -> Recorded {
        self.leave();
        Recorded::default()
    }

    fn leave(self: Box<Self>) {
        self.inner.files_changed();
        self.inner.leave_unremembered(self.position, &self.before);
    }
}

impl Inner {
    /// The right to make the result of a key, if nobody has it.
    fn try_key(&self, situation: &Situation<'_>) -> HeldKey {
        self.vault.try_lock(self.lock_name(situation)).ok()?
    }

    /// Lets a node run of which nothing will be remembered.
    fn begin_unremembered(
        self: &Arc<Self>,
        position: usize,
        turn: Turn,
        notes: Vec<String>,
    ) -> Begun {
        let claim = UnrememberedClaim { inner: Arc::clone(self), position, turn };
        Begun { notes, ..Box::new(claim).begin() }
    }

    /// Makes way for what a node makes, and notes what is there before it does.
    fn begin(self: &Arc<Self>, situation: Situation<'_>, (turn, lock): (Turn, HeldKey)) -> Begun {
        let remark = self.remark_on_former(situation.task, &situation.listed.inputs);
        let mut notes: Vec<String> = remark.into_iter().collect();
        let before = match self.make_way(&situation, &mut notes) {
            Ok(before) => Arc::new(before),
            Err(error) => {
                notes.push(format!("its result is not remembered: {error}"));
                return self.begin_unremembered(situation.position, turn, notes);
            }
        };
        let pending = LocalPending {
            inner: Arc::clone(self),
            sources: self.facts.sources(situation.task),
            position: situation.position,
            shape: situation.shape,
            dependencies: situation.dependencies,
            parts: situation.parts,
            listed: situation.listed,
            before,
            relied: self.relied((situation.position, situation.task)),
            said: Saying::new(),
            started_ns: now_ns(),
            turn,
            lock,
        };
        Begun { pending: Box::new(pending), notes }
    }
}
