//! What an edit of one item costs in process: a task file on the standard input, figures on the
//! output.
//!
//! Each line is a name and the milliseconds from the new text to all findings, those of the graph
//! included; the median over several items. It knows no bars; `cargo xtask bench editing` does.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::io::Read as _;
use std::time::Instant;

use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::{Db as _, RushDatabase, check};

const PATH: &str = "tasks.rush";
const ITEMS: usize = 7;
/// A file of usual size, open in an editor.
const OPENED: &str = "web/tasks.rush";
const OPENED_ITEMS: usize = 200;
/// The text an edit replaces, and what by; the same length, so that nothing else moves.
const EDITS: [(&str, &str, &str); 3] = [
    ("body", "cc -O", "dd -O"),
    ("needs", "needs: [t", "needs: [u"),
    ("outputs", "outputs: [\"out", "outputs: [\"oat"),
];

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let starts: Vec<usize> = text.match_indices("\ntask ").map(|(at, _)| at).collect();
    let mut db = RushDatabase::default();
    time(&mut db, &text);
    for (at, (name, old, new)) in EDITS.into_iter().enumerate() {
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for item in 1..=ITEMS {
            // Another item for each kind of edit, so that each has a first one.
            let start = starts.get(starts.len() * item / (ITEMS + 1) + at);
            let Some(edited) = start.and_then(|it| replaced(&text, *it, old, new)) else {
                continue;
            };
            first.push(time(&mut db, &edited));
            later.push(time(&mut db, &text));
            later.push(time(&mut db, &edited));
            later.push(time(&mut db, &text));
        }
        println!("{name} {:.3}", middle(&mut later));
        println!("{name}-first {:.3}", middle(&mut first));
    }
    let opened = starts.get(OPENED_ITEMS).and_then(|it| text.get(..*it)).unwrap_or(&text);
    println!("opened-first {:.3}", first_in_opened(&mut db, opened));
    Ok(())
}

/// First edits in a second file of usual size, which an editor has open.
fn first_in_opened(db: &mut RushDatabase, text: &str) -> f64 {
    db.set_file(OPENED, text);
    find(db);
    db.expect_edits(OPENED);
    find(db);
    let (_, old, new) = EDITS[0];
    let starts = text.match_indices("\ntask ").step_by(OPENED_ITEMS / ITEMS);
    let times = starts.filter_map(|(at, _)| {
        let edited = replaced(text, at, old, new)?;
        let start = Instant::now();
        db.set_file(OPENED, &edited);
        find(db);
        Some(start.elapsed().as_secs_f64() * 1e3)
    });
    middle(&mut times.collect::<Vec<_>>())
}

fn replaced(text: &str, from: usize, old: &str, new: &str) -> Option<String> {
    let (before, rest) = text.split_at_checked(from)?;
    Some(before.to_owned() + &rest.replacen(old, new, 1))
}

/// Takes in a text and finds everything that is wrong; returns the milliseconds.
fn time(db: &mut RushDatabase, text: &str) -> f64 {
    let start = Instant::now();
    db.set_file(PATH, text);
    find(db);
    start.elapsed().as_secs_f64() * 1e3
}

/// Finds everything that is wrong.
fn find(db: &RushDatabase) {
    check::prepare(db);
    let files = db.workspace().files(db).values();
    let found: usize = files.map(|it| check::file_diagnostics(db, *it).len()).sum();
    std::hint::black_box(found + workspace_diagnostics(db).len());
}

fn middle(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
