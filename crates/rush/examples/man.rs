//! Writes the manual pages of `rush` and of each verb into a directory; see `cargo xtask man`.

use std::io;

fn main() -> io::Result<()> {
    let directory =
        std::env::args_os().nth(1).ok_or_else(|| io::Error::other("name a directory"))?;
    clap_mangen::generate_to(rush::command(), directory)
}
