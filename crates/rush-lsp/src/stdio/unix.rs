//! Standard output without a buffer, where it is a file descriptor.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;

pub(super) fn unbuffered() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}
