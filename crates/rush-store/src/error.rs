//! Why the store can't be used, in words for the person.

use camino::Utf8PathBuf;
use rusqlite::ErrorCode;

use crate::segment::LOG_BYTES_MAX;

/// Why the store can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A later Rush wrote it; nothing was touched.
    #[error("`{path}` was written by a newer Rush: its version is {found}, this one knows {known}")]
    Newer {
        /// The store.
        path: Utf8PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that this build reads.
        known: u32,
    },
    /// It is no store, or its bytes were changed.
    #[error("`{path}` is damaged: {reason}")]
    Damaged {
        /// The store.
        path: Utf8PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Other processes held it for too long.
    #[error("`{path}` is in use by other processes and did not become free")]
    Busy {
        /// The store.
        path: Utf8PathBuf,
    },
    /// The disk is full.
    #[error("`{path}` can't grow: no space is left on the disk")]
    Full {
        /// The store.
        path: Utf8PathBuf,
    },
    /// A run wrote more than is kept of one.
    #[error("`{path}` does not grow further: of one run, {} GiB of output are kept", LOG_BYTES_MAX >> 30)]
    LogLimit {
        /// The log.
        path: Utf8PathBuf,
    },
    /// The system refused.
    #[error("`{path}` can't be used: {reason}")]
    Refused {
        /// The store or one of its logs.
        path: Utf8PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl StoreError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Newer { .. } => "use the newer Rush here, or set `history = false`".to_owned(),
            Self::Damaged { path, .. } => {
                format!("move `{path}` away: a new one is begun, what ran before is forgotten")
            }
            Self::Busy { .. } => "try again when they are done".to_owned(),
            Self::Full { .. } => {
                "make room; `rush runs prune --keep 20` drops what is remembered of older runs"
                    .to_owned()
            }
            Self::LogLimit { .. } => {
                "let the task write less, or into a file of its own".to_owned()
            }
            Self::Refused { .. } => "see that the directory can be written to".to_owned(),
        }
    }

    pub(crate) fn of_io(path: impl Into<Utf8PathBuf>, error: &std::io::Error) -> Self {
        let path = path.into();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::Full { path }
            }
            _ => Self::Refused { path, reason: error.to_string() },
        }
    }

    pub(crate) fn of_sqlite(path: impl Into<Utf8PathBuf>, error: &rusqlite::Error) -> Self {
        let path = path.into();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure,
            ) => Self::Refused { path, reason: error.to_string() },
            _ => Self::Damaged { path, reason: error.to_string() },
        }
    }
}
