//! Whether a value fits a type, and how it becomes one of that type.
//!
//! The checker has proved most of this already; it is done again for values that come from outside
//! (flags, `--set`, the environment) and for named refinements. Nothing is evaluated here but the
//! defaults of records.

use std::borrow::Cow;

use rush_diagnostics::{Code, nearest};
use smol_str::SmolStr;

use super::given::unmarked;
use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Session};
use super::show::show;
use super::value::{Record, Tag, Value};
use super::view::View;
use crate::constant::{matches_whole, regex_problem};
use crate::db::Db;
use crate::ty::{FieldTy, Number, TextTy, Ty};

/// How many members of a union a message lists.
const LISTED_MAX: usize = 20;

/// Why a value does not fit a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// What could stand there instead.
    pub(super) candidates: Vec<String>,
}

/// What a value is looked at with.
#[derive(Clone, Copy)]
struct Site<'a> {
    db: &'a dyn Db,
    view: &'a View<'a>,
}

/// How well a value fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    Converted,
    Exact,
}

fn exact(holds: bool) -> Fit {
    if holds { Fit::Exact } else { Fit::No }
}

fn fit(site: Site<'_>, value: &Value, ty: &Ty) -> Fit {
    match (value, ty.bare()) {
        (_, Ty::Error) => Fit::Exact,
        (value, Ty::Union(members)) => {
            members.iter().map(|member| fit(site, value, member)).max().unwrap_or(Fit::No)
        }
        (Value::None, Ty::None) | (Value::Bool(_), Ty::Bool) => Fit::Exact,
        (Value::Int(it), Ty::Int(limits))
        | (Value::Duration(it), Ty::Duration(limits))
        | (Value::Size(it), Ty::Size(limits)) => exact(limits.contains(*it)),
        (Value::Float(it), Ty::Float(limits)) => exact(limits.contains(Number(*it))),
        (Value::Int(it), Ty::Float(limits)) => {
            if limits.contains(Number(*it as f64)) {
                Fit::Converted
            } else {
                Fit::No
            }
        }
        (Value::Text(it), Ty::Text(text)) => exact(is_text(it, text)),
        (Value::PlacedText(_), Ty::Text(TextTy::Any)) => Fit::Exact,
        (Value::PlacedText(_), Ty::Text(text)) => {
            let letters = site.view.letters(value);
            letters.filter(|it| is_text(it, text)).map_or(Fit::No, |_| Fit::Converted)
        }
        (Value::Text(_) | Value::PlacedText(_), Ty::Path | Ty::Glob | Ty::Regex | Ty::Cron)
        | (Value::Path(_), Ty::Glob) => Fit::Converted,
        (Value::Path(_), Ty::Path)
        | (Value::Glob(_), Ty::Glob)
        | (Value::Regex(_), Ty::Regex)
        | (Value::Cron(_), Ty::Cron)
        | (Value::Command(_), Ty::Command)
        | (Value::Secret(_) | Value::SecretText(_), Ty::Secret) => Fit::Exact,
        (Value::List(elements), Ty::List(ty)) => {
            elements.iter().map(|it| fit(site, it, ty)).min().unwrap_or(Fit::Exact)
        }
        (Value::Record(record), Ty::Map(ty)) => {
            record.iter().map(|(_, it)| fit(site, it, ty)).min().unwrap_or(Fit::Exact)
        }
        (Value::Record(record), Ty::Record(ty)) => fit_fields(site, record, &ty.fields),
        (Value::Tag(tag), Ty::Tag(ty)) if tag.name == ty.name => {
            fit_fields(site, &tag.fields, &ty.fields)
        }
        (Value::Reference(it), Ty::Kind(kind)) => exact(it.item.kind(site.db) == *kind),
        (Value::Reference(it), Ty::Decl { item, .. }) => exact(it.item == *item),
        _ => Fit::No,
    }
}

fn fit_fields(site: Site<'_>, record: &Record, fields: &[FieldTy]) -> Fit {
    if record.iter().any(|(name, _)| !fields.iter().any(|field| field.name == *name)) {
        return Fit::No;
    }
    let fields = fields.iter().map(|field| match record.get(&field.name) {
        Some(value) => fit(site, value, &field.ty),
        None if field.default.is_some() || field.ty.may_be_none() => Fit::Converted,
        None => Fit::No,
    });
    fields.min().unwrap_or(Fit::Exact)
}

/// Whether values of a type have fields in an order, so that one that fits may still be written otherwise.
fn has_fields(ty: &Ty) -> bool {
    ty.members().iter().any(|member| match member.bare() {
        Ty::Record(_) | Ty::Tag(_) => true,
        Ty::List(inner) | Ty::Map(inner) => has_fields(inner),
        _ => false,
    })
}

fn is_text(text: &str, ty: &TextTy) -> bool {
    match ty {
        TextTy::Any => true,
        TextTy::Literal(literal) => literal == text,
        TextTy::Pattern(pattern) => matches_whole(pattern, text),
    }
}

