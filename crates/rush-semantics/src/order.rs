//! The order in which definitions can be understood, and the circles that have none.
//!
//! `let`, `fn`, `type`, `param` and `extends` may refer to each other, but not in a circle. The
//! graph is walked here with a heap stack, so that a chain of any length neither overflows a thread's
//! stack nor recurses through queries: whoever checks a workspace asks for [`definitions`] and
//! visits it front to back.

use std::sync::Arc;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rush_syntax::ast::{self, Element, Expr, ExprId, ItemKind, TypeExpr, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::db::{Db, Item, Workspace};
use crate::names::{files, import_target, resolve, resolve_type};

/// Every definition of the workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// What others depend on comes before what depends on it.
    pub order: Vec<Item>,
    /// The members of each circle, in the order in which they refer to each other.
    circles: FxHashMap<Item, Arc<[Item]>>,
}

/// Orders all definitions and finds the circles.
#[salsa::tracked(returns(ref))]
pub fn definitions(db: &dyn Db, workspace: Workspace) -> Arc<Definitions> {
    let mut graph = DiGraph::<Item, ()>::new();
    let mut nodes = FxHashMap::<Item, NodeIndex>::default();
    let all = files(db).chain([workspace.prelude(db)]);
    let items = all.flat_map(|file| file.items(db).iter().copied());
    for item in items.filter(|item| is_ordered(db, *item)) {
        if definition_deps(db, item).is_empty() {
            continue;
        }
        let from = *nodes.entry(item).or_insert_with(|| graph.add_node(item));
        for &dep in definition_deps(db, item).iter() {
            let to = *nodes.entry(dep).or_insert_with(|| graph.add_node(dep));
            graph.add_edge(from, to, ());
        }
    }
    let mut found = Definitions::default();
    for component in kosaraju_scc(&graph) {
        let items: Vec<Item> =
            component.iter().filter_map(|it| graph.node_weight(*it).copied()).collect();
        let refers_to_itself = component.first().is_some_and(|it| graph.contains_edge(*it, *it));
        if items.len() > 1 || refers_to_itself {
            let circle: Arc<[Item]> = Arc::from(circle_through(db, &items));
            for &item in &items {
                found.circles.insert(item, circle.clone());
            }
        }
        found.order.extend(items);
    }
    Arc::new(found)
}

/// Whether an item can be part of a circle or of a long chain of definitions. Asked without a look
/// at the syntax: most items are declarations that extend nothing, and no edit of their bodies may
/// concern the order.
pub fn is_ordered(db: &dyn Db, item: Item) -> bool {
    match item.kind(db).as_str() {
        "let" | "param" | "fn" | "type" => true,
        "" | "use" | "check" | "kind" => false,
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

/// A shortest circle among the members of a strongly connected component.
fn circle_through(db: &dyn Db, members: &[Item]) -> Vec<Item> {
    let inside: FxHashSet<Item> = members.iter().copied().collect();
    let Some(&start) = members.iter().min_by_key(|item| item.id(db)) else { return Vec::new() };
    let mut came_from = FxHashMap::<Item, Item>::default();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(item) = queue.pop_front() {
        for &next in definition_deps(db, item).iter().filter(|next| inside.contains(*next)) {
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
pub fn definition_deps(db: &dyn Db, item: Item) -> Arc<[Item]> {
    let mut walk = Walk { db, item, ast: item.ast(db), bound: Vec::new(), found: Vec::new() };
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
                walk.found.push(base);
            }
            walk.params(decl.params.as_deref().unwrap_or_default());
        }
        ItemKind::Nothing | ItemKind::Use { .. } | ItemKind::Check(_) | ItemKind::Kind(_) => {}
    }
    let mut found = walk.found;
    let mut seen = FxHashSet::default();
    found.retain(|it| seen.insert(*it));
    Arc::from(found)
}

/// Collects what the expressions and types of one item refer to.
struct Walk<'a> {
    db: &'a dyn Db,
    item: Item,
    ast: &'a ast::Item,
    bound: Vec<SmolStr>,
    found: Vec<Item>,
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
        self.found.extend(found);
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
        self.found.extend(found.filter(|it| is_definition(self.db, *it)));
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
        self.found.extend(found.filter(|it| is_definition(self.db, *it)));
        true
    }
}

/// Tasks and services refer to each other through `needs`, which is another graph.
fn is_definition(db: &dyn Db, item: Item) -> bool {
    matches!(item.kind(db).as_str(), "let" | "param" | "fn" | "type" | "template")
}

/// Adds the direct subexpressions of an expression.
pub fn children(expr: &Expr, out: &mut Vec<ExprId>) {
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
        Expr::Text(parts) | Expr::Command(parts) => {
            out.extend(parts.iter().filter_map(|part| match part {
                ast::Part::Hole { value, .. } => Some(*value),
                ast::Part::Text { .. } => None,
            }));
        }
        Expr::List(elements) => elements.iter().for_each(|element| element_children(element, out)),
        Expr::Record(record) => record.members.iter().for_each(|member| match member {
            ast::Member::Let(it) => out.push(it.value),
            ast::Member::Check(it) => out.extend([it.condition, it.message]),
            ast::Member::Spread { value, .. } => out.push(*value),
            ast::Member::Field(field) => out.push(field.value),
        }),
        Expr::Unary { operand, .. } => out.push(*operand),
        Expr::Binary { left, right, .. } => out.extend([*left, *right]),
        Expr::If { condition, then, otherwise } => out.extend([*condition, *then, *otherwise]),
        Expr::Field { base, .. } => out.push(*base),
        Expr::Index { base, index } => out.extend([*base, *index]),
        Expr::Call { callee, args, .. } => {
            out.push(*callee);
            out.extend(args.iter().map(|arg| arg.value));
        }
    }
}

fn element_children(element: &Element, out: &mut Vec<ExprId>) {
    match element {
        Element::Value(value) | Element::Spread(value) => out.push(*value),
        Element::For { iterable, condition, element, .. } => {
            out.push(*iterable);
            out.extend(*condition);
            element_children(element, out);
        }
        Element::If { condition, element } => {
            out.push(*condition);
            element_children(element, out);
        }
    }
}
