//! How a value of a type is written, for who wrote something else where a record or a variant stands.

use std::sync::Arc;

use rush_diagnostics::{Code, Diagnostic, Edit, Fix};
use rush_syntax::Kind;
use rush_syntax::ast::{BinaryOp, Element, Expr, ExprId, fixed_text};
use smol_str::SmolStr;

use super::context::{By, Context};
use super::unknown::names_tasks;
use crate::names::resolve;
use crate::report::{self, Remedy};
use crate::ty::{self, FieldTy, Fit, Number, RecordTy, TextTy, Ty, fits, strip_none};

/// How many variants a help lists.
const VARIANTS_MAX: usize = 4;

/// The greatest port: a number that may be no greater is most likely one.
const PORT_MAX: i64 = 65535;

impl Context<'_> {
    /// Adds to a mismatch how the expected record or variant is written.
    pub fn with_shape(
        &self,
        report: Diagnostic,
        id: ExprId,
        found: &Ty,
        wanted: &Ty,
    ) -> Diagnostic {
        let wanted = strip_none(wanted);
        if report.code != Code::TypeMismatch || report.help.is_some() {
            return report;
        }
        if wanted.members().iter().any(|it| matches!(it.bare(), Ty::Kind(_))) {
            return tasks_have_names(report, found);
        }
        // Who writes `true` wants it to be on.
        let is_on = matches!(self.ast.expr(id), Expr::Bool(true));
        let switch = if is_on { Switch::On } else { Switch::Either };
        let Some(example) = example(&wanted, switch).filter(|_| report.fixes.is_empty()) else {
            return report;
        };
        let more = match &wanted {
            Ty::Alias(it) if it.item.file(self.db) == self.db.workspace().prelude(self.db) => {
                format!("; `rush explain {}` tells more", it.name)
            }
            _ => String::new(),
        };
        let report = report.help(format!("write it as {example}{more}"));
        match wrapped(found, &wanted, self.source_of(id)) {
            Some(text) => {
                let span = self.span_of(id);
                let title = format!("write `{text}`");
                report.fix(Fix::offered(title, vec![Edit::replace(&span.item, span.range, text)]))
            }
            None => report,
        }
    }

    /// Reports what is no path only because its quotes are missing, and a label that is no name;
    /// `None` when it is something else.
    pub fn without_quotes(&mut self, id: ExprId, wanted: &Ty) -> Option<Ty> {
        let Expr::Binary { op: BinaryOp::Divide, .. } = self.ast.expr(id) else { return None };
        let element = super::expect::list_variant(wanted);
        let is_path =
            |ty: &Ty| ty.members().iter().any(|it| matches!(it.bare(), Ty::Path | Ty::Glob));
        let source = self.source_of(id);
        let is_plain = !source.contains([' ', '(', '"', '`', '\n']);
        if !is_plain {
            return None;
        }
        let at = self.span_of(id);
        let is_label = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '/');
        if names_tasks(wanted) && source.chars().all(is_label) {
            self.report(report::task_of_package(at, source));
            return Some(Ty::Error);
        }
        if !(is_path(wanted) || element.is_some_and(|it| is_path(it))) {
            return None;
        }
        self.report(report::needs_quotes(at, source));
        Some(Ty::Error)
    }

    /// Reports a list that means something else in other tools: the words of one command, or commands
    /// where tasks are named. Whether it did.
    pub fn foreign_list(
        &mut self,
        id: ExprId,
        elements: &[Element],
        (element, by): (&Ty, &By<'_>),
    ) -> bool {
        let at = self.span_of(id);
        if let Some(words) = self.command_in_words(elements, element) {
            self.report(report::one_command(at, &words));
            return true;
        }
        let names_tasks = element.members().iter().any(|it| matches!(it.bare(), Ty::Kind(_)));
        let By::Field(field) = by else { return false };
        let are_commands = || elements.iter().all(|it| self.is_command(it));
        if !names_tasks || elements.is_empty() || !are_commands() {
            return false;
        }
        self.report(report::commands_for_tasks(at, field));
        true
    }

    /// A command, or a text that names no task because it has blanks in it.
    fn is_command(&self, element: &Element) -> bool {
        let Element::Value(value) = element else { return false };
        match self.ast.expr(*value) {
            Expr::Command(_) | Expr::Script { .. } => true,
            Expr::Text(parts) => fixed_text(parts).is_some_and(|it| it.contains(' ')),
            _ => false,
        }
    }

    /// Reports `make > log` where a command is expected: signs of a shell without a script around
    /// them. Whether it did.
    pub fn shell_line(&mut self, id: ExprId, wanted: &Ty) -> bool {
        use BinaryOp as B;
        let is_command = wanted.members().iter().any(|it| *it.bare() == Ty::Command);
        let Expr::Binary { op, .. } = self.ast.expr(id) else { return false };
        let is_sign = matches!(op, B::And | B::Or | B::Less | B::Greater);
        let source = self.source_of(id);
        if !is_command || !is_sign || source.contains(['\n', '"', '`', '\'']) {
            return false;
        }
        let report = report::unquoted_script(self.span_of(id), source);
        self.report(report);
        true
    }

    /// The words of a list that is one command in other tools.
    fn command_in_words(&self, elements: &[Element], element: &Ty) -> Option<Vec<SmolStr>> {
        if !element.members().iter().any(|it| *it.bare() == Ty::Command) {
            return None;
        }
        let words: Option<Vec<SmolStr>> = elements
            .iter()
            .map(|it| match it {
                Element::Value(value) => match self.ast.expr(*value) {
                    Expr::Text(parts) => fixed_text(parts),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let is_word = |it: &SmolStr| !it.contains([' ', '"', '\'', '`', '\\', '\n']);
        words.filter(|it| it.len() > 1 && it.iter().all(is_word))
    }

    /// Tells who wrote a bare word where a command is expected how a command is written.
    pub fn bare_command(&mut self, id: ExprId, wanted: &Ty, before: usize) {
        let is_command = wanted.members().iter().any(|it| *it.bare() == Ty::Command);
        let (Expr::Name(name), true) = (self.ast.expr(id), is_command) else { return };
        let at = self.span_of(id);
        let Some(report) = self.out.diagnostics.get_mut(before) else { return };
        if report.code == Code::UnknownName && report.fixes.is_empty() {
            let text = format!("`{name}`");
            report.help = Some(format!("a command stands between backticks: {text}"));
            let edit = Edit::replace(&at.item, at.range, text);
            report.fixes.push(Fix::offered("use backticks", vec![edit]));
        }
    }

    /// The task or service a text names, where one is expected.
    pub fn needed(&self, text: &str, wanted: &Ty) -> Option<String> {
        let wants = |kind: Kind| {
            let element = super::expect::list_variant(wanted);
            let members = element.map_or(wanted, Arc::as_ref).members();
            members.iter().any(|it| matches!(it.bare(), Ty::Kind(it) if *it == kind))
        };
        let name = text.replace('-', "_");
        let item = resolve(self.db, self.file, &name)?;
        wants(item.kind(self.db)).then_some(name)
    }
}

fn tasks_have_names(report: Diagnostic, found: &Ty) -> Diagnostic {
    if matches!(found.bare(), Ty::Record(_)) && report.fixes.is_empty() {
        return report.help(
            "a step is a task of its own: declare it as `task build { run: .. }`, and name it here",
        );
    }
    if matches!(found.bare(), Ty::Text(_)) && report.fixes.is_empty() {
        return report.help(
            "tasks are named without quotes; one of another package is named after \
             `use \"//package\" as package`, as in `package.build`",
        );
    }
    report
}

/// Which of several values an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    /// The first.
    Either,
    /// The last, which is not `off`.
    On,
}

/// Examples of a record or of variants, in backticks; nothing for types that need none.
fn example(ty: &Ty, switch: Switch) -> Option<String> {
    let members = ty.members();
    if let [only] = members
        && let Ty::Record(record) = only.bare()
    {
        return record_sample(record, switch).map(|it| format!("`{it}`"));
    }
    let tags: Vec<String> =
        members.iter().take(VARIANTS_MAX).filter_map(|it| tag_sample(it, switch)).collect();
    let [first @ .., last] = tags.as_slice() else { return None };
    let last = format!("`{last}`");
    match first {
        [] => Some(last),
        _ => {
            let first: Vec<String> = first.iter().map(|it| format!("`{it}`")).collect();
            Some(format!("{} or {last}", first.join(", ")))
        }
    }
}

/// `{ attempts: 3 }`: what has to be given, or the first field if nothing has to.
fn record_sample(record: &RecordTy, switch: Switch) -> Option<String> {
    let mut fields: Vec<&FieldTy> = record.fields.iter().filter(|it| is_demanded(it)).collect();
    if fields.is_empty() {
        fields.extend(record.fields.first());
    }
    let fields: Option<Vec<String>> =
        fields.iter().map(|it| Some(format!("{}: {}", it.name, sample(&it.ty, switch)?))).collect();
    Some(format!("{{ {} }}", fields?.join(", ")))
}

fn tag_sample(ty: &Ty, switch: Switch) -> Option<String> {
    let Ty::Tag(tag) = ty.bare() else { return None };
    let fields: Option<Vec<String>> =
        tag.fields.iter().filter(|it| is_demanded(it)).map(|it| sample(&it.ty, switch)).collect();
    Some(format!("{}({})", tag.name, fields?.join(", ")))
}

fn is_demanded(field: &FieldTy) -> bool {
    field.default.is_none() && !field.ty.may_be_none()
}

/// Some value of a type, within its limits.
fn sample(ty: &Ty, switch: Switch) -> Option<String> {
    let ty = strip_none(ty);
    let members = ty.members();
    let first = match switch {
        Switch::Either => members.first(),
        Switch::On => members.last(),
    };
    let first = first.unwrap_or(&ty);
    Some(match first.bare() {
        Ty::Bool => "true".to_owned(),
        Ty::Int(limits) if limits.high() == Some(PORT_MAX) => limits.nearest(8080).to_string(),
        Ty::Int(limits) => limits.nearest(3).to_string(),
        Ty::Float(limits) => format!("{:?}", limits.nearest(Number(1.0)).0),
        Ty::Duration(limits) => ty::duration(limits.nearest(10_000_000_000)),
        Ty::Size(limits) => ty::size(limits.nearest(1 << 30)),
        Ty::Text(TextTy::Literal(text)) => format!("{text:?}"),
        Ty::Text(_) | Ty::Path | Ty::Glob | Ty::Cron => "\"..\"".to_owned(),
        Ty::Regex => "r\"..\"".to_owned(),
        Ty::Command => "`..`".to_owned(),
        Ty::List(element) => format!("[{}]", sample(element, switch)?),
        Ty::Record(record) => record_sample(record, switch)?,
        Ty::Tag(_) => tag_sample(first, switch)?,
        _ => return None,
    })
}

/// The value inside the record or the variant that takes it.
fn wrapped(found: &Ty, wanted: &Ty, source: &str) -> Option<String> {
    let takes = |field: &FieldTy| fits(found, &field.ty) != Fit::No && !found.is_error();
    let only = |fields: &[FieldTy]| {
        let mut demanded = fields.iter().filter(|it| is_demanded(it));
        let Some(first) = demanded.next() else {
            return fields.iter().find(|it| takes(it)).map(|it| it.name.clone());
        };
        (demanded.next().is_none() && takes(first)).then(|| first.name.clone())
    };
    let is_simple = !matches!(found.bare(), Ty::Record(_) | Ty::Tag(_));
    wanted.members().iter().filter(|_| is_simple).find_map(|member| match member.bare() {
        Ty::Record(record) => only(&record.fields).map(|name| format!("{{ {name}: {source} }}")),
        Ty::Tag(tag) => only(&tag.fields).map(|_| format!("{}({source})", tag.name)),
        _ => None,
    })
}

/// `2G` and `512m`, which count in tens for some tools and in twos for others.
pub fn size_of_other_tools(text: &str) -> Option<Remedy> {
    let number = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let (_, letter) = text.split_at_checked(number.len()).filter(|it| it.1.len() == 1)?;
    let letter = letter.to_ascii_uppercase();
    let texts = ["B", "iB"].map(|end| format!("{number}{letter}{end}")).into_iter();
    let is_size = |it: &String| matches!(super::literal::literal_type(it), Some(Ty::Size(_)));
    let texts: Vec<String> = texts.filter(is_size).collect();
    (texts.len() > 1).then_some(Remedy { title: "write the whole unit", texts })
}

/// `5 min`, `30 seconds` and `1h 30m` as a duration.
pub fn duration_in_words(text: &str) -> Option<String> {
    let mut rest = text.trim();
    let mut duration = String::new();
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(digits).filter(|(it, _)| !it.is_empty())?;
        let after = after.trim_start();
        let letters = after.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters)?;
        duration.push_str(number);
        duration.push_str(rush_diagnostics::unit(&unit.to_ascii_lowercase())?);
        rest = after.trim_start_matches([' ', ',']).trim_start_matches("and ");
    }
    let is_one = super::literal::literal_type(&duration);
    is_one.filter(|it| matches!(it, Ty::Duration(_))).map(|_| duration)
}

