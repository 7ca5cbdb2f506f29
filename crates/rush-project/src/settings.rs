//! What a user chose once and for all: settings, each with the layer it came from.
//!
//! Precedence: flag, environment, the workspace's file, the user's file, default. A key nobody knows
//! and a value that can't be meant are errors with a place, never ignored. What the settings do is
//! not known here.

mod amount;
mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZero;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{StateDirectory, System, SystemError};

pub use amount::{age as parse_age, bytes as parse_bytes};

/// The name of a file of settings.
const FILE: &str = "config.toml";

/// Something that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// Whether text is coloured.
    Color,
    /// How many tasks run at once.
    Jobs,
    /// How programs that run several things at once share the number of tasks.
    Jobserver,
    /// Whether runs are remembered.
    History,
    /// How old remembered runs may get.
    HistoryAge,
    /// How many runs are remembered.
    HistoryRuns,
    /// How much room remembered runs may take.
    HistorySize,
    /// Whether a run goes on after a failure, as far as it can.
    KeepGoing,
    /// How the output of tasks is shown.
    LogMode,
    /// Whether answers about a workspace are remembered.
    Remember,
    /// How much there is of the named slots of this machine.
    Slots,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// How the output of tasks is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogMode {
    /// Line by line, as it comes.
    Stream,
    /// Task by task, when each has ended.
    Grouped,
    /// Only of tasks that fail.
    Quiet,
}

/// How programs such as make and cargo find what they share with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jobserver {
    /// Through open files that they inherit; all of them know this way.
    Pipe,
    /// Through a named pipe; make 4.4 and ninja 1.13 know it.
    Fifo,
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of [`Setting::Color`].
    Color(Color),
    /// Of [`Setting::Jobs`].
    Jobs(NonZero<u32>),
    /// Of [`Setting::Jobserver`].
    Jobserver(Jobserver),
    /// Of [`Setting::History`].
    History(bool),
    /// Of [`Setting::HistoryAge`].
    HistoryAge(Duration),
    /// Of [`Setting::HistoryRuns`].
    HistoryRuns(u32),
    /// Of [`Setting::HistorySize`], in bytes.
    HistorySize(u64),
    /// Of [`Setting::KeepGoing`].
    KeepGoing(bool),
    /// Of [`Setting::LogMode`]; `None` leaves it to the tasks and the terminal.
    LogMode(Option<LogMode>),
    /// Of [`Setting::Remember`].
    Remember(bool),
    /// Of [`Setting::Slots`].
    Slots(BTreeMap<String, u64>),
}

/// How much of earlier runs is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// How many runs.
    pub runs_max: u32,
    /// How old they may get.
    pub age_max: Duration,
    /// How much room they may take.
    pub bytes_max: u64,
}

/// A layer of settings; a later one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// What Rush does by itself.
    Default,
    /// The user's file.
    User,
    /// The workspace's file, in its state directory.
    Workspace,
    /// A variable of the environment.
    Environment,
    /// A flag on the command line.
    Flag,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// The flag, the variable, or the file with the line; empty for a default.
    pub place: String,
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings(Vec<(Setting, Value, Origin)>);

