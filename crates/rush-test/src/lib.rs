//! How tests are written down: several files in one text, and the program as a user starts it.
//!
//! Knows nothing of the language. [`Fixture`] is for tests in memory, [`Rush`] for those that prove
//! what a user sees: exit status, standard output, standard error.

mod fixture;
mod program;

pub use fixture::{Cursor, Fixture};
pub use program::{Finished, Rush};
