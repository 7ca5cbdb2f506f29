//! Expressions: one function for each form, and the names in them.
//!
//! The interpreter trusts the checker about types and never panics when it is wrong: a value that
//! should not be there is an internal error with a place.

use std::rc::Rc;

use rush_syntax::Kind;
use rush_syntax::ast::{BinaryOp, Element, Expr, ExprId, Member, Record as RecordExpr, UnaryOp};
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Scope, Session, Stop, Unit};
use super::show::show;
use super::value::{Record, Value};
use crate::db::Item;
use crate::infer::{LocalId, LocalSource, Meaning};
use crate::ty::Ty;

impl<'db> Session<'db> {
    /// The value of an expression, converted to what is expected where it stands.
    pub(super) fn eval(&mut self, scope: &mut Scope<'db>, id: ExprId) -> Eval<Value> {
        let place = scope.place(id);
        self.nested(place, |session| {
            let value = match session.text_by_context(scope, id)? {
                Some(value) => value,
                None => session.eval_form(scope, id)?,
            };
            session.converted(scope, id, value)
        })
    }

    fn converted(&mut self, scope: &Scope<'db>, id: ExprId, value: Value) -> Eval<Value> {
        match scope.inference.conversions.get(&id) {
            Some(ty) => self.convert(value, ty, (scope.owner, scope.place(id))),
            None => Ok(value),
        }
    }

    fn eval_form(&mut self, scope: &mut Scope<'db>, id: ExprId) -> Eval<Value> {
        let ast = scope.ast;
        match ast.expr(id) {
            Expr::Missing => Err(self.unexpected(scope.place(id), "an expression that is missing")),
            Expr::None => Ok(Value::None),
            Expr::Bool(it) => Ok(Value::Bool(*it)),
            Expr::Int(it) => Ok(Value::Int(*it)),
            Expr::Float(it) => Ok(Value::Float(*it)),
            Expr::Duration(it) => Ok(Value::Duration(*it)),
            Expr::Size(it) => Ok(Value::Size(*it)),
            Expr::Text(parts) => self.text(scope, parts),
            Expr::Command(parts) => self.argv(scope, id, parts),
            Expr::Script { tag, body } => self.script(scope, id, &tag.text, body),
            Expr::Name(_) => self.name(scope, id),
            Expr::List(elements) => self.list(scope, elements),
            Expr::Record(record) => self.record(scope, record),
            Expr::Unary { op, operand } => self.unary(scope, id, *op, *operand),
            Expr::Binary { .. } => self.binary_spine(scope, id),
            Expr::If { condition, then, otherwise } => {
                let branch = if self.condition(scope, *condition)? { then } else { otherwise };
                self.eval(scope, *branch)
            }
            Expr::Field { base, name } => self.field(scope, id, *base, &name.text),
            Expr::Index { base, index } => self.index(scope, *base, *index),
            Expr::Call { callee, args, .. } => self.call(scope, id, *callee, args),
        }
    }

    /// Reports that the checker let something through.
    pub(super) fn unexpected(&mut self, place: Place, what: &str) -> Stop {
        let span = place.span(self.db);
        self.fail(report::internal(span, &what.into()))
    }

    /// The value of an expression that is true or false.
    pub(super) fn condition(&mut self, scope: &mut Scope<'db>, id: ExprId) -> Eval<bool> {
        match self.eval(scope, id)? {
            Value::Bool(it) => Ok(it),
            other => Err(self.unexpected(scope.place(id), other.kind())),
        }
    }

    fn name(&mut self, scope: &mut Scope<'db>, id: ExprId) -> Eval<Value> {
        let Some(meaning) = scope.inference.meanings.get(&id) else {
            return Err(self.unexpected(scope.place(id), "a name without a meaning"));
        };
        let meaning = meaning.clone();
        self.meaning(scope, &meaning, scope.place(id))
    }

    /// The value of what a name means.
    pub(super) fn meaning(
        &mut self,
        scope: &mut Scope<'db>,
        meaning: &Meaning,
        place: Place,
    ) -> Eval<Value> {
        match meaning {
            Meaning::Local(local) => self.local(scope, *local, place),
            Meaning::Item(item) => self.item(scope.asker, *item, place),
            Meaning::Matrix => self.matrix_cell(scope),
            Meaning::Host => Ok(self.host()),
            Meaning::Profile => Ok(self.profile()),
            Meaning::Unknown
            | Meaning::Namespace(_)
            | Meaning::Base
            | Meaning::Tag(_)
            | Meaning::Builtin(_) => Err(self.unexpected(place, "a name that is no value")),
        }
    }

