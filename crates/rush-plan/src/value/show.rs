//! Values for people, as they would be written in a task file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::Value;
use crate::{Command, Glob, WorkspacePath};

impl Value {
    /// As it would be written for a task of a package.
    pub const fn seen_from<'a>(&'a self, package: &'a WorkspacePath) -> impl fmt::Display + 'a {
        Seen { value: self, package }
    }
}

/// As it would be written for a task of the root package.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seen_from(&WorkspacePath::root()).fmt(f)
    }
}

/// A value, and the package that its paths count from.
struct Seen<'a> {
    value: &'a Value,
    package: &'a WorkspacePath,
}

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, package } = self;
        match value {
            Value::None => f.write_str("none"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            // With its `.0`, to tell it from a whole number.
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Text(text) | Value::Regex(text) | Value::Cron(text) => quote(f, text),
            Value::Path(path) if path.is_inside(package) => quote(f, &path.relative_to(package)),
            Value::Path(path) => quote(f, &format!("//{path}")),
            Value::Glob(pattern) => quote(f, &local_pattern(pattern, package)),
            Value::Duration(nanos) => duration(f, *nanos),
            Value::Size(bytes) => size(f, *bytes),
            Value::Reference(text) | Value::Expression(text) => f.write_str(text),
            Value::Command(command) => write!(f, "{command}"),
            Value::List(values) => {
                f.write_str("[")?;
                for (at, value) in values.iter().enumerate() {
                    let separator = if at == 0 { "" } else { ", " };
                    write!(f, "{separator}{}", value.seen_from(package))?;
                }
                f.write_str("]")
            }
            Value::Record(entries) => fields(f, ("{", "}"), entries, package),
            Value::Tag { name, fields: entries } => {
                f.write_str(name)?;
                fields(f, ("(", ")"), entries, package)
            }
        }
    }
}

/// A pattern of the workspace as it would be written in a package.
fn local_pattern<'a>(pattern: &'a str, package: &WorkspacePath) -> Cow<'a, str> {
    if package.is_root() {
        return Cow::Borrowed(pattern);
    }
    let (not, body) = pattern.strip_prefix('!').map_or(("", pattern), |rest| ("!", rest));
    Cow::Owned(match body.strip_prefix(&Glob::escape(package.as_str())) {
        Some("") => format!("{not}."),
        Some(rest) if rest.starts_with('/') => format!("{not}{}", rest.trim_start_matches('/')),
        _ => format!("{not}//{body}"),
    })
}

fn fields(
    f: &mut fmt::Formatter<'_>,
    (open, close): (&str, &str),
    entries: &BTreeMap<String, Value>,
    package: &WorkspacePath,
) -> fmt::Result {
    f.write_str(open)?;
    for (at, (name, value)) in entries.iter().enumerate() {
        f.write_str(if at == 0 { "" } else { ", " })?;
        let is_word =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_word(name)
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && !name.is_empty()
        {
            f.write_str(name)?;
        } else {
            quote(f, name)?;
        }
        write!(f, ": {}", value.seen_from(package))?;
    }
    f.write_str(close)
}

/// A text between quotes, with the escapes of the language.
fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '$' if characters.peek() == Some(&'{') => f.write_str("\\$")?,
            control if control.is_control() => write!(f, "\\u{{{:x}}}", u32::from(control))?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}

/// Hours, minutes, seconds and milliseconds; what is finer as a fraction of seconds.
fn duration(f: &mut fmt::Formatter<'_>, nanos: i64) -> fmt::Result {
    const MILLISECOND: u64 = 1_000_000;
    let total = nanos.unsigned_abs();
    if total == 0 || !total.is_multiple_of(MILLISECOND) {
        let text = Value::Duration(nanos).to_text().unwrap_or_default();
        return f.write_str(&text);
    }
    if nanos < 0 {
        f.write_str("-")?;
    }
    let mut rest = total / MILLISECOND;
    for (unit, length) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if rest >= length {
            write!(f, "{}{unit}", rest / length)?;
            rest %= length;
        }
    }
    Ok(())
}

/// In the largest binary unit that divides it.
fn size(f: &mut fmt::Formatter<'_>, bytes: u64) -> fmt::Result {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = units.into_iter().find(|(_, shift)| bytes != 0 && bytes.trailing_zeros() >= *shift);
    match whole {
        Some((unit, shift)) => write!(f, "{}{unit}", bytes >> shift),
        None => write!(f, "{bytes}B"),
    }
}

/// Between backticks; a script as its tag and first line.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argv { words } => {
                f.write_str("`")?;
                for (at, word) in words.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { " " })?;
                    show_word(f, word)?;
                }
                f.write_str("`")
            }
            Self::Script(script) => {
                let mut lines = script.text.lines();
                let first = lines.next().unwrap_or_default();
                let more = if lines.next().is_some() { " ..." } else { "" };
                write!(f, "{}: {first}{more}", script.interpreter.tag())
            }
        }
    }
}

/// A word as an argv command would have it: bare if it can be, else between quotes.
fn show_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    let is_bare = |character: char| {
        !character.is_whitespace()
            && !character.is_control()
            && !"|><&;*$()'\"`\\~".contains(character)
    };
    if !word.is_empty() && word.chars().all(is_bare) { f.write_str(word) } else { quote(f, word) }
}
