//! Paths as services know them that look at a repository from outside: counted from its root.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rush_system::System;

/// The root that annotations count from: what GitHub Actions has checked out, else the repository around a directory;
/// `None` outside of one.
fn root(system: &dyn System, inside: &Utf8Path) -> Option<Utf8PathBuf> {
    let checkout = system.env_var("GITHUB_WORKSPACE").ok().flatten().map(Utf8PathBuf::from);
    let checkout = checkout.map(|it| system.canonicalize(&it).unwrap_or(it));
    let is_repository = |it: &&Utf8Path| system.exists(&it.join(".git"));
    checkout
        .filter(|it| it.is_absolute() && inside.starts_with(it))
        .or_else(|| inside.ancestors().find(is_repository).map(Utf8Path::to_owned))
}

/// A path that counts from `base`, as seen from the repository it is in; as it is where that can't be said.
pub(crate) fn from_root(system: &dyn System, base: &Utf8Path, path: &str) -> String {
    let mut whole = Utf8PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Utf8Component::ParentDir => {
                whole.pop();
            }
            Utf8Component::CurDir => {}
            _ => whole.push(part),
        }
    }
    let root = root(system, whole.parent().unwrap_or(base));
    let inside = root.and_then(|it| whole.strip_prefix(it).ok().map(Utf8Path::to_owned));
    inside.map_or_else(|| path.to_owned(), |it| it.as_str().replace('\\', "/"))
}
