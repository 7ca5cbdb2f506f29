//! `rush describe`: a task as its callers see it.

use rush_plan::Call;
use rush_project::Project;
use rush_semantics::eval;
use rush_semantics::names;

use crate::label::{find, short};
use crate::list::place_of;
use crate::plan::UsageError;
use crate::report::Report;

pub use rush_semantics::eval::{AxisDescription, Description, ParamDescription};

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
