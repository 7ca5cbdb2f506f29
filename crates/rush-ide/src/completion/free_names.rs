//! Names that nobody declares: keys of maps and tables, axes, fields of records without a type.
//!
//! What others write, and what is already used of it here, are the best guesses there are.

use rush_semantics::infer::{script_reads, script_sets};
use rush_semantics::names::{Namespace, declarations, file_names};
use rush_semantics::ty::Ty;
use rush_semantics::types::declared_type;
use rush_syntax::ast::{Element, Expr, ExprId, Record};
use smol_str::SmolStr;

use super::Site;
use super::fields::{Known, optional};
use super::siblings::names;
use crate::draft::{Parent, WORD};
use crate::syntax::exprs;

/// Variables that every shell has: nobody sets them for a task.
const OF_SHELLS: [&str; 12] = [
    "PATH",
    "HOME",
    "PWD",
    "OLDPWD",
    "USER",
    "SHELL",
    "TMPDIR",
    "IFS",
    "RANDOM",
    "LINENO",
    "SECONDS",
    "RUSH_STATUS",
];

impl Site<'_> {
    /// The keys of a map: those of maps of the same field elsewhere.
    pub(super) fn keys_of_map(self, id: ExprId, value: &Ty) -> Vec<Known> {
        let field = self.draft.parents.field_of(id).cloned();
        let mut keys: Vec<SmolStr> =
            self.used_fields(field.as_deref()).into_keys().cloned().collect();
        let own = match self.draft.parents.get(id) {
            Some(Parent::OfDeclaration(name) | Parent::OfRecord(_, name)) => name.as_str(),
            _ => "",
        };
        if own == "env" {
            keys.extend(self.others().flat_map(|it| &it.set).cloned());
            keys.extend(self.variables_read());
        }
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().map(|name| optional(name, value.clone())).collect()
    }

    /// The variables that scripts of the declaration read and do not set.
    pub(super) fn variables_read(self) -> Vec<SmolStr> {
        let scripts = exprs(&self.draft.ast).filter_map(|(_, it)| match it {
            Expr::Script { tag, body } => Some((tag, body)),
            _ => None,
        });
        let read = scripts.flat_map(|(tag, body)| {
            let sets = script_sets(&tag.text, body);
            let reads = script_reads(&tag.text, body).into_iter().map(|it| it.name);
            reads.filter(|it| !sets.contains(it)).collect::<Vec<_>>()
        });
        let is_value = |name: &SmolStr| {
            let file = self.draft.file(self.db);
            self.view.locals.iter().any(|it| it.name == *name)
                || !declarations(self.db, file, Namespace::Values, name).is_empty()
        };
        read.filter(|it| !OF_SHELLS.contains(&it.as_str()) && !is_value(it)).collect()
    }

    /// The axes that the declaration speaks of already.
    pub(super) fn axes_read(self) -> Vec<SmolStr> {
        let ast = &self.draft.ast;
        let read = exprs(ast).filter_map(|(_, it)| match it {
            Expr::Field { base, name } if name.text != WORD => match ast.expr(*base) {
                Expr::Name(base) if base == "matrix" => Some(name.text.clone()),
                _ => None,
            },
            _ => None,
        });
        read.filter(|it| !it.is_empty()).collect()
    }

    /// The fields of a record of which nothing is expected: those of the other elements of a list; else
    /// it may be a table with a value for each member of a union of texts.
    pub(super) fn guessed_fields(self, id: ExprId, record: &Record) -> Vec<Known> {
        let mut found = self.fields_of_elements(id);
        let has_all = |keys: &Vec<SmolStr>| names(record).all(|it| it == WORD || keys.contains(it));
        if found.is_empty() {
            found = self.unions_of_texts().into_iter().filter(has_all).flatten().collect();
        }
        let mut seen = rustc_hash::FxHashSet::default();
        found.retain(|it| seen.insert(it.clone()));
        found.into_iter().map(|name| optional(name, Ty::Error)).collect()
    }

    /// The fields that the other elements of the list have.
    fn fields_of_elements(self, id: ExprId) -> Vec<SmolStr> {
        let ast = &self.draft.ast;
        let Some(Parent::OfList(list)) = self.draft.parents.get(id) else { return Vec::new() };
        let Expr::List(elements) = ast.expr(*list) else { return Vec::new() };
        let records = elements.iter().filter_map(|it| match it {
            Element::Value(value) if *value != id => match ast.expr(*value) {
                Expr::Record(record) => Some(record),
                _ => None,
            },
            _ => None,
        });
        records.flat_map(|it| names(it)).cloned().collect()
    }

    /// The members of the unions of texts that can be named here, the nearest first.
    fn unions_of_texts(self) -> Vec<Vec<SmolStr>> {
        let file = self.draft.file(self.db);
        let locals = self.view.locals.iter().rev().map(|it| it.ty.literal_texts());
        let mut types: Vec<&SmolStr> = file_names(self.db, file).names(Namespace::Types).collect();
        types.sort_unstable();
        let types = types.into_iter().map(|name| {
            let item = declarations(self.db, file, Namespace::Types, name).first()?;
            declared_type(self.db, *item).literal_texts()
        });
        locals.chain(types).flatten().filter(|it| it.len() > 1).collect()
    }
}
