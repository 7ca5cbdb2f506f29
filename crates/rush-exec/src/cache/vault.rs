//! The directory of the cache: entries, blobs, lists of discovered files, locks.
//!
//! Everything is written under a temporary name and renamed, so a reader sees all of it or nothing; what a power cut
//! damages is found by its digest. Several Rush processes and several checkouts use it at once. It does not know
//! what decides a result.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rush_plan::Digest;

use super::codec::{Reader, Writer, unseal};
use super::contents::{Name, content_digest};
use super::entry::{Entry, Input, Inputs};
use super::lock::Lock;
use super::unique::unique;
use crate::os::files;

const PATHS_MAGIC: &str = "rush paths 1\n";

/// How many lists of discovered files are tried for one task.
const PATH_LISTS_MAX: usize = 8;

/// Tells programs that make copies of everything that this can be made again, and us that what lies here is ours.
const TAG: &str = "CACHEDIR.TAG";
/// How such a file begins wherever it is.
const TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This directory holds results that Rush remembers. `rush cache clear` empties it.\n";

/// What the directory consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// Remembered results, by their names.
    Entries,
    /// Lists of what depfiles named, by the keys without it.
    Paths,
    /// Contents of files and long logs, by their digests.
    Blobs,
    /// Files that are locked while a result is made, by its key.
    Locks,
    /// Files that have no name yet.
    Unnamed,
}

impl Shelf {
    /// All of them; results before what they refer to.
    pub(crate) const ALL: [Self; 5] =
        [Self::Entries, Self::Paths, Self::Blobs, Self::Locks, Self::Unnamed];

    /// The name of its directory.
    const fn name(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Paths => "paths",
            Self::Blobs => "blobs",
            Self::Locks => "locks",
            Self::Unnamed => "tmp",
        }
    }

    /// Whether its files are spread over directories by the beginnings of their names.
    pub(crate) const fn is_spread(self) -> bool {
        matches!(self, Self::Entries | Self::Paths | Self::Blobs)
    }

    /// Whether a file of this name can be one of ours.
    pub(crate) fn holds(self, name: &str) -> bool {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        match self {
            Self::Unnamed => {
                name.split_once('-').is_some_and(|(a, b)| is_number(a) && is_number(b))
            }
            Self::Entries | Self::Paths | Self::Blobs | Self::Locks => {
                Digest::parse(name).is_some()
            }
        }
    }
}

/// The directory.
pub(crate) struct Vault {
    pub(crate) dir: PathBuf,
}

/// What was found under a name.
pub(crate) enum Found<T> {
    /// It is there and whole.
    Whole(T),
    /// Nothing.
    Nothing,
    /// Something that is not what its name says; it was removed.
    Damaged,
}

impl Vault {
    /// The cache in a directory, which need not be there yet.
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The bytes that make guessing values from digests useless; made when it is first asked for.
    pub(crate) fn salt(&self) -> io::Result<[u8; 32]> {
        if let Some(salt) = self.known_salt() {
            return Ok(salt);
        }
        let path = self.dir.join("salt");
        let mut salt = [0; 32];
        for half in salt.chunks_mut(8) {
            use std::hash::{BuildHasher as _, Hasher as _};
            // The only source of randomness in the standard library.
            let random = std::hash::RandomState::new().build_hasher().finish();
            half.copy_from_slice(random.to_le_bytes().get(..half.len()).unwrap_or_default());
        }
        let (temporary, mut file) = self.temporary()?;
        file.write_all(&salt)?;
        drop(file);
        // Whoever comes second finds the salt of the first.
        let outcome = std::fs::hard_link(&temporary, &path);
        let _ = std::fs::remove_file(&temporary);
        match outcome {
            Ok(()) => {
                std::fs::write(self.dir.join(TAG), TAG_TEXT)?;
                Ok(salt)
            }
            Err(error) => self.known_salt().ok_or(error),
        }
    }

    /// Whether the directory is one that Rush made results in; some were made before there was a tag.
    pub(crate) fn is_ours(&self) -> bool {
        let tag = std::fs::read_to_string(self.dir.join(TAG));
        tag.is_ok_and(|it| it == TAG_TEXT) || self.known_salt().is_some()
    }

    /// The directory of a shelf.
    pub(crate) fn shelf(&self, shelf: Shelf) -> PathBuf {
        self.dir.join(shelf.name())
    }

    /// The salt, if it was made.
    pub(crate) fn known_salt(&self) -> Option<[u8; 32]> {
        std::fs::read(self.dir.join("salt")).ok()?.try_into().ok()
    }

