//! Operators.

use rush_diagnostics::TextRange;
use rush_syntax::ast::{BinaryOp, ExprId, UnaryOp};

use super::context::{By, Context, Expected};
use super::narrow::Outcome;
use crate::report;
use crate::ty::{Limits, Number, TextTy, Ty, join, overlaps, strip_none};

/// A sum of texts that is longer is any text. Its letters would decide nothing, and texts that are doubled
/// again and again would fill the memory while a file is checked.
const LITERAL_BYTES_MAX: usize = 4096;

impl Context<'_> {
    /// `!e`, `-e`
    pub fn unary(&mut self, id: ExprId, op: UnaryOp, operand: ExprId) -> Ty {
        match op {
            UnaryOp::Not => {
                self.expect(operand, Expected { ty: &Ty::Bool, by: By::Language });
                Ty::Bool
            }
            UnaryOp::Negate => {
                let ty = self.synth(operand);
                match ty.bare() {
                    Ty::Int(limits) => Ty::Int(negate(limits)),
                    Ty::Duration(limits) => Ty::Duration(negate(limits)),
                    Ty::Float(limits) => {
                        let flip = |it: Number| Number(-it.0);
                        Ty::Float(Limits::new(limits.high().map(flip), limits.low().map(flip)))
                    }
                    Ty::Error => Ty::Error,
                    other => {
                        let at = self.span_of(id);
                        self.report(report::mismatch(at, &Ty::INT, other, None, None));
                        Ty::Error
                    }
                }
            }
        }
    }

    /// `left op right`
    pub fn binary(
        &mut self,
        id: ExprId,
        (op, op_range): (BinaryOp, TextRange),
        left: ExprId,
        right: ExprId,
    ) -> Ty {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let outcome = if op == BinaryOp::And { Outcome::Holds } else { Outcome::Fails };
                self.expect(left, Expected { ty: &Ty::Bool, by: By::Language });
                self.assuming(left, outcome, |it| {
                    it.expect(right, Expected { ty: &Ty::Bool, by: By::Language });
                });
                Ty::Bool
            }
            BinaryOp::Otherwise => self.otherwise(left, right),
            BinaryOp::In => self.contains(id, left, right),
            BinaryOp::Equal | BinaryOp::NotEqual => {
                let (a, b) = (self.synth(left), self.synth(right));
                self.watch_expected(left, &b);
                self.watch_expected(right, &a);
                self.equality(id, op, &a, &b);
                Ty::Bool
            }
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                let (a, b) = (self.synth(left), self.synth(right));
                self.watch_expected(left, &b);
                self.watch_expected(right, &a);
                if !is_ordered(&a, &b) {
                    let at = self.span(op_range.cover(self.ast.expr_range(id)));
                    self.report(report::bad_operands(at, "compare", &a, &b));
                }
                Ty::Bool
            }
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Remainder => {
                if op == BinaryOp::Subtract
                    && let Some(ty) = self.dashed_name(id)
                {
                    return ty;
                }
                let (a, b) = (self.synth(left), self.synth(right));
                self.arithmetic(id, op, &a, &b)
            }
        }
    }

    fn otherwise(&mut self, left: ExprId, right: ExprId) -> Ty {
        let ty = self.synth(left);
        let rest = strip_none(&ty);
        let fallback = self.synth(right);
        if ty.is_error() {
            return fallback;
        }
        if !ty.may_be_none() {
            let at = self.span_of(left);
            self.report(
                report::comparison_is_constant(at, &ty, &Ty::None, "there")
                    .note("`??` gives a value for `none`, which this never is")
                    .severity(rush_diagnostics::Severity::Warning),
            );
        }
        join(rest, fallback)
    }

    fn contains(&mut self, id: ExprId, left: ExprId, right: ExprId) -> Ty {
        let (a, b) = (self.synth(left), self.synth(right));
        if let Ty::List(element) = b.bare() {
            self.watch_expected(left, element);
        }
        self.watch_expected_elements(right, &a);
        match b.bare() {
            Ty::Error => {}
            Ty::List(element) => self.equality(id, BinaryOp::In, &a, element),
            Ty::Map(_) | Ty::Record(_) if matches!(a.bare(), Ty::Text(_) | Ty::Error) => {}
            _ => {
                let at = self.span_of(right);
                let expected = Ty::list(a);
                self.report(report::mismatch(at, &expected, &b, None, None));
            }
        }
        Ty::Bool
    }

    /// Reports a comparison that can have one outcome only.
    fn equality(&mut self, id: ExprId, op: BinaryOp, a: &Ty, b: &Ty) {
        if !a.is_error() && !b.is_error() && (holds_secret(a) || holds_secret(b)) {
            let at = self.span_of(id);
            self.report(report::secrets_compared(at, a, b));
            return;
        }
        if overlaps(a, b) {
            return;
        }
        let at = self.span_of(id);
        let (some_a, some_b) = (widest(&strip_none(a)), widest(&strip_none(b)));
        let is_same_sort =
            std::mem::discriminant(some_a.bare()) == std::mem::discriminant(some_b.bare());
        if is_same_sort || *a == Ty::None || *b == Ty::None {
            let outcome = if op == BinaryOp::NotEqual { "true" } else { "false" };
            self.report(report::comparison_is_constant(at, a, b, outcome));
        } else {
            self.report(report::bad_operands(at, "compare", a, b));
        }
    }

    fn arithmetic(&mut self, id: ExprId, op: BinaryOp, a: &Ty, b: &Ty) -> Ty {
        if a.is_error() || b.is_error() {
            return Ty::Error;
        }
        if let Some(ty) = result_of(op, a.bare(), b.bare()) {
            return ty;
        }
        let verb = match op {
            BinaryOp::Subtract => "subtract",
            BinaryOp::Multiply => "multiply",
            BinaryOp::Divide | BinaryOp::Remainder => "divide",
            _ => "add",
        };
        let at = self.span_of(id);
        if *a.bare() == Ty::Secret || *b.bare() == Ty::Secret {
            self.report(report::secret_leak(at, "part of another value"));
            return Ty::Error;
        }
        let mut found = report::bad_operands(at, verb, a, b);
        if a.may_be_none() || b.may_be_none() {
            found = found.help("one side may be `none`; give a value for that case with `??`");
        } else if matches!((a.bare(), b.bare()), (Ty::Text(_), _) | (_, Ty::Text(_))) {
            found = found.help("put the value into the text: \"..${value}..\"");
        }
        self.report(found);
        Ty::Error
    }
}

