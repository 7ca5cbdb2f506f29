//! What a user chose once and for all: settings, each with the layer it came from.
//!
//! Precedence: flag, environment, the workspace's file, the user's file, default. A key nobody knows
//! and a value that can't be meant are errors with a place, never ignored. What the settings do is
//! not known here.

mod amount;
mod file;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rush_system::{StateDirectory, System, SystemError};

pub use amount::{age as parse_age, bytes as parse_bytes};
pub use table::Setting;
use table::Values;

/// The name of a file of settings.
const FILE: &str = "config.toml";

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
pub struct Settings {
    values: Values,
    /// Where each value comes from, in the order of [`Setting::ALL`].
    origins: [Origin; Setting::ALL.len()],
}

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
    #[error("{place}: no setting is named `{key}`{}", suffix(did_you_mean.as_deref()))]
    UnknownKey {
        /// The file with the line, or nothing.
        place: String,
        /// The key as written.
        key: String,
        /// Keys that look like it, as a question.
        did_you_mean: Option<String>,
    },
    /// A value that can't be meant.
    #[error("{place}: `{value}` is no value for `{}`; {}", setting.name, setting.expects)]
    BadValue {
        /// The file with the line, the variable or the flag.
        place: String,
        /// The setting.
        setting: &'static Setting,
        /// The value as written.
        value: String,
    },
    /// The world refused.
    #[error(transparent)]
    System(#[from] SystemError),
}

impl Settings {
    /// Every setting with its value on a machine and where that came from, by name.
    pub fn iter(
        &self,
        system: &dyn System,
    ) -> impl Iterator<Item = (&'static Setting, String, &Origin)> {
        let all = Setting::ALL.into_iter().zip(&self.origins);
        all.map(|(setting, origin)| (setting, setting.show(&self.values, system), origin))
    }

    /// Whether text is coloured.
    pub const fn color(&self) -> Color {
        self.values.color
    }

    /// How many tasks run at once on a machine.
    pub fn jobs(&self, system: &dyn System) -> usize {
        self.values.jobs_on(system) as usize
    }

    /// How programs find the budget that they share with a run.
    pub const fn jobserver(&self) -> Jobserver {
        self.values.jobserver
    }

    /// How much there is of named slots.
    pub fn slots(&self) -> BTreeMap<String, u64> {
        self.values.slots.clone()
    }

    /// Whether a run goes on after a failure.
    pub const fn keeps_going(&self) -> bool {
        self.values.keep_going
    }

    /// Whether answers about a workspace are remembered.
    pub const fn remembers(&self) -> bool {
        self.values.remember
    }

    /// How the output of tasks is shown, if the user chose.
    pub const fn log_mode(&self) -> Option<LogMode> {
        self.values.log_mode
    }

    /// What of earlier runs is remembered; `None` if none is.
    pub fn history(&self) -> Option<History> {
        self.values.history.then_some(History {
            runs_max: self.values.history_runs,
            age_max: self.values.history_age,
            bytes_max: self.values.history_size,
        })
    }

    /// Lays a value over what is there.
    fn set(
        &mut self,
        setting: &'static Setting,
        text: &str,
        origin: Origin,
    ) -> Result<(), SettingsError> {
        if setting.set(&mut self.values, text).is_none() {
            let (place, value) = (origin.place, text.to_owned());
            return Err(SettingsError::BadValue { place, setting, value });
        }
        let slots = Setting::ALL.into_iter().zip(&mut self.origins);
        for (_, slot) in slots.filter(|it| it.0.name == setting.name) {
            slot.clone_from(&origin);
        }
        Ok(())
    }
}

/// Reads all layers. `root` is the workspace, if there is one; `flags` are what was typed.
pub fn load_settings(
    system: &dyn System,
    root: Option<&Utf8Path>,
    flags: &[(&'static Setting, &str)],
) -> Result<Settings, SettingsError> {
    let origins = Setting::ALL.map(|_| Origin { layer: Layer::Default, place: String::new() });
    let mut settings = Settings { values: Values::default(), origins };
    let user = system.config_dir().map(|it| (it.join(FILE), Layer::User));
    let workspace = root.map(|it| (StateDirectory::in_root(it).join(FILE), Layer::Workspace));
    for (path, layer) in user.into_iter().chain(workspace) {
        file::read(system, &path, layer, &mut settings)?;
    }
    for setting in Setting::ALL {
        let place = setting.variable.to_owned();
        let Some(text) = system.env_var(&place)?.filter(|it| !it.is_empty()) else { continue };
        settings.set(setting, &text, Origin { layer: Layer::Environment, place })?;
    }
    for (setting, text) in flags {
        let place = format!("--{}", setting.name.replace('_', "-"));
        settings.set(setting, text, Origin { layer: Layer::Flag, place })?;
    }
    Ok(settings)
}

fn suffix(question: Option<&str>) -> String {
    question.map(|it| format!("; {it}")).unwrap_or_default()
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
