//! `rush describe`: a task as its callers see it, and the environment its processes get.

use std::collections::BTreeMap;

use rush_plan::{Call, EnvValue, Goal, Node, Plan, Task, TextPart};
use rush_project::Project;
use rush_semantics::eval;
use rush_semantics::names;

use crate::label::{find, short};
use crate::list::place_of;
use crate::plan::{Planned, UsageError, plan};
use crate::report::Report;

pub use rush_semantics::eval::{AxisDescription, Description, ParamDescription};

/// What a secret's value is shown as.
const SECRET: &str = "‹secret›";

/// A task or service, with where it is.
#[derive(Clone, Debug)]
pub struct Described {
    /// What to type to run it from here.
    pub name: String,
    /// What its callers see.
    pub description: Description,
    /// The file, as people see it, and the line from 1.
    pub place: (String, u32),
    /// What is wrong with it; a description of something broken may lack parts.
    pub report: Report,
}

/// Describes what a label names.
pub fn describe(project: &Project, label: &str) -> Result<Vec<Described>, UsageError> {
    let db = project.db();
    let items = find(project, &Call::new(label).label)?;
    let describe = |item: rush_semantics::Item| {
        let found = rush_semantics::check::item_diagnostics(db, item);
        let errors: Vec<_> = found.iter().filter(|it| it.is_error()).cloned().collect();
        Described {
            name: short(project, &names::label(db, item)),
            description: eval::describe(db, item),
            place: place_of(project, item),
            report: Report::new(project, &errors),
        }
    };
    Ok(items.into_iter().map(describe).collect())
}

/// One variable of a task's processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value for people; `None` where it is removed or not set.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: String,
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

/// The environment of the tasks a call names, for the settings of this machine.
pub fn environment(
    project: &Project,
    call: &str,
) -> Result<Vec<TaskEnvironment>, EnvironmentError> {
    let goal = Goal { calls: vec![Call::new(call)], ..Goal::default() };
    match plan(project, goal) {
        Planned::Plan(plan, _) => Ok(plan
            .roots()
            .filter_map(|node| Some(task_environment(project, &plan, node, node.as_task()?)))
            .collect()),
        Planned::Failed(report) => Err(EnvironmentError::Failed(report)),
        Planned::Usage(errors) => Err(EnvironmentError::Usage(errors)),
    }
}

/// In the order in which values win: inherited, files, `env`; a later one replaces.
fn task_environment(project: &Project, plan: &Plan, node: &Node, task: &Task) -> TaskEnvironment {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: Option<String>, origin: String| {
        let variable = Variable { name: name.to_owned(), value, origin };
        variables.insert(name.to_owned(), variable);
    };
    let system = project.system();
    for name in &task.pass_env {
        let value = system.env_var(name).ok().flatten();
        let origin =
            if value.is_some() { "inherited (`pass_env`)" } else { "not set (`pass_env`)" };
        set(name, value, origin.to_owned());
    }
    for file in &task.env_files {
        let Ok(bytes) = system.read(&project.absolute(file.as_str())) else {
            set(file.as_str(), None, format!("no file `{file}` (`env_files`)"));
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (name, value) in rush_exec::parse_dotenv(&text).unwrap_or_default() {
            set(&name, Some(value), file.to_string());
        }
    }
    for (name, value) in &task.env {
        let at = plan.origin().field(node.id(), &format!("env.{name}"));
        let origin = at.map_or_else(|| "env".to_owned(), |it| plan.origin().show(it));
        set(name, shown(value), origin);
    }
    TaskEnvironment {
        node: node.to_string(),
        variables: variables.into_values().collect(),
        inherits_everything: task.inputs.is_none(),
    }
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
