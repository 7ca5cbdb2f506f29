//! Questions about a declaration's syntax that need no visit.

use rush_diagnostics::TextRange;

pub use super::context::name_span;

/// The bytes to remove so that a member goes without a trace: its line, or its place in a row.
pub fn removal(text: &str, member: TextRange) -> TextRange {
    let start = usize::from(member.start());
    let end = usize::from(member.end());
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(end..).unwrap_or_default();
    let line_end = after.find('\n').map_or(text.len(), |at| end + at + 1);
    let is_alone = before.get(line_start..).unwrap_or_default().trim().is_empty()
        && after.lines().next().unwrap_or_default().trim().is_empty();
    let to_size = |it: usize| rush_diagnostics::TextSize::new(it as u32);
    if is_alone {
        return TextRange::new(to_size(line_start), to_size(line_end));
    }
    let rest = after.trim_start_matches([' ', ',']);
    let kept = before.trim_end_matches(' ');
    if rest.starts_with(['}', ')', ']']) && kept.ends_with(',') {
        return TextRange::new(to_size(kept.len() - 1), member.end());
    }
    TextRange::new(member.start(), to_size(end + after.len() - rest.len()))
}
