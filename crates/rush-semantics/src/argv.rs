//! Commands that run without a shell: from the pieces of `` `...` `` to words.
//!
//! The rules are few on purpose: blanks end a word, `'...'` is literal, `"..."` keeps blanks, `\`
//! takes the meaning from the next sign, a hole is text inside one argument, and a spread hole is
//! a whole word. What a shell would give a meaning is a [`Problem`], so nobody is surprised by a
//! literal `|`. Values and types of holes are not known here.

pub mod code;
mod report;
mod to_shell;
mod units;

#[cfg(test)]
mod tests;

use rush_syntax::ast::{ExprId, Part};
use smol_str::SmolStr;
use text_size::TextRange;

pub use crate::shell::{FieldSite, Site};
pub use report::reports;
pub use to_shell::to_shell;
use units::{Unit, units};

/// A command, split into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argv {
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// What keeps the command from meaning what it seems to mean.
    pub problems: Vec<Problem>,
}

/// One word: one argument, or, if it is a spread, any number of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The pieces in order; none for `""`.
    pub pieces: Vec<Piece>,
    /// From the first to the last byte, quotes included.
    pub range: TextRange,
}

impl Word {
    /// Whether it is one value and nothing else.
    pub fn is_hole(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Hole { .. }])
    }

    /// The option that it is, without a value and without quotes: `-k`, `--filter`.
    pub fn option(&self) -> Option<&str> {
        let [Piece::Text { value, range }] = self.pieces.as_slice() else { return None };
        let name = value.strip_prefix("--").or_else(|| value.strip_prefix('-'))?;
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (is_name && *range == self.range).then_some(value)
    }
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Fixed text, quotes and escapes resolved.
    Text {
        /// The text.
        value: SmolStr,
        /// Where it is written.
        range: TextRange,
    },
    /// `${e}`: the value's text becomes part of this argument.
    Hole {
        /// The expression.
        expr: ExprId,
        /// From `$` to `}`.
        range: TextRange,
    },
    /// `${...e}`: each element becomes an argument; the only piece of its word.
    Spread {
        /// The expression.
        expr: ExprId,
        /// From `$` to `}`.
        range: TextRange,
    },
}

/// What keeps a command from meaning what it seems to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// An unquoted sign that only a shell understands; reported once for a command.
    Operator {
        /// The sign: `|`, `&&`, `$(` ...
        text: SmolStr,
        /// Where it stands.
        range: TextRange,
        /// Whether the sign can be put in quotes where it stands.
        is_quotable: bool,
    },
    /// `$name`, `$1`, `$@`.
    Dollar {
        /// What follows the `$`.
        name: SmolStr,
        /// The `$` and what follows.
        range: TextRange,
    },
    /// `NAME=value` before the program.
    Assignments {
        /// The assignments in order, at least one.
        assignments: Vec<Assignment>,
        /// From the first assignment to the program; without one, to the end of the last.
        range: TextRange,
        /// Whether a program follows.
        has_program: bool,
    },
    /// A word that begins with `~`.
    Tilde {
        /// The `~`.
        range: TextRange,
    },
    /// `\` before a sign that needs none.
    Escape {
        /// The sign after the `\`; none at the end of the command.
        escaped: Option<char>,
        /// The `\` and the sign.
        range: TextRange,
    },
    /// A quote without its second half.
    UnclosedQuote {
        /// `'` or `"`.
        quote: char,
        /// The opening quote.
        range: TextRange,
    },
    /// `a${...list}` or `"${...list}"`.
    SpreadInWord {
        /// From `$` to `}`.
        range: TextRange,
    },
    /// No word at all.
    Empty,
}

/// `NAME=value` before the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: SmolStr,
    /// The pieces after the `=`.
    pub value: Vec<Piece>,
    /// The whole word.
    pub range: TextRange,
}

