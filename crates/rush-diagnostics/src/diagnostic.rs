//! A finding about a source: what, where, why, and what to do about it.

use crate::code::Code;
use crate::span::{Edit, FileId, Span};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// A suggestion an editor may show faintly.
    Hint,
    /// Worth knowing; never fails a check.
    Info,
    /// Probably a mistake; fails a check only under `--deny warnings`.
    Warning,
    /// The item has no meaning until this is mended.
    Error,
}

impl Severity {
    /// The word for people and for machine formats: `error`, `warning`, `info`, `hint`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How an editor may tint the place of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// The text has no effect.
    Unnecessary,
    /// The text uses what is not to be used any more.
    Deprecated,
}

/// A place with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there; empty when the place speaks for itself.
    pub message: String,
}

/// A change of the source that mends the finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What the change does, as an imperative: ``rename to `needs` ``.
    pub title: String,
    /// The replacements; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether `rush check --fix` may apply it without asking; otherwise only an editor offers it.
    pub is_automatic: bool,
}

impl Fix {
    /// A fix that keeps the author's intent for certain, so `--fix` may apply it.
    pub fn automatic(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), edits, is_automatic: true }
    }

    /// A fix that is one of several possible readings, so only an editor offers it.
    pub fn offered(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), edits, is_automatic: false }
    }
}

/// A finding about a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// The stable code, which has a page of its own.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The problem in one line: lower case, no full stop, values in backticks.
    pub message: String,
    /// The place that is wrong.
    pub primary: Label,
    /// Places that explain why, such as where an expectation was declared.
    pub secondary: Vec<Label>,
    /// Sentences that explain why, without a place.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// Changes that would mend it, the best first.
    pub fixes: Vec<Fix>,
    /// How an editor may tint the place.
    pub tag: Option<Tag>,
}

impl Diagnostic {
    /// A finding with the severity its code declares.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.info().severity,
            message: message.into(),
            primary: Label { span, message: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
            tag: None,
        }
    }

    /// Says under the primary place what is to be seen there.
    #[must_use]
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Adds a place that explains why.
    #[must_use]
    pub fn because(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// Adds a sentence that explains why.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a change that would mend it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Overrides the severity its code declares.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Tints the place.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// The file the finding is about.
    pub fn file(&self) -> FileId {
        self.primary.span.item.file()
    }

    /// Whether this fails a check.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
