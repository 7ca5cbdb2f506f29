//! Here-documents: `<<END`, `<<-END`, `<<'END'`.

use super::code::{CodeReader, InputReader, Reach, Remedy};
use super::commands::Stop;
use super::reader::{Frame, Reader};
use super::word::Treatment;
use super::{Context, SecondShell};
use smol_str::SmolStr;

/// A here-document whose body starts at the next line.
pub(super) struct Heredoc {
    delimiter: Vec<u8>,
    is_quoted: bool,
    strips_tabs: bool,
    feeds: Feeds,
}

/// Who reads the text of a here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Feeds {
    /// A shell.
    Shell(InputReader),
    /// A program that puts variables of the environment into a template.
    Template,
    /// No shell.
    Nobody,
}

impl Reader<'_> {
    /// What follows `<<`: the delimiter.
    pub(super) fn heredoc(&mut self, feeds: Feeds) {
        let strips_tabs = self.at(0) == Some(b'-');
        self.pos += usize::from(strips_tabs);
        self.blanks();
        let start = self.pos;
        let mut word = self.open_word();
        while let Some(byte) = self.at(0) {
            if super::word::ends_word(byte) {
                break;
            }
            match byte {
                b'\'' | b'"' | b'\\' => self.piece(&mut word, Frame::bare(Context::HereDocument)),
                // `<<$x` ends at a line that reads `$x`.
                _ => {
                    word.literal.push(byte);
                    self.pos += 1;
                }
            }
        }
        let is_quoted =
            self.slice(start, self.pos).iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\'));
        if !word.literal.is_empty() || is_quoted {
            let delimiter = word.literal;
            self.heredocs.push(Heredoc { delimiter, is_quoted, strips_tabs, feeds });
        }
    }

    /// Reads the bodies of the here-documents that wait for this line end.
    pub(super) fn read_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let (end, after) = self.heredoc_end(&heredoc);
            let body = (self.pos, end);
            self.within(body, after, |it| it.heredoc_body(&heredoc));
        }
    }

    /// The end of the body that starts here, and where the line behind it starts.
    fn heredoc_end(&self, heredoc: &Heredoc) -> (usize, usize) {
        let mut start = self.pos;
        for line in self.slice(self.pos, self.end).split_inclusive(|byte| *byte == b'\n') {
            let next = start + line.len();
            let mut text = line.strip_suffix(b"\n").unwrap_or(line);
            if heredoc.strips_tabs {
                let tabs = text.iter().take_while(|byte| **byte == b'\t').count();
                text = text.get(tabs..).unwrap_or_default();
            }
            if text == heredoc.delimiter {
                return (start, next);
            }
            start = next;
        }
        (self.end, self.end)
    }

    fn heredoc_body(&mut self, heredoc: &Heredoc) {
        if heredoc.is_quoted {
            self.takes_literally(self.pos, self.end);
            match &heredoc.feeds {
                Feeds::Shell(it) if it.reach == Reach::Elsewhere => {}
                Feeds::Shell(_) => self.commands(Stop::End),
                Feeds::Template => self.expansions(),
                Feeds::Nobody => self.lookups(self.pos, self.end),
            }
            return;
        }
        let first = self.facts.uses.len();
        let nesting = self.nesting;
        self.expansions();
        self.note_input(&heredoc.feeds, first..self.facts.uses.len(), nesting);
    }

    /// What follows `<<<`: one word.
    pub(super) fn here_string(&mut self, feeds: &Feeds) {
        let word = self.word(Context::HereString);
        let treatment = match feeds {
            Feeds::Shell(it) if it.reach == Reach::Elsewhere => Treatment::Elsewhere,
            Feeds::Shell(_) => Treatment::Code,
            Feeds::Template => Treatment::Template,
            Feeds::Nobody => Treatment::Text,
        };
        self.settle(&word, treatment);
        self.note_input(feeds, word.uses.clone(), word.nesting);
    }

    /// Notes what is put into a text that a shell reads from its input.
    fn note_input(&mut self, feeds: &Feeds, uses: std::ops::Range<usize>, nesting: u16) {
        let Feeds::Shell(shell) = feeds else { return };
        let uses = self.direct_uses(uses, nesting);
        // Other code than an option brings, which an argument would not reach.
        let remedy = match (shell.program.as_str(), shell.reach) {
            ("ssh", _) => Remedy::Input,
            (_, Reach::Here) => Remedy::Variable,
            (_, Reach::Chosen | Reach::Elsewhere) => Remedy::HandedOn,
        };
        let program = SmolStr::from(shell.program.as_str());
        let reader = CodeReader::Shell;
        self.facts.second_shells.push(SecondShell { program, reader, remedy, uses });
    }

    /// Expansions in text where quotes mean nothing.
    fn expansions(&mut self) {
        let mut word = self.open_word();
        let frame = Frame::bare(Context::HereDocument).quoted();
        while let Some(byte) = self.at(0) {
            match byte {
                b'$' if !matches!(self.at(1), Some(b'\'' | b'"')) => self.piece(&mut word, frame),
                b'`' => self.piece(&mut word, frame),
                b'\\' if matches!(self.at(1), Some(b'$' | b'`' | b'\\' | b'\n')) => {
                    self.piece(&mut word, frame);
                }
                _ => {
                    word.literal.push(byte);
                    self.pos += 1;
                }
            }
        }
    }

    /// The uses among `range` that are not inside a further command substitution.
    pub(super) fn direct_uses(&self, range: std::ops::Range<usize>, nesting: u16) -> Vec<usize> {
        range
            .filter(|index| self.facts.uses.get(*index).is_some_and(|it| it.nesting == nesting))
            .collect()
    }
}
