//! One planning: what is known so far, and evaluation on demand without deep recursion.
//!
//! Everything that is computed once has a [`Unit`]: a file-level `let`, a local of an instance, a
//! field. A unit that is asked for deep inside other units is not computed there: the evaluation is
//! abandoned ([`Stop::Suspend`]), the unit goes onto a stack on the heap, and whoever asked starts
//! again when it is known. So a chain of 100,000 definitions needs little stack and linear time.

use std::collections::BTreeMap;
use std::rc::Rc;

use rush_diagnostics::{Code, Diagnostic, Span, TextRange};
use rush_plan::{Digest, NodeId, PlanRequest, ReadKey, ReadValue};
use rush_syntax::Kind;
use rush_syntax::ast::{self, ExprId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::expansion::{Cell, Expansion};
use super::instance::{Instance, InstanceId};
use super::memo::Memo;
use super::service::Assumption;
use super::trail::{Entry, Finding, FindingsId, Trail};
use super::value::{Record, Value};
use super::{DEPTH_MAX, STEPS_MAX, SUSPEND_DEPTH, report};
use crate::check;
use crate::db::{Db, Item, SourceFile};
use crate::infer::{Inference, LocalId, infer};
use crate::ty::DefaultRef;

/// Why an evaluation did not end with a value.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// Something is wrong and was reported.
    Failed,
    /// An answer from the outside world is missing; it was noted.
    Needs,
    /// It hangs on a service that may still come to be needed; see [`Session::needed_value`].
    Unknown,
    /// It hangs on the cell of a matrix, and none is chosen yet.
    Cell,
    /// This unit has to be computed first, with an empty stack.
    Suspend(Box<Unit>),
}

/// The result of evaluating.
pub(super) type Eval<T> = Result<T, Stop>;

/// Something that is computed at most once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    /// A file-level `let` or `param`.
    Item(Item),
    /// A file-level `let` as one task or service has it; see [`Session::shared`].
    Shared(Item, InstanceId),
    /// The default of a field of a kind or a record type.
    Default(DefaultRef),
    /// A parameter or `let` of an instance.
    Local(InstanceId, LocalId),
    /// A field of an instance, inherited values included.
    Field(InstanceId, SmolStr),
    /// A field of the `defaults` of a workspace or a profile, for all or as one task or service has it.
    Defaults(Item, SmolStr, Option<InstanceId>),
    /// The services that a task or a service needs.
    Needed(InstanceId),
}

impl Unit {
    /// Whether each task or service may have it otherwise.
    fn is_shared(&self, db: &dyn Db) -> bool {
        match self {
            Self::Item(item) => item.kind(db) == Kind::Let,
            Self::Shared(..) | Self::Defaults(..) => true,
            Self::Default(_) | Self::Local(..) | Self::Field(..) | Self::Needed(_) => false,
        }
    }

    /// The task or service whose body it is about, beyond its parameters.
    pub(super) fn entered(&self) -> Option<InstanceId> {
        match self {
            Self::Field(it, _) | Self::Shared(_, it) | Self::Needed(it) => Some(*it),
            Self::Defaults(_, _, it) => *it,
            Self::Item(_) | Self::Default(_) | Self::Local(..) => None,
        }
    }
}

/// A place of the source, cheap to carry about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) item: Item,
    pub(super) range: TextRange,
}

impl Place {
    pub(super) fn span(self, db: &dyn Db) -> Span {
        Span::new(self.item.id(db), self.range)
    }

    /// The name of an item, or its beginning when it has none.
    pub(super) fn name_of(db: &dyn Db, item: Item) -> Self {
        let range = item.ast(db).name().map_or_else(|| TextRange::empty(0.into()), |it| it.range);
        Self { item, range }
    }
}

/// Where an expression is evaluated: its item, and what its names are bound to.
pub(super) struct Scope<'db> {
    pub(super) item: Item,
    pub(super) ast: &'db ast::Item,
    pub(super) inference: &'db Inference,
    /// The task, service or template whose body it is.
    pub(super) instance: Option<InstanceId>,
    /// The task or service for which it is evaluated, also inside functions it calls.
    pub(super) owner: Option<InstanceId>,
    /// The task or service that gets the value: the owner, but also whoever uses a file-level `let`.
    pub(super) asker: Option<InstanceId>,
    /// Parameters of functions, `for` variables and `let`s of inner records.
    pub(super) bindings: Vec<(LocalId, Value)>,
}

impl Scope<'_> {
    pub(super) fn place(&self, expr: ExprId) -> Place {
        Place { item: self.item, range: self.ast.expr_range(expr) }
    }
}

