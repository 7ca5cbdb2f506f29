//! How declarations are named on the command line, seen from where the caller stands.
//!
//! `build` is sought in the package around the caller, then in the root; `//web:build` is that of a
//! package, `//:build` the root's, `//packages/...:test` the task of each package there that has one.
//! `test-unit` finds `test_unit`. A task of another file is `file.task`.

use rush_diagnostics::suggest;
use rush_project::Project;
use rush_semantics::{Db as _, Item, SourceFile, names};

/// Why a label names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// There is no such task.
    #[error("there is no task `{label}`{}", place(package.as_deref()))]
    UnknownTask {
        /// The label as written.
        label: String,
        /// The package it was sought in, if it names one.
        package: Option<String>,
        /// A label that looks like it.
        suggestion: Option<String>,
    },
    /// There is no such package.
    #[error("there is no package `{package}` in this workspace")]
    UnknownPackage {
        /// The package as written.
        package: String,
        /// A package that looks like it.
        suggestion: Option<String>,
    },
    /// What is named can't be run.
    #[error("`{label}` is a {kind}, not a task")]
    NotATask {
        /// The label as written.
        label: String,
        /// What it is.
        kind: String,
    },
    /// The text is no label.
    #[error("`{label}` is no label")]
    Malformed {
        /// The text.
        label: String,
    },
}

impl LabelError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownTask { suggestion, .. } | Self::UnknownPackage { suggestion, .. } => {
                suggestion.as_ref().map(|it| format!("did you mean `{it}`?"))
            }
            Self::NotATask { .. } => Some("`rush list` shows what can be run".to_owned()),
            Self::Malformed { .. } => {
                Some("labels look like `build`, `//web:build` or `//...:test`".to_owned())
            }
        }
    }
}

fn place(package: Option<&str>) -> String {
    package.map(|it| format!(" in the package `//{it}`")).unwrap_or_default()
}

/// The label to type for a declaration from where the caller stands.
pub(crate) fn short(project: &Project, label: &str) -> String {
    let Some((package, name)) = label.strip_prefix("//").and_then(|it| it.split_once(':')) else {
        return label.to_owned();
    };
    let is_near = package == project.package();
    let is_hidden = || in_package(project, project.package(), name).is_some();
    if is_near || package.is_empty() && !is_hidden() { name.to_owned() } else { label.to_owned() }
}

/// The one declaration a label names, whatever its kind.
pub fn find(project: &Project, label: &str) -> Result<Item, LabelError> {
    match split(label)? {
        (None, name) => {
            let near = in_package(project, project.package(), name);
            near.or_else(|| in_package(project, "", name)).ok_or_else(|| unknown(project, label))
        }
        (Some(package), name) => {
            if !project.db().workspace().packages(project.db()).contains_key(package) {
                return Err(unknown_package(project, package));
            }
            in_package(project, package, name).ok_or_else(|| unknown(project, label))
        }
    }
}

/// The tasks a label or a pattern of labels names, at least one.
pub fn find_tasks(project: &Project, label: &str) -> Result<Vec<Item>, LabelError> {
    let db = project.db();
    if let (Some(package), name) = split(label)?
        && let Some(above) = package.strip_suffix("...").map(|it| it.trim_end_matches('/'))
    {
        let packages = db.workspace().packages(db).keys();
        let inside = packages.filter(|it| lies_in(it, above));
        let found = inside.filter_map(|it| in_package(project, it, name));
        let tasks: Vec<_> = found.filter(|it| it.kind(db) == "task").collect();
        return if tasks.is_empty() { Err(unknown(project, label)) } else { Ok(tasks) };
    }
    let item = find(project, label)?;
    if item.kind(db) == "task" {
        return Ok(vec![item]);
    }
    Err(LabelError::NotATask { label: label.to_owned(), kind: item.kind(db).to_string() })
}

/// Splits `//package:name`; without `//` there is no package.
fn split(label: &str) -> Result<(Option<&str>, &str), LabelError> {
    let malformed = || LabelError::Malformed { label: label.to_owned() };
    let (package, name) = match label.strip_prefix("//") {
        Some(rest) => {
            rest.split_once(':').map(|(it, name)| (Some(it), name)).ok_or_else(malformed)?
        }
        None => (None, label),
    };
    let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(malformed());
    }
    Ok((package.map(|it| it.trim_end_matches('/')), name))
}

fn in_package(project: &Project, package: &str, name: &str) -> Option<Item> {
    let db = project.db();
    let (file, name) = match name.rsplit_once('.') {
        None => (*db.workspace().packages(db).get(package)?, name),
        Some((stem, name)) => (file_of(project, package, stem)?, name),
    };
    let found = names::resolve(db, file, name);
    let found = found.or_else(|| names::resolve(db, file, &name.replace('-', "_")));
    found.filter(|it| is_declaration(it.kind(db)))
}

fn file_of(project: &Project, package: &str, stem: &str) -> Option<SourceFile> {
    let path = format!("{package}/{}.rush", stem.replace('.', "/"));
    project.file(path.trim_start_matches('/'))
}

fn is_declaration(kind: &str) -> bool {
    !matches!(kind, "use" | "let" | "param" | "fn" | "type" | "check" | "")
}

fn lies_in(package: &str, above: &str) -> bool {
    above.is_empty()
        || package.strip_prefix(above).is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

/// The labels of all public tasks, as the caller would type them.
pub(crate) fn all_tasks(project: &Project) -> Vec<String> {
    let db = project.db();
    let items = project.files().flat_map(|(_, file)| file.items(db).iter());
    let tasks = items.filter(|it| it.kind(db) == "task" && !names::is_private(it.name(db)));
    let mut labels: Vec<_> = tasks.map(|it| short(project, &names::label(db, *it))).collect();
    labels.sort();
    labels
}

fn unknown(project: &Project, label: &str) -> LabelError {
    let all = all_tasks(project);
    let suggestion = suggest(label, all.iter().map(String::as_str)).map(str::to_owned);
    let package = label.strip_prefix("//").and_then(|it| it.split_once(':'));
    let name = package.map_or(label, |(_, name)| name);
    LabelError::UnknownTask {
        label: name.to_owned(),
        package: package.map(|(package, _)| package.to_owned()),
        suggestion,
    }
}

fn unknown_package(project: &Project, package: &str) -> LabelError {
    let packages = project.db().workspace().packages(project.db());
    let suggestion = suggest(package, packages.keys().map(smol_str::SmolStr::as_str));
    LabelError::UnknownPackage {
        package: format!("//{package}"),
        suggestion: suggestion.map(|it| format!("//{it}")),
    }
}
