//! The grammar of expressions, over token trees.
//!
//! It never fails: where an operand is missing it puts `Missing` and notes the place. Groups become
//! tasks, and conditions are cut at their words before it is asked, so the grammar has no recursion.

use chumsky::pratt::{Infix, infix, left, none};
use chumsky::prelude::*;
use text_size::TextRange;

use super::foreign::Remedy;
use super::terms::{Extra, Rule, Scene, Terms, kind, missing, one, stop};
use super::{Parser as Item, Task};
use crate::ast::{BinaryOp, Expr, ExprId, Name, Record, UnaryOp};
use crate::error;
use crate::kind::SyntaxKind;
use crate::number::{self, Number, Sign};
use crate::token::{DEPTH_MAX, Token};

/// An expression that has no place yet.
pub(super) struct Node {
    pub(super) expr: Expr,
    pub(super) range: TextRange,
    /// The group that is still to be parsed into it.
    pub(super) open: Option<usize>,
}

/// How often one expression is read anew because operators of other languages stand in it.
const REMEDIES_MAX: usize = 8;

thread_local! {
    static EXPRESSION: Rule<Node> = expression();
}

enum Postfix {
    Field(Name),
    Index(usize),
    Call(usize),
}

fn expression() -> Rule<Node> {
    let alternative = alternative();
    let sum = |kind| matches!(kind, SyntaxKind::Plus | SyntaxKind::Minus);
    let product = |kind| matches!(kind, SyntaxKind::Star | SyntaxKind::Slash | SyntaxKind::Percent);
    let comparison = |kind| {
        use SyntaxKind as K;
        matches!(kind, K::EqualsEquals | K::NotEquals | K::InWord)
            || matches!(kind, K::Less | K::LessEquals | K::Greater | K::GreaterEquals)
    };
    alternative
        .pratt((
            binary(left(5), product),
            binary(left(4), sum),
            binary(none(3), comparison),
            binary(left(2), |kind| kind == SyntaxKind::AndAnd),
            binary(left(1), |kind| kind == SyntaxKind::OrOr),
        ))
        .then_ignore(stop())
        .boxed()
}

type Fold = fn(Node, Token, Node, &mut Scene<'_>) -> Node;

fn binary(
    power: chumsky::pratt::Associativity,
    is: impl Fn(SyntaxKind) -> bool + 'static,
) -> Infix<'static, Rule<Token>, Fold, Node, Token, Terms, Extra> {
    infix(power, one(move |token| is(token.kind)), fold_binary as Fold)
}

fn fold_binary(left: Node, op: Token, right: Node, scene: &mut Scene<'_>) -> Node {
    let range = left.range.cover(right.range);
    let state: &mut Item = scene.state();
    let (left, right) = (state.place(left, None), state.place(right, None));
    let op_range = op.range();
    let op = binary_op(op.kind);
    Node { expr: Expr::Binary { op, op_range, left, right }, range, open: None }
}

/// `un [ "??" alt ]`, to the right.
fn alternative() -> Rule<Node> {
    let rest = kind(SyntaxKind::QuestionQuestion).then(unary()).repeated().collect::<Vec<_>>();
    unary()
        .then(rest)
        .map_with(|(first, rest), scene| {
            let mut operators = Vec::with_capacity(rest.len());
            let mut last = first;
            let mut operands = Vec::with_capacity(rest.len());
            for (operator, operand) in rest {
                operators.push(operator);
                operands.push(std::mem::replace(&mut last, operand));
            }
            while let (Some(operator), Some(operand)) = (operators.pop(), operands.pop()) {
                last = fold_binary(operand, operator, last, scene);
            }
            last
        })
        .boxed()
}

/// `-5`: the sign is the number's, unless something is taken of the number first, as in `-5s.seconds`.
fn negative() -> Rule<Node> {
    kind(SyntaxKind::Minus)
        .then(kind(SyntaxKind::Number))
        .then_ignore(one(is_suffix).not())
        .map_with(|(minus, number), scene| scene.state().negative(minus, number))
        .boxed()
}

fn unary() -> Rule<Node> {
    negative().or(prefixed()).boxed()
}

fn prefixed() -> Rule<Node> {
    let is_prefix = |token: Token| matches!(token.kind, SyntaxKind::Bang | SyntaxKind::Minus);
    one(is_prefix)
        .or_not()
        .then(postfix())
        .map_with(|(operator, operand), scene| {
            let Some(operator) = operator else { return operand };
            let range = operator.range().cover(operand.range);
            let op = match operator.kind {
                SyntaxKind::Bang => UnaryOp::Not,
                _ => UnaryOp::Negate,
            };
            let operand = scene.state().place(operand, None);
            Node { expr: Expr::Unary { op, operand }, range, open: None }
        })
        .boxed()
}

/// Whether a token goes on with the value before it.
fn is_suffix(token: Token) -> bool {
    let is_group = matches!(token.kind, SyntaxKind::LeftParen | SyntaxKind::LeftBracket);
    token.kind == SyntaxKind::Dot || is_group && !token.is_first()
}

