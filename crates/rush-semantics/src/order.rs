//! The order in which definitions can be understood, and the circles that have none.
//!
//! `let`, `fn`, `type`, `param` and `extends` may refer to each other, but not in a circle. The
//! graph is walked here with a heap stack, so that a chain of any length neither overflows a thread's
//! stack nor recurses through queries: whoever checks a workspace asks for [`definitions`] and
//! visits it front to back.

mod script;

use std::sync::Arc;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeFiltered;
use rush_syntax::Kind;
use rush_syntax::ast::{self, Element, Expr, ExprId, ItemKind, TypeExpr, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::db::{Db, Item, Workspace};
use crate::names::{files, import_target, resolve, resolve_type};

pub use script::{Certainty, foreign_names};

/// Every definition of the workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// What others depend on comes before what depends on it.
    pub order: Vec<Item>,
    /// The members of each circle, in the order in which they refer to each other.
    circles: FxHashMap<Item, Arc<[Item]>>,
    /// For each definition that comes back to itself, also by what scripts merely mention: one that
    /// stands for all it comes back through.
    knots: FxHashMap<Item, Item>,
}

/// The definitions an item refers to, each once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Those it can't be understood without.
    needed: Vec<Item>,
    /// Those among them that a script of it reads.
    read_in_scripts: Vec<Item>,
    /// Those that a script of it names where the name may mean something else.
    mentioned: Vec<Item>,
}

/// Orders all definitions and finds the circles.
#[salsa::tracked(returns(ref))]
pub fn definitions(db: &dyn Db, workspace: Workspace) -> Arc<Definitions> {
    let graph = reference_graph(db, workspace);
    let mut found = Definitions::default();
    let needs = EdgeFiltered::from_fn(&graph, |edge| *edge.weight() == Certainty::Read);
    for component in kosaraju_scc(&needs) {
        if let Some(items) = round_trip(&graph, &component, Certainty::Read) {
            let circle: Arc<[Item]> = Arc::from(circle_through(db, &items));
            found.circles.extend(items.iter().map(|item| (*item, circle.clone())));
        }
    }
    for component in kosaraju_scc(&graph) {
        if let Some(items) = round_trip(&graph, &component, Certainty::Mentioned)
            && let Some(&first) = items.iter().min_by_key(|item| item.id(db))
        {
            found.knots.extend(items.iter().map(|item| (*item, first)));
        }
        found.order.extend(component.iter().filter_map(|it| graph.node_weight(*it)));
    }
    Arc::new(found)
}

/// Who refers to whom.
fn reference_graph(db: &dyn Db, workspace: Workspace) -> DiGraph<Item, Certainty> {
    let mut graph = DiGraph::new();
    let mut nodes = FxHashMap::<Item, NodeIndex>::default();
    let all = files(db).chain([workspace.prelude(db)]);
    let items = all.flat_map(|file| file.items(db).iter().copied());
    for item in items.filter(|item| is_ordered(db, *item)) {
        let References { needed, mentioned, .. } = references(db, item);
        let needed = needed.iter().map(|it| (*it, Certainty::Read));
        let mentioned = mentioned.iter().map(|it| (*it, Certainty::Mentioned));
        for (dep, certainty) in needed.chain(mentioned) {
            let from = *nodes.entry(item).or_insert_with(|| graph.add_node(item));
            let to = *nodes.entry(dep).or_insert_with(|| graph.add_node(dep));
            graph.add_edge(from, to, certainty);
        }
    }
    graph
}

/// The items of a strongly connected component, if one can go round in it by such references.
fn round_trip(
    graph: &DiGraph<Item, Certainty>,
    component: &[NodeIndex],
    least: Certainty,
) -> Option<Vec<Item>> {
    let refers_to_itself = component
        .first()
        .is_some_and(|it| graph.edges_connecting(*it, *it).any(|edge| *edge.weight() <= least));
    let items = || component.iter().filter_map(|it| graph.node_weight(*it).copied()).collect();
    (component.len() > 1 || refers_to_itself).then(items)
}

/// Whether an item can be part of a circle or of a long chain of definitions. Asked without a look
/// at the syntax: most items are declarations that extend nothing, and no edit of their bodies may
/// concern the order.
pub fn is_ordered(db: &dyn Db, item: Item) -> bool {
    match item.kind(db) {
        Kind::Let | Kind::Param | Kind::Fn | Kind::Type => true,
        Kind::Nothing | Kind::Use | Kind::Check | Kind::Kind => false,
        _ => item.mentions(db).extends,
    }
}

/// Whether a definition depends on itself.
pub fn is_circular(db: &dyn Db, item: Item) -> bool {
    circle_of(db, item).is_some()
}

