//! What only the world knows about a plan before it runs: programs that are not there, inputs without a file.
//!
//! Findings are data; whoever shows them knows where each field was written. Nothing is started.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use camino::Utf8Path;
use rush_plan::{Command, EnvValue, Glob, Node, NodeId, Plan, Probe, Task, WorkspacePath};
use rush_system::{LeftOut, System};

use crate::environment::absolute;
use crate::files::Patterns;
use crate::layers::{EnvDeclaration, EnvFile, EnvSources, EnvStep, env_steps, search_path};
use crate::local::programs_of;
use crate::os;
use crate::program::search;
use crate::service::task_of;

/// How many files that are named and not there are told of one task.
const MISSING_MAX: usize = 8;

/// Something that will probably go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The node.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// The field, for looking up where it was written.
    pub field: &'static str,
    /// What it is.
    pub kind: FindingKind,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// A program is not there (RUSH0308).
    UnknownProgram {
        /// Its name as written.
        program: String,
    },
    /// `inputs` matches no file (RUSH0504).
    InputsMatchNothing,
    /// `inputs` names a file that is not there and that no task of the plan makes (RUSH0504).
    InputMissing {
        /// Its path.
        path: WorkspacePath,
    },
}

/// Returns what can be told about the plan before it runs, in the order of its nodes, each finding once a node.
pub fn preflight(plan: &Plan, root: &Utf8Path, world: &dyn System) -> Vec<Finding> {
    let path = world.env_var("PATH").ok().flatten();
    let outputs = plan.nodes().iter().filter_map(Node::as_task).flat_map(|task| &task.outputs);
    let outputs = outputs.filter_map(|text| Glob::parse(text).ok()).map(|it| it.with_contents());
    let mut look = Look { root, world, path, made: outputs.collect(), known: HashMap::new() };
    let mut findings = Vec::new();
    for node in plan.nodes() {
        let Some(task) = task_of(node) else { continue };
        let probe = look.probe(node, &task);
        for (field, kind) in look.task(&task).into_iter().chain(probe) {
            let finding = Finding { node: node.id(), label: node.label().to_owned(), field, kind };
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

struct Look<'a> {
    root: &'a Utf8Path,
    world: &'a dyn System,
    path: Option<String>,
    /// What tasks of the plan make; it need not be there yet.
    made: Vec<Glob>,
    /// Programs by name and search path.
    known: HashMap<(String, OsString), bool>,
}

impl Look<'_> {
    fn task(&mut self, task: &Task) -> Vec<(&'static str, FindingKind)> {
        let mut found = Vec::new();
        let run = task.run.iter().map(|command| ("run", command));
        for (field, command) in run.chain(task.finally.iter().map(|it| ("finally", it))) {
            if let Some(program) = self.missing_program(task, command) {
                found.push((field, FindingKind::UnknownProgram { program }));
            }
        }
        for tool in &task.tools {
            if !self.is_there(task, tool) {
                found.push(("tools", FindingKind::UnknownProgram { program: tool.clone() }));
            }
        }
        let missing = self.missing_inputs(task);
        if missing.is_empty() && self.has_vain_inputs(task) {
            found.push(("inputs", FindingKind::InputsMatchNothing));
        }
        found
            .extend(missing.into_iter().map(|path| ("inputs", FindingKind::InputMissing { path })));
        found
    }

    /// What is missing for the `exec` probe of a service.
    fn probe(&mut self, node: &Node, task: &Task) -> Option<(&'static str, FindingKind)> {
        let ready = node.as_service()?.ready.as_ref()?;
        let Probe::Exec { run } = &ready.probe else { return None };
        let program = self.missing_program(task, run)?;
        Some(("ready", FindingKind::UnknownProgram { program }))
    }

    fn missing_program(&mut self, task: &Task, command: &Command) -> Option<String> {
        match command {
            Command::Argv { words } => {
                let name = words.first()?;
                (!self.is_there(task, name)).then(|| name.clone())
            }
            Command::Script(script) => {
                let names = programs_of(script.interpreter);
                let is_there = names.iter().any(|name| self.is_there(task, name));
                (!is_there).then(|| script.interpreter.tag().to_owned())
            }
        }
    }

    fn is_there(&mut self, task: &Task, name: &str) -> bool {
        if os::is_path(name) {
            let is_made = task.dir.join(name).is_ok_and(|path| self.is_made(path.as_str()));
            let directory = absolute(self.root, &task.dir);
            return is_made || Path::new(&directory).join(name).exists();
        }
        let bin_is_made = task
            .bin
            .iter()
            .any(|directory| directory.join(name).is_ok_and(|path| self.is_made(path.as_str())));
        if bin_is_made {
            return true;
        }
        let path = self.search_path(task);
        let key = (name.to_owned(), path);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let directory = absolute(self.root, &task.dir);
        let is_there = search(name, Path::new(&directory), &key.1).is_some();
        self.known.insert(key, is_there);
        is_there
    }

    fn is_made(&self, path: &str) -> bool {
        self.made.iter().any(|glob| glob.matches(path))
    }

    fn search_path(&self, task: &Task) -> OsString {
        let bin: Vec<PathBuf> =
            task.bin.iter().map(|directory| absolute(self.root, directory).into()).collect();
        let path = search_path(self.path_variable(task), !bin.is_empty());
        let all = bin.into_iter().chain(std::env::split_paths(&path));
        std::env::join_paths(all).unwrap_or_else(|_| path.clone().into_owned())
    }

    /// The `PATH` of the processes of a task; where a secret gives it, that of the caller will have to do.
    fn path_variable(&self, task: &Task) -> Option<Cow<'_, OsStr>> {
        let sources = EnvSources {
            caller: std::iter::empty(),
            read: |file: &WorkspacePath| EnvFile::read_through(self.world, self.root, file),
            given: std::iter::empty(),
        };
        let mut path = self.path.as_deref().map(|it| Cow::Borrowed(OsStr::new(it)));
        for step in env_steps(EnvDeclaration::of_task(task, &[]), sources) {
            match step {
                EnvStep::File(_, EnvFile::Read(variables)) => {
                    let last = variables.into_iter().rev().find(|it| it.name == "PATH");
                    path = last.map(|it| Cow::Owned(it.value.into())).or(path);
                }
                EnvStep::Declared("PATH", EnvValue::Text(text)) => {
                    path = Some(Cow::Owned(text.into()));
                }
                EnvStep::Declared("PATH", EnvValue::Path(at)) => {
                    path = Some(Cow::Owned(absolute(self.root, at).into()));
                }
                EnvStep::Declared("PATH", EnvValue::Unset) => path = None,
                EnvStep::File(..)
                | EnvStep::Declared(..)
                | EnvStep::Passed(..)
                | EnvStep::Script(..)
                | EnvStep::Given(..) => {}
            }
        }
        path
    }

    /// The first of the files that `inputs` names and that neither are there nor are made by a task of the plan.
    fn missing_inputs(&self, task: &Task) -> Vec<WorkspacePath> {
        let patterns = Patterns::new(task.inputs.as_deref().unwrap_or_default());
        let named = task.inputs.iter().flatten().filter_map(|text| Glob::parse(text).ok());
        let named = named.filter(|it| it.is_literal() && !it.is_negated());
        let missing = named.filter(|it| {
            let is_made = self.made.iter().any(|made| made.intersects(it));
            let path = self.root.join(it.literal_prefix());
            !is_made
                && !patterns.exclude(it.literal_prefix())
                && self.world.metadata(&path).is_err()
        });
        let paths = missing.filter_map(|it| WorkspacePath::new(it.literal_prefix()).ok());
        paths.take(MISSING_MAX).collect()
    }

    fn has_vain_inputs(&self, task: &Task) -> bool {
        let Some(inputs) = task.inputs.as_deref().filter(|inputs| !inputs.is_empty()) else {
            return false;
        };
        let patterns = Patterns::new(inputs);
        let is_made = |wanted: &Glob| self.made.iter().any(|made| made.intersects(wanted));
        !patterns.wanted().iter().any(is_made)
            && !patterns.match_any(self.world, self.root, LeftOut::Ignored)
    }
}