/// Why settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file is no TOML.
    #[error("{path}:{line}: {message}")]
    Syntax {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key nobody knows.
    #[error("{place}: no setting is named `{key}`{}", did_you_mean(*suggestion))]
    UnknownKey {
        /// The file with the line, or nothing.
        place: String,
        /// The key as written.
        key: String,
        /// A key that looks like it.
        suggestion: Option<&'static str>,
    },
    /// A value that can't be meant.
    #[error("{place}: `{value}` is no value for `{}`; {}", setting.name(), setting.expects())]
    BadValue {
        /// The file with the line, the variable or the flag.
        place: String,
        /// The setting.
        setting: Setting,
        /// The value as written.
        value: String,
    },
    /// The world refused.
    #[error(transparent)]
    System(#[from] SystemError),
}

impl Setting {
    /// All settings, by name.
    pub const ALL: [Self; 11] = [
        Self::Color,
        Self::History,
        Self::HistoryAge,
        Self::HistoryRuns,
        Self::HistorySize,
        Self::Jobs,
        Self::Jobserver,
        Self::KeepGoing,
        Self::LogMode,
        Self::Remember,
        Self::Slots,
    ];

    /// The key in a file of settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Jobs => "jobs",
            Self::Jobserver => "jobserver",
            Self::History => "history",
            Self::HistoryAge => "history_age",
            Self::HistoryRuns => "history_runs",
            Self::HistorySize => "history_size",
            Self::KeepGoing => "keep_going",
            Self::LogMode => "log_mode",
            Self::Remember => "remember",
            Self::Slots => "slots",
        }
    }

    /// The variable of the environment.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Color => "RUSH_COLOR",
            Self::Jobs => "RUSH_JOBS",
            Self::Jobserver => "RUSH_JOBSERVER",
            Self::History => "RUSH_HISTORY",
            Self::HistoryAge => "RUSH_HISTORY_AGE",
            Self::HistoryRuns => "RUSH_HISTORY_RUNS",
            Self::HistorySize => "RUSH_HISTORY_SIZE",
            Self::KeepGoing => "RUSH_KEEP_GOING",
            Self::LogMode => "RUSH_LOG_MODE",
            Self::Remember => "RUSH_REMEMBER",
            Self::Slots => "RUSH_SLOTS",
        }
    }

    /// What the setting is for, in one line.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Color => "whether text is coloured",
            Self::Jobs => "how many tasks run at once; the number of processors if unset",
            Self::Jobserver => {
                "how make, cargo and the like find the budget that they share with tasks"
            }
            Self::History => "whether runs are remembered, with what they wrote",
            Self::HistoryAge => "how old a remembered run may get",
            Self::HistoryRuns => "how many runs are remembered",
            Self::HistorySize => "how much room remembered runs may take",
            Self::KeepGoing => "whether a run goes on after a failure, as far as it can",
            Self::LogMode => "how the output of tasks is shown",
            Self::Remember => "whether a workspace that has not changed is not compiled again",
            Self::Slots => "how much there is of the slots that tasks take; 1 of those not named",
        }
    }

    /// The values it takes, in words.
    pub const fn expects(self) -> &'static str {
        match self {
            Self::Color => "use `auto`, `always` or `never`",
            Self::Jobs => "use a whole number from 1 to 1024",
            Self::Jobserver => "use `pipe` or `fifo`",
            Self::HistoryAge => "use a time such as `12h` or `30d`",
            Self::HistoryRuns => "use a whole number from 1 to 1000000",
            Self::HistorySize => "use a size such as `500MB` or `1GB`",
            Self::History | Self::KeepGoing | Self::Remember => "use `true` or `false`",
            Self::LogMode => "use `auto`, `stream`, `grouped` or `quiet`",
            Self::Slots => "name each with its number, such as `gpu=2 licence=5`, or use `none`",
        }
    }

    /// The setting of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The setting whose name looks most like this one.
    pub fn suggest(name: &str) -> Option<&'static str> {
        rush_diagnostics::suggest(name, Self::ALL.map(Self::name))
            .and_then(|name| Self::from_name(name).map(Self::name))
    }

    /// Reads a value as it is written in a variable.
    pub fn parse(self, text: &str) -> Option<Value> {
        let text = text.trim();
        Some(match (self, text) {
            (Self::Color, "auto") => Value::Color(Color::Auto),
            (Self::Color, "always") => Value::Color(Color::Always),
            (Self::Color, "never") => Value::Color(Color::Never),
            (Self::Jobs, _) => {
                Value::Jobs(text.parse().ok().filter(|it: &NonZero<u32>| it.get() <= 1024)?)
            }
            (Self::Jobserver, "pipe") => Value::Jobserver(Jobserver::Pipe),
            (Self::Jobserver, "fifo") => Value::Jobserver(Jobserver::Fifo),
            (Self::History, "true") => Value::History(true),
            (Self::History, "false") => Value::History(false),
            (Self::HistoryAge, _) => Value::HistoryAge(amount::age(text)?),
            (Self::HistoryRuns, _) => {
                Value::HistoryRuns(text.parse().ok().filter(|it| (1..=1_000_000).contains(it))?)
            }
            (Self::HistorySize, _) => Value::HistorySize(amount::bytes(text)?),
            (Self::KeepGoing, "true") => Value::KeepGoing(true),
            (Self::KeepGoing, "false") => Value::KeepGoing(false),
            (Self::LogMode, "auto") => Value::LogMode(None),
            (Self::LogMode, "stream") => Value::LogMode(Some(LogMode::Stream)),
            (Self::LogMode, "grouped") => Value::LogMode(Some(LogMode::Grouped)),
            (Self::LogMode, "quiet") => Value::LogMode(Some(LogMode::Quiet)),
            (Self::Slots, _) => Value::Slots(slots(text)?),
            (Self::Remember, "true") => Value::Remember(true),
            (Self::Remember, "false") => Value::Remember(false),
            (
                Self::Color
                | Self::History
                | Self::Jobserver
                | Self::KeepGoing
                | Self::LogMode
                | Self::Remember,
                _,
            ) => return None,
        })
    }

    fn default(self, system: &dyn System) -> Value {
        match self {
            Self::Color => Value::Color(Color::Auto),
            Self::Jobs => {
                Value::Jobs(NonZero::new(system.host().cpus).unwrap_or(NonZero::<u32>::MIN))
            }
            Self::Jobserver => Value::Jobserver(Jobserver::Pipe),
            Self::History => Value::History(true),
            Self::HistoryAge => Value::HistoryAge(Duration::from_hours(30 * 24)),
            Self::HistoryRuns => Value::HistoryRuns(500),
            Self::HistorySize => Value::HistorySize(1_000_000_000),
            Self::KeepGoing => Value::KeepGoing(false),
            Self::LogMode => Value::LogMode(None),
            Self::Remember => Value::Remember(true),
            Self::Slots => Value::Slots(BTreeMap::new()),
        }
    }
}

