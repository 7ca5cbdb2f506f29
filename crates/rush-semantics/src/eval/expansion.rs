//! From a reference to nodes: arguments, and the cells of a matrix.

use std::rc::Rc;

use rush_diagnostics::{Diagnostic, TextRange};
use rush_plan::{Arguments, NodeId};
use rush_syntax::ast::{self, Element, Expr};
use smol_str::SmolStr;

use super::instance::InstanceId;
use super::report;
use super::session::{Eval, Place, Session, Stop, Unit};
use super::show::show;
use super::trail::{Mention, Trail};
use super::value::{Record, Reference, Value};
use super::view::View;
use crate::db::Item;
use crate::infer::{CELLS_MAX, PRODUCT_MAX, infer};
use crate::names::{label, package_dir};
use crate::report::matrix_too_large;
use crate::signature::signature;

/// The nodes a call stands for, with their cells, in the order of the axes.
pub(super) type Expansion = [(Rc<Record>, NodeId)];

/// One node, not lowered yet.
pub(super) struct Cell {
    pub(super) item: Item,
    pub(super) instance: InstanceId,
    pub(super) label: String,
    pub(super) arguments: Arguments,
    pub(super) axes: Arguments,
}

impl Session<'_> {
    /// The nodes a reference stands for, narrowed by the axes it names.
    pub(super) fn nodes_of(&mut self, reference: &Reference, at: Place) -> Eval<Vec<NodeId>> {
        let expansion = self.expand(reference)?;
        self.selected(reference, &expansion, at)
    }

    /// Of all nodes of a call those in the cells that it names.
    pub(super) fn selected(
        &mut self,
        reference: &Reference,
        expansion: &Expansion,
        at: Place,
    ) -> Eval<Vec<NodeId>> {
        let view = View::Package(package_dir(self.db, reference.item.file(self.db)));
        let cells = expansion.iter().filter(|(cell, _)| {
            let is_it = |(axis, value): &(SmolStr, Value)| {
                cell.get(axis).is_some_and(|it| view.are_equal(it, value))
            };
            reference.axes.iter().all(is_it)
        });
        let nodes: Vec<NodeId> = cells.map(|(_, id)| *id).collect();
        if nodes.is_empty() && !reference.axes.is_empty() {
            let wanted = Value::record(reference.axes.iter().cloned().collect());
            let (wanted, task) = (show(self.db, &view, &wanted), label(self.db, reference.item));
            let span = at.span(self.db);
            return Err(self.fail(report::no_such_cell(span, &task, &wanted)));
        }
        Ok(nodes)
    }

    /// All nodes that a call may stand for.
    pub(super) fn expand(&mut self, reference: &Reference) -> Eval<Rc<Expansion>> {
        self.enter(reference.item)?;
        let id = self.instantiate(reference);
        // Another try would be about another instance.
        self.settle(|session| session.expand_call(id))
    }

    fn expand_call(&mut self, id: InstanceId) -> Eval<Rc<Expansion>> {
        let item = self.instance(id).item;
        let (arguments, is_whole) = self.arguments(id)?;
        let label = label(self.db, item);
        let key = NodeId::of(&label, &arguments, &Arguments::new());
        if let Some(known) = self.expansions.get(&key).cloned() {
            self.forget_call(id);
            return Ok(known);
        }
        let matrix = match self.matrix(id) {
            Err(Stop::Cell) => {
                let span = self.field_or_name_place(id, "matrix").span(self.db);
                let name = format!("{}.matrix", item.name(self.db));
                return Err(self.fail(report::circular(span, &[name.clone(), name])));
            }
            matrix => matrix?,
        };
        let mut cells = Vec::with_capacity(matrix.len());
        for cell in matrix {
            let (cell, instance) = match cell {
                None => (Rc::clone(&self.no_cell), id),
                Some(cell) => {
                    let cell = Rc::new(cell);
                    (Rc::clone(&cell), self.in_cell(id, cell))
                }
            };
            let node = if is_whole {
                self.add_cell(instance, &label, &arguments, &cell)?
            } else {
                let (arguments, _) = self.settle(|session| session.arguments(instance))?;
                self.add_cell(instance, &label, &arguments, &cell)?
            };
            cells.push((cell, node));
        }
        // From here on it is asked for the nodes.
        self.forget(&Unit::Field(id, SmolStr::new_static("matrix")));
        let expansion: Rc<Expansion> = Rc::from(cells);
        // Whatever is assumed of who calls it, with these arguments it is this.
        self.expansions.insert(key, Rc::clone(&expansion));
        Ok(expansion)
    }

    fn add_cell(
        &mut self,
        instance: InstanceId,
        label: &str,
        arguments: &Arguments,
        cell: &Record,
    ) -> Eval<NodeId> {
        let item = self.instance(instance).item;
        let place = self.field_or_name_place(instance, "matrix");
        let mut axes = Arguments::new();
        for (axis, value) in cell.iter() {
            axes.insert(axis.clone(), self.plan_value(instance, value, place)?);
        }
        let id = NodeId::of(label, arguments, &axes);
        let label = label.to_owned();
        let cell = Cell { item, instance, label, arguments: arguments.clone(), axes };
        self.cells.insert(id, Rc::new(cell));
        Ok(id)
    }

    /// All arguments, defaults filled in, and whether those are all; before a cell is chosen, defaults that hang on it
    /// are left out.
    fn arguments(&mut self, id: InstanceId) -> Eval<(Arguments, bool)> {
        let item = self.instance(id).item;
        let place = Place::name_of(self.db, item);
        let mut arguments = Arguments::new();
        let mut is_whole = true;
        let inference = infer(self.db, item);
        for (at, param) in signature(self.db, item).params.iter().enumerate() {
            let value = self.force(&Unit::Local(id, inference.parameter(at)));
            let value = value.and_then(|it| self.plan_value(id, &it.unwrap_or(Value::None), place));
            match value {
                Err(Stop::Cell) => is_whole = false,
                value => arguments.insert(param.name.clone(), value?),
            }
        }
        Ok((arguments, is_whole))
    }

    /// The cells of a matrix in the order of its axes; no cell, once, when there is no matrix.
    fn matrix(&mut self, id: InstanceId) -> Eval<Vec<Option<Record>>> {
        let value = self.force(&Unit::Field(id, SmolStr::new_static("matrix")))?;
        let Some(value) = value else { return Ok(vec![None]) };
        let package = self.package_of(id);
        self.keep_inside(&value, package, |it| it.field_or_name_place(id, "matrix"))?;
        let Value::Record(matrix) = value.given_to(package) else { return Ok(vec![None]) };
        let place = self.field_or_name_place(id, "matrix");
        let is_axis = |name: &SmolStr| name != "include" && name != "exclude";
        let axes: Vec<_> = matrix.iter().filter(|(name, _)| is_axis(name)).collect();
        let product = axes.iter().map(|(_, it)| it.elements().len());
        let product = product.fold(1_usize, usize::saturating_mul);
        if product > PRODUCT_MAX {
            let span = place.span(self.db);
            return Err(self.fail(matrix_too_large(span, product)));
        }
        let mut cells = if axes.is_empty() { Vec::new() } else { vec![Record::default()] };
        for (axis, values) in &axes {
            cells = cells.iter().flat_map(|cell| with_axis(cell, axis, values)).collect();
        }
        let view = self.view(Some(id));
        if axes.iter().any(|(_, it)| it.has_paths()) {
            cells = distinct(cells, &view);
        }
        let exclude = matrix.get("exclude").cloned().unwrap_or(Value::None);
        self.exclude(&mut cells, &axes, (id, &exclude));
        for entry in matrix.get("include").map(Value::elements).unwrap_or_default() {
            if let Some(entry) = entry.as_record()
                && !cells.iter().any(|it| view.are_equal_records(it, entry))
            {
                cells.push(entry.clone());
            }
        }
        if cells.len() > CELLS_MAX {
            let span = place.span(self.db);
            return Err(self.fail(matrix_too_large(span, cells.len())));
        }
        if axes.is_empty() && cells.is_empty() {
            cells.push(Record::default());
        }
        Ok(cells.into_iter().map(Some).collect())
    }

    fn exclude(
        &mut self,
        cells: &mut Vec<Record>,
        axes: &[(&SmolStr, &Value)],
        (id, entries): (InstanceId, &Value),
    ) {
        let view = self.view(Some(id));
        for (at, entry) in entries.elements().iter().enumerate() {
            let Some(pattern) = entry.as_record() else { continue };
            let before = cells.len();
            cells.retain(|cell| {
                let mut given = pattern.iter().filter(|(_, value)| **value != Value::None);
                !given
                    .all(|(axis, value)| cell.get(axis).is_some_and(|it| view.are_equal(it, value)))
            });
            if cells.len() == before {
                let warning = self.excludes_nothing(axes, pattern, (id, at));
                self.warn(warning);
            }
        }
    }

    /// RUSH0506, at the value that its axis does not have, else at the entry.
    fn excludes_nothing(
        &mut self,
        axes: &[(&SmolStr, &Value)],
        pattern: &Record,
        (id, at): (InstanceId, usize),
    ) -> Diagnostic {
        let view = self.view(Some(id));
        let matrix = self.field_or_name_place(id, "matrix");
        let entry = written_entry(matrix.item.ast(self.db), at);
        let wrong = axes.iter().find_map(|(axis, values)| {
            let value = pattern.get(axis).filter(|it| **it != Value::None)?;
            let is_there = values.elements().iter().any(|it| view.are_equal(it, value));
            (!is_there).then_some((*axis, *values, value))
        });
        let range = entry.map(|(range, record)| {
            let axis = wrong.as_ref().and_then(|(axis, ..)| record?.field(axis));
            axis.map_or(range, |it| matrix.item.ast(self.db).expr_range(it.value))
        });
        let span = Place { range: range.unwrap_or(matrix.range), ..matrix }.span(self.db);
        let shown = show(self.db, &view, &Value::record(pattern.clone()));
        let diagnostic = report::exclude_no_cell(span, &shown);
        let Some((axis, values, value)) = wrong else { return diagnostic };
        let known: Vec<String> =
            values.elements().iter().map(|it| show(self.db, &view, it)).collect();
        report::no_such_axis_value(diagnostic, axis, &show(self.db, &view, value), &known)
    }

    /// `build("api").outputs`: the patterns of all its cells, from the workspace root.
    pub(super) fn outputs(&mut self, reference: &Reference, at: Place) -> Eval<Value> {
        let nodes = self.nodes_of(reference, at)?;
        let mut outputs = Vec::new();
        for node in nodes {
            let Some(cell) = self.cells.get(&node).cloned() else { continue };
            let field = Unit::Field(cell.instance, SmolStr::new_static("outputs"));
            let (patterns, trail) = self.traced(|it| it.force(&field));
            // What those outputs read themselves is no business of who reads them.
            self.follow(Trail { mentions: vec![Mention { node, at }], ..trail });
            let patterns = patterns?;
            let place = self.field_or_name_place(cell.instance, "outputs");
            for pattern in patterns.as_ref().map(Value::elements).unwrap_or_default() {
                let text = pattern.as_text().cloned().unwrap_or_default();
                let resolved = self.pattern(cell.instance, &text, place)?;
                outputs.push(Value::Glob(match resolved.strip_prefix('!') {
                    Some(rest) => format!("!//{rest}").into(),
                    None => format!("//{resolved}").into(),
                }));
            }
        }
        Ok(Value::list(outputs))
    }
}

