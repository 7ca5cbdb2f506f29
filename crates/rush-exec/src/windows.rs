//! Windows, where running is not there yet: everything compiles, and starting says so in plain words.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;

use rush_plan::RunId;
use tokio::sync::mpsc;

use crate::local::Launch;
use crate::options::Control;
use crate::place::{Next, PlaceError, Process, Signal};

pub(crate) mod files;
pub(crate) mod guard;
pub(crate) mod jobserver;

/// How much one argument may take.
pub(crate) const ARGUMENT_BYTES_MAX: usize = 32 * 1024;

/// How much a command line may take.
pub(crate) fn argument_bytes_total_max() -> usize {
    32 * 1024
}

/// What stands between the entries of a search path.
pub(crate) const PATH_SEPARATOR: &str = ";";

/// Where programs are sought if nobody says so.
pub(crate) const DEFAULT_PATH: &str = r"C:\Windows\System32";

/// Whether a program is a path rather than a name to search for.
pub(crate) fn is_path(name: &str) -> bool {
    name.contains(['/', '\\'])
}

/// Whether a file is there; what makes it a program is its extension.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}

/// Whether something at a path stays when whoever made it has ended: a file that is no program, or a
/// directory.
pub(crate) fn is_left_file(path: &Path) -> bool {
    path.is_dir() || path.is_file() && !is_executable(path)
}

/// Open files have no limit worth raising.
pub(crate) mod open_files {
    /// Does nothing.
    pub(crate) fn make_room_for(_jobs: usize) {}
}

pub(crate) fn private_directory() -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("rush-").tempdir()
}

pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Ends what attempts leave behind; nothing starts, so nothing is left.
pub(crate) struct Sweeper;

impl Sweeper {
    pub(crate) fn new(_run: &RunId) -> Result<Self, PlaceError> {
        Err(PlaceError::new("running tasks is not supported on Windows yet"))
    }

    pub(crate) async fn sweep_all(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A process; there is none.
pub(crate) enum LocalProcess {}

impl LocalProcess {
    pub(crate) fn start(_launch: Launch<'_>, _sweeper: &Arc<Sweeper>) -> Result<Self, PlaceError> {
        Err(PlaceError::new("running tasks is not supported on Windows yet"))
    }
}

impl Process for LocalProcess {
    fn next(&mut self) -> Next<'_> {
        match *self {}
    }

    fn signal(&mut self, _signal: Signal) {
        match *self {}
    }
}

/// Turns Ctrl-C into [`Control`]s until the run no longer listens.
pub async fn forward_signals(
    control: mpsc::Sender<Control>,
    heard: impl Fn(Control) + Send,
) -> io::Result<()> {
    loop {
        tokio::signal::ctrl_c().await?;
        heard(Control::Interrupt);
        if control.send(Control::Interrupt).await.is_err() {
            return Ok(());
        }
    }
}

/// Who listens on a port is not looked for yet: no service starts.
pub(crate) mod port_holder {
    use crate::service::port::Listening;

    /// Nobody.
    pub(crate) fn find(_port: u16) -> Listening {
        Listening::Nobody
    }
}

/// Speaking to another Rush; nothing is kept up, so there is none.
pub(crate) mod control {
    use std::io;
    use std::path::Path;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    /// How long the path of a socket may be.
    pub(crate) const PATH_BYTES_MAX: usize = 100;

    /// Where a supervisor is spoken to; there is none.
    #[derive(Debug)]
    pub enum Listener {}

    /// A conversation; there is none.
    #[derive(Debug)]
    pub enum Connection {}

    fn unsupported() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "services are not supported on Windows yet")
    }

    impl Listener {
        pub(crate) fn bind(_path: &Path) -> io::Result<Self> {
            Err(unsupported())
        }

        /// Waits for somebody to speak.
        pub async fn accept(&self) -> io::Result<Connection> {
            match *self {}
        }
    }

    impl Connection {
        pub(crate) async fn open(_path: &Path) -> io::Result<Self> {
            Err(unsupported())
        }

        /// Says something.
        pub async fn send<T: Serialize + Sync>(&mut self, _value: &T) -> io::Result<()> {
            match *self {}
        }

        /// Hears something.
        pub async fn receive<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
            match *self {}
        }
    }
}

/// Makes a directory; its rights are those of the one above.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// When a process started is not known here.
pub(crate) fn process_started(_process: u32) -> Option<u64> {
    None
}

/// No process is known here.
pub(crate) fn is_process(_process: u32, _started: Option<u64>) -> bool {
    false
}

/// Programs that go on without us are not started yet.
pub(crate) fn start_in_own_session(_command: &mut std::process::Command) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "services are not supported on Windows yet"))
}

/// No service runs, so none has a process.
pub(crate) fn processes_of(
    _nodes: &std::collections::BTreeMap<rush_plan::NodeId, RunId>,
) -> std::collections::BTreeMap<rush_plan::NodeId, crate::supervisor::ServiceProcess> {
    std::collections::BTreeMap::new()
}

/// Where the files of `limit` groups are: one directory for all processes of this user.
pub(crate) fn limits_directory() -> std::path::PathBuf {
    std::env::temp_dir().join("rush").join("limits")
}

/// The C library, which decides what programs do.
pub(crate) const fn c_library() -> &'static str {
    "windows"
}

/// Single keys are not read yet.
pub(crate) mod keys {
    use std::io;

    /// The keyboard; there is none.
    pub enum Keys {}

    impl Keys {
        /// There is none.
        pub fn open() -> io::Result<Option<Self>> {
            Ok(None)
        }

        /// Waits for the next key.
        pub async fn next(&mut self) -> u8 {
            match *self {}
        }
    }

    /// Reads a line that a person types; `None` if there is nothing to read.
    pub fn read_line_while(_is_wanted: impl Fn() -> bool) -> io::Result<Option<String>> {
        let mut line = String::new();
        let count = io::stdin().read_line(&mut line)?;
        Ok((count > 0).then_some(line))
    }
}

/// The regular files that our own output goes to are not looked for.
pub(crate) fn own_output() -> Vec<(u64, u64)> {
    Vec::new()
}