/// Whether a command surely has words and no problems; cheaper than splitting it.
pub fn is_plain(parts: &[Part]) -> bool {
    let is_plain = |byte: u8| {
        !matches!(
            byte,
            b'\'' | b'"' | b'\\' | b'$' | b'~' | b'=' // quotes, escapes, variables
                | b'|' | b'>' | b'<' | b'&' | b';' | b'*' | b'(' | b')'
        )
    };
    let is_word = |byte: u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let is_all_plain = parts.iter().all(|part| match part {
        Part::Text { value, .. } => value.bytes().all(is_plain),
        Part::Hole { is_spread, .. } => !is_spread,
    });
    let has_word = parts.iter().any(|part| match part {
        Part::Text { value, .. } => value.bytes().any(is_word),
        Part::Hole { .. } => true,
    });
    let texts = parts.iter().map(|part| match part {
        Part::Text { value, .. } => value.as_str(),
        Part::Hole { .. } => "",
    });
    let first = texts.flat_map(str::split_ascii_whitespace).next();
    let is_program = first.is_none_or(|it| report::instead_of(it).is_none());
    is_all_plain && has_word && is_program && !code::may_hold(parts, first)
}

/// Splits the pieces of a command into words; `text` is the text of the item the ranges count in.
pub fn split(parts: &[Part], text: &str) -> Argv {
    let units = units(parts);
    let mut splitter = Splitter::new(&units, text);
    let assignments = splitter.run();
    let mut argv = splitter.argv;
    if !assignments.is_empty() {
        let problem = leading(assignments, argv.words.first());
        argv.problems.push(problem);
    } else if argv.words.is_empty() && argv.problems.is_empty() {
        argv.problems.push(Problem::Empty);
    }
    keep_independent(&mut argv.problems);
    argv
}

impl Piece {
    /// Where the piece is written.
    pub fn range(&self) -> TextRange {
        match self {
            Self::Text { range, .. } | Self::Hole { range, .. } | Self::Spread { range, .. } => {
                *range
            }
        }
    }
}

fn leading(assignments: Vec<Assignment>, program: Option<&Word>) -> Problem {
    let first = assignments.first().map(|it| it.range).unwrap_or_default();
    let last = assignments.last().map(|it| it.range).unwrap_or_default();
    let end = program.map_or(last.end(), |word| word.range.start());
    let range = TextRange::new(first.start(), end.max(first.start()));
    Problem::Assignments { assignments, range, has_program: program.is_some() }
}

/// A command that needs a shell for an operator needs it for everything else too: one report.
fn keep_independent(problems: &mut Vec<Problem>) {
    if !problems.iter().any(|it| matches!(it, Problem::Operator { .. })) {
        return;
    }
    let mut has_operator = false;
    problems.retain(|problem| match problem {
        Problem::Operator { .. } => !std::mem::replace(&mut has_operator, true),
        Problem::Dollar { .. } | Problem::Assignments { .. } | Problem::Tilde { .. } => false,
        Problem::Escape { .. }
        | Problem::UnclosedQuote { .. }
        | Problem::SpreadInWord { .. }
        | Problem::Empty => true,
    });
}

/// Most commands have no more words.
const WORDS_CAPACITY: usize = 8;

struct Splitter<'a> {
    units: &'a [Unit],
    next: usize,
    text: &'a str,
    argv: Argv,
    open: Option<OpenWord>,
    /// The fixed text of the open word since its last piece, and where it is written.
    fixed: String,
    fixed_range: TextRange,
}

struct OpenWord {
    pieces: Vec<Piece>,
    range: TextRange,
    assigns: Option<SmolStr>,
}

impl<'a> Splitter<'a> {
    fn new(units: &'a [Unit], text: &'a str) -> Self {
        let argv = Argv { words: Vec::with_capacity(WORDS_CAPACITY), problems: Vec::new() };
        let (fixed, fixed_range) = (String::new(), TextRange::default());
        Self { units, next: 0, text, argv, open: None, fixed, fixed_range }
    }

    /// Reads all words; gives the assignments before the program, which are no words.
    fn run(&mut self) -> Vec<Assignment> {
        let mut assignments = Vec::new();
        while let Some(unit) = self.peek(0) {
            self.next += 1;
            match unit {
                Unit::Char { value: ' ' | '\t' | '\n' | '\r', .. } => {
                    self.close_word(&mut assignments);
                }
                Unit::Char { value, range } => self.bare(value, range),
                Unit::Hole { expr, is_spread: true, range } => self.spread(expr, range),
                Unit::Hole { expr, is_spread: false, range } => {
                    self.piece(Piece::Hole { expr, range });
                }
            }
        }
        self.close_word(&mut assignments);
        assignments
    }

    fn peek(&self, ahead: usize) -> Option<Unit> {
        self.units.get(self.next + ahead).copied()
    }

