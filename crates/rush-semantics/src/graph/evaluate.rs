//! Evaluation of sketches with what is known when a file is checked.
//!
//! What is not known stays unknown and never makes a value wrong: a condition that may be either way
//! gives both values, a list that may have more elements says so. Nothing here fails; a budget of
//! steps and of depth ends what would take too long, and the answer is "may need anything" then.

use std::sync::Arc;

use rush_syntax::ast::BinaryOp;
use smol_str::SmolStr;

use super::fold;
use super::sketch::sketch;
use super::term::{Entry, Piece, RecordEntry, Sketch, Term, Texts};
use super::value::{List, ListItem, TextPiece, Value, element, literally, member, spread, sum};
use super::{Arguments, Call, Known};
use crate::db::{Db, Item};
use crate::names::{EXTENDS_MAX, named_in_packages, package_dir};

/// How many steps one declaration may take.
const STEPS_MAX: u32 = 20_000;
/// How deeply evaluation nests, functions and `let`s included.
const DEPTH_MAX: u32 = 150;

/// How much one declaration may copy. A value that is used twice is there twice, so a list that is
/// doubled again and again takes few steps and much memory.
const COPIED_BYTES_MAX: usize = 4 << 20;

/// The outputs of a task are read.
#[derive(Debug)]
pub struct OutputsRead {
    /// Of which task.
    pub of: Call,
    /// Whether they are read in every plan.
    pub is_certain: bool,
}

/// A declaration with arguments and what it extends, ready to be asked for fields.
pub struct Evaluator<'db> {
    pub db: &'db dyn Db,
    /// The directory of the package that patterns belong to.
    pub package: &'db SmolStr,
    frames: Vec<Frame<'db>>,
    at: usize,
    scope: Vec<(SmolStr, Value)>,
    axes: Vec<(SmolStr, Option<Arc<[SmolStr]>>)>,
    uncertain: u32,
    /// The arguments that were read for the hole that is evaluated.
    arguments: Arguments,
    depth: u32,
    steps: u32,
    copied_bytes: usize,
    /// The outputs that were read so far.
    pub reads: Vec<OutputsRead>,
    /// Whether something was given up, so that any task may be needed.
    pub is_cut: bool,
}

/// One declaration, `let` or `fn` that is being evaluated.
struct Frame<'db> {
    item: Item,
    sketch: &'db Sketch,
    args: Vec<Value>,
    base: Option<usize>,
}

/// A field as a declaration has it.
pub enum Written<'db> {
    /// Nobody wrote it.
    Absent,
    /// It is written in the body of this frame.
    Term(usize, &'db Term),
    /// It comes out of a spread.
    Value(usize, Value),
}

impl<'db> Evaluator<'db> {
    /// The declaration of a call, with the sketch of it, and what it extends.
    pub fn new(db: &'db dyn Db, call: &Call, sketch: &'db Sketch) -> Self {
        let package = package_dir(db, call.item.file(db));
        let mut evaluator = Self {
            db,
            package,
            frames: Vec::with_capacity(1),
            at: 0,
            scope: Vec::new(),
            axes: Vec::new(),
            uncertain: 0,
            arguments: Arguments::NONE,
            depth: 0,
            steps: 0,
            copied_bytes: 0,
            reads: Vec::new(),
            is_cut: false,
        };
        let args = sketch.params.iter().zip(&call.args);
        let args = args.map(|(param, it)| Value::of_known(it, param.texts)).collect();
        evaluator.add_sketch(call.item, sketch, args);
        evaluator.extend();
        evaluator.find_axes();
        evaluator
    }

    fn add_frame(&mut self, item: Item, args: Vec<Value>) -> usize {
        self.add_sketch(item, sketch(self.db, item), args)
    }

    fn add_sketch(&mut self, item: Item, sketch: &'db Sketch, args: Vec<Value>) -> usize {
        self.is_cut |= sketch.is_cut;
        self.frames.push(Frame { item, sketch, args, base: None });
        self.frames.len() - 1
    }

