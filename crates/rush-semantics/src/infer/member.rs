//! `base.name` and `base[index]`.

use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Name};
use smol_str::SmolStr;

use super::Meaning;
use super::context::{By, Context, Expected};
use super::unknown::Sought;
use crate::names::{Namespace, file_names, import_target, is_private, is_undeclared, referent};
use crate::report;
use crate::signature::signature;
use crate::ty::{RecordTy, Ty, example, union};
use crate::types::declared_type;

impl Context<'_> {
    /// The type of `base.name`.
    pub fn field(&mut self, id: ExprId, base: ExprId, name: &Name) -> Ty {
        if let Some((import, file)) = self.import_of(base) {
            return match file {
                Some(file) => {
                    self.mean(base, Meaning::Namespace(file));
                    self.imported(id, import.name(self.db), file, name)
                }
                None => Ty::Error,
            };
        }
        if name.text == "values"
            && let Some(item) = self.type_of_name(base)
        {
            return self.values(base, item);
        }
        let ty = self.base_type(base);
        let ty = self.field_of(base, &ty, name);
        self.narrowed_part(id, ty)
    }

    /// The type of what stands before a dot; a declaration needs no call there.
    fn base_type(&mut self, base: ExprId) -> Ty {
        let ty = match self.ast.expr(base) {
            Expr::Name(name) => self.name(base, name, Sought::Anything),
            Expr::Field { base: inner, name } => self.field(base, *inner, name),
            _ => return self.synth(base),
        };
        self.set_type(base, ty)
    }

    fn imported(
        &mut self,
        id: ExprId,
        namespace: &SmolStr,
        file: crate::db::SourceFile,
        name: &Name,
    ) -> Ty {
        if name.text.is_empty() {
            return Ty::Error;
        }
        let at = self.span(name.range);
        match referent(self.db, file, &name.text) {
            Some(_) if is_private(&name.text) => {
                let path = file.path(self.db);
                self.report(report::private_name(at, &name.text, path));
                Ty::Error
            }
            Some(found) if found.item.kind(self.db) == Kind::Use => {
                let target = import_target(self.db, found.item).map(|it| it.path(self.db).as_str());
                self.report(report::not_passed_on(at, namespace, &name.text, target));
                Ty::Error
            }
            Some(found) => self.item_name(id, found),
            None if is_undeclared(self.db, file, &name.text) => Ty::Error,
            None => {
                let names = file_names(self.db, file);
                let known = names.names(Namespace::Values).map(SmolStr::as_str);
                self.report(report::no_member(at, namespace, &name.text, known));
                Ty::Error
            }
        }
    }

    /// `Crate.values`
    fn values(&mut self, base: ExprId, item: crate::db::Item) -> Ty {
        self.mean(base, Meaning::Item(item));
        let ty = declared_type(self.db, item).clone();
        match ty.literal_texts() {
            Some(_) => Ty::list(ty),
            None if ty.is_error() => Ty::Error,
            None => {
                let at = self.span_of(base);
                let name = item.name(self.db);
                self.report(
                    report::not_callable(at, &format!("`{name}` has no list of values, and"))
                        .help("only a union of literal texts has `values`"),
                );
                Ty::Error
            }
        }
    }

    fn field_of(&mut self, base: ExprId, ty: &Ty, name: &Name) -> Ty {
        if name.text.is_empty() {
            return Ty::Error;
        }
        if ty.may_be_none() && *ty != Ty::None {
            let at = self.span_of(base);
            let what = format!("`{}`", self.source_of(base));
            self.report(report::maybe_none(at, &what));
            return Ty::Error;
        }
        match ty.bare() {
            Ty::Error | Ty::Never => Ty::Error,
            Ty::Record(record) => self.record_field(base, record, name),
            Ty::Map(value) => (**value).clone().optional(),
            Ty::Decl { item, .. } if item.kind(self.db) == Kind::Service => {
                self.service_field(base, *item, name)
            }
            Ty::Decl { .. } | Ty::Kind(_) => self.task_field(base, name),
            Ty::Union(members) => self.union_field(base, members, name),
            other => {
                self.no_field(base, other, name, &[]);
                Ty::Error
            }
        }
    }

    fn record_field(&mut self, base: ExprId, record: &RecordTy, name: &Name) -> Ty {
        if let Some(field) = record.field(&name.text) {
            return field.ty.clone();
        }
        let known: Vec<&str> = record.fields.iter().map(|field| field.name.as_str()).collect();
        let owner = self.source_of(base).to_owned();
        let at = self.span(name.range);
        self.report(report::no_member(at, &owner, &name.text, known));
        Ty::Error
    }

    fn union_field(&mut self, base: ExprId, members: &[Ty], name: &Name) -> Ty {
        let mut found = Vec::new();
        for member in members {
            match member.bare() {
                Ty::Record(record) if record.field(&name.text).is_some() => {
                    found.extend(record.field(&name.text).map(|field| field.ty.clone()));
                }
                Ty::Decl { .. } | Ty::Kind(_) if name.text == "outputs" => {
                    found.push(Ty::list(Ty::Glob));
                }
                other => {
                    self.no_field(base, other, name, &[]);
                    return Ty::Error;
                }
            }
        }
        union(found)
    }

    fn service_field(&mut self, base: ExprId, item: crate::db::Item, name: &Name) -> Ty {
        let signature = signature(self.db, item);
        if let Some(param) = signature.params.iter().find(|param| param.name == name.text) {
            self.service_reads.push((item, base));
            return param.ty.clone();
        }
        if signature.is_broken {
            return Ty::Error;
        }
        let known: Vec<&str> = signature.params.iter().map(|it| it.name.as_str()).collect();
        let at = self.span(name.range);
        self.report(report::no_member(at, item.name(self.db), &name.text, known));
        Ty::Error
    }

    fn task_field(&mut self, base: ExprId, name: &Name) -> Ty {
        if name.text == "outputs" {
            return Ty::list(Ty::Glob);
        }
        let owner = self.source_of(base).to_owned();
        let at = self.span(name.range);
        self.report(
            report::no_member(at, &owner, &name.text, ["outputs"])
                .note("a task shows only its `outputs` to others"),
        );
        Ty::Error
    }

    fn no_field(&mut self, base: ExprId, ty: &Ty, name: &Name, known: &[&str]) {
        let owner = self.source_of(base).to_owned();
        let at = self.span(name.range);
        let mut report = report::no_member(at, &owner, &name.text, known.iter().copied());
        let methods = super::method::methods_of(ty);
        if methods.contains(&name.text.as_str()) {
            report.help = Some(format!("it is a method: write `.{}(..)`", name.text));
        } else {
            report.notes.push(format!("`{owner}` is `{ty}`"));
        }
        self.report(report);
    }

    /// The type of `base[index]`.
    pub fn index(&mut self, id: ExprId, base: ExprId, index: ExprId) -> Ty {
        let ty = self.element_type(id, base, index);
        self.narrowed_part(id, ty)
    }

    fn element_type(&mut self, id: ExprId, base: ExprId, index: ExprId) -> Ty {
        let ty = self.synth(base);
        match ty.bare() {
            Ty::List(element) => {
                self.expect(index, Expected { ty: &Ty::INT, by: By::Language });
                (**element).clone()
            }
            Ty::Record(record) => self.table(base, record, index),
            Ty::Map(value) => {
                self.expect(index, Expected { ty: &Ty::TEXT, by: By::Language });
                (**value).clone().optional()
            }
            Ty::Error => {
                self.synth(index);
                Ty::Error
            }
            other => {
                self.synth(index);
                let at = self.span_of(id);
                self.report(report::mismatch(at, &Ty::list(Ty::Error), other, None, None));
                Ty::Error
            }
        }
    }

    /// A record that is indexed by a literal union: every member needs an entry.
    fn table(&mut self, base: ExprId, record: &RecordTy, index: ExprId) -> Ty {
        let key = self.synth(index);
        self.watch_key(index, record);
        if key.is_error() {
            return Ty::Error;
        }
        let Some(texts) = key.literal_texts() else {
            let at = self.span_of(index);
            let keys = record.fields.iter().map(|field| Ty::literal(field.name.clone()));
            let expected = union(keys.collect());
            self.report(report::mismatch(at, &expected, &key, None, None).help(
                "a record is indexed by a union of literal texts, so that every case is known",
            ));
            return Ty::Error;
        };
        let missing: Vec<&str> =
            texts.iter().map(SmolStr::as_str).filter(|text| record.field(text).is_none()).collect();
        if !missing.is_empty() {
            let insert = self.missing_entries(base, record, &missing);
            let at = self.span_of(base);
            self.report(report::missing_entry(at, &missing, insert));
            return Ty::Error;
        }
        let used = texts.iter().filter_map(|text| record.field(text));
        union(used.flat_map(|field| field.ty.members().to_vec()).collect())
    }

    fn missing_entries(
        &self,
        base: ExprId,
        known: &RecordTy,
        missing: &[&str],
    ) -> Option<(rush_diagnostics::TextRange, String)> {
        let Expr::Record(record) = self.ast.expr(base) else { return None };
        let end = record.range.end().checked_sub(1.into())?;
        // What the last entry is, the new ones may be, too.
        let value = known.fields.last().map_or_else(|| "none".to_owned(), |it| example(&it.ty));
        let entries: Vec<String> =
            missing.iter().map(|it| format!("{}: {value}", key(it))).collect();
        let entries = entries.join(", ");
        let is_empty = record.members.is_empty();
        let before = self.source(rush_diagnostics::TextRange::new(record.range.start(), end));
        let trimmed = before.trim_end();
        let at = record.range.start() + rush_diagnostics::TextSize::of(trimmed);
        let text = if is_empty || trimmed.ends_with(',') {
            format!(" {entries}")
        } else {
            format!(", {entries}")
        };
        Some((rush_diagnostics::TextRange::empty(at), text))
    }
}

/// A key as it is written: between quotes unless it is a word.
fn key(name: &str) -> String {
    if crate::shell::site::is_name(name) { name.to_owned() } else { format!("{name:?}") }
}
