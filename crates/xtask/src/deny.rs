//! `cargo xtask deny`: what the dependencies may be, held against `deny.toml`.

use anyhow::Result;

use crate::{cargo, install, run};

/// Checks licences, bans and sources of all dependencies.
///
/// Advisories are left out: their database is a repository on the network, and this check has to
/// give the same answer on a machine that reaches package registries only.
pub fn main() -> Result<()> {
    install::cargo_tool("deny")?;
    run(&mut cargo(&["deny", "--log-level", "warn", "check", "bans", "licenses", "sources"]))
}
