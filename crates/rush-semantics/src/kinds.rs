//! The kinds a declaration may have, read from the prelude.
//!
//! Nothing here knows what a field is for: a kind is a list of fields with types, defaults and docs.

use std::sync::Arc;

use rush_diagnostics::Diagnostic;
use rush_syntax::Kind;
use rush_syntax::ast::{ItemKind, KindDecl, TypeExpr};
use smol_str::SmolStr;

use crate::db::{Db, Item};
use crate::ty::{DefaultRef, Ty};
use crate::types::lower_type;

/// The name under which the prelude appears in messages and in editors.
pub const PRELUDE_PATH: &str = "<prelude>";

/// The source of the prelude.
pub const PRELUDE: &str = include_str!("prelude.rush");

/// The words that open a declaration at column 0; a test holds them against the prelude.
pub const KIND_NAMES: &[&str] = &{
    let [task, template, service, secret, profile, workspace] = Kind::DECLARED;
    [task.word(), template.word(), service.word(), secret.word(), profile.word(), workspace.word()]
};

/// The fields of `defaults`; a test holds them against the prelude.
const DEFAULTS: &[&str] = &[
    "env",
    "env_files",
    "pass_env",
    "bin",
    "tools",
    "timeout",
    "retry",
    "resources",
    "cache",
    "allow_failure",
    "log",
];

/// A kind of declaration.
#[derive(Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "four independent facts, each with a name")]
pub struct KindDef {
    /// The word a declaration opens with.
    pub kind: Kind,
    /// The item of the prelude that declares it.
    pub item: Item,
    /// Its fields in the order declared.
    pub fields: Vec<KindField>,
    /// Whether a declaration may have parameters.
    pub has_params: bool,
    /// Whether a declaration may extend another one.
    pub has_extends: bool,
    /// Whether a declaration has a name.
    pub has_name: bool,
    /// Whether it also has a field for each file-level `param`.
    pub has_param_fields: bool,
}

/// A field of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindField {
    /// The field's name.
    pub name: SmolStr,
    /// The type of its value.
    pub ty: Ty,
    /// The value when it is absent; a field without a default is demanded.
    pub default: Option<DefaultRef>,
    /// Whether a declaration adds to the inherited value key by key.
    pub is_merge: bool,
    /// What it is for.
    pub doc: SmolStr,
}

impl KindDef {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&KindField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Whether `defaults` of a workspace or a profile has a field.
pub fn is_default(field: &str) -> bool {
    DEFAULTS.contains(&field)
}

/// What the prelude says of a kind; `None` for words that are no kind.
pub fn kind(db: &dyn Db, kind: Kind) -> Option<&KindDef> {
    kinds(db).iter().find(|it| it.kind == kind)
}

/// All kinds in the order of the prelude.
pub fn kinds(db: &dyn Db) -> &[KindDef] {
    all(db, db.workspace())
}

#[salsa::tracked(returns(ref))]
fn all(db: &dyn Db, workspace: crate::db::Workspace) -> Arc<[KindDef]> {
    let mut kinds: Vec<KindDef> = Vec::new();
    for &item in workspace.prelude(db).items(db).iter() {
        if let ItemKind::Kind(decl) = &item.ast(db).kind {
            let def = define(db, item, decl, &kinds);
            kinds.push(def);
        }
    }
    Arc::from(kinds)
}

fn define(db: &dyn Db, item: Item, decl: &KindDecl, before: &[KindDef]) -> KindDef {
    let has = |word: &str| decl.abilities.iter().any(|ability| ability.text == word);
    let mut def = KindDef {
        kind: Kind::of(item.name(db)),
        item,
        fields: Vec::new(),
        has_params: has("params"),
        has_extends: has("extends"),
        has_name: !has("unnamed"),
        has_param_fields: false,
    };
    let ast = item.ast(db);
    for field in &decl.fields {
        if field.is_rest {
            let TypeExpr::Path { path, .. } = ast.ty(field.ty) else { continue };
            let of = path.first().map_or(Kind::Unknown, |name| Kind::of(&name.text));
            def.has_param_fields |= of == Kind::Param;
            let copied = before.iter().find(|it| it.kind == of);
            def.fields.extend(copied.into_iter().flat_map(|kind| kind.fields.iter().cloned()));
            continue;
        }
        let Some(name) = &field.name else { continue };
        let mut problems: Vec<Diagnostic> = Vec::new();
        def.fields.push(KindField {
            name: name.text.clone(),
            ty: lower_type(db, item, field.ty, &mut problems),
            default: field.default.map(|expr| DefaultRef { item, expr }),
            is_merge: field.attributes.iter().any(|it| it.text == "merge"),
            doc: field.doc.as_ref().map(|doc| doc.text.as_str().into()).unwrap_or_default(),
        });
    }
    def
}

#[cfg(test)]
mod tests {
    use super::{DEFAULTS, KIND_NAMES, kind, kinds};
    use crate::db::RushDatabase;
    use crate::ty::Ty;
    use rush_syntax::Kind;

    #[test]
    fn the_words_that_open_declarations_are_the_kinds_of_the_prelude() {
        let db = RushDatabase::default();
        let names: Vec<&str> = kinds(&db).iter().map(|it| it.kind.word()).collect();
        assert_eq!(names, KIND_NAMES);
    }

    #[test]
    fn the_fields_of_defaults_are_those_of_the_prelude() {
        let db = RushDatabase::default();
        for owner in ["workspace", "profile"] {
            let defaults = kind(&db, Kind::of(owner)).and_then(|it| it.field("defaults")).unwrap();
            let Ty::Record(record) = defaults.ty.bare() else { panic!("{owner}") };
            let fields: Vec<&str> = record.fields.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(fields, DEFAULTS);
        }
    }
}