/// Reads `gpu=2 licence=5`.
fn slots(text: &str) -> Option<BTreeMap<String, u64>> {
    if text == "none" {
        return Some(BTreeMap::new());
    }
    let words = text.split([' ', ',']).filter(|it| !it.is_empty());
    let found: BTreeMap<String, u64> = words
        .map(|word| {
            let (name, units) = word.split_once('=')?;
            let units = units.parse().ok().filter(|it| *it > 0)?;
            (!name.is_empty()).then(|| (name.to_owned(), units))
        })
        .collect::<Option<_>>()?;
    (!found.is_empty()).then_some(found)
}

impl Settings {
    /// Every setting with its value and where that came from, by name.
    pub fn iter(&self) -> impl Iterator<Item = (Setting, &Value, &Origin)> {
        self.0.iter().map(|(setting, value, origin)| (*setting, value, origin))
    }

    /// One setting.
    pub fn get(&self, setting: Setting) -> Option<(&Value, &Origin)> {
        self.iter().find(|it| it.0 == setting).map(|(_, value, origin)| (value, origin))
    }

    /// Whether text is coloured.
    pub fn color(&self) -> Color {
        match self.get(Setting::Color) {
            Some((Value::Color(color), _)) => *color,
            _ => Color::Auto,
        }
    }

    /// How many tasks run at once.
    pub fn jobs(&self) -> usize {
        match self.get(Setting::Jobs) {
            Some((Value::Jobs(jobs), _)) => jobs.get() as usize,
            _ => 1,
        }
    }

    /// How programs find the budget that they share with a run.
    pub fn jobserver(&self) -> Jobserver {
        match self.get(Setting::Jobserver) {
            Some((Value::Jobserver(form), _)) => *form,
            _ => Jobserver::Pipe,
        }
    }

