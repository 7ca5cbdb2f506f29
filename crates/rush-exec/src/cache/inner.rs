//! What everything that deals with the results of one plan shares.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::Utf8PathBuf;
use rush_plan::{CacheMode, Digest, Node, Plan, Task};
use rustc_hash::FxHashMap;

use super::contents::{Contents, Name};
use super::fingerprint::Facts;
use super::glance::Glance;
use super::inputs::Listed;
use super::listing::Lister;
use super::made::{Made, needed};
use super::makers::{LeftInside, MadeByName, MadeNow};
use super::neighbours::Neighbours;
use super::preceding::Preceding;
use super::programs::ProgramDigests;
use super::relied::LookedAt;
use super::save::Fresh;
use super::stamp::Stamp;
use super::table::{Record, Table};
use super::table_ahead::TableRead;
use super::upkeep::CacheLimits;
use super::vault::Vault;
use super::written::Written;
use crate::environment::Environment;
use crate::options::Force;
use crate::os::files;
use crate::secrets::Secrets;

/// Where results are kept, and what decides them beside the plan.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// The absolute path of the workspace.
    pub root: Utf8PathBuf,
    /// The directory of the cache, shared by checkouts.
    pub cache: Utf8PathBuf,
    /// The file with what this workspace remembers; `None` where nothing can be written.
    pub table: Option<Utf8PathBuf>,
    /// The environment that processes inherit, the very one of the run.
    pub inherited: Arc<Environment>,
    /// Variables of the command line (`-e`).
    pub variables: BTreeMap<String, String>,
    /// Whether anything may be written.
    pub access: CacheAccess,
    /// How large the cache may get.
    pub limits: CacheLimits,
    /// Which nodes run although an earlier result would do.
    pub force: Force,
    /// What is kept out of commands that are shown.
    pub secrets: Arc<Secrets>,
}

/// What may be done with the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheAccess {
    /// Results are recorded and put in place.
    Writing,
    /// Questions are answered and nothing is written.
    Reading,
}

