//! The variables that the key of a task covers, in the order in which later ones win.
//!
//! What is inherited without being declared is not among them: a task with inputs does not see it, but for the base
//! variables, which are known not to matter.

use std::collections::BTreeMap;

use rush_plan::{EnvValue, Task, WorkspacePath};

use super::fingerprint::{Facts, without_secrets};
use crate::dotenv::parse_dotenv;
use crate::os::files;

/// What a task is given as a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// A value.
    Value(Vec<u8>),
    /// A path of the workspace; where that lies does not matter.
    Path(String),
    /// The secret of this name, whose value is nobody's business.
    Secret(String),
    /// Nothing, though it may be inherited.
    Unset,
}

/// The variables of a task by name, with the values that win.
pub(super) fn declared(facts: &Facts, task: &Task) -> BTreeMap<String, Declared> {
    let mut found = BTreeMap::new();
    if !task.pass_env.is_empty() {
        let passing = facts.inherited.iter().filter_map(|(name, value)| {
            let name = name.to_str().filter(|name| passes(task, name))?;
            Some((name.to_owned(), Declared::Value(files::bytes_of(value).into_owned())))
        });
        found.extend(passing);
    }
    for file in &task.env_files {
        found.extend(of_file(facts, file));
    }
    for (name, value) in &task.env {
        found.insert(name.clone(), of_value(value));
    }
    for (name, value) in &facts.variables {
        found.insert(name.clone(), Declared::Value(value.clone().into_bytes()));
    }
    found
}

fn passes(task: &Task, name: &str) -> bool {
    task.pass_env.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    })
}

/// A missing file has no variables; one that is no dotenv file counts as it is, and the task will be refused.
fn of_file(facts: &Facts, file: &WorkspacePath) -> Vec<(String, Declared)> {
    let Ok(bytes) = std::fs::read(facts.root.join(file.as_str())) else { return Vec::new() };
    let parsed = std::str::from_utf8(&bytes).ok().and_then(|text| parse_dotenv(text).ok());
    match parsed {
        Some(variables) => variables
            .into_iter()
            .map(|(name, value)| (name, Declared::Value(value.into_bytes())))
            .collect(),
        None => vec![(format!("of {file}"), Declared::Value(bytes))],
    }
}

fn of_value(value: &EnvValue) -> Declared {
    match value {
        EnvValue::Text(text) => Declared::Value(text.clone().into_bytes()),
        EnvValue::Secret(name) => Declared::Secret(name.clone()),
        EnvValue::Parts(parts) => Declared::Value(without_secrets(parts).into_bytes()),
        EnvValue::Path(path) => Declared::Path(path.to_string()),
        EnvValue::Unset => Declared::Unset,
    }
}
