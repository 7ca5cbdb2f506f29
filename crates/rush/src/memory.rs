//! Memory goes back to the system when something large is done with.
//!
//! The allocator keeps what was freed for what comes next; where little comes next, that would be memory for nothing.
//! It does not know what is freed.

// Links the allocator wherever this library goes.
use libmimalloc_sys as _;

unsafe extern "C" {
    fn mi_collect(force: bool);
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