/// The circle a definition is part of: each refers to the next, the last to the first.
pub fn circle_of(db: &dyn Db, item: Item) -> Option<&Arc<[Item]>> {
    if is_ordered(db, item) { own_circle(db, item).as_ref() } else { None }
}

#[salsa::tracked(returns(ref))]
fn own_circle(db: &dyn Db, item: Item) -> Option<Arc<[Item]>> {
    definitions(db, db.workspace()).circles.get(&item).cloned()
}

/// Whether one definition can't be understood before the other, if all that scripts mention counts.
pub fn is_tangled(db: &dyn Db, one: Item, other: Item) -> bool {
    let knot = |item| if is_ordered(db, item) { *own_knot(db, item) } else { None };
    knot(one).is_some_and(|it| knot(other) == Some(it))
}

#[salsa::tracked(returns(ref))]
fn own_knot(db: &dyn Db, item: Item) -> Option<Item> {
    definitions(db, db.workspace()).knots.get(&item).copied()
}

/// A member of a circle whose script reads the next one, with that next one.
pub fn script_in_circle(db: &dyn Db, circle: &[Item]) -> Option<(Item, Item)> {
    let next = circle.iter().cycle().skip(1);
    let mut steps = circle.iter().copied().zip(next.copied());
    steps.find(|(item, next)| references(db, *item).read_in_scripts.contains(next))
}

/// A shortest circle among the members of a strongly connected component.
fn circle_through(db: &dyn Db, members: &[Item]) -> Vec<Item> {
    let inside: FxHashSet<Item> = members.iter().copied().collect();
    let Some(&start) = members.iter().min_by_key(|item| item.id(db)) else { return Vec::new() };
    let mut came_from = FxHashMap::<Item, Item>::default();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(item) = queue.pop_front() {
        for &next in references(db, item).needed.iter().filter(|next| inside.contains(*next)) {
            if next == start {
                let mut circle = vec![item];
                let mut at = item;
                while let Some(&before) = came_from.get(&at) {
                    circle.push(before);
                    at = before;
                }
                circle.reverse();
                return circle;
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = came_from.entry(next) {
                entry.insert(item);
                queue.push_back(next);
            }
        }
    }
    members.to_vec()
}

/// The definitions an item refers to, by name; changes only when a reference comes or goes.
#[salsa::tracked(returns(ref))]
fn references(db: &dyn Db, item: Item) -> References {
    let mut walk =
        Walk { db, item, ast: item.ast(db), bound: Vec::new(), found: References::default() };
    match &walk.ast.kind {
        ItemKind::Let(it) => {
            walk.types(it.ty.as_slice());
            walk.exprs(&[it.value]);
        }
        ItemKind::Param(it) => {
            walk.types(&[it.ty]);
            walk.exprs(it.default.as_slice());
        }
        ItemKind::Fn { params, result, body, .. } => {
            walk.params(params);
            walk.bound =
                params.iter().filter_map(|it| Some(it.name.as_ref()?.text.clone())).collect();
            walk.types(result.as_slice());
            walk.exprs(&[*body]);
        }
        ItemKind::Type { ty, .. } => walk.types(&[*ty]),
        ItemKind::Decl(decl) => {
            if let Some(base) = crate::names::base_of(db, item) {
                walk.found.needed.push(base);
            }
            walk.params(decl.params.as_deref().unwrap_or_default());
        }
        ItemKind::Nothing | ItemKind::Use { .. } | ItemKind::Check(_) | ItemKind::Kind(_) => {}
    }
    let mut found = walk.found;
    for items in [&mut found.needed, &mut found.read_in_scripts, &mut found.mentioned] {
        let mut seen = FxHashSet::default();
        items.retain(|it| seen.insert(*it));
        items.shrink_to_fit();
    }
    found
}

/// Collects what the expressions and types of one item refer to.
struct Walk<'a> {
    db: &'a dyn Db,
    item: Item,
    ast: &'a ast::Item,
    bound: Vec<SmolStr>,
    found: References,
}

