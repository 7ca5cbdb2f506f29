//! A start through the standard library, which takes `posix_spawn` where nothing has to run in the child.

use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::{Belonging, Blueprint, Stage};

/// A started process.
pub(in super::super) struct Child {
    pub(in super::super) pid: libc::pid_t,
}

/// Starts a process; it is its program when this returns.
pub(in super::super) fn spawn(blueprint: &Blueprint<'_>) -> Result<Child, (Stage, io::Error)> {
    let mut command = Command::new(OsStr::from_bytes(blueprint.program.as_bytes()));
    let mut words = blueprint.words.iter().map(|word| OsStr::from_bytes(word.as_bytes()));
    if let Some(name) = words.next() {
        command.arg0(name);
    }
    command.args(words).env_clear();
    for text in blueprint.environment.texts() {
        if let Some(end) = memchr::memchr(b'=', text) {
            let (name, value) = text.split_at(end);
            let value = value.get(1..).unwrap_or_default();
            command.env(OsStr::from_bytes(name), OsStr::from_bytes(value));
        }
    }
    if let Some(directory) = &blueprint.directory {
        let directory = OsStr::from_bytes(directory.as_bytes());
        if !std::path::Path::new(directory).is_dir() {
            return Err((Stage::Directory, io::Error::from_raw_os_error(libc::ENOENT)));
        }
        command.current_dir(directory);
    }
    let started = (|| {
        let [input, output, errors] = blueprint.files;
        let own = |file: std::os::fd::BorrowedFd<'_>| file.as_fd().try_clone_to_owned();
        command.stdin(Stdio::from(own(input)?));
        command.stdout(Stdio::from(own(output)?)).stderr(Stdio::from(own(errors)?));
        settle(&mut command, blueprint);
        command.spawn()
    })();
    let child = started.map_err(|error| (Stage::Program, error))?;
    Ok(Child { pid: child.id().cast_signed() })
}

/// Puts the child where it belongs.
fn settle(command: &mut Command, blueprint: &Blueprint<'_>) {
    let belonging = blueprint.belonging;
    let limit = blueprint.open_files;
    if belonging == Belonging::Group {
        command.process_group(0);
        if limit.is_none() {
            return;
        }
    }
    let prepare = move || {
        // SAFETY: system calls with numbers, and one with a pointer to a local.
        unsafe {
            match belonging {
                Belonging::Group => {}
                Belonging::Foreground => {
                    libc::setpgid(0, 0);
                    libc::signal(libc::SIGTTOU, libc::SIG_IGN);
                    libc::tcsetpgrp(0, libc::getpid());
                    libc::signal(libc::SIGTTOU, libc::SIG_DFL);
                }
                Belonging::Terminal => {
                    libc::setsid();
                    libc::ioctl(1, libc::TIOCSCTTY.into(), 0);
                }
                Belonging::Session => {
                    libc::setsid();
                }
            }
            if let Some((soft, hard)) = limit {
                let limit = libc::rlimit { rlim_cur: soft, rlim_max: hard };
                libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
            }
        }
        Ok(())
    };
    // SAFETY: the closure allocates nothing and takes no lock.
    unsafe { command.pre_exec(prepare) };
}
