//! The lossless tree of one item: every byte belongs to a token, every token to a node.
//!
//! It is two flat lists: tokens that tile the text, and nodes in preorder, each with the range of
//! its tokens and the end of its subtree. There is no allocation per node, nothing to drop
//! recursively, and equality is that of plain data. Positions count from the item's first byte;
//! the text itself is not kept.

mod build;

use std::ops::Range;

use text_size::{TextRange, TextSize};

use crate::kind::SyntaxKind;
use crate::lex::{RawToken, lex};
use crate::parse::parse_with_tokens;
use crate::{Dialect, SyntaxError};

/// A node of one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A node: what it is, which tokens it has, and where its subtree ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: SyntaxKind,
    first_token: u32,
    end_token: u32,
    /// The id after the last node below this one.
    subtree_end: u32,
}

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeToken {
    /// What it is.
    pub kind: SyntaxKind,
    /// Its bytes.
    pub range: TextRange,
}

/// The lossless tree of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    tokens: Vec<RawToken>,
    nodes: Vec<Node>,
    length: u32,
    errors: Vec<SyntaxError>,
}

/// Parses the text of one item, as `split` cuts it, to its lossless tree.
pub fn parse_tree(text: &str, dialect: Dialect) -> Tree {
    let detailed = parse_with_tokens(text, dialect);
    let length = text.len() as u32;
    let nodes = build::nodes(&detailed.parsed.item, &detailed.raw, length);
    Tree { tokens: detailed.raw, nodes, length, errors: detailed.parsed.errors }
}

/// The tokens of an item's text, trivia included, without the tree above them: for who looks at
/// each word of a file and at nothing else. They tile the text.
pub fn tokens(text: &str) -> Vec<TreeToken> {
    let raw = lex(text).tokens;
    let ends = raw.iter().skip(1).map(|next| next.start).chain([text.len() as u32]);
    let token = |(token, end): (&RawToken, u32)| {
        let range = TextRange::new(TextSize::new(token.start), TextSize::new(end));
        TreeToken { kind: token.kind, range }
    };
    raw.iter().zip(ends).map(token).collect()
}

impl Tree {
    /// What is wrong with the way the item is written.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// All tokens, trivia included; their ranges follow each other without a gap. A token that
    /// stands for what the author left out is empty.
    pub fn tokens(&self) -> impl Iterator<Item = TreeToken> {
        (0..self.tokens.len()).filter_map(|index| self.token(index))
    }

    /// The number of tokens.
    pub fn token_count(&self) -> usize {
        self.tokens.len()
    }

    /// The token with this index.
    pub fn token(&self, index: usize) -> Option<TreeToken> {
        let token = self.tokens.get(index)?;
        let end = self.tokens.get(index + 1).map_or(self.length, |next| next.start);
        let range = TextRange::new(TextSize::new(token.start), TextSize::new(end));
        Some(TreeToken { kind: token.kind, range })
    }

    /// The index of the token that has the byte at `offset`; at the end of the text, the last one.
    pub fn token_at_offset(&self, offset: TextSize) -> Option<usize> {
        let after = self.tokens.partition_point(|it| it.start <= u32::from(offset));
        after.checked_sub(1)
    }

    /// The root: the whole item.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The node behind an id of this tree.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// All nodes with their ids, parents before children.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index as u32), node))
    }

    /// The bytes of a node, from its first token to its last.
    pub fn range(&self, id: NodeId) -> TextRange {
        let tokens = self.token_range(id);
        let start = self.tokens.get(tokens.start).map_or(self.length, |it| it.start);
        let end = self.tokens.get(tokens.end).map_or(self.length, |it| it.start);
        TextRange::new(TextSize::new(start), TextSize::new(end.max(start)))
    }

    /// The indices of the tokens of a node and of all below it.
    pub fn token_range(&self, id: NodeId) -> Range<usize> {
        self.node(id).map_or(0..0, |it| it.first_token as usize..it.end_token as usize)
    }

    /// The nodes directly below a node.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.node(id).map_or(0, |it| it.subtree_end);
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(NodeId(next))?;
            next = self.node(child)?.subtree_end;
            Some(child)
        })
    }

    /// The nodes around a token, from the root to the innermost.
    pub fn ancestors(&self, token: usize) -> Vec<NodeId> {
        let has_token = |id: &NodeId| self.token_range(*id).contains(&token);
        let mut path = Vec::new();
        let mut next = Some(self.root()).filter(has_token);
        while let Some(id) = next {
            path.push(id);
            next = self.children(id).find(has_token);
        }
        path
    }

    /// Puts the tokens together again; equal to the text the tree was made from.
    pub fn text(&self, source: &str) -> String {
        self.tokens().filter_map(|it| source.get(Range::<usize>::from(it.range))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as nested brackets: `(Field (Name x) : (Literal 1))`.
    fn shape(text: &str) -> String {
        let tree = parse_tree(text, Dialect::File);
        assert_eq!(tree.text(text), text);
        let mut out = String::new();
        let mut pending: Vec<(usize, usize)> = Vec::new();
        let mut nodes = tree.nodes().peekable();
        for (index, token) in tree.tokens().enumerate() {
            while pending.pop_if(|(end, _)| *end <= index).is_some() {
                out.push(')');
            }
            while let Some((id, node)) =
                nodes.next_if(|(id, _)| tree.token_range(*id).start <= index)
            {
                out.push_str(&format!(" ({:?}", node.kind));
                pending.push((tree.token_range(id).end, index));
            }
            if !token.kind.is_trivia() {
                out.push_str(&format!(" {}", &text[token.range]));
            }
        }
        out.push_str(&")".repeat(pending.len()));
        out.trim().to_owned()
    }

    #[test]
    fn nodes_follow_the_typed_tree() {
        assert_eq!(
            shape("let x: int? = f(a: 1)[2]"),
            "(Item (Let let (Name x) : (Type (Type (Name int)) ?) = \
             (Index (Call (NameExpr f) ( (Arg (Name a) : (Literal 1)) )) [ (Literal 2) ])))"
        );
        assert_eq!(
            shape("task a { x { y: \"${z}\" } }"),
            "(Item (Name task) (Name a) (Record { (Field (Name x) (Record { (Field (Name y) : \
             (TextExpr \" (Hole ${ (NameExpr z) }) \")) })) }))"
        );
    }

    #[test]
    fn ancestors_lead_from_the_root_to_the_token() {
        let text = "let x = [1, a.b]";
        let tree = parse_tree(text, Dialect::File);
        let token = tree.token_at_offset(TextSize::new(14)).unwrap();
        let kinds: Vec<_> =
            tree.ancestors(token).iter().map(|it| tree.node(*it).unwrap().kind).collect();
        let names = format!("{kinds:?}");
        assert_eq!(names, "[Item, Let, List, FieldExpr, Name]");
    }
}
