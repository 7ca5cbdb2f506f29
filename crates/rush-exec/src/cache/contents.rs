//! Digests of files, remembered by stamp, so that what did not change is not read again.
//!
//! A path is bytes with `/` between names: relative to the workspace, or absolute for what lies outside. The digest
//! of a file is the name of its blob as well.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rush_plan::Digest;
use rustc_hash::{FxHashMap, FxHashSet};

use super::foreseen::Foreseen;
use super::stamp::{Kind, Stamp, now_ns};
use super::table::{CONDITION, FileId, Table};
use crate::os::files::{self, Tree};

/// How much of a file is in memory at a time, and is written at once: for larger writes Linux looks for larger
/// pieces of free memory, which takes several times as long on a machine that has been up for a while.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;

/// What separates the digests of contents from all others.
const CONTENT_DOMAIN: &[u8] = b"rush content\0";

/// A path as bytes.
pub(crate) type Name = Box<[u8]>;

/// What is known of the contents of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) stamp: Stamp,
    pub(crate) digest: Digest,
    /// Whether the stamp is sure to change when the contents do.
    pub(crate) is_settled: bool,
}

/// The contents of the files of one workspace.
pub(crate) struct Contents {
    pub(crate) tree: Tree,
    /// The absolute path of the workspace.
    pub(crate) root: Name,
    known: Mutex<FxHashMap<Name, Content>>,
    /// What was read, by device and inode: links lead to one file by many paths.
    by_file: Mutex<FxHashMap<(u64, u64), Content>>,
    /// What was asked for by following links: programs, and what standard input is read from.
    followed: Mutex<FxHashSet<Name>>,
    earlier: OnceLock<Earlier>,
    /// What counts in place of what is there.
    pub(crate) foreseen: Foreseen,
}

/// What is known of files from earlier runs, and was not asked for yet.
struct Earlier {
    table: Arc<Table>,
    /// The files of the table whose contents are known, by their names.
    by_name: Vec<FileId>,
}

/// A hasher for contents.
pub(crate) fn content_hasher() -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(CONTENT_DOMAIN);
    hasher
}

/// The digest of these contents.
pub(crate) fn content_digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(*content_hasher().update(bytes).finalize().as_bytes())
}

/// What stands for something that has no contents.
pub(crate) fn nothing(kind: Kind) -> Digest {
    Digest::from_bytes([kind as u8; 32])
}

/// What stands for a link: where it leads, as text, and the contents of the file there.
pub(crate) fn link_digest(target: &[u8], file: Option<Digest>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"rush link\0").update(target);
    if let Some(file) = file {
        hasher.update(&[0]).update(file.as_bytes());
    }
    Digest::from_bytes(*hasher.finalize().as_bytes())
}

