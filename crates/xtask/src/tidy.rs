//! The house rules that neither the compiler nor clippy can hold.
//!
//! [`check`] returns everything that is wrong; `cargo xtask tidy` prints it, and a test expects
//! nothing. One file per family of rules.

pub mod layers;
mod modules;
mod pages;
mod rust;
pub mod sources;
pub mod spec;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

/// One breach of a house rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the root.
    pub path: String,
    /// The line, counted from 1, where the rule is about one.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Problem {
    /// A problem of a whole file.
    pub fn in_file(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, message: message.into() }
    }

    /// A problem of one line; `index` counts from 0.
    pub fn in_line(path: &str, index: usize, message: impl Into<String>) -> Self {
        Self { line: Some(index + 1), ..Self::in_file(path, message) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.path, self.message),
            None => write!(out, "{}: {}", self.path, self.message),
        }
    }
}

/// Returns all breaches of the house rules in a repository, in the order of files and lines.
pub fn check(root: &Path) -> Result<Vec<Problem>> {
    let files = sources::collect_bytes(root)?;
    let mut problems: Vec<_> = files.iter().filter_map(|(path, it)| too_large(path, it)).collect();
    let files = sources::texts(files);
    for file in &files {
        problems.extend(words::check(file));
        if file.is_rust() {
            problems.extend(rust::check(file));
        }
    }
    problems.extend(layers::check(&files)?);
    problems.extend(modules::check(&files));
    problems.extend(pages::check(&files));
    problems.extend(spec::Coverage::collect(&files).problems());
    problems.sort();
    problems.dedup();
    Ok(problems)
}

/// The most bytes that a file may have; the largest is the parser made from the grammar.
const MOST_BYTES: usize = 2 << 20;

/// A file that nobody wrote: what is built was added by mistake, and stays in the history for good.
fn too_large(path: &str, bytes: &[u8]) -> Option<Problem> {
    let message =
        || format!("{} bytes are too many; is this something that is built?", bytes.len());
    (bytes.len() > MOST_BYTES).then(|| Problem::in_file(path, message()))
}

/// Runs `cargo xtask tidy`; the word `--table` prints the coverage of the specification.
pub fn main(words: &[&str]) -> Result<()> {
    let root = crate::root();
    match words {
        [] => {}
        ["--table"] => print!("{}", spec::Coverage::collect(&sources::collect(&root)?)),
        _ => bail!("`cargo xtask tidy` takes `--table` and nothing else"),
    }
    let problems = check(&root)?;
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("tidy: no breach of the house rules");
        return Ok(());
    }
    bail!("{} breaches of the house rules", problems.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_rules_are_kept() {
        let problems = super::check(&crate::root()).unwrap();
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{} breaches:\n{}", lines.len(), lines.join("\n"));
    }

    #[test]
    fn what_is_built_is_not_added() {
        assert_eq!(super::too_large("parser.c", &vec![0; super::MOST_BYTES]), None);
        let problem = super::too_large("program", &vec![0; super::MOST_BYTES + 1]).unwrap();
        assert_eq!(
            problem.to_string(),
            "program: 2097153 bytes are too many; is this something that is built?"
        );
    }
}
