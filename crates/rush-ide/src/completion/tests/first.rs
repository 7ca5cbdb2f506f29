//! What a list begins with can be written as it is: wherever the corpus has a value, that value is
//! taken away, and the first proposals are accepted in its place.

use rush_diagnostics::{Area, Diagnostic, resolve_all};
use rush_semantics::RushDatabase;
use rush_semantics::check::file_diagnostics;
use rush_syntax::ast::{self, Element, Expr, ExprId, ItemKind, Member};
use text_size::{TextRange, TextSize};

use super::FixtureFiles;
use crate::completion::{Completion, Insert, completion};
use crate::corpus::{is_long, texts};
use crate::place::Placed;
use crate::syntax::{exprs, indentation, size};

/// How many of the first proposals are accepted, each alone.
const FIRST: usize = 3;
/// How many places are tried, unless all are wanted.
const PLACES_MAX: usize = 200;
/// The share of the places, in percent, where each of them must fit.
const SHARE_MIN: usize = 95;

/// Where a value stands for which a type is known: in a field, a list, or an argument.
fn values(ast: &ast::Item) -> Vec<TextRange> {
    let mut found: Vec<ExprId> = Vec::new();
    let mut fields = |members: &[Member]| {
        found.extend(members.iter().filter_map(|it| match it {
            Member::Field(field) => Some(field.value),
            _ => None,
        }));
    };
    if let ItemKind::Decl(decl) = &ast.kind {
        fields(&decl.body.members);
    }
    for (_, it) in exprs(ast) {
        if let Expr::Record(record) = it {
            fields(&record.members);
        }
    }
    for (_, it) in exprs(ast) {
        match it {
            Expr::List(elements) => found.extend(elements.iter().filter_map(|it| match it {
                Element::Value(value) => Some(*value),
                _ => None,
            })),
            Expr::Call { args, .. } => found.extend(args.iter().map(|it| it.value)),
            _ => {}
        }
    }
    found.sort_by_key(|it| ast.expr_range(*it).start());
    found.into_iter().map(|it| ast.expr_range(it)).filter(|it| !it.is_empty()).collect()
}

/// A snippet as it stands when each place keeps what it proposes.
fn expanded(snippet: &str) -> String {
    let mut text = String::new();
    // Between quotes something is written at last.
    let filled = snippet.replace("\"$0\"", "\"x\"");
    let mut rest = filled.as_str();
    while let Some(at) = rest.find(['$', '\\']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let sign = escaped.chars().next().unwrap();
            text.push(sign);
            rest = &escaped[sign.len_utf8()..];
        } else if let Some(stop) = rest.strip_prefix("${") {
            let end = stop.find('}').unwrap();
            let inner = stop[..end].trim_start_matches(|it: char| it.is_ascii_digit());
            let proposed = match inner.strip_prefix('|') {
                Some(choices) => choices.split([',', '|']).next().unwrap(),
                None => inner.trim_start_matches(':'),
            };
            text.push_str(proposed);
            rest = &stop[end + 1..];
        } else {
            rest = rest[1..].trim_start_matches(|it: char| it.is_ascii_digit());
        }
    }
    text + rest
}

/// The text with a proposal accepted, and where that stands.
fn accepted(text: &str, it: &Completion) -> (String, TextRange) {
    let range = std::ops::Range::<usize>::from(it.replaces.range);
    let inserted = match &it.insert {
        Insert::Plain(plain) => plain.clone(),
        Insert::Snippet(snippet) => {
            let indented = format!("\n{}", indentation(text, range.start));
            expanded(snippet).replace('\n', &indented)
        }
    };
    let at = TextRange::at(size(range.start), TextSize::of(&*inserted));
    let mut after = text.to_owned();
    after.replace_range(range, &inserted);
    (after, at)
}

/// Whether something at a place does not fit there.
fn misfit(db: &RushDatabase, found: &[Diagnostic], at: TextRange) -> Option<String> {
    let misfits = found.iter().filter(|it| it.is_error() && it.code.area() == Area::Types);
    let found = resolve_all(misfits, db);
    let here = found.into_iter().find(|it| at.contains_range(it.primary.range));
    here.map(|it| it.message)
}

#[test]
fn what_comes_first_fits() {
    let mut db = RushDatabase::default();
    let files = FixtureFiles(vec!["tasks.rush".into(), "src/main.c".into()]);
    let mut places = Vec::new();
    let texts = texts();
    for (number, text) in texts.iter().enumerate() {
        let file = db.set_file("tasks.rush", text);
        for placed in Placed::all(&db, file) {
            let values = values(placed.item.ast(&db)).into_iter();
            places.extend(values.map(|it| (number, it + placed.start)));
        }
    }
    let step = if is_long() { 1 } else { places.len().div_ceil(PLACES_MAX) };
    let (mut tried, mut bad) = (0, Vec::new());
    for (number, range) in places.iter().step_by(step) {
        let mut text = texts[*number].clone();
        text.replace_range(std::ops::Range::<usize>::from(*range), "");
        let file = db.set_file("tasks.rush", &text);
        let first = completion(&db, &files, file, range.start()).list.into_iter().take(FIRST);
        tried += 1;
        for it in first.collect::<Vec<_>>() {
            let (after, at) = accepted(&text, &it);
            let file = db.set_file("tasks.rush", &after);
            if let Some(message) = misfit(&db, &file_diagnostics(&db, file), at) {
                let line = text[..usize::from(range.start())].lines().next_back();
                bad.push(format!("{:?} after {:?}: {message}", it.label, line.unwrap_or_default()));
                break;
            }
        }
    }
    println!("{} of {tried} places begin with what fits", tried - bad.len());
    assert!(tried > PLACES_MAX / 2);
    assert!(bad.len() * 100 <= tried * (100 - SHARE_MIN), "{} of {tried}: {bad:#?}", bad.len());
}
