//! `matrix`: its axes with the types of their values, and how many cells they make.

use rush_diagnostics::Span;
use rush_syntax::Kind;
use rush_syntax::ast::{self, Decl, Element, Expr, ExprId, Field, Member};
use smol_str::SmolStr;

use super::context::{By, Context, Expected};
use super::needed_calls::constant;
use super::operator::is_or_holds_secret;
use super::record::{field_names, none_written};
use crate::db::{Db, Item};
use crate::report;
use crate::ty::{Ty, union};

/// How many cells one matrix may have.
pub const CELLS_MAX: usize = 256;
/// A product of axes larger than this is not even counted out.
pub const PRODUCT_MAX: usize = 1 << 16;

impl Context<'_> {
    /// `matrix { axis: list, include: [..], exclude: [..] }`: the axes with the type of their values.
    pub fn axes(&mut self, matrix: ExprId) -> Vec<(SmolStr, Ty)> {
        let Expr::Record(record) = self.ast.expr(matrix) else {
            let found = self.synth(matrix);
            let at = self.span_of(matrix);
            if !found.is_error() {
                self.report(report::mismatch(at, &Ty::record([]), &found, None, None));
            }
            return Vec::new();
        };
        let mut axes: Vec<(SmolStr, Ty)> = Vec::new();
        let mut cells: Vec<&Field> = Vec::new();
        let mut written = none_written(record);
        for member in &record.members {
            match member {
                Member::Field(field)
                    if matches!(field.name.text.as_str(), "include" | "exclude") =>
                {
                    self.written_once(&mut written, field);
                    cells.push(field);
                }
                Member::Field(field) => {
                    self.written_once(&mut written, field);
                    let any = Ty::list(Ty::Error);
                    let found = self.synth(field.value);
                    let by = By::Field(&field.name.text);
                    self.coerce(field.value, &found, Expected { ty: &any, by });
                    let element = match found.bare() {
                        Ty::List(element) => (**element).clone(),
                        _ => Ty::Error,
                    };
                    self.no_secret_in_matrix(field.value, &element);
                    axes.push((field.name.text.clone(), element));
                }
                Member::Let(_) | Member::Check(_) | Member::Spread { .. } => {
                    let at = self.span(record.range);
                    self.report(report::not_allowed_here(at, "matrix", "anything but axes"));
                }
            }
        }
        for field in cells {
            self.cells(field, &mut axes);
        }
        axes
    }

    /// Reports the matrix of this declaration if it makes too many nodes, also where it is taken over.
    pub fn matrix_size(&mut self, decl: &Decl) {
        // Whoever extends a template may replace its axes.
        if self.item.kind(self.db) == Kind::Template {
            return;
        }
        let field = |it: Item| Some((it, self.ast_of(it).field("matrix")?.range));
        let Some((writer, matrix)) = self.with_bases().find_map(field) else { return };
        let Some(cells) = too_many_cells(self.db, writer) else { return };
        let written = Span::new(writer.id(self.db).clone(), matrix);
        let found = match &decl.extends {
            Some(extends) if writer != self.item => {
                report::matrix_too_large(self.span(extends.range), cells)
                    .because(written, "it is written here")
            }
            _ => report::matrix_too_large(written, cells),
        };
        self.report(found);
    }

    fn no_secret_in_matrix(&mut self, value: ExprId, element: &Ty) {
        if is_or_holds_secret(element) {
            let at = self.span_of(value);
            self.report(report::secret_leak(at, "a value of `matrix`"));
        }
    }

    /// `include` may add values to an axis; `exclude` names some of them.
    fn cells(&mut self, field: &Field, axes: &mut [(SmolStr, Ty)]) {
        let is_include = field.name.text == "include";
        let Expr::List(elements) = self.ast.expr(field.value) else {
            let any = Ty::list(Ty::record([]));
            self.expect(field.value, Expected { ty: &any, by: By::Field(&field.name.text) });
            return;
        };
        self.watch_cells(field.value, axes);
        for element in elements {
            let Element::Value(id) = element else { continue };
            let Expr::Record(cell) = self.ast.expr(*id) else {
                let found = self.synth(*id);
                let at = self.span_of(*id);
                self.report(report::mismatch(at, &Ty::record([]), &found, None, None));
                continue;
            };
            for member in &cell.members {
                let Member::Field(entry) = member else { continue };
                let Some(axis) = axes.iter_mut().find(|(name, _)| *name == entry.name.text) else {
                    let known: Vec<&str> = axes.iter().map(|(name, _)| name.as_str()).collect();
                    let at = self.span(entry.name.range);
                    let written = field_names(&cell.members);
                    let fields = report::Fields { known, written, measured: None };
                    self.report(report::unknown_field(at, "matrix", &entry.name.text, &fields));
                    self.synth(entry.value);
                    continue;
                };
                if is_include {
                    let found = self.synth(entry.value);
                    self.no_secret_in_matrix(entry.value, &found);
                    axis.1 = union([axis.1.members(), found.members()].concat());
                } else {
                    let ty = axis.1.clone();
                    self.expect(entry.value, Expected { ty: &ty, by: By::Field(&entry.name.text) });
                }
            }
            let ty = Ty::record([]);
            self.set_type(*id, ty);
        }
    }
}

/// How many nodes the `matrix` of an item makes, if that is too many and written out in it.
#[salsa::tracked(returns(copy))]
fn too_many_cells(db: &dyn Db, item: Item) -> Option<usize> {
    let ast = item.ast(db);
    let Expr::Record(matrix) = ast.expr(ast.field("matrix")?.value) else { return None };
    let mut product = 1_usize;
    let mut most = CELLS_MAX;
    for member in &matrix.members {
        let Member::Field(field) = member else { continue };
        match field.name.text.as_str() {
            "include" => {}
            // What it leaves is only counted out where there is not too much of it.
            "exclude" => most = PRODUCT_MAX,
            _ => product = product.saturating_mul(constant_length(ast, field.value)?),
        }
    }
    (product > most).then_some(product)
}

/// How many elements a list has that is written out in its item.
fn constant_length(ast: &ast::Item, list: ExprId) -> Option<usize> {
    let members = ast.decl().map_or(&[][..], |it| &it.body.members);
    let mut list = list;
    // Bound by how many members there are, since `let`s may form a circle.
    for _ in members {
        let Expr::Name(name) = ast.expr(list) else { break };
        list = members.iter().find_map(|it| match it {
            Member::Let(it) if it.name.as_ref().is_some_and(|it| it.text == *name) => {
                Some(it.value)
            }
            _ => None,
        })?;
    }
    let Expr::List(elements) = ast.expr(list) else { return None };
    let is_constant = |element: &Element| match element {
        Element::Value(value) => constant(ast, *value).is_some(),
        Element::Spread(_) | Element::For { .. } | Element::If { .. } => false,
    };
    elements.iter().all(is_constant).then_some(elements.len())
}
