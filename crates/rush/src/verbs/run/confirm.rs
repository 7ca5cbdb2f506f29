//! Asks the question of a task on the terminal.

use std::io::{BufRead as _, IsTerminal as _};

use rush_engine::Answer;

use crate::output::stderr;

/// Asks a person; anything but a clear yes is no.
pub(super) fn ask(label: &str, question: &str) -> Answer {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Answer::NobodyThere;
    }
    let label = label.strip_prefix("//:").unwrap_or(label);
    stderr(&format!("{label}: {question} [y/N] "));
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).is_err() {
        return Answer::NobodyThere;
    }
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        _ => Answer::No,
    }
}