#[cfg(test)]
mod tests {
    use super::{PORT_MAX, Switch, duration_in_words, sample};
    use crate::ty::{Limits, Number, Ty};

    #[test]
    fn durations_of_people_are_read() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(duration_in_words(text).as_deref(), expect, "{text}");
        };
        check("5", None);
        check("1h 30", None);
        check("5 MB", None);
        check("5 min", Some("5m"));
        check("1h 30m", Some("1h30m"));
        check("1 hour and 30 minutes", Some("1h30m"));
        check("2 days, 1h", Some("2d1h"));
        check("30m 1h", None);
        check("5 5", None);
        check("soon", None);
        check("5 weeks", None);
        check("", None);
    }

    #[test]
    fn an_example_is_within_the_limits() {
        let check =
            |ty: &Ty, expect: &str| assert_eq!(sample(ty, Switch::Either).as_deref(), Some(expect));
        check(&Ty::Int(Limits::Any), "3");
        check(&Ty::Int(Limits::AtLeast(10)), "10");
        check(&Ty::Int(Limits::AtMost(2)), "2");
        check(&Ty::Int(Limits::Between(1, PORT_MAX)), "8080");
        check(&Ty::Float(Limits::AtMost(Number(0.5))), "0.5");
        check(&Ty::Duration(Limits::AtLeast(60_000_000_000)), "1m");
        check(&Ty::Size(Limits::Any), "1GiB");
    }
}
