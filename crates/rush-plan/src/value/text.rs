//! The canonical text of a value: in holes, variables of scripts and flags.

use std::fmt::Write as _;

use super::Value;

impl Value {
    /// The text form; `None` for values that have none (`none`, lists, records, commands).
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) => Some(float_text(*value)),
            Self::Duration(nanos) => Some(duration_text(*nanos)),
            Self::Size(bytes) => Some(bytes.to_string()),
            Self::Path(path) => Some(path.as_str().to_owned()),
            Self::Text(text)
            | Self::Glob(text)
            | Self::Regex(text)
            | Self::Cron(text)
            | Self::Reference(text) => Some(text.clone()),
            Self::None
            | Self::Command(_)
            | Self::Expression(_)
            | Self::List(_)
            | Self::Record(_)
            | Self::Tag { .. } => None,
        }
    }
}

/// The shortest text that reads back as the same number, never in exponent form.
fn float_text(value: f64) -> String {
    format!("{value}")
}

/// Seconds, with as many digits after the point as are needed: `600s`, `0.5s`.
fn duration_text(nanos: i64) -> String {
    const SECOND: u64 = 1_000_000_000;
    let (whole, rest) = (nanos.unsigned_abs() / SECOND, nanos.unsigned_abs() % SECOND);
    let mut text = String::new();
    if nanos < 0 {
        text.push('-');
    }
    // Writing to a String can't fail.
    let _ = write!(text, "{whole}");
    if rest != 0 {
        let _ = write!(text, ".{}", format!("{rest:09}").trim_end_matches('0'));
    }
    text.push('s');
    text
}
