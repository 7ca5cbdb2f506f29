//! How declarations are named on the command line, seen from where the caller stands.

use rush_diagnostics::Diagnostic;
use rush_plan::Call;
use rush_project::Project;
use rush_semantics::Db as _;
use rush_semantics::eval::{self, UsageError};
use rush_semantics::{Item, check, names};
use rush_syntax::Kind;

use crate::check::broken_items;
use crate::report::Report;

/// Why a label names nothing.
#[derive(Debug)]
pub enum LabelError {
    /// What means to declare it is wrong, as is told here.
    Broken(Report),
    /// Nothing has this name.
    Unknown(UsageError),
}

/// The declarations a label names from where the caller stands.
pub(crate) fn find(project: &Project, label: &str) -> Result<Vec<Item>, LabelError> {
    eval::find(project.db(), project.package(), label).map_err(|error| match error {
        eval::LabelError::Undeclared(items) => {
            let found = items.iter().flat_map(|it| check::item_diagnostics(project.db(), *it));
            let found: Vec<Diagnostic> = found.filter(|it| it.is_error()).cloned().collect();
            LabelError::Broken(Report::new(project, &found))
        }
        eval::LabelError::Unknown(error) => LabelError::Unknown(
            no_member(project, label).unwrap_or_else(|| unknown(project, error.into())),
        ),
    })
}

/// A label that nothing is near may be that of an item that can't be read.
fn unknown(project: &Project, error: UsageError) -> UsageError {
    if error.help.is_some() || error.at.is_some() {
        return error;
    }
    let help = match broken_items(project) {
        0 => None,
        1 => Some("1 item has an error; `rush check` shows it".to_owned()),
        broken => Some(format!("{broken} items have errors; `rush check` shows them")),
    };
    UsageError { help, ..error }
}

/// A label whose package has a task file, but is no part of the workspace: the members lack it.
fn no_member(project: &Project, label: &str) -> Option<UsageError> {
    let named = label.strip_prefix("//")?.split(':').next()?.trim_end_matches('/');
    let is_plain =
        !named.is_empty() && named.split('/').all(|it| !it.is_empty() && !it.starts_with('.'));
    let file = format!("{named}/{}", names::PACKAGE_FILE);
    let is_there = || project.system().is_file(&project.absolute(&file));
    let packages = project.db().workspace().packages(project.db());
    if !is_plain || packages.contains_key(named) || !is_there() {
        return None;
    }
    let root = project.shown(names::PACKAGE_FILE);
    let items = project.file(names::PACKAGE_FILE).map(|it| it.items(project.db()).iter());
    let has_workspace =
        items.is_some_and(|mut it| it.any(|it| it.kind(project.db()) == Kind::Workspace));
    let help = if has_workspace {
        format!("add `\"{named}\"` to `members` of the `workspace` in `{root}`")
    } else {
        format!("write `workspace {{ members: [\"{named}\"] }}` into `{root}`")
    };
    let message = format!(
        "`//{named}` is no member of this workspace, though `{}` is there",
        project.shown(&file)
    );
    Some(UsageError { message, help: Some(help), candidates: Vec::new(), at: None })
}

/// The label to type for a declaration from where the caller stands.
pub(crate) fn short(project: &Project, label: &str) -> String {
    eval::short_label(project.db(), project.package(), label)
}

/// The call with a label that means the same wherever one stands.
///
/// A pattern of labels stays as it is: it names its packages from the root already.
pub(crate) fn absolute_call(project: &Project, call: Call) -> Result<Call, LabelError> {
    let found = find(project, &call.label)?;
    match found.as_slice() {
        [item] if !call.label.contains("...") => {
            Ok(Call { label: names::label(project.db(), *item), ..call })
        }
        _ => Ok(call),
    }
}
