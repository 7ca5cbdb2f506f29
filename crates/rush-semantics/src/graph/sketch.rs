//! From the syntax of an item, and what its names mean, to the sketch of it.

use std::sync::Arc;

use rush_syntax::Kind;
use rush_syntax::ast::{
    Arg, BinaryOp, Element, Expr, ExprId, ItemKind, Member, Part, Record, UnaryOp, fixed_text,
};
use smol_str::SmolStr;

use super::term::{Entry, Mention, Param, Piece, RecordEntry, Sketch, Term, Texts};
use crate::builtins::Builtin;
use crate::db::{Db, Item};
use crate::infer::{Inference, LocalSource, Meaning, infer};
use crate::names::base_of;
use crate::order::each_child;
use crate::signature::{match_args, matrix_axes, params_of, signature};
use crate::ty::Ty;

/// How deeply terms nest; what is deeper is left out, and the item is taken to need anything.
const DEPTH_MAX: u32 = 100;

/// The fields the graph depends on.
const GRAPH_FIELDS: &[&str] =
    &["needs", "steps", "after", "inputs", "outputs", "when", "matrix", "ready"];

/// What of an item decides edges and patterns, kept for the items that others look at.
#[salsa::tracked(returns(ref))]
pub fn sketch(db: &dyn Db, item: Item) -> Sketch {
    lowered(db, item)
}

/// What of an item decides edges and patterns.
pub fn lowered(db: &dyn Db, item: Item) -> Sketch {
    let ast = item.ast(db);
    let mut lowering =
        Lowering { db, item, ast, inference: infer(db, item), depth: 0, is_cut: false };
    let mut sketch = Sketch { params: lowering.params(), ..Sketch::default() };
    match &ast.kind {
        ItemKind::Let(it) => sketch.value = Some(lowering.term(it.value)),
        ItemKind::Fn { body, .. } => sketch.value = Some(lowering.term(*body)),
        ItemKind::Decl(decl) => {
            if let Some(extends) = &decl.extends
                && let Some(base) = base_of(db, item)
            {
                let args = lowering.args(base, extends.args.as_deref().unwrap_or_default());
                sketch.extends = Some((base, args));
            }
            lowering.body(&decl.body, &mut sketch);
        }
        ItemKind::Nothing
        | ItemKind::Use { .. }
        | ItemKind::Param(_)
        | ItemKind::Type { .. }
        | ItemKind::Check(_)
        | ItemKind::Kind(_) => {}
    }
    sketch.is_cut = lowering.is_cut;
    sketch
}

struct Lowering<'db> {
    db: &'db dyn Db,
    item: Item,
    ast: &'db rush_syntax::ast::Item,
    inference: &'db Inference,
    depth: u32,
    is_cut: bool,
}

