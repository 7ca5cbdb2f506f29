//! `cargo xtask man`: the manual pages, written from the declarations of the verbs.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{cargo, root, run};

/// Where the pages go unless a directory is named, from the root of the repository.
const DIRECTORY: &str = "target/man";

/// Writes one page for `rush` and one for each verb.
pub fn main(arguments: &[&str]) -> Result<()> {
    let directory = match arguments {
        [] => root().join(DIRECTORY),
        [directory] => std::env::current_dir()?.join(directory),
        _ => bail!("`cargo xtask man` takes one directory"),
    };
    write(&directory)?;
    println!("wrote the pages to {}", directory.display());
    Ok(())
}

fn write(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    run(cargo(&["run", "--quiet", "--locked", "-p", "rush", "--example", "man", "--"])
        .arg(directory))
}
