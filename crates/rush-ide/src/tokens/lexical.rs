//! What the lexer knows of each word, and which plain words are keywords where they stand.

use rush_semantics::{Db, Item};
use rush_syntax::{Kind, SyntaxKind, TreeToken};

use super::{Modifiers, Token, TokenKind};
use crate::syntax::slice;

/// The tokens of an item that are more than space and punctuation.
pub(super) fn tokens(db: &dyn Db, item: Item) -> Vec<Token> {
    let text = item.text(db);
    let all = rush_syntax::tokens(text);
    let mut found = Vec::with_capacity(all.len() / 2);
    let mut significant = all.iter().filter(|it| !it.kind.is_trivia()).copied().peekable();
    let mut head = Head::new(item.kind(db));
    for token in all.iter().copied() {
        if token.kind.is_trivia() {
            found.extend(comment(token));
            continue;
        }
        significant.next();
        let next = significant.peek().map(|it| it.kind);
        let word = head.word(text, token, next);
        if let Some(kind) = plain(token.kind).or(word) {
            found.push(Token { range: token.range, kind, modifiers: Modifiers::NONE });
        }
    }
    found
}

fn comment(token: TreeToken) -> Option<Token> {
    let modifiers = match token.kind {
        SyntaxKind::DocComment | SyntaxKind::FileDoc => Modifiers::DOCUMENTATION,
        kind if kind.is_comment() => Modifiers::NONE,
        _ => return None,
    };
    Some(Token { range: token.range, kind: TokenKind::Comment, modifiers })
}

/// What a token is wherever it stands.
fn plain(kind: SyntaxKind) -> Option<TokenKind> {
    Some(match kind {
        SyntaxKind::Number => TokenKind::Number,
        SyntaxKind::Text
        | SyntaxKind::Raw
        | SyntaxKind::Command
        | SyntaxKind::TextOpen
        | SyntaxKind::BlockOpen
        | SyntaxKind::CommandOpen
        | SyntaxKind::CommandBlockOpen
        | SyntaxKind::Chunk
        | SyntaxKind::TextClose => TokenKind::Text,
        SyntaxKind::HoleOpen | SyntaxKind::HoleClose => TokenKind::Hole,
        SyntaxKind::Equals
        | SyntaxKind::Arrow
        | SyntaxKind::DotDot
        | SyntaxKind::DotDotEquals
        | SyntaxKind::Ellipsis
        | SyntaxKind::OrOr
        | SyntaxKind::AndAnd
        | SyntaxKind::EqualsEquals
        | SyntaxKind::NotEquals
        | SyntaxKind::Less
        | SyntaxKind::LessEquals
        | SyntaxKind::Greater
        | SyntaxKind::GreaterEquals
        | SyntaxKind::Plus
        | SyntaxKind::Minus
        | SyntaxKind::Star
        | SyntaxKind::Slash
        | SyntaxKind::Percent
        | SyntaxKind::QuestionQuestion
        | SyntaxKind::Question
        | SyntaxKind::Bang
        | SyntaxKind::Pipe => TokenKind::Operator,
        _ => return None,
    })
}

/// Follows the tokens of an item, to tell words that are keywords only in their place.
struct Head {
    /// What the item is.
    kind: Kind,
    /// Whether that word was seen.
    is_open: bool,
    /// How many brackets are open.
    depth: u32,
    /// What came before.
    before: Option<SyntaxKind>,
}

impl Head {
    fn new(kind: Kind) -> Self {
        Self { kind, is_open: false, depth: 0, before: None }
    }

    /// What a word or a bracket is; called for each token that is no trivia.
    fn word(
        &mut self,
        text: &str,
        token: TreeToken,
        next: Option<SyntaxKind>,
    ) -> Option<TokenKind> {
        let before = self.before.replace(token.kind);
        if token.kind.is_opener() {
            self.depth += 1;
        } else if token.kind.is_closer() {
            self.depth = self.depth.saturating_sub(1);
        }
        if !token.kind.is_word() {
            return None;
        }
        let is_name = before == Some(SyntaxKind::Dot) || next == Some(SyntaxKind::Colon);
        let word = slice(text, token.range);
        let opens = !std::mem::replace(&mut self.is_open, true) && Kind::of(word) == self.kind;
        let is_keyword = match word {
            _ if opens => true,
            // Before a `:` they may end the condition of an element.
            "true" | "false" | "none" => before != Some(SyntaxKind::Dot),
            "as" => self.kind == Kind::Use && before == Some(SyntaxKind::Text),
            "extends" => self.depth == 0 && next == Some(SyntaxKind::Ident),
            "check" => self.depth > 0 && next.is_some_and(starts_value) && !is_name,
            _ => token.kind != SyntaxKind::Ident && !is_name,
        };
        is_keyword.then_some(TokenKind::Keyword)
    }
}

/// Whether the condition of a `check` can begin so; `{` and `:` make it a field.
fn starts_value(kind: SyntaxKind) -> bool {
    kind.is_word()
        || matches!(
            kind,
            SyntaxKind::Number
                | SyntaxKind::Text
                | SyntaxKind::Raw
                | SyntaxKind::TextOpen
                | SyntaxKind::LeftParen
                | SyntaxKind::LeftBracket
                | SyntaxKind::Bang
                | SyntaxKind::Minus
        )
}
