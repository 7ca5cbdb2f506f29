//! What two parsers can be compared by: the items of a file, their parameters and members.

use std::fmt::Write as _;
use std::ops::Range;

use rush_semantics::kinds::KIND_NAMES;
use rush_syntax::ast::{Decl, Item, ItemKind, Member, Name, ParamDecl};
use rush_syntax::{Dialect, parse_item, split};
use tree_sitter::{Node, Parser, Tree};

/// What a parser makes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// One line each: the first word, the name, `(parameters)`, `{members}`.
    pub items: Vec<String>,
    /// Whether it finds a mistake.
    pub has_error: bool,
}

/// What the compiler makes of a file.
pub fn of_compiler(text: &str, dialect: Dialect) -> Outline {
    let mut outline = Outline { items: Vec::new(), has_error: false };
    for slice in split(text, KIND_NAMES) {
        let parsed = parse_item(&text[Range::<usize>::from(slice.range)], dialect);
        outline.has_error |= !parsed.errors.is_empty();
        outline.items.extend(line(&parsed.item));
    }
    outline
}

/// The first mistake the compiler finds, with the text from there on.
pub fn first_mistake(text: &str) -> Option<String> {
    split(text, KIND_NAMES).into_iter().find_map(|slice| {
        let item = &text[Range::<usize>::from(slice.range)];
        let errors = parse_item(item, Dialect::File).errors;
        let error = errors.first()?;
        Some(format!("{}: {}", error.message, &item[usize::from(error.range.start())..]))
    })
}

fn line(item: &Item) -> Option<String> {
    let word = match &item.kind {
        ItemKind::Nothing => return None,
        ItemKind::Use { .. } => "use",
        ItemKind::Let(_) => "let",
        ItemKind::Param(_) => "param",
        ItemKind::Fn { .. } => "fn",
        ItemKind::Type { .. } => "type",
        ItemKind::Check(_) => "check",
        ItemKind::Decl(decl) => &decl.kind.text,
        ItemKind::Kind(_) => "kind",
    };
    let mut out = word.to_owned();
    if let Some(name) = item.name().filter(|_| word != "check") {
        let _ = write!(out, " {}", name.text);
    }
    match &item.kind {
        ItemKind::Fn { params, .. } => push(&mut out, "()", params.iter().map(parameter)),
        ItemKind::Kind(kind) => push(&mut out, "{}", kind.fields.iter().map(parameter)),
        ItemKind::Decl(decl) => declaration(&mut out, decl),
        _ => {}
    }
    Some(out)
}

fn declaration(out: &mut String, decl: &Decl) {
    if let Some(params) = &decl.params {
        push(out, "()", params.iter().map(parameter));
    }
    push(out, "{}", decl.body.members.iter().map(member));
}

fn parameter(param: &ParamDecl) -> String {
    param.name.as_ref().map_or_else(String::new, |it| it.text.to_string())
}

fn member(member: &Member) -> String {
    let named = |name: Option<&Name>| name.map_or_else(String::new, |it| it.text.to_string());
    match member {
        Member::Field(field) => field.name.text.to_string(),
        Member::Let(value) => format!("let {}", named(value.name.as_ref())),
        Member::Check(_) => "check".to_owned(),
        Member::Spread { .. } => "...".to_owned(),
    }
}

fn push(out: &mut String, brackets: &str, parts: impl Iterator<Item = String>) {
    let (open, close) = brackets.split_at(1);
    let _ = write!(out, " {open}{}{close}", parts.collect::<Vec<_>>().join(" "));
}

/// A parser for the tree-sitter grammar.
pub fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_rush::LANGUAGE.into()).expect("the versions fit");
    parser
}

/// What tree-sitter makes of a file.
pub fn of_tree(text: &str, parser: &mut Parser) -> Outline {
    let tree = tree(text, parser);
    let root = tree.root_node();
    let items = items(root).filter_map(|it| tree_line(it, text)).collect();
    Outline { items, has_error: root.has_error() }
}

/// The tree of a file.
pub fn tree(text: &str, parser: &mut Parser) -> Tree {
    parser.parse(text, None).expect("nothing stops the parser")
}

fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    (0..node.named_child_count()).filter_map(move |at| node.named_child(u32::try_from(at).ok()?))
}

/// The items of a file, also those that the parser could only keep as parts of a mistake.
fn items(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    children(root).flat_map(|it| {
        let (whole, parts) = if it.is_error() { (None, Some(it)) } else { (Some(it), None) };
        whole.into_iter().chain(parts.into_iter().flat_map(children))
    })
}

fn tree_line(item: Node<'_>, text: &str) -> Option<String> {
    let word = match item.kind() {
        "declaration" => field(item, "kind", text)?,
        "use_item" | "let_item" | "param_item" | "fn_item" | "type_item" | "check_item"
        | "kind_item" => item.kind().trim_end_matches("_item").to_owned(),
        _ => return None,
    };
    let mut out = word;
    if let Some(name) = field(item, "name", text) {
        let _ = write!(out, " {name}");
    }
    for (name, brackets) in [("parameters", "()"), ("body", "{}"), ("fields", "{}")] {
        let group = item.child_by_field_name(name);
        let is_group = |it: &Node<'_>| matches!(it.kind(), "parameters" | "block" | "record_type");
        if let Some(group) = group.filter(is_group) {
            push(&mut out, brackets, children(group).filter_map(|it| tree_member(it, text)));
        }
    }
    Some(out)
}

fn tree_member(member: Node<'_>, text: &str) -> Option<String> {
    let name = field(member, "name", text);
    match member.kind() {
        "parameter" | "field" => name,
        "let" => Some(format!("let {}", name?)),
        "check" => Some("check".to_owned()),
        "spread" => Some("...".to_owned()),
        _ => None,
    }
}

/// The text of a child; for a quoted key, what is between the quotes.
fn field(node: Node<'_>, name: &str, text: &str) -> Option<String> {
    let child = node.child_by_field_name(name)?;
    let written = text.get(child.byte_range())?;
    Some(written.trim_matches('"').to_owned())
}
