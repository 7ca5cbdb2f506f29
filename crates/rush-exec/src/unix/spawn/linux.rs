//! A start on Linux: `clone` in the manner of `vfork`, which copies neither memory nor tables and gives a
//! descriptor for the end of the child at once.
//!
//! The child runs on a stack of its own in our memory while this thread waits, until it becomes its program. So it
//! may do nothing but system calls, and signals are blocked meanwhile: a handler of ours would run in it.

use std::ffi::{c_char, c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd as _, OwnedFd};
use std::sync::{Mutex, PoisonError};

use super::{Belonging, Blueprint, Stage};

/// The stack of a child before its program; a few system calls deep.
const STACK_BYTES: usize = 64 * 1024;

/// The status of a child that did not become its program; nobody sees it.
const NOT_STARTED: c_int = 127;

/// Signals that Rush, its libraries or the standard library may handle or ignore; a child begins without that.
const HANDLED: [c_int; 13] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGCHLD,
    libc::SIGCONT,
    libc::SIGTSTP,
    libc::SIGWINCH,
    libc::SIGPIPE,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGSEGV,
    libc::SIGBUS,
];

/// One stack is enough: whoever starts a child waits until it does not need it any more.
static STACK: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// A started process.
pub(in super::super) struct Child {
    pub(in super::super) pid: libc::pid_t,
    /// Becomes readable when the process has ended.
    pub(in super::super) descriptor: OwnedFd,
}

/// What the child reads, and where it says what went wrong. Memory of ours, which it shares.
struct Order {
    program: *const c_char,
    words: *const *const c_char,
    environment: *const *const c_char,
    directory: *const c_char,
    files: [c_int; 3],
    belonging: Belonging,
    open_files: Option<libc::rlimit>,
    hangup: libc::sighandler_t,
    signals: libc::sigset_t,
    failure: Option<(Stage, c_int)>,
}

/// Starts a process; it is its program when this returns.
pub(in super::super) fn spawn(blueprint: &Blueprint<'_>) -> Result<Child, (Stage, io::Error)> {
    let pointers = blueprint.words.iter().map(|word| word.as_ptr());
    let words: Vec<_> = pointers.chain([std::ptr::null()]).collect();
    let environment = blueprint.environment.pointers();
    let limit = |(soft, hard)| libc::rlimit { rlim_cur: soft, rlim_max: hard };
    let mut order = Order {
        program: blueprint.program.as_ptr(),
        words: words.as_ptr(),
        environment: environment.as_ptr(),
        directory: blueprint.directory.as_ref().map_or(std::ptr::null(), |it| it.as_ptr()),
        files: [0, 1, 2]
            .map(|index: usize| blueprint.files.get(index).map_or(-1, AsRawFd::as_raw_fd)),
        belonging: blueprint.belonging,
        open_files: blueprint.open_files.map(limit),
        hangup: super::super::signals::inherited_hangup(),
        // SAFETY: zeros are a valid set, which is overwritten before it is used.
        signals: unsafe { std::mem::zeroed() },
        failure: None,
    };
    let child = clone(&mut order).map_err(|error| (Stage::Program, error))?;
    let Some((stage, number)) = order.failure else { return Ok(child) };
    // SAFETY: the child has ended by itself, is ours and was not waited for; a null pointer wants no status.
    unsafe { libc::waitpid(child.pid, std::ptr::null_mut(), 0) };
    Err((stage, io::Error::from_raw_os_error(number)))
}

/// Makes the child and waits until it is its program or has ended.
fn clone(order: &mut Order) -> io::Result<Child> {
    let mut stack = STACK.lock().unwrap_or_else(PoisonError::into_inner);
    stack.resize(STACK_BYTES, 0);
    let mut descriptor: c_int = -1;
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    // SAFETY: the stack is ours alone while the lock is held, and `CLONE_VFORK` lets this thread go on only when
    // the child uses neither it nor the order any more. All signals are blocked, so that no handler of this program
    // runs in the child; the old set is put back afterwards, and the child blocks none.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut order.signals);
        let top = stack.as_mut_ptr().add(STACK_BYTES);
        let top = top.sub(top as usize % 16).cast();
        let argument = (&raw mut *order).cast();
        let pid = libc::clone(become_program, top, flags, argument, &raw mut descriptor);
        let error = io::Error::last_os_error();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const order.signals, std::ptr::null_mut());
        if pid < 0 {
            return Err(error);
        }
        Ok(Child { pid, descriptor: OwnedFd::from_raw_fd(descriptor) })
    }
}

/// What the child does. Only system calls: the memory is that of the parent.
extern "C" fn become_program(argument: *mut c_void) -> c_int {
    // SAFETY: it is the order of `clone`, which waits for us.
    let order = unsafe { &mut *argument.cast::<Order>() };
    // SAFETY: all pointers of the order outlive the child's use of them, and each text ends with a NUL.
    unsafe {
        if let Err(failure) = prepare(order) {
            order.failure = Some(failure);
        } else {
            libc::execve(order.program, order.words, order.environment);
            order.failure = Some((Stage::Program, *libc::__errno_location()));
        }
        libc::_exit(NOT_STARTED)
    }
}

/// # Safety
/// Runs in the child of `clone`.
unsafe fn prepare(order: &Order) -> Result<(), (Stage, c_int)> {
    let check = |stage, result: c_int| match result {
        // SAFETY: the location is that of this thread.
        -1 => Err((stage, unsafe { *libc::__errno_location() })),
        _ => Ok(()),
    };
    // SAFETY: system calls with numbers and pointers to memory of the order.
    unsafe {
        for signal in HANDLED {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGHUP, order.hangup);
        let program = Stage::Program;
        match order.belonging {
            Belonging::Group => {
                check(program, libc::setpgid(0, 0))?;
                libc::signal(libc::SIGTTIN, libc::SIG_IGN);
                libc::signal(libc::SIGTTOU, libc::SIG_IGN);
            }
            Belonging::Foreground => {
                check(program, libc::setpgid(0, 0))?;
                libc::signal(libc::SIGTTOU, libc::SIG_IGN);
                let [input, ..] = order.files;
                libc::tcsetpgrp(input, libc::getpid());
                libc::signal(libc::SIGTTOU, libc::SIG_DFL);
            }
            Belonging::Terminal => {
                check(program, libc::setsid())?;
                let [_, output, _] = order.files;
                check(program, libc::ioctl(output, libc::TIOCSCTTY, 0))?;
            }
            Belonging::Session => check(program, libc::setsid())?,
        }
        for (number, file) in (0..).zip(order.files) {
            check(program, libc::dup2(file, number))?;
        }
        if let Some(limit) = &order.open_files {
            libc::setrlimit(libc::RLIMIT_NOFILE, limit);
        }
        if !order.directory.is_null() {
            check(Stage::Directory, libc::chdir(order.directory))?;
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
    Ok(())
}
