//! Figures with their bars, as a table for people and as JSON for comparing runs.

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
    /// Its unit: `ms`, `MB`, `MB/s`, `%` or `x` for a ratio.
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

/// The figures so far. Each is told as soon as it is known, so that one that can't be measured takes
/// no other with it.
#[derive(Debug, Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Adds a figure and tells it.
    pub fn push(&mut self, figure: Figure) {
        print!("{}", line(&figure));
        self.0.push(figure);
    }

    /// The number of a figure that was measured.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|it| it.name == name).map(|it| it.value)
    }

    /// How many miss their bars.
    pub(super) fn count_over(&self) -> usize {
        self.0.iter().filter(|it| it.is_over()).count()
    }
}

impl Extend<Figure> for Figures {
    fn extend<T: IntoIterator<Item = Figure>>(&mut self, figures: T) {
        figures.into_iter().for_each(|it| self.push(it));
    }
}

/// How wide names are shown at least.
const NAME_WIDTH: usize = 52;

/// A figure as a line of a table.
fn line(figure: &Figure) -> String {
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
    format!("{name:<NAME_WIDTH$}  {value:>10.2} {unit:<5} {bar:>9}  {verdict}\n")
}

/// A bar as people write it: with two decimals at most.
fn rounded(bar: f64) -> f64 {
    (bar * 100.0).round() / 100.0
}

/// Returns the figures as JSON, with the names of the groups that broke.
pub(super) fn json(figures: &Figures, broken: &[&str]) -> Value {
    let rows = figures.0.iter().map(|it| {
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
    json!({ "version": 1, "figures": rows.collect::<Vec<_>>(), "broken": broken })
}

#[cfg(test)]
mod tests {
    use super::{Bar, Figure, line};

    #[test]
    fn a_missed_bar_is_shouted() {
        let start = Figure::new("start", 2.0, "ms", Bar::AtMost(3.0));
        let parser = Figure::new("parser", 12.0, "MB/s", Bar::AtLeast(20.0));
        assert!(line(&start).ends_with("ok\n") && line(&parser).ends_with("OVER\n"));
        assert!(!start.is_over() && parser.is_over());
    }
}
