//! Arguments as the plan has them: a call is named by them.
//!
//! A name says what the value is, and not what it comes to for anybody: a text with paths is written out as an
//! expression, which also gives the same call back on the command line, and so is a path with a spelling of its own.

use std::collections::BTreeMap;

use rush_plan::WorkspacePath;
use smol_str::SmolStr;

use super::given::as_given;
use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Session, Stop};
use super::text::pieces_of;
use super::value::{Command, Piece, Record, Reference, Value};
use super::view::View;
use crate::names::label;
use crate::signature::signature;

impl Session<'_> {
    /// A value as the plan keeps it: paths from the workspace root, declarations by their label.
    pub(super) fn plan_value(
        &mut self,
        id: InstanceId,
        value: &Value,
        at: Place,
    ) -> Eval<rush_plan::Value> {
        use rush_plan::Value as Plain;
        Ok(match value {
            Value::None => Plain::None,
            Value::Bool(it) => Plain::Bool(*it),
            Value::Int(it) => Plain::Int(*it),
            Value::Float(it) => Plain::Float(*it),
            Value::Text(it) => Plain::Text(it.to_string()),
            Value::PlacedText(pieces) => Plain::Expression(quoted(pieces, &self.home(id))),
            Value::Path(it) => self.plan_path(id, it, at)?,
            Value::Glob(it) => Plain::Glob(self.pattern(id, it, at)?),
            Value::Duration(it) => Plain::Duration(*it),
            Value::Size(it) => Plain::Size(u64::try_from(*it).unwrap_or(0)),
            Value::Regex(it) => Plain::Regex(it.to_string()),
            Value::Cron(it) => Plain::Cron(it.to_string()),
            Value::Command(it) if value.has_paths() => self.plan_command(id, it, at)?,
            Value::Command(it) => Plain::Command(Box::new(View::Nowhere.command(it))),
            Value::Reference(it) => Plain::Reference(self.plan_call(it, at)?),
            Value::List(elements) => {
                self.step(at)?;
                self.pay_for_elements(elements.len(), at)?;
                let values = elements.iter().map(|it| self.plan_value(id, it, at));
                Plain::List(values.collect::<Eval<_>>()?)
            }
            Value::Record(record) => Plain::Record(self.plan_fields(id, record, at)?),
            Value::Tag(tag) => Plain::Tag {
                name: tag.name.to_string(),
                fields: self.plan_fields(id, &tag.fields, at)?,
            },
            Value::Secret(_) | Value::SecretText(_) => {
                let span = at.span(self.db);
                return Err(self.fail(report::secret_leak(span)));
            }
        })
    }

    /// A path, written out if it is spelled as no other of the same place.
    fn plan_path(&mut self, id: InstanceId, path: &str, at: Place) -> Eval<rush_plan::Value> {
        let place = rush_plan::Value::Path(self.path(id, path, at)?);
        let home = self.home(id);
        let written = literal(as_given(&home, path).unwrap_or(path));
        let is_plain = place.seen_from(&home).to_string() == written;
        Ok(if is_plain { place } else { rush_plan::Value::Expression(written) })
    }

    /// A declaration with what it is called with.
    fn plan_call(&mut self, reference: &Reference, at: Place) -> Eval<String> {
        let Reference { item, args, axes } = reference;
        let mut call = label(self.db, *item);
        let names = signature(self.db, *item).params.iter().map(|it| &it.name);
        let args = names.zip(args).filter_map(|(name, it)| Some((name, it.as_ref()?)));
        let given: Vec<_> = args.chain(axes.iter().map(|(name, it)| (name, it))).collect();
        if given.is_empty() {
            return Ok(call);
        }
        let callee = self.instantiate(reference);
        let package = self.package_of(callee);
        let mut separator = "(";
        for (name, value) in given {
            let value = self.plan_value(callee, &value.given_to(package), at)?;
            call.push_str(&format!("{separator}{name}: {}", value.seen_from(&self.home(callee))));
            separator = ", ";
        }
        self.forget_call(callee);
        call.push(')');
        Ok(call)
    }

    /// The package of a task or a service, as a place.
    fn home(&self, id: InstanceId) -> WorkspacePath {
        WorkspacePath::new(self.package_of(id)).unwrap_or_default()
    }

    /// A command with paths in it.
    fn plan_command(
        &mut self,
        id: InstanceId,
        command: &Command,
        at: Place,
    ) -> Eval<rush_plan::Value> {
        let script = match command {
            Command::Argv(words) => {
                return Ok(rush_plan::Value::Expression(argv(words, &self.home(id))));
            }
            Command::Script(script) => script,
        };
        let placed = |it: &Value| match it {
            Value::Path(path) | Value::Glob(path) => Value::joined(vec![Piece::Path(path.clone())]),
            other => other.clone(),
        };
        let mut fields = Record::default();
        fields.set(SmolStr::new_static("raw"), script.text.clone());
        if !script.variables.is_empty() {
            let variables = script.variables.iter().map(|(name, it)| (name.clone(), placed(it)));
            fields.set(SmolStr::new_static("variables"), Value::record(variables.collect()));
        }
        if !script.arguments.is_empty() {
            let arguments = script.arguments.iter().map(placed).collect();
            fields.set(SmolStr::new_static("arguments"), Value::list(arguments));
        }
        let fields = self.plan_fields(id, &fields, at)?;
        Ok(rush_plan::Value::Tag { name: script.interpreter.tag().to_owned(), fields })
    }

    fn plan_fields(
        &mut self,
        id: InstanceId,
        record: &Record,
        at: Place,
    ) -> Eval<BTreeMap<String, rush_plan::Value>> {
        self.step(at)?;
        let entries = record.iter();
        entries
            .map(|(name, it)| Ok((name.to_string(), self.plan_value(id, it, at)?)))
            .collect::<Result<_, Stop>>()
    }
}

/// The words of a command as they would be written.
fn argv(words: &[Value], home: &WorkspacePath) -> String {
    let words = words.iter().map(|word| {
        let pieces = pieces_of(word).unwrap_or_default();
        match pieces.as_slice() {
            [Piece::Text(text)] if is_bare(text) => text.clone(),
            [Piece::Text(text)] if is_plain(text) => format!("\"{text}\""),
            // In a hole all escapes of texts are known; none of them has to end the command.
            [Piece::Path(path)] => format!("${{{}}}", written_path(path, home)),
            pieces => format!("${{{}}}", quoted(pieces, home)).replace('`', "\\u{60}"),
        }
    });
    format!("`{}`", words.collect::<Vec<_>>().join(" "))
}

/// Whether a word can stand in a command between quotes as it is.
fn is_plain(word: &str) -> bool {
    !word.contains(|it: char| it.is_control() || "\"\\$`".contains(it))
}

fn is_bare(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.,:/=+@%".contains(&it))
}

/// A text as it would be written for a task at home there.
fn quoted(pieces: &[Piece], home: &WorkspacePath) -> String {
    let mut written = String::from("\"");
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let text = literal(text);
                let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                written.push_str(inner.unwrap_or_default());
            }
            Piece::Path(path) => written.push_str(&format!("${{{}}}", written_path(path, home))),
            // A secret in an argument is refused.
            Piece::Secret(_) => {}
        }
    }
    written.push('"');
    written
}

fn written_path(path: &str, home: &WorkspacePath) -> String {
    format!("path({})", literal(as_given(home, path).unwrap_or(path)))
}

fn literal(text: &str) -> String {
    rush_plan::Value::Text(text.to_owned()).to_string()
}
