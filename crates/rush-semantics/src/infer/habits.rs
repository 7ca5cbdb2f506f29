//! What people write who come from other tools, where it means something else here or nothing:
//! `test-unit` for a name, `{{x}}` for a hole.

use rush_diagnostics::{Diagnostic, Edit, Fix, TextRange, TextSize, Undeclared, measured, suggest};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Field, ItemKind, Member, Part};
use smol_str::SmolStr;

use super::context::Context;
use super::literal::literal_type;
use super::unknown::{Sought, written_type};
use crate::names::resolve;
use crate::report::{self, Dashed, Measured};
use crate::shell::ScriptFacts;
use crate::ty::{Ty, strip_none};

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
        if source.split('-').all(|it| self.is_known(it)) {
            return None;
        }
        let joined: SmolStr = source.replace('-', "_").into();
        if self.is_known(&joined) {
            let at = self.span_of(id);
            let source = source.to_owned();
            let dashed = self.dashed(&source);
            self.report(report::dashed_name(at, &source, &joined, dashed));
            return Some(Ty::Error);
        }
        let is_one_name = !source.split('-').any(|it| self.is_known(it)) && {
            let is_near = |word: &str| {
                let meant = Undeclared::new(word);
                let known = self.names_sought(Sought::Anything, |it| meant.may_mean(it));
                suggest(word, known.iter().map(SmolStr::as_str)).is_some()
            };
            is_near(&joined) || !source.split('-').any(is_near)
        };
        is_one_name.then(|| self.unknown_name(id, &joined, Sought::Anything))
    }

    fn is_known(&self, name: &str) -> bool {
        self.local(name).is_some() || resolve(self.db, self.file, name).is_some()
    }

    /// Whether somebody may have subtracted the parts of a name, of which one at least is missing.
    fn dashed(&mut self, source: &str) -> Dashed {
        let known: Vec<&str> = source.split('-').filter(|it| self.is_known(it)).collect();
        // What is no number can't be part of a subtraction.
        if known.is_empty() || known.into_iter().any(|it| !self.may_be_number(it)) {
            Dashed::Name
        } else {
            Dashed::Subtraction
        }
    }

    /// Whether a name may stand for what can be subtracted, as far as its declaration tells.
    fn may_be_number(&mut self, name: &str) -> bool {
        if let Some(local) = self.local(name) {
            return is_numeric(&self.local_type(local));
        }
        let Some(item) = resolve(self.db, self.file, name) else { return true };
        match (&item.ast(self.db).kind, written_type(self.db, item)) {
            (_, Some(ty)) => is_numeric(ty),
            // Its value is not asked for: that could close a circle that no text has.
            (ItemKind::Let(it), None) => {
                !matches!(item.ast(self.db).expr(it.value), Expr::Text(_) | Expr::List(_))
            }
            _ => false,
        }
    }

    /// `strategy { matrix { .. } }`: the field that was meant is inside the one that is not there.
    pub fn without_wrapper(&self, found: &mut Diagnostic, field: &Field) {
        let meant = found.fixes.first().and_then(|it| it.edits.first());
        let (Some(meant), Expr::Record(record)) = (meant, self.ast.expr(field.value)) else {
            return;
        };
        let own = meant.text.clone();
        let is_inside = |it: &&Field| it.name.text == own;
        let mut fields = record.members.iter().filter_map(|it| match it {
            Member::Field(field) => Some(field),
            Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
        });
        let Some(inner) = fields.find(is_inside) else { return };
        let wrapper = &field.name.text;
        found.fixes.clear();
        found.help = Some(format!("`{own}` is written without `{wrapper}` around it"));
        if record.members.len() == 1 {
            let at = self.span(field.range);
            let edit = Edit::replace(&at.item, at.range, self.source(inner.range));
            let title = format!("remove `{wrapper}`");
            // What is inside another wrapper need not be what is meant, and comments would go.
            let is_certain = wrapper == "strategy" && !self.source(field.range).contains("//");
            let fix = if is_certain { Fix::automatic } else { Fix::offered };
            found.fixes.push(fix(title, vec![edit]));
        }
    }

    /// `timeout_minutes: 5`: a field whose name says the unit; `ty_of` knows those that it may be.
    pub fn measured<'t>(
        &self,
        field: &Field,
        ty_of: impl Fn(&str) -> Option<&'t Ty>,
    ) -> Option<Measured> {
        let (name, unit) = measured(&field.name.text)?;
        let one = literal_type(&format!("1{unit}"))?;
        let sort = std::mem::discriminant(&one);
        let wanted = strip_none(ty_of(&name)?);
        if !wanted.members().iter().any(|it| std::mem::discriminant(it.bare()) == sort) {
            return None;
        }
        let source = self.source_of(field.value);
        let text = match self.ast.expr(field.value) {
            Expr::Int(_) | Expr::Float(_) => Some(format!("{source}{unit}")),
            Expr::Duration(_) | Expr::Size(_) => Some(source.to_owned()),
            _ => None,
        };
        let text = text.filter(|it| literal_type(it).is_some());
        let value = text.map(|it| (self.span_of(field.value), it));
        Some(Measured { field: name, unit, value })
    }

    /// `{{x}}` around the name of a value, in a command or in a script of a shell.
    pub fn braces(&mut self, parts: &[Part], form: Braces<'_>) {
        let mut found = names_in_braces(parts);
        if found.is_empty() {
            return;
        }
        let mut literals = match form {
            Braces::InCommand => quoted(parts),
            Braces::InScript(facts) => facts.literals.clone(),
        };
        literals.sort_by_key(|it| it.start());
        let mut literals = literals.into_iter().peekable();
        let mut end = TextSize::default();
        found.retain(|(_, range)| {
            while let Some(it) = literals.next_if(|it| it.start() <= range.start()) {
                end = end.max(it.end());
            }
            end <= range.start()
        });
        for (name, range) in found {
            let is_value = self.local(&name).is_some()
                || resolve(self.db, self.file, &name)
                    .is_some_and(|it| matches!(it.kind(self.db), Kind::Let | Kind::Param));
            if is_value {
                let at = self.span(range);
                let is_command = matches!(form, Braces::InCommand);
                self.report(report::name_in_braces(at, &name, is_command));
            }
        }
    }
}

