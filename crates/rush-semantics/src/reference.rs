//! The reference of all kinds and of the types they use, made from the prelude.
//!
//! The page is one text; `topic` is what `rush explain` shows of it.

use rush_syntax::ast::{ItemKind, ParamDecl, TypeExpr, TypeId};

use crate::db::{Db, Item};
use crate::kinds::{KindDef, KindField, kinds};

mod topic;

pub use topic::{topic, topic_names};

/// The reference page of all kinds and types, as Markdown.
pub fn page(db: &dyn Db) -> String {
    let mut page = String::from(
        "# Kinds and their fields\n\n\
         This page is made from the prelude, the file in which Rush itself declares its kinds.\n\
         `rush explain task`, `rush explain task.retry` and `rush explain Retry` show the same in a terminal.\n",
    );
    for kind in kinds(db) {
        page.push('\n');
        page.push_str(&kind_section(db, kind));
    }
    page.push_str("\n# Types of the prelude\n");
    for &item in db.workspace().prelude(db).items(db).iter() {
        if let ItemKind::Type { ty, .. } = &item.ast(db).kind {
            page.push('\n');
            page.push_str(&type_section(db, item, *ty));
        }
    }
    page
}

fn kind_section(db: &dyn Db, kind: &KindDef) -> String {
    let mut section = format!("## `{}`\n\n{}\n\n", kind.kind, doc(db, kind.item));
    let mut heading = kind.kind.to_string();
    heading.push_str(if kind.has_name { " NAME" } else { "" });
    heading.push_str(if kind.has_params { "(PARAMETERS)" } else { "" });
    heading.push_str(if kind.has_extends { " extends TEMPLATE" } else { "" });
    section.push_str(&format!("```text\n{heading} {{ .. }}\n```\n\n"));
    if kind.has_param_fields {
        section
            .push_str("It also has a field for each file-level `param`, which sets its value.\n\n");
    }
    section.push_str("| field | type | default | meaning |\n|---|---|---|---|\n");
    for field in &kind.fields {
        section.push_str(&row(db, field));
    }
    section
}

fn row(db: &dyn Db, field: &KindField) -> String {
    format!(
        "| `{}` | {} | {} | {} |\n",
        field.name,
        type_of(field),
        default(db, field),
        field.doc.replace('\n', " ")
    )
}

/// The axes of a matrix have names of their own, so no type is written for them.
fn type_of(field: &KindField) -> String {
    if field.ty.is_error() {
        "a list for each axis".to_owned()
    } else {
        code(&field.ty.to_string())
    }
}

fn default(db: &dyn Db, field: &KindField) -> String {
    match field.default {
        Some(default) => {
            let item = default.item;
            match source(db, item, item.ast(db).expr_range(default.expr)) {
                "none" => "absent".to_owned(),
                text => code(text),
            }
        }
        None => "demanded".to_owned(),
    }
}

fn type_section(db: &dyn Db, item: Item, ty: TypeId) -> String {
    let mut section = format!("## `{}`\n\n{}\n\n", item.name(db), doc(db, item));
    let ast = item.ast(db);
    let variants: Vec<TypeId> = match ast.ty(ty) {
        TypeExpr::Union(members) => members.clone(),
        _ => vec![ty],
    };
    for variant in variants {
        match ast.ty(variant) {
            TypeExpr::Record(fields) => section.push_str(&fields_table(db, item, fields)),
            TypeExpr::Tag { name, fields } => {
                let names: Vec<&str> =
                    fields.iter().filter_map(|it| Some(it.name.as_ref()?.text.as_str())).collect();
                section.push_str(&format!("`{}({})`\n\n", name.text, names.join(", ")));
                section.push_str(&fields_table(db, item, fields));
                section.push('\n');
            }
            _ => section
                .push_str(&format!("- {}\n", code(source(db, item, ast.type_range(variant))))),
        }
    }
    section
}

fn fields_table(db: &dyn Db, item: Item, fields: &[ParamDecl]) -> String {
    let mut table = String::from("| field | type | default | meaning |\n|---|---|---|---|\n");
    let ast = item.ast(db);
    for field in fields {
        let Some(name) = &field.name else { continue };
        let ty = code(source(db, item, ast.type_range(field.ty)));
        let default = match field.default {
            Some(default) => match source(db, item, ast.expr_range(default)) {
                "none" => "absent".to_owned(),
                text => code(text),
            },
            None => "demanded".to_owned(),
        };
        let doc = field.doc.as_ref().map(|doc| doc.text.replace('\n', " ")).unwrap_or_default();
        table.push_str(&format!("| `{}` | {ty} | {default} | {doc} |\n", name.text));
    }
    table
}

fn source(db: &dyn Db, item: Item, range: rush_diagnostics::TextRange) -> &str {
    item.text(db).get(std::ops::Range::from(range)).unwrap_or_default().trim()
}

fn doc(db: &dyn Db, item: Item) -> String {
    item.ast(db).doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default()
}

/// Code in a cell of a table: `|` would end the cell.
fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("`{}`", text.replace('|', "\\|"))
}
