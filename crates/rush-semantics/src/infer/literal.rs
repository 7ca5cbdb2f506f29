//! Known texts that become paths, globs, regular expressions or cron lines, checked where they do.
//!
//! A finding points inside the literal when the text is written at the use, else at the use, and
//! says where the literal is.

use rush_diagnostics::{Span, TextRange, TextSize};
use rush_plan::{Glob, WorkspacePath};
use rush_syntax::ast::{Bound, Expr, ExprId, Part};
use smol_str::SmolStr;

use super::context::{Context, Home};
use super::expect::has_holes;
use crate::constant::{cron_problem, regex_problem};
use crate::names::{directory, package_dir};
use crate::report;
use crate::ty::{Limits, Number, TextTy, Ty};

impl Context<'_> {
    /// Checks every known text in `found` against what `target` makes of it.
    pub fn literals(&mut self, id: ExprId, found: &Ty, target: &Ty) {
        match (found.bare(), target.bare()) {
            (Ty::Text(TextTy::Literal(text)), Ty::Path | Ty::Glob | Ty::Regex | Ty::Cron) => {
                self.literal(id, text, target.bare());
            }
            (Ty::Union(members), target) => {
                for member in members.iter() {
                    self.literals(id, member, target);
                }
            }
            (found, Ty::Union(members)) => {
                let fit =
                    members.iter().find(|it| crate::ty::fits(found, it) != crate::ty::Fit::No);
                if let Some(member) = fit {
                    self.literals(id, found, member);
                }
            }
            (Ty::List(found), Ty::List(target)) => self.literals(id, found, target),
            (Ty::Map(found), Ty::Map(target)) => self.literals(id, found, target),
            (Ty::Record(found), Ty::Map(target)) => {
                for field in &found.fields {
                    self.literals(id, &field.ty, target);
                }
            }
            (Ty::Record(found), Ty::Record(target)) => {
                for field in &found.fields {
                    if let Some(wanted) = target.field(&field.name) {
                        self.literals(id, &field.ty, &wanted.ty);
                    }
                }
            }
            _ => {}
        }
    }

    fn literal(&mut self, id: ExprId, text: &SmolStr, target: &Ty) {
        match target {
            Ty::Glob => self.glob(id, text),
            Ty::Path => self.path(id, text),
            Ty::Regex => {
                if let Some((offset, problem)) = regex_problem(text) {
                    let at = self.inside(id, offset..text.len().min(offset + 1));
                    let found = report::bad_regex(at, &problem, offset);
                    let range = offset..text.len().min(offset + 1);
                    self.report(self.with_origin(found, id, (text, range)));
                }
            }
            Ty::Cron => {
                if let Some(problem) = cron_problem(text) {
                    let at = self.span_of(id);
                    let found = report::bad_path(at, "cron line", &problem);
                    self.report(self.with_origin(found, id, (text, 0..text.len())));
                }
            }
            _ => {}
        }
    }

    fn glob(&mut self, id: ExprId, text: &str) {
        if let Err(error) = Glob::check(text) {
            let at = self.inside(id, error.range.clone());
            let fix =
                error.fix.as_ref().filter(|_| self.is_plain(id, text)).map(|fix| {
                    report::better_glob(&self.span_of(id), &fix.apply(text), fix.certainty)
                });
            let found = report::bad_glob(at, &error.message, fix);
            self.report(self.with_origin(found, id, (text, error.range)));
        } else {
            let body = text.strip_prefix('!').unwrap_or(text);
            self.inside_workspace(id, text, body);
        }
    }

    fn path(&mut self, id: ExprId, text: &str) {
        if text.is_empty() {
            let at = self.span_of(id);
            let found = report::bad_path(at, "path", "it is empty; `.` is the package");
            self.report(self.with_origin(found, id, (text, 0..0)));
            return;
        }
        self.inside_workspace(id, text, text);
    }

    fn inside_workspace(&mut self, id: ExprId, text: &str, body: &str) {
        let fixed = fixed_directory(body.split(['*', '?', '[', '{']).next().unwrap_or(body));
        let known = if body.contains(['*', '?', '[', '{']) { fixed } else { body };
        if self.is_outside(body, known) {
            let found = report::outside_workspace(self.span_of(id), text);
            self.report(self.with_origin(found, id, (text, 0..text.len())));
        }
    }

    /// Whether a path or a pattern surely lies outside the workspace, of which this beginning is known.
    fn is_outside(&self, body: &str, known: &str) -> bool {
        if body.starts_with('/') && !body.starts_with("//") {
            return true;
        }
        let leaves =
            |package: &str| WorkspacePath::new(package).unwrap_or_default().join(known).is_err();
        !WorkspacePath::is_surely_inside(known)
            && match self.home {
                Home::Of(item) => leaves(package_dir(self.db, item.file(self.db))),
                Home::Unknown => {
                    let packages = self.db.workspace().packages(self.db);
                    leaves("") && packages.keys().all(|it| leaves(it))
                }
            }
    }

    /// Checks what is known of a text that `path(..)` or `glob(..)` makes a `target`.
    pub fn made_path(&mut self, id: ExprId, target: &Ty) {
        if let Expr::Text(parts) = self.ast.expr(id)
            && has_holes(parts)
        {
            self.computed_text(id, parts, target);
        } else {
            let found = self.out.ty(id).clone();
            self.literals(id, &found, target);
        }
    }

    /// Checks the fixed parts of a text with holes that becomes a path or a glob.
    pub fn computed_text(&mut self, id: ExprId, parts: &[Part], target: &Ty) {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text { value, .. } => text.push_str(value),
                Part::Hole { .. } => text.push(Glob::HOLE),
            }
        }
        if *target.bare() == Ty::Glob
            && let Err(error) = Glob::check_with_holes(&text)
        {
            let at = self.span_of(id);
            self.report(report::bad_glob(at, &error.message, None));
            return;
        }
        let known = text.split(Glob::HOLE).next().unwrap_or_default();
        let body = known.strip_prefix('!').unwrap_or(known);
        if self.is_outside(body, fixed_directory(body)) {
            let at = self.span_of(id);
            let shown = self.source_of(id).to_owned();
            self.report(report::outside_workspace(at, &shown));
        }
    }

    /// The place of a range of a text's value, when the text is written at `id`.
    fn inside(&self, id: ExprId, range: std::ops::Range<usize>) -> Span {
        let Expr::Text(parts) = self.ast.expr(id) else { return self.span_of(id) };
        let (Some(start), Some(end)) = (place(parts, range.start), place(parts, range.end)) else {
            return self.span_of(id);
        };
        self.span(TextRange::new(start, end.max(start)))
    }

    /// Whether the literal can be written anew as `"text"`.
    fn is_plain(&self, id: ExprId, text: &str) -> bool {
        self.source_of(id) == format!("\"{text}\"")
    }
}

/// The directory that the beginning of a path is certainly in.
fn fixed_directory(beginning: &str) -> &str {
    match beginning.strip_prefix("//") {
        Some(below_root) if !below_root.contains('/') => "//",
        _ => directory(beginning),
    }
}

/// The place in the source of a byte of a text's value.
pub fn place(parts: &[Part], offset: usize) -> Option<TextSize> {
    let mut before = 0;
    for part in parts {
        let Part::Text { value, .. } = part else { return None };
        if offset <= before + value.len() {
            return Some(part.place(offset - before));
        }
        before += value.len();
    }
    None
}

/// The type of the value a text would be if its quotes were removed.
pub fn literal_type(text: &str) -> Option<Ty> {
    match text {
        "true" | "false" => return Some(Ty::Bool),
        "none" => return Some(Ty::None),
        _ => {}
    }
    match rush_syntax::parse_number(text)? {
        Bound::Int(value) => Some(Ty::Int(Limits::only(value))),
        Bound::Float(value) => Some(Ty::Float(Limits::only(Number(value)))),
        Bound::Duration(value) => Some(Ty::Duration(Limits::only(value))),
        Bound::Size(value) => Some(Ty::Size(Limits::only(value))),
    }
}