    /// A new file with a name of its own, to be renamed.
    pub(crate) fn temporary(&self) -> io::Result<(PathBuf, File)> {
        let path = self.shelf(Shelf::Unnamed).join(format!("{:016x}", unique()));
        match File::create_new(&path) {
            Ok(file) => Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files::create_private_directory(&self.shelf(Shelf::Unnamed))?;
                File::create_new(&path).map(|file| (path, file))
            }
            Err(error) => Err(error),
        }
    }

    /// Gives a finished file its name.
    pub(crate) fn publish(&self, temporary: &Path, to: &Path) -> io::Result<()> {
        let outcome = match std::fs::rename(temporary, to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files::create_private_directory(to.parent().unwrap_or(&self.dir))?;
                std::fs::rename(temporary, to)
            }
            outcome => outcome,
        };
        if outcome.is_err() {
            let _ = std::fs::remove_file(temporary);
        }
        outcome
    }

    fn put(&self, to: &Path, bytes: &[u8]) -> io::Result<()> {
        let (temporary, mut file) = self.temporary()?;
        if let Err(error) = file.write_all(bytes) {
            let _ = std::fs::remove_file(&temporary);
            return Err(error);
        }
        self.publish(&temporary, to)
    }

    fn place(&self, shelf: Shelf, name: Digest) -> PathBuf {
        let name = name.to_string();
        let (first, _) = name.split_at(2);
        let mut path = self.shelf(shelf);
        path.push(first);
        path.push(&name);
        path
    }

    /// Where a blob is.
    pub(crate) fn blob(&self, digest: Digest) -> PathBuf {
        self.place(Shelf::Blobs, digest)
    }

    /// Whether a blob is there; if so, it will stay for a while.
    pub(crate) fn keep_blob(&self, digest: Digest) -> bool {
        // A fresh time tells whoever prunes at this moment that it is wanted.
        let file = File::options().write(true).open(self.blob(digest));
        file.is_ok_and(|file| file.set_modified(std::time::SystemTime::now()).is_ok())
    }

    /// Keeps bytes under their digest.
    pub(crate) fn put_blob(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        if self.keep_blob(digest) { Ok(()) } else { self.put(&self.blob(digest), bytes) }
    }

    /// The bytes of a small blob.
    pub(crate) fn blob_bytes(&self, digest: Digest) -> Found<Vec<u8>> {
        match std::fs::read(self.blob(digest)) {
            Ok(bytes) if content_digest(&bytes) == digest => Found::Whole(bytes),
            Ok(_) => {
                self.drop_blob(digest);
                Found::Damaged
            }
            Err(_) => Found::Nothing,
        }
    }

    pub(crate) fn drop_blob(&self, digest: Digest) {
        let _ = std::fs::remove_file(self.blob(digest));
    }

    /// Where an entry is.
    pub(crate) fn entry_path(&self, id: Digest) -> PathBuf {
        self.place(Shelf::Entries, id)
    }

    /// The entry under a name.
    pub(crate) fn entry(&self, id: Digest) -> Found<Entry> {
        let Ok(bytes) = std::fs::read(self.entry_path(id)) else { return Found::Nothing };
        if let Some(entry) = Entry::decode_as(id, &bytes) {
            return Found::Whole(entry);
        }
        self.drop_entry(id);
        Found::Damaged
    }

    pub(crate) fn put_entry(&self, id: Digest, entry: &Entry) -> io::Result<()> {
        self.put(&self.entry_path(id), &entry.encode())
    }

    pub(crate) fn drop_entry(&self, id: Digest) {
        let _ = std::fs::remove_file(self.entry_path(id));
    }

    /// Notes that an entry was used just now.
    pub(crate) fn touch_entry(&self, id: Digest) {
        if let Ok(file) = File::options().append(true).open(self.entry_path(id)) {
            let _ = file.set_modified(std::time::SystemTime::now());
        }
    }

    /// A list of files, wherever it is kept.
    pub(crate) fn inputs(&self, inputs: &Inputs) -> Option<Vec<Input>> {
        match inputs {
            Inputs::Here(list) => Some(list.clone()),
            Inputs::Blob(digest) => match self.blob_bytes(*digest) {
                Found::Whole(bytes) => Inputs::unpack(&bytes),
                Found::Nothing | Found::Damaged => None,
            },
        }
    }

    /// The lists of files that the depfile of a task named, latest first.
    pub(crate) fn path_lists(&self, task: Digest) -> Vec<Vec<Name>> {
        let Ok(bytes) = std::fs::read(self.place(Shelf::Paths, task)) else { return Vec::new() };
        let lists = unseal(&bytes, PATHS_MAGIC)
            .and_then(|body| Reader(body).list(|it| it.list(|it| it.bytes().map(Name::from))));
        lists.unwrap_or_else(|| {
            let _ = std::fs::remove_file(self.place(Shelf::Paths, task));
            Vec::new()
        })
    }

    pub(crate) fn drop_path_lists(&self, task: Digest) {
        let _ = std::fs::remove_file(self.place(Shelf::Paths, task));
    }

    /// Puts a list of files before those that were there.
    pub(crate) fn put_path_list(&self, task: Digest, list: Vec<Name>) -> io::Result<()> {
        let mut lists = self.path_lists(task);
        if lists.first() == Some(&list) {
            return Ok(());
        }
        lists.retain(|it| *it != list);
        lists.insert(0, list);
        lists.truncate(PATH_LISTS_MAX);
        let mut writer = Writer::default();
        writer.count(lists.len());
        for list in lists {
            writer.count(list.len());
            list.iter().for_each(|it| writer.bytes(it));
        }
        self.put(&self.place(Shelf::Paths, task), &writer.sealed(PATHS_MAGIC))
    }

    /// Takes the right to make an entry; `None` while another process has it.
    pub(crate) fn try_lock(&self, key: Digest) -> io::Result<Option<Lock>> {
        Lock::take(&self.shelf(Shelf::Locks), &key.to_string(), &[])
    }

    /// The process that has that right, as far as it is known.
    pub(crate) fn lock_holder(&self, key: Digest) -> Option<u32> {
        Lock::holder(&self.shelf(Shelf::Locks).join(key.to_string()))
    }
}
