//! `rush describe --env`: what the processes of a task find in their environment, and from where.
//!
//! The executor leads past the layers in the order in which values win; here each of them is given the place where it
//! is written. Which declaration a value of `env` is from (the workspace's `defaults`, the profile's, a template, the
//! task) is known from that place alone.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use rush_exec::{EnvDeclaration, EnvFile, EnvSources, EnvStep, env_steps};
use rush_plan::{EnvValue, Goal, Node, Plan, Position, TextPart, Work, WorkspacePath};
use rush_project::Project;

use crate::plan::{Planned, UsageError, plan};
use crate::position::item_at;
use crate::report::Report;

/// What a secret's value is shown as.
const SECRET: &str = "‹secret›";

/// One variable of a task's processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name; of a file of `env_files` without variables to show, its path.
    pub name: String,
    /// Its value for people.
    pub value: VariableValue,
    /// What gives it the value.
    pub layer: EnvLayer,
    /// Where that is written: `file:line:column`, of a dotenv file `file:line`.
    pub place: Option<String>,
}

/// The value of a variable, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableValue {
    /// A text; secrets in it are masked.
    Text(String),
    /// There is one, but it may be a password.
    Hidden,
    /// There is none: the variable is taken away or not set, or a file has none.
    Absent,
}

/// Whether values that may be passwords are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// All but secrets.
    Shown,
    /// Only those that stand in a task file or were let in by their names.
    Hidden,
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
    /// A file of `env_files` for which a run would fail, with the reason.
    BrokenFile(String),
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
            Self::EnvFile | Self::MissingFile | Self::BrokenFile(_) => "env_files",
            Self::Script => "script",
            Self::Declaration(kind, _) => kind,
            Self::CommandLine => "command_line",
        }
    }

    /// The name of the declaration.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Declaration(_, name) => name.as_deref(),
            Self::Inherited
            | Self::EnvFile
            | Self::MissingFile
            | Self::BrokenFile(_)
            | Self::Script
            | Self::CommandLine => None,
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

/// The environment of the tasks and services a goal names, with variables given on the command line.
pub fn environment(
    project: &Project,
    goal: Goal,
    given: &[(String, String)],
    values: Values,
) -> Result<Vec<TaskEnvironment>, EnvironmentError> {
    match plan(project, goal) {
        Planned::Plan(plan, _) => {
            let view = View { project, plan: &plan, given, values };
            Ok(plan.roots().map(|node| view.of(node)).collect())
        }
        Planned::Failed(report) => Err(EnvironmentError::Failed(report)),
        Planned::Usage(errors) => Err(EnvironmentError::Usage(errors)),
    }
}

struct View<'a> {
    project: &'a Project,
    plan: &'a Plan,
    given: &'a [(String, String)],
    values: Values,
}

