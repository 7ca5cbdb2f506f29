//! Why a verb ended early, for people: a sentence, what to do, and the exit status.

use std::fmt;

use rush_engine::{EngineError, InCall, LabelError, ProjectError, Report, RunError, UsageError};
use unicode_width::UnicodeWidthStr as _;

use crate::exit::Exit;

/// Why a verb ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something to tell.
    Told(Box<Told>),
    /// Mistakes in the task files.
    Found(Box<Report>),
    /// Whoever read the output went away; there is nobody to tell.
    BrokenPipe,
}

/// A problem that is not in a task file.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub(crate) struct Told {
    /// What happened, where and why.
    message: String,
    /// What to do.
    #[help]
    help: Option<String>,
    /// How the program ends.
    pub(crate) exit: ExitStatus,
}

/// Wraps the status, so that it is no part of the message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExitStatus(pub(crate) Exit);

impl Failure {
    /// Something typed can't be meant.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::USAGE, message.into())
    }

    /// The environment refused.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::REFUSED, message.into())
    }

    /// A check or a verification found something.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::FAILED, message.into())
    }

    /// The executor knows the status itself.
    pub(crate) fn of_status(status: u8, message: String) -> Self {
        Self::new(Exit::of_run(status), message)
    }

    /// Mistakes in what was typed, as the compiler found them.
    pub(crate) fn of_usage(errors: &[UsageError]) -> Self {
        let lines: Vec<String> = errors.iter().map(message).collect();
        let mut help = Vec::new();
        for error in errors {
            help.extend(error.help.clone());
            if !error.candidates.is_empty() {
                help.push(format!("possible: {}", quoted(&error.candidates)));
            }
        }
        help.dedup();
        let failure = Self::usage(lines.join("\n"));
        if help.is_empty() { failure } else { failure.help(help.join("\n")) }
    }

    fn new(exit: Exit, message: String) -> Self {
        Self::Told(Box::new(Told { message, help: None, exit: ExitStatus(exit) }))
    }

    /// Says what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.help = Some(help.into());
        }
        self
    }

    /// Says what to do about it, if that is known.
    pub(crate) fn opt_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

impl From<LabelError> for Failure {
    fn from(error: LabelError) -> Self {
        match error {
            LabelError::Broken(found) => Self::Found(Box::new(found)),
            LabelError::Unknown(error) => Self::of_usage(&[error]),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let help = error.help().map(str::to_owned);
        Self::of_status(error.exit_status(), error.to_string()).opt_help(help)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Project(error) => error.into(),
            EngineError::NotImported { ref path } => {
                let name = path.file_stem().unwrap_or("other").replace('-', "_");
                Self::refused(error.to_string()).help(format!(
                    "`use \"..\" as {name}` with its path brings it in; `rush fmt {path}` formats it \
                     as it is"
                ))
            }
            other => Self::refused(other.to_string()),
        }
    }
}

impl From<ProjectError> for Failure {
    fn from(error: ProjectError) -> Self {
        let failure = Self::refused(error.to_string());
        match &error {
            ProjectError::NoTasksFile { start, .. } => failure.help(format!(
                "to begin, put this into `{}`:\n\n{}",
                start.join("tasks.rush"),
                indented(ProjectError::FIRST_FILE)
            )),
            ProjectError::Legacy { path } => failure.help(format!(
                "write what it does into `{}`, for example:\n\n{}",
                path.with_file_name("tasks.rush"),
                indented(ProjectError::FIRST_FILE)
            )),
            ProjectError::NotADirectory { .. } => failure.help("`-C` takes a directory"),
            ProjectError::System(_) => failure,
        }
    }
}

impl From<rush_engine::SettingsError> for Failure {
    fn from(error: rush_engine::SettingsError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<rush_system::SystemError> for Failure {
    fn from(error: rush_system::SystemError) -> Self {
        Self::refused(error.to_string())
    }
}

/// What is wrong, and for a call the line with a mark below the place.
fn message(error: &UsageError) -> String {
    let Some(InCall { call, range }) = error.at.as_ref().filter(|it| !it.call.is_empty()) else {
        return error.message.clone();
    };
    let before = call.get(..range.start).unwrap_or(call);
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    let line = call.get(start..).and_then(|it| it.lines().next()).unwrap_or_default();
    let indent = before.get(start..).unwrap_or_default();
    let marked = line.get(indent.len()..).unwrap_or_default();
    let marked = marked.get(..range.len()).unwrap_or(marked);
    let mark = format!("{}{}", " ".repeat(indent.width()), "^".repeat(marked.width().max(1)));
    format!("{}\n  {line}\n  {mark}", error.message)
}

/// How many possible values an error lists.
const LISTED_MAX: usize = 12;

/// The first of some words, each in quotes.
pub(crate) fn quoted(words: &[impl fmt::Display]) -> String {
    let mut shown: Vec<String> =
        words.iter().take(LISTED_MAX).map(|it| format!("`{it}`")).collect();
    if words.len() > LISTED_MAX {
        shown.push(format!("and {} more", words.len() - LISTED_MAX));
    }
    shown.join(", ")
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}
