//! From an expression, or a part of a text, to a `let` with a name.
//!
//! In the body of a declaration when the expression needs its parameters; else there, or at the level
//! of the file. Not where a literal has a meaning only in its place: what `all(..)` and `env(..)` are
//! given, the axes of a matrix, the settings of a workspace, tags, records, and texts with holes that
//! become paths.

use rush_semantics::infer::{Meaning, infer};
use rush_semantics::ty::Ty;
use rush_syntax::Kind;
use rush_syntax::ast::{BinaryOp, Expr, ExprId, ItemKind, Part};
use text_size::{TextRange, TextSize};

use super::scope::{guarded, guards};
use super::{ActionKind, Change, Offer, Site, words};
use crate::syntax::{exprs, indentation, line_start, reindented, slice};

/// What is moved behind a name.
#[derive(Clone, Copy)]
enum Piece {
    /// An expression.
    Whole(ExprId),
    /// A part of the text or the command that the expression is.
    Part(ExprId, TextRange),
}

impl Piece {
    const fn expr(self) -> ExprId {
        match self {
            Self::Whole(expr) | Self::Part(expr, _) => expr,
        }
    }

    fn range(self, site: &Site<'_>) -> TextRange {
        match self {
            Self::Whole(expr) => site.with_parentheses(site.ast.expr_range(expr)),
            Self::Part(_, range) => range,
        }
    }

    /// The value of the `let`, on a line with this indentation.
    fn value(self, site: &Site<'_>, indentation: &str) -> Option<String> {
        match self {
            Self::Whole(expr) => moved(site, expr, indentation),
            Self::Part(_, range) => Some(format!("\"{}\"", slice(site.text, range))),
        }
    }

    /// What it is called.
    fn name(self, site: &Site<'_>) -> String {
        let is_argument =
            matches!(self, Self::Part(expr, _) if matches!(site.ast.expr(expr), Expr::Command(_)));
        let wanted = if is_argument { "argument".to_owned() } else { site.name_for(self.expr()) };
        site.fresh_name(&wanted)
    }

    /// What stands in its place.
    fn put(self, name: &str) -> String {
        match self {
            Self::Whole(_) => name.to_owned(),
            Self::Part(..) => format!("${{{name}}}"),
        }
    }
}

/// The offers for the selected expression, or the selected part of a text.
pub(super) fn offers<'a>(site: &'a Site<'a>) -> Vec<Offer<'a>> {
    let whole = selected(site);
    let piece = match whole {
        Some(expr) => can_move(site, expr).then_some(Piece::Whole(expr)),
        None => words::selected(site)
            .filter(|(expr, _)| is_free_place(site, *expr))
            .map(|(expr, range)| Piece::Part(expr, range)),
    };
    let Some(piece) = piece else { return Vec::new() };
    in_body(site, piece).into_iter().chain(in_file(site, piece)).collect()
}

/// The expression that is selected: exactly, with the parentheses around it, or without its quotes.
fn selected(site: &Site<'_>) -> Option<ExprId> {
    if site.selection.is_empty() {
        return None;
    }
    let written = crate::syntax::slice(site.text, site.selection);
    let inner = written.trim_start_matches('(').trim_start();
    let start = site.selection.end() - TextSize::of(inner);
    let inner = inner.trim_end_matches(')').trim_end();
    let bare = TextRange::at(start, TextSize::of(inner));
    let is_it = |id: &ExprId| {
        let range = site.ast.expr_range(*id);
        range == site.selection || range == bare || words::inside_quotes(site, *id) == Some(bare)
    };
    let mut found =
        exprs(site.ast).filter(|(_, it)| is_movable(it)).map(|(id, _)| id).filter(is_it);
    let parenthesised = found.next()?;
    Some(parenthesised)
}

fn is_movable(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Int(_)
            | Expr::Float(_)
            | Expr::Duration(_)
            | Expr::Size(_)
            | Expr::Text(_)
            | Expr::Command(_)
            | Expr::List(_)
            | Expr::Unary { .. }
            | Expr::Binary { .. }
            | Expr::If { .. }
            | Expr::Index { .. }
            | Expr::Call { .. }
    )
}

