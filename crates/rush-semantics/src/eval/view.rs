//! From where paths in texts are seen.
//!
//! While values are worked out, a path in a text or a command stays a path: it may be written in one file,
//! handed on as an argument, and read by a process that starts somewhere else, or by a field that counts
//! from its package. It gets its letters where somebody looks: a process when its node is lowered, whatever
//! asks about letters while planning as the package of the task at work has it. So no value knows who made it.

use std::borrow::Cow;

use rush_plan::WorkspacePath;
use smol_str::SmolStr;

use super::given::{as_given, push_behind, split_mark, unmarked};
use super::instance::InstanceId;
use super::session::Session;
use super::text::plain_text;
use super::value::{Command, Piece, Record, Script, Value};

/// From where paths are seen.
pub(super) enum View<'a> {
    /// From nowhere: they are as they were written.
    Nowhere,
    /// From a package, as what is written for a task of it.
    Package(&'a str),
    /// By a process of a task or a service.
    Process {
        /// What paths without `//` count from.
        package: WorkspacePath,
        /// Where the process starts.
        work: WorkspacePath,
    },
}

impl View<'_> {
    /// A path or a pattern as one finds it from here.
    pub(super) fn path(&self, path: &str) -> String {
        let (package, work) = match self {
            Self::Nowhere => return path.to_owned(),
            Self::Package(package) => (WorkspacePath::new(package).unwrap_or_default(), None),
            Self::Process { package, work } => (package.clone(), Some(work)),
        };
        let work = work.unwrap_or(&package);
        let (not, body) = split_mark(path);
        let body = as_given(&package, body).unwrap_or(body);
        if work == &package && !body.starts_with("//") {
            return format!("{not}{body}");
        }
        // What leaves the workspace was refused where a field or a call was given it.
        let Ok(place) = package.join(body) else { return path.to_owned() };
        let seen = place.relative_to(work);
        // Programs tell these apart from the same without.
        let dot = if body.starts_with("./") && !seen.starts_with('.') { "./" } else { "" };
        let slash = if body.ends_with('/') && !place.is_root() { "/" } else { "" };
        format!("{not}{dot}{seen}{slash}")
    }

    /// The letters of a text with paths.
    fn placed(&self, pieces: &[Piece]) -> String {
        let pieces = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Cow::Borrowed(text.as_str()),
            Piece::Path(path) => Cow::Owned(self.path(path)),
            Piece::Secret(_) => Cow::Borrowed(""),
        });
        pieces.collect()
    }

    /// The letters of everything that is spelled as text.
    pub(super) fn letters<'v>(&self, value: &'v Value) -> Option<Cow<'v, str>> {
        match value {
            Value::PlacedText(pieces) => Some(Cow::Owned(self.placed(pieces))),
            Value::Path(path) | Value::Glob(path) => Some(Cow::Owned(self.path(path))),
            other => other.as_text().map(|it| Cow::Borrowed(it.as_str())),
        }
    }

    /// A text with paths as the plain text that it is to who looks; any other value is what it is.
    pub(super) fn plain(&self, value: &Value) -> Value {
        match value {
            Value::PlacedText(pieces) => Value::text(self.placed(pieces)),
            other => other.clone(),
        }
    }

    /// The letters where a path or a pattern is expected: a path at the very beginning stays what it is.
    pub(super) fn as_path<'v>(&self, value: &'v Value) -> Option<Cow<'v, str>> {
        Some(match value {
            Value::PlacedText(pieces) => Cow::Owned(match &**pieces {
                [Piece::Path(first), rest @ ..] => {
                    let mut path = unmarked(first).into_owned();
                    push_behind(&mut path, &self.placed(rest));
                    path
                }
                pieces => self.placed(pieces),
            }),
            other => unmarked(other.as_text()?),
        })
    }

    /// The text form of a value; `None` for one that has none.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        self.letters(value).map(Cow::into_owned).or_else(|| plain_text(value))
    }

    /// Whether two values are equal as `==` has it: numbers by value, texts by their letters.
    pub(super) fn are_equal(&self, left: &Value, right: &Value) -> bool {
        match (left, right) {
            (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
                (*int as f64).total_cmp(float).is_eq()
            }
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| self.are_equal(a, b))
            }
            (Value::Record(a), Value::Record(b)) => self.are_equal_records(a, b),
            (Value::Tag(a), Value::Tag(b)) => {
                a.name == b.name && self.are_equal_records(&a.fields, &b.fields)
            }
            _ => match (self.letters(left), self.letters(right)) {
                // A text that is compared with a path may name it from the root.
                (Some(a), Some(b)) if is_place(left) || is_place(right) => {
                    self.path(&a) == self.path(&b)
                }
                (Some(a), Some(b)) => a == b,
                _ => left == right,
            },
        }
    }

    /// Whether two records have equal values of the same names.
    pub(super) fn are_equal_records(&self, left: &Record, right: &Record) -> bool {
        let has_equal = |(key, value): (&SmolStr, &Value)| {
            right.get(key).is_some_and(|it| self.are_equal(value, it))
        };
        left.len() == right.len() && left.iter().all(has_equal)
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
                    text: self.text(text).unwrap_or_default(),
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

/// Whether a value is a path or a pattern.
const fn is_place(value: &Value) -> bool {
    matches!(value, Value::Path(_) | Value::Glob(_))
}

impl<'db> Session<'db> {
    /// From where a process of a task or a service that starts in `work` sees paths.
    pub(super) fn view_from(&self, owner: InstanceId, work: &WorkspacePath) -> View<'db> {
        let package = WorkspacePath::new(self.package_of(owner)).unwrap_or_default();
        View::Process { package, work: work.clone() }
    }

    /// From where paths are seen by what looks at letters for a task or a service, or for nobody.
    pub(super) fn view(&self, owner: Option<InstanceId>) -> View<'db> {
        owner.map_or(View::Nowhere, |it| View::Package(self.package_of(it)))
    }
}
