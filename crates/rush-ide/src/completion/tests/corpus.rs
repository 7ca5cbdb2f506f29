//! Every file of the corpus, cut off at every place, as somebody who writes it leaves it.

use rush_semantics::infer::{record_variant, view};
use rush_semantics::kinds::kind;
use rush_semantics::ty::Ty;
use rush_semantics::{RushDatabase, SourceFile};
use rush_syntax::ast::{Expr, ExprId, ItemKind, Member, Record};
use text_size::{TextRange, TextSize};

use super::FixtureFiles;
use crate::completion::completion;
use crate::corpus::{is_long, texts};
use crate::inlay::{HintConfig, inlay_hints};
use crate::place::Placed;
use crate::signature_help::signature_help;

/// How many cuts are made of everything together, unless all are wanted.
const CUTS_MAX: usize = 1_500;

/// Every `step`-th of all cuts; one when all are wanted.
fn step(cuts: usize) -> usize {
    if is_long() { 1 } else { cuts.div_ceil(CUTS_MAX).max(1) }
}

/// The labels at the end of what precedes a cut.
fn cut(db: &mut RushDatabase, text: &str, at: usize) -> Vec<String> {
    labels(db, &text[..at], at)
}

/// The labels at a cut where only the rest of the line is not written yet.
fn line_cut(db: &mut RushDatabase, text: &str, at: usize) -> Vec<String> {
    let rest = text[at..].find('\n').map_or("", |end| &text[at + end..]);
    labels(db, &format!("{}{rest}", &text[..at]), at)
}

fn labels(db: &mut RushDatabase, text: &str, at: usize) -> Vec<String> {
    let file = db.set_file("tasks.rush", text);
    let files = FixtureFiles(vec!["tasks.rush".into(), "src/main.c".into()]);
    let found = completion(db, &files, file, TextSize::new(at as u32));
    for it in &found.list {
        assert!(it.replaces.range.contains_inclusive(TextSize::new(at as u32)), "{it:?}");
        assert!(usize::from(it.replaces.range.end()) <= at, "{it:?}");
    }
    found.list.into_iter().map(|it| it.label).collect()
}

#[test]
fn no_cut_of_any_file_is_an_error() {
    let texts = texts();
    let all: usize = texts.iter().map(String::len).sum();
    let step = step(all);
    let mut db = RushDatabase::default();
    let mut count = 0;
    let mut position = 0;
    for text in &texts {
        for at in 0..=text.len() {
            position += 1;
            if position % step == 0 && text.is_char_boundary(at) {
                cut(&mut db, text, at);
                count += 1;
            }
        }
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn no_place_of_a_whole_file_is_an_error() {
    let texts = texts();
    let step = step(texts.iter().map(String::len).sum());
    let mut db = RushDatabase::default();
    let files = FixtureFiles(vec!["tasks.rush".into(), "src/main.c".into()]);
    let mut answers = 0;
    for text in &texts {
        let file = db.set_file("tasks.rush", text);
        let whole = TextRange::up_to(TextSize::of(text.as_str()));
        for hint in inlay_hints(&db, &files, file, whole, &HintConfig::all()) {
            assert!(text.is_char_boundary(hint.at.into()), "{hint:?}");
        }
        for at in (0..=text.len()).step_by(step).filter(|it| text.is_char_boundary(*it)) {
            let at = TextSize::new(at as u32);
            for it in completion(&db, &files, file, at).list {
                let range = it.replaces.range;
                assert!(range.contains_inclusive(at), "{it:?}");
                assert!(text.get(std::ops::Range::<usize>::from(range)).is_some(), "{it:?}");
            }
            if let Some(help) = signature_help(&db, file, at) {
                assert!(help.active.is_none_or(|it| it < help.params.len()), "{help:?}");
                answers += 1;
            }
        }
    }
    assert!(answers > 10, "{answers}");
}

/// The fields of a file: where the name is, the name, and whether its record's fields are declared.
fn fields(db: &RushDatabase, file: SourceFile) -> Vec<(TextRange, String, bool)> {
    let mut found = Vec::new();
    for placed in Placed::all(db, file) {
        let ast = placed.item.ast(db);
        let text = placed.item.text(db);
        let view = view(db, placed.item, (ast, text), TextRange::default());
        let mut add = |record: &Record, is_known: &dyn Fn(&str) -> bool| {
            for member in &record.members {
                if let Member::Field(field) = member {
                    let name = field.name.text.to_string();
                    let is_known = is_known(&name);
                    found.push((field.name.range + placed.start, name, is_known));
                }
            }
        };
        if let ItemKind::Decl(decl) = &ast.kind {
            let kind = kind(db, decl.kind());
            add(&decl.body, &|name| kind.is_some_and(|it| it.field(name).is_some()));
        }
        for id in (0..ast.expr_count()).map(|it| ExprId(it as u32)) {
            let Expr::Record(record) = ast.expr(id) else { continue };
            let variant = view.expected.get(&id).and_then(|it| record_variant(record, it));
            add(record, &|name| match variant.as_ref().map(Ty::bare) {
                Some(Ty::Record(ty)) => ty.field(name).is_some(),
                _ => false,
            });
        }
    }
    found
}

#[test]
fn the_field_that_is_being_written_is_offered() {
    let texts = texts();
    let mut cuts = Vec::new();
    let mut db = RushDatabase::default();
    for (number, text) in texts.iter().enumerate() {
        let file = db.set_file("tasks.rush", text);
        for (range, name, is_known) in fields(&db, file) {
            let places = usize::from(range.start())..usize::from(range.end());
            cuts.extend(places.map(|at| (number, at, name.clone(), is_known)));
        }
    }
    let step = step(cuts.len());
    let mut shares = [Share::default(), Share::default()];
    for (number, at, name, is_known) in cuts.iter().step_by(step) {
        let text = &texts[*number];
        let found = [cut(&mut db, text, *at), line_cut(&mut db, text, *at)];
        for (share, found) in shares.iter_mut().zip(found) {
            share.count(found.contains(name), *is_known, || {
                format!("{name} after {:?}", text[..*at].lines().next_back())
            });
        }
    }
    let [ends, middles] = shares;
    println!("at the end of a file: {ends}; missed: {:#?}", ends.missed);
    println!("in the middle of one: {middles}; missed: {:#?}", middles.missed);
    assert!(ends.of_declared() >= 95.0, "{ends}; missed: {:#?}", ends.missed);
    assert!(middles.of_declared() >= 95.0, "{middles}; missed: {:#?}", middles.missed);
}

/// How often the field that was being written was offered.
#[derive(Default)]
struct Share {
    /// Fields that a kind or a type declares.
    declared: u32,
    declared_offered: u32,
    /// Keys of maps, axes, fields of records that nobody declares.
    free: u32,
    free_offered: u32,
    /// Some of the declared ones that were not.
    missed: Vec<String>,
}

impl Share {
    fn count(&mut self, is_offered: bool, is_declared: bool, show: impl Fn() -> String) {
        let (all, offered) = if is_declared {
            (&mut self.declared, &mut self.declared_offered)
        } else {
            (&mut self.free, &mut self.free_offered)
        };
        *all += 1;
        *offered += u32::from(is_offered);
        if is_declared && !is_offered && self.missed.len() < 12 {
            self.missed.push(show());
        }
    }

    fn of_declared(&self) -> f64 {
        f64::from(self.declared_offered) / f64::from(self.declared) * 100.0
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} of {} declared fields ({:.1} %), and {} of {} names that nobody declares",
            self.declared_offered,
            self.declared,
            self.of_declared(),
            self.free_offered,
            self.free
        )
    }
}
