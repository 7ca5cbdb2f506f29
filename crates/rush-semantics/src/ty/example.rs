//! A value of a type as a source could have it, for what is added to a source.

use super::{FieldTy, Limits, Number, TextTy, Ty, duration, size, strip_none};

/// How deep a written value nests; deeper it is left open as `{}`.
const DEPTH_MAX: usize = 4;

/// Writes a value of a type, the plainest there is. It can be read wherever a value can, and it
/// fits unless nobody can make up one: a text of a pattern, a secret, a task.
pub fn example(ty: &Ty) -> String {
    nested(ty, 0)
}

/// Writes a value for each of some names: `a: false, b: ""`.
pub fn examples(wanted: &[(&str, &Ty)]) -> String {
    let written: Vec<String> =
        wanted.iter().map(|(name, ty)| format!("{name}: {}", example(ty))).collect();
    written.join(", ")
}

fn nested(ty: &Ty, depth: usize) -> String {
    let ty = strip_none(ty);
    let first = ty.members().first().unwrap_or(&Ty::None);
    match first.bare() {
        Ty::Bool => "false".to_owned(),
        Ty::Int(limits) => within(limits, 0).to_string(),
        Ty::Float(limits) => float(limits),
        Ty::Duration(limits) => duration(within(limits, 1_000_000_000)),
        Ty::Size(limits) => size(within(limits, 1 << 20)),
        Ty::Text(TextTy::Literal(_)) => first.bare().to_string(),
        Ty::Text(TextTy::Any | TextTy::Pattern(_)) => "\"\"".to_owned(),
        Ty::Path => "\".\"".to_owned(),
        Ty::Glob => "\"*\"".to_owned(),
        Ty::Regex => "r\"\"".to_owned(),
        Ty::Cron => "\"0 0 * * *\"".to_owned(),
        Ty::Command => "`true`".to_owned(),
        Ty::List(_) | Ty::Never => "[]".to_owned(),
        Ty::Map(_) => "{}".to_owned(),
        Ty::Record(_) if depth == DEPTH_MAX => "{}".to_owned(),
        Ty::Record(record) => match required(&record.fields, depth).as_str() {
            "" => "{}".to_owned(),
            fields => format!("{{ {fields} }}"),
        },
        Ty::Tag(tag) => format!("{}({})", tag.name, required(&tag.fields, depth)),
        Ty::Error
        | Ty::None
        | Ty::Secret
        | Ty::Union(_)
        | Ty::Alias(_)
        | Ty::Kind(_)
        | Ty::Decl { .. } => "none".to_owned(),
    }
}

/// The fields that must be there, each with a value.
fn required(fields: &[FieldTy], depth: usize) -> String {
    let demanded = fields.iter().filter(|it| it.default.is_none() && !it.ty.may_be_none());
    let written = demanded.map(|it| format!("{}: {}", it.name, nested(&it.ty, depth + 1)));
    written.collect::<Vec<_>>().join(", ")
}

/// The number within limits that is nearest to a wanted one.
fn within(limits: &Limits<i64>, wanted: i64) -> i64 {
    let at_least = limits.low().map_or(wanted, |low| wanted.max(low));
    limits.high().map_or(at_least, |high| at_least.min(high))
}

fn float(limits: &Limits<Number>) -> String {
    let at_least = limits.low().map_or(0.0, |low| low.0.max(0.0));
    let text = limits.high().map_or(at_least, |high| at_least.min(high.0)).to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}
