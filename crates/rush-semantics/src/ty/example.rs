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
        Ty::Int(limits) => limits.nearest(0).to_string(),
        Ty::Float(limits) => float(limits),
        Ty::Duration(limits) => duration(limits.nearest(1_000_000_000)),
        Ty::Size(limits) => size(limits.nearest(1 << 20)),
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

fn float(limits: &Limits<Number>) -> String {
    let text = limits.nearest(Number(0.0)).0.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}
