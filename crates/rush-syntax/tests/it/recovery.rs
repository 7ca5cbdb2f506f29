//! What is still found after a token is deleted, and after an item is cut off.
//!
//! Tokens are all but white space, newlines and comments. A deleted token's bytes go, the white
//! space around it stays.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use rush_syntax::ast::{Expr, ExprId, Item, ItemKind, Member, TypeExpr, TypeId};
use rush_syntax::{Dialect, Slice, SyntaxKind, parse_item, parse_tree, split};

use crate::corpus::{File, KINDS, files};

/// The names of everything that is declared or written in an item, once per occurrence: fields of
/// the body and of records below it, parameters, lets.
fn members(item: &Item) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut add = |name: String| *found.entry(name).or_insert(0) += 1;
    if let ItemKind::Decl(decl) = &item.kind {
        decl.body.members.iter().for_each(|it| add(member_name(it)));
        for param in decl.params.iter().flatten() {
            add(format!("({})", param.name.as_ref().map_or("", |it| it.text.as_str())));
        }
    }
    if let ItemKind::Fn { params, .. } = &item.kind {
        for param in params {
            add(format!("({})", param.name.as_ref().map_or("", |it| it.text.as_str())));
        }
    }
    if let ItemKind::Kind(kind) = &item.kind {
        for field in &kind.fields {
            add(format!("({})", field.name.as_ref().map_or("", |it| it.text.as_str())));
        }
    }
    for id in 0..item.expr_count() as u32 {
        if let Expr::Record(record) = item.expr(ExprId(id)) {
            record.members.iter().for_each(|it| add(member_name(it)));
        }
    }
    for id in 0.. {
        let ty = TypeId(id);
        if item.type_range(ty).is_empty() && matches!(item.ty(ty), TypeExpr::Missing) {
            break;
        }
        if let TypeExpr::Record(fields) | TypeExpr::Tag { fields, .. } = item.ty(ty) {
            for field in fields {
                add(format!("<{}>", field.name.as_ref().map_or("", |it| it.text.as_str())));
            }
        }
    }
    found
}

fn member_name(member: &Member) -> String {
    match member {
        Member::Let(it) => format!("let {}", it.name.as_ref().map_or("", |it| it.text.as_str())),
        Member::Check(_) => "check".to_owned(),
        Member::Spread { .. } => "...".to_owned(),
        Member::Field(it) => it.name.text.to_string(),
    }
}

fn key(slice: &Slice) -> (String, String) {
    (slice.kind.to_string(), slice.name.to_string())
}

struct Sound {
    key: (String, String),
    range: Range<usize>,
    members: BTreeMap<String, usize>,
}

fn sound(file: &File) -> Vec<Sound> {
    split(&file.text, &KINDS)
        .into_iter()
        .map(|slice| Sound {
            key: key(&slice),
            range: slice.range.into(),
            members: members(&parse_item(&file.text[slice.range], file.dialect).item),
        })
        .collect()
}

/// The tokens of an item, relative to the file.
fn tokens(text: &str, item: &Range<usize>, dialect: Dialect) -> Vec<(SyntaxKind, Range<usize>)> {
    let tree = parse_tree(&text[item.clone()], dialect);
    tree.tokens()
        .filter(|it| !it.kind.is_trivia() && !it.range.is_empty())
        .map(|it| {
            let range = Range::<usize>::from(it.range);
            (it.kind, range.start + item.start..range.end + item.start)
        })
        .collect()
}

/// An item's kind and name, and its members.
type Named = ((String, String), BTreeMap<String, usize>);

/// The members of the damaged text by item, and the number of errors in all.
fn damaged(text: &str, dialect: Dialect) -> (Vec<Named>, usize, String) {
    let mut items = Vec::new();
    let mut messages = String::new();
    let mut errors = 0;
    for slice in split(text, &KINDS) {
        let parsed = parse_item(&text[slice.range], dialect);
        errors += parsed.errors.len();
        for error in &parsed.errors {
            let _ = writeln!(messages, "    {} {}", error.code, error.message);
        }
        items.push((key(&slice), members(&parsed.item)));
    }
    (items, errors, messages)
}

fn shared(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) -> usize {
    before.iter().map(|(name, count)| (*count).min(after.get(name).copied().unwrap_or(0))).sum()
}

#[derive(Default)]
struct Figures {
    deletions: usize,
    others_damaged: usize,
    shares: Vec<f64>,
    errors: Vec<usize>,
    worst: Vec<String>,
}

