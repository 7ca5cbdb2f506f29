//! The `rush` binary: arguments in, text and exit codes out.

fn main() {}
