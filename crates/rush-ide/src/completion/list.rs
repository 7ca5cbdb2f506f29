//! The list of proposals while it is made.

use rush_semantics::check::deprecation;
use rush_semantics::{Db, Item};
use rustc_hash::FxHashSet;

use super::{Completion, CompletionKind, Completions, DocsId, Insert};
use crate::place::FileRange;
use crate::snippet::Snippet;

/// How many proposals a list has.
const LIST_MAX: usize = 1_000;
/// How many names a list takes before it takes only those that begin like what is typed.
pub(super) const NAMES_MAX: usize = 300;

/// How likely a proposal is, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It is demanded here.
    Demanded,
    /// It fits an argument and is near: what a caller has is mostly handed on.
    Argument,
    /// It is one of the few values there are.
    Member,
    /// It fits and is near.
    Near,
    /// It fits.
    Fits,
    /// A form to fill in.
    Form,
    /// It has parts that fit.
    HasParts,
    /// A word of the language.
    Word,
    /// It does not fit as it is.
    Other,
}

/// The proposals found so far.
pub(super) struct List {
    /// What each replaces unless it says so.
    replaces: FileRange,
    typed: String,
    found: Vec<(Rank, Completion)>,
    labels: FxHashSet<String>,
    is_cut: bool,
}

impl List {
    pub(super) fn new(replaces: FileRange, typed: &str) -> Self {
        Self {
            replaces,
            typed: typed.to_lowercase(),
            found: Vec::new(),
            labels: FxHashSet::default(),
            is_cut: false,
        }
    }

    /// A proposal that inserts its label.
    pub(super) fn proposal(&self, label: &str, kind: CompletionKind) -> Completion {
        Completion {
            label: label.to_owned(),
            label_detail: None,
            kind,
            detail: None,
            default: None,
            insert: Insert::Plain(label.to_owned()),
            replaces: self.replaces,
            sort: String::new(),
            filter: None,
            is_deprecated: false,
            is_likely: false,
            docs: None,
            edits: Vec::new(),
        }
    }

    /// Adds a proposal, unless there is one with this label.
    pub(super) fn add(&mut self, rank: Rank, completion: Completion) {
        if self.labels.insert(completion.label.clone()) {
            self.found.push((rank, completion));
        }
    }

    /// Adds a word of the language with what follows it.
    pub(super) fn keyword(&mut self, label: &str, snippet: &str) {
        let insert = Insert::Snippet(snippet.to_owned());
        let it = self.proposal(label, CompletionKind::Keyword);
        self.add(Rank::Word, Completion { insert, ..it });
    }

    /// Says that more can be listed once more is typed.
    pub(super) fn is_to_be_asked_again(&mut self) {
        self.is_cut = true;
    }

    /// The names of `all` that are to be considered, in alphabetical order: all of them, or when they
    /// are many, some of those that have the typed letters in this order.
    pub(super) fn names<T>(&mut self, mut all: Vec<(&str, T)>) -> Vec<T> {
        if all.len() > NAMES_MAX {
            all.retain(|(name, _)| is_like(name, &self.typed));
            self.is_cut = true;
        }
        if all.len() > NAMES_MAX {
            // Those that begin like it are the likelier ones.
            let begins = |name: &str| {
                name.get(..self.typed.len()).is_some_and(|it| it.eq_ignore_ascii_case(&self.typed))
            };
            all.sort_by_cached_key(|(name, _)| (!begins(name), *name));
            all.truncate(NAMES_MAX);
        }
        all.sort_unstable_by_key(|(name, _)| *name);
        all.into_iter().map(|(_, it)| it).collect()
    }

    /// The list in its order.
    pub(super) fn finish(mut self) -> Completions {
        self.found.sort_by_key(|(rank, _)| *rank);
        let is_incomplete = self.is_cut || self.found.len() > LIST_MAX;
        self.found.truncate(LIST_MAX);
        let numbered = self.found.into_iter().enumerate();
        let list = numbered.map(|(at, (rank, completion))| Completion {
            sort: format!("{at:04}"),
            is_likely: completion.is_likely || (at == 0 && rank == Rank::Demanded),
            ..completion
        });
        Completions { list: list.collect(), is_incomplete }
    }
}

/// Whether a name has these letters (in lower case) in their order.
fn is_like(name: &str, typed: &str) -> bool {
    let mut letters = name.chars().map(|it| it.to_ascii_lowercase());
    typed.chars().all(|wanted| letters.any(|it| it == wanted))
}

impl Completion {
    /// With a type.
    pub(super) fn of_type(self, ty: &rush_semantics::ty::Ty) -> Self {
        if ty.is_error() { self } else { Self { detail: Some(ty.to_string()), ..self } }
    }

    /// With a snippet.
    pub(super) fn with(self, snippet: Snippet) -> Self {
        let is_plain = snippet.is_plain();
        let text = snippet.finish();
        // What has no places to fill in may still have escapes, so only plain letters are plain.
        let insert = if is_plain && !text.contains('\\') {
            Insert::Plain(text)
        } else {
            Insert::Snippet(text)
        };
        Self { insert, ..self }
    }

    /// As the only element of a list.
    pub(super) fn in_list(self) -> Self {
        let insert = match self.insert {
            Insert::Plain(text) => Insert::Plain(format!("[{text}]")),
            Insert::Snippet(text) => Insert::Snippet(format!("[{text}]")),
        };
        Self { insert, ..self }
    }

    /// With docs.
    pub(super) fn documented(self, docs: DocsId) -> Self {
        Self { docs: Some(docs), ..self }
    }

    /// What stands for an item: with its docs, and struck through if they say so.
    pub(super) fn about(self, db: &dyn Db, item: Item) -> Self {
        let is_deprecated = deprecation(db, item).is_some();
        Self { is_deprecated, ..self.documented(DocsId::item(db, item)) }
    }

    /// With what follows the label.
    pub(super) fn followed_by(self, detail: impl Into<String>) -> Self {
        Self { label_detail: Some(detail.into()), ..self }
    }
}
