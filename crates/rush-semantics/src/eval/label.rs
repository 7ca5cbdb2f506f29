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
pub struct LabelError {
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

/// The declarations a label names, in the order of packages. `cwd` is a directory of the workspace.
pub fn find(db: &dyn Db, cwd: &str, text: &str) -> Result<Vec<Item>, LabelError> {
    let text = text.trim();
    if let Some(error) = broken_call(text) {
        return Err(error);
    }
    let Some(rest) = text.strip_prefix("//") else {
        let name = text.strip_prefix(':').unwrap_or(text);
        return find_bare(db, cwd, text, name);
    };
    let Some((package, name)) = rest.split_once(':') else {
        return Err(without_name(db, text, rest));
    };
    let package = package.trim_end_matches('/');
    let below = match package.strip_suffix("...") {
        Some(below) => below.trim_end_matches('/'),
        None => return find_in(db, text, package, name),
    };
    let packages = db.workspace().packages(db).iter();
    let inside = packages.filter(|(dir, _)| is_below(dir, below));
    let found: Vec<Item> = inside.filter_map(|(dir, _)| named(db, dir, name)).collect();
    if found.is_empty() { Err(unknown(db, text, name, None)) } else { Ok(found) }
}

/// A label with a bracket in it is a call that was not written to its end.
fn broken_call(text: &str) -> Option<LabelError> {
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
    Some(LabelError {
        label: text.to_owned(),
        message: message.to_owned(),
        did_you_mean: Vec::new(),
        candidates: Vec::new(),
        at: Some(at),
    })
}

fn is_below(dir: &str, above: &str) -> bool {
    above.is_empty()
        || dir.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn find_bare(db: &dyn Db, cwd: &str, text: &str, name: &str) -> Result<Vec<Item>, LabelError> {
    let nearest = nearest_package(db, cwd);
    let found = named(db, nearest, name).or_else(|| {
        // `:x` means this package only.
        if text.starts_with(':') { None } else { named(db, "", name) }
    });
    found.map(|it| vec![it]).ok_or_else(|| unknown(db, text, name, Some(nearest)))
}

/// The package at or above a directory.
fn nearest_package<'d>(db: &dyn Db, cwd: &'d str) -> &'d str {
    let packages = db.workspace().packages(db);
    let mut nearest = cwd.trim_matches('/');
    while !nearest.is_empty() && !packages.contains_key(nearest) {
        nearest = directory(nearest);
    }
    nearest
}

fn find_in(db: &dyn Db, text: &str, package: &str, name: &str) -> Result<Vec<Item>, LabelError> {
    let packages = db.workspace().packages(db);
    if !packages.contains_key(package) {
        let near = nearest(package, packages.keys().map(smol_str::SmolStr::as_str));
        return Err(LabelError {
            label: text.to_owned(),
            message: format!("there is no package `//{package}`"),
            did_you_mean: near.words().iter().map(|it| format!("//{it}:{name}")).collect(),
            candidates: packages.keys().map(|it| format!("//{it}")).collect(),
            at: None,
        });
    }
    let found = named(db, package, name).map(|it| vec![it]);
    found.ok_or_else(|| unknown(db, text, name, Some(package)))
}

/// The declaration `name` or `file.name` of a package; `-` may stand for `_`.
fn named(db: &dyn Db, package: &str, name: &str) -> Option<Item> {
    let (file, names) = spelled(db, package, name)?;
    names.iter().find_map(|name| {
        let found = declarations(db, file, Namespace::Values, name);
        // One that comes after another item of that name is broken, but it is what was asked for.
        found.iter().copied().find(|it| is_runnable(db, *it))
    })
}

/// The file in which `name` or `file.name` of a package is sought, and how the name may be written there.
fn spelled(db: &dyn Db, package: &str, name: &str) -> Option<(SourceFile, [String; 2])> {
    let (file, name) = match name.rsplit_once('.') {
        None => (*db.workspace().packages(db).get(package)?, name),
        Some((stem, name)) => {
            let path = format!("{}.rush", stem.replace('.', "/"));
            let path = if package.is_empty() { path } else { format!("{package}/{path}") };
            (*db.workspace().files(db).get(path.as_str())?, name)
        }
    };
    Some((file, [name.to_owned(), name.replace('-', "_")]))
}

fn is_runnable(db: &dyn Db, item: Item) -> bool {
    let name = item.name(db);
    item.kind(db).is_runnable() && !name.is_empty() && !is_private(name)
}

/// The items that mean to declare what a label names, and whose first word is none that begins a declaration.
/// `cwd` is a directory of the workspace.
pub fn undeclared(db: &dyn Db, cwd: &str, text: &str) -> Vec<Item> {
    let text = text.trim();
    let rest = text.strip_prefix("//").and_then(|it| it.split_once(':'));
    let (packages, name) = match rest {
        Some((package, name)) => (vec![package.trim_end_matches('/')], name),
        None => (vec![nearest_package(db, cwd), ""], text.strip_prefix(':').unwrap_or(text)),
    };
    let mut found: Vec<Item> = Vec::new();
    for package in packages {
        let Some((file, names)) = spelled(db, package, name) else { continue };
        for name in &names {
            let declared = declarations(db, file, Namespace::Values, name).iter().copied();
            let of_no_kind = declared.filter(|it| it.kind(db) == Kind::Unknown);
            found.extend(of_no_kind.chain(undeclared_by(db, file, name)));
        }
        if !found.is_empty() {
            break;
        }
    }
    found.dedup();
    found
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
    LabelError {
        label: text.to_owned(),
        message,
        did_you_mean,
        candidates: listed.iter().map(short).collect(),
        at: None,
    }
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

fn without_name(db: &dyn Db, text: &str, package: &str) -> LabelError {
    let file = db.workspace().packages(db).get(package.trim_end_matches('/'));
    let tasks = file.map(|file| runnable(db, *file)).unwrap_or_default();
    let candidates: Vec<String> = tasks.iter().map(|it| label(db, *it)).collect();
    LabelError {
        label: text.to_owned(),
        message: format!("`{text}` names a package; a task is named `{text}:task`"),
        did_you_mean: candidates.first().cloned().into_iter().collect(),
        candidates,
        at: None,
    }
}
