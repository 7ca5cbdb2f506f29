//! The state of a reader of shell text, and the small steps all of its parts share.
//!
//! The reader works on bytes: every sign that means something to a shell is ASCII, and the bytes of
//! other characters are never equal to one.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use text_size::TextSize;

use super::heredoc::Heredoc;
use super::source::Source;
use super::{Context, Language, Quoting, ScriptFacts, VarUse};

/// How deep constructs may nest; what is deeper is read as plain text.
const DEPTH_MAX: usize = 64;

pub(super) struct Reader<'a> {
    pub(super) language: Language,
    source: &'a Source<'a>,
    pub(super) pos: usize,
    pub(super) end: usize,
    depth: usize,
    /// Command substitutions around the place that is read.
    pub(super) nesting: u16,
    /// How many of them are written with backticks.
    pub(super) backticks: u16,
    pub(super) heredocs: Vec<Heredoc>,
    pub(super) facts: ScriptFacts,
    /// Where each name that is set gets its first value.
    first_sets: FxHashMap<SmolStr, TextSize>,
}

/// What surrounds an expansion.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) quoting: Quoting,
    pub(super) context: Context,
}

impl Frame {
    pub(super) fn bare(context: Context) -> Self {
        Self { quoting: Quoting::Unquoted, context }
    }

    pub(super) fn quoted(self) -> Self {
        Self { quoting: Quoting::DoubleQuoted, context: self.context }
    }
}

/// A variable's name and the expansion it stands in, as offsets.
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name_start: usize,
    pub(super) name_end: usize,
    pub(super) has_default: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(language: Language, source: &'a Source<'a>) -> Self {
        Self {
            language,
            source,
            pos: 0,
            end: source.text.len(),
            depth: 0,
            nesting: 0,
            backticks: 0,
            heredocs: Vec::new(),
            facts: ScriptFacts::default(),
            first_sets: FxHashMap::default(),
        }
    }

    pub(super) fn script(mut self) -> ScriptFacts {
        while self.pos < self.end {
            let before = self.pos;
            self.commands(super::commands::Stop::End);
            // Only a sign that closes nothing can stop the reader early.
            self.pos = self.pos.max(before + 1);
        }
        self.facts.own_names(self.first_sets);
        self.facts
    }

    pub(super) fn at(&self, ahead: usize) -> Option<u8> {
        let index = self.pos + ahead;
        if index < self.end { self.source.text.as_bytes().get(index).copied() } else { None }
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.slice(self.pos, self.end).starts_with(text.as_bytes())
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.source.text.as_bytes().get(start..end).unwrap_or_default()
    }

    pub(super) fn text(&self, start: usize, end: usize) -> &'a str {
        self.source.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn range(&self, start: usize, end: usize) -> text_size::TextRange {
        self.source.range(start, end)
    }

    /// Runs `step` one level deeper; does nothing if that is too deep.
    pub(super) fn nested(&mut self, step: impl FnOnce(&mut Self)) {
        if self.depth < DEPTH_MAX {
            self.depth += 1;
            step(self);
            self.depth -= 1;
        }
    }

    /// Runs `step` on the text from `start` to `end` alone and goes on behind it, at `after`.
    pub(super) fn within(
        &mut self,
        (start, end): (usize, usize),
        after: usize,
        step: impl FnOnce(&mut Self),
    ) {
        let outer_end = std::mem::replace(&mut self.end, end);
        let outer_heredocs = std::mem::take(&mut self.heredocs);
        self.pos = start;
        self.nested(step);
        self.end = outer_end;
        self.heredocs = outer_heredocs;
        self.pos = after;
    }

    /// Skips blanks and joined lines.
    pub(super) fn blanks(&mut self) {
        loop {
            match (self.at(0), self.at(1)) {
                (Some(b' ' | b'\t' | b'\r'), _) => self.pos += 1,
                (Some(b'\\'), Some(b'\n')) => self.pos += 2,
                _ => return,
            }
        }
    }

    /// The end of the name that starts `ahead` bytes further; `None` if none does.
    pub(super) fn name_end(&self, ahead: usize) -> Option<usize> {
        let first = self.at(ahead)?;
        if !(first.is_ascii_alphabetic() || first == b'_') {
            return None;
        }
        let length = self
            .slice(self.pos + ahead, self.end)
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        Some(self.pos + ahead + length)
    }

    /// The offset of the next `byte` from here; the end if there is none.
    pub(super) fn find(&self, byte: u8) -> usize {
        let rest = self.slice(self.pos, self.end);
        self.pos + rest.iter().position(|it| *it == byte).unwrap_or(rest.len())
    }

    /// Notes that the text from `start` to `end` is taken as it is written.
    pub(super) fn takes_literally(&mut self, start: usize, end: usize) {
        let range = self.range(start, end);
        self.facts.literals.push(range);
    }

    /// A comment, up to the end of its line.
    pub(super) fn comment(&mut self) {
        let end = self.find(b'\n');
        self.takes_literally(self.pos, end);
        self.pos = end;
    }

    /// Notes that a name has a value from here on.
    pub(super) fn sets(&mut self, name: &str) {
        self.sets_at(name, self.pos);
    }

    /// Notes that a name has a value from `place` on.
    pub(super) fn sets_at(&mut self, name: &str, place: usize) {
        if super::site::is_name(name) {
            let place = self.source.range(place, place).start();
            let first = self.first_sets.entry(SmolStr::from(name)).or_insert(place);
            *first = (*first).min(place);
        }
    }

    pub(super) fn uses(&mut self, found: &Found, frame: Frame) {
        let name = SmolStr::from(self.text(found.name_start, found.name_end));
        self.facts.uses.push(VarUse {
            name,
            range: self.range(found.start, found.end),
            name_range: self.range(found.name_start, found.name_end),
            quoting: frame.quoting,
            context: frame.context,
            has_default: found.has_default,
            is_in_backticks: self.backticks > 0,
            is_in_inner_quotes: false,
            nesting: self.nesting,
        });
    }

    /// A use by a bare name from `start` to `end`.
    pub(super) fn uses_name(&mut self, start: usize, end: usize, frame: Frame) {
        let found = Found { start, end, name_start: start, name_end: end, has_default: false };
        self.uses(&found, frame);
    }
}
