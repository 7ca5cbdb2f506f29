//! Values that repeat what would hold without them: in a field, in a record inside it, in a tag.
//!
//! Only values that are written out are compared; what would have to be worked out is not asked.

use rush_diagnostics::{Diagnostic, Span, TextRange};
use rush_syntax::ast::{Decl, Expr, ExprId, Item as Ast, ItemKind, Member, Record, fixed_text};
use rush_syntax::{Kind, SyntaxKind};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::lint::workspace_item;
use crate::db::{Db, Item, Workspace};
use crate::infer::context_free::removal;
use crate::kinds::{KindField, kind};
use crate::report;
use crate::signature::value_type;
use crate::ty::{DefaultRef, FieldTy, Ty};

/// The findings about the fields of a declaration.
pub fn of_declaration(db: &dyn Db, (item, ast): (Item, &Ast), decl: &Decl) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(kind) = kind(db, decl.kind()) else { return found };
    let defaults = decl.kind().takes_defaults().then(|| Defaults::of(db, item));
    // Under a profile `none` takes back what the workspace says.
    let is_layer = decl.kind() == Kind::Profile;
    for member in &decl.body.members {
        let Member::Field(field) = member else { continue };
        let Some(def) = kind.field(&field.name.text) else { continue };
        let layers = defaults.as_ref().map_or(Layers::None, |it| it.layers(def));
        // What a base says, the field may take back.
        let is_first = decl.extends.is_none();
        if is_first && repeats(db, (ast, field.value), def, &layers) {
            found.extend(repetition(db, item, &field.name.text, (field.name.range, field.range)));
        } else if !is_layer && (!def.is_merge || is_first && matches!(layers, Layers::None)) {
            found.extend(inside(db, (item, ast), (&def.ty, field.value)));
        }
    }
    found
}

/// The findings about the value of a `let` or of a `param` whose type is written.
pub fn of_value(db: &dyn Db, (item, ast): (Item, &Ast)) -> Vec<Diagnostic> {
    let value = match &ast.kind {
        ItemKind::Let(it) => it.ty.map(|_| it.value),
        ItemKind::Param(it) => it.default,
        _ => None,
    };
    match value.filter(|it| has_places(ast, *it)) {
        Some(value) => inside(db, (item, ast), (value_type(db, item), value)),
        None => Vec::new(),
    }
}

/// Whether a value may have named parts.
fn has_places(ast: &Ast, value: ExprId) -> bool {
    matches!(ast.expr(value), Expr::Record(_) | Expr::Call { .. })
}

/// What the workspace and its profiles say about the fields of tasks.
struct Defaults<'db> {
    of_profiles: &'db FxHashSet<SmolStr>,
    of_workspace: Option<(&'db Ast, &'db Record)>,
}

impl<'db> Defaults<'db> {
    /// What holds for an item.
    fn of(db: &'db dyn Db, item: Item) -> Self {
        let workspace = workspace_item(db).filter(|it| *it != item);
        let of_workspace = workspace.and_then(|it| {
            let ast = it.ast(db);
            match ast.expr(ast.field("defaults")?.value) {
                Expr::Record(defaults) => Some((ast, &**defaults)),
                _ => None,
            }
        });
        Self { of_profiles: profile_defaults(db, db.workspace()), of_workspace }
    }

    fn layers(&self, field: &KindField) -> Layers {
        if !self.of_profiles.is_empty() && self.of_profiles.contains(&field.name) {
            return Layers::Profile;
        }
        let default = self
            .of_workspace
            .and_then(|(ast, defaults)| Some(constant(ast, defaults.field(&field.name)?.value)));
        default.map_or(Layers::None, Layers::Workspace)
    }
}

/// What the workspace and its profiles say about one field.
enum Layers {
    /// Nothing.
    None,
    /// The workspace has a default; it compares if it is written out.
    Workspace(Option<String>),
    /// A profile has one, so under it no value is a repetition.
    Profile,
}

fn repeats(db: &dyn Db, (ast, value): (&Ast, ExprId), field: &KindField, layers: &Layers) -> bool {
    let Some(value) = constant(ast, value) else { return false };
    match layers {
        Layers::Profile => false,
        Layers::Workspace(default) => default.as_ref() == Some(&value),
        Layers::None => written(db, field.default) == Some(value),
    }
}

/// The values inside `value` that repeat what its type says already.
fn inside(db: &dyn Db, (item, ast): (Item, &Ast), value: (&Ty, ExprId)) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !has_places(ast, value.1) {
        return found;
    }
    let mut open = vec![(value.0.clone(), value.1)];
    while let Some((ty, value)) = open.pop() {
        for place in places(ast, &ty, value) {
            let own = constant(ast, place.value);
            if own.is_some() && own == written(db, place.field.default) {
                found.extend(repetition(db, item, &place.field.name, place.ranges));
            } else if has_places(ast, place.value) {
                open.push((place.field.ty.clone(), place.value));
            }
        }
    }
    found
}

