//! What the watched files hold, so that a file that was only touched is no change.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::Digest;
use rush_system::System;

use super::territory::Happened;

/// Up to which size a file is read; of longer ones size and time stand for the content.
const READ_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The bits of a mode that let somebody execute a file.
const EXECUTABLE: u32 = 0o111;

/// The contents of files by their paths, relative to the root.
pub(super) struct Contents {
    seen: BTreeMap<String, Digest>,
}

impl Contents {
    pub(super) const fn new() -> Self {
        Self { seen: BTreeMap::new() }
    }

    /// How many files are known.
    pub(super) fn count(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn knows(&self, path: &str) -> bool {
        self.seen.contains_key(path)
    }

    /// Gets to know files; of those that are known already what was seen stays.
    pub(super) fn learn<'a>(
        &mut self,
        paths: impl Iterator<Item = &'a str>,
        root: &Utf8Path,
        system: &dyn System,
    ) {
        for path in paths {
            if !self.seen.contains_key(path)
                && let Some(digest) = digest(&root.join(path), system)
            {
                self.seen.insert(path.to_owned(), digest);
            }
        }
    }

    /// Looks at a file again; `None` if it is as it was.
    pub(super) fn look(
        &mut self,
        path: &str,
        root: &Utf8Path,
        system: &dyn System,
    ) -> Option<Happened> {
        match (self.seen.get(path).copied(), digest(&root.join(path), system)) {
            (Some(before), Some(now)) if before == now => None,
            (None, None) => None,
            (before, Some(now)) => {
                self.seen.insert(path.to_owned(), now);
                Some(if before.is_some() { Happened::Changed } else { Happened::Appeared })
            }
            (Some(_), None) => {
                self.seen.remove(path);
                Some(Happened::Vanished)
            }
        }
    }

    /// The known files at a path and below it.
    pub(super) fn below(&self, path: &str) -> BTreeSet<String> {
        let inside = format!("{path}/");
        let known = self.seen.range(inside.clone()..).map(|(it, _)| it);
        known.take_while(|it| it.starts_with(&inside)).cloned().collect()
    }

    /// All known files.
    pub(super) fn all(&self) -> BTreeSet<String> {
        self.seen.keys().cloned().collect()
    }
}

fn digest(path: &Utf8PathBuf, system: &dyn System) -> Option<Digest> {
    let found = system.metadata(path).ok()?;
    if !found.is_file() {
        return None;
    }
    // Whether it can be executed counts as its content does; see the keys of results.
    let kind =
        if found.mode & EXECUTABLE != 0 { "rush watched program" } else { "rush watched file" };
    if found.len > READ_BYTES_MAX {
        let stamp = format!("{} {:?}", found.len, found.modified);
        return Some(Digest::of(kind, stamp.as_bytes()));
    }
    Some(Digest::of(kind, &system.read(path).ok()?))
}
