//! What "expand selection" selects, step by step.
//!
//! `selection_ranges(db, file, offset) -> Vec<FileRange>`, the innermost first, each properly around
//! the one before, the whole file last. Inside texts, commands and scripts the steps are the word,
//! the line, and the content without its quotes; then follow the nodes of the syntax tree, with the
//! inside of brackets before the brackets.

use rush_semantics::{Db, SourceFile};
use rush_syntax::{NodeId, SyntaxKind, Tree, TreeToken};
use text_size::{TextRange, TextSize};

use crate::place::{FileRange, Placed};
use crate::syntax::{code_range, line_end, line_start, range, slice, token_at, tree, whole};

/// The ranges around an offset, the innermost first.
pub fn selection_ranges(db: &dyn Db, file: SourceFile, offset: TextSize) -> Vec<FileRange> {
    let all = TextRange::up_to(TextSize::of(&**file.text(db)));
    let mut steps = Vec::new();
    if let Some((placed, inside)) = Placed::at(db, file, offset) {
        let text = placed.item.text(db);
        let tree = tree(db, placed.item);
        let mut found = Vec::new();
        if let Some(at) = token_at(&tree, inside) {
            in_token(text, &tree, (at, inside), &mut found);
            for id in tree.ancestors(at).into_iter().rev() {
                around(text, &tree, id, &mut found);
            }
        }
        found.extend(code_range(tree.tokens()));
        found.push(whole(text));
        found.retain(|it| it.contains_inclusive(inside));
        steps.extend(found.into_iter().map(|it| it + placed.start));
    }
    steps.push(all);
    let id = file.id(db);
    let mut ranges: Vec<FileRange> = Vec::new();
    for step in steps {
        let last = ranges.last().map(|it| it.range);
        let grows = last.is_none_or(|it| step.contains_range(it) && step != it);
        if grows && (!step.is_empty() || step == all) {
            ranges.push(FileRange { file: id, range: step });
        }
    }
    ranges
}

/// The steps inside one token: in a text the word, the line and the content.
fn in_token(text: &str, tree: &Tree, (at, offset): (usize, TextSize), found: &mut Vec<TextRange>) {
    let Some(token) = tree.token(at) else { return };
    let content = content(text, token);
    if let Some(content) = content.filter(|it| it.contains_inclusive(offset)) {
        found.extend(word(text, content, offset));
        let line = line(text, content, offset);
        found.extend(line);
        found.push(trim(text, content));
        found.push(content);
    }
    if token.kind == SyntaxKind::Chunk {
        found.extend(pieces(tree, at));
    }
    if !matches!(token.kind, SyntaxKind::Whitespace | SyntaxKind::Newline) {
        found.push(trim(text, token.range));
    }
}

/// What stands between the quotes of a token that is a whole text, or the token of a piece.
fn content(text: &str, token: TreeToken) -> Option<TextRange> {
    let written = slice(text, token.range);
    let quotes = match token.kind {
        SyntaxKind::Chunk => return Some(token.range),
        kind if kind.is_comment() => return Some(trim(text, token.range)),
        SyntaxKind::Text | SyntaxKind::Raw | SyntaxKind::Script => &["\"\"\"", "\""][..],
        SyntaxKind::Command => &["\"\"\"", "`"][..],
        _ => return None,
    };
    let quote = quotes.iter().find(|it| written.contains(**it))?;
    let start = written.find(quote)? + quote.len();
    let end = if written.len() >= start + quote.len() && written.ends_with(quote) {
        written.len() - quote.len()
    } else {
        written.len()
    };
    let base = usize::from(token.range.start());
    Some(range(base + start, base + end))
}

/// From the first to the last piece between the quotes of the text a chunk is in.
fn pieces(tree: &Tree, at: usize) -> Option<TextRange> {
    let node = *tree
        .ancestors(at)
        .iter()
        .rev()
        .find(|it| tree.node(**it).is_some_and(|it| it.kind == SyntaxKind::TextExpr))?;
    let tokens = tree.token_range(node);
    let (first, last) = (tree.token(tokens.start)?, tree.token(tokens.end.checked_sub(1)?)?);
    (first.range.end() <= last.range.start())
        .then(|| TextRange::new(first.range.end(), last.range.start()))
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.' | '/' | '$')
}

/// The word at an offset, or the one that ends there.
fn word(text: &str, content: TextRange, offset: TextSize) -> Option<TextRange> {
    let at = usize::from(offset - content.start());
    let content_text = slice(text, content);
    let (before, after) = (content_text.get(..at)?, content_text.get(at..)?);
    let start = before.len() - before.trim_end_matches(is_word).len();
    let end = after.len() - after.trim_start_matches(is_word).len();
    let base = usize::from(offset);
    (start + end > 0).then(|| range(base - start, base + end))
}

