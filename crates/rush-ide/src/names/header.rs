//! Names outside expressions: what an item declares, imports and extends, and its types.

use rush_semantics::infer::LocalId;
use rush_semantics::kinds::kind;
use rush_semantics::names::{base_of, import_target, resolve, resolve_type, with_bases};
use rush_semantics::signature::{matrix_axes, signature};
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item};
use rush_syntax::Kind;
use rush_syntax::ast::{
    Arg, Decl, Expr, ExprId, Extends, ItemKind, KindDecl, Member, Name, ParamDecl, Record,
    TypeExpr, TypeId,
};

use super::expressions::declared_field;
use super::origin::{Origin, Shape};
use super::{Occurrence, Role, Walk, Where};
use crate::target::Target;

impl Walk<'_> {
    /// Everything but types and expressions.
    pub(super) fn header(&mut self) {
        match &self.ast.kind {
            ItemKind::Nothing | ItemKind::Check(_) => {}
            ItemKind::Use { path, alias } => {
                if let (Some(path), Some(file)) = (path, import_target(self.db, self.item)) {
                    let range = self.inside_quotes(path);
                    let (target, place) = (Target::File(file), Where::Text);
                    self.found.push(Occurrence { range, target, role: Role::Read, place });
                }
                self.own_name(alias.as_ref());
            }
            ItemKind::Let(it) => self.own_name(it.name.as_ref()),
            ItemKind::Param(it) => self.own_name(it.name.as_ref()),
            ItemKind::Type { name, .. } => self.own_name(name.as_ref()),
            ItemKind::Fn { name, params, .. } => {
                self.own_name(name.as_ref());
                self.parameters(params);
            }
            ItemKind::Decl(decl) => self.declaration(decl),
            ItemKind::Kind(decl) => self.kind_fields(decl),
        }
    }

    fn own_name(&mut self, name: Option<&Name>) {
        if let Some(name) = name {
            self.add_name(name, Target::Item(self.item), Role::Declaration);
        }
    }

    fn parameters(&mut self, params: &[ParamDecl]) {
        for name in params.iter().filter_map(|it| it.name.as_ref()) {
            let target = Target::Parameter { item: self.item, name: name.text.clone() };
            self.add_name(name, target, Role::Declaration);
        }
    }

    fn declaration(&mut self, decl: &Decl) {
        if let Some(def) = kind(self.db, decl.kind()) {
            self.add_name(&decl.kind, Target::Item(def.item), Role::Read);
        }
        self.own_name(decl.name.as_ref());
        self.parameters(decl.params.as_deref().unwrap_or_default());
        if let Some(extends) = &decl.extends {
            self.extends(extends);
        }
        for member in &decl.body.members {
            match member {
                Member::Let(it) => self.block_let(it.name.as_ref(), it.value),
                Member::Check(_) | Member::Spread { .. } => {}
                Member::Field(field) => {
                    if let Some(target) = self.kind_field(decl, &field.name) {
                        self.add_name(&field.name, target, Role::Write);
                    }
                    match field.name.text.as_str() {
                        "matrix" => self.matrix(field.value),
                        "env" => self.variables(field.value),
                        "defaults" => self.default_variables(field.value),
                        _ => {}
                    }
                }
            }
        }
    }

    /// The field of a kind; in a profile also a `param` of the file.
    fn kind_field(&self, decl: &Decl, name: &Name) -> Option<Target> {
        let def = kind(self.db, decl.kind())?;
        if def.field(&name.text).is_some() {
            let owner = declaring_kind(self.db, def.item, &name.text);
            return Some(Target::Field { owner, name: name.text.clone() });
        }
        let param = resolve(self.db, self.file, &name.text)?;
        (def.has_param_fields && param.kind(self.db) == Kind::Param).then_some(Target::Item(param))
    }

    /// `a.b(args)` after `extends`.
    fn extends(&mut self, extends: &Extends) {
        self.dotted(&extends.path, |walk, name| resolve(walk.db, walk.file, &name.text));
        let Some(base) = base_of(self.db, self.item) else { return };
        self.arguments(base, extends.args.as_deref().unwrap_or_default());
    }

    /// Names before the arguments of a call of an item.
    pub(super) fn arguments(&mut self, item: Item, args: &[Arg]) {
        for name in args.iter().filter_map(|it| it.name.as_ref()) {
            let target = match signature(self.db, item).position(&name.text) {
                Some(_) => Some(Target::Parameter { item, name: name.text.clone() }),
                None => axis(self.db, item, name),
            };
            if let Some(target) = target {
                self.add_name(name, target, Role::Write);
            }
        }
    }

    /// `x` or `ns.x`, where `own` finds a name of this file.
    fn dotted(&mut self, path: &[Name], own: impl Fn(&Self, &Name) -> Option<Item>) {
        match path {
            [name] => {
                if let Some(item) = own(self, name) {
                    self.add_name(name, Target::Item(item), Role::Read);
                }
            }
            [namespace, name] => {
                let Some(import) = resolve(self.db, self.file, &namespace.text) else { return };
                self.add_name(namespace, Target::Item(import), Role::Read);
                let Some(file) = import_target(self.db, import) else { return };
                let found = resolve(self.db, file, &name.text);
                let found = found.filter(|it| it.kind(self.db).is_base());
                if let Some(item) = found.or_else(|| resolve_type(self.db, file, &name.text)) {
                    self.add_name(name, Target::Item(item), Role::Read);
                }
            }
            _ => {}
        }
    }

    /// A `let` of a block.
    pub(super) fn block_let(&mut self, name: Option<&Name>, value: ExprId) {
        use rush_semantics::infer::LocalSource;
        if let (Some(name), Some(local)) = (name, self.local(LocalSource::Let(value))) {
            self.add_name(name, Target::Local { item: self.item, local }, Role::Declaration);
        }
    }

    /// The local that got its value from there.
    pub(super) fn local(&self, source: rush_semantics::infer::LocalSource) -> Option<LocalId> {
        self.sources.get(&source).copied()
    }

    /// The axes that `matrix` declares, and those that `include` and `exclude` speak of.
    fn matrix(&mut self, value: ExprId) {
        let Expr::Record(record) = self.ast.expr(value) else { return };
        for member in &record.members {
            let Member::Field(field) = member else { continue };
            if matches!(field.name.text.as_str(), "include" | "exclude") {
                let Expr::List(cells) = self.ast.expr(field.value) else { continue };
                for cell in cells {
                    let rush_syntax::ast::Element::Value(cell) = cell else { continue };
                    let Expr::Record(cell) = self.ast.expr(*cell) else { continue };
                    self.axes(cell, Role::Write);
                }
            }
        }
        self.axes(record, Role::Declaration);
    }

    fn axes(&mut self, record: &Record, role: Role) {
        for member in &record.members {
            let Member::Field(field) = member else { continue };
            if !matches!(field.name.text.as_str(), "include" | "exclude") {
                let target = Target::Axis { item: self.item, name: field.name.text.clone() };
                self.add_name(&field.name, target, role);
            }
        }
    }

    fn kind_fields(&mut self, decl: &KindDecl) {
        self.own_name(decl.name.as_ref());
        self.fields(&decl.fields);
    }

    /// Fields that a type or a kind of this item declares.
    fn fields(&mut self, fields: &[ParamDecl]) {
        for name in fields.iter().filter(|it| !it.is_rest).filter_map(|it| it.name.as_ref()) {
            let target = Target::Field { owner: self.item, name: name.text.clone() };
            self.add_name(name, target, Role::Declaration);
        }
    }

    /// Fields of a record type: of the item where it is what that declares, else of the record itself.
    fn type_fields(&mut self, id: TypeId, fields: &[ParamDecl]) {
        for name in fields.iter().filter_map(|it| it.name.as_ref()) {
            let origin = Origin { item: self.item, shape: Shape::Type(id) };
            self.add_name(name, declared_field(self.db, origin, &name.text), Role::Declaration);
        }
    }

    /// The names in type expressions.
    pub(super) fn types(&mut self) {
        for id in (0..self.ast.type_count()).map(|at| TypeId(at as u32)) {
            match self.ast.ty(id) {
                TypeExpr::Path { path, .. } => self.dotted(path, Self::type_named),
                TypeExpr::Tag { name, fields } => {
                    let target = Target::Tag { owner: self.item, name: name.text.clone() };
                    self.add_name(name, target, Role::Declaration);
                    self.fields(fields);
                }
                TypeExpr::Record(fields) => self.type_fields(id, fields),
                TypeExpr::Missing
                | TypeExpr::None
                | TypeExpr::Text(_)
                | TypeExpr::Int(_)
                | TypeExpr::Float(_)
                | TypeExpr::Map(_)
                | TypeExpr::List(_)
                | TypeExpr::Union(_)
                | TypeExpr::Optional(_) => {}
            }
        }
    }

    /// The type of this name: of the file, a kind, or of the prelude.
    fn type_named(&self, name: &Name) -> Option<Item> {
        let prelude = self.db.workspace().prelude(self.db);
        let of_kind = || {
            let of = Some(Kind::of(&name.text)).filter(|it| Kind::DECLARED.contains(it))?;
            kind(self.db, of).map(|it| it.item)
        };
        resolve_type(self.db, self.file, &name.text)
            .or_else(of_kind)
            .or_else(|| resolve_type(self.db, prelude, &name.text))
    }
}

