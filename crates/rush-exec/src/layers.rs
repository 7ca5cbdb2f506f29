//! Where the variables of a task come from: one walk over the layers, in the order in which later ones win.
//!
//! What `pass_env` lets in of the caller's variables, `env_files`, the values a script reads by name, `env`, the
//! command line. Whoever starts a process, makes a key, seeks a program or tells a person where a value is from walks
//! here. It does not know the values of secrets, what passes without being named, nor what Rush adds itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;

use camino::Utf8Path;
use rush_plan::{Command, EnvValue, Service, Task, WorkspacePath};
use rush_system::System;

use crate::dotenv::{DotenvError, DotenvVariable, parse_dotenv};
use crate::os;

/// What a task or a service says of the variables of its processes.
#[derive(Clone, Copy)]
pub struct EnvDeclaration<'a> {
    pass_env: &'a [String],
    env_files: &'a [WorkspacePath],
    env: &'a BTreeMap<String, EnvValue>,
    /// Those among its commands whose scripts may read values by name.
    commands: &'a [Command],
}

impl<'a> EnvDeclaration<'a> {
    /// That of a task, for some of its commands.
    pub fn of_task(task: &'a Task, commands: &'a [Command]) -> Self {
        let Task { pass_env, env_files, env, .. } = task;
        Self { pass_env, env_files, env, commands }
    }

    /// That of a service.
    pub fn of_service(service: &'a Service) -> Self {
        let Service { pass_env, env_files, env, run, .. } = service;
        Self { pass_env, env_files, env, commands: std::slice::from_ref(run) }
    }
}

/// One step of the walk.
pub enum EnvStep<'a> {
    /// A variable of the caller that `pass_env` names.
    Passed(&'a str, &'a OsStr),
    /// A file of `env_files`.
    File(&'a WorkspacePath, EnvFile),
    /// A value that a script reads by its name; `None` takes the variable away.
    Script(&'a str, Option<&'a str>),
    /// A variable of `env`.
    Declared(&'a str, &'a EnvValue),
    /// A variable of the command line.
    Given(&'a str, &'a str),
}

/// What is in a file of `env_files`.
pub enum EnvFile {
    /// Nothing: it is not there, and need not be.
    Missing,
    /// The variables, of which the last one of a name counts.
    Read(Vec<DotenvVariable>),
    /// Something that is no dotenv file.
    Broken(Vec<u8>, DotenvError),
    /// It can't be read, for this reason.
    Unreadable(String),
}

/// What the walk leads past beside the declaration.
pub struct EnvSources<P, R, G> {
    /// The variables of the caller.
    pub caller: P,
    /// Reads a file of `env_files`.
    pub read: R,
    /// The variables of the command line.
    pub given: G,
}

/// Walks past everything that gives processes a variable.
pub fn env_steps<'a, P, R, G>(
    declaration: EnvDeclaration<'a>,
    sources: EnvSources<P, R, G>,
) -> impl Iterator<Item = EnvStep<'a>>
where
    P: Iterator<Item = (&'a str, &'a OsStr)>,
    R: Fn(&WorkspacePath) -> EnvFile,
    G: Iterator<Item = (&'a str, &'a str)>,
{
    let EnvSources { caller, read, given } = sources;
    let EnvDeclaration { pass_env, env_files, env, commands } = declaration;
    let passed = caller.filter(|(name, _)| is_passed(pass_env, name));
    let files = env_files.iter().map(move |file| EnvStep::File(file, read(file)));
    let scripts = commands.iter().filter_map(|it| match it {
        Command::Script(script) => Some(&script.variables),
        Command::Argv { .. } => None,
    });
    let script = scripts.flatten();
    let script = script.map(|(name, value)| EnvStep::Script(name, value.as_deref()));
    let declared = env.iter().map(|(name, value)| EnvStep::Declared(name, value));
    let given = given.map(|(name, value)| EnvStep::Given(name, value));
    let passed = passed.map(|(name, value)| EnvStep::Passed(name, value));
    passed.chain(files).chain(script).chain(declared).chain(given)
}

/// Whether `pass_env` names a variable: by its name, or by how it begins as in `CI_*`.
pub fn is_passed(pass_env: &[String], name: &str) -> bool {
    pass_env.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    })
}

impl EnvFile {
    /// What the bytes of a file say.
    fn of(bytes: Vec<u8>) -> Self {
        let parsed = match std::str::from_utf8(&bytes) {
            Ok(text) => parse_dotenv(text),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = 1 + memchr::memchr_iter(b'\n', before).count();
                Err(DotenvError { line, message: "this is no text in UTF-8".to_owned() })
            }
        };
        match parsed {
            Ok(variables) => Self::Read(variables),
            Err(error) => Self::Broken(bytes, error),
        }
    }

    /// Reads a file of the workspace at `root`.
    pub(crate) fn read(root: &Utf8Path, file: &WorkspacePath) -> Self {
        match std::fs::read(root.join(file.as_str())) {
            Ok(bytes) => Self::of(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Missing,
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }

    /// Reads a file of the workspace at `root` as this world has it.
    pub fn read_through(world: &dyn System, root: &Utf8Path, file: &WorkspacePath) -> Self {
        match world.read(&root.join(file.as_str())) {
            Ok(bytes) => Self::of(bytes),
            Err(error) if error.is_not_found() => Self::Missing,
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

/// Where a process with this `PATH` seeks programs, if `bin` puts something before it or not.
pub(crate) fn search_path(path: Option<Cow<'_, OsStr>>, has_bin: bool) -> Cow<'_, OsStr> {
    let otherwise = if has_bin { os::DEFAULT_PATH } else { "" };
    path.unwrap_or(Cow::Borrowed(OsStr::new(otherwise)))
}
