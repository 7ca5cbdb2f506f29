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
