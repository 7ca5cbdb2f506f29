//! Paths that a task was given: they count from its package, whoever it hands them on to.
//!
//! A path in a call is written for the task that is called. From then on it is one place of the workspace:
//! `//web/./gen/x` is the `gen/x` that `web` was given, which `web` reads as `gen/x` and everybody else from where
//! they are. Two ways to write one place are one value, but for a leading `./` and a trailing `/`, which programs
//! tell apart.

use std::borrow::Cow;
use std::rc::Rc;

use rush_plan::{Glob, PathError, WorkspacePath};
use smol_str::SmolStr;

use super::report;
use super::session::{Eval, Place, Session};
use super::value::{Command, Piece, Record, Script, Spelled, Tag, Value};

/// What stands between a package and what was written for it; a `.` in a path means nothing else.
const MARK: &str = "/./";

/// A path or a pattern that leaves the workspace.
pub(super) struct Outside {
    /// As it is written.
    pub(super) path: String,
    pub(super) why: PathError,
}

impl Spelled<'_> {
    /// Whether it leaves the workspace if it counts from a package.
    fn outside(self, package: &str) -> Option<Outside> {
        let join = |path: &str| WorkspacePath::new(package).unwrap_or_default().join(path);
        let (path, why) = match self {
            Self::Path(path) | Self::Freely(path) if WorkspacePath::is_surely_inside(path) => {
                return None;
            }
            Self::Path(path) => (path, join(path).err()?),
            Self::Freely(path) => {
                let body = split_mark(path).1;
                let is_absolute = body.starts_with('/') && !body.starts_with("//");
                let leaves = || join(body) == Err(PathError::Outside);
                let why = is_absolute.then_some(PathError::Absolute);
                (path, why.or_else(|| leaves().then_some(PathError::Outside))?)
            }
        };
        Some(Outside { path: path.to_owned(), why })
    }
}

impl Session<'_> {
    /// Refuses a value with a path that leaves the workspace, if it counts from a package.
    pub(super) fn keep_inside(
        &mut self,
        value: &Value,
        package: &str,
        at: impl FnOnce(&mut Self) -> Place,
    ) -> Eval<()> {
        let Some(Outside { path, why }) = value.outside(package) else { return Ok(()) };
        let span = at(self).span(self.db);
        Err(self.fail(report::outside(span, &path, why)))
    }
}

impl Value {
    /// What of it leaves the workspace, if it counts from a package; what a call in it is given is not looked at.
    pub(super) fn outside(&self, package: &str) -> Option<Outside> {
        self.find_place(&|it| it.outside(package))
    }

    /// This value as what a task of a package is given.
    ///
    /// The arguments of a call in it are not looked at: they belong to the task that is called there.
    pub(super) fn given_to(&self, package: &str) -> Self {
        if !self.has_paths() {
            return self.clone();
        }
        match self {
            Self::Path(it) => Self::Path(given_path(package, it)),
            Self::Glob(it) => Self::Glob(given_glob(package, it)),
            Self::PlacedText(it) => Self::PlacedText(given_pieces(package, it)),
            Self::SecretText(it) => Self::SecretText(given_pieces(package, it)),
            Self::Command(it) => Self::Command(Rc::new(it.given_to(package))),
            Self::List(it) => Self::list(it.iter().map(|it| it.given_to(package)).collect()),
            Self::Record(it) => Self::record(it.given_to(package)),
            Self::Tag(tag) => Self::Tag(Rc::new(Tag {
                name: tag.name.clone(),
                fields: tag.fields.given_to(package),
            })),
            other => other.clone(),
        }
    }
}

impl Record {
    fn given_to(&self, package: &str) -> Self {
        self.iter().map(|(name, it)| (name.clone(), it.given_to(package))).collect()
    }
}

