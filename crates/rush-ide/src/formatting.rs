//! Formatting of a part of a file, while typing, and of its `use` items.
//!
//! - `format_range(db, file, range) -> Vec<FileEdit>` formats the lines of a range. Where these can't
//!   be formatted without their neighbours, the whole item is. Items with syntax errors stay.
//! - `format_on_type(db, file, offset, typed) -> Vec<FileEdit>`, with the place behind what was typed.
//!   After `}` the braces it closes are formatted, or at least its line is indented. After a newline
//!   the new line is indented: as deep as the line before it in a `"""` body, else by the brackets
//!   that are open.
//! - `organise_imports(db, file) -> Vec<FileEdit>` removes `use` items nobody uses and sorts those
//!   that stand together. Items with comments take them along.
//!
//! Edits are in order and as small as whole lines allow.

use rush_diagnostics::Code;
use rush_semantics::check::file_diagnostics;
use rush_semantics::infer::context_free::item_with_comments;
use rush_semantics::{Db, SourceFile};
use rush_syntax::ast::{ItemKind, same_meaning};
use rush_syntax::{Kind, SyntaxKind, format_item, parse_item};
use text_size::{TextRange, TextSize};

use crate::diff::{Hunk, apply, hunks};
use crate::place::{FileEdit, FileRange, Placed};
use crate::syntax::{dialect, indentation, line_end, line_start, range, size, slice, tree};

/// The edits that format the lines of a range.
pub fn format_range(db: &dyn Db, file: SourceFile, wanted: TextRange) -> Vec<FileEdit> {
    let mut edits = Vec::new();
    for placed in Placed::all(db, file) {
        let text = placed.item.text(db);
        let all = TextRange::at(placed.start, TextSize::of(&**text));
        if let Some(inside) = all.intersect(wanted).filter(|it| !it.is_empty() || wanted.is_empty())
        {
            let lines = whole_lines(text, inside - placed.start);
            edits.extend(format_lines(db, placed, lines));
        }
    }
    edits
}

fn whole_lines(text: &str, at: TextRange) -> TextRange {
    let end = usize::from(at.end()).max(usize::from(at.start()));
    range(line_start(text, at.start().into()), line_end(text, end))
}

/// The edits that format lines of an item, or all of it.
fn format_lines(db: &dyn Db, placed: Placed, lines: TextRange) -> Vec<FileEdit> {
    let text: &str = placed.item.text(db);
    let Some(formatted) = formatted(db, placed) else { return Vec::new() };
    let all = hunks(text, &formatted, None);
    let touches = |hunk: &&Hunk| range(hunk.range.start, hunk.range.end).intersect(lines).is_some();
    let some: Vec<Hunk> = all.iter().filter(touches).cloned().collect();
    let chosen =
        if some.len() == all.len() || keeps_meaning(db, placed, &some) { some } else { all };
    chosen.into_iter().map(|it| edit(db, placed, it)).collect()
}

/// The item as the formatter writes it, with the line ends it has; `None` when it has errors.
fn formatted(db: &dyn Db, placed: Placed) -> Option<String> {
    let text: &str = placed.item.text(db);
    let mut new = format_item(text, dialect(db, placed.item.file(db)))?;
    let is_first = placed.start == 0.into();
    if is_first {
        new.drain(..new.len() - new.trim_start_matches('\n').len());
    }
    // Blank lines at the end of a file are none of a range's concern.
    let is_last = placed.item.file(db).items(db).last() == Some(&placed.item);
    if is_last {
        new.truncate(new.trim_end_matches('\n').len());
        new.push_str(text.get(text.trim_end().len()..)?.replace("\r\n", "\n").as_str());
    }
    let has_crlf = text.contains("\r\n");
    Some(if has_crlf { new.replace('\n', "\r\n") } else { new })
}

fn keeps_meaning(db: &dyn Db, placed: Placed, some: &[Hunk]) -> bool {
    let text: &str = placed.item.text(db);
    let after = parse_item(&apply(text, some), dialect(db, placed.item.file(db)));
    after.errors.is_empty() && same_meaning(&after.item, placed.item.ast(db))
}

