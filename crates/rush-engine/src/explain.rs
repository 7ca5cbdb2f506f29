//! `rush explain`: the page of a code, of a kind, of a type, of a field, of a word of the language.
//!
//! The pages of codes come from the registry, everything about kinds from the prelude's own docs, and
//! what the language itself brings along is described where the editor's hovers read it, too.

use rush_diagnostics::{Code, nearest};
use rush_semantics::builtins::Builtin;
use rush_semantics::reference::{topic, topic_names};
use rush_semantics::types::PRIMITIVES;
use rush_semantics::{RushDatabase, words};

/// Why there is nothing to explain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing to explain about `{word}`")]
pub struct ExplainError {
    /// What was asked for.
    word: String,
    /// What can be asked for instead, as a question.
    did_you_mean: Option<String>,
}

impl ExplainError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match &self.did_you_mean {
            Some(question) => question.clone(),
            None => "ask for a code like `RUSH0204`, a kind like `task`, a field like \
                     `task.retry`, a type like `duration`, or a word like `extends`"
                .to_owned(),
        }
    }
}

/// Returns a page in Markdown about a code, a kind, a type of the prelude or a field.
pub fn explain(word: &str) -> Result<String, ExplainError> {
    if let Ok(code) = word.parse::<Code>() {
        return Ok(code.page().to_owned());
    }
    let db = RushDatabase::default();
    topic(&db, word).or_else(|| page_of_word(word)).ok_or_else(|| ExplainError {
        word: word.to_owned(),
        did_you_mean: did_you_mean(&db, word),
    })
}

/// The page about what the language brings along without a declaration.
fn page_of_word(word: &str) -> Option<String> {
    let page = |(form, doc): (&str, &str)| format!("# {word}\n\n{doc}\n\n```rush\n{form}\n```\n");
    if let Some(name) = word.strip_prefix("host.") {
        return words::HOST.contains(&name).then(|| words::member(name).map(page))?;
    }
    if word == "host" {
        let mut page = page(words::word(word)?);
        page.push_str("\n## Facts\n\n");
        for (form, doc) in words::HOST.iter().filter_map(|it| words::member(it)) {
            page.push_str(&format!("- `{form}` - {doc}\n"));
        }
        return Some(page);
    }
    if let Some(function) = Builtin::named(word) {
        let also = words::primitive(word).map(|(_, doc)| format!("As a type: {doc}\n\n"));
        let also = also.unwrap_or_default();
        let (form, doc) = (function.signature(), function.doc());
        return Some(format!("# {word}\n\n{also}{doc}\n\n```rush\n{form}\n```\n"));
    }
    let found =
        words::keyword(word).or_else(|| words::primitive(word)).or_else(|| words::word(word));
    found.map(page)
}

/// The words of the language that can be explained.
fn words_explained() -> impl Iterator<Item = &'static str> {
    let keywords = words::KEYWORDS.iter().map(|it| it.0);
    let functions = Builtin::ALL.iter().map(|it| it.name());
    let types = PRIMITIVES.iter().copied().chain(["map"]);
    keywords.chain(types).chain(functions.filter(|it| !PRIMITIVES.contains(it))).chain(["host"])
}

/// Everything that can be explained, for completion; fields of fields are found by who asks on.
pub fn explainable() -> Vec<String> {
    let db = RushDatabase::default();
    let codes = Code::all().map(|it| it.code.to_string());
    let names = topic_names(&db, "");
    let fields: Vec<String> =
        names.iter().flat_map(|name| topic_names(&db, &format!("{name}."))).collect();
    let words = words_explained().map(str::to_owned);
    codes.chain(names).chain(fields).chain(words).collect()
}

/// Asks for what can be explained and is most likely meant.
fn did_you_mean(db: &RushDatabase, word: &str) -> Option<String> {
    let named = topic_names(db, word);
    let (before, last) = match word.rfind('.') {
        Some(at) => word.split_at(at + 1),
        None => ("", word),
    };
    let mut known: Vec<&str> =
        named.iter().map(|it| it.strip_prefix(before).unwrap_or(it)).collect();
    for word in words_explained().filter(|_| before.is_empty()) {
        known.push(word);
    }
    nearest(last, known).question(before).or_else(|| nearest(word, words_explained()).question(""))
}