/// The first of those cells that read the same.
fn distinct(cells: Vec<Record>, view: &View<'_>) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::with_capacity(cells.len());
    for cell in cells {
        if !kept.iter().any(|it| view.are_equal_records(it, &cell)) {
            kept.push(cell);
        }
    }
    kept
}

/// The entry of `exclude` at this place of the list, if the list is written out in the `matrix`.
fn written_entry(ast: &ast::Item, at: usize) -> Option<(TextRange, Option<&ast::Record>)> {
    let matrix = ast.field("matrix")?;
    let Expr::Record(matrix) = ast.expr(matrix.value) else { return None };
    let Expr::List(elements) = ast.expr(matrix.field("exclude")?.value) else { return None };
    // Behind a `for` or `...` nobody knows which value came from where.
    let is_plain = elements.iter().all(|it| matches!(it, Element::Value(_)));
    let Element::Value(entry) = elements.get(at).filter(|_| is_plain)? else { return None };
    let record = match ast.expr(*entry) {
        Expr::Record(record) => Some(&**record),
        _ => None,
    };
    Some((ast.expr_range(*entry), record))
}

fn with_axis(cell: &Record, axis: &SmolStr, values: &Value) -> Vec<Record> {
    let values = values.elements().iter();
    values
        .map(|value| {
            let mut cell = cell.clone();
            cell.set(axis.clone(), value.clone());
            cell
        })
        .collect()
}
