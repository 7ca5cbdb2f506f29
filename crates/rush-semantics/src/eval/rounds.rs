//! Questions whose answer depends on what the outside world holds: asked, told what is still to be read,
//! asked again. It does not know how anything is read.

use rush_plan::{PlanRequest, ReadKey, ReadValue};

/// How often a question may ask for more; each round depends on what the one before read.
pub const ROUNDS_MAX: usize = 100;

/// What one round of a question came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Round<T> {
    /// These have to be read; ask again with the answers.
    Needs(Vec<ReadKey>),
    /// The answer.
    Done(T),
}

/// Asks until everything that has to be read was read; `None` if that takes more than [`ROUNDS_MAX`]
/// rounds.
pub fn in_rounds<T>(
    mut request: PlanRequest,
    mut ask: impl FnMut(&PlanRequest) -> Round<T>,
    read: impl Fn(&ReadKey) -> ReadValue,
) -> Option<T> {
    for _ in 0..ROUNDS_MAX {
        match ask(&request) {
            Round::Done(answer) => return Some(answer),
            Round::Needs(keys) => request.reads.extend(keys.into_iter().map(|key| {
                let value = read(&key);
                (key, value)
            })),
        }
    }
    None
}