/// The line of an offset without the blanks around it.
fn line(text: &str, content: TextRange, offset: TextSize) -> Option<TextRange> {
    let at = usize::from(offset);
    let line = range(line_start(text, at), line_end(text, at));
    Some(trim(text, line.intersect(content)?))
}

fn trim(text: &str, at: TextRange) -> TextRange {
    let written = slice(text, at);
    let start = written.len() - written.trim_start().len();
    let base = usize::from(at.start());
    range(base + start, base + written.trim_end().len().max(start))
}

/// A node, and before it what is between its brackets.
fn around(text: &str, tree: &Tree, id: NodeId, found: &mut Vec<TextRange>) {
    let tokens = tree.token_range(id);
    let first = tree.token(tokens.start);
    let last = tokens.end.checked_sub(1).and_then(|it| tree.token(it));
    if let (Some(first), Some(last)) = (first, last)
        && first.kind.is_opener()
        && last.kind.is_closer()
        && first.range.end() <= last.range.start()
    {
        found.push(trim(text, TextRange::new(first.range.end(), last.range.start())));
    }
    found.push(trim(text, tree.range(id)));
}

#[cfg(test)]
mod tests {
    use super::selection_ranges;
    use crate::fixture::Case;

    /// What each step selects; the file itself is left out.
    fn check(input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let text = case.file.text(&case.db).clone();
        let mut found: Vec<&str> = selection_ranges(&case.db, case.file, case.offset)
            .into_iter()
            .map(|it| &text[std::ops::Range::<usize>::from(it.range)])
            .collect();
        assert_eq!(found.pop(), Some(&*text), "the file is last");
        assert_eq!(found, expect, "{input}");
    }

    #[test]
    fn names_grow_to_their_expression() {
        check(
            "let x = a.b$0(c) + 1\n",
            &["b", "a.b", "a.b(c)", "a.b(c) + 1", "let x = a.b(c) + 1"],
        );
        check("let x = [1, $02]\n", &["2", "1, 2", "[1, 2]", "let x = [1, 2]"]);
        check("let x = { a: $01 }\n", &["1", "a: 1", "{ a: 1 }", "let x = { a: 1 }"]);
    }

    #[test]
    fn texts_begin_with_the_word() {
        check("let x = \"one t$0wo\"\n", &["two", "one two", "\"one two\"", "let x = \"one two\""]);
        check(
            "let x = \"a $0b ${c} d\"\n",
            &["b", "a b", "a b ", "a b ${c} d", "\"a b ${c} d\"", "let x = \"a b ${c} d\""],
        );
        check(
            "let x = \"a ${$0c}\"\n",
            &["c", "${c}", "a ${c}", "\"a ${c}\"", "let x = \"a ${c}\""],
        );
    }

    #[test]
    fn commands_begin_with_the_argument() {
        check(
            "task a { run: `cp --all$0 x` }\n",
            &[
                "--all",
                "cp --all x",
                "`cp --all x`",
                "run: `cp --all x`",
                "{ run: `cp --all x` }",
                "task a { run: `cp --all x` }",
            ],
        );
    }

    #[test]
    fn scripts_grow_by_word_line_and_body() {
        check(
            "task a {\n  run: sh\"\"\"\n    one t$0wo\n    three\n  \"\"\"\n}\n",
            &[
                "two",
                "one two",
                "one two\n    three",
                "\n    one two\n    three\n  ",
                "sh\"\"\"\n    one two\n    three\n  \"\"\"",
                "run: sh\"\"\"\n    one two\n    three\n  \"\"\"",
                "{\n  run: sh\"\"\"\n    one two\n    three\n  \"\"\"\n}",
                "task a {\n  run: sh\"\"\"\n    one two\n    three\n  \"\"\"\n}",
            ],
        );
    }

    #[test]
    fn docs_belong_to_the_item() {
        check("/// One t$0wo.\nlet x = 1\n", &["two.", "/// One two.", "/// One two.\nlet x = 1"]);
        check("/// Doc.\nlet $0x = 1\n", &["x", "let x = 1", "/// Doc.\nlet x = 1"]);
    }

    #[test]
    fn broken_items_have_steps_too() {
        check(
            "task a {\n  run: `x $0y\n",
            &["y", "x y", "`x y", "run: `x y", "{\n  run: `x y", "task a {\n  run: `x y"],
        );
        check("$0", &[]);
    }
}
