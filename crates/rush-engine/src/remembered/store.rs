//! Entries in files: named by what was asked, sealed with a key of the user's, bounded in number and size.
//!
//! The seal tells a whole entry from a damaged one, and one that this user's Rush wrote from one that
//! came with a checkout: a remembered plan says what will be run, so it is taken from nobody else. What
//! can't be written is not remembered, and nobody is told but the log.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{System, SystemError};

/// How many entries a workspace has at most.
pub(super) const ENTRIES_MAX: usize = 512;

/// How large the entries of a workspace may be together.
pub(super) const BYTES_MAX: u64 = 128 << 20;

/// How large one entry may be.
pub(super) const ENTRY_BYTES_MAX: usize = 32 << 20;

/// An entry that is used and older than this is written again, so that it counts as recently used.
const FRESH_FOR: Duration = Duration::from_hours(24);

/// The file with the user's key, beside the states of workspaces.
const KEY_FILE: &str = "memory.key";

const KEY_BYTES: usize = 32;
const SEAL_BYTES: usize = 32;

/// The user's key.
#[derive(Clone)]
pub(super) struct Key([u8; KEY_BYTES]);

/// What an entry is called: a digest of all that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name([u8; 32]);

/// A directory of entries.
#[derive(Clone)]
pub(super) struct Store {
    system: Arc<dyn System>,
    directory: Utf8PathBuf,
    key: Key,
}

