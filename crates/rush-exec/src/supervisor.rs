//! What one Rush has to know of another that keeps services up: whether there is one, and how to talk to it.
//!
//! One supervisor a workspace: whoever holds the lock. Beside the lock lie its address, in a file that names the
//! process, and the logs of its services. The file may be left by a process that was killed, so it counts only as
//! long as that very process lives. What is said is for whoever calls: one JSON value a line.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::{NodeId, RunId};
use serde::{Deserialize, Serialize};

use crate::os;

pub use crate::os::control::{Connection, Listener};

/// How much of a service's output is kept in its file; as much again in the file before it.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How much one message may take.
pub(crate) const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Where the supervisor of a workspace keeps what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisorDirectory(Utf8PathBuf);

/// How to find a supervisor that lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupervisorAddress {
    /// Its process.
    pub process: u32,
    /// When that process started; together they name it for good.
    started: Option<u64>,
    /// Where it listens.
    socket: PathBuf,
    /// The version of what it understands.
    pub version: u32,
}

/// The right to be the supervisor of a workspace, for as long as it lives.
#[derive(Debug)]
pub struct SupervisorClaim {
    listener: Listener,
    directory: SupervisorDirectory,
    /// Released by the operating system, whatever happens.
    _lock: File,
    /// Where the socket is if the workspace's own path is too long for one.
    _elsewhere: Option<tempfile::TempDir>,
}

/// Why there is no claim.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Somebody else is the supervisor.
    #[error("another Rush keeps the services of this workspace up")]
    Taken,
    /// The world refused.
    #[error("`{path}` can't be used: {source}")]
    Refused {
        /// What can't be used.
        path: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SupervisorDirectory {
    /// The version of what supervisors of this build understand.
    pub const VERSION: u32 = 2;

    /// The directory of a workspace with this state directory.
    pub fn of(state: &Utf8Path) -> Self {
        Self(state.join("services"))
    }

    /// Where the output of a service goes.
    pub fn log(&self, name: &str) -> Utf8PathBuf {
        self.0.join(format!("{name}.log"))
    }

    /// Where the supervisor itself says what went wrong.
    pub fn own_log(&self) -> Utf8PathBuf {
        self.0.join("supervisor.log")
    }

    /// Makes it, for this user alone; fine if it is there.
    pub fn create(&self) -> io::Result<()> {
        os::create_private_directory(self.0.as_std_path())
    }

    /// Returns the address of the supervisor, if one lives; a file that a dead one left is as none.
    pub fn find(&self) -> Option<SupervisorAddress> {
        let text = std::fs::read(self.0.join("supervisor.json")).ok()?;
        let address: SupervisorAddress = serde_json::from_slice(&text).ok()?;
        os::is_process(address.process, address.started).then_some(address)
    }

    /// Becomes the supervisor, unless somebody is.
    pub fn claim(&self) -> Result<SupervisorClaim, ClaimError> {
        let refused = |path: &Utf8Path| {
            let path = path.to_owned();
            move |source| ClaimError::Refused { path, source }
        };
        self.create().map_err(refused(&self.0))?;
        let lock_path = self.0.join("supervisor.lock");
        let lock = File::options().create(true).append(true).open(&lock_path);
        let lock = lock.map_err(refused(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => ClaimError::Taken,
            TryLockError::Error(error) => refused(&lock_path)(error),
        })?;
        let (socket, elsewhere) = self.socket().map_err(refused(&self.0))?;
        let listener = Listener::bind(&socket).map_err(refused(&self.0))?;
        let process = std::process::id();
        let started = os::process_started(process);
        let address = SupervisorAddress { process, started, socket, version: Self::VERSION };
        let text = serde_json::to_vec(&address)
            .expect("an address has string keys and the path was made by us");
        let path = self.0.join("supervisor.json");
        // Renamed into place: whoever reads sees all of it or nothing.
        let fresh = self.0.join("supervisor.json.new");
        let written = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, &path));
        written.map_err(refused(&path))?;
        let directory = self.clone();
        Ok(SupervisorClaim { listener, directory, _lock: lock, _elsewhere: elsewhere })
    }

    /// Where to listen; a name that a dead supervisor left is taken away.
    fn socket(&self) -> io::Result<(PathBuf, Option<tempfile::TempDir>)> {
        let near = self.0.join("supervisor.sock");
        if near.as_str().len() <= os::control::PATH_BYTES_MAX {
            match std::fs::remove_file(&near) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => return Ok((near.into_std_path_buf(), None)),
            }
        }
        let elsewhere = os::private_directory()?;
        Ok((elsewhere.path().join("supervisor.sock"), Some(elsewhere)))
    }
}

impl SupervisorClaim {
    /// Where others speak to it.
    pub fn listener(&self) -> &Listener {
        &self.listener
    }
}

impl Drop for SupervisorClaim {
    fn drop(&mut self) {
        // Should that fail, the next one recognises what is left by its process.
        let _ = std::fs::remove_file(self.directory.0.join("supervisor.json"));
        let _ = std::fs::remove_file(self.directory.0.join("supervisor.sock"));
    }
}

impl SupervisorAddress {
    /// Speaks to it.
    pub async fn connect(&self) -> io::Result<Connection> {
        Connection::open(&self.socket).await
    }
}

/// What the operating system tells of a running service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceProcess {
    /// Its first process.
    pub process: u32,
    /// The memory of all its processes.
    pub memory_bytes: u64,
}

/// Returns the processes of nodes that this very process runs, each in its run; those that can't be found are left
/// out.
pub fn service_processes(nodes: &BTreeMap<NodeId, RunId>) -> BTreeMap<NodeId, ServiceProcess> {
    os::processes_of(nodes)
}

/// The file with the output of one service. When it is full it is put aside, and what was put aside before goes.
#[derive(Debug)]
pub struct ServiceLog {
    path: Utf8PathBuf,
    file: Option<File>,
    bytes: u64,
}

impl ServiceLog {
    /// A log that begins anew.
    pub fn begin(path: Utf8PathBuf) -> io::Result<Self> {
        let file = File::create(&path)?;
        Ok(Self { path, file: Some(file), bytes: 0 })
    }

    /// The file.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Adds output. A log that can't be written any more is given up; the service goes on.
    pub fn write(&mut self, bytes: &[u8]) {
        if self.bytes >= LOG_BYTES_MAX {
            let aside = self.path.with_extension("log.1");
            let renamed = std::fs::rename(&self.path, aside);
            self.file = renamed.and_then(|()| File::create(&self.path)).ok();
            self.bytes = 0;
        }
        let Some(file) = &mut self.file else { return };
        match file.write_all(bytes) {
            Ok(()) => self.bytes += bytes.len() as u64,
            Err(_) => self.file = None,
        }
    }
}

/// Starts a program that goes on without us, its standard error in a file.
pub fn start_detached(program: &Path, words: &[String], log: &Utf8Path) -> io::Result<()> {
    let errors = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    os::start_in_own_session(&mut command)
}
