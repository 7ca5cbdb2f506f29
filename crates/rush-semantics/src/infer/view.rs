//! What the checker knows at one place of a text that is being written.
//!
//! An editor asks about texts that no file holds: an item with a word at the cursor that is not
//! there yet. So the text is given with its syntax, and visited in the place of an item of the
//! database: the names around it are those of its file, what the item shows to itself is read from
//! the text. Nothing is stored, and a visit that nobody watches pays one comparison an expression.

use rush_diagnostics::{TextRange, TextSize};
use rush_syntax::ast::{self, Element, Expr, ExprId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::context::{Context, LetState, Reads};
use super::method::{method_of, methods_of};
use super::{Inference, LocalId, LocalSource};
use crate::db::{Db, Item};
use crate::names::{base_of, resolve_dotted};
use crate::signature::{Signature, matrix_axes};
use crate::ty::{DefaultRef, FieldTy, RecordTy, Ty, union};

/// What was seen on the visit of a text.
#[derive(Debug, Default)]
pub struct View {
    /// Types and meanings.
    pub inference: Inference,
    /// The type that is expected of an expression, where one is.
    pub expected: FxHashMap<ExprId, Ty>,
    /// The calls that mean something, by the start of their parentheses (of the path, for what is
    /// extended).
    pub calls: FxHashMap<TextSize, Call>,
    /// The locals that can be named at the place, innermost last.
    pub locals: Vec<Visible>,
    /// The axes of the matrix the place is under.
    pub axes: Vec<(SmolStr, Ty)>,
    /// What the declaration extends.
    pub base: Option<Item>,
    /// Whether the environment and files may be read at the place.
    pub may_read: bool,
    /// The variables that the script around the place sets itself, in alphabetical order.
    pub script_sets: Vec<SmolStr>,
}

/// A local that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    /// Its name.
    pub name: SmolStr,
    /// Its type, narrowed by the conditions around.
    pub ty: Ty,
    /// What gives it a value.
    pub source: LocalSource,
}

/// A call: who is called, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who is called.
    pub callee: Callee,
    /// The parameters in the order of positional arguments.
    pub params: Vec<Param>,
    /// Further names that may be given.
    pub axes: Vec<(SmolStr, Ty)>,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A declaration, a function, or a type that checks a value.
    Item(Item),
    /// A tag, a method or a function of Rush.
    Named(SmolStr),
}

/// A parameter of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: SmolStr,
    /// Its type.
    pub ty: Ty,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// Where its default is written, when that is known without a look at the callee.
    pub default: Option<DefaultRef>,
    /// Whether it takes what follows `--`.
    pub is_rest: bool,
}

/// Visits `ast`, the syntax of `text`, in the place of `item`, and tells what is known around `at`.
pub fn view(db: &dyn Db, item: Item, (ast, text): (&ast::Item, &str), at: TextRange) -> View {
    let watch = Watch { text, at, view: View::default() };
    let mut context = Context::watched(db, item, ast, watch);
    context.item();
    let Context { watch, out, .. } = context;
    let seen = watch.map(|it| it.view).unwrap_or_default();
    View { inference: out, ..seen }
}

/// Who watches a visit.
pub struct Watch<'a> {
    /// The text that is visited.
    pub(super) text: &'a str,
    /// The place that is asked about.
    at: TextRange,
    view: View,
}

