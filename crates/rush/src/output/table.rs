//! Columns of text for people.

use rush_diagnostics::{Color, HumanStyle};
use unicode_width::UnicodeWidthStr as _;

use super::paint::Paint;

/// The widest that all columns but the last are made, so that one long entry does not push the
/// others away.
const WIDTH_MAX: usize = 48;

/// How wide the last column has to be for texts to be broken into it.
const LAST_MIN: usize = 24;

/// A cell and its colour.
pub(crate) struct Cell(pub(crate) String, pub(crate) Option<Paint>);

impl Cell {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self(text.into(), None)
    }

    pub(crate) fn painted(text: impl Into<String>, paint: Paint) -> Self {
        Self(text.into(), Some(paint))
    }

    fn width(&self) -> usize {
        self.0.width()
    }
}

/// What becomes of what follows an entry that is wider than its column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overlong {
    /// It is pushed to the right.
    Pushes,
    /// It stands on the next line, where its column is.
    Folds,
}

/// Lays out rows; the last column is as wide as it is.
pub(crate) fn render(rows: &[Vec<Cell>], style: HumanStyle) -> String {
    lay_out(rows, style, Overlong::Pushes)
}

/// The same, but what follows an entry that is too wide for its column stands on the next line, where its own column is.
/// If the width of the page is known, what does not fit on it is broken between words: the last column in its place
/// while there is room for it, else every cell stands on lines of its own.
pub(crate) fn render_within(
    rows: &[Vec<Cell>],
    style: HumanStyle,
    columns: Option<usize>,
) -> String {
    let text = |style| lay_out(rows, style, Overlong::Folds);
    let Some(columns) = columns else { return text(style) };
    let plain = text(HumanStyle { color: Color::Never, ..style });
    if plain.lines().all(|it| it.width() <= columns) {
        return text(style);
    }
    let widths = widths(rows);
    let start: usize = widths.iter().rev().skip(1).map(|it| it + 2).sum();
    if start + LAST_MIN > columns {
        return stacked(rows, style, columns);
    }
    let broken: Vec<Vec<Cell>> = rows.iter().flat_map(|it| broken(it, columns - start)).collect();
    lay_out(&broken, style, Overlong::Folds)
}

/// A row as several, the last cell broken into lines of this width.
fn broken(row: &[Cell], width: usize) -> Vec<Vec<Cell>> {
    let Some((last, before)) = row.split_last() else { return vec![Vec::new()] };
    let mut lines = lines(&last.0, width).into_iter();
    let first = before.iter().map(|it| Cell(it.0.clone(), it.1));
    let first = first.chain([Cell(lines.next().unwrap_or_default(), last.1)]).collect();
    let blank = || before.iter().map(|_| Cell::plain(""));
    let rest = lines.map(|line| blank().chain([Cell(line, last.1)]).collect());
    std::iter::once(first).chain(rest).collect()
}

/// Each cell on lines of its own, those behind the first below it.
fn stacked(rows: &[Vec<Cell>], style: HumanStyle, columns: usize) -> String {
    let mut out = String::new();
    for row in rows {
        let first = row.first().map_or("", |it| it.0.as_str());
        let indentation = first.len() - first.trim_start().len();
        for (at, cell) in row.iter().enumerate().filter(|it| !it.1.0.is_empty()) {
            let indentation = if at == 0 { indentation } else { indentation + 4 };
            for line in lines(cell.0.trim_start(), columns.saturating_sub(indentation)) {
                out.push_str(&" ".repeat(indentation));
                out.push_str(&cell.1.map_or_else(|| line.clone(), |paint| paint.on(&line, style)));
                out.push('\n');
            }
        }
    }
    out
}

/// A text broken between words; a word that is wider stays whole.
fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// How wide each column is.
fn widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(Cell::width).filter(|it| *it <= WIDTH_MAX).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

fn lay_out(rows: &[Vec<Cell>], style: HumanStyle, overlong: Overlong) -> String {
    let widths = widths(rows);
    let mut out = String::new();
    for row in rows {
        let last = row.iter().rposition(|it| !it.0.is_empty()).unwrap_or_default();
        let mut next = 0;
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate().take(last + 1) {
            match cell.1 {
                Some(paint) => out.push_str(&paint.on(&cell.0, style)),
                None => out.push_str(&cell.0),
            }
            next += width + 2;
            let is_over = *width > 0 && cell.width() > *width;
            if at < last && is_over && overlong == Overlong::Folds {
                out.push('\n');
                out.push_str(&" ".repeat(next));
            } else if at < last {
                out.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use rush_diagnostics::Lines;

    use super::*;

    #[test]
    fn columns_are_counted_as_a_terminal_shows_them() {
        let row = |first: &str| vec![Cell::plain(first), Cell::plain("|")];
        let rows = [row("ab"), row("\u{65e5}\u{672c}"), row("\u{1f600}"), row("e\u{301}")];
        let style = HumanStyle { color: Color::Never, lines: Lines::Unicode };
        let expected = "ab    |\n\u{65e5}\u{672c}  |\n\u{1f600}    |\ne\u{301}     |\n";
        assert_eq!(render(&rows, style), expected);
    }

    #[test]
    fn what_is_too_wide_for_a_page_is_broken_between_words() {
        let row = |cells: [&str; 3]| cells.map(Cell::plain).into_iter().collect::<Vec<_>>();
        let rows = [
            row(["build", "[--release]", "Build the program and all it needs."]),
            row(["\u{65e5}\u{672c}", "", "\u{65e5}\u{672c}\u{8a9e} is wide."]),
        ];
        let style = HumanStyle { color: Color::Never, lines: Lines::Unicode };
        let check = |columns, expect: &str| {
            assert_eq!(render_within(&rows, style, columns), expect, "{columns:?}");
        };
        let whole = "build  [--release]  Build the program and all it needs.\n\
                     \u{65e5}\u{672c}                \u{65e5}\u{672c}\u{8a9e} is wide.\n";
        check(None, whole);
        check(Some(80), whole);
        check(
            Some(46),
            "build  [--release]  Build the program and all\n                    it needs.\n\
             \u{65e5}\u{672c}                \u{65e5}\u{672c}\u{8a9e} is wide.\n",
        );
        check(
            Some(30),
            "build\n    [--release]\n    Build the program and all\n    it needs.\n\
             \u{65e5}\u{672c}\n    \u{65e5}\u{672c}\u{8a9e} is wide.\n",
        );
    }
}
