//! How declarations are named on the command line, seen from where the caller stands.

use rush_plan::Call;
use rush_project::Project;
use rush_semantics::eval::{self, UsageError};
use rush_semantics::{Item, names};

/// The declarations a label names from where the caller stands.
pub(crate) fn find(project: &Project, label: &str) -> Result<Vec<Item>, UsageError> {
    eval::find(project.db(), project.package(), label).map_err(UsageError::from)
}

/// The label to type for a declaration from where the caller stands.
pub(crate) fn short(project: &Project, label: &str) -> String {
    eval::short_label(project.db(), project.package(), label)
}

/// The call with a label that means the same wherever one stands.
///
/// A pattern of labels stays as it is: it names its packages from the root already.
pub(crate) fn absolute_call(project: &Project, call: Call) -> Result<Call, UsageError> {
    let found = find(project, &call.label)?;
    match found.as_slice() {
        [item] if !call.label.contains("...") => {
            Ok(Call { label: names::label(project.db(), *item), ..call })
        }
        _ => Ok(call),
    }
}
