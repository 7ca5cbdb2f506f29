//! The formatter: one look for every file, without options.
//!
//! It works item by item on the tokens. An item with a syntax error is left byte for byte. Line ends
//! become `\n`, unless every line of the file ends in `\r\n`; a byte-order mark stays.

mod block;
mod comment;
mod layout;
mod print;
mod touched;

pub use touched::format_touched;

use std::borrow::Cow;

use text_size::TextRange;

use crate::Dialect;
use crate::ast::same_meaning;
use crate::parse::{Parsed, parse_item, parse_with_tokens};
use crate::split::split;

/// A formatted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The new text.
    pub text: String,
    /// The items that were left as they are because of syntax errors, as ranges of the old text.
    pub broken_items: Vec<TextRange>,
    /// The items that were left as they are because their new text would not say the same: a fault
    /// of the formatter.
    pub refused_items: Vec<TextRange>,
}

/// Formats a file; `kinds` are the kinds that are known.
pub fn format(text: &str, kinds: &[&str]) -> Formatted {
    format_file(text, kinds, Dialect::File)
}

/// Formats a file of either dialect.
pub fn format_file(text: &str, kinds: &[&str], dialect: Dialect) -> Formatted {
    let has_crlf = is_crlf_throughout(text);
    let mut formatted = String::with_capacity(text.len() + text.len() / 16);
    let (mut broken_items, mut refused_items) = (Vec::new(), Vec::new());
    let slices = split(text, kinds);
    for (index, slice) in slices.iter().enumerate() {
        let item = text.get(std::ops::Range::<usize>::from(slice.range)).unwrap_or_default();
        match new_text(item, dialect) {
            Ok(new) => {
                formatted.push_str(if index == 0 { new.trim_start_matches('\n') } else { &new });
                continue;
            }
            Err(Left::Broken) => broken_items.push(slice.range),
            Err(Left::OtherMeaning) => refused_items.push(slice.range),
        }
        let item = if has_crlf { Cow::Owned(item.replace("\r\n", "\n")) } else { item.into() };
        formatted.push_str(&item);
    }
    let is_left = |it: &TextRange| [broken_items.last(), refused_items.last()].contains(&Some(it));
    let is_last_sound = slices.last().is_some_and(|it| !is_left(&it.range));
    if is_last_sound {
        formatted.truncate(formatted.trim_end_matches('\n').len());
        if !formatted.trim_start_matches('\u{feff}').is_empty() {
            formatted.push('\n');
        }
    }
    let text = if has_crlf { formatted.replace('\n', "\r\n") } else { formatted };
    Formatted { text, broken_items, refused_items }
}

/// Formats one item as `split` cuts it; `None` when it has a syntax error, or when the new text would
/// not say the same.
///
/// The result ends with a newline, or two when blank lines follow the item.
pub fn format_item(text: &str, dialect: Dialect) -> Option<String> {
    new_text(text, dialect).ok()
}

/// Why an item stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// It has a syntax error.
    Broken,
    /// It would no longer say the same.
    OtherMeaning,
}

fn new_text(text: &str, dialect: Dialect) -> Result<String, Left> {
    let text = if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let detailed = parse_with_tokens(&text, dialect);
    if !detailed.parsed.errors.is_empty() {
        return Err(Left::Broken);
    }
    let new = print::print(&text, &detailed);
    if new != *text && !says(&new, &detailed.parsed, dialect) {
        return Err(Left::OtherMeaning);
    }
    Ok(new)
}

/// Whether the formatted text is read as the item it was made from. The printer works on tokens, so
/// it can't know by itself that a newline in place of a comma separates in this very spot.
fn says(new: &str, old: &Parsed, dialect: Dialect) -> bool {
    let new = parse_item(new, dialect);
    new.errors.is_empty() && same_meaning(&old.item, &new.item)
}

fn is_crlf_throughout(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_crlf = |at: usize| at.checked_sub(1).and_then(|it| bytes.get(it)) == Some(&b'\r');
    let mut ends = memchr::memchr_iter(b'\n', bytes).peekable();
    ends.peek().is_some() && ends.all(is_crlf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_says_something_else_is_not_taken() {
        let old = parse_item("let x = { a: 1, b: [2] }\n", Dialect::File);
        let check = |new: &str, expected: bool| {
            assert_eq!(says(new, &old, Dialect::File), expected, "{new}");
        };
        check("let x = {\n  a: 1\n  b: [2]\n}\n", true);
        check("let x = { a: 1, b: [3] }\n", false);
        check("let x = { a: 1 }\n", false);
        check("let x = { a: 1 b: [2] }\n", false);
    }
}
