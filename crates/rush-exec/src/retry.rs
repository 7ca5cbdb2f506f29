//! Whether a failed attempt is followed by another, and after which pause.
//!
//! Interruptions never come here. It starts nothing and keeps no time.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use regex::bytes::Regex;
use rush_plan::{AttemptEnd, Backoff, Retry};

/// How much of the end of the output is kept for `on_pattern`.
const TAIL_BYTES_MAX: usize = 1024 * 1024;

/// The end of an attempt's output, for deciding about a retry; keeps nothing if no pattern asks for it.
pub(crate) struct Tail {
    pattern: Option<Regex>,
    bytes: Vec<u8>,
}

impl Tail {
    /// A tail for these rules; the pattern was checked when the plan was made.
    pub(crate) fn new(retry: Option<&Retry>) -> Self {
        let pattern = retry.and_then(|retry| retry.on_pattern.as_deref());
        Self { pattern: pattern.and_then(|it| Regex::new(it).ok()), bytes: Vec::new() }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.pattern.is_none() {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * TAIL_BYTES_MAX {
            self.bytes.drain(..self.bytes.len() - TAIL_BYTES_MAX);
        }
    }

    fn matches(&self) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(&self.bytes))
    }
}

/// Returns the pause before the next attempt, or `None` if this end is final.
pub(crate) fn pause(
    retry: &Retry,
    attempt: u32,
    end: &AttemptEnd,
    tail: &Tail,
) -> Option<Duration> {
    let is_wanted = attempt < u32::from(retry.attempts) && applies(retry, end, tail);
    is_wanted.then(|| delay(&retry.delay, attempt))
}

fn applies(retry: &Retry, end: &AttemptEnd, tail: &Tail) -> bool {
    match end {
        AttemptEnd::TimedOut => retry.on_timeout,
        AttemptEnd::Exited { code: 0 } | AttemptEnd::Unknown => false,
        AttemptEnd::Refused { .. } => false,
        AttemptEnd::Exited { .. } | AttemptEnd::Signaled { .. } | AttemptEnd::Lost { .. } => {
            let nothing_listed = retry.on_codes.is_none() && retry.on_pattern.is_none();
            let code_listed = match (end, &retry.on_codes) {
                (AttemptEnd::Exited { code }, Some(codes)) => {
                    codes.iter().any(|listed| i32::from(*listed) == *code)
                }
                _ => false,
            };
            nothing_listed && !retry.on_timeout || code_listed || tail.matches()
        }
    }
}

fn delay(backoff: &Backoff, attempt: u32) -> Duration {
    match *backoff {
        Backoff::Fixed { delay_ms } => Duration::from_millis(delay_ms),
        Backoff::Exponential { first_ms, factor, max_ms, jitter } => {
            let grown = first_ms as f64 * factor.powf(f64::from(attempt) - 1.0);
            let millis = grown.clamp(0.0, max_ms as f64);
            let part = if jitter { 1.0 - random_part() / 2.0 } else { 1.0 };
            Duration::from_millis((millis * part) as u64)
        }
    }
}

/// A random number from 0 to 1, good enough to keep retries of several machines apart.
fn random_part() -> f64 {
    f64::from(RandomState::new().hash_one(0) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(codes: Option<Vec<u8>>, pattern: Option<&str>, on_timeout: bool) -> Retry {
        Retry {
            attempts: 3,
            delay: Backoff::Exponential { first_ms: 100, factor: 3.0, max_ms: 250, jitter: false },
            on_codes: codes,
            on_pattern: pattern.map(str::to_owned),
            on_timeout,
        }
    }

    fn check(retry: &Retry, attempt: u32, end: &AttemptEnd, output: &str, expect: Option<u64>) {
        let mut tail = Tail::new(Some(retry));
        tail.push(output.as_bytes());
        let pause = pause(retry, attempt, end, &tail);
        assert_eq!(pause, expect.map(Duration::from_millis), "{retry:?} {attempt} {end:?}");
    }

    #[test]
    fn any_listed_condition_is_enough() {
        const ONE: AttemptEnd = AttemptEnd::Exited { code: 1 };
        let any = rules(None, None, false);
        check(&any, 1, &ONE, "", Some(100));
        check(&any, 2, &ONE, "", Some(250));
        check(&any, 3, &ONE, "", None);
        check(&any, 1, &AttemptEnd::TimedOut, "", None);
        check(&any, 1, &AttemptEnd::Signaled { signal: 11 }, "", Some(100));
        let some = rules(Some(vec![7]), Some("reset|refused"), false);
        check(&some, 1, &ONE, "connection lost", None);
        check(&some, 1, &ONE, "connection reset", Some(100));
        check(&some, 1, &AttemptEnd::Exited { code: 7 }, "", Some(100));
        check(&rules(None, None, true), 1, &AttemptEnd::TimedOut, "", Some(100));
        check(&rules(None, None, true), 1, &ONE, "", None);
    }
}