    /// How much there is of named slots.
    pub fn slots(&self) -> BTreeMap<String, u64> {
        match self.get(Setting::Slots) {
            Some((Value::Slots(slots), _)) => slots.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// Whether a run goes on after a failure.
    pub fn keeps_going(&self) -> bool {
        matches!(self.get(Setting::KeepGoing), Some((Value::KeepGoing(true), _)))
    }

    /// Whether answers about a workspace are remembered.
    pub fn remembers(&self) -> bool {
        !matches!(self.get(Setting::Remember), Some((Value::Remember(false), _)))
    }

    /// How the output of tasks is shown, if the user chose.
    pub fn log_mode(&self) -> Option<LogMode> {
        match self.get(Setting::LogMode) {
            Some((Value::LogMode(mode), _)) => *mode,
            _ => None,
        }
    }

    /// What of earlier runs is remembered; `None` if none is.
    pub fn history(&self) -> Option<History> {
        let mut history = History { runs_max: 0, age_max: Duration::ZERO, bytes_max: 0 };
        for (_, value, _) in self.iter() {
            match value {
                Value::History(false) => return None,
                Value::HistoryAge(age) => history.age_max = *age,
                Value::HistoryRuns(runs) => history.runs_max = *runs,
                Value::HistorySize(bytes) => history.bytes_max = *bytes,
                _ => {}
            }
        }
        Some(history)
    }

    fn set(&mut self, setting: Setting, value: Value, origin: Origin) {
        if let Some(slot) = self.0.iter_mut().find(|it| it.0 == setting) {
            *slot = (setting, value, origin);
        }
    }
}

/// Reads all layers. `root` is the workspace, if there is one; `flags` are what was typed.
pub fn load_settings(
    system: &dyn System,
    root: Option<&Utf8Path>,
    flags: &[(Setting, Value)],
) -> Result<Settings, SettingsError> {
    let nowhere = Origin { layer: Layer::Default, place: String::new() };
    let defaults = Setting::ALL.map(|it| (it, it.default(system), nowhere.clone()));
    let mut settings = Settings(defaults.into());
    let user = system.config_dir().map(|it| (it.join(FILE), Layer::User));
    let workspace = root.map(|it| (StateDirectory::in_root(it).join(FILE), Layer::Workspace));
    for (path, layer) in user.into_iter().chain(workspace) {
        file::read(system, &path, layer, &mut settings)?;
    }
    for setting in Setting::ALL {
        let name = setting.variable();
        let Some(text) = system.env_var(name)?.filter(|it| !it.is_empty()) else { continue };
        let value = setting.parse(&text).ok_or_else(|| SettingsError::BadValue {
            place: name.to_owned(),
            setting,
            value: text,
        })?;
        settings.set(setting, value, Origin { layer: Layer::Environment, place: name.to_owned() });
    }
    for (setting, value) in flags {
        let place = format!("--{}", setting.name().replace('_', "-"));
        settings.set(*setting, value.clone(), Origin { layer: Layer::Flag, place });
    }
    Ok(settings)
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default()
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Color(Color::Auto) | Self::LogMode(None) => out.write_str("auto"),
            Self::Color(Color::Always) => out.write_str("always"),
            Self::Color(Color::Never) => out.write_str("never"),
            Self::Jobs(jobs) => write!(out, "{jobs}"),
            Self::Jobserver(Jobserver::Pipe) => out.write_str("pipe"),
            Self::Jobserver(Jobserver::Fifo) => out.write_str("fifo"),
            Self::HistoryAge(age) => out.write_str(&amount::show_age(*age)),
            Self::HistoryRuns(runs) => write!(out, "{runs}"),
            Self::HistorySize(bytes) => out.write_str(&amount::show_bytes(*bytes)),
            Self::History(is_on) => write!(out, "{is_on}"),
            Self::KeepGoing(is_on) | Self::Remember(is_on) => write!(out, "{is_on}"),
            Self::LogMode(Some(LogMode::Stream)) => out.write_str("stream"),
            Self::LogMode(Some(LogMode::Grouped)) => out.write_str("grouped"),
            Self::LogMode(Some(LogMode::Quiet)) => out.write_str("quiet"),
            Self::Slots(slots) if slots.is_empty() => out.write_str("none"),
            Self::Slots(slots) => {
                let words = slots.iter().map(|(name, units)| format!("{name}={units}"));
                out.write_str(&words.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            Layer::Default => out.write_str("default"),
            Layer::User | Layer::Workspace | Layer::Environment | Layer::Flag => {
                out.write_str(&self.place)
            }
        }
    }
}

impl Layer {
    /// The name of the layer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::User => "user",
            Self::Workspace => "workspace",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }
}
