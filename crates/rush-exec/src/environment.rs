//! What a process finds in its environment, in one order: inherited, `env_files`, variables of a script, `env`
//! of the task, the command line, and last what Rush says about itself.
//!
//! A task with `inputs` may be answered from a cache one day, so it sees of the inherited variables only what
//! its declaration covers; see [`rush_plan::environment`].

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use camino::Utf8Path;
use rush_plan::environment::is_base_variable;
use rush_plan::{Command, EnvValue, Task, WorkspacePath};

use crate::dotenv::parse_dotenv;
use crate::os;
use crate::place::{PlaceError, Start};

/// An environment, sorted by name.
pub(crate) type Environment = BTreeMap<OsString, OsString>;

/// Where the parts of an environment come from.
pub(crate) struct Sources<'a> {
    /// The environment of Rush.
    pub(crate) inherited: &'a Environment,
    /// The absolute path of the workspace.
    pub(crate) root: &'a Utf8Path,
    /// Turns the name of a secret that is mounted as a file into that file's path.
    pub(crate) secret_file: &'a dyn Fn(&str) -> Result<String, PlaceError>,
}

/// Returns the environment of one process.
pub(crate) fn compose(start: &Start<'_>, sources: &Sources<'_>) -> Result<Environment, PlaceError> {
    let task = start.task;
    let mut environment = inherit(task, sources.inherited);
    for file in &task.env_files {
        read_env_file(&mut environment, sources.root, file)?;
    }
    if let Command::Script(script) = start.command {
        for (name, value) in &script.variables {
            set(&mut environment, name, value.as_deref());
        }
    }
    for (name, value) in &task.env {
        set(&mut environment, name, resolve(value, start, sources)?.as_deref());
    }
    for (name, value) in start.variables {
        set(&mut environment, name, Some(value));
    }
    prepend_bin(&mut environment, task, sources.root);
    introduce(&mut environment, start, sources.root);
    Ok(environment)
}

/// Returns the names of the caller's variables that the tasks of a node do not see, sorted; empty without `inputs`.
pub fn withheld_variables<'a>(task: &Task, caller: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if task.inputs.is_none() {
        return Vec::new();
    }
    let mut names: Vec<&str> = caller
        .filter(|name| !passes(OsStr::new(name), task) && !task.env.contains_key(*name))
        .collect();
    names.sort_unstable();
    names
}

fn inherit(task: &Task, inherited: &Environment) -> Environment {
    if task.inputs.is_none() {
        return inherited.clone();
    }
    let passing = inherited.iter().filter(|(name, _)| passes(name, task));
    passing.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn passes(name: &OsStr, task: &Task) -> bool {
    let Some(name) = name.to_str() else { return false };
    let covers = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    };
    is_base_variable(name) || task.pass_env.iter().any(|pattern| covers(pattern))
}

fn read_env_file(
    environment: &mut Environment,
    root: &Utf8Path,
    file: &WorkspacePath,
) -> Result<(), PlaceError> {
    let text = match std::fs::read_to_string(root.join(file.as_str())) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PlaceError::new(format_args!("`{file}` can't be read: {error}"))),
    };
    let variables = parse_dotenv(&text)
        .map_err(|error| PlaceError::new(format_args!("`{file}` is no dotenv file: {error}")))?;
    for (name, value) in variables {
        set(environment, &name, Some(&value));
    }
    Ok(())
}

fn resolve(
    value: &EnvValue,
    start: &Start<'_>,
    sources: &Sources<'_>,
) -> Result<Option<String>, PlaceError> {
    Ok(match value {
        EnvValue::Text(text) => Some(text.clone()),
        EnvValue::Path(path) => Some(absolute(sources.root, path)),
        EnvValue::Parts(parts) => Some(start.secrets.text(parts)),
        EnvValue::Unset => None,
        EnvValue::Secret(name) => Some(match start.secrets.mount(name) {
            rush_plan::SecretMount::Env => start.secrets.value(name).to_owned(),
            rush_plan::SecretMount::File => (sources.secret_file)(name)?,
        }),
    })
}

/// Puts the directories of `bin` before `PATH`.
fn prepend_bin(environment: &mut Environment, task: &Task, root: &Utf8Path) {
    if task.bin.is_empty() {
        return;
    }
    let mut path = OsString::new();
    for directory in &task.bin {
        path.push(absolute(root, directory));
        path.push(os::PATH_SEPARATOR);
    }
    match environment.get(OsStr::new("PATH")) {
        Some(inherited) => path.push(inherited),
        None => path.push(os::DEFAULT_PATH),
    }
    environment.insert("PATH".into(), path);
}

/// Tells the process who it is. `RUSH_RUN` and `RUSH_NODE` are also how what it leaves behind is found.
fn introduce(environment: &mut Environment, start: &Start<'_>, root: &Utf8Path) {
    set(environment, "PWD", Some(&absolute(root, &start.task.dir)));
    set(environment, "RUSH_TASK", Some(start.node.label()));
    set(environment, "RUSH_RUN", Some(&start.run.0));
    set(environment, "RUSH_NODE", Some(&start.node.id().to_string()));
    set(environment, "RUSH_ATTEMPT", Some(&start.attempt.to_string()));
    set(environment, "RUSH_WORKSPACE", Some(root.as_str()));
    for (name, value) in start.situation {
        set(environment, name, Some(value));
    }
}

fn set(environment: &mut Environment, name: &str, value: Option<&str>) {
    match value {
        Some(value) => environment.insert(name.into(), value.into()),
        None => environment.remove(OsStr::new(name)),
    };
}

/// The absolute path of something in the workspace.
pub(crate) fn absolute(root: &Utf8Path, path: &WorkspacePath) -> String {
    if path.is_root() { root.to_string() } else { root.join(path.as_str()).into_string() }
}
