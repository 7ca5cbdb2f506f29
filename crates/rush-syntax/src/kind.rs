//! The kinds of tokens and nodes, and what the grammar's rules on newlines ask of a token.
//!
//! Plain tokens carry their pattern here, for logos. The openers of texts do too; what follows an
//! opener depends on where it stands, so the rest of a text is scanned by hand in `lex`.

use logos::Logos;

/// What a token or a node is.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum SyntaxKind {
    // Trivia.
    /// Spaces and tabs.
    #[regex(r"[ \t\r\u{c}]+")]
    Whitespace,
    /// One line end.
    #[token("\n")]
    #[token("\r\n")]
    Newline,
    /// `// ...`
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,
    /// `/// ...`
    #[regex(r"///[^\n]*", allow_greedy = true)]
    DocComment,
    /// `//! ...`
    #[regex(r"//![^\n]*", allow_greedy = true)]
    FileDoc,
    /// `# ...`, which other languages have.
    #[regex(r"#[^\n]*", allow_greedy = true)]
    HashComment,
    /// `/* ... */`, which other languages have.
    #[token("/*")]
    BlockComment,
    /// `#!` on the first line.
    Shebang,
    /// The byte-order mark.
    Bom,
    /// Bytes that begin no token.
    Unknown,

    // Words.
    /// A name.
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Ident,
    /// `if`
    #[token("if")]
    IfWord,
    /// `then`
    #[token("then")]
    ThenWord,
    /// `else`
    #[token("else")]
    ElseWord,
    /// `for`
    #[token("for")]
    ForWord,
    /// `in`
    #[token("in")]
    InWord,
    /// `true`
    #[token("true")]
    TrueWord,
    /// `false`
    #[token("false")]
    FalseWord,
    /// `none`
    #[token("none")]
    NoneWord,
    /// `let`
    #[token("let")]
    LetWord,

    // Literals.
    /// A number, with or without a unit.
    #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)?")]
    Number,
    /// A whole `"..."` or `"""..."""` without holes.
    Text,
    /// A whole `r"..."` or `r"""..."""`.
    Raw,
    /// A whole command without holes.
    Command,
    /// A whole script, tag included.
    Script,
    /// The opening quote of a text with holes, or of one that is never closed.
    #[token("\"")]
    TextOpen,
    /// The same for `"""`.
    #[token("\"\"\"")]
    BlockOpen,
    /// `r"`; becomes `Raw`.
    #[token("r\"")]
    RawOpen,
    /// `r"""`; becomes `Raw`.
    #[token("r\"\"\"")]
    RawBlockOpen,
    /// The opening backtick of a command with holes.
    #[token("`")]
    CommandOpen,
    /// The same for `argv"""`.
    #[token("argv\"\"\"")]
    CommandBlockOpen,
    /// `sh"""`; becomes `Script`.
    #[regex("[A-Za-z_][A-Za-z0-9_]*\"\"\"", priority = 5)]
    ScriptOpen,
    /// Fixed text between holes.
    Chunk,
    /// `${`
    HoleOpen,
    /// The `}` of a hole.
    HoleClose,
    /// The end of a text or command that has pieces.
    TextClose,

    // Punctuation.
    /// `(`
    #[token("(")]
    LeftParen,
    /// `)`
    #[token(")")]
    RightParen,
    /// `[`
    #[token("[")]
    LeftBracket,
    /// `]`
    #[token("]")]
    RightBracket,
    /// `{`
    #[token("{")]
    LeftBrace,
    /// `}`
    #[token("}")]
    RightBrace,
    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `=`
    #[token("=")]
    Equals,
    /// `->`
    #[token("->")]
    Arrow,
    /// `.`
    #[token(".")]
    Dot,
    /// `..`
    #[token("..")]
    DotDot,
    /// `..=`
    #[token("..=")]
    DotDotEquals,
    /// `...`
    #[token("...")]
    Ellipsis,
    /// `||`
    #[token("||")]
    OrOr,
    /// `&&`
    #[token("&&")]
    AndAnd,
    /// `==`
    #[token("==")]
    EqualsEquals,
    /// `!=`
    #[token("!=")]
    NotEquals,
    /// `<`
    #[token("<")]
    Less,
    /// `<=`
    #[token("<=")]
    LessEquals,
    /// `>`
    #[token(">")]
    Greater,
    /// `>=`
    #[token(">=")]
    GreaterEquals,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `/`
    #[token("/")]
    Slash,
    /// `%`
    #[token("%")]
    Percent,
    /// `??`
    #[token("??")]
    QuestionQuestion,
    /// `?`
    #[token("?")]
    Question,
    /// `!`
    #[token("!")]
    Bang,
    /// `|`
    #[token("|")]
    Pipe,
    /// `@`
    #[token("@")]
    At,

    // Nodes.
    /// The root of every tree.
    Item,
    /// A name that is declared, or a word of a path.
    Name,
    /// A parameter list.
    Params,
    /// One parameter, or one field of a record type.
    Param,
    /// `extends path(args)`
    Extends,
    /// A record or a body.
    Record,
    /// `name: value`
    Field,
    /// `let x = e`
    Let,
    /// `check e, m`
    Check,
    /// `...e`
    Spread,
    /// `for x in e: element`
    ForElement,
    /// `if c: element`
    IfElement,
    /// An argument with a name.
    Arg,
    /// A literal in one token.
    Literal,
    /// A text, a command or a script.
    TextExpr,
    /// `${e}`
    Hole,
    /// A reference to a name.
    NameExpr,
    /// `[ ... ]`
    List,
    /// `!e`, `-e`
    Unary,
    /// `a + b`
    Binary,
    /// `if c then a else b`
    If,
    /// `e.name`
    FieldExpr,
    /// `e[i]`
    Index,
    /// `f(a)`
    Call,
    /// A type expression.
    Type,
}