/// Whether the expression means the same behind a name.
fn can_move(site: &Site<'_>, expr: ExprId) -> bool {
    let range = site.ast.expr_range(expr);
    let inference = infer(site.db, site.item());
    let moves = !site.mentions(range, |it| matches!(it, Meaning::Tag(_) | Meaning::Namespace(_)))
        && !site.mentions(range, is_bound)
        && site.inside(range).iter().all(|id| keeps_type(site, *id));
    moves
        && is_data(inference.ty(expr))
        && !is_guarded(site, expr)
        && !is_guarding(site, expr)
        && is_free_place(site, expr)
}

/// Whether a value is known by itself: a declaration with arguments is only where it is called.
fn is_data(ty: &Ty) -> bool {
    match ty {
        Ty::Error | Ty::Never | Ty::None | Ty::Kind(_) | Ty::Decl { .. } => false,
        Ty::List(element) | Ty::Map(element) => is_data(element),
        Ty::Union(members) => members.iter().all(|it| *it == Ty::None || is_data(it)),
        _ => true,
    }
}

/// A function whose arguments or place are part of its meaning.
fn is_bound(meaning: &Meaning) -> bool {
    use rush_semantics::builtins::Builtin;
    matches!(
        meaning,
        Meaning::Builtin(
            Builtin::Env | Builtin::File | Builtin::Files | Builtin::All | Builtin::Raw(_)
        )
    )
}

/// Whether an expression has its type by itself, and not from where it stands.
fn keeps_type(site: &Site<'_>, id: ExprId) -> bool {
    match site.ast.expr(id) {
        Expr::Record(_) | Expr::Script { .. } | Expr::None | Expr::Missing => false,
        Expr::List(elements) if elements.is_empty() => false,
        Expr::Text(parts) if parts.iter().any(|it| matches!(it, Part::Hole { .. })) => {
            let ty = infer(site.db, site.item()).ty(id);
            !ty.members().iter().any(|it| matches!(it.bare(), Ty::Path | Ty::Glob | Ty::Secret))
        }
        _ => true,
    }
}

/// Whether a condition around the expression decides what is known in it.
fn is_guarded(site: &Site<'_>, expr: ExprId) -> bool {
    let range = site.ast.expr_range(expr);
    let has_names = site.mentions(range, |_| true);
    has_names && !guards(site.ast, site.around(expr), range).is_empty()
}

/// Whether the expression decides, as part of a condition, what is known of a name elsewhere.
fn is_guarding(site: &Site<'_>, expr: ExprId) -> bool {
    let range = site.ast.expr_range(expr);
    // What is known of `m["k"]` is known of that spelling.
    let is_spelled_again = |id: &ExprId| {
        matches!(site.ast.expr(*id), Expr::Index { .. })
            && site.text.matches(site.source(*id)).count() > 1
    };
    if site.around(expr).iter().any(is_spelled_again) {
        return true;
    }
    let compares = site.inside(range).iter().any(|id| match site.ast.expr(*id) {
        Expr::Binary { op, .. } => {
            matches!(op, BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In)
        }
        Expr::Index { .. } => true,
        _ => false,
    });
    let names = |range: TextRange| {
        let inside = site.inside(range).into_iter();
        inside.filter_map(|id| match site.ast.expr(id) {
            Expr::Name(name) => Some(name),
            _ => None,
        })
    };
    compares
        && guarded(site.ast, site.around(expr), range)
            .into_iter()
            .any(|it| names(it).any(|it| names(range).any(|own| own == it)))
}

/// Whether a name may stand where the expression stands.
fn is_free_place(site: &Site<'_>, expr: ExprId) -> bool {
    let range = site.ast.expr_range(expr);
    let meanings = &infer(site.db, site.item()).meanings;
    let is_argument = |id: &ExprId| match site.ast.expr(*id) {
        Expr::Call { callee, .. } => {
            meanings.get(callee).is_some_and(is_bound)
                || site.ast.expr_range(*callee).contains_range(range)
        }
        Expr::Field { base, .. } => site.ast.expr_range(*base).contains_range(range),
        Expr::Command(_) | Expr::Text(_) => false,
        _ => false,
    };
    !site.around(expr).iter().any(is_argument)
}

/// Whether a member of the declaration is understood without being evaluated.
fn is_fixed_field(site: &Site<'_>, range: TextRange) -> bool {
    let ItemKind::Decl(decl) = &site.ast.kind else { return false };
    let is_fixed = |name: &str| matches!(name, "matrix" | "edition" | "members" | "from");
    decl.body.members.iter().any(|member| match member {
        rush_syntax::ast::Member::Field(it) => {
            it.range.contains_range(range) && is_fixed(&it.name.text)
        }
        _ => false,
    })
}