/// Why the cache can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The workspace can't be read.
    #[error("the workspace `{root}` can't be read: {source}")]
    Workspace {
        /// The workspace.
        root: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The results of one plan.
pub(super) struct Inner {
    pub(super) plan: Arc<Plan>,
    pub(super) facts: Facts,
    pub(super) contents: Arc<Contents>,
    pub(super) vault: Vault,
    pub(super) lister: Lister,
    pub(super) written: OnceLock<Written>,
    pub(super) limits: CacheLimits,
    pub(super) table_path: Option<PathBuf>,
    /// What was remembered when the run began.
    pub(super) table: Arc<Table>,
    /// Tells whether the file is still the one that was read.
    pub(super) table_stamp: Option<Stamp>,
    pub(super) force: Force,
    pub(super) secrets: Arc<Secrets>,
    /// The nodes that each node needs itself, with the services behind those that make no files.
    pub(super) needed: Vec<Vec<usize>>,
    /// What nodes may read of those before them.
    pub(super) preceding: Preceding,
    pub(super) made: Mutex<Vec<Made>>,
    /// Whether files of the last results of nodes are gone, as far as somebody asked.
    pub(super) lost_outputs: Mutex<FxHashMap<usize, bool>>,
    /// Whether a task of the plan may have been called in other ways before.
    pub(super) has_other_calls: OnceLock<bool>,
    /// What the table knows to be made, as far as somebody asked.
    pub(super) made_by_name: OnceLock<MadeByName>,
    /// What earlier attempts made where others may declare something more exactly, as far as somebody asked.
    pub(super) left_inside: OnceLock<LeftInside>,
    /// What nodes made in this run, or had put in place, without a result that is remembered.
    pub(super) unremembered: Mutex<FxHashMap<usize, Vec<(Name, Stamp)>>>,
    /// Both of what was made in this run, as far as somebody asked.
    pub(super) made_now: Mutex<Option<MadeNow>>,
    /// What tasks without a result that is remembered wrote although others declare it more exactly.
    pub(super) written_inside: Mutex<FxHashMap<usize, Vec<Name>>>,
    /// What tasks without a result that is remembered were found to have made.
    pub(super) looked_at: Mutex<FxHashMap<usize, LookedAt>>,
    /// Other runs in this workspace.
    pub(super) neighbours: Neighbours,
    /// What is to be remembered of this run.
    pub(super) fresh: Mutex<FxHashMap<usize, Fresh>>,
    /// Whether there is something of it that the table does not have yet.
    pub(super) is_unsaved: AtomicBool,
    /// Whether the plan has `stamp` tasks.
    pub(super) has_stamps: OnceLock<bool>,
    pub(super) glance: OnceLock<Glance>,
    /// Counts what changed files: nothing that was seen of the file system before holds after.
    pub(super) generation: AtomicU64,
    /// Lists of inputs by their patterns, of one generation.
    pub(super) listed: Mutex<(u64, FxHashMap<Digest, Arc<Listed>>)>,
    /// Why nothing can be written, once that is known; told once.
    pub(super) write_problem: Mutex<Option<String>>,
}

impl Inner {
    pub(super) fn open(
        plan: Arc<Plan>,
        options: CacheOptions,
        TableRead { table, stamp: table_stamp, .. }: TableRead,
    ) -> Result<Self, CacheError> {
        let contents = Contents::open(options.root.as_std_path())
            .map_err(|source| CacheError::Workspace { root: options.root.clone(), source })?;
        let contents = Arc::new(contents);
        let vault = Vault::new(options.cache.clone().into_std_path_buf());
        let mut write_problem = None;
        let salt = match options.access {
            CacheAccess::Writing => vault.salt(),
            CacheAccess::Reading => Ok(vault.known_salt().unwrap_or_default()),
        };
        let salt = salt.unwrap_or_else(|error| {
            // Nothing will be recorded, so any salt will do.
            write_problem = Some(unwritable(&options.cache, &error));
            [0; 32]
        });
        let own = contents.relative(&files::bytes_of(options.cache.as_os_str())).map(Into::into);
        let table_path = options.table.map(Utf8PathBuf::into_std_path_buf);
        let writes = options.access == CacheAccess::Writing;
        let neighbours = Neighbours::of(table_path.as_deref().filter(|_| writes));
        let programs = table.programs.iter().filter_map(|id| table.file(*id));
        contents.learn(programs.cloned());
        let needed = needed(&plan);
        let preceding = Preceding::of(&plan);
        let made = vec![Made::Unknown; plan.nodes().len()];
        Ok(Self {
            facts: Facts {
                root: options.root,
                host: plan.content().host.clone(),
                salt,
                inherited: options.inherited,
                variables: options.variables,
                contents: Arc::clone(&contents),
                programs: ProgramDigests::new(Vault::new(vault.dir.clone())),
            },
            plan,
            contents,
            vault,
            lister: Lister::new(own),
            written: OnceLock::new(),
            limits: options.limits,
            table_path,
            table: Arc::new(table),
            table_stamp,
            force: options.force,
            secrets: options.secrets,
            needed,
            preceding,
            made: Mutex::new(made),
            lost_outputs: Mutex::default(),
            has_other_calls: OnceLock::new(),
            made_by_name: OnceLock::new(),
            left_inside: OnceLock::new(),
            unremembered: Mutex::default(),
            made_now: Mutex::default(),
            written_inside: Mutex::default(),
            looked_at: Mutex::default(),
            neighbours,
            fresh: Mutex::default(),
            is_unsaved: AtomicBool::new(false),
            has_stamps: OnceLock::new(),
            glance: OnceLock::new(),
            generation: AtomicU64::new(0),
            listed: Mutex::default(),
            write_problem: Mutex::new(write_problem),
        })
    }

    pub(super) fn node(&self, position: usize) -> Option<&Node> {
        self.plan.nodes().get(position)
    }

    /// The task at a position, if it is one whose result may be remembered.
    pub(super) fn remembered_task(&self, position: usize) -> Option<(&Node, &Task)> {
        let node = self.node(position)?;
        let task = node.as_task().filter(|task| is_remembered(task))?;
        Some((node, task))
    }

    pub(super) fn record(&self, position: usize) -> Option<&Record> {
        self.table.records.get(self.node(position)?.id())
    }

    /// Tells the digests of all files of the table, which nobody needs while nothing changed.
    pub(super) fn learn(&self) {
        self.contents.learn_table(&self.table);
    }

    pub(super) fn written(&self) -> &Written {
        self.written.get_or_init(|| Written::of(&self.plan))
    }

    pub(super) fn is_forced(&self, node: &Node) -> bool {
        self.force.applies_to(node.label())
    }

    /// Something may have changed files.
    pub(super) fn files_changed(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a result from then still counts, as far as its age decides.
    pub(super) fn is_young(task: &Task, recorded_ms: u64) -> bool {
        task.cache.ttl_ms.is_none_or(|ttl| now_ms() < recorded_ms.saturating_add(ttl))
    }

    /// The sentence about a cache that can't be written, the first time it is asked for.
    pub(super) fn tell_write_problem(&self, error: &io::Error) -> Option<String> {
        let mut problem = self.write_problem.lock().unwrap_or_else(PoisonError::into_inner);
        if problem.as_deref() == Some("") {
            return None;
        }
        let path = camino::Utf8Path::from_path(&self.vault.dir).map(ToOwned::to_owned);
        let text = problem.take().unwrap_or_else(|| unwritable(&path.unwrap_or_default(), error));
        *problem = Some(String::new());
        Some(text)
    }
}

/// Whether a task writes files and its result is not remembered.
pub(super) fn writes_unremembered(task: &Task) -> bool {
    !is_remembered(task) && task.skip.is_none() && !task.outputs.is_empty() && !task.run.is_empty()
}

/// Whether results of a task are remembered at all.
pub(super) fn is_remembered(task: &Task) -> bool {
    task.skip.is_none()
        && task.inputs.is_some()
        && task.cache.mode != CacheMode::Off
        && !task.run.is_empty()
}

pub(super) fn now_ms() -> u64 {
    u64::try_from(super::stamp::now_ns() / 1_000_000).unwrap_or_default()
}

fn unwritable(path: &camino::Utf8Path, error: &io::Error) -> String {
    format!("the cache `{path}` can't be written, so results are not remembered: {error}")
}
