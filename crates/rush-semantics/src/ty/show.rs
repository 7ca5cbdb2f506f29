//! Types as people write them.

use std::fmt::{self, Write as _};

use rush_syntax::ast::Bound;

use super::{FieldTy, Limits, Number, TextTy, Ty};

impl fmt::Display for Ty {
    /// The type as it would be written in a source.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("unknown"),
            Self::Never => f.write_str("nothing"),
            Self::None => f.write_str("none"),
            Self::Bool => f.write_str("bool"),
            Self::Int(limits) => limited(f, "int", limits, ToString::to_string),
            Self::Float(limits) => limited(f, "float", limits, |Number(it)| format!("{it:?}")),
            Self::Duration(limits) => limited(f, "duration", limits, |it| duration(*it)),
            Self::Size(limits) => limited(f, "size", limits, |it| size(*it)),
            Self::Text(TextTy::Any) => f.write_str("string"),
            Self::Text(TextTy::Literal(text)) => write!(f, "{text:?}"),
            Self::Text(TextTy::Pattern(pattern)) => write!(f, "string(r\"{pattern}\")"),
            Self::Path => f.write_str("path"),
            Self::Glob => f.write_str("glob"),
            Self::Regex => f.write_str("regex"),
            Self::Cron => f.write_str("cron"),
            Self::Command => f.write_str("command"),
            Self::Secret => f.write_str("secret"),
            Self::List(element) => write!(f, "[{element}]"),
            Self::Map(value) => write!(f, "map({value})"),
            Self::Record(record) => fields(f, "{ ", &record.fields, " }"),
            Self::Tag(tag) => {
                f.write_str(&tag.name)?;
                fields(f, "(", &tag.fields, ")")
            }
            Self::Union(members) => union(f, members),
            Self::Alias(alias) => f.write_str(&alias.name),
            Self::Kind(kind) | Self::Decl { kind, .. } => f.write_str(kind.word()),
        }
    }
}

fn union(f: &mut fmt::Formatter<'_>, members: &[Ty]) -> fmt::Result {
    let is_optional = members.contains(&Ty::None);
    let rest: Vec<&Ty> = members.iter().filter(|member| **member != Ty::None).collect();
    if let ([only], true) = (rest.as_slice(), is_optional) {
        return write!(f, "{only}?");
    }
    for (at, member) in rest.iter().enumerate() {
        if at > 0 {
            f.write_str(" | ")?;
        }
        write!(f, "{member}")?;
    }
    if is_optional { f.write_str(" | none") } else { Ok(()) }
}

fn fields(f: &mut fmt::Formatter<'_>, open: &str, fields: &[FieldTy], close: &str) -> fmt::Result {
    f.write_str(open)?;
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{}: {}", field.name, field.ty)?;
    }
    f.write_str(close)
}

fn limited<T: PartialEq + Copy>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    limits: &Limits<T>,
    show: impl Fn(&T) -> String,
) -> fmt::Result {
    if let Some(only) = limits.single() {
        return f.write_str(&show(&only));
    }
    if limits.low().is_none() && limits.high().is_none() {
        return f.write_str(name);
    }
    let low = limits.low().as_ref().map(&show).unwrap_or_default();
    let high = limits.high().as_ref().map(|it| format!("={}", show(it))).unwrap_or_default();
    write!(f, "{name}({low}..{high})")
}

/// A duration in its largest units: `1h30m`.
pub fn duration(nanoseconds: i64) -> String {
    const UNITS: [(&str, i64); 5] = [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ];
    let mut rest = nanoseconds.saturating_abs();
    let mut text = String::from(if nanoseconds < 0 { "-" } else { "" });
    for (unit, length) in UNITS {
        if rest >= length {
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    if nanoseconds == 0 { "0s".to_owned() } else { text }
}

/// Reads a duration as a task file writes it, in nanoseconds: `1h30m`.
pub fn read_duration(text: &str) -> Option<i64> {
    match rush_syntax::parse_number(text)? {
        Bound::Duration(nanoseconds) => Some(nanoseconds),
        Bound::Int(_) | Bound::Float(_) | Bound::Size(_) => None,
    }
}

/// Reads a size as a task file writes it, in bytes: `2GiB`.
pub fn read_size(text: &str) -> Option<i64> {
    match rush_syntax::parse_number(text)? {
        Bound::Size(bytes) => Some(bytes),
        Bound::Int(_) | Bound::Float(_) | Bound::Duration(_) => None,
    }
}

/// A size in the largest unit that divides it: `2GiB`.
pub fn size(bytes: i64) -> String {
    const UNITS: [(&str, i64); 8] = [
        ("TiB", 1 << 40),
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1_000),
    ];
    let unit = UNITS.iter().find(|(_, length)| bytes != 0 && bytes % length == 0);
    unit.map_or_else(|| format!("{bytes}B"), |(unit, length)| format!("{}{unit}", bytes / length))
}
