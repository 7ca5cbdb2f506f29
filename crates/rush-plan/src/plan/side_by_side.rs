//! Work in pieces on all processors. It does not know what the work is.

use std::thread;

/// More threads than these wait for the memory.
const THREADS_MAX: usize = 8;

/// Lets as many threads work as there are processors; what they did is in the order of its numbers.
pub(super) fn side_by_side<D: Send>(work: impl Fn() -> Vec<(usize, D)> + Sync) -> Vec<D> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let beside = processors.min(THREADS_MAX) - 1;
    let mut done = thread::scope(|scope| {
        // Where no thread is to be had, those that are there do its work.
        let start = || thread::Builder::new().spawn_scoped(scope, &work).ok();
        let threads: Vec<_> = (0..beside).filter_map(|_| start()).collect();
        let mut done = work();
        for thread in threads {
            let theirs = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done.extend(theirs);
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, it)| it).collect()
}
