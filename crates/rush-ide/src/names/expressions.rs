//! Names inside expressions and scripts.

use rush_semantics::builtins::Builtin;
use rush_semantics::infer::{LocalSource, Meaning, methods_of};
use rush_semantics::kinds::kind;
use rush_semantics::names::{named_in_packages, package_dir, resolve_type};
use rush_semantics::ty::{AliasTy, Ty};
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{
    Arg, Element, Expr, ExprId, ItemKind, Member, Name, Part, Record, TypeExpr, TypeId,
};
use smol_str::SmolStr;
use text_size::TextRange;

use super::header::axis;
use super::origin::{Origin, Shape};
use super::{Occurrence, Role, Walk, Where};
use crate::draft::Parent;
use crate::target::Target;

impl Walk<'_> {
    /// Every expression by itself: what it means was inferred, so where it stands does not matter.
    pub(super) fn expressions(&mut self) {
        for id in (0..self.ast.expr_count()).map(|at| ExprId(at as u32)) {
            match self.ast.expr(id) {
                Expr::Name(name) => self.name(id, name),
                Expr::Field { base, name } => self.field(id, *base, name),
                Expr::Record(record) => self.record(id, record),
                Expr::Call { callee, args, .. } => self.call(*callee, args),
                Expr::Script { tag, body } => self.script(id, tag, body),
                Expr::List(elements) => elements.iter().for_each(|it| self.element(it)),
                Expr::Binary { op, left, right, .. } => self.compared(*op, *left, *right),
                Expr::Index { base, index } => self.index(*base, *index),
                Expr::Missing
                | Expr::None
                | Expr::Bool(_)
                | Expr::Int(_)
                | Expr::Float(_)
                | Expr::Duration(_)
                | Expr::Size(_)
                | Expr::Text(_)
                | Expr::Command(_)
                | Expr::Unary { .. }
                | Expr::If { .. } => {}
            }
        }
    }

    fn name(&mut self, id: ExprId, name: &smol_str::SmolStr) {
        let target = match self.inference.meanings.get(&id) {
            Some(Meaning::Tag(_)) => self.tag(id),
            Some(meaning) => self.target(name, meaning),
            None => resolve_type(self.db, self.file, name).map(Target::Item),
        };
        if let Some(target) = target {
            self.add(self.ast.expr_range(id), target, Role::Read);
        }
    }

    fn field(&mut self, id: ExprId, base: ExprId, name: &Name) {
        let meaning = self.inference.meanings.get(&id);
        let target = match meaning.and_then(|it| self.target(&name.text, it)) {
            Some(target) => Some(target),
            None => self.member(base, name),
        };
        if let Some(target) = target {
            return self.add_name(name, target, Role::Read);
        }
        for origin in self.origins.fields(self.item, base, &name.text) {
            self.add_name(name, declared_field(self.db, origin, &name.text), Role::Read);
        }
    }

    /// What `name` is after the dot behind `base`.
    fn member(&self, base: ExprId, name: &Name) -> Option<Target> {
        let meaning = self.inference.meanings.get(&base);
        if let Some(Meaning::Matrix) = meaning {
            return axis(self.db, self.item, name);
        }
        if let Some(Meaning::Base) = meaning {
            return self.task_field(&name.text);
        }
        if let Some(Meaning::Namespace(file)) = meaning {
            return resolve_type(self.db, *file, &name.text).map(Target::Item);
        }
        let ty = self.inference.ty(base);
        if let Some(target) = field_of(ty, &name.text) {
            return Some(target);
        }
        match ty.bare() {
            Ty::Decl { item, kind } if *kind == Kind::Service => {
                Some(Target::Parameter { item: *item, name: name.text.clone() })
            }
            Ty::Decl { .. } | Ty::Kind(_) => self.task_field(&name.text),
            // Where the fields of other records are declared is followed from the value.
            Ty::Record(record) => {
                let is_of_rush = matches!(meaning, Some(Meaning::Host | Meaning::Profile));
                let is_method = methods_of(ty).contains(&name.text.as_str());
                let is_member = match record.field(&name.text) {
                    Some(_) => is_of_rush,
                    None => is_method,
                };
                is_member.then(|| Target::Member(name.text.clone()))
            }
            other => {
                let is_method = methods_of(other).contains(&name.text.as_str());
                let is_values = name.text == "values";
                (is_method || is_values).then(|| Target::Member(name.text.clone()))
            }
        }
    }

    fn task_field(&self, name: &str) -> Option<Target> {
        let task = kind(self.db, Kind::Task)?;
        task.field(name)?;
        Some(Target::Field { owner: task.item, name: name.into() })
    }

    /// The keys of a record literal, where they are fields: not those of a map or a matrix.
    fn record(&mut self, id: ExprId, record: &Record) {
        let wanted = self.inference.conversions.get(&id).unwrap_or_else(|| self.inference.ty(id));
        let has_fields = wanted.members().iter().any(|it| matches!(it.bare(), Ty::Record(_)));
        for member in &record.members {
            match member {
                Member::Let(it) => self.block_let(it.name.as_ref(), it.value),
                Member::Check(_) | Member::Spread { .. } => {}
                Member::Field(field) => {
                    if let Some(target) = field_of(wanted, &field.name.text) {
                        self.add_name(&field.name, target, Role::Write);
                    } else if has_fields && !self.is_of_axes(id) {
                        self.key(id, &field.name);
                    }
                }
            }
        }
    }

    /// A field of a record whose type has no name.
    fn key(&mut self, record: ExprId, name: &Name) {
        for origin in self.origins.fields(self.item, record, &name.text) {
            let is_own = origin == Origin { item: self.item, shape: Shape::Value(record) };
            let role = if is_own { Role::Declaration } else { Role::Write };
            self.add_name(name, declared_field(self.db, origin, &name.text), role);
        }
    }

    /// Whether a record is a matrix, or one of the cells it speaks of: its keys are axes.
    fn is_of_axes(&self, record: ExprId) -> bool {
        let parent = |id: ExprId| self.origins.parent(self.item, id);
        let is_matrix = |id: ExprId| parent(id) == Some(Parent::OfDeclaration("matrix".into()));
        let of_cells = |list: ExprId| match parent(list) {
            Some(Parent::OfRecord(matrix, name)) => {
                matches!(name.as_str(), "include" | "exclude") && is_matrix(matrix)
            }
            _ => false,
        };
        is_matrix(record) || matches!(parent(record), Some(Parent::OfList(it)) if of_cells(it))
    }

    fn call(&mut self, callee: ExprId, args: &[Arg]) {
        match self.inference.meanings.get(&callee) {
            Some(Meaning::Item(item)) => self.arguments(*item, args),
            Some(Meaning::Tag(_)) => {
                let Some(Target::Tag { owner, .. }) = self.tag(callee) else { return };
                for name in args.iter().filter_map(|it| it.name.as_ref()) {
                    let target = Target::Field { owner, name: name.text.clone() };
                    self.add_name(name, target, Role::Write);
                }
            }
            Some(Meaning::Builtin(Builtin::All)) => self.all(args),
            _ => {}
        }
    }

    /// The tag that the name of a call is.
    fn tag(&self, callee: ExprId) -> Option<Target> {
        let Ty::Tag(tag) = self.inference.ty(callee).bare() else { return None };
        Some(Target::Tag { owner: tag.item, name: tag.name.clone() })
    }

    /// The tasks that `all("//packages/*", "test")` finds by their name.
    fn all(&mut self, args: &[Arg]) {
        let [packages, task] = args else { return };
        let (Some((packages, _)), Some((task, range))) =
            (self.plain_text(packages.value), self.plain_text(task.value))
        else {
            return;
        };
        let here = package_dir(self.db, self.file);
        for item in named_in_packages(self.db, here, &packages, &task) {
            let (target, place) = (Target::Item(item), Where::Text);
            self.found.push(Occurrence { range, target, role: Role::Read, place });
        }
    }

    /// A text without holes and escapes, and where it is between its quotes.
    pub(super) fn plain_text(&self, id: ExprId) -> Option<(smol_str::SmolStr, TextRange)> {
        let Expr::Text(parts) = self.ast.expr(id) else { return None };
        match parts.as_slice() {
            [Part::Text { value, range, is_escape: false }] => Some((value.clone(), *range)),
            _ => None,
        }
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Value(_) | Element::Spread(_) => {}
            Element::For { name, iterable, element, .. } => {
                let local = self.local(LocalSource::For(*iterable));
                if let (Some(name), Some(local)) = (name, local) {
                    let target = Target::Local { item: self.item, local };
                    self.add_name(name, target, Role::Declaration);
                }
                self.element(element);
            }
            Element::If { element, .. } => self.element(element),
        }
    }
}

