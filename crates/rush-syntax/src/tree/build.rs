//! The nodes of a tree, from the typed tree of the same text.
//!
//! The parser keeps no record of nodes; whoever wants the lossless tree pays for it here. Nodes are
//! collected with their bytes in any order and put into preorder by sorting.

use std::cmp::Reverse;

use text_size::TextRange;

use super::Node;
use crate::ast::{
    Arg, Check, Element, Expr, ExprId, Item, ItemKind, Let, Member, Name, ParamDecl, Part, Record,
    TypeExpr, TypeId,
};
use crate::kind::SyntaxKind;
use crate::lex::RawToken;

/// The nodes of `item` in preorder, over `tokens` that tile `length` bytes.
pub(super) fn nodes(item: &Item, tokens: &[RawToken], length: u32) -> Vec<Node> {
    let mut found = Found { item, nodes: Vec::new() };
    found.item();
    let mut spans = found.nodes;
    spans.retain(|(_, range)| !range.is_empty());
    spans.sort_by_key(|(_, range)| (range.start(), Reverse(range.end())));
    nest(&spans, tokens, length)
}

/// Turns sorted ranges into nodes; one that would overlap its neighbour is left out.
fn nest(spans: &[(SyntaxKind, TextRange)], tokens: &[RawToken], length: u32) -> Vec<Node> {
    let token_at = |offset: u32| tokens.partition_point(|it| it.start < offset) as u32;
    let count = tokens.len() as u32;
    let root = Node { kind: SyntaxKind::Item, first_token: 0, end_token: count, subtree_end: 0 };
    let mut nodes = vec![root];
    let mut open: Vec<(usize, u32)> = vec![(0, length)];
    for (kind, range) in spans {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        while let Some((index, _)) = open.pop_if(|(index, limit)| *limit <= start && *index > 0) {
            close(&mut nodes, index);
        }
        if open.last().is_some_and(|(_, limit)| end > *limit) {
            continue;
        }
        open.push((nodes.len(), end));
        let (first_token, end_token) = (token_at(start), token_at(end).min(count));
        nodes.push(Node { kind: *kind, first_token, end_token, subtree_end: 0 });
    }
    while let Some((index, _)) = open.pop() {
        close(&mut nodes, index);
    }
    nodes
}

fn close(nodes: &mut [Node], index: usize) {
    let end = nodes.len() as u32;
    if let Some(node) = nodes.get_mut(index) {
        node.subtree_end = end;
    }
}

/// Collects what of the typed tree becomes a node.
struct Found<'i> {
    item: &'i Item,
    nodes: Vec<(SyntaxKind, TextRange)>,
}