impl Walk<'_> {
    fn params(&mut self, params: &[ast::ParamDecl]) {
        for param in params {
            self.types(&[param.ty]);
            self.exprs(param.default.as_slice());
        }
    }

    fn types(&mut self, roots: &[TypeId]) {
        let mut open = roots.to_vec();
        while let Some(id) = open.pop() {
            match self.ast.ty(id) {
                TypeExpr::Path { path, .. } => self.type_path(path),
                TypeExpr::Map(inner) | TypeExpr::List(inner) | TypeExpr::Optional(inner) => {
                    open.push(*inner);
                }
                TypeExpr::Union(members) => open.extend(members),
                TypeExpr::Tag { fields, .. } | TypeExpr::Record(fields) => {
                    open.extend(fields.iter().map(|field| field.ty));
                    for field in fields {
                        self.exprs(field.default.as_slice());
                    }
                }
                TypeExpr::Missing
                | TypeExpr::None
                | TypeExpr::Text(_)
                | TypeExpr::Int(_)
                | TypeExpr::Float(_) => {}
            }
        }
    }

    fn type_path(&mut self, path: &[ast::Name]) {
        let file = self.item.file(self.db);
        let found = match path {
            [name] => resolve_type(self.db, file, &name.text).or_else(|| {
                resolve_type(self.db, self.db.workspace().prelude(self.db), &name.text)
            }),
            [namespace, name] => resolve(self.db, file, &namespace.text)
                .and_then(|import| import_target(self.db, import))
                .and_then(|target| resolve_type(self.db, target, &name.text)),
            _ => None,
        };
        self.found.needed.extend(found);
    }

    fn exprs(&mut self, roots: &[ExprId]) {
        let mut open = roots.to_vec();
        while let Some(id) = open.pop() {
            match self.ast.expr(id) {
                Expr::Name(name) => self.name(name),
                Expr::Field { base, name } => {
                    if !self.member(*base, name) {
                        open.push(*base);
                    }
                }
                Expr::Script { tag, body } => self.script(tag, body),
                other => children(other, &mut open),
            }
        }
    }

    fn name(&mut self, name: &SmolStr) {
        if self.bound.contains(name) {
            return;
        }
        let file = self.item.file(self.db);
        let found = resolve(self.db, file, name).or_else(|| resolve_type(self.db, file, name));
        self.found.needed.extend(found.filter(|it| is_definition(self.db, *it)));
    }

    /// Whether `base.name` is a member of a namespace.
    fn member(&mut self, base: ExprId, name: &ast::Name) -> bool {
        let Expr::Name(namespace) = self.ast.expr(base) else { return false };
        let import = resolve(self.db, self.item.file(self.db), namespace);
        let Some(target) = import.and_then(|import| import_target(self.db, import)) else {
            return false;
        };
        let found = resolve(self.db, target, &name.text)
            .or_else(|| resolve_type(self.db, target, &name.text));
        self.found.needed.extend(found.filter(|it| is_definition(self.db, *it)));
        true
    }
}

/// Tasks and services refer to each other through `needs`, which is another graph.
fn is_definition(db: &dyn Db, item: Item) -> bool {
    matches!(item.kind(db), Kind::Let | Kind::Param | Kind::Fn | Kind::Type | Kind::Template)
}

/// Adds the direct subexpressions of an expression.
pub fn children(expr: &Expr, out: &mut Vec<ExprId>) {
    each_child(expr, |it| out.push(it));
}

/// Visits the direct subexpressions of an expression.
pub fn each_child(expr: &Expr, mut visit: impl FnMut(ExprId)) {
    match expr {
        Expr::Missing
        | Expr::None
        | Expr::Bool(_)
        | Expr::Int(_)
        | Expr::Float(_)
        | Expr::Duration(_)
        | Expr::Size(_)
        | Expr::Name(_)
        | Expr::Script { .. } => {}
        Expr::Text(parts) | Expr::Command(parts) => parts.iter().for_each(|part| match part {
            ast::Part::Hole { value, .. } => visit(*value),
            ast::Part::Text { .. } => {}
        }),
        Expr::List(elements) => elements.iter().for_each(|it| each_in_element(it, &mut visit)),
        Expr::Record(record) => record.members.iter().for_each(|member| match member {
            ast::Member::Let(it) => visit(it.value),
            ast::Member::Check(it) => [it.condition, it.message].into_iter().for_each(&mut visit),
            ast::Member::Spread { value, .. } => visit(*value),
            ast::Member::Field(field) => visit(field.value),
        }),
        Expr::Unary { operand, .. } => visit(*operand),
        Expr::Binary { left, right, .. } => [*left, *right].into_iter().for_each(visit),
        Expr::If { condition, then, otherwise } => {
            [*condition, *then, *otherwise].into_iter().for_each(visit);
        }
        Expr::Field { base, .. } => visit(*base),
        Expr::Index { base, index } => [*base, *index].into_iter().for_each(visit),
        Expr::Call { callee, args, .. } => {
            visit(*callee);
            args.iter().for_each(|arg| visit(arg.value));
        }
    }
}

fn each_in_element(mut element: &Element, visit: &mut impl FnMut(ExprId)) {
    loop {
        element = match element {
            Element::Value(value) | Element::Spread(value) => return visit(*value),
            Element::For { iterable, condition, element, .. } => {
                visit(*iterable);
                condition.iter().for_each(|it| visit(*it));
                element
            }
            Element::If { condition, element } => {
                visit(*condition);
                element
            }
        };
    }
}
