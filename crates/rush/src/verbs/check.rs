//! `rush check`: finds mistakes, and mends the certain ones.

use camino::Utf8PathBuf;
use clap::Args;
use rush_diagnostics::Counts;
use rush_engine::{Fixed, Project, Report, Scope};
use rush_plan::{Goal, Texts};

use super::call::pair;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::report::{self, ReportFormat};
use crate::output::stderr;

/// Find mistakes in the task files of the workspace
///
/// Nothing is run and nothing is read but task files.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush check                       the whole workspace
  rush check web --fix             mend what is certain in one package
  rush check --deny warnings -o github")]
pub(crate) struct CheckArgs {
    /// Only report on these files and directories
    paths: Vec<Utf8PathBuf>,
    /// How findings are written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "human")]
    format: ReportFormat,
    /// Apply the fixes that are certain, those of hints too
    #[arg(long, conflicts_with_all = ["profile", "set"])]
    fix: bool,
    /// Fail on findings that are not errors
    #[arg(long, value_name = "WHAT")]
    deny: Option<Denied>,
    /// Also plan every task that needs no arguments, with this profile
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Also plan every task that needs no arguments, with this value for a `param`
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

/// What fails a check besides errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Denied {
    /// Warnings
    Warnings,
}

pub(crate) fn run(ctx: &Context, args: &CheckArgs) -> Result<Exit, Failure> {
    if args.paths.iter().any(|it| it == "-") {
        return Err(Failure::usage("`check` reads files, not standard input")
            .help("what a file means depends on its neighbours; `rush fmt - < tasks.rush` tells of mistakes in the writing of one"));
    }
    let mut project = ctx.project()?;
    let paths = args.paths.iter().map(|it| ctx.absolute(it)).collect::<Result<Vec<_>, _>>()?;
    let scope = Scope::of_paths(&project, &paths)?;
    let report = if args.fix {
        let fixed = rush_engine::fix(&mut project, &scope);
        tell_fixes(&fixed);
        if !fixed.refused.is_empty() {
            report::write(ctx, &fixed.report, args.format)?;
            return Ok(Exit::REFUSED);
        }
        fixed.report
    } else if args.profile.is_some() || !args.set.is_empty() {
        let set = Texts::by_name(&args.set);
        let choice = Goal { profile: args.profile.clone(), set, ..Goal::default() };
        rush_engine::check_choice(&project, &scope, choice)
            .map_err(|errors| Failure::of_usage(&errors))?
    } else {
        let mut report = rush_engine::check(&project, &scope);
        rush_engine::judge_fixes(&mut project, &scope, &mut report);
        report
    };
    report::write(ctx, &report, args.format)?;
    if report.diagnostics.is_empty() && args.format == ReportFormat::Human {
        stderr(&format!("{} checked, nothing to report\n", files(&project, &scope)));
    }
    // The process ends here: to take a large workspace apart piece by piece would only make people wait.
    std::mem::forget(project);
    Ok(exit(&report, args.deny))
}

fn exit(report: &Report, denied: Option<Denied>) -> Exit {
    let Counts { errors, warnings, .. } = report.counts();
    let is_denied = denied == Some(Denied::Warnings) && warnings > 0;
    if errors > 0 || is_denied { Exit::FAILED } else { Exit::DONE }
}

fn tell_fixes(fixed: &Fixed) {
    for path in &fixed.written {
        stderr(&format!("fixed {path}\n"));
    }
    for refused in &fixed.refused {
        stderr(&format!("{refused}\n"));
    }
    for left_out in &fixed.left_out {
        stderr(&format!("{left_out}\n"));
    }
}

fn files(project: &Project, scope: &Scope) -> String {
    match project.files().filter(|(path, _)| scope.contains(path)).count() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}
