//! The plan, the request and the run events as validated plain data; globs.
