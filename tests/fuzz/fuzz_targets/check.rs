//! Looks for bytes that break `rush_tests::fuzz::check_file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rush_tests::fuzz::check_file(bytes));
