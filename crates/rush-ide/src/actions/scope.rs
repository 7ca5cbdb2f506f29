//! What refactorings ask about names, and about where an expression stands.

use rush_semantics::Item;
use rush_semantics::builtins::Builtin;
use rush_semantics::infer::{LocalSource, Meaning, infer};
use rush_semantics::names::{Namespace, file_names};
use rush_syntax::ast::{self, BinaryOp, Element, Expr, ExprId, ItemKind, Member};
use text_size::TextRange;

use super::Site;
use crate::syntax::exprs;

impl Site<'_> {
    /// The expressions that hold this one, the outermost first, without itself.
    pub(super) fn around(&self, expr: ExprId) -> Vec<ExprId> {
        let own = self.ast.expr_range(expr);
        let holds = |id: &ExprId| {
            let range = self.ast.expr_range(*id);
            *id != expr && range.contains_range(own) && (range != own || id.0 > expr.0)
        };
        let mut found: Vec<ExprId> = exprs(self.ast)
            .filter(|(_, it)| !matches!(it, Expr::Missing))
            .map(|(id, _)| id)
            .filter(holds)
            .collect();
        found.sort_by_key(|id| std::cmp::Reverse(self.ast.expr_range(*id).len()));
        found
    }

    /// The expressions inside a range.
    pub(super) fn inside(&self, range: TextRange) -> Vec<ExprId> {
        let ids = exprs(self.ast).map(|(id, _)| id);
        ids.filter(|id| range.contains_range(self.ast.expr_range(*id))).collect()
    }

    /// The range of an expression with the parentheses that stand around nothing else.
    pub(super) fn with_parentheses(&self, range: TextRange) -> TextRange {
        let mut range = range;
        loop {
            let before = crate::syntax::slice(self.text, TextRange::up_to(range.start()));
            let after = self.text.get(usize::from(range.end())..).unwrap_or_default();
            let opened = before.trim_end().strip_suffix('(');
            let closed = after.trim_start().strip_prefix(')');
            match (opened, closed) {
                (Some(opened), Some(closed)) if is_grouping(opened) => {
                    let end = self.text.len() - closed.len();
                    range = crate::syntax::range(opened.len(), end);
                }
                _ => return range,
            }
        }
    }

    /// Whether some expression in a range is a name that this condition holds for.
    pub(super) fn mentions(&self, range: TextRange, holds: impl Fn(&Meaning) -> bool) -> bool {
        let meanings = &infer(self.db, self.item()).meanings;
        self.inside(range).iter().any(|id| meanings.get(id).is_some_and(&holds))
    }

    /// Whether an expression needs what only its item has: parameters, `let`s, the matrix, its base.
    pub(super) fn needs_item(&self, range: TextRange) -> bool {
        self.mentions(range, |it| {
            matches!(it, Meaning::Local(_) | Meaning::Matrix | Meaning::Base | Meaning::Unknown)
        })
    }

    /// Whether an expression uses a name that is not known in the whole body of the declaration: the
    /// variable of a `for`, or the `let` of a record inside.
    pub(super) fn needs_inner(&self, range: TextRange) -> bool {
        let inference = infer(self.db, self.item());
        let body_lets: Vec<ExprId> = match &self.ast.kind {
            ItemKind::Decl(decl) => {
                let lets = decl.body.members.iter().filter_map(|member| match member {
                    Member::Let(it) => Some(it.value),
                    _ => None,
                });
                lets.collect()
            }
            _ => Vec::new(),
        };
        self.mentions(range, |meaning| match meaning {
            Meaning::Local(id) => match inference.locals.get(id.0 as usize).map(|it| it.source) {
                Some(LocalSource::Parameter(_)) => false,
                Some(LocalSource::Let(value)) => !body_lets.contains(&value),
                Some(LocalSource::For(iterable)) => {
                    !range.contains_range(self.ast.expr_range(iterable))
                }
                None => true,
            },
            Meaning::Unknown => true,
            _ => false,
        })
    }

    /// The top-level member of the declaration that holds a range.
    pub(super) fn member(&self, range: TextRange) -> Option<TextRange> {
        let ItemKind::Decl(decl) = &self.ast.kind else { return None };
        let whole = |member: &Member| match member {
            Member::Field(it) => it.doc.as_ref().map_or(it.range, |doc| doc.range.cover(it.range)),
            Member::Spread { range, .. } => *range,
            Member::Let(it) => it.range,
            Member::Check(it) => it.range,
        };
        decl.body.members.iter().map(whole).find(|it| it.contains_range(range))
    }

    /// A name that nothing in the file has but a field, and no script mentions: the wanted one, or
    /// that of the declaration before it.
    pub(super) fn fresh_name(&self, wanted: &str) -> String {
        let names = file_names(self.db, self.file);
        let is_taken = |name: &str| {
            [Namespace::Values, Namespace::Types]
                .iter()
                .any(|space| names.names(*space).any(|it| it == name))
                || Builtin::named(name).is_some()
                || matches!(name, "host" | "profile" | "matrix" | "base")
                || is_reserved(name)
                || is_variable(name)
                || self.file.items(self.db).iter().any(|it| self.is_used_in(*it, name))
        };
        let base = wanted.trim_matches('_');
        let base = if base.is_empty() { "value" } else { base };
        let owner = self.item().name(self.db).as_str();
        let longer = match owner {
            "" => base.to_owned(),
            owner if owner == base => format!("{base}_value"),
            owner => format!("{}_{base}", owner.trim_matches('_')),
        };
        let numbered = (2..1000).map(|count| format!("{longer}_{count}"));
        let mut candidates = [base.to_owned(), longer.clone()].into_iter().chain(numbered);
        candidates.find(|it| !is_taken(it)).unwrap_or_else(|| format!("{longer}_new"))
    }

    /// Whether an item uses a word for anything but its fields and arguments.
    fn is_used_in(&self, item: Item, name: &str) -> bool {
        let params = rush_semantics::signature::params_of(&item.ast(self.db).kind);
        params.iter().filter_map(|it| it.name.as_ref()).any(|it| it.text == name)
            || words(item.text(self.db), name).any(|(before, after)| !is_field(before, after))
    }

    /// A name for a value: what the field or the parameter is called that it is given to. Of a list
    /// the one, and of what runs what it is.
    pub(super) fn name_for(&self, expr: ExprId) -> String {
        let name = self.holder_of(expr);
        match (name.as_str(), self.ast.expr(expr)) {
            ("run" | "finally", Expr::Command(_)) => return "command".to_owned(),
            ("run" | "finally", Expr::List(_)) => return "commands".to_owned(),
            ("run" | "finally", _) => return "argument".to_owned(),
            _ => {}
        }
        let is_element = self.around(expr).last().is_some_and(|it| {
            matches!(self.ast.expr(*it), Expr::List(all) if all.iter().any(|it| element_values(it).0.contains(&expr)))
        });
        let one = name.strip_suffix('s').filter(|it| is_element && !it.ends_with('s'));
        one.map_or(name.clone(), str::to_owned)
    }

    /// What the field, the parameter or the `let` is called that a value is given to.
    fn holder_of(&self, expr: ExprId) -> String {
        let own = self.ast.expr_range(expr);
        let mut best: Option<(TextRange, &str)> = None;
        let mut consider = |range: TextRange, name: &'_ str| {
            let name: &str = name;
            if range.contains_range(own) && best.is_none_or(|(it, _)| range.len() <= it.len()) {
                best = Some((range, self.word(name)));
            }
        };
        for (_, it) in exprs(self.ast) {
            match it {
                Expr::Record(record) => {
                    for member in &record.members {
                        if let Member::Field(field) = member {
                            consider(field.range, &field.name.text);
                        }
                    }
                }
                Expr::Call { args, .. } => {
                    for arg in args {
                        if let Some(name) = &arg.name {
                            consider(self.ast.expr_range(arg.value), &name.text);
                        }
                    }
                }
                _ => {}
            }
        }
        if let ItemKind::Decl(decl) = &self.ast.kind {
            for member in &decl.body.members {
                if let Member::Field(field) = member {
                    consider(field.range, &field.name.text);
                }
            }
        }
        let name = best.map_or("value", |(_, name)| name);
        let plain: String = name
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '_' })
            .collect();
        let is_word = plain.starts_with(|it: char| it.is_ascii_alphabetic());
        if is_word { plain } else { "value".to_owned() }
    }

    /// The same word, as long as the site lives.
    fn word(&self, name: &str) -> &str {
        self.text.find(name).and_then(|at| self.text.get(at..at + name.len())).unwrap_or("value")
    }
}