impl View<'_> {
    fn of(&self, node: &Node) -> TaskEnvironment {
        let (declaration, pass_env, inherits_everything) = match &node.work {
            Work::Task(task) => {
                let declaration = EnvDeclaration::of_task(task, &task.run);
                (declaration, &task.pass_env, task.inputs.is_none())
            }
            Work::Service(service) => {
                (EnvDeclaration::of_service(service), &service.pass_env, true)
            }
        };
        let project = self.project;
        let caller = project.system().env_vars();
        let sources = EnvSources {
            caller: caller.iter().map(|(name, value)| (name.as_str(), OsStr::new(value))),
            read: |file: &WorkspacePath| {
                EnvFile::read_through(&**project.system(), project.root(), file)
            },
            given: self.given.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        };
        // One that is asked for by its name is shown also where the caller does not have it.
        let named = pass_env.iter().filter(|it| !it.ends_with('*'));
        let mut found: Vec<Variable> = named.map(|name| self.passed(node, name, None)).collect();
        for step in env_steps(declaration, sources) {
            match step {
                EnvStep::Passed(name, value) => found.push(self.passed(node, name, value.to_str())),
                EnvStep::File(file, content) => found.extend(self.file(file, content)),
                EnvStep::Script(name, value) => found.push(Variable {
                    name: name.to_owned(),
                    value: text_or_absent(value),
                    layer: EnvLayer::Script,
                    place: self.place(node, "run"),
                }),
                EnvStep::Declared(name, value) => found.push(self.declared(node, name, value)),
                EnvStep::Given(name, value) => found.push(Variable {
                    name: name.to_owned(),
                    value: self.private(value),
                    layer: EnvLayer::CommandLine,
                    place: None,
                }),
            }
        }
        // A later one replaces an earlier one.
        let winners: BTreeMap<String, Variable> =
            found.into_iter().map(|it| (it.name.clone(), it)).collect();
        let variables = winners.into_values().collect();
        TaskEnvironment { node: node.to_string(), variables, inherits_everything }
    }

    fn passed(&self, node: &Node, name: &str, value: Option<&str>) -> Variable {
        Variable {
            name: name.to_owned(),
            value: text_or_absent(value),
            layer: EnvLayer::Inherited,
            place: self.place(node, "pass_env"),
        }
    }

    fn file(&self, file: &WorkspacePath, content: EnvFile) -> Vec<Variable> {
        let nothing = |layer: EnvLayer| {
            let value = VariableValue::Absent;
            vec![Variable { name: file.to_string(), value, layer, place: None }]
        };
        match content {
            EnvFile::Missing => nothing(EnvLayer::MissingFile),
            EnvFile::Broken(_, error) => nothing(EnvLayer::BrokenFile(error.to_string())),
            EnvFile::Unreadable(reason) => nothing(EnvLayer::BrokenFile(reason)),
            EnvFile::Read(variables) => {
                let shown = self.project.shown(file.as_str());
                let variables = variables.into_iter().map(|it| Variable {
                    name: it.name,
                    value: self.private(&it.value),
                    layer: EnvLayer::EnvFile,
                    place: Some(format!("{shown}:{}", it.line)),
                });
                variables.collect()
            }
        }
    }

    fn declared(&self, node: &Node, name: &str, value: &EnvValue) -> Variable {
        let position = self.plan.origin().field(node.id(), &format!("env.{name}"));
        Variable {
            name: name.to_owned(),
            value: shown(value),
            layer: self.layer(position, node),
            place: position.map(|it| self.show(it)),
        }
    }

    /// A value that may be somebody's password.
    fn private(&self, value: &str) -> VariableValue {
        match self.values {
            Values::Shown => VariableValue::Text(value.to_owned()),
            Values::Hidden => VariableValue::Hidden,
        }
    }

    /// The declaration a position lies in.
    fn layer(&self, position: Option<Position>, node: &Node) -> EnvLayer {
        let db = self.project.db();
        let item = position.and_then(|it| item_at(self.project, self.plan, it));
        match item {
            Some((item, _)) => {
                let name = item.ast(db).name().map(|it| it.text.to_string());
                EnvLayer::Declaration(item.kind(db).to_string(), name)
            }
            None => {
                let kind = if node.as_service().is_some() { "service" } else { "task" };
                EnvLayer::Declaration(kind.to_owned(), None)
            }
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

fn text_or_absent(value: Option<&str>) -> VariableValue {
    value.map_or(VariableValue::Absent, |it| VariableValue::Text(it.to_owned()))
}

fn shown(value: &EnvValue) -> VariableValue {
    VariableValue::Text(match value {
        EnvValue::Text(text) => text.clone(),
        EnvValue::Secret(_) => SECRET.to_owned(),
        EnvValue::Parts(parts) => {
            let part = |part: &TextPart| match part {
                TextPart::Text(text) => text.clone(),
                TextPart::Secret(_) => SECRET.to_owned(),
            };
            parts.iter().map(part).collect()
        }
        EnvValue::Path(path) => path.to_string(),
        EnvValue::Unset => return VariableValue::Absent,
    })
}