impl Lowering<'_> {
    fn params(&mut self) -> Vec<Param> {
        let written = params_of(&self.ast.kind);
        let signature = &signature(self.db, self.item).params;
        let find = |name: &str| {
            let is_it = |it: &&rush_syntax::ast::ParamDecl| {
                it.name.as_ref().is_some_and(|it| it.text == name)
            };
            written.iter().find(is_it).and_then(|it| it.default)
        };
        let params = signature.iter().map(|param| Param {
            name: param.name.clone(),
            default: find(&param.name).map(|it| self.term(it)),
            is_rest: param.is_rest,
            texts: if *param.ty.bare() == Ty::Path { Texts::Paths } else { Texts::Patterns },
        });
        params.collect()
    }

    fn body(&mut self, body: &Record, sketch: &mut Sketch) {
        for member in &body.members {
            match member {
                Member::Let(it) => {
                    let name = it.name.as_ref().map(|it| it.text.clone()).unwrap_or_default();
                    let value = self.term(it.value);
                    sketch.lets.push((name, value));
                }
                Member::Check(it) => {
                    let mut found = Vec::new();
                    self.mentions(it.condition, true, &mut found);
                    self.mentions(it.message, false, &mut found);
                    sketch.mentions.extend(mentions_of("", found));
                }
                Member::Spread { value, .. } => {
                    let value = self.term(*value);
                    sketch.members.push(RecordEntry::Spread(value));
                }
                Member::Field(it) if GRAPH_FIELDS.contains(&it.name.text.as_str()) => {
                    let value = self.term(it.value);
                    sketch.members.push(RecordEntry::Field(it.name.text.clone(), value));
                }
                Member::Field(it) => {
                    let mut found = Vec::new();
                    self.mentions(it.value, true, &mut found);
                    sketch.mentions.extend(mentions_of(&it.name.text, found));
                }
            }
        }
    }

    /// Everything below an expression through which outputs of a task may be read.
    fn mentions(&mut self, root: ExprId, is_certain: bool, found: &mut Vec<(Term, bool)>) {
        let mut open = vec![(root, is_certain)];
        while let Some((id, is_certain)) = open.pop() {
            match self.ast.expr(id) {
                Expr::Field { .. } | Expr::Call { .. } | Expr::Name(_) if self.is_mention(id) => {
                    found.push((self.term(id), is_certain));
                }
                Expr::Script { .. } => {
                    let captured = self.inference.captures.get(&id).into_iter().flatten();
                    let terms = captured.filter(|(_, meaning)| self.may_carry_outputs(meaning));
                    let terms = terms.map(|(_, meaning)| (self.meant(meaning), is_certain));
                    found.extend(terms.collect::<Vec<_>>());
                }
                Expr::If { condition, then, otherwise } => {
                    open.push((*condition, is_certain));
                    open.extend([(*then, false), (*otherwise, false)]);
                }
                Expr::Binary {
                    op: BinaryOp::And | BinaryOp::Or | BinaryOp::Otherwise,
                    left,
                    right,
                    ..
                } => {
                    open.extend([(*left, is_certain), (*right, false)]);
                }
                other => {
                    let is_conditional = matches!(other, Expr::List(elements)
                        if elements.iter().any(|it| !matches!(it, Element::Value(_) | Element::Spread(_))));
                    each_child(other, |it| open.push((it, is_certain && !is_conditional)));
                }
            }
        }
    }

    fn is_mention(&self, id: ExprId) -> bool {
        let meanings = &self.inference.meanings;
        match self.ast.expr(id) {
            Expr::Field { base, name } => {
                let is_task =
                    matches!(self.inference.ty(*base).bare(), Ty::Decl { .. } | Ty::Kind(_));
                let is_inherited = meanings.get(base) == Some(&Meaning::Base);
                name.text == "outputs" && is_task
                    || is_inherited
                    || meanings.get(&id).is_some_and(|it| self.may_carry_outputs(it))
            }
            Expr::Call { callee, .. } => {
                matches!(meanings.get(callee), Some(Meaning::Item(it)) if it.kind(self.db) == Kind::Fn)
            }
            _ => meanings.get(&id).is_some_and(|it| self.may_carry_outputs(it)),
        }
    }

    fn may_carry_outputs(&self, meaning: &Meaning) -> bool {
        match meaning {
            Meaning::Local(id) => {
                let local = self.inference.locals.get(id.0 as usize);
                local.is_some_and(|it| matches!(it.source, LocalSource::Let(_)))
            }
            Meaning::Item(item) => item.kind(self.db) == Kind::Let,
            _ => false,
        }
    }

    fn term(&mut self, id: ExprId) -> Term {
        if self.depth >= DEPTH_MAX {
            self.is_cut = true;
            return Term::UNKNOWN;
        }
        self.depth += 1;
        let term = self.unguarded_term(id);
        self.depth -= 1;
        term
    }

    fn unguarded_term(&mut self, id: ExprId) -> Term {
        match self.ast.expr(id) {
            Expr::Missing | Expr::Float(_) => Term::UNKNOWN,
            Expr::None => Term::None,
            Expr::Bool(value) => Term::Bool(*value),
            Expr::Int(value) => Term::Int(*value),
            Expr::Duration(value) | Expr::Size(value) => Term::Amount(*value),
            Expr::Text(parts) => Term::Text(parts.iter().map(|it| self.piece(it)).collect()),
            Expr::Command(_) | Expr::Script { .. } => {
                let mut found = Vec::new();
                self.mentions(id, true, &mut found);
                Term::Unknown(found.into_iter().map(|(term, _)| term).collect())
            }
            Expr::Name(_) => self.name(id),
            Expr::List(elements) => Term::List(elements.iter().map(|it| self.entry(it)).collect()),
            Expr::Record(record) => self.record(record),
            Expr::Unary { op: UnaryOp::Not, operand } => Term::Not(self.boxed(*operand)),
            Expr::Unary { op: UnaryOp::Negate, operand } => Term::Negate(self.boxed(*operand)),
            Expr::Binary { op, left, right, .. } => self.binary(*op, *left, *right),
            Expr::If { condition, then, otherwise } => {
                Term::If(Box::new([self.term(*condition), self.term(*then), self.term(*otherwise)]))
            }
            Expr::Field { base, name } => self.field(id, *base, &name.text),
            Expr::Index { base, index } => Term::Index(self.boxed(*base), self.boxed(*index)),
            Expr::Call { callee, args, .. } => self.call(*callee, args),
        }
    }

    fn boxed(&mut self, id: ExprId) -> Box<Term> {
        Box::new(self.term(id))
    }

    fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> Term {
        Term::Binary(op, self.boxed(left), self.boxed(right))
    }

    fn unknown(&mut self, from: impl IntoIterator<Item = ExprId>) -> Term {
        Term::Unknown(from.into_iter().map(|it| self.term(it)).collect())
    }

    fn piece(&mut self, part: &Part) -> Piece {
        match part {
            Part::Text { value, .. } => Piece::Fixed(value.clone()),
            Part::Hole { value, .. } => Piece::Hole {
                alternatives: alternatives(self.inference.ty(*value)),
                term: self.term(*value),
            },
        }
    }

    fn name(&mut self, id: ExprId) -> Term {
        self.inference.meanings.get(&id).map_or(Term::UNKNOWN, |it| self.meant(it))
    }

    fn meant(&self, meaning: &Meaning) -> Term {
        match meaning {
            Meaning::Local(id) => match self.inference.locals.get(id.0 as usize) {
                Some(local) => Term::Name(local.name.clone()),
                None => Term::UNKNOWN,
            },
            Meaning::Item(item) => self.item(*item),
            _ => Term::UNKNOWN,
        }
    }

    fn item(&self, item: Item) -> Term {
        match item.kind(self.db) {
            Kind::Let => Term::Let(item),
            Kind::Task | Kind::Service => {
                let params = &signature(self.db, item).params;
                Term::Call(item, params.iter().map(|_| None).collect())
            }
            _ => Term::UNKNOWN,
        }
    }

    fn field(&mut self, id: ExprId, base: ExprId, name: &SmolStr) -> Term {
        let inference = self.inference;
        if let Some(Meaning::Item(item)) = inference.meanings.get(&id) {
            return self.item(*item);
        }
        match inference.meanings.get(&base) {
            Some(Meaning::Matrix) => return Term::Axis(name.clone()),
            Some(Meaning::Base) => return Term::Inherited(name.clone()),
            Some(Meaning::Item(item)) if item.kind(self.db) == Kind::Type => {
                let Ty::List(element) = inference.ty(id).bare() else { return Term::UNKNOWN };
                return values(element);
            }
            _ => {}
        }
        let is_task = matches!(inference.ty(base).bare(), Ty::Decl { .. } | Ty::Kind(_));
        if name == "outputs" && is_task {
            return Term::Outputs(self.boxed(base));
        }
        Term::Member(self.boxed(base), name.clone())
    }

    fn call(&mut self, callee: ExprId, args: &[Arg]) -> Term {
        let values = || args.iter().map(|arg| arg.value);
        match self.inference.meanings.get(&callee) {
            Some(Meaning::Item(item)) => {
                let item = *item;
                match item.kind(self.db) {
                    Kind::Task | Kind::Service => Term::Call(item, self.args(item, args)),
                    Kind::Fn => Term::Apply(item, self.args(item, args)),
                    Kind::Type => args.first().map_or(Term::UNKNOWN, |arg| self.term(arg.value)),
                    _ => self.unknown(values()),
                }
            }
            Some(Meaning::Tag(name)) => {
                let name = name.clone();
                let args = args.iter().map(|arg| {
                    let name = arg.name.as_ref().map(|it| it.text.clone());
                    (name, self.term(arg.value))
                });
                Term::Tag(name, args.collect())
            }
            Some(Meaning::Builtin(builtin)) => self.builtin(*builtin, args),
            _ => match self.ast.expr(callee) {
                Expr::Field { base, name } => {
                    let args = args.iter().map(|arg| self.term(arg.value)).collect();
                    Term::Method(self.boxed(*base), name.text.clone(), args)
                }
                _ => self.unknown(values()),
            },
        }
    }

    fn builtin(&mut self, builtin: Builtin, args: &[Arg]) -> Term {
        match (builtin, args) {
            (Builtin::Path, [arg]) => Term::Path(self.boxed(arg.value)),
            (Builtin::Glob, [arg]) => Term::Glob(self.boxed(arg.value)),
            (Builtin::All, [packages, task]) => {
                let texts = (self.literal(packages.value), self.literal(task.value));
                let (Some(packages), Some(task)) = texts else { return Term::UNKNOWN };
                Term::All { packages, task }
            }
            _ => self.unknown(args.iter().map(|arg| arg.value)),
        }
    }

    fn literal(&self, id: ExprId) -> Option<SmolStr> {
        let Expr::Text(parts) = self.ast.expr(id) else { return None };
        fixed_text(parts)
    }

    /// The arguments of a call by the callee's parameters; those that select cells are left out.
    fn args(&mut self, callee: Item, args: &[Arg]) -> Vec<Option<Term>> {
        let names = signature(self.db, callee).params.iter().map(|it| it.name.as_str());
        let is_task = callee.kind(self.db) == Kind::Task;
        let axes = if is_task { matrix_axes(self.db, callee).as_slice() } else { &[] };
        let matched = match_args(names, axes, args);
        matched.by_param.iter().map(|it| it.map(|it| self.term(it))).collect()
    }

    fn entry(&mut self, element: &Element) -> Entry {
        match element {
            Element::Value(value) => Entry::Value(self.term(*value)),
            Element::Spread(value) => Entry::Spread(self.term(*value)),
            Element::For { name, iterable, condition, element } => Entry::For {
                name: name.as_ref().map(|it| it.text.clone()).unwrap_or_default(),
                iterable: self.term(*iterable),
                condition: condition.map(|it| self.term(it)),
                element: Box::new(self.entry(element)),
            },
            Element::If { condition, element } => {
                Entry::If(self.term(*condition), Box::new(self.entry(element)))
            }
        }
    }

    fn record(&mut self, record: &Record) -> Term {
        let entries = record.members.iter().filter_map(|member| match member {
            Member::Field(it) => {
                Some(RecordEntry::Field(it.name.text.clone(), self.term(it.value)))
            }
            Member::Let(it) => {
                Some(RecordEntry::Let(it.name.as_ref()?.text.clone(), self.term(it.value)))
            }
            Member::Spread { value, .. } => Some(RecordEntry::Spread(self.term(*value))),
            Member::Check(_) => None,
        });
        Term::Record(entries.collect())
    }
}

fn mentions_of(field: &str, found: Vec<(Term, bool)>) -> impl Iterator<Item = Mention> {
    let field = SmolStr::from(field);
    found.into_iter().map(move |(term, is_certain)| Mention {
        field: field.clone(),
        term,
        is_certain,
    })
}

/// The texts a value of this type can become in a hole.
fn alternatives(ty: &Ty) -> Option<Arc<[SmolStr]>> {
    if *ty.bare() == Ty::Bool {
        return Some(Arc::from([SmolStr::new_static("true"), SmolStr::new_static("false")]));
    }
    ty.literal_texts().map(Arc::from)
}

fn values(ty: &Ty) -> Term {
    let texts = ty.literal_texts().unwrap_or_default();
    let texts = texts.into_iter().map(|it| Entry::Value(Term::Text(vec![Piece::Fixed(it)])));
    Term::List(texts.collect())
}
