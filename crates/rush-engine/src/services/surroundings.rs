//! The world as somebody else's process sees it: the same machine, another environment.
//!
//! A supervisor starts services for whoever asks, so variables are those of the one who asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{DirEntry, Host, Metadata, Result, System};

/// A world with an environment of its own.
#[derive(Debug)]
pub(super) struct Surroundings {
    base: Arc<dyn System>,
    environment: BTreeMap<String, String>,
}

impl Surroundings {
    pub(super) fn new(base: Arc<dyn System>, environment: BTreeMap<String, String>) -> Self {
        Self { base, environment }
    }
}

impl System for Surroundings {
    fn env_var(&self, name: &str) -> Result<Option<String>> {
        Ok(self.environment.get(name).cloned())
    }

    fn env_vars(&self) -> BTreeMap<String, String> {
        self.environment.clone()
    }

    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        self.base.read(path)
    }

    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        self.base.metadata(path)
    }

    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        self.base.symlink_metadata(path)
    }

    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        self.base.list_dir(path)
    }

    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        self.base.canonicalize(path)
    }

    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.base.write(path, bytes)
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.base.write_unsynced(path, bytes)
    }

    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.base.create_dir_all(path)
    }

    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.base.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.base.remove_dir_all(path)
    }

    fn current_dir(&self) -> Result<Utf8PathBuf> {
        self.base.current_dir()
    }

    fn now(&self) -> SystemTime {
        self.base.now()
    }

    fn monotonic(&self) -> Duration {
        self.base.monotonic()
    }

    fn host(&self) -> Host {
        self.base.host()
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        self.base.is_writable(path)
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        self.base.is_on_network(path)
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        self.base.device(path)
    }
}
