//! `needs: [//web:test]`: a label of the command line where a value stands, which reads as a comment.
//!
//! It is read as a value only where the comment takes a closing bracket along that is missed, so that no
//! comment of a valid file is taken for anything else. Of others it is only told whether they look like
//! labels; where one may be meant is not known here.

use rush_diagnostics::Code;

use super::{Lexed, RawToken, lex, range};
use crate::error::{SyntaxError, habits};
use crate::kind::SyntaxKind;

/// Words that begin notes to oneself and addresses, not labels: `//todo:later`.
const NOTES: [&str; 9] = ["todo", "fixme", "note", "hack", "xxx", "see", "http", "https", "file"];

/// The first label of a comment that holds nothing but labels, as the elements of a list: `//web:build,`.
pub fn label_of_comment(comment: &str) -> Option<&str> {
    let mut rest = comment.trim_end();
    while !rest.is_empty() {
        let (_, behind) = rest.split_at_checked(label_length(rest)?)?;
        let behind =
            behind.strip_prefix('(').map_or(Some(behind), |it| Some(it.split_once(')')?.1))?;
        rest = match behind.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if behind.is_empty() => behind,
            None => return None,
        };
    }
    let first = comment.get(..label_length(comment)?)?;
    let word = first.trim_start_matches('/').split(':').next()?.to_ascii_lowercase();
    (!NOTES.contains(&word.as_str())).then_some(first)
}

/// What to write instead of a label.
pub fn instead_of_label(label: &str) -> String {
    let (package, task) = label.trim_start_matches('/').split_once(':').unwrap_or_default();
    let name = package.rsplit('/').next().unwrap_or_default().replace(['-', '.'], "_");
    if name.is_empty() {
        return format!("a task of this file is named without quotes, as in `needs: [{task}]`");
    }
    format!("import its package with `use \"//{package}\" as {name}`, then write `{name}.{task}`")
}

/// The tokens with such labels as values, if there are any, and what is to be said of them.
pub(crate) fn labels_as_values(text: &str, lexed: &Lexed, errors: &[SyntaxError]) -> Option<Lexed> {
    if !errors.iter().any(|it| it.code == Code::UnclosedBracket) {
        return None;
    }
    let mut found = Lexed::default();
    let mut before = SyntaxKind::Newline;
    for (at, token) in lexed.tokens.iter().enumerate() {
        let start = token.start as usize;
        let end = lexed.tokens.get(at + 1).map_or(text.len(), |it| it.start as usize);
        let comment = text.get(start..end).unwrap_or_default();
        let opens = matches!(before, SyntaxKind::LeftBracket | SyntaxKind::Comma);
        match last_bracket(comment).filter(|_| token.kind == SyntaxKind::Comment && opens) {
            Some(last) => values_of_line(comment, last, start, &mut found),
            None => found.tokens.push(*token),
        }
        if token.kind != SyntaxKind::Whitespace {
            before = token.kind;
        }
    }
    if found.errors.is_empty() {
        return None;
    }
    found.errors.extend(lexed.errors.iter().cloned());
    Some(found)
}

/// Where the last closing bracket of a comment is, if the comment begins with a label before it.
fn last_bracket(comment: &str) -> Option<usize> {
    let length = label_length(comment)?;
    comment.rfind(']').filter(|last| length <= *last)
}

/// The tokens of a comment that begins with a label, up to the end of its line; `last` is where its last
/// bracket closes.
fn values_of_line(comment: &str, last: usize, base: usize, found: &mut Lexed) {
    let mut at = 0;
    while let Some(length) = label_length(comment.get(at..).unwrap_or_default()) {
        if at + length > last {
            break;
        }
        let label = comment.get(at..at + length).unwrap_or_default();
        let place = range(base + at, base + at + length);
        found.errors.push(habits::label_as_value(place, label));
        found.tokens.push(RawToken { kind: SyntaxKind::Text, start: (base + at) as u32 });
        at += length;
        let rest = comment.get(at..).unwrap_or_default();
        // What follows up to the next label is as it would be without the comment.
        let stop = comment_start(rest);
        let between = lex(rest.get(..stop).unwrap_or_default());
        found.tokens.extend(
            between
                .tokens
                .iter()
                .map(|it| RawToken { kind: it.kind, start: it.start + (base + at) as u32 }),
        );
        at += stop;
    }
    if at < comment.len() {
        found.tokens.push(RawToken { kind: SyntaxKind::Comment, start: (base + at) as u32 });
    }
}

/// Where `//` stands outside of quotes, or the end of the text.
fn comment_start(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            (None, b'"' | b'`') => quote = Some(byte),
            (None, b'/') if bytes.get(at + 1) == Some(&b'/') => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// How long the label at the start of a comment is, if the elements of a list can go on behind it.
fn label_length(comment: &str) -> Option<usize> {
    let is_path = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.' | '/');
    let rest = comment.strip_prefix("//")?;
    let name = rest.trim_start_matches(is_path).strip_prefix(':')?;
    let end = name.trim_start_matches(is_path);
    let is_named = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    let goes_on = end.is_empty() || end.starts_with([']', ',', '(']);
    (is_named && goes_on).then(|| comment.len() - end.len())
}
