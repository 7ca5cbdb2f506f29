//! What the executor needs from a Unix: processes in groups, their ends and usage, signals, limits.
//!
//! Linux gives more (exact ends by descriptor, adoption of orphans); the others do with what POSIX has.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

pub(crate) mod control;
mod ends;
mod exit;
pub(crate) mod files;
pub(crate) mod guard;
pub(crate) mod jobserver;
pub(crate) mod keys;
pub(crate) mod open_files;
mod pipes;
pub(crate) mod port_holder;
mod process;
pub(crate) mod process_table;
pub(crate) mod signals;
mod spawn;
mod sweeper;
mod terminal;
#[cfg(test)]
mod tool;
mod wiring;

pub(crate) use process::LocalProcess;
pub(crate) use sweeper::Sweeper;

/// How much one argument or variable may take, with the NUL at its end.
pub(crate) const ARGUMENT_BYTES_MAX: usize =
    if cfg!(target_os = "linux") { 128 * 1024 } else { 1024 * 1024 };

/// What is left of the space for arguments to what the system itself puts there.
const ARGUMENT_BYTES_RESERVED: usize = 4096;

/// How much all arguments and variables of a process may take.
pub(crate) fn argument_bytes_total_max() -> usize {
    // Every task is held against it, and the system is asked anew by every question.
    static MAX: std::sync::LazyLock<usize> = std::sync::LazyLock::new(|| {
        let max = nix::unistd::sysconf(nix::unistd::SysconfVar::ARG_MAX).ok().flatten();
        max.map_or(128 * 1024, |max| max as usize).saturating_sub(ARGUMENT_BYTES_RESERVED)
    });
    *MAX
}

/// What stands between the entries of a search path.
pub(crate) const PATH_SEPARATOR: &str = ":";

/// Where programs are sought if nobody says so.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Whether a program is a path rather than a name to search for.
pub(crate) fn is_path(name: &str) -> bool {
    name.contains('/')
}

/// Whether a file is a program that this user may start.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.is_file() && nix::unistd::access(path, nix::unistd::AccessFlags::X_OK).is_ok()
}

/// Whether something at a path stays when whoever made it has ended: a file that is no program, a directory, or
/// a socket on which nobody listens.
pub(crate) fn is_left_file(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let Ok(found) = path.metadata() else { return false };
    if found.file_type().is_socket() {
        return std::os::unix::net::UnixStream::connect(path).is_err();
    }
    found.is_dir() || found.is_file() && !is_executable(path)
}

/// Makes a directory that only this user can enter, in the run-time directory if there is one.
pub(crate) fn private_directory() -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("rush-").permissions(std::fs::Permissions::from_mode(0o700));
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|it| Path::new(it).is_dir());
    match runtime.map(|directory| builder.tempdir_in(directory)) {
        Some(Ok(directory)) => Ok(directory),
        Some(Err(_)) | None => builder.tempdir(),
    }
}

/// Makes a directory that only this user can enter, and all that are missing above it; fine if it is there.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

pub(crate) use process_table::of_nodes as processes_of;

/// When a process started, if that can be told.
pub(crate) fn process_started(process: u32) -> Option<u64> {
    process_table::entry(process).map(|it| it.started)
}

/// Whether this very process is alive.
pub(crate) fn is_process(process: u32, started: Option<u64>) -> bool {
    match started {
        Some(started) => process_started(process) == Some(started),
        None => {
            let process = nix::unistd::Pid::from_raw(process.cast_signed());
            nix::sys::signal::kill(process, None) != Err(nix::errno::Errno::ESRCH)
        }
    }
}

/// Starts a program in a session of its own: no terminal, and no signal meant for us, reaches it.
pub(crate) fn start_in_own_session(command: &mut std::process::Command) -> io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: `setsid` is safe between fork and exec; it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(|| nix::unistd::setsid().map(drop).map_err(io::Error::from));
    }
    // Whoever adopts it reaps it; we do not live that long.
    command.spawn().map(drop)
}

/// Creates a file that only this user can read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Where the files of `limit` groups are: one directory for all processes of this user.
pub(crate) fn limits_directory() -> std::path::PathBuf {
    let user = nix::unistd::getuid();
    let runtime = std::path::PathBuf::from(format!("/run/user/{user}"));
    if runtime.is_dir() {
        runtime.join("rush").join("limits")
    } else {
        std::env::temp_dir().join(format!("rush-limits-{user}"))
    }
}

/// The C library and its version, which decide what programs do.
pub(crate) fn c_library() -> &'static str {
    static NAME: std::sync::LazyLock<String> = std::sync::LazyLock::new(c_library_now);
    &NAME
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn c_library_now() -> String {
    // SAFETY: it takes nothing and returns a text that lives as long as the program.
    let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("gnu {}", version.to_string_lossy())
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn c_library_now() -> String {
    std::env::consts::OS.to_owned()
}

/// The regular files that our own output goes to, each as device and number.
pub(crate) fn own_output() -> Vec<(u64, u64)> {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let ends = [stdout.as_fd().try_clone_to_owned(), stderr.as_fd().try_clone_to_owned()];
    let files = ends.into_iter().flatten().filter_map(|it| File::from(it).metadata().ok());
    files.filter(std::fs::Metadata::is_file).map(|it| (it.dev(), it.ino())).collect()
}
