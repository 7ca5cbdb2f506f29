//! What everything that deals with the results of one plan shares.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::Utf8PathBuf;
use rush_plan::{CacheMode, Digest, Node, NodeId, NodeState, Plan, Service, Task, Work};
use rustc_hash::FxHashMap;

use super::capture::{CaptureError, Keep, capture};
use super::codec::Writer;
use super::contents::Contents;
use super::entry::{files_digest, full_key, nothing_made, output_digest};
use super::fingerprint::Facts;
use super::glance::Glance;
use super::inputs::Listed;
use super::listing::{Lister, Patterns, Purpose};
use super::part::{Part, PartKind};
use super::preceding::{Preceding, Reading, preceding};
use super::programs::ProgramDigests;
use super::save::Fresh;
use super::stamp::Stamp;
use super::table::{Record, Table};
use super::table_ahead::Loaded;
use super::upkeep::CacheLimits;
use super::vault::Vault;
use super::written::Written;
use crate::environment::Environment;
use crate::options::Force;
use crate::os::files;
use crate::service::reaches;

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

/// What a node made, as its dependants see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// It has not ended.
    Unknown,
    /// This.
    Digest(Digest),
    /// What its declared outputs hold; looked at when somebody wants to know.
    Outputs,
    /// What the nodes it needs made.
    Needed,
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
    /// The nodes whose results decide that of each node: those that it needs, and of those before it the ones whose
    /// outputs its wildcards leave out.
    pub(super) needed: Vec<Vec<usize>>,
    /// What each node reads as files of those before it that it does not need; see [`Self::read_before`].
    read_before: OnceLock<Preceding>,
    pub(super) made: Mutex<Vec<Made>>,
    /// What is to be remembered of this run.
    pub(super) fresh: Mutex<FxHashMap<usize, Fresh>>,
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
        (table, table_stamp): Loaded,
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
        let programs = table.programs.iter().filter_map(|id| table.file(*id));
        contents.learn(programs.cloned());
        let needed = needed(&plan, &preceding(&plan, Reading::LeftOut));
        let made = vec![Made::Unknown; plan.nodes().len()];
        Ok(Self {
            facts: Facts {
                root: options.root,
                host: plan.content().host.clone(),
                salt,
                inherited: options.inherited,
                variables: options.variables,
                contents: Arc::clone(&contents),
                programs: ProgramDigests::default(),
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
            needed,
            read_before: OnceLock::new(),
            made: Mutex::new(made),
            fresh: Mutex::default(),
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

    /// The nodes before one node that it does not need and whose outputs it reads as files.
    pub(super) fn read_before(&self, position: usize) -> &[usize] {
        let all = self.read_before.get_or_init(|| preceding(&self.plan, Reading::Meant));
        all.get(&position).map(Vec::as_slice).unwrap_or_default()
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

    pub(super) fn set_made(&self, position: usize, made: Made) {
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = all.get_mut(position) {
            *slot = made;
        }
    }

    /// Lets no dependant take the last result of a `stamp` task for the one that was made just now.
    pub(super) fn forget_stamp(&self, position: usize) {
        let task = self.node(position).and_then(Node::as_task);
        if task.is_some_and(|it| it.cache.mode == CacheMode::Stamp) {
            let mut writer = Writer::default();
            writer.i64(super::stamp::now_ns());
            self.set_made(position, Made::Digest(Digest::of("rush unknown result", &writer.0)));
        }
    }

    /// Notes how a node ended if nothing better is known of what it made.
    pub(super) fn note_end(&self, position: usize, state: &NodeState) {
        let Some(node) = self.node(position) else { return };
        // What a service is does not depend on how it ends.
        let Some(task) = node.as_task() else { return };
        let is_idle = task.run.is_empty() && task.finally.is_empty();
        if !is_idle && !matches!(state, NodeState::Cached | NodeState::Skipped { .. }) {
            self.files_changed();
            let is_unknown = {
                let all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
                all.get(position) == Some(&Made::Unknown)
            };
            if is_unknown {
                self.forget_stamp(position);
            }
        }
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = all.get_mut(position).filter(|it| **it == Made::Unknown) else { return };
        *slot = if task.skip.is_some() {
            Made::Digest(nothing_made())
        } else if !task.outputs.is_empty() {
            Made::Outputs
        } else if task.run.is_empty() {
            Made::Needed
        } else {
            Made::Digest(nothing_made())
        };
    }

    /// What the needed nodes made, if that is known without looking at files.
    pub(super) fn dependencies_at_once(&self, position: usize) -> Option<Digest> {
        let needed = self.needed.get(position)?;
        if needed.is_empty() {
            return Some(nothing_made());
        }
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut digests = Vec::with_capacity(needed.len());
        for node in needed {
            let Some(Made::Digest(digest)) = made.get(*node) else { return None };
            digests.push(*digest);
        }
        drop(made);
        digests.extend(self.stamps_behind(position).map(|it| self.stamp_run(it)));
        Some(combine(&digests))
    }

    /// What the needed nodes made, as parts and as one digest.
    pub(super) fn dependencies(&self, position: usize) -> io::Result<(Vec<Part>, Digest)> {
        let mut parts = Vec::new();
        let mut digests = Vec::new();
        for needed in self.needed.get(position).into_iter().flatten() {
            let digest = self.made_by(*needed)?;
            let name = self.node(*needed).map(ToString::to_string).unwrap_or_default();
            digests.push(digest);
            parts.push(Part { kind: PartKind::Dependency, name, digest });
        }
        for stamp in self.stamps_behind(position) {
            let digest = self.stamp_run(stamp);
            let name = self.node(stamp).map(ToString::to_string).unwrap_or_default();
            digests.push(digest);
            parts.push(Part { kind: PartKind::Dependency, name, digest });
        }
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        let digest = if digests.is_empty() { nothing_made() } else { combine(&digests) };
        Ok((parts, digest))
    }

    /// What a node made, as far as that is known.
    pub(super) fn made_so_far(&self, position: usize) -> Option<Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).get(position).copied()
    }

    /// When the last result of a node here was made.
    pub(super) fn recorded_ms(&self, position: usize) -> Option<u64> {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = fresh.get(&position).map(|it| &it.record);
        fresh.or_else(|| self.record(position)).map(|it| it.recorded_ms)
    }

    fn made_by(&self, position: usize) -> io::Result<Digest> {
        let made = self.made_so_far(position).unwrap_or(Made::Unknown);
        let digest = match made {
            Made::Digest(digest) => return Ok(digest),
            Made::Unknown => match self.node(position).and_then(Node::as_service) {
                Some(service) => self.service_digest(position, service)?,
                None => return Err(io::Error::other("a needed task has not ended")),
            },
            Made::Needed => self.dependencies(position)?.1,
            Made::Outputs => self.outputs_digest(position)?,
        };
        self.set_made(position, Made::Digest(digest));
        Ok(digest)
    }

    /// What dependants of a service depend on: what it is started with, its inputs and what it needs.
    fn service_digest(&self, position: usize, service: &Service) -> io::Result<Digest> {
        let task = Task {
            run: vec![service.run.clone()],
            dir: service.dir.clone(),
            env: service.env.clone(),
            env_files: service.env_files.clone(),
            pass_env: service.pass_env.clone(),
            inputs: Some(service.inputs.clone().unwrap_or_default()),
            ..Task::default()
        };
        let mut parts = self.facts.parts(&task);
        parts.extend(self.dependencies(position)?.0);
        let inputs = &self.listed(&task)?.inputs;
        Ok(full_key(&parts, files_digest(inputs, &[])))
    }

    /// The digest of the outputs as they are.
    fn outputs_digest(&self, position: usize) -> io::Result<Digest> {
        let Some(task) = self.node(position).and_then(Node::as_task) else {
            return Ok(nothing_made());
        };
        if task.cache.mode == CacheMode::Stamp
            && let Some(record) = self.record(position).filter(|it| it.is_stamp)
        {
            return Ok(record.output);
        }
        let patterns = Patterns::new(&task.outputs);
        let listing =
            self.lister.list(&self.contents, self.written(), &patterns, Purpose::Outputs)?;
        let captured = capture(&self.contents, &self.vault, &listing, Keep::Digests);
        let captured = captured.map_err(|error| match error {
            CaptureError::Output(error) | CaptureError::Cache(error) => error,
            CaptureError::Special(_) => io::ErrorKind::Unsupported.into(),
        })?;
        Ok(output_digest(&captured.outputs))
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

/// Whether results of a task are remembered at all.
pub(super) fn is_remembered(task: &Task) -> bool {
    task.skip.is_none()
        && task.inputs.is_some()
        && task.cache.mode != CacheMode::Off
        && !task.run.is_empty()
}

/// Whether what a node needs is in the keys of those that need it: that of a group that makes nothing by itself and runs
/// nothing, and that of a service, which is what it is by what it needs.
pub(super) fn hands_on(node: &Node) -> bool {
    match &node.work {
        Work::Task(task) => task.skip.is_none() && task.outputs.is_empty() && task.run.is_empty(),
        Work::Service(_) => true,
    }
}

pub(super) fn now_ms() -> u64 {
    u64::try_from(super::stamp::now_ns() / 1_000_000).unwrap_or_default()
}

fn combine(digests: &[Digest]) -> Digest {
    let mut writer = Writer::default();
    digests.iter().for_each(|it| writer.digest(*it));
    Digest::of("rush needed", &writer.0)
}

fn unwritable(path: &camino::Utf8Path, error: &io::Error) -> String {
    format!("the cache `{path}` can't be written, so results are not remembered: {error}")
}

/// The nodes whose results decide that of each node, in the order of their ids, each once. Of what comes before a node
/// and is not needed by itself only what it would have read is a part: all else makes no difference to its result.
fn needed(plan: &Plan, left_out: &Preceding) -> Vec<Vec<usize>> {
    let of_node = |(at, node): (usize, &Node)| {
        let required = node.edges.iter().filter(|edge| reaches(edge.reason));
        let mut needed: Vec<(NodeId, usize)> =
            required.filter_map(|edge| Some((edge.node, plan.position(edge.node)?))).collect();
        let left_out = left_out.get(&at).into_iter().flatten();
        needed.extend(left_out.filter_map(|it| Some((plan.nodes().get(*it)?.id(), *it))));
        needed.sort_unstable();
        needed.dedup();
        needed.into_iter().map(|it| it.1).collect()
    };
    plan.nodes().iter().enumerate().map(of_node).collect()
}
