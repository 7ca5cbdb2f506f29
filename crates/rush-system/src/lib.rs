//! The outside world as a trait: files, directories, environment, clock.
