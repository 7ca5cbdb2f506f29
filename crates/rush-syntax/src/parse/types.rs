//! The grammar of types, over token trees, and what stands in their groups.

use chumsky::prelude::*;
use text_size::TextRange;

use super::terms::{Rule, Scene, Terms, kind, missing, one, stop};
use super::{Parser as Item, Task};
use crate::ast::{Bound, Name, Refinement, TypeExpr, TypeId};
use crate::error::{self, habits};
use crate::kind::SyntaxKind;
use crate::number::{Number, Sign};
use crate::token::{DEPTH_MAX, Token};

/// A type that has no place yet.
struct Node {
    ty: TypeExpr,
    range: TextRange,
    open: Option<usize>,
}

thread_local! {
    static TYPE: Rule<Node> = union();
}

fn span(scene: &mut Scene<'_>) -> SimpleSpan<usize> {
    scene.span()
}

fn union() -> Rule<Node> {
    let pipe = kind(SyntaxKind::Pipe);
    let more = pipe.clone().ignore_then(optional()).repeated().collect::<Vec<_>>();
    pipe.or_not()
        .ignore_then(optional().then(more))
        .map_with(|(first, more), scene| {
            if more.is_empty() {
                return first;
            }
            let range = more.last().map_or(first.range, |last| first.range.cover(last.range));
            let state: &mut Item = scene.state();
            let mut members = Vec::with_capacity(more.len() + 1);
            members.push(state.place_type(first, None));
            members.extend(more.into_iter().map(|node| state.place_type(node, None)));
            Node { ty: TypeExpr::Union(members), range, open: None }
        })
        .then_ignore(stop())
        .boxed()
}

fn optional() -> Rule<Node> {
    atom()
        .then(kind(SyntaxKind::Question).or_not())
        .map_with(|(node, question), scene| {
            let Some(question) = question else { return node };
            let range = node.range.cover(question.range());
            let inner = scene.state().place_type(node, None);
            Node { ty: TypeExpr::Optional(inner), range, open: None }
        })
        .boxed()
}

fn atom() -> Rule<Node> {
    choice((path(), negative(), literal(), group()))
        .or(missing(|range| Node { ty: TypeExpr::Missing, range, open: None }))
        .boxed()
}

fn path() -> Rule<Node> {
    let first = one(|token| token.kind == SyntaxKind::Ident)
        .map_with(|_, scene| {
            let at = span(scene).start;
            scene.state().name(at)
        })
        .boxed();
    let more = one(|token| token.kind.is_word() && !token.is_separated())
        .map_with(|_, scene| {
            let at = span(scene).start;
            scene.state().name(at)
        })
        .or(missing(|range| Name { text: smol_str::SmolStr::default(), range }));
    let rest = kind(SyntaxKind::Dot).ignore_then(more).repeated().collect::<Vec<Name>>();
    let argument = one(|token| token.kind == SyntaxKind::LeftParen && !token.is_first())
        .map_with(|_, scene| span(scene).start)
        .or_not();
    first
        .then(rest)
        .then(argument)
        .map_with(|((first, rest), open), scene| {
            let mut range = rest.last().map_or(first.range, |last| first.range.cover(last.range));
            if let Some(open) = open {
                range = range.cover(scene.state().group_range(open));
            }
            let mut path = vec![first];
            path.extend(rest);
            Node { ty: TypeExpr::Path { path, refinement: None }, range, open }
        })
        .boxed()
}

fn literal() -> Rule<Node> {
    let is_literal = |token: Token| {
        matches!(token.kind, SyntaxKind::Text | SyntaxKind::Number | SyntaxKind::NoneWord)
    };
    one(is_literal)
        .map_with(|token, scene| {
            let state: &mut Item = scene.state();
            let range = token.range();
            let ty = match token.kind {
                SyntaxKind::NoneWord => TypeExpr::None,
                SyntaxKind::Text => TypeExpr::Text(state.plain_text(token)),
                _ => state.number_type(Sign::Plus, range),
            };
            Node { ty, range, open: None }
        })
        .boxed()
}

fn negative() -> Rule<Node> {
    kind(SyntaxKind::Minus)
        .then(kind(SyntaxKind::Number))
        .map_with(|(minus, number), scene| {
            let ty = scene.state().number_type(Sign::Minus, number.range());
            Node { ty, range: minus.range().cover(number.range()), open: None }
        })
        .boxed()
}

