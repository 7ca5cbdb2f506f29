//! A world in memory: for tests, and for asking what Rush would do elsewhere.
//!
//! Clones share one world, so a test keeps a handle and changes files under the code it tests. The
//! clock stands still until a file is written or [`MemorySystem::advance`] is called; every write
//! takes one millisecond, so that no two states of a file share a modification time.

mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Action, SystemError};
use crate::facts::{DirEntry, Host, HostOs, Metadata};
use crate::system::{Result, System};
use tree::{Content, Tree};

/// Where the clock of a new world stands: 1 January 2000, 00:00 UTC.
const EPOCH: Duration = Duration::from_hours(262_968);

/// A tree of files, an environment and a clock, all in memory.
#[derive(Clone, Debug)]
pub struct MemorySystem {
    world: Arc<Mutex<World>>,
}

#[derive(Debug)]
struct World {
    tree: Tree,
    denied: BTreeSet<Utf8PathBuf>,
    on_network: BTreeSet<Utf8PathBuf>,
    env: BTreeMap<String, String>,
    current_dir: Utf8PathBuf,
    elapsed: Duration,
    host: Host,
}

impl Default for MemorySystem {
    fn default() -> Self {
        Self::new()
    }
}

impl MemorySystem {
    /// Returns a world with an empty root directory, no variables, and a Linux host of two CPUs.
    pub fn new() -> Self {
        let world = World {
            tree: Tree::new(),
            denied: BTreeSet::new(),
            on_network: BTreeSet::new(),
            env: BTreeMap::new(),
            current_dir: Utf8PathBuf::from("/"),
            elapsed: Duration::ZERO,
            host: Host {
                os: HostOs::Linux,
                arch: "x86_64".to_owned(),
                cpus: 2,
                memory_bytes: 8 << 30,
            },
        };
        Self { world: Arc::new(Mutex::new(world)) }
    }

    /// Returns a world with these files, and the directories they need.
    pub fn from_files<P, B>(files: impl IntoIterator<Item = (P, B)>) -> Self
    where
        P: AsRef<Utf8Path>,
        B: AsRef<[u8]>,
    {
        files.into_iter().fold(Self::new(), Self::add_pair)
    }

    fn add_pair<P: AsRef<Utf8Path>, B: AsRef<[u8]>>(self, file: (P, B)) -> Self {
        self.with_file(file.0, file.1)
    }

    /// Adds or replaces a file, and the directories above it.
    ///
    /// # Panics
    /// If something on the way is a file: the fixture contradicts itself.
    #[must_use]
    pub fn with_file(self, path: impl AsRef<Utf8Path>, bytes: impl AsRef<[u8]>) -> Self {
        let path = path.as_ref();
        let parent = path.parent().unwrap_or(Utf8Path::new("/"));
        self.create_dir_all(parent).expect("the directories of a fixture can be made");
        self.write(path, bytes.as_ref()).expect("the files of a fixture can be written");
        self
    }

    /// Adds a directory, and those above it.
    ///
    /// # Panics
    /// If something on the way is a file: the fixture contradicts itself.
    #[must_use]
    pub fn with_dir(self, path: impl AsRef<Utf8Path>) -> Self {
        self.create_dir_all(path.as_ref()).expect("the directories of a fixture can be made");
        self
    }

    /// Adds a symbolic link in a directory that exists; its target need not.
    ///
    /// # Panics
    /// If its directory does not exist: the fixture contradicts itself.
    #[must_use]
    pub fn with_symlink(self, path: impl AsRef<Utf8Path>, target: impl AsRef<Utf8Path>) -> Self {
        let target = target.as_ref().to_owned();
        let mut world = self.lock();
        world.put(path.as_ref(), Content::Symlink(target)).expect("a link needs its directory");
        drop(world);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn with_env(self, name: &str, value: &str) -> Self {
        self.lock().env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the current directory, which is created if it is missing.
    #[must_use]
    pub fn with_current_dir(self, path: impl AsRef<Utf8Path>) -> Self {
        let this = self.with_dir(path.as_ref());
        this.lock().current_dir = path.as_ref().to_owned();
        this
    }

    /// Sets the permission bits of a path.
    ///
    /// # Panics
    /// If nothing is there.
    pub fn set_mode(&self, path: impl AsRef<Utf8Path>, mode: u32) {
        let mut world = self.lock();
        let path = world.absolute(path.as_ref());
        world.tree.set_mode(&path, mode).expect("only what exists has a mode");
    }

    /// From now on every look at this very path, and every change of it, is refused.
    pub fn deny(&self, path: impl AsRef<Utf8Path>) {
        let mut world = self.lock();
        let path = world.absolute(path.as_ref());
        world.denied.insert(path);
    }

    /// From now on this path and all below it lie on a drive of the network.
    pub fn put_on_network(&self, path: impl AsRef<Utf8Path>) {
        let mut world = self.lock();
        let path = world.absolute(path.as_ref());
        world.on_network.insert(path);
    }

    /// Moves both clocks forward.
    pub fn advance(&self, by: Duration) {
        self.lock().elapsed += by;
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic elsewhere leaves a consistent tree: each change is one insertion or removal.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    fn absolute(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.current_dir.join(path)
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + EPOCH + self.elapsed
    }

    /// The absolute path, if nobody denied it.
    fn allowed(&self, action: Action, path: &Utf8Path) -> Result<Utf8PathBuf> {
        let absolute = self.absolute(path);
        if !self.denied.contains(&absolute) {
            return Ok(absolute);
        }
        let source = io::ErrorKind::PermissionDenied.into();
        Err(SystemError::PermissionDenied { action, path: path.to_owned(), source })
    }

    fn put(&mut self, path: &Utf8Path, content: Content) -> Result<()> {
        let path = self.allowed(Action::Write, path)?;
        self.elapsed += Duration::from_millis(1);
        let now = self.now();
        self.tree.put(&path, content, now)
    }
}

impl System for MemorySystem {
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        let world = self.lock();
        world.tree.read(&world.allowed(Action::Read, path)?)
    }

    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        let world = self.lock();
        let path = world.tree.follow(&world.allowed(Action::Inspect, path)?)?;
        world.tree.metadata(&path)
    }

    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        let world = self.lock();
        let path = world.tree.locate(&world.allowed(Action::Inspect, path)?)?;
        world.tree.metadata(&path)
    }

    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        let world = self.lock();
        world.tree.list(&world.allowed(Action::List, path)?)
    }

    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        let world = self.lock();
        let path = world.tree.follow(&world.allowed(Action::Resolve, path)?)?;
        world.tree.metadata(&path)?;
        Ok(path)
    }

    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.lock().put(path, Content::File(bytes.to_owned()))
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.write(path, bytes)
    }

    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        let mut world = self.lock();
        let path = world.allowed(Action::Create, path)?;
        let now = world.now();
        world.tree.create_dirs(&path, now)
    }

    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        let mut world = self.lock();
        let path = world.allowed(Action::Remove, path)?;
        world.tree.remove_file(&path)
    }

    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        let mut world = self.lock();
        let path = world.allowed(Action::Remove, path)?;
        world.tree.remove_dir(&path)
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        self.metadata(path).is_ok_and(|it| it.mode & 0o222 != 0)
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        self.metadata(path).map(|it| it.device).ok()
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        let world = self.lock();
        let path = world.absolute(path);
        world.on_network.iter().any(|it| path.starts_with(it))
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
        self.lock().now()
    }

    fn monotonic(&self) -> Duration {
        self.lock().elapsed
    }

    fn host(&self) -> Host {
        self.lock().host.clone()
    }
}
