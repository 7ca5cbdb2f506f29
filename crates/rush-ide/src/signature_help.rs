//! The parameters of the call the cursor is in.
//!
//! Answers for tasks, templates, functions, types that check a value, tags, methods and the
//! functions of Rush. The call may be half written: a word is put at the cursor, as for completion.

use std::ops::Range;

use rush_semantics::infer::{Call, Callee, Meaning, Param, View};
use rush_semantics::signature::{params_of, result_type};
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{Arg, Expr, ExprId, ItemKind, ParamDecl, TypeExpr, TypeId};
use text_size::{TextRange, TextSize};

use crate::draft::{Draft, Patch};
use crate::syntax::slice;

#[cfg(test)]
mod tests;

/// The signature of a callee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHelp {
    /// The whole: `task build(crate: Crate, release: bool = false)`.
    pub label: String,
    /// What is known about the callee.
    pub docs: Option<String>,
    /// Its parameters in order.
    pub params: Vec<SignatureParam>,
    /// Which of them is being written; nothing when none is left.
    pub active: Option<usize>,
}

/// A parameter of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureParam {
    /// Its bytes in the label.
    pub range: Range<usize>,
    /// Its docs.
    pub docs: Option<String>,
}

/// The signature of the innermost call around an offset.
pub fn signature_help(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<SignatureHelp> {
    let draft = Draft::new(db, file, offset, Patch::Word)?;
    let site = innermost(&draft)?;
    let view = draft.view(db);
    let call = view.calls.get(&site.start)?;
    let replaced = slice(draft.placed.item.text(db), draft.replaced);
    let active = active(&draft, replaced, site.args, call);
    let described = describe(db, &view, site.callee, call);
    Some(render(described, call, active))
}

/// A call around the word.
struct CallSite<'a> {
    /// By which the checker knows it.
    start: TextSize,
    args: &'a [Arg],
    /// The callee and the call; nothing for what is extended.
    callee: Option<(ExprId, ExprId)>,
}

/// The innermost call whose parentheses are around the word.
fn innermost(draft: &Draft) -> Option<CallSite<'_>> {
    let ast = &draft.ast;
    let is_inside =
        |range: TextRange| range.start() < draft.word.start() && range.contains_range(draft.word);
    let calls = (0..ast.expr_count()).filter_map(|id| {
        let id = ExprId(id as u32);
        match ast.expr(id) {
            Expr::Call { callee, args, args_range } if is_inside(*args_range) => {
                let callee = Some((*callee, id));
                let site = CallSite { start: args_range.start(), args, callee };
                Some((args_range.len(), site))
            }
            _ => None,
        }
    });
    let extended = match &ast.kind {
        ItemKind::Decl(decl) => decl.extends.as_ref().and_then(|extends| {
            let args = extends.args.as_deref()?;
            let path_end = extends.path.last()?.range.end();
            let is_after_path = path_end < draft.word.start();
            (is_after_path && is_inside(extends.range)).then(|| {
                let start = extends.range.start();
                (extends.range.len(), CallSite { start, args, callee: None })
            })
        }),
        _ => None,
    };
    calls.chain(extended).min_by_key(|(length, _)| *length).map(|(_, site)| site)
}

/// The parameter that is being written: by its name, or by its position. `replaced` is what the word
/// stands for.
fn active(draft: &Draft, replaced: &str, args: &[Arg], call: &Call) -> Option<usize> {
    let reaches = |arg: &&Arg| {
        let value = draft.ast.expr_range(arg.value);
        let whole = arg.name.as_ref().map_or(value, |name| name.range.cover(value));
        whole.contains_range(draft.word)
    };
    let is_before = |arg: &&Arg| draft.ast.expr_range(arg.value).start() < draft.word.start();
    let Some(arg) = args.iter().find(reaches).or_else(|| args.iter().rev().find(is_before)) else {
        return (!call.params.is_empty()).then_some(0);
    };
    if let Some(name) = &arg.name {
        let is_word = name.range.contains_range(draft.word);
        let written = if is_word { replaced } else { name.text.as_str() };
        let mut names =
            call.params.iter().map(|it| &it.name).chain(call.axes.iter().map(|it| &it.0));
        return names.position(|it| *it == written);
    }
    let value = arg.value;
    let position = args.iter().take_while(|it| it.value != value);
    let position = position.filter(|it| it.name.is_none()).count();
    (position < call.params.len()).then_some(position)
}

