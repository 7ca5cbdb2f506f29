//! JSON Schemas of parameter types, for whoever calls tasks from a program.

use std::ops::Range;

use rush_syntax::ast::{self, Element, Expr, ExprId, fixed_text};
use serde_json::{Map, Value, json};

use crate::ty::{FieldTy, Limits, Number, TextTy, Ty};

/// Durations in the form they have on the command line.
const DURATION: &str = r"^-?([0-9][0-9_]*(\.[0-9][0-9_]*)?(ms|s|m|h|d))+$|^-?\.[0-9]+s$";

/// Sizes in the form they have on the command line.
const SIZE: &str = r"^[0-9][0-9_]*$|^[0-9][0-9_]*(\.[0-9][0-9_]*)?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$";

/// The JSON Schema (draft 2020-12) of the values of a type.
///
/// Durations, sizes, paths and patterns are texts in the form they have on the command line.
pub fn parameter_schema(ty: &Ty) -> Value {
    match ty.bare() {
        Ty::Error => json!({}),
        Ty::Never => json!(false),
        Ty::None => json!({ "type": "null" }),
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::Int(limits) => numeric("integer", limits, |it| json!(it)),
        Ty::Float(limits) => numeric("number", limits, |Number(it)| json!(it)),
        Ty::Duration(limits) => match limits.single() {
            Some(it) => json!({ "const": crate::ty::duration(it) }),
            // What JSON Schema calls a `duration` is written `PT5S`.
            None => text("rush-duration", Some(DURATION)),
        },
        Ty::Size(limits) => match limits.single() {
            Some(it) => json!({ "const": crate::ty::size(it) }),
            None => text("size", Some(SIZE)),
        },
        Ty::Text(TextTy::Any) => json!({ "type": "string" }),
        Ty::Text(TextTy::Literal(it)) => json!({ "const": it.as_str() }),
        Ty::Text(TextTy::Pattern(it)) => text("", Some(&format!("^(?:{it})$"))),
        Ty::Path => text("path", None),
        Ty::Glob => text("glob", None),
        // What JSON Schema calls a `regex` is one of JavaScript.
        Ty::Regex => text("rush-regex", None),
        Ty::Cron => text("cron", None),
        Ty::Command | Ty::Secret | Ty::Kind(_) | Ty::Decl { .. } => json!(false),
        Ty::List(element) => json!({ "type": "array", "items": parameter_schema(element) }),
        Ty::Map(value) => {
            json!({ "type": "object", "additionalProperties": parameter_schema(value) })
        }
        Ty::Record(record) => object(&record.fields, Map::new(), Vec::new()),
        Ty::Tag(tag) => {
            let mut properties = Map::new();
            properties.insert("tag".to_owned(), json!({ "const": tag.name.as_str() }));
            object(&tag.fields, properties, vec![json!("tag")])
        }
        Ty::Union(members) => union(members),
        Ty::Alias(alias) => parameter_schema(&alias.ty),
    }
}

/// The JSON form of a value that is written out; `None` for one that is computed.
pub fn literal_json(ast: &ast::Item, source: &str, id: ExprId) -> Option<Value> {
    let written = || source.get(Range::<usize>::from(ast.expr_range(id)));
    Some(match ast.expr(id) {
        Expr::None => Value::Null,
        Expr::Bool(it) => json!(it),
        Expr::Int(it) => json!(it),
        Expr::Float(it) => json!(it),
        Expr::Duration(_) | Expr::Size(_) => json!(written()?),
        Expr::Text(parts) => json!(fixed_text(parts)?.as_str()),
        Expr::List(elements) => {
            let elements = elements.iter().map(|element| match element {
                Element::Value(it) => literal_json(ast, source, *it),
                _ => None,
            });
            Value::Array(elements.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn text(format: &str, pattern: Option<&str>) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("string"));
    if !format.is_empty() {
        schema.insert("format".to_owned(), json!(format));
    }
    if let Some(pattern) = pattern {
        schema.insert("pattern".to_owned(), json!(pattern));
    }
    Value::Object(schema)
}

fn numeric<T: PartialEq + Copy>(
    name: &str,
    limits: &Limits<T>,
    value: impl Fn(T) -> Value,
) -> Value {
    if let Some(only) = limits.single() {
        return json!({ "const": value(only) });
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!(name));
    if let Some(low) = limits.low() {
        schema.insert("minimum".to_owned(), value(low));
    }
    if let Some(high) = limits.high() {
        schema.insert("maximum".to_owned(), value(high));
    }
    Value::Object(schema)
}

fn object(
    fields: &[FieldTy],
    mut properties: Map<String, Value>,
    mut required: Vec<Value>,
) -> Value {
    for field in fields {
        properties.insert(field.name.to_string(), parameter_schema(&field.ty));
        if field.default.is_none() && !field.ty.may_be_none() {
            required.push(json!(field.name.as_str()));
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Several literals are one `enum`, which tools show as a choice.
fn union(members: &[Ty]) -> Value {
    let schemas: Vec<Value> = members.iter().map(parameter_schema).collect();
    let constants: Option<Vec<Value>> =
        schemas.iter().map(|schema| schema.get("const").cloned()).collect();
    match constants {
        Some(constants) => json!({ "enum": constants }),
        None => json!({ "anyOf": schemas }),
    }
}

#[cfg(test)]
mod tests {
    use super::parameter_schema;
    use crate::ty::{Limits, Ty, union};

    #[test]
    fn choices_are_enums_and_ranges_have_bounds() {
        let crates = union(vec![Ty::literal("core"), Ty::literal("api")]);
        assert_eq!(parameter_schema(&crates).to_string(), r#"{"enum":["core","api"]}"#);
        let port = Ty::Int(Limits::Between(1, 65535));
        let expected = r#"{"type":"integer","minimum":1,"maximum":65535}"#;
        assert_eq!(parameter_schema(&port).to_string(), expected);
        let list = Ty::list(Ty::TEXT);
        assert_eq!(
            parameter_schema(&list).to_string(),
            r#"{"type":"array","items":{"type":"string"}}"#
        );
    }
}
