//! Figures with their bars, as a table for people and as JSON for comparing runs.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    /// The figure may be this at most.
    AtMost(f64),
    /// The figure must be this at least.
    AtLeast(f64),
    /// Nothing: it is there to explain another.
    Free,
}

/// One measured number.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What was measured, the same in every run.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Its unit: `ms`, `MB`, `MB/s` or `x` for a ratio.
    pub unit: &'static str,
    /// What it is held against.
    pub bar: Bar,
}

impl Figure {
    /// A figure with its bar.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str, bar: Bar) -> Self {
        Self { name: name.into(), value, unit, bar }
    }

    /// Returns whether the bar is missed.
    pub fn is_over(&self) -> bool {
        match self.bar {
            Bar::AtMost(most) => self.value > most,
            Bar::AtLeast(least) => self.value < least,
            Bar::Free => false,
        }
    }
}

/// Returns the figures as a table.
pub(super) fn table(figures: &[Figure]) -> String {
    let width = figures.iter().map(|it| it.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for figure in figures {
        let bar = match figure.bar {
            Bar::AtMost(most) => format!("<= {}", rounded(most)),
            Bar::AtLeast(least) => format!(">= {}", rounded(least)),
            Bar::Free => String::new(),
        };
        let verdict = match (figure.bar, figure.is_over()) {
            (Bar::Free, _) => "",
            (_, true) => "OVER",
            (_, false) => "ok",
        };
        let Figure { name, value, unit, .. } = figure;
        let _ = writeln!(text, "{name:<width$}  {value:>10.2} {unit:<5} {bar:>9}  {verdict}");
    }
    text
}

/// A bar as people write it: with two decimals at most.
fn rounded(bar: f64) -> f64 {
    (bar * 100.0).round() / 100.0
}

/// Returns the figures as JSON.
pub(super) fn json(figures: &[Figure]) -> Value {
    let rows = figures.iter().map(|it| {
        let (at_most, at_least) = match it.bar {
            Bar::AtMost(most) => (Some(most), None),
            Bar::AtLeast(least) => (None, Some(least)),
            Bar::Free => (None, None),
        };
        json!({
            "name": it.name, "value": it.value, "unit": it.unit,
            "at_most": at_most, "at_least": at_least, "over": it.is_over(),
        })
    });
    json!({ "version": 1, "figures": rows.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::{Bar, Figure, table};

    #[test]
    fn a_missed_bar_is_shouted() {
        let figures = [
            Figure::new("start", 2.0, "ms", Bar::AtMost(3.0)),
            Figure::new("parser", 12.0, "MB/s", Bar::AtLeast(20.0)),
        ];
        let text = table(&figures);
        assert!(text.contains("ok") && text.contains("OVER"), "{text}");
        assert!(!figures[0].is_over() && figures[1].is_over());
    }
}