/// Whether a value from outside is one of a type, without evaluating anything.
pub(super) fn check(db: &dyn Db, value: &Value, ty: &Ty) -> Result<(), Problem> {
    let site = Site { db, view: &View::Nowhere };
    if fit(site, value, ty) == Fit::No { Err(problem(site, value, ty)) } else { Ok(()) }
}

fn problem(site: Site<'_>, value: &Value, ty: &Ty) -> Problem {
    if let (Value::List(elements), Ty::List(element)) = (value, ty.bare())
        && let Some(wrong) = elements.iter().find(|it| fit(site, it, element) == Fit::No)
    {
        return problem(site, wrong, element);
    }
    if let Some((wrong, wanted)) = wrong_field(site, value, ty) {
        return problem(site, wrong, wanted);
    }
    let shown = show(site.db, site.view, value);
    let simple = |code, message| Problem { code, message, help: None, candidates: Vec::new() };
    let members: Vec<String> = ty.members().iter().filter_map(literal).collect();
    if let (Value::Text(_) | Value::PlacedText(_) | Value::Int(_), [_, ..]) =
        (value, members.as_slice())
    {
        let plain = site.view.letters(value).map_or_else(|| shown.clone(), Cow::into_owned);
        return not_a_member(&plain, &shown, &members);
    }
    let same_base = ty.members().iter().find(|member| same_base(value, member));
    match same_base.map(Ty::bare) {
        Some(Ty::Text(TextTy::Pattern(pattern))) => {
            let target = if let Ty::Alias(alias) = ty { alias.name.as_str() } else { pattern };
            let problem =
                simple(Code::PatternMismatch, format!("{shown} does not match `{target}`"));
            Problem { help: Some(format!("the whole text must match `{pattern}`")), ..problem }
        }
        Some(member @ (Ty::Int(_) | Ty::Float(_) | Ty::Duration(_) | Ty::Size(_))) => {
            let range = member.to_string();
            let range = range.split_once('(').and_then(|(_, it)| it.strip_suffix(')'));
            let range = range.map_or_else(|| member.to_string(), str::to_owned);
            simple(Code::OutOfRange, format!("{shown} is outside {range}"))
        }
        _ => simple(Code::TypeMismatch, format!("expected {ty}, found {}", value.kind())),
    }
}

/// The field for which a record or a tag does not fit, and what is expected of it; none if it has not
/// the fields of anything that is expected.
fn wrong_field<'v, 't>(
    site: Site<'_>,
    value: &'v Value,
    ty: &'t Ty,
) -> Option<(&'v Value, &'t Ty)> {
    ty.members().iter().find_map(|member| match (value, member.bare()) {
        (Value::Record(record), Ty::Record(wanted)) => wrong_in(site, record, &wanted.fields),
        (Value::Tag(tag), Ty::Tag(wanted)) if tag.name == wanted.name => {
            wrong_in(site, &tag.fields, &wanted.fields)
        }
        (Value::Record(record), Ty::Map(wanted)) => {
            let mut values = record.iter().map(|(_, it)| it);
            values.find(|it| fit(site, it, wanted) == Fit::No).map(|it| (it, &**wanted))
        }
        _ => None,
    })
}

fn wrong_in<'v, 't>(
    site: Site<'_>,
    record: &'v Record,
    wanted: &'t [FieldTy],
) -> Option<(&'v Value, &'t Ty)> {
    wanted.iter().find_map(|field| {
        let value = record.get(&field.name)?;
        (fit(site, value, &field.ty) == Fit::No).then_some((value, &field.ty))
    })
}

fn not_a_member(plain: &str, shown: &str, members: &[String]) -> Problem {
    let mut listed = members.iter().take(LISTED_MAX).cloned().collect::<Vec<_>>().join(", ");
    if let Some(left @ 1..) = members.len().checked_sub(LISTED_MAX) {
        listed.push_str(&format!(" and {left} more"));
    }
    let bare: Vec<String> = members.iter().map(|it| it.trim_matches('"').to_owned()).collect();
    let help = nearest(plain, bare.iter().map(String::as_str)).question("");
    Problem {
        code: Code::NotAMember,
        message: format!("{shown} is not one of {listed}"),
        help,
        candidates: bare,
    }
}

fn literal(ty: &Ty) -> Option<String> {
    match ty.bare() {
        Ty::Text(TextTy::Literal(text)) => Some(format!("{text:?}")),
        Ty::Int(limits) => limits.single().map(|it| it.to_string()),
        _ => None,
    }
}

fn same_base(value: &Value, ty: &Ty) -> bool {
    matches!(
        (value, ty.bare()),
        (Value::Text(_) | Value::PlacedText(_), Ty::Text(TextTy::Pattern(_)))
            | (Value::Int(_), Ty::Int(_) | Ty::Float(_))
            | (Value::Float(_), Ty::Float(_))
            | (Value::Duration(_), Ty::Duration(_))
            | (Value::Size(_), Ty::Size(_))
    )
}

