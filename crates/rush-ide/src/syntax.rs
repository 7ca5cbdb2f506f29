//! Questions about the text and the tree of an item that several features ask.

use std::ops::Range;

use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::ast::{self, Expr, ExprId};
use rush_syntax::{Dialect, SyntaxKind, Tree, TreeToken, parse_tree};
use text_size::{TextRange, TextSize};

/// The lossless tree of an item.
pub(crate) fn tree(db: &dyn Db, item: Item) -> Tree {
    parse_tree(item.text(db), dialect(db, item.file(db)))
}

/// Which items a file may have.
pub(crate) fn dialect(db: &dyn Db, file: SourceFile) -> Dialect {
    if file == db.workspace().prelude(db) { Dialect::Prelude } else { Dialect::File }
}

/// The text at a range; empty for a range outside.
pub(crate) fn slice(text: &str, range: TextRange) -> &str {
    text.get(Range::<usize>::from(range)).unwrap_or_default()
}

/// Where the content of a text is in it, as it is written: `"x"` or `r"x"`.
pub(crate) fn between_quotes(written: &str) -> Option<TextRange> {
    let quoted = written.strip_prefix('r').unwrap_or(written);
    let content = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let start = written.len() - quoted.len() + 1;
    Some(range(start, start + content.len()))
}

/// A text as it is written between quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' | '"' => written.extend(['\\', sign]),
            '$' if signs.peek() == Some(&'{') => written.push_str("\\$"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            _ => written.push(sign),
        }
    }
    written
}

/// A number of bytes as a size.
pub(crate) fn size(bytes: usize) -> TextSize {
    TextSize::new(bytes as u32)
}

/// A range from numbers of bytes.
pub(crate) fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(size(start), size(end.max(start)))
}

/// Where the line of an offset starts.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// Where the line of an offset ends, its line end excluded.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    let end = rest.find('\n').map_or(text.len(), |at| offset + at);
    if end > offset && text.get(..end).is_some_and(|it| it.ends_with('\r')) { end - 1 } else { end }
}

/// The white space the line of an offset begins with.
pub(crate) fn indentation(text: &str, offset: usize) -> &str {
    let line = text.get(line_start(text, offset)..).unwrap_or_default();
    let end = line.find(|sign| sign != ' ' && sign != '\t').unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

/// Source over several lines, from a place with one indentation to a place with another. `None` where
/// a text over several lines would become another one.
pub(crate) fn reindented(source: &str, from: &str, to: &str) -> Option<String> {
    if from == to || !source.contains('\n') {
        return Some(source.to_owned());
    }
    let (first, rest) = source.split_once('\n')?;
    let mut moved = first.trim_end_matches('\r').to_owned();
    for line in rest.lines() {
        moved.push('\n');
        match line.strip_prefix(from) {
            _ if line.trim().is_empty() => {}
            Some(line) => moved.extend([to, line]),
            None if source.contains("\"\"\"") => return None,
            None => moved.push_str(line),
        }
    }
    Some(moved)
}

/// The item without the blank lines around it, its comments and docs included.
pub(crate) fn whole(text: &str) -> TextRange {
    let start = text.len() - text.trim_start().len();
    range(start, text.trim_end().len().max(start))
}

/// The item from its first token that is no comment to its last one.
pub(crate) fn code_range(tokens: impl Iterator<Item = TreeToken>) -> Option<TextRange> {
    let mut tokens = tokens.filter(|it| !it.kind.is_trivia() && !it.range.is_empty());
    let first = tokens.next()?;
    Some(TextRange::new(first.range.start(), tokens.last().unwrap_or(first).range.end()))
}

/// The token an editor means by an offset between two: a word or a literal before it counts more
/// than a space or a bracket behind it.
pub(crate) fn token_at(tree: &Tree, offset: TextSize) -> Option<usize> {
    let at = tree.token_at_offset(offset)?;
    let token = tree.token(at)?;
    if token.range.start() < offset || is_content(token.kind) {
        return Some(at);
    }
    let before =
        at.checked_sub(1).filter(|it| tree.token(*it).is_some_and(|it| is_content(it.kind)));
    before.or(Some(at))
}

fn is_content(kind: SyntaxKind) -> bool {
    kind.is_word()
        || matches!(
            kind,
            SyntaxKind::Number
                | SyntaxKind::Text
                | SyntaxKind::Raw
                | SyntaxKind::Command
                | SyntaxKind::Script
                | SyntaxKind::Chunk
        )
}

/// All expressions of an item.
pub(crate) fn exprs(ast: &ast::Item) -> impl Iterator<Item = (ExprId, &Expr)> {
    (0..ast.expr_count() as u32).map(|at| (ExprId(at), ast.expr(ExprId(at))))
}
