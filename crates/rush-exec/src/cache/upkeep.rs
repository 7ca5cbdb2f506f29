//! The cache as a whole: how large it is, whether it is whole, and what goes when it is too large or too old.

use std::fs::{DirEntry, Metadata};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rush_plan::Digest;
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::Entry;
use super::inner::Inner;
use super::restore;
use super::vault::{Shelf, Vault};

/// A blob that nothing refers to stays this long: its entry may be on the way.
const UNREFERENCED_AGE_MIN: Duration = Duration::from_hours(1);
/// One whose entry just went: somebody may be about to refer to it again.
const FREED_AGE_MIN: Duration = Duration::from_millis(500);
/// How often the cache is pruned without being asked.
const PRUNE_AGE_MIN: Duration = Duration::from_hours(24);
/// A temporary file this old belongs to a process that is gone.
const TEMPORARY_AGE_MIN: Duration = Duration::from_hours(24);

/// How much may be kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The size at which the least recently used entries go.
    pub size_bytes_max: u64,
    /// How long an entry stays that is not used.
    pub age_max: Duration,
}

/// What is in the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Remembered results.
    pub entries: u64,
    /// Different contents.
    pub blobs: u64,
    /// What all of it takes.
    pub size_bytes: u64,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Remembered results.
    pub entries: u64,
    /// Different contents.
    pub blobs: u64,
    /// What they took.
    pub size_bytes: u64,
}

/// What a check of everything came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// Results whose entry and contents are whole.
    pub whole: u64,
    /// The tasks whose results were damaged and are dropped.
    pub damaged: Vec<String>,
}

/// A file of the cache.
struct Item {
    name: Digest,
    size: u64,
    used: SystemTime,
}

/// Says what is in the cache.
pub fn cache_stats(dir: &Path) -> io::Result<CacheStats> {
    let vault = Vault::new(dir.to_owned());
    let (entries, blobs) = (items(&vault, Shelf::Entries)?, items(&vault, Shelf::Blobs)?);
    let size_bytes = entries.iter().chain(&blobs).map(|it| it.size).sum();
    Ok(CacheStats { entries: entries.len() as u64, blobs: blobs.len() as u64, size_bytes })
}

/// Removes everything that is ours; other processes that use the cache start anew. Nothing is touched in a directory
/// that is no cache.
pub fn clear_cache(dir: &Path) -> io::Result<Pruned> {
    let before = cache_stats(dir)?;
    let vault = Vault::new(dir.to_owned());
    if !vault.is_ours() {
        let is_empty = read(dir)?.is_empty();
        let error =
            io::Error::other("nothing in it says that Rush made it, so nothing was removed");
        return if is_empty { Ok(Pruned::default()) } else { Err(error) };
    }
    for shelf in Shelf::ALL {
        let directory = vault.shelf(shelf);
        if shelf.is_spread() {
            read(&directory)?.iter().try_for_each(|it| empty(&it.path(), shelf))?;
            // What is not ours keeps its directory.
            let _ = std::fs::remove_dir(&directory);
        } else {
            empty(&directory, shelf)?;
        }
    }
    let CacheStats { entries, blobs, size_bytes } = before;
    Ok(Pruned { entries, blobs, size_bytes })
}

