//! Columns of text for people.

use rush_diagnostics::HumanStyle;
use unicode_width::UnicodeWidthStr as _;

use super::paint::Paint;

/// The widest that all columns but the last are made, so that one long entry does not push the
/// others away.
const WIDTH_MAX: usize = 48;

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

/// The same, but what follows an entry that is too wide stands on the next line, where its column is.
pub(crate) fn render_folded(rows: &[Vec<Cell>], style: HumanStyle) -> String {
    lay_out(rows, style, Overlong::Folds)
}

fn lay_out(rows: &[Vec<Cell>], style: HumanStyle, overlong: Overlong) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(Cell::width).filter(|it| *it <= WIDTH_MAX).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
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
    use rush_diagnostics::{Color, Lines};

    use super::*;

    #[test]
    fn columns_are_counted_as_a_terminal_shows_them() {
        let row = |first: &str| vec![Cell::plain(first), Cell::plain("|")];
        let rows = [row("ab"), row("\u{65e5}\u{672c}"), row("\u{1f600}"), row("e\u{301}")];
        let style = HumanStyle { color: Color::Never, lines: Lines::Unicode };
        let expected = "ab    |\n\u{65e5}\u{672c}  |\n\u{1f600}    |\ne\u{301}     |\n";
        assert_eq!(render(&rows, style), expected);
    }
}
