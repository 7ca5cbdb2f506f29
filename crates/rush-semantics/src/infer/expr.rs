//! The type of an expression where nothing is expected of it.

use rush_syntax::ast::{Element, Expr, ExprId, Part, fixed_text};

use super::LocalSource;
use super::context::{By, Context, Expected};
use super::narrow::Outcome;
use super::unknown::Sought;
use crate::report;
use crate::ty::{Limits, Number, Ty, join, strip_none, union};

impl Context<'_> {
    /// Finds and remembers the type of an expression.
    pub fn synth(&mut self, id: ExprId) -> Ty {
        self.synth_sought(id, Sought::Anything)
    }

    /// The same of an expression for whose place it is known what can stand there.
    pub fn synth_sought(&mut self, id: ExprId, sought: Sought<'_>) -> Ty {
        self.watch_scope(id);
        let ast = self.ast;
        let ty = match ast.expr(id) {
            Expr::Missing => Ty::Error,
            Expr::None => Ty::None,
            Expr::Bool(_) => Ty::Bool,
            Expr::Int(value) => Ty::Int(Limits::only(*value)),
            Expr::Float(value) => Ty::Float(Limits::only(Number(*value))),
            Expr::Duration(value) => Ty::Duration(Limits::only(*value)),
            Expr::Size(value) => Ty::Size(Limits::only(*value)),
            Expr::Text(parts) => self.text(parts),
            Expr::Command(parts) => self.command(id, parts),
            Expr::Script { tag, body } => self.script(id, tag, body),
            Expr::Name(name) => {
                let ty = self.name(id, name, sought);
                self.bare_declaration(id, &ty);
                ty
            }
            Expr::List(elements) => self.list(elements),
            Expr::Record(record) => self.record(record),
            Expr::Unary { op, operand } => self.unary(id, *op, *operand),
            Expr::Binary { op, op_range, left, right } => {
                self.binary(id, (*op, *op_range), *left, *right)
            }
            Expr::If { condition, then, otherwise } => {
                self.expect(*condition, Expected { ty: &Ty::Bool, by: By::Language });
                let then = self.assuming(*condition, Outcome::Holds, |it| it.synth(*then));
                let otherwise =
                    self.assuming(*condition, Outcome::Fails, |it| it.synth(*otherwise));
                join(then, otherwise)
            }
            Expr::Field { base, name } => {
                let ty = self.field(id, *base, name);
                self.bare_declaration(id, &ty);
                ty
            }
            Expr::Index { base, index } => self.index(id, *base, *index),
            Expr::Call { callee, args, args_range } => {
                self.call(id, *callee, (args, *args_range), None)
            }
        };
        self.set_type(id, ty)
    }

    /// A text: known when it has no holes, a secret when a hole is one.
    fn text(&mut self, parts: &[Part]) -> Ty {
        if let Some(text) = fixed_text(parts) {
            return Ty::literal(text);
        }
        let mut is_secret = false;
        for part in parts {
            let Part::Hole { value, is_spread, range } = part else { continue };
            let sought = if *is_spread { Sought::Anything } else { Sought::Text };
            let ty = self.synth_sought(*value, sought);
            if *is_spread {
                let source = self.source_of(*value);
                let at = self.span(*range);
                self.report(report::list_in_argument(at, &Ty::list(ty), None).help(format!(
                    "a text has no words to spread into; write `${{{source}.join(\" \")}}`"
                )));
                continue;
            }
            is_secret |= *ty.bare() == Ty::Secret;
            if *ty.bare() != Ty::Secret {
                self.hole(*value, *range, &ty, HoleIn::Text);
            }
        }
        if is_secret { Ty::Secret } else { Ty::TEXT }
    }

    /// Checks that a value has a text form.
    pub fn hole(
        &mut self,
        value: ExprId,
        range: rush_diagnostics::TextRange,
        ty: &Ty,
        place: HoleIn,
    ) {
        let source = self.source_of(value);
        if ty.may_be_none() {
            let at = self.span(self.ast.expr_range(value));
            let what =
                if *ty == Ty::None { "this value".to_owned() } else { format!("`{source}`") };
            self.report(report::maybe_none(at, &what));
            return;
        }
        let at = self.span(range);
        for member in ty.members() {
            match member.bare() {
                Ty::List(_) | Ty::Map(_) | Ty::Record(_) | Ty::Tag(_) => {
                    let source = (place == HoleIn::Argument).then_some(source);
                    self.report(report::list_in_argument(at, member, source));
                    return;
                }
                Ty::Secret => {
                    let place = match place {
                        HoleIn::Argument => "an argument",
                        HoleIn::Text => "text",
                    };
                    self.report(report::secret_leak(at, place));
                    return;
                }
                Ty::None | Ty::Command | Ty::Kind(_) | Ty::Decl { .. } => {
                    self.report(report::mismatch(at, &Ty::TEXT, member, None, None));
                    return;
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, elements: &[Element]) -> Ty {
        let mut members = Vec::with_capacity(elements.len());
        for element in elements {
            let ty = self.element(element);
            if ty.is_error() {
                return self.rest_of_list(elements);
            }
            members.push(ty);
        }
        let lists = members.iter().filter(|it| matches!(it.bare(), Ty::List(_))).count();
        if lists == members.len() {
            return Ty::list(members.into_iter().fold(Ty::Never, join));
        }
        Ty::list(union(members.iter().flat_map(|it| alias_or_members(it).to_vec()).collect()))
    }

    /// One element is broken: the others are still visited, and the list is of anything.
    fn rest_of_list(&mut self, elements: &[Element]) -> Ty {
        for element in elements {
            if let Element::Value(value) | Element::Spread(value) = element
                && self.out.ty(*value).is_error()
                && !matches!(self.ast.expr(*value), Expr::Missing)
                && !self.was_visited(*value)
            {
                self.element(element);
            }
        }
        Ty::list(Ty::Error)
    }

    /// Whether a name's meaning is known, so that visiting it again would report it again.
    fn was_visited(&self, value: ExprId) -> bool {
        self.out.meanings.contains_key(&value)
            || self.out.diagnostics.iter().any(|it| {
                it.primary.span.item == self.id
                    && self.ast.expr_range(value).contains_range(it.primary.span.range)
            })
    }

    /// The type of the elements an element makes.
    fn element(&mut self, element: &Element) -> Ty {
        match element {
            Element::Value(value) => self.synth(*value),
            Element::Spread(value) => {
                let ty = self.synth(*value);
                self.spread_of(*value, &ty)
            }
            Element::For { name, iterable, condition, element } => {
                self.for_element(name.as_deref(), *iterable, *condition, |it| it.element(element))
            }
            Element::If { condition, element } => {
                self.expect(*condition, Expected { ty: &Ty::Bool, by: By::Language });
                self.assuming(*condition, Outcome::Holds, |it| it.element(element))
            }
        }
    }

    /// Runs `visit` with the variable of a `for` in scope.
    pub fn for_element<T>(
        &mut self,
        name: Option<&rush_syntax::ast::Name>,
        iterable: ExprId,
        condition: Option<ExprId>,
        visit: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let ty = self.synth(iterable);
        let element = match ty.bare() {
            Ty::List(element) => (**element).clone(),
            Ty::Error => Ty::Error,
            other => {
                let at = self.span_of(iterable);
                let any = Ty::list(Ty::Error);
                self.report(report::mismatch(at, &any, other, None, None));
                Ty::Error
            }
        };
        let depth = self.scope.len();
        if let Some(name) = name {
            self.bind(name, element, LocalSource::For(iterable));
        }
        let result = match condition {
            Some(condition) => {
                self.expect(condition, Expected { ty: &Ty::Bool, by: By::Language });
                self.assuming(condition, Outcome::Holds, visit)
            }
            None => visit(self),
        };
        self.scope.truncate(depth);
        result
    }

    /// The type of the elements of `...value`: of a list, or of an optional value.
    pub fn spread_of(&mut self, value: ExprId, ty: &Ty) -> Ty {
        let rest = strip_none(ty);
        match rest.bare() {
            Ty::Error => Ty::Error,
            Ty::List(element) => (**element).clone(),
            Ty::Never if ty.may_be_none() => Ty::Never,
            Ty::Union(members) if members.iter().all(is_list) => {
                let elements = members.iter().filter_map(|it| match it.bare() {
                    Ty::List(element) => Some((**element).clone()),
                    _ => None,
                });
                union(elements.collect())
            }
            other if ty.may_be_none() => other.clone(),
            other => {
                let at = self.span_of(value);
                let any = Ty::list(Ty::Error);
                self.report(report::mismatch(at, &any, other, None, None));
                Ty::Error
            }
        }
    }
}

/// Where a hole stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoleIn {
    /// In one argument of a command.
    Argument,
    /// In a text.
    Text,
}

/// Whether spreading the type gives its elements.
pub fn is_list(ty: &Ty) -> bool {
    match ty.bare() {
        Ty::List(_) => true,
        Ty::Union(members) => members.iter().all(is_list),
        _ => false,
    }
}

fn alias_or_members(ty: &Ty) -> &[Ty] {
    match ty {
        Ty::Union(members) => members,
        other => std::slice::from_ref(other),
    }
}