fn group() -> Rule<Node> {
    let is_group = |token: Token| {
        matches!(
            token.kind,
            SyntaxKind::LeftParen | SyntaxKind::LeftBracket | SyntaxKind::LeftBrace
        )
    };
    one(is_group)
        .map_with(|token, scene| {
            let open = span(scene).start;
            let range = scene.state().group_range(open);
            let ty = match token.kind {
                SyntaxKind::LeftBrace => TypeExpr::Record(Vec::new()),
                SyntaxKind::LeftBracket => TypeExpr::List(TypeId(u32::MAX)),
                _ => TypeExpr::Missing,
            };
            Node { ty, range, open: Some(open) }
        })
        .boxed()
}

impl Item {
    fn place_type(&mut self, node: Node, target: Option<TypeId>) -> TypeId {
        let target = match target {
            None => self.new_type(node.ty, node.range),
            Some(target) => {
                self.set_type(target, node.ty);
                if let Some(range) = self.type_ranges.get_mut(target.0 as usize) {
                    *range = node.range;
                }
                target
            }
        };
        if let Some(open) = node.open {
            self.tasks.push(Task::Type { target, open });
        }
        target
    }

    fn number_type(&mut self, sign: Sign, range: TextRange) -> TypeExpr {
        match self.number(sign, range) {
            Some(Number::Int(value)) => TypeExpr::Int(value),
            Some(Number::Float(value)) => TypeExpr::Float(value),
            Some(Number::Duration(_) | Number::Size(_)) => {
                self.errors.push(error::expected(range, "only plain numbers and texts are types"));
                TypeExpr::Missing
            }
            None => TypeExpr::Missing,
        }
    }

    /// Parses a type at `from` that may reach up to `end`; returns where it stopped.
    pub(super) fn type_at(
        &mut self,
        from: usize,
        end: usize,
        target: Option<TypeId>,
    ) -> (TypeId, usize) {
        if let Some(id) = self.simple_type(from, end, target) {
            return (id, end);
        }
        if self.has_long_type_chain(from, end) {
            let range = self.bytes(from, end);
            self.errors.push(error::too_deep(range));
            return (self.place_type(missing_node(range), target), end);
        }
        self.missing_at = None;
        let terms = Terms::new(&self.tokens, from, end);
        let node = TYPE.with(|grammar| grammar.parse_with_state(terms, self).into_output());
        let stop = self.stop;
        if let Some(at) = self.missing_at.take() {
            self.report_missing_type(at, end);
        }
        let node = node.unwrap_or_else(|| missing_node(self.bytes(from, from)));
        if let Some(found) = self.foreign_type_end((from, stop), end, target) {
            return found;
        }
        let next = self.kind(stop, end).filter(|_| stop > from);
        // The next declaration is no member of this type, although the comma before it is missing.
        if next.is_some_and(|it| matches!(it, SyntaxKind::Ident | SyntaxKind::Text))
            && !self.is_labelled(stop, end)
        {
            self.missing_pipe(stop);
            self.place_type(node, None);
            let rest = self.type_rest(stop, end);
            // Half a type would accuse what the other half allows.
            let missing = missing_node(self.bytes(from, rest));
            return (self.place_type(missing, target), rest);
        }
        (self.place_type(node, target), stop)
    }

    /// Reads the members of a union after a missing `|`, so that what they hold is known.
    fn type_rest(&mut self, from: usize, end: usize) -> usize {
        let terms = Terms::new(&self.tokens, from, end);
        let node = TYPE.with(|grammar| grammar.parse_with_state(terms, self).into_output());
        self.missing_at = None;
        if let Some(node) = node {
            self.place_type(node, None);
        }
        end
    }

    /// A lone name, by far the commonest type.
    fn simple_type(&mut self, from: usize, end: usize, target: Option<TypeId>) -> Option<TypeId> {
        if from + 1 != end || self.kind(from, end) != Some(SyntaxKind::Ident) {
            return None;
        }
        let name = self.name(from);
        let range = name.range;
        let ty = TypeExpr::Path { path: vec![name], refinement: None };
        Some(self.place_type(Node { ty, range, open: None }, target))
    }

    fn has_long_type_chain(&self, from: usize, end: usize) -> bool {
        let dots = (from..end).filter(|at| self.kind(*at, end) == Some(SyntaxKind::Dot));
        end - from > DEPTH_MAX && dots.count() > DEPTH_MAX
    }

