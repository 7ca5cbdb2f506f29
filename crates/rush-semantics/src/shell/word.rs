//! One word of a shell: quotes, escapes and expansions up to where the word ends.

use super::code::{MAY_BE_OPTIONS, PUT_IN, file_name};
use super::reader::{Found, Frame, Reader};
use super::{Context, Language, Quoting, foreign};

/// A word that was read.
#[derive(Default)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The text after quotes, with [`PUT_IN`] for what is expanded.
    pub(super) literal: Vec<u8>,
    /// What a second shell would make of the literal.
    inner: Inner,
    /// Whether nothing in it is expanded.
    pub(super) is_fixed: bool,
    /// The expansions in it, nested ones included: a range of indices into the uses.
    pub(super) uses: std::ops::Range<usize>,
    /// The command substitutions around the word.
    pub(super) nesting: u16,
    /// The insides of `'...'`.
    pub(super) single_quoted: Vec<(usize, usize)>,
}

/// The state of a shell that reads the literal of a word as code.
#[derive(Clone, Copy, Default)]
struct Inner {
    /// How much of the literal it has read.
    read: usize,
    /// The quote that is open there.
    quote: Option<u8>,
}

/// What text in single quotes is to the command that gets it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Text: a `$x` in it is probably meant to be expanded.
    Text,
    /// Code that a shell with the same environment reads.
    Code,
    /// A program in another language, which may look variables up.
    Program,
    /// Something that has its own `$`, elsewhere.
    Elsewhere,
    /// Text in which the command itself replaces variables.
    Template,
}

impl Word {
    /// Notes that something is expanded here.
    fn varies(&mut self) {
        self.is_fixed = false;
        self.literal.extend_from_slice(PUT_IN.as_bytes());
    }

    /// Whether a second shell would be in quotes behind the literal so far.
    fn is_in_inner_quotes(&mut self) -> bool {
        let Inner { mut read, mut quote } = self.inner;
        while let Some(&byte) = self.literal.get(read) {
            let before = read.checked_sub(1).and_then(|it| self.literal.get(it));
            read += 1;
            match (quote, byte) {
                (Some(b'"') | None, b'\\') => read += 1,
                (None, b'\'' | b'"') => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                // A quote in a comment opens nothing.
                (None, b'#') if before.is_none_or(u8::is_ascii_whitespace) => {
                    let rest = self.literal.get(read..).unwrap_or_default();
                    read += rest.iter().take_while(|it| **it != b'\n').count();
                }
                _ => {}
            }
        }
        self.inner = Inner { read, quote };
        quote.is_some()
    }

    /// The fixed text; `None` if something is expanded or it is no UTF-8.
    pub(super) fn fixed(&self) -> Option<&str> {
        if self.is_fixed { std::str::from_utf8(&self.literal).ok() } else { None }
    }

    /// The text, with [`PUT_IN`] for what is expanded and for what is no UTF-8.
    pub(super) fn shown(&self) -> &str {
        std::str::from_utf8(&self.literal).unwrap_or(PUT_IN)
    }

    /// The last part of the path it names.
    pub(super) fn program(&self) -> Option<&str> {
        self.fixed().map(file_name)
    }
}

/// Whether the byte ends a word outside of quotes.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

