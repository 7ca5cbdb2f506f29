//! Fixes that are applied together, and whether they did harm.
//!
//! `rush check --fix` and an editor choose, apply and judge fixes by these rules.

mod rounds;

use std::borrow::Cow;
use std::collections::BTreeMap;

use text_size::TextRange;

use crate::code::{Area, Code};
use crate::diagnostic::Diagnostic;
use crate::resolve::{ResolvedDiagnostic, ResolvedEdit, ResolvedFix};
use crate::source::Source;
use crate::span::FileId;

pub use rounds::{Bench, Mended, mend, mend_once};

/// How bad findings are for whoever has to read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    errors: usize,
    /// Those that hide others: what can't be parsed, or stops the check.
    blind: usize,
    /// Those that say that something is there twice. No other error hides them.
    twice: usize,
}

impl Damage {
    /// The damage that findings are.
    pub fn of<'d>(diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> Self {
        let mut found = Self::default();
        for diagnostic in diagnostics.into_iter().filter(|it| it.is_error()) {
            found.errors += 1;
            found.twice += usize::from(matches!(
                diagnostic.code,
                Code::DuplicateItem | Code::DuplicateField | Code::Shadowing
            ));
            found.blind += usize::from(match diagnostic.code.area() {
                Area::Syntax | Area::Internal => true,
                Area::Names
                | Area::Types
                | Area::Commands
                | Area::Evaluation
                | Area::Graph
                | Area::Checks
                | Area::Secrets
                | Area::Style => false,
            });
        }
        found
    }

    /// Whether it is more than before. Fewer errors are no gain if they are fewer because less
    /// could be read; nor is it one if something is there twice for it, unless what could not be read
    /// before shows that now.
    pub fn exceeds(self, before: Self) -> bool {
        self.errors > before.errors
            || self.blind > before.blind
            || self.blind == before.blind && self.twice > before.twice
    }
}

/// The first certain fix of each finding, as long as it does not touch what an earlier one touches.
pub fn certain_fixes<'d>(
    diagnostics: impl IntoIterator<Item = &'d ResolvedDiagnostic>,
    is_allowed: impl Fn(FileId) -> bool,
) -> Vec<ResolvedFix> {
    let mut taken = BTreeMap::<FileId, Vec<TextRange>>::new();
    let mut chosen = Vec::new();
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(|it| it.is_automatic) else { continue };
        let is_free = fix.edits.iter().all(|edit| {
            let ranges = taken.get(&edit.file).map(Vec::as_slice).unwrap_or_default();
            is_allowed(edit.file) && !ranges.iter().any(|it| touches(*it, edit.range))
        });
        if is_free && !fix.edits.is_empty() {
            for edit in &fix.edits {
                taken.entry(edit.file).or_default().push(edit.range);
            }
            chosen.push(fix.clone());
        }
    }
    chosen
}

/// Whether applying one edit could change what the other means; two insertions at a place do.
fn touches(a: TextRange, b: TextRange) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}

/// How the lines of a file end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnds {
    /// Each with a carriage return and a line feed.
    CrLf,
    /// Some without a carriage return, or there is one line only.
    Lf,
}

impl LineEnds {
    /// The line ends of a text.
    fn of(text: &str) -> Self {
        let count = text.matches("\r\n").count();
        if count > 0 && count == text.matches('\n').count() { Self::CrLf } else { Self::Lf }
    }

    /// A text that is written into the file.
    fn written(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::CrLf if text.contains('\n') => {
                text.replace("\r\n", "\n").replace('\n', "\r\n").into()
            }
            Self::CrLf | Self::Lf => text.into(),
        }
    }
}

/// What an edit writes into its file, if its text is known.
pub(crate) fn inserted(edit: &ResolvedEdit, source: Option<&Source>) -> String {
    let line_ends = source.map_or(LineEnds::Lf, |it| LineEnds::of(it.text()));
    line_ends.written(&edit.text).into_owned()
}

/// The text with all edits applied. What is inserted gets the line ends of the file.
pub fn apply_edits(text: &str, mut edits: Vec<ResolvedEdit>) -> String {
    edits.sort_by_key(|it| (it.range.start(), it.range.end()));
    let line_ends = LineEnds::of(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = std::ops::Range::<usize>::from(edit.range);
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&line_ends.written(&edit.text));
        at = range.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{ItemId, Span};

    fn edit(start: u32, end: u32, text: &str) -> ResolvedEdit {
        let range = TextRange::new(start.into(), end.into());
        ResolvedEdit { file: FileId(1), range, text: text.to_owned() }
    }

    #[test]
    fn edits_are_applied_from_the_front_and_keep_line_ends() {
        let edits = vec![edit(4, 5, "X\n"), edit(0, 1, "A")];
        assert_eq!(apply_edits("ab\r\nc\r\n", edits), "Ab\r\nX\r\n\r\n");
    }

    #[test]
    fn neighbours_that_touch_wait_for_the_next_round() {
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        assert!(touches(range(0, 2), range(2, 3)) && touches(range(2, 2), range(2, 2)));
        assert!(!touches(range(0, 2), range(3, 4)));
    }

    #[test]
    fn what_is_harder_to_read_is_worse() {
        let finding = |code| {
            let item = ItemId::new(FileId(0), "task", "t", 0);
            Diagnostic::new(code, Span::new(item, TextRange::default()), String::new())
        };
        let [types, syntax, bug] = [Code::TypeMismatch, Code::ExpectedSyntax, Code::Internal];
        let exceeds = |after: &[Code], before: &[Code]| {
            let [after, before] = [after, before]
                .map(|it| Damage::of(&it.iter().map(|it| finding(*it)).collect::<Vec<_>>()));
            after.exceeds(before)
        };
        assert!(exceeds(&[syntax], &[types, types]) && exceeds(&[bug], &[types]));
        assert!(exceeds(&[types, types], &[types]) && !exceeds(&[types], &[syntax]));
        let twice = Code::DuplicateField;
        assert!(exceeds(&[twice], &[types, types]) && !exceeds(&[twice], &[syntax, types]));
    }
}