impl Command {
    fn given_to(&self, package: &str) -> Self {
        let all = |them: &[Value]| them.iter().map(|it| it.given_to(package)).collect();
        match self {
            Self::Argv(words) => Self::Argv(all(words)),
            Self::Script(Script { interpreter, text, variables, arguments }) => {
                let variables = variables.iter();
                Self::Script(Script {
                    interpreter: *interpreter,
                    text: text.given_to(package),
                    variables: variables
                        .map(|(name, it)| (name.clone(), it.given_to(package)))
                        .collect(),
                    arguments: all(arguments),
                })
            }
        }
    }
}

fn given_pieces(package: &str, pieces: &[Piece]) -> Rc<[Piece]> {
    let pieces = pieces.iter().map(|piece| match piece {
        Piece::Path(path) => Piece::Path(given_path(package, path)),
        Piece::Text(_) | Piece::Secret(_) => piece.clone(),
    });
    pieces.collect()
}

/// A path as what it is once it was given to a package; the same if it leaves the workspace, which is refused
/// where it is given.
fn given_path(package: &str, path: &SmolStr) -> SmolStr {
    let base = WorkspacePath::new(package).unwrap_or_default();
    let written = as_given(&base, path).unwrap_or(path);
    let Ok(place) = base.join(written) else { return path.clone() };
    let dot = if written.starts_with("./") && place != base { "./" } else { "" };
    let slash = if written.ends_with('/') && !place.is_root() { "/" } else { "" };
    let given = if place.is_inside(&base) {
        format!("{}{dot}{}{slash}", start_of(package), place.relative_to(&base))
    } else {
        // The root is `//.`, so that more can stand behind it.
        format!("//{place}{slash}")
    };
    given.into()
}

/// As [`given_path`], for a pattern, which needs no mark: nothing tells its spellings apart.
fn given_glob(package: &str, pattern: &SmolStr) -> SmolStr {
    let base = WorkspacePath::new(package).unwrap_or_default();
    let (not, body) = split_mark(pattern);
    let resolved = Glob::parse(body).ok().and_then(|it| it.resolve(&base).ok());
    resolved.map_or_else(|| pattern.clone(), |it| format!("{not}//{}", it.as_str()).into())
}

/// What was written for a package, of a path that it was given, or of a pattern in it.
pub(super) fn as_given<'p>(package: &WorkspacePath, path: &'p str) -> Option<&'p str> {
    let package = text_of(package);
    let given = path.contains(MARK).then(|| path.strip_prefix(&*start_of(package))).flatten();
    given.or_else(|| {
        let escaped = Glob::escape(package);
        let inside = |path: &'p str| path.strip_prefix("//")?.strip_prefix(&*escaped);
        if escaped == package { None } else { inside(path)?.strip_prefix('/') }
    })
}

/// A path that was given, as anybody could write it.
pub(super) fn unmarked(path: &str) -> Cow<'_, str> {
    match path.split_once(MARK).filter(|_| path.starts_with("//")) {
        Some((package, ".")) if package != "/" => Cow::Borrowed(package),
        Some((package, rest)) => Cow::Owned(format!("{package}/{}", rest.trim_start_matches("./"))),
        None => Cow::Borrowed(path),
    }
}

/// Appends to a path what was written behind it; the root ends in a `/` of its own.
pub(super) fn push_behind(path: &mut String, more: &str) {
    if matches!(path.as_str(), "//" | "//.") && more.starts_with('/') {
        path.truncate("/".len());
    }
    path.push_str(more);
}

/// As what stands behind `//`.
fn text_of(path: &WorkspacePath) -> &str {
    if path.is_root() { "" } else { path.as_str() }
}

/// How the paths start that a package was given.
fn start_of(package: &str) -> String {
    if package.is_empty() { "//./".to_owned() } else { format!("//{package}{MARK}") }
}

/// The `!` of a pattern that excludes, and the rest.
pub(super) fn split_mark(pattern: &str) -> (&str, &str) {
    pattern.strip_prefix('!').map_or(("", pattern), |rest| ("!", rest))
}
