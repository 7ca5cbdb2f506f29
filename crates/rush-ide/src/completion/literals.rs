//! Values that a type has by itself: members of unions, tags, and forms to fill in.

use rush_semantics::infer::Param;
use rush_semantics::kinds::{KindField, kind};
use rush_semantics::ty::{AliasTy, Limits, TagTy, TextTy, Ty, example};

use super::list::{List, Rank};
use super::{Completion, CompletionKind, DocsId, Insert, Site};
use crate::snippet::Snippet;
use crate::syntax::escaped;

/// The languages of scripts that are proposed; the others are written as easily.
const SCRIPTS: [&str; 3] = ["sh", "bash", "python"];

/// How many numbers to begin with.
const NUMBERS: usize = 3;
/// Durations to begin with, in nanoseconds.
const DURATIONS: [(&str, i64); 3] =
    [("30s", 30_000_000_000), ("5m", 300_000_000_000), ("1h", 3_600_000_000_000)];
/// Sizes to begin with, in bytes.
const SIZES: [(&str, i64); 3] = [("512MiB", 512 << 20), ("1GiB", 1 << 30), ("4GiB", 4 << 30)];

impl<'a> Site<'a> {
    /// Adds what a value of the type can be, without any name.
    pub(super) fn literals(self, ty: &Ty, list: &mut List) {
        let alias = match ty {
            Ty::Alias(alias) => Some(&**alias),
            _ => None,
        };
        for member in ty.members() {
            let alias = match member {
                Ty::Alias(alias) => Some(&**alias),
                _ => alias,
            };
            self.literal(member.bare(), alias, list);
        }
    }

    fn literal(self, ty: &Ty, alias: Option<&AliasTy>, list: &mut List) {
        match ty {
            Ty::None => {
                let it = list.proposal("none", CompletionKind::Member).of_type(ty);
                list.add(Rank::Form, it);
            }
            Ty::Bool => {
                word(list, "true", "bool");
                word(list, "false", "bool");
            }
            Ty::Int(limits) if limits.single().is_some() => word(list, &ty.to_string(), "int"),
            Ty::Text(TextTy::Literal(text)) => {
                let detail = alias.map_or("string", |it| it.name.as_str());
                word(list, &format!("\"{}\"", escaped(text)), detail);
            }
            Ty::Tag(tag) => self.tag(tag, alias, list),
            Ty::Text(TextTy::Pattern(pattern)) if super::texts::is_of_signals(pattern) => {
                for name in super::texts::SIGNALS {
                    word(list, &format!("\"{name}\""), "signal");
                }
            }
            Ty::Text(_) | Ty::Path | Ty::Glob | Ty::Cron => form(list, "\"\"", "\"$0\"", ty),
            Ty::Regex => form(list, "r\"\"", "r\"$0\"", ty),
            Ty::List(element) => {
                let quoted = matches!(element.bare(), Ty::Text(TextTy::Any) | Ty::Path | Ty::Glob);
                form(list, "[]", if quoted { "[\"$0\"]" } else { "[$0]" }, ty);
            }
            Ty::Map(_) => form(list, "{}", "{ $0 }", ty),
            Ty::Record(record) => {
                let mut snippet = Snippet::default().text("{ ");
                for (at, field) in crate::snippet::required(&record.fields).iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    snippet = snippet.text(comma).text(&field.name).text(": ");
                    snippet = snippet.value(&field.ty, "");
                }
                let it = list.proposal("{}", CompletionKind::Skeleton).of_type(ty);
                list.add(Rank::Form, it.with(snippet.end().text(" }")));
            }
            Ty::Command => commands(list),
            Ty::Duration(limits) => amounts(list, DURATIONS, limits, ty),
            Ty::Size(limits) => amounts(list, SIZES, limits, ty),
            Ty::Int(limits) => numbers(list, limits, ty),
            Ty::Float(_) => {
                let it = list.proposal(&example(ty), CompletionKind::Member).of_type(ty);
                list.add(Rank::Form, it);
            }
            Ty::Error
            | Ty::Never
            | Ty::Secret
            | Ty::Union(_)
            | Ty::Alias(_)
            | Ty::Kind(_)
            | Ty::Decl { .. } => {}
        }
    }

    fn tag(self, tag: &TagTy, alias: Option<&AliasTy>, list: &mut List) {
        let params: Vec<Param> = tag
            .fields
            .iter()
            .map(|it| Param {
                name: it.name.clone(),
                ty: it.ty.clone(),
                is_optional: it.default.is_some() || it.ty.may_be_none(),
                default: it.default,
                is_rest: false,
            })
            .collect();
        let it = list.proposal(&tag.name, CompletionKind::Tag);
        let it = it.followed_by(super::values::shown(&params));
        let it = Completion { detail: alias.map(|it| it.name.to_string()), ..it };
        let it = match alias {
            Some(alias) => it.documented(DocsId::tag(self.db, alias.item, &tag.name)),
            None => it,
        };
        let it = if self.draft.after().starts_with('(') {
            it
        } else {
            it.with(Snippet::call(&tag.name, &params))
        };
        list.add(Rank::Member, it);
    }

    /// Adds the numbers that siblings give the same field.
    pub(super) fn used_numbers(self, field: &str, list: &mut List) {
        for text in self.used_values(field) {
            let it = list.proposal(&text, CompletionKind::Member);
            list.add(Rank::Near, it.followed_by(" (elsewhere in this file)"));
        }
    }

    /// Adds the value that applies when a field is not written, as something to begin with.
    pub(super) fn default_of_field(self, ty: &Ty, field: &str, list: &mut List) {
        let known = self.kind_field(field).filter(|it| it.ty == *ty);
        if let Some(text) = known.and_then(|it| it.default).and_then(|it| self.default_text(it))
            && !matches!(text.as_str(), "[]" | "{}" | "true" | "false")
        {
            let it = list.proposal(&text, CompletionKind::Member).of_type(ty);
            list.add(Rank::Member, it.followed_by(" (default)"));
        }
    }

    /// Adds a record where the type of a field is left open, and its default is one.
    pub(super) fn record_of_field(self, field: &str, list: &mut List) {
        if self.kind_field(field).is_some_and(|it| self.is_record(it.default)) {
            let it = list.proposal("{}", CompletionKind::Skeleton);
            let insert = Insert::Snippet("{ $0 }".to_owned());
            list.add(Rank::Member, Completion { insert, ..it });
        }
    }

    /// A field of the kind that the declaration has.
    fn kind_field(self, name: &str) -> Option<&'a KindField> {
        kind(self.db, self.draft.ast.decl()?.kind())?.field(name)
    }
}