fn postfix() -> Rule<Node> {
    let word = one(|token| token.kind.is_word() && !token.is_separated())
        .map_with(|_, scene| {
            let span: SimpleSpan<usize> = scene.span();
            scene.state().name(span.start)
        })
        .or(missing(|range| Name { text: smol_str::SmolStr::default(), range }));
    let group = |kind, make: fn(usize) -> Postfix| {
        one(move |token: Token| token.kind == kind && !token.is_first()).map_with(
            move |_, scene| {
                let span: SimpleSpan<usize> = scene.span();
                make(span.start)
            },
        )
    };
    let suffix = choice((
        kind(SyntaxKind::Dot).ignore_then(word).map(Postfix::Field),
        group(SyntaxKind::LeftParen, Postfix::Call),
        group(SyntaxKind::LeftBracket, Postfix::Index),
    ))
    .boxed();
    atom().foldl_with(suffix.repeated(), fold_postfix).boxed()
}

fn fold_postfix(base: Node, suffix: Postfix, scene: &mut Scene<'_>) -> Node {
    let start = base.range;
    let state: &mut Item = scene.state();
    let base = state.place(base, None);
    match suffix {
        Postfix::Field(name) => {
            let range = start.cover(name.range);
            Node { expr: Expr::Field { base, name }, range, open: None }
        }
        Postfix::Index(open) => {
            let group = state.group_range(open);
            let index = state.new_expr(Expr::Missing, group);
            let range = start.cover(group);
            Node { expr: Expr::Index { base, index }, range, open: Some(open) }
        }
        Postfix::Call(open) => {
            let args_range = state.group_range(open);
            let expr = Expr::Call { callee: base, args: Vec::new(), args_range };
            Node { expr, range: start.cover(args_range), open: Some(open) }
        }
    }
}

fn atom() -> Rule<Node> {
    one(|token| is_atom(token.kind))
        .map_with(|_, scene| {
            let span: SimpleSpan<usize> = scene.span();
            scene.state().atom(span.start)
        })
        .or(missing(|range| Node { expr: Expr::Missing, range, open: None }))
        .boxed()
}

fn is_atom(kind: SyntaxKind) -> bool {
    kind.starts_value()
        && !matches!(
            kind,
            SyntaxKind::IfWord
                | SyntaxKind::ForWord
                | SyntaxKind::LetWord
                | SyntaxKind::Bang
                | SyntaxKind::Minus
        )
}

fn binary_op(kind: SyntaxKind) -> BinaryOp {
    match kind {
        SyntaxKind::OrOr => BinaryOp::Or,
        SyntaxKind::AndAnd => BinaryOp::And,
        SyntaxKind::EqualsEquals => BinaryOp::Equal,
        SyntaxKind::NotEquals => BinaryOp::NotEqual,
        SyntaxKind::Less => BinaryOp::Less,
        SyntaxKind::LessEquals => BinaryOp::LessEqual,
        SyntaxKind::Greater => BinaryOp::Greater,
        SyntaxKind::GreaterEquals => BinaryOp::GreaterEqual,
        SyntaxKind::InWord => BinaryOp::In,
        SyntaxKind::Plus => BinaryOp::Add,
        SyntaxKind::Minus => BinaryOp::Subtract,
        SyntaxKind::Star => BinaryOp::Multiply,
        SyntaxKind::Slash => BinaryOp::Divide,
        SyntaxKind::Percent => BinaryOp::Remainder,
        _ => BinaryOp::Otherwise,
    }
}

impl Item {
    pub(super) fn group_range(&self, open: usize) -> TextRange {
        self.bytes(open, self.mate(open) + 1)
    }

    /// Puts an expression where it belongs, and notes the group it waits for.
    pub(super) fn place(&mut self, node: Node, target: Option<ExprId>) -> ExprId {
        let target = match target {
            None => self.new_expr(node.expr, node.range),
            Some(target) => {
                self.set_expr(target, node.expr);
                if let Some(range) = self.expr_ranges.get_mut(target.0 as usize) {
                    *range = node.range;
                }
                target
            }
        };
        if let Some(open) = node.open {
            self.tasks.push(Task::Expr { target, open });
        }
        target
    }

    /// The expression of one token or one group.
    fn atom(&mut self, at: usize) -> Node {
        let Some(token) = self.token(at) else {
            return Node { expr: Expr::Missing, range: TextRange::default(), open: None };
        };
        let range = if token.kind.is_opener() { self.group_range(at) } else { token.range() };
        let open = token.kind.is_opener().then_some(at);
        let expr = match token.kind {
            SyntaxKind::TrueWord => Expr::Bool(true),
            SyntaxKind::FalseWord => Expr::Bool(false),
            SyntaxKind::NoneWord => Expr::None,
            SyntaxKind::Number => self.number_expr(Sign::Plus, range),
            SyntaxKind::Text if super::text::is_foreign(self.slice(range)) => Expr::Missing,
            SyntaxKind::Text | SyntaxKind::Raw => Expr::Text(self.whole_text(token)),
            SyntaxKind::Command => Expr::Command(self.whole_text(token)),
            SyntaxKind::Script => self.script(token),
            SyntaxKind::LeftBracket => Expr::List(Vec::new()),
            SyntaxKind::LeftBrace => {
                let record = Record { members: Vec::new(), range, is_complete: false };
                Expr::Record(Box::new(record))
            }
            SyntaxKind::TextOpen | SyntaxKind::BlockOpen => Expr::Text(Vec::new()),
            SyntaxKind::CommandOpen | SyntaxKind::CommandBlockOpen => Expr::Command(Vec::new()),
            SyntaxKind::LeftParen => Expr::Missing,
            _ => Expr::Name(self.slice(range).into()),
        };
        Node { expr, range, open }
    }

