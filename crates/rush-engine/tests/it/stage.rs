//! A workspace on a real disk, seen through a system whose variables, clock and place a test sets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_diagnostics::render_human;
use rush_diagnostics::{Color, HumanStyle, Lines};
use rush_engine::{BuildId, Planned, Which, Workspace};
use rush_plan::{Call, Goal};
use rush_system::{DirEntry, Host, Metadata, OsSystem, Result, System, SystemError};

/// The real files below a directory, and everything else as the test says.
#[derive(Debug)]
pub(crate) struct TestSystem {
    world: Mutex<World>,
}

#[derive(Debug)]
struct World {
    env: BTreeMap<String, String>,
    current_dir: Utf8PathBuf,
    /// How far the clock is ahead, so that files look as old as that.
    ahead: Duration,
    /// Nothing can be written at or below these.
    read_only: BTreeSet<Utf8PathBuf>,
}

impl TestSystem {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_below_read_only(&self, path: &Utf8Path) -> Result<()> {
        if self.is_writable(path) {
            return Ok(());
        }
        let source = std::io::ErrorKind::ReadOnlyFilesystem.into();
        Err(SystemError::from_io(rush_system::Action::Write, path, source))
    }
}

impl System for TestSystem {
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        OsSystem.read(path)
    }

    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        OsSystem.metadata(path)
    }

    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        OsSystem.symlink_metadata(path)
    }

    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        OsSystem.list_dir(path)
    }

    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        OsSystem.canonicalize(path)
    }

    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.refuse_below_read_only(path)?;
        OsSystem.write_unsynced(path, bytes)
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.write(path, bytes)
    }

    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.refuse_below_read_only(path)?;
        OsSystem.create_dir_all(path)
    }

    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.refuse_below_read_only(path)?;
        OsSystem.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        OsSystem.remove_dir_all(path)
    }

    fn env_var(&self, name: &str) -> Result<Option<String>> {
        Ok(self.lock().env.get(name).cloned())
    }

    fn env_vars(&self) -> BTreeMap<String, String> {
        self.lock().env.clone()
    }

    fn current_dir(&self) -> Result<Utf8PathBuf> {
        Ok(self.lock().current_dir.clone())
    }

    fn now(&self) -> SystemTime {
        SystemTime::now() + self.lock().ahead
    }

    fn monotonic(&self) -> Duration {
        OsSystem.monotonic()
    }

    fn host(&self) -> Host {
        Host { cpus: 2, memory_bytes: 1 << 30, ..OsSystem.host() }
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        !self.lock().read_only.iter().any(|it| path.starts_with(it))
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        OsSystem.is_on_network(path)
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        OsSystem.device(path)
    }
}

/// A directory with a workspace in `w` and a home in `home`.
pub(crate) struct Stage {
    /// Removed at the end.
    _directory: tempfile::TempDir,
    pub(crate) base: Utf8PathBuf,
    pub(crate) system: Arc<TestSystem>,
    pub(crate) build: BuildId,
}

/// Everything that can be asked of a workspace, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answers(Vec<String>);

