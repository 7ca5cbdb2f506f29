//! How tests are written down: several files in one text, and the program as a user starts it.
//!
//! [`Fixture`] is for tests in memory, `Rush` for those that prove what a user sees: exit status,
//! standard output, standard error; [`typist`] is somebody who edits at random; [`assert_linear`] is for
//! what must not grow faster than its input; `request` asks for a plan. Of the language only the typist
//! knows a few words.

mod fixture;
mod growth;
#[cfg(feature = "program")]
mod program;
#[cfg(feature = "request")]
mod request;
pub mod typist;

pub use fixture::{Cursor, Fixture};
pub use growth::{assert_linear, spent_on, time_spent};
#[cfg(feature = "program")]
pub use program::{Finished, Rush};
#[cfg(feature = "request")]
pub use request::{read, request};
