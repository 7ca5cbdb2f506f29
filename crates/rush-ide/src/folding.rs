//! What can be folded: items, brackets, texts over several lines, comments, and rows of `use`.
//!
//! `folding(db, file) -> Vec<Fold>`. A fold hides the lines after the one it starts in, up to and
//! with the one it ends in. It ends before the line of a closing bracket, so that this stays to be
//! seen. There is one fold for each line to start in, the longest. Understood by tokens alone, so a
//! bracket that is never closed folds up to the end of its item.

use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::{Kind, SyntaxKind, TreeToken, tokens};
use text_size::{TextRange, TextSize};

use crate::place::{FileRange, Placed};
use crate::syntax::{code_range, line_end, line_start, range, slice};

/// Lines that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From where it starts to the end of the last line it hides.
    pub at: FileRange,
    /// What it is.
    pub kind: FoldKind,
}

/// What a fold hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldKind {
    /// A row of `use` items.
    Imports,
    /// Lines of comment or documentation.
    Comment,
    /// The lines of an item, of brackets, or of a text.
    Region,
}

/// Everything in a file that can be folded, in the order written.
pub fn folding(db: &dyn Db, file: SourceFile) -> Vec<Fold> {
    let text = file.text(db);
    let mut found = imports(db, file);
    for placed in Placed::all(db, file) {
        db.unwind_if_revision_cancelled();
        let inside = item_folds(db, placed.item).into_iter();
        found.extend(inside.map(|(at, kind)| (at + placed.start, kind)));
    }
    found.retain(|(at, _)| slice(text, *at).contains('\n'));
    let line = |at: TextSize| line_start(text, at.into());
    found.sort_by_key(|(at, kind)| (line(at.start()), std::cmp::Reverse(at.end()), *kind));
    found.dedup_by_key(|(at, _)| line(at.start()));
    let id = file.id(db);
    found
        .into_iter()
        .map(|(at, kind)| Fold { at: FileRange { file: id, range: at }, kind })
        .collect()
}

type Found = (TextRange, FoldKind);

/// Rows of `use` items.
fn imports(db: &dyn Db, file: SourceFile) -> Vec<Found> {
    let mut found = Vec::new();
    let mut row: Option<TextRange> = None;
    for placed in Placed::all(db, file) {
        let code = (placed.item.kind(db) == Kind::Use)
            .then(|| code_range(tokens(placed.item.text(db)).into_iter()))
            .flatten()
            .map(|it| it + placed.start);
        match (code, row) {
            (Some(code), Some(before)) => row = Some(before.cover(code)),
            (Some(code), None) => row = Some(code),
            (None, _) => found.extend(row.take()),
        }
    }
    found.extend(row);
    found.into_iter().map(|it| (it, FoldKind::Imports)).collect()
}

fn item_folds(db: &dyn Db, item: Item) -> Vec<Found> {
    let text = item.text(db);
    let tokens = tokens(text);
    let mut found = comments(text, &tokens);
    found.extend(code_range(tokens.iter().copied()).map(|it| (hidden(text, it), FoldKind::Region)));
    let mut open: Vec<TreeToken> = Vec::new();
    for token in tokens {
        if token.kind.is_opener() {
            open.push(token);
        } else if token.kind.is_closer() {
            let mate = open.iter().rposition(|it| closes(it.kind, token.kind));
            let Some(mate) = mate else { continue };
            let opener = open.drain(mate..).next().unwrap_or(token);
            let all = opener.range.cover(token.range);
            found.push((hidden(text, all), FoldKind::Region));
        } else if is_long_text(token.kind) {
            found.push((hidden(text, token.range), FoldKind::Region));
        }
    }
    let end = text.trim_end().len();
    let unclosed = open.into_iter().map(|it| range(it.range.start().into(), end));
    found.extend(unclosed.map(|it| (it, FoldKind::Region)));
    found
}

fn is_long_text(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::Script | SyntaxKind::Text | SyntaxKind::Raw | SyntaxKind::Command)
}

fn closes(opener: SyntaxKind, closer: SyntaxKind) -> bool {
    match opener {
        SyntaxKind::LeftParen => closer == SyntaxKind::RightParen,
        SyntaxKind::LeftBracket => closer == SyntaxKind::RightBracket,
        SyntaxKind::LeftBrace => closer == SyntaxKind::RightBrace,
        SyntaxKind::HoleOpen => closer == SyntaxKind::HoleClose,
        _ => closer == SyntaxKind::TextClose,
    }
}

/// Leaves out the last line when it only closes what is folded.
fn hidden(text: &str, all: TextRange) -> TextRange {
    let end = usize::from(all.end());
    let start = line_start(text, end);
    let last = text.get(start..end).unwrap_or_default().trim();
    let only_closes =
        !last.is_empty() && last.chars().all(|it| matches!(it, '}' | ']' | ')' | '"' | '`'));
    if !only_closes || start <= usize::from(all.start()) {
        return all;
    }
    range(all.start().into(), line_end(text, start - 1).min(start - 1))
}

