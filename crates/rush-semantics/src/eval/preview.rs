//! What a value or a task comes to, as far as that is known without asking the outside world.
//!
//! For who looks at a source: nothing is planned, nothing is reported. What reads a variable or a
//! file, demands an argument or is wrong has no preview.

use rush_plan::{Cause, Command, Goal, Host, PlanRequest, Reads, WorkspaceId};
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::session::{Eval, Session, Stop, Unit};
use super::show::show;
use super::value::Reference;
use super::view::View;
use rush_syntax::Kind;

use crate::db::{Db, Item};
use crate::signature::signature;

/// What an item comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Preview {
    /// A value, as it would be written in a source, shortened.
    Value(String),
    /// What a task or service runs when it is called with its defaults.
    Runs(Vec<Command>),
}

/// Works out a `let`, a `param` or what a declaration runs; `None` when that can't be told here.
pub fn preview(db: &dyn Db, item: Item, host: &Host) -> Option<Preview> {
    let request = PlanRequest {
        workspace: WorkspaceId::default(),
        goal: Goal::default(),
        host: host.clone(),
        reads: Reads::default(),
        cause: Cause::user(),
    };
    let mut session = Session::new(db, &request);
    let found = match item.kind(db) {
        Kind::Let | Kind::Param => {
            let value = session.settle(|it| it.force(&Unit::Item(item))).ok()??;
            Preview::Value(show(db, &View::Nowhere, &value))
        }
        Kind::Task | Kind::Service => {
            if signature(db, item).required().next().is_some() {
                return None;
            }
            Preview::Runs(session.settle(|it| runs(it, item)).ok()?)
        }
        _ => return None,
    };
    session.is_sound().then_some(found)
}

fn runs(session: &mut Session<'_>, item: Item) -> Eval<Vec<Command>> {
    let args = signature(session.db, item).params.iter().map(|_| None).collect();
    let id = session.instantiate(&Reference { item, args, axes: Vec::new() });
    // An instance belongs to one try; the unit it asked for is computed in the next.
    commands(session, id).map_err(|_| Stop::Failed)
}

fn commands(session: &mut Session<'_>, id: InstanceId) -> Eval<Vec<Command>> {
    let run = session.effective(id, &SmolStr::new_static("run"))?;
    let dir = session.effective(id, &SmolStr::new_static("dir"))?;
    let dir = session.directory(id, &dir)?;
    Ok(session.view_from(id, &dir).commands(&run))
}