fn edit(db: &dyn Db, placed: Placed, hunk: Hunk) -> FileEdit {
    let at = placed.range(db, range(hunk.range.start, hunk.range.end));
    FileEdit { at, text: hunk.text }
}

/// The edits after a character was typed; `offset` is behind it.
pub fn format_on_type(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
    typed: char,
) -> Vec<FileEdit> {
    let Some((placed, inside)) = Placed::at(db, file, offset) else { return Vec::new() };
    match typed {
        '}' => after_brace(db, placed, inside),
        '\n' => after_newline(db, file, offset).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn after_brace(db: &dyn Db, placed: Placed, offset: TextSize) -> Vec<FileEdit> {
    let text: &str = placed.item.text(db);
    let Some(at) = usize::from(offset).checked_sub(1) else { return Vec::new() };
    let tree = tree(db, placed.item);
    let is_brace = |it: &rush_syntax::TreeToken| {
        it.kind == SyntaxKind::RightBrace && usize::from(it.range.start()) == at
    };
    if !tree.tokens().any(|it| is_brace(&it)) {
        // Inside a text or a script it is a character like others.
        return Vec::new();
    }
    let opener = opener(&tree, at);
    if let Some(opener) = opener
        && tree.errors().is_empty()
    {
        let lines = range(line_start(text, opener), line_end(text, at));
        return format_lines(db, placed, lines);
    }
    let start = line_start(text, at);
    let before = text.get(start..at).unwrap_or_default();
    let Some(opener) = opener.filter(|_| before.trim().is_empty()) else { return Vec::new() };
    let wanted = indentation(text, opener);
    let new = Hunk { range: start..at, text: wanted.to_owned() };
    if before == wanted { Vec::new() } else { vec![edit(db, placed, new)] }
}

/// The opener of the brace at `at`.
fn opener(tree: &rush_syntax::Tree, at: usize) -> Option<usize> {
    let mut open = Vec::new();
    for token in tree.tokens() {
        let start = usize::from(token.range.start());
        if token.kind.is_closer() {
            let opener = open.pop();
            if start >= at {
                return opener;
            }
        } else if token.kind.is_opener() {
            open.push(start);
        }
    }
    None
}

/// Indents the line that was begun. The text around is that of the file, since a line without
/// indentation may have cut the item in two.
fn after_newline(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<FileEdit> {
    let text: &str = file.text(db);
    let at = usize::from(offset);
    let start = line_start(text, at);
    let line = text.get(start..line_end(text, at))?;
    let current = indentation(text, start);
    let wanted = wanted_indentation(db, file, start, line.trim_start())?;
    if current == wanted {
        return None;
    }
    let range = TextRange::at(size(start), TextSize::of(current));
    Some(FileEdit { at: FileRange { file: file.id(db), range }, text: wanted })
}

/// How deep a line is, from what is open where it starts; `rest` is what stands in it already.
fn wanted_indentation(db: &dyn Db, file: SourceFile, start: usize, rest: &str) -> Option<String> {
    let before = start.checked_sub(1)?;
    let (placed, inside) = Placed::at(db, file, size(before))?;
    let text: &str = placed.item.text(db);
    let inside = usize::from(inside);
    let head = text.get(..inside)?;
    let mut open: Vec<(usize, SyntaxKind)> = Vec::new();
    // Only what precedes counts: what follows may be torn.
    for token in rush_syntax::tokens(head) {
        let written = slice(head, token.range);
        let is_block = written.contains("\"\"\"") && is_open_block(written);
        if token.kind.is_opener() || is_block {
            open.push((token.range.start().into(), token.kind));
        } else if token.kind.is_closer() && !token.range.is_empty() {
            open.pop();
        }
    }
    let (opener, kind) = *open.last()?;
    let base = indentation(text, opener);
    let is_block =
        !matches!(kind, SyntaxKind::LeftBrace | SyntaxKind::LeftBracket | SyntaxKind::LeftParen);
    if is_block {
        if rest.starts_with("\"\"\"") {
            return Some(base.to_owned());
        }
        let last = line_start(text, inside);
        let deeper = indentation(text, last);
        let is_body = last > line_start(text, opener) && deeper.len() > base.len();
        return Some(if is_body { deeper.to_owned() } else { format!("{base}  ") });
    }
    let closes = rest.starts_with(['}', ']', ')']);
    Some(if closes { base.to_owned() } else { format!("{base}  ") })
}

/// Whether a text ends before its closing quotes.
fn is_open_block(written: &str) -> bool {
    let Some((_, body)) = written.split_once("\"\"\"") else { return false };
    !body.contains("\"\"\"")
}

/// The edits that remove `use` items nobody uses and sort the others.
pub fn organise_imports(db: &dyn Db, file: SourceFile) -> Vec<FileEdit> {
    let items: Vec<Placed> = Placed::all(db, file).collect();
    if items.iter().all(|it| it.item.kind(db) != Kind::Use) {
        return Vec::new();
    }
    let unused: Vec<_> = file_diagnostics(db, file)
        .into_iter()
        .filter(|it| it.code == Code::UnusedImport)
        .map(|it| it.primary.span.item)
        .collect();
    let mut edits = Vec::new();
    for row in rows(db, &items) {
        let kept: Vec<Placed> =
            row.iter().copied().filter(|it| !unused.contains(&it.item.id(db))).collect();
        edits.extend(organised(db, row, &kept));
    }
    edits
}

/// Runs of sound `use` items without a blank line between them.
fn rows<'a>(db: &dyn Db, items: &'a [Placed]) -> Vec<&'a [Placed]> {
    let is_sound = |it: &Placed| {
        matches!(&it.item.ast(db).kind, ItemKind::Use { path: Some(_), alias: Some(_) })
            && it.item.parsed(db).errors.is_empty()
    };
    let ends = |it: &Placed| below(db, it).trim_matches([' ', '\t', '\r']) != "\n";
    let together = |a: &Placed, b: &Placed| is_sound(a) && is_sound(b) && !ends(a);
    items.chunk_by(together).filter(|row| row.first().is_some_and(is_sound)).collect()
}

/// An item with the comments about it.
fn own(db: &dyn Db, it: &Placed) -> TextRange {
    let range = item_with_comments(db, it.item);
    let written = slice(it.item.text(db), range).trim_end();
    TextRange::at(range.start(), TextSize::of(written))
}

/// What follows an item in its text: its line end, blank lines, comments about something else.
fn below<'a>(db: &'a dyn Db, it: &Placed) -> &'a str {
    let text = it.item.text(db);
    slice(text, TextRange::new(own(db, it).end(), TextSize::of(&**text)))
}

