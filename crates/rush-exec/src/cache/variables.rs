//! The variables that the key of a task covers, in the order in which later ones win.
//!
//! What is inherited without being declared is not among them: a task with inputs does not see it, but for the base
//! variables, which are known not to matter.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;

use rush_plan::{EnvValue, Task, TextPart, WorkspacePath};

use super::fingerprint::Facts;
use crate::layers::{EnvDeclaration, EnvFile, EnvSources, EnvStep, env_steps};
use crate::os::files;

/// What a task is given as a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// A value.
    Value(Vec<u8>),
    /// A path of the workspace; where that lies does not matter.
    Path(String),
    /// A text with secrets in it.
    Parts(Vec<TextPart>),
    /// The secret of this name, whose value is nobody's business.
    Secret(String),
    /// Nothing, though it may be inherited.
    Unset,
}

/// The variables of a task by name, with the values that win.
pub(super) type DeclaredVariables = BTreeMap<String, Declared>;

/// Returns them.
pub(super) fn declared(facts: &Facts, task: &Task) -> DeclaredVariables {
    // Most tasks let nothing in, and there may be hundreds of variables.
    let caller = if task.pass_env.is_empty() { None } else { Some(facts.inherited.iter()) };
    let caller = caller.into_iter().flatten();
    let sources = EnvSources {
        caller: caller.filter_map(|(name, value)| Some((name.to_str()?, value.as_os_str()))),
        read: |file: &WorkspacePath| EnvFile::read(&facts.root, file),
        given: facts.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())),
    };
    let mut found = BTreeMap::new();
    let text = |value: &str| Declared::Value(value.as_bytes().to_vec());
    // The values that scripts read are parts of their own.
    for step in env_steps(EnvDeclaration::of_task(task, &[]), sources) {
        match step {
            EnvStep::Passed(name, value) => {
                found.insert(name.to_owned(), Declared::Value(files::bytes_of(value).into_owned()));
            }
            EnvStep::File(file, content) => found.extend(of_file(file, content)),
            EnvStep::Script(..) => {}
            EnvStep::Declared(name, value) => drop(found.insert(name.to_owned(), of_value(value))),
            EnvStep::Given(name, value) => drop(found.insert(name.to_owned(), text(value))),
        }
    }
    found
}

/// A missing file has no variables; one that is no dotenv file counts as it is, and the task will be refused.
fn of_file(file: &WorkspacePath, content: EnvFile) -> Vec<(String, Declared)> {
    match content {
        EnvFile::Missing | EnvFile::Unreadable(_) => Vec::new(),
        EnvFile::Read(variables) => {
            let variables = variables.into_iter();
            variables.map(|it| (it.name, Declared::Value(it.value.into_bytes()))).collect()
        }
        EnvFile::Broken(bytes, _) => vec![(format!("of {file}"), Declared::Value(bytes))],
    }
}

/// The `PATH` that the processes of a task get; `None` if they get none.
pub(super) fn path<'a>(facts: &'a Facts, variables: &DeclaredVariables) -> Option<Cow<'a, OsStr>> {
    let inherited = || facts.inherited.get(OsStr::new("PATH")).map(|it| Cow::Borrowed(&**it));
    match variables.get("PATH") {
        Some(Declared::Value(value)) => Some(Cow::Owned(files::path_of(value).into())),
        Some(Declared::Parts(parts)) => Some(Cow::Owned(readable(parts).into())),
        Some(Declared::Path(path)) => Some(Cow::Owned(facts.root.join(path).into())),
        Some(Declared::Unset) => None,
        // It is nobody's business where that leads.
        Some(Declared::Secret(_)) | None => inherited(),
    }
}

/// A text as far as it is no secret; what is one names no directory.
fn readable(parts: &[TextPart]) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Text(text) => text.clone(),
        TextPart::Secret(_) => "\0".to_owned(),
    };
    parts.iter().map(part).collect()
}

fn of_value(value: &EnvValue) -> Declared {
    match value {
        EnvValue::Text(text) => Declared::Value(text.clone().into_bytes()),
        EnvValue::Secret(name) => Declared::Secret(name.clone()),
        EnvValue::Parts(parts) => Declared::Parts(parts.clone()),
        EnvValue::Path(path) => Declared::Path(path.to_string()),
        EnvValue::Unset => Declared::Unset,
    }
}