    fn number_expr(&mut self, sign: Sign, range: TextRange) -> Expr {
        match self.number(sign, range) {
            Some(Number::Int(value)) => Expr::Int(value),
            Some(Number::Float(value)) => Expr::Float(value),
            Some(Number::Duration(value)) => Expr::Duration(value),
            Some(Number::Size(value)) => Expr::Size(value),
            None => Expr::Missing,
        }
    }

    fn negative(&mut self, minus: Token, number: Token) -> Node {
        let range = minus.range().cover(number.range());
        let is_size = matches!(number::read(self.slice(number.range())), Ok(Number::Size(_)));
        if !is_size {
            return Node { expr: self.number_expr(Sign::Minus, number.range()), range, open: None };
        }
        // No size is negative, which is said where types are known.
        let expr = self.number_expr(Sign::Plus, number.range());
        let operand = self.place(Node { expr, range: number.range(), open: None }, None);
        Node { expr: Expr::Unary { op: UnaryOp::Negate, operand }, range, open: None }
    }

    /// The value of the number token at `range` with its sign, reported if it has none.
    pub(super) fn number(&mut self, sign: Sign, range: TextRange) -> Option<Number> {
        match number::read_signed(sign, self.slice(range)) {
            Ok(number) => Some(number),
            Err(bad) => {
                self.errors.push(error::bad_number(range, bad));
                None
            }
        }
    }

    /// Parses an expression at `from` that may reach up to `end`; returns where it stopped.
    pub(super) fn expr(
        &mut self,
        from: usize,
        end: usize,
        target: Option<ExprId>,
    ) -> (ExprId, usize) {
        if self.kind(from, end) == Some(SyntaxKind::IfWord) {
            return self.condition(from, end, target, 0);
        }
        let (node, stop) = self.operators(from, end);
        (self.place(node, target), stop)
    }

    pub(super) fn operators(&mut self, from: usize, end: usize) -> (Node, usize) {
        if from < end && self.after(from) >= end && self.kind(from, end).is_some_and(is_atom) {
            return (self.atom(from), end);
        }
        if let Some(at) = self.chain_limit(from, end) {
            let range = self.token(at).map(Token::range).unwrap_or_default();
            self.errors.push(error::too_deep(range));
            let range = self.bytes(from, end);
            return (Node { expr: Expr::Missing, range, open: None }, end);
        }
        let mut node = None;
        let mut stop = from;
        for _ in 0..REMEDIES_MAX {
            let before = (self.exprs.len(), self.tasks.len(), self.errors.len());
            self.missing_at = None;
            let terms = Terms::new(&self.tokens, from, end);
            node = EXPRESSION.with(|grammar| grammar.parse_with_state(terms, self).into_output());
            stop = self.stop;
            let found = self.errors.len();
            match self.foreign_operator(from, stop, end) {
                None => break,
                Some(Remedy::SkipTo(stop)) => {
                    self.missing_at = None;
                    let range = self.bytes(from, from);
                    return (Node { expr: Expr::Missing, range, open: None }, stop);
                }
                Some(Remedy::Again) => {
                    self.exprs.truncate(before.0);
                    self.expr_ranges.truncate(before.0);
                    self.tasks.truncate(before.1);
                    self.errors.drain(before.2..found);
                }
            }
        }
        if let Some(at) = self.missing_at.take() {
            self.report_missing(at, end);
        }
        let missing = Node { expr: Expr::Missing, range: self.bytes(from, from), open: None };
        (node.unwrap_or(missing), stop)
    }

    /// Where a chain of operators or postfixes becomes longer than the limit, if it does.
    fn chain_limit(&self, from: usize, end: usize) -> Option<usize> {
        if end - from <= DEPTH_MAX {
            return None;
        }
        let (mut infixes, mut postfixes, mut at) = (0_usize, 0_usize, from);
        while at < end {
            match self.kind(at, end)? {
                SyntaxKind::Dot => postfixes += 1,
                kind if kind.is_opener() => postfixes += 1,
                kind if kind.is_infix() => (infixes, postfixes) = (infixes + 1, 0),
                _ => {}
            }
            if infixes > DEPTH_MAX || postfixes > DEPTH_MAX {
                return Some(at);
            }
            at = self.after(at);
        }
        None
    }
}
