//! Instances: a declaration with arguments, and the values of its locals and fields.
//!
//! A task, each template it extends, and each cell of its matrix are instances of their own. Nothing
//! is computed when one is made; locals and fields are units and computed when asked for.

use std::rc::Rc;

use rush_syntax::ast::{Expr, ExprId, Member};
use smol_str::SmolStr;

use super::report;
use super::session::{Eval, Place, Session, Unit};
use super::value::{Record, Reference, Value};
use crate::db::Item;
use crate::infer::{LocalId, LocalSource, infer};
use crate::kinds::{KindField, kind};
use crate::names::{EXTENDS_MAX, base_of, package_dir};
use crate::signature::{match_args, params_of, signature};
use crate::ty::Ty;

/// An instance of this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct InstanceId(u32);

/// A declaration with arguments.
pub(super) struct Instance {
    pub(super) item: Item,
    /// For each parameter of the signature, what it is given.
    args: Vec<Argument>,
    /// The matrix cell, once chosen.
    pub(super) cell: Option<Rc<Record>>,
    /// What it extends, once asked for.
    base: Base,
    /// The task or service that all of this ends up in.
    pub(super) whole: InstanceId,
    /// Whether more than its parameters was asked for.
    is_entered: bool,
}

/// What an instance extends.
#[derive(Clone, Copy)]
enum Base {
    /// Nobody asked yet.
    Unasked,
    Nothing,
    Instance(InstanceId),
}

/// What a parameter is given.
#[derive(Clone)]
enum Argument {
    /// Nothing: it has its default.
    Absent,
    Value(Value),
    /// An expression of the declaration that extends this one.
    Written(InstanceId, ExprId),
}

impl<'db> Session<'db> {
    pub(super) fn instance(&self, id: InstanceId) -> &Instance {
        self.instances.get(id.0 as usize).expect("ids are only made with their instance")
    }

    fn instance_mut(&mut self, id: InstanceId) -> &mut Instance {
        self.instances.get_mut(id.0 as usize).expect("ids are only made with their instance")
    }

    fn add_instance(&mut self, item: Item, args: Vec<Argument>) -> InstanceId {
        let id = InstanceId(self.instances.len() as u32);
        let base = Base::Unasked;
        self.instances.push(Instance {
            item,
            args,
            cell: None,
            base,
            whole: id,
            is_entered: false,
        });
        id
    }

    /// The declaration called with these arguments.
    pub(super) fn instantiate(&mut self, reference: &Reference) -> InstanceId {
        let args = reference.args.iter().map(|it| match it {
            Some(value) => Argument::Value(value.clone()),
            None => Argument::Absent,
        });
        let args = args.collect();
        self.add_instance(reference.item, args)
    }

    /// Notes that more than the parameters of an instance is asked for.
    pub(super) fn note_entered(&mut self, id: InstanceId) {
        self.instance_mut(id).is_entered = true;
    }

    /// Gives back the instance of a call that turned out to be known: mostly a task is named in several
    /// places with the same arguments. The next instance gets its number, so one of which more is remembered
    /// than its arguments stays.
    pub(super) fn forget_call(&mut self, id: InstanceId) {
        if self.instances.len() != id.0 as usize + 1 || self.instance(id).is_entered {
            return;
        }
        let item = self.instance(id).item;
        let inference = infer(self.db, item);
        for at in 0..signature(self.db, item).params.len() {
            self.forget(&Unit::Local(id, inference.parameter(at)));
        }
        self.instances.pop();
    }

    /// The same call in one cell of its matrix.
    pub(super) fn in_cell(&mut self, id: InstanceId, cell: Rc<Record>) -> InstanceId {
        let (item, args) = (self.instance(id).item, self.instance(id).args.clone());
        let id = self.add_instance(item, args);
        self.instance_mut(id).cell = Some(cell);
        id
    }

