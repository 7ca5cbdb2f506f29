//! Tests of asking tools, with those that every Unix has.

use std::io::ErrorKind;
use std::time::Duration;

use crate::ask_tool;

#[test]
fn a_tool_reads_and_writes_at_once() {
    let input = "a line\n".repeat(100_000);
    let answer = ask_tool("cat", &[], &input, Duration::from_mins(1)).unwrap();
    assert_eq!(answer.len(), input.len());
}

#[test]
fn a_tool_that_takes_too_long_is_killed() {
    let answer = ask_tool("sleep", &["600"], "", Duration::from_millis(10));
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::TimedOut);
}
