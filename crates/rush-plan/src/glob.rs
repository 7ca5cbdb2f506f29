//! Patterns of paths: parse, match, intersect.
//!
//! `*` is any text without `/`, `?` one character but `/`, `[a-z]` and `[!a-z]` one of a set, `{a,b}` one of
//! several, `**` as a whole component any number of components; `\` takes the meaning off the next character.
//! A leading `!` marks an exclusion, a leading `//` means the workspace root.
//!
//! Matching and intersecting speak of *valid* paths only: not empty, no empty component. A pattern is compiled
//! once, when it is first needed, to a small automaton over characters, so both are exact. It does not know
//! directories: that a directory stands for what is in it is the executor's rule, and [`Glob::with_contents`]
//! says so where asked.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::{PathError, WorkspacePath};

mod choices;
mod class;
mod edges;
mod index;
mod intersect;
mod parse;
mod program;
#[cfg(test)]
mod tests;

use edges::Edges;
pub use index::PatternIndex;
use parse::Token;
use program::Program;

/// A pattern of paths.
#[derive(Clone)]
pub struct Glob {
    /// As written, with `!` and `//`; holes are NUL.
    text: Box<str>,
    reach: Reach,
    edges: Edges,
    /// Most patterns are never compared with anything that could meet them.
    program: OnceLock<Arc<Program>>,
}

/// Whether a pattern stands for what it spells or also for everything below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    Paths,
    Contents,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GlobError {
    /// What is wrong, in words for the person.
    pub message: String,
    /// Where, in bytes of the pattern.
    pub range: Range<usize>,
    /// What to write instead, if that is clear.
    pub fix: Option<GlobFix>,
}

/// A change of a pattern's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobFix {
    /// What is replaced, in bytes of the pattern.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub replacement: String,
    /// How sure it is that this was meant.
    pub certainty: Certainty,
}

/// Whether what somebody meant is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// There is one reading.
    Sure,
    /// It is well formed, but may match nothing: `src/*.{c` with an escaped `{`.
    Guess,
}

impl GlobFix {
    fn sure(range: Range<usize>, replacement: impl Into<String>) -> Self {
        Self { range, replacement: replacement.into(), certainty: Certainty::Sure }
    }

    fn guess(range: Range<usize>, replacement: impl Into<String>) -> Self {
        Self { range, replacement: replacement.into(), certainty: Certainty::Guess }
    }

    /// The pattern with the change made.
    pub fn apply(&self, pattern: &str) -> String {
        let mut fixed = pattern.to_owned();
        fixed.replace_range(self.range.clone(), &self.replacement);
        fixed
    }
}

