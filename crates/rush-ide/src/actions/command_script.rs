//! From a command to a script, and back where the script is one plain command.
//!
//! A script becomes a command when it is a single line of words that no shell changes: plain words,
//! texts in single quotes, and `"$name"` of a value that Rush knows. Words that only a shell knows,
//! such as `cd`, keep it a script.

use rush_diagnostics::Anchor;
use rush_semantics::argv::{FieldSite, Site as ShellSite, to_shell};
use rush_semantics::infer::{Meaning, infer};
use rush_syntax::ast::{Expr, ExprId, Name, Part};
use smol_str::SmolStr;

use super::{ActionKind, Offer, Site};
use crate::syntax::exprs;

/// The offers for the command or script at the selection.
pub(super) fn offers(site: &Site<'_>) -> Vec<Offer<'static>> {
    let holds = |id: &ExprId| site.ast.expr_range(*id).contains_range(site.selection);
    let found = exprs(site.ast).filter(|(id, _)| holds(id)).find_map(|(id, it)| match it {
        Expr::Command(parts) => to_script(site, id, parts),
        Expr::Script { tag, body } => to_command(site, id, tag, body),
        _ => None,
    });
    found.into_iter().collect()
}

fn to_script(site: &Site<'_>, id: ExprId, parts: &[Part]) -> Option<Offer<'static>> {
    let literal = site.ast.expr_range(id);
    let is_inner = site.around(id).iter().any(|it| !matches!(site.ast.expr(*it), Expr::List(_)));
    if site.needs_inner(literal) || is_inner || has_holes_in_elements(site, id) {
        return None;
    }
    let item_id = site.item().id(site.db);
    let is_taken = |name: &str| {
        rush_semantics::names::resolve(site.db, site.file, name).is_some()
            || infer(site.db, site.item()).locals.iter().any(|it| it.name == name)
            || super::scope::has_word(site.text, name)
    };
    let member = site.member(literal)?;
    let shell_site = ShellSite {
        item: &item_id,
        text: site.text,
        literal,
        member: Some(member.start()),
        env: FieldSite::Unknown,
        pass_env: FieldSite::Unknown,
        args: None,
        is_taken: &is_taken,
    };
    let holes_ok = parts.iter().all(|part| match part {
        Part::Hole { value, .. } => is_set(site, *value),
        Part::Text { .. } => true,
    });
    let fix = to_shell(parts, &shell_site).filter(|_| holes_ok)?;
    let edits = fix.edits.into_iter().map(|edit| match edit.at {
        Anchor::Range(span) => Some(site.edit(span.range, edit.text)),
        Anchor::FileStart(_) | Anchor::After(_) => None,
    });
    let edits: Vec<_> = edits.collect::<Option<_>>()?;
    Some(Offer::new(
        "command-to-script",
        "write it as a script: `sh\"\"\"`",
        ActionKind::Rewrite,
        edits,
    ))
}

/// In a list whose elements have conditions or variables, a `let` can't stand for a hole.
fn has_holes_in_elements(site: &Site<'_>, id: ExprId) -> bool {
    site.around(id).iter().any(|it| match site.ast.expr(*it) {
        Expr::List(elements) => {
            elements.iter().any(|it| !matches!(it, rush_syntax::ast::Element::Value(_)))
        }
        _ => false,
    })
}

/// Whether a value is a variable of a script: a scalar that is never absent.
fn is_set(site: &Site<'_>, value: ExprId) -> bool {
    use rush_semantics::ty::Ty;
    let ty = infer(site.db, site.item()).ty(value);
    ty.members().iter().all(|it| {
        matches!(
            it.bare(),
            Ty::Bool
                | Ty::Int(_)
                | Ty::Float(_)
                | Ty::Duration(_)
                | Ty::Size(_)
                | Ty::Text(_)
                | Ty::Path
        )
    })
}

/// Words a shell has itself, or reads as more than a word.
const SHELL_WORDS: &[&str] = &[
    ".", ":", "[", "[[", "alias", "bg", "break", "case", "cd", "command", "continue", "declare",
    "do", "done", "elif", "else", "esac", "eval", "exec", "exit", "export", "fg", "fi", "for",
    "function", "getopts", "hash", "if", "jobs", "let", "local", "popd", "pushd", "read",
    "readonly", "return", "select", "set", "setopt", "shift", "shopt", "source", "then", "time",
    "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait",
    "while", "{", "}", "!",
];

fn to_command(site: &Site<'_>, id: ExprId, tag: &Name, body: &[Part]) -> Option<Offer<'static>> {
    if !matches!(tag.text.as_str(), "sh" | "bash") {
        return None;
    }
    let has_args =
        exprs(site.ast).any(|(_, it)| matches!(it, Expr::Field { base, .. } if *base == id));
    let text: String = body
        .iter()
        .map(|part| match part {
            Part::Text { value, .. } => Some(value.as_str()),
            Part::Hole { .. } => None,
        })
        .collect::<Option<String>>()?;
    let line = text.trim();
    if has_args || line.is_empty() || line.contains(['\n', '\r', '`']) {
        return None;
    }
    let empty = Vec::new();
    let captures = infer(site.db, site.item()).captures.get(&id).unwrap_or(&empty);
    let mut words = Words { rest: line, captures, written: String::new(), is_first: true };
    while words.word()? {}
    let command = format!("`{}`", words.written);
    let edits = vec![site.edit(site.ast.expr_range(id), command)];
    Some(Offer::new(
        "script-to-command",
        "write it as a command without a shell",
        ActionKind::Rewrite,
        edits,
    ))
}

/// Reads the words of a line, as long as each is plain.
struct Words<'a> {
    rest: &'a str,
    captures: &'a [(SmolStr, Meaning)],
    written: String,
    is_first: bool,
}

impl Words<'_> {
    /// Takes one word; `Some(false)` at the end, `None` when a shell is needed.
    fn word(&mut self) -> Option<bool> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        if self.rest.is_empty() {
            return Some(false);
        }
        if !self.is_first {
            self.written.push(' ');
        }
        let start = self.written.len();
        while let Some(sign) = self.rest.chars().next().filter(|it| !matches!(it, ' ' | '\t')) {
            match sign {
                '\'' => self.quoted()?,
                '"' => self.expanded()?,
                _ if is_plain(sign) => {
                    self.written.push(sign);
                    self.rest = self.rest.get(sign.len_utf8()..)?;
                }
                _ => return None,
            }
        }
        let word = self.written.get(start..)?;
        let is_assignment = word.contains('=');
        if self.is_first
            && (SHELL_WORDS.contains(&word) || is_assignment || word.starts_with(['\'', '"']))
        {
            return None;
        }
        self.is_first = false;
        Some(true)
    }

    /// `'text'`, which a command reads the same way.
    fn quoted(&mut self) -> Option<()> {
        let end = self.rest.get(1..)?.find('\'')? + 2;
        self.written.push_str(self.rest.get(..end)?);
        self.rest = self.rest.get(end..)?;
        Some(())
    }

    /// `"a $name ${name} b"`, which becomes `"a ${name} ${name} b"`.
    fn expanded(&mut self) -> Option<()> {
        self.written.push('"');
        self.rest = self.rest.get(1..)?;
        loop {
            let sign = self.rest.chars().next()?;
            self.rest = self.rest.get(sign.len_utf8()..)?;
            match sign {
                '"' => break,
                '$' => self.variable()?,
                '\\' => return None,
                _ => self.written.push(sign),
            }
        }
        self.written.push('"');
        Some(())
    }

    /// `name` or `{name}` behind a `$`.
    fn variable(&mut self) -> Option<()> {
        let (inner, is_braced) = match self.rest.strip_prefix('{') {
            Some(inner) => (inner, true),
            None => (self.rest, false),
        };
        let end =
            inner.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(inner.len());
        let name = inner.get(..end)?;
        let after = inner.get(end..)?;
        self.rest = if is_braced { after.strip_prefix('}')? } else { after };
        let is_known = self.captures.iter().any(|(it, _)| it == name);
        self.written.push_str(&format!("${{{name}}}"));
        is_known.then_some(())
    }
}

/// Signs that mean themselves to a shell and to a command, wherever they stand in a word.
fn is_plain(sign: char) -> bool {
    sign.is_ascii_alphanumeric()
        || matches!(sign, '_' | '-' | '.' | '/' | ':' | '=' | '@' | '%' | '+' | ',')
}
