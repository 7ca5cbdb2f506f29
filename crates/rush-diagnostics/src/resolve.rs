//! From spans inside items to absolute byte positions of one revision.
//!
//! A resolved diagnostic is only true for the text it was resolved against; it is made where text
//! leaves the program and is not kept.

use text_size::{TextRange, TextSize};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Label, Severity, Tag};
use crate::span::{Anchor, Edit, FileId, ItemId};

/// Knows where the items of one revision are.
pub trait Locate {
    /// The bytes of the item in its file, or `None` when the revision has no such item.
    fn item_range(&self, item: &ItemId) -> Option<TextRange>;

    /// Where an insertion at the start of the file goes: after a byte-order mark and a `#!` line.
    fn file_start(&self, file: FileId) -> TextSize;
}

/// A place in a file, in absolute bytes, with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedLabel {
    /// The file.
    pub file: FileId,
    /// The bytes, counted from the start of the file.
    pub range: TextRange,
    /// What is to be seen there; may be empty.
    pub message: String,
}

/// One replacement in a file, in absolute bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedEdit {
    /// The file.
    pub file: FileId,
    /// The bytes that are replaced.
    pub range: TextRange,
    /// The new text.
    pub text: String,
}

/// A change that would mend a finding, in absolute bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedFix {
    /// What the change does.
    pub title: String,
    /// The replacements.
    pub edits: Vec<ResolvedEdit>,
    /// Whether `rush check --fix` may apply it.
    pub is_automatic: bool,
}

/// A finding with absolute positions, true for one revision only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedDiagnostic {
    /// The stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The problem in one line.
    pub message: String,
    /// The place that is wrong.
    pub primary: ResolvedLabel,
    /// Places that explain why.
    pub secondary: Vec<ResolvedLabel>,
    /// Sentences that explain why.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// Changes that would mend it, the best first.
    pub fixes: Vec<ResolvedFix>,
    /// How an editor may tint the place.
    pub tag: Option<Tag>,
}

/// Resolves one diagnostic; `None` when the revision lacks the item it points into.
pub fn resolve(diagnostic: &Diagnostic, locate: &dyn Locate) -> Option<ResolvedDiagnostic> {
    Some(ResolvedDiagnostic {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: diagnostic.message.clone(),
        primary: resolve_label(&diagnostic.primary, locate)?,
        secondary: diagnostic
            .secondary
            .iter()
            .filter_map(|label| resolve_label(label, locate))
            .collect(),
        notes: diagnostic.notes.clone(),
        help: diagnostic.help.clone(),
        fixes: diagnostic
            .fixes
            .iter()
            .filter_map(|fix| {
                let edits = fix.edits.iter().map(|edit| resolve_edit(edit, locate));
                Some(ResolvedFix {
                    title: fix.title.clone(),
                    edits: edits.collect::<Option<Vec<_>>>()?,
                    is_automatic: fix.is_automatic,
                })
            })
            .collect(),
        tag: diagnostic.tag,
    })
}

/// Resolves all, sorted by file, position, then code; what cannot be resolved is left out.
pub fn resolve_all<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    locate: &dyn Locate,
) -> Vec<ResolvedDiagnostic> {
    let mut all: Vec<_> = diagnostics.into_iter().filter_map(|it| resolve(it, locate)).collect();
    all.sort_by(|a, b| {
        let key = |it: &ResolvedDiagnostic| {
            (it.primary.file, it.primary.range.start(), it.primary.range.end(), it.code)
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    all
}

fn resolve_label(label: &Label, locate: &dyn Locate) -> Option<ResolvedLabel> {
    let item = locate.item_range(&label.span.item)?;
    Some(ResolvedLabel {
        file: label.span.item.file(),
        range: absolute(item, label.span.range),
        message: label.message.clone(),
    })
}

fn resolve_edit(edit: &Edit, locate: &dyn Locate) -> Option<ResolvedEdit> {
    let (file, range) = match &edit.at {
        Anchor::Range(span) => {
            (span.item.file(), absolute(locate.item_range(&span.item)?, span.range))
        }
        Anchor::FileStart(file) => (*file, TextRange::empty(locate.file_start(*file))),
        Anchor::After(item) => (item.file(), TextRange::empty(locate.item_range(item)?.end())),
    };
    Some(ResolvedEdit { file, range, text: edit.text.clone() })
}

/// Clamped to the item, so that a stale span can never reach into a neighbour.
fn absolute(item: TextRange, range: TextRange) -> TextRange {
    let start = (item.start() + range.start()).min(item.end());
    let end = (item.start() + range.end()).min(item.end());
    TextRange::new(start, end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Fix;
    use crate::span::Span;

    const FILE: FileId = FileId(0);

    /// One revision with the items `a` at 10..20 and `b` at 30..40.
    struct Revision;

    impl Locate for Revision {
        fn item_range(&self, item: &ItemId) -> Option<TextRange> {
            let start = match item.name() {
                "a" => 10,
                "b" => 30,
                _ => return None,
            };
            Some(TextRange::at(TextSize::from(start), TextSize::from(10)))
        }

        fn file_start(&self, _: FileId) -> TextSize {
            TextSize::from(3)
        }
    }

    fn item(name: &str) -> ItemId {
        ItemId::new(FILE, "task", name, 0)
    }

    fn span(name: &str, start: u32, end: u32) -> Span {
        Span::new(item(name), TextRange::new(start.into(), end.into()))
    }

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    #[test]
    fn a_span_counts_from_its_item_and_never_leaves_it() {
        let at = |span| {
            let diagnostic = Diagnostic::new(Code::UnknownName, span, "m");
            resolve(&diagnostic, &Revision).map(|it| it.primary.range)
        };
        assert_eq!(at(span("a", 2, 5)), Some(range(12, 15)));
        assert_eq!(at(span("a", 8, 99)), Some(range(18, 20)));
        assert_eq!(at(span("a", 50, 99)), Some(range(20, 20)));
        assert_eq!(at(span("gone", 0, 1)), None);
    }

    #[test]
    fn edits_find_the_start_of_the_file_and_the_end_of_an_item() {
        let edit = |at| Edit { at, text: "x".to_owned() };
        let whole = Fix::automatic(
            "all",
            vec![
                Edit::replace(&item("b"), range(0, 1), "x"),
                edit(Anchor::FileStart(FILE)),
                edit(Anchor::After(item("a"))),
            ],
        );
        let half = Fix::offered(
            "half of it is gone",
            vec![Edit::replace(&item("a"), range(0, 1), ""), edit(Anchor::After(item("gone")))],
        );
        let diagnostic =
            Diagnostic::new(Code::UnknownName, span("a", 0, 1), "m").fix(whole).fix(half);
        let resolved = resolve(&diagnostic, &Revision).expect("`a` is there");
        let fixes: Vec<Vec<_>> = resolved
            .fixes
            .iter()
            .map(|fix| fix.edits.iter().map(|edit| edit.range).collect())
            .collect();
        assert_eq!(fixes, [[range(30, 31), range(3, 3), range(20, 20)]]);
    }

    #[test]
    fn all_are_in_the_order_of_the_file() {
        let new = |span, message: &str| Diagnostic::new(Code::UnknownName, span, message);
        let all =
            [new(span("b", 0, 1), "3"), new(span("gone", 0, 1), "-"), new(span("a", 1, 2), "2")];
        let also = [new(span("a", 1, 2), "1")];
        let resolved = resolve_all(all.iter().chain(&also), &Revision);
        let messages: Vec<_> = resolved.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(messages, ["1", "2", "3"]);
    }
}