fn delete_each(file: &File, figures: &mut Figures) {
    let sound = sound(file);
    for (index, item) in sound.iter().enumerate() {
        let total: usize = item.members.values().sum();
        for (kind, range) in tokens(&file.text, &item.range, file.dialect) {
            let text = format!("{}{}", &file.text[..range.start], &file.text[range.end..]);
            let (items, errors, messages) = damaged(&text, file.dialect);
            figures.deletions += 1;
            let mut rest = items;
            for (other_index, other) in sound.iter().enumerate() {
                if other_index == index {
                    continue;
                }
                let place = rest.iter().position(|(key, members)| {
                    *key == other.key
                        && shared(&other.members, members) == other.members.values().sum::<usize>()
                });
                match place {
                    Some(place) => {
                        rest.remove(place);
                    }
                    None => {
                        figures.others_damaged += 1;
                        figures.worst.push(format!(
                            "{}: other {:?} lost by {kind:?} in {:?}",
                            file.name, other.key, item.key
                        ));
                    }
                }
            }
            let best = rest.iter().map(|(_, members)| shared(&item.members, members)).max();
            if total > 0 {
                let share = best.unwrap_or(0) as f64 / total as f64;
                figures.shares.push(share);
                if share < 0.5 {
                    figures.worst.push(share_line(file, item, kind, share, &range));
                }
            }
            if errors > 0 {
                figures.errors.push(errors);
            }
            if errors > 2 {
                figures.worst.push(format!(
                    "{} errors: {}{messages}",
                    errors,
                    share_line(file, item, kind, 1.0, &range)
                ));
            }
        }
    }
}

fn share_line(
    file: &File,
    item: &Sound,
    kind: SyntaxKind,
    share: f64,
    range: &Range<usize>,
) -> String {
    let line = file.text[..range.start].lines().count();
    let text = file.text[range.clone()].lines().next().unwrap_or_default();
    format!("{}:{line} {:?} without {kind:?} `{text}`: {share:.2}\n", file.name, item.key)
}

fn percentile(sorted: &[usize], share: f64) -> usize {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(0)
}

#[test]
fn deleting_any_token_damages_only_its_neighbourhood() {
    let mut figures = Figures::default();
    for file in files() {
        delete_each(&file, &mut figures);
    }
    figures.errors.sort_unstable();
    figures.shares.sort_by(f64::total_cmp);
    let mean = figures.shares.iter().sum::<f64>() / figures.shares.len() as f64;
    let at_least_half =
        figures.shares.iter().filter(|it| **it >= 0.5).count() as f64 / figures.shares.len() as f64;
    println!("deletions {}, other items damaged {}", figures.deletions, figures.others_damaged);
    println!("own members found: mean {mean:.4}; at least half in {at_least_half:.4}");
    println!(
        "errors per invalid file: median {}, p95 {}, max {}",
        percentile(&figures.errors, 0.5),
        percentile(&figures.errors, 0.95),
        percentile(&figures.errors, 1.0),
    );
    for line in figures.worst.iter().take(60) {
        println!("  {}", line.trim_end());
    }
    assert_eq!(figures.others_damaged, 0);
    assert!(mean >= 0.85);
    assert!(at_least_half >= 0.96);
    assert_eq!(percentile(&figures.errors, 0.5), 1);
    assert!(percentile(&figures.errors, 0.95) <= 2);
}

#[test]
fn cutting_an_item_off_keeps_every_member_before_the_cut() {
    let (mut cuts, mut lost) = (0, Vec::new());
    for file in files() {
        let sound = sound(&file);
        for (index, item) in sound.iter().enumerate() {
            for (_, range) in tokens(&file.text, &item.range, file.dialect) {
                let tail = &file.text[item.range.end..];
                let text = format!("{}\n{tail}", &file.text[..range.start]);
                cuts += 1;
                let head = &file.text[item.range.start..range.start];
                let expected =
                    complete_members(&file.text[item.range.clone()], head.len(), file.dialect);
                let (items, _, messages) = damaged(&text, file.dialect);
                let found = items.iter().map(|(_, members)| shared(&expected, members)).max();
                let wanted: usize = expected.values().sum();
                if found.unwrap_or(0) < wanted {
                    lost.push(format!(
                        "{} {:?}: {wanted} wanted, {found:?}\n{head}\n{messages}",
                        file.name, item.key
                    ));
                }
                for (other_index, other) in sound.iter().enumerate() {
                    let is_there = other_index == index
                        || items.iter().any(|(key, members)| {
                            *key == other.key
                                && shared(&other.members, members)
                                    == other.members.values().sum::<usize>()
                        });
                    if !is_there {
                        lost.push(format!(
                            "{}: {:?} lost by a cut in {:?}",
                            file.name, other.key, item.key
                        ));
                    }
                }
            }
        }
    }
    println!("cuts {cuts}, of which lose something {}", lost.len());
    lost.iter().take(5).for_each(|it| println!("{it}"));
    assert!(lost.is_empty());
}

/// The fields of an item's body, its nested records and its parameters that end before `cut`.
fn complete_members(text: &str, cut: usize, dialect: Dialect) -> BTreeMap<String, usize> {
    let item = parse_item(text, dialect).item;
    let mut found = BTreeMap::new();
    let mut add = |end: usize, name: String| {
        if end <= cut {
            *found.entry(name).or_insert(0) += 1;
        }
    };
    let mut record = |members: &[Member]| {
        for member in members {
            if let Member::Field(field) = member {
                add(field.range.end().into(), field.name.text.to_string());
            }
        }
    };
    if let ItemKind::Decl(decl) = &item.kind {
        record(&decl.body.members);
    }
    for id in 0..item.expr_count() as u32 {
        if let Expr::Record(it) = item.expr(ExprId(id)) {
            record(&it.members);
        }
    }
    if let ItemKind::Decl(decl) = &item.kind {
        for param in decl.params.iter().flatten() {
            let name = param.name.as_ref().map_or("", |it| it.text.as_str());
            add(param.range.end().into(), format!("({name})"));
        }
    }
    found
}
