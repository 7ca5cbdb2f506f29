//! Which file a program is, what is in it, and what the system starts in its place if it is a script.
//!
//! Programs from the search path are looked up once; those that lie in the workspace or are found by way of `bin`
//! are looked up each time, since a task may make them. What a task makes by itself and then runs is no part of what
//! decides it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rush_plan::{Digest, Interpreter};
use rustc_hash::FxHashMap;

use super::contents::{Contents, Name};
use super::depfile::short;
use super::fingerprint::Search;
use super::first_line::interpreters;
use super::listing::Patterns;
use super::stamp::Kind;
use super::vault::Vault;
use crate::local::programs_of;
use crate::os::{self, files};
use crate::program;

/// What is known of programs.
pub(crate) struct ProgramDigests {
    /// Those from the search path, by their names and that path.
    known: Mutex<FxHashMap<(String, Digest), Found>>,
    /// What the first lines of programs name, by the digests of their contents.
    first_lines: Mutex<FxHashMap<Digest, Arc<[String]>>>,
    /// Where the contents are of what is foreseen.
    vault: Vault,
}

/// The file of a program.
#[derive(Clone)]
pub(crate) struct Found {
    /// What is in it; something else if there is none.
    pub(crate) digest: Digest,
    /// It, if there is one that counts.
    pub(crate) file: Option<Name>,
    /// The programs that the system starts to run it, as its first line names them.
    pub(crate) interpreters: Arc<[String]>,
    /// Its path, if it lies in the workspace or would lie there.
    inside: Option<Name>,
}

impl ProgramDigests {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { known: Mutex::default(), first_lines: Mutex::default(), vault }
    }

    /// The file of a program. What `own` outputs match is left out of the search.
    pub(crate) fn find_outside(
        &self,
        contents: &Contents,
        name: &str,
        search: &Search<'_>,
        own: &[String],
    ) -> Found {
        let found = self.find(contents, name, search);
        let Some(path) = found.inside.as_ref().filter(|_| !own.is_empty()) else { return found };
        let own = Patterns::new(own);
        if !own.take(&String::from_utf8_lossy(path)) {
            return found;
        }
        if os::is_path(name) {
            return Found::nothing(b"made by the task", None);
        }
        let is_other = |directory: &Path| {
            let path = inside(contents, &search.directory().join(directory).join(name));
            path.is_none_or(|it| !own.take(&String::from_utf8_lossy(&it)))
        };
        self.find_now(contents, name, &search.only(is_other))
    }

    fn find(&self, contents: &Contents, name: &str, search: &Search<'_>) -> Found {
        if os::is_path(name) || !search.bin.is_empty() {
            return self.find_now(contents, name, search);
        }
        let path = files::bytes_of(&search.path);
        let key = (name.to_owned(), Digest::of("rush search path", &path));
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let found = self.find_now(contents, name, search);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        found
    }

    fn find_now(&self, contents: &Contents, name: &str, search: &Search<'_>) -> Found {
        let Some(file) = locate(contents, name, search) else {
            let spelled = os::is_path(name).then(|| search.directory().join(name));
            let inside = spelled.and_then(|it| inside(contents, &it));
            return Found::nothing(b"not found", inside);
        };
        let path = files::bytes_of(file.as_os_str());
        // By its path in the workspace where it has one, so that it is remembered once.
        let path = contents.relative(&path).unwrap_or(&path);
        let digest = contents.look_through(path);
        let interpreters = self.interpreters(contents, path, digest);
        Found { digest, file: Some(path.into()), interpreters, inside: inside(contents, &file) }
    }

    /// What the first line of a file with these contents names.
    fn interpreters(&self, contents: &Contents, path: &[u8], digest: Digest) -> Arc<[String]> {
        let known = || self.first_lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(&digest) {
            return Arc::clone(known);
        }
        let is_foreseen = contents.foreseen.at(path, &contents.root).is_some();
        let blob = is_foreseen.then(|| self.vault.blob(digest)).filter(|it| it.exists());
        let file = blob.unwrap_or_else(|| contents.tree.path(path));
        let named: Arc<[String]> = interpreters(&file).into();
        known().insert(digest, Arc::clone(&named));
        named
    }
}

impl Found {
    fn nothing(why: &[u8], inside: Option<Name>) -> Self {
        let digest = Digest::of("rush program", why);
        Self { digest, file: None, interpreters: Arc::default(), inside }
    }
}

/// The path of a file in the workspace, as far as that can be told without asking.
fn inside(contents: &Contents, file: &Path) -> Option<Name> {
    let path = short(&files::bytes_of(file.as_os_str()), &contents.root);
    (path.first() != Some(&b'/')).then(|| path.into())
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
