//! What is remembered of results: where it is kept for a workspace, and what is asked about it.
//!
//! The executor decides what a result depends on; here the plan and the person's choices are joined with the
//! places where things are kept.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rush_exec::{
    CacheAccess, CacheLimits, CacheOptions, Control, Force, LocalResults, Outlook, Results,
    RunOptions, Secrets, TableAhead, Why,
};
use rush_plan::{NodeId, Plan, WorkspaceSettings};
use rush_system::{StateDirectory, System};

use crate::gate::Pace;
use crate::run::{Run, RunFailure, run};
use crate::unread::Unread;

/// The file in the state directory that makes a run in which nothing changed cheap.
const TABLE: &str = "results";

/// The directory of the cache; `None` if the settings name none and there is no home directory.
pub fn cache_directory(
    system: &dyn System,
    root: &Utf8Path,
    settings: &WorkspaceSettings,
) -> Option<Utf8PathBuf> {
    match &settings.cache_dir {
        Some(inside) => Some(root.join(inside.as_str())),
        None => system.cache_dir().map(|it| it.join("results")),
    }
}

/// How large the cache may get, and how long what nobody uses stays.
pub fn cache_limits(settings: &WorkspaceSettings) -> CacheLimits {
    CacheLimits {
        size_bytes_max: settings.cache_size_bytes_max,
        age_max: Duration::from_millis(settings.cache_ttl_ms),
    }
}

/// What running some tasks again came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many tasks ran again and could be compared.
    pub compared: usize,
    /// What was not as remembered, a sentence each.
    pub problems: Vec<String>,
}

/// Runs up to `sample` remembered tasks of a plan again and compares what they make with what is remembered.
pub fn verify(
    plan: &Arc<Plan>,
    mut options: RunOptions,
    sample: usize,
    system: Arc<dyn System>,
    on_signal: impl Fn(Control) + Send + 'static,
) -> Result<Verified, RunFailure> {
    let outlooks = outlooks(plan, &options, &*system);
    let nodes = plan.nodes().iter().zip(outlooks);
    let cached = nodes.filter(|(_, outlook)| matches!(outlook, Outlook::Cached { .. }));
    let mut labels: Vec<&str> = cached.map(|(node, _)| node.label()).collect();
    labels.dedup();
    let step = labels.len().div_ceil(sample.max(1)).max(1);
    let labels = labels.into_iter().step_by(step).take(sample).map(str::to_owned);
    let force = Force::Labels(labels.collect());
    options.force = force.clone();
    let (plan, unread) = (Arc::clone(plan), Unread::default());
    let asked = Run { plan, options, recording: None, pace: Pace::Results, unread };
    let summary = run(asked, system, |_| {}, on_signal)?;
    let mut verified = Verified::default();
    for node in summary.nodes.iter().filter(|node| force.applies_to(&node.label)) {
        if !node.state.is_satisfied() {
            verified.problems.push(format!("`{}` no longer succeeds", node.label));
            continue;
        }
        if let Some(why) = &node.refused {
            let problem = format!("`{}` could not be compared: {why}", node.label);
            verified.problems.push(problem);
            continue;
        }
        verified.compared += 1;
        let unlike = node.unlike_before.iter();
        verified.problems.extend(unlike.map(|it| format!("`{}`: {it}", node.label)));
    }
    Ok(verified)
}

/// Begins to read what a workspace remembers of its results, while its plan is still being found.
pub fn read_results(system: &dyn System, root: &Utf8Path) -> TableAhead {
    let state = StateDirectory::find(system, root);
    state.map(|it| TableAhead::begin(it.path().join(TABLE))).unwrap_or_default()
}

/// Opens the results of a plan for a run, and begins to look what is as it was; `None` if no task of it is or was
/// remembered, or there is no place for results. `ahead` is what [`read_results`] returned.
pub fn open_results(
    plan: &Arc<Plan>,
    options: &RunOptions,
    system: &dyn System,
    ahead: TableAhead,
) -> Option<Arc<dyn Results>> {
    let table = StateDirectory::find(system, &options.root).map(|it| it.path().join(TABLE));
    let is_read = ahead.path() == table.as_deref();
    let ahead = if is_read { ahead } else { table.map(TableAhead::at).unwrap_or_default() };
    let table = ahead.finish();
    if !LocalResults::has_use(plan, &table) {
        return None;
    }
    let state = StateDirectory::open(system, &options.root).ok();
    let options = cache_options(plan, options, (system, state, CacheAccess::Writing))?;
    let plan = Arc::clone(plan);
    let opened = if table.path() == options.table.as_deref() {
        LocalResults::open_with(plan, options, table)
    } else {
        LocalResults::open(plan, options)
    };
    // A workspace that can't be read is told of by the run itself.
    let results = opened.ok()?;
    results.look_ahead();
    Some(Arc::new(results))
}

/// Forgets what a workspace remembers of its latest results, so that a run answers nothing from them. Which files Rush
/// made stays known.
pub fn forget_results(system: &dyn System, root: &Utf8Path) -> io::Result<()> {
    let Some(state) = StateDirectory::find(system, root) else { return Ok(()) };
    rush_exec::forget_results(state.path().join(TABLE).as_std_path())
}

/// Returns what a run would do with each node, in the order of the plan. Nothing is written.
pub fn outlooks(plan: &Arc<Plan>, options: &RunOptions, system: &dyn System) -> Vec<Outlook> {
    let results = open_reading(plan, options, system);
    results.map_or_else(Vec::new, |it| it.outlooks())
}

/// Returns what is known of the results of these nodes. Nothing is written.
pub fn why(
    plan: &Arc<Plan>,
    nodes: &[NodeId],
    options: &RunOptions,
    system: &dyn System,
) -> Vec<(NodeId, Why)> {
    let Some(results) = open_reading(plan, options, system) else { return Vec::new() };
    nodes.iter().filter_map(|node| Some((*node, results.why(*node)?))).collect()
}

fn open_reading(
    plan: &Arc<Plan>,
    options: &RunOptions,
    system: &dyn System,
) -> Option<LocalResults> {
    let state = StateDirectory::find(system, &options.root);
    let options = cache_options(plan, options, (system, state, CacheAccess::Reading))?;
    LocalResults::open(Arc::clone(plan), options).ok()
}

fn cache_options(
    plan: &Plan,
    options: &RunOptions,
    (system, state, access): (&dyn System, Option<StateDirectory>, CacheAccess),
) -> Option<CacheOptions> {
    let settings = &plan.content().settings;
    let secrets = match access {
        CacheAccess::Writing => Secrets::default(),
        // Questions are answered with what commands are.
        CacheAccess::Reading => Secrets::known(plan, &options.root, system),
    };
    Some(CacheOptions {
        root: options.root.clone(),
        cache: cache_directory(system, &options.root, settings)?,
        table: state.map(|it| it.path().join(TABLE)),
        access,
        limits: cache_limits(settings),
        inherited: Arc::clone(&options.inherited),
        variables: options.variables.clone(),
        force: options.force.clone(),
        secrets: Arc::new(secrets),
    })
}