/// Blocks of comments: at least two lines, nothing between them.
fn comments(text: &str, tokens: &[TreeToken]) -> Vec<Found> {
    let mut found: Vec<TextRange> = Vec::new();
    let mut block: Option<TextRange> = None;
    let mut newlines = 0;
    for token in tokens {
        let begins_line = || {
            let start = usize::from(token.range.start());
            text.get(line_start(text, start)..start).is_some_and(|it| it.trim().is_empty())
        };
        match token.kind {
            SyntaxKind::Whitespace | SyntaxKind::Bom => {}
            SyntaxKind::Newline => newlines += 1,
            kind if kind.is_comment() && begins_line() => {
                let line = trimmed(text, token.range);
                block = match block {
                    Some(before) if newlines <= 1 => Some(before.cover(line)),
                    before => {
                        found.extend(before);
                        Some(line)
                    }
                };
                newlines = 0;
            }
            _ => found.extend(block.take()),
        }
    }
    found.extend(block);
    found.into_iter().map(|it| (it, FoldKind::Comment)).collect()
}

fn trimmed(text: &str, at: TextRange) -> TextRange {
    TextRange::at(at.start(), TextSize::of(slice(text, at).trim_end()))
}

#[cfg(test)]
mod tests {
    use super::{FoldKind, folding};
    use crate::fixture::Case;

    /// Folds as `first line-last line kind`, lines counted from 1.
    fn check(input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let text = case.file.text(&case.db).clone();
        let line = |at: text_size::TextSize| text[..at.into()].matches('\n').count() + 1;
        let found: Vec<String> = folding(&case.db, case.file)
            .into_iter()
            .map(|fold| {
                let kind = match fold.kind {
                    FoldKind::Imports => "imports",
                    FoldKind::Comment => "comment",
                    FoldKind::Region => "region",
                };
                let at = fold.at.range;
                format!("{}-{} {kind}", line(at.start()), line(at.end()))
            })
            .collect();
        assert_eq!(found, expect, "{input}");
    }

    #[test]
    fn items_and_brackets_keep_their_last_line() {
        check("task a {\n  run: `x`\n}\n", &["1-2 region"]);
        check("task a {\n  env {\n    A: \"1\"\n  }\n}\n", &["1-4 region", "2-3 region"]);
        check("let x = [\n  1\n  2\n]\n", &["1-3 region"]);
        check("task a { run: `x` }\n", &[]);
        check("type T =\n  | \"a\"\n  | \"b\"\n", &["1-3 region"]);
    }

    #[test]
    fn one_fold_starts_in_a_line() {
        check("task a(\n  x: int\n) {\n  run: `a`\n}\n", &["1-4 region", "3-4 region"]);
        check("let x = f([\n  1\n])\n", &["1-2 region"]);
    }

    #[test]
    fn texts_over_several_lines_fold() {
        check(
            "task a {\n  run: sh\"\"\"\n    x\n    y\n  \"\"\"\n}\n",
            &["1-5 region", "2-4 region"],
        );
        check("let x = \"\"\"\n  a ${b}\n  c\n\"\"\"\n", &["1-3 region"]);
        check("let x = r\"\"\"\n  a\n\"\"\"\n", &["1-2 region"]);
        check("let x = argv\"\"\"\n  a\n  b\n\"\"\"\n", &["1-3 region"]);
    }

    #[test]
    fn comments_and_docs_fold_from_two_lines() {
        check("//! a\n//! b\n\nlet x = 1\n", &["1-2 comment"]);
        check("// a\nlet x = 1\n", &[]);
        check("/// a\n/// b\nlet x = 1\n", &["1-2 comment"]);
        check("// a\n// b\n\n// c\n// d\nlet x = 1\n", &["1-2 comment", "4-5 comment"]);
        check(
            "task a {\n  // a\n  // b\n  run: `x` // c\n  // d\n}\n",
            &["1-5 region", "2-3 comment"],
        );
    }

    #[test]
    fn rows_of_imports_fold() {
        let two = "use \"a.rush\" as a\nuse \"b.rush\" as b\n";
        check(two, &["1-2 imports"]);
        check("use \"a.rush\" as a\nlet x = 1\nuse \"b.rush\" as b\n", &[]);
        check(&format!("{two}\nlet x = 1\n"), &["1-2 imports"]);
    }

    #[test]
    fn broken_files_fold_too() {
        check(
            "task a {\n  env {\n    A: 1\n\ntask b {\n  run: `x`\n}\n",
            &["1-3 region", "2-3 region", "5-6 region"],
        );
        check("task a {\n  run: sh\"\"\"\n    x\n", &["1-3 region", "2-3 region"]);
        check("\n", &[]);
    }

    #[test]
    fn line_ends_of_two_bytes_are_line_ends() {
        check("task a {\r\n  run: `x`\r\n}\r\n", &["1-2 region"]);
    }
}
