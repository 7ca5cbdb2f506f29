//! What a dotted name such as `task.retry.delay` stands for in the prelude, as a page of its own.

use rush_syntax::Kind;
use rush_syntax::ast::{ItemKind, ParamDecl, TypeExpr, TypeId};
use smol_str::SmolStr;

use super::{doc, source};
use crate::db::{Db, Item};
use crate::kinds::{KindDef, kind, kinds};
use crate::names::resolve_type;

/// The page, in Markdown, about a kind, a type of the prelude, a field such as `task.retry.delay`
/// or a variant such as `Backoff.fixed`; `None` for anything else.
pub fn topic(db: &dyn Db, name: &str) -> Option<String> {
    let found = find(db, name)?;
    let mut page = format!("# {name}\n\n{}\n", doc_of(db, found));
    if let Topic::Field(item, field) = found {
        page.push_str(&facts(db, item, field));
    }
    page.push_str(&contents(db, found));
    if let (Topic::Kind(_), Some((first, _))) = (found, parts(db, found).first()) {
        page.push_str(&format!("\n`rush explain {name}.{first}` tells more about one field.\n"));
    }
    Some(page)
}

/// The names that can stand where the last word of `name` does, each with the words before it.
pub fn topic_names(db: &dyn Db, name: &str) -> Vec<String> {
    let Some((owner, _)) = name.rsplit_once('.') else {
        let items = db.workspace().prelude(db).items(db).iter();
        let types = items.filter(|item| item.kind(db) == Kind::Type);
        let kinds = kinds(db).iter().map(|it| it.kind.to_string());
        return kinds.chain(types.map(|item| item.name(db).to_string())).collect();
    };
    let parts = find(db, owner).map(|it| parts(db, it)).unwrap_or_default();
    parts.into_iter().map(|(name, _)| format!("{owner}.{name}")).collect()
}

fn doc_of(db: &dyn Db, topic: Topic<'_>) -> String {
    match topic {
        Topic::Kind(kind) => doc(db, kind.item),
        Topic::Type(item, ty) => match item.ast(db).ty(ty) {
            TypeExpr::Tag { .. } => format!("A variant of `{}`.", item.name(db)),
            _ => doc(db, item),
        },
        Topic::Field(_, field) => field.doc.as_ref().map(|it| it.text.clone()).unwrap_or_default(),
    }
}

/// The type and the default of a field.
fn facts(db: &dyn Db, item: Item, field: &ParamDecl) -> String {
    let mut facts = format!("\n- type: {}\n", type_of(db, item, field));
    match written_default(db, item, field) {
        Some(default) => facts.push_str(&format!("- default: `{default}`\n")),
        None => facts.push_str("- it has to be given\n"),
    }
    if field.attributes.iter().any(|it| it.text == "merge") {
        facts.push_str("- what is written here is added to what is inherited, key by key\n");
    }
    facts
}

/// The axes of a matrix have names of their own, so no type is written for them.
fn type_of(db: &dyn Db, item: Item, field: &ParamDecl) -> String {
    match source(db, item, item.ast(db).type_range(field.ty)) {
        "matrix" => "a list for each axis".to_owned(),
        // Its fields are listed by themselves.
        ty if ty.contains("///") && ty.starts_with('{') => "a record".to_owned(),
        ty if ty.contains("///") => "one of the variants below".to_owned(),
        ty => format!("`{ty}`"),
    }
}

fn written_default<'db>(db: &'db dyn Db, item: Item, field: &ParamDecl) -> Option<&'db str> {
    field.default.map(|it| source(db, item, item.ast(db).expr_range(it)))
}

/// The fields of a topic, then the variants with theirs.
fn contents(db: &dyn Db, topic: Topic<'_>) -> String {
    let parts = parts(db, topic);
    let mut fields = String::new();
    let mut variants = String::new();
    for (name, part) in &parts {
        match part {
            Topic::Field(item, field) => fields.push_str(&line(db, name, *item, field)),
            variant => {
                variants.push_str(&format!("\n## {name}(..)\n\n"));
                variants.push_str(&fields_of(db, *variant));
            }
        }
    }
    if let (true, Topic::Type(item, ty)) = (parts.is_empty(), topic) {
        return format!("\n- type: `{}`\n", source(db, item, item.ast(db).type_range(ty)));
    }
    if fields.is_empty() { variants } else { format!("\n## Fields\n\n{fields}{variants}") }
}

