//! The functions of Rush, and the values of file-level definitions, where the outside world enters.

use std::rc::Rc;

use rush_plan::{Glob, ReadKey, ReadValue, WorkspacePath};
use rush_syntax::ast::{Arg, ExprId, ItemKind};
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::session::{Eval, Scope, Session, Stop};
use super::value::{Command, Value};
use super::{UsageError, parse_text, report};
use crate::builtins::Builtin;
use crate::db::Item;
use crate::names::{
    Namespace, declarations, label, named_in_packages, package_dir, packages_matching,
    undeclared_by,
};
use crate::signature::value_type;
use crate::ty::{Ty, strip_none};

impl<'db> Session<'db> {
    pub(super) fn builtin(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        function: Builtin,
        args: &'db [Arg],
    ) -> Eval<Value> {
        let values = args.iter().map(|arg| self.eval(scope, arg.value));
        let values: Vec<Value> = values.collect::<Eval<_>>()?;
        let place = scope.place(id);
        let view = self.view(scope.owner);
        let text = |at: usize| Some(SmolStr::from(view.letters(values.get(at)?)?));
        let (Some(value), Some(first)) = (values.first(), text(0)) else {
            return Err(self.unexpected(place, "a function without a text"));
        };
        match function {
            Builtin::Env => self.read_env(scope, id, &first),
            Builtin::File => self.read_file(scope, id, &view.as_path(value).unwrap_or_default()),
            Builtin::Files => self.list_files(scope, id, &view.as_path(value).unwrap_or_default()),
            Builtin::Flag => Ok(match values.get(1) {
                None | Some(Value::None) => Value::list(Vec::new()),
                Some(given) => Value::list(vec![value.clone(), given.clone()]),
            }),
            Builtin::All => Ok(self.all(scope.item, &first, &text(1).unwrap_or_default())),
            Builtin::Raw(tag) => {
                let script = self.empty_script(place, tag, value.clone())?;
                Ok(Value::Command(Rc::new(Command::Script(script))))
            }
            Builtin::Path => self.convert(value.clone(), &Ty::Path, (scope.owner, place)),
            Builtin::Glob => self.convert(value.clone(), &Ty::Glob, (scope.owner, place)),
        }
    }

    fn read_env(&mut self, scope: &Scope<'db>, id: ExprId, name: &SmolStr) -> Eval<Value> {
        self.read_text(scope, id, ReadKey::Env(name.to_string()))
    }

    fn read_file(&mut self, scope: &Scope<'db>, id: ExprId, path: &str) -> Eval<Value> {
        let package = WorkspacePath::new(package_dir(self.db, scope.item.file(self.db)));
        match package.and_then(|it| it.join(path)) {
            Ok(path) => self.read_text(scope, id, ReadKey::File(path)),
            Err(error) => {
                let span = scope.place(id).span(self.db);
                Err(self.fail(report::outside(span, path, error)))
            }
        }
    }

    /// A text from outside, read as a value of the type that is expected.
    fn read_text(&mut self, scope: &Scope<'db>, id: ExprId, key: ReadKey) -> Eval<Value> {
        let what = key.to_string();
        let place = scope.place(id);
        let text = match self.read(key) {
            None => return Err(Stop::Needs),
            Some(ReadValue::Absent | ReadValue::Names(_)) => return Ok(Value::None),
            Some(ReadValue::Unreadable(why)) => {
                let span = place.span(self.db);
                return Err(self.fail(report::bad_read(span, &what, &why)));
            }
            Some(ReadValue::Text(text)) => text,
        };
        let text =
            text.strip_suffix('\n').map_or(text.as_str(), |it| it.strip_suffix('\r').unwrap_or(it));
        let ty = strip_none(scope.inference.ty(id));
        let ty = if ty.is_error() || ty == Ty::Never { Ty::TEXT } else { ty };
        parse_text::parse(self.db, text, &ty).map_err(|problem| {
            let span = place.span(self.db);
            self.fail(report::bad_text_from(span, &what, &problem))
        })
    }

