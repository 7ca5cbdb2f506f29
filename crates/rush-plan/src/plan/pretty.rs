//! The layout of a plan's JSON: a list or object that fits goes on one line, others have one entry a line.
//!
//! There is exactly one layout for a value, so equal plans have equal bytes. Works on compact JSON text, not on a
//! tree: first the length of every list and object is counted, then the text is written out with white space.

/// How long a list or object on one line may be, its indentation left out.
const WIDTH: usize = 100;

/// Appends compact JSON, whose first line is already indented by `indent` spaces, in its layout.
pub(super) fn write(out: &mut Vec<u8>, compact: &[u8], indent: usize) {
    let mut layout = Layout { out, indent, flat_depth: 0, fits: fits(compact).into_iter() };
    for token in (Tokens { rest: compact }) {
        layout.token(token);
    }
}

/// A piece of compact JSON.
#[derive(Clone, Copy)]
enum Token<'a> {
    Open(u8),
    Close(u8),
    Comma,
    Colon,
    /// A text, number, `true`, `false` or `null`.
    Scalar(&'a [u8]),
}

/// Cuts compact JSON, which has no white space between its tokens.
struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        let token = match first {
            b'[' | b'{' => Token::Open(*first),
            b']' | b'}' => Token::Close(*first),
            b',' => Token::Comma,
            b':' => Token::Colon,
            _ => return Some(self.scalar(*first)),
        };
        self.rest = rest;
        Some(token)
    }
}

impl<'a> Tokens<'a> {
    fn scalar(&mut self, first: u8) -> Token<'a> {
        let length = if first == b'"' {
            text_length(self.rest)
        } else {
            let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}');
            self.rest.iter().position(ends).unwrap_or(self.rest.len())
        };
        let (scalar, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        Token::Scalar(scalar)
    }
}

/// The length of a text with its quotes; what `\\` precedes does not end it.
fn text_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', json.get(at..).unwrap_or_default()) {
        at += found + 1;
        if json.get(at - 1) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
    json.len()
}

/// For each list and object, in the order of their openers, whether it fits on one line.
fn fits(compact: &[u8]) -> Vec<bool> {
    let mut fits = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut length = 0;
    for token in (Tokens { rest: compact }) {
        length += match token {
            Token::Open(_) => {
                open.push((fits.len(), length));
                fits.push(false);
                1
            }
            Token::Close(_) => {
                if let Some((number, start)) = open.pop()
                    && let Some(fit) = fits.get_mut(number)
                {
                    *fit = length + 1 - start <= WIDTH;
                }
                1
            }
            Token::Comma | Token::Colon => 2,
            Token::Scalar(text) => text.len(),
        };
    }
    fits
}

struct Layout<'a> {
    out: &'a mut Vec<u8>,
    indent: usize,
    /// How many lists and objects are open since the one that began the line; 0 where lines are broken.
    flat_depth: usize,
    fits: std::vec::IntoIter<bool>,
}

impl Layout<'_> {
    fn token(&mut self, token: Token<'_>) {
        let is_flat = self.flat_depth > 0;
        match token {
            Token::Open(byte) => {
                self.out.push(byte);
                if self.fits.next() == Some(true) || is_flat {
                    self.flat_depth += 1;
                } else {
                    self.indent += 2;
                    self.break_line();
                }
            }
            Token::Close(byte) => {
                if is_flat {
                    self.flat_depth -= 1;
                } else {
                    self.indent -= 2;
                    self.break_line();
                }
                self.out.push(byte);
            }
            Token::Comma if is_flat => self.out.extend_from_slice(b", "),
            Token::Comma => {
                self.out.push(b',');
                self.break_line();
            }
            Token::Colon => self.out.extend_from_slice(b": "),
            Token::Scalar(text) => self.out.extend_from_slice(text),
        }
    }

    fn break_line(&mut self) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + self.indent, b' ');
    }
}