impl Contents {
    /// The workspace at `root`.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let tree = Tree::open(root)?;
        let root = files::bytes_of(root.as_os_str()).into();
        Ok(Self {
            tree,
            root,
            known: Mutex::default(),
            by_file: Mutex::default(),
            followed: Mutex::default(),
            earlier: OnceLock::new(),
            foreseen: Foreseen::default(),
        })
    }

    /// Takes over what is known from before.
    pub(crate) fn learn(&self, files: impl Iterator<Item = (Name, Content)>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).extend(files);
    }

    /// Takes over what a table knows, without a copy of it.
    pub(crate) fn learn_table(&self, table: &Arc<Table>) {
        self.earlier.get_or_init(|| Earlier::of(Arc::clone(table)));
    }

    /// What was last known of a path.
    fn known(&self, path: &[u8]) -> Option<Content> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        known.or_else(|| self.earlier.get()?.find(path))
    }

    /// The contents of a path as they are now; read only if its stamp is a new one.
    pub(crate) fn look(&self, path: &[u8]) -> io::Result<Content> {
        if let Some(sight) = self.foreseen.at(path, &self.root) {
            return Ok(sight.content);
        }
        let stamp = self.tree.stamp(path);
        match stamp.kind {
            Kind::Unreadable => Err(io::ErrorKind::PermissionDenied.into()),
            Kind::Absent | Kind::Directory | Kind::Other => {
                Ok(Content { stamp, digest: nothing(stamp.kind), is_settled: true })
            }
            Kind::Link => {
                let is_settled = stamp.is_settled(now_ns());
                Ok(Content { stamp, digest: self.link_digest(path)?, is_settled })
            }
            Kind::File => match self.remembered(path, &stamp) {
                Some(known) => Ok(known),
                None => self.read_elsewhere(path, &stamp).map_or_else(|| self.read(path), Ok),
            },
        }
    }

    /// The digest of the file that a path leads to, wherever it lies.
    pub(crate) fn look_through(&self, path: &[u8]) -> Digest {
        if let Some(sight) = self.foreseen.at(path, &self.root) {
            return sight.followed;
        }
        let stamp = self.tree.stamp_followed(path);
        if stamp.kind != Kind::File {
            return nothing(stamp.kind);
        }
        {
            let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
            if !followed.contains(path) {
                followed.insert(path.into());
            }
        }
        let known = self.remembered(path, &stamp);
        let content = known.map_or_else(|| self.read(path), Ok);
        content.map_or_else(|_| nothing(Kind::Unreadable), |it| it.digest)
    }

    /// What was asked for by [`Contents::look_through`], with what is known of it.
    pub(crate) fn followed(&self) -> Vec<(Name, Content)> {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.iter().filter_map(|it| Some((it.clone(), self.known(it)?))).collect()
    }

    /// The digest that goes with this very stamp, if it is known.
    pub(crate) fn remembered(&self, path: &[u8], stamp: &Stamp) -> Option<Content> {
        self.known(path).filter(|it| it.is_settled && it.stamp.still_holds(stamp))
    }

    /// What the very same file was found to hold by another path.
    fn read_elsewhere(&self, path: &[u8], stamp: &Stamp) -> Option<Content> {
        let by_file = self.by_file.lock().unwrap_or_else(PoisonError::into_inner);
        let content = by_file.get(&(stamp.device, stamp.inode)).copied();
        drop(by_file);
        let content = content.filter(|it| it.stamp.still_holds(stamp))?;
        self.remember(path, content);
        Some(content)
    }

    /// Remembers what somebody else found out.
    pub(crate) fn remember(&self, path: &[u8], content: Content) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get_mut(path) {
            Some(old) => *old = content,
            None => {
                known.insert(path.into(), content);
            }
        }
    }

    fn read(&self, path: &[u8]) -> io::Result<Content> {
        let read_ns = now_ns();
        let mut file = File::open(self.tree.path(path))?;
        let mut hasher = content_hasher();
        read_chunks(&mut file, |chunk| {
            hasher.update(chunk);
            Ok(())
        })?;
        let stamp = files::stamp_of_open(&file)?;
        let digest = Digest::from_bytes(*hasher.finalize().as_bytes());
        let content = Content { stamp, digest, is_settled: stamp.is_settled(read_ns) };
        self.remember(path, content);
        if files::HAS_FILE_NUMBERS && content.is_settled {
            let mut by_file = self.by_file.lock().unwrap_or_else(PoisonError::into_inner);
            by_file.insert((stamp.device, stamp.inode), content);
        }
        Ok(content)
    }

    /// Where a link leads, as text, and the contents of the file there, wherever it lies.
    fn link_digest(&self, path: &[u8]) -> io::Result<Digest> {
        let target = std::fs::read_link(self.tree.path(path))?;
        let target = files::bytes_of(target.as_os_str());
        let content = self.end_of(path).and_then(|file| self.look(&file).ok());
        let content = content.filter(|it| it.stamp.kind == Kind::File);
        Ok(link_digest(&target, content.map(|it| it.digest)))
    }

    /// The path that a link leads to in the end, relative if it lies in the workspace; `None` if it leads nowhere.
    fn end_of(&self, link: &[u8]) -> Option<Name> {
        let real = std::fs::canonicalize(self.tree.path(link)).ok()?;
        let real = files::bytes_of(real.as_os_str());
        Some(self.relative(&real).unwrap_or(&real).into())
    }

    /// The path in the workspace that a link leads to in the end; `None` if it leads out of it or nowhere.
    pub(crate) fn target_of(&self, link: &[u8]) -> Option<Name> {
        let real = std::fs::canonicalize(self.tree.path(link)).ok()?;
        self.relative(&files::bytes_of(real.as_os_str())).map(Into::into)
    }

    /// An absolute path as one relative to the workspace; `None` for what lies outside.
    pub(crate) fn relative<'a>(&self, absolute: &'a [u8]) -> Option<&'a [u8]> {
        let rest = absolute.strip_prefix(&*self.root)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") }
    }

    /// Reads once more what was written too short before it was read to be sure; only small files.
    pub(crate) fn settle(&self, path: &[u8], size_max: u64) -> Option<Content> {
        let known = self.known(path)?;
        let is_worth_it = !known.is_settled
            && known.stamp.kind == Kind::File
            && known.stamp.size <= size_max
            && known.stamp.is_settled(now_ns());
        if is_worth_it { self.read(path).ok() } else { Some(known) }
    }
}

impl Earlier {
    fn of(table: Arc<Table>) -> Self {
        let is_known = |id: &FileId| table.file(*id).is_some_and(|it| it.1.digest != CONDITION);
        let mut by_name: Vec<FileId> = (0..table.files.len() as FileId).filter(is_known).collect();
        // Equal names keep the order of the table.
        by_name.sort_by_key(|id| table.file(*id).map(|it| &it.0));
        Self { table, by_name }
    }

    fn find(&self, path: &[u8]) -> Option<Content> {
        let file = |id: &FileId| self.table.file(*id);
        let after = self.by_name.partition_point(|id| file(id).is_some_and(|it| *it.0 <= *path));
        let (name, content) = file(self.by_name.get(after.checked_sub(1)?)?)?;
        (**name == *path).then_some(*content)
    }
}

thread_local! {
    /// Where files are read to; whoever reads takes it and puts it back.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Hands the bytes of a file on, piece by piece.
pub(crate) fn read_chunks(
    file: &mut File,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    // Most files are far smaller than the buffer, so clearing one for each would cost more than reading.
    let mut buffer = BUFFER.take();
    buffer.resize(CHUNK_BYTES, 0);
    let outcome = loop {
        match file.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(length) => {
                if let Err(error) = each(buffer.get(..length).unwrap_or_default()) {
                    break Err(error);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    BUFFER.set(buffer);
    outcome
}
