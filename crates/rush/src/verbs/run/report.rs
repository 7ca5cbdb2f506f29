//! `--report junit=FILE`: what a run came to, for build servers.

use std::str::FromStr;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rush_engine::RunSummary;
use rush_plan::Plan;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::events;
use crate::output::file::Destination;
use crate::output::junit;

/// Where a report goes, and in which form.
#[derive(Clone, Debug)]
pub(super) struct Target {
    file: Utf8PathBuf,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("junit", file)) if !file.is_empty() => Ok(Self { file: file.into() }),
            Some(("junit", _)) => Err("the file is missing: write `junit=FILE`".to_owned()),
            Some((form, _)) => Err(format!("there is no form `{form}`: write `junit=FILE`")),
            None => Err("write the form before the file: `junit=FILE`".to_owned()),
        }
    }
}

impl Target {
    /// The file, as typed.
    pub(super) fn file(&self) -> &Utf8Path {
        &self.file
    }

    /// Makes ready for the report; what is in the way is told before the run.
    pub(super) fn prepare(&self, ctx: &Context) -> Result<Destination, Failure> {
        Destination::prepare(ctx, "--report", &self.file)
    }

    /// Writes the report of a run that has ended.
    pub(super) fn write(
        &self,
        ctx: &Context,
        plan: &Arc<Plan>,
        summary: &RunSummary,
        display: &events::Display,
    ) -> Result<(), Failure> {
        let words = |node| display.last_words(node);
        let text = junit::report(plan, summary, display.started(), words).map_err(|error| {
            Failure::refused(format!("the report `{}` could not be written: {error}", self.file))
        })?;
        // A task may have cleared away the directory that was there before the run.
        self.prepare(ctx)?.write(&*ctx.system, text.as_bytes())
    }
}