/// Whether a value may be a secret, or has one inside.
pub(super) fn is_or_holds_secret(ty: &Ty) -> bool {
    ty.members().iter().any(|it| *it.bare() == Ty::Secret) || holds_secret(ty)
}

/// Whether there is a secret inside a value that is more than that.
fn holds_secret(ty: &Ty) -> bool {
    let is_secret = is_or_holds_secret;
    ty.members().iter().any(|member| match member.bare() {
        Ty::List(inner) => is_secret(inner),
        // Such as `env`, which may hold secrets and mostly does not.
        Ty::Map(inner) => *strip_none(inner).bare() == Ty::Secret,
        Ty::Record(record) => record.fields.iter().any(|it| is_secret(&it.ty)),
        Ty::Tag(tag) => tag.fields.iter().any(|it| is_secret(&it.ty)),
        _ => false,
    })
}

fn is_ordered(a: &Ty, b: &Ty) -> bool {
    let sort = |ty: &Ty| {
        let mut sorts = ty.members().iter().map(|member| match member.bare() {
            Ty::Int(_) | Ty::Float(_) => Some(0),
            Ty::Duration(_) => Some(1),
            Ty::Size(_) => Some(2),
            Ty::Text(_) => Some(3),
            _ => None,
        });
        let first = sorts.next().flatten()?;
        sorts.all(|it| it == Some(first)).then_some(first)
    };
    a.is_error() || b.is_error() || (sort(a).is_some() && sort(a) == sort(b))
}

