//! The docs of a proposal, found when it is looked at.

use rush_diagnostics::FileId;
use rush_semantics::builtins::Builtin;
use rush_semantics::kinds::kind;
use rush_semantics::names::{Namespace, declarations};
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{ItemKind, ParamDecl, TypeExpr, TypeId};

/// By which the docs of a proposal are found: a text that may travel through a protocol. It means
/// something in the revision it was made in, and is harmless in others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocsId(String);

impl DocsId {
    /// Reads what [`DocsId::as_str`] gave.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The docs of an item.
    pub(super) fn item(db: &dyn Db, item: Item) -> Self {
        Self(format!("item {}", place_of(db, item)))
    }

    /// The docs of a field of a kind.
    pub(super) fn kind_field(kind: Kind, field: &str) -> Self {
        Self(format!("kind {kind} {field}"))
    }

    /// The docs of a kind.
    pub(super) fn kind(kind: Kind) -> Self {
        Self(format!("kind {kind}"))
    }

    /// The docs of a parameter, or of a field of a record or tag that an item declares.
    pub(super) fn part(db: &dyn Db, item: Item, owner: Owner, name: &str) -> Self {
        let owner = match owner {
            Owner::Item => "-".to_owned(),
            Owner::Record(id) => format!("record:{}", id.0),
        };
        Self(format!("part {} {owner} {name}", place_of(db, item)))
    }

    /// The docs of a tag: those of its fields.
    pub(super) fn tag(db: &dyn Db, item: Item, tag: &str) -> Self {
        Self(format!("tag {} tag:{tag}", place_of(db, item)))
    }

    /// The docs of a method, or of a field that values have without declaring it.
    pub(super) fn member(name: &str) -> Self {
        Self(format!("member {name}"))
    }

    /// The docs of a word that is a value.
    pub(super) fn word(name: &str) -> Self {
        Self(format!("word {name}"))
    }

    /// The docs of a function of Rush.
    pub(super) fn builtin(name: &str) -> Self {
        Self(format!("builtin {name}"))
    }
}

/// Whose part something is, inside an item.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    /// The item's own: a parameter.
    Item,
    /// That of a record type.
    Record(TypeId),
}

fn place_of(db: &dyn Db, item: Item) -> String {
    let namespace = match Namespace::of(item.kind(db)) {
        Namespace::Values => "v",
        Namespace::Types => "t",
        Namespace::Profiles => "p",
    };
    let is_prelude = item.file(db) == db.workspace().prelude(db);
    if is_prelude && item.kind(db) == Kind::Kind {
        return format!("prelude kind {}", item.name(db));
    }
    format!("{} {namespace} {}", item.file(db).id(db).0, item.name(db))
}

/// The docs of a proposal, as Markdown; nothing when there are none.
pub fn resolve(db: &dyn Db, id: &DocsId) -> Option<String> {
    let mut words = id.as_str().split(' ');
    let docs = match words.next()? {
        "item" => {
            let item = item_at(db, &mut words)?;
            item.ast(db).doc.as_ref().map(|it| it.text.clone())?
        }
        "kind" => {
            let kind = kind(db, Kind::of(words.next()?))?;
            match words.next() {
                Some(field) => kind.field(field)?.doc.to_string(),
                None => kind.item.ast(db).doc.as_ref().map(|it| it.text.clone())?,
            }
        }
        "part" => {
            let item = item_at(db, &mut words)?;
            let (owner, name) = (words.next()?, words.next()?);
            part(db, item, owner)?
                .iter()
                .find(|it| it.name.as_ref().is_some_and(|it| it.text == name))
                .and_then(|it| it.doc.as_ref())
                .map(|it| it.text.clone())?
        }
        "tag" => {
            let item = item_at(db, &mut words)?;
            fields_docs(part(db, item, words.next()?)?)
        }
        "builtin" => Builtin::named(words.next()?)?.doc().to_owned(),
        "member" => rush_semantics::words::member(words.next()?)?.1.to_owned(),
        "word" => {
            use rush_semantics::words::{primitive, word};
            let name = words.next()?;
            word(name).or_else(|| primitive(name))?.1.to_owned()
        }
        _ => return None,
    };
    Some(docs).filter(|it| !it.is_empty())
}

/// The docs of several fields as a list.
pub(crate) fn fields_docs(fields: &[ParamDecl]) -> String {
    let lines = fields.iter().filter_map(|field| {
        let (name, doc) = (field.name.as_ref()?, field.doc.as_ref()?);
        Some(format!("- `{}`: {}", name.text, doc.text.replace('\n', " ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn item_at<'a>(db: &dyn Db, words: &mut impl Iterator<Item = &'a str>) -> Option<Item> {
    let (file, namespace, name) = (words.next()?, words.next()?, words.next()?);
    if file == "prelude" {
        return Some(kind(db, Kind::of(name))?.item);
    }
    let id = FileId(file.parse().ok()?);
    let prelude = db.workspace().prelude(db);
    let mut files = db.workspace().files(db).values().copied().chain([prelude]);
    let file: SourceFile = files.find(|it| it.id(db) == id)?;
    let namespace = match namespace {
        "t" => Namespace::Types,
        "p" => Namespace::Profiles,
        _ => Namespace::Values,
    };
    declarations(db, file, namespace, name).first().copied()
}

/// The parameters or fields among which a part is.
fn part<'db>(db: &'db dyn Db, item: Item, owner: &str) -> Option<&'db [ParamDecl]> {
    let ast = item.ast(db);
    if let Some(tag) = owner.strip_prefix("tag:") {
        return (0..ast.type_count()).find_map(|id| match ast.ty(TypeId(id as u32)) {
            TypeExpr::Tag { name, fields } if name.text == tag => Some(fields.as_slice()),
            _ => None,
        });
    }
    if let Some(record) = owner.strip_prefix("record:") {
        return match ast.ty(TypeId(record.parse().ok()?)) {
            TypeExpr::Record(fields) => Some(fields),
            _ => None,
        };
    }
    match &ast.kind {
        ItemKind::Kind(kind) => Some(&kind.fields),
        other => Some(rush_semantics::signature::params_of(other)),
    }
}
