//! `rush describe --env`: what the processes of a task find in their environment, and from where.
//!
//! The layers are those of the executor, in the order in which values win: inherited, `env_files`,
//! values a script reads by name, `env` (of the workspace's `defaults`, the profile's, the templates,
//! the task), the command line.

use std::collections::BTreeMap;

use rush_exec::is_passed;
use rush_plan::{Command, EnvValue, Goal, Node, Plan, Position, Task, TextPart, WorkspacePath};
use rush_project::Project;

use crate::plan::{Planned, UsageError, plan};
use crate::position::item_at;
use crate::report::Report;

/// What a secret's value is shown as.
const SECRET: &str = "‹secret›";

/// One variable of a task's processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name; of an absent file of `env_files`, its path.
    pub name: String,
    /// Its value for people; `None` where it is removed or not set.
    pub value: Option<String>,
    /// What gives it the value.
    pub layer: EnvLayer,
    /// Where that is written: `file:line:column`, of a dotenv file `file:line`.
    pub place: Option<String>,
}

/// What gives a variable its value; a later one wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvLayer {
    /// The environment of the caller, through `pass_env`.
    Inherited,
    /// A file of `env_files`.
    EnvFile,
    /// A file of `env_files` that is not there, so it is skipped.
    MissingFile,
    /// A value that a script reads by its name.
    Script,
    /// `env` of a declaration: its kind and, if it has one, its name.
    Declaration(String, Option<String>),
    /// `-e` of the command line.
    CommandLine,
}

impl EnvLayer {
    /// The word for programs: `inherited`, `env_files`, `script`, `workspace`, `profile`,
    /// `template`, `task`, `service`, `command_line`.
    pub fn word(&self) -> &str {
        match self {
            Self::Inherited => "inherited",
            Self::EnvFile | Self::MissingFile => "env_files",
            Self::Script => "script",
            Self::Declaration(kind, _) => kind,
            Self::CommandLine => "command_line",
        }
    }

    /// The name of the declaration.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Declaration(_, name) => name.as_deref(),
            _ => None,
        }
    }
}

/// What the processes of a task find in their environment.
#[derive(Clone, Debug)]
pub struct TaskEnvironment {
    /// The node, with its arguments.
    pub node: String,
    /// The variables that are declared, by name, the winning value of each.
    pub variables: Vec<Variable>,
    /// Whether all other variables of the caller pass, or only the base set.
    pub inherits_everything: bool,
}

/// Why there is no environment to show.
#[derive(Debug)]
pub enum EnvironmentError {
    /// Something that the task reaches is wrong.
    Failed(Report),
    /// The call is wrong, for example because it lacks arguments.
    Usage(Vec<UsageError>),
}

/// The environment of the tasks a goal names, with variables given on the command line.
pub fn environment(
    project: &Project,
    goal: Goal,
    given: &[(String, String)],
) -> Result<Vec<TaskEnvironment>, EnvironmentError> {
    match plan(project, goal) {
        Planned::Plan(plan, _) => {
            let view = View { project, plan: &plan, given };
            let tasks = plan.roots().filter_map(|node| Some(view.task(node, node.as_task()?)));
            Ok(tasks.collect())
        }
        Planned::Failed(report) => Err(EnvironmentError::Failed(report)),
        Planned::Usage(errors) => Err(EnvironmentError::Usage(errors)),
    }
}

struct View<'a> {
    project: &'a Project,
    plan: &'a Plan,
    given: &'a [(String, String)],
}

