//! The use cases of Rush, one function each: check, format, list, describe, graph, explain, plan, run.
//!
//! Each takes an open [`Project`] (or a [`System`](rush_system::System)) and a request, and returns
//! data. Nothing here prints, exits or knows how a flag is spelled: that is the front end's part.

mod check;
mod chronicle;
mod describe;
mod environment;
mod error;
mod explain;
mod fix;
mod flag;
mod format;
mod gate;
mod grammar;
mod graph;
mod history;
mod label;
mod list;
mod logs;
mod plan;
mod position;
mod preflight;
mod profile;
mod reads;
mod recall;
mod remembered;
mod report;
mod results;
mod retry;
mod run;
mod scope;
mod script_check;
mod services;
mod unread;
mod vocabulary;
mod wanted;
mod watch;
mod workspace;

pub use check::{broken_items, check, check_choice};
pub use describe::{
    AxisDescription, Described, DescribedCommand, DescribedField, Description, ParamDescription,
    Runs, describe,
};
pub use environment::{
    EnvLayer, EnvironmentError, TaskEnvironment, Values, Variable, VariableValue, environment,
};
pub use error::EngineError;
pub use explain::{ExplainError, explain, explainable};
pub use fix::{Fixed, LeftOut, Refused, fix, judge_fixes};
pub use flag::{FlagTarget, Form, TaskFlag, task_flags};
pub use format::{FormattedFile, format_paths, format_text, not_text, unified_diff};
pub use gate::Pace;
pub use grammar::{Notation, grammar};
pub use graph::{Graph, GraphEdge, GraphNode, GraphReason, graph};
pub use history::{
    Ancestry, Choices, HistoryError, Recording, asked, find_run, is_lost, is_running, new_run_id,
    open_history, retention, so_far, timestamp,
};
pub use label::LabelError;
pub use list::{ListedParam, ListedTask, ListedText, Listing, Which, list};
pub use logs::{LineFilter, LinePattern, LineReader, LogLine, has_status, status_word};
pub use plan::{DEFAULT_TASK, InCall, Planned, UsageError, plan, workspace_settings};
pub use preflight::preflight;
pub use profile::{PastRuns, PastTask, Profile, TaskProfile, Used, past_of_task};
pub use recall::{label_of, last_run_of, runs_of};
pub use remembered::BuildId;
pub use report::Report;
pub use results::{
    Verified, cache_directory, cache_limits, forget_results, open_results, outlooks, read_results,
    verify, why,
};
pub use retry::{Again, AgainError, Earlier, Settled, cancel};
pub use run::{Heard, Run, RunFailure, run};
pub use scope::Scope;
pub use script_check::{ScriptRemark, check_script};
pub use services::{
    Asked, Progress, ServiceState, ServiceStatus, ServicesError, Starter, Supervision, Up, down,
    not_up, services, supervise, up_detached,
};
pub use unread::Unread;
pub use vocabulary::{Vocabulary, vocabulary};
pub use wanted::Wanted;
pub use watch::{
    Ending, FileChange, Happened, News, Occasion, Replanned, Rerun, Reuse, WatchEnd, WatchFailure,
    WatchFront, Watching, watch,
};
pub use workspace::{UnwrittenPlan, Workspace};

pub use rush_exec::{
    Answer, Ask, AskPerson, Audience, Control, DryNode, Emitted, FailurePolicy, Force,
    GuardProgram, JobserverForm, LineMerger, NodeSummary, Prefix, Question, RunError, RunOptions,
    RunSummary, Usage, command_line, command_summary, dry_run, exit_status, own_environment,
    read_line_while, serve_if_asked, withheld_variables,
};
pub use rush_exec::{
    CacheLimits, CacheStats, Change, Difference, Integrity, Outlook, PartKind, Pruned, Reason,
    TableAhead, Why, cache_stats, check_cache, clear_cache, prune_cache,
};
pub use rush_project::{
    Color, History, Jobserver, Layer, LogMode, Origin, Project, ProjectError, Setting, Settings,
    SettingsError, WatchError, WatchMode, load_settings, parse_age, parse_bytes,
};
pub use rush_semantics::check::is_run_flag;
pub use rush_store::{
    AttemptRecord, Lineage, LogPiece, LogQuery, NodeRecord, Retention, RunRecord, Store,
    StoreError, Visit, size_bytes,
};
