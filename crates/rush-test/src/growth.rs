//! How work grows with what it is done on, so that a test of it fails for a wrong order of growth and for
//! nothing else: not on a slow machine, nor on one that has other work to do.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How many times longer ten times as much may take. Quadratic would be 100.
const GROWTH_MAX: u32 = 50;

/// What takes less than this is too short to be compared.
const SHORTEST: Duration = Duration::from_millis(20);

/// How long this thread has had a processor, so that other work does not count; where that can't be
/// known, how late it is.
pub fn time_spent() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    #[allow(clippy::disallowed_methods, reason = "what the system says of a thread is a file")]
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = said.and_then(|it| it.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// How long `work` kept this thread busy.
pub fn spent_on(work: impl FnOnce()) -> Duration {
    let start = time_spent();
    work();
    time_spent().saturating_sub(start)
}

/// Panics unless `work` on `size` takes about ten times as long as on a tenth of it. `work` prepares what it
/// needs and returns what is to be compared.
#[track_caller]
pub fn assert_linear(what: &str, size: usize, work: impl Fn(usize) -> Duration) {
    // The best of two, since other work takes caches away.
    let best = |size: usize| work(size).min(work(size));
    let (small, large) = (best(size / 10), best(size));
    let limit = small.max(SHORTEST) * GROWTH_MAX;
    assert!(large < limit, "{what}: {small:?} for a tenth, {large:?} for the whole");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wrong_order_of_growth_fails() {
        let linear = |size: usize| Duration::from_millis(size as u64);
        assert_linear("linear", 1000, linear);
        let quadratic = |size: usize| Duration::from_millis((size * size) as u64);
        let outcome = std::panic::catch_unwind(|| assert_linear("quadratic", 1000, quadratic));
        assert!(outcome.is_err());
    }
}
