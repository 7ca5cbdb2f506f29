//! What a checker of shell scripts says about the scripts of a saved document.
//!
//! Who starts the server knows how to run such a checker; the server runs no programs. What is said
//! holds until the document is edited.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ls_types::{Diagnostic, Uri};

/// A checker of shell scripts.
pub trait ScriptLinter: fmt::Debug + Send + Sync {
    /// Checks a script for a shell, `sh` or `bash`; nothing if that can't be done here. It may take
    /// a while: nothing waits for it.
    fn lint(&self, shell: &str, script: &str) -> Option<Vec<ScriptRemark>>;
}

/// Something to be said about a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptRemark {
    /// Line and character where it starts, counted from 1.
    pub start: (usize, usize),
    /// Line and character where it ends, counted from 1.
    pub end: (usize, usize),
    /// How bad it is.
    pub severity: ScriptSeverity,
    /// The rule, such as `SC2086`.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// How bad a remark about a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptSeverity {
    /// The script does not work.
    Error,
    /// It may do something else than what is meant.
    Warning,
    /// It could be better.
    Information,
}

/// A checker for a server beside which there is none.
#[derive(Clone, Copy, Debug)]
pub struct NoLinter;

impl ScriptLinter for NoLinter {
    fn lint(&self, _: &str, _: &str) -> Option<Vec<ScriptRemark>> {
        None
    }
}

/// What was said about the scripts of documents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lints(Arc<Mutex<BTreeMap<Uri, Vec<Diagnostic>>>>);

impl Lints {
    /// What was said about a document.
    pub(crate) fn of(&self, uri: &Uri) -> Vec<Diagnostic> {
        self.with(|lints| lints.get(uri).cloned().unwrap_or_default())
    }

    /// Replaces what was said about a document; whether that is another word.
    pub(crate) fn set(&self, uri: &Uri, said: &[Diagnostic]) -> bool {
        self.with(|lints| {
            let old = if said.is_empty() {
                lints.remove(uri)
            } else {
                lints.insert(uri.clone(), said.to_vec())
            };
            old.unwrap_or_default() != said
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut BTreeMap<Uri, Vec<Diagnostic>>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The byte at a line and a character of a script, both counted from 1.
pub(crate) fn offset(script: &str, (line, character): (usize, usize)) -> usize {
    let lines = script.split_inclusive('\n');
    let start: usize = lines.clone().take(line.saturating_sub(1)).map(str::len).sum();
    let line = lines.clone().nth(line.saturating_sub(1)).unwrap_or_default();
    let line = line.trim_end_matches(['\n', '\r']);
    let column = line.char_indices().nth(character.saturating_sub(1));
    start + column.map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn places_are_found_in_the_script() {
        let script = "\n  écho $x\r\nb";
        assert_eq!(offset(script, (2, 1)), 1);
        assert_eq!(&script[offset(script, (2, 8))..offset(script, (2, 10))], "$x");
        assert_eq!(offset(script, (3, 9)), script.len());
        assert_eq!(offset(script, (9, 9)), script.len());
    }
}
