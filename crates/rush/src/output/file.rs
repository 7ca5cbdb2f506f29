//! A file that a flag names: `--out`, `--report`, `--trace`.
//!
//! All of them are treated alike: directories that are missing are made, and whether the file can be
//! written is found out before anything runs, not after it.

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{System, SystemError};

use crate::context::Context;
use crate::failure::Failure;

/// A file that is going to be written.
#[derive(Debug)]
pub(crate) struct Destination {
    flag: &'static str,
    path: Utf8PathBuf,
}

impl Destination {
    /// Makes ready for what `flag` names. `typed` counts from where the program starts.
    pub(crate) fn prepare(
        ctx: &Context,
        flag: &'static str,
        typed: &Utf8Path,
    ) -> Result<Self, Failure> {
        let it = Self { flag, path: ctx.absolute(typed)? };
        it.check(&*ctx.system)?;
        Ok(it)
    }

    /// Writes the file.
    pub(crate) fn write(&self, system: &dyn System, bytes: &[u8]) -> Result<(), Failure> {
        system.write(&self.path, bytes).map_err(|error| self.refused(&error))
    }

    fn check(&self, system: &dyn System) -> Result<(), Failure> {
        if system.is_dir(&self.path) {
            return Err(self.refused(&SystemError::IsADirectory { path: self.path.clone() }));
        }
        let directory = self.path.parent().unwrap_or(&self.path);
        system.create_dir_all(directory).map_err(|error| self.refused(&error))?;
        // A file that is there can be written by itself, as `/dev/null` can.
        let target = if system.exists(&self.path) { &self.path } else { directory };
        if system.is_writable(target) {
            return Ok(());
        }
        Err(self.told(&format!("no permission to write to `{target}`")))
    }

    fn refused(&self, error: &SystemError) -> Failure {
        self.told(&error.to_string())
    }

    fn told(&self, why: &str) -> Failure {
        let Self { flag, path } = self;
        Failure::refused(format!("`{flag}` can't write `{path}`: {why}"))
            .help("name a file in a directory that you may write to; missing directories are made")
    }
}
