//! Names of fields: of a declaration, a record, a matrix, a table.

use rush_semantics::Item;
use rush_semantics::infer::record_variant;
use rush_semantics::kinds::{KindDef, kind};
use rush_semantics::names::{Namespace, declarations};
use rush_semantics::signature::value_type;
use rush_semantics::ty::{DefaultRef, FieldTy, RecordTy, Ty};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, ItemKind, Record, TypeExpr, TypeId};
use smol_str::SmolStr;

use super::docs::Owner as DocsOwner;
use super::items::writes;
use super::list::{List, Rank};
use super::siblings::names;
use super::spot::Owner;
use super::{Completion, CompletionKind, DocsId, Insert, Site};
use crate::draft::{Parent, WORD};
use crate::snippet::{Layout, Snippet};

/// A field that can be written.
pub(super) struct Known {
    name: SmolStr,
    ty: Ty,
    default: Option<DefaultRef>,
    is_required: bool,
    docs: Option<DocsId>,
}

impl Site<'_> {
    /// Adds the fields of a record that are not there yet.
    pub(super) fn fields(self, record: &Record, owner: Owner, is_valued: bool, list: &mut List) {
        let known = self.known_fields(record, owner);
        let used = self.used_fields(self.record_field(owner).as_deref());
        let mut ordered: Vec<(Rank, std::cmp::Reverse<usize>, Known)> = known
            .into_iter()
            .filter(|field| names(record).all(|it| *it != field.name || it == WORD))
            .map(|field| {
                let count = used.get(&field.name).copied().unwrap_or_default();
                let rank = match (field.is_required, count) {
                    (true, _) => Rank::Demanded,
                    (false, 0) => Rank::Fits,
                    (false, _) => Rank::Near,
                };
                (rank, std::cmp::Reverse(count), field)
            })
            .collect();
        ordered.sort_by_key(|(rank, count, _)| (*rank, *count));
        let is_inserted_whole = !is_valued && !self.is_named();
        let layout = self.layout(record);
        for (rank, _, field) in ordered {
            let snippet = Snippet::default().text(&field.name);
            let it = list.proposal(&field.name, CompletionKind::Field).of_type(&field.ty);
            let it = if is_inserted_whole && self.is_record(field.default) {
                it.with(snippet.block(layout))
            } else if is_inserted_whole {
                it.with(snippet.field_value(&field.ty, layout))
            } else {
                it
            };
            let default = field.default.and_then(|it| self.default_text(it));
            list.add(rank, Completion { default, docs: field.docs, ..it });
        }
        if is_inserted_whole && !self.is_matrix(owner) && !self.is_cell(owner) {
            member_words(owner, list);
        }
    }

    /// Adds the names of fields that may stand between quotes, without anything around them.
    pub(super) fn keys(self, record: &Record, owner: Owner, list: &mut List) {
        for field in self.known_fields(record, owner) {
            if names(record).all(|it| *it != field.name) {
                let it = list.proposal(&field.name, CompletionKind::Field).of_type(&field.ty);
                list.add(Rank::Member, Completion { docs: field.docs, ..it });
            }
        }
    }

    /// Whether a colon follows the word already.
    pub(super) fn is_named(self) -> bool {
        self.draft.after().trim_start_matches(' ').starts_with([':', '{'])
    }

    /// Whether a default is written as a record: then a field without a type is one, too.
    pub(super) fn is_record(self, default: Option<DefaultRef>) -> bool {
        default.is_some_and(|it| matches!(it.item.ast(self.db).expr(it.expr), Expr::Record(_)))
    }

    fn layout(self, record: &Record) -> Layout {
        if self.draft.source(record.range).contains('\n') { Layout::Lines } else { Layout::Row }
    }

    /// The declaration's field whose value a record is.
    fn record_field(self, owner: Owner) -> Option<SmolStr> {
        let Owner::Record(id) = owner else { return None };
        self.draft.parents.field_of(id).cloned()
    }

    /// The default as it is written; nothing for `none`.
    pub(super) fn default_text(self, default: DefaultRef) -> Option<String> {
        let range = default.item.ast(self.db).expr_range(default.expr);
        let text = default.item.text(self.db).get(std::ops::Range::from(range))?;
        (text != "none" && text.len() < 60).then(|| text.to_owned())
    }

    fn known_fields(self, record: &Record, owner: Owner) -> Vec<Known> {
        match owner {
            Owner::Declaration => {
                let ItemKind::Decl(decl) = &self.draft.ast.kind else { return Vec::new() };
                kind(self.db, decl.kind()).map(|it| self.kind_fields(it)).unwrap_or_default()
            }
            Owner::Record(id) => self.record_fields(id, record),
        }
    }

    fn kind_fields(self, kind: &KindDef) -> Vec<Known> {
        let inherits = |name: &str| self.view.base.is_some_and(|base| writes(self.db, base, name));
        let mut fields: Vec<Known> = kind
            .fields
            .iter()
            .map(|field| Known {
                name: field.name.clone(),
                ty: field.ty.clone(),
                default: field.default,
                is_required: field.default.is_none()
                    && !field.ty.may_be_none()
                    && !inherits(&field.name),
                docs: Some(DocsId::kind_field(kind.kind, &field.name)),
            })
            .collect();
        if kind.has_param_fields {
            let items = self.draft.file(self.db).items(self.db).iter();
            let params = items.filter(|it| it.kind(self.db) == Kind::Param);
            fields.extend(params.map(|item| Known {
                name: item.name(self.db).clone(),
                ty: value_type(self.db, *item).clone(),
                default: None,
                is_required: false,
                docs: Some(DocsId::item(self.db, *item)),
            }));
        }
        fields
    }

    fn record_fields(self, id: ExprId, record: &Record) -> Vec<Known> {
        if let Some(keys) = self.table_keys(id) {
            return keys;
        }
        if self.is_matrix(Owner::Record(id)) {
            return self.matrix_fields();
        }
        let Some(expected) = self.view.expected.get(&id) else {
            return self.guessed_fields(id, record);
        };
        match record_variant(record, expected).as_ref().map(Ty::bare) {
            Some(Ty::Record(likeliest)) => self.variant_fields(record, expected, likeliest),
            Some(Ty::Map(value)) => self.keys_of_map(id, value),
            _ => Vec::new(),
        }
    }

    /// The fields of the likeliest variant, and of those for which as much speaks.
    fn variant_fields(self, record: &Record, expected: &Ty, likeliest: &RecordTy) -> Vec<Known> {
        let written =
            |ty: &RecordTy| names(record).filter(|it| ty.field(it.as_str()).is_some()).count();
        let mut found: Vec<Known> = Vec::new();
        for variant in expected.members() {
            let Ty::Record(ty) = variant.bare() else { continue };
            if written(ty) != written(likeliest) {
                continue;
            }
            for field in self.type_fields(variant, &ty.fields) {
                if found.iter().all(|it| it.name != field.name) {
                    found.push(field);
                }
            }
        }
        found
    }

    /// The keys that `{ .. }[index]` must have.
    fn table_keys(self, id: ExprId) -> Option<Vec<Known>> {
        let Some(Parent::Base(whole)) = self.draft.parents.get(id) else { return None };
        let Expr::Index { index, .. } = self.draft.ast.expr(*whole) else { return None };
        let keys = self.view.inference.ty(*index).literal_texts()?;
        Some(keys.into_iter().map(|name| required(name, Ty::Error)).collect())
    }

    /// Whether a record is the matrix of its declaration, which has nothing but axes.
    fn is_matrix(self, owner: Owner) -> bool {
        let Owner::Record(id) = owner else { return false };
        self.draft.parents.get(id) == Some(&Parent::OfDeclaration("matrix".into()))
    }

    /// Whether a record is one of the cells that a matrix includes or excludes.
    fn is_cell(self, owner: Owner) -> bool {
        let Owner::Record(id) = owner else { return false };
        let Some(Parent::OfList(list)) = self.draft.parents.get(id) else { return false };
        match self.draft.parents.get(*list) {
            Some(Parent::OfRecord(matrix, name)) => {
                matches!(name.as_str(), "include" | "exclude")
                    && self.is_matrix(Owner::Record(*matrix))
            }
            _ => false,
        }
    }

    /// What a matrix may have beside its axes, and the axes of others.
    fn matrix_fields(self) -> Vec<Known> {
        let axes = self.used_fields(Some("matrix"));
        let mut axes: Vec<SmolStr> = axes.into_keys().cloned().collect();
        axes.extend(self.axes_read());
        axes.sort_unstable();
        axes.dedup();
        let cells = Ty::list(Ty::record([]));
        let fixed = ["include", "exclude"].map(|it| optional(it.into(), cells.clone()));
        axes.retain(|it| it != "include" && it != "exclude");
        let axes = axes.into_iter().map(|it| optional(it, Ty::list(Ty::TEXT)));
        axes.chain(fixed).collect()
    }

    fn type_fields(self, ty: &Ty, fields: &[FieldTy]) -> Vec<Known> {
        let declared = self.declaration_of(ty, fields);
        let docs = |name: &str| {
            let (item, id) = declared?;
            Some(DocsId::part(self.db, item, DocsOwner::Record(id), name))
        };
        let known = fields.iter().map(|field| Known {
            name: field.name.clone(),
            ty: field.ty.clone(),
            default: field.default,
            is_required: field.default.is_none() && !field.ty.may_be_none(),
            docs: docs(&field.name),
        });
        known.collect()
    }

    /// Where a record type is written: with its name, or else among those of the prelude.
    fn declaration_of(self, ty: &Ty, fields: &[FieldTy]) -> Option<(Item, TypeId)> {
        let prelude = self.db.workspace().prelude(self.db).items(self.db).iter().copied();
        let named = match ty {
            Ty::Alias(alias) => Some(alias.item),
            _ => fields.iter().find_map(|it| it.default).map(|it| it.item),
        };
        let candidates = named.into_iter().chain(prelude.filter(|_| named.is_none()));
        candidates.into_iter().find_map(|item| {
            let ast = item.ast(self.db);
            let is_it = |id: &TypeId| match ast.ty(*id) {
                TypeExpr::Record(written) => {
                    let names = written.iter().filter_map(|it| it.name.as_ref());
                    names.map(|it| &it.text).eq(fields.iter().map(|it| &it.name))
                }
                _ => false,
            };
            let id = (0..ast.type_count()).map(|it| TypeId(it as u32)).find(is_it)?;
            Some((item, id))
        })
    }

    /// Templates and tasks that can be extended; of an import when there is a namespace.
    pub(super) fn bases(self, namespace: Option<&rush_syntax::ast::Name>, list: &mut List) {
        let file = match namespace {
            Some(name) => match self.import(&name.text) {
                Some(file) => file,
                None => return,
            },
            None => self.draft.file(self.db),
        };
        let own = self.draft.placed.item;
        let items = file.items(self.db).iter().copied().filter(|it| *it != own);
        let mut found = Vec::new();
        for item in items {
            let name = item.name(self.db).as_str();
            let is_hidden = namespace.is_some() && rush_semantics::names::is_private(name);
            if !name.is_empty() && !is_hidden {
                found.push((name, item));
            }
        }
        for item in list.names(found) {
            let name = item.name(self.db).clone();
            let (rank, kind) = match item.kind(self.db) {
                Kind::Template => (Rank::Near, CompletionKind::Template),
                Kind::Task => (Rank::Fits, CompletionKind::Task),
                Kind::Use if namespace.is_none() => (Rank::HasParts, CompletionKind::Namespace),
                _ => continue,
            };
            let params = super::items::params_of(self.db, item);
            let it = list.proposal(&name, kind).about(self.db, item);
            let has_required = params.iter().any(|it| !it.is_optional);
            let it = if has_required && !self.draft.after().starts_with('(') {
                it.followed_by(super::values::shown(&params)).with(Snippet::call(&name, &params))
            } else {
                it
            };
            list.add(rank, it);
        }
    }

    /// The file behind a namespace.
    pub(super) fn import(self, name: &str) -> Option<rush_semantics::SourceFile> {
        let file = self.draft.file(self.db);
        let item = declarations(self.db, file, Namespace::Values, name).first()?;
        rush_semantics::names::import_target(self.db, *item)
    }
}

/// Adds what a record has beside fields.
fn member_words(owner: Owner, list: &mut List) {
    list.keyword("let", "let ${1:name} = $0");
    list.keyword("check", "check ${1:condition}, \"${2:message}\"");
    if owner != Owner::Declaration {
        let it = list.proposal("...", CompletionKind::Keyword);
        list.add(Rank::Word, it);
    }
}

fn required(name: SmolStr, ty: Ty) -> Known {
    Known { is_required: true, ..optional(name, ty) }
}

/// A field without a default that need not be written.
pub(super) fn optional(name: SmolStr, ty: Ty) -> Known {
    Known { name, ty, default: None, is_required: false, docs: None }
}

impl Insert {
    /// The text, whatever its notation.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Snippet(text) => text,
        }
    }
}
