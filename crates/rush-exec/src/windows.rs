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

    pub(crate) async fn sweep_all(&self) {}
}

/// A process; there is none.
pub(crate) enum LocalProcess {}

impl LocalProcess {
    pub(crate) fn start(_launch: Launch, _sweeper: &Arc<Sweeper>) -> Result<Self, PlaceError> {
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
