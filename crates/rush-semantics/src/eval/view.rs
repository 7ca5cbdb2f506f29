//! From where paths in texts are seen.
//!
//! While values are worked out, a path in a text or a command stays a path: it may be written in one file,
//! handed on as an argument, and read by a process that starts somewhere else, or by a field that counts
//! from its package. Here it gets its letters, when it is known which task or service has it.

use rush_plan::WorkspacePath;
use smol_str::SmolStr;

use super::call::plain_text;
use super::instance::InstanceId;
use super::session::{Eval, Session, Unit};
use super::value::{Command, Piece, PlacedText, Script, Value};

/// From where paths are seen.
pub(super) enum View {
    /// From nowhere: they are as they were written.
    Nowhere,
    /// By nobody in particular: from the root of the workspace.
    Root {
        /// What paths without `//` count from.
        package: WorkspacePath,
    },
    /// By a process of a task or a service.
    Process {
        /// What paths without `//` count from.
        package: WorkspacePath,
        /// Where the process starts.
        work: WorkspacePath,
    },
}

impl View {
    /// A path or a pattern as one finds it from here.
    pub(super) fn path(&self, path: &str) -> String {
        let (package, work) = match self {
            Self::Nowhere => return path.to_owned(),
            Self::Root { package } => {
                return package.join(path).map_or_else(|_| path.to_owned(), |it| format!("//{it}"));
            }
            Self::Process { package, work } => (package, work),
        };
        if !path.starts_with("//") && work == package {
            return path.to_owned();
        }
        match package.join(path) {
            Ok(target) => target.relative_to(work),
            // Leaving the workspace is reported where a path becomes part of the plan.
            Err(_) => path.to_owned(),
        }
    }

    pub(super) fn placed(&self, text: &PlacedText) -> String {
        let pieces = text.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Path { letters, .. } if matches!(self, Self::Nowhere) => letters.to_string(),
            Piece::Path { path, .. } => self.path(path),
            Piece::Secret(_) => String::new(),
        });
        pieces.collect()
    }

    /// The text form of a value; `None` for one that has none.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::PlacedText(text) => Some(self.placed(text)),
            Value::Path(path) | Value::Glob(path) => Some(self.path(path)),
            other => plain_text(other),
        }
    }

    /// A command as it is started. What has no text form was refused when the command was made.
    pub(super) fn command(&self, command: &Command) -> rush_plan::Command {
        let texts = |values: &[Value]| values.iter().filter_map(|it| self.text(it)).collect();
        match command {
            Command::Argv(words) => rush_plan::Command::Argv { words: texts(words) },
            Command::Script(Script { interpreter, text, variables, arguments }) => {
                let variables = variables.iter();
                let variables = variables.map(|(name, it)| (name.to_string(), self.text(it)));
                rush_plan::Command::Script(rush_plan::Script {
                    interpreter: *interpreter,
                    text: text.clone(),
                    variables: variables.collect(),
                    arguments: texts(arguments),
                })
            }
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self, value: &Value) -> Vec<String> {
        value.elements().iter().filter_map(|it| self.text(it)).collect()
    }

    /// One command or several.
    pub(super) fn commands(&self, value: &Value) -> Vec<rush_plan::Command> {
        let one = |value: &Value| match value {
            Value::Command(command) => Some(self.command(command)),
            _ => None,
        };
        match value {
            Value::List(elements) => elements.iter().filter_map(one).collect(),
            other => one(other).into_iter().collect(),
        }
    }
}

impl Session<'_> {
    /// From where a process of a task or a service that starts in `work` sees paths.
    pub(super) fn view_from(&self, owner: InstanceId, work: &WorkspacePath) -> View {
        let package = WorkspacePath::new(self.package_of(owner)).unwrap_or_default();
        View::Process { package, work: work.clone() }
    }

    /// From where paths are seen in the name of a call.
    pub(super) fn view_as_named(&self, owner: InstanceId) -> View {
        View::Root { package: WorkspacePath::new(self.package_of(owner)).unwrap_or_default() }
    }

    /// From where the processes of a task or a service see paths; from nowhere, if it is nobody's.
    pub(super) fn view(&mut self, owner: Option<InstanceId>) -> Eval<View> {
        let Some(owner) = owner else { return Ok(View::Nowhere) };
        let package = WorkspacePath::new(self.package_of(owner)).unwrap_or_default();
        let unit = Unit::Field(owner, SmolStr::new_static("dir"));
        let dir = if self.is_running(&unit) { None } else { self.force(&unit)? };
        let dir = dir.as_ref().and_then(Value::as_text).and_then(|it| package.join(it).ok());
        Ok(self.view_from(owner, &dir.unwrap_or(package)))
    }

    /// How a path reads in a text that is made for a task or a service, to who looks at the letters of it: as it
    /// is written; one from the root counts from where the processes start.
    pub(super) fn path_letters(
        &mut self,
        owner: Option<InstanceId>,
        path: &SmolStr,
    ) -> Eval<SmolStr> {
        if !path.starts_with("//") {
            return Ok(path.clone());
        }
        Ok(self.view(owner)?.path(path).into())
    }
}
