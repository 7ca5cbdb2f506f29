//! Where Rush keeps what it remembers about a workspace.
//!
//! That is `.rush-state` in the root, which ignores itself in Git. Where the root can't be written
//! to, it is a directory of the user's, named after the root.

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{System, SystemError};

/// The directory in the root.
const NAME: &str = ".rush-state";

/// Why there is no place to remember anything.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Neither the workspace nor the user's directory can be used.
    #[error("`{}` can't be written to, and no home directory is set", root.join(NAME))]
    NoPlace {
        /// The root of the workspace.
        root: Utf8PathBuf,
    },
    /// The world refused.
    #[error(transparent)]
    System(#[from] SystemError),
}

/// The state directory in the root of a workspace, whether it is there or not.
pub fn state_dir(root: &Utf8Path) -> Utf8PathBuf {
    root.join(NAME)
}

/// Makes the state directory and returns where it is.
pub fn prepare_state_dir(system: &dyn System, root: &Utf8Path) -> Result<Utf8PathBuf, StateError> {
    let inside = state_dir(root);
    if fill(system, &inside).is_ok() {
        return Ok(inside);
    }
    let home = system.state_dir().ok_or_else(|| StateError::NoPlace { root: root.to_owned() })?;
    let outside = home.join("workspaces").join(key(root));
    fill(system, &outside)?;
    Ok(outside)
}

/// A name for a workspace without any path in it, stable for one root on one machine.
pub fn workspace_id(root: &Utf8Path) -> String {
    format!("{:016x}", hash(root))
}

fn fill(system: &dyn System, directory: &Utf8Path) -> Result<(), SystemError> {
    let ignore = directory.join(".gitignore");
    system.create_dir_all(directory)?;
    if system.is_file(&ignore) { Ok(()) } else { system.write(&ignore, b"*\n") }
}

/// A name for a root: its last part for people, and a hash of all of it.
fn key(root: &Utf8Path) -> String {
    format!("{}-{:016x}", root.file_name().unwrap_or("root"), hash(root))
}

/// FNV-1a: stable across builds, and nobody gains by making two roots meet.
fn hash(root: &Utf8Path) -> u64 {
    root.as_str().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
