//! Renderings of resolved diagnostics, one file each: for people, for programs, for CI.
//!
//! A rendering decides how findings look, never which are shown or in what order. None of them
//! fails: a file without a source is named by what is known, a stale range is clamped.

pub(crate) mod excerpt;
pub(crate) mod github;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod sarif;
