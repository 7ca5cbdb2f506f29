//! Compound commands with a syntax of their own: `case`, `for`, `select`, `[[ ]]`.

use super::Context;
use super::arithmetic::Close;
use super::commands::Stop;
use super::reader::{Frame, Reader};
use super::word::ends_word;

impl Reader<'_> {
    /// The rest of `case word in ... esac`.
    pub(super) fn case(&mut self) {
        self.blanks();
        self.plain_word(Context::Case);
        self.lines();
        if !self.takes_keyword("in") {
            return;
        }
        loop {
            self.lines();
            if self.at(0).is_none() || self.takes_keyword("esac") {
                return;
            }
            let before = self.pos;
            if !self.case_pattern() {
                return;
            }
            self.commands(Stop::CaseItem);
            if self.pos == before {
                return;
            }
        }
    }

    /// `a|b)`; `false` if it is none.
    fn case_pattern(&mut self) -> bool {
        if self.at(0) == Some(b'(') {
            self.pos += 1;
        }
        loop {
            self.blanks();
            match self.at(0) {
                Some(b')') => {
                    self.pos += 1;
                    return true;
                }
                Some(b'|') => self.pos += 1,
                Some(byte) if ends_word(byte) => return false,
                Some(_) => {
                    self.plain_word(Context::Case);
                }
                None => return false,
            }
        }
    }

    /// The rest of `for x in words`, `for ((..))`, `select x in words`.
    pub(super) fn for_loop(&mut self) {
        self.blanks();
        if self.starts_with("((") {
            self.pos += 2;
            self.arithmetic(Close::DoubleParen, Context::Arithmetic);
            return;
        }
        let mut names = Vec::new();
        while let Some(end) = self.name_end(0) {
            let name = self.text(self.pos, end);
            self.pos = end;
            if matches!(name, "in" | "do") {
                break;
            }
            names.push(name);
            self.lines();
        }
        self.for_words();
        // They get their values from the words, which are read before.
        for name in names {
            self.sets(name);
        }
    }

    /// The words that a loop goes through.
    fn for_words(&mut self) {
        loop {
            self.blanks();
            match self.at(0) {
                Some(byte) if !ends_word(byte) && byte != b'#' => {
                    self.plain_word(Context::ForList);
                }
                // zsh: `for x (a b)`
                Some(b'(') => self.pos += 1,
                Some(_) | None => return,
            }
        }
    }

    /// The rest of `[[ ... ]]`.
    pub(super) fn test(&mut self) {
        let mut asks_for_name = false;
        loop {
            self.lines();
            match self.at(0) {
                None | Some(b';') => return,
                Some(byte) if ends_word(byte) => self.pos += 1,
                Some(_) => {
                    let word = self.plain_word(Context::Test);
                    if word.end == word.start {
                        return;
                    }
                    match self.text(word.start, word.end) {
                        "]]" => return,
                        name if asks_for_name && super::site::is_name(name) => {
                            self.uses_name(word.start, word.end, Frame::bare(Context::Name));
                        }
                        _ => {}
                    }
                    asks_for_name = self.text(word.start, word.end) == "-v";
                }
            }
        }
    }

    /// Skips blanks, line ends and comments.
    fn lines(&mut self) {
        loop {
            self.blanks();
            match self.at(0) {
                Some(b'\n') => {
                    self.pos += 1;
                    self.read_heredocs();
                }
                Some(b'#') => self.comment(),
                Some(_) | None => return,
            }
        }
    }

    fn takes_keyword(&mut self, keyword: &str) -> bool {
        let is_here = self.name_end(0).is_some_and(|end| self.text(self.pos, end) == keyword);
        if is_here {
            self.pos += keyword.len();
        }
        is_here
    }
}
