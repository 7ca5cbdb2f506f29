//! The typed syntax tree of one item: what later stages read.
//!
//! It is plain data in two arenas, owned and position-independent: every range counts from the
//! item's first byte, so an edit elsewhere in the file leaves it equal. What could not be parsed is
//! `Missing` (and was reported), so a reader stays silent about it. Names are not resolved here.

mod meaning;
mod types;

pub use meaning::same_meaning;
pub use types::{Bound, Refinement, TypeExpr};

use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use crate::opening::Kind;

/// An expression of this item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A type expression of this item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// One item of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The `///` lines above it.
    pub doc: Option<Doc>,
    /// What it declares.
    pub kind: ItemKind,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) expr_ranges: Vec<TextRange>,
    pub(crate) types: Vec<TypeExpr>,
    pub(crate) type_ranges: Vec<TextRange>,
}

/// Documentation, with the `///` and one following space removed from each line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// The lines, joined by `\n`.
    pub text: String,
    /// From the first `///` to the end of the last line.
    pub range: TextRange,
}

/// A word that names something, or refers to a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The word; for a quoted field name, its content.
    pub text: SmolStr,
    /// Where it is written, quotes included.
    pub range: TextRange,
}

/// What an item declares.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `//!` docs, comments and blank lines before the first item; also an item nobody can read.
    Nothing,
    /// `use "//lib/x.rush" as x`
    Use {
        /// The text between the quotes, and its range with quotes.
        path: Option<Name>,
        /// The namespace it makes.
        alias: Option<Name>,
    },
    /// `let x: T = e` at the level of the file.
    Let(Let),
    /// `param x: T = e`
    Param(ParamDecl),
    /// `fn f(a: T) -> U = e`
    Fn {
        /// The declared name.
        name: Option<Name>,
        /// The parameters.
        params: Vec<ParamDecl>,
        /// The declared result; inferred when absent.
        result: Option<TypeId>,
        /// What it computes.
        body: ExprId,
    },
    /// `type T = ...`
    Type {
        /// The declared name.
        name: Option<Name>,
        /// What it stands for.
        ty: TypeId,
    },
    /// `check cond, message` at the level of the file.
    Check(Check),
    /// `task build(...) extends t { ... }`, whatever the kind.
    Decl(Decl),
    /// `kind task(params, extends) = { ... }`; only the prelude may have it.
    Kind(KindDecl),
}

/// A declaration of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Decl {
    /// The kind's name as written.
    pub kind: Name,
    /// The declared name.
    pub name: Option<Name>,
    /// The parameter list; `None` when there are no parentheses.
    pub params: Option<Vec<ParamDecl>>,
    /// What it extends.
    pub extends: Option<Box<Extends>>,
    /// The fields.
    pub body: Record,
}

impl Decl {
    /// Its kind; [`Kind::Unknown`] when the word opens nothing.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.kind.text)
    }
}

/// `extends path(args)`
#[derive(Clone, Debug, PartialEq)]
pub struct Extends {
    /// The dotted path, never empty.
    pub path: Vec<Name>,
    /// The arguments; `None` when there are no parentheses.
    pub args: Option<Vec<Arg>>,
    /// The path and the arguments.
    pub range: TextRange,
}

/// `kind name(params, extends) = { fields }` of the prelude.
#[derive(Clone, Debug, PartialEq)]
pub struct KindDecl {
    /// The kind's name.
    pub name: Option<Name>,
    /// The words in parentheses: what its declarations may have.
    pub abilities: Vec<Name>,
    /// The fields.
    pub fields: Vec<ParamDecl>,
}

/// `let name: T = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The declared name.
    pub name: Option<Name>,
    /// The declared type.
    pub ty: Option<TypeId>,
    /// The value.
    pub value: ExprId,
    /// From the keyword to the end of the value, its parentheses included.
    pub range: TextRange,
}

/// `check condition, message`
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What must hold.
    pub condition: ExprId,
    /// What to say when it does not.
    pub message: ExprId,
    /// From the keyword to the end of the message, its parentheses included.
    pub range: TextRange,
}