    /// The directory of the package that relative paths of an instance belong to.
    pub(super) fn package_of(&self, id: InstanceId) -> &'db SmolStr {
        let item = self.instance(self.instance(id).whole).item;
        package_dir(self.db, item.file(self.db))
    }

    /// The template or task an instance extends.
    pub(super) fn base(&mut self, id: InstanceId) -> Option<InstanceId> {
        match self.instance(id).base {
            Base::Nothing => return None,
            Base::Instance(known) => return Some(known),
            Base::Unasked => {}
        }
        let base = self.find_base(id);
        self.instance_mut(id).base = base.map_or(Base::Nothing, Base::Instance);
        base
    }

    fn find_base(&mut self, id: InstanceId) -> Option<InstanceId> {
        let db = self.db;
        let item = self.instance(id).item;
        let extends = item.ast(db).decl()?.extends.as_ref()?;
        let base = base_of(db, item)?;
        let names = signature(db, base).params.iter().map(|it| it.name.as_str());
        let matched = match_args(names, &[], extends.args.as_deref().unwrap_or_default());
        let args = matched.by_param.iter().map(|it| match it {
            Some(expr) => Argument::Written(id, *expr),
            None => Argument::Absent,
        });
        let base = self.add_instance(base, args.collect());
        let (cell, whole) = (self.instance(id).cell.clone(), self.instance(id).whole);
        let instance = self.instance_mut(base);
        instance.cell = cell;
        instance.whole = whole;
        Some(base)
    }

    /// The instance and what it extends, nearest first.
    pub(super) fn chain(&mut self, id: InstanceId) -> Vec<InstanceId> {
        let mut chain = vec![id];
        let mut at = id;
        while chain.len() <= EXTENDS_MAX
            && let Some(base) = self.base(at)
        {
            let item = self.instance(base).item;
            // A circle was reported when the items were checked.
            if chain.iter().any(|it| self.instance(*it).item == item) {
                break;
            }
            chain.push(base);
            at = base;
        }
        chain
    }

    /// The value of a parameter or `let` of a body; called through its unit.
    pub(super) fn local_value(&mut self, id: InstanceId, local: LocalId) -> Eval<Value> {
        let item = self.instance(id).item;
        let mut scope = self.scope(item, Some(id))?;
        let source = scope.inference.locals.get(local.0 as usize).map(|it| it.source);
        match source {
            Some(LocalSource::Parameter(at)) => {
                let (value, place) = self.parameter_value(id, at)?;
                let package = self.package_of(id);
                self.keep_inside(&value, package, |_| place)?;
                Ok(value.given_to(package))
            }
            Some(LocalSource::Let(expr)) => self.eval(&mut scope, expr),
            Some(LocalSource::For(_)) | None => {
                let span = Place::name_of(self.db, item).span(self.db);
                Err(self.fail(report::internal(span, &"a variable without a value".into())))
            }
        }
    }

    /// The value of a parameter as it was given, and where that is written.
    fn parameter_value(&mut self, id: InstanceId, at: usize) -> Eval<(Value, Place)> {
        let item = self.instance(id).item;
        match self.instance(id).args.get(at).cloned().unwrap_or(Argument::Absent) {
            Argument::Value(value) => return Ok((value, Place::name_of(self.db, item))),
            Argument::Written(from, expr) => {
                let from_item = self.instance(from).item;
                let mut scope = self.scope(from_item, Some(from))?;
                return Ok((self.eval(&mut scope, expr)?, scope.place(expr)));
            }
            Argument::Absent => {}
        }
        let mut scope = self.scope(item, Some(id))?;
        let Some(param) = params_of(&scope.ast.kind).get(at) else {
            let span = Place::name_of(self.db, item).span(self.db);
            return Err(self.fail(report::internal(span, &"an unknown parameter".into())));
        };
        if let Some(default) = param.default {
            return Ok((self.eval(&mut scope, default)?, scope.place(default)));
        }
        let place = Place { item, range: param.range };
        if param.is_rest {
            return Ok((Value::list(Vec::new()), place));
        }
        let name = param.name.as_ref().map_or("?", |it| it.text.as_str());
        let span = place.span(self.db);
        let owner = item.name(self.db).clone();
        Err(self.fail(report::missing_value(span, &owner, name)))
    }

    /// The value of the parameter of this name.
    pub(super) fn parameter(&mut self, id: InstanceId, name: &str) -> Eval<Option<Value>> {
        let item = self.instance(id).item;
        match signature(self.db, item).position(name) {
            Some(at) => self.force(&Unit::Local(id, infer(self.db, item).parameter(at))),
            None => Ok(None),
        }
    }

    /// The value of a field as the declaration and what it extends say; called through its unit.
    pub(super) fn field_value(&mut self, id: InstanceId, name: &SmolStr) -> Eval<Option<Value>> {
        let db = self.db;
        let item = self.instance(id).item;
        let field = kind(db, item.kind(db)).and_then(|it| it.field(name));
        let is_merge = field.is_some_and(|it| it.is_merge);
        let own = self.own_field(id, name, field)?;
        let is_joined = name == "bin";
        if own.is_some() && !is_merge && !is_joined {
            return Ok(own);
        }
        // Bound by the length of the chain of templates, which is at most 8.
        let base = match self.base(id) {
            Some(base) => self.force(&Unit::Field(base, name.clone()))?,
            None => None,
        };
        Ok(match (own, base) {
            (Some(own), Some(base)) if is_merge => Some(overlay(&base, &own)),
            (Some(own), Some(base)) => {
                Some(Value::list([own.elements(), base.elements()].concat()))
            }
            (own, base) => own.or(base),
        })
    }

    /// The variables as this one body has them.
    pub(super) fn own_env(&mut self, id: InstanceId) -> Eval<Option<Value>> {
        let item = self.instance(id).item;
        let field = kind(self.db, item.kind(self.db)).and_then(|it| it.field("env"));
        self.own_field(id, "env", field)
    }

    /// The value of a field as this one body has it.
    fn own_field(
        &mut self,
        id: InstanceId,
        name: &str,
        field: Option<&KindField>,
    ) -> Eval<Option<Value>> {
        let item = self.instance(id).item;
        let mut scope = self.scope(item, Some(id))?;
        let ast = scope.ast;
        let Some(decl) = ast.decl() else { return Ok(None) };
        let mut found = None;
        for member in &decl.body.members {
            match member {
                Member::Field(it) if it.name.text == name => {
                    let is_merge = field.is_some_and(|it| it.is_merge);
                    let value = if is_merge {
                        self.eval_unfilled(&mut scope, it.value)?
                    } else {
                        self.eval(&mut scope, it.value)?
                    };
                    found = Some((value, it.value));
                }
                Member::Spread { value, .. } => {
                    let spread = self.eval(&mut scope, *value)?;
                    if let Some(it) = spread.as_record().and_then(|it| it.get(name)) {
                        found = Some((it.clone(), *value));
                    }
                }
                Member::Field(_) | Member::Let(_) | Member::Check(_) => {}
            }
        }
        match (found, field) {
            (Some((value, expr)), Some(field)) if !field.is_merge => {
                let place = scope.place(expr);
                self.convert(value, &field.ty, (scope.owner, place)).map(Some)
            }
            (found, _) => Ok(found.map(|(value, _)| value)),
        }
    }

    /// Where a field is written: in the body, or in what it extends.
    pub(super) fn field_place(&mut self, id: InstanceId, name: &str) -> Option<Place> {
        let db = self.db;
        self.chain(id).into_iter().find_map(|id| {
            let item = self.instance(id).item;
            let field = item.ast(db).field(name)?;
            Some(Place { item, range: field.range })
        })
    }

    /// Where a field is written, else the name of the declaration.
    pub(super) fn field_or_name_place(&mut self, id: InstanceId, name: &str) -> Place {
        let item = self.instance(id).item;
        self.field_place(id, name).unwrap_or_else(|| Place::name_of(self.db, item))
    }

    /// The value of a record of which only what is written counts, so that it can be merged.
    ///
    /// A record literal is not filled with defaults; of any other value the empty entries go.
    pub(super) fn eval_unfilled(
        &mut self,
        scope: &mut super::session::Scope<'db>,
        expr: ExprId,
    ) -> Eval<Value> {
        match scope.ast.expr(expr) {
            Expr::Record(record) => self.record(scope, record),
            Expr::If { condition, then, otherwise } => {
                let branch = if self.condition(scope, *condition)? { then } else { otherwise };
                self.eval_unfilled(scope, *branch)
            }
            _ => {
                let conversion = scope.inference.conversions.get(&expr);
                let is_filled = conversion.is_some_and(|ty| {
                    ty.members().iter().any(|it| matches!(it.bare(), Ty::Record(_)))
                });
                let value = self.eval(scope, expr)?;
                let Value::Record(record) = &value else { return Ok(value) };
                if !is_filled {
                    return Ok(value);
                }
                let entries = record.iter().filter(|(_, it)| **it != Value::None);
                let entries = entries.map(|(key, it)| (key.clone(), it.clone()));
                Ok(Value::record(entries.collect()))
            }
        }
    }
}

/// The entries of both, those of `over` where both have one.
pub(super) fn overlay(under: &Value, over: &Value) -> Value {
    let (Some(under), Some(over)) = (under.as_record(), over.as_record()) else {
        return over.clone();
    };
    let mut merged = under.clone();
    for (key, value) in over.iter() {
        merged.set(key.clone(), value.clone());
    }
    Value::record(merged)
}
