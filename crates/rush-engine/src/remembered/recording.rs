//! A [`System`] that notes what it is asked and what it answers, so that an answer of Rush can be
//! remembered together with all it depended on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{DirEntry, Host, Metadata, Result, System};

use super::fact::{self, AnswerDigest, Attributes, Fact, Question};

/// A system that takes notes until it is told to stop; from then on it only passes questions on.
#[derive(Debug)]
pub(super) struct RecordingSystem {
    inner: Arc<dyn System>,
    notes: Mutex<Notes>,
}

#[derive(Debug)]
enum Notes {
    /// What was asked so far.
    Taken(BTreeMap<Question, (AnswerDigest, Option<Attributes>)>),
    /// Something was asked that can't be asked again with the same answer, or was changed.
    Spoiled,
    /// Nothing is noted any more.
    Finished,
}

impl RecordingSystem {
    pub(super) fn new(inner: Arc<dyn System>) -> Self {
        Self { inner, notes: Mutex::new(Notes::Taken(BTreeMap::new())) }
    }

    /// Stops, and returns what was found out, sorted; `None` if that can't be remembered.
    pub(super) fn finish(&self) -> Option<Vec<Fact>> {
        let notes = std::mem::replace(&mut *self.lock(), Notes::Finished);
        let Notes::Taken(taken) = notes else { return None };
        let facts = taken.into_iter();
        let fact = |(question, (answer, attributes))| Fact { question, answer, attributes };
        Some(facts.map(fact).collect())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Notes> {
        // A note is one insertion, so a panic elsewhere leaves nothing half-done.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_finished(&self) -> bool {
        matches!(*self.lock(), Notes::Finished)
    }

    /// Notes an answer. One that is not certain, or differs from an earlier one, spoils the notes.
    fn note(
        &self,
        question: Question,
        answer: Option<AnswerDigest>,
        attributes: Option<Attributes>,
    ) {
        let mut notes = self.lock();
        let Notes::Taken(taken) = &mut *notes else { return };
        let is_sound = answer.is_some_and(|answer| {
            // The attributes of the first look stay: they are as old as the oldest answer.
            taken.entry(question).or_insert((answer, attributes)).0 == answer
        });
        if !is_sound {
            *notes = Notes::Spoiled;
        }
    }

    fn note_certain(&self, question: Question, answer: AnswerDigest) {
        self.note(question, Some(answer), None);
    }

    /// Something happened that no question can show.
    fn spoil(&self) {
        let mut notes = self.lock();
        if matches!(*notes, Notes::Taken(_)) {
            *notes = Notes::Spoiled;
        }
    }

    /// The attributes of what is about to be read, where they will be needed.
    fn attributes(&self, path: &Utf8Path) -> Option<Attributes> {
        if self.is_finished() {
            return None;
        }
        fact::trusted(fact::attributes_of(&*self.inner, path))
    }
}

impl System for RecordingSystem {
    fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        let attributes = self.attributes(path);
        let answer = self.inner.read(path);
        if !self.is_finished() {
            self.note(Question::Bytes(path.to_string()), fact::of_bytes(&answer), attributes);
        }
        answer
    }

    fn metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        let answer = self.inner.metadata(path);
        self.note(Question::Attributes(path.to_string()), fact::of_metadata(&answer), None);
        answer
    }

    fn symlink_metadata(&self, path: &Utf8Path) -> Result<Metadata> {
        let answer = self.inner.symlink_metadata(path);
        self.note(Question::LinkAttributes(path.to_string()), fact::of_metadata(&answer), None);
        answer
    }

    fn list_dir(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        let attributes = self.attributes(path);
        let answer = fact::names(&*self.inner, path);
        self.note(Question::Names(path.to_string()), fact::of_names(&answer), attributes);
        answer
    }

    fn canonicalize(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        let answer = self.inner.canonicalize(path);
        self.note(Question::RealPath(path.to_string()), fact::of_path(&answer), None);
        answer
    }

    fn write(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.spoil();
        self.inner.write(path, bytes)
    }

    fn write_unsynced(&self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.spoil();
        self.inner.write_unsynced(path, bytes)
    }

    fn create_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.spoil();
        self.inner.create_dir_all(path)
    }

    fn remove_file(&self, path: &Utf8Path) -> Result<()> {
        self.spoil();
        self.inner.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Utf8Path) -> Result<()> {
        self.spoil();
        self.inner.remove_dir_all(path)
    }

    fn env_var(&self, name: &str) -> Result<Option<String>> {
        let answer = self.inner.env_var(name);
        self.note(Question::Variable(name.to_owned()), fact::of_variable(&answer), None);
        answer
    }

    fn env_vars(&self) -> BTreeMap<String, String> {
        let answer = self.inner.env_vars();
        self.note_certain(Question::Variables, fact::of_variables(&answer));
        answer
    }

    fn current_dir(&self) -> Result<Utf8PathBuf> {
        let answer = self.inner.current_dir();
        self.note(Question::CurrentDir, fact::of_path(&answer), None);
        answer
    }

    fn now(&self) -> SystemTime {
        self.spoil();
        self.inner.now()
    }

    fn monotonic(&self) -> Duration {
        self.spoil();
        self.inner.monotonic()
    }

    fn host(&self) -> Host {
        let answer = self.inner.host();
        self.note_certain(Question::Host, fact::of_host(&answer));
        answer
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        self.kind(path).is_ok()
    }

    fn is_file(&self, path: &Utf8Path) -> bool {
        self.kind(path).is_ok_and(|it| it.is_file())
    }

    fn is_dir(&self, path: &Utf8Path) -> bool {
        self.kind(path).is_ok_and(|it| it.is_dir())
    }

    fn is_writable(&self, path: &Utf8Path) -> bool {
        let answer = self.inner.is_writable(path);
        self.note_certain(Question::IsWritable(path.to_string()), fact::of_flag(answer));
        answer
    }

    fn is_on_network(&self, path: &Utf8Path) -> bool {
        let answer = self.inner.is_on_network(path);
        self.note_certain(Question::IsOnNetwork(path.to_string()), fact::of_flag(answer));
        answer
    }

    fn device(&self, path: &Utf8Path) -> Option<u64> {
        let answer = self.inner.device(path);
        self.note_certain(Question::Device(path.to_string()), fact::of_device(answer));
        answer
    }

    fn home_dir(&self) -> Option<Utf8PathBuf> {
        self.directory(Question::Home, self.inner.home_dir())
    }

    fn config_dir(&self) -> Option<Utf8PathBuf> {
        self.directory(Question::ConfigDir, self.inner.config_dir())
    }

    fn cache_dir(&self) -> Option<Utf8PathBuf> {
        self.directory(Question::CacheDir, self.inner.cache_dir())
    }

    fn state_dir(&self) -> Option<Utf8PathBuf> {
        self.directory(Question::StateDir, self.inner.state_dir())
    }
}

impl RecordingSystem {
    /// What a path leads to: all that whoever asks may look at.
    fn kind(&self, path: &Utf8Path) -> Result<Metadata> {
        let answer = self.inner.metadata(path);
        self.note(Question::Kind(path.to_string()), fact::of_kind(&answer), None);
        answer
    }

    fn directory(&self, question: Question, answer: Option<Utf8PathBuf>) -> Option<Utf8PathBuf> {
        self.note_certain(question, fact::of_directory(answer.as_deref()));
        answer
    }
}