/// The item of the prelude in which a field of a kind is written: kinds take over fields of others.
pub(super) fn declaring_kind(db: &dyn Db, item: Item, field: &str) -> Item {
    let ItemKind::Kind(decl) = &item.ast(db).kind else { return item };
    let is_own = |it: &ParamDecl| it.name.as_ref().is_some_and(|name| name.text == field);
    if decl.fields.iter().any(|it| !it.is_rest && is_own(it)) {
        return item;
    }
    let taken = decl.fields.iter().filter(|it| it.is_rest).find_map(|it| {
        let TypeExpr::Path { path, .. } = item.ast(db).ty(it.ty) else { return None };
        let of = kind(db, Kind::of(&path.first()?.text))?;
        of.field(field).map(|_| of.item)
    });
    taken.unwrap_or(item)
}

/// The axis of a task, declared by it or by what it extends.
pub(super) fn axis(db: &dyn Db, item: Item, name: &Name) -> Option<Target> {
    let is_axis = |(axis, _): &(smol_str::SmolStr, Ty)| *axis == name.text;
    if !matrix_axes(db, item).iter().any(is_axis) {
        return None;
    }
    let item = with_bases(db, item).find(|it| it.ast(db).field("matrix").is_some())?;
    Some(Target::Axis { item, name: name.text.clone() })
}