    fn peek_char(&self, ahead: usize) -> Option<char> {
        match self.peek(ahead) {
            Some(Unit::Char { value, .. }) => Some(value),
            Some(Unit::Hole { .. }) | None => None,
        }
    }

    /// One character outside of quotes; it is already taken.
    fn bare(&mut self, value: char, range: TextRange) {
        match value {
            '\'' => self.single_quoted(range),
            '"' => self.double_quoted(range),
            '\\' => self.escape(range),
            '$' => self.dollar(range, Quotes::None),
            '|' | '>' | '<' | '&' | ';' | '*' | '(' | ')' => self.operator(value, range),
            '~' if self.open.is_none() => self.tilde(range),
            _ => self.char(value, range),
        }
    }

    fn single_quoted(&mut self, open: TextRange) {
        self.touch(open);
        while let Some(unit) = self.peek(0) {
            self.next += 1;
            match unit {
                Unit::Char { value: '\'', range } => return self.touch(range),
                Unit::Char { value, range } => self.char(value, range),
                Unit::Hole { range, .. } => {
                    for value in
                        self.text.get(std::ops::Range::from(range)).unwrap_or_default().chars()
                    {
                        self.char(value, range);
                    }
                }
            }
        }
        self.argv.problems.push(Problem::UnclosedQuote { quote: '\'', range: open });
    }

    fn double_quoted(&mut self, open: TextRange) {
        self.touch(open);
        while let Some(unit) = self.peek(0) {
            self.next += 1;
            match unit {
                Unit::Char { value: '"', range } => return self.touch(range),
                Unit::Char { value: '\\', range } => self.escape(range),
                Unit::Char { value: '$', range } => self.dollar(range, Quotes::Double),
                Unit::Char { value, range } => self.char(value, range),
                Unit::Hole { expr, is_spread, range } => {
                    if is_spread {
                        self.argv.problems.push(Problem::SpreadInWord { range });
                    }
                    self.piece(Piece::Hole { expr, range });
                }
            }
        }
        self.argv.problems.push(Problem::UnclosedQuote { quote: '"', range: open });
    }

    fn escape(&mut self, range: TextRange) {
        let next = self.peek(0);
        match next {
            Some(Unit::Char {
                value: value @ ('\\' | '"' | '\'' | '`' | '$' | ' '),
                range: to,
            }) => {
                self.next += 1;
                self.char(value, range.cover(to));
            }
            Some(Unit::Char { value, range: to }) => {
                let range = range.cover(to);
                self.argv.problems.push(Problem::Escape { escaped: Some(value), range });
                if value != '\n' {
                    self.next += 1;
                    self.char(value, range);
                }
            }
            Some(Unit::Hole { .. }) | None => {
                self.argv.problems.push(Problem::Escape { escaped: None, range });
                self.touch(range);
            }
        }
    }

    fn dollar(&mut self, range: TextRange, quotes: Quotes) {
        match self.peek_char(0) {
            Some('(') => {
                let end = self.peek(0).map_or(range, Unit::range);
                let range = range.cover(end);
                self.shell_only("$(", range, quotes);
                self.next += 1;
                self.char('$', range);
                self.char('(', range);
            }
            Some(first) if is_name_start(first) => self.dollar_name(range),
            Some(sign @ ('0'..='9' | '@' | '#' | '?' | '*' | '!' | '$')) => {
                let range = range.cover(self.peek(0).map_or(range, Unit::range));
                let name = SmolStr::from_iter([sign]);
                self.argv.problems.push(Problem::Dollar { name, range });
                self.next += 1;
                self.char('$', range);
                self.char(sign, range);
            }
            Some(_) | None => self.char('$', range),
        }
    }

    fn dollar_name(&mut self, dollar: TextRange) {
        self.char('$', dollar);
        let mut name = String::new();
        let mut whole = dollar;
        while let Some(Unit::Char { value, range }) = self.peek(0) {
            if !is_name_part(value) {
                break;
            }
            self.next += 1;
            name.push(value);
            whole = whole.cover(range);
            self.char(value, range);
        }
        self.argv.problems.push(Problem::Dollar { name: name.into(), range: whole });
    }

    fn operator(&mut self, first: char, range: TextRange) {
        let mut text = String::from(first);
        let mut whole = range;
        self.char(first, range);
        let joins = |sign| matches!(sign, '|' | '&' | '<' | '>');
        while let Some(Unit::Char { value, range }) = self.peek(0)
            && joins(first)
            && joins(value)
        {
            self.next += 1;
            text.push(value);
            whole = whole.cover(range);
            self.char(value, range);
        }
        self.shell_only(&text, whole, Quotes::None);
    }

