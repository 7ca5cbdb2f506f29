//! What every verb needs: the world, the global flags, the settings, and how to talk.

use std::cell::OnceCell;
use std::io::IsTerminal as _;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rush_diagnostics::{Color as Ink, HumanStyle, Lines};
use rush_engine::{
    BuildId, Color, Project, ProjectError, Setting, Settings, Unread, Workspace, load_settings,
};
use rush_system::System;

use crate::arguments::{Globals, When};
use crate::failure::Failure;

/// What every verb needs.
pub(crate) struct Context {
    pub(crate) system: Arc<dyn System>,
    pub(crate) globals: Globals,
    /// Told when the reader of standard output went away.
    pub(crate) unread: Unread,
    settings: OnceCell<Settings>,
}

/// One of the two streams people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Context {
    pub(crate) fn new(system: Arc<dyn System>, globals: Globals) -> Self {
        Self { system, globals, unread: Unread::default(), settings: OnceCell::new() }
    }

    /// The same with settings that are read when they are next asked for.
    pub(crate) fn with_settings_anew(&self) -> Self {
        let unread = self.unread.clone();
        Self { unread, ..Self::new(self.system.clone(), self.globals.clone()) }
    }

    /// The directory to start in, absolute.
    pub(crate) fn start(&self) -> Result<Utf8PathBuf, Failure> {
        let current = self.system.current_dir()?;
        Ok(self.globals.directory.as_ref().map_or_else(|| current.clone(), |it| current.join(it)))
    }

    /// A path as typed, absolute. What follows `-C DIR` counts from there.
    pub(crate) fn absolute(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        Ok(self.start()?.join(path))
    }

    /// The bytes of a file that was typed; what is refused names it from where the person stands.
    pub(crate) fn read(&self, typed: &Utf8Path) -> Result<Vec<u8>, Failure> {
        let base = self.system.current_dir()?;
        Ok(self.system.read(&self.absolute(typed)?).map_err(|it| it.seen_from(&base))?)
    }

    /// Opens the project around the start.
    pub(crate) fn project(&self) -> Result<Project, Failure> {
        let project = Project::open_once(self.system.clone(), &self.start()?)?;
        // Only the first load counts: the colours must not change half-way.
        self.load_settings(Some(project.root()))?;
        Ok(project)
    }

    /// Finds the workspace around the start; it is opened only for what is not remembered.
    pub(crate) fn workspace(&self) -> Result<Workspace, Failure> {
        let workspace = Workspace::open(self.system.clone(), &self.start()?, self.build())?;
        self.load_settings(Some(workspace.root()))?;
        if self.settings()?.remembers() { Ok(workspace) } else { Ok(workspace.without_memory()?) }
    }

    /// This very program, if it can be told from others.
    fn build(&self) -> Option<BuildId> {
        let program = Utf8PathBuf::from_path_buf(std::env::current_exe().ok()?).ok()?;
        BuildId::of_program(&*self.system, &program, env!("CARGO_PKG_VERSION"))
    }

    /// All settings; those of the workspace only once a project is open.
    pub(crate) fn settings(&self) -> Result<&Settings, Failure> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let settings = self.load(None)?;
        Ok(self.settings.get_or_init(|| settings))
    }

    /// The root of the workspace around the start, if there is one.
    pub(crate) fn root(&self) -> Result<Option<Utf8PathBuf>, Failure> {
        match Project::open_once(self.system.clone(), &self.start()?) {
            Ok(project) => Ok(Some(project.root().to_owned())),
            Err(ProjectError::NoTasksFile { .. } | ProjectError::Legacy { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads the settings for a workspace, unless they were read already.
    pub(crate) fn load_settings(&self, root: Option<&Utf8Path>) -> Result<(), Failure> {
        let settings = self.load(root)?;
        let _ = self.settings.set(settings);
        Ok(())
    }

    fn load(&self, root: Option<&Utf8Path>) -> Result<Settings, Failure> {
        let color = self.globals.color.map(|it| match it {
            When::Auto => "auto",
            When::Always => "always",
            When::Never => "never",
        });
        let flags: Vec<_> = color.map(|it| (Setting::COLOR, it)).into_iter().collect();
        Ok(load_settings(&*self.system, root, &flags)?)
    }

    /// Whether a stream gets colours.
    ///
    /// A choice wins; else `CLICOLOR_FORCE`, `NO_COLOR`, `TERM=dumb`, and whether it is a terminal.
    pub(crate) fn is_colored(&self, stream: Stream) -> bool {
        match self.settings().map_or(Color::Auto, Settings::color) {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.environment_wants_color().unwrap_or_else(|| stream.is_terminal()),
        }
    }

    fn environment_wants_color(&self) -> Option<bool> {
        let variable = |name: &str| self.system.env_var(name).ok().flatten();
        let is_set = |name: &str| variable(name).is_some_and(|it| !it.is_empty() && it != "0");
        if is_set("CLICOLOR_FORCE") {
            return Some(true);
        }
        let is_plain = variable("NO_COLOR").is_some_and(|it| !it.is_empty())
            || variable("TERM").is_some_and(|it| it == "dumb");
        is_plain.then_some(false)
    }

    /// How reports look on a stream.
    pub(crate) fn style(&self, stream: Stream) -> HumanStyle {
        let variable = |name: &str| self.system.env_var(name).ok().flatten().unwrap_or_default();
        // The first of these that is set decides the character set, as in every program.
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].map(variable).into_iter().find(|it| !it.is_empty());
        let is_ascii = variable("TERM") == "dumb"
            || locale.is_some_and(|it| matches!(it.as_str(), "C" | "POSIX"));
        HumanStyle {
            color: if self.is_colored(stream) { Ink::Always } else { Ink::Never },
            lines: if is_ascii { Lines::Ascii } else { Lines::Unicode },
        }
    }
}

impl Stream {
    /// Whether a person sees it directly.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Stdout => std::io::stdout().is_terminal(),
            Self::Stderr => std::io::stderr().is_terminal(),
        }
    }

    /// How wide the terminal is that it goes to, if it goes to one.
    pub(crate) fn columns(self) -> Option<usize> {
        let size = match self {
            Self::Stdout => terminal_size::terminal_size_of(std::io::stdout()),
            Self::Stderr => terminal_size::terminal_size_of(std::io::stderr()),
        };
        size.map(|(width, _)| usize::from(width.0)).filter(|it| *it > 0)
    }
}
