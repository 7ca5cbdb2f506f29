//! The table of a workspace, read while something else is found out: usually the plan, without which nothing is asked
//! of it.

use std::thread::{self, JoinHandle};

use camino::{Utf8Path, Utf8PathBuf};

use super::stamp::Stamp;
use super::table::Table;

/// A table that is being read, or will be.
#[derive(Debug, Default)]
pub struct TableAhead(State);

#[derive(Debug, Default)]
enum State {
    /// There is none, and it is as good as an empty one.
    #[default]
    Nowhere,
    /// It is read when it is asked for.
    At(Utf8PathBuf),
    /// Another thread reads it.
    Reading(Utf8PathBuf, JoinHandle<Loaded>),
}

/// The table, and what tells later whether the file is still the one that was read.
type Loaded = (Table, Option<Stamp>);

/// A table that was read.
#[derive(Debug)]
pub struct TableRead {
    path: Option<Utf8PathBuf>,
    pub(super) table: Table,
    /// What tells later whether the file is still the one that was read.
    pub(super) stamp: Option<Stamp>,
}

impl TableAhead {
    /// The table in this file, to be read when it is asked for.
    pub const fn at(path: Utf8PathBuf) -> Self {
        Self(State::At(path))
    }

    /// Begins to read the table in this file.
    pub fn begin(path: Utf8PathBuf) -> Self {
        let file = path.clone();
        let load = move || Table::load_stamped(file.as_std_path());
        match thread::Builder::new().name("table".to_owned()).spawn(load) {
            Ok(reading) => Self(State::Reading(path, reading)),
            Err(_) => Self::at(path),
        }
    }

    /// The file.
    pub fn path(&self) -> Option<&Utf8Path> {
        match &self.0 {
            State::Nowhere => None,
            State::At(path) | State::Reading(path, _) => Some(path),
        }
    }

    /// Waits for the table.
    pub fn finish(self) -> TableRead {
        let path = self.path().map(Utf8Path::to_owned);
        let (table, stamp) = match self.0 {
            State::Nowhere => Loaded::default(),
            State::At(path) => Table::load_stamped(path.as_std_path()),
            State::Reading(path, reading) => {
                reading.join().unwrap_or_else(|_| Table::load_stamped(path.as_std_path()))
            }
        };
        TableRead { path, table, stamp }
    }
}

impl TableRead {
    /// The file.
    pub fn path(&self) -> Option<&Utf8Path> {
        self.path.as_deref()
    }
}
