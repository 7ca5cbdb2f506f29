//! The store of one workspace: a database beside the logs of its runs.
//!
//! Many processes use it at once. Each writes in short transactions that take the lock first, so none of them ever
//! has to give up half-way; readers see the last commit and hinder nobody.

use std::fs::{self, File};
use std::io::Read as _;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::StoreError;

/// The steps from an empty database to the present form; the number of those done is its version.
const MIGRATIONS: [&str; 2] = [include_str!("schema/0001.sql"), include_str!("schema/0002.sql")];

/// Marks the database as ours.
const APPLICATION_ID: i64 = 0x5275_7368;

/// How long to wait while other processes write.
const BUSY: Duration = Duration::from_secs(30);

/// The size to which the write-ahead log is cut back.
const WAL_BYTES_MAX: i64 = 8 << 20;

/// The store of one workspace.
#[derive(Debug)]
pub struct Store {
    pub(crate) directory: Utf8PathBuf,
    pub(crate) path: Utf8PathBuf,
    pub(crate) connection: Connection,
}

impl Store {
    /// The version of the store that this build writes.
    pub const VERSION: u32 = MIGRATIONS.len() as u32;

    /// Opens the store in a state directory, making it if it is not there.
    pub fn open(directory: &Utf8Path) -> Result<Self, StoreError> {
        let path = directory.join("runs.db");
        refuse_newer(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags)
            .map_err(|error| StoreError::of_sqlite(&path, &error))?;
        let mut store = Self { directory: directory.to_owned(), path, connection };
        match store.prepare() {
            Ok(Prepared::Done) => Ok(store),
            Ok(Prepared::Newer(found)) => {
                Err(StoreError::Newer { path: store.path, found, known: Self::VERSION })
            }
            Err(error) => Err(StoreError::of_sqlite(store.path, &error)),
        }
    }

    /// Opens the store in a state directory if there is one; nothing is made.
    pub fn find(directory: &Utf8Path) -> Result<Option<Self>, StoreError> {
        if fs::symlink_metadata(directory.join("runs.db")).is_err() {
            return Ok(None);
        }
        Self::open(directory).map(Some)
    }

    /// The file with the database.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Reads the whole database for damage; slow.
    pub fn verify(&self) -> Result<(), StoreError> {
        let verdict: Result<String, _> =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        match verdict {
            Ok(verdict) if verdict == "ok" => Ok(()),
            Ok(reason) => Err(StoreError::Damaged { path: self.path.clone(), reason }),
            Err(error) => Err(self.failed(&error)),
        }
    }

    pub(crate) fn failed(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of_sqlite(&self.path, error)
    }

    fn prepare(&mut self) -> rusqlite::Result<Prepared> {
        let connection = &mut self.connection;
        connection.busy_timeout(BUSY)?;
        let version = version(connection)?;
        if version > Self::VERSION {
            return Ok(Prepared::Newer(version));
        }
        if version < Self::VERSION {
            begin_wal(connection)?;
            migrate(connection)?;
        }
        // A crash of Rush loses nothing, a power cut what the system had not written yet; the database stays sound.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "journal_size_limit", WAL_BYTES_MAX)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // The last to close would wait for the disk at the end of every run.
        let keep_wal = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        connection.set_db_config(keep_wal, true)?;
        Ok(Prepared::Done)
    }
}

enum Prepared {
    Done,
    Newer(u32),
}

/// Looks at the version in the file itself, so that a newer store is not even opened.
fn refuse_newer(path: &Utf8Path) -> Result<(), StoreError> {
    let mut head = [0; 100];
    let Ok(mut file) = File::open(path) else { return Ok(()) };
    if file.read_exact(&mut head).is_err() || !head.starts_with(b"SQLite format 3\0") {
        // A new file is empty; what else is wrong the database says itself.
        return Ok(());
    }
    let found =
        head.get(60..64).and_then(|it| it.first_chunk()).map_or(0, |it| u32::from_be_bytes(*it));
    if found > Store::VERSION {
        let path = path.to_owned();
        return Err(StoreError::Newer { path, found, known: Store::VERSION });
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Readers and the writer must not hinder each other. The change needs the database alone, for which the wait for a
/// busy database does not always hold, so it is tried again.
fn begin_wal(connection: &Connection) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut left = BUSY.as_millis() / PAUSE.as_millis();
    loop {
        let changed = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))
            .map(|_| ());
        match changed {
            Err(error) if is_busy(&error) && left > 0 => {
                left -= 1;
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}

/// Takes the steps that are missing, all or none.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let done = version(&transaction)?;
    for step in MIGRATIONS.iter().skip(done as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", Store::VERSION.max(done))?;
    transaction.commit()
}
