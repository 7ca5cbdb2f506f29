//! A workspace with a cache of its own, whose tasks count how often they ran.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rush_exec::{
    CacheAccess, CacheLimits, CacheOptions, Force, LocalResults, Outlook, Results, TableAhead, Why,
};
use rush_plan::{
    Cache, CacheMode, Command, Node, Plan, SecretDeclaration, SecretMount, SecretSource, Task,
};
use rush_system::MemorySystem;

use crate::fixture::{Bench, Ran, id, plan_with, sh};

/// A workspace.
pub struct Workshop {
    pub bench: Bench,
    /// The cache and the counter, shared by checkouts.
    pub shared: Arc<tempfile::TempDir>,
    state: tempfile::TempDir,
    /// What plans declare.
    secrets: BTreeMap<String, SecretDeclaration>,
}

impl Workshop {
    pub fn new() -> Self {
        let bench = Bench { jobs: 2, ..Bench::new() };
        let (shared, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Self { bench, shared: Arc::new(shared), state, secrets: BTreeMap::new() }
    }

    /// One whose tasks may use the secret `token`.
    pub fn with_token() -> Self {
        let mut shop = Self::new();
        shop.bench.world = Arc::new(MemorySystem::new().with_env("TOKEN", "hunter2-secret"));
        let from = SecretSource::Env("TOKEN".to_owned());
        shop.secrets
            .insert("token".to_owned(), SecretDeclaration { from, mount: SecretMount::Env });
        shop
    }

    pub fn plan(&self, nodes: Vec<Node>) -> Plan {
        plan_with(nodes, self.secrets.clone())
    }

    /// Another workspace with the same cache.
    pub fn checkout(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ..Self::new() }
    }

    /// The same workspace at another place.
    pub fn moved(self) -> Self {
        let bench = Bench { jobs: 2, ..Bench::new() };
        for entry in std::fs::read_dir(self.root()).unwrap() {
            let entry = entry.unwrap();
            std::fs::rename(entry.path(), bench.directory.path().join(entry.file_name())).unwrap();
        }
        Self { bench, ..self }
    }

    pub fn root(&self) -> PathBuf {
        self.bench.directory.path().canonicalize().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.bench.path(name)
    }

    /// Writes a file such that its time is not that of the last write.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Where tasks note that they ran.
    pub fn counter(&self) -> PathBuf {
        self.shared.path().join("counter")
    }

    /// How often tasks noted that.
    pub fn runs(&self) -> usize {
        std::fs::read(self.counter()).map_or(0, |it| it.len())
    }

    pub fn cache(&self) -> PathBuf {
        self.shared.path().join("cache")
    }

    pub fn table(&self) -> PathBuf {
        self.state.path().join("results")
    }

    pub fn options(&self, force: Force, access: CacheAccess) -> CacheOptions {
        CacheOptions {
            root: self.root().try_into().unwrap(),
            cache: self.cache().try_into().unwrap(),
            table: Some(self.table().try_into().unwrap()),
            access,
            limits: CacheLimits { size_bytes_max: 1 << 30, age_max: Duration::from_hours(1) },
            inherited: Arc::clone(&self.bench.inherited),
            variables: self.bench.variables.clone(),
            force,
            secrets: Arc::default(),
        }
    }

    pub fn run(&self, nodes: Vec<Node>) -> Ran {
        self.run_plan(self.plan(nodes), Force::Nothing)
    }

    pub fn run_forced(&self, nodes: Vec<Node>) -> Ran {
        self.run_plan(self.plan(nodes), Force::All)
    }

    pub fn run_plan(&self, plan: Plan, force: Force) -> Ran {
        let cache = self.options(force, CacheAccess::Writing);
        let table = TableAhead::begin(self.table().try_into().unwrap()).finish();
        let mut options = self.bench.options();
        // As the engine does it.
        if LocalResults::has_use(&plan, &table) {
            let results = LocalResults::open_with(Arc::new(plan.clone()), cache, table).unwrap();
            results.look_ahead();
            options.results = Some(Arc::new(results) as Arc<dyn Results>);
        }
        self.bench.run_watched(plan, options, |_| None).unwrap_or_else(|error| panic!("{error}"))
    }

    fn reading(&self, nodes: Vec<Node>) -> LocalResults {
        let cache = self.options(Force::Nothing, CacheAccess::Reading);
        LocalResults::open(Arc::new(self.plan(nodes)), cache).unwrap()
    }

    pub fn outlooks(&self, nodes: Vec<Node>) -> Vec<Outlook> {
        self.reading(nodes).outlooks()
    }

    pub fn why(&self, nodes: Vec<Node>, label: &str) -> Why {
        self.reading(nodes).why(id(label)).unwrap()
    }

    /// Why a task would run, in words; `cached` if it would not.
    pub fn reasons(&self, nodes: Vec<Node>, label: &str) -> String {
        match self.why(nodes, label).outlook {
            Outlook::Runs(reasons) => {
                reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            Outlook::Cached { .. } => "cached".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&it| it.to_owned()).collect()
}

/// A task that is remembered.
pub fn makes(inputs: &[&str], outputs: &[&str], script: &str) -> Task {
    Task {
        inputs: Some(texts(inputs)),
        outputs: texts(outputs),
        cache: Cache { mode: CacheMode::Local, ..Cache::default() },
        ..sh(script)
    }
}

/// The same task, counted.
pub fn cached(mut task: Task, shop: &Workshop) -> Task {
    if let [Command::Script(script)] = task.run.as_mut_slice() {
        script.text = format!("printf x >> {}\n{}", shop.counter().display(), script.text);
    }
    task
}

/// Copies `in` to `out`, counted.
pub fn copy(shop: &Workshop) -> Task {
    cached(makes(&["in"], &["out"], "cp in out"), shop)
}

/// The permission bits of a file.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    path.symlink_metadata().unwrap().permissions().mode() & 0o777
}