impl Context<'_> {
    /// Notes what can be named, when the place lies in this expression. Inner ones come later.
    pub fn watch_scope(&mut self, id: ExprId) {
        let Some(watch) = &self.watch else { return };
        if !self.ast.expr_range(id).contains_range(watch.at) {
            return;
        }
        let is_settled = |id: &LocalId| {
            self.lets.get(id).is_none_or(|block_let| block_let.state != LetState::Active)
        };
        let visible: Vec<LocalId> = self.scope.iter().copied().filter(is_settled).collect();
        let locals = visible.into_iter().filter_map(|id| {
            let ty = self.local_type(id);
            let local = self.out.locals.get(id.0 as usize)?;
            Some(Visible { name: local.name.clone(), ty, source: local.source })
        });
        let locals: Vec<Visible> = locals.collect();
        let decl = self.decl.as_ref();
        let axes = decl.map(|it| it.axes.clone()).unwrap_or_default();
        let base = decl.and_then(|it| it.base);
        let may_read = matches!(self.reads, Reads::As(_));
        if let Some(watch) = &mut self.watch {
            let view = &mut watch.view;
            (view.locals, view.axes, view.base, view.may_read) = (locals, axes, base, may_read);
        }
    }

    /// Notes what is expected; what is known already is nearer to what was written.
    pub fn watch_expected(&mut self, id: ExprId, ty: &Ty) {
        if let Some(watch) = &mut self.watch {
            watch.view.expected.entry(id).or_insert_with(|| ty.clone());
        }
    }

    /// Notes that each element of a written list is compared with something.
    pub fn watch_expected_elements(&mut self, list: ExprId, ty: &Ty) {
        if self.watch.is_none() {
            return;
        }
        if let Expr::List(elements) = self.ast.expr(list) {
            for element in elements {
                if let Element::Value(value) = element {
                    self.watch_expected(*value, ty);
                }
            }
        }
    }

    /// Notes that an index is one of the keys of a table.
    pub fn watch_key(&mut self, index: ExprId, table: &RecordTy) {
        if self.watch.is_some() {
            let keys = table.fields.iter().map(|field| Ty::literal(field.name.clone()));
            self.watch_expected(index, &union(keys.collect()));
        }
    }

    /// Notes that the records of `include` and `exclude` have the axes as fields.
    pub fn watch_cells(&mut self, cells: ExprId, axes: &[(SmolStr, Ty)]) {
        if self.watch.is_none() {
            return;
        }
        let optional = |(name, ty): &(SmolStr, Ty)| (name.clone(), ty.clone().optional());
        let cell = Ty::record(axes.iter().map(optional));
        self.watch_expected(cells, &Ty::list(cell.clone()));
        self.watch_expected_elements(cells, &cell);
    }

    /// Notes what a script sets, when the place lies in it.
    pub fn watch_script<'n>(&mut self, id: ExprId, sets: impl IntoIterator<Item = &'n SmolStr>) {
        let Some(watch) = &mut self.watch else { return };
        if self.ast.expr_range(id).contains_range(watch.at) {
            watch.view.script_sets = sets.into_iter().cloned().collect();
            watch.view.script_sets.sort_unstable();
        }
    }

    /// Notes who is called at these parentheses, and with what.
    pub fn watch_call(
        &mut self,
        parentheses: TextRange,
        callee: Callee,
        (params, axes): (impl FnOnce() -> Vec<Param>, &[(SmolStr, Ty)]),
    ) {
        if let Some(watch) = &mut self.watch {
            let call = Call { callee, params: params(), axes: axes.to_vec() };
            watch.view.calls.insert(parentheses.start(), call);
        }
    }

    /// The syntax of an item; that of the visited text when it stands for the item.
    pub fn ast_of(&self, item: Item) -> &ast::Item {
        if item == self.item { self.ast } else { item.ast(self.db) }
    }

    /// What an item extends.
    pub fn base_of(&self, item: Item) -> Option<Item> {
        if self.watch.is_none() || item != self.item {
            return base_of(self.db, item);
        }
        let ast::ItemKind::Decl(decl) = &self.ast.kind else { return None };
        resolve_dotted(self.db, self.file, &decl.extends.as_ref()?.path)
    }

    /// The axes of the declaration's matrix, inherited ones included.
    pub fn all_axes(&self) -> Vec<(SmolStr, Ty)> {
        let Some(watch) = &self.watch else { return matrix_axes(self.db, self.item).clone() };
        let nowhere = TextRange::empty(TextSize::of(watch.text));
        let watch = Watch { text: watch.text, at: nowhere, view: View::default() };
        let own = Context::watched(self.db, self.item, self.ast, watch).own_axes();
        let base = || self.base_of(self.item).filter(|base| *base != self.item);
        own.or_else(|| Some(matrix_axes(self.db, base()?).clone())).unwrap_or_default()
    }
}

/// The parameters of a signature.
pub fn parameters(signature: &Signature) -> Vec<Param> {
    let params = signature.params.iter().map(|it| Param {
        name: it.name.clone(),
        ty: it.ty.clone(),
        is_optional: it.has_default || it.is_rest,
        default: None,
        is_rest: it.is_rest,
    });
    params.collect()
}

/// The parameters of what takes these fields.
pub fn fields_as_parameters(fields: &[FieldTy]) -> Vec<Param> {
    let params = fields.iter().map(|it| Param {
        name: it.name.clone(),
        ty: it.ty.clone(),
        is_optional: it.default.is_some() || it.ty.may_be_none(),
        default: it.default,
        is_rest: false,
    });
    params.collect()
}

/// A method of a type: `.split(separator)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub params: Vec<Param>,
    /// What it gives.
    pub result: Ty,
}

/// The methods a value of the type has; none when it may be `none`.
pub fn methods(ty: &Ty) -> Vec<Method> {
    let found = methods_of(ty).iter().filter_map(|name| {
        let (params, result) = method_of(ty, name)?;
        Some(Method { name, params: fields_as_parameters(&params), result })
    });
    found.collect()
}

/// The variant of an expected type that a record literal is checked against: the record with the
/// largest set of matching keys, else a map.
pub fn record_variant(record: &ast::Record, expected: &Ty) -> Option<Ty> {
    Context::record_variant(record, expected)
}
