//! Which expression is part of which.

use rush_semantics::builtins::Builtin;
use rush_semantics::infer::{Inference, Meaning};
use rush_semantics::signature::params_of;
use rush_syntax::ast::{Element, Expr, ExprId, Item, ItemKind, Member, Part, Record, TypeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// What an expression is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// A field of the declaration itself.
    OfDeclaration(SmolStr),
    /// A field of a record.
    OfRecord(ExprId, SmolStr),
    /// An element of a list, or what is spread into it.
    OfList(ExprId),
    /// The argument of a call at this position.
    OfCall(ExprId, usize),
    /// What a call calls.
    Callee(ExprId),
    /// What stands before a dot or an index.
    Base(ExprId),
    /// A hole of a text or a command.
    Hole(ExprId),
    /// Any other part.
    Part(ExprId),
}

/// The parent of each expression that has one, the type of each that has one written beside it, and the
/// values of the fields of each record: what takes a walk over all of an item to find.
#[derive(Default)]
pub(crate) struct Parents {
    above: FxHashMap<ExprId, Parent>,
    annotations: FxHashMap<ExprId, TypeId>,
    fields: FxHashMap<ExprId, FxHashMap<SmolStr, ExprId>>,
}

impl Parents {
    /// The parents in an item.
    pub(crate) fn of(ast: &Item) -> Self {
        let mut found = Self::default();
        found.declared(&ast.kind);
        for index in 0..ast.expr_count() {
            let id = ExprId(index as u32);
            found.add(id, ast.expr(id));
        }
        found
    }

    /// What an expression is part of.
    pub(crate) fn get(&self, id: ExprId) -> Option<&Parent> {
        self.above.get(&id)
    }

    /// The type that is written beside what an expression is the value of.
    pub(crate) fn annotation(&self, id: ExprId) -> Option<TypeId> {
        self.annotations.get(&id).copied()
    }

    /// The value of a field of a record. Of several of one name the last one counts.
    pub(crate) fn value(&self, record: ExprId, field: &str) -> Option<ExprId> {
        self.fields.get(&record)?.get(field).copied()
    }

    /// The function of the prelude whose first argument an expression is.
    pub(crate) fn builtin_of(
        &self,
        ast: &Item,
        inference: &Inference,
        id: ExprId,
    ) -> Option<Builtin> {
        let Parent::OfCall(call, 0) = self.get(id)? else { return None };
        let Expr::Call { callee, .. } = ast.expr(*call) else { return None };
        match inference.meanings.get(callee)? {
            Meaning::Builtin(builtin) => Some(*builtin),
            _ => None,
        }
    }

    /// The expressions around one, the innermost first.
    pub(crate) fn ancestors(&self, id: ExprId) -> impl Iterator<Item = (ExprId, &Parent)> {
        let mut at = Some(id);
        std::iter::from_fn(move || {
            let child = at?;
            let parent = self.get(child)?;
            at = parent.id();
            Some((child, parent))
        })
    }

    /// The name of the declaration's field that an expression is in.
    pub(crate) fn field_of(&self, id: ExprId) -> Option<&SmolStr> {
        self.ancestors(id).find_map(|(_, parent)| match parent {
            Parent::OfDeclaration(name) => Some(name),
            _ => None,
        })
    }

    /// What an item says of its own values.
    fn declared(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Decl(decl) => {
                for member in &decl.body.members {
                    match member {
                        Member::Field(field) => {
                            let parent = Parent::OfDeclaration(field.name.text.clone());
                            self.put([field.value], &parent);
                        }
                        Member::Let(it) => self.annotate(it.value, it.ty),
                        Member::Check(_) | Member::Spread { .. } => {}
                    }
                }
            }
            ItemKind::Let(it) => self.annotate(it.value, it.ty),
            ItemKind::Fn { body, result, .. } => self.annotate(*body, *result),
            ItemKind::Param(it) => self.annotations.extend(it.default.map(|value| (value, it.ty))),
            ItemKind::Use { .. }
            | ItemKind::Type { .. }
            | ItemKind::Kind(_)
            | ItemKind::Check(_)
            | ItemKind::Nothing => {}
        }
        let defaults = params_of(kind).iter().filter_map(|it| Some((it.default?, it.ty)));
        self.annotations.extend(defaults);
    }

    fn annotate(&mut self, value: ExprId, ty: Option<TypeId>) {
        self.annotations.extend(ty.map(|ty| (value, ty)));
    }

    fn put(&mut self, children: impl IntoIterator<Item = ExprId>, parent: &Parent) {
        self.above.extend(children.into_iter().map(|child| (child, parent.clone())));
    }

    fn add(&mut self, id: ExprId, expr: &Expr) {
        match expr {
            Expr::Text(parts) | Expr::Command(parts) => {
                let holes = parts.iter().filter_map(|part| match part {
                    Part::Hole { value, .. } => Some(*value),
                    Part::Text { .. } => None,
                });
                self.put(holes, &Parent::Hole(id));
            }
            Expr::List(elements) => elements.iter().for_each(|it| self.element(id, it)),
            Expr::Record(record) => self.record(id, record),
            Expr::Unary { operand, .. } => self.put([*operand], &Parent::Part(id)),
            Expr::Binary { left, right, .. } => self.put([*left, *right], &Parent::Part(id)),
            Expr::If { condition, then, otherwise } => {
                self.put([*condition, *then, *otherwise], &Parent::Part(id));
            }
            Expr::Field { base, .. } => self.put([*base], &Parent::Base(id)),
            Expr::Index { base, index } => {
                self.put([*base], &Parent::Base(id));
                self.put([*index], &Parent::Part(id));
            }
            Expr::Call { callee, args, .. } => {
                self.put([*callee], &Parent::Callee(id));
                for (at, arg) in args.iter().enumerate() {
                    self.put([arg.value], &Parent::OfCall(id, at));
                }
            }
            Expr::Missing
            | Expr::None
            | Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Float(_)
            | Expr::Duration(_)
            | Expr::Size(_)
            | Expr::Script { .. }
            | Expr::Name(_) => {}
        }
    }

    fn element(&mut self, list: ExprId, element: &Element) {
        match element {
            Element::Value(value) | Element::Spread(value) => {
                self.put([*value], &Parent::OfList(list));
            }
            Element::For { iterable, condition, element, .. } => {
                self.put([*iterable].into_iter().chain(*condition), &Parent::Part(list));
                self.element(list, element);
            }
            Element::If { condition, element } => {
                self.put([*condition], &Parent::Part(list));
                self.element(list, element);
            }
        }
    }

    fn record(&mut self, id: ExprId, record: &Record) {
        for member in &record.members {
            match member {
                Member::Field(field) => {
                    let name = &field.name.text;
                    self.put([field.value], &Parent::OfRecord(id, name.clone()));
                    self.fields.entry(id).or_default().insert(name.clone(), field.value);
                }
                Member::Let(it) => {
                    self.put([it.value], &Parent::Part(id));
                    self.annotate(it.value, it.ty);
                }
                Member::Check(check) => {
                    self.put([check.condition, check.message], &Parent::Part(id));
                }
                Member::Spread { value, .. } => self.put([*value], &Parent::Part(id)),
            }
        }
    }
}

impl Parent {
    /// The expression, unless it is the declaration.
    pub(crate) fn id(&self) -> Option<ExprId> {
        match self {
            Self::OfDeclaration(_) => None,
            Self::OfRecord(id, _)
            | Self::OfList(id)
            | Self::OfCall(id, _)
            | Self::Callee(id)
            | Self::Base(id)
            | Self::Hole(id)
            | Self::Part(id) => Some(*id),
        }
    }
}
