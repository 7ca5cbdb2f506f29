//! Which words of a command are code to the program that gets them: `sh -c ".."`, `eval`, `ssh host ".."`.
//!
//! Scripts and commands without a shell ask here alike. A word is its text, with [`PUT_IN`] for each
//! value that is put into it.

mod interpreters;
mod launchers;
mod options;
#[cfg(test)]
mod tests;

pub use interpreters::{is_powershell, is_shell, plain_name};
pub use launchers::{is_launcher, is_remote};

use interpreters::{Given, given};
use options::{Options, Read};

/// What stands for a value in the text of a word: `-p${port}` has its value, and is no `-p`.
pub const PUT_IN: &str = "\0";

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

/// Whether a program may read one of its words as code, or start one that does.
pub fn may_read_code(program: &str) -> bool {
    is_launcher(program)
        || is_powershell(program)
        || given(program).is_some()
        || matches!(program, "eval" | "trap" | "ssh" | "watch")
}

/// The words that are read as code; the first word is the program.
pub fn code_words(words: &[&str]) -> Option<Code> {
    let program = file_name(words.first()?);
    let own = own_code(program, words);
    if own.is_some() || !is_launcher(program) { own } else { started_code(program, words) }
}

/// The last part of the path of a program.
pub fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// What a program reads itself, and not the one that it starts.
fn own_code(program: &str, words: &[&str]) -> Option<Code> {
    let all = |from: usize, reader| {
        let words = from.min(words.len())..words.len();
        Some(Code { program: program.to_owned(), words, reader })
    };
    match program {
        "eval" => all(1, CodeReader::Shell),
        "watch" => all(watch_command(words)?, CodeReader::Shell),
        "ssh" => all(ssh_command(words), CodeReader::RemoteShell),
        "trap" => {
            let at = 1 + usize::from(words.get(1) == Some(&"--"));
            let words = at..at + 1;
            Some(Code { program: program.to_owned(), words, reader: CodeReader::Shell })
        }
        _ => interpreted_code(program, words),
    }
}

/// The code that an interpreter or a shell is given by its options.
fn interpreted_code(program: &str, words: &[&str]) -> Option<Code> {
    let code = |words, reader| Some(Code { program: program.to_owned(), words, reader });
    if is_powershell(program) {
        return code(interpreters::powershell_command(words)?, CodeReader::Interpreter);
    }
    let given = given(program)?;
    let at = code_behind(words, given)?;
    code(at..at + 1, given.reader)
}

/// The code among the words of a launcher, which has the program that it starts among them.
fn started_code(launcher: &str, words: &[&str]) -> Option<Code> {
    let named = launchers::program(launcher, words)
        .and_then(|at| Some((at, words.get(at..)?)))
        .filter(|(_, rest)| rest.first().is_some_and(|it| !it.contains(PUT_IN)));
    let (at, mut code) = match named {
        Some((at, rest)) => (at, code_words(rest)?),
        None => (1..words.len())
            .filter(|at| launchers::may_be_program(launcher, words, *at))
            .find_map(|at| {
                let rest = words.get(at..)?;
                Some((at, interpreted_code(file_name(rest.first()?), rest)?))
            })?,
    };
    code.words = code.words.start + at..code.words.end + at;
    if is_remote(launcher) && code.reader == CodeReader::Shell {
        code.reader = CodeReader::RemoteShell;
    }
    Some(code)
}

/// The index of the code that the program in the first word is given.
fn code_behind(words: &[&str], given: &Given) -> Option<usize> {
    let mut is_switched = false;
    let mut index = 1;
    while let Some(word) = words.get(index) {
        index += 1;
        match given.options.read(word) {
            // What is put in may be the file that is run, or an option that takes the next word.
            Read::Operand if is_switched => return Some(index - 1),
            Read::Operand if given.has_operands => {}
            Read::Operand => return None,
            Read::End => return (is_switched && index < words.len()).then_some(index),
            Read::Flags(letters) => is_switched |= letters.contains(given.switch),
            Read::Valued { name, .. } if given.instead.contains(&name) => return None,
            Read::Valued { name, flags, is_attached } => {
                is_switched |= flags.contains(given.switch);
                if given.code.contains(&name) {
                    let at = if is_attached { index - 1 } else { index };
                    return (at < words.len()).then_some(at);
                }
                index += usize::from(!is_attached);
            }
        }
    }
    None
}

/// The index of the first word of the command that `ssh` runs.
fn ssh_command(words: &[&str]) -> usize {
    const SSH: Options = Options::letters("BbcDEeFIiJLlmOoPpQRSWw");
    SSH.operand(words).map_or(words.len(), |it| it + 1)
}

/// The index of the first word of the command that `watch` gives to a shell, if it does.
fn watch_command(words: &[&str]) -> Option<usize> {
    let start = launchers::WATCH.operand(words)?;
    let has_exec = words.iter().take(start).any(|it| matches!(*it, "-x" | "--exec"));
    (!has_exec).then_some(start)
}