/// One row without what is unused, sorted by path; what is above the row or ends it stays there.
fn organised(db: &dyn Db, row: &[Placed], kept: &[Placed]) -> Vec<FileEdit> {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return Vec::new() };
    let path = |it: &Placed| match &it.item.ast(db).kind {
        ItemKind::Use { path: Some(path), .. } => path.text.clone(),
        _ => smol_str::SmolStr::default(),
    };
    // What is named from the root first, then what is near.
    let key = |it: &Placed| {
        let path = path(it);
        (!path.starts_with("//"), path)
    };
    let mut sorted = kept.to_vec();
    sorted.sort_by_cached_key(key);
    let text: &str = first.item.file(db).text(db);
    let start = usize::from(first.start + own(db, first).start());
    let end = usize::from(last.start) + last.item.text(db).len();
    let below = below(db, last);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = sorted.iter().map(|it| slice(it.item.text(db), own(db, it))).collect();
    let mut new = lines.join(newline);
    new.push_str(if lines.is_empty() { below.trim_start() } else { below });
    let old = text.get(start..end).unwrap_or_default();
    let id = first.item.file(db).id(db);
    let edit = |hunk: Hunk| {
        let at = range(start + hunk.range.start, start + hunk.range.end);
        FileEdit { at: FileRange { file: id, range: at }, text: hunk.text }
    };
    hunks(old, &new, None).into_iter().map(edit).collect()
}

#[cfg(test)]
mod tests {
    use super::{format_on_type, format_range, organise_imports};
    use crate::fixture::{Case, applied};
    use crate::place::FileEdit;
    use text_size::TextRange;

