//! Where Rush keeps what it remembers about a workspace.
//!
//! That is `.rush-state` in the root, which ignores itself in Git. Where the root can't be written to,
//! or lies on a drive of the network, where locks and shared memory can't be relied on, it is a
//! directory of the user's, named after the root. What is kept in it is not known here.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::SystemError;
use crate::system::System;

/// The file by which the directory ignores itself.
const IGNORE_FILE: &str = ".gitignore";

/// What Git leaves out of a repository: everything in the directory.
const IGNORE_ALL: &[u8] = b"*\n";

/// The directory with the state of one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDirectory {
    path: Utf8PathBuf,
}

/// Why there is no place to remember anything.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Neither the workspace nor the user's directory can be used.
    #[error("`{}` can't be used, and no home directory is set", root.join(StateDirectory::NAME))]
    NoPlace {
        /// The root of the workspace.
        root: Utf8PathBuf,
    },
    /// The world refused.
    #[error(transparent)]
    System(#[from] SystemError),
}

impl StateDirectory {
    /// The name of the directory in the root.
    pub const NAME: &str = ".rush-state";

    /// The directory of a workspace, made if it is not there. `root` is absolute and without links.
    pub fn open(system: &dyn System, root: &Utf8Path) -> Result<Self, StateError> {
        if let Some(found) = Self::find(system, root) {
            mend(system, &found.path);
            return Ok(found);
        }
        let inside = Self::inside(root);
        if !system.is_on_network(root) && fill(system, &inside.path).is_ok() {
            return Ok(inside);
        }
        let outside = Self::outside(system, root);
        let outside = outside.ok_or_else(|| StateError::NoPlace { root: root.to_owned() })?;
        fill(system, &outside.path)?;
        Ok(outside)
    }

    /// The directory of a workspace if it is there; nothing is made.
    pub fn find(system: &dyn System, root: &Utf8Path) -> Option<Self> {
        let is_usable = |it: &Self| system.is_dir(&it.path) && system.is_writable(&it.path);
        let inside = Self::inside(root);
        if is_usable(&inside) && !system.is_on_network(&inside.path) {
            return Some(inside);
        }
        Self::outside(system, root).filter(is_usable)
    }

    /// The first place where the state of a workspace may be: in its root, whether it is there or not.
    pub fn inside(root: &Utf8Path) -> Self {
        Self { path: Self::in_root(root) }
    }

    /// The second place, among the user's own files, whether it is there or not.
    pub fn outside(system: &dyn System, root: &Utf8Path) -> Option<Self> {
        let name = format!("{}-{:016x}", root.file_name().unwrap_or("root"), hash(root));
        Some(Self { path: system.state_dir()?.join("workspaces").join(name) })
    }

    /// Where the directory is in a root that can be written to.
    pub fn in_root(root: &Utf8Path) -> Utf8PathBuf {
        root.join(Self::NAME)
    }

    /// The directory itself.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// The directory for remembered answers, which may not be there yet.
    pub fn memory(&self) -> Utf8PathBuf {
        self.path.join("memory")
    }
}

/// A name for a workspace without any path in it, stable for one root on one machine.
pub fn workspace_id(root: &Utf8Path) -> String {
    format!("{:016x}", hash(root))
}

fn fill(system: &dyn System, directory: &Utf8Path) -> Result<(), SystemError> {
    let ignore = directory.join(IGNORE_FILE);
    system.create_dir_all(directory)?;
    if !system.is_file(&ignore) {
        // The disk is not waited for: nobody loses anything with it, and `mend` sees that it is whole.
        return system.write_unsynced(&ignore, IGNORE_ALL);
    }
    if system.is_writable(directory) {
        return Ok(());
    }
    let source = std::io::ErrorKind::PermissionDenied.into();
    let (action, path) = (crate::Action::Write, directory.to_owned());
    Err(SystemError::PermissionDenied { action, path, source })
}

/// Writes anew what a power cut left empty.
fn mend(system: &dyn System, directory: &Utf8Path) {
    let ignore = directory.join(IGNORE_FILE);
    if system.metadata(&ignore).is_ok_and(|it| it.is_file() && it.len == 0) {
        // Without it Git sees the directory, which is no reason to do without the directory.
        let _ = system.write_unsynced(&ignore, IGNORE_ALL);
    }
}

/// FNV-1a: stable across builds, and nobody gains by making two roots meet.
fn hash(root: &Utf8Path) -> u64 {
    root.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::StateDirectory;
    use crate::{MemorySystem, System as _};

    fn system() -> MemorySystem {
        MemorySystem::from_files([("/w/tasks.rush", "")]).with_env("HOME", "/home/ada")
    }

    /// Where the state of `/w` is opened, and that it is found there afterwards.
    fn check(system: &MemorySystem, expect: &str) {
        let root = Utf8Path::new("/w");
        assert_eq!(StateDirectory::find(system, root), None);
        let state = StateDirectory::open(system, root).unwrap();
        assert!(state.path().as_str().starts_with(expect), "{state:?}");
        assert_eq!(StateDirectory::find(system, root), Some(state.clone()));
        assert_eq!(StateDirectory::open(system, root).unwrap(), state);
        let places = [Some(StateDirectory::inside(root)), StateDirectory::outside(system, root)];
        assert!(places.contains(&Some(state.clone())));
        assert_eq!(system.read(&state.path().join(".gitignore")).unwrap(), b"*\n");
    }

    #[test]
    fn the_state_lies_in_the_workspace() {
        check(&system(), "/w/.rush-state");
    }

    #[test]
    fn a_file_that_a_power_cut_left_empty_is_written_anew() {
        let system = system();
        check(&system, "/w/.rush-state");
        let ignore = Utf8Path::new("/w/.rush-state/.gitignore");
        system.write(ignore, b"").unwrap();
        StateDirectory::open(&system, Utf8Path::new("/w")).unwrap();
        assert_eq!(system.read(ignore).unwrap(), b"*\n");
    }

    #[test]
    fn a_workspace_that_refuses_has_its_state_with_the_user() {
        let refusing = system();
        refusing.deny("/w/.rush-state");
        check(&refusing, "/home/ada/.local/state/rush/workspaces/w-");
    }

    #[test]
    fn so_has_one_on_the_network() {
        let remote = system();
        remote.put_on_network("/w");
        check(&remote, "/home/ada/.local/state/rush/workspaces/w-");
        assert!(!remote.exists(Utf8Path::new("/w/.rush-state")));
    }

    #[test]
    fn without_a_home_there_may_be_no_place() {
        let system = MemorySystem::from_files([("/w/tasks.rush", "")]);
        system.deny("/w/.rush-state");
        let error = StateDirectory::open(&system, Utf8Path::new("/w")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`/w/.rush-state` can't be used, and no home directory is set"
        );
    }
}
