//! Reserved words and comments of the languages scripts are written in.
//!
//! No grammar: a scan that knows how each language quotes and comments, so that neither is looked for
//! inside the other, and in the shells where a command begins, since `echo if` has no reserved word.

use rush_syntax::ast::{self, Expr, Name};
use text_size::TextRange;

use super::{Modifiers, Token, TokenKind};
use crate::syntax::{exprs, range, slice};

/// Adds what is known of the scripts of an item.
pub(super) fn tokens(ast: &ast::Item, text: &str, found: &mut Vec<Token>) {
    for (id, expr) in exprs(ast) {
        let Expr::Script { tag, body } = expr else { continue };
        found.push(token(tag.range, TokenKind::Interpreter));
        let bounds = body.first().zip(body.last());
        let Some((first, last)) = bounds else { continue };
        let at = TextRange::new(first.range().start(), last.range().end());
        if ast.expr_range(id).contains_range(at) {
            script(text, tag, at, found);
        }
    }
}

fn token(range: TextRange, kind: TokenKind) -> Token {
    Token { range, kind, modifiers: Modifiers::NONE }
}

fn script(text: &str, tag: &Name, at: TextRange, found: &mut Vec<Token>) {
    let Some(language) = Language::of(&tag.text) else { return };
    let mut scan = Scan { text: slice(text, at), at: 0, language, state: State::Command };
    let base = usize::from(at.start());
    while let Some((start, kind)) = scan.next_token() {
        found.push(token(range(base + start, base + scan.at), kind));
    }
}

/// How a language is scanned.
struct Language {
    is_shell: bool,
    comment: &'static str,
    block_comment: Option<(&'static str, &'static str)>,
    quotes: &'static [&'static str],
    words: &'static [&'static str],
}

impl Language {
    fn of(tag: &str) -> Option<Self> {
        let hash = |words| Self {
            is_shell: false,
            comment: "#",
            block_comment: None,
            quotes: &["\"", "'"],
            words,
        };
        Some(match tag {
            "sh" | "bash" | "zsh" => Self { is_shell: true, ..hash(SHELL) },
            "fish" => Self { is_shell: true, ..hash(FISH) },
            "pwsh" => Self { block_comment: Some(("<#", "#>")), ..hash(PWSH) },
            "python" => Self { quotes: &["\"\"\"", "'''", "\"", "'"], ..hash(PYTHON) },
            "node" => Self {
                comment: "//",
                block_comment: Some(("/*", "*/")),
                quotes: &["\"", "'", "`"],
                ..hash(NODE)
            },
            "ruby" => hash(RUBY),
            "nu" => Self { quotes: &["\"", "'", "`"], ..hash(NU) },
            _ => return None,
        })
    }
}

const SHELL: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "function", "select", "time", "{", "}", "!", "[[",
];
const FISH: &[&str] = &[
    "if", "else", "for", "while", "function", "switch", "case", "end", "begin", "and", "or", "not",
    "return", "break", "continue",
];
const PWSH: &[&str] = &[
    "begin", "break", "catch", "class", "continue", "do", "else", "elseif", "end", "exit",
    "finally", "for", "foreach", "function", "if", "in", "param", "process", "return", "switch",
    "throw", "trap", "try", "until", "using", "while",
];
const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];
const NODE: &[&str] = &[
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "let",
    "new",
    "null",
    "of",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];
const RUBY: &[&str] = &[
    "alias", "and", "begin", "break", "case", "class", "def", "do", "else", "elsif", "end",
    "ensure", "false", "for", "if", "in", "module", "next", "nil", "not", "or", "redo", "rescue",
    "retry", "return", "self", "super", "then", "true", "undef", "unless", "until", "when",
    "while", "yield",
];
const NU: &[&str] = &[
    "break", "catch", "const", "continue", "def", "else", "export", "false", "for", "if", "in",
    "let", "loop", "match", "mut", "null", "return", "true", "try", "use", "while",
];