    fn local(&mut self, scope: &mut Scope<'db>, local: LocalId, place: Place) -> Eval<Value> {
        if let Some((_, value)) = scope.bindings.iter().rev().find(|(id, _)| *id == local) {
            return Ok(value.clone());
        }
        if let Some(instance) = scope.instance {
            let value = self.force(&Unit::Local(instance, local))?;
            return Ok(value.unwrap_or(Value::None));
        }
        match scope.inference.locals.get(local.0 as usize).map(|it| it.source) {
            Some(LocalSource::Let(expr)) => self.eval(scope, expr),
            Some(LocalSource::Parameter(_) | LocalSource::For(_)) | None => {
                Err(self.unexpected(place, "a variable without a value"))
            }
        }
    }

    /// The value of an item that is named.
    fn item(&mut self, asker: Option<InstanceId>, item: Item, place: Place) -> Eval<Value> {
        match item.kind(self.db) {
            Kind::Let => self.let_value(item, asker),
            Kind::Param => Ok(self.force(&Unit::Item(item))?.unwrap_or(Value::None)),
            Kind::Secret => {
                self.enter(item)?;
                Ok(Value::Secret(item))
            }
            Kind::Fn | Kind::Type | Kind::Use => {
                Err(self.unexpected(place, "a name that is no value"))
            }
            _ => Ok(Value::reference(item)),
        }
    }

    fn matrix_cell(&mut self, scope: &Scope<'db>) -> Eval<Value> {
        let cell = scope.instance.and_then(|it| self.instance(it).cell.clone());
        match (cell, scope.owner) {
            (Some(cell), _) => Ok(Value::Record(cell)),
            (None, Some(owner)) if self.field_place(owner, "matrix").is_some() => Err(Stop::Cell),
            (None, _) => Ok(Value::Record(Rc::default())),
        }
    }

    fn host(&self) -> Value {
        let host = &self.request.host;
        let memory = i64::try_from(host.memory_bytes).unwrap_or(i64::MAX);
        let fields: [(&str, Value); 5] = [
            ("os", Value::text(host.os.as_str())),
            ("arch", Value::text(host.arch.as_str())),
            ("cpus", Value::Int(i64::from(host.cpus))),
            ("memory", Value::Size(memory)),
            ("ci", Value::Bool(host.ci)),
        ];
        let fields = fields.into_iter().map(|(name, value)| (SmolStr::new_static(name), value));
        Value::record(fields.collect())
    }

    fn profile(&self) -> Value {
        let name = self.request.goal.profile.as_deref().map_or(Value::None, Value::text);
        Value::record([(SmolStr::new_static("name"), name)].into_iter().collect())
    }

