//! The note of what attempts of a node read and made since its last result here, which lies beside the table.
//!
//! It does not know what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rush_plan::Digest;

use super::codec::{Reader, Writer, unseal};
use super::contents::{Content, Name};
use super::entry::nothing_made;
use super::stamp::Stamp;
use super::table::{CONDITION, read_content, write_content};

const MAGIC: &str = "rush left 2\n";

/// What attempts of a node read and made since its last result here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// The entry of that result: once there is another one, this is of no use.
    pub(super) after: Option<Digest>,
    /// What decided the attempts beside files, see [`super::fingerprint::Facts::shape`]; `None` if there were none.
    pub(super) shape: Option<Digest>,
    /// Whether the files of that result are gone.
    pub(super) is_cleared: bool,
    pub(super) inputs: BTreeSet<Name>,
    /// What they made, as it was when they ended.
    pub(super) outputs: BTreeMap<Name, Stamp>,
}

impl Left {
    /// After all that is known to be made was removed.
    pub(super) fn cleared(self) -> Self {
        Self { after: self.after, is_cleared: true, ..Self::default() }
    }

    /// Together with what was left before.
    pub(super) fn with(self, before: Self) -> Self {
        Self {
            shape: self.shape.or(before.shape),
            is_cleared: true,
            inputs: self.inputs.into_iter().chain(before.inputs).collect(),
            outputs: before.outputs.into_iter().chain(self.outputs).collect(),
            ..before
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(unseal(bytes, MAGIC)?);
        let (after, shape) = (reader.digest()?, reader.digest()?);
        let is_cleared = reader.byte()? != 0;
        let inputs = reader.list(|it| it.bytes().map(Name::from))?;
        let output = |it: &mut Reader<'_>| Some((Name::from(it.bytes()?), read_content(it)?.stamp));
        let outputs = reader.list(output)?;
        Some(Self {
            after: Some(after).filter(|it| *it != nothing_made()),
            shape: Some(shape).filter(|it| *it != nothing_made()),
            is_cleared,
            inputs: inputs.into_iter().collect(),
            outputs: outputs.into_iter().collect(),
        })
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut writer = Writer::default();
        writer.digest(self.after.unwrap_or_else(nothing_made));
        writer.digest(self.shape.unwrap_or_else(nothing_made));
        writer.byte(u8::from(self.is_cleared));
        writer.count(self.inputs.len());
        self.inputs.iter().for_each(|it| writer.bytes(it));
        writer.count(self.outputs.len());
        for (name, stamp) in &self.outputs {
            writer.bytes(name);
            let content = Content { stamp: *stamp, digest: CONDITION, is_settled: true };
            write_content(&mut writer, &content);
        }
        let directory = path.parent().unwrap_or(path);
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        io::Write::write_all(&mut file, &writer.sealed(MAGIC))?;
        file.persist(path).map_err(|it| it.error)?;
        Ok(())
    }
}

/// Removes the notes in a directory that nobody wrote for so long.
pub(super) fn drop_old(directory: &Path, age_max: Duration) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let written = entry.metadata().and_then(|it| it.modified());
        let age = written.map(|it| SystemTime::now().duration_since(it).unwrap_or_default());
        if age.is_ok_and(|age| age > age_max) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_note_says_what_was_noted_and_goes_when_it_is_old() {
        let directory = tempfile::tempdir().unwrap();
        let left = Left {
            after: Some(Digest::of("test", b"after")),
            shape: Some(Digest::of("test", b"shape")),
            is_cleared: true,
            inputs: BTreeSet::from([Name::from(&b"in"[..])]),
            outputs: BTreeMap::from([(Name::from(&b"out"[..]), Stamp::ABSENT)]),
        };
        let notes = [("first", &left), ("second", &Left::default())];
        for (name, left) in notes {
            let path = directory.path().join(name);
            left.write(&path).unwrap();
            assert_eq!(Left::read(&std::fs::read(&path).unwrap()).as_ref(), Some(left));
        }
        let first = File::options().append(true).open(directory.path().join("first")).unwrap();
        first.set_modified(SystemTime::now() - Duration::from_hours(2)).unwrap();
        drop_old(directory.path(), Duration::from_hours(1));
        assert!(!directory.path().join("first").exists());
        assert!(directory.path().join("second").exists());
    }
}
