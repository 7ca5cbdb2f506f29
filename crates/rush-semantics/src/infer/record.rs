//! Record literals: by themselves, and where a record, a map or a field's value is expected.

use rush_diagnostics::TextRange;
use rush_syntax::ast::{Field, Member, Record};
use rustc_hash::{FxBuildHasher, FxHashMap};
use smol_str::SmolStr;

use super::LocalSource;
use super::context::{BlockLet, By, Context, Expected, LetState};
use crate::report;
use crate::ty::{FieldTy, RecordTy, Ty, example, strip_none};

impl Context<'_> {
    /// The type of a record of which nothing is expected.
    pub fn record(&mut self, record: &Record) -> Ty {
        let depth = self.scope.len();
        self.block_lets(record);
        let mut fields: Vec<FieldTy> = Vec::new();
        let mut is_unknown = false;
        let mut written = none_written(record);
        for member in &record.members {
            match member {
                Member::Let(_) => {}
                Member::Check(check) => self.check(check),
                Member::Spread { value, .. } => {
                    let ty = self.synth(*value);
                    match ty.bare() {
                        Ty::Record(spread) => {
                            spread.fields.iter().for_each(|it| put(&mut fields, it.clone()));
                        }
                        Ty::Error => is_unknown = true,
                        other => {
                            is_unknown = true;
                            let at = self.span_of(*value);
                            self.report(report::mismatch(at, &Ty::record([]), other, None, None));
                        }
                    }
                }
                Member::Field(field) => {
                    self.written_once(&mut written, field);
                    let ty = self.synth(field.value);
                    put(&mut fields, FieldTy { name: field.name.text.clone(), ty, default: None });
                }
            }
        }
        self.settle_lets(depth);
        if is_unknown { Ty::Error } else { Ty::Record(std::sync::Arc::new(RecordTy { fields })) }
    }

    /// The variant of the expected type a record literal is meant for: the record with the largest
    /// set of matching keys, else a map.
    pub fn record_variant(record: &Record, expected: &Ty) -> Option<Ty> {
        let has = |ty: &RecordTy| {
            let fields = record.members.iter().filter_map(|member| match member {
                Member::Field(field) => Some(&field.name.text),
                _ => None,
            });
            fields.filter(|name| ty.field(name).is_some()).count()
        };
        let records = expected.members().iter().filter_map(|member| match member.bare() {
            Ty::Record(ty) => Some((has(ty), member)),
            _ => None,
        });
        // `max_by_key` returns the last of equals; the first declared is the better guess.
        let best = records.rev().max_by_key(|(matching, _)| *matching).map(|(_, member)| member);
        let map = || expected.members().iter().find(|it| matches!(it.bare(), Ty::Map(_)));
        best.or_else(map).cloned()
    }

    /// Checks a record literal against a record type or a map.
    pub fn expect_record(&mut self, record: &Record, variant: &Ty, expected: Expected<'_>) -> Ty {
        let depth = self.scope.len();
        self.block_lets(record);
        match variant.bare() {
            Ty::Record(ty) => self.expect_fields(record, ty, variant),
            Ty::Map(value) => self.expect_entries(record, value, expected),
            _ => {}
        }
        self.settle_lets(depth);
        variant.clone()
    }

    fn expect_fields(&mut self, record: &Record, ty: &RecordTy, variant: &Ty) {
        let owner = match variant {
            Ty::Alias(alias) => alias.name.to_string(),
            _ => "this record".to_owned(),
        };
        let mut written = none_written(record);
        let mut is_spread = false;
        for member in &record.members {
            match member {
                Member::Let(_) => {}
                Member::Check(check) => self.check(check),
                Member::Spread { value, .. } => {
                    is_spread = true;
                    self.spread_fields(*value, ty);
                }
                Member::Field(field) => {
                    self.written_once(&mut written, field);
                    match ty.field(&field.name.text) {
                        Some(wanted) => {
                            let by = By::Field(&wanted.name);
                            self.expect(field.value, Expected { ty: &wanted.ty, by });
                        }
                        None => {
                            let known = ty.fields.iter().map(|it| it.name.as_str()).collect();
                            let written = field_names(&record.members);
                            let measured = self.measured(field, |it| Some(&ty.field(it)?.ty));
                            let measured = measured.filter(|it| is_its_own(&it.field, field, ty));
                            let fields = report::Fields { known, written, measured };
                            let (at, name) = (self.span(field.name.range), &field.name.text);
                            let found = report::unknown_field(at, &owner, name, &fields);
                            self.report(found);
                            self.synth(field.value);
                        }
                    }
                }
            }
        }
        if is_spread || !record.is_complete {
            return;
        }
        for field in &ty.fields {
            let is_optional = field.default.is_some() || field.ty.may_be_none();
            if !is_optional && !written.contains_key(&field.name) {
                let at = self.span(TextRange::at(record.range.start(), 1.into()));
                let insert = self.insertion(record, &field.name, &field.ty);
                self.report(report::missing_entry_of_record(at, &owner, &field.name, insert));
            }
        }
    }

    fn spread_fields(&mut self, value: rush_syntax::ast::ExprId, ty: &RecordTy) {
        let found = self.synth(value);
        match strip_none(&found).bare() {
            Ty::Error => {}
            Ty::Record(spread) => {
                for field in &spread.fields {
                    match ty.field(&field.name) {
                        Some(wanted) => {
                            let conversion = crate::ty::fits(&field.ty, &wanted.ty);
                            if conversion == crate::ty::Fit::No {
                                let at = self.span_of(value);
                                self.report(report::mismatch(
                                    at, &wanted.ty, &field.ty, None, None,
                                ));
                            }
                        }
                        None => {
                            let known = ty.fields.iter().map(|it| it.name.as_str()).collect();
                            let at = self.span_of(value);
                            let fields =
                                report::Fields { known, written: Vec::new(), measured: None };
                            let mut found =
                                report::unknown_field(at, "this record", &field.name, &fields);
                            // The name is written elsewhere, where the record was made.
                            found.fixes.clear();
                            self.report(found);
                        }
                    }
                }
            }
            other => {
                let at = self.span_of(value);
                self.report(report::mismatch(at, &Ty::record([]), other, None, None));
            }
        }
    }

    fn expect_entries(&mut self, record: &Record, value: &Ty, expected: Expected<'_>) {
        let mut written = none_written(record);
        for member in &record.members {
            match member {
                Member::Let(_) => {}
                Member::Check(check) => self.check(check),
                Member::Spread { value: spread, .. } => {
                    let map = Ty::Map(std::sync::Arc::new(value.clone()));
                    let found = self.synth(*spread);
                    self.coerce(*spread, &found, Expected { ty: &map, by: expected.by });
                }
                Member::Field(field) => {
                    self.written_once(&mut written, field);
                    let by = By::Field(&field.name.text);
                    self.expect(field.value, Expected { ty: value, by });
                }
            }
        }
    }

    /// Makes the `let`s of a block visible in all of it; their types are found when asked for.
    pub fn block_lets(&mut self, record: &Record) {
        let depth = self.scope.len();
        for member in &record.members {
            let Member::Let(it) = member else { continue };
            let Some(name) = &it.name else {
                self.let_value(it.ty, it.value);
                continue;
            };
            let id = self.bind(name, Ty::Error, LocalSource::Let(it.value));
            let block_let =
                BlockLet { annotation: it.ty, value: it.value, depth, state: LetState::Waiting };
            self.lets.insert(id, block_let);
        }
        // Every `let` of the block sees all of them.
        let end = self.scope.len();
        for id in self.scope.get(depth..end).unwrap_or_default() {
            if let Some(block_let) = self.lets.get_mut(id) {
                block_let.depth = end;
            }
        }
    }

    /// Visits the `let`s nobody asked for, and leaves the block.
    pub fn settle_lets(&mut self, depth: usize) {
        for id in self.scope.get(depth..).unwrap_or_default().to_vec() {
            self.settle_let(id);
        }
        self.scope.truncate(depth);
    }

    /// Reports a field that is written a second time.
    pub fn written_once(&mut self, written: &mut Written, field: &Field) {
        if let Some(first) = written.insert(field.name.text.clone(), field.name.range) {
            let (at, first) = (self.span(field.name.range), self.span(first));
            self.report(report::duplicate_field(at, &field.name.text, Some(first)));
        }
    }

    /// Where and how a field is added to a record, with a value to be replaced.
    pub fn insertion(&self, record: &Record, name: &str, ty: &Ty) -> Option<(TextRange, String)> {
        let field = format!("{name}: {}", example(ty));
        let text = self.source(record.range);
        let inner = text.strip_suffix('}')?;
        let trimmed = inner.trim_end();
        let at = TextRange::empty(record.range.start() + rush_diagnostics::TextSize::of(trimmed));
        if !inner.contains('\n') {
            let comma = if trimmed == "{" { "" } else { "," };
            let space = if inner.len() == trimmed.len() { " " } else { "" };
            return Some((at, format!("{comma} {field}{space}")));
        }
        let before = self.whole_text().get(..usize::from(record.range.start()))?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        let indentation: String = line.chars().take_while(|it| *it == ' ').collect();
        Some((at, format!("\n{indentation}  {field}")))
    }
}

/// The fields written so far, with the place of each.
pub type Written = FxHashMap<SmolStr, TextRange>;

/// No fields yet, with room for those of a record.
pub fn none_written(record: &Record) -> Written {
    Written::with_capacity_and_hasher(record.members.len(), FxBuildHasher)
}

/// The names of the fields that are written in a record.
pub fn field_names<'a>(members: &'a [Member]) -> Vec<&'a str> {
    let name = |member: &'a Member| match member {
        Member::Field(field) => Some(field.name.text.as_str()),
        Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
    };
    members.iter().filter_map(name).collect()
}

fn put(fields: &mut Vec<FieldTy>, field: FieldTy) {
    match fields.iter_mut().find(|it| it.name == field.name) {
        Some(known) => *known = field,
        None => fields.push(field),
    }
}

/// Whether a field that says its unit has no other reading: the rest of its name is that of a field, and no other
/// one has a name that goes on like it, as `delay_max` beside `delay`.
fn is_its_own(name: &str, field: &Field, ty: &RecordTy) -> bool {
    let goes_on = |it: &str| it.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
    field.name.text.starts_with(name) && !ty.fields.iter().any(|it| goes_on(&it.name))
}
