//! What can be written at the cursor.
//!
//! [`completion`] puts a word at the cursor, lets the compiler read the item with it, and proposes
//! what that word may be: names, fields, values, types, paths. It answers everywhere, also in what is
//! half written. Docs are made by [`resolve`] when one proposal is looked at. How an editor shows and
//! filters proposals is not known here.

mod arguments;
mod docs;
mod elsewhere;
mod fields;
mod free_names;
mod items;
mod list;
mod listed;
mod literals;
mod members;
mod paths;
mod profiles;
mod programs;
mod scripts;
mod siblings;
mod spot;
mod surroundings;
mod texts;
mod types;
mod values;
mod wanted;

#[cfg(test)]
pub(crate) mod tests;

use rush_semantics::infer::View;
use rush_semantics::{Db, SourceFile};
use text_size::{TextRange, TextSize};

use crate::draft::{Draft, Patch};
use crate::files::FileView;
use crate::place::{FileEdit, FileRange};

pub use docs::{DocsId, resolve};

use list::List;
use spot::{Spot, spot};

/// What can be written at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The proposals, the likeliest first.
    pub list: Vec<Completion>,
    /// Whether there are more than are listed, so that it must be asked again when more is typed.
    pub is_incomplete: bool,
}

/// Something that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// What is shown right behind the label: parameters, or what a value becomes.
    pub label_detail: Option<String>,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type, as it would be written.
    pub detail: Option<String>,
    /// What applies when it is not written.
    pub default: Option<String>,
    /// What is inserted.
    pub insert: Insert,
    /// What that replaces; the cursor lies in it.
    pub replaces: FileRange,
    /// Its place in the order of the list: as texts, these are in that order.
    pub sort: String,
    /// What typed letters are compared with, when that is not the label.
    pub filter: Option<String>,
    /// Whether it should no longer be used.
    pub is_deprecated: bool,
    /// Whether it is the one that is meant, as far as can be seen.
    pub is_likely: bool,
    /// By which [`resolve`] finds its docs.
    pub docs: Option<DocsId>,
    /// What is changed elsewhere when it is chosen.
    pub edits: Vec<FileEdit>,
}

/// What is inserted for a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insert {
    /// The text as it is.
    Plain(String),
    /// A text with places to fill in: `${1:name}`, `${1|a,b|}`, `$0`. Lines after the first are
    /// indented relative to the line of the cursor.
    Snippet(String),
}

/// What a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompletionKind {
    /// A word of the language, with what follows it.
    Keyword,
    /// A whole item, or another form to fill in.
    Skeleton,
    /// A field of a kind or a record.
    Field,
    /// A member of a union: a literal value.
    Member,
    /// A tag of a union.
    Tag,
    /// A parameter, a `let` or the variable of a `for`.
    Local,
    /// A `let` of a file.
    Let,
    /// A `param` of a file.
    Param,
    /// A secret.
    Secret,
    /// A function.
    Function,
    /// A method.
    Method,
    /// A task.
    Task,
    /// A service.
    Service,
    /// A template.
    Template,
    /// The name of an import, or another name that only has members.
    Namespace,
    /// A type.
    Type,
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A variable of a script.
    Variable,
    /// A program.
    Program,
}

/// What can be written at an offset of a file.
pub fn completion(
    db: &dyn Db,
    files: &dyn FileView,
    file: SourceFile,
    offset: TextSize,
) -> Completions {
    if let Some(indented) = items::indented_between_items(db, file, offset) {
        let replaces = FileRange { file: file.id(db), range: indented };
        let mut list = List::new(replaces, "");
        items::items(db, file, offset, &mut list, "");
        return list.finish();
    }
    let typed = items::typed_at_column_zero(file.text(db), offset);
    let Some(draft) = readable(db, file, offset) else {
        let at = TextRange::at(offset, 0.into());
        let replaces = FileRange { file: file.id(db), range: at };
        let mut list = List::new(replaces, "");
        items::items(db, file, offset, &mut list, "");
        return list.finish();
    };
    let spot = spot(&draft);
    let mut list = List::new(draft.replaced(db), &draft.typed);
    let is_column_zero = typed.is_some() && !spot.is_in_text();
    if is_column_zero {
        items::items(db, file, offset, &mut list, draft.after());
    }
    if !is_column_zero || draft.typed.is_empty() && matches!(spot, Spot::Field { .. }) {
        let view = draft.view(db);
        Site { db, files, draft: &draft, view: &view }.spot(&spot, &mut list);
    }
    list.finish()
}

