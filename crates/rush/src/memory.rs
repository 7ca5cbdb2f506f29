//! Memory goes back to the system when something large is done with.
//!
//! The allocator keeps what was freed for what comes next; where little comes next, that would be memory for nothing.
//! It does not know what is freed.

use std::ffi::{c_int, c_long};

// Links the allocator wherever this library goes.
use libmimalloc_sys as _;

/// How many milliseconds freed memory is kept for what comes next (`mi_option_purge_delay`).
const PURGE_DELAY: c_int = 15;

unsafe extern "C" {
    fn mi_collect(force: bool);
    fn mi_option_set(option: c_int, value: c_long);
}

/// Keeps what is freed for a moment only: for a program that makes large things one after the other, each from the
/// one before.
pub(crate) fn keep_briefly() {
    // SAFETY: options may be set at any time; this one takes effect with whatever is freed next.
    unsafe { mi_option_set(PURGE_DELAY, 10) };
}

/// Frees a value, and gives its memory back to the system.
pub(crate) fn free<T>(value: T) {
    drop(value);
    give_back();
}

/// Gives what was freed back to the system.
pub(crate) fn give_back() {
    // SAFETY: it may be called at any time; what is in use stays.
    unsafe { mi_collect(true) };
}
