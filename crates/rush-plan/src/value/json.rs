//! The JSON form of values.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Value;
use crate::{Command, WorkspacePath};

/// The one key of the object that stands for a value JSON has no form for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TypeKey {
    Duration,
    Size,
    Path,
    Glob,
    Regex,
    Cron,
    Command,
    Expression,
    Reference,
    Record,
    Tag,
}

#[derive(Serialize)]
struct TagRef<'a> {
    name: &'a str,
    fields: &'a BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagOwned {
    name: String,
    fields: BTreeMap<String, Value>,
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn typed<S: Serializer>(
            serializer: S,
            key: &TypeKey,
            value: &impl Serialize,
        ) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(key, value)?;
            map.end()
        }
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => values.serialize(serializer),
            Self::Duration(nanos) => typed(serializer, &TypeKey::Duration, nanos),
            Self::Size(bytes) => typed(serializer, &TypeKey::Size, bytes),
            Self::Path(path) => typed(serializer, &TypeKey::Path, path),
            Self::Glob(pattern) => typed(serializer, &TypeKey::Glob, pattern),
            Self::Regex(pattern) => typed(serializer, &TypeKey::Regex, pattern),
            Self::Cron(text) => typed(serializer, &TypeKey::Cron, text),
            Self::Command(command) => typed(serializer, &TypeKey::Command, command),
            Self::Expression(written) => typed(serializer, &TypeKey::Expression, written),
            Self::Reference(label) => typed(serializer, &TypeKey::Reference, label),
            Self::Record(fields) => typed(serializer, &TypeKey::Record, fields),
            Self::Tag { name, fields } => {
                typed(serializer, &TypeKey::Tag, &TagRef { name, fields })
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> de::Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the plan")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value)
            .map(Value::Int)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Some(key) = map.next_key::<TypeKey>()? else {
            return Err(de::Error::custom(
                "an object that stands for a value has one key, its type",
            ));
        };
        let value = match key {
            TypeKey::Duration => Value::Duration(map.next_value()?),
            TypeKey::Size => Value::Size(map.next_value()?),
            TypeKey::Path => Value::Path(map.next_value::<WorkspacePath>()?),
            TypeKey::Glob => Value::Glob(map.next_value()?),
            TypeKey::Regex => Value::Regex(map.next_value()?),
            TypeKey::Cron => Value::Cron(map.next_value()?),
            TypeKey::Command => Value::Command(map.next_value::<Box<Command>>()?),
            TypeKey::Expression => Value::Expression(map.next_value()?),
            TypeKey::Reference => Value::Reference(map.next_value()?),
            TypeKey::Record => Value::Record(map.next_value()?),
            TypeKey::Tag => {
                let TagOwned { name, fields } = map.next_value()?;
                Value::Tag { name, fields }
            }
        };
        if map.next_key::<de::IgnoredAny>()?.is_some() {
            return Err(de::Error::custom(
                "an object that stands for a value has one key, its type",
            ));
        }
        Ok(value)
    }
}
