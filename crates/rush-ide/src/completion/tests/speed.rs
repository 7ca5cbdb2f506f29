//! How long an answer takes in a large file, counted in the time of the processor.

#![allow(clippy::disallowed_methods, reason = "a test asks whether it may take long")]
#![cfg(unix)]

use std::fmt::Write as _;

use rush_semantics::check::item_diagnostics;
use rush_semantics::{Db, RushDatabase};
use text_size::{TextRange, TextSize};

use super::FixtureFiles;
use crate::completion::completion;
use crate::inlay::{HintConfig, inlay_hints};
use crate::signature_help::signature_help;

/// What the 99th of a hundred answers may take in an optimised build, in microseconds.
const ANSWER_MAX_US: u64 = 10_000;

/// Ten thousand lines: tasks that need each other, with `let`s and parameters.
fn text() -> String {
    let mut text = String::from(
        "workspace {\n  defaults { timeout: 20m }\n}\n\n\
         type Env = \"dev\" | \"staging\" | \"prod\"\n\n\
         template common(level: int = 1) {\n  resources { cpu: 2 }\n}\n",
    );
    for at in 0..1_200 {
        let before = at.max(1) - 1;
        let _ = write!(
            text,
            "\nlet value_{at} = [\"src/{at}/**\", \"x\"]\n\n\
             /// Number {at}.\n\
             task step_{at}(env: Env = \"dev\") extends common(2) {{\n  \
               needs: [step_{before}(\"dev\")]\n  inputs: [...value_{at}]\n  \
               run: `echo ${{env}} {at}`\n}}\n"
        );
    }
    text
}

/// The time this thread has run, in microseconds.
fn used_us() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the place it is given and nowhere else.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0);
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1_000
}

fn check_all(db: &RushDatabase) {
    for file in rush_semantics::names::files(db) {
        for item in file.items(db).iter() {
            item_diagnostics(db, *item);
        }
    }
}

/// The middle and the 99th of a hundred times.
fn quantiles(mut times: Vec<u64>) -> (u64, u64) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// How many answers of a sort are timed: few, where nothing is optimised.
fn answers() -> usize {
    let is_long = std::env::var("RUSH_TEST_LONG").is_ok() || !cfg!(debug_assertions);
    if is_long { 200 } else { 12 }
}

/// Types `typed` in the middle of the file, letter by letter, and times `answer` after each.
fn measure(
    db: &mut RushDatabase,
    text: &str,
    typed: &str,
    answer: impl Fn(&RushDatabase, TextSize),
) -> (u64, u64) {
    let place = text.find("  run: `echo ${env} 500`").unwrap();
    let mut times = Vec::new();
    for _ in 0..answers().div_ceil(typed.len()) {
        for end in 1..=typed.len() {
            let edited = format!("{}  {}\n{}", &text[..place], &typed[..end], &text[place..]);
            db.set_file("tasks.rush", &edited);
            // The diagnostics of a keystroke are asked for first; they are counted elsewhere.
            check_all(db);
            let before = used_us();
            answer(db, TextSize::new((place + 2 + end) as u32));
            times.push(used_us() - before);
        }
    }
    quantiles(times)
}

#[test]
fn an_answer_in_ten_thousand_lines_takes_no_time_to_notice() {
    let files = FixtureFiles(vec!["tasks.rush".into()]);
    let complete = |db: &RushDatabase, at| {
        let file = db.workspace().files(db)["tasks.rush"];
        completion(db, &files, file, at);
    };
    let sign = |db: &RushDatabase, at| {
        signature_help(db, db.workspace().files(db)["tasks.rush"], at);
    };
    let hint = |db: &RushDatabase, at: TextSize| {
        let file = db.workspace().files(db)["tasks.rush"];
        let range = TextRange::at(at, 2_000.into());
        inlay_hints(db, &files, file, range, &HintConfig::all());
    };
    let text = text();
    assert!(text.lines().count() >= 10_000);
    let mut db = RushDatabase::default();
    db.set_file("tasks.rush", &text);
    check_all(&db);
    let db = &mut db;
    let measured = [
        ("a field", measure(db, &text, "timeout", complete)),
        ("a task", measure(db, &text, "steps: [step_77", complete)),
        ("a value", measure(db, &text, "timeout: val", complete)),
        ("a signature", measure(db, &text, "after: [step_3(\"dev", sign)),
        ("hints of a screen", measure(db, &text, "timeout", hint)),
    ];
    for (what, (middle, slow)) in measured {
        println!("{what}: p50 {middle} us, p99 {slow} us of processor time");
        if !cfg!(debug_assertions) {
            assert!(slow <= ANSWER_MAX_US, "{what}: {slow} us");
        }
    }
}
