//! The world as the editor sees it: open buffers hide what is on the disk.
//!
//! So a workspace whose file is not saved yet is found, and a file that uses an open one sees what
//! was typed there.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{DirEntry, Host, Metadata, Result, System};

/// The open buffers, by absolute path without links.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers(Arc<RwLock<BTreeMap<Utf8PathBuf, Arc<str>>>>);

impl Buffers {
    pub(crate) fn set(&self, path: &Utf8Path, text: Arc<str>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), text);
    }

    pub(crate) fn remove(&self, path: &Utf8Path) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    fn get(&self, path: &Utf8Path) -> Option<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }
}

/// A world with buffers laid over its files.
#[derive(Clone, Debug)]
pub(crate) struct BufferedSystem {
    below: Arc<dyn System>,
    buffers: Buffers,
    /// A file that reads as empty when there is none: what makes a package of a lone file's folder.
    invented: Option<Utf8PathBuf>,
}

impl BufferedSystem {
    pub(crate) const fn new(below: Arc<dyn System>, buffers: Buffers) -> Self {
        Self { below, buffers, invented: None }
    }

    /// The same world with an empty file at `path`, if there is none.
    pub(crate) fn with_invented(&self, path: Utf8PathBuf) -> Self {
        Self { invented: Some(path), ..self.clone() }
    }
}

impl System for BufferedSystem {
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        if let Some(text) = self.buffers.get(path) {
            return Ok(text.as_bytes().to_vec());
        }
        match self.below.read(path) {
            Err(error) if error.is_not_found() && self.invented.as_deref() == Some(path) => {
                Ok(Vec::new())
            }
            read => read,
        }
    }

    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        self.below.metadata(path)
    }

    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        self.below.symlink_metadata(path)
    }

    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        self.below.list_dir(path)
    }

    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        self.below.canonicalize(path)
    }

    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.below.write(path, bytes)
    }

    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.below.create_dir_all(path)
    }

    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.below.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.below.remove_dir_all(path)
    }

    fn env_var(&self, name: &str) -> Result<Option<String>> {
        self.below.env_var(name)
    }

    fn env_vars(&self) -> BTreeMap<String, String> {
        self.below.env_vars()
    }

    fn current_dir(&self) -> Result<Utf8PathBuf> {
        self.below.current_dir()
    }

    fn now(&self) -> SystemTime {
        self.below.now()
    }

    fn monotonic(&self) -> Duration {
        self.below.monotonic()
    }

    fn host(&self) -> Host {
        self.below.host()
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.below.write_unsynced(path, bytes)
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        self.below.is_writable(path)
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        self.below.is_on_network(path)
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        self.below.device(path)
    }
}
