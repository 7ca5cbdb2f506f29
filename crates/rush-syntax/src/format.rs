//! The formatter: one look for every file, without options.
//!
//! It works item by item on the tokens. An item with a syntax error is left byte for byte. Line ends
//! become `\n`, unless every line of the file ends in `\r\n`; a byte-order mark stays.

mod block;
mod comment;
mod layout;
mod print;

use std::borrow::Cow;

use text_size::TextRange;

use crate::Dialect;
use crate::parse::parse_with_tokens;
use crate::split::split;

/// A formatted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The new text.
    pub text: String,
    /// The items that were left as they are because of syntax errors, as ranges of the old text.
    pub broken_items: Vec<TextRange>,
}

/// Formats a file; `kinds` are the kinds that are known.
pub fn format(text: &str, kinds: &[&str]) -> Formatted {
    format_file(text, kinds, Dialect::File)
}

/// Formats a file of either dialect.
pub fn format_file(text: &str, kinds: &[&str], dialect: Dialect) -> Formatted {
    let has_crlf = is_crlf_throughout(text);
    let mut formatted = String::with_capacity(text.len() + text.len() / 16);
    let mut broken_items = Vec::new();
    let slices = split(text, kinds);
    for (index, slice) in slices.iter().enumerate() {
        let item = text.get(std::ops::Range::<usize>::from(slice.range)).unwrap_or_default();
        if let Some(new) = format_item(item, dialect) {
            formatted.push_str(if index == 0 { new.trim_start_matches('\n') } else { &new });
        } else {
            broken_items.push(slice.range);
            let item = if has_crlf { Cow::Owned(item.replace("\r\n", "\n")) } else { item.into() };
            formatted.push_str(&item);
        }
    }
    let is_last_sound = slices.last().is_some_and(|it| broken_items.last() != Some(&it.range));
    if is_last_sound {
        formatted.truncate(formatted.trim_end_matches('\n').len());
        if !formatted.trim_start_matches('\u{feff}').is_empty() {
            formatted.push('\n');
        }
    }
    let text = if has_crlf { formatted.replace('\n', "\r\n") } else { formatted };
    Formatted { text, broken_items }
}

/// Formats one item as `split` cuts it; `None` when it has a syntax error.
///
/// The result ends with a newline, or two when blank lines follow the item.
pub fn format_item(text: &str, dialect: Dialect) -> Option<String> {
    let text = if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let detailed = parse_with_tokens(&text, dialect);
    detailed.parsed.errors.is_empty().then(|| print::print(&text, &detailed))
}

fn is_crlf_throughout(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_crlf = |at: usize| at.checked_sub(1).and_then(|it| bytes.get(it)) == Some(&b'\r');
    let mut ends = memchr::memchr_iter(b'\n', bytes).peekable();
    ends.peek().is_some() && ends.all(is_crlf)
}
