//! Reads many files side by side.
//!
//! A workspace of a thousand packages is a thousand small files, and a disk that has not seen them
//! for a while answers several questions in the time of one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::Utf8PathBuf;
use rush_system::{System, SystemError};

use crate::text::Text;

/// The fewest files that are worth another thread.
const FILES_MIN: usize = 64;

/// The most threads that read.
const READERS_MAX: usize = 8;

/// How many files a thread takes at a time.
const BATCH: usize = 16;

/// What reading a file came to.
pub(crate) type Outcome = Result<Option<Text>, SystemError>;

/// Reads files, each under the name it is asked for by. Few files are not read: they are left to
/// whoever needs them.
pub(crate) fn read(
    system: &dyn System,
    files: &[(String, Utf8PathBuf)],
) -> BTreeMap<String, Outcome> {
    let readers = (files.len() / FILES_MIN).min(READERS_MAX);
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..readers {
            let reader = || read_batches(system, files, &next, &found);
            if std::thread::Builder::new().spawn_scoped(scope, reader).is_err() {
                // Whoever needs a file that was not read reads it.
                break;
            }
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn read_batches(
    system: &dyn System,
    files: &[(String, Utf8PathBuf)],
    next: &AtomicUsize,
    found: &Mutex<BTreeMap<String, Outcome>>,
) {
    loop {
        let start = next.fetch_add(BATCH, Ordering::Relaxed);
        let end = (start + BATCH).min(files.len());
        let Some(batch) = files.get(start..end).filter(|it| !it.is_empty()) else { return };
        let texts: Vec<_> =
            batch.iter().map(|(name, path)| (name.clone(), Text::read(system, path))).collect();
        found.lock().unwrap_or_else(PoisonError::into_inner).extend(texts);
    }
}

#[cfg(test)]
mod tests {
    use rush_system::MemorySystem;

    use super::{FILES_MIN, read};

    #[test]
    fn many_files_are_read_and_few_are_left() {
        let path = |at: usize| format!("/w/{at}/tasks.rush");
        let count = 3 * FILES_MIN + 1;
        let texts: Vec<_> = (0..count).map(|at| (path(at), at.to_string())).collect();
        let texts = texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let system = MemorySystem::from_files(texts);
        let files =
            |count| (0..count).map(|at| (at.to_string(), path(at).into())).collect::<Vec<_>>();

        let found = read(&system, &files(count + 1));
        assert_eq!(found.len(), count + 1);
        for at in 0..count {
            let text = found[&at.to_string()].as_ref().unwrap().as_ref().unwrap();
            assert_eq!(&*text.text, at.to_string());
        }
        assert!(found[&count.to_string()].as_ref().unwrap().is_none());
        assert!(read(&system, &files(FILES_MIN - 1)).is_empty());
    }
}