/// A value inside another one, and the field of its type that it is for.
struct Place<'t> {
    field: &'t FieldTy,
    value: ExprId,
    /// Its name, and the whole of it.
    ranges: (TextRange, TextRange),
}

/// The named parts of a value that its type describes.
fn places<'t>(ast: &Ast, ty: &'t Ty, value: ExprId) -> Vec<Place<'t>> {
    let mut members = ty.members().iter().map(Ty::bare);
    match ast.expr(value) {
        Expr::Record(record) => {
            let mut records = members.filter(|it| matches!(it, Ty::Record(_)));
            let (Some(Ty::Record(record_ty)), None) = (records.next(), records.next()) else {
                return Vec::new();
            };
            // Behind a spread a value is said again, so that what was spread does not hold.
            if record.members.iter().any(|it| matches!(it, Member::Spread { .. })) {
                return Vec::new();
            }
            let fields = record.members.iter().filter_map(|member| {
                let Member::Field(it) = member else { return None };
                let field = record_ty.field(&it.name.text)?;
                Some(Place { field, value: it.value, ranges: (it.name.range, it.range) })
            });
            fields.collect()
        }
        Expr::Call { callee, args, .. } => {
            let Expr::Name(name) = ast.expr(*callee) else { return Vec::new() };
            let tag = members.find_map(|it| match it {
                Ty::Tag(tag) if tag.name == *name => Some(tag),
                _ => None,
            });
            let Some(tag) = tag else { return Vec::new() };
            let named = args.iter().filter_map(|arg| {
                let name = arg.name.as_ref()?;
                let field = tag.fields.iter().find(|it| it.name == name.text)?;
                let whole = name.range.cover(ast.expr_range(arg.value));
                Some(Place { field, value: arg.value, ranges: (name.range, whole) })
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

/// `ranges` are its name and the whole of it. A comment inside says more than the default does.
fn repetition(
    db: &dyn Db,
    item: Item,
    name: &str,
    ranges: (TextRange, TextRange),
) -> Option<Diagnostic> {
    let (name_range, whole) = ranges;
    let text: &str = item.text(db);
    let written = text.get(std::ops::Range::<usize>::from(whole)).unwrap_or_default();
    let holds_comment = written.contains("//")
        && rush_syntax::tokens(written).iter().any(|it| it.kind == SyntaxKind::Comment);
    let at = Span::new(item.id(db), name_range);
    (!holds_comment).then(|| report::repeats_default(at, name, removal(text, whole)))
}

/// A default, if it is written out.
fn written(db: &dyn Db, default: Option<DefaultRef>) -> Option<String> {
    let default = default?;
    constant(default.item.ast(db), default.expr)
}

/// A value that is written out, in a form that compares.
fn constant(ast: &Ast, value: ExprId) -> Option<String> {
    match ast.expr(value) {
        Expr::None => Some("none".to_owned()),
        Expr::Bool(it) => Some(it.to_string()),
        Expr::Int(it) => Some(it.to_string()),
        Expr::Float(it) => Some(it.to_string()),
        Expr::Duration(it) => Some(format!("{it}ns")),
        Expr::Size(it) => Some(format!("{it}B")),
        Expr::Text(parts) => fixed_text(parts).map(|it| format!("{it:?}")),
        Expr::List(elements) if elements.is_empty() => Some("[]".to_owned()),
        Expr::Record(record) if record.members.is_empty() => Some("{}".to_owned()),
        // A tag whose only argument is the one that everybody gives: `exponential(1s)`.
        Expr::Call { callee, args, .. } => match (ast.expr(*callee), args.as_slice()) {
            (Expr::Name(name), [arg]) if arg.name.is_none() && is_plain(ast, arg.value) => {
                Some(format!("{name}({})", constant(ast, arg.value)?))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_plain(ast: &Ast, value: ExprId) -> bool {
    !matches!(ast.expr(value), Expr::Call { .. })
}

/// The fields for which some profile of the workspace may have a default.
#[salsa::tracked(returns(ref))]
fn profile_defaults(db: &dyn Db, workspace: Workspace) -> FxHashSet<SmolStr> {
    let items = workspace.files(db).values().flat_map(|file| file.items(db).iter());
    let profiles = items.filter(|item| item.kind(db) == Kind::Profile);
    profiles.flat_map(|item| written_defaults(db, *item).iter().cloned()).collect()
}

/// The fields of `defaults` as they are written.
#[salsa::tracked(returns(ref))]
fn written_defaults(db: &dyn Db, item: Item) -> Vec<SmolStr> {
    let ast = item.ast(db);
    let Some(Expr::Record(defaults)) = ast.field("defaults").map(|it| ast.expr(it.value)) else {
        return Vec::new();
    };
    let fields = defaults.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(field.name.text.clone()),
        Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
    });
    fields.collect()
}
