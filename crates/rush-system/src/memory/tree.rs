//! The file tree of a [`MemorySystem`](super::MemorySystem): paths to nodes, with links.
//!
//! Keys are absolute, without `.`, `..` and links; [`Tree::locate`] and [`Tree::follow`] make them.
//! The tree knows no permissions and no clock.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::time::SystemTime;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::error::SystemError;
use crate::facts::{DirEntry, FileKind, Metadata};
use crate::system::Result;

/// How many links are followed before they are called a circle.
const LINKS_MAX: usize = 40;

/// What a node holds.
#[derive(Debug)]
pub(super) enum Content {
    File(Vec<u8>),
    Directory,
    Symlink(Utf8PathBuf),
}

#[derive(Debug)]
struct Node {
    content: Content,
    changed: SystemTime,
    mode: u32,
    inode: u64,
}

/// All nodes of a world.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: BTreeMap<Utf8PathBuf, Node>,
    inode_next: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LastLink {
    Keep,
    Follow,
}

impl Tree {
    /// A tree of one empty directory.
    pub(super) fn new() -> Self {
        let mut tree = Self { nodes: BTreeMap::new(), inode_next: 1 };
        tree.insert(Utf8PathBuf::from("/"), Content::Directory, SystemTime::UNIX_EPOCH);
        tree
    }

    /// The key of a path, links followed; what it names need not exist, its directory must.
    pub(super) fn follow(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        self.resolve(path, LastLink::Follow)
    }

    /// The key of a path, a link at its end not followed.
    pub(super) fn locate(&self, path: &Utf8Path) -> Result<Utf8PathBuf> {
        self.resolve(path, LastLink::Keep)
    }

    /// The attributes of a key.
    pub(super) fn metadata(&self, key: &Utf8Path) -> Result<Metadata> {
        let node = self.node(key)?;
        let len = match &node.content {
            Content::File(bytes) => bytes.len(),
            Content::Directory => 0,
            Content::Symlink(target) => target.as_str().len(),
        };
        Ok(Metadata {
            kind: node.kind(),
            len: len as u64,
            modified: node.changed,
            changed: node.changed,
            mode: node.mode,
            inode: node.inode,
            device: 1,
        })
    }

    /// The bytes of a file, links followed.
    pub(super) fn read(&self, path: &Utf8Path) -> Result<Vec<u8>> {
        let key = self.follow(path)?;
        match &self.node(&key)?.content {
            Content::File(bytes) => Ok(bytes.clone()),
            Content::Directory | Content::Symlink(_) => {
                Err(SystemError::IsADirectory { path: path.to_owned() })
            }
        }
    }

    /// The names in a directory, links to it followed.
    pub(super) fn list(&self, path: &Utf8Path) -> Result<Vec<DirEntry>> {
        let key = self.follow(path)?;
        if self.node(&key)?.kind() != FileKind::Directory {
            return Err(SystemError::NotADirectory { path: path.to_owned() });
        }
        // Paths sort by component, so all below a directory stand together behind it.
        let below = self.nodes.range(key.clone()..).take_while(|(it, _)| it.starts_with(&key));
        let mut entries: Vec<_> = below
            .filter(|(other, _)| other.parent() == Some(&key))
            .filter_map(|(other, node)| {
                Some(DirEntry { name: other.file_name()?.to_owned(), kind: node.kind() })
            })
            .collect();
        entries.sort();
        Ok(entries)
    }

    /// Adds or replaces a file (through links) or a link (in place).
    pub(super) fn put(&mut self, path: &Utf8Path, content: Content, now: SystemTime) -> Result<()> {
        let key = match content {
            Content::File(_) => self.follow(path)?,
            Content::Symlink(_) | Content::Directory => self.locate(path)?,
        };
        let old = self.nodes.get(&key);
        if old.is_some_and(|it| it.kind() == FileKind::Directory) {
            return Err(SystemError::IsADirectory { path: path.to_owned() });
        }
        let mode = old.map(|it| it.mode);
        self.insert(key.clone(), content, now);
        if let (Some(mode), Some(node)) = (mode, self.nodes.get_mut(&key)) {
            node.mode = mode;
        }
        Ok(())
    }