/// Whether a parenthesis behind this text only holds an expression together: behind a name or a
/// bracket it would be that of a call.
fn is_grouping(before: &str) -> bool {
    let before = before.trim_end();
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let word = before.get(before.trim_end_matches(is_word).len()..).unwrap_or_default();
    match word {
        "" => !before.ends_with([')', ']', '}', '"', '`']),
        word => matches!(word, "if" | "then" | "else" | "in" | "check"),
    }
}

/// Whether a text has a word, not as part of a longer one.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    words(text, word).next().is_some()
}

/// What stands before and behind a word, wherever it is not part of a longer one.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_part = |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || it == '_');
    text.match_indices(word).filter_map(move |(at, _)| {
        let (before, after) = (text.get(..at)?, text.get(at + word.len()..)?);
        let is_whole = !is_part(before.chars().next_back()) && !is_part(after.chars().next());
        is_whole.then_some((before, after))
    })
}

/// Whether a word is that of a field or an argument: at the start of one, before its value. In a
/// script that is where no variable is read.
fn is_field(before: &str, after: &str) -> bool {
    let blanks = [' ', '\t'];
    let before = before.trim_end_matches(blanks);
    let starts = before.is_empty() || before.ends_with(['\n', '{', ',', '(']);
    starts && !before.ends_with("${") && after.trim_start_matches(blanks).starts_with([':', '{'])
}

