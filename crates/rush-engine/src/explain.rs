//! `rush explain`: the page of a code, of a kind, of a type, of a field.
//!
//! The pages of codes come from the registry, everything about kinds from the prelude's own docs.

use rush_diagnostics::{Code, suggest};
use rush_semantics::RushDatabase;
use rush_semantics::reference::{topic, topic_names};

/// Why there is nothing to explain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing to explain about `{word}`")]
pub struct ExplainError {
    /// What was asked for.
    word: String,
    /// What can be asked for instead.
    suggestion: Option<String>,
}

impl ExplainError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match &self.suggestion {
            Some(suggestion) => format!("did you mean `{suggestion}`?"),
            None => "ask for a code like `RUSH0204`, a kind like `task`, a field like \
                     `task.retry`, or a type like `Retry`"
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
    topic(&db, word)
        .ok_or_else(|| ExplainError { word: word.to_owned(), suggestion: near(&db, word) })
}

/// Everything that can be explained, for completion; fields of fields are found by who asks on.
pub fn explainable() -> Vec<String> {
    let db = RushDatabase::default();
    let codes = Code::all().map(|it| it.code.to_string());
    let names = topic_names(&db, "");
    let fields: Vec<String> =
        names.iter().flat_map(|name| topic_names(&db, &format!("{name}."))).collect();
    codes.chain(names).chain(fields).collect()
}

/// A name that can be explained and is most likely meant.
fn near(db: &RushDatabase, word: &str) -> Option<String> {
    let known = topic_names(db, word);
    let (owner, last) = word.rsplit_once('.').unwrap_or(("", word));
    let by_synonym = rush_diagnostics::synonym(last).map(|it| format!("{owner}.{it}"));
    let lasts = known.iter().map(|it| it.rsplit('.').next().unwrap_or(it));
    let near = suggest(last, lasts);
    by_synonym.filter(|it| known.contains(it)).or_else(|| {
        let near = near?;
        known.iter().find(|it| it.rsplit('.').next() == Some(near)).cloned()
    })
}
