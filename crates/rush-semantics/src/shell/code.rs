//! Which words of a command are code to the program that gets them: `sh -c ".."`, `eval`, `ssh host ".."`.
//!
//! Scripts and commands without a shell ask here alike. A word is its text, with [`PUT_IN`] for each
//! value that is put into it.

mod given;
mod launchers;
mod options;
mod program;
#[cfg(test)]
mod tests;

pub use program::{Program, is_powershell, is_shell, plain_name, program};

use given::Given;
use launchers::Starts;

/// What stands for a value in the text of a word: `-p${port}` has its value, and is no `-p`.
pub const PUT_IN: &str = "\0";

/// How many launchers may start each other before nobody looks for code behind them.
const LAUNCHERS_MAX: usize = 8;

/// Words that are read as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The program that reads them.
    pub program: String,
    /// The index of each.
    pub words: std::ops::Range<usize>,
    /// How it reads them.
    pub reader: CodeReader,
}

/// What reads code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeReader {
    /// A shell with the same environment.
    Shell,
    /// A shell elsewhere.
    RemoteShell,
    /// Another language.
    Interpreter,
}

/// The last part of the path of a program.
pub fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

impl Program {
    /// The words that are read as code; the first word is the program.
    pub fn code(self, words: &[&str]) -> Option<Code> {
        self.code_within(words, LAUNCHERS_MAX)
    }

    /// The same, behind at most as many launchers.
    fn code_within(self, words: &[&str], launchers: usize) -> Option<Code> {
        let own = self.given.and_then(|it| given_code(it, words));
        let mut code = own.or_else(|| started_code(self.starts?, words, launchers))?;
        if self.is_remote && code.reader == CodeReader::Shell {
            code.reader = CodeReader::RemoteShell;
        }
        Some(code)
    }
}

/// The code that the program in the first word is given.
fn given_code(given: &Given, words: &[&str]) -> Option<Code> {
    let program = file_name(words.first()?).to_owned();
    Some(Code { program, words: given.words(words)?, reader: given.reader })
}

/// The code among the words of a launcher, which has the program that it starts among them.
fn started_code(starts: Starts, words: &[&str], launchers: usize) -> Option<Code> {
    let launchers = launchers.checked_sub(1)?;
    if let Starts::Behind(own) = starts
        && let Some(place) = own.program(words)
        && words.get(place.at).is_some_and(|it| !it.starts_with(PUT_IN))
    {
        let code = code_at(words, place.at, launchers);
        if code.is_some() || place.is_sure {
            return code;
        }
    }
    (1..words.len()).filter(|at| starts.may_be_program(words, *at)).find_map(|at| {
        let rest = words.get(at..)?;
        let given = program(file_name(rest.first()?))?.given_by_option()?;
        Some(behind(given_code(given, rest)?, |it| it + at))
    })
}

/// The code that the program at `at` reads or has read.
fn code_at(words: &[&str], at: usize, launchers: usize) -> Option<Code> {
    let (first, rest) = words.get(at..)?.split_first()?;
    // `env -S "perl -w"` has a program with options in one word.
    let mut split: Vec<&str> = first.split_ascii_whitespace().collect();
    let parts = split.len();
    split.extend(rest);
    let code = program(file_name(split.first()?))?.code_within(&split, launchers)?;
    Some(behind(code, |it| at + (it + 1).saturating_sub(parts)))
}

/// The same code where each word has another index.
fn behind(code: Code, index: impl Fn(usize) -> usize) -> Code {
    let words = index(code.words.start)..index(code.words.end - 1) + 1;
    Code { words, ..code }
}
