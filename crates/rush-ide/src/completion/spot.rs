//! What the word of a draft stands for.

use rush_syntax::ast::{
    Arg, Expr, ExprId, Item, ItemKind, Member, Name, ParamDecl, Part, Record, TypeExpr, TypeId,
};

use crate::draft::{Draft, WORD};

/// What the word of a draft stands for.
#[derive(Debug)]
pub(super) enum Spot<'a> {
    /// A new name, a comment, or something nobody can read.
    Nothing,
    /// A value.
    Value(ExprId),
    /// What follows a dot.
    Member { base: ExprId, whole: ExprId },
    /// The name of a field.
    Field { record: &'a Record, owner: Owner, is_valued: bool },
    /// The name of an argument that has a value.
    ArgumentName { call: ExprId },
    /// A type; of an import when there is a namespace.
    Type { namespace: Option<&'a Name> },
    /// What is extended; of an import when there is a namespace.
    Extends { namespace: Option<&'a Name> },
    /// What may stand between the name of a declaration and its body.
    AfterName,
    /// What follows the path of a `use`.
    AfterPath,
    /// The name that a `use` gives an import.
    Alias,
    /// Inside the path of a `use`.
    Import { before: &'a str, after: &'a str },
    /// Inside the quotes of a text.
    Text { text: ExprId, parts: &'a [Part] },
    /// Inside the quotes of a field's name.
    Key { record: &'a Record, owner: Owner },
    /// Inside a command.
    Command { parts: &'a [Part] },
    /// Inside a script.
    Script { tag: &'a Name, body: &'a [Part] },
}

/// Whose field it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The declaration itself.
    Declaration,
    /// A record.
    Record(ExprId),
}

impl Spot<'_> {
    /// Whether the word stands in a text of some kind, where nothing else is to be read.
    pub(super) fn is_in_text(&self) -> bool {
        match self {
            Self::Import { .. }
            | Self::Text { .. }
            | Self::Key { .. }
            | Self::Command { .. }
            | Self::Script { .. } => true,
            Self::Nothing
            | Self::Value(_)
            | Self::Member { .. }
            | Self::Field { .. }
            | Self::ArgumentName { .. }
            | Self::Type { .. }
            | Self::Extends { .. }
            | Self::AfterName
            | Self::AfterPath
            | Self::Alias => false,
        }
    }
}

/// Finds the word of a draft.
pub(super) fn spot(draft: &Draft) -> Spot<'_> {
    let ast = &draft.ast;
    in_head(draft, &ast.kind)
        .or_else(|| (0..ast.expr_count()).find_map(|id| in_expr(ast, ExprId(id as u32))))
        .or_else(|| (0..ast.type_count()).find_map(|id| in_type(ast.ty(TypeId(id as u32)))))
        .or_else(|| after_name(draft))
        .unwrap_or(Spot::Nothing)
}

fn is_word(name: &Name) -> bool {
    name.text == WORD
}

fn in_head<'a>(draft: &'a Draft, kind: &'a ItemKind) -> Option<Spot<'a>> {
    match kind {
        ItemKind::Use { path: None, .. } => {
            // A text that is not closed is no path yet.
            let line = draft.before().rsplit('\n').next()?;
            let (_, before) = line.strip_prefix("use")?.split_once('"')?;
            Some(Spot::Import { before, after: "" })
        }
        ItemKind::Use { path: Some(path), .. } if path.text.contains(WORD) => {
            let (before, after) = path.text.split_once(WORD)?;
            Some(Spot::Import { before, after })
        }
        ItemKind::Use { path: Some(path), alias: Some(alias) } if is_word(alias) => {
            let between = text_size::TextRange::new(path.range.end(), alias.range.start());
            let has_as = draft.source(between).trim() == "as";
            Some(if has_as { Spot::Alias } else { Spot::AfterPath })
        }
        ItemKind::Decl(decl) => {
            if let Some(extends) = &decl.extends
                && let Some(at) = extends.path.iter().position(is_word)
            {
                let namespace = at.checked_sub(1).and_then(|it| extends.path.get(it));
                return Some(Spot::Extends { namespace });
            }
            let extended = decl.extends.iter().flat_map(|it| it.args.iter().flatten());
            if extended.filter_map(|it| it.name.as_ref()).any(is_word) {
                return Some(Spot::Nothing);
            }
            in_record(&decl.body, Owner::Declaration, &draft.ast)
        }
        _ => None,
    }
}

fn in_record<'a>(record: &'a Record, owner: Owner, ast: &Item) -> Option<Spot<'a>> {
    let field = record.members.iter().find_map(|member| match member {
        Member::Field(field) if field.name.text.contains(WORD) => Some(field),
        _ => None,
    })?;
    if field.name.range.len() > text_size::TextSize::of(WORD) {
        return Some(Spot::Key { record, owner });
    }
    let is_valued = !matches!(ast.expr(field.value), Expr::Missing);
    Some(Spot::Field { record, owner, is_valued })
}

fn in_expr(ast: &Item, id: ExprId) -> Option<Spot<'_>> {
    let is_inside = |parts: &[Part]| {
        parts.iter().any(|it| matches!(it, Part::Text { value, .. } if value.contains(WORD)))
    };
    match ast.expr(id) {
        Expr::Name(name) if name == WORD => Some(Spot::Value(id)),
        Expr::Field { base, name } if is_word(name) => {
            Some(Spot::Member { base: *base, whole: id })
        }
        Expr::Record(record) => in_record(record, Owner::Record(id), ast),
        Expr::Call { args, .. } if has_name(args) => Some(Spot::ArgumentName { call: id }),
        Expr::Text(parts) if is_inside(parts) => Some(Spot::Text { text: id, parts }),
        Expr::Command(parts) if is_inside(parts) => Some(Spot::Command { parts }),
        Expr::Script { tag, body } if is_inside(body) => Some(Spot::Script { tag, body }),
        _ => None,
    }
}

fn has_name(args: &[Arg]) -> bool {
    args.iter().filter_map(|it| it.name.as_ref()).any(is_word)
}

fn in_type(ty: &TypeExpr) -> Option<Spot<'_>> {
    match ty {
        TypeExpr::Path { path, .. } => {
            let at = path.iter().position(is_word)?;
            let namespace = at.checked_sub(1).and_then(|it| path.get(it));
            Some(Spot::Type { namespace })
        }
        TypeExpr::Tag { name, .. } if is_word(name) => Some(Spot::Type { namespace: None }),
        _ => None,
    }
}

fn after_name<'a>(draft: &Draft) -> Option<Spot<'a>> {
    let ItemKind::Decl(decl) = &draft.ast.kind else { return None };
    let name = decl.name.as_ref().filter(|it| !is_word(it))?;
    let before = draft.before();
    let rest = before.get(usize::from(name.range.end())..)?;
    let is_in_params = |it: &ParamDecl| it.range.end() >= draft.word.start();
    let is_open = decl.params.iter().flatten().any(is_in_params);
    let is_head = rest.ends_with([' ', '\t']) && !rest.contains(['{', '\n', '"']);
    let is_closed = rest.matches('(').count() == rest.matches(')').count();
    (decl.extends.is_none() && is_head && is_closed && !is_open).then_some(Spot::AfterName)
}