/// Where a shell's word stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A command begins here.
    Command,
    /// After `for` or `case`: one word, then `in`.
    Subject,
    /// Where `in` may follow.
    In,
    /// Arguments.
    Arguments,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    language: Language,
    state: State,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes behind the next comment or reserved word; where it starts, and what it is.
    fn next_token(&mut self) -> Option<(usize, TokenKind)> {
        while let Some(sign) = self.rest().chars().next() {
            let start = self.at;
            if self.skip_block_comment() || self.is_comment() {
                if self.at == start {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                return Some((start, TokenKind::Comment));
            }
            if self.skip_here_document() {
                continue;
            }
            if self.skip_text() {
                self.end_word();
            } else if self.is_word_sign(sign) {
                if self.skip_word() {
                    return Some((start, TokenKind::Keyword));
                }
            } else {
                self.skip_sign(sign);
            }
        }
        None
    }

    fn skip_block_comment(&mut self) -> bool {
        let Some((open, close)) = self.language.block_comment else { return false };
        if !self.rest().starts_with(open) {
            return false;
        }
        let end = self.rest().find(close).map_or(self.rest().len(), |it| it + close.len());
        self.at += end;
        true
    }

    /// Whether a comment starts here. In a shell only at the start of a word, since
    /// `$#` and `${x#y}` are none.
    fn is_comment(&self) -> bool {
        let starts_word = self
            .text
            .get(..self.at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|it| it.is_whitespace() || matches!(it, ';' | '(' | ')' | '&' | '|'));
        self.rest().starts_with(self.language.comment) && (starts_word || !self.language.is_shell)
    }

    /// Goes behind a quoted text, a `\\` with its sign, or an expansion in braces.
    fn skip_text(&mut self) -> bool {
        if self.rest().starts_with('\\') {
            self.at += 1;
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            return true;
        }
        if self.language.is_shell && self.rest().starts_with("${") {
            self.at += self.rest().find(['}', '\n']).map_or(self.rest().len(), |it| it + 1);
            return true;
        }
        let quotes = self.language.quotes.iter();
        let Some(quote) = quotes.copied().find(|it| self.rest().starts_with(it)) else {
            return false;
        };
        self.at += quote.len();
        let has_escapes = !(self.language.is_shell && quote == "'");
        while !self.rest().is_empty() {
            if self.rest().starts_with(quote) {
                self.at += quote.len();
                break;
            }
            if has_escapes && self.rest().starts_with('\\') {
                self.at += 1;
            }
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        }
        true
    }

    /// Goes behind `<<END` and, from the next line on, the text up to `END`.
    fn skip_here_document(&mut self) -> bool {
        if !self.language.is_shell || !self.rest().starts_with("<<") {
            return false;
        }
        let after = self.rest().get(2..).unwrap_or_default();
        let word = after.trim_start_matches('-').trim_start_matches([' ', '\t']);
        let word = word.trim_start_matches(['"', '\'', '\\']);
        let end = word.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(word.len());
        let word = word.get(..end).unwrap_or_default().to_owned();
        if word.is_empty() || after.starts_with('<') {
            self.at += if after.starts_with('<') { 3 } else { 2 };
            return true;
        }
        let mut length = 0;
        let mut ended = false;
        for (line, written) in self.rest().split_inclusive('\n').enumerate() {
            length += written.len();
            if line > 0 && written.trim() == word {
                ended = true;
                break;
            }
        }
        self.at += if ended { length } else { 2 };
        if ended {
            self.state = State::Command;
        }
        true
    }

    fn is_word_sign(&self, sign: char) -> bool {
        let more = self.language.is_shell && "{}![]-./=$%+:@,~*?".contains(sign);
        sign.is_alphanumeric() || sign == '_' || more
    }

    /// Goes behind a word; whether it is reserved where it stands.
    fn skip_word(&mut self) -> bool {
        let rest = self.rest();
        let end = rest.find(|it| !self.is_word_sign(it)).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default().to_owned();
        let before = self.text.get(..self.at).and_then(|it| it.chars().next_back());
        self.at += end.max(1);
        if !self.language.is_shell {
            return self.language.words.contains(&word.as_str())
                && !matches!(before, Some('.' | '$' | '@' | ':' | '-'));
        }
        self.shell_word(&word)
    }

    fn shell_word(&mut self, word: &str) -> bool {
        let is_reserved = match self.state {
            State::Command => self.language.words.contains(&word),
            State::In => word == "in" || word == "do",
            State::Subject | State::Arguments => word == "]]",
        };
        self.state = match (self.state, word) {
            (State::Command, "for" | "case" | "select" | "switch") => State::Subject,
            (State::Command, "function" | "[[") => State::Arguments,
            (State::Command, _) if is_reserved => State::Command,
            // `x=1 make`: what follows an assignment is still the start of a command.
            (State::Command, _) if word.contains('=') => State::Command,
            (State::In, "do") => State::Command,
            (State::Subject, _) => State::In,
            _ => State::Arguments,
        };
        is_reserved
    }

    /// What was skipped was a word of the shell.
    fn end_word(&mut self) {
        self.state = match self.state {
            State::Subject => State::In,
            State::Command | State::In | State::Arguments => State::Arguments,
        };
    }

    fn skip_sign(&mut self, sign: char) {
        self.at += sign.len_utf8();
        if matches!(sign, '\n' | ';' | '|' | '&' | '(' | ')' | '`') {
            self.state = State::Command;
        }
    }
}
