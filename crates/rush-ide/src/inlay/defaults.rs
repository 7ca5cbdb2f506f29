//! Values that a declaration gets from a template, a profile or the workspace, and from whom.

use rush_semantics::Item;
use rush_semantics::kinds::kind;
use rush_semantics::names::{Namespace, PACKAGE_FILE, bases, declarations, package_dir};
use rush_semantics::{Db, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Field, ItemKind, Member, Record};
use smol_str::SmolStr;

use super::{HintKind, Hints, InlayHint, Padding};
use crate::place::Placed;

/// The longest value that is shown in the line.
const VALUE_MAX: usize = 24;
/// How many values of one origin are shown in the line.
const VALUES_MAX: usize = 4;

/// Whoever sets fields for others.
struct Origin<'a> {
    item: Item,
    /// How it is called in a hint.
    name: String,
    /// The fields it sets.
    fields: &'a Record,
}

/// A field that has its value from elsewhere.
struct Inherited {
    name: SmolStr,
    /// The value as it is written; keys only, where it is merged.
    text: String,
}

impl Hints<'_> {
    pub(super) fn defaults(&mut self, placed: Placed) {
        let (db, item) = (self.db, placed.item);
        let ItemKind::Decl(decl) = &item.ast(db).kind else { return };
        if decl.body.range.is_empty() || decl.extends.is_none() && item.kind(db) != Kind::Task {
            return;
        }
        let mut seen = Seen::default();
        seen.add(&decl.body, item, db);
        for origin in origins(db, item, self.config.profile.as_deref()) {
            let inherited = seen.new_of(&origin, item.kind(db), db);
            seen.add(origin.fields, origin.item, db);
            if inherited.is_empty() {
                continue;
            }
            self.found.push(InlayHint {
                kind: HintKind::Default,
                at: decl.body.range.start() + text_size::TextSize::of('{') + placed.start,
                label: label(&origin, &inherited),
                tooltip: Some(tooltip(db, &origin, &inherited)),
                source: self.place(origin.item, origin.fields.range),
                padding: Padding::Before,
            });
        }
    }
}

/// Those that set fields of a declaration, the strongest first.
fn origins<'a>(db: &'a dyn Db, item: Item, profile: Option<&str>) -> Vec<Origin<'a>> {
    let mut found = Vec::new();
    for base in bases(db, item) {
        if let ItemKind::Decl(decl) = &base.ast(db).kind {
            let name = base.name(db).to_string();
            found.push(Origin { item: base, name, fields: &decl.body });
        }
    }
    if item.kind(db) != Kind::Task {
        return found;
    }
    let packages = db.workspace().packages(db);
    let files = [package_dir(db, item.file(db)).as_str(), ""].map(|it| packages.get(it).copied());
    if let Some(profile) = profile {
        let declared = |file: SourceFile| {
            declarations(db, file, Namespace::Profiles, profile).first().copied()
        };
        let mut profiles: Vec<Item> = files.into_iter().flatten().filter_map(declared).collect();
        profiles.dedup();
        for item in profiles {
            let name = format!("profile {profile}");
            found.extend(defaults_of(db, item).map(|fields| Origin { item, name, fields }));
        }
    }
    let root = db.workspace().files(db).get(PACKAGE_FILE);
    let mut workspace = root.into_iter().flat_map(|it| it.items(db).iter());
    if let Some(&item) = workspace.find(|it| it.kind(db) == Kind::Workspace) {
        let name = "workspace".to_owned();
        found.extend(defaults_of(db, item).map(|fields| Origin { item, name, fields }));
    }
    found
}

/// The record in the field `defaults`.
fn defaults_of(db: &dyn Db, item: Item) -> Option<&Record> {
    let ast = item.ast(db);
    match ast.expr(ast.field("defaults")?.value) {
        Expr::Record(record) => Some(record),
        _ => None,
    }
}

fn fields(record: &Record) -> impl Iterator<Item = &Field> {
    record.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(field),
        _ => None,
    })
}

/// What stronger ones set already.
#[derive(Default)]
struct Seen {
    fields: Vec<SmolStr>,
    /// Keys of fields that are merged, with their field.
    keys: Vec<(SmolStr, SmolStr)>,
}

impl Seen {
    fn add(&mut self, record: &Record, item: Item, db: &dyn Db) {
        for field in fields(record) {
            self.fields.push(field.name.text.clone());
            let keys = keys(db, item, field.value);
            self.keys.extend(keys.into_iter().map(|key| (field.name.text.clone(), key)));
        }
    }

    /// What an origin adds to a declaration of a kind.
    fn new_of(&self, origin: &Origin<'_>, of: Kind, db: &dyn Db) -> Vec<Inherited> {
        let Some(kind) = kind(db, of) else { return Vec::new() };
        let mut found = Vec::new();
        for field in fields(origin.fields) {
            let name = &field.name.text;
            let Some(known) = kind.field(name) else { continue };
            let is_set = self.fields.contains(name);
            if is_set && !known.is_merge {
                continue;
            }
            let text = source(db, origin.item, field.value);
            if !known.is_merge {
                found.push(Inherited { name: name.clone(), text });
                continue;
            }
            let all = keys(db, origin.item, field.value);
            let is_new =
                |key: &SmolStr| !self.keys.iter().any(|(field, it)| field == name && it == key);
            let new: Vec<&str> = all.iter().filter(|it| is_new(it)).map(SmolStr::as_str).collect();
            if !new.is_empty() {
                found.push(Inherited { name: name.clone(), text: new.join(", ") });
            }
        }
        found
    }
}

/// The keys of a record that is written out.
fn keys(db: &dyn Db, item: Item, value: ExprId) -> Vec<SmolStr> {
    match item.ast(db).expr(value) {
        Expr::Record(record) => fields(record).map(|it| it.name.text.clone()).collect(),
        _ => Vec::new(),
    }
}

fn source(db: &dyn Db, item: Item, value: ExprId) -> String {
    let range = std::ops::Range::<usize>::from(item.ast(db).expr_range(value));
    item.text(db).get(range).unwrap_or_default().to_owned()
}

/// `workspace: timeout 20m, log "stream"`; long values by their name only.
fn label(origin: &Origin<'_>, inherited: &[Inherited]) -> String {
    let shown = inherited.iter().take(VALUES_MAX).map(|it| {
        let is_short = it.text.len() <= VALUE_MAX && !it.text.contains('\n');
        if is_short { format!("{} {}", it.name, it.text) } else { it.name.to_string() }
    });
    let more = if inherited.len() > VALUES_MAX { ", .." } else { "" };
    format!("{}: {}{more}", origin.name, shown.collect::<Vec<_>>().join(", "))
}

fn tooltip(db: &dyn Db, origin: &Origin<'_>, inherited: &[Inherited]) -> String {
    let path = origin.item.file(db).path(db);
    let who = match origin.item.kind(db) {
        Kind::Workspace => "`defaults` of the workspace".to_owned(),
        Kind::Profile => format!("`defaults` of the profile `{}`", origin.item.name(db)),
        kind => format!("the {kind} `{}`", origin.item.name(db)),
    };
    let lines = inherited.iter().map(|it| format!("{}: {}", it.name, it.text));
    let lines: Vec<String> = lines.collect();
    format!("From {who} in {path}:\n```rush-tasks\n{}\n```", lines.join("\n"))
}
