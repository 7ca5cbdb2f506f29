//! Answers that are remembered, so that an unchanged workspace is not compiled again.
//!
//! There are two kinds of entries. An *opening* says, for a place somebody stood in, which workspace is
//! around it, and holds all that was found out about the world to say so: files with their digests,
//! directories, absent paths. While each of these facts holds, opening the workspace again would give
//! the same, so it need not be done. An *answer* is named by the digest of an opening's facts and by what
//! was asked; what else it depended on it carries itself.
//!
//! What answers mean is not known here; `workspace.rs` asks and remembers.

mod description;
mod fact;
mod recording;
mod report;
mod store;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use rush_project::{Project, ProjectError};
use rush_semantics::kinds::PRELUDE;
use rush_system::{StateDirectory, System};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use fact::{Fact, Look};
use recording::RecordingSystem;
use store::{Key, Name, Store};

pub(crate) use description::RememberedDescription;
pub(crate) use report::RememberedReport;

/// The form of entries; another form has other names.
const FORMAT: &[u8] = b"rush memory 1";

/// The fewest facts that are worth a second thread.
const PARALLEL_MIN: usize = 256;

/// The most threads that look at facts.
const THREADS_MAX: usize = 4;

/// Which program remembers: another build may give other answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildId(Vec<u8>);

impl BuildId {
    /// The build that is a file: its version, and all that tells the file from another one.
    ///
    /// `None` if that can't be found out; then nothing is remembered.
    pub fn of_program(system: &dyn System, program: &Utf8Path, version: &str) -> Option<Self> {
        let found = system.metadata(program).ok()?;
        let stamp = format!(
            "{version} {program} {} {} {} {:?} {:?}",
            found.len, found.inode, found.device, found.modified, found.changed
        );
        Some(Self(stamp.into_bytes()))
    }

    /// A build with a name of its own.
    pub fn named(name: &str) -> Self {
        Self(name.as_bytes().to_owned())
    }
}

/// What an opening says.
#[derive(Serialize, Deserialize)]
struct Opening {
    root: String,
    package: String,
    facts: Vec<Fact>,
}

/// A workspace that was found and not opened, or was just opened: where answers about it are.
#[derive(Clone)]
pub(crate) struct Answers {
    store: Store,
    /// Of all facts of the opening, and of who remembers.
    fingerprint: Name,
}

/// Finds the workspace around a place among the remembered ones.
#[tracing::instrument(level = "info", skip_all)]
pub(crate) fn recall(
    system: &Arc<dyn System>,
    build: &BuildId,
    start: &Utf8Path,
) -> Option<(Utf8PathBuf, Answers)> {
    let key = Key::find(&**system)?;
    let name = opening_name(&**system, build, start)?;
    let here = system.canonicalize(start).ok()?;
    let recall_in = |directory: Utf8PathBuf| {
        recall_opening(&Store::new(system.clone(), directory, key.clone()), build, name)
    };
    // The state of most workspaces is in their roots, so the user's directory is the second choice.
    let inside = here.ancestors().map(|root| StateDirectory::inside(root).memory());
    let found = inside.into_iter().find_map(recall_in);
    found.or_else(|| {
        let outside = here.ancestors().filter_map(|root| StateDirectory::outside(&**system, root));
        outside.map(|it| it.memory()).find_map(recall_in)
    })
}

/// The opening of this name, if all of its facts hold.
fn recall_opening(store: &Store, build: &BuildId, name: Name) -> Option<(Utf8PathBuf, Answers)> {
    let mut opening: Opening = rmp_serde::from_slice(store.read(name)?.content()).ok()?;
    match look(store.system(), &mut opening.facts) {
        Look::Different => return None,
        Look::Same => {}
        Look::Refreshed(_) => store.write(name, &encoded(&opening)?),
    }
    let fingerprint = fingerprint(build, &opening)?;
    Some((opening.root.into(), Answers { store: store.clone(), fingerprint }))
}

/// Opens the workspace around a place, and remembers what was found out.
#[tracing::instrument(level = "info", skip_all)]
pub(crate) fn open(
    system: &Arc<dyn System>,
    build: &BuildId,
    start: &Utf8Path,
) -> Result<(Project, Option<Answers>), ProjectError> {
    // Made before anything is noted: it may be the first thing in the user's home.
    let Some(key) = Key::find_or_make(&**system) else {
        return Ok((Project::open_once(system.clone(), start)?, None));
    };
    let recording = Arc::new(RecordingSystem::new(system.clone()));
    let project = Project::open_once(recording.clone(), start)?;
    let answers = recording.finish().and_then(|facts| {
        let store = store_of(system, project.root(), key)?;
        let (root, package) = (project.root().to_string(), project.package().to_owned());
        let opening = Opening { root, package, facts };
        let fingerprint = fingerprint(build, &opening)?;
        store.write(opening_name(&**system, build, start)?, &encoded(&opening)?);
        Some(Answers { store, fingerprint })
    });
    Ok((project, answers))
}