/// A parameter, a record type's field, a tag's field, or a kind's field.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamDecl {
    /// The `///` lines above it.
    pub doc: Option<Doc>,
    /// `@merge` and the like; only in the prelude.
    pub attributes: Vec<Name>,
    /// Whether `...` precedes it: it takes what follows `--`.
    pub is_rest: bool,
    /// The declared name.
    pub name: Option<Name>,
    /// The declared type.
    pub ty: TypeId,
    /// The default.
    pub default: Option<ExprId>,
    /// From the name (or `...`) to the end of the default.
    pub range: TextRange,
}

/// `{ ... }` as a value or as the body of a declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The members in the order written.
    pub members: Vec<Member>,
    /// From `{` to `}`.
    pub range: TextRange,
    /// Whether both braces are there and nothing inside was skipped; an absence inside an
    /// incomplete record is not reported.
    pub is_complete: bool,
}

/// A member of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// `let x = e`
    Let(Let),
    /// `check e, m`
    Check(Check),
    /// `...e`
    Spread {
        /// What is spread.
        value: ExprId,
        /// The whole member.
        range: TextRange,
    },
    /// `name: value` or `name { ... }`
    Field(Field),
}

/// `name: value` or `name { ... }`
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The `///` lines above it.
    pub doc: Option<Box<Doc>>,
    /// The field's name.
    pub name: Name,
    /// The value; for `name { ... }` a record.
    pub value: ExprId,
    /// The whole member, docs and separator excluded.
    pub range: TextRange,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `name:` before the value.
    pub name: Option<Name>,
    /// The value.
    pub value: ExprId,
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// `e`
    Value(ExprId),
    /// `...e`
    Spread(ExprId),
    /// `for x in e if c: element`
    For {
        /// The variable.
        name: Option<Box<Name>>,
        /// What it runs through.
        iterable: ExprId,
        /// The `if` before the colon.
        condition: Option<ExprId>,
        /// What is made for each.
        element: Box<Element>,
    },
    /// `if c: element`
    If {
        /// When the element is there.
        condition: ExprId,
        /// The element.
        element: Box<Element>,
    },
}

/// A piece of a text, a command or a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Fixed text. Either `value` is the source at `range` byte for byte, or it is one escape (or a
    /// line end) that stands for all of `range`; so a byte of `value` always has a place.
    Text {
        /// The text after escapes.
        value: SmolStr,
        /// Where it is written.
        range: TextRange,
        /// Whether it was written as an escape, so that it has no meaning to a reader of syntax.
        is_escape: bool,
    },
    /// `${e}` or `${...e}`
    Hole {
        /// The expression.
        value: ExprId,
        /// Whether `...` precedes it.
        is_spread: bool,
        /// From `$` to `}`.
        range: TextRange,
    },
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// An infix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `??`
    Otherwise,
}

/// An expression. Grouping parentheses leave no trace but in the ranges of what contains them.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// What could not be read; it was reported.
    Missing,
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// `1_000`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `1h30m`, in nanoseconds.
    Duration(i64),
    /// `2GiB`, in bytes.
    Size(i64),
    /// `"..."`, `r"..."`, `"""..."""`, `r"""..."""`
    Text(Vec<Part>),
    /// `` `...` `` or `argv"""..."""`: one command without a shell. The text parts are the source
    /// as written, `\` included (`is_escape` is false): splitting into words reads the escapes.
    Command(Vec<Part>),
    /// `sh"""..."""`: the tag and the verbatim body, one part a line, final newline included.
    Script {
        /// `sh`, `bash` ... In a box, so that a script makes no other expression larger.
        tag: Box<Name>,
        /// Text parts only.
        body: Vec<Part>,
    },
    /// `x`
    Name(SmolStr),
    /// `[ ... ]`
    List(Vec<Element>),
    /// `{ ... }` In a box, so that it makes no other expression larger.
    Record(Box<Record>),
    /// `!e`, `-e`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: ExprId,
    },
    /// `a + b`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator is written.
        op_range: TextRange,
        /// The left operand.
        left: ExprId,
        /// The right operand.
        right: ExprId,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: ExprId,
        /// The value when it holds.
        then: ExprId,
        /// The value otherwise.
        otherwise: ExprId,
    },
    /// `e.name`; a half-typed `e.` has an empty name.
    Field {
        /// What has the field.
        base: ExprId,
        /// The field.
        name: Name,
    },
    /// `e[i]`
    Index {
        /// What is indexed.
        base: ExprId,
        /// The index.
        index: ExprId,
    },
    /// `f(a, b: c)`
    Call {
        /// What is called.
        callee: ExprId,
        /// The arguments.
        args: Vec<Arg>,
        /// From `(` to `)`.
        args_range: TextRange,
    },
}

