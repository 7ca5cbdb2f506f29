//! `rush describe`: a task as its callers see it, and what it does, as it is written.

use rush_exec::command_line;
use rush_plan::{Call, Command};
use rush_project::{Project, machine_facts};
use rush_semantics::eval::{self, Preview, WrittenCommand};
use rush_semantics::{Item, names};
use serde::{Deserialize, Serialize};

use crate::label::{LabelError, find, short};
use crate::list::place_of;
use crate::report::Report;

pub use rush_semantics::eval::{AxisDescription, Description, ParamDescription};

/// A task or service, with where it is.
#[derive(Clone, Debug)]
pub struct Described {
    /// What to type to run it from here.
    pub name: String,
    /// What its callers see.
    pub description: Description,
    /// What it runs.
    pub runs: Runs,
    /// Its fields in the order of the reference; what adds to an inherited value stands before it.
    pub fields: Vec<DescribedField>,
    /// The file, as people see it, and the line from 1.
    pub place: (String, u32),
    /// What is wrong with it; a description of something broken may lack parts.
    pub report: Report,
}

/// A field as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedField {
    /// Its name.
    pub name: String,
    /// The source of its value.
    pub source: String,
    /// The keys of a record that is written out, such as the variables of `env`.
    pub keys: Vec<String>,
    /// The template it is from, by its label; `None` if the declaration has it itself.
    pub from: Option<String>,
    /// The file, as people see it, and the line of the declaration that has it.
    pub place: (String, u32),
}

/// What a task runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Runs {
    /// These commands, when it is called with its defaults.
    Resolved(Vec<DescribedCommand>),
    /// What these come to: an argument, a cell of the matrix, or something outside of the task files decides.
    Written(Vec<DescribedCommand>),
}

/// A command for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DescribedCommand {
    /// A program with its arguments.
    Argv(String),
    /// A script, under the word for its language.
    Script(String),
    /// A source that comes to commands.
    Value(String),
}

impl Runs {
    /// The commands, whatever is known of them.
    pub fn commands(&self) -> &[DescribedCommand] {
        match self {
            Self::Resolved(commands) | Self::Written(commands) => commands,
        }
    }
}

/// Describes what a label names.
pub fn describe(project: &Project, label: &str) -> Result<Vec<Described>, LabelError> {
    let db = project.db();
    let items = find(project, &Call::new(label).label)?;
    let describe = |item: Item| {
        let found = rush_semantics::check::item_diagnostics(db, item);
        let errors = found.iter().filter(|it| it.is_error());
        let errors = errors.chain(rush_semantics::check::causing_errors(db, item));
        let errors: Vec<_> = errors.cloned().collect();
        Described {
            name: short(project, &names::label(db, item)),
            description: eval::describe(db, item),
            runs: runs(project, item),
            fields: fields(project, item),
            place: place_of(project, item),
            report: Report::new(project, &errors),
        }
    };
    Ok(items.into_iter().map(describe).collect())
}

fn runs(project: &Project, item: Item) -> Runs {
    let (db, host) = (project.db(), machine_facts(&**project.system()));
    if let Some(Preview::Runs(commands)) = eval::preview(db, item, &host) {
        let shown = commands.iter().map(|command| match command {
            Command::Argv { .. } => DescribedCommand::Argv(command_line(command)),
            Command::Script(_) => DescribedCommand::Script(command_line(command)),
        });
        return Runs::Resolved(shown.collect());
    }
    let written = eval::written_commands(db, item).into_iter().map(|command| match command {
        WrittenCommand::Argv(text) => DescribedCommand::Argv(text),
        WrittenCommand::Script { tag, text } => {
            let lines = text.trim_end().lines().map(|it| format!("\n  {it}"));
            DescribedCommand::Script(format!("{tag}{}", lines.collect::<String>()))
        }
        WrittenCommand::Value(source) => DescribedCommand::Value(source),
    });
    Runs::Written(written.collect())
}

fn fields(project: &Project, item: Item) -> Vec<DescribedField> {
    let db = project.db();
    let fields = eval::written_fields(db, item).into_iter().map(|it| DescribedField {
        name: it.name.to_string(),
        source: it.source,
        keys: it.keys.iter().map(ToString::to_string).collect(),
        from: (it.item != item).then(|| short(project, &names::label(db, it.item))),
        place: place_of(project, it.item),
    });
    fields.collect()
}