    fn list(&mut self, scope: &mut Scope<'db>, elements: &'db [Element]) -> Eval<Value> {
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            self.element(scope, element, &mut values)?;
        }
        Ok(Value::list(values))
    }

    /// An element, unless it hangs on what is not known yet.
    fn element(
        &mut self,
        scope: &mut Scope<'db>,
        element: &'db Element,
        out: &mut Vec<Value>,
    ) -> Eval<()> {
        let before = out.len();
        match self.known_element(scope, element, out) {
            Err(Stop::Unknown) => {
                out.truncate(before);
                Ok(())
            }
            result => result,
        }
    }

    fn known_element(
        &mut self,
        scope: &mut Scope<'db>,
        element: &'db Element,
        out: &mut Vec<Value>,
    ) -> Eval<()> {
        match element {
            Element::Value(value) => {
                out.push(self.eval(scope, *value)?);
            }
            Element::Spread(value) => match self.eval(scope, *value)? {
                Value::None => {}
                Value::List(elements) => {
                    self.pay_for_elements(elements.len(), scope.place(*value))?;
                    out.extend(elements.iter().cloned());
                }
                value => out.push(value),
            },
            Element::If { condition, element } => {
                if self.condition(scope, *condition)? {
                    self.element(scope, element, out)?;
                }
            }
            Element::For { name, iterable, condition, element } => {
                let values = self.eval(scope, *iterable)?;
                let variable = for_variable(scope, *iterable, name.as_ref().map(|it| &it.text));
                for value in values.elements() {
                    self.step(scope.place(*iterable))?;
                    scope.bindings.push((variable, value.clone()));
                    let result = self.iteration(scope, *condition, element, out);
                    scope.bindings.pop();
                    result?;
                }
            }
        }
        Ok(())
    }

    fn iteration(
        &mut self,
        scope: &mut Scope<'db>,
        condition: Option<ExprId>,
        element: &'db Element,
        out: &mut Vec<Value>,
    ) -> Eval<()> {
        let is_wanted = match condition {
            Some(condition) => self.condition(scope, condition)?,
            None => true,
        };
        if is_wanted { self.element(scope, element, out) } else { Ok(()) }
    }

    /// The record as written, without defaults; its `let`s are known to what follows.
    pub(super) fn record(
        &mut self,
        scope: &mut Scope<'db>,
        record: &'db RecordExpr,
    ) -> Eval<Value> {
        let bound = scope.bindings.len();
        let result = self.members(scope, record);
        scope.bindings.truncate(bound);
        result.map(Value::record)
    }

    fn members(&mut self, scope: &mut Scope<'db>, record: &'db RecordExpr) -> Eval<Record> {
        let mut fields = Record::default();
        for member in &record.members {
            match member {
                Member::Field(field) => {
                    let value = self.eval(scope, field.value)?;
                    fields.set(field.name.text.clone(), value);
                }
                Member::Spread { value, .. } => {
                    if let Value::Record(spread) = self.eval(scope, *value)? {
                        for (name, value) in spread.iter() {
                            fields.set(name.clone(), value.clone());
                        }
                    }
                }
                Member::Let(it) => {
                    let value = self.eval(scope, it.value)?;
                    if let Some(local) = let_local(scope, it.value) {
                        scope.bindings.push((local, value));
                    }
                }
                Member::Check(check) => self.check(scope, check)?,
            }
        }
        Ok(fields)
    }

    fn unary(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        op: UnaryOp,
        operand: ExprId,
    ) -> Eval<Value> {
        let value = self.eval(scope, operand)?;
        let overflow = |it: i64| it.checked_neg();
        let result = match (op, &value) {
            (UnaryOp::Not, Value::Bool(it)) => Some(Value::Bool(!it)),
            (UnaryOp::Negate, Value::Float(it)) => Some(Value::Float(-it)),
            (UnaryOp::Negate, Value::Int(it)) => overflow(*it).map(Value::Int),
            (UnaryOp::Negate, Value::Duration(it)) => overflow(*it).map(Value::Duration),
            (UnaryOp::Negate, Value::Size(it)) => overflow(*it).map(Value::Size),
            (_, other) => return Err(self.unexpected(scope.place(id), other.kind())),
        };
        let span = scope.place(id).span(self.db);
        result.ok_or_else(|| self.fail(report::overflow(span)))
    }

    /// `a + b + c ...` from the left, without a level of recursion for each operator.
    fn binary_spine(&mut self, scope: &mut Scope<'db>, id: ExprId) -> Eval<Value> {
        let ast = scope.ast;
        let mut spine = Vec::new();
        let mut leftmost = id;
        while let Expr::Binary { op, left, right, .. } = ast.expr(leftmost) {
            spine.push((leftmost, *op, *right));
            leftmost = *left;
        }
        let mut value = self.eval(scope, leftmost)?;
        for (at, op, right) in spine.into_iter().rev() {
            self.step(scope.place(at))?;
            value = self.binary(scope, (at, op, right), value)?;
            if at != id {
                value = self.converted(scope, at, value)?;
            }
        }
        Ok(value)
    }

    fn binary(
        &mut self,
        scope: &mut Scope<'db>,
        (at, op, right): (ExprId, BinaryOp, ExprId),
        left: Value,
    ) -> Eval<Value> {
        match (op, left) {
            (BinaryOp::And, Value::Bool(false)) => Ok(Value::Bool(false)),
            (BinaryOp::Or, Value::Bool(true)) => Ok(Value::Bool(true)),
            (BinaryOp::And | BinaryOp::Or, _) => self.eval(scope, right),
            (BinaryOp::Otherwise, Value::None) => self.eval(scope, right),
            (BinaryOp::Otherwise, left) => Ok(left),
            (op, left) => {
                let right = self.eval(scope, right)?;
                self.operate(op, left, right, (scope.owner, scope.place(at)))
            }
        }
    }

    fn index(&mut self, scope: &mut Scope<'db>, base: ExprId, index: ExprId) -> Eval<Value> {
        let base_value = self.eval(scope, base)?;
        let key = self.eval(scope, index)?;
        let place = scope.place(index);
        match (&base_value, &key) {
            (Value::List(elements), Value::Int(at)) => {
                let found = usize::try_from(*at).ok().and_then(|at| elements.get(at));
                let length = elements.len();
                let span = place.span(self.db);
                found
                    .cloned()
                    .ok_or_else(|| self.fail(report::index_out_of_range(span, *at, length)))
            }
            (Value::Record(record), key) => {
                let view = self.view(scope.owner);
                let name = view
                    .letters(key)
                    .map_or_else(|| show(self.db, &view, key).into(), Into::<SmolStr>::into);
                // The checker knows that a table has every entry; a map need not have any.
                Ok(record.get(&name).cloned().unwrap_or(Value::None))
            }
            _ => Err(self.unexpected(place, "an index into something else")),
        }
    }

    fn field(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        base: ExprId,
        name: &SmolStr,
    ) -> Eval<Value> {
        if let Some(meaning) = scope.inference.meanings.get(&id).cloned() {
            return self.meaning(scope, &meaning, scope.place(id));
        }
        match scope.inference.meanings.get(&base).cloned() {
            Some(Meaning::Base) => return self.base_field(scope, id, name),
            Some(Meaning::Item(item)) if item.kind(self.db) == Kind::Type => {
                return self.type_values(scope, id);
            }
            Some(Meaning::Item(item))
                if item.kind(self.db) == Kind::Service && name != "outputs" =>
            {
                return self.needed_service_parameter(scope, item, name, scope.place(id));
            }
            _ => {}
        }
        let value = self.eval(scope, base)?;
        let place = scope.place(id);
        match &value {
            Value::Record(record) => Ok(record.get(name).cloned().unwrap_or(Value::None)),
            Value::Reference(it) if name == "outputs" => self.outputs(it, place),
            Value::Reference(it) => self.service_parameter(it, name, place),
            other => self.method(other, name, &[], (scope.owner, place)),
        }
    }

    /// `base.inputs`
    fn base_field(&mut self, scope: &Scope<'db>, id: ExprId, name: &SmolStr) -> Eval<Value> {
        let Some(base) = scope.instance.and_then(|it| self.base(it)) else {
            return Err(self.unexpected(scope.place(id), "`base` where nothing is extended"));
        };
        if let Some(value) = self.force(&Unit::Field(base, name.clone()))? {
            return Ok(value);
        }
        let item = self.instance(base).item;
        let field = crate::kinds::kind(self.db, item.kind(self.db)).and_then(|it| it.field(name));
        match field.and_then(|it| it.default) {
            Some(default) => self.default_value(default),
            None => Ok(Value::None),
        }
    }

    /// `Crate.values`
    fn type_values(&mut self, scope: &Scope<'db>, id: ExprId) -> Eval<Value> {
        let Ty::List(element) = scope.inference.ty(id).bare() else {
            return Err(self.unexpected(scope.place(id), "a type without listed values"));
        };
        let values = element.members().iter().filter_map(|member| match member.bare() {
            Ty::Text(crate::ty::TextTy::Literal(text)) => Some(Value::Text(text.clone())),
            Ty::Int(limits) => limits.single().map(Value::Int),
            Ty::Duration(limits) => limits.single().map(Value::Duration),
            Ty::Size(limits) => limits.single().map(Value::Size),
            Ty::Float(limits) => limits.single().map(|it| Value::Float(it.0)),
            Ty::None => Some(Value::None),
            _ => None,
        });
        Ok(Value::list(values.collect()))
    }
}

fn let_local(scope: &Scope<'_>, value: ExprId) -> Option<LocalId> {
    let locals = scope.inference.locals.iter();
    let at = locals.enumerate().find(|(_, it)| it.source == LocalSource::Let(value))?.0;
    Some(LocalId(at as u32))
}

/// The variable of a `for`; several may run through the same expression in nested lists, never twice.
fn for_variable(scope: &Scope<'_>, iterable: ExprId, name: Option<&SmolStr>) -> LocalId {
    let source = LocalSource::For(iterable);
    let locals = scope.inference.locals.iter();
    let is_it = |it: &crate::infer::Local| it.source == source && Some(&it.name) == name;
    let at = locals.enumerate().find(|(_, it)| is_it(it)).map(|(at, _)| at);
    LocalId(at.map_or(u32::MAX, |at| at as u32))
}