impl Glob {
    /// Stands for a part that is not known yet, in the text given to [`Glob::parse_with_holes`].
    ///
    /// One byte that no path can contain, so that offsets are easily mapped back.
    pub const HOLE: char = '\0';

    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        check_holes(text)?;
        Self::parse_with_holes(text)
    }

    /// Whether [`Glob::parse`] accepts the text; cheaper than making the pattern.
    pub fn check(text: &str) -> Result<(), GlobError> {
        if parse::is_plainly_valid(text) {
            return Ok(());
        }
        check_holes(text)?;
        parse::parse(text).map(drop)
    }

    /// A text that every match of a pattern, and all that is below it, starts with: as much of it as shows without
    /// parsing. It is where [`PatternIndex::candidates_at`] looks for what the pattern might meet.
    pub fn start_of(text: &str) -> &str {
        let body = text.strip_prefix('!').unwrap_or(text);
        let body = body.strip_prefix("//").unwrap_or(body);
        let is_open = |it: char| parse::is_special(it) || it == Self::HOLE;
        match body.find(is_open) {
            Some(end) => body.get(..end).unwrap_or_default(),
            None => match body.trim_end_matches('/') {
                "." => "",
                path => path,
            },
        }
    }

    /// Parses a pattern in which each [`Glob::HOLE`] stands for any text, also an empty one or one with `/`.
    pub fn parse_with_holes(text: &str) -> Result<Self, GlobError> {
        let edges = match Edges::of_plain(text) {
            Some(edges) => edges,
            None => Edges::of_tokens(&parse::parse(text)?),
        };
        Ok(Self { text: text.into(), reach: Reach::Paths, edges, program: OnceLock::new() })
    }

    /// Whether [`Glob::parse_with_holes`] accepts the text; cheaper than making the pattern.
    pub fn check_with_holes(text: &str) -> Result<(), GlobError> {
        // A hole is as good as any character: what it stands for is not looked at.
        if parse::is_plain(text, |byte| char::from(byte) == Self::HOLE) {
            return Ok(());
        }
        parse::parse(text).map(drop)
    }

    fn prefix(&self) -> &str {
        self.edges.prefix(&self.text)
    }

    fn suffix(&self) -> &str {
        self.edges.suffix(&self.text)
    }

    fn program(&self) -> &Program {
        self.program.get_or_init(|| Arc::new(Program::compile(&self.tokens())))
    }

    fn tokens(&self) -> Vec<Token> {
        let mut tokens = parse::parse(&self.text).expect("the text was parsed before");
        if self.reach == Reach::Paths {
            return tokens;
        }
        if tokens == [Token::Char('.')] {
            return vec![Token::Anything];
        }
        let below = vec![Token::Char('/'), Token::Anything];
        tokens.push(Token::Alternatives(vec![Vec::new(), below]));
        tokens
    }

    /// The pattern that matches exactly this text.
    pub fn literal(path: &WorkspacePath) -> Self {
        Self::parse(&Self::escape(path.as_str())).expect("an escaped path is a pattern")
    }

    /// The text with `\` before each character that would mean something in a pattern.
    pub fn escape(text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        Self::escape_into(&mut escaped, text);
        escaped
    }

    /// Adds what [`Self::escape`] makes of a text to another one.
    pub fn escape_into(escaped: &mut String, text: &str) {
        for (at, character) in text.char_indices() {
            if parse::is_special(character) || at == 0 && character == '!' {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it excludes what it matches.
    pub fn is_negated(&self) -> bool {
        self.text.starts_with('!')
    }

    /// Whether it matches one path only.
    pub const fn is_literal(&self) -> bool {
        self.edges.is_literal()
    }

    /// Whether it has parts that are not known yet.
    pub fn has_holes(&self) -> bool {
        self.text.contains(Self::HOLE)
    }

    /// The text that every match starts with, which may end within a component.
    pub fn literal_prefix(&self) -> &str {
        self.prefix()
    }

    /// The directory that holds every match, `""` for the workspace root; for a literal, the path itself.
    pub fn literal_directory(&self) -> &str {
        match self.prefix() {
            "." if self.edges.is_literal() => return "",
            path if self.edges.is_literal() => return path,
            _ => {}
        }
        self.prefix().rsplit_once('/').map_or("", |(directory, _)| directory)
    }

    /// The patterns that the braces before its first wildcard stand for, one for each choice; itself if there are none,
    /// or more than anybody writes.
    pub fn choices(&self) -> Vec<Self> {
        let texts = choices::of(&self.text).filter(|_| self.reach == Reach::Paths);
        // A choice that is no pattern by itself, such as `a**`, is left to the whole one.
        let parsed = texts.map(|it| it.iter().map(|it| Self::parse_with_holes(it)).collect());
        parsed.and_then(Result::ok).unwrap_or_else(|| vec![self.clone()])
    }

    /// The same pattern relative to the workspace root, for one written in the package at `package`.
    ///
    /// Keeps a leading `!`, resolves a leading `//` and leading `.` and `..` components.
    pub fn resolve(&self, package: &WorkspacePath) -> Result<Self, PathError> {
        let (mark, body) =
            self.text.strip_prefix('!').map_or(("", &*self.text), |body| ("!", body));
        let (mut base, mut rest) = match body.strip_prefix("//") {
            Some(rest) => (Cow::Owned(WorkspacePath::root()), rest),
            None => (Cow::Borrowed(package), body),
        };
        loop {
            if let Some(after) = rest.strip_prefix("../") {
                base = Cow::Owned(base.parent().ok_or(PathError::Outside)?);
                rest = after;
            } else if rest == ".." {
                base = Cow::Owned(base.parent().ok_or(PathError::Outside)?);
                rest = "";
            } else if let Some(after) = rest.strip_prefix("./") {
                rest = after;
            } else {
                break;
            }
        }
        let rest = if rest == "." { "" } else { rest.trim_end_matches('/') };
        if base.is_root() && self.reach == Reach::Paths && *rest == *self.text {
            return Ok(self.clone());
        }
        let mut joined = String::with_capacity(self.text.len() + base.as_str().len() + 1);
        joined.push_str(mark);
        if !base.is_root() || rest.is_empty() {
            Self::escape_into(&mut joined, base.as_str());
        }
        if !base.is_root() && !rest.is_empty() {
            joined.push('/');
        }
        joined.push_str(rest);
        let resolved = Self::parse_with_holes(&joined);
        Ok(resolved.expect("a pattern stays one behind a literal directory"))
    }

    /// The pattern that matches the same paths and everything below them; its text stays the same.
    pub fn with_contents(&self) -> Self {
        Self {
            text: self.text.clone(),
            reach: Reach::Contents,
            edges: self.edges.with_contents(&self.text),
            program: OnceLock::new(),
        }
    }

    /// Whether it matches a path relative to the workspace root, leaving a leading `!` out of account.
    pub fn matches(&self, path: &str) -> bool {
        if self.edges.is_literal() {
            return path == self.prefix();
        }
        path.starts_with(self.prefix())
            && path.ends_with(self.suffix())
            && self.program().matches(path)
    }

    /// Whether it can match a path below this directory (`""` and `.` are the root); for pruning a walk.
    pub fn may_match_below(&self, directory: &str) -> bool {
        if directory.is_empty() || directory == "." {
            return true;
        }
        let along = directory.bytes().zip(self.prefix().bytes()).all(|(a, b)| a == b);
        along && self.program().may_match_below(directory)
    }

    /// Whether some path is matched by both.
    pub fn intersects(&self, other: &Self) -> bool {
        self.edges_agree(other) && intersect::meet(self.program(), other.program())
    }

    /// A path that both match, for messages; `None` if there is none.
    pub fn common_path(&self, other: &Self) -> Option<String> {
        if self.edges_agree(other) {
            intersect::witness(&[self.program(), other.program()], &[])
        } else {
            None
        }
    }

    /// A path that both match and none of `excluded` does; `None` if there is none, or it can't be decided cheaply.
    pub fn common_path_outside(&self, other: &Self, excluded: &[&Self]) -> Option<String> {
        if !self.edges_agree(other) {
            return None;
        }
        let excluded: Vec<&Program> = excluded.iter().map(|glob| glob.program()).collect();
        intersect::witness(&[self.program(), other.program()], &excluded)
    }

    /// Whether the directory this pattern names lies inside what `output` declares: the directory itself is
    /// matched by `output` or lies below a match, or everything that could be in it does and it is no plain path.
    ///
    /// A pattern that begins with a wildcard names the workspace root, which only an output such as `**` holds.
    pub fn lies_inside(&self, output: &Self) -> bool {
        // The root as it is written: `**` matches `.`, and no pattern matches nothing.
        let is_literal = self.edges.is_literal();
        let directory = if is_literal { self.prefix() } else { self.literal_directory() };
        if output.edges.is_literal() {
            let below = directory.strip_prefix(output.prefix());
            return output.prefix() == "."
                || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        }
        if directory.bytes().zip(output.prefix().bytes()).any(|(a, b)| a != b) {
            return false;
        }
        let output = output.with_contents();
        if output.matches(directory) {
            return true;
        }
        !is_literal && output.holds_all_below(directory)
    }

    /// Whether it is the plain path of a directory all contents of which `output` declares: `src` of `src/**`.
    pub fn contents_lie_inside(&self, output: &Self) -> bool {
        self.is_literal() && !output.is_literal() && {
            output.with_contents().holds_all_below(self.literal_prefix())
        }
    }

    /// Whether it matches every path below a directory.
    fn holds_all_below(&self, directory: &str) -> bool {
        /// A name nobody writes in a pattern; most patterns that do not match everything do not match it.
        const PROBE: &str = "\u{10FFFD}\u{10FFFD}\u{10FFFD}";
        let separator = if directory.is_empty() { "" } else { "/" };
        if !self.matches(&format!("{directory}{separator}{PROBE}")) {
            return false;
        }
        let below = Self::parse(&format!("{}{separator}**", Self::escape(directory)))
            .expect("an escaped directory and `**` are a pattern");
        below.common_path_outside(&below, &[self]).is_none()
    }

    /// The cheap test: what all matches start and end with must not contradict each other.
    fn edges_agree(&self, other: &Self) -> bool {
        let starts = self.prefix().bytes().zip(other.prefix().bytes()).all(|(a, b)| a == b);
        starts && self.suffix().bytes().rev().zip(other.suffix().bytes().rev()).all(|(a, b)| a == b)
    }
}

fn check_holes(text: &str) -> Result<(), GlobError> {
    let message = || "a path can't contain a NUL character".to_owned();
    match text.find(Glob::HOLE) {
        Some(at) => Err(GlobError { message: message(), range: at..at + 1, fix: None }),
        None => Ok(()),
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.reach == other.reach
    }
}

impl Eq for Glob {}

impl std::hash::Hash for Glob {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
        self.reach.hash(state);
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
