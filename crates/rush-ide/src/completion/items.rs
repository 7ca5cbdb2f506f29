//! Whole items, at the start of a line.

use rush_semantics::infer::Param;
use rush_semantics::kinds::{KindDef, kinds};
use rush_semantics::names::{import_target, is_private, with_bases};
use rush_semantics::signature::signature;
use rush_semantics::ty::Ty;
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::ast::ItemKind;
use rush_syntax::{Kind, parse_item};
use text_size::{TextRange, TextSize};

use super::list::{List, Rank};
use super::siblings::names;
use super::{Completion, CompletionKind, DocsId, Insert};
use crate::place::Placed;
use crate::snippet::Snippet;
use crate::syntax::{dialect, line_end, line_start, size};

/// The words that open an item and what follows them.
const WORDS: [(&str, &str); 6] = [
    ("use", "use \"$1\" as ${2:name}"),
    ("let", "let ${1:name} = $0"),
    ("param", "param ${1:name}: ${2:string} = $0"),
    ("fn", "fn ${1:name}(${2:value}: ${3:string}) -> ${4:string} = $0"),
    ("type", "type ${1:Name} = $0"),
    ("check", "check ${1:condition}, \"${2:message}\""),
];

/// What is typed from the start of the line up to an offset, when it could be the start of a word.
pub(super) fn typed_at_column_zero(text: &str, offset: TextSize) -> Option<&str> {
    let before = text.get(..offset.into())?;
    let line = before.rsplit('\n').next().unwrap_or(before);
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    line.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_').then_some(line)
}

/// The line of an offset up to the cursor and the word there, when an item can be begun in its place: it
/// has blanks, as editors leave them, before one word at most, and what precedes it is complete.
pub(super) fn indented_between_items(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
) -> Option<TextRange> {
    let (placed, inside) = Placed::at(db, file, offset)?;
    let text = placed.item.text(db);
    let start = line_start(text, inside.into());
    let end = line_end(text, inside.into());
    let line = text.get(start..end)?;
    let word = line.trim_start_matches([' ', '\t']);
    let is_indented = word.len() < line.len() && start + line.len() - word.len() <= inside.into();
    let is_word = word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let is_last = text.get(end..)?.trim().is_empty();
    if !is_indented || !is_word || !is_last {
        return None;
    }
    let before = text.get(..start)?;
    let is_complete = parse_item(before, dialect(db, file)).errors.is_empty();
    is_complete.then(|| TextRange::new(size(start), size(start + line.len())) + placed.start)
}

/// Adds every item that can be begun, given what follows the cursor.
pub(super) fn items(db: &dyn Db, file: SourceFile, offset: TextSize, list: &mut List, after: &str) {
    let rest = after.lines().next().unwrap_or_default().trim();
    let is_alone = rest.is_empty();
    for kind in kinds(db) {
        let is_there = kind.kind == Kind::Workspace && has_workspace(db, file, offset);
        if Kind::DECLARED.contains(&kind.kind) && !is_there {
            let it = list.proposal(kind.kind.word(), CompletionKind::Skeleton);
            let it = it.documented(DocsId::kind(kind.kind));
            list.add(Rank::Near, if is_alone { it.with(skeleton(kind)) } else { it });
        }
    }
    for (word, snippet) in WORDS {
        let it = list.proposal(word, CompletionKind::Keyword);
        let insert = if is_alone { Insert::Snippet(snippet.to_owned()) } else { it.insert.clone() };
        list.add(Rank::Fits, Completion { insert, ..it });
    }
    if is_alone {
        for (path, template) in templates(db, file) {
            add_template(db, list, &path, template);
        }
    }
}

/// Whether the file has a `workspace` but where the cursor is; there is one of them.
fn has_workspace(db: &dyn Db, file: SourceFile, offset: TextSize) -> bool {
    let is_written_now = |it: &Placed| {
        let word = it.item.text(db).find("workspace").map_or(0, |at| at + "workspace".len());
        TextRange::at(it.start, TextSize::new(word as u32)).contains_inclusive(offset)
    };
    let mut all = Placed::all(db, file).filter(|it| it.item.kind(db) == Kind::Workspace);
    all.any(|it| !is_written_now(&it))
}

