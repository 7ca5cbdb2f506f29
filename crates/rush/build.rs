//! Links the program to a fixed address where that is common.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script by its environment")]

use std::env;

/// A program that can be loaded anywhere has some 35,000 addresses to fill in before it starts, which is
/// a third of what `rush --version` takes. macOS and Windows know no other programs.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
