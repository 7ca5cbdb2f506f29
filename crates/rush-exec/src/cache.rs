//! Results that are remembered: what decides them, where they are kept, and how they are put back.
//!
//! A result is named by its key: the digest of everything that decides it (`fingerprint`, `inputs`). Entries and
//! contents lie in a directory that all checkouts of a user share (`vault`); what makes a run in which nothing
//! changed cheap lies in one file of the workspace (`table`, `glance`). It does not know the order of nodes nor how
//! they run; see [`crate::results`] for what the scheduler asks.

use std::io;
use std::sync::{Arc, OnceLock};

use rush_plan::{Node, NodeId, NodeState, Plan, Work};

use crate::options::Force;
use crate::results::{AtOnce, Earlier, Patience, Results};
use crate::service::ServiceBasis;

mod basis;
mod capture;
mod claim;
mod codec;
mod commands;
mod contents;
mod depfile;
mod entry;
mod explain;
mod fingerprint;
mod first_line;
mod foreseen;
mod glance;
mod ignored;
mod inner;
mod inputs;
mod inside;
mod left;
mod leftovers;
mod linked;
mod listing;
mod lock;
mod look;
mod made;
mod makers;
mod merge;
mod neighbours;
mod order;
mod owned;
mod part;
mod preceding;
mod programs;
mod record;
mod records;
mod relied;
mod restore;
mod rivals;
mod said;
mod save;
mod saver;
mod stamp;
mod stamp_runs;
mod table;
mod table_ahead;
mod turns;
mod unique;
mod upkeep;
mod variables;
mod vault;
mod written;

pub use commands::CommandTexts;
pub use depfile::depfile_paths;
pub use explain::{Outlook, Reason, Why};
pub use inner::{CacheAccess, CacheError, CacheOptions};
pub use part::{Change, Difference, PartKind};
pub use save::forget_results;
pub(crate) use stamp::{Kind, Stamp};
pub use table_ahead::{TableAhead, TableRead};
pub use upkeep::{
    CacheLimits, CacheStats, Integrity, Pruned, cache_stats, check_cache, clear_cache, prune_cache,
};

use glance::Lookers;
use inner::Inner;
use saver::Saver;

/// The remembered results of one plan on this machine.
pub struct LocalResults {
    /// Looks ahead; dropped first, so that nobody looks when the rest is gone.
    lookers: OnceLock<Lookers>,
    /// Saves meanwhile, once there is something to save.
    saver: OnceLock<Saver>,
    inner: Arc<Inner>,
}

impl LocalResults {
    /// Opens what is remembered for a plan; nothing is written before something is recorded.
    pub fn open(plan: Arc<Plan>, options: CacheOptions) -> Result<Self, CacheError> {
        let table = options.table.clone().map(TableAhead::at).unwrap_or_default();
        Self::open_with(plan, options, table.finish())
    }

    /// The same with a table that was read already.
    pub fn open_with(
        plan: Arc<Plan>,
        options: CacheOptions,
        table: TableRead,
    ) -> Result<Self, CacheError> {
        let inner = Arc::new(Inner::open(plan, options, table)?);
        Ok(Self { lookers: OnceLock::new(), saver: OnceLock::new(), inner })
    }

    /// Lets other threads look what is as it was, while the run is being prepared. It need not be done.
    pub fn look_ahead(&self) {
        if self.inner.force != Force::All {
            self.lookers.get_or_init(|| Lookers::begin(&self.inner));
        }
    }

    /// Whether there is anything to know of a plan: a task that is remembered, or was as a `stamp`, which ends when it
    /// runs, or that writes what others may read, or a service that may be up on what is no more.
    pub fn has_use(plan: &Plan, table: &TableRead) -> bool {
        let is_in_plan = |node| plan.position(node).is_some();
        let has_use = |node: &Node| match &node.work {
            Work::Task(task) => inner::is_remembered(task) || inner::writes_unremembered(task),
            Work::Service(_) => true,
        };
        plan.nodes().iter().any(has_use) || table.table.stamped().any(is_in_plan)
    }

    /// What a run would do with each node, in the order of the plan.
    pub fn outlooks(&self) -> Vec<Outlook> {
        self.inner.outlooks()
    }

    /// What is known of the results of a node; `None` if the plan has no such node.
    pub fn why(&self, node: NodeId) -> Option<Why> {
        let position = self.inner.plan.nodes().iter().position(|it| it.id() == node)?;
        Some(self.inner.why(position))
    }
}

impl Results for LocalResults {
    fn at_once(&self, node: usize) -> AtOnce {
        self.inner.at_once(node)
    }

    fn look(&self, node: usize, patience: &Patience) -> Earlier {
        self.inner.look(node, patience)
    }

    fn is_stamped(&self, node: usize) -> bool {
        self.inner.is_stamped(node)
    }

    fn spend(&self, node: usize) -> io::Result<()> {
        self.inner.spend(node)
    }

    fn ended(&self, node: usize, state: &NodeState) {
        self.inner.note_end(node, state);
        if self.inner.is_unsaved() {
            self.saver.get_or_init(|| Saver::begin(&self.inner)).tell();
        }
    }

    fn basis(&self, service: usize) -> io::Result<ServiceBasis> {
        self.inner.basis(service)
    }

    fn doubt(&self, service: usize) {
        self.inner.doubt(service);
    }

    fn finish(&self) -> Vec<String> {
        self.inner.look_no_more();
        let saved = self.inner.save().and_then(|()| self.inner.prune_now_and_then());
        self.inner.neighbours.leave();
        match saved {
            Ok(()) => Vec::new(),
            Err(error) => vec![format!("what was seen of the files is not remembered: {error}")],
        }
    }
}