impl Session<'_> {
    /// Makes `value` a value of `ty`, or reports at `at` why it can't be one.
    pub(super) fn convert(
        &mut self,
        value: Value,
        ty: &Ty,
        (owner, at): (Option<InstanceId>, Place),
    ) -> Eval<Value> {
        self.pay_for_whole(&value, at)?;
        let view = self.view(owner);
        let site = Site { db: self.db, view: &view };
        match fit(site, &value, ty) {
            Fit::No => {
                let problem = problem(site, &value, ty);
                let span = at.span(self.db);
                Err(self.fail(report::does_not_fit(span, &problem)))
            }
            Fit::Exact if !has_fields(ty) => Ok(value),
            Fit::Exact | Fit::Converted => {
                self.pay_for_converted(&value, at)?;
                self.shape(value, ty, (site.view, at))
            }
        }
    }

    /// As [`Self::convert`], for a value that fits.
    fn shape(&mut self, value: Value, ty: &Ty, (view, at): (&View<'_>, Place)) -> Eval<Value> {
        let ty = match ty.bare() {
            Ty::Union(members) => {
                let site = Site { db: self.db, view };
                let best = members.iter().map(|it| fit(site, &value, it)).max();
                let chosen = members.iter().find(|it| Some(fit(site, &value, it)) == best);
                return chosen.map_or(Ok(value.clone()), |it| self.shape(value, it, (view, at)));
            }
            other => other,
        };
        match (value, ty) {
            (Value::Int(it), Ty::Float(_)) => Ok(Value::Float(it as f64)),
            (it @ Value::PlacedText(_), Ty::Path | Ty::Glob) => {
                let text = view.as_path(&it).unwrap_or_default();
                self.shape(Value::text(&*text), ty, (view, at))
            }
            (it @ Value::PlacedText(_), Ty::Regex | Ty::Cron) => {
                self.shape(view.plain(&it), ty, (view, at))
            }
            // It is one of these letters for whoever looks at it next, too.
            (it @ Value::PlacedText(_), Ty::Text(TextTy::Literal(_))) => Ok(view.plain(&it)),
            (Value::Text(it), Ty::Path) => Ok(Value::Path(it)),
            (Value::Text(it), Ty::Glob) => self.checked_glob(it, (view, at)),
            (Value::Path(it), Ty::Glob) => {
                Ok(Value::Glob(rush_plan::Glob::escape(&unmarked(&it)).into()))
            }
            (Value::Text(it), Ty::Regex) => match regex_problem(&it) {
                None => Ok(Value::Regex(it)),
                Some((_, why)) => {
                    let span = at.span(self.db);
                    Err(self.fail(report::bad_regex(span, &it, &why)))
                }
            },
            (Value::Text(it), Ty::Cron) => Ok(Value::Cron(it)),
            (Value::List(elements), Ty::List(ty)) => {
                let shaped = elements.iter().map(|it| self.shape(it.clone(), ty, (view, at)));
                Ok(Value::list(shaped.collect::<Eval<_>>()?))
            }
            (Value::Record(record), Ty::Map(ty)) => {
                let entries = record.iter();
                let shaped = entries
                    .map(|(key, it)| Ok((key.clone(), self.shape(it.clone(), ty, (view, at))?)));
                Ok(Value::record(shaped.collect::<Eval<_>>()?))
            }
            (Value::Record(record), Ty::Record(ty)) => {
                Ok(Value::record(self.fill(&record, &ty.fields, (view, at))?))
            }
            (Value::Tag(tag), Ty::Tag(ty)) => {
                let fields = self.fill(&tag.fields, &ty.fields, (view, at))?;
                Ok(Value::Tag(std::rc::Rc::new(Tag { name: tag.name.clone(), fields })))
            }
            (value, _) => Ok(value),
        }
    }

    fn checked_glob(&mut self, pattern: SmolStr, (view, at): (&View<'_>, Place)) -> Eval<Value> {
        match rush_plan::Glob::check(&pattern) {
            Ok(()) => Ok(Value::Glob(pattern)),
            Err(error) => {
                let span = at.span(self.db);
                Err(self.fail(report::bad_glob(span, &view.path(&pattern), &error.message)))
            }
        }
    }

    /// All fields in the order declared, absent ones with their default.
    fn fill(
        &mut self,
        record: &Record,
        fields: &[FieldTy],
        (view, at): (&View<'_>, Place),
    ) -> Eval<Record> {
        self.pay_for_elements(fields.len().saturating_sub(record.len()), at)?;
        let mut filled = Vec::with_capacity(fields.len());
        for field in fields {
            let value = match (record.get(&field.name), field.default) {
                (Some(value), _) => self.shape(value.clone(), &field.ty, (view, at))?,
                (None, Some(default)) => {
                    let value = self.default_value(default)?;
                    self.shape(value, &field.ty, (view, at))?
                }
                (None, None) => Value::None,
            };
            filled.push((field.name.clone(), value));
        }
        Ok(filled.into_iter().collect())
    }
}