    fn result(case: &Case, edits: &[FileEdit]) -> String {
        applied(case.file.text(&case.db), edits)
    }

    /// Formats from `$0` to the end of `length` bytes.
    fn check_range(input: &str, length: u32, expect: &str) {
        let case = Case::new(input);
        let range = TextRange::at(case.offset, length.into());
        let edits = format_range(&case.db, case.file, range);
        assert_eq!(result(&case, &edits), expect, "{input}");
    }

    fn check_typed(typed: char, input: &str, expect: &str) {
        let case = Case::new(input);
        let edits = format_on_type(&case.db, case.file, case.offset, typed);
        assert_eq!(result(&case, &edits), expect, "{input}");
    }

    fn check_imports(input: &str, expect: &str) {
        let case = Case::new(input);
        let edits = organise_imports(&case.db, case.file);
        assert_eq!(result(&case, &edits), expect, "{input}");
    }

    #[test]
    fn only_the_lines_of_a_range_change() {
        check_range("let  a=1\n$0let  b=2\nlet  c=3\n", 3, "let  a=1\nlet b = 2\nlet  c=3\n");
        check_range(
            "task a {\n  needs:  [b]\n$0  run:   `x`\n  when:  true\n}\n",
            1,
            "task a {\n  needs:  [b]\n  run: `x`\n  when:  true\n}\n",
        );
    }

    #[test]
    fn lines_that_need_others_take_the_item() {
        check_range(
            "task a {\n      run: sh\"\"\"\n        a\n$0          b\n      \"\"\"\n}\n",
            3,
            "task a {\n  run: sh\"\"\"\n    a\n      b\n  \"\"\"\n}\n",
        );
    }

    #[test]
    fn broken_items_stay() {
        check_range("$0let  a=\nlet  b=1\n", 18, "let  a=\nlet b = 1\n");
        check_range("$0\n\nlet a = 1\n", 20, "let a = 1\n");
    }

    #[test]
    fn line_ends_stay() {
        check_range("$0let  a=1\r\nlet  b=2\r\n", 18, "let a = 1\r\nlet b = 2\r\n");
    }

    #[test]
    fn a_brace_formats_what_it_closes() {
        check_typed(
            '}',
            "task a {\n  env {\n A:\"1\"\n    }$0\n  run:   `x`\n}\n",
            "task a {\n  env {\n    A: \"1\"\n  }\n  run:   `x`\n}\n",
        );
        check_typed('}', "task a {\n  run: `x`\n  }$0\n", "task a {\n  run: `x`\n}\n");
    }

    #[test]
    fn a_brace_in_a_broken_item_is_indented() {
        check_typed(
            '}',
            "task a {\n  env {\n    A:\n      }$0\n  run: \n}\n",
            "task a {\n  env {\n    A:\n  }\n  run: \n}\n",
        );
    }

    #[test]
    fn a_brace_in_a_text_is_a_character() {
        let script = "task a {\n  run: sh\"\"\"\n    f() {\n      }$0\n  \"\"\"\n}\n";
        check_typed('}', script, &script.replace("$0", ""));
        check_typed('}', "let x  = \"a }$0\"\n", "let x  = \"a }\"\n");
    }

    #[test]
    fn a_new_line_in_a_body_is_as_deep_as_the_one_before() {
        check_typed(
            '\n',
            "task a {\n  run: sh\"\"\"\n    if x; then\n      y\n$0\n  \"\"\"\n}\n",
            "task a {\n  run: sh\"\"\"\n    if x; then\n      y\n      \n  \"\"\"\n}\n",
        );
        check_typed(
            '\n',
            "task a {\n  run: sh\"\"\"\n$0\n  \"\"\"\n}\n",
            "task a {\n  run: sh\"\"\"\n    \n  \"\"\"\n}\n",
        );
    }

