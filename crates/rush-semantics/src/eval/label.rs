//! Labels: how declarations are named on the command line.
//!
//! A bare name is sought in the nearest package at or above a directory, then in the root. A label
//! with `//` names its package, or many of them with `...`.

use std::ops::Range;

use rush_diagnostics::nearest;
use rush_syntax::Kind;
use smol_str::SmolStr;

use crate::db::{Db, Item, SourceFile};
use crate::names::{Namespace, declarations, directory, is_private, label, undeclared_by};

/// Why a label names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelError {
    /// Nothing has this name.
    Unknown(UnknownLabel),
    /// These items mean to declare it, and their first word is none that begins a declaration.
    Undeclared(Vec<Item>),
}

/// A label of nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLabel {
    /// The label as written.
    pub label: String,
    /// What is wrong.
    pub message: String,
    /// The labels that were probably meant: several if they are equally near.
    pub did_you_mean: Vec<String>,
    /// Labels that exist, the likeliest first.
    pub candidates: Vec<String>,
    /// Where in the label it is, in bytes, if it is no label at all.
    pub at: Option<Range<usize>>,
}

impl UnknownLabel {
    fn new(label: &str, message: String) -> Self {
        Self {
            label: label.to_owned(),
            message,
            did_you_mean: Vec::new(),
            candidates: Vec::new(),
            at: None,
        }
    }
}

/// The declarations a label names, in the order of packages. `cwd` is a directory of the workspace.
pub fn find(db: &dyn Db, cwd: &str, text: &str) -> Result<Vec<Item>, LabelError> {
    let text = text.trim();
    if let Some(error) = broken_call(text) {
        return Err(LabelError::Unknown(error));
    }
    let Some(rest) = text.strip_prefix("//") else {
        let name = text.strip_prefix(':').unwrap_or(text);
        return find_bare(db, cwd, text, name);
    };
    let Some((package, name)) = rest.split_once(':') else {
        return Err(LabelError::Unknown(without_name(db, text, rest)));
    };
    let package = package.trim_end_matches('/');
    let below = match package.strip_suffix("...") {
        Some(below) => below.trim_end_matches('/'),
        None => return find_in(db, text, package, name),
    };
    let packages = db.workspace().packages(db).iter();
    let inside = packages.filter(|(dir, _)| is_below(dir, below));
    let found: Result<Vec<Item>, _> = inside.filter_map(|(dir, _)| named(db, dir, name)).collect();
    match found? {
        found if found.is_empty() => Err(unknown(db, text, name, None)),
        found => Ok(found),
    }
}

/// A label with a bracket in it is a call that was not written to its end.
fn broken_call(text: &str) -> Option<UnknownLabel> {
    let (message, at) = match (text.find('('), text.find(')')) {
        (None, None) if text.is_empty() => ("expected the name of a task", 0..0),
        (None, None) => return None,
        (_, Some(0)) | (Some(0), _) => ("expected the name of a task before the brackets", 0..1),
        (None, Some(close)) => ("this bracket is closed, but was not opened", close..close + 1),
        (Some(_), None) => ("expected `)` at the end of the call", text.len()..text.len()),
        (Some(_), Some(_)) => {
            let end = text.rfind(')').map_or(0, |it| it + 1);
            ("expected nothing after the call", end..text.len())
        }
    };
    Some(UnknownLabel { at: Some(at), ..UnknownLabel::new(text, message.to_owned()) })
}

fn is_below(dir: &str, above: &str) -> bool {
    above.is_empty()
        || dir.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn find_bare(db: &dyn Db, cwd: &str, text: &str, name: &str) -> Result<Vec<Item>, LabelError> {
    let packages = db.workspace().packages(db);
    let mut nearest = cwd.trim_matches('/');
    while !nearest.is_empty() && !packages.contains_key(nearest) {
        nearest = directory(nearest);
    }
    let found = named(db, nearest, name).or_else(|| {
        // `:x` means this package only.
        if text.starts_with(':') { None } else { named(db, "", name) }
    });
    Ok(vec![found.unwrap_or_else(|| Err(unknown(db, text, name, Some(nearest))))?])
}

fn find_in(db: &dyn Db, text: &str, package: &str, name: &str) -> Result<Vec<Item>, LabelError> {
    let packages = db.workspace().packages(db);
    if !packages.contains_key(package) {
        let near = nearest(package, packages.keys().map(smol_str::SmolStr::as_str));
        return Err(LabelError::Unknown(UnknownLabel {
            did_you_mean: near.words().iter().map(|it| format!("//{it}:{name}")).collect(),
            candidates: packages.keys().map(|it| format!("//{it}")).collect(),
            ..UnknownLabel::new(text, format!("there is no package `//{package}`"))
        }));
    }
    let found = named(db, package, name);
    Ok(vec![found.unwrap_or_else(|| Err(unknown(db, text, name, Some(package))))?])
}

/// What is called `name` or `file.name` in a package; `-` may stand for `_`.
fn named(db: &dyn Db, package: &str, name: &str) -> Option<Result<Item, LabelError>> {
    let (file, name) = file_of(db, package, name)?;
    let names = [name.to_owned(), name.replace('-', "_")];
    let declared = |name| declarations(db, file, Namespace::Values, name).iter().copied();
    // One that comes after another item of that name is broken, but it is what was asked for.
    let item = names.iter().find_map(|name| declared(name).find(|it| is_runnable(db, *it)));
    item.map(Ok).or_else(|| {
        let undeclared = names.iter().find_map(|name| {
            let is_of_no_kind = |it: &Item| it.kind(db) == Kind::Unknown;
            let others = undeclared_by(db, file, name)
                .filter(|it| !is_of_no_kind(it) || it.name(db) != name);
            let items: Vec<Item> = declared(name).filter(is_of_no_kind).chain(others).collect();
            Some(items).filter(|it| !it.is_empty())
        });
        undeclared.map(|it| Err(LabelError::Undeclared(it)))
    })
}

/// The file in which `name` or `file.name` of a package is sought, and the name there.
fn file_of<'a>(db: &dyn Db, package: &str, name: &'a str) -> Option<(SourceFile, &'a str)> {
    Some(match name.rsplit_once('.') {
        None => (*db.workspace().packages(db).get(package)?, name),
        Some((stem, name)) => {
            let path = format!("{}.rush", stem.replace('.', "/"));
            let path = if package.is_empty() { path } else { format!("{package}/{path}") };
            (*db.workspace().files(db).get(path.as_str())?, name)
        }
    })
}