impl Found<'_> {
    fn item(&mut self) {
        let item = self.item;
        match &item.kind {
            ItemKind::Nothing => {}
            ItemKind::Use { path, alias } => {
                self.opt_name(path.as_ref());
                self.opt_name(alias.as_ref());
            }
            ItemKind::Let(it) => self.lets(it),
            ItemKind::Param(it) => self.param(it),
            ItemKind::Fn { name, params, .. } => {
                self.opt_name(name.as_ref());
                self.params(params);
            }
            ItemKind::Type { name, .. } => self.opt_name(name.as_ref()),
            ItemKind::Check(it) => self.check(it),
            ItemKind::Decl(it) => {
                self.name(&it.kind);
                self.opt_name(it.name.as_ref());
                self.params(it.params.as_deref().unwrap_or_default());
                if let Some(extends) = &it.extends {
                    self.push(SyntaxKind::Extends, extends.range);
                    extends.path.iter().for_each(|name| self.name(name));
                    self.args(extends.args.as_deref().unwrap_or_default());
                }
                self.push(SyntaxKind::Record, it.body.range);
                self.record(&it.body);
            }
            ItemKind::Kind(it) => {
                self.opt_name(it.name.as_ref());
                it.abilities.iter().for_each(|name| self.name(name));
                self.params(&it.fields);
            }
        }
        for id in 0..item.expr_count() as u32 {
            self.expr(ExprId(id));
        }
        for id in 0..item.types.len() as u32 {
            self.ty(TypeId(id));
        }
    }

    fn push(&mut self, kind: SyntaxKind, range: TextRange) {
        self.nodes.push((kind, range));
    }

    fn name(&mut self, name: &Name) {
        self.push(SyntaxKind::Name, name.range);
    }

    fn opt_name(&mut self, name: Option<&Name>) {
        name.into_iter().for_each(|it| self.name(it));
    }

    fn lets(&mut self, it: &Let) {
        self.opt_name(it.name.as_ref());
        self.push(SyntaxKind::Let, it.range);
    }

    fn check(&mut self, it: &Check) {
        self.push(SyntaxKind::Check, it.range);
    }

    fn params(&mut self, params: &[ParamDecl]) {
        params.iter().for_each(|it| self.param(it));
    }

    fn param(&mut self, it: &ParamDecl) {
        self.push(SyntaxKind::Param, it.range);
        self.opt_name(it.name.as_ref());
        it.attributes.iter().for_each(|name| self.name(name));
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            if let Some(name) = &arg.name {
                let value = self.item.expr_range(arg.value);
                self.push(SyntaxKind::Arg, name.range.cover(value));
                self.name(name);
            }
        }
    }

    fn record(&mut self, record: &Record) {
        for member in &record.members {
            match member {
                Member::Let(it) => self.lets(it),
                Member::Check(it) => self.check(it),
                Member::Spread { range, .. } => self.push(SyntaxKind::Spread, *range),
                Member::Field(it) => {
                    self.push(SyntaxKind::Field, it.range);
                    self.name(&it.name);
                }
            }
        }
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Value(_) | Element::Spread(_) => {}
            Element::For { name, element, .. } => {
                self.opt_name(name.as_deref());
                self.element(element);
            }
            Element::If { element, .. } => self.element(element),
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            if let Part::Hole { range, .. } = part {
                self.push(SyntaxKind::Hole, *range);
            }
        }
    }

    fn expr(&mut self, id: ExprId) {
        let item = self.item;
        let kind = match item.expr(id) {
            Expr::Missing => return,
            Expr::None | Expr::Bool(_) | Expr::Int(_) | Expr::Float(_) => SyntaxKind::Literal,
            Expr::Duration(_) | Expr::Size(_) => SyntaxKind::Literal,
            Expr::Text(parts) | Expr::Command(parts) => {
                self.push(SyntaxKind::TextExpr, item.expr_range(id));
                return self.parts(parts);
            }
            Expr::Script { .. } => SyntaxKind::TextExpr,
            Expr::Name(_) => SyntaxKind::NameExpr,
            Expr::List(elements) => {
                elements.iter().for_each(|it| self.element(it));
                SyntaxKind::List
            }
            Expr::Record(record) => {
                self.push(SyntaxKind::Record, item.expr_range(id));
                return self.record(record);
            }
            Expr::Unary { .. } => SyntaxKind::Unary,
            Expr::Binary { .. } => SyntaxKind::Binary,
            Expr::If { .. } => SyntaxKind::If,
            Expr::Field { name, .. } => {
                self.name(name);
                SyntaxKind::FieldExpr
            }
            Expr::Index { .. } => SyntaxKind::Index,
            Expr::Call { args, .. } => {
                self.args(args);
                SyntaxKind::Call
            }
        };
        self.push(kind, item.expr_range(id));
    }

    fn ty(&mut self, id: TypeId) {
        let item = self.item;
        self.push(SyntaxKind::Type, item.type_range(id));
        match item.ty(id) {
            TypeExpr::Path { path, .. } => path.iter().for_each(|it| self.name(it)),
            TypeExpr::Tag { name, fields } => {
                self.name(name);
                self.params(fields);
            }
            TypeExpr::Record(fields) => self.params(fields),
            TypeExpr::Missing
            | TypeExpr::None
            | TypeExpr::Text(_)
            | TypeExpr::Int(_)
            | TypeExpr::Float(_)
            | TypeExpr::Map(_)
            | TypeExpr::List(_)
            | TypeExpr::Union(_)
            | TypeExpr::Optional(_) => {}
        }
    }
}
