//! Calls: functions, refined types, declarations, tags and methods.

use std::rc::Rc;

use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Expr, ExprId, ItemKind};
use smol_str::SmolStr;

use super::cost::{method_bytes, own_bytes};
use super::instance::InstanceId;
use super::session::{Eval, Place, Scope, Session};
use super::text::{pieces_of, push_pieces};
use super::value::{Record, Reference, Tag, Value};
use super::view::View;
use crate::db::Item;
use crate::graph::Known;
use crate::infer::Meaning;
use crate::names::package_dir;
use crate::signature::{match_args, matrix_axes, signature};
use crate::ty::{TagTy, Ty};

impl<'db> Session<'db> {
    pub(super) fn call(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        callee: ExprId,
        args: &'db [Arg],
    ) -> Eval<Value> {
        self.step(scope.place(id))?;
        match scope.inference.meanings.get(&callee).cloned() {
            Some(Meaning::Tag(name)) => self.tag(scope, id, name, args),
            Some(Meaning::Builtin(function)) => self.builtin(scope, id, function, args),
            Some(Meaning::Item(item)) => match item.kind(self.db) {
                Kind::Fn => self.call_function(scope, id, item, args),
                Kind::Type => self.refine(scope, id, args),
                _ => self.call_declaration(scope, item, args),
            },
            _ => match scope.ast.expr(callee) {
                Expr::Field { base, name } => {
                    let base = self.eval(scope, *base)?;
                    let args = args.iter().map(|arg| self.eval(scope, arg.value));
                    let args: Vec<Value> = args.collect::<Eval<_>>()?;
                    let place = scope.place(id);
                    match &base {
                        Value::List(elements) if name.text == "join" => {
                            self.warn_of_joined(scope, id, elements);
                        }
                        Value::Command(command) if name.text == "args" => {
                            return self.with_arguments(place, command, &args);
                        }
                        _ => {}
                    }
                    self.method(&base, &name.text, &args, (scope.owner, place))
                }
                _ => Err(self.unexpected(scope.place(id), "a call of something else")),
            },
        }
    }

    fn given(
        &mut self,
        scope: &mut Scope<'db>,
        values: &[Option<ExprId>],
    ) -> Eval<Vec<Option<Value>>> {
        values.iter().map(|it| it.map(|it| self.eval(scope, it)).transpose()).collect()
    }

    fn call_function(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        item: Item,
        args: &'db [Arg],
    ) -> Eval<Value> {
        let params = &signature(self.db, item).params;
        let names = params.iter().map(|it| it.name.as_str());
        let given = self.given(scope, &match_args(names, &[], args).by_param)?;
        let mut inner = self.scope(item, None)?;
        (inner.owner, inner.asker) = (scope.owner, scope.asker);
        let ItemKind::Fn { params, body, .. } = &inner.ast.kind else {
            return Err(self.unexpected(scope.place(id), "a call of something else"));
        };
        for (at, (param, given)) in params.iter().zip(given).enumerate() {
            let value = match (given, param.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.eval(&mut inner, default)?,
                (None, None) => Value::None,
            };
            inner.bindings.push((inner.inference.parameter(at), value));
        }
        self.eval(&mut inner, *body)
    }

    /// `Port(expr)`
    fn refine(&mut self, scope: &mut Scope<'db>, id: ExprId, args: &'db [Arg]) -> Eval<Value> {
        let Some(arg) = args.first() else {
            return Err(self.unexpected(scope.place(id), "a check without a value"));
        };
        let value = self.eval(scope, arg.value)?;
        let place = scope.place(arg.value);
        self.convert(value, scope.inference.ty(id), (scope.owner, place))
    }

