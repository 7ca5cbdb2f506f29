//! Standard output without a buffer, where it is a handle.

use std::fs::File;
use std::io;
use std::os::windows::io::AsHandle as _;

pub(super) fn unbuffered() -> io::Result<File> {
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}
