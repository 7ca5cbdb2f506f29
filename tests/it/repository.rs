//! Files of the repository, as tests read them. It knows paths, not what the files say.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("`tests` lies in the root").to_owned()
}

/// The text of a file, by its path from the root.
#[allow(clippy::disallowed_methods, reason = "the tests read the repository itself")]
pub fn read(path: &str) -> String {
    let text = fs::read_to_string(root().join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Replaces the text of a file.
#[allow(clippy::disallowed_methods, reason = "the tests read the repository itself")]
pub fn write(path: &str, text: &str) {
    fs::write(root().join(path), text).unwrap_or_else(|error| panic!("{path}: {error}"));
}

/// A setting of the person who starts the tests.
#[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of Rush")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// Every file below a folder whose name ends like this, by its path from the root, sorted.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    visit(folder, ending, &mut found);
    found.sort();
    found
}

#[allow(clippy::disallowed_methods, reason = "the tests read the repository itself")]
fn visit(folder: &str, ending: &str, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
        if is_folder && !name.starts_with('.') && name != "target" {
            visit(&path, ending, found);
        } else if !is_folder && name.ends_with(ending) {
            found.push(path);
        }
    }
}
