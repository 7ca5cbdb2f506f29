//! Values of the types that the check has promised.
//!
//! Whatever else a value turns out to be is an error in Rush and is reported as one: a setting that
//! can't be read is never taken for one that is absent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::instance::InstanceId;
use super::super::session::{Eval, Place, Session, Stop};
use super::super::value::{Record, Tag, Value};
use super::super::view::View;
use super::task::milliseconds;

/// Reads the value of one field.
pub(super) struct Reader<'s, 'db> {
    session: &'s mut Session<'db>,
    view: View<'db>,
    at: Place,
}

impl<'db> Session<'db> {
    /// A reader of a field's value.
    pub(super) fn reader(&mut self, id: InstanceId, field: &str) -> Reader<'_, 'db> {
        let at = self.field_or_name_place(id, field);
        Reader { view: self.view(Some(id)), session: self, at }
    }
}

impl Reader<'_, '_> {
    /// A text, a path or a pattern, as the package has it.
    pub(super) fn text(&mut self, value: &Value) -> Eval<String> {
        let text = self.view.letters(value).map(Cow::into_owned);
        self.promised(text, value)
    }

    /// A number without a fraction.
    pub(super) fn whole<T: TryFrom<i64>>(&mut self, value: &Value) -> Eval<T> {
        let number = match value {
            Value::Int(it) => T::try_from(*it).ok(),
            _ => None,
        };
        self.promised(number, value)
    }

    /// Any number.
    pub(super) fn real(&mut self, value: &Value) -> Eval<f64> {
        let number = match value {
            Value::Float(it) => Some(*it),
            Value::Int(it) => Some(*it as f64),
            _ => None,
        };
        self.promised(number, value)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, value: &Value) -> Eval<bool> {
        let flag = match value {
            Value::Bool(it) => Some(*it),
            _ => None,
        };
        self.promised(flag, value)
    }

    /// A duration in milliseconds.
    pub(super) fn milliseconds(&mut self, value: &Value) -> Eval<u64> {
        self.promised(milliseconds(value), value)
    }

    /// A size in bytes.
    pub(super) fn bytes(&mut self, value: &Value) -> Eval<u64> {
        let bytes = match value {
            Value::Size(it) => u64::try_from(*it).ok(),
            _ => None,
        };
        self.promised(bytes, value)
    }

    /// A word of a closed list.
    pub(super) fn word<T>(&mut self, value: &Value, of: fn(&str) -> Option<T>) -> Eval<T> {
        self.promised(value.as_text().and_then(|it| of(it)), value)
    }

    /// A record.
    pub(super) fn record<'v>(&mut self, value: &'v Value) -> Eval<&'v Record> {
        self.promised(value.as_record(), value)
    }

    /// A variant of a closed list.
    pub(super) fn variant<'v, T>(
        &mut self,
        value: &'v Value,
        of: fn(&'v Tag) -> Option<T>,
    ) -> Eval<T> {
        let variant = match value {
            Value::Tag(tag) => of(tag),
            _ => None,
        };
        self.promised(variant, value)
    }

    /// `none`, or what `read` reads.
    pub(super) fn opt<T>(
        &mut self,
        value: &Value,
        read: impl FnOnce(&mut Self, &Value) -> Eval<T>,
    ) -> Eval<Option<T>> {
        if *value == Value::None { Ok(None) } else { read(self, value).map(Some) }
    }

    /// A list of what `read` reads.
    pub(super) fn list<T>(
        &mut self,
        value: &Value,
        read: impl Fn(&mut Self, &Value) -> Eval<T>,
    ) -> Eval<Vec<T>> {
        let Value::List(elements) = value else { return Err(self.unexpected(value)) };
        elements.iter().map(|it| read(self, it)).collect()
    }

    /// A map to what `read` reads.
    pub(super) fn map<T>(
        &mut self,
        value: &Value,
        read: impl Fn(&mut Self, &Value) -> Eval<T>,
    ) -> Eval<BTreeMap<String, T>> {
        let entries = self.record(value)?.iter();
        entries.map(|(key, it)| Ok((key.to_string(), read(self, it)?))).collect()
    }

    fn promised<T>(&mut self, found: Option<T>, value: &Value) -> Eval<T> {
        found.ok_or_else(|| self.unexpected(value))
    }

    /// What was found is none of what may be there.
    pub(super) fn unexpected(&mut self, value: &Value) -> Stop {
        self.session.unexpected(self.at, value.kind())
    }
}