/// What a signature shows beside its parameters.
struct Described<'a> {
    head: String,
    tail: String,
    docs: Option<String>,
    /// Where the parameters are declared, with the item's text for their defaults.
    declared: &'a [ParamDecl],
    item: Option<Item>,
    db: &'a dyn Db,
}

fn describe<'a>(
    db: &'a dyn Db,
    view: &View,
    site: Option<(ExprId, ExprId)>,
    call: &Call,
) -> Described<'a> {
    let mut described = Described {
        head: String::new(),
        tail: String::new(),
        docs: None,
        declared: &[],
        item: None,
        db,
    };
    match &call.callee {
        Callee::Item(item) => {
            let ast = item.ast(db);
            described.head = format!("{} {}", item.kind(db), item.name(db));
            described.docs = ast.doc.as_ref().map(|it| it.text.clone());
            described.declared = params_of(&ast.kind);
            described.item = Some(*item);
            if item.kind(db) == Kind::Fn {
                described.tail = arrow(result_type(db, *item));
            }
        }
        Callee::Named(name) => {
            described.head = name.to_string();
            let meaning = site.and_then(|(callee, _)| view.inference.meanings.get(&callee));
            let result = site.map(|(_, call)| view.inference.ty(call));
            match meaning {
                Some(Meaning::Tag(_)) => {
                    let tag = site.map(|(callee, _)| view.inference.ty(callee));
                    if let Some((item, fields)) = tag.and_then(|it| tag_owner(db, it)) {
                        described.declared = fields;
                        described.item = Some(item);
                        described.docs = item.ast(db).doc.as_ref().map(|it| it.text.clone());
                    }
                }
                Some(Meaning::Builtin(function)) => {
                    described.docs = Some(function.doc().to_owned());
                    described.tail = arrow(&function.result());
                }
                _ => described.tail = result.map(arrow).unwrap_or_default(),
            }
        }
    }
    described
}

fn arrow(ty: &Ty) -> String {
    if ty.is_error() { String::new() } else { format!(" -> {ty}") }
}

/// The item that declares a tag, and the tag's fields.
fn tag_owner<'a>(db: &'a dyn Db, tag: &Ty) -> Option<(Item, &'a [ParamDecl])> {
    let Ty::Tag(tag) = tag.bare() else { return None };
    let ast = tag.item.ast(db);
    let fields = (0..ast.type_count()).find_map(|id| match ast.ty(TypeId(id as u32)) {
        TypeExpr::Tag { name, fields } if name.text == tag.name => Some(fields.as_slice()),
        _ => None,
    })?;
    Some((tag.item, fields))
}

impl Described<'_> {
    fn declared(&self, name: &str) -> Option<&ParamDecl> {
        self.declared.iter().find(|it| it.name.as_ref().is_some_and(|it| it.text == name))
    }

    /// ` = default` as it is written.
    fn default(&self, param: &Param) -> String {
        let written = || {
            let (item, expr) = match param.default {
                Some(default) => (default.item, default.expr),
                None => (self.item?, self.declared(&param.name)?.default?),
            };
            let range = item.ast(self.db).expr_range(expr);
            item.text(self.db).get(Range::<usize>::from(range))
        };
        written().map(|it| format!(" = {it}")).unwrap_or_default()
    }
}

fn render(described: Described<'_>, call: &Call, active: Option<usize>) -> SignatureHelp {
    let mut label = format!("{}(", described.head);
    let mut params = Vec::new();
    let mut add = |label: &mut String, text: &str, docs: Option<String>| {
        if !label.ends_with('(') {
            label.push_str(", ");
        }
        let start = label.len();
        label.push_str(text);
        params.push(SignatureParam { range: start..label.len(), docs });
    };
    for param in &call.params {
        let dots = if param.is_rest { "..." } else { "" };
        let ty = if param.ty.is_error() { String::new() } else { format!(": {}", param.ty) };
        let text = format!("{dots}{}{ty}{}", param.name, described.default(param));
        let docs = described.declared(&param.name).and_then(|it| it.doc.as_ref());
        add(&mut label, &text, docs.map(|it| it.text.clone()));
    }
    for (axis, ty) in &call.axes {
        let docs = "An axis of its matrix: only the cells with this value run.".to_owned();
        add(&mut label, &format!("{axis}: {ty} = .."), Some(docs));
    }
    label.push(')');
    label.push_str(&described.tail);
    SignatureHelp { label, docs: described.docs, params, active }
}
