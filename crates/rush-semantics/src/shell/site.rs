//! Where a command or a script stands, as far as fixes need to know, and the edits they share.
//!
//! Who calls knows the tree; this only writes text that is valid Rush at the places it is given.

use rush_diagnostics::{Diagnostic, Edit, ItemId, Span};
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use super::variables::is_harmful;

/// The surroundings of a command or a script.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The item it is written in.
    pub item: &'a ItemId,
    /// The text of that item.
    pub text: &'a str,
    /// The literal, from its tag or first quote to its last quote.
    pub literal: TextRange,
    /// The start of the member that holds it, docs included; `None` if a `let` written there would
    /// not see the same names (inside `for`, in a `fn`) or there is no member.
    pub member: Option<TextSize>,
    /// The field `env` of the same declaration.
    pub env: FieldSite,
    /// The field `pass_env` of the same declaration.
    pub pass_env: FieldSite,
    /// Where `.args(..)` can be appended to a script; `None` if it is already called.
    pub args: Option<TextSize>,
    /// Whether a `let` of this name would hide or repeat another one.
    pub is_taken: &'a dyn Fn(&str) -> bool,
}

/// A field that a fix may extend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSite {
    /// Not written; a new one may be.
    Absent,
    /// Not written here, but in what the declaration extends; a new list must take that over.
    Inherited,
    /// Its value, a record or list literal, from bracket to bracket.
    Written(TextRange),
    /// There is no telling; no fix touches it.
    Unknown,
}

impl Site<'_> {
    /// A span of this item.
    pub fn span(&self, range: TextRange) -> Span {
        Span::new(self.item.clone(), range)
    }

    /// The source at `range`.
    pub fn source(&self, range: TextRange) -> &str {
        self.text.get(std::ops::Range::from(range)).unwrap_or_default()
    }

    /// The white space the line of `offset` begins with.
    pub fn indentation(&self, offset: TextSize) -> &str {
        let before = self.text.get(..usize::from(offset)).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..).unwrap_or_default();
        let end = line.find(|sign| sign != ' ' && sign != '\t').unwrap_or(line.len());
        line.get(..end).unwrap_or_default()
    }

    /// Writes a member before the one that holds the literal.
    pub fn insert_member(&self, member: &str) -> Option<Edit> {
        self.insert_members(&[member])
    }

    /// Writes members before the one that holds the literal: each on a line of its own if that one is.
    pub fn insert_members(&self, members: &[impl AsRef<str>]) -> Option<Edit> {
        let at = self.member?;
        let indentation = self.indentation(at);
        let before = self.text.get(..usize::from(at))?;
        let starts_line = before.rsplit('\n').next().is_none_or(|line| line.trim().is_empty());
        let separator = if starts_line { format!("\n{indentation}") } else { ", ".to_owned() };
        let text: String = members.iter().flat_map(|it| [it.as_ref(), &separator]).collect();
        Some(Edit::replace(self.item, TextRange::empty(at), text))
    }

    /// Writes `entry` into the field `name`, whose literal opens with the first of `brackets`.
    pub fn insert_entry(&self, name: &str, site: FieldSite, entry: &str) -> Option<Edit> {
        let is_list = name == "pass_env";
        match site {
            FieldSite::Unknown => None,
            FieldSite::Inherited if is_list => {
                self.insert_member(&format!("{name}: [...base.{name}, {entry}]"))
            }
            FieldSite::Absent if is_list => self.insert_member(&format!("{name}: [{entry}]")),
            // Keys are joined with those of the base.
            FieldSite::Absent | FieldSite::Inherited => {
                self.insert_member(&format!("{name} {{ {entry} }}"))
            }
            FieldSite::Written(range) => {
                let at = range.start() + TextSize::new(1);
                let inside = self.source(range).get(1..)?;
                let is_empty = inside.trim_start().starts_with([']', '}']);
                let space = if is_list { "" } else { " " };
                let comma = if is_empty || inside.starts_with(['\n', '\r']) { "" } else { "," };
                let after = if comma.is_empty() || inside.starts_with(' ') { "" } else { " " };
                // Before a line end the newline separates; `[ "a"` on the opener's line is valid.
                let text = format!("{space}{entry}{comma}{after}");
                Some(Edit::replace(self.item, TextRange::empty(at), text))
            }
        }
    }

    /// A name for `let NAME = expression`, taken from the expression's last word.
    pub fn let_name(&self, expression: &str, also_taken: &[SmolStr]) -> SmolStr {
        let last = expression.rsplit('.').next().unwrap_or_default().trim();
        let made;
        let base = if is_name(last) && !is_reserved(last) {
            last
        } else {
            made = name_of(expression);
            &*made
        };
        let is_free = |name: &str| {
            !(self.is_taken)(name) && !is_harmful(name) && also_taken.iter().all(|it| it != name)
        };
        if is_free(base) {
            return base.into();
        }
        // One of the first `taken + 2` is free unless `is_taken` says yes to everything.
        (0..100)
            .map(|count| match count {
                0 if !base.ends_with("value") => format!("{base}_value"),
                _ => format!("{base}_{}", count.max(1) + 1),
            })
            .find(|name| is_free(name))
            .map_or_else(|| format!("{base}_text").into(), SmolStr::from)
    }
}

/// The first two words of an expression that stand in no text, or `value`.
fn name_of(expression: &str) -> String {
    let code = expression.split('"').step_by(2);
    let words = code.flat_map(|it| it.split(|it: char| !it.is_ascii_alphanumeric() && it != '_'));
    let words: Vec<&str> = words.filter(|it| is_name(it) && !is_reserved(it)).take(2).collect();
    match words.as_slice() {
        [] => "value".to_owned(),
        // The word itself means something else.
        [word] => format!("{word}_value"),
        words => words.join("_"),
    }
}

/// Whether `text` is an identifier.
pub(crate) fn is_name(text: &str) -> bool {
    let mut signs = text.chars();
    signs.next().is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && signs.all(|it| it.is_ascii_alphanumeric() || it == '_')
}

/// Whether the identifier is a word of the language that can't name a value.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(name, "if" | "then" | "else" | "for" | "in" | "true" | "false" | "none" | "let")
}

/// `text` as a literal of the language.
pub(crate) fn text_literal(text: &str) -> String {
    let mut literal = String::from("\"");
    push_text(&mut literal, text);
    literal.push('"');
    literal
}

/// Appends `text` as it must be written between double quotes.
pub(crate) fn push_text(literal: &mut String, text: &str) {
    for sign in text.chars() {
        match sign {
            '\\' | '"' | '$' => literal.extend(['\\', sign]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            control if control.is_control() => literal.extend(control.escape_unicode()),
            other => literal.push(other),
        }
    }
}

/// Adds a fix if there is one.
pub(crate) fn with_fix(diagnostic: Diagnostic, fix: Option<rush_diagnostics::Fix>) -> Diagnostic {
    match fix {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    }
}
