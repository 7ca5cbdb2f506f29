//! `cargo xtask`: words in, one chore out.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool talks")]

use std::process::ExitCode;

use xtask::chores;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (chore, rest) = match words.split_first() {
        Some((name, rest)) if !chores::is_help(name) => (Some(*name), rest),
        // `help bench` as well as `bench --help`.
        Some((_, [name, ..])) => (Some(*name), &["--help"][..]),
        Some((_, [])) | None => (None, &[][..]),
    };
    let Some(name) = chore else {
        print!("{}", chores::overview());
        return ExitCode::SUCCESS;
    };
    let Some(chore) = chores::named(name) else {
        eprintln!("error: `{name}` is no chore\n\n{}", chores::overview());
        return ExitCode::from(2);
    };
    // A bare `help` may be what tests are filtered by.
    if rest.iter().any(|word| matches!(*word, "--help" | "-h")) {
        print!("{}", chore.help());
        return ExitCode::SUCCESS;
    }
    match (chore.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