/// A `let` before the member that has the piece.
fn in_body<'a>(site: &'a Site<'a>, piece: Piece) -> Option<Offer<'a>> {
    let ItemKind::Decl(decl) = &site.ast.kind else { return None };
    let range = piece.range(site);
    let has_block = matches!(decl.kind(), Kind::Task | Kind::Template | Kind::Service);
    if !has_block || !decl.body.range.contains_range(range) || is_fixed_field(site, range) {
        return None;
    }
    // A script in another language gets every value of the task.
    let sees_all = exprs(site.ast).any(|(_, it)| match it {
        Expr::Script { tag, .. } => !matches!(tag.text.as_str(), "sh" | "bash" | "zsh"),
        _ => false,
    });
    let member = site.member(range)?;
    if sees_all
        || site.needs_inner(range)
        || decl.kind() == Kind::Template && site.needs_item(range)
    {
        return None;
    }
    let start = usize::from(member.start());
    let value = piece.value(site, indentation(site.text, start))?;
    let before = site.text.get(line_start(site.text, start)..start)?;
    let separator = if before.trim().is_empty() {
        format!("\n{}", indentation(site.text, start))
    } else {
        ", ".to_owned()
    };
    if separator == ", " && value.contains('\n') {
        return None;
    }
    let title = format!("extract to a `let` of this {}", decl.kind.text);
    let new = New { at: member.start(), value, separator };
    Some(offer(site, ("extract-let-here", title), new, piece))
}

/// A `let` before the item.
fn in_file<'a>(site: &'a Site<'a>, piece: Piece) -> Option<Offer<'a>> {
    let range = piece.range(site);
    let is_open = match &site.ast.kind {
        ItemKind::Decl(decl) => {
            matches!(decl.kind(), Kind::Task | Kind::Template | Kind::Service)
                && !is_fixed_field(site, range)
        }
        ItemKind::Let(_) | ItemKind::Fn { .. } | ItemKind::Check(_) => true,
        _ => false,
    };
    if !is_open || site.needs_item(range) || site.needs_inner(range) {
        return None;
    }
    let new = New { at: site.start(), value: piece.value(site, "")?, separator: "\n\n".to_owned() };
    let title = "extract to a `let` of this file".to_owned();
    Some(offer(site, ("extract-let", title), new, piece))
}

/// The expression's text on a line with another indentation; `None` where that would change it.
/// Lines that only parentheses or deeper lines held together get parentheses.
fn moved(site: &Site<'_>, expr: ExprId, indentation: &str) -> Option<String> {
    let own = crate::syntax::indentation(site.text, site.ast.expr_range(expr).start().into());
    let text = reindented(site.source(expr), own, indentation)?;
    let is_open =
        matches!(site.ast.expr(expr), Expr::Unary { .. } | Expr::Binary { .. } | Expr::If { .. });
    let is_flush = |line: &str| {
        let line = line.strip_prefix(indentation).unwrap_or(line);
        !line.is_empty() && !line.starts_with([' ', '\t', ')', ']', '}', '"'])
    };
    if !text.contains('\n') || !is_open && !text.lines().skip(1).any(is_flush) {
        return Some(text);
    }
    let inside = format!("{indentation}  ");
    let text = reindented(site.source(expr), own, &inside)?;
    Some(format!("(\n{inside}{text}\n{indentation})"))
}

/// A `let` that is still without a name.
struct New {
    at: TextSize,
    value: String,
    /// What stands behind it.
    separator: String,
}

/// The name is made up when the offer is taken: for that, the whole file is looked through.
fn offer<'a>(site: &'a Site<'a>, (id, title): (&str, String), new: New, piece: Piece) -> Offer<'a> {
    Offer::later(id, title, ActionKind::Extract, move || {
        let name = piece.name(site);
        let New { at, value, separator } = new;
        let insert = site.edit(TextRange::empty(at), format!("let {name} = {value}{separator}"));
        let replace = site.edit(piece.range(site), piece.put(&name));
        let place = TextRange::at(TextSize::of("let "), TextSize::of(&*name));
        Change::naming(vec![insert, replace], (0, place))
    })
}
