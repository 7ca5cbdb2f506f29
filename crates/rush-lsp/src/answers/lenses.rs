//! Lenses above tasks: run it, and how it ran last.

use std::time::Duration;

use ls_types::{CodeLens, CodeLensParams, Command};
use rush_ide::{Lens, LensCommand, lenses};
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::history::{LastResult, LastRun};
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
        let (view, asked) = ground.document()?;
        Some(lenses(&view.db, asked.file))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(found.iter().filter_map(|it| lens(it, desk)).collect()))
    }
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
    Some(match &lens.call {
        None => json!({ "label": lens.label, "uri": uri }),
        Some(call) => json!({ "label": lens.label, "uri": uri, "arguments": call }),
    })
}

/// The lens of the last run, if the task ever ran.
fn show_run(lens: &Lens, desk: &Desk) -> Option<Command> {
    let root = &desk.names.first()?.root;
    let last = desk.terms.history.last(root, &lens.label)?;
    let uri = desk.asked.as_ref()?.uri.as_str();
    let argument = json!({ "label": lens.label, "run": last.run, "uri": uri });
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
