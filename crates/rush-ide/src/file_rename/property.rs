//! Whatever moves at once, every `use` leads to the same file as before, nobody finds anything new, and
//! moving back gives the same bytes.

use std::collections::BTreeMap;

use rush_semantics::RushDatabase;
use rush_semantics::check::file_diagnostics;
use rush_semantics::names::{files, import_target};
use rush_test::Fixture;

use super::{Moves, will_rename};
use crate::fixture::applied;

/// How many sets of files are moved.
const ROUNDS: u64 = 60;

/// Files that use each other in every usual style.
const FILES: &str = r#"
//- tasks.rush
use "./lib/rust.rush" as rust
use "//lib/deep/go.rush" as go
use "./web" as web
use r"./tools/one.rush" as one
let all_of = [rust.x, go.x, web.x, one.x]
//- lib/rust.rush
use "./deep/go.rush" as go
use "../tools/two.rush" as two
use r"../web" as web
let x = "rust"
let own = [go.x, two.x, web.x]
//- lib/deep/go.rush
use "../rust.rush" as rust
use "//tools/one.rush" as one
let x = "go"
let own = [rust.x, one.x]
//- tools/one.rush
use "./two.rush" as two
let x = "one"
let own = two.x
//- tools/two.rush
use "//web" as web
let x = "two"
let own = web.x
//- web/tasks.rush
use "./parts.rush" as parts
use "../api" as api
let x = "web"
let own = [parts.x, api.x]
//- web/parts.rush
use "../lib/rust.rush" as rust
let x = rust.x
//- api/tasks.rush
use "//web/parts.rush" as parts
let x = "api"
let own = parts.x
"#;

/// What may move: packages are named by their directory, and move with it.
const MOVABLE: [&str; 8] = [
    "lib/rust.rush",
    "lib/deep/go.rush",
    "tools/one.rush",
    "tools/two.rush",
    "web/parts.rush",
    "lib",
    "web",
    "api",
];

/// Where it may go.
const DIRECTORIES: [&str; 5] = ["", "lib/", "tools/deep/", "new/", "new/er/"];

type Texts = BTreeMap<String, String>;

fn database(texts: &Texts) -> RushDatabase {
    let mut db = RushDatabase::default();
    db.set_files(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    db
}

/// The files after a move, with the edits that were asked for before.
fn moved(texts: &Texts, moves: &[(&str, &str)]) -> Texts {
    let db = database(texts);
    let edits = will_rename(&db, moves);
    let after = files(&db).map(|file| {
        let own: Vec<_> = edits.iter().filter(|it| it.at.file == file.id(&db)).cloned().collect();
        (path_after(file.path(&db), moves), applied(file.text(&db), &own))
    });
    after.collect()
}

fn path_after(path: &str, moves: &[(&str, &str)]) -> String {
    let mut moves = moves.to_vec();
    moves.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    Moves(moves).apply(path)
}

/// From where each `use` leads where, and what is found.
fn told(texts: &Texts, path: impl Fn(&str) -> String) -> (Vec<String>, Vec<String>) {
    let db = database(texts);
    let (mut leads, mut found) = (Vec::new(), Vec::new());
    for file in files(&db) {
        for &item in file.items(&db).iter() {
            if let Some(target) = import_target(&db, item) {
                let (from, to) = (path(file.path(&db)), path(target.path(&db)));
                leads.push(format!("{from} {} {to}", item.name(&db)));
            }
        }
        let own = file_diagnostics(&db, file).into_iter();
        found.extend(own.map(|it| format!("{} {} {}", path(file.path(&db)), it.code, it.message)));
    }
    leads.sort();
    found.sort();
    (leads, found)
}

/// Some moves to places where nothing is.
fn some_moves(seed: u64) -> Vec<(&'static str, String)> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut moves = Vec::new();
    for (number, old) in MOVABLE.iter().enumerate() {
        if next(3) > 0 {
            continue;
        }
        let directory = DIRECTORIES[next(DIRECTORIES.len())];
        let ending = if old.contains('.') { ".rush" } else { "" };
        moves.push((*old, format!("{directory}moved_{number}{ending}")));
    }
    moves
}

#[test]
fn files_that_move_at_once_keep_what_they_use() {
    let texts: Texts = Fixture::parse(FILES.trim_start()).files.into_iter().collect();
    let mut rewritten = 0;
    for seed in 0..ROUNDS {
        let own = some_moves(seed);
        let moves: Vec<(&str, &str)> = own.iter().map(|(old, new)| (*old, new.as_str())).collect();
        let after = moved(&texts, &moves);
        let expected = told(&texts, |path| path_after(path, &moves));
        assert_eq!(told(&after, str::to_owned), expected, "{moves:?}\n{after:#?}");
        rewritten += usize::from(after.values().any(|it| !texts.values().any(|old| old == it)));
        let back: Vec<(&str, &str)> = moves.iter().map(|(old, new)| (*new, *old)).collect();
        assert_eq!(moved(&after, &back), texts, "{moves:?}\n{after:#?}");
    }
    assert!(rewritten > 40, "{rewritten}");
}