/// Everything one planning knows.
pub(super) struct Session<'db> {
    pub(super) db: &'db dyn Db,
    pub(super) request: &'db PlanRequest,
    /// What is left behind by what is worked out now.
    pub(super) trail: Trail,
    /// What was found when something was worked out that is remembered; see [`FindingsId`].
    pub(super) kept: Vec<Vec<Entry>>,
    pub(super) missing: Vec<ReadKey>,
    pub(super) reads: BTreeMap<ReadKey, Digest>,
    /// What the task at work is taken to need, while that is worked out.
    pub(super) assumption: Option<Assumption>,
    pub(super) instances: Vec<Instance>,
    pub(super) expansions: FxHashMap<NodeId, Rc<Expansion>>,
    pub(super) cells: FxHashMap<NodeId, Rc<Cell>>,
    /// The cell of what has no matrix.
    pub(super) no_cell: Rc<Record>,
    /// Flags that no called task takes: values of file-level parameters.
    pub(super) param_flags: FxHashSet<String>,
    /// The items whose `defaults` count, by package; see `default_sources`.
    pub(super) default_sources: FxHashMap<SmolStr, Rc<[Item]>>,
    /// Files from which something was used, in the order of first use.
    pub(super) files: Vec<SourceFile>,
    pub(super) memo: FxHashMap<Unit, Memo>,
    /// The fields that were worked out since [`Session::forget_fields`].
    pub(super) fresh_fields: Vec<(InstanceId, SmolStr)>,
    pub(super) running: Vec<Unit>,
    running_set: FxHashSet<Unit>,
    /// The items that were reached, with what is wrong with each.
    entered: FxHashMap<Item, Option<FindingsId>>,
    seen_files: FxHashSet<SourceFile>,
    steps: u64,
    /// Where the last step was taken.
    exhausted_at: Option<Place>,
    depth: u32,
}

impl<'db> Session<'db> {
    pub(super) fn new(db: &'db dyn Db, request: &'db PlanRequest) -> Self {
        Self {
            db,
            request,
            trail: Trail::default(),
            kept: Vec::new(),
            missing: Vec::new(),
            reads: BTreeMap::new(),
            assumption: None,
            instances: Vec::new(),
            expansions: FxHashMap::default(),
            cells: FxHashMap::default(),
            no_cell: Rc::default(),
            param_flags: FxHashSet::default(),
            default_sources: FxHashMap::default(),
            files: Vec::new(),
            memo: FxHashMap::default(),
            fresh_fields: Vec::new(),
            running: Vec::new(),
            running_set: FxHashSet::default(),
            entered: FxHashMap::default(),
            seen_files: FxHashSet::default(),
            steps: 0,
            exhausted_at: None,
            depth: 0,
        }
    }

    /// Counts one step of the budget.
    pub(super) fn step(&mut self, at: Place) -> Eval<()> {
        self.spend(1, at)
    }

    /// Takes steps from the budget; who takes the last one is accused, whoever goes on.
    pub(super) fn spend(&mut self, steps: u64, at: Place) -> Eval<()> {
        self.steps = self.steps.saturating_add(steps);
        if !self.is_exhausted() {
            return Ok(());
        }
        let last = *self.exhausted_at.get_or_insert(at);
        let span = last.span(self.db);
        Err(self.fail(report::too_many_steps(span)))
    }