impl View<'_> {
    fn task(&self, node: &Node, task: &Task) -> TaskEnvironment {
        let mut layers = self.inherited(node, task);
        layers.extend(task.env_files.iter().flat_map(|file| self.dotenv(file)));
        layers.extend(self.script_values(node, task));
        layers.extend(self.declared(node, task));
        layers.extend(self.given.iter().map(|(name, value)| Variable {
            name: name.clone(),
            value: Some(value.clone()),
            layer: EnvLayer::CommandLine,
            place: None,
        }));
        // A later one replaces an earlier one.
        let winners: BTreeMap<String, Variable> =
            layers.into_iter().map(|it| (it.name.clone(), it)).collect();
        TaskEnvironment {
            node: node.to_string(),
            variables: winners.into_values().collect(),
            inherits_everything: task.inputs.is_none(),
        }
    }

    /// What `pass_env` names; a pattern stands for what the caller has of it.
    fn inherited(&self, node: &Node, task: &Task) -> Vec<Variable> {
        let caller = self.project.system().env_vars();
        let place = self.place(node, "pass_env");
        let mut found = Vec::new();
        for pattern in &task.pass_env {
            let one = std::slice::from_ref(pattern);
            let mut matching: Vec<&String> =
                caller.keys().filter(|it| is_passed(one, it)).collect();
            // One that is asked for by its name is shown also where the caller does not have it.
            if matching.is_empty() && !pattern.ends_with('*') {
                matching.push(pattern);
            }
            found.extend(matching.into_iter().map(|name| Variable {
                name: name.clone(),
                value: caller.get(name).cloned(),
                layer: EnvLayer::Inherited,
                place: place.clone(),
            }));
        }
        found
    }

    fn dotenv(&self, file: &WorkspacePath) -> Vec<Variable> {
        let path = self.project.absolute(file.as_str());
        let Ok(bytes) = self.project.system().read(&path) else {
            return vec![Variable {
                name: file.to_string(),
                value: None,
                layer: EnvLayer::MissingFile,
                place: None,
            }];
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let shown = self.project.shown(file.as_str());
        let variables = rush_exec::parse_dotenv(&text).unwrap_or_default().into_iter();
        let variable = |(name, value): (String, String)| Variable {
            place: Some(match line_of(&text, &name) {
                Some(line) => format!("{shown}:{line}"),
                None => shown.clone(),
            }),
            value: Some(value),
            layer: EnvLayer::EnvFile,
            name,
        };
        variables.map(variable).collect()
    }

    fn script_values(&self, node: &Node, task: &Task) -> Vec<Variable> {
        let place = self.place(node, "run");
        let scripts = task.run.iter().filter_map(|command| match command {
            Command::Script(script) => Some(script),
            Command::Argv { .. } => None,
        });
        let values = scripts.flat_map(|it| &it.variables);
        let variable = |(name, value): (&String, &Option<String>)| Variable {
            name: name.clone(),
            value: value.clone(),
            layer: EnvLayer::Script,
            place: place.clone(),
        };
        values.map(variable).collect()
    }

    fn declared(&self, node: &Node, task: &Task) -> Vec<Variable> {
        let variable = |(name, value): (&String, &EnvValue)| {
            let position = self.plan.origin().field(node.id(), &format!("env.{name}"));
            Variable {
                name: name.clone(),
                value: shown(value),
                layer: self.layer(position),
                place: position.map(|it| self.show(it)),
            }
        };
        task.env.iter().map(variable).collect()
    }

    /// The declaration a position lies in.
    fn layer(&self, position: Option<Position>) -> EnvLayer {
        let db = self.project.db();
        let item = position.and_then(|it| item_at(self.project, self.plan, it));
        match item {
            Some((item, _)) => {
                let name = item.ast(db).name().map(|it| it.text.to_string());
                EnvLayer::Declaration(item.kind(db).to_string(), name)
            }
            None => EnvLayer::Declaration("task".to_owned(), None),
        }
    }

    fn place(&self, node: &Node, field: &str) -> Option<String> {
        self.plan.origin().field(node.id(), field).map(|it| self.show(it))
    }

    fn show(&self, at: Position) -> String {
        let path = self.plan.origin().path(at.file).map_or("?", WorkspacePath::as_str);
        format!("{}:{}:{}", self.project.shown(path), at.line, at.column)
    }
}

/// The line, from 1, on which a dotenv file gives the name its last value.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let gives = |line: &str| {
        let written = line.split_once('=').map(|(written, _)| written.trim());
        written.is_some_and(|it| it.strip_prefix("export ").map_or(it, str::trim_start) == name)
    };
    text.lines().zip(1..).filter(|(line, _)| gives(line)).map(|(_, number)| number).last()
}

fn shown(value: &EnvValue) -> Option<String> {
    match value {
        EnvValue::Text(text) => Some(text.clone()),
        EnvValue::Secret(_) => Some(SECRET.to_owned()),
        EnvValue::Parts(parts) => {
            let part = |part: &TextPart| match part {
                TextPart::Text(text) => text.clone(),
                TextPart::Secret(_) => SECRET.to_owned(),
            };
            Some(parts.iter().map(part).collect())
        }
        EnvValue::Path(path) => Some(path.to_string()),
        EnvValue::Unset => None,
    }
}
