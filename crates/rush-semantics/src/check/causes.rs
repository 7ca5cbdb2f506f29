//! What an item's meaning hangs on and is broken elsewhere: the reason why nothing was said of it here.
//!
//! Nothing is accused twice: what means a declaration that can't be read is not reported. That leaves an
//! item without a finding that is not sound all the same. Whoever runs an item, lists it, or shows the
//! findings of a part of the workspace only, asks here.

use std::borrow::Cow;

use rush_diagnostics::{Diagnostic, Span};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, ItemKind, Name, TypeExpr, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::item_diagnostics;
use crate::db::{Db, Item, SourceFile};
use crate::infer::infer;
use crate::names::{import_target, resolve, resolve_type, undeclared_by};
use crate::report;
use crate::signature::has_broken_parameters;
use crate::ty::Ty;

/// The other items whose mistakes leave open what this one means, each once.
pub fn causes(db: &dyn Db, item: Item) -> Vec<Item> {
    let mut found = Vec::new();
    let mut blamed = FxHashSet::from_iter([item]);
    let mut seen = FxHashSet::from_iter([item]);
    let mut open = vec![item];
    while let Some(next) = open.pop() {
        let named = named_by(db, next);
        found.extend(named.broken.iter().copied().filter(|it| blamed.insert(*it)));
        open.extend(named.types.iter().copied().filter(|it| seen.insert(*it)));
    }
    found
}

/// What an editor says in a file that hangs on mistakes in others: for each of them a hint, at the first
/// item that is left open by it. It is no finding: the mistake is one, and told where it is.
#[salsa::tracked(returns(ref))]
pub fn left_open(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let items = file.items(db);
    if items.iter().all(|it| it.kind(db) != Kind::Use) {
        return Vec::new();
    }
    let mut found: Vec<(Item, Vec<Item>)> = Vec::new();
    let mut known: FxHashMap<Item, usize> = FxHashMap::default();
    for &item in items.iter().filter(|it| it.kind(db) != Kind::Use) {
        db.unwind_if_revision_cancelled();
        for cause in causes(db, item).into_iter().filter(|it| it.file(db) != file) {
            let at = *known.entry(cause).or_insert(found.len());
            match found.get_mut(at) {
                Some((_, items)) => items.push(item),
                None => found.push((cause, vec![item])),
            }
        }
    }
    found.iter().filter_map(|(cause, items)| hint(db, *cause, items)).collect()
}

fn hint(db: &dyn Db, cause: Item, items: &[Item]) -> Option<Diagnostic> {
    let error = errors(db, cause).next()?;
    let (first, others) = items.split_first()?;
    let at = match &first.ast(db).kind {
        ItemKind::Check(check) => check.range,
        _ => first.ast(db).name()?.range,
    };
    let at = Span::new(first.id(db), at);
    Some(report::left_open(at, cause.file(db).path(db), others.len(), error))
}

/// The errors of the [`causes`].
pub fn causing_errors(db: &dyn Db, item: Item) -> impl Iterator<Item = &Diagnostic> {
    causes(db, item).into_iter().flat_map(move |it| errors(db, it))
}

fn errors(db: &dyn Db, item: Item) -> impl Iterator<Item = &Diagnostic> {
    item_diagnostics(db, item).iter().filter(|it| it.is_error())
}

/// The items that one names, as far as its meaning hangs on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Named {
    /// Those that are broken.
    broken: Vec<Item>,
    /// The types, which name others.
    types: Vec<Item>,
}

/// What an item names. Remembered where texts change: an edit of one item then asks one again.
fn named_by(db: &dyn Db, item: Item) -> Cow<'_, Named> {
    if db.has_fixed_texts() {
        return Cow::Owned(search(db, item));
    }
    Cow::Borrowed(hangs_on(db, item))
}

#[salsa::tracked(returns(ref))]
fn hangs_on(db: &dyn Db, item: Item) -> Named {
    search(db, item)
}

fn search(db: &dyn Db, item: Item) -> Named {
    let mut search = Search { db, seen: FxHashSet::default(), named: Named::default() };
    search.item(item);
    search.named
}

/// A walk over what an item names.
struct Search<'a> {
    db: &'a dyn Db,
    /// What was looked at whether it is broken.
    seen: FxHashSet<Item>,
    named: Named,
}

impl Search<'_> {
    fn item(&mut self, item: Item) {
        let (ast, file) = (item.ast(self.db), item.file(self.db));
        if let Some(extends) = ast.decl().and_then(|it| it.extends.as_ref()) {
            self.path(file, &extends.path, resolve);
        }
        for id in 0..ast.type_count() as u32 {
            if let TypeExpr::Path { path, .. } = ast.ty(TypeId(id)) {
                self.path(file, path, resolve_type);
            }
        }
        for (id, ty) in infer(self.db, item).types.iter().enumerate() {
            // All else that names something has found it.
            if matches!(ty, Ty::Error | Ty::Decl { .. }) {
                self.expr(item, ExprId(id as u32));
            }
        }
    }

    fn expr(&mut self, item: Item, id: ExprId) {
        let (ast, file) = (item.ast(self.db), item.file(self.db));
        match ast.expr(id) {
            Expr::Name(name) => self.name(file, name, named),
            Expr::Field { base, name } => {
                let Expr::Name(namespace) = ast.expr(*base) else { return };
                self.member(file, namespace, (&name.text, named));
            }
            _ => {}
        }
    }

    fn path(&mut self, file: SourceFile, path: &[Name], resolve: Resolve) {
        match path {
            [name] => self.name(file, &name.text, resolve),
            [namespace, name] => self.member(file, &namespace.text, (&name.text, resolve)),
            _ => {}
        }
    }

    fn member(&mut self, file: SourceFile, namespace: &str, (name, resolve): (&str, Resolve)) {
        match crate::names::resolve(self.db, file, namespace) {
            None => self.name(file, namespace, resolve),
            Some(import) if import.kind(self.db) == Kind::Use => {
                match import_target(self.db, import) {
                    Some(target) => self.name(target, name, resolve),
                    None => self.cause(import),
                }
            }
            Some(_) => {}
        }
    }

    fn name(&mut self, file: SourceFile, name: &str, resolve: Resolve) {
        let Some(item) = resolve(self.db, file, name) else {
            undeclared_by(self.db, file, name).for_each(|it| self.cause(it));
            return;
        };
        match item.kind(self.db) {
            Kind::Type => {
                if !self.named.types.contains(&item) {
                    self.named.types.push(item);
                }
                self.cause(item);
            }
            Kind::Use if import_target(self.db, item).is_some() => {}
            Kind::Use | Kind::Unknown => self.cause(item),
            _ if has_broken_parameters(item.parsed(self.db)) => self.cause(item),
            _ => {}
        }
    }

    /// Notes an item that the meaning hangs on, if it is broken.
    fn cause(&mut self, item: Item) {
        if self.seen.insert(item) && errors(self.db, item).next().is_some() {
            self.named.broken.push(item);
        }
    }
}

/// The item a name of a file means.
type Resolve = fn(&dyn Db, SourceFile, &str) -> Option<Item>;

fn named(db: &dyn Db, file: SourceFile, name: &str) -> Option<Item> {
    resolve(db, file, name).or_else(|| resolve_type(db, file, name))
}