impl Stage {
    /// A workspace with these files, relative to its root.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let base = directory.path().canonicalize().expect("it is there");
        let base = Utf8PathBuf::from_path_buf(base).expect("temporary paths are UTF-8");
        let world = World {
            env: BTreeMap::from([("HOME".to_owned(), base.join("home").to_string())]),
            current_dir: base.join("w"),
            ahead: Duration::ZERO,
            read_only: BTreeSet::new(),
        };
        let system = Arc::new(TestSystem { world: Mutex::new(world) });
        let build = BuildId::named("this build");
        let stage = Self { _directory: directory, base, system, build };
        OsSystem.create_dir_all(&stage.path("")).expect("a directory");
        files.iter().for_each(|(path, text)| stage.put(path, text));
        stage
    }

    pub(crate) fn path(&self, path: &str) -> Utf8PathBuf {
        self.base.join("w").join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        OsSystem.create_dir_all(path.parent().expect("it is below the root")).expect("directories");
        OsSystem.write_unsynced(&path, text.as_bytes()).expect("a file");
    }

    /// Writes into the file itself, and gives it the time of modification that it had.
    pub(crate) fn put_unnoticed(&self, path: &str, text: &str) {
        let path = self.path(path);
        let time = OsSystem.metadata(&path).expect("it is there").modified;
        let mut file = std::fs::File::options().write(true).open(path).expect("a file");
        file.write_all(text.as_bytes()).expect("room");
        file.set_modified(time).expect("it is ours");
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.path(path);
        let removed = if OsSystem.is_dir(&path) {
            OsSystem.remove_dir_all(&path)
        } else {
            OsSystem.remove_file(&path)
        };
        assert!(removed.is_ok() || !OsSystem.exists(&path));
    }

    pub(crate) fn set_env(&self, name: &str, value: Option<&str>) {
        let mut world = self.system.lock();
        match value {
            Some(value) => drop(world.env.insert(name.to_owned(), value.to_owned())),
            None => drop(world.env.remove(name)),
        }
    }

    pub(crate) fn stand_in(&self, path: &Utf8Path) {
        path.clone_into(&mut self.system.lock().current_dir);
    }

    pub(crate) fn set_clock_ahead(&self, by: Duration) {
        self.system.lock().ahead = by;
    }

    pub(crate) fn make_read_only(&self) {
        let root = self.path("");
        self.system.lock().read_only.insert(root);
    }

    /// The workspace around a place, with memory.
    pub(crate) fn open(&self, start: &Utf8Path) -> Option<Workspace> {
        Workspace::open(self.system.clone(), start, Some(self.build.clone())).ok()
    }

    /// What is answered with memory around a place, and whether the files had to be read for it.
    pub(crate) fn ask(&self, start: &Utf8Path) -> (Answers, bool) {
        match self.open(start) {
            Some(workspace) => (Answers::of(&workspace), workspace.is_opened()),
            None => (Answers(Vec::new()), true),
        }
    }

    /// What is answered without memory.
    pub(crate) fn ask_anew(&self, start: &Utf8Path) -> Answers {
        let workspace = Workspace::open(self.system.clone(), start, None);
        workspace.map_or(Answers(Vec::new()), |it| Answers::of(&it))
    }

    /// All entries of the memory in the workspace.
    pub(crate) fn entries(&self) -> Vec<Utf8PathBuf> {
        let directory = self.path(".rush-state/memory");
        let listed = OsSystem.list_dir(&directory).unwrap_or_default();
        listed.into_iter().map(|it| directory.join(it.name)).collect()
    }
}

impl Answers {
    /// A workspace may be lost while it is asked; then there is an error in place of the answer.
    fn of(workspace: &Workspace) -> Self {
        let text = |answer: std::result::Result<String, rush_engine::ProjectError>| {
            answer.unwrap_or_else(|error| error.to_string())
        };
        let show = |it: &rush_engine::Listing| format!("{it:?}");
        Self(vec![
            workspace.root().to_string(),
            text(workspace.list(Which::Public).map(|it| format!("{it:?}"))),
            text(workspace.list(Which::All).map(|it| format!("{it:?}"))),
            text(workspace.listed_text(Which::Public, "x", show).map(|it| format!("{it:?}"))),
            text(workspace.listed_text(Which::All, "x", show).map(|it| format!("{it:?}"))),
            text(workspace.vocabulary().map(|it| format!("{it:?}"))),
            text(workspace.broken_items().map(|it| it.to_string())),
            text(workspace.task_flags("build").map(|it| format!("{it:?}"))),
            text(workspace.describe("build").map(|it| format!("{it:?}"))),
            text(planned(workspace, "build")),
            text(planned(workspace, "//...:build")),
        ])
    }

    pub(crate) fn mention(&self, text: &str) -> bool {
        self.0.iter().any(|it| it.contains(text))
    }
}

fn planned(
    workspace: &Workspace,
    call: &str,
) -> std::result::Result<String, rush_engine::ProjectError> {
    let goal = Goal { calls: vec![Call::new(call)], ..Goal::default() };
    let style = HumanStyle { color: Color::Never, lines: Lines::Ascii };
    Ok(match workspace.plan(goal)? {
        Planned::Plan(plan, report) => {
            let plan = String::from_utf8(plan.to_json()).expect("JSON is UTF-8");
            plan + &render_human(&report.diagnostics, &report.sources, style)
        }
        Planned::Failed(report) => render_human(&report.diagnostics, &report.sources, style),
        Planned::Usage(errors) => format!("{errors:?}"),
    })
}