/// Removes the files of a shelf from a directory, and the directory if nothing else is in it.
fn empty(directory: &Path, shelf: Shelf) -> io::Result<()> {
    for file in read(directory)? {
        let is_ours = file.file_name().to_str().is_some_and(|name| shelf.holds(name));
        if !is_ours {
            continue;
        }
        match std::fs::remove_file(file.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let _ = std::fs::remove_dir(directory);
    Ok(())
}

/// Removes what was not used for too long, then the least recently used until the rest is small enough.
pub fn prune_cache(dir: &Path, limits: &CacheLimits) -> io::Result<Pruned> {
    let vault = Vault::new(dir.to_owned());
    let mut pruned = Pruned::default();
    let mut entries = items(&vault, Shelf::Entries)?;
    entries.sort_by_key(|it| std::cmp::Reverse(it.used));
    let now = SystemTime::now();
    let mut kept: FxHashSet<Digest> = FxHashSet::default();
    let mut freed: FxHashSet<Digest> = FxHashSet::default();
    let mut size = 0_u64;
    let sizes: FxHashMap<Digest, u64> =
        items(&vault, Shelf::Blobs)?.into_iter().map(|it| (it.name, it.size)).collect();
    for item in entries {
        let needs = needs(&vault, item.name).unwrap_or_default();
        let new = needs.iter().filter(|it| !kept.contains(it)).filter_map(|it| sizes.get(it));
        let more = item.size + new.sum::<u64>();
        let is_old = age(now, item.used) > limits.age_max;
        if is_old || size + more > limits.size_bytes_max {
            vault.drop_entry(item.name);
            pruned.entries += 1;
            pruned.size_bytes += item.size;
            freed.extend(needs);
        } else {
            size += more;
            kept.extend(needs);
        }
    }
    sweep_blobs(&vault, &kept, &freed, &mut pruned)?;
    for list in items(&vault, Shelf::Paths)?.iter().filter(|it| age(now, it.used) > limits.age_max)
    {
        vault.drop_path_lists(list.name);
    }
    sweep_temporaries(&vault);
    Ok(pruned)
}

/// Checks every entry and every blob it needs; what is damaged is dropped, so that it is made again.
pub fn check_cache(dir: &Path) -> io::Result<Integrity> {
    let vault = Vault::new(dir.to_owned());
    let mut outcome = Integrity::default();
    let mut known: FxHashMap<Digest, bool> = FxHashMap::default();
    for item in items(&vault, Shelf::Entries)? {
        let bytes = std::fs::read(vault.entry_path(item.name)).unwrap_or_default();
        let Some(entry) = Entry::decode_as(item.name, &bytes) else {
            vault.drop_entry(item.name);
            outcome.damaged.push("an entry that can't be read".to_owned());
            continue;
        };
        let mut is_whole = true;
        for (blob, _) in entry.blobs() {
            let is_good = match known.get(&blob) {
                Some(is_good) => *is_good,
                None => restore::is_whole(&vault, blob)?,
            };
            known.insert(blob, is_good);
            if !is_good {
                vault.drop_blob(blob);
            }
            is_whole &= is_good;
        }
        if is_whole {
            outcome.whole += 1;
        } else {
            vault.drop_entry(item.name);
            outcome.damaged.push(format!("`{}`", entry.task));
        }
    }
    Ok(outcome)
}

impl Inner {
    /// Keeps the cache within its limits, at most once a day, and only after something was recorded.
    pub(super) fn prune_now_and_then(&self) -> io::Result<()> {
        if !self.has_fresh() {
            return Ok(());
        }
        let mark = self.vault.dir.join("pruned");
        let last = mark.metadata().and_then(|it| it.modified());
        if last.is_ok_and(|last| age(SystemTime::now(), last) < PRUNE_AGE_MIN) {
            return Ok(());
        }
        // The mark comes first: of several processes one is enough. Whoever can't write records nothing either.
        if std::fs::write(&mark, b"").is_ok() {
            self.drop_old_notes();
            prune_cache(&self.vault.dir, &self.limits)?;
        }
        Ok(())
    }
}

/// The blobs an entry needs; `None` if it is damaged.
fn needs(vault: &Vault, entry: Digest) -> Option<Vec<Digest>> {
    let entry = Entry::decode_as(entry, &std::fs::read(vault.entry_path(entry)).ok()?)?;
    Some(entry.blobs().into_iter().map(|it| it.0).collect())
}

/// Removes the blobs that nothing refers to any more.
fn sweep_blobs(
    vault: &Vault,
    kept: &FxHashSet<Digest>,
    freed: &FxHashSet<Digest>,
    pruned: &mut Pruned,
) -> io::Result<()> {
    for item in items(vault, Shelf::Blobs)?.into_iter().filter(|it| !kept.contains(&it.name)) {
        let age_min = if freed.contains(&item.name) { FREED_AGE_MIN } else { UNREFERENCED_AGE_MIN };
        // Asked again at the last moment: whoever wants a blob gives it a fresh time first.
        let used = vault.blob(item.name).metadata().and_then(|it| it.modified());
        if used.is_ok_and(|used| age(SystemTime::now(), used) >= age_min) {
            vault.drop_blob(item.name);
            pruned.blobs += 1;
            pruned.size_bytes += item.size;
        }
    }
    Ok(())
}

fn sweep_temporaries(vault: &Vault) {
    for shelf in [Shelf::Unnamed, Shelf::Locks] {
        for file in read(&vault.shelf(shelf)).unwrap_or_default() {
            let is_ours = file.file_name().to_str().is_some_and(|name| shelf.holds(name));
            let used = file.metadata().and_then(|it| it.modified());
            if is_ours && used.is_ok_and(|used| age(SystemTime::now(), used) > TEMPORARY_AGE_MIN) {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }
}

/// A time in the future, after the clock went back, is no age.
fn age(now: SystemTime, then: SystemTime) -> Duration {
    now.duration_since(then).unwrap_or_default()
}

/// The files of a shelf; one that is not there has none.
fn items(vault: &Vault, shelf: Shelf) -> io::Result<Vec<Item>> {
    let mut found = Vec::new();
    for directory in read(&vault.shelf(shelf))? {
        for file in read(&directory.path())? {
            let Some(name) = file.file_name().to_str().and_then(Digest::parse) else { continue };
            let Ok(metadata) = file.metadata() else { continue };
            found.push(item(name, &metadata));
        }
    }
    Ok(found)
}

fn item(name: Digest, metadata: &Metadata) -> Item {
    let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Item { name, size: metadata.len(), used }
}

fn read(directory: &Path) -> io::Result<Vec<DirEntry>> {
    match std::fs::read_dir(directory) {
        Ok(found) => found.collect(),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}
