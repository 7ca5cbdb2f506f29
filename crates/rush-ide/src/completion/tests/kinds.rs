//! Where the value of a field stands, something is offered, whatever the field.
//!
//! The fields are those that the prelude declares, those of records and tags in their types included, so
//! what the language gets is looked at, too.

use rush_diagnostics::Code;
use rush_semantics::RushDatabase;
use rush_semantics::check::file_diagnostics;
use rush_semantics::kinds::{KindDef, kinds};
use rush_semantics::ty::Ty;

use super::super::Completion;
use super::complete;
use crate::fixture::Case;

/// What a declaration can name.
const AROUND: &str = "\
task other { run: `x` }
service db { run: `x` }
secret key { from: env(\"KEY\") }
template base { timeout: 1m }
";

/// How deep records and tags are looked into.
const DEPTH_MAX: usize = 3;

/// The places of values: the text before and after each.
fn places(db: &RushDatabase) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for def in kinds(db) {
        for field in &def.fields {
            let before = format!("{} {{\n  {}: ", head(def), field.name);
            inside(&field.ty, (before, "\n}\n".to_owned()), DEPTH_MAX, &mut found);
        }
    }
    found
}

fn head(def: &KindDef) -> String {
    let name = if def.has_name { " mine" } else { "" };
    format!("{}{name}", def.kind.word())
}

/// A place of this type, and those in it.
fn inside(
    ty: &Ty,
    (before, after): (String, String),
    depth: usize,
    out: &mut Vec<(String, String)>,
) {
    if depth > 0 {
        let mut within = |open: &str, ty: &Ty, close: &str| {
            let place = (format!("{before}{open}"), format!("{close}{after}"));
            inside(ty, place, depth - 1, out);
        };
        for member in ty.members().iter().map(Ty::bare) {
            match member {
                Ty::List(element) => within("[", element, "]"),
                Ty::Map(value) => within("{ name: ", value, " }"),
                Ty::Record(record) => {
                    let fields = record.fields.iter();
                    fields.for_each(|it| within(&format!("{{ {}: ", it.name), &it.ty, " }"));
                }
                Ty::Tag(tag) => {
                    let fields = tag.fields.iter();
                    fields.for_each(|it| {
                        within(&format!("{}({}: ", tag.name, it.name), &it.ty, ")");
                    });
                }
                _ => {}
            }
        }
    }
    out.push((before, after));
}

/// What is inserted, with the first proposal of each place.
fn inserted(it: &Completion) -> String {
    let mut text = it.insert.text().to_owned();
    while let Some(start) = text.find("${") {
        let end = text[start..].find('}').map_or(text.len(), |at| start + at);
        let place = text[start + 2..end].trim_start_matches(|it: char| it.is_ascii_digit());
        let first = match place.strip_prefix('|') {
            Some(choices) => choices.split([',', '|']).next().unwrap_or_default(),
            None => place.trim_start_matches(':'),
        };
        text = [&text[..start], first, &text[end + 1..]].concat();
    }
    let mut plain = text.clone();
    for at in 0..9 {
        plain = plain.replace(&format!("${at}"), "");
    }
    plain
}

/// What does not fit in a text. What is only not filled in yet does.
fn errors(text: &str) -> Vec<String> {
    let case = Case::new(text);
    let found = file_diagnostics(&case.db, case.file).into_iter();
    found.filter(|it| it.code == Code::TypeMismatch).map(|it| it.message).collect()
}

#[test]
fn something_that_fits_is_offered_first_for_every_field() {
    let mut wrong = Vec::new();
    let places = places(&RushDatabase::default());
    assert!(places.len() > 150, "{}", places.len());
    for (before, after) in places {
        let case = Case::new(&format!("{AROUND}{before}$0{after}"));
        let found = complete(&case).list;
        let with = |value: &str| errors(&format!("{AROUND}{before}{value}{after}"));
        let Some(first) = found.first().map(inserted) else {
            wrong.push(format!("{before}: nothing"));
            continue;
        };
        wrong.extend(with(&first).into_iter().map(|it| format!("{before}{first}: {it}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
