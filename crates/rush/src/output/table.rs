//! Columns of text for people.

use rush_diagnostics::HumanStyle;

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
}

/// Lays out rows; the last column is as wide as it is.
pub(crate) fn render(rows: &[Vec<Cell>], style: HumanStyle) -> String {
    render_rows(rows, style, |gap| " ".repeat(gap.short + 2))
}

/// The same, but what follows an entry that is too long stands on the next line, where its column is.
pub(crate) fn render_folded(rows: &[Vec<Cell>], style: HumanStyle) -> String {
    render_rows(rows, style, |gap| {
        if gap.is_over { format!("\n{}", " ".repeat(gap.next)) } else { " ".repeat(gap.short + 2) }
    })
}

/// What lies between two cells.
struct Gap {
    /// By how much the first is shorter than its column.
    short: usize,
    /// Whether the first is longer than its column.
    is_over: bool,
    /// Where the column of the second begins.
    next: usize,
}

fn render_rows(rows: &[Vec<Cell>], style: HumanStyle, fill: impl Fn(&Gap) -> String) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|it| it.0.chars().count()).filter(|it| *it <= WIDTH_MAX).max().unwrap_or(0)
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
            if at < last {
                let length = cell.0.chars().count();
                let short = width.saturating_sub(length);
                out.push_str(&fill(&Gap { short, is_over: *width > 0 && length > *width, next }));
            }
        }
        out.push('\n');
    }
    out
}
