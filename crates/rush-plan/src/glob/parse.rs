//! From the text of a pattern to tokens, with errors that say what to write instead.

use super::class::{Class, ClassKind};
use super::{Glob, GlobError, GlobFix};

/// One part of a pattern. In a parsed pattern a [`Token::Components`] stands only at the start of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Itself.
    Char(char),
    /// `?`
    One,
    /// `*`
    Run,
    /// `[..]`
    Class(Class),
    /// `**/`: no component or more, each with its `/`.
    Components,
    /// `**` at the end, or a hole: any text.
    Anything,
    /// `{..}`
    Alternatives(Vec<Vec<Token>>),
}

/// How deep `{..}` may nest.
const DEPTH_MAX: usize = 16;

/// Whether `\` is needed to mean the character itself.
pub(super) const fn is_special(character: char) -> bool {
    matches!(character, '*' | '?' | '[' | ']' | '{' | '}' | ',' | '\\')
}

/// Parses a whole pattern; `!` and `//` at its start are left out of the tokens.
pub(super) fn parse(text: &str) -> Result<Vec<Token>, GlobError> {
    let body = text.strip_prefix('!').unwrap_or(text);
    let body = body.strip_prefix("//").unwrap_or(body);
    let start = text.len() - body.len();
    check_start(text, start)?;
    let body_end = text.len() - (body.len() - body.trim_end_matches('/').len());
    let mut parser = Parser { text, start, at: start, end: body_end.max(start), depth: 0 };
    let tokens = parser.sequence(true)?;
    match parser.peek() {
        None => Ok(tokens),
        Some(character) => Err(parser.stray(character)),
    }
}

fn check_start(text: &str, start: usize) -> Result<(), GlobError> {
    let body = text.get(start..).unwrap_or_default();
    let error = |message: &str, length: usize, replacement: Option<&str>| {
        let range = start..start + length;
        let fix = replacement.map(|text| match text {
            "" => GlobFix::sure(range.clone(), text),
            _ => GlobFix::guess(range.clone(), text),
        });
        Err(GlobError { message: message.to_owned(), range, fix })
    };
    if body.is_empty() && !text.ends_with("//") {
        return error("a pattern can't be empty", 0, None);
    }
    if body.starts_with('!') && start > 0 {
        return error("one `!` is enough", 1, Some(""));
    }
    if body.starts_with('/') {
        return error(
            "a pattern can't start at the root of the file system; `//` is the workspace",
            1,
            Some("//"),
        );
    }
    if body.starts_with("~/") {
        return error("`~` is not expanded; a pattern stays inside the workspace", 1, None);
    }
    Ok(())
}

/// Whether a text is a pattern at first sight: plain components and `**`, no character that needs parsing.
pub(super) fn is_plainly_valid(text: &str) -> bool {
    is_plain(text, |_| false)
}

/// The same for a text in which some bytes are as good as a letter.
pub(super) fn is_plain(text: &str, is_letter: impl Fn(u8) -> bool) -> bool {
    let body = text.strip_prefix('!').unwrap_or(text);
    // The component so far: how many bytes, and whether they are all dots, or all stars.
    let (mut length, mut dots, mut stars, mut has_pair) = (0_usize, 0_usize, 0_usize, false);
    let is_valid = |length: usize, dots: usize, stars: usize, has_pair: bool| {
        length > 0 && !(dots == length && dots <= 2) && (!has_pair || stars == 2 && length == 2)
    };
    let mut before = b'/';
    for byte in body.bytes() {
        match byte {
            b'/' => {
                if !is_valid(length, dots, stars, has_pair) {
                    return false;
                }
                (length, dots, stars, has_pair) = (0, 0, 0, false);
                before = byte;
                continue;
            }
            b'.' => dots += 1,
            b'*' => {
                stars += 1;
                has_pair |= before == b'*';
            }
            b'_' | b'-' | b'?' => {}
            _ if byte.is_ascii_alphanumeric() || is_letter(byte) => {}
            _ => return false,
        }
        length += 1;
        before = byte;
    }
    is_valid(length, dots, stars, has_pair)
}