    #[test]
    fn a_body_that_is_not_closed_is_indented() {
        check_typed('\n', "task a {\n  run: sh\"\"\"\n$0", "task a {\n  run: sh\"\"\"\n    ");
        check_typed(
            '\n',
            "task a {\n  run: sh\"\"\"\n$0\"\"\"\n}\n",
            "task a {\n  run: sh\"\"\"\n  \"\"\"\n}\n",
        );
        check_typed('\n', "let x = \"\"\"\n$0\n\"\"\"\n", "let x = \"\"\"\n  \n\"\"\"\n");
        check_typed(
            '\n',
            "let x = \"\"\"\n  ${y}\n$0\n\"\"\"\n",
            "let x = \"\"\"\n  ${y}\n  \n\"\"\"\n",
        );
    }

    #[test]
    fn a_new_line_is_indented_by_open_brackets() {
        check_typed('\n', "task a {\n$0}\n", "task a {\n}\n");
        check_typed('\n', "task a {\n$0\n}\n", "task a {\n  \n}\n");
        check_typed(
            '\n',
            "task a {\n  needs: [\n  $0\n  ]\n}\n",
            "task a {\n  needs: [\n    \n  ]\n}\n",
        );
        check_typed('\n', "let x = 1\n$0\n", "let x = 1\n\n");
        check_typed(
            '\n',
            "task a {\n  env { A: \"}\" }\n$0\n}\n",
            "task a {\n  env { A: \"}\" }\n  \n}\n",
        );
    }

    const USED: &str = "let x = [a.x, b.x, c.x]\n";
    const LIBS: &str = "//- a.rush\n//- b.rush\n//- c.rush\n";

    #[test]
    fn imports_are_sorted() {
        let uses = "use \"./b.rush\" as b\nuse \"./a.rush\" as a\nuse \"//c.rush\" as c\n";
        let sorted = "use \"//c.rush\" as c\nuse \"./a.rush\" as a\nuse \"./b.rush\" as b\n";
        check_imports(
            &format!("//- tasks.rush\n{uses}\n{USED}{LIBS}"),
            &format!("{sorted}\n{USED}"),
        );
        check_imports(
            &format!("//- tasks.rush\n{sorted}\n{USED}{LIBS}"),
            &format!("{sorted}\n{USED}"),
        );
    }

    #[test]
    fn rows_and_comments_stay_together() {
        let uses =
            "use \"./c.rush\" as c\n\n// About b.\nuse \"./b.rush\" as b\nuse \"./a.rush\" as a\n";
        let sorted =
            "use \"./c.rush\" as c\n\nuse \"./a.rush\" as a\n// About b.\nuse \"./b.rush\" as b\n";
        check_imports(&format!("//- tasks.rush\n{uses}{USED}{LIBS}"), &format!("{sorted}{USED}"));
    }

    #[test]
    fn the_head_of_a_file_stays() {
        let head = "// SPDX-License-Identifier: MIT\n";
        let uses = "use \"./b.rush\" as b\nuse \"./a.rush\" as a\nuse \"./c.rush\" as c\n";
        check_imports(
            &format!("//- tasks.rush\n{head}{uses}\n// Part two.\n\n{USED}{LIBS}"),
            &format!(
                "{head}use \"./a.rush\" as a\nuse \"./b.rush\" as b\nuse \"./c.rush\" as c\n\n\
                 // Part two.\n\n{USED}"
            ),
        );
        let last = "use \"./b.rush\" as b\nuse \"./a.rush\" as a\n\n// Part two.\n\nlet x = 1\n";
        check_imports(
            &format!("//- tasks.rush\n{head}{last}{LIBS}"),
            &format!("{head}// Part two.\n\nlet x = 1\n"),
        );
    }

    #[test]
    fn unused_imports_go() {
        let uses = "use \"./b.rush\" as b\nuse \"./a.rush\" as a\n";
        let file = |uses: &str| format!("{uses}let x = a.x\n");
        check_imports(
            &format!("//- tasks.rush\n{}{LIBS}", file(uses)),
            &file("use \"./a.rush\" as a\n"),
        );
        check_imports(&format!("//- tasks.rush\n{uses}{LIBS}"), "");
    }

    #[test]
    fn broken_imports_stay() {
        let file = "use \"./b.rush\" as\nuse \"./a.rush\" as a\nlet x = a.x\n";
        check_imports(&format!("//- tasks.rush\n{file}{LIBS}"), file);
        check_imports("let x = 1\n", "let x = 1\n");
    }
}