fn is_reserved(name: &str) -> bool {
    let words = [
        "if", "then", "else", "for", "in", "true", "false", "none", "let", "use", "param", "fn",
        "type", "check", "extends", "as",
    ];
    words.contains(&name) || rush_semantics::kinds::KIND_NAMES.contains(&name)
}

/// Names that mean something to programs and shells, which a script would get in their place.
fn is_variable(name: &str) -> bool {
    matches!(
        name,
        "path"
            | "home"
            | "pwd"
            | "ifs"
            | "env"
            | "shell"
            | "user"
            | "status"
            | "tmp"
            | "argv"
            | "signal"
            | "cdpath"
            | "fpath"
            | "manpath"
            | "prompt"
            | "options"
            | "commands"
            | "functions"
            | "aliases"
            | "parameters"
            | "dirstack"
            | "history"
            | "pipestatus"
    )
}

/// The variables that the `for`s of a list element declare.
pub(super) fn variables(element: &Element) -> Vec<&str> {
    let (mut names, mut at) = (Vec::new(), Some(element));
    while let Some(element) = at.take() {
        match element {
            Element::Value(_) | Element::Spread(_) => {}
            Element::For { name, element, .. } => {
                names.extend(name.iter().map(|it| it.text.as_str()));
                at = Some(element);
            }
            Element::If { element, .. } => at = Some(element),
        }
    }
    names
}

/// The conditions that decide whether what stands at a range is worked out, of those in the expressions
/// around it.
pub(super) fn guards(
    ast: &ast::Item,
    around: impl IntoIterator<Item = ExprId>,
    range: TextRange,
) -> Vec<ExprId> {
    let has_it = |id: &ExprId| ast.expr_range(*id).contains_range(range);
    let conditions = around.into_iter().flat_map(|id| match ast.expr(id) {
        Expr::If { condition, .. } if !has_it(condition) => vec![*condition],
        Expr::Binary { op: BinaryOp::And | BinaryOp::Or, left, .. } if !has_it(left) => vec![*left],
        Expr::List(elements) => {
            let elements = elements.iter().map(element_values);
            let around = elements.filter(|(values, _)| values.iter().any(has_it));
            around.flat_map(|(_, conditions)| conditions).collect()
        }
        _ => Vec::new(),
    });
    conditions.collect()
}

/// What is worked out only as a condition says that stands at a range, or has it inside, of those in the
/// expressions around it.
pub(super) fn guarded(
    ast: &ast::Item,
    around: impl IntoIterator<Item = ExprId>,
    range: TextRange,
) -> Vec<TextRange> {
    let has_it = |id: &ExprId| ast.expr_range(*id).contains_range(range);
    let rests = around.into_iter().flat_map(|id| {
        let conditions = match ast.expr(id) {
            Expr::If { condition, .. } => vec![*condition],
            Expr::Binary { op: BinaryOp::And | BinaryOp::Or, left, .. } => vec![*left],
            Expr::List(elements) => elements.iter().flat_map(|it| element_values(it).1).collect(),
            _ => Vec::new(),
        };
        let end = ast.expr_range(id).end();
        conditions.into_iter().filter(has_it).map(move |condition| {
            let start = ast.expr_range(condition).end();
            TextRange::new(start, end.max(start))
        })
    });
    rests.collect()
}

/// The values of a list element, and its conditions.
pub(super) fn element_values(element: &Element) -> (Vec<ExprId>, Vec<ExprId>) {
    let (mut values, mut conditions) = (Vec::new(), Vec::new());
    let mut at = Some(element);
    while let Some(element) = at.take() {
        match element {
            Element::Value(value) | Element::Spread(value) => values.push(*value),
            Element::For { iterable, condition, element, .. } => {
                values.push(*iterable);
                conditions.extend(condition);
                at = Some(element);
            }
            Element::If { condition, element } => {
                conditions.push(*condition);
                at = Some(element);
            }
        }
    }
    (values, conditions)
}
