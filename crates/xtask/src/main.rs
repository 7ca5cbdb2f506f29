//! The chores of the project: `cargo xtask test|tidy|bench|man`.

fn main() {}
