//! What Rush has to say about a source, as data: spans, diagnostics, the code registry, renderings.
//!
//! Three forms, each for one stage. A [`Diagnostic`] points *into items* and so survives edits
//! elsewhere in the file. A [`ResolvedDiagnostic`] holds absolute positions of one revision and is
//! made at the edge. The renderings turn resolved diagnostics into text for people and machines.
//!
//! This crate knows no language: it does not parse, and does not read files.

mod code;
mod diagnostic;
mod resolve;
mod span;

pub use code::{Area, Code, CodeInfo, ParseCodeError};
pub use diagnostic::{Diagnostic, Fix, Label, Severity, Tag};
pub use resolve::{
    Locate, ResolvedDiagnostic, ResolvedEdit, ResolvedFix, ResolvedLabel, resolve, resolve_all,
};
pub use span::{Anchor, Edit, FileId, ItemId, Span};
pub use text_size::{TextRange, TextSize};
