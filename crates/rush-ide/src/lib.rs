//! What an editor asks of the compiler: pure functions over the database.
//!
//! Each feature is a module with one function: it takes the database, a file and an offset in it,
//! and returns plain data with places as byte offsets. It holds nothing of the database, so it may be
//! turned into messages after the snapshot is dropped. All of them answer in broken files, too. The
//! protocol and its positions, files on the disk, and the clock are not known here.

mod actions;
mod call_hierarchy;
mod completion;
mod constants;
mod definition;
mod diff;
mod document_links;
mod draft;
mod file_rename;
mod files;
mod folding;
mod formatting;
mod fuzzy;
mod hover;
mod imports;
mod inlay;
mod lenses;
mod linked_editing;
mod names;
mod place;
mod references;
mod rename;
mod scripts;
mod selection;
mod signature_help;
mod snippet;
mod symbols;
mod syntax;
mod taken;
mod target;
mod tokens;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod torn;

pub use actions::{Action, ActionKind, Change, Mended, changes, code_actions, resolve_action};
pub use call_hierarchy::{Call, CallItem, call_item, incoming_calls, outgoing_calls};
pub use completion::{
    Completion, CompletionKind, Completions, DocsId, Insert, completion, resolve,
};
pub use definition::{Navigation, definition, type_definition};
pub use diff::{Hunk, hunks};
pub use document_links::{DocumentLink, document_links};
pub use file_rename::will_rename;
pub use files::{FileEntry, FileKind, FileMatches, FileView};
pub use folding::{Fold, FoldKind, folding};
pub use formatting::{format_on_type, format_range, organise_imports};
pub use hover::{Hover, World, hover};
pub use inlay::{HintConfig, HintKind, InlayHint, Padding, inlay_hints};
pub use lenses::{Lens, LensCommand, lenses, task_at};
pub use linked_editing::linked_editing;
pub use names::{Occurrence, Role, Shape, Where, occurrences};
pub use place::{FileEdit, FileRange};
pub use references::{Reference, highlights, references};
pub use rename::{Refusal, Renamable, prepare_rename, rename};
pub use scripts::{ShellScript, shell_scripts};
pub use selection::selection_ranges;
pub use signature_help::{SignatureHelp, SignatureParam, signature_help};
pub use symbols::{
    DocumentSymbol, SymbolKind, WorkspaceSymbol, document_symbols, workspace_symbols,
};
pub use target::{Declared, Target};
pub use tokens::{Modifiers, Token, TokenKind, semantic_tokens};