impl SyntaxKind {
    /// Whether the grammar never sees the token: white space, newlines and comments.
    pub fn is_trivia(self) -> bool {
        (self as u8) <= Self::Bom as u8
    }

    /// Whether it is a comment of any sort.
    pub fn is_comment(self) -> bool {
        matches!(
            self,
            Self::Comment
                | Self::DocComment
                | Self::FileDoc
                | Self::HashComment
                | Self::BlockComment
                | Self::Shebang
        )
    }

    /// Whether it is a name or a reserved word.
    pub fn is_word(self) -> bool {
        (Self::Ident as u8..=Self::LetWord as u8).contains(&(self as u8))
    }

    /// Whether a token of this kind opens a group.
    pub fn is_opener(self) -> bool {
        matches!(
            self,
            Self::LeftParen
                | Self::LeftBracket
                | Self::LeftBrace
                | Self::TextOpen
                | Self::BlockOpen
                | Self::CommandOpen
                | Self::CommandBlockOpen
                | Self::HoleOpen
        )
    }

    /// Whether a token of this kind closes a group.
    pub fn is_closer(self) -> bool {
        matches!(
            self,
            Self::RightParen
                | Self::RightBracket
                | Self::RightBrace
                | Self::TextClose
                | Self::HoleClose
        )
    }

    /// What closes a group this kind opens.
    pub(crate) fn closer(self) -> Option<Self> {
        Some(match self {
            Self::LeftParen => Self::RightParen,
            Self::LeftBracket => Self::RightBracket,
            Self::LeftBrace => Self::RightBrace,
            Self::HoleOpen => Self::HoleClose,
            it if it.is_opener() => Self::TextClose,
            _ => return None,
        })
    }

    /// Whether an infix operator is written with this token.
    pub(crate) fn is_infix(self) -> bool {
        matches!(
            self,
            Self::OrOr
                | Self::AndAnd
                | Self::EqualsEquals
                | Self::NotEquals
                | Self::Less
                | Self::LessEquals
                | Self::Greater
                | Self::GreaterEquals
                | Self::InWord
                | Self::Plus
                | Self::Minus
                | Self::Star
                | Self::Slash
                | Self::Percent
                | Self::QuestionQuestion
        )
    }

    /// Whether a newline after this token counts for nothing, in every kind of bracket.
    pub(crate) fn continues_after(self) -> bool {
        self.is_infix()
            || matches!(
                self,
                Self::Equals | Self::Arrow | Self::ThenWord | Self::ElseWord | Self::Pipe
            )
    }

    /// Whether a line that begins with this token continues the line above; `then` and `else` do so
    /// unless a `:` makes them keys.
    pub(crate) fn continues_before(self) -> bool {
        matches!(
            self,
            Self::Dot
                | Self::OrOr
                | Self::AndAnd
                | Self::QuestionQuestion
                | Self::Plus
                | Self::ThenWord
                | Self::ElseWord
                | Self::Pipe
        )
    }

    /// Whether a value can begin with this token.
    pub(crate) fn starts_value(self) -> bool {
        self.is_word() && !matches!(self, Self::ThenWord | Self::ElseWord | Self::InWord)
            || matches!(
                self,
                Self::Number
                    | Self::Text
                    | Self::Raw
                    | Self::Command
                    | Self::Script
                    | Self::TextOpen
                    | Self::BlockOpen
                    | Self::CommandOpen
                    | Self::CommandBlockOpen
                    | Self::LeftParen
                    | Self::LeftBracket
                    | Self::LeftBrace
                    | Self::Bang
                    | Self::Minus
            )
    }
}
