//! What Rush has to say about a source, as data: spans, diagnostics, the code registry, renderings.
//!
//! Three forms, each for one stage. A [`Diagnostic`] points *into items* and so survives edits
//! elsewhere in the file. A [`ResolvedDiagnostic`] holds absolute positions of one revision and is
//! made at the edge. The renderings turn resolved diagnostics into text for people and machines.
//!
//! This crate knows no language: it does not parse, and does not read files.

mod code;
mod counts;
mod diagnostic;
mod mending;
mod render;
mod resolve;
mod source;
mod span;
mod suggest;

pub use code::{Area, Code, CodeInfo, ParseCodeError};
pub use counts::{Counts, summary};
pub use diagnostic::{Diagnostic, Fix, Label, Severity, Tag};
pub use mending::{Bench, Damage, Mended, apply_edits, certain_fixes, mend, mend_once};
pub use render::github::render_github;
pub use render::human::{Color, HumanStyle, Lines, render_human};
pub use render::json::{json_value, render_json};
pub use render::sarif::render_sarif;
pub use resolve::{
    Locate, ResolvedDiagnostic, ResolvedEdit, ResolvedFix, ResolvedLabel, resolve, resolve_all,
};
pub use source::{Position, Source, SourceLookup, Sources};
pub use span::{Anchor, Edit, FileId, ItemId, Span};
pub use suggest::{Nearest, Undeclared, kind_synonym, measured, nearest, suggest, synonym, unit};

pub use line_index::{LineCol, LineIndex, WideLineCol};
pub use text_size::{TextRange, TextSize};