// There are a dozen for each task, kept for as long as the file is open.
const _: () = assert!(size_of::<Expr>() <= 40);

impl Item {
    /// The expression behind an id of this item; `Missing` for an id of another item.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.0 as usize).unwrap_or(&Expr::Missing)
    }

    /// Where an expression is written, grouping parentheses excluded.
    pub fn expr_range(&self, id: ExprId) -> TextRange {
        self.expr_ranges.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The number of expressions; their ids count from 0.
    pub fn expr_count(&self) -> usize {
        self.exprs.len()
    }

    /// The type expression behind an id of this item; `Missing` for an id of another item.
    pub fn ty(&self, id: TypeId) -> &TypeExpr {
        self.types.get(id.0 as usize).unwrap_or(&TypeExpr::Missing)
    }

    /// The number of type expressions; their ids count from 0.
    pub fn type_count(&self) -> usize {
        self.types.len()
    }

    /// Where a type expression is written.
    pub fn type_range(&self, id: TypeId) -> TextRange {
        self.type_ranges.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The declared name, if the item has one and it was written.
    pub fn name(&self) -> Option<&Name> {
        match &self.kind {
            ItemKind::Nothing | ItemKind::Check(_) => None,
            ItemKind::Use { alias, .. } => alias.as_ref(),
            ItemKind::Let(it) => it.name.as_ref(),
            ItemKind::Param(it) => it.name.as_ref(),
            ItemKind::Fn { name, .. } | ItemKind::Type { name, .. } => name.as_ref(),
            ItemKind::Decl(it) => it.name.as_ref(),
            ItemKind::Kind(it) => it.name.as_ref(),
        }
    }

    /// The declaration this item is, if it is one.
    pub fn decl(&self) -> Option<&Decl> {
        match &self.kind {
            ItemKind::Decl(decl) => Some(decl),
            ItemKind::Nothing
            | ItemKind::Use { .. }
            | ItemKind::Let(_)
            | ItemKind::Param(_)
            | ItemKind::Fn { .. }
            | ItemKind::Type { .. }
            | ItemKind::Check(_)
            | ItemKind::Kind(_) => None,
        }
    }

    /// The field of this name that a declaration writes itself.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.decl()?.body.field(name)
    }

    /// The record in a field of a record.
    pub fn record_in(&self, record: &Record, field: &str) -> Option<&Record> {
        match self.expr(record.field(field)?.value) {
            Expr::Record(record) => Some(record),
            _ => None,
        }
    }
}

impl Record {
    /// The field of this name. Of several, which is a mistake that is reported, the last one counts.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.members.iter().rev().find_map(|member| match member {
            Member::Field(field) if field.name.text == name => Some(field),
            Member::Field(_) | Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
        })
    }
}

/// The text of a literal without holes.
pub fn fixed_text(parts: &[Part]) -> Option<SmolStr> {
    if let [Part::Text { value, .. }] = parts {
        return Some(value.clone());
    }
    if parts.iter().any(|it| matches!(it, Part::Hole { .. })) {
        return None;
    }
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text { value, .. } => Some(value.as_str()),
        Part::Hole { .. } => None,
    });
    Some(texts.collect())
}

impl Part {
    /// The source range of the piece.
    pub fn range(&self) -> TextRange {
        match self {
            Self::Text { range, .. } | Self::Hole { range, .. } => *range,
        }
    }

    /// The place of byte `offset` of a text part's value.
    pub fn place(&self, offset: usize) -> TextSize {
        match self {
            Self::Text { range, is_escape: false, .. } => {
                range.start() + TextSize::new(offset as u32).min(range.len())
            }
            Self::Text { range, .. } | Self::Hole { range, .. } => range.start(),
        }
    }
}
