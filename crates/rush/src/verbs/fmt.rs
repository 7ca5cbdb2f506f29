//! `rush fmt`: brings task files into their one look.

use std::io::Read as _;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use rush_engine::{FormattedFile, format_paths, format_text, not_text, unified_diff};
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{report, stderr, stdout};

/// Format task files
///
/// An item with a syntax error is left as it is, its neighbours are formatted; the exit status is
/// then 1.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush fmt                         all files of the workspace
  rush fmt --check                 only say which files would change
  rush fmt --diff web/tasks.rush   show what would change
  rush fmt --check -o json         the same for programs: each file, and whether it would change
  rush fmt - < tasks.rush          from standard input to standard output")]
pub(crate) struct FmtArgs {
    /// Files and directories; `-` is standard input
    paths: Vec<Utf8PathBuf>,
    /// Write nothing; exit with 1 if a file would change
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
    /// How `--check` says what it found
    #[arg(
        short = 'o',
        long,
        value_name = "FORMAT",
        default_value = "human",
        requires = "check",
        conflicts_with = "diff"
    )]
    format: FmtFormat,
}

/// How a check is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FmtFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
}

pub(crate) fn run(ctx: &Context, args: &FmtArgs) -> Result<Exit, Failure> {
    if args.paths.iter().any(|it| it == "-") {
        return stdin(ctx, args);
    }
    let paths = args.paths.iter().map(|it| ctx.absolute(it)).collect::<Result<Vec<_>, _>>()?;
    let project = if paths.is_empty() { Some(ctx.project()?) } else { None };
    let files = format_paths(project.as_ref(), &*ctx.system, &paths)?;
    let mut exit = Exit::DONE;
    for file in &files {
        if file.has_broken_items() {
            report::tell(ctx, &file.report);
            exit = Exit::FAILED;
        }
    }
    if args.check || args.diff {
        return show(ctx, args, &files, exit);
    }
    let changed: Vec<_> = files.iter().filter(|it| it.is_changed()).collect();
    for file in &changed {
        ctx.system.write(&file.path, file.text.as_bytes())?;
        stderr(&format!("formatted {}\n", file.shown));
    }
    Ok(exit)
}

/// Shows what would change; the names are data, like those of `gofmt -l`.
fn show(
    ctx: &Context,
    args: &FmtArgs,
    files: &[FormattedFile],
    exit: Exit,
) -> Result<Exit, Failure> {
    let changed: Vec<_> = files.iter().filter(|it| it.is_changed()).collect();
    if args.format == FmtFormat::Json {
        stdout(&format!("{:#}\n", checked(files)))?;
        return Ok(if changed.is_empty() { exit } else { Exit::FAILED });
    }
    for file in &changed {
        if args.diff {
            stdout(&unified_diff(file))?;
        } else {
            report::tell(ctx, &file.difference());
        }
    }
    let is_failed = args.check && !changed.is_empty();
    Ok(if is_failed { Exit::FAILED } else { exit })
}

/// Each file, and what formatting would do with it.
fn checked(files: &[FormattedFile]) -> serde_json::Value {
    let files = files.iter().map(|file| {
        json!({
            "path": file.shown,
            "formatted": !file.is_changed(),
            "broken": file.has_broken_items(),
        })
    });
    json!({ "version": 1, "files": files.collect::<Vec<_>>() })
}

fn stdin(ctx: &Context, args: &FmtArgs) -> Result<Exit, Failure> {
    if args.paths.len() > 1 {
        return Err(Failure::usage("`-` stands alone: standard input is one file"));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure::refused(format!("could not read standard input: {error}")))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            report::tell(ctx, &not_text("<stdin>", &error));
            return Ok(Exit::FAILED);
        }
    };
    let file = format_text("<stdin>", text);
    if file.has_broken_items() {
        report::tell(ctx, &file.report);
    }
    let exit = if file.has_broken_items() { Exit::FAILED } else { Exit::DONE };
    if args.check || args.diff {
        return show(ctx, args, &[file], exit);
    }
    stdout(&file.text)?;
    Ok(exit)
}
