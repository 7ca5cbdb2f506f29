//! Arguments as the plan has them: a call is named by them.
//!
//! A name says what the value is, and not what it comes to for anybody: a text with paths is written out as an
//! expression, which also gives the same call back on the command line.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Session, Stop};
use super::text::pieces_of;
use super::value::{Command, Piece, Record, Value};
use super::view::View;
use crate::names::label;

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
            Value::PlacedText(pieces) => Plain::Expression(quoted(pieces)),
            Value::Duration(it) => Plain::Duration(*it),
            Value::Size(it) => Plain::Size(u64::try_from(*it).unwrap_or(0)),
            Value::Path(it) => Plain::Path(self.path(id, it, at)?),
            Value::Glob(it) => Plain::Glob(self.pattern(id, it, at)?),
            Value::Regex(it) => Plain::Regex(it.to_string()),
            Value::Cron(it) => Plain::Cron(it.to_string()),
            Value::Command(it) if it.has_paths() => self.plan_command(id, it, at)?,
            Value::Command(it) => Plain::Command(Box::new(View::Nowhere.command(it))),
            Value::Reference(it) => Plain::Reference(label(self.db, it.item)),
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

    /// A command with paths in it.
    fn plan_command(
        &mut self,
        id: InstanceId,
        command: &Command,
        at: Place,
    ) -> Eval<rush_plan::Value> {
        let script = match command {
            Command::Argv(words) => return Ok(rush_plan::Value::Expression(argv(words))),
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
fn argv(words: &[Value]) -> String {
    let words = words.iter().map(|word| match word {
        Value::Text(text) if is_bare(text) => text.to_string(),
        _ => quoted(&pieces_of(word).unwrap_or_default()),
    });
    format!("`{}`", words.collect::<Vec<_>>().join(" "))
}

fn is_bare(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.,:/=+@%".contains(&it))
}

/// A text as it would be written.
fn quoted(pieces: &[Piece]) -> String {
    let literal = |text: &str| rush_plan::Value::Text(text.to_owned()).to_string();
    let mut written = String::from("\"");
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let text = literal(text);
                let inner = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                written.push_str(inner.unwrap_or_default());
            }
            Piece::Path(path) => written.push_str(&format!("${{path({})}}", literal(path))),
            // A secret in an argument is refused.
            Piece::Secret(_) => {}
        }
    }
    written.push('"');
    written
}