    /// `files("src/*.c")`: names, relative to the package when they lie in it.
    fn list_files(&mut self, scope: &Scope<'db>, id: ExprId, pattern: &str) -> Eval<Value> {
        let place = scope.place(id);
        let package = match scope.owner {
            Some(owner) => self.package_of(owner),
            None => package_dir(self.db, scope.item.file(self.db)),
        };
        let package = WorkspacePath::new(package).unwrap_or_default();
        let resolved = match Glob::parse(pattern).map(|it| it.resolve(&package)) {
            Ok(Ok(glob)) => glob.as_str().to_owned(),
            Ok(Err(error)) => {
                let span = place.span(self.db);
                return Err(self.fail(report::outside(span, pattern, error)));
            }
            Err(error) => {
                let span = place.span(self.db);
                return Err(self.fail(report::bad_glob(span, pattern, &error.message)));
            }
        };
        let key = ReadKey::Files(resolved);
        let what = key.to_string();
        let names = match self.read(key) {
            None => return Err(Stop::Needs),
            Some(ReadValue::Names(names)) => names,
            Some(ReadValue::Text(_) | ReadValue::Absent) => Vec::new(),
            Some(ReadValue::Unreadable(why)) => {
                let span = place.span(self.db);
                return Err(self.fail(report::bad_read(span, &what, &why)));
            }
        };
        let is_local = |path: &WorkspacePath| scope.owner.is_some() && path.is_inside(&package);
        let paths = names.iter().map(|path| {
            Value::Path(if is_local(path) {
                path.relative_to(&package).into()
            } else {
                format!("//{path}").into()
            })
        });
        Ok(Value::list(paths.collect()))
    }

    /// `all("//packages/*", "test")`: the task of each matching package that has one.
    fn all(&mut self, from: Item, pattern: &str, task: &str) -> Value {
        let here = package_dir(self.db, from.file(self.db));
        for (_, file) in packages_matching(self.db, here, pattern) {
            for broken in undeclared_by(self.db, file, task) {
                // Its mistake is reported: without it, a task would be left out in silence.
                let _ = self.enter(broken);
            }
        }
        let found = named_in_packages(self.db, here, pattern, task);
        Value::list(found.into_iter().map(Value::reference).collect())
    }

    /// The value of a file-level `let` or `param`; called through its unit.
    pub(super) fn item_value(&mut self, item: Item, asker: Option<InstanceId>) -> Eval<Value> {
        let mut scope = Scope { asker, ..self.scope(item, None)? };
        match &scope.ast.kind {
            ItemKind::Let(it) => self.eval(&mut scope, it.value),
            ItemKind::Param(_) => self.param_value(item),
            _ => Err(self.unexpected(super::session::Place::name_of(self.db, item), "no value")),
        }
    }

    /// `--set` and flags first, then the profile, then the default.
    fn param_value(&mut self, item: Item) -> Eval<Value> {
        let name = item.name(self.db).clone();
        let ty = value_type(self.db, item);
        let request = self.request;
        let qualified = label(self.db, item);
        let set = request.goal.set.get(&qualified).or_else(|| request.goal.set.get(name.as_str()));
        if let Some(texts) = set {
            let parsed = parse_text::parse_texts(self.db, texts.as_slice(), ty);
            return self.accept(&format!("--set {name}"), parsed);
        }
        if let Some(given) = request.goal.params.get(name.as_str())
            && self.param_flags.contains(name.as_str())
        {
            let parsed = parse_text::parse_given(self.db, given, ty);
            return self.accept(&super::request::flag(&name), parsed);
        }
        if let Some(value) = self.profile_value(item, &name)? {
            return Ok(value);
        }
        let mut scope = self.scope(item, None)?;
        let ItemKind::Param(param) = &scope.ast.kind else {
            let place = super::session::Place::name_of(self.db, item);
            return Err(self.unexpected(place, "no parameter"));
        };
        match param.default {
            Some(default) => self.eval(&mut scope, default),
            None if ty.may_be_none() => Ok(Value::None),
            None => {
                self.usage(UsageError {
                    help: Some(format!("give one with `--set {name}=..`")),
                    ..UsageError::new(format!("`{name}` needs a value"))
                });
                Err(Stop::Failed)
            }
        }
    }

    /// Reports what is wrong with a value from the command line.
    pub(super) fn accept(
        &mut self,
        what: &str,
        parsed: Result<Value, super::convert::Problem>,
    ) -> Eval<Value> {
        parsed.map_err(|problem| {
            self.usage(UsageError {
                help: problem.help,
                ..UsageError::new(format!("`{what}`: {}", problem.message))
            });
            Stop::Failed
        })
    }

    /// What the chosen profile of the parameter's file says.
    fn profile_value(&mut self, param: Item, name: &str) -> Eval<Option<Value>> {
        let Some(profile) = self.profile_in(param.file(self.db)) else { return Ok(None) };
        let mut scope = self.scope(profile, None)?;
        let Some(field) = scope.ast.field(name) else { return Ok(None) };
        let value = self.eval(&mut scope, field.value)?;
        let is_absent = value == Value::None && !value_type(self.db, param).may_be_none();
        Ok((!is_absent).then_some(value))
    }

    /// The chosen profile as one file declares it.
    pub(super) fn profile_in(&self, file: crate::db::SourceFile) -> Option<Item> {
        let name = self.request.goal.profile.as_deref()?;
        declarations(self.db, file, Namespace::Profiles, name).first().copied()
    }
}