fn is_numeric(ty: &Ty) -> bool {
    ty.members().iter().any(|it| {
        matches!(
            it.bare(),
            Ty::Int(_) | Ty::Float(_) | Ty::Duration(_) | Ty::Size(_) | Ty::Error | Ty::Never
        )
    })
}

/// Where `{{x}}` stands.
#[derive(Clone, Copy, Debug)]
pub enum Braces<'f> {
    /// In a command without a shell.
    InCommand,
    /// In a script of a shell, of which this is known.
    InScript(&'f ScriptFacts),
}

/// The plain names between `{{` and `}}`, with their places. What begins with a dot is a template of Go
/// and means something to the program that gets it; `${{x}}` is no expansion, and told as that.
fn names_in_braces(parts: &[Part]) -> Vec<(SmolStr, TextRange)> {
    let mut found = Vec::new();
    for part in parts {
        let Part::Text { value, is_escape: false, .. } = part else { continue };
        // Nearly no text has one, and a search for two takes longer to begin.
        if memchr::memchr(b'{', value.as_bytes()).is_none() {
            continue;
        }
        for (at, _) in value.match_indices("{{").take(BRACES_MAX) {
            if value.get(..at).is_some_and(|it| it.ends_with('$')) {
                continue;
            }
            let inside = value.get(at + 2..).unwrap_or_default();
            let Some((name, _)) = inside.split_once("}}") else { continue };
            let end = at + 2 + name.len() + 2;
            if is_name(name.trim()) {
                found.push((name.trim().into(), TextRange::new(part.place(at), part.place(end))));
            }
        }
    }
    found
}

/// What stands between `'` in a command, which mean something outside of `".."` only.
fn quoted(parts: &[Part]) -> Vec<TextRange> {
    let mut found = Vec::new();
    let mut open: Option<(u8, TextSize)> = None;
    let mut is_escaped = false;
    for part in parts {
        let Part::Text { value, is_escape: false, .. } = part else { continue };
        for (at, byte) in value.bytes().enumerate() {
            let is_single = open.is_some_and(|(quote, _)| quote == b'\'');
            if std::mem::take(&mut is_escaped) {
                continue;
            }
            match (open, byte) {
                (_, b'\\') => is_escaped = !is_single,
                (Some((quote, start)), _) if quote == byte => {
                    open = None;
                    if is_single {
                        found.push(TextRange::new(start, part.place(at)));
                    }
                }
                (None, b'\'' | b'"') => open = Some((byte, part.place(at))),
                _ => {}
            }
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}
