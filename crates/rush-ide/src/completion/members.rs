//! What follows a dot.

use rush_semantics::infer::{Meaning, Method, methods};
use rush_semantics::names::{
    Namespace, declarations, file_names, is_private, resolve, resolve_type,
};
use rush_semantics::signature::signature;
use rush_semantics::ty::Ty;
use rush_semantics::types::declared_type;
use rush_semantics::{Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId};

use super::docs::Owner;
use super::list::{List, Rank};
use super::values::shown;
use super::wanted::Wanted;
use super::{CompletionKind, DocsId, Site};
use crate::snippet::Snippet;

impl Site<'_> {
    /// Adds the members of `base`.
    pub(super) fn members(self, base: ExprId, whole: ExprId, list: &mut List) {
        let wanted = self.wanted(whole);
        if let Some(Meaning::Namespace(file)) = self.view.inference.meanings.get(&base) {
            return self.imported(*file, &wanted, list);
        }
        if let Some(item) = self.type_of(base) {
            let ty = declared_type(self.db, item);
            if ty.literal_texts().is_some() {
                let it =
                    list.proposal("values", CompletionKind::Field).of_type(&Ty::list(ty.clone()));
                list.add(Rank::Member, it);
            }
            return;
        }
        let ty = self.view.inference.ty(base).clone();
        match ty.bare() {
            Ty::Decl { item, .. } if item.kind(self.db) == Kind::Service => {
                for param in &signature(self.db, *item).params {
                    let it = list.proposal(&param.name, CompletionKind::Field).of_type(&param.ty);
                    let docs = DocsId::part(self.db, *item, Owner::Item, &param.name);
                    list.add(wanted.rank(&param.ty, Rank::Near), it.documented(docs));
                }
            }
            Ty::Decl { .. } | Ty::Kind(_) => {
                let outputs = Ty::list(Ty::Glob);
                let it = list.proposal("outputs", CompletionKind::Field).of_type(&outputs);
                list.add(Rank::Member, it);
            }
            Ty::Record(record) => {
                for field in &record.fields {
                    if is_name(&field.name) {
                        let it =
                            list.proposal(&field.name, CompletionKind::Field).of_type(&field.ty);
                        // Only the host's and the profile's fields have docs of their own.
                        let is_word = matches!(
                            self.view.inference.meanings.get(&base),
                            Some(Meaning::Host | Meaning::Profile)
                        );
                        let docs = is_word.then(|| DocsId::member(&field.name));
                        let rank = wanted.rank(&field.ty, Rank::Near);
                        list.add(rank, super::Completion { docs, ..it });
                    }
                }
            }
            _ => {}
        }
        for method in methods(&ty) {
            self.method(&method, &wanted, list);
        }
    }

    fn method(self, method: &Method, wanted: &Wanted, list: &mut List) {
        let it = list.proposal(method.name, CompletionKind::Method).of_type(&method.result);
        let it = it.followed_by(shown(&method.params)).documented(DocsId::member(method.name));
        let it = if self.draft.after().starts_with('(') {
            it
        } else {
            it.with(Snippet::call(method.name, &method.params))
        };
        list.add(wanted.rank(&method.result, Rank::Fits), it);
    }

    /// Adds what another file shows.
    fn imported(self, file: SourceFile, wanted: &Wanted, list: &mut List) {
        let names = file_names(self.db, file);
        let public = |name: &&smol_str::SmolStr| !is_private(name);
        let all = names.names(Namespace::Values).filter(public);
        for name in list.names(all.map(|it| (it.as_str(), it)).collect()) {
            let item = declarations(self.db, file, Namespace::Values, name).first().copied();
            if let Some(item) = item.filter(|it| it.kind(self.db) != Kind::Use) {
                self.item(name, item, wanted, list);
            }
        }
        let all = names.names(Namespace::Types).filter(public);
        for name in list.names(all.map(|it| (it.as_str(), it)).collect()) {
            let it = list.proposal(name, CompletionKind::Type);
            list.add(Rank::HasParts, it);
        }
    }

    /// The type that an expression is just the name of.
    fn type_of(self, expr: ExprId) -> Option<Item> {
        let file = self.draft.file(self.db);
        match self.draft.ast.expr(expr) {
            Expr::Name(name) => {
                let is_local = self.view.locals.iter().any(|it| it.name == *name);
                if is_local || resolve(self.db, file, name).is_some() {
                    return None;
                }
                resolve_type(self.db, file, name)
            }
            Expr::Field { base, name } => {
                let Expr::Name(namespace) = self.draft.ast.expr(*base) else { return None };
                resolve_type(self.db, self.import(namespace)?, &name.text)
            }
            _ => None,
        }
    }
}

/// Whether a key can stand after a dot.
fn is_name(key: &str) -> bool {
    key.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}
