//! What a process finds in its environment: what is inherited, the [layers](crate::layers) of its task, and last what
//! Rush says about itself.
//!
//! A task with `inputs` may be answered from a cache one day, so it sees of the inherited variables only what
//! its declaration covers; see [`rush_plan::environment`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use camino::Utf8Path;
use rush_plan::environment::is_base_variable;
use rush_plan::{EnvValue, Task, WorkspacePath};

use crate::layers::{EnvDeclaration, EnvFile, EnvSources, EnvStep, env_steps, is_passed};
use crate::os;
use crate::place::{PlaceError, Start, Variables};

/// An environment, sorted by name.
pub type Environment = BTreeMap<OsString, OsString>;

/// Returns the environment of this process.
pub fn own_environment() -> Environment {
    std::env::vars_os().collect()
}

/// What processes inherit, written out once for all of them, sorted by name.
pub(crate) struct Inherited(Vec<Variable>);

/// One inherited variable.
pub(crate) struct Variable {
    name_bytes: usize,
    /// `NAME=VALUE`, and a NUL.
    text: Vec<u8>,
    /// Whether it passes although a task does not name it.
    is_base: bool,
}

/// The environment of one process: what it inherits, and what is changed of it.
pub(crate) struct Composed<'a> {
    inherited: &'a Inherited,
    /// The task whose declaration decides what is inherited; none if everything is.
    filter: Option<&'a Task>,
    changes: Changes<'a>,
}

/// New values by name; `None` takes a variable away.
type Changes<'a> = BTreeMap<Cow<'a, OsStr>, Option<OsString>>;

/// Where the parts of an environment come from.
pub(crate) struct Sources<'a, 'b> {
    /// The environment of Rush.
    pub(crate) inherited: &'a Inherited,
    /// Variables that Rush adds for every process and that anybody may change.
    pub(crate) added: &'b Variables,
    /// The absolute path of the workspace.
    pub(crate) root: &'b Utf8Path,
    /// Turns the name of a secret that is mounted as a file into that file's path.
    pub(crate) secret_file: &'b dyn Fn(&str) -> Result<String, PlaceError>,
}

impl Inherited {
    pub(crate) fn new(environment: &Environment) -> Self {
        let written = environment.iter().map(|(name, value)| Variable {
            name_bytes: name.len(),
            text: [name.as_encoded_bytes(), b"=", value.as_encoded_bytes(), b"\0"].concat(),
            is_base: name.to_str().is_some_and(is_base_variable),
        });
        Self(written.collect())
    }
}

impl Variable {
    fn name(&self) -> &[u8] {
        self.text.get(..self.name_bytes).unwrap_or_default()
    }

    fn value(&self) -> &OsStr {
        let end = self.text.len() - 1;
        let value = self.text.get(self.name_bytes + 1..end).unwrap_or_default();
        // SAFETY: these are the encoded bytes of the whole value, as they were taken from an `OsStr`.
        unsafe { OsStr::from_encoded_bytes_unchecked(value) }
    }

    fn passes(&self, task: &Task) -> bool {
        let Ok(name) = std::str::from_utf8(self.name()) else { return false };
        self.is_base || is_passed(&task.pass_env, name)
    }
}

impl Composed<'_> {
    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        if let Some(change) = self.changes.get(OsStr::new(name)) {
            return change.as_deref();
        }
        self.kept().find(|it| it.name() == name.as_bytes()).map(Variable::value)
    }

    /// The variables that differ from what is inherited, but for those that are gone.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.changes.iter().filter_map(|(name, value)| Some((name.as_ref(), value.as_deref()?)))
    }

    /// The variables that are as inherited, each as `NAME=VALUE` with a NUL.
    pub(crate) fn unchanged(&self) -> impl Iterator<Item = &[u8]> {
        // Both are sorted by name, so one walk finds what is changed.
        let mut changes = self.changes.keys().map(|name| name.as_encoded_bytes()).peekable();
        let is_unchanged = move |variable: &&Variable| {
            while changes.next_if(|name| *name < variable.name()).is_some() {}
            changes.peek() != Some(&variable.name())
        };
        self.kept().filter(is_unchanged).map(|variable| variable.text.as_slice())
    }

    fn kept(&self) -> impl Iterator<Item = &Variable> {
        self.inherited.0.iter().filter(|it| self.filter.is_none_or(|task| it.passes(task)))
    }

    fn set(&mut self, name: &str, value: Option<&str>) {
        self.changes.insert(Cow::Owned(name.into()), value.map(OsString::from));
    }

    fn set_known(&mut self, name: &'static str, value: &str) {
        self.changes.insert(Cow::Borrowed(OsStr::new(name)), Some(value.into()));
    }
}