struct Parser<'a> {
    text: &'a str,
    start: usize,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self, character: char) {
        self.at += character.len_utf8();
    }

    /// Tokens up to the end, or to `,` or `}` inside `{..}`. `fresh`: a component starts here.
    fn sequence(&mut self, fresh: bool) -> Result<Vec<Token>, GlobError> {
        let mut tokens = Vec::new();
        while let Some(character) = self.peek() {
            if self.depth > 0 && matches!(character, ',' | '}') {
                break;
            }
            let starts = at_component_start(&tokens, fresh);
            let token = match character {
                '*' if self.rest().starts_with("**") => self.stars(starts)?,
                '*' => self.single(Token::Run),
                '?' => self.single(Token::One),
                Glob::HOLE => self.single(Token::Anything),
                '[' => self.class()?,
                '{' => self.alternatives(starts)?,
                '}' | ']' => return Err(self.stray(character)),
                '\\' => self.escaped()?,
                '.' if starts => self.dots()?,
                '/' if starts && !tokens.is_empty() => return Err(self.empty_component()),
                _ => {
                    self.bump(character);
                    Token::Char(character)
                }
            };
            let carries_slash = matches!(&token, Token::Alternatives(_)) && ends_in_stars(&token);
            tokens.push(token);
            if carries_slash && self.peek() == Some('/') {
                self.bump('/');
                if let Some(Token::Alternatives(alternatives)) = tokens.last_mut() {
                    alternatives.iter_mut().for_each(push_slash);
                }
            }
        }
        Ok(tokens)
    }

    fn single(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    /// `**`, which has to be a component of its own.
    fn stars(&mut self, starts: bool) -> Result<Token, GlobError> {
        let start = self.at;
        let length = self.rest().bytes().take_while(|byte| *byte == b'*').count();
        self.at += length;
        let next = self.peek();
        let in_braces = self.depth > 0 && matches!(next, Some(',' | '}'));
        let ends = in_braces || matches!(next, None | Some('/' | Glob::HOLE));
        if starts && ends && length == 2 {
            if next == Some('/') {
                self.at += 1;
                return Ok(Token::Components);
            }
            return Ok(Token::Anything);
        }
        let before = if starts { "" } else { "/" };
        let fixed = match (starts, ends) {
            (true, true) => "**".to_owned(),
            (false, true) => format!("{before}**"),
            (_, false) => format!("{before}**/*"),
        };
        // `src**.rs` most likely means the files below `src`.
        let range = start..start + length;
        let from = self
            .text
            .get(..start)
            .unwrap_or_default()
            .rfind(['/', '!', '{', ','])
            .map_or(0, |at| at + 1);
        let to = start + length + self.rest().find(['/', '}', ',']).unwrap_or(self.rest().len());
        let written = self.text.get(from..to).unwrap_or_default();
        let replacement = format!(
            "{}{fixed}{}",
            self.text.get(from..start).unwrap_or_default(),
            self.text.get(start + length..to).unwrap_or_default()
        );
        Err(GlobError {
            message: format!("`{written}` must be `{replacement}`"),
            range: range.clone(),
            fix: Some(GlobFix::sure(range, fixed)),
        })
    }

    /// `[..]`
    fn class(&mut self) -> Result<Token, GlobError> {
        let start = self.at;
        self.at += 1;
        let kind = match self.peek() {
            Some('!' | '^') => {
                self.at += 1;
                ClassKind::Others
            }
            _ => ClassKind::Listed,
        };
        let mut ranges = Vec::new();
        loop {
            let from = self.at;
            let Some(low) = self.class_member() else { return Err(Self::unclosed(start, '[')) };
            if low == (']', false) && !ranges.is_empty() {
                break;
            }
            let mut high = low.0;
            if self.rest().starts_with('-') && !self.rest().starts_with("-]") {
                self.at += 1;
                let Some(member) = self.class_member() else {
                    return Err(Self::unclosed(start, '['));
                };
                high = member.0;
            }
            if high < low.0 {
                return Err(reversed(from..self.at, low.0, high));
            }
            ranges.push((low.0, high));
        }
        let class = Class::new(ranges, kind);
        if class.is_empty() {
            let message = "this set matches no character; `/` is never in one".to_owned();
            return Err(GlobError { message, range: start..self.at, fix: None });
        }
        Ok(Token::Class(class))
    }

    /// One character of a set, and whether it was escaped.
    fn class_member(&mut self) -> Option<(char, bool)> {
        let character = self.peek()?;
        self.bump(character);
        if character != '\\' {
            return Some((character, false));
        }
        let escaped = self.peek()?;
        self.bump(escaped);
        Some((escaped, true))
    }

    /// `{..}`
    fn alternatives(&mut self, starts: bool) -> Result<Token, GlobError> {
        let start = self.at;
        if self.depth == DEPTH_MAX {
            let message = format!("`{{` nests deeper than {DEPTH_MAX} levels");
            return Err(GlobError { message, range: start..start + 1, fix: None });
        }
        self.at += 1;
        self.depth += 1;
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.sequence(starts)?);
            match self.peek() {
                Some(',') => self.at += 1,
                Some(_) => break,
                None => return Err(Self::unclosed(start, '{')),
            }
        }
        self.at += 1;
        self.depth -= 1;
        let token = Token::Alternatives(alternatives);
        let followed = !matches!(self.peek(), None | Some('/' | ',' | '}'));
        if followed && ends_in_stars(&token) {
            let message = "`**` must be followed by `/` or end the pattern".to_owned();
            return Err(GlobError { message, range: start..self.at, fix: None });
        }
        Ok(token)
    }

    /// `\` and the character it takes the meaning off.
    fn escaped(&mut self) -> Result<Token, GlobError> {
        let start = self.at;
        self.at += 1;
        let error = |message: &str, replacement: &str| {
            let range = start..start + 1;
            let fix = Some(if replacement == "/" {
                GlobFix::sure(range.clone(), replacement)
            } else {
                GlobFix::guess(range.clone(), replacement)
            });
            Err(GlobError { message: message.to_owned(), range, fix })
        };
        match self.peek() {
            Some(character) if is_special(character) || character == '!' => {
                self.bump(character);
                Ok(Token::Char(character))
            }
            Some(_) => error("paths are written with `/`, also on Windows", "/"),
            None => error("nothing follows `\\`", "\\\\"),
        }
    }

    /// A `.` at the start of a component: `..` is only understood at the start of the pattern.
    fn dots(&mut self) -> Result<Token, GlobError> {
        let ends =
            |character: char| character == '/' || self.depth > 0 && matches!(character, ',' | '}');
        let component = self.rest().split(ends).next().unwrap_or_default();
        let mut before =
            self.text.get(self.start..self.at).unwrap_or_default().split_inclusive('/');
        let leading = self.depth == 0 && before.all(|component| matches!(component, "./" | "../"));
        if matches!(component, "." | "..") && !leading {
            let message = format!("`{component}` can stand only at the start");
            return Err(GlobError {
                message,
                range: self.at..self.at + component.len(),
                fix: None,
            });
        }
        Ok(self.single(Token::Char('.')))
    }

    fn empty_component(&self) -> GlobError {
        let range = self.at..self.at + 1;
        GlobError {
            message: "two `/` in a row".to_owned(),
            range: range.clone(),
            fix: Some(GlobFix::sure(range, "")),
        }
    }

    fn unclosed(start: usize, opener: char) -> GlobError {
        let range = start..start + 1;
        GlobError {
            message: format!(
                "`{opener}` is never closed; write `\\{opener}` for the character itself"
            ),
            range: range.clone(),
            fix: Some(GlobFix::guess(range, format!("\\{opener}"))),
        }
    }

    fn stray(&self, character: char) -> GlobError {
        let range = self.at..self.at + character.len_utf8();
        let opener = if character == ']' { '[' } else { '{' };
        GlobError {
            message: format!(
                "no `{opener}` is open here; write `\\{character}` for the character itself"
            ),
            range: range.clone(),
            fix: Some(GlobFix::guess(range, format!("\\{character}"))),
        }
    }
}

