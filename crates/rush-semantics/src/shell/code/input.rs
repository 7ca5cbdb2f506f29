//! Commands whose input is code: `bash <<END`, `sudo sh`, `ssh host`.

use super::given::{Given, Operands};
use super::launchers::Starts;
use super::options::{Options, Read, Style};
use super::{
    CodeReader, LAUNCHERS_MAX, MAY_BE_OPTIONS, PROGRAMS_MAX, Program, Reach, file_name, is_shell,
    program,
};

/// A shell that reads its input as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputReader {
    pub program: String,
    /// What of the environment of the command gets there.
    pub reach: Reach,
}

impl Program {
    /// The shell that reads the input of these words; the first one is the program.
    pub fn input_reader(self, words: &[&str]) -> Option<InputReader> {
        self.input_within(words, LAUNCHERS_MAX)
    }

    fn input_within(self, words: &[&str], launchers: usize) -> Option<InputReader> {
        let launchers = launchers.checked_sub(1)?;
        let is_own = self.given.is_some_and(|it| it.reads_input(words, launchers));
        let mut reader = if is_own {
            InputReader { program: file_name(words.first()?).to_owned(), reach: Reach::Here }
        } else {
            started(self.starts?, words, launchers)?
        };
        reader.reach = reader.reach.max(self.reach);
        Some(reader)
    }
}

fn started(starts: Starts, words: &[&str], launchers: usize) -> Option<InputReader> {
    let at = |at: usize| {
        let rest = words.get(at..)?;
        program(rest.first()?)?.input_within(rest, launchers)
    };
    match starts {
        Starts::Behind(own) => own.programs(words).into_iter().flatten().find_map(at),
        Starts::Somewhere(_) => {
            let from = starts.first_place(words)?;
            let places = (from..words.len()).filter(|at| starts.may_be_program(words, *at));
            let shells = places.filter(|at| words.get(*at).is_some_and(|it| is_shell(it)));
            shells.take(PROGRAMS_MAX).find_map(at)
        }
        // What it starts many times has no text to read.
        Starts::Exec(_) => None,
    }
}

impl Given {
    fn reads_input(&self, words: &[&str], launchers: usize) -> bool {
        match self.operands {
            Operands::Switched(_) => {
                self.options.style == Style::Shell && reads_script(&self.options, words)
            }
            // `ssh`: what it runs has the input, and without that it is a shell.
            Operands::CodeBehind(1..) if self.reader == CodeReader::Shell => {
                let Some(code) = self.words(words) else { return true };
                let code: Vec<&str> =
                    code.iter().filter_map(|it| words.get(*it).copied()).collect();
                let code = code.join(" ");
                let code: Vec<&str> = code.split_ascii_whitespace().collect();
                let first = code.first().and_then(|it| program(it));
                first.and_then(|it| it.input_within(&code, launchers)).is_some()
            }
            Operands::CodeBehind(_) | Operands::Names(_) => false,
        }
    }
}

/// Whether a shell is given neither a file nor code.
fn reads_script(options: &Options, words: &[&str]) -> bool {
    let mut index = 1;
    while let Some(word) = words.get(index) {
        match options.read(word) {
            Read::Operand if matches!(*word, "-" | MAY_BE_OPTIONS) => {}
            Read::Operand => return false,
            Read::End => return words.get(index + 1).is_none(),
            Read::Unlisted => {}
            Read::Flags(flags) | Read::Valued { flags, .. } if flags.contains('s') => return true,
            Read::Flags(flags) | Read::Valued { flags, .. } if flags.contains('c') => return false,
            Read::Flags(_) => {}
            Read::Valued { is_attached, .. } => index += usize::from(!is_attached),
        }
        index += 1;
    }
    true
}
