//! `limit` groups: how many of a group run at the same time, in all processes of this user on this machine.
//!
//! A group of `max` has as many files, numbered, in a directory of the user; who holds the lock of one has a place.
//! The system gives the lock back when its holder ends, however it ends. The files stay, as removing one could let
//! two holders in. Where no directory can be made, the limit holds within this process only, and that is told.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::path::PathBuf;

/// The places this process has and the files behind them.
pub(crate) struct LimitGroups {
    directory: Option<PathBuf>,
    taken: HashMap<String, u64>,
    problem: Option<String>,
}

/// A place in a group.
pub(crate) struct Place {
    group: String,
    /// Holds the lock by being open.
    lock: Option<File>,
}

impl LimitGroups {
    /// Groups whose files are in this directory; `None` means within this process only.
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, taken: HashMap::new(), problem: None }
    }

    /// Takes a place if one of `max` is free.
    pub(crate) fn try_enter(&mut self, group: &str, max: u64) -> Option<Place> {
        if self.taken.get(group).copied().unwrap_or(0) >= max {
            return None;
        }
        let lock = match self.directory.clone() {
            None => None,
            Some(directory) => match lock_one(&directory.join(file_name(group)), max) {
                Ok(Some(file)) => Some(file),
                Ok(None) => return None,
                Err(error) => {
                    self.problem.get_or_insert_with(|| {
                        let directory = directory.display();
                        format!(
                            "`limit` groups hold in this run only: `{directory}` can't be used: {error}"
                        )
                    });
                    self.directory = None;
                    None
                }
            },
        };
        *self.taken.entry(group.to_owned()).or_default() += 1;
        Some(Place { group: group.to_owned(), lock })
    }

    /// Gives a place back.
    pub(crate) fn leave(&mut self, place: Place) {
        let Place { group, lock } = place;
        drop(lock);
        if let Some(taken) = self.taken.get_mut(&group) {
            *taken -= 1;
        }
    }

    /// What the person should know about the files, once.
    pub(crate) fn take_problem(&mut self) -> Option<String> {
        self.problem.take()
    }
}

/// Locks one of the first `max` files of a group; `None` if others have them all.
fn lock_one(directory: &std::path::Path, max: u64) -> std::io::Result<Option<File>> {
    crate::os::create_private_directory(directory)?;
    for number in 0..max {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(number.to_string()))?;
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => {}
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// A name that any file system takes and that no two groups share.
fn file_name(group: &str) -> String {
    let mut name = String::new();
    for byte in group.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(byte as char);
        } else {
            name.push_str(&format!("_{byte:02x}"));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(first: &mut LimitGroups, second: &mut LimitGroups, max: u64, expect: [bool; 2]) {
        let place = first.try_enter("db", max);
        let other = second.try_enter("db", max);
        assert_eq!([place.is_some(), other.is_some()], expect, "max {max}");
        for (groups, place) in [(first, place), (second, other)] {
            if let Some(place) = place {
                groups.leave(place);
            }
        }
    }

    #[test]
    fn a_place_counts_for_everybody_who_uses_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let groups = || LimitGroups::new(Some(directory.path().join("limits")));
        let (mut first, mut second) = (groups(), groups());
        check(&mut first, &mut second, 1, [true, false]);
        check(&mut second, &mut first, 1, [true, false]);
        check(&mut first, &mut second, 2, [true, true]);
        let mut alone = LimitGroups::new(None);
        check(&mut first, &mut alone, 1, [true, true]);
        let (one, other) = (first.try_enter("a b", 1), second.try_enter("a/b", 1));
        assert!(one.is_some() && other.is_some(), "names are told apart");
    }

    #[test]
    fn the_place_of_a_killed_holder_is_free() {
        use std::io::{BufRead as _, BufReader};
        use std::process::{Command, Stdio};
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("db")).unwrap();
        let holder = "exec 9>db/0; flock -n 9 && echo held; exec cat";
        let holder = Command::new("sh")
            .args(["-c", holder])
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        // Where there is no such shell, another process can't be made to hold a place.
        let Ok(mut holder) = holder else { return };
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        let mut groups = LimitGroups::new(Some(directory.path().to_owned()));
        assert!(groups.try_enter("db", 1).is_none());
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert!(groups.try_enter("db", 1).is_some());
    }

    #[test]
    fn where_no_file_can_be_made_the_limit_still_holds_here_and_that_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        let mut groups = LimitGroups::new(Some(file.join("limits")));
        let place = groups.try_enter("db", 1);
        assert!(place.is_some() && groups.try_enter("db", 1).is_none());
        assert!(groups.take_problem().unwrap().contains("hold in this run only"));
        assert_eq!(groups.take_problem(), None);
    }
}
