//! Commands of a shell: what separates them, assignments, redirections, functions, substitutions.

use super::arithmetic::Close;
use super::reader::{Frame, Reader};
use super::word::{Word, ends_word};
use super::{Context, meaning};

/// Where a row of commands ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// At the end of the text.
    End,
    /// Behind `)`.
    Paren,
    /// Behind `}` where a command could start.
    Brace,
    /// Behind `;;`, or before the `esac` that ends the `case`.
    CaseItem,
}

/// The simple command that is being read.
#[derive(Default)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
}

impl Command {
    /// The name of the program, if it is fixed.
    pub(super) fn program(&self) -> Option<&str> {
        self.words.first().and_then(Word::program)
    }
}

/// How far an assignment reaches that starts here.
enum Assigned {
    Scalar { name_end: usize, value: usize },
    Element { name_end: usize },
}

/// Who commands before an assignment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declares {
    Value,
    Environment,
    Nothing,
}

impl Reader<'_> {
    /// Reads commands until `stop`.
    pub(super) fn commands(&mut self, stop: Stop) {
        self.nested(|it| it.command_list(stop));
    }

    fn command_list(&mut self, stop: Stop) {
        let mut command = Command::default();
        loop {
            self.blanks();
            match self.at(0) {
                None => break,
                Some(b'\n') => {
                    self.finish(&mut command);
                    self.pos += 1;
                    self.read_heredocs();
                }
                Some(b'#') => self.comment(),
                Some(b';') => {
                    self.finish(&mut command);
                    self.pos += 1;
                    if stop == Stop::CaseItem && self.ends_case_item() {
                        break;
                    }
                }
                Some(b'&') if self.at(1) == Some(b'>') => self.redirection(&mut command),
                Some(b'&' | b'|') => {
                    self.finish(&mut command);
                    self.pos += 1;
                }
                Some(b'<' | b'>') => self.redirection(&mut command),
                Some(b'(') => self.paren(&mut command),
                Some(b')') => {
                    self.finish(&mut command);
                    self.pos += 1;
                    if stop == Stop::Paren {
                        break;
                    }
                }
                Some(_) => {
                    if self.argument_or_keyword(&mut command, stop) {
                        break;
                    }
                }
            }
        }
        self.finish(&mut command);
    }

    /// Steps over the second sign of `;;`, `;&` or `;;&` if one is here.
    fn ends_case_item(&mut self) -> bool {
        match (self.at(0), self.at(1)) {
            (Some(b';'), Some(b'&')) => self.pos += 2,
            (Some(b';' | b'&' | b'|'), _) => self.pos += 1,
            _ => return false,
        }
        true
    }

    /// `(` in place of a word: a subshell, arithmetic, a function, or a pattern.
    fn paren(&mut self, command: &mut Command) {
        if command.words.is_empty() && self.at(1) == Some(b'(') {
            self.pos += 2;
            let first = self.facts.uses.len();
            if !self.arithmetic(Close::DoubleParen, Context::Arithmetic) {
                self.forget_bare_names(first);
                self.commands(Stop::Paren);
            }
            return;
        }
        self.pos += 1;
        self.blanks();
        if command.words.len() == 1 && self.at(0) == Some(b')') {
            self.pos += 1;
            command.words.clear();
            return;
        }
        self.commands(Stop::Paren);
    }

    /// Reads a word; `true` if it ends the row of commands.
    fn argument_or_keyword(&mut self, command: &mut Command, stop: Stop) -> bool {
        let declares = match command.program() {
            None if command.words.is_empty() => Declares::Value,
            Some("export" | "local" | "declare" | "readonly" | "typeset" | "integer") => {
                Declares::Value
            }
            Some("env" | "sudo") => Declares::Environment,
            Some(_) | None => Declares::Nothing,
        };
        if declares != Declares::Nothing && self.assignment(declares) {
            return false;
        }
        let start = self.pos;
        let word = self.word(Context::Word);
        if self.pos == start {
            // No word starts with this sign; it means nothing here.
            self.pos += 1;
            return false;
        }
        if !command.words.is_empty() {
            command.words.push(word);
            return false;
        }
        self.keyword_or_program(word, command, stop)
    }

    fn keyword_or_program(&mut self, word: Word, command: &mut Command, stop: Stop) -> bool {
        match self.text(word.start, word.end) {
            "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "time" | "{"
            | "fi" | "done" | "coproc" => {}
            // `time -p`
            "-p" => {}
            "}" => return stop == Stop::Brace,
            "esac" if stop == Stop::CaseItem => {
                // The `case` itself takes it.
                self.pos = word.start;
                return true;
            }
            "case" => self.nested(Self::case),
            "for" | "select" | "foreach" => self.for_loop(),
            "[[" => self.test(),
            "function" => {
                self.blanks();
                self.word(Context::Word);
                self.blanks();
                if self.starts_with("()") {
                    self.pos += 2;
                }
            }
            _ => command.words.push(word),
        }
        false
    }

    /// `NAME=value`, `NAME+=value`, `NAME[i]=value`, `NAME=(...)`; `false` if none starts here.
    fn assignment(&mut self, declares: Declares) -> bool {
        let start = self.pos;
        let Some(assigned) = self.assigned() else { return false };
        let name_end = match assigned {
            Assigned::Scalar { name_end, value } => {
                self.pos = value;
                name_end
            }
            Assigned::Element { name_end } => {
                self.pos = name_end + 1;
                self.arithmetic(Close::Bracket, Context::Subscript);
                while matches!(self.at(0), Some(b'+' | b'=')) {
                    self.pos += 1;
                }
                name_end
            }
        };
        let name = self.text(start, name_end);
        if self.slice(name_end, name_end + 2) == b"+=" {
            self.uses_name(start, name_end, Frame::bare(Context::Name));
        }
        if self.at(0) == Some(b'(') {
            self.pos += 1;
            self.nested(Self::array);
        } else {
            let is_split = declares == Declares::Environment;
            self.plain_word(if is_split { Context::Word } else { Context::Assignment });
        }
        // What stands behind the `=` is read before.
        self.sets(name);
        true
    }

    fn assigned(&self) -> Option<Assigned> {
        /// Longer subscripts are not looked for: a word may start like one and never end.
        const SUBSCRIPT_MAX: usize = 256;
        let name_end = self.name_end(0)?;
        let rest = self.slice(name_end, self.end);
        match rest {
            [b'=', ..] => Some(Assigned::Scalar { name_end, value: name_end + 1 }),
            [b'+', b'=', ..] => Some(Assigned::Scalar { name_end, value: name_end + 2 }),
            [b'[', rest @ ..] => {
                let line = rest.iter().take(SUBSCRIPT_MAX).take_while(|byte| **byte != b'\n');
                let close = line.clone().position(|byte| *byte == b']')?;
                match rest.get(close + 1..) {
                    Some([b'=', ..] | [b'+', b'=', ..]) => Some(Assigned::Element { name_end }),
                    Some(_) | None => None,
                }
            }
            _ => None,
        }
    }

    /// The rest of `(a b [k]=v)`.
    fn array(&mut self) {
        loop {
            self.blanks();
            match self.at(0) {
                None => return,
                Some(b')') => {
                    self.pos += 1;
                    return;
                }
                Some(b'\n') => {
                    self.pos += 1;
                    self.read_heredocs();
                }
                Some(b'#') => self.comment(),
                Some(byte) if ends_word(byte) => self.pos += 1,
                Some(_) => {
                    self.plain_word(Context::Word);
                }
            }
        }
    }

    /// `<`, `>` and their kin, with what follows.
    fn redirection(&mut self, command: &mut Command) {
        if self.starts_with("<<<") {
            self.pos += 3;
            self.blanks();
            self.here_string(&meaning::feeds(command));
            return;
        }
        if self.starts_with("<<") {
            self.pos += 2;
            self.heredoc(meaning::feeds(command));
            return;
        }
        if self.at(1) == Some(b'(') {
            self.pos += 2;
            self.enclosed(Stop::Paren);
            return;
        }
        self.opened_descriptor(command);
        while matches!(self.at(0), Some(b'<' | b'>' | b'&' | b'|')) {
            self.pos += 1;
        }
        self.blanks();
        self.plain_word(Context::Word);
    }

    /// `exec {fd}>file` sets `fd`.
    fn opened_descriptor(&mut self, command: &Command) {
        let name = command
            .words
            .last()
            .filter(|word| word.end == self.pos)
            .and_then(Word::fixed)
            .and_then(|text| text.strip_prefix('{')?.strip_suffix('}'));
        if let Some(name) = name {
            self.sets(name);
        }
    }
}
