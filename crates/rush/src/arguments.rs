//! What can be typed, as clap sees it: the global flags and one variant a verb.
//!
//! The arguments of a verb are declared in the verb's own file. `run` is special: which flags it
//! takes depends on the tasks it names, so its tail is split in `verbs/run` with their signatures.

use camino::Utf8PathBuf;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::verbs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Checks, formats, plans and runs the tasks of `tasks.rush`.
///
/// A word that is no verb is a task: `rush build --release` is `rush run build --release`.
#[derive(Debug, Parser)]
#[command(
    name = "rush",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  rush list                        what can be run here
  rush build --release             run a task with a flag of its own
  rush check --fix                 find mistakes, and mend the certain ones
  rush explain RUSH0204            a page about a finding

Exit status: 0 done, 1 failed, 2 wrong usage, 3 the environment refused"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

impl Cli {
    /// The program with one verb alone. Declaring all of them takes as long as the rest of a start,
    /// and who knows which verb was typed needs no other.
    pub(crate) fn command_with<V: Args>(name: &'static str) -> clap::Command {
        let program = clap::Command::new("rush")
            .version(env!("CARGO_PKG_VERSION"))
            .styles(STYLES)
            .disable_help_subcommand(true);
        Globals::augment_args(program).subcommand(V::augment_args(clap::Command::new(name)))
    }

    /// What was typed after the name of the program, if it is this verb and nothing is wrong with it.
    /// Otherwise whoever asks parses it with all verbs declared, and says what is wrong.
    pub(crate) fn parse_alone<V: Args>(
        name: &'static str,
        words: &[String],
    ) -> Option<(Globals, V)> {
        let typed = std::iter::once("rush").chain(words.iter().map(String::as_str));
        let matches = Self::command_with::<V>(name).try_get_matches_from(typed).ok()?;
        let verb = V::from_arg_matches(matches.subcommand_matches(name)?).ok()?;
        Some((Globals::from_arg_matches(&matches).ok()?, verb))
    }
}

/// Flags every verb takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global flags")]
pub(crate) struct Globals {
    /// Start in this directory
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(crate) directory: Option<Utf8PathBuf>,
    /// Whether text is coloured
    #[arg(long, value_name = "WHEN", global = true)]
    pub(crate) color: Option<When>,
    /// Say on standard error what Rush does; twice for more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// Write a trace of Rush itself, for chrome://tracing
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) trace: Option<Utf8PathBuf>,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// The verbs, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Run(verbs::run::RunArgs),
    Up(verbs::up::UpArgs),
    Down(verbs::down::DownArgs),
    Ps(verbs::ps::PsArgs),
    Why(verbs::why::WhyArgs),
    Cache(verbs::cache::CacheArgs),
    #[command(name = verbs::up::SUPERVISE, hide = true)]
    Supervise(verbs::up::SuperviseArgs),
    Runs(verbs::runs::RunsArgs),
    Logs(verbs::logs::LogsArgs),
    Profile(verbs::profile::ProfileArgs),
    Retry(verbs::retry::RetryArgs),
    Replay(verbs::replay::ReplayArgs),
    Resume(verbs::resume::ResumeArgs),
    Cancel(verbs::cancel::CancelArgs),
    Check(verbs::check::CheckArgs),
    Fmt(verbs::fmt::FmtArgs),
    Plan(verbs::plan::PlanArgs),
    List(verbs::list::ListArgs),
    Describe(verbs::describe::DescribeArgs),
    Graph(verbs::graph::GraphArgs),
    Explain(verbs::explain::ExplainArgs),
    Grammar(verbs::grammar::GrammarArgs),
    Config(verbs::config::ConfigArgs),
    Completions(verbs::completions::CompletionsArgs),
    Lsp(verbs::lsp::LspArgs),
    Version(verbs::version::VersionArgs),
}
