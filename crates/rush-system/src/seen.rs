//! Paths as somebody sees them who stands in a directory.
//!
//! Nothing is looked up: both paths are absolute, and links in them are not followed.

use camino::{Utf8Component, Utf8Path};

/// `path` as seen from `base`, with `/`; both are absolute and without links.
///
/// ```
/// # use camino::Utf8Path;
/// let seen = |path: &str| rush_system::seen_from(Utf8Path::new(path), Utf8Path::new("/work/web"));
/// assert_eq!(seen("/work/web/src/a.c"), "src/a.c");
/// assert_eq!(seen("/work/tasks.rush"), "../tasks.rush");
/// assert_eq!(seen("/work/web"), ".");
/// ```
pub fn seen_from(path: &Utf8Path, base: &Utf8Path) -> String {
    let path = without_detours(path);
    let base = without_detours(base);
    let shared = path.iter().zip(&base).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return path
            .iter()
            .map(Utf8Component::as_str)
            .collect::<camino::Utf8PathBuf>()
            .into_string();
    }
    let up = base.iter().skip(shared).map(|_| "..");
    let parts: Vec<&str> = up.chain(path.iter().skip(shared).map(Utf8Component::as_str)).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The parts of a path, without those that a `..` takes back.
fn without_detours(path: &Utf8Path) -> Vec<Utf8Component<'_>> {
    let mut parts: Vec<Utf8Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Utf8Component::ParentDir, Some(Utf8Component::Normal(_))) => {
                parts.pop();
            }
            (Utf8Component::ParentDir, Some(Utf8Component::RootDir))
            | (Utf8Component::CurDir, _) => {}
            _ => parts.push(part),
        }
    }
    parts
}