    /// Whether the budget is used up, so that going on makes no sense.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > STEPS_MAX
    }

    /// Runs `evaluate` one level deeper.
    pub(super) fn nested<T>(
        &mut self,
        at: Place,
        evaluate: impl FnOnce(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        if self.depth >= DEPTH_MAX {
            let span = at.span(self.db);
            return Err(self.fail(report::too_deep(span)));
        }
        self.depth += 1;
        let result = evaluate(self);
        self.depth -= 1;
        result
    }

    /// The scope of an item that is sound; otherwise what is wrong with it is reported.
    pub(super) fn scope(&mut self, item: Item, instance: Option<InstanceId>) -> Eval<Scope<'db>> {
        self.enter(item)?;
        let owner = instance.map(|it| self.instance(it).whole);
        Ok(Scope {
            item,
            ast: item.ast(self.db),
            inference: infer(self.db, item),
            instance,
            owner,
            asker: owner,
            bindings: Vec::new(),
        })
    }

    /// Notes that the plan reaches an item, and reports what is wrong with it.
    pub(super) fn enter(&mut self, item: Item) -> Eval<()> {
        let wrong = match self.entered.get(&item) {
            Some(known) => *known,
            None => self.enter_first(item),
        };
        self.say_again(wrong);
        if wrong.is_none() { Ok(()) } else { Err(Stop::Failed) }
    }

    /// What is wrong with an item.
    fn enter_first(&mut self, item: Item) -> Option<FindingsId> {
        let file = item.file(self.db);
        if self.seen_files.insert(file) {
            self.files.push(file);
        }
        let found = check::item_diagnostics(self.db, item);
        let mut errors: Vec<&Diagnostic> = found.iter().filter(|it| it.is_error()).collect();
        // Who names it may mean the other one.
        for again in crate::names::redeclared(self.db, item) {
            let found = check::item_diagnostics(self.db, again).iter();
            errors.extend(found.filter(|it| it.code == Code::DuplicateItem));
        }
        // What means a declaration that can't be read is accused there only.
        errors.extend(check::causing_errors(self.db, item));
        let errors = check::joined(errors.into_iter().cloned().collect()).into_iter();
        let errors = errors.map(|it| Entry::Finding(Box::new(Finding::Error(it))));
        let wrong = self.keep(errors.collect());
        self.entered.insert(item, wrong);
        wrong
    }

    /// What the outside world answered, or `None` when it was not asked yet.
    pub(super) fn read(&mut self, key: ReadKey) -> Option<ReadValue> {
        let Some(answer) = self.request.reads.get(&key) else {
            if !self.missing.contains(&key) {
                self.missing.push(key);
            }
            return None;
        };
        self.reads.entry(key).or_insert_with(|| answer.digest());
        Some(answer.clone())
    }

    /// The value of a default.
    pub(super) fn default_value(&mut self, default: DefaultRef) -> Eval<Value> {
        self.force(&Unit::Default(default)).map(|it| it.unwrap_or(Value::None))
    }

    /// The value of a unit, from inside an evaluation.
    pub(super) fn force(&mut self, unit: &Unit) -> Eval<Option<Value>> {
        if let Some(known) = self.recall(unit) {
            return known;
        }
        if self.running_set.contains(unit) {
            self.trail.is_circular = true;
            return Err(self.report_circle(unit));
        }
        if self.depth > SUSPEND_DEPTH {
            return Err(Stop::Suspend(Box::new(unit.clone())));
        }
        self.run(unit)
    }

    /// Runs `attempt`, which asks for units, until nothing it asks for is too deep.
    pub(super) fn settle<T>(&mut self, attempt: impl FnMut(&mut Self) -> Eval<T>) -> Eval<T> {
        self.settle_where(|_| true, attempt)
    }

    /// The same for a round of what a task is taken to need. What others need goes on to whoever is around, who starts
    /// this round again: so a chain of tasks that ask for services needs little stack as well.
    pub(super) fn settle_round<T>(&mut self, attempt: impl FnMut(&mut Self) -> Eval<T>) -> Eval<T> {
        self.settle_where(|unit| !matches!(unit, Unit::Needed(_)), attempt)
    }

    fn settle_where<T>(
        &mut self,
        is_here: fn(&Unit) -> bool,
        mut attempt: impl FnMut(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        loop {
            let (result, trail) = self.traced(&mut attempt);
            match result {
                Err(Stop::Suspend(unit)) if is_here(&unit) => self.drive(*unit, is_here)?,
                result => {
                    self.follow(trail);
                    return result;
                }
            }
        }
    }

    /// Works out a unit from outside of any evaluation. What it leaves behind is left behind again by who asks for
    /// it, but for a circle on the way.
    fn drive(&mut self, unit: Unit, is_here: fn(&Unit) -> bool) -> Eval<()> {
        let mut waiting = vec![unit];
        let mut waiting_set: FxHashSet<Unit> = waiting.iter().cloned().collect();
        while let Some(top) = waiting.last().cloned() {
            if self.known(&top).is_none()
                && let (Err(Stop::Suspend(next)), _) = self.traced(|it| it.run(&top))
            {
                if !is_here(&next) {
                    return Err(Stop::Suspend(next));
                }
                if !waiting_set.insert((*next).clone()) {
                    let running = std::mem::replace(&mut self.running, waiting);
                    let stop = self.report_circle(&next);
                    self.running = running;
                    return Err(stop);
                }
                waiting.push(*next);
            } else {
                waiting_set.remove(&top);
                waiting.pop();
            }
        }
        Ok(())
    }

    /// Runs what may ask again for all that is being worked out, without being a circle.
    pub(super) fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let assumption = self.assumption.take();
        let still = self.running.iter().filter(|it| matches!(it, Unit::Needed(_))).cloned();
        let still = still.collect();
        let running_set = std::mem::replace(&mut self.running_set, still);
        let result = work(self);
        self.running_set = running_set;
        self.assumption = assumption;
        result
    }

    fn run(&mut self, unit: &Unit) -> Eval<Option<Value>> {
        if let Some(instance) = unit.entered() {
            self.note_entered(instance);
        }
        self.running.push(unit.clone());
        self.running_set.insert(unit.clone());
        let (result, mut trail) = self.traced(|it| it.compute(unit));
        self.running_set.remove(unit);
        self.running.pop();
        if matches!(result, Err(Stop::Suspend(_))) {
            return result;
        }
        trail.is_asking &= unit.is_shared(self.db);
        if let Unit::Field(instance, name) = unit {
            self.fresh_fields.push((*instance, name.clone()));
        }
        let is_provisional = trail.is_provisional;
        let memo = Memo {
            result: result.clone(),
            mentions: Rc::from(trail.mentions),
            findings: self.keep(trail.findings),
            is_asking: trail.is_asking,
            is_circular: trail.is_circular,
        };
        self.follow_memo(&memo, is_provisional);
        self.remember(unit.clone(), memo, is_provisional);
        result
    }

    fn compute(&mut self, unit: &Unit) -> Eval<Option<Value>> {
        match unit {
            Unit::Item(item) => self.item_value(*item, None).map(Some),
            Unit::Shared(item, owner) => self.item_value(*item, Some(*owner)).map(Some),
            Unit::Default(default) => {
                let mut scope = self.scope(default.item, None)?;
                self.eval(&mut scope, default.expr).map(Some)
            }
            Unit::Local(instance, local) => self.local_value(*instance, *local).map(Some),
            Unit::Field(instance, name) => self.field_value(*instance, name),
            Unit::Defaults(item, name, asker) => self.defaults_value(*item, name, *asker),
            Unit::Needed(instance) => self.needed_value(*instance).map(Some),
        }
    }

    /// The value of a file-level `let` for a task or a service.
    pub(super) fn let_value(&mut self, item: Item, asker: Option<InstanceId>) -> Eval<Value> {
        let for_one = asker.map(|it| Unit::Shared(item, it));
        Ok(self.shared(Unit::Item(item), for_one)?.unwrap_or(Value::None))
    }

    /// The value of a unit as one task or service has it, which is mostly what all have.
    pub(super) fn shared(&mut self, for_all: Unit, for_one: Option<Unit>) -> Eval<Option<Value>> {
        let is_for_all = self.memo.get(&for_all).is_some_and(|it| !it.is_asking);
        let Some(for_one) = for_one.filter(|_| !is_for_all) else { return self.force(&for_all) };
        let value = self.force(&for_one);
        if self.memo.get(&for_one).is_some_and(|it| !it.is_asking)
            && let Some(memo) = self.memo.remove(&for_one)
        {
            self.memo.insert(for_all, memo);
        }
        value
    }

    fn report_circle(&mut self, unit: &Unit) -> Stop {
        let start = self.running.iter().rposition(|it| it == unit).unwrap_or_default();
        let way = self.running.iter().skip(start).chain([unit]);
        let names: Vec<String> = way.map(|it| self.unit_name(it)).collect();
        let item = self.unit_item(unit);
        let span = Place::name_of(self.db, item).span(self.db);
        self.fail(report::circular(span, &names))
    }

    fn unit_item(&self, unit: &Unit) -> Item {
        match unit {
            Unit::Item(item) | Unit::Shared(item, _) | Unit::Defaults(item, ..) => *item,
            Unit::Default(default) => default.item,
            Unit::Local(instance, _) | Unit::Field(instance, _) | Unit::Needed(instance) => {
                self.instance(*instance).item
            }
        }
    }

    fn unit_name(&self, unit: &Unit) -> String {
        let item = self.unit_item(unit);
        let owner = item.name(self.db);
        match unit {
            Unit::Item(_) | Unit::Shared(..) | Unit::Default(_) => owner.to_string(),
            Unit::Needed(_) => format!("{owner}.needs"),
            Unit::Field(_, field) | Unit::Defaults(_, field, _) => format!("{owner}.{field}"),
            Unit::Local(_, local) => {
                let locals = &infer(self.db, item).locals;
                let name = locals.get(local.0 as usize).map(|it| it.name.as_str());
                format!("{owner}.{}", name.unwrap_or("?"))
            }
        }
    }
}
