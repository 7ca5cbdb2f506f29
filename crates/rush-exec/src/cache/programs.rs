//! Which file a program is, and what is in it.
//!
//! Programs from the search path are looked up once; those that lie in the workspace or are found by way of `bin`
//! are looked up each time, since a task may make them.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rush_plan::{Digest, Interpreter};
use rustc_hash::FxHashMap;

use super::contents::Contents;
use super::fingerprint::Search;
use super::stamp::Kind;
use crate::local::programs_of;
use crate::os::{self, files};
use crate::program;

/// The digests of programs from the search path.
#[derive(Default)]
pub(crate) struct ProgramDigests {
    known: Mutex<FxHashMap<(String, Digest), Digest>>,
}

impl ProgramDigests {
    /// The digest of the program's file; of nothing if it is not found.
    pub(crate) fn digest(&self, contents: &Contents, name: &str, search: &Search<'_>) -> Digest {
        if os::is_path(name) || !search.bin.is_empty() {
            return find(contents, name, search);
        }
        let path = files::bytes_of(&search.path);
        let key = (name.to_owned(), Digest::of("rush search path", &path));
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *known;
        }
        let digest = find(contents, name, search);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, digest);
        digest
    }
}

fn find(contents: &Contents, name: &str, search: &Search<'_>) -> Digest {
    let Some(file) = locate(contents, name, search) else {
        return Digest::of("rush program", b"not found");
    };
    let path = files::bytes_of(file.as_os_str());
    // By its path in the workspace where it has one, so that it is remembered once.
    contents.look_through(contents.relative(&path).unwrap_or(&path))
}

fn locate(contents: &Contents, name: &str, search: &Search<'_>) -> Option<PathBuf> {
    let is_foreseen = |file: &PathBuf| {
        let sight = contents.foreseen.at(&files::bytes_of(file.as_os_str()), &contents.root);
        sight.is_some_and(|it| it.content.stamp.kind != Kind::Absent)
    };
    if os::is_path(name) {
        let file = search.directory().join(name);
        return (os::is_executable(&file) || is_foreseen(&file)).then_some(file);
    }
    let in_bin = || {
        let mut files = search.bin.iter().map(|it| PathBuf::from(it).join(name));
        files.find(|it| os::is_executable(it) || is_foreseen(it))
    };
    let names = alternatives(name);
    in_bin().or_else(|| {
        names.iter().find_map(|it| program::search(it, search.directory(), &search.path))
    })
}

/// The names an interpreter goes by, best first; any other program has one.
fn alternatives(name: &str) -> Vec<&str> {
    let interpreters = Interpreter::ALL.iter().map(|it| programs_of(*it));
    let known = interpreters.into_iter().find(|it| it.first() == Some(&name));
    known.map_or_else(|| vec![name], <[&str]>::to_vec)
}