/// The type of `a op b`; `None` when the operator does not join them.
fn result_of(op: BinaryOp, a: &Ty, b: &Ty) -> Option<Ty> {
    // Unions of literals behave like what they are literals of.
    let (a, b) = (widest(a), widest(b));
    match (op, &a, &b) {
        (_, Ty::Int(x), Ty::Int(y)) => Some(Ty::Int(fold(op, x, y))),
        (_, Ty::Int(_) | Ty::Float(_), Ty::Int(_) | Ty::Float(_)) => Some(Ty::FLOAT),
        (BinaryOp::Add | BinaryOp::Subtract, Ty::Duration(x), Ty::Duration(y)) => {
            Some(Ty::Duration(fold(op, x, y)))
        }
        (BinaryOp::Add | BinaryOp::Subtract, Ty::Size(x), Ty::Size(y)) => {
            Some(Ty::Size(fold(op, x, y)))
        }
        (BinaryOp::Multiply | BinaryOp::Divide, Ty::Duration(x), Ty::Int(y)) => {
            Some(Ty::Duration(fold(op, x, y)))
        }
        (BinaryOp::Multiply | BinaryOp::Divide, Ty::Size(x), Ty::Int(y)) => {
            Some(Ty::Size(fold(op, x, y)))
        }
        (BinaryOp::Multiply, Ty::Int(x), Ty::Duration(y)) => Some(Ty::Duration(fold(op, x, y))),
        (BinaryOp::Multiply, Ty::Int(x), Ty::Size(y)) => Some(Ty::Size(fold(op, x, y))),
        (BinaryOp::Multiply | BinaryOp::Divide, Ty::Duration(_), Ty::Float(_))
        | (BinaryOp::Multiply, Ty::Float(_), Ty::Duration(_)) => Some(Ty::DURATION),
        (BinaryOp::Multiply | BinaryOp::Divide, Ty::Size(_), Ty::Float(_))
        | (BinaryOp::Multiply, Ty::Float(_), Ty::Size(_)) => Some(Ty::SIZE),
        (BinaryOp::Add, Ty::Text(x), Ty::Text(y)) => Some(match (x, y) {
            (TextTy::Literal(x), TextTy::Literal(y)) if x.len() + y.len() <= LITERAL_BYTES_MAX => {
                Ty::literal(format!("{x}{y}"))
            }
            _ => Ty::TEXT,
        }),
        (BinaryOp::Add, Ty::List(x), Ty::List(y)) => {
            Some(Ty::list(join((**x).clone(), (**y).clone())))
        }
        _ => None,
    }
}

fn widest(ty: &Ty) -> Ty {
    let members = ty.members();
    let all = |test: fn(&Ty) -> bool| members.iter().all(|member| test(member.bare()));
    if members.len() < 2 {
        return members.first().map_or(Ty::Never, |it| it.bare().clone());
    }
    if all(|it| matches!(it, Ty::Text(_))) {
        Ty::TEXT
    } else if all(|it| matches!(it, Ty::Int(_))) {
        Ty::INT
    } else if all(|it| matches!(it, Ty::Duration(_))) {
        Ty::DURATION
    } else if all(|it| matches!(it, Ty::Size(_))) {
        Ty::SIZE
    } else {
        ty.clone()
    }
}

/// Constants are computed, so that a refinement can be checked; ranges are not.
fn fold(op: BinaryOp, a: &Limits<i64>, b: &Limits<i64>) -> Limits<i64> {
    let (Some(a), Some(b)) = (a.single(), b.single()) else { return Limits::Any };
    let value = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => a.checked_div(b),
        BinaryOp::Remainder => a.checked_rem(b),
        _ => None,
    };
    value.map_or(Limits::Any, Limits::only)
}

fn negate(limits: &Limits<i64>) -> Limits<i64> {
    let flip = |it: i64| it.checked_neg();
    Limits::new(limits.high().and_then(flip), limits.low().and_then(flip))
}
