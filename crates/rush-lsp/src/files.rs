//! The workspace's folders, in the form in which answers ask for them.

use rush_ide::{FileEntry, FileKind, FileMatches, FileView};
use rush_project::Folders;

/// Listings of the folders of one workspace.
#[derive(Clone, Debug)]
pub(crate) struct Listing(pub(crate) Folders);

impl FileView for Listing {
    fn entries(&self, directory: &str) -> Vec<FileEntry> {
        let entries = self.0.entries(directory);
        let entry = |it: &rush_project::FolderEntry| FileEntry {
            name: it.name.clone(),
            kind: if it.is_directory { FileKind::Directory } else { FileKind::File },
        };
        entries.iter().map(entry).collect()
    }

    fn matches(&self, directory: &str, patterns: &[String]) -> FileMatches {
        let found = self.0.matches(directory, patterns);
        FileMatches { count: found.count, first: found.first, is_capped: found.is_capped }
    }
}