    fn call_declaration(
        &mut self,
        scope: &mut Scope<'db>,
        item: Item,
        args: &'db [Arg],
    ) -> Eval<Value> {
        let names = signature(self.db, item).params.iter().map(|it| it.name.as_str());
        let matched = match_args(names, matrix_axes(self.db, item), args);
        let args = matched.by_param.into_iter();
        let args = args.map(|it| it.map(|it| self.handed_to(scope, item, it)).transpose());
        let args = args.collect::<Eval<_>>()?;
        let axes = matched.axes.into_iter();
        let axes = axes.map(|(axis, it)| Ok((axis, self.handed_to(scope, item, it)?)));
        let axes = axes.collect::<Eval<_>>()?;
        Ok(Value::Reference(Rc::new(Reference { item, args, axes })))
    }

    /// What a task or a service is called with; its paths count from the package of who is called.
    fn handed_to(&mut self, scope: &mut Scope<'db>, callee: Item, expr: ExprId) -> Eval<Value> {
        let value = self.eval(scope, expr)?;
        let package = package_dir(self.db, callee.file(self.db));
        self.keep_inside(&value, package, |_| scope.place(expr))?;
        Ok(value)
    }

    fn tag(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        name: SmolStr,
        args: &'db [Arg],
    ) -> Eval<Value> {
        let Some(tag) = find_tag(scope.inference.ty(id), &name) else {
            return Err(self.unexpected(scope.place(id), "a tag of an unknown type"));
        };
        let names = tag.fields.iter().map(|it| it.name.as_str());
        let given = self.given(scope, &match_args(names, &[], args).by_param)?;
        let entries = tag.fields.iter().zip(given);
        let fields: Record =
            entries.filter_map(|(field, value)| Some((field.name.clone(), value?))).collect();
        let value = Value::Tag(Rc::new(Tag { name, fields }));
        self.convert(value, &Ty::Tag(tag), (scope.owner, scope.place(id)))
    }

    /// A method, or a property that is read like a field.
    pub(super) fn method(
        &mut self,
        base: &Value,
        name: &str,
        args: &[Value],
        (owner, place): (Option<InstanceId>, Place),
    ) -> Eval<Value> {
        let view = self.view(owner);
        let placed = std::iter::once(base).chain(args);
        let placed = placed.filter(|it| matches!(it, Value::PlacedText(_)));
        self.pay(placed.map(own_bytes).sum(), place)?;
        let base = &view.plain(base);
        // What joins a list keeps its paths; what is looked for in a text, or put into it, is letters.
        let letters: Vec<Value>;
        let args = match base {
            Value::Text(_) => {
                letters = args.iter().map(|it| view.plain(it)).collect();
                &letters
            }
            _ => args,
        };
        match name {
            "contains" => self.pay_for_whole(base, place)?,
            _ => self.pay(method_bytes(base, name, args), place)?,
        }
        let result = match base {
            Value::Text(text) => text_method(&view, text, name, args),
            Value::List(elements) => list_method(&view, elements, name, args),
            Value::Record(record) => record_method(record, name),
            Value::Path(path) => path_property(path, name),
            Value::Duration(it) if name == "seconds" => Some(Value::Float(*it as f64 / 1e9)),
            Value::Size(it) if name == "bytes" => Some(Value::Int(*it)),
            _ => None,
        };
        result.ok_or_else(|| self.unexpected(place, "a method that is not there"))
    }
}

/// The result of a method on a value that was found without a plan, if it can be found so.
pub fn known_method(base: &Known, name: &str, args: &[Known]) -> Option<Known> {
    /// What is longer is for the plan to find out, which has a budget.
    const RESULT_BYTES_MAX: usize = 1 << 20;

    let args = args.iter().map(of_known).collect::<Option<Vec<Value>>>()?;
    let base = of_known(base)?;
    if method_bytes(&base, name, &args) > RESULT_BYTES_MAX {
        return None;
    }
    let result = match base {
        Value::Text(text) => {
            text_method(&View::Nowhere, &text, name, &args).or_else(|| path_property(&text, name))
        }
        Value::List(elements) => list_method(&View::Nowhere, &elements, name, &args),
        _ => None,
    };
    to_known(&result?)
}

