//! Whether two items say the same, however they are laid out.

use super::{
    Arg, Check, Decl, Doc, Element, Expr, ExprId, Extends, Field, Item, ItemKind, KindDecl, Let,
    Member, Name, ParamDecl, Part, Record, Refinement, TypeExpr, TypeId,
};

/// Whether two items differ in nothing but where things are written.
///
/// How a text is split into parts and which of its characters are escapes does not matter. Works
/// through a list instead of recursing, since expressions may be deep.
pub fn same_meaning(a: &Item, b: &Item) -> bool {
    let mut pair = Pair::default();
    if !same_doc(a.doc.as_ref(), b.doc.as_ref()) || !pair.kinds(&a.kind, &b.kind) {
        return false;
    }
    loop {
        if let Some((x, y)) = pair.exprs.pop() {
            if !pair.expr(a.expr(x), b.expr(y)) {
                return false;
            }
        } else if let Some((x, y)) = pair.types.pop() {
            if !pair.ty(a.ty(x), b.ty(y)) {
                return false;
            }
        } else {
            return true;
        }
    }
}

/// What is still to be compared.
#[derive(Default)]
struct Pair {
    exprs: Vec<(ExprId, ExprId)>,
    types: Vec<(TypeId, TypeId)>,
}

fn same_doc(a: Option<&Doc>, b: Option<&Doc>) -> bool {
    a.map(|it| &it.text) == b.map(|it| &it.text)
}

fn same_name(a: &Name, b: &Name) -> bool {
    a.text == b.text
}

fn same_names(a: &[Name], b: &[Name]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_name(a, b))
}

fn same_opt_name(a: Option<&Name>, b: Option<&Name>) -> bool {
    a.map(|it| &it.text) == b.map(|it| &it.text)
}

fn same_refinement(a: &Refinement, b: &Refinement) -> bool {
    match (a, b) {
        (Refinement::Pattern(a), Refinement::Pattern(b)) => same_name(a, b),
        (a, b) => a == b,
    }
}

impl Pair {
    fn later(&mut self, a: ExprId, b: ExprId) -> bool {
        self.exprs.push((a, b));
        true
    }

