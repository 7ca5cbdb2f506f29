//! The text files of the repository, read once for all rules.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Names of what is made, not written.
const MADE: &[&str] =
    &["target", "node_modules", "out", "dist", ".git", ".rush-state", "artifacts"];

/// One text file of the repository.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path relative to the root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Returns whether this is Rust.
    pub fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    /// Returns whether the name ends in this extension.
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|it| it == extension)
    }

    /// Returns the last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Returns the name of the crate the file belongs to, from its folder; `tests` for the root's.
    pub fn crate_folder(&self) -> Option<&str> {
        match self.path.strip_prefix("crates/") {
            Some(rest) => rest.split('/').next(),
            None => self.path.starts_with("tests/").then_some("tests"),
        }
    }

    /// Returns whether the file holds only tests.
    pub fn is_test(&self) -> bool {
        self.name() == "tests.rs"
            || self.path.contains("/tests/")
            || self.path.starts_with("tests/")
    }
}

/// Returns all text files below a folder, sorted by path; what is not UTF-8 is no text.
pub fn collect(root: &Path) -> Result<Vec<Source>> {
    Ok(texts(collect_bytes(root)?))
}

/// Returns the text files among these; what is not UTF-8 is no text.
pub(super) fn texts(files: Vec<(String, Vec<u8>)>) -> Vec<Source> {
    let text = |(path, bytes)| Some(Source { path, text: String::from_utf8(bytes).ok()? });
    files.into_iter().filter_map(text).collect()
}

/// Returns all files below a folder, sorted by path.
pub fn collect_bytes(root: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    visit(root, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn visit(root: &Path, folder: &str, found: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let dir = root.join(folder);
    for entry in
        fs::read_dir(&dir).with_context(|| format!("could not list `{}`", dir.display()))?
    {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type()?;
        // Not by its kind: in a second working tree `.git` is a file.
        if MADE.contains(&name.as_str()) {
            continue;
        }
        if kind.is_dir() {
            visit(root, &path, found)?;
        } else if kind.is_file() {
            let bytes =
                fs::read(entry.path()).with_context(|| format!("could not read `{path}`"))?;
            found.push((path, bytes));
        }
    }
    Ok(())
}
