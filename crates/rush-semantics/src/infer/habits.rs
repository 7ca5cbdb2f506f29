//! What people write who come from other tools, where it means something else here or nothing:
//! `test-unit` for a name, `{{x}}` for a hole.

use rush_diagnostics::TextRange;
use rush_syntax::Kind;
use rush_syntax::ast::{ExprId, Part};
use smol_str::SmolStr;

use super::context::Context;
use super::unknown::Sought;
use crate::names::resolve;
use crate::report;
use crate::ty::Ty;

/// How many braces of one command or script are looked at.
const BRACES_MAX: usize = 64;

impl Context<'_> {
    /// `needs: [test-unit]`: a subtraction of names, not all of which are there.
    pub fn dashed_name(&mut self, id: ExprId) -> Option<Ty> {
        let source = self.source_of(id);
        let is_word = |it: &str| it.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
        let is_plain = source.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
        if !is_plain || !source.split('-').all(is_word) {
            return None;
        }
        let is_known =
            |it: &str| self.local(it).is_some() || resolve(self.db, self.file, it).is_some();
        if source.split('-').all(is_known) {
            return None;
        }
        let joined: SmolStr = source.replace('-', "_").into();
        if is_known(&joined) {
            let at = self.span_of(id);
            self.report(report::dashed_name(at, source, &joined));
            return Some(Ty::Error);
        }
        let is_nothing = !source.split('-').any(is_known);
        is_nothing.then(|| self.unknown_name(id, &joined, Sought::Anything))
    }

    /// `{{x}}` around the name of a value, in a command or in a script of a shell.
    pub fn braces(&mut self, parts: &[Part], form: Braces) {
        for (name, range) in names_in_braces(parts) {
            let is_value = self.local(&name).is_some()
                || resolve(self.db, self.file, &name)
                    .is_some_and(|it| matches!(it.kind(self.db), Kind::Let | Kind::Param));
            if is_value {
                let at = self.span(range);
                self.report(report::name_in_braces(at, &name, form == Braces::InCommand));
            }
        }
    }
}

/// Where `{{x}}` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Braces {
    /// In a command without a shell.
    InCommand,
    /// In a script.
    InScript,
}

/// The plain names between `{{` and `}}` outside of `'..'`, with their places. What begins with a dot
/// is a template of Go and means something to the program that gets it.
fn names_in_braces(parts: &[Part]) -> Vec<(SmolStr, TextRange)> {
    let mut found = Vec::new();
    let mut is_quoted = false;
    for part in parts {
        let Part::Text { value, is_escape: false, .. } = part else { continue };
        let mut last = 0;
        for (at, _) in value.match_indices("{{").take(BRACES_MAX) {
            let before = value.get(last..at).unwrap_or_default();
            is_quoted ^= before.matches('\'').count() % 2 == 1;
            last = at;
            let inside = value.get(at + 2..).unwrap_or_default();
            let Some((name, _)) = inside.split_once("}}").filter(|_| !is_quoted) else { continue };
            let end = at + 2 + name.len() + 2;
            if is_name(name.trim()) {
                found.push((name.trim().into(), TextRange::new(part.place(at), part.place(end))));
            }
        }
        let rest = value.get(last..).unwrap_or_default();
        is_quoted ^= rest.matches('\'').count() % 2 == 1;
    }
    found
}

fn is_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}