    fn opt_later(&mut self, a: Option<ExprId>, b: Option<ExprId>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => self.later(a, b),
            (a, b) => a == b,
        }
    }

    fn type_later(&mut self, a: TypeId, b: TypeId) -> bool {
        self.types.push((a, b));
        true
    }

    fn all<T>(&mut self, a: &[T], b: &[T], same: fn(&mut Self, &T, &T) -> bool) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(self, a, b))
    }

    fn kinds(&mut self, a: &ItemKind, b: &ItemKind) -> bool {
        match (a, b) {
            (ItemKind::Nothing, ItemKind::Nothing) => true,
            (ItemKind::Use { path, alias }, ItemKind::Use { path: path_b, alias: alias_b }) => {
                same_opt_name(path.as_ref(), path_b.as_ref())
                    && same_opt_name(alias.as_ref(), alias_b.as_ref())
            }
            (ItemKind::Let(a), ItemKind::Let(b)) => self.lets(a, b),
            (ItemKind::Param(a), ItemKind::Param(b)) => self.param(a, b),
            (
                ItemKind::Fn { name, params, result, body },
                ItemKind::Fn { name: name_b, params: params_b, result: result_b, body: body_b },
            ) => {
                same_opt_name(name.as_ref(), name_b.as_ref())
                    && self.all(params, params_b, Self::param)
                    && self.opt_type(*result, *result_b)
                    && self.later(*body, *body_b)
            }
            (ItemKind::Type { name, ty }, ItemKind::Type { name: name_b, ty: ty_b }) => {
                same_opt_name(name.as_ref(), name_b.as_ref()) && self.type_later(*ty, *ty_b)
            }
            (ItemKind::Check(a), ItemKind::Check(b)) => self.check(a, b),
            (ItemKind::Decl(a), ItemKind::Decl(b)) => self.decl(a, b),
            (ItemKind::Kind(a), ItemKind::Kind(b)) => self.kind(a, b),
            _ => false,
        }
    }

    fn opt_type(&mut self, a: Option<TypeId>, b: Option<TypeId>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => self.type_later(a, b),
            (a, b) => a == b,
        }
    }

    fn decl(&mut self, a: &Decl, b: &Decl) -> bool {
        let same_params = match (&a.params, &b.params) {
            (Some(a), Some(b)) => self.all(a, b, Self::param),
            (a, b) => a.is_none() && b.is_none(),
        };
        let same_extends = match (&a.extends, &b.extends) {
            (Some(a), Some(b)) => self.extends(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        same_params
            && same_extends
            && same_name(&a.kind, &b.kind)
            && same_opt_name(a.name.as_ref(), b.name.as_ref())
            && self.record(&a.body, &b.body)
    }

    fn kind(&mut self, a: &KindDecl, b: &KindDecl) -> bool {
        same_opt_name(a.name.as_ref(), b.name.as_ref())
            && same_names(&a.abilities, &b.abilities)
            && self.all(&a.fields, &b.fields, Self::param)
    }

    fn extends(&mut self, a: &Extends, b: &Extends) -> bool {
        let same_args = match (&a.args, &b.args) {
            (Some(a), Some(b)) => self.all(a, b, Self::arg),
            (a, b) => a.is_none() && b.is_none(),
        };
        same_args && same_names(&a.path, &b.path)
    }

    fn lets(&mut self, a: &Let, b: &Let) -> bool {
        same_opt_name(a.name.as_ref(), b.name.as_ref())
            && self.opt_type(a.ty, b.ty)
            && self.later(a.value, b.value)
    }

    fn check(&mut self, a: &Check, b: &Check) -> bool {
        self.later(a.condition, b.condition) && self.later(a.message, b.message)
    }

    fn param(&mut self, a: &ParamDecl, b: &ParamDecl) -> bool {
        same_doc(a.doc.as_ref(), b.doc.as_ref())
            && same_names(&a.attributes, &b.attributes)
            && a.is_rest == b.is_rest
            && same_opt_name(a.name.as_ref(), b.name.as_ref())
            && self.type_later(a.ty, b.ty)
            && self.opt_later(a.default, b.default)
    }

    fn record(&mut self, a: &Record, b: &Record) -> bool {
        self.all(&a.members, &b.members, Self::member)
    }

    fn member(&mut self, a: &Member, b: &Member) -> bool {
        match (a, b) {
            (Member::Let(a), Member::Let(b)) => self.lets(a, b),
            (Member::Check(a), Member::Check(b)) => self.check(a, b),
            (Member::Spread { value: a, .. }, Member::Spread { value: b, .. }) => {
                self.later(*a, *b)
            }
            (Member::Field(a), Member::Field(b)) => self.field(a, b),
            _ => false,
        }
    }

    fn field(&mut self, a: &Field, b: &Field) -> bool {
        same_doc(a.doc.as_deref(), b.doc.as_deref())
            && same_name(&a.name, &b.name)
            && self.later(a.value, b.value)
    }

    fn arg(&mut self, a: &Arg, b: &Arg) -> bool {
        same_opt_name(a.name.as_ref(), b.name.as_ref()) && self.later(a.value, b.value)
    }

    fn element(&mut self, a: &Element, b: &Element) -> bool {
        match (a, b) {
            (Element::Value(a), Element::Value(b)) | (Element::Spread(a), Element::Spread(b)) => {
                self.later(*a, *b)
            }
            (
                Element::For { name, iterable, condition, element },
                Element::For { name: name_b, iterable: it_b, condition: if_b, element: el_b },
            ) => {
                same_opt_name(name.as_deref(), name_b.as_deref())
                    && self.later(*iterable, *it_b)
                    && self.opt_later(*condition, *if_b)
                    && self.element(element, el_b)
            }
            (
                Element::If { condition, element },
                Element::If { condition: condition_b, element: element_b },
            ) => self.later(*condition, *condition_b) && self.element(element, element_b),
            _ => false,
        }
    }

    /// Texts are compared by what they say, holes by their values.
    fn parts(&mut self, a: &[Part], b: &[Part]) -> bool {
        let (mut a_runs, mut b_runs) = (Runs::new(a), Runs::new(b));
        loop {
            match (a_runs.next(), b_runs.next()) {
                (None, None) => return true,
                (Some(Run::Text(a)), Some(Run::Text(b))) if a == b => {}
                (Some(Run::Hole(a, spread_a)), Some(Run::Hole(b, spread_b)))
                    if spread_a == spread_b =>
                {
                    self.later(a, b);
                }
                _ => return false,
            }
        }
    }

    fn expr(&mut self, a: &Expr, b: &Expr) -> bool {
        match (a, b) {
            (Expr::Text(a), Expr::Text(b)) | (Expr::Command(a), Expr::Command(b)) => {
                self.parts(a, b)
            }
            (Expr::Script { tag, body }, Expr::Script { tag: tag_b, body: body_b }) => {
                same_name(tag, tag_b) && self.parts(body, body_b)
            }
            (Expr::List(a), Expr::List(b)) => self.all(a, b, Self::element),
            (Expr::Record(a), Expr::Record(b)) => self.record(a, b),
            (Expr::Float(a), Expr::Float(b)) => a.to_bits() == b.to_bits(),
            (Expr::Unary { .. } | Expr::Binary { .. } | Expr::If { .. }, _) => self.operator(a, b),
            (Expr::Field { .. } | Expr::Index { .. } | Expr::Call { .. }, _) => self.postfix(a, b),
            (a, b) => a == b,
        }
    }

    fn operator(&mut self, a: &Expr, b: &Expr) -> bool {
        match (a, b) {
            (Expr::Unary { op, operand }, Expr::Unary { op: op_b, operand: operand_b }) => {
                op == op_b && self.later(*operand, *operand_b)
            }
            (
                Expr::Binary { op, left, right, .. },
                Expr::Binary { op: op_b, left: left_b, right: right_b, .. },
            ) => op == op_b && self.later(*left, *left_b) && self.later(*right, *right_b),
            (
                Expr::If { condition, then, otherwise },
                Expr::If { condition: condition_b, then: then_b, otherwise: otherwise_b },
            ) => {
                self.later(*condition, *condition_b)
                    && self.later(*then, *then_b)
                    && self.later(*otherwise, *otherwise_b)
            }
            _ => false,
        }
    }

    fn postfix(&mut self, a: &Expr, b: &Expr) -> bool {
        match (a, b) {
            (Expr::Field { base, name }, Expr::Field { base: base_b, name: name_b }) => {
                same_name(name, name_b) && self.later(*base, *base_b)
            }
            (Expr::Index { base, index }, Expr::Index { base: base_b, index: index_b }) => {
                self.later(*base, *base_b) && self.later(*index, *index_b)
            }
            (
                Expr::Call { callee, args, .. },
                Expr::Call { callee: callee_b, args: args_b, .. },
            ) => self.later(*callee, *callee_b) && self.all(args, args_b, Self::arg),
            _ => false,
        }
    }

    fn ty(&mut self, a: &TypeExpr, b: &TypeExpr) -> bool {
        match (a, b) {
            (
                TypeExpr::Path { path, refinement },
                TypeExpr::Path { path: path_b, refinement: refinement_b },
            ) => {
                let same = match (refinement, refinement_b) {
                    (Some((a, _)), Some((b, _))) => same_refinement(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                };
                same && same_names(path, path_b)
            }
            (TypeExpr::Map(a), TypeExpr::Map(b))
            | (TypeExpr::List(a), TypeExpr::List(b))
            | (TypeExpr::Optional(a), TypeExpr::Optional(b)) => self.type_later(*a, *b),
            (TypeExpr::Tag { name, fields }, TypeExpr::Tag { name: name_b, fields: fields_b }) => {
                same_name(name, name_b) && self.all(fields, fields_b, Self::param)
            }
            (TypeExpr::Record(a), TypeExpr::Record(b)) => self.all(a, b, Self::param),
            (TypeExpr::Union(a), TypeExpr::Union(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.type_later(*a, *b))
            }
            (a, b) => a == b,
        }
    }
}

/// A stretch of text between holes, or a hole.
enum Run {
    Text(String),
    Hole(ExprId, bool),
}

struct Runs<'p> {
    parts: std::iter::Peekable<std::slice::Iter<'p, Part>>,
}

impl<'p> Runs<'p> {
    fn new(parts: &'p [Part]) -> Self {
        Self { parts: parts.iter().peekable() }
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        if let Part::Hole { value, is_spread, .. } = self.parts.peek()? {
            self.parts.next();
            return Some(Run::Hole(*value, *is_spread));
        }
        let mut text = String::new();
        while let Some(Part::Text { value, .. }) =
            self.parts.next_if(|it| matches!(it, Part::Text { .. }))
        {
            text.push_str(value);
        }
        Some(Run::Text(text))
    }
}
