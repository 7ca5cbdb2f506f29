//! What follows a `$`: variables, `${...}`, `$(...)`, `$((...))`.

use super::arithmetic::Close;
use super::commands::Stop;
use super::reader::{Found, Frame, Reader};
use super::word::Word;
use super::{Context, ForeignHole, Language, Quoting};
use smol_str::SmolStr;

impl Reader<'_> {
    /// Reads the expansion at a `$`; `false`, without a step, if the `$` is a plain sign.
    pub(super) fn expansion(&mut self, frame: Frame) -> bool {
        match (self.at(1), self.at(2)) {
            (Some(b'{'), _) => self.nested_or_skip(2, |it| it.parameter(frame)),
            (Some(b'('), Some(b'(')) => self.nested_or_skip(3, Reader::double_paren),
            (Some(b'('), _) => self.nested_or_skip(2, Reader::substitution),
            (Some(b'['), _) if self.language != Language::Sh => {
                self.nested_or_skip(2, |it| {
                    it.pos += 2;
                    it.arithmetic(Close::Bracket, Context::Arithmetic);
                });
            }
            (Some(b'0'..=b'9' | b'@' | b'*' | b'#'), _) => {
                self.facts.reads_arguments = true;
                self.pos += 2;
            }
            (Some(b'?' | b'-' | b'$' | b'!'), _) => self.pos += 2,
            (Some(b'+' | b'=' | b'~'), _)
                if self.language == Language::Zsh && self.name_end(2).is_some() =>
            {
                self.variable(2, frame);
            }
            _ if self.name_end(1).is_some() => self.variable(1, frame),
            _ => return false,
        }
        true
    }

    /// Runs `step` one level deeper, or steps over `opener` bytes if that is too deep.
    fn nested_or_skip(&mut self, opener: usize, step: impl FnOnce(&mut Self)) {
        let before = self.pos;
        self.nested(step);
        if self.pos == before {
            self.pos = (self.pos + opener).min(self.end);
        }
    }

    /// `$name`, the name `ahead` bytes further.
    fn variable(&mut self, ahead: usize, frame: Frame) {
        let (start, name_start) = (self.pos, self.pos + ahead);
        let end = self.name_end(ahead).unwrap_or(name_start);
        self.pos = end;
        let found = Found { start, end, name_start, name_end: end, has_default: false };
        self.uses(&found, frame);
    }

    /// `$(...)`
    fn substitution(&mut self) {
        self.pos += 2;
        self.enclosed(Stop::Paren);
    }

    /// Commands inside an expansion, which split and quote anew.
    pub(super) fn enclosed(&mut self, stop: Stop) {
        self.nesting = self.nesting.saturating_add(1);
        self.commands(stop);
        self.nesting = self.nesting.saturating_sub(1);
    }

    /// `$((...))`, or `$( (...) ...)` written without the blank.
    fn double_paren(&mut self) {
        self.pos += 3;
        let first = self.facts.uses.len();
        if !self.arithmetic(Close::DoubleParen, Context::Arithmetic) {
            self.forget_bare_names(first);
            self.enclosed(Stop::Paren);
        }
    }

    /// What looked like arithmetic was commands: its bare words were no variables.
    pub(super) fn forget_bare_names(&mut self, first: usize) {
        let mut index = 0;
        self.facts.uses.retain(|it| {
            index += 1;
            index <= first || it.context != Context::Arithmetic || it.range != it.name_range
        });
    }

    /// `${...}`
    fn parameter(&mut self, frame: Frame) {
        let start = self.pos;
        self.pos += 2;
        let mut is_quoted = false;
        if self.language == Language::Zsh && self.at(0) == Some(b'(') {
            let line = self.slice(self.pos, self.find(b'\n'));
            let flags = line.iter().position(|byte| *byte == b')');
            let flags = flags.map_or(0, |at| at + 1);
            is_quoted = self.slice(self.pos, self.pos + flags).contains(&b'q');
            self.pos += flags;
        }
        let is_length = self.at(0) == Some(b'#') && self.names_parameter(1);
        let is_indirect = self.at(0) == Some(b'!') && self.name_end(1).is_some();
        let is_marked =
            self.language == Language::Zsh && matches!(self.at(0), Some(b'=' | b'~' | b'^' | b'+'));
        self.pos += usize::from(is_length || is_indirect || is_marked);
        let name_start = self.pos;
        let Some(name_end) = self.parameter_name() else { return self.foreign_hole(start, frame) };
        self.pos = name_end;
        let sets_before = self.pos;
        let Some(has_default) = self.parameter_rest(frame) else {
            return self.foreign_hole(start, frame);
        };
        if self.name_at(name_start).is_none() {
            self.facts.reads_arguments |= self.slice(name_start, name_end) != b"?";
            return;
        }
        if matches!(self.slice(sets_before, sets_before + 2), [b'=', _] | [b':', b'=']) {
            let name = self.text(name_start, name_end);
            self.sets(name);
        }
        let rest = self.slice(sets_before, self.pos);
        // In zsh, `${x:q}`; of an unquoted one the quotes themselves may still split.
        is_quoted |= matches!(rest, b"@Q}" | b"@K}" | b":q}");
        let is_replaced = matches!(rest, [b'+', ..] | [b':', b'+', ..]);
        let frame = if is_length {
            Frame::bare(Context::Arithmetic)
        } else if is_replaced {
            Frame { context: Context::Replaced, ..frame }
        } else if is_quoted && frame.quoting != Quoting::Unquoted {
            Frame { context: Context::Escaped, ..frame }
        } else {
            frame
        };
        let end = self.pos;
        self.uses(&Found { start, end, name_start, name_end, has_default }, frame);
    }

    fn names_parameter(&self, ahead: usize) -> bool {
        self.name_end(ahead).is_some() || matches!(self.at(ahead), Some(b'0'..=b'9' | b'@' | b'*'))
    }

    fn name_at(&self, start: usize) -> Option<u8> {
        self.slice(start, self.end)
            .first()
            .copied()
            .filter(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
    }

    /// The end of the parameter's name here: a name, a number, or one special sign.
    fn parameter_name(&self) -> Option<usize> {
        if let Some(end) = self.name_end(0) {
            return Some(end);
        }
        let digits = self.slice(self.pos, self.end).iter().take_while(|it| it.is_ascii_digit());
        match digits.count() {
            0 => match self.at(0) {
                Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => Some(self.pos + 1),
                _ => None,
            },
            count => Some(self.pos + count),
        }
    }

    /// From behind the name to behind the `}`: whether it says what happens when unset.
    /// `None` if no shell accepts what stands here.
    fn parameter_rest(&mut self, frame: Frame) -> Option<bool> {
        if self.at(0) == Some(b'[') && self.language != Language::Sh {
            self.pos += 1;
            self.arithmetic(Close::Bracket, Context::Subscript);
        }
        match (self.at(0), self.at(1)) {
            (Some(b'}'), _) => {
                self.pos += 1;
                Some(false)
            }
            (Some(b':'), Some(b'-' | b'=' | b'?' | b'+')) => {
                self.pos += 2;
                self.brace_word(frame);
                Some(true)
            }
            (Some(b'-' | b'=' | b'?' | b'+'), _) => {
                self.pos += 1;
                self.brace_word(frame);
                Some(true)
            }
            (Some(b':'), _) => {
                self.pos += 1;
                self.arithmetic(Close::Brace, Context::Subscript);
                Some(false)
            }
            (Some(b'%' | b'#' | b'/' | b'^' | b',' | b'@' | b'~' | b'*'), _) => {
                self.pos += 1;
                self.brace_word(Frame { context: Context::Case, ..frame });
                Some(false)
            }
            _ => None,
        }
    }

    /// A word up to the `}` of its expansion.
    fn brace_word(&mut self, frame: Frame) {
        let mut word: Word = self.open_word();
        while let Some(byte) = self.at(0) {
            match byte {
                b'}' => {
                    self.pos += 1;
                    break;
                }
                b'\'' if frame.quoting == Quoting::DoubleQuoted => self.pos += 1,
                _ => self.piece(&mut word, frame),
            }
        }
        self.close_word(&mut word);
    }

    /// `${...}` that no shell accepts; `start` is at the `$`.
    fn foreign_hole(&mut self, start: usize, frame: Frame) {
        let inside = start + 2;
        let mut depth = 0_usize;
        let mut end = inside;
        for byte in self.slice(inside, self.end) {
            match byte {
                b'\n' => break,
                b'{' => depth += 1,
                b'}' if depth == 0 => {
                    let expression = self.text(inside, end).trim();
                    self.pos = end + 1;
                    return self.foreign_or_commands(expression, (start, end + 1), frame);
                }
                b'}' => depth -= 1,
                _ => {}
            }
            end += 1;
        }
        // `${ command; }` of newer shells may span lines; anything else is broken.
        self.pos = end;
        let opens_commands =
            matches!(self.slice(inside, inside + 1), [b' ' | b'\t' | b'\n' | b'|']);
        if self.language != Language::Sh && opens_commands {
            self.pos = inside + 1;
            self.enclosed(Stop::Brace);
        }
    }

    fn foreign_or_commands(&mut self, expression: &str, whole: (usize, usize), frame: Frame) {
        let (start, end) = whole;
        if self.language != Language::Sh && expression.ends_with(';') {
            self.pos = start + 2;
            self.enclosed(Stop::Brace);
            return;
        }
        let range = self.range(start, end);
        let expression = SmolStr::from(expression);
        let quoting = frame.quoting;
        self.facts.foreign_holes.push(ForeignHole { expression, range, quoting });
    }
}
