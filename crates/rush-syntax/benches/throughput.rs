//! How fast text is parsed, in process: a task file on the standard input, figures on the output.
//!
//! Each line is a name and megabytes in a second, the median of several runs. It knows no bars;
//! `cargo xtask bench syntax` does.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::hint::black_box;
use std::io::Read as _;
use std::ops::Range;
use std::time::Instant;

use rush_syntax::{Dialect, format, parse_item, parse_tree, split};

/// The words that open a declaration in what is measured.
const KINDS: &[&str] = &["task", "template", "service", "secret", "profile", "workspace"];

const RUNS: usize = 11;

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let items = || {
        let slices = split(&text, KINDS).into_iter();
        slices.filter_map(|it| text.get(Range::<usize>::from(it.range)))
    };
    show("parse", &text, || {
        items().for_each(|it| drop(black_box(parse_item(it, Dialect::File))));
    });
    show("tree", &text, || {
        items().for_each(|it| drop(black_box(parse_tree(it, Dialect::File))));
    });
    show("format", &text, || drop(black_box(format(&text, KINDS))));
    Ok(())
}

/// Runs the work some times and prints the median speed.
fn show(name: &str, text: &str, work: impl Fn()) {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.get(RUNS / 2).copied().unwrap_or(f64::NAN);
    println!("{name} {:.3}", text.len() as f64 / 1e6 / middle);
}
