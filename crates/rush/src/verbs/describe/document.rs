//! A description for programs, in the form of `docs/schemas/describe-1.json`.

use std::collections::BTreeSet;

use rush_engine::{Described, DescribedCommand, DescribedField, Description, Runs};
use serde_json::{Value, json};

use super::last_run::LastRun;

/// One document for all tasks.
pub(super) fn text<'a>(
    found: impl Iterator<Item = (&'a Described, Option<&'a LastRun>)>,
) -> String {
    let tasks: Vec<Value> = found.map(|(described, last)| task(described, last)).collect();
    format!("{:#}\n", json!({ "version": 1, "tasks": tasks }))
}

fn task(described: &Described, last: Option<&LastRun>) -> Value {
    let description = &described.description;
    let params: Vec<Value> = description
        .params
        .iter()
        .map(|it| {
            json!({
                "name": it.name.as_str(),
                "type": it.ty,
                "default": it.default,
                "doc": it.doc,
                "required": it.is_required,
                "rest": it.is_rest,
                "settable": it.is_settable,
                "choices": it.choices.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
        .collect();
    let axes: Vec<Value> = description
        .axes
        .iter()
        .map(|it| {
            let choices: Vec<_> = it.choices.iter().map(ToString::to_string).collect();
            json!({ "name": it.name.as_str(), "type": it.ty, "choices": choices })
        })
        .collect();
    json!({
        "name": described.name,
        "label": description.label,
        "kind": description.kind.word(),
        "doc": description.doc,
        "file": described.place.0,
        "line": described.place.1,
        "params": params,
        "axes": axes,
        "schema": schema(description),
        "resolved": matches!(described.runs, Runs::Resolved(_)),
        "commands": described.runs.commands().iter().map(command).collect::<Vec<_>>(),
        "fields": described.fields.iter().map(field).collect::<Vec<_>>(),
        "env": variables(&described.fields),
        "last_run": last.map(LastRun::json),
    })
}

/// The parameters and the axes as one JSON Schema, so that a program can check arguments before it calls. What stands
/// behind `--` is a list among them.
fn schema(description: &Description) -> Value {
    let params = description.params.iter();
    let of_params = params.clone().map(|param| {
        let mut schema = param.schema.clone();
        if let (Some(schema), Some(doc)) = (schema.as_object_mut(), &param.doc) {
            schema.insert("description".to_owned(), json!(doc));
        }
        (param.name.to_string(), schema)
    });
    let of_axes = description.axes.iter().map(|it| (it.name.to_string(), it.schema.clone()));
    let properties: serde_json::Map<String, Value> = of_params.chain(of_axes).collect();
    let required: Vec<_> = params.filter(|it| it.is_required).map(|it| it.name.as_str()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn command(command: &DescribedCommand) -> Value {
    let (form, text) = match command {
        DescribedCommand::Argv(text) => ("argv", text),
        DescribedCommand::Script(text) => ("script", text),
        DescribedCommand::Value(source) => ("value", source),
    };
    json!({ "form": form, "text": text })
}

fn field(field: &DescribedField) -> Value {
    json!({
        "name": field.name,
        "source": field.source,
        "from": field.from,
        "file": field.place.0,
        "line": field.place.1,
    })
}

/// The variables that are written out, each once.
fn variables(fields: &[DescribedField]) -> BTreeSet<&str> {
    let env = fields.iter().filter(|it| it.name == "env");
    env.flat_map(|it| it.keys.iter().map(String::as_str)).collect()
}