/// The field of a type with a name; `None` where nothing with a name declares it.
fn field_of(ty: &Ty, name: &str) -> Option<Target> {
    let of_alias = |alias: &AliasTy| {
        let has = |it: &Ty| matches!(it.bare(), Ty::Record(record) if record.field(name).is_some());
        has(&alias.ty) || alias.ty.members().iter().any(has)
    };
    let named = |ty: &Ty| match ty {
        Ty::Alias(alias) if of_alias(alias) => {
            Some(Target::Field { owner: alias.item, name: name.into() })
        }
        _ => None,
    };
    named(ty).or_else(|| ty.members().iter().find_map(named))
}

/// The field of this name that a record declares: its type's where that has a name, else its own.
pub(super) fn declared_field(db: &dyn Db, origin: Origin, name: &SmolStr) -> Target {
    let Origin { item, shape } = origin;
    match shape {
        Shape::Type(id) if is_what_it_declares(item.ast(db), id) => {
            Target::Field { owner: item, name: name.clone() }
        }
        _ => Target::Key { item, shape, name: name.clone() },
    }
}

/// Whether a type is what a `type` stands for, or one of the types it stands for.
fn is_what_it_declares(ast: &rush_syntax::ast::Item, id: TypeId) -> bool {
    let ItemKind::Type { ty, .. } = &ast.kind else { return false };
    let mut open = vec![*ty];
    while let Some(at) = open.pop() {
        match ast.ty(at) {
            _ if at == id => return true,
            TypeExpr::Union(members) => open.extend(members),
            TypeExpr::Optional(inner) => open.push(*inner),
            _ => {}
        }
    }
    false
}

/// Whether more than one field of this name is declared in a type, so that they can't be told apart.
pub(crate) fn is_ambiguous(db: &dyn Db, owner: Item, name: &str) -> bool {
    let ast = owner.ast(db);
    let types = (0..ast.type_count()).map(|at| TypeId(at as u32));
    let fields = types.filter_map(|id| match ast.ty(id) {
        TypeExpr::Record(fields) if is_what_it_declares(ast, id) => Some(fields),
        TypeExpr::Tag { fields, .. } => Some(fields),
        _ => None,
    });
    let same = fields.flatten().filter(|it| it.name.as_ref().is_some_and(|it| it.text == name));
    same.count() > 1
}
