//! Texts with holes, argv commands and scripts.
//!
//! A path in a hole is written so that a command finds it from its working directory. A secret in a
//! hole makes the whole text secret; in an argument it is refused.

use std::rc::Rc;

use rush_plan::{Command, Glob, Interpreter, Script, WorkspacePath};
use rush_syntax::ast::{Expr, ExprId, Part};
use smol_str::SmolStr;

use super::call::plain_text;
use super::cost::own_bytes;
use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Scope, Session, Unit};
use super::value::{Piece, Value};
use crate::argv;
use crate::ty::Ty;

/// Whether a path without `//` is rewritten when the working directory is not its package.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// A process, which sees its working directory.
    Command,
    /// More text, of which nobody knows what becomes of it.
    Text,
}

impl<'db> Session<'db> {
    /// A text with holes where a path or a pattern is expected: holes are taken literally.
    pub(super) fn text_by_context(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
    ) -> Eval<Option<Value>> {
        let Expr::Text(parts) = scope.ast.expr(id) else { return Ok(None) };
        let has_holes = parts.iter().any(|it| matches!(it, Part::Hole { .. }));
        let Some(ty) = scope.inference.conversions.get(&id).filter(|_| has_holes) else {
            return Ok(None);
        };
        let expects = |wanted: &Ty| ty.members().iter().any(|it| it.bare() == wanted);
        let is_glob = expects(&Ty::Glob);
        if ty.members().iter().any(|it| matches!(it.bare(), Ty::Text(_)))
            || !is_glob && !expects(&Ty::Path)
        {
            return Ok(None);
        }
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text { value, .. } => text.push_str(value),
                Part::Hole { value, .. } => {
                    let hole = self.eval(scope, *value)?;
                    self.pay(own_bytes(&hole), scope.place(*value))?;
                    let Some(plain) = plain_text(&hole) else {
                        return Err(self.no_text(&hole, scope.place(*value)));
                    };
                    // The root mark only means something at the very beginning.
                    let rest = if text.is_empty() { plain.strip_prefix("//") } else { None };
                    text.push_str(if rest.is_some() { "//" } else { "" });
                    let plain = rest.unwrap_or(&plain);
                    text.push_str(&if is_glob && !matches!(hole, Value::Glob(_)) {
                        Glob::escape(plain)
                    } else {
                        plain.to_owned()
                    });
                }
            }
        }
        Ok(Some(Value::text(text)))
    }

    pub(super) fn text(&mut self, scope: &mut Scope<'db>, parts: &'db [Part]) -> Eval<Value> {
        if let [Part::Text { value, .. }] = parts {
            return Ok(Value::Text(value.clone()));
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for part in parts {
            match part {
                Part::Text { value, .. } => push_text(&mut pieces, value),
                Part::Hole { value, .. } => {
                    let place = scope.place(*value);
                    let hole = self.eval(scope, *value)?;
                    self.pay(own_bytes(&hole), place)?;
                    match hole {
                        Value::Secret(item) => pieces.push(Piece::Secret(item)),
                        Value::SecretText(inner) => pieces.extend(inner.iter().cloned()),
                        value => {
                            let text = self.hole(scope.viewer, &value, Reader::Text, place)?;
                            push_text(&mut pieces, &text);
                        }
                    }
                }
            }
        }
        Ok(match pieces.as_slice() {
            [] => Value::text(""),
            [Piece::Text(text)] => Value::text(text.as_str()),
            _ => Value::SecretText(pieces.into()),
        })
    }

    fn no_text(&mut self, value: &Value, place: Place) -> super::session::Stop {
        let span = place.span(self.db);
        self.fail(match value {
            Value::Secret(_) | Value::SecretText(_) => report::secret_leak(span),
            other => report::no_text_form(span, other.kind()),
        })
    }

    /// The text form of a value in a hole.
    fn hole(
        &mut self,
        viewer: Option<InstanceId>,
        value: &Value,
        reader: Reader,
        place: Place,
    ) -> Eval<String> {
        match value {
            Value::Path(path) | Value::Glob(path) => self.seen_from_work(viewer, path, reader),
            other => plain_text(other).ok_or_else(|| self.no_text(other, place)),
        }
    }

    /// A list that is joined: paths and patterns in it become text as they do in a hole.
    pub(super) fn seen_from_owner(
        &mut self,
        scope: &Scope<'db>,
        id: ExprId,
        elements: &Rc<[Value]>,
    ) -> Eval<Value> {
        let is_place = |it: &Value| matches!(it, Value::Path(_) | Value::Glob(_));
        if !elements.iter().any(is_place) {
            return Ok(Value::List(Rc::clone(elements)));
        }
        let place = scope.place(id);
        let is_argument = is_in_command(scope, id);
        self.pay_for_elements(elements.len(), place)?;
        let texts = elements.iter().map(|it| {
            if !is_place(it) {
                return Ok(it.clone());
            }
            if is_argument {
                self.warn_of_pattern(it, place);
            }
            self.pay(own_bytes(it), place)?;
            self.hole(scope.viewer, it, Reader::Text, place).map(Value::text)
        });
        texts.collect::<Eval<_>>().map(Value::list)
    }

    /// Without a shell nobody replaces a pattern by names, so a program gets what a task declares as its
    /// outputs letter by letter. A pattern that is no such thing may be meant for the program.
    fn warn_of_pattern(&mut self, value: &Value, place: Place) {
        let Value::Glob(pattern) = value else { return };
        let mut is_escaped = false;
        let is_sign = |it: char| {
            let escapes = it == '\\' && !is_escaped;
            let was_escaped = std::mem::replace(&mut is_escaped, escapes);
            !was_escaped && matches!(it, '*' | '?' | '[' | '{')
        };
        let Some(shown) = pattern.strip_prefix("//").filter(|it| it.chars().any(is_sign)) else {
            return;
        };
        let warning = report::pattern_as_argument(place.span(self.db), shown);
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// A path as a command of the task finds it from its working directory.
    fn seen_from_work(
        &mut self,
        viewer: Option<InstanceId>,
        path: &str,
        reader: Reader,
    ) -> Eval<String> {
        let is_rooted = path.starts_with("//");
        if !is_rooted && reader == Reader::Text {
            return Ok(path.to_owned());
        }
        let Some(viewer) = viewer else {
            self.is_placeless = true;
            return Ok(path.to_owned());
        };
        let package = WorkspacePath::new(self.package_of(viewer)).unwrap_or_default();
        let work = self.working_directory(viewer, &package)?;
        if !is_rooted && work == package {
            return Ok(path.to_owned());
        }
        Ok(match package.join(path) {
            Ok(target) => target.relative_to(&work),
            // Leaving the workspace is reported where a path becomes part of the plan.
            Err(_) => path.to_owned(),
        })
    }

    /// Of all that find paths as `viewer` does, the one that was seen first.
    pub(super) fn first_with_the_sight_of(&mut self, viewer: InstanceId) -> Eval<InstanceId> {
        let package = WorkspacePath::new(self.package_of(viewer)).unwrap_or_default();
        let work = self.working_directory(viewer, &package)?;
        Ok(*self.viewers.entry((package, work)).or_insert(viewer))
    }

    fn working_directory(
        &mut self,
        owner: InstanceId,
        package: &WorkspacePath,
    ) -> Eval<WorkspacePath> {
        let unit = Unit::Field(owner, SmolStr::new_static("dir"));
        if self.is_running(&unit) {
            return Ok(package.clone());
        }
        let dir = self.force(&unit)?;
        let dir = dir.as_ref().and_then(Value::as_text).and_then(|it| package.join(it).ok());
        Ok(dir.unwrap_or_else(|| package.clone()))
    }

    /// `` `cargo build ${...flags}` ``
    pub(super) fn argv(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        parts: &'db [Part],
    ) -> Eval<Value> {
        let split = argv::split(parts, scope.item.text(self.db));
        let mut words = Vec::with_capacity(split.words.len());
        for word in &split.words {
            match word.pieces.as_slice() {
                [argv::Piece::Spread { expr, .. }] => self.spread(scope, *expr, &mut words)?,
                pieces => {
                    let mut text = String::new();
                    for piece in pieces {
                        match piece {
                            argv::Piece::Text { value, .. } => text.push_str(value),
                            argv::Piece::Hole { expr, .. } | argv::Piece::Spread { expr, .. } => {
                                let value = self.eval(scope, *expr)?;
                                let place = scope.place(*expr);
                                let viewer = scope.viewer;
                                self.pay(own_bytes(&value), place)?;
                                self.warn_of_pattern(&value, place);
                                text.push_str(&self.hole(
                                    viewer,
                                    &value,
                                    Reader::Command,
                                    place,
                                )?);
                            }
                        }
                    }
                    words.push(text);
                }
            }
        }
        if words.first().is_none_or(String::is_empty) {
            let span = scope.place(id).span(self.db);
            return Err(self.fail(report::no_program(span)));
        }
        Ok(Value::Command(Rc::new(Command::Argv { words })))
    }

    /// `${...list}`: an argument for each element.
    fn spread(
        &mut self,
        scope: &mut Scope<'db>,
        expr: ExprId,
        words: &mut Vec<String>,
    ) -> Eval<()> {
        let value = self.eval(scope, expr)?;
        let place = scope.place(expr);
        let elements = match &value {
            Value::None => &[],
            Value::List(elements) => &**elements,
            other => std::slice::from_ref(other),
        };
        self.pay_for_elements(elements.len(), place)?;
        for element in elements {
            self.warn_of_pattern(element, place);
            words.push(self.hole(scope.viewer, element, Reader::Command, place)?);
        }
        Ok(())
    }

    /// `sh"""..."""` with the values of scope its text uses.
    pub(super) fn script(
        &mut self,
        scope: &mut Scope<'db>,
        id: ExprId,
        tag: &str,
        body: &'db [Part],
    ) -> Eval<Value> {
        let texts = body.iter().map(|part| match part {
            Part::Text { value, .. } => value.as_str(),
            Part::Hole { .. } => "",
        });
        let mut script = self.empty_script(scope.place(id), tag, texts.collect())?;
        for (name, meaning) in scope.inference.captures.get(&id).into_iter().flatten() {
            let place = scope.place(id);
            let value = self.meaning(scope, meaning, place)?;
            let text = match &value {
                Value::None => None,
                other => Some(self.hole(scope.viewer, other, Reader::Command, place)?),
            };
            script.variables.insert(name.to_string(), text);
        }
        Ok(Value::Command(Rc::new(Command::Script(script))))
    }

    /// A script without variables.
    pub(super) fn empty_script(&mut self, place: Place, tag: &str, text: String) -> Eval<Script> {
        match Interpreter::from_tag(tag) {
            Some(interpreter) => Ok(Script {
                interpreter,
                text,
                variables: std::collections::BTreeMap::new(),
                arguments: Vec::new(),
            }),
            None => Err(self.unexpected(place, "a script in an unknown language")),
        }
    }

    /// `script.args(list)`
    pub(super) fn with_arguments(
        &mut self,
        scope: &Scope<'db>,
        id: ExprId,
        command: &Command,
        args: &[Value],
    ) -> Eval<Value> {
        let place = scope.place(id);
        self.pay(args.iter().map(own_bytes).sum(), place)?;
        let mut command = command.clone();
        for value in args.iter().flat_map(|it| match it {
            Value::List(elements) => elements.to_vec(),
            Value::None => Vec::new(),
            other => vec![other.clone()],
        }) {
            let text = self.hole(scope.viewer, &value, Reader::Command, place)?;
            match &mut command {
                Command::Script(script) => script.arguments.push(text),
                Command::Argv { words } => words.push(text),
            }
        }
        Ok(Value::Command(Rc::new(command)))
    }
}

/// Whether an expression is part of a command without a shell.
fn is_in_command(scope: &Scope<'_>, id: ExprId) -> bool {
    let range = scope.ast.expr_range(id);
    let mut all = (0..scope.ast.expr_count()).map(|at| ExprId(at as u32));
    all.any(|it| {
        matches!(scope.ast.expr(it), Expr::Command(_))
            && scope.ast.expr_range(it).contains_range(range)
    })
}

/// Appends text, joined with text before it.
fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}
