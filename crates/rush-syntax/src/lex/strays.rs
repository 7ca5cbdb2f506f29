//! How a body is indented whose author forgot to: the edits, and whether they can be trusted.
//!
//! The body that is mended says what was written. White space is meaning in most languages, so lines
//! move together, by one insertion: those that stand where they are to each other stay there. Knows
//! where the lines are; does not decide what belongs to a body.

use text_size::TextRange;

use super::block::is_deeper;
use super::over_lines::UNINDENTED;
use super::range;

/// The body of a `"""` text with lines that are not indented.
pub(super) struct Body<'t> {
    /// What stands before the quotes that open it, such as `sh`.
    pub(super) tag: &'t str,
    /// The white space before the line that opens it.
    pub(super) indent: &'t str,
    /// Its lines that are not empty, each with its start.
    pub(super) lines: Vec<(usize, &'t str)>,
    /// The start of the first line that is not indented.
    pub(super) first_stray: usize,
}

impl Body<'_> {
    /// The edits that indent it, and whether nothing else can have been meant.
    pub(super) fn indented(&self) -> (Vec<(TextRange, String)>, bool) {
        let split = self.lines.iter().position(|(at, _)| *at >= self.first_stray);
        let (head, tail) = self.lines.split_at(split.unwrap_or(0));
        let Some((_, model)) = head.iter().find(|(_, line)| !line.trim().is_empty()) else {
            return (moved(tail, &format!("{}  ", self.indent)), true);
        };
        // The lines above say how deep the body stands.
        if self.is_free() {
            let strays = tail.iter().filter(|(_, line)| !is_deeper(line, self.indent));
            let align = |(at, line): &(usize, &str)| {
                (range(*at, at + white(line).len()), white(model).to_owned())
            };
            return (strays.filter(|(_, it)| !it.trim().is_empty()).map(align).collect(), true);
        }
        let level = common(head).filter(|it| is_deeper(it, self.indent));
        (moved(tail, level.unwrap_or(white(model))), false)
    }

    /// Whether the white space each line begins with means nothing: no text, here-document or command
    /// goes on from one line to the next.
    fn is_free(&self) -> bool {
        let is_closed = |line: &str| {
            let is_even = |sign: char| line.matches(sign).count().is_multiple_of(2);
            is_even('\'') && is_even('"') && is_even('`') && !line.ends_with('\\')
        };
        (self.tag == "argv" || UNINDENTED.contains(&self.tag))
            && self.lines.iter().all(|(_, line)| is_closed(line) && !line.contains("<<"))
    }
}

/// Replaces what all lines have before them by `indent`.
fn moved(lines: &[(usize, &str)], indent: &str) -> Vec<(TextRange, String)> {
    let common = common(lines).map_or(0, str::len);
    let edit = |(at, line): &(usize, &str)| {
        (range(*at, at + common.min(white(line).len())), indent.to_owned())
    };
    lines.iter().map(edit).collect()
}

/// The longest white space that all lines begin with which are not blank.
fn common<'t>(lines: &[(usize, &'t str)]) -> Option<&'t str> {
    let whites = lines.iter().filter(|it| !it.1.trim().is_empty()).map(|it| white(it.1));
    whites.reduce(|before, white| {
        let same = before.bytes().zip(white.bytes()).take_while(|(a, b)| a == b).count();
        before.get(..same).unwrap_or_default()
    })
}

fn white(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
