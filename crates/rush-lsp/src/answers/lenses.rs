//! Lenses above tasks: run it, and how it ran last; and which task a place is in.
//!
//! To a client each is a command with one argument, `{ label, uri, directory }`: the label as the
//! command line takes it, the file, and where to start; with `arguments`, what stands between the
//! brackets of a call, as far as that is known, and with `run`, the name of a run.

use std::sync::Arc;
use std::time::Duration;

use ls_types::{CodeLens, CodeLensParams, Command, TextDocumentPositionParams};
use rush_ide::{Lens, LensCommand, lenses, task_at};
use rush_semantics::names::PACKAGE_FILE;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::history::{LastResult, LastRun};
use crate::paths;
use crate::question::{Question, Subject, Urgency};

impl Question for CodeLensParams {
    type Found = Vec<Lens>;
    type Answer = Vec<CodeLens>;
    const WHILE: &'static str = "lenses were made";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        if !is_run_from_disk(ground) {
            return Some(Vec::new());
        }
        let (view, asked) = ground.document()?;
        Some(lenses(&view.db, asked.file))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(found.iter().filter_map(|it| lens(it, desk)).collect()))
    }
}

/// Which task or service a place is in.
pub(crate) struct TaskAt(pub(crate) TextDocumentPositionParams);

impl Question for TaskAt {
    type Found = Lens;
    type Answer = Value;
    const WHILE: &'static str = "a task was about to be run";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.0.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        if !is_run_from_disk(ground) {
            return None;
        }
        let offset = ground.offset(self.0.position)?;
        let (view, asked) = ground.document()?;
        task_at(&view.db, asked.file, offset)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(run(&found, desk))
    }
}

/// Whether a run would find the document's workspace: the document is a file, and there is a task
/// file on the disk, not only here.
fn is_run_from_disk(ground: &mut Ground) -> bool {
    let system = Arc::clone(&ground.terms.system);
    ground.document().is_some_and(|(view, asked)| {
        let package_file = view.names.root.join(PACKAGE_FILE);
        paths::from_uri(&asked.uri).is_some() && system.metadata(&package_file).is_ok()
    })
}

fn lens(lens: &Lens, desk: &Desk) -> Option<CodeLens> {
    let shown = desk.terms.settings.lenses;
    let command = match lens.command {
        LensCommand::ShowRun if shown.history => show_run(lens, desk)?,
        LensCommand::Run | LensCommand::RunWithArguments | LensCommand::DryRun if shown.run => {
            command(lens, lens.title.clone(), run(lens, desk)?)
        }
        _ => return None,
    };
    Some(CodeLens { range: desk.range(lens.at.range)?, command: Some(command), data: None })
}

fn command(lens: &Lens, title: String, argument: Value) -> Command {
    Command::new(title, lens.command.name().to_owned(), Some(vec![argument]))
}

/// What a client needs to run a task: `arguments` is there when some must be given.
fn run(lens: &Lens, desk: &Desk) -> Option<Value> {
    let uri = desk.asked.as_ref()?.uri.as_str();
    let mut argument = json!({ "label": lens.label, "uri": uri, "directory": root(desk)? });
    if let (Some(call), Some(fields)) = (&lens.call, argument.as_object_mut()) {
        fields.insert("arguments".to_owned(), call.as_str().into());
    }
    Some(argument)
}

/// Where a run of the document's tasks starts.
fn root(desk: &Desk) -> Option<&str> {
    Some(desk.names.first()?.root.as_str())
}

/// The lens of the last run, if the task ever ran.
fn show_run(lens: &Lens, desk: &Desk) -> Option<Command> {
    let root = &desk.names.first()?.root;
    let last = desk.terms.history.last(root, &lens.label)?;
    let uri = desk.asked.as_ref()?.uri.as_str();
    let directory = root.as_str();
    let argument =
        json!({ "label": lens.label, "run": last.run, "uri": uri, "directory": directory });
    Some(command(lens, title(&last), argument))
}

fn title(last: &LastRun) -> String {
    let result = match last.result {
        LastResult::Succeeded => "✓ succeeded",
        LastResult::Cached => "✓ was done already",
        LastResult::Failed => "✗ failed",
        LastResult::Stopped => "was stopped",
        LastResult::Running => return "runs".to_owned(),
    };
    match last.took {
        Some(took) => format!("{result} in {}", short(took)),
        None => result.to_owned(),
    }
}

/// A time in the unit in which one reads it.
fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{}.{} s", seconds, time.subsec_millis() / 100),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::short;
    use std::time::Duration;

    #[test]
    fn times_are_short() {
        let shown = |ms| short(Duration::from_millis(ms));
        assert_eq!(shown(12), "12 ms");
        assert_eq!(shown(1_290), "1.2 s");
        assert_eq!(shown(61_000), "1 min 1 s");
        assert_eq!(shown(3_720_000), "1 h 2 min");
    }
}
