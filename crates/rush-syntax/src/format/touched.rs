//! What was formatted stays so when it is changed.

use std::collections::BTreeSet;

use super::{format, format_item, is_crlf_throughout};
use crate::Dialect;
use crate::split::split;
use crate::tree::tokens;

/// Formats what a change wrote: the items of `after` that are not in `before`, if those in their place
/// were formatted. `None` where there is nothing to format.
///
/// Of an item with a syntax error its lines that stay tell, and the rest of the file; where neither is
/// there, nobody can.
pub fn format_touched(before: &str, after: &str, kinds: &[&str]) -> Option<String> {
    if is_crlf_throughout(before) {
        let lines = |it: &str| it.replace("\r\n", "\n");
        let formatted = format_touched(&lines(before), &lines(after), kinds)?;
        return Some(formatted.replace('\n', "\r\n"));
    }
    let (old, new) = (items(before, kinds), items(after, kinds));
    let known: BTreeSet<&str> = old.iter().copied().collect();
    let kept: BTreeSet<&str> = new.iter().copied().collect();
    let gone = old.iter().filter(|it| !kept.contains(*it));
    let (mut are_formatted, mut is_broken) = (true, false);
    for item in gone {
        match format_item(item, Dialect::File) {
            Some(formatted) => are_formatted &= is_same(item, &formatted),
            None => is_broken = true,
        }
    }
    if !are_formatted || is_broken && !was_formatted(before, &known, &new, kinds) {
        return None;
    }
    let mut formatted = String::with_capacity(after.len());
    for (at, item) in new.iter().enumerate() {
        let text = format_item(item, Dialect::File).filter(|_| !known.contains(item));
        let text = text.as_deref().unwrap_or(item);
        formatted.push_str(if at == 0 { text.trim_start_matches('\n') } else { text });
    }
    if new.last().is_some_and(|it| !known.contains(it)) {
        formatted.truncate(formatted.trim_end_matches('\n').len());
        formatted.push('\n');
    }
    (formatted != after).then_some(formatted)
}

fn items<'t>(text: &'t str, kinds: &[&str]) -> Vec<&'t str> {
    let slices = split(text, kinds);
    slices.iter().filter_map(|it| text.get(std::ops::Range::<usize>::from(it.range))).collect()
}

/// Whether a text with an item that can't be read was formatted, as far as the rest of it tells: its
/// other items, and the lines of that item which a change leaves.
fn was_formatted(before: &str, old: &BTreeSet<&str>, new: &[&str], kinds: &[&str]) -> bool {
    if !is_same(before, &format(before, kinds).text) {
        return false;
    }
    let is_sound = |it: &&str| format_item(it, Dialect::File).is_some();
    let mut tells = old.iter().filter(|it| !is_comment(it)).any(is_sound);
    let lines: BTreeSet<&str> = before.lines().collect();
    for item in new.iter().filter(|it| !old.contains(*it)) {
        let Some(formatted) = format_item(item, Dialect::File) else { continue };
        let mut after = formatted.lines();
        for line in item.lines().filter(|it| !it.trim().is_empty() && lines.contains(it)) {
            if !after.any(|it| it == line) {
                return false;
            }
            tells = true;
        }
    }
    tells
}

fn is_comment(item: &str) -> bool {
    tokens(item).iter().all(|it| it.kind.is_trivia())
}

/// Whether a text is what the formatter makes of it, but for blank lines at its ends: these belong to
/// what stands beside it.
fn is_same(text: &str, formatted: &str) -> bool {
    text.trim_matches('\n') == formatted.trim_matches('\n')
}

#[cfg(test)]
mod tests {
    use super::format_touched;

    const KINDS: &[&str] = &["task", "template"];

    #[track_caller]
    fn check(before: &str, after: &str, expect: Option<&str>) {
        let found = format_touched(before, after, KINDS);
        assert_eq!(found.as_deref(), expect, "{before:?} -> {after:?}");
    }

    const LINE: &str = "task a { run: `x | y` }\n";
    const SCRIPT: &str = "task a { run: sh\"\"\"\n  x | y\n\"\"\" }\n";
    const FORMATTED: &str = "task a {\n  run: sh\"\"\"\n    x | y\n  \"\"\"\n}\n";

    #[test]
    fn what_a_change_wrote_is_formatted_like_what_was_there() {
        check(LINE, SCRIPT, Some(FORMATTED));
        check(LINE, LINE, None);
        check("task a {run: `x | y`}\n", SCRIPT, None);
        let lines = |it: &str| it.replace('\n', "\r\n");
        check(&lines(LINE), &lines(SCRIPT), Some(&lines(FORMATTED)));
    }

    #[test]
    fn neighbours_stay_as_they_are() {
        let ugly = "task b {run: `z`}\n";
        let of = |it: &str| format!("{ugly}\n{it}\n{ugly}");
        check(&of(LINE), &of(SCRIPT), Some(&of(FORMATTED)));
    }

    #[test]
    fn an_item_that_could_not_be_read_is_formatted_in_a_formatted_file() {
        let (broken, mended) = ("task a {\n  run: `x`\n\n\n", "task a {\n  run: `x`\n\n\n}\n");
        check(broken, mended, Some("task a {\n  run: `x`\n}\n"));
        let ugly = "task b {run: `z`}\n";
        check(&format!("{ugly}{broken}"), &format!("{ugly}{mended}"), None);
    }

    #[test]
    fn an_item_that_could_not_be_read_is_left_as_it_was_written() {
        for (broken, mended) in [
            // Nothing else is there to tell.
            ("task a {run: 'x'}\n", "task a {run: `x`}\n"),
            ("\n\ntask a {run: 'x'}\n", "\n\ntask a {run: `x`}\n"),
            // The lines that stay are not where the formatter has them.
            (
                "task a {\n    dir: \"x\"\n    run: 'x'\n}\n",
                "task a {\n    dir: \"x\"\n    run: `x`\n}\n",
            ),
            ("task a {\n  dir:\"x\"\n  run: 'x'\n}\n", "task a {\n  dir:\"x\"\n  run: `x`\n}\n"),
        ] {
            check(broken, mended, None);
            let other = "task b { run: `z` }\n\n";
            if broken.lines().count() > 3 {
                check(&format!("{other}{broken}"), &format!("{other}{mended}"), None);
            }
        }
    }
}
