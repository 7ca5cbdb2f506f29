//! `rush cache`: how large the cache is, whether it is right, and what goes.

mod verify;

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};
use rush_engine::{
    CacheLimits, CacheStats, Project, ProjectError, Pruned, cache_directory, cache_limits,
};
use rush_plan::WorkspaceSettings;
use serde_json::json;

use super::first_word;
use super::runs::{age, bytes};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::amount::size;
use crate::output::{report, stdout};

pub(crate) use verify::VerifyArgs;

/// Look after the remembered results
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush cache stats                 how much is remembered, and where
  rush cache verify                is every entry what its name says
  rush cache verify build test     run some of these again and compare
  rush cache verify build --crate api
  rush cache prune                 drop what is old, and the rest down to the limit
  rush cache prune --older-than 7d --max-size 2GB
  rush cache clear                 forget everything")]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    action: Action,
    /// How it is told
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text", global = true)]
    format: CacheFormat,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say how much is remembered, and where
    Stats,
    Verify(VerifyArgs),
    /// Drop what nobody used for long, and the least used until the rest is within `max_size`
    Prune(PruneArgs),
    /// Forget everything
    Clear,
}

/// What is dropped; what is not typed is as the workspace says.
#[derive(Args, Debug)]
struct PruneArgs {
    /// Drop what nobody used for so long, in place of `ttl`
    #[arg(long, value_name = "TIME", value_parser = age)]
    older_than: Option<Duration>,
    /// Keep at most this, in place of `max_size`
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_size: Option<u64>,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CacheFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// The flags of `rush cache` that take a word.
const VALUED: [&str; 2] = ["-o", "--format"];

/// What belongs to `verify`, if that is what is to be done: what follows it, and the flags before it.
pub(crate) fn tail_of_verify(tail: &[String]) -> Option<Vec<String>> {
    let at = first_word(tail, &VALUED)?;
    let (before, after) = tail.split_at(at);
    let (action, after) = after.split_first()?;
    (action == "verify").then(|| [before, after].concat())
}

pub(crate) fn run(ctx: &Context, args: &CacheArgs) -> Result<Exit, Failure> {
    let place = match Place::find(ctx)? {
        Ok(place) => place,
        Err(exit) => return Ok(exit),
    };
    let text = match &args.action {
        Action::Stats => place.stats(args.format)?,
        Action::Prune(wanted) => {
            let CacheLimits { age_max, size_bytes_max } = place.limits;
            let limits = CacheLimits {
                age_max: wanted.older_than.unwrap_or(age_max),
                size_bytes_max: wanted.max_size.unwrap_or(size_bytes_max),
            };
            let pruned = rush_engine::prune_cache(place.directory.as_std_path(), &limits);
            gone("dropped", pruned.map_err(|it| place.refused(&it))?, args.format)
        }
        Action::Clear => {
            rush_engine::forget_results(&*ctx.system, &place.root).map_err(|error| {
                let root = &place.root;
                Failure::refused(format!("the results of `{root}` can't be forgotten: {error}"))
            })?;
            let cleared = rush_engine::clear_cache(place.directory.as_std_path());
            gone("forgot", cleared.map_err(|it| place.refused(&it))?, args.format)
        }
        // Its tail is split before clap sees it; see `tail_of_verify`.
        Action::Verify(_) => return Err(Failure::usage("there is nothing to verify")),
    };
    stdout(&text)?;
    Ok(Exit::DONE)
}

/// Where the cache is, and how large it may get.
struct Place {
    root: Utf8PathBuf,
    directory: Utf8PathBuf,
    limits: CacheLimits,
}

impl Place {
    /// The cache of the workspace around the start; outside of any, that of the user. Never that of the user because
    /// the workspace can't be understood: it may well have one of its own.
    fn find(ctx: &Context) -> Result<Result<Self, Exit>, Failure> {
        let start = ctx.start()?;
        let (root, settings) = match Project::open_once(ctx.system.clone(), &start) {
            Ok(project) => {
                ctx.load_settings(Some(project.root()))?;
                match rush_engine::workspace_settings(&project) {
                    Ok(settings) => (project.root().to_owned(), settings),
                    Err(found) => {
                        report::tell(ctx, &found);
                        return Ok(Err(Exit::USAGE));
                    }
                }
            }
            Err(ProjectError::NoTasksFile { .. } | ProjectError::Legacy { .. }) => {
                (start, WorkspaceSettings::default())
            }
            Err(error) => return Err(error.into()),
        };
        let directory = cache_directory(&*ctx.system, &root, &settings).ok_or_else(|| {
            Failure::refused("there is no place for a cache: no home directory is set")
        })?;
        Ok(Ok(Self { root, directory, limits: cache_limits(&settings) }))
    }

    fn refused(&self, error: &std::io::Error) -> Failure {
        Failure::refused(format!("the cache `{}` can't be used: {error}", self.directory))
    }

    fn stats(&self, format: CacheFormat) -> Result<String, Failure> {
        let found = rush_engine::cache_stats(self.directory.as_std_path());
        let CacheStats { entries, blobs, size_bytes } = found.map_err(|it| self.refused(&it))?;
        let max = self.limits.size_bytes_max;
        Ok(match format {
            CacheFormat::Json => {
                let document = json!({
                    "version": 1,
                    "directory": self.directory.as_str(),
                    "entries": entries,
                    "blobs": blobs,
                    "size_bytes": size_bytes,
                    "size_bytes_max": max,
                });
                format!("{document:#}\n")
            }
            CacheFormat::Text => format!(
                "{}\n  {} with {} in {} of at most {}\n",
                self.directory,
                count(entries, "result"),
                count(blobs, "file"),
                size(size_bytes),
                size(max)
            ),
        })
    }
}

fn gone(word: &str, pruned: Pruned, format: CacheFormat) -> String {
    let Pruned { entries, blobs, size_bytes } = pruned;
    match format {
        CacheFormat::Json => {
            let document = json!({
                "version": 1,
                "entries": entries,
                "blobs": blobs,
                "size_bytes": size_bytes,
            });
            format!("{document:#}\n")
        }
        CacheFormat::Text => format!(
            "{word} {} and {}, {}\n",
            count(entries, "result"),
            count(blobs, "file"),
            size(size_bytes)
        ),
    }
}

fn count(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
