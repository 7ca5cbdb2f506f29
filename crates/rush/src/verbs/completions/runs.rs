//! Runs as Tab offers them: by the names one can type, each with what became of it.
//!
//! The memory of runs is read only when one of them is asked for, and what can't be read is not offered.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Command;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use rush_engine::{RunRecord, Store, open_history, timestamp};
use rush_system::System;

use crate::output::amount::age;
use crate::verbs::runs::shown::{Status, asked};

/// How many runs are offered, the latest first.
const OFFERED_MAX: usize = 20;

/// How many runs are looked at to find those that a verb can take.
const READ_MAX: usize = 200;

/// Which runs a verb can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// All.
    Any,
    /// Those that have ended, or never will.
    Over,
    /// Those that go on.
    Running,
    /// Those whose process is gone although they have no end.
    Lost,
}

/// Whether tasks are offered as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tasks {
    Offered,
    Left,
}

/// Offers runs where the verbs take them.
pub(super) fn offer(command: Command, system: &Arc<dyn System>, root: Utf8PathBuf) -> Command {
    let past = Past { system: Arc::clone(system), root };
    let at = |argument: &'static str, wanted: Wanted, tasks: Tasks| {
        let past = past.clone();
        move |command: Command| {
            let candidates = ArgValueCandidates::new(move || past.candidates(wanted, tasks));
            command.mut_arg(argument, |it| it.add(candidates))
        }
    };
    command
        .mut_subcommand("retry", at("run", Wanted::Over, Tasks::Left))
        .mut_subcommand("replay", at("run", Wanted::Any, Tasks::Left))
        .mut_subcommand("resume", at("run", Wanted::Lost, Tasks::Left))
        .mut_subcommand("cancel", at("run", Wanted::Running, Tasks::Left))
        .mut_subcommand("logs", at("calls", Wanted::Any, Tasks::Offered))
        .mut_subcommand("profile", at("word", Wanted::Any, Tasks::Offered))
        .mut_subcommand("runs", |it| {
            let before = at("before", Wanted::Any, Tasks::Left);
            let after = at("after", Wanted::Any, Tasks::Left);
            it.mut_subcommand("show", at("run", Wanted::Any, Tasks::Left))
                .mut_subcommand("diff", |it| after(before(it)))
        })
}

/// Where runs are remembered.
#[derive(Clone)]
struct Past {
    system: Arc<dyn System>,
    root: Utf8PathBuf,
}

impl Past {
    fn candidates(&self, wanted: Wanted, tasks: Tasks) -> Vec<CompletionCandidate> {
        let Ok(store) = open_history(&*self.system, &self.root) else { return Vec::new() };
        let runs = store.runs(READ_MAX).unwrap_or_default();
        let mut found = Vec::new();
        for (at, run) in runs.iter().enumerate().filter(|(_, run)| wanted.fits(run)) {
            let about = self.about(run);
            if at == 0 {
                found.push(CompletionCandidate::new("last").help(Some(about.clone().into())));
            }
            found.push(CompletionCandidate::new(name(&store, run)).help(Some(about.into())));
            if found.len() > OFFERED_MAX {
                break;
            }
        }
        if tasks == Tasks::Offered {
            let labels = store.labels().unwrap_or_default();
            let short = |it: &String| it.strip_prefix("//:").unwrap_or(it).to_owned();
            found.extend(labels.iter().map(|it| CompletionCandidate::new(short(it))));
        }
        let numbered = found.into_iter().enumerate();
        numbered.map(|(at, it)| it.display_order(Some(at))).collect()
    }

    /// What became of a run, how long ago, and what was asked for.
    fn about(&self, run: &RunRecord) -> String {
        let elapsed = timestamp(self.system.now()).0.saturating_sub(run.started.0);
        let since = Duration::from_micros(u64::try_from(elapsed).unwrap_or_default());
        format!("{}, {} ago: {}", Status::of(run).word(), age(since.as_secs()), asked(run))
    }
}

fn name(store: &Store, run: &RunRecord) -> String {
    store.short_id(&run.id).unwrap_or_else(|_| run.id.to_string())
}

impl Wanted {
    fn fits(self, run: &RunRecord) -> bool {
        let status = Status::of(run);
        match self {
            Self::Any => true,
            Self::Over => status != Status::Running,
            Self::Running => status == Status::Running,
            Self::Lost => status == Status::Lost,
        }
    }
}
