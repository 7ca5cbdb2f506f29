//! Parts of texts and commands that can be written as a hole and back, and mean the same.
//!
//! A hole stands for a text as it is: in a command for a part of one argument, in a path or a pattern
//! for letters. So a part may become a hole only if its signs have no other meaning where they stand.

use rush_semantics::infer::infer;
use rush_semantics::ty::Ty;
use rush_syntax::ast::{Expr, ExprId, Part};
use text_size::{TextRange, TextSize};

use super::Site;
use crate::syntax::{exprs, slice};

/// Where a part stands, as far as it matters which signs it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A text that is nothing but a text.
    Text,
    /// A text that is a path or a pattern.
    Path,
    /// An argument of a command.
    Argument,
}

impl Around {
    fn takes(self, sign: char) -> bool {
        match self {
            Self::Text => !matches!(sign, '"' | '\\' | '$' | '{' | '}') && !sign.is_control(),
            Self::Path => is_word(sign) || sign == '.',
            Self::Argument => {
                is_word(sign) || matches!(sign, '.' | '/' | ':' | '@' | '%' | '+' | ',')
            }
        }
    }
}

fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-')
}

/// The text or command of which a part is selected, and that part.
pub(super) fn selected(site: &Site<'_>) -> Option<(ExprId, TextRange)> {
    let range = site.selection;
    let holds = |part: &&Part| match part {
        // What is no escape is written as it is.
        Part::Text { range: own, is_escape, .. } => !is_escape && own.contains_range(range),
        Part::Hole { .. } => false,
    };
    let part_of = |(id, it): (ExprId, _)| {
        let parts = parts(it)?;
        let around = around(site, id, parts)?;
        parts.iter().find(holds).map(|_| (id, parts, around))
    };
    let (id, parts, around) = exprs(site.ast).find_map(part_of)?;
    let written = slice(site.text, range);
    let fits = written.chars().all(|it| around.takes(it))
        && written.contains(|it: char| it.is_alphanumeric())
        && (around != Around::Argument || is_argument(site.text, parts, range));
    (fits && !range.is_empty()).then_some((id, range))
}

/// What is between the quotes of a text on one line.
pub(super) fn inside_quotes(site: &Site<'_>, id: ExprId) -> Option<TextRange> {
    let written = site.source(id);
    let is_plain = matches!(site.ast.expr(id), Expr::Text(_))
        && written.len() > 2
        && written.starts_with('"')
        && !written.starts_with("\"\"\"");
    let (range, quote) = (site.ast.expr_range(id), TextSize::of('"'));
    is_plain.then(|| TextRange::new(range.start() + quote, range.end() - quote))
}

/// The value as it can be written in place of the hole of `whole` that is nothing but `used`, and that
/// hole.
pub(super) fn in_hole(
    whole: &Expr,
    text: &str,
    used: ExprId,
    (value, written): (&Expr, &str),
) -> Option<(TextRange, String)> {
    let hole = |part: &Part| match part {
        Part::Hole { value, is_spread: false, range } if *value == used => Some(*range),
        _ => None,
    };
    let range = parts(whole)?.iter().find_map(hole)?;
    let is_command = matches!(whole, Expr::Command(_));
    let plain = match value {
        Expr::Text(parts) => match parts.as_slice() {
            [Part::Text { value, is_escape: false, .. }] => value.as_str(),
            _ => return None,
        },
        Expr::Int(_) => written,
        _ => return None,
    };
    let around = if is_command { Around::Argument } else { Around::Path };
    let takes = |it: char| around.takes(it) || it == '/';
    let is_alone = !text.get(..usize::from(range.start()))?.ends_with('$');
    let is_number = !matches!(value, Expr::Int(_)) || plain.chars().all(|it| it.is_ascii_digit());
    (is_alone && is_number && plain.chars().all(takes)).then(|| (range, plain.to_owned()))
}

fn parts(expr: &Expr) -> Option<&[Part]> {
    match expr {
        Expr::Text(parts) | Expr::Command(parts) => Some(parts),
        _ => None,
    }
}

/// What a text is, if a part of it may be a hole: one that is a literal must stay one, unless what is
/// wanted there takes any text.
fn around(site: &Site<'_>, id: ExprId, parts: &[Part]) -> Option<Around> {
    let source = site.source(id);
    if matches!(site.ast.expr(id), Expr::Command(_)) {
        return Some(Around::Argument);
    }
    let inference = infer(site.db, site.item());
    let ty = inference.ty(id);
    let becomes = inference.conversions.get(&id);
    let is = |wanted: fn(&Ty) -> bool| {
        ty.members().iter().any(|it| wanted(it.bare()))
            || becomes.is_some_and(|it| it.members().iter().any(|it| wanted(it.bare())))
    };
    let has_holes = parts.iter().any(|it| matches!(it, Part::Hole { .. }));
    if source.starts_with('r') || is(|it| matches!(it, Ty::Secret)) {
        None
    } else if is(|it| matches!(it, Ty::Path | Ty::Glob)) {
        Some(Around::Path)
    } else {
        (has_holes && becomes.is_none()).then_some(Around::Text)
    }
}

/// Whether a part of a command belongs to an argument: not to the name of the program, and not between
/// single quotes, where a hole would be letters.
fn is_argument(text: &str, parts: &[Part], range: TextRange) -> bool {
    let mut before = String::new();
    for part in parts {
        match part {
            Part::Text { range: own, .. } => {
                let end = own.end().min(range.start());
                let kept = TextRange::new(own.start().min(end), end);
                before.push_str(slice(text, kept));
            }
            Part::Hole { range: own, .. } if own.end() <= range.start() => before.push('_'),
            Part::Hole { .. } => {}
        }
    }
    let has_program = before.trim_start().contains(char::is_whitespace);
    has_program && !is_single_quoted(&before)
}

fn is_single_quoted(before: &str) -> bool {
    let (mut quote, mut is_escaped) = (None, false);
    for sign in before.chars() {
        match (quote, sign) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (None, '\'' | '"') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            _ => {}
        }
    }
    quote == Some('\'')
}
