//! What a declaration offers to whoever calls it: parameters, axes, docs.

use std::ops::Range;

use rush_syntax::Kind;
use rush_syntax::ast::{ExprId, ItemKind, ParamDecl};
use smol_str::SmolStr;

use super::parse_text::{choices, flag_choices};
use super::schema::{literal_json, parameter_schema};
use crate::check::is_run_flag;
use crate::db::{Db, Item};
use crate::names::label;
use crate::signature::{matrix_axes, params_of, signature};
use crate::ty::{Ty, is_settable, strip_none};

/// A task or service as its callers see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The label: `//web:build`.
    pub label: String,
    /// `task` or `service`.
    pub kind: Kind,
    /// The docs above it.
    pub doc: Option<String>,
    /// The parameters in the order declared.
    pub params: Vec<ParamDescription>,
    /// The axes of its matrix, which are given like parameters and may be left out.
    pub axes: Vec<AxisDescription>,
}

/// A parameter.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own, asked for by another front end"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct ParamDescription {
    /// Its name.
    pub name: SmolStr,
    /// The docs above it.
    pub doc: Option<String>,
    /// The type as it would be written.
    pub ty: String,
    /// The source of its default.
    pub default: Option<String>,
    /// Whether it takes what follows `--`.
    pub is_rest: bool,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether a flag can give it; otherwise only call syntax can.
    pub is_settable: bool,
    /// Whether its flag takes no value.
    pub is_switch: bool,
    /// Whether its flag may be repeated.
    pub is_list: bool,
    /// The values it can have, when they are listed.
    pub choices: Vec<SmolStr>,
    /// The JSON Schema of its values.
    pub schema: serde_json::Value,
}

/// An axis of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisDescription {
    /// Its name.
    pub name: SmolStr,
    /// The type of its values.
    pub ty: String,
    /// The values, when the type lists them.
    pub choices: Vec<SmolStr>,
    /// The JSON Schema of its values.
    pub schema: serde_json::Value,
}

/// Describes a task or service.
pub fn describe(db: &dyn Db, item: Item) -> Description {
    let ast = item.ast(db);
    let doc = |doc: &Option<rush_syntax::ast::Doc>| doc.as_ref().map(|it| it.text.clone());
    let params = signature(db, item).params.iter().map(|param| {
        let is_it = |it: &&ParamDecl| it.name.as_ref().is_some_and(|name| name.text == param.name);
        let written = params_of(&ast.kind).iter().find(is_it);
        let wanted = strip_none(&param.ty);
        ParamDescription {
            name: param.name.clone(),
            doc: written.and_then(|it| doc(&it.doc)),
            ty: param.ty.to_string(),
            default: default_source(db, item, Some(&param.name)),
            is_rest: param.is_rest,
            is_required: !param.has_default && !param.is_rest,
            is_settable: is_settable(&param.ty) && !is_run_flag(&param.name),
            is_switch: wanted.bare() == &Ty::Bool,
            is_list: matches!(wanted.bare(), Ty::List(_)),
            choices: flag_choices(&param.ty),
            schema: schema_of(&param.ty, item, written.and_then(|it| it.default), db),
        }
    });
    let axes = match &ast.kind {
        ItemKind::Decl(_) => matrix_axes(db, item).as_slice(),
        _ => &[],
    };
    let axes = axes.iter().map(|(name, ty)| AxisDescription {
        name: name.clone(),
        ty: ty.to_string(),
        choices: choices(ty),
        schema: parameter_schema(ty),
    });
    Description {
        label: label(db, item),
        kind: item.kind(db),
        doc: doc(&ast.doc),
        params: params.collect(),
        axes: axes.collect(),
    }
}

/// The schema of a parameter, with its default when that is written out.
fn schema_of(ty: &Ty, item: Item, default: Option<ExprId>, db: &dyn Db) -> serde_json::Value {
    let mut schema = parameter_schema(ty);
    let default = default.and_then(|it| literal_json(item.ast(db), item.text(db), it));
    if let (Some(schema), Some(default)) = (schema.as_object_mut(), default) {
        schema.insert("default".to_owned(), default);
    }
    schema
}

/// The source of the default of a `param` of a file, or of a parameter of a declaration.
pub fn default_source(db: &dyn Db, item: Item, parameter: Option<&str>) -> Option<String> {
    let kind = &item.ast(db).kind;
    let default = match (kind, parameter) {
        (ItemKind::Param(param), None) => param.default,
        (_, Some(name)) => {
            let is_it = |it: &&ParamDecl| it.name.as_ref().is_some_and(|it| it.text == name);
            params_of(kind).iter().find(is_it).and_then(|it| it.default)
        }
        (_, None) => None,
    };
    let range = Range::<usize>::from(item.ast(db).expr_range(default?));
    item.text(db).get(range).map(str::to_owned)
}
