//! What a text was and is, as far as that differs: a few lines for people.

use rush_engine::{Change, Difference};

/// How many lines of each of the two are shown.
const LINES_MAX: usize = 6;
/// How much of a line is shown, in characters.
const CHARS_MAX: usize = 120;
/// How much stands before the place where two cut lines begin to differ.
const CHARS_BEFORE: usize = 40;

/// The lines that differ, each behind `-` or `+`; none where a text is not known.
pub(super) fn lines(difference: &Difference) -> Vec<String> {
    let (before, now) = match (difference.change, &difference.before, &difference.now) {
        (Change::Changed, Some(before), Some(now)) => (before.as_str(), now.as_str()),
        (Change::Added, _, Some(now)) => ("", now.as_str()),
        (Change::Removed, Some(before), _) => (before.as_str(), ""),
        _ => return Vec::new(),
    };
    let (before, now): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let start = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let (before, now) = (before.get(start..), now.get(start..));
    let (before, now) = (before.unwrap_or_default(), now.unwrap_or_default());
    let pairs = before.iter().rev().zip(now.iter().rev());
    let end = pairs.take_while(|(a, b)| a == b).count();
    let old = before.get(..before.len() - end).unwrap_or_default();
    let new = now.get(..now.len() - end).unwrap_or_default();
    let mut out = side("-", old, new);
    out.extend(side("+", new, old));
    out
}

fn side(sign: &str, lines: &[&str], others: &[&str]) -> Vec<String> {
    let others = others.iter().map(Some).chain(std::iter::repeat(None));
    let shown = lines.iter().zip(others).take(LINES_MAX);
    let shown = shown.map(|(line, other)| format!("{sign} {}", cut(line, other.copied())));
    let mut shown: Vec<String> = shown.collect();
    match lines.len().saturating_sub(LINES_MAX) {
        0 => {}
        1 => shown.push(format!("{sign} and 1 more line")),
        left => shown.push(format!("{sign} and {left} more lines")),
    }
    shown
}

/// A line; of a long one the part where it differs from another.
fn cut(line: &str, other: Option<&str>) -> String {
    let shown = |text: &str| -> String {
        text.chars()
            .flat_map(|it| if it.is_control() { it.escape_default().collect() } else { vec![it] })
            .collect()
    };
    let count = line.chars().count();
    if count <= CHARS_MAX {
        return shown(line);
    }
    let pairs = other.into_iter().flat_map(|it| it.chars().zip(line.chars()));
    let same = pairs.take_while(|(a, b)| a == b).count();
    let start = same.saturating_sub(CHARS_BEFORE).min(count - CHARS_MAX);
    let part: String = line.chars().skip(start).take(CHARS_MAX).collect();
    let head = if start > 0 { "..." } else { "" };
    let tail = if start + CHARS_MAX < count { "..." } else { "" };
    format!("{head}{}{tail}", shown(&part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rush_engine::PartKind;

    fn check(before: &str, now: &str, expect: &[&str]) {
        let difference = Difference {
            kind: PartKind::Command,
            name: "run 1".to_owned(),
            change: Change::Changed,
            before: Some(before.to_owned()),
            now: Some(now.to_owned()),
        };
        assert_eq!(lines(&difference), expect);
    }

    #[test]
    fn only_lines_that_differ_are_shown() {
        check("cc -O1 a.c", "cc -O2 a.c", &["- cc -O1 a.c", "+ cc -O2 a.c"]);
        check("sh\n  a\n  b\n  c", "sh\n  a\n  d\n  e\n  c", &["-   b", "+   d", "+   e"]);
        check("sh\n  a\n  c", "sh\n  a\n  b\n  c", &["+   b"]);
        check(
            "",
            "0\n1\n2\n3\n4\n5\n6\n7\n8",
            &["+ 0", "+ 1", "+ 2", "+ 3", "+ 4", "+ 5", "+ and 3 more lines"],
        );
        check("a\nb", "a\nb", &[]);
    }

    #[test]
    fn a_long_line_is_cut_to_where_it_differs() {
        let words = |end: &str| format!("cc {}{end} {}", "x".repeat(300), "y".repeat(300));
        let shown = |end: &str| format!("...{}{end} {}...", "x".repeat(40), "y".repeat(78));
        check(
            &words("1"),
            &words("2"),
            &[&format!("- {}", shown("1")), &format!("+ {}", shown("2"))],
        );
    }

    #[test]
    fn what_moves_the_cursor_is_escaped() {
        check("a", "b\u{1b}[2J", &["- a", "+ b\\u{1b}[2J"]);
    }
}