    /// Creates a directory and those above it.
    pub(super) fn create_dirs(&mut self, path: &Utf8Path, now: SystemTime) -> Result<()> {
        let mut built = Utf8PathBuf::from("/");
        for component in path.components() {
            built.push(component.as_str());
            let key = self.follow(&built)?;
            match self.nodes.get(&key).map(Node::kind) {
                Some(FileKind::Directory) => {}
                Some(FileKind::File | FileKind::Symlink | FileKind::Other) => {
                    return Err(SystemError::NotADirectory { path: path.to_owned() });
                }
                None => self.insert(key, Content::Directory, now),
            }
        }
        Ok(())
    }

    /// Removes a file or a link.
    pub(super) fn remove_file(&mut self, path: &Utf8Path) -> Result<()> {
        let key = self.locate(path)?;
        if self.node(&key)?.kind() == FileKind::Directory {
            return Err(SystemError::IsADirectory { path: path.to_owned() });
        }
        self.nodes.remove(&key);
        Ok(())
    }

    /// Removes a directory and everything below it.
    pub(super) fn remove_dir(&mut self, path: &Utf8Path) -> Result<()> {
        let key = self.locate(path)?;
        if self.node(&key)?.kind() != FileKind::Directory {
            return Err(SystemError::NotADirectory { path: path.to_owned() });
        }
        self.nodes.retain(|other, _| !other.starts_with(&key));
        Ok(())
    }

    /// Sets the permission bits of a path, links followed.
    pub(super) fn set_mode(&mut self, path: &Utf8Path, mode: u32) -> Result<()> {
        let key = self.follow(path)?;
        let missing = || SystemError::NotFound { path: path.to_owned() };
        self.nodes.get_mut(&key).ok_or_else(missing)?.mode = mode;
        Ok(())
    }

    fn node(&self, key: &Utf8Path) -> Result<&Node> {
        self.nodes.get(key).ok_or_else(|| SystemError::NotFound { path: key.to_owned() })
    }

    fn insert(&mut self, key: Utf8PathBuf, content: Content, now: SystemTime) {
        let mode = match content {
            Content::File(_) => 0o644,
            Content::Directory => 0o755,
            Content::Symlink(_) => 0o777,
        };
        let inode = self.inode_next;
        self.inode_next += 1;
        self.nodes.insert(key, Node { content, changed: now, mode, inode });
    }

    fn resolve(&self, path: &Utf8Path, last: LastLink) -> Result<Utf8PathBuf> {
        let mut todo: VecDeque<String> = components(path).collect();
        let mut key = Utf8PathBuf::from("/");
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                key.pop();
                continue;
            }
            key.push(&name);
            let is_last = todo.is_empty();
            match self.nodes.get(&key).map(|it| &it.content) {
                Some(Content::Symlink(target)) if !is_last || last == LastLink::Follow => {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(SystemError::LinkCircle { path: path.to_owned() });
                    }
                    key.pop();
                    if target.is_absolute() {
                        key = Utf8PathBuf::from("/");
                    }
                    components(target).rev().for_each(|it| todo.push_front(it));
                }
                Some(Content::Directory) => {}
                Some(Content::File(_) | Content::Symlink(_)) if is_last => {}
                Some(Content::File(_) | Content::Symlink(_)) => {
                    return Err(SystemError::NotADirectory { path: path.to_owned() });
                }
                None if is_last => {}
                None => return Err(SystemError::NotFound { path: path.to_owned() }),
            }
        }
        Ok(key)
    }
}

impl Node {
    fn kind(&self) -> FileKind {
        match self.content {
            Content::File(_) => FileKind::File,
            Content::Directory => FileKind::Directory,
            Content::Symlink(_) => FileKind::Symlink,
        }
    }
}

/// The names of a path that lead somewhere: no root, no `.`.
fn components(path: &Utf8Path) -> impl DoubleEndedIterator<Item = String> + use<> {
    let named = path.components().filter_map(|it| match it {
        Utf8Component::Normal(name) => Some(name.to_owned()),
        Utf8Component::ParentDir => Some("..".to_owned()),
        Utf8Component::Prefix(_) | Utf8Component::RootDir | Utf8Component::CurDir => None,
    });
    named.collect::<Vec<_>>().into_iter()
}
