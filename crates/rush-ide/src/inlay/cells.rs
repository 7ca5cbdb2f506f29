//! How many cells a matrix has.

use rush_syntax::ast::{Element, Expr, ExprId, Member, Record};
use smol_str::SmolStr;

use super::{HintKind, Hints, InlayHint, Padding};
use crate::constants::{Constant, constant, elements};
use crate::place::Placed;

/// How many cells are counted one by one.
const CELLS_MAX: usize = 4_096;

/// A cell: the value of each axis.
type Cell = Vec<(SmolStr, Constant)>;

impl Hints<'_> {
    pub(super) fn cells(&mut self, placed: Placed) {
        let ast = placed.item.ast(self.db);
        let Some(field) = ast.field("matrix") else { return };
        let Expr::Record(record) = ast.expr(field.value) else { return };
        let Some((count, tooltip)) = self.count(placed, record) else { return };
        let plural = if count == 1 { "cell" } else { "cells" };
        self.found.push(InlayHint {
            kind: HintKind::Cells,
            at: field.name.range.end() + placed.start,
            label: format!("{count} {plural}"),
            tooltip: Some(tooltip),
            source: None,
            padding: Padding::Before,
        });
    }

    /// The number of cells and how it comes about; nothing when a value is not plain to see.
    fn count(&self, placed: Placed, matrix: &Record) -> Option<(usize, String)> {
        let (db, item) = (self.db, placed.item);
        let mut axes: Vec<(SmolStr, Vec<Constant>)> = Vec::new();
        let (mut include, mut exclude) = (Vec::new(), Vec::new());
        for member in &matrix.members {
            let Member::Field(field) = member else { return None };
            match field.name.text.as_str() {
                "include" => include = self.entries(placed, field.value)?,
                "exclude" => exclude = self.entries(placed, field.value)?,
                _ => axes.push((field.name.text.clone(), elements(db, item, field.value)?)),
            }
        }
        let product = axes.iter().map(|(_, it)| it.len()).fold(1_usize, usize::saturating_mul);
        if product > CELLS_MAX || (axes.is_empty() && include.is_empty()) {
            return None;
        }
        let mut cells: Vec<Cell> = if axes.is_empty() { Vec::new() } else { vec![Vec::new()] };
        for (axis, values) in &axes {
            let with = |cell: &Cell, value: &Constant| {
                cell.iter().cloned().chain([(axis.clone(), value.clone())]).collect::<Cell>()
            };
            cells = cells.iter().flat_map(|cell| values.iter().map(|it| with(cell, it))).collect();
        }
        cells.retain(|cell| !exclude.iter().any(|it| it.iter().all(|entry| cell.contains(entry))));
        let excluded = product - cells.len();
        let added = include.iter().filter(|it| !is_cell(&cells, it)).count();
        let mut how: Vec<String> =
            axes.iter().map(|(axis, values)| format!("{} of `{axis}`", values.len())).collect();
        how = vec![how.join(" x ")];
        if !axes.is_empty() && excluded > 0 {
            how.push(format!("- {excluded} excluded"));
        }
        if added > 0 {
            how.push(format!("+ {added} included"));
        }
        Some((cells.len() + added, how.join(" ").trim().to_owned()))
    }

    /// The records of `include` or `exclude`.
    fn entries(&self, placed: Placed, value: ExprId) -> Option<Vec<Cell>> {
        let ast = placed.item.ast(self.db);
        let Expr::List(elements) = ast.expr(value) else { return None };
        let entries = elements.iter().map(|element| {
            let Element::Value(value) = element else { return None };
            let Expr::Record(record) = ast.expr(*value) else { return None };
            let entries = record.members.iter().map(|member| match member {
                Member::Field(field) => {
                    let value = constant(self.db, placed.item, field.value)?;
                    Some((field.name.text.clone(), value))
                }
                _ => None,
            });
            entries.collect::<Option<Cell>>()
        });
        entries.collect()
    }
}

fn is_cell(cells: &[Cell], entry: &Cell) -> bool {
    cells.iter().any(|cell| cell.len() == entry.len() && entry.iter().all(|it| cell.contains(it)))
}
