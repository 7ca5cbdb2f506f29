//! Arithmetic of a shell, where a bare name is a variable.

use super::Context;
use super::reader::{Frame, Reader};
use super::word::Word;

/// How long the value of an assignment in arithmetic may be before its end is no longer looked for.
const VALUE_MAX: usize = 256;

/// What ends an arithmetic expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// `))`
    DoubleParen,
    /// `]`
    Bracket,
    /// `}`
    Brace,
    /// The end of the text.
    End,
}

impl Reader<'_> {
    /// Reads up to and with `close`; `false` if a single `)` shows that it was no arithmetic.
    pub(super) fn arithmetic(&mut self, close: Close, context: Context) -> bool {
        let mut parens = 0_usize;
        let mut brackets = 0_usize;
        let mut word: Word = self.open_word();
        while let Some(byte) = self.at(0) {
            match byte {
                b')' if parens == 0 && close == Close::DoubleParen => {
                    let is_closed = self.at(1) == Some(b')');
                    self.pos += if is_closed { 2 } else { 1 };
                    return is_closed;
                }
                b']' if brackets == 0 && close == Close::Bracket => {
                    self.pos += 1;
                    return true;
                }
                b'}' if close == Close::Brace => {
                    self.pos += 1;
                    return true;
                }
                b'0'..=b'9' => self.number(),
                _ if self.name_end(0).is_some() => self.arithmetic_name(context),
                _ => {
                    match byte {
                        b'(' => parens += 1,
                        b')' => parens = parens.saturating_sub(1),
                        b'[' => brackets += 1,
                        b']' => brackets = brackets.saturating_sub(1),
                        _ => {}
                    }
                    self.piece(&mut word, Frame::bare(Context::Arithmetic));
                }
            }
        }
        true
    }

    /// `42`, `0x2a`, `16#2a`
    fn number(&mut self) {
        while self.at(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'#') {
            self.pos += 1;
        }
    }

    fn arithmetic_name(&mut self, context: Context) {
        let start = self.pos;
        let end = self.name_end(0).unwrap_or(start + 1);
        self.pos = end;
        while matches!(self.at(0), Some(b' ' | b'\t')) {
            self.pos += 1;
        }
        let operator = [self.at(0), self.at(1), self.at(2)];
        let is_plain = matches!(operator, [Some(b'='), next, _] if next != Some(b'='));
        let is_changed = is_plain
            || matches!(
                operator,
                [Some(b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^'), Some(b'='), _]
                    | [Some(b'+'), Some(b'+'), _]
                    | [Some(b'-'), Some(b'-'), _]
                    | [Some(b'<'), Some(b'<'), Some(b'=')]
                    | [Some(b'>'), Some(b'>'), Some(b'=')]
            );
        let is_value = context == Context::Arithmetic;
        if is_changed && is_value {
            let name = self.text(start, end);
            // What stands behind a `=` is read before.
            let ends = |byte: &u8| matches!(byte, b';' | b',' | b')');
            let behind = self.slice(self.pos, self.end).iter().take(VALUE_MAX).position(ends);
            self.sets_at(name, self.pos + behind.filter(|_| is_plain).unwrap_or_default());
        }
        if !(is_plain && is_value) {
            self.uses_name(start, end, Frame::bare(context));
        }
    }
}