impl Reader<'_> {
    /// Reads a word and treats its single quotes as text.
    pub(super) fn plain_word(&mut self, context: Context) -> Word {
        let word = self.word(context);
        self.settle(&word, Treatment::Text);
        word
    }

    /// Reads a word; empty, without a step forward, if none starts here.
    pub(super) fn word(&mut self, context: Context) -> Word {
        let mut word = self.open_word();
        while let Some(byte) = self.at(0) {
            if byte == b'(' && self.opens_pattern(word.start) {
                word.varies();
                self.pos += 1;
                self.nested(|it| it.pattern_group(context));
                continue;
            }
            if ends_word(byte) {
                break;
            }
            self.piece(&mut word, Frame::bare(context));
        }
        self.close_word(&mut word);
        if self.may_be_options(&word) {
            word.literal = MAY_BE_OPTIONS.into();
        }
        word
    }

    /// Whether a word may become no, one or several words: `$x`, `"$@"`, `"${x[@]}"`.
    fn may_be_options(&self, word: &Word) -> bool {
        let is_list = |it: &[u8]| it == b"\"$@\"" || it.ends_with(b"[@]}\"");
        let is_put_in = !word.is_fixed && word.literal.iter().all(|byte| *byte == b'\0');
        let source = self.slice(word.start, word.end);
        let is_unquoted = matches!(source, [b'$' | b'`', ..]) && !source.starts_with(b"$((");
        is_put_in && (is_unquoted || is_list(source))
    }

    pub(super) fn open_word(&self) -> Word {
        Word {
            start: self.pos,
            is_fixed: true,
            uses: self.facts.uses.len()..0,
            nesting: self.nesting,
            ..Word::default()
        }
    }

    pub(super) fn close_word(&self, word: &mut Word) {
        word.end = self.pos;
        word.uses.end = self.facts.uses.len();
    }

    /// Takes one piece of a word; always a step forward.
    pub(super) fn piece(&mut self, word: &mut Word, frame: Frame) {
        match self.at(0) {
            Some(b'\'') => self.single_quoted(word),
            Some(b'"') => self.double_quoted(word, frame),
            Some(b'\\') => {
                word.literal.extend(self.at(1).filter(|byte| *byte != b'\n'));
                self.pos = (self.pos + 2).min(self.end);
            }
            Some(b'$') => self.dollar(word, frame),
            Some(b'`') => {
                word.varies();
                self.backtick();
            }
            Some(byte) => {
                word.literal.push(byte);
                self.pos += 1;
            }
            None => {}
        }
    }

    fn single_quoted(&mut self, word: &mut Word) {
        self.pos += 1;
        let close = self.find(b'\'');
        word.literal.extend_from_slice(self.slice(self.pos, close));
        word.single_quoted.push((self.pos, close));
        self.takes_literally(self.pos, close);
        self.pos = (close + 1).min(self.end);
    }

    /// `"..."`; the opening quote is next.
    pub(super) fn double_quoted(&mut self, word: &mut Word, frame: Frame) {
        self.pos += 1;
        while let Some(byte) = self.at(0) {
            match byte {
                b'"' => {
                    self.pos += 1;
                    return;
                }
                b'\'' => {
                    word.literal.push(byte);
                    self.pos += 1;
                }
                _ => self.piece_in_quotes(word, frame.quoted()),
            }
        }
    }

    fn piece_in_quotes(&mut self, word: &mut Word, frame: Frame) {
        match (self.at(0), self.at(1)) {
            // `$'` and `$"` have no meaning inside quotes.
            (Some(b'$'), Some(b'\'' | b'"')) => {
                word.literal.push(b'$');
                self.pos += 1;
            }
            // Before any other sign, a backslash is one.
            (Some(b'\\'), Some(next)) if !matches!(next, b'$' | b'`' | b'"' | b'\\' | b'\n') => {
                word.literal.push(b'\\');
                self.pos += 1;
            }
            _ => self.piece(word, frame),
        }
    }

    /// A `$` outside of single quotes.
    fn dollar(&mut self, word: &mut Word, frame: Frame) {
        match self.at(1) {
            Some(b'\'') if frame.quoting == Quoting::Unquoted => self.ansi_quoted(word),
            Some(b'"') if frame.quoting == Quoting::Unquoted => {
                self.pos += 1;
                self.double_quoted(word, frame);
            }
            _ => {
                let first = self.facts.uses.len();
                if self.expansion(frame) {
                    let is_in_inner_quotes = word.is_in_inner_quotes();
                    for variable in self.facts.uses.iter_mut().skip(first) {
                        variable.is_in_inner_quotes = is_in_inner_quotes;
                    }
                    word.varies();
                } else {
                    word.literal.push(b'$');
                    self.pos += 1;
                }
            }
        }
    }

    /// `$'...'`, with escapes.
    fn ansi_quoted(&mut self, word: &mut Word) {
        self.pos += 2;
        let start = self.pos;
        while let Some(byte) = self.at(0) {
            self.pos = (self.pos + if byte == b'\\' { 2 } else { 1 }).min(self.end);
            if byte == b'\'' {
                break;
            }
            word.literal.push(byte);
        }
        self.takes_literally(start, self.pos);
    }

    /// `` `...` ``; the first backtick is next.
    pub(super) fn backtick(&mut self) {
        let start = self.pos + 1;
        let mut close = start;
        while let Some(byte) = self.slice(close, self.end).first() {
            match byte {
                b'`' => break,
                b'\\' => close += 2,
                _ => close += 1,
            }
        }
        let close = close.min(self.end);
        self.nesting = self.nesting.saturating_add(1);
        self.backticks += 1;
        self.within((start, close), (close + 1).min(self.end), |it| {
            it.commands(super::commands::Stop::End);
        });
        self.backticks -= 1;
        self.nesting = self.nesting.saturating_sub(1);
    }

    /// Whether a `(` here belongs to a pattern such as `!(a|b)`.
    fn opens_pattern(&self, word_start: usize) -> bool {
        self.language != Language::Sh
            && self.pos > word_start
            && matches!(self.slice(self.pos - 1, self.pos), [b'@' | b'?' | b'*' | b'+' | b'!'])
    }

    /// The rest of `(a|b)` in a pattern.
    fn pattern_group(&mut self, context: Context) {
        while let Some(byte) = self.at(0) {
            match byte {
                b')' => {
                    self.pos += 1;
                    return;
                }
                b'\n' | b';' => return,
                _ if ends_word(byte) => self.pos += 1,
                _ => {
                    self.plain_word(context);
                }
            }
        }
    }

    /// Looks into the single quotes of a word, now that it is known who gets it.
    pub(super) fn settle(&mut self, word: &Word, treatment: Treatment) {
        for &(start, end) in &word.single_quoted {
            match treatment {
                Treatment::Text => self.dollars(start, end, Quoting::SingleQuoted),
                Treatment::Template => self.dollars(start, end, Quoting::DoubleQuoted),
                Treatment::Code => {
                    let after = self.pos;
                    self.within((start, end), after, |it| {
                        it.commands(super::commands::Stop::End);
                    });
                }
                Treatment::Program => self.lookups(start, end),
                Treatment::Elsewhere => {}
            }
        }
    }

    /// Notes what looks like `$x` or `${x}` from `start` to `end`.
    fn dollars(&mut self, start: usize, end: usize, quoting: Quoting) {
        let after = self.pos;
        let outer_end = std::mem::replace(&mut self.end, end);
        self.pos = start;
        while self.pos < end {
            self.pos = self.find(b'$');
            let has_brace = self.at(1) == Some(b'{');
            let ahead = if has_brace { 2 } else { 1 };
            let Some(name_end) = self.name_end(ahead) else {
                self.pos += 1;
                continue;
            };
            let (start, name_start) = (self.pos, self.pos + ahead);
            self.pos = name_end;
            let is_whole = !has_brace || self.at(0) == Some(b'}');
            let end = if has_brace && is_whole { name_end + 1 } else { name_end };
            if is_whole {
                let found = Found { start, end, name_start, name_end, has_default: false };
                self.uses(&found, Frame { quoting, context: Context::Word });
            }
        }
        self.end = outer_end;
        self.pos = after;
    }

    /// Notes where a program in another language looks up the environment.
    pub(super) fn lookups(&mut self, start: usize, end: usize) {
        for lookup in foreign::lookups(self.text(start, end)) {
            let found = Found {
                start: start + lookup.name.start,
                end: start + lookup.name.end,
                name_start: start + lookup.name.start,
                name_end: start + lookup.name.end,
                has_default: lookup.has_default,
            };
            self.uses(&found, Frame { quoting: Quoting::DoubleQuoted, context: lookup.context });
        }
    }
}
