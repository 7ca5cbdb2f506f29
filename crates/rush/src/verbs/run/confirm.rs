//! Asks the question of a task on the terminal.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rush_engine::{Answer, Ask, Question, read_line_while};

use crate::output::stderr;

/// Whether a person is looking at a question, so that what is said then begins in the middle of a line.
static IS_ASKING: AtomicBool = AtomicBool::new(false);

/// Whether a question stands on the terminal that has no answer.
pub(super) fn is_asking() -> bool {
    IS_ASKING.load(Ordering::SeqCst)
}

/// The flag that answers questions.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Answers {
    /// Answer yes to every question
    #[arg(long)]
    yes: bool,
}

impl Answers {
    /// Who answers: the person in front of the terminal, unless nobody has to.
    pub(crate) fn ask(self) -> Ask {
        if self.yes { Ask::AlwaysYes } else { Ask::Person(Arc::new(ask)) }
    }
}

/// Asks a person; anything but a clear yes is no.
fn ask(question: &Question) -> Answer {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Answer::NobodyThere;
    }
    let label = question.label.strip_prefix("//:").unwrap_or(&question.label);
    IS_ASKING.store(true, Ordering::SeqCst);
    stderr(&format!("{label}: {} [y/N] ", question.text));
    let line = read_line_while(|| !question.is_withdrawn());
    IS_ASKING.store(false, Ordering::SeqCst);
    let Ok(line) = line else { return Answer::NobodyThere };
    let Some(line) = line else {
        if !question.is_withdrawn() {
            // Ctrl-D leaves the question's line without an end.
            stderr("\n");
        }
        return Answer::No;
    };
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        _ => Answer::No,
    }
}