    fn shell_only(&mut self, text: &str, range: TextRange, quotes: Quotes) {
        let is_quotable = quotes == Quotes::None && !matches!(text, "$(" | "(" | ")");
        self.argv.problems.push(Problem::Operator { text: text.into(), range, is_quotable });
    }

    fn tilde(&mut self, range: TextRange) {
        let is_home = match self.peek(0) {
            None => true,
            Some(Unit::Char { value, .. }) => {
                value == '/' || value.is_whitespace() || value.is_ascii_alphabetic()
            }
            Some(Unit::Hole { .. }) => false,
        };
        if is_home {
            self.argv.problems.push(Problem::Tilde { range });
        }
        self.char('~', range);
    }

    fn spread(&mut self, expr: ExprId, range: TextRange) {
        let is_followed = match self.peek(0) {
            None => false,
            Some(Unit::Char { value, .. }) => !value.is_whitespace(),
            Some(Unit::Hole { .. }) => true,
        };
        if self.open.is_some() || is_followed {
            self.argv.problems.push(Problem::SpreadInWord { range });
            self.piece(Piece::Hole { expr, range });
        } else {
            self.piece(Piece::Spread { expr, range });
        }
    }

    /// The word being read, opened if there is none.
    fn word(&mut self, at: TextRange) -> &mut OpenWord {
        if self.open.is_none() {
            let assigns = self.assigned_name();
            self.open = Some(OpenWord { pieces: Vec::with_capacity(1), range: at, assigns });
        }
        let word = self.open.as_mut().expect("a word was opened above");
        word.range = word.range.cover(at);
        word
    }

    /// The name in `NAME=` if that is what begins one unit before the next.
    fn assigned_name(&self) -> Option<SmolStr> {
        if !self.argv.words.is_empty() {
            return None;
        }
        let start = self.next.checked_sub(1)?;
        let characters = self.units.get(start..)?.iter().map_while(|unit| match unit {
            Unit::Char { value, .. } => Some(*value),
            Unit::Hole { .. } => None,
        });
        let length = characters.clone().take_while(|it| is_name_part(*it)).count();
        let is_name = characters.clone().next().is_some_and(is_name_start);
        let is_assigned = is_name && characters.clone().nth(length) == Some('=');
        is_assigned.then(|| characters.take(length).collect())
    }

    fn touch(&mut self, range: TextRange) {
        self.word(range);
    }

    fn char(&mut self, value: char, range: TextRange) {
        self.word(range);
        if self.fixed.is_empty() {
            self.fixed_range = range;
        }
        self.fixed_range = self.fixed_range.cover(range);
        self.fixed.push(value);
    }

    fn piece(&mut self, piece: Piece) {
        self.word(piece.range());
        self.end_fixed();
        if let Some(word) = &mut self.open {
            word.pieces.push(piece);
        }
    }

    /// Makes a piece of the fixed text that was read.
    fn end_fixed(&mut self) {
        if self.fixed.is_empty() {
            return;
        }
        let piece = Piece::Text { value: SmolStr::new(&self.fixed), range: self.fixed_range };
        self.fixed.clear();
        if let Some(word) = &mut self.open {
            word.pieces.push(piece);
        }
    }

    fn close_word(&mut self, assignments: &mut Vec<Assignment>) {
        self.end_fixed();
        let Some(mut word) = self.open.take() else { return };
        match word.assigns.take() {
            Some(name) => assignments.push(word.into_assignment(name)),
            None => self.argv.words.push(Word { pieces: word.pieces, range: word.range }),
        }
    }
}

impl OpenWord {
    fn into_assignment(mut self, name: SmolStr) -> Assignment {
        if let Some(Piece::Text { value, .. }) = self.pieces.first_mut() {
            *value = SmolStr::from(value.get(name.len() + 1..).unwrap_or_default());
        }
        Assignment { name, value: self.pieces, range: self.range }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Double,
}

fn is_name_start(value: char) -> bool {
    value.is_ascii_alphabetic() || value == '_'
}

fn is_name_part(value: char) -> bool {
    value.is_ascii_alphanumeric() || value == '_'
}
