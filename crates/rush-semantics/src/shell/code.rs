//! Which words of a command are code to the program that gets them: `sh -c ".."`, `eval`, `ssh host ".."`.
//!
//! Scripts and commands without a shell ask here alike. A word is its text, with [`PUT_IN`] for each
//! value that is put into it.

mod given;
mod input;
mod launchers;
mod options;
mod program;
mod remedy;
#[cfg(test)]
mod tests;

pub use input::InputReader;
pub use program::{Program, is_shell, plain_name, program};
pub use remedy::Remedy;

use super::site::is_name;
use given::Given;
use launchers::Starts;

/// What stands for a value in the text of a word: `-p${port}` has its value, and is no `-p`.
pub const PUT_IN: &str = "\0";

/// The text of a word that is no, one or several words, such as `$options`; it begins with [`PUT_IN`].
pub const MAY_BE_OPTIONS: &str = "\0\u{1}";

/// How many launchers may start each other before nobody looks for code behind them.
const LAUNCHERS_MAX: usize = 8;

/// How many programs are asked for code where nobody knows which of them is started.
const PROGRAMS_MAX: usize = 64;

/// Words that are read as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The program that reads them.
    pub program: String,
    /// The index of each.
    pub words: Vec<usize>,
    /// How it reads them.
    pub reader: CodeReader,
    /// What of the environment of the command gets there.
    pub reach: Reach,
}

/// What reads code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeReader {
    /// A shell.
    Shell,
    /// Another language.
    Interpreter,
}

/// What of the environment gets to a program, from all to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All of it.
    Here,
    /// What somebody else chose: `sudo` takes the rest away.
    Chosen,
    /// Nothing: it is run elsewhere.
    Elsewhere,
}

/// The last part of the path of a program.
pub fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

impl Code {
    /// What to do with a value in it.
    pub fn remedy(&self) -> Remedy {
        Remedy::of(&self.program, self.reader, self.reach)
    }
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
        code.reach = code.reach.max(self.reach);
        Some(code)
    }
}

/// The code that the program in the first word is given.
fn given_code(given: &Given, words: &[&str]) -> Option<Code> {
    let program = file_name(words.first()?).to_owned();
    Some(Code { program, words: given.words(words)?, reader: given.reader, reach: Reach::Here })
}

/// The code among the words of a launcher, which has the program that it starts among them.
fn started_code(starts: Starts, words: &[&str], launchers: usize) -> Option<Code> {
    let launchers = launchers.checked_sub(1)?;
    if let Starts::Behind(own) = starts {
        let places = own.programs(words);
        let code_at = |at: &usize| code_at((words, *at), own.is_env, launchers);
        let code = places.iter().flatten().find_map(code_at);
        // What is put in may be options.
        let is_put_in = |it: &usize| words.get(*it).is_some_and(|it| it.starts_with(PUT_IN));
        if code.is_some() || !places.iter().flatten().any(is_put_in) {
            return code;
        }
    }
    let from = starts.first_place(words)?;
    let places = (from..words.len()).filter(|at| starts.may_be_program(words, *at));
    if let Starts::Exec(_) = starts {
        return places.take(PROGRAMS_MAX).find_map(|at| {
            let end = words.iter().skip(at).position(|it| matches!(*it, ";" | "+"));
            let words = words.get(..end.map_or(words.len(), |it| at + it))?;
            code_at((words, at), false, launchers)
        });
    }
    let programs = places.filter_map(|at| {
        let rest = words.get(at..)?;
        Some((at, rest, program(rest.first()?)?.given_by_option()?))
    });
    let code = |(at, rest, given)| Some(behind(given_code(given, rest)?, |it| it + at));
    programs.take(PROGRAMS_MAX).find_map(code).or_else(|| entry_code(words, from))
}

/// The code of a program that is named by an option: `docker run --entrypoint sh image -c ".."`.
fn entry_code(words: &[&str], from: usize) -> Option<Code> {
    let is_option = |it: &&str| *it == "--entrypoint" || it.starts_with("--entrypoint=");
    let option = from + words.iter().skip(from).position(is_option)?;
    let (name, first) = match words.get(option)?.split_once('=') {
        Some((_, name)) => (name, option + 1),
        None => (*words.get(option + 1)?, option + 2),
    };
    let given = program(name)?.given_by_option()?;
    let brings_code = |at: &usize| {
        // `-e A=b` sets a variable in the container.
        let assigned = words.get(at + 1).and_then(|it| it.split_once('='));
        let is_setting = assigned.is_some_and(|(name, _)| is_name(name));
        let brings = |it: &&str| it.ends_with('c') || it.ends_with('e') && !is_setting;
        words.get(*at).filter(|it| it.starts_with('-')).is_some_and(brings)
    };
    (first..words.len()).filter(brings_code).take(PROGRAMS_MAX).find_map(|at| {
        let all: Vec<&str> = std::iter::once(name).chain(words.iter().skip(at).copied()).collect();
        Some(behind(given_code(given, &all)?, |it| at + it - 1))
    })
}

/// The code that the program at `at` reads or has read; with `splits` it may have its options in its word.
fn code_at((words, at): (&[&str], usize), splits: bool, launchers: usize) -> Option<Code> {
    let all = words.get(at..)?;
    let (first, rest) = all.split_first()?;
    if !splits || !first.contains(char::is_whitespace) {
        return Some(behind(program(first)?.code_within(all, launchers)?, |it| at + it));
    }
    let mut split: Vec<&str> = first.split_ascii_whitespace().collect();
    let parts = split.len();
    split.extend(rest);
    let code = program(split.first()?)?.code_within(&split, launchers)?;
    Some(behind(code, |it| at + (it + 1).saturating_sub(parts)))
}

/// The same code where each word has another index.
fn behind(mut code: Code, index: impl Fn(usize) -> usize) -> Code {
    code.words.iter_mut().for_each(|it| *it = index(*it));
    // Parts of one word have one index.
    code.words.dedup();
    code
}