fn is_runnable(db: &dyn Db, item: Item) -> bool {
    let name = item.name(db);
    item.kind(db).is_runnable() && !name.is_empty() && !is_private(name)
}

/// What of a file can be named on the command line, in the order written.
pub fn runnable(db: &dyn Db, file: SourceFile) -> Vec<Item> {
    file.items(db).iter().copied().filter(|item| is_runnable(db, *item)).collect()
}

/// Every label of the workspace, in the order of files.
fn all(db: &dyn Db) -> impl Iterator<Item = Item> {
    crate::names::files(db).flat_map(|file| runnable(db, file))
}

fn unknown(db: &dyn Db, text: &str, name: &str, package: Option<&str>) -> LabelError {
    let word = name.replace('-', "_");
    let bare = word.rsplit('.').next().unwrap_or(&word);
    let mut everything: Vec<Item> = all(db).collect();
    // What is near in the tree is more likely meant than what is as near in letters.
    everything.sort_by_key(|it| distance(db, *it, package));
    let same: Vec<Item> = everything.iter().filter(|it| it.name(db) == bare).copied().collect();
    let near = nearest(bare, everything.iter().map(|it| it.name(db).as_str()));
    let near =
        near.words().iter().filter_map(|near| everything.iter().find(|it| it.name(db) == near));
    let short = |it: &Item| short_label(db, package.unwrap_or_default(), &label(db, *it));
    let did_you_mean: Vec<String> = match same.first() {
        Some(same) => vec![short(same)],
        None => near.map(short).collect(),
    };
    let here = |it: &&Item| package.is_none_or(|package| package_of(db, **it) == package);
    let listed =
        if same.is_empty() { everything.iter().filter(here).copied().collect() } else { same };
    let is_private = is_private(name) && is_private_task(db, name, package);
    let message = if is_private {
        format!("`{text}` is private to its file: only other tasks can need it")
    } else {
        format!("no task is named `{text}`")
    };
    let did_you_mean = match without_slashes(db, text) {
        Some(label) => vec![label],
        None if is_private => Vec::new(),
        None => did_you_mean,
    };
    let candidates = listed.iter().map(short).collect();
    LabelError::Unknown(UnknownLabel {
        did_you_mean,
        candidates,
        ..UnknownLabel::new(text, message)
    })
}

/// The label of another package that was written without its `//`.
fn without_slashes(db: &dyn Db, text: &str) -> Option<String> {
    let (home, task) = text.split_once(':').filter(|it| !it.0.is_empty())?;
    let home = home.trim_start_matches("./").trim_matches('/');
    let is_there = !text.starts_with('/') && named(db, home, task).is_some();
    is_there.then(|| format!("//{home}:{task}"))
}

/// Whether a package has a task of this name that only its own file can name.
fn is_private_task(db: &dyn Db, name: &str, package: Option<&str>) -> bool {
    let file = package.and_then(|it| db.workspace().packages(db).get(it).copied());
    file.is_some_and(|file| !declarations(db, file, Namespace::Values, name).is_empty())
}

fn package_of(db: &dyn Db, item: Item) -> &SmolStr {
    crate::names::package_dir(db, item.file(db))
}

/// The package around the caller comes first, then the root, then the others.
fn distance(db: &dyn Db, item: Item, package: Option<&str>) -> u8 {
    match package_of(db, item).as_str() {
        it if Some(it) == package => 0,
        "" => 1,
        _ => 2,
    }
}

/// What to type for a label from within a package.
pub fn short_label(db: &dyn Db, package: &str, label: &str) -> String {
    let is_hidden = |name: &str| named(db, package, name).is_some();
    match label.strip_prefix("//").and_then(|it| it.split_once(':')) {
        Some((home, name)) if home == package => name.to_owned(),
        Some(("", name)) if !is_hidden(name) => name.to_owned(),
        _ => label.to_owned(),
    }
}

fn without_name(db: &dyn Db, text: &str, package: &str) -> UnknownLabel {
    let file = db.workspace().packages(db).get(package.trim_end_matches('/'));
    let tasks = file.map(|file| runnable(db, *file)).unwrap_or_default();
    let candidates: Vec<String> = tasks.iter().map(|it| label(db, *it)).collect();
    UnknownLabel {
        did_you_mean: candidates.first().cloned().into_iter().collect(),
        candidates,
        ..UnknownLabel::new(
            text,
            format!("`{text}` names a package; a task is named `{text}:task`"),
        )
    }
}