fn reversed(range: std::ops::Range<usize>, low: char, high: char) -> GlobError {
    GlobError {
        message: format!("`{low}` comes after `{high}`"),
        range: range.clone(),
        fix: Some(GlobFix::guess(range, format!("{high}-{low}"))),
    }
}

/// Whether a component starts behind these tokens.
fn at_component_start(tokens: &[Token], fresh: bool) -> bool {
    match tokens.last() {
        None => fresh,
        Some(Token::Char('/') | Token::Components) => true,
        Some(Token::Alternatives(alternatives)) => {
            let before = tokens.get(..tokens.len() - 1).unwrap_or_default();
            let fresh = at_component_start(before, fresh);
            alternatives.iter().all(|tokens| at_component_start(tokens, fresh))
        }
        Some(_) => false,
    }
}

/// Whether an alternative ends in `**`, so that a `/` behind the brace belongs to it.
fn ends_in_stars(token: &Token) -> bool {
    match token {
        Token::Anything => true,
        Token::Alternatives(alternatives) => {
            alternatives.iter().any(|tokens| tokens.last().is_some_and(ends_in_stars))
        }
        Token::Char(_) | Token::One | Token::Run | Token::Class(_) | Token::Components => false,
    }
}

/// Adds a `/` to an alternative: `**` takes it in, as it would without the braces.
fn push_slash(tokens: &mut Vec<Token>) {
    match tokens.last_mut() {
        Some(last @ Token::Anything) => *last = Token::Components,
        Some(Token::Alternatives(alternatives)) => alternatives.iter_mut().for_each(push_slash),
        _ => tokens.push(Token::Char('/')),
    }
}