/// Where answers about a workspace are kept; made if it is not there.
fn store_of(system: &Arc<dyn System>, root: &Utf8Path, key: Key) -> Option<Store> {
    match StateDirectory::open(&**system, root) {
        Ok(state) => Some(Store::new(system.clone(), state.memory(), key)),
        Err(error) => {
            tracing::debug!("nothing is remembered: {error}");
            None
        }
    }
}

impl Answers {
    /// The answer to a question about this workspace.
    pub(crate) fn recall<T: DeserializeOwned>(&self, question: &[u8]) -> Option<T> {
        self.recall_bytes(question, |bytes| rmp_serde::from_slice(bytes).ok())
    }

    /// Remembers an answer.
    pub(crate) fn remember(&self, question: &[u8], answer: &impl Serialize) {
        if let Some(bytes) = encoded(answer) {
            self.remember_bytes(question, &bytes);
        }
    }

    /// The answer to a question, read by whoever knows its form.
    pub(crate) fn recall_bytes<T>(
        &self,
        question: &[u8],
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let entry = self.store.read(self.name(question))?;
        read(entry.content())
    }

    /// Remembers an answer that has a form of its own.
    pub(crate) fn remember_bytes(&self, question: &[u8], answer: &[u8]) {
        self.store.write(self.name(question), answer);
    }

    fn name(&self, question: &[u8]) -> Name {
        Name::of(&[b"answer", self.fingerprint.as_bytes(), question])
    }
}

/// Bytes that can be read again; `None` would be a bug, and costs no more than that it is forgotten.
fn encoded(value: &impl Serialize) -> Option<Vec<u8>> {
    rmp_serde::to_vec(value).ok()
}

fn opening_name(system: &dyn System, build: &BuildId, start: &Utf8Path) -> Option<Name> {
    let current = system.current_dir().ok()?;
    let place = [start.as_str().as_bytes(), current.as_str().as_bytes()];
    let [start, current] = place;
    Some(Name::of(&[b"opening", FORMAT, &build.0, PRELUDE.as_bytes(), start, current]))
}

/// The digest of everything that an opened workspace is made from.
///
/// The names in directories are not part of it: they only say which files to read, and each of these is
/// a fact of its own, whether it was there or not. So a file beside the sources costs no answer.
fn fingerprint(build: &BuildId, opening: &Opening) -> Option<Name> {
    let Opening { root, package, facts } = opening;
    let read = facts.iter().filter(|it| !matches!(it.question, fact::Question::Names(_)));
    let known: Vec<_> = read.map(|it| (&it.question, it.answer)).collect();
    let known = encoded(&(root, package, known))?;
    Some(Name::of(&[FORMAT, &build.0, PRELUDE.as_bytes(), &known]))
}

/// Looks at all facts again. `Refreshed` means that some have other attributes now.
fn look(system: &dyn System, facts: &mut [Fact]) -> Look {
    let threads = match facts.len() {
        count if count < PARALLEL_MIN => 1,
        _ => (system.host().cpus as usize).clamp(1, THREADS_MAX),
    };
    if threads == 1 {
        return look_at(system, facts, &AtomicBool::new(false));
    }
    let is_over = AtomicBool::new(false);
    let share = facts.len().div_ceil(threads);
    let looks = std::thread::scope(|scope| {
        let parts = facts.chunks_mut(share);
        let spawn = |part| scope.spawn(|| look_at(system, part, &is_over));
        let handles: Vec<_> = parts.map(spawn).collect();
        // A look that panicked saw nothing.
        handles.into_iter().map(|it| it.join().unwrap_or(Look::Different)).collect::<Vec<_>>()
    });
    looks.into_iter().fold(Look::Same, |all, look| match (all, look) {
        (Look::Different, _) | (_, Look::Different) => Look::Different,
        (all @ Look::Refreshed(_), _) => all,
        (Look::Same, look) => look,
    })
}

fn look_at(system: &dyn System, facts: &mut [Fact], is_over: &AtomicBool) -> Look {
    let mut all = Look::Same;
    for fact in facts {
        match fact.look(system) {
            Look::Same => {}
            Look::Refreshed(new) => {
                *fact = new.clone();
                all = Look::Refreshed(new);
            }
            Look::Different => {
                tracing::debug!("changed: {:?}", fact.question);
                is_over.store(true, Ordering::Relaxed);
            }
        }
        if is_over.load(Ordering::Relaxed) {
            return Look::Different;
        }
    }
    all
}