fn of_known(known: &Known) -> Option<Value> {
    Some(match known {
        Known::None => Value::None,
        Known::Bool(it) => Value::Bool(*it),
        Known::Int(it) => Value::Int(*it),
        Known::Text(it) => Value::Text(it.clone()),
        Known::List(them) => Value::list(them.iter().map(of_known).collect::<Option<_>>()?),
        // Of an amount the unit is not known.
        Known::Unknown | Known::Default | Known::Amount(_) | Known::Symbol(..) => return None,
    })
}

fn to_known(value: &Value) -> Option<Known> {
    Some(match value {
        Value::None => Known::None,
        Value::Bool(it) => Known::Bool(*it),
        Value::Int(it) => Known::Int(*it),
        Value::Text(it) | Value::Path(it) => Known::Text(it.clone()),
        Value::List(them) => Known::List(them.iter().map(to_known).collect::<Option<_>>()?),
        _ => return None,
    })
}

fn find_tag(ty: &Ty, name: &str) -> Option<std::sync::Arc<TagTy>> {
    ty.members().iter().find_map(|member| match member.bare() {
        Ty::Tag(tag) if tag.name == name => Some(tag.clone()),
        _ => None,
    })
}

/// A length as a number; nothing in memory is longer than that.
fn length(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn text_method(view: &View<'_>, text: &str, name: &str, args: &[Value]) -> Option<Value> {
    let argument = |at: usize| args.get(at).and_then(|it| view.letters(it));
    Some(match name {
        "len" => length(text.chars().count()),
        "trim" => Value::text(text.trim()),
        "upper" => Value::text(text.to_uppercase()),
        "lower" => Value::text(text.to_lowercase()),
        "replace" => Value::text(text.replace(&*argument(0)?, &argument(1)?)),
        "split" => {
            let separator = argument(0)?;
            let parts: Vec<Value> = if separator.is_empty() {
                text.chars().map(|it| Value::text(SmolStr::from_iter([it]))).collect()
            } else {
                text.split(&*separator).map(Value::text).collect()
            };
            Value::list(parts)
        }
        "starts_with" => Value::Bool(text.starts_with(&*argument(0)?)),
        "ends_with" => Value::Bool(text.ends_with(&*argument(0)?)),
        "contains" => Value::Bool(text.contains(&*argument(0)?)),
        _ => return None,
    })
}

fn list_method(view: &View<'_>, elements: &[Value], name: &str, args: &[Value]) -> Option<Value> {
    Some(match name {
        "len" => length(elements.len()),
        "join" => {
            let separator = pieces_of(args.first()?)?;
            let mut pieces = Vec::new();
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    push_pieces(&mut pieces, &separator);
                }
                push_pieces(&mut pieces, &pieces_of(element)?);
            }
            Value::joined(pieces)
        }
        "contains" => {
            let wanted = args.first()?;
            Value::Bool(elements.iter().any(|it| view.are_equal(it, wanted)))
        }
        _ => return None,
    })
}

fn record_method(record: &Record, name: &str) -> Option<Value> {
    Some(match name {
        "keys" => Value::list(record.iter().map(|(key, _)| Value::Text(key.clone())).collect()),
        "values" => Value::list(record.iter().map(|(_, value)| value.clone()).collect()),
        _ => return None,
    })
}

fn path_property(path: &SmolStr, name: &str) -> Option<Value> {
    let trimmed = path.trim_end_matches('/');
    let (parent, file) = match trimmed.rsplit_once('/') {
        Some((parent, file)) => (Some(parent), file),
        None => (None, trimmed),
    };
    // A leading dot begins a hidden name, not an extension.
    let dot = file.rfind('.').filter(|at| *at > 0);
    let (stem, ext) = match dot.map(|at| file.split_at(at)) {
        Some((stem, ext)) => (stem, ext.strip_prefix('.')),
        None => (file, None),
    };
    Some(match name {
        "name" => Value::text(file),
        "stem" => Value::text(stem),
        "ext" => ext.map_or(Value::None, Value::text),
        "parent" => Value::Path(match parent {
            Some("/" | "") if path.starts_with("//") => SmolStr::new_static("//"),
            Some(parent) => parent.into(),
            None => SmolStr::new_static("."),
        }),
        _ => return None,
    })
}