    fn extend(&mut self) {
        let mut top = 0;
        while let Some(frame) = self.frames.get(top) {
            let Some((base, args)) = &frame.sketch.extends else { break };
            if self.frames.len() > EXTENDS_MAX || self.frames.iter().any(|it| it.item == *base) {
                break;
            }
            let args = self.within(top, |it| it.uncertainly(|it| it.args(args)));
            let args = self.completed(*base, &args);
            let next = self.add_frame(*base, args);
            if let Some(frame) = self.frames.get_mut(top) {
                frame.base = Some(next);
            }
            top = next;
        }
    }

    /// Arguments with defaults in place of those that were left out.
    fn completed(&mut self, item: Item, args: &[Option<Value>]) -> Vec<Value> {
        let params = &sketch(self.db, item).params;
        let frame = self.add_frame(item, Vec::new());
        for (at, param) in params.iter().enumerate() {
            let given = args.get(at).cloned().flatten();
            let value = match (given, &param.default) {
                (Some(Value::Text(pieces)), _) if param.texts == Texts::Paths => {
                    Value::Text(literally(pieces))
                }
                (Some(value), _) => value,
                (None, Some(default)) => self.within(frame, |it| it.eval(default)),
                (None, None) if param.is_rest => Value::List(List::default()),
                (None, None) => Value::Unknown,
            };
            if let Some(frame) = self.frames.get_mut(frame) {
                frame.args.push(value);
            }
        }
        self.frames.pop().map(|it| it.args).unwrap_or_default()
    }

    fn find_axes(&mut self) {
        let found = self.field("matrix");
        let Some(Value::Record(axes)) = self.written(found) else { return };
        for (name, value) in axes {
            let Value::List(list) = value else { continue };
            let is_known = !list.is_open && list.items.iter().all(|it| it.is_certain);
            let texts = list.items.iter().map(|it| it.value.whole_text());
            let texts = texts.collect::<Option<Vec<_>>>().filter(|_| is_known);
            self.axes.push((name, texts.map(Arc::from)));
        }
    }

    /// The axes with at least two cells, when nothing adds or takes away cells.
    pub fn sure_axes(&self) -> Vec<SmolStr> {
        if self.axes.iter().any(|(name, _)| name == "include" || name == "exclude") {
            return Vec::new();
        }
        if self.axes.iter().any(|(_, texts)| texts.is_none()) {
            return Vec::new();
        }
        let many = self.axes.iter().filter(|(_, texts)| {
            let texts = texts.as_deref().unwrap_or_default();
            texts.first().is_some_and(|first| texts.iter().any(|it| it != first))
        });
        many.map(|(name, _)| name.clone()).collect()
    }

    /// The item of a frame.
    pub fn item_of(&self, frame: usize) -> Option<Item> {
        self.frames.get(frame).map(|it| it.item)
    }

    /// Every frame of the declaration, itself first.
    pub fn chain(&self) -> std::ops::Range<usize> {
        0..self.frames.len()
    }