fn fields_of(db: &dyn Db, topic: Topic<'_>) -> String {
    let parts = parts(db, topic);
    let lines = parts.iter().filter_map(|(name, part)| match part {
        Topic::Field(item, field) => Some(line(db, name, *item, field)),
        _ => None,
    });
    lines.collect()
}

fn line(db: &dyn Db, name: &str, item: Item, field: &ParamDecl) -> String {
    let doc = field.doc.as_ref().and_then(|it| it.text.lines().next()).unwrap_or_default();
    let ty = type_of(db, item, field);
    let ty = ty.trim_matches('`');
    let default = match written_default(db, item, field) {
        Some("none") | None => String::new(),
        Some(default) => format!(" = {default}"),
    };
    format!("- `{name}: {ty}{default}` - {doc}\n")
}

/// What can be explained.
#[derive(Clone, Copy)]
enum Topic<'db> {
    /// `task`
    Kind(&'db KindDef),
    /// `Retry`, or the variant `Backoff.fixed`.
    Type(Item, TypeId),
    /// `task.retry`, `Retry.delay`; the item is the one of the prelude it is declared in.
    Field(Item, &'db ParamDecl),
}

/// What a dotted name stands for.
fn find<'db>(db: &'db dyn Db, name: &str) -> Option<Topic<'db>> {
    let mut words = name.split('.');
    let first = words.next()?;
    let first = match kind(db, Kind::of(first)) {
        Some(kind) => Topic::Kind(kind),
        None => named_type(db, first)?,
    };
    words.try_fold(first, |topic, word| {
        parts(db, topic).into_iter().find(|(name, _)| name == word).map(|(_, part)| part)
    })
}

fn named_type<'db>(db: &'db dyn Db, name: &str) -> Option<Topic<'db>> {
    let item = resolve_type(db, db.workspace().prelude(db), name)?;
    match &item.ast(db).kind {
        ItemKind::Type { ty, .. } => Some(Topic::Type(item, *ty)),
        _ => None,
    }
}

/// The fields of a topic, and the variants of its type, each with its name.
fn parts<'db>(db: &'db dyn Db, topic: Topic<'db>) -> Vec<(SmolStr, Topic<'db>)> {
    let mut found = Vec::new();
    match topic {
        Topic::Kind(kind) => {
            let ItemKind::Kind(declared) = &kind.item.ast(db).kind else { return found };
            for field in &declared.fields {
                match copied_kind(db, kind.item, field) {
                    Some(copied) => found.extend(parts(db, Topic::Kind(copied))),
                    None => add(&mut found, kind.item, std::slice::from_ref(field)),
                }
            }
        }
        Topic::Type(item, ty) => parts_of_type(db, item, ty, &mut found),
        Topic::Field(item, field) => parts_of_type(db, item, field.ty, &mut found),
    }
    found
}

/// The kind whose fields `...fields: kind` copies.
fn copied_kind<'db>(db: &'db dyn Db, item: Item, field: &ParamDecl) -> Option<&'db KindDef> {
    match item.ast(db).ty(field.ty) {
        TypeExpr::Path { path, .. } if field.is_rest => kind(db, Kind::of(&path.first()?.text)),
        _ => None,
    }
}

fn add<'db>(found: &mut Vec<(SmolStr, Topic<'db>)>, item: Item, fields: &'db [ParamDecl]) {
    let fields = fields.iter().filter(|it| !it.is_rest);
    found.extend(
        fields.filter_map(|it| Some((it.name.as_ref()?.text.clone(), Topic::Field(item, it)))),
    );
}

fn parts_of_type<'db>(
    db: &'db dyn Db,
    item: Item,
    ty: TypeId,
    found: &mut Vec<(SmolStr, Topic<'db>)>,
) {
    let mut open = vec![(item, ty, false)];
    while let Some((item, ty, is_variant)) = open.pop() {
        match item.ast(db).ty(ty) {
            TypeExpr::Record(fields) => add(found, item, fields),
            TypeExpr::Tag { name, .. } if is_variant => {
                found.push((name.text.clone(), Topic::Type(item, ty)));
            }
            TypeExpr::Tag { fields, .. } => add(found, item, fields),
            TypeExpr::Union(members) => {
                open.extend(members.iter().rev().map(|it| (item, *it, true)));
            }
            TypeExpr::Optional(inner) => open.push((item, *inner, is_variant)),
            TypeExpr::Path { path, .. } => {
                // Types of the prelude are no circles, so this ends.
                let name = path.first().map_or("", |it| it.text.as_str());
                if let Some(Topic::Type(item, ty)) = named_type(db, name) {
                    open.push((item, ty, is_variant));
                }
            }
            _ => {}
        }
    }
}