    /// The content of a group in a type.
    pub(super) fn type_group(&mut self, target: TypeId, open: usize) {
        let (from, end) = (open + 1, self.mate(open));
        match self.types.get_mut(target.0 as usize) {
            Some(TypeExpr::Record(_)) => {
                let fields = self.params(from, end);
                self.set_type(target, TypeExpr::Record(fields));
            }
            Some(TypeExpr::List(_)) => {
                let element = self.whole_type(from, end, None);
                self.set_type(target, TypeExpr::List(element));
            }
            Some(TypeExpr::Path { path, .. }) => {
                let path = std::mem::take(path);
                self.type_argument(target, path, (open, end));
            }
            _ => {
                self.whole_type(from, end, Some(target));
            }
        }
    }

    /// A type that must fill its group.
    fn whole_type(&mut self, from: usize, end: usize, target: Option<TypeId>) -> TypeId {
        let (ty, stop) = self.type_at(from, end, target);
        self.expect_group_end(stop, end);
        if stop < end {
            // Half a type would accuse what the other half allows.
            self.set_type(ty, TypeExpr::Missing);
        }
        ty
    }

    /// What stands in the parentheses after a name: a tag's fields, a map's type, a refinement.
    fn type_argument(&mut self, target: TypeId, path: Vec<Name>, group: (usize, usize)) {
        let (open, end) = group;
        let from = open + 1;
        let [name] = path.as_slice() else {
            return self.refinement(target, path, group);
        };
        let is_tag = from >= end
            || self.is_labelled(from, end)
            || self.kind(from, end) == Some(SyntaxKind::Ellipsis);
        if is_tag {
            let name = name.clone();
            let fields = self.params(from, end);
            self.set_type(target, TypeExpr::Tag { name, fields });
        } else if self.is_foreign_list(&name.text, (from, end)) {
            let value = self.whole_type(from, end, None);
            let element = self.slice(self.bytes(from, end)).to_owned();
            let written = name.range.cover(self.group_range(open));
            self.errors.push(habits::foreign_list(written, &element));
            self.set_type(target, TypeExpr::List(value));
        } else if name.text == "map" {
            let value = self.whole_type(from, end, None);
            self.set_type(target, TypeExpr::Map(value));
        } else {
            self.refinement(target, path, group);
        }
    }

    fn refinement(&mut self, target: TypeId, path: Vec<Name>, group: (usize, usize)) {
        let (open, end) = group;
        let from = open + 1;
        let range = self.group_range(open);
        let refinement = match self.token(from).filter(|_| from < end) {
            Some(token) if matches!(token.kind, SyntaxKind::Raw | SyntaxKind::Text) => {
                self.expect_group_end(from + 1, end);
                let text = self.plain_text(token);
                Some(Refinement::Pattern(Name { text, range: token.range() }))
            }
            _ => self.range_refinement(from, end),
        };
        let refinement = refinement.map(|it| (it, range));
        self.set_type(target, TypeExpr::Path { path, refinement });
    }

    fn range_refinement(&mut self, from: usize, end: usize) -> Option<Refinement> {
        let (low, at) = self.bound(from, end);
        let is_inclusive = match self.kind(at, end) {
            Some(SyntaxKind::DotDot) => false,
            Some(SyntaxKind::DotDotEquals) => true,
            _ => {
                self.expected_range(at, end);
                return None;
            }
        };
        let (high, stop) = self.bound(at + 1, end);
        if low.is_none() && high.is_none() {
            self.expected_range(stop, end);
            return None;
        }
        self.expect_group_end(stop, end);
        Some(Refinement::Range { low, high, is_inclusive })
    }

    fn bound(&mut self, from: usize, end: usize) -> (Option<Bound>, usize) {
        let is_negative = self.kind(from, end) == Some(SyntaxKind::Minus);
        let at = from + usize::from(is_negative);
        let Some(token) = self.token(at).filter(|it| at < end && it.kind == SyntaxKind::Number)
        else {
            return (None, from);
        };
        let sign = if is_negative { Sign::Minus } else { Sign::Plus };
        let bound = self.number(sign, token.range()).map(|number| match number {
            Number::Int(value) => Bound::Int(value),
            Number::Float(value) => Bound::Float(value),
            Number::Duration(value) => Bound::Duration(value),
            Number::Size(value) => Bound::Size(value),
        });
        (bound.or(Some(Bound::Int(0))), at + 1)
    }
}

fn missing_node(range: TextRange) -> Node {
    Node { ty: TypeExpr::Missing, range, open: None }
}
