//! Texts with holes, argv commands and scripts.
//!
//! A path in a hole stays a path, so that whatever process reads the text finds it from where it starts;
//! see [`super::view`]. A secret in a hole makes the whole text secret; in an argument it is refused.

use std::borrow::Cow;
use std::rc::Rc;

use rush_plan::{Glob, Interpreter};
use rush_syntax::ast::{Expr, ExprId, Part};
use smol_str::SmolStr;

use super::cost::own_bytes;
use super::given::push_behind;
use super::report;
use super::session::{Eval, Place, Scope, Session, Stop};
use super::value::{Command, Piece, Script, Value, push_piece};
use super::view::View;
use crate::argv;
use crate::ty::Ty;

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
        let view = self.view(scope.owner);
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text { value, .. } => push_behind(&mut text, value),
                Part::Hole { value, .. } => {
                    let hole = self.eval(scope, *value)?;
                    self.pay(own_bytes(&hole), scope.place(*value))?;
                    let spelled =
                        if text.is_empty() { view.as_path(&hole) } else { view.letters(&hole) };
                    let plain = spelled.or_else(|| plain_text(&hole).map(Cow::Owned));
                    let Some(plain) = plain else {
                        return Err(self.no_text(&hole, scope.place(*value)));
                    };
                    if is_glob && !matches!(hole, Value::Glob(_)) {
                        push_behind(&mut text, &Glob::escape(&plain));
                    } else {
                        push_behind(&mut text, &plain);
                    }
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
                Part::Text { value, .. } => push_piece(&mut pieces, Piece::Text(value.to_string())),
                Part::Hole { value, .. } => {
                    let place = scope.place(*value);
                    let hole = self.eval(scope, *value)?;
                    self.pay(own_bytes(&hole), place)?;
                    match hole {
                        Value::Secret(item) => pieces.push(Piece::Secret(item)),
                        Value::SecretText(inner) => push_pieces(&mut pieces, &inner),
                        value => self.push_hole(&mut pieces, &value, place)?,
                    }
                }
            }
        }
        Ok(Value::joined(pieces))
    }

    fn no_text(&mut self, value: &Value, place: Place) -> Stop {
        let span = place.span(self.db);
        self.fail(match value {
            Value::Secret(_) | Value::SecretText(_) => report::secret_leak(span),
            other => report::no_text_form(span, other.kind()),
        })
    }

    /// Appends what a hole comes to.
    fn push_hole(&mut self, pieces: &mut Vec<Piece>, value: &Value, place: Place) -> Eval<()> {
        match pieces_of(value) {
            Some(of_value) => push_pieces(pieces, &of_value),
            None => return Err(self.no_text(value, place)),
        }
        Ok(())
    }

    /// A value that a command gets as it is, if it has a text form.
    fn word(&mut self, value: Value, place: Place) -> Eval<Value> {
        if View::Nowhere.text(&value).is_some() {
            Ok(value)
        } else {
            Err(self.no_text(&value, place))
        }
    }

    /// A list that is joined as part of a command.
    pub(super) fn warn_of_joined(&mut self, scope: &Scope<'db>, id: ExprId, elements: &[Value]) {
        if elements.iter().any(|it| matches!(it, Value::Glob(_))) && is_in_command(scope, id) {
            let place = scope.place(id);
            elements.iter().for_each(|it| self.warn_of_pattern(it, place));
        }
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
        self.warn(report::pattern_as_argument(place.span(self.db), shown));
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
                pieces => words.push(self.joined_word(scope, pieces)?),
            }
        }
        let is_empty = |it: &Value| it.as_text().is_some_and(SmolStr::is_empty);
        if words.first().is_none_or(is_empty) {
            let span = scope.place(id).span(self.db);
            return Err(self.fail(report::no_program(span)));
        }
        Ok(Value::Command(Rc::new(Command::Argv(words))))
    }

    fn joined_word(&mut self, scope: &mut Scope<'db>, word: &[argv::Piece]) -> Eval<Value> {
        let mut pieces = Vec::with_capacity(word.len());
        for piece in word {
            match piece {
                argv::Piece::Text { value, .. } => {
                    push_piece(&mut pieces, Piece::Text(value.to_string()));
                }
                argv::Piece::Hole { expr, .. } | argv::Piece::Spread { expr, .. } => {
                    let value = self.eval(scope, *expr)?;
                    let place = scope.place(*expr);
                    self.pay(own_bytes(&value), place)?;
                    self.warn_of_pattern(&value, place);
                    self.push_hole(&mut pieces, &value, place)?;
                }
            }
        }
        Ok(Value::joined(pieces))
    }

    /// `${...list}`: an argument for each element.
    fn spread(&mut self, scope: &mut Scope<'db>, expr: ExprId, words: &mut Vec<Value>) -> Eval<()> {
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
            words.push(self.word(element.clone(), place)?);
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
        let place = scope.place(id);
        let text = Value::text(texts.collect::<String>());
        let mut script = self.empty_script(place, tag, text)?;
        for (name, meaning) in scope.inference.captures.get(&id).into_iter().flatten() {
            let value = match self.meaning(scope, meaning, place)? {
                Value::None => Value::None,
                other => self.word(other, place)?,
            };
            script.variables.push((name.clone(), value));
        }
        Ok(Value::Command(Rc::new(Command::Script(script))))
    }

    /// A script without variables.
    pub(super) fn empty_script(&mut self, place: Place, tag: &str, text: Value) -> Eval<Script> {
        match Interpreter::from_tag(tag) {
            Some(interpreter) => {
                Ok(Script { interpreter, text, variables: Vec::new(), arguments: Vec::new() })
            }
            None => Err(self.unexpected(place, "a script in an unknown language")),
        }
    }

    /// `script.args(list)`
    pub(super) fn with_arguments(
        &mut self,
        place: Place,
        command: &Command,
        args: &[Value],
    ) -> Eval<Value> {
        self.pay(args.iter().map(own_bytes).sum(), place)?;
        let mut command = command.clone();
        for value in args.iter().flat_map(|it| match it {
            Value::List(elements) => elements.to_vec(),
            Value::None => Vec::new(),
            other => vec![other.clone()],
        }) {
            let word = self.word(value, place)?;
            match &mut command {
                Command::Script(script) => script.arguments.push(word),
                Command::Argv(words) => words.push(word),
            }
        }
        Ok(Value::Command(Rc::new(command)))
    }
}

/// What a value is as part of a text; `None` for what has no text form.
pub(super) fn pieces_of(value: &Value) -> Option<Vec<Piece>> {
    Some(match value {
        Value::Path(path) | Value::Glob(path) => vec![Piece::Path(path.clone())],
        Value::PlacedText(pieces) => pieces.to_vec(),
        other => vec![Piece::Text(plain_text(other)?)],
    })
}

/// The text form of a value that is the same from everywhere.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(it) => rush_plan::Value::Bool(*it).to_text(),
        Value::Int(it) => rush_plan::Value::Int(*it).to_text(),
        Value::Float(it) => rush_plan::Value::Float(*it).to_text(),
        Value::Duration(it) => rush_plan::Value::Duration(*it).to_text(),
        Value::Size(it) => Some(it.to_string()),
        other => other.as_text().map(ToString::to_string),
    }
}

pub(super) fn push_pieces(pieces: &mut Vec<Piece>, more: &[Piece]) {
    more.iter().for_each(|it| push_piece(pieces, it.clone()));
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
