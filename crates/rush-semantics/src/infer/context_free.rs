//! Questions about a declaration's syntax that need no visit.

use rush_diagnostics::{TextRange, TextSize};
use rush_syntax::ast::ItemKind;
use rush_syntax::{SyntaxKind, tokens};

pub use super::context::name_span;
use crate::db::{Db, Item};

/// The bytes to remove so that an item goes with the comments about it. A broken item is not removed: what stands in
/// its text may be another one.
pub fn item_removal(db: &dyn Db, item: Item) -> Option<TextRange> {
    if !item.parsed(db).errors.is_empty() {
        return None;
    }
    let (text, all) = (item.text(db), item_with_comments(db, item));
    let above = text.get(..usize::from(all.start())).unwrap_or_default();
    let removed = text.get(std::ops::Range::<usize>::from(all)).unwrap_or_default();
    if above.is_empty() || above.ends_with("\n\n") {
        return Some(all);
    }
    // The blank line below it parts what stays.
    let end = removed.trim_end().len() + 1;
    Some(TextRange::new(all.start(), all.end().min(all.start() + TextSize::new(end as u32))))
}

/// The bytes of an item with the comments about it, and the blank lines below. The comments at the head of a file are
/// about the file, and those behind a blank line about what follows.
pub fn item_with_comments(db: &dyn Db, item: Item) -> TextRange {
    let before = item.file(db).items(db).iter().take_while(|it| **it != item);
    let is_first = before.map(|it| &it.parsed(db).item.kind).all(|it| *it == ItemKind::Nothing);
    let text = item.text(db);
    let tokens = tokens(text);
    let mut code = tokens.iter().filter(|it| !it.kind.is_trivia());
    let Some(first) = code.next() else { return TextRange::up_to(TextSize::of(&**text)) };
    let end = code.next_back().unwrap_or(first).range.end();
    let is_own = |kind| !is_first || kind == SyntaxKind::DocComment;
    let comments = tokens.iter().take_while(|it| it.kind.is_trivia());
    let comment = comments.filter(|it| it.kind.is_comment()).find(|it| is_own(it.kind));
    let start = comment.unwrap_or(first).range.start();
    let behind = tokens.iter().filter(|it| it.range.start() >= end);
    let mut lines = behind.skip_while(|it| it.kind != SyntaxKind::Newline);
    let next = lines.find(|it| it.kind.is_comment());
    TextRange::new(start, next.map_or(TextSize::of(&**text), |it| it.range.start()))
}

/// The bytes to remove so that a member goes without a trace: its line, or its place in a row.
pub fn removal(text: &str, member: TextRange) -> TextRange {
    let start = usize::from(member.start());
    let end = usize::from(member.end());
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(end..).unwrap_or_default();
    let line_end = after.find('\n').map_or(text.len(), |at| end + at + 1);
    let is_alone = before.get(line_start..).unwrap_or_default().trim().is_empty()
        && after.lines().next().unwrap_or_default().trim().is_empty();
    let to_size = |it: usize| rush_diagnostics::TextSize::new(it as u32);
    if is_alone {
        return TextRange::new(to_size(line_start), to_size(line_end));
    }
    let rest = after.trim_start_matches([' ', ',']);
    let kept = before.trim_end_matches(' ');
    if rest.starts_with(['}', ')', ']']) && kept.ends_with(',') {
        return TextRange::new(to_size(kept.len() - 1), member.end());
    }
    TextRange::new(member.start(), to_size(end + after.len() - rest.len()))
}