/// `task ${1:name} { .. }` with what must be there, or with what it runs.
fn skeleton(kind: &KindDef) -> Snippet {
    let mut snippet = Snippet::default().text(kind.kind.word()).text(" ");
    if kind.has_name {
        snippet = snippet.stop("name").text(" ");
    }
    let is_required = |ty: &Ty, has_default: bool| !has_default && !ty.may_be_none();
    let required: Vec<_> =
        kind.fields.iter().filter(|it| is_required(&it.ty, it.default.is_some())).collect();
    snippet = snippet.text("{\n  ");
    if required.is_empty() {
        // What it runs, if it runs anything; that is what most are written for.
        let runs = kind.fields.iter().find(|it| it.ty.members().contains(&Ty::Command));
        let is_whole = kind.has_params && runs.is_some();
        return match runs.filter(|_| is_whole) {
            Some(field) => {
                snippet.text(&field.name).field_value(&field.ty, crate::snippet::Layout::Lines)
            }
            None => snippet.end(),
        }
        .text("\n}");
    }
    for (at, field) in required.iter().enumerate() {
        let line = if at == 0 { "" } else { "\n  " };
        snippet = snippet.text(line).text(&field.name).text(": ").value(&field.ty, "");
    }
    snippet.end().text("\n}")
}

/// The templates of a file and of what it imports, as they are named there.
fn templates(db: &dyn Db, file: SourceFile) -> Vec<(String, Item)> {
    let mut found = Vec::new();
    for &item in file.items(db).iter() {
        let name = item.name(db);
        match item.kind(db) {
            Kind::Template if !name.is_empty() => found.push((name.to_string(), item)),
            Kind::Use => {
                let target = import_target(db, item);
                let items = target.iter().flat_map(|it| it.items(db).iter());
                let public =
                    items.filter(|it| it.kind(db) == Kind::Template && !is_private(it.name(db)));
                found.extend(public.map(|it| (format!("{name}.{}", it.name(db)), *it)));
            }
            _ => {}
        }
    }
    found.truncate(super::list::NAMES_MAX);
    found
}

fn add_template(db: &dyn Db, list: &mut List, path: &str, template: Item) {
    let params = params_of(db, template);
    let mut snippet = Snippet::default().text("task ").stop("name").text(" extends ");
    let required: Vec<&Param> = params.iter().filter(|it| !it.is_optional).collect();
    snippet = snippet.text(path);
    if !required.is_empty() {
        snippet = snippet.text("(");
        for (at, param) in required.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            snippet = snippet.text(comma).value(&param.ty, &param.name);
        }
        snippet = snippet.text(")");
    }
    snippet = snippet.text(" {\n  ");
    snippet = if writes(db, template, "run") {
        snippet.end()
    } else {
        snippet.text("run: `").end().text("`")
    };
    let it = list.proposal(&format!("task extends {path}"), CompletionKind::Skeleton);
    let it = it.about(db, template).with(snippet.text("\n}"));
    list.add(Rank::Form, it);
}

/// The parameters of an item.
pub(super) fn params_of(db: &dyn Db, item: Item) -> Vec<Param> {
    let params = signature(db, item).params.iter().map(|it| Param {
        name: it.name.clone(),
        ty: it.ty.clone(),
        is_optional: it.has_default || it.is_rest,
        default: None,
        is_rest: it.is_rest,
    });
    params.collect()
}

/// Whether a declaration writes a field, itself or by what it extends.
pub(super) fn writes(db: &dyn Db, item: Item, field: &str) -> bool {
    with_bases(db, item).any(|item| match &item.ast(db).kind {
        ItemKind::Decl(decl) => names(&decl.body).any(|it| it == field),
        _ => false,
    })
}
