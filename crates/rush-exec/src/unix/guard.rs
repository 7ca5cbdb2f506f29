//! The process that outlives Rush for as long as it takes to kill what a run left.
//!
//! Whose a process is says `RUSH_RUN` in the environment it began with. What cleared its environment or belongs to
//! another user escapes; that is the documented limit. See `docs/decisions`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::pipes::{self, End, open_nothing};
use super::process_table::{self, Variables, value_of};
use super::spawn::{Belonging, Block, Blueprint, c_path, c_text, spawn};
use super::sweeper::{Kin, own_children};
use crate::options::GuardProgram;

/// When a process that does not even end when killed is given up; it hangs in the kernel.
const KILLING_MAX: Duration = Duration::from_secs(10);

/// The time between two looks; what was killed is not gone at once.
const LOOK_PAUSE: Duration = Duration::from_millis(1);

/// The guard of a run. Rush ends it when the run is over and nothing is left.
pub(crate) struct Guard {
    pid: libc::pid_t,
    /// Closed by the operating system when Rush ends, however that happens; until then it takes the directories
    /// that are to go with it.
    alive: File,
}

impl Guard {
    /// Starts the guard and does not wait until it is ready: it can only have something to do when we are gone.
    pub(crate) fn start(guard: &GuardProgram, run: &str) -> io::Result<Self> {
        let (read_end, alive) = pipes::pipe(End::Write)?;
        let nothing = open_nothing()?;
        let mut words = vec![c_path(&guard.program)?];
        for word in &guard.arguments {
            words.push(c_text(word)?);
        }
        words.push(c_text(run)?);
        let blueprint = Blueprint {
            program: c_path(&guard.program)?,
            words,
            // It must not find itself.
            environment: Block::empty(),
            directory: Some(c"/".to_owned()),
            files: [read_end.as_fd(), nothing.as_fd(), nothing.as_fd()],
            belonging: Belonging::Session,
            open_files: None,
        };
        let mut own_children = own_children();
        let child = spawn(&blueprint).map_err(|(_, error)| error)?;
        own_children.insert(child.pid, Kin::Guard);
        Ok(Self { pid: child.pid, alive: File::from(alive) })
    }

    /// Has a directory removed if Rush is killed.
    pub(crate) fn take_along(&self, directory: &Path) -> io::Result<()> {
        let mut message = directory.as_os_str().as_bytes().to_vec();
        message.push(0);
        (&self.alive).write_all(&message)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Nobody has ended the processes. The pipe closes now, so the guard does.
            return;
        }
        // SAFETY: the calls take numbers, and the guard is our unreaped child; the null pointer wants no status.
        unsafe {
            libc::kill(self.pid, libc::SIGKILL);
            libc::waitpid(self.pid, std::ptr::null_mut(), 0);
        }
        own_children().remove(&self.pid);
    }
}

/// The file of this program, also if it was replaced meanwhile.
pub(crate) fn this_program() -> Option<PathBuf> {
    if cfg!(target_os = "linux") {
        Some(PathBuf::from("/proc/self/exe"))
    } else {
        std::env::current_exe().ok()
    }
}

/// Waits until Rush is gone, kills what it left and removes the directories that it named.
pub(crate) fn serve(run: &OsStr) {
    forget_the_rest();
    let mut pipe = io::stdin().lock();
    let mut directories = Vec::new();
    // An error means that there is nobody to wait for.
    let _ = pipe.read_to_end(&mut directories);
    let begun = Instant::now();
    while kill_processes_of(run) > 0 && begun.elapsed() < KILLING_MAX {
        std::thread::sleep(LOOK_PAUSE);
    }
    // What has no end was cut off by the kill and may name anything.
    for directory in directories.split_inclusive(|it| *it == 0) {
        let Some(directory) = directory.strip_suffix(b"\0") else { continue };
        // What is gone already need not go, and there is nobody to tell of anything else.
        let _ = std::fs::remove_dir_all(OsStr::from_bytes(directory));
    }
}

/// Only the kill that nobody survives ends the guard before its time, and it keeps no file open but its own.
fn forget_the_rest() {
    // SAFETY: the calls take numbers. No file above standard error is used by this process.
    unsafe {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
            libc::signal(signal, libc::SIG_IGN);
        }
        #[cfg(target_os = "linux")]
        libc::syscall(libc::SYS_close_range, libc::STDERR_FILENO + 1, libc::c_int::MAX, 0);
    }
}

/// Kills every process of a run; returns how many there were, and how many could be of it for all that is known.
fn kill_processes_of(run: &OsStr) -> usize {
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
    let processes = entries.flatten().filter_map(|it| it.file_name().to_str()?.parse().ok());
    let me = std::process::id();
    let mut count = 0;
    for process in processes.filter(|process: &u32| *process != me) {
        match process_table::variables(process) {
            Variables::Known(it) if value_of(&it, "RUSH_RUN") == Some(run.as_bytes()) => {
                count += 1;
                // SAFETY: the call takes numbers. That the number has changed hands since is as unlikely as for
                // `kill` typed by a person.
                unsafe { libc::kill(process.cast_signed(), libc::SIGKILL) };
            }
            Variables::NotYet => count += 1,
            Variables::Known(_) | Variables::Hidden => {}
        }
    }
    count
}