/// Returns the environment of one process.
pub(crate) fn compose<'a>(
    start: &Start<'a>,
    sources: &Sources<'a, '_>,
) -> Result<Composed<'a>, PlaceError> {
    let task = start.task;
    let filter = task.inputs.is_some().then_some(task);
    let changes = Changes::new();
    let mut environment = Composed { inherited: sources.inherited, filter, changes };
    for (name, value) in sources.added {
        environment.set(name, Some(value));
    }
    let walk = EnvSources {
        // What is inherited is filtered where it lies.
        caller: std::iter::empty(),
        read: |file: &WorkspacePath| EnvFile::read(sources.root, file),
        given: start.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())),
    };
    let declaration = EnvDeclaration::of_task(task, std::slice::from_ref(start.command));
    for step in env_steps(declaration, walk) {
        match step {
            EnvStep::Passed(..) => {}
            EnvStep::File(file, content) => add_file(&mut environment, file, content)?,
            EnvStep::Script(name, value) => environment.set(name, value),
            EnvStep::Declared(name, value) => {
                environment.set(name, resolve(value, start, sources)?.as_deref());
            }
            EnvStep::Given(name, value) => environment.set(name, Some(value)),
        }
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

fn passes(name: &OsStr, task: &Task) -> bool {
    let Some(name) = name.to_str() else { return false };
    is_base_variable(name) || is_passed(&task.pass_env, name)
}

fn add_file(
    environment: &mut Composed<'_>,
    file: &WorkspacePath,
    content: EnvFile,
) -> Result<(), PlaceError> {
    match content {
        EnvFile::Missing => Ok(()),
        EnvFile::Read(variables) => {
            variables.iter().for_each(|it| environment.set(&it.name, Some(&it.value)));
            Ok(())
        }
        EnvFile::Broken(_, error) => {
            Err(PlaceError::new(format_args!("`{file}` is no dotenv file: {error}")))
        }
        EnvFile::Unreadable(error) => {
            Err(PlaceError::new(format_args!("`{file}` can't be read: {error}")))
        }
    }
}

fn resolve(
    value: &EnvValue,
    start: &Start<'_>,
    sources: &Sources<'_, '_>,
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
fn prepend_bin(environment: &mut Composed<'_>, task: &Task, root: &Utf8Path) {
    if task.bin.is_empty() {
        return;
    }
    let mut path = OsString::new();
    for directory in &task.bin {
        path.push(absolute(root, directory));
        path.push(os::PATH_SEPARATOR);
    }
    path.push(environment.get("PATH").unwrap_or(OsStr::new(os::DEFAULT_PATH)));
    environment.changes.insert(Cow::Borrowed(OsStr::new("PATH")), Some(path));
}

/// Tells the process who it is. `RUSH_RUN` and `RUSH_NODE` are also how what it leaves behind is found.
fn introduce(environment: &mut Composed<'_>, start: &Start<'_>, root: &Utf8Path) {
    environment.set_known("PWD", &absolute(root, &start.task.dir));
    environment.set_known("RUSH_TASK", start.node.label());
    environment.set_known("RUSH_RUN", &start.run.0);
    environment.set_known("RUSH_NODE", &start.node.id().to_string());
    environment.set_known("RUSH_ATTEMPT", &start.attempt.to_string());
    environment.set_known("RUSH_WORKSPACE", root.as_str());
    for (name, value) in start.situation {
        environment.set(name, Some(value));
    }
}

/// The absolute path of something in the workspace.
pub(crate) fn absolute(root: &Utf8Path, path: &WorkspacePath) -> String {
    if path.is_root() { root.to_string() } else { root.join(path.as_str()).into_string() }
}