/// Adds the first numbers within limits.
fn numbers(list: &mut List, limits: &Limits<i64>, ty: &Ty) {
    let first = limits.low().unwrap_or(1).max(1);
    let numbers = (first..=limits.high().unwrap_or(i64::MAX)).take(NUMBERS);
    for number in numbers {
        let it = list.proposal(&number.to_string(), CompletionKind::Member).of_type(ty);
        list.add(Rank::Form, it);
    }
}

/// Adds those of some amounts that are within limits.
fn amounts(list: &mut List, known: [(&str, i64); 3], limits: &Limits<i64>, ty: &Ty) {
    for (label, _) in known.iter().filter(|(_, amount)| limits.contains(*amount)) {
        let it = list.proposal(label, CompletionKind::Member).of_type(ty);
        list.add(Rank::Form, it);
    }
}

fn commands(list: &mut List) {
    form(list, "``", "`$0`", &Ty::Command);
    for tag in SCRIPTS {
        let label = format!("{tag}\"\"\"");
        let snippet = format!("{tag}\"\"\"\n  $0\n\"\"\"");
        form(list, &label, &snippet, &Ty::Command);
    }
}

fn word(list: &mut List, label: &str, detail: &str) {
    let it = list.proposal(label, CompletionKind::Member);
    // Letters typed without quotes find it, too.
    let filter = label.starts_with('"').then(|| label.trim_matches('"').to_owned());
    list.add(Rank::Member, Completion { detail: Some(detail.to_owned()), filter, ..it });
}

fn form(list: &mut List, label: &str, snippet: &str, ty: &Ty) {
    let it = list.proposal(label, CompletionKind::Skeleton).of_type(ty);
    list.add(Rank::Form, Completion { insert: Insert::Snippet(snippet.to_owned()), ..it });
}