impl Key {
    /// The key, if the user has one.
    pub(super) fn find(system: &dyn System) -> Option<Self> {
        let bytes = system.read(&Self::path(system)?).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The key, made if there is none.
    pub(super) fn find_or_make(system: &dyn System) -> Option<Self> {
        if let Some(key) = Self::find(system) {
            return Some(key);
        }
        let path = Self::path(system)?;
        let made = system.create_dir_all(path.parent()?);
        if let Err(error) = made.and_then(|()| system.write(&path, &random())) {
            tracing::debug!("no key for remembered answers: {error}");
            return None;
        }
        // Another process may have made one at the same time; the last one written is the key.
        Self::find(system)
    }

    fn path(system: &dyn System) -> Option<Utf8PathBuf> {
        Some(system.state_dir()?.join(KEY_FILE))
    }
}

/// Bytes nobody can guess: the standard library asks the system for them to seed its hash tables.
fn random() -> [u8; KEY_BYTES] {
    let mut pool = blake3::Hasher::new();
    for round in 0..8_u64 {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(round);
        pool.update(&hasher.finish().to_le_bytes());
    }
    *pool.finalize().as_bytes()
}

impl Name {
    /// The name for these parts, told apart by their lengths.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut out = blake3::Hasher::new();
        for part in parts {
            out.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        Self(*out.finalize().as_bytes())
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn file(&self, directory: &Utf8Path) -> Utf8PathBuf {
        directory.join(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl Store {
    /// The entries in a directory, which need not be there.
    pub(super) const fn new(system: Arc<dyn System>, directory: Utf8PathBuf, key: Key) -> Self {
        Self { system, directory, key }
    }

    /// Where the entries are.
    pub(super) fn system(&self) -> &dyn System {
        &*self.system
    }

    /// An entry, if it is there and whole.
    pub(super) fn read(&self, name: Name) -> Option<Entry> {
        let path = name.file(&self.directory);
        let bytes = self.system.read(&path).ok()?;
        let (seal, content) = bytes.split_at_checked(SEAL_BYTES)?;
        if self.seal(name, content) != *seal {
            tracing::debug!("`{path}` is no entry of this user, or is damaged");
            return None;
        }
        let entry = Entry { bytes };
        self.keep_fresh(&path, &entry);
        Some(entry)
    }

    /// Writes an entry, in place of an older one of the same name.
    pub(super) fn write(&self, name: Name, content: &[u8]) {
        if content.len() > ENTRY_BYTES_MAX {
            tracing::debug!("an answer of {} bytes is too large to be remembered", content.len());
            return;
        }
        let mut bytes = Vec::with_capacity(SEAL_BYTES + content.len());
        bytes.extend_from_slice(self.seal(name, content).as_bytes());
        bytes.extend_from_slice(content);
        let path = name.file(&self.directory);
        let written = self.system.create_dir_all(&self.directory);
        match written.and_then(|()| self.system.write_unsynced(&path, &bytes)) {
            Ok(()) => self.make_room(&path),
            Err(error) => tracing::debug!("an answer is not remembered: {error}"),
        }
    }

    fn seal(&self, name: Name, content: &[u8]) -> blake3::Hash {
        let mut out = blake3::Hasher::new_keyed(&self.key.0);
        out.update(name.as_bytes()).update(content);
        out.finalize()
    }

    fn keep_fresh(&self, path: &Utf8Path, entry: &Entry) {
        let Ok(found) = self.system.metadata(path) else { return };
        let age = self.system.now().duration_since(found.modified);
        if age.is_ok_and(|it| it > FRESH_FOR) {
            let written = self.system.write_unsynced(path, &entry.bytes);
            if let Err(error) = written {
                tracing::debug!("an entry could not be refreshed: {error}");
            }
        }
    }

    /// Drops what was used least recently when there is too much, but not what was just written.
    fn make_room(&self, written: &Utf8Path) {
        let Ok(mut files) = self.files() else { return };
        let mut bytes: u64 = files.iter().map(|it| it.bytes).sum();
        let mut count = files.len();
        if count <= ENTRIES_MAX && bytes <= BYTES_MAX {
            return;
        }
        files.sort_by_key(|it| it.modified);
        for file in files.iter().filter(|it| it.path != written) {
            // More than has to go goes, so that not every write has to make room.
            if count <= ENTRIES_MAX / 4 * 3 && bytes <= BYTES_MAX / 4 * 3 {
                return;
            }
            // Another process may have removed it already.
            let _ = self.system.remove_file(&file.path);
            count -= 1;
            bytes -= file.bytes;
        }
    }

    fn files(&self) -> Result<Vec<StoredFile>, SystemError> {
        let entries = self.system.list_dir(&self.directory)?;
        let files = entries.into_iter().filter_map(|entry| {
            let path = self.directory.join(entry.name);
            let found = self.system.symlink_metadata(&path).ok()?;
            Some(StoredFile { path, bytes: found.len, modified: found.modified })
        });
        Ok(files.collect())
    }
}

struct StoredFile {
    path: Utf8PathBuf,
    bytes: u64,
    modified: SystemTime,
}

/// An entry that is whole.
pub(super) struct Entry {
    bytes: Vec<u8>,
}

impl Entry {
    pub(super) fn content(&self) -> &[u8] {
        self.bytes.get(SEAL_BYTES..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rush_system::MemorySystem;

    use super::*;

    fn name(at: usize) -> Name {
        Name::of(&[&at.to_le_bytes()])
    }

    fn store() -> Store {
        let system: Arc<dyn System> = Arc::new(MemorySystem::new().with_env("HOME", "/home/ada"));
        let key = Key::find_or_make(&*system).unwrap();
        Store::new(system, "/w/.rush-state/memory".into(), key)
    }

    #[test]
    fn entries_are_bounded_in_number_and_the_last_one_stays() {
        let store = store();
        store.system.create_dir_all(&store.directory).unwrap();
        for at in 0..ENTRIES_MAX {
            let path = name(at).file(&store.directory);
            store.system.write(&path, b"an older answer").unwrap();
        }
        let last = name(ENTRIES_MAX);
        store.write(last, b"answer");
        assert!(store.read(last).is_some(), "what was just written is there");
        let left = store.files().unwrap().len();
        assert!((ENTRIES_MAX / 2..ENTRIES_MAX).contains(&left), "{left} are left");
    }

    #[test]
    fn entries_are_bounded_in_size() {
        let store = store();
        let large = vec![0; ENTRY_BYTES_MAX];
        for at in 0..8 {
            store.write(name(at), &large);
            let bytes: u64 = store.files().unwrap().iter().map(|it| it.bytes).sum();
            assert!(bytes <= BYTES_MAX, "{bytes}");
        }
        store.write(name(9), &vec![0; ENTRY_BYTES_MAX + 1]);
        assert!(store.read(name(9)).is_none(), "one that is too large is not kept");
        assert!(store.read(name(7)).is_some());
    }
}