/// The draft in which the word can be read; one that is no use when there is none.
fn readable(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Draft> {
    let draft = Draft::new(db, file, offset, Patch::Word)?;
    if draft.before().ends_with("${") || draft.before().ends_with("${...") {
        let closed = Draft::new(db, file, offset, Patch::WordAndBrace)?;
        let is_open = spot(&draft).is_in_text() || matches!(spot(&draft), Spot::Nothing);
        if is_open && matches!(spot(&closed), Spot::Value(_)) {
            return Some(closed);
        }
    }
    Some(draft)
}

/// The words that go on with a form: after which word they stand, and what follows them.
const CONTINUATIONS: [(&str, &str, &str); 3] =
    [("then", "if", "then $0"), ("else", "then", "else $0"), ("in", "for", "in $0")];

/// Where something is to be written, and who is asked about it.
#[derive(Clone, Copy)]
struct Site<'a> {
    db: &'a dyn Db,
    files: &'a dyn FileView,
    draft: &'a Draft,
    view: &'a View,
}

impl Site<'_> {
    /// Adds the word that goes on with `if`, `then` or `for`, when a complete value precedes.
    fn continuations(self, list: &mut List) {
        let line = self.draft.before().rsplit('\n').next().unwrap_or_default();
        if line.trim_start().starts_with("//") || !line.ends_with([' ', ')', ']', '}', '"']) {
            return;
        }
        let words: Vec<&str> =
            line.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').collect();
        let last =
            words.iter().rposition(|it| matches!(*it, "if" | "then" | "else" | "for" | "in"));
        let Some(last) = last.and_then(|at| words.get(at)) else { return };
        for (word, after, snippet) in CONTINUATIONS {
            if after == *last {
                list.keyword(word, snippet);
            }
        }
    }

    /// Whether `for x` precedes, without `in`.
    fn follows_variable(self) -> bool {
        let before = self.draft.before();
        let mut words = before.trim_end().rsplit([' ', '[', '(', '\n']);
        let is_name = words.next().is_some_and(|it| it != "in" && it != "for");
        before.ends_with(' ') && is_name && words.next() == Some("for")
    }

    fn spot(self, spot: &Spot<'_>, list: &mut List) {
        match spot {
            Spot::Nothing => self.continuations(list),
            // What is read as the list of a `for` is the `in` before it.
            Spot::Value(_) if self.follows_variable() => list.keyword("in", "in $0"),
            Spot::Value(expr) => self.value(*expr, list),
            Spot::Member { base, whole } => self.members(*base, *whole, list),
            Spot::Field { record, owner, is_valued } => {
                self.fields(record, *owner, *is_valued, list);
            }
            Spot::ArgumentName { call } => self.argument_names(*call, list),
            Spot::Type { namespace } => self.types(*namespace, list),
            Spot::Extends { namespace } => self.bases(*namespace, list),
            Spot::AfterName => list.keyword("extends", "extends $0"),
            Spot::AfterPath => list.keyword("as", "as ${1:name}"),
            Spot::Alias => self.alias(list),
            Spot::Import { before, after } => self.imports((before, after), list),
            Spot::Text { text, parts } => self.text(*text, parts, list),
            Spot::Key { record, owner } => self.keys(record, *owner, list),
            Spot::Command { parts } => self.command(parts, list),
            Spot::Script { tag, body } => self.script(tag, body, list),
        }
    }
}