    /// The sketch of a frame.
    pub fn sketch_of(&self, frame: usize) -> Option<&'db Sketch> {
        self.frames.get(frame).map(|it| it.sketch)
    }

    /// Where a field of the declaration is written.
    pub fn field(&mut self, name: &str) -> Written<'db> {
        self.field_from(Some(0), name)
    }

    fn field_from(&mut self, from: Option<usize>, name: &str) -> Written<'db> {
        let mut frame = from;
        while let Some((at, found)) = frame.and_then(|at| Some((at, self.frames.get(at)?))) {
            let (sketch, base) = (found.sketch, found.base);
            for member in sketch.members.iter().rev() {
                match member {
                    RecordEntry::Field(it, term) if it == name => return Written::Term(at, term),
                    RecordEntry::Field(..) | RecordEntry::Let(..) => {}
                    RecordEntry::Spread(term) => match self.within(at, |it| it.eval(term)) {
                        Value::Record(fields) => {
                            let field = fields.into_iter().find(|(it, _)| it == name);
                            if let Some((_, value)) = field {
                                return Written::Value(at, value);
                            }
                        }
                        _ => return Written::Value(at, Value::Unknown),
                    },
                }
            }
            frame = base;
        }
        Written::Absent
    }

    /// The value of a field; `None` when nobody wrote it.
    pub fn written(&mut self, written: Written<'db>) -> Option<Value> {
        match written {
            Written::Absent => None,
            Written::Value(_, value) => Some(value),
            Written::Term(frame, term) => Some(self.within(frame, |it| it.eval(term))),
        }
    }

    /// Evaluates in another frame, where nothing but its own names is in scope.
    pub fn within<T>(&mut self, frame: usize, run: impl FnOnce(&mut Self) -> T) -> T {
        let scope = std::mem::take(&mut self.scope);
        let before = std::mem::replace(&mut self.at, frame);
        let result = run(self);
        self.at = before;
        self.scope = scope;
        result
    }

    /// Evaluates what is not evaluated in every plan.
    pub fn uncertainly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.uncertain += 1;
        let result = run(self);
        self.uncertain -= 1;
        result
    }

    fn args(&mut self, args: &'db [Option<Term>]) -> Vec<Option<Value>> {
        args.iter().map(|it| it.as_ref().map(|it| self.eval(it))).collect()
    }

    /// The value of a term in the current frame.
    pub fn eval(&mut self, term: &'db Term) -> Value {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.depth >= DEPTH_MAX {
            self.is_cut = true;
            return Value::Unknown;
        }
        self.depth += 1;
        let value = self.eval_unguarded(term);
        self.depth -= 1;
        value
    }

    fn eval_unguarded(&mut self, term: &'db Term) -> Value {
        match term {
            Term::Unknown(inner) => {
                inner.iter().for_each(|it| drop(self.eval(it)));
                Value::Unknown
            }
            Term::None => Value::None,
            Term::Bool(value) => Value::Bool(*value),
            Term::Int(value) => Value::Int(*value),
            Term::Amount(value) => Value::Amount(*value),
            Term::Text(pieces) => self.text(pieces),
            Term::Name(name) => self.name(name),
            Term::Let(item) => self.applied(*item, Vec::new()),
            Term::Apply(item, args) => {
                let args = self.args(args);
                let args = self.completed(*item, &args);
                self.applied(*item, args)
            }
            Term::Call(item, args) => Value::Call(self.call(*item, args)),
            Term::All { packages, task } => self.all(packages, task),
            Term::Tag(name, args) => {
                let args = args.iter().map(|(name, it)| (name.clone(), self.eval(it)));
                Value::Tag(name.clone(), args.collect())
            }
            Term::Path(inner) => match self.eval(inner) {
                Value::Text(pieces) => Value::Text(literally(pieces)),
                _ => Value::Unknown,
            },
            Term::Glob(inner) => self.eval(inner).whole_text().map_or(Value::Unknown, Value::text),
            Term::Outputs(of) => self.outputs(of),
            Term::Member(base, name) => member(self.eval(base), name),
            Term::Method(base, name, args) => {
                let base = self.eval(base);
                let args: Vec<Value> = args.iter().map(|it| self.eval(it)).collect();
                fold::method(&base, name, &args)
            }
            Term::Index(base, index) => {
                let base = self.eval(base);
                let index = self.eval(index);
                element(base, &index)
            }
            Term::Axis(name) => self.axis(name),
            Term::Inherited(name) => {
                let base = self.frames.get(self.at).and_then(|it| it.base);
                let found = self.field_from(base, name);
                self.written(found).unwrap_or(match name.as_str() {
                    "needs" | "steps" | "after" | "outputs" => Value::List(List::default()),
                    _ => Value::Unknown,
                })
            }
            Term::List(entries) => self.list(entries),
            Term::Record(entries) => self.record(entries),
            Term::Not(inner) => match self.eval(inner) {
                Value::Bool(value) => Value::Bool(!value),
                _ => Value::Unknown,
            },
            Term::Negate(inner) => match self.eval(inner) {
                Value::Int(value) => value.checked_neg().map_or(Value::Unknown, Value::Int),
                _ => Value::Unknown,
            },
            Term::Binary(op, left, right) => self.binary(*op, left, right),
            Term::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                self.either(condition, then, otherwise)
            }
        }
    }

    fn text(&mut self, pieces: &'db [Piece]) -> Value {
        let mut text = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Fixed(fixed) => text.push(TextPiece::Pattern(fixed.clone())),
                Piece::Hole { term, alternatives } => {
                    let before = std::mem::take(&mut self.arguments);
                    let value = self.eval(term);
                    let follows = std::mem::replace(&mut self.arguments, before);
                    self.arguments = self.arguments.and(follows);
                    value.fill(alternatives.as_ref(), follows, &mut text);
                }
            }
        }
        Value::Text(text)
    }

    fn name(&mut self, name: &SmolStr) -> Value {
        if let Some((_, value)) = self.scope.iter().rev().find(|(it, _)| it == name) {
            self.arguments = Arguments::ANY;
            let value = value.clone();
            return self.copied(value);
        }
        let Some(frame) = self.frames.get(self.at) else { return Value::Unknown };
        let sketch = frame.sketch;
        if let Some(at) = sketch.params.iter().position(|it| it.name == *name) {
            let read = if self.at == 0 { Arguments::only(at) } else { Arguments::ANY };
            self.arguments = self.arguments.and(read);
            let value = frame.args.get(at).cloned().unwrap_or(Value::Unknown);
            return self.copied(value);
        }
        match sketch.lets.iter().find(|(it, _)| it == name) {
            Some((_, term)) => {
                let at = self.at;
                self.within(at, |it| it.eval(term))
            }
            None => Value::Unknown,
        }
    }

    /// The copy of a value that has a name, unless too much was copied.
    fn copied(&mut self, value: Value) -> Value {
        self.copied_bytes = self.copied_bytes.saturating_add(value.bytes());
        if self.copied_bytes > COPIED_BYTES_MAX {
            self.is_cut = true;
            return Value::Unknown;
        }
        value
    }

    /// The value of a `let` or of a function's body.
    fn applied(&mut self, item: Item, args: Vec<Value>) -> Value {
        let frame = self.add_frame(item, args);
        let value = match &sketch(self.db, item).value {
            Some(term) => self.within(frame, |it| it.eval(term)),
            None => Value::Unknown,
        };
        self.frames.truncate(frame);
        value
    }

    fn call(&mut self, item: Item, args: &'db [Option<Term>]) -> Call {
        let args = args.iter().map(|it| match it {
            Some(term) => self.eval(term).known(),
            None => Known::Default,
        });
        Call { item, args: args.collect() }
    }

    fn all(&mut self, packages: &str, task: &str) -> Value {
        let mut list = List::default();
        for item in named_in_packages(self.db, self.package, packages, task) {
            let params = crate::signature::signature(self.db, item).params.iter();
            let args = params.map(|_| Known::Default).collect();
            list.items.push(ListItem { value: Value::Call(Call { item, args }), is_certain: true });
        }
        Value::List(list)
    }

    fn outputs(&mut self, of: &'db Term) -> Value {
        match self.eval(of) {
            Value::Call(call) => {
                self.read(&call, self.uncertain == 0);
                Value::Outputs(call)
            }
            Value::Choice(them) => {
                let mut found = Vec::new();
                for it in them {
                    match it {
                        Value::Call(call) => {
                            self.read(&call, false);
                            found.push(Value::Outputs(call));
                        }
                        _ => self.is_cut = true,
                    }
                }
                Value::Choice(found)
            }
            _ => {
                self.is_cut = true;
                Value::Unknown
            }
        }
    }

    fn read(&mut self, of: &Call, is_certain: bool) {
        match self.reads.iter_mut().find(|it| it.of == *of) {
            Some(known) => known.is_certain |= is_certain,
            None => self.reads.push(OutputsRead { of: of.clone(), is_certain }),
        }
    }

    fn axis(&self, name: &SmolStr) -> Value {
        let known = self.axes.iter().find(|(it, _)| it == name);
        let alternatives = known.and_then(|(_, texts)| texts.clone());
        Value::Text(vec![TextPiece::Hole {
            alternatives,
            axis: Some(name.clone()),
            follows: Arguments::NONE,
        }])
    }

    fn list(&mut self, entries: &'db [Entry]) -> Value {
        let mut list = List::with_room(entries.len());
        for entry in entries {
            self.entry(entry, true, &mut list);
        }
        Value::List(list)
    }

    /// Adds what an element of a list literal stands for.
    pub fn entry(&mut self, entry: &'db Entry, is_certain: bool, list: &mut List) {
        match entry {
            Entry::Value(term) => {
                let value = self.eval(term);
                list.items.push(ListItem { value, is_certain });
            }
            Entry::Spread(term) => {
                let value = self.eval(term);
                spread(value, is_certain, list);
            }
            Entry::If(condition, element) => match self.eval(condition) {
                Value::Bool(true) => self.entry(element, is_certain, list),
                Value::Bool(false) => {}
                _ => self.uncertainly(|it| it.entry(element, false, list)),
            },
            Entry::For { name, iterable, condition, element } => {
                let mut values = List::default();
                spread(self.eval(iterable), is_certain, &mut values);
                if values.is_open {
                    values.items.push(ListItem { value: Value::Unknown, is_certain: false });
                }
                for it in values.items {
                    self.scope.push((name.clone(), it.value));
                    self.iteration(condition.as_ref(), element, it.is_certain, list);
                    self.scope.pop();
                }
            }
        }
    }

    fn iteration(
        &mut self,
        condition: Option<&'db Term>,
        element: &'db Entry,
        is_certain: bool,
        list: &mut List,
    ) {
        let condition = condition.map_or(Value::Bool(true), |it| self.eval(it));
        match condition {
            Value::Bool(true) if is_certain => self.entry(element, true, list),
            Value::Bool(false) => {}
            _ => self.uncertainly(|it| it.entry(element, false, list)),
        }
    }

    fn record(&mut self, entries: &'db [RecordEntry]) -> Value {
        let mut fields: Vec<(SmolStr, Value)> = Vec::new();
        let depth = self.scope.len();
        let mut is_known = true;
        for entry in entries {
            match entry {
                RecordEntry::Let(name, term) => {
                    let value = self.eval(term);
                    self.scope.push((name.clone(), value));
                }
                RecordEntry::Field(name, term) => {
                    let value = self.eval(term);
                    fields.retain(|(it, _)| it != name);
                    fields.push((name.clone(), value));
                }
                RecordEntry::Spread(term) => match self.eval(term) {
                    Value::Record(more) => {
                        fields.retain(|(name, _)| more.iter().all(|(it, _)| it != name));
                        fields.extend(more);
                    }
                    Value::None => {}
                    _ => is_known = false,
                },
            }
        }
        self.scope.truncate(depth);
        if is_known { Value::Record(fields) } else { Value::Unknown }
    }

    fn binary(&mut self, op: BinaryOp, left: &'db Term, right: &'db Term) -> Value {
        let left = self.eval(left);
        match (op, left) {
            (BinaryOp::And, Value::Bool(false)) => Value::Bool(false),
            (BinaryOp::Or, Value::Bool(true)) => Value::Bool(true),
            (BinaryOp::And | BinaryOp::Or, Value::Bool(_)) => self.eval(right),
            (BinaryOp::And | BinaryOp::Or, _) => {
                let right = self.uncertainly(|it| it.eval(right));
                let decides = Value::Bool(op == BinaryOp::Or);
                if right == decides { right } else { Value::Unknown }
            }
            (BinaryOp::Otherwise, Value::None) => self.eval(right),
            (
                BinaryOp::Otherwise,
                left @ (Value::Unknown | Value::Symbol(..) | Value::Choice(_)),
            ) => {
                let right = self.uncertainly(|it| it.eval(right));
                Value::Choice(vec![left, right])
            }
            (BinaryOp::Otherwise, left) => left,
            (BinaryOp::Equal | BinaryOp::NotEqual, left) => {
                let right = self.eval(right);
                let is_equal = left.equals(&right);
                is_equal.map_or(Value::Unknown, |it| Value::Bool(it == (op == BinaryOp::Equal)))
            }
            (BinaryOp::Add, left) => {
                let right = self.eval(right);
                sum(left, right)
            }
            (op, left) => {
                let right = self.eval(right);
                fold::operator(op, &left, &right)
            }
        }
    }

    fn either(&mut self, condition: &'db Term, then: &'db Term, otherwise: &'db Term) -> Value {
        match self.eval(condition) {
            Value::Bool(true) => self.eval(then),
            Value::Bool(false) => self.eval(otherwise),
            _ => {
                let then = self.uncertainly(|it| it.eval(then));
                let otherwise = self.uncertainly(|it| it.eval(otherwise));
                if then == otherwise { then } else { Value::Choice(vec![then, otherwise]) }
            }
        }
    }
}
