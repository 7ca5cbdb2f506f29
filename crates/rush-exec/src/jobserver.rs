//! One budget for Rush and for what it starts: the job server of GNU make, which cargo, ninja and others understand.
//!
//! A process may do one thing at a time for free; for each more it takes a token and gives it back afterwards. Rush
//! keeps as many tokens as it runs commands beyond the first. Under make, cargo or another Rush it joins their
//! budget. Where tokens lie is in `unix/jobserver.rs`.

use std::ffi::OsStr;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::environment::Environment;
use crate::os::jobserver::{Address, Pool};
use crate::place::Variables;

/// Where programs look for a budget, in this order.
const VARIABLES: [&str; 2] = ["MAKEFLAGS", "CARGO_MAKEFLAGS"];

/// How children find the tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobserverForm {
    /// By two inherited descriptors, which every program understands.
    #[default]
    Pipe,
    /// By the path of a named pipe, which needs make 4.4 or ninja 1.13.
    Fifo,
}

/// The budget of a run, shared with its commands.
pub(crate) struct Jobserver {
    pool: Pool,
    /// How many tokens there are if they are ours; none in a budget that we joined.
    total: Option<usize>,
    /// The tokens that Rush has; each goes back as it came.
    held: Mutex<Vec<u8>>,
    variables: Variables,
}

impl Jobserver {
    /// Joins the budget that Rush was started in, or makes one for `jobs` things at a time.
    pub(crate) fn open(
        inherited: &Environment,
        jobs: usize,
        form: JobserverForm,
    ) -> io::Result<Self> {
        let flags = |name: &str| inherited.get(OsStr::new(name)).and_then(|it| it.to_str());
        for name in VARIABLES {
            let address = flags(name).and_then(address_in);
            if let Some(pool) = address.and_then(|it| Pool::join(&it)) {
                return Ok(Self {
                    pool,
                    total: None,
                    held: Mutex::default(),
                    variables: Vec::new(),
                });
            }
        }
        let tokens = jobs.saturating_sub(1);
        let pool = Pool::create(tokens, form)?;
        let others = flags("MAKEFLAGS").map(without_jobs).unwrap_or_default();
        let value = format!("{others} -j{jobs} --jobserver-auth={}", pool.address());
        let value = value.trim_start().to_owned();
        let mut variables = vec![("MAKEFLAGS".to_owned(), value.clone())];
        if flags("CARGO_MAKEFLAGS").is_some() {
            variables.push(("CARGO_MAKEFLAGS".to_owned(), value));
        }
        Ok(Self { pool, total: Some(tokens), held: Mutex::default(), variables })
    }

    /// What tells commands where the tokens are.
    pub(crate) const fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Whether so many commands may run now; takes what tokens it needs for that, if they are there.
    pub(crate) fn admits(&self, commands: usize) -> bool {
        let mut held = self.held();
        while held.len() + 1 < commands {
            let Some(token) = self.pool.take() else { return false };
            held.push(token);
        }
        true
    }

    /// Waits until a token may be there.
    pub(crate) async fn wait(&self) {
        self.pool.wait().await;
    }

    /// Gives back what is not needed for so many commands. With none, a command that was killed can't have any
    /// either, so what is missing is made anew.
    pub(crate) fn keep_for(&self, commands: usize) {
        let mut held = self.held();
        while held.len() + 1 > commands.max(1) {
            let Some(token) = held.pop() else { break };
            self.pool.give(token);
        }
        if commands == 0
            && let Some(total) = self.total
        {
            self.pool.settle(total);
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<u8>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Jobserver {
    fn drop(&mut self) {
        for token in self.held().drain(..) {
            self.pool.give(token);
        }
    }
}

/// Where the flags of make say that tokens are; the last word wins.
fn address_in(flags: &str) -> Option<Address> {
    let words = flags.split_ascii_whitespace();
    let address = words
        .filter_map(|word| {
            word.strip_prefix("--jobserver-auth=").or_else(|| word.strip_prefix("--jobserver-fds="))
        })
        .next_back()?;
    if let Some(path) = address.strip_prefix("fifo:") {
        return Some(Address::Fifo(path.into()));
    }
    let (read_end, write_end) = address.split_once(',')?;
    Some(Address::Pipe(read_end.parse().ok()?, write_end.parse().ok()?))
}

/// The flags of make without those that say how much may run at once.
fn without_jobs(flags: &str) -> String {
    let is_other = |word: &&str| !word.starts_with("-j") && !word.starts_with("--jobserver-");
    flags.split(' ').filter(is_other).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(flags: &str, address: Option<&Address>, others: &str) {
        assert_eq!(address_in(flags).as_ref(), address, "{flags}");
        assert_eq!(without_jobs(flags).trim(), others, "{flags}");
    }

    #[test]
    fn the_flags_of_make_name_the_place_of_the_tokens() {
        check("", None, "");
        check("ks", None, "ks");
        check("s -j8 --jobserver-auth=3,4", Some(&Address::Pipe(3, 4)), "s");
        check("--jobserver-fds=5,6 -j", Some(&Address::Pipe(5, 6)), "");
        let fifo = Address::Fifo("/tmp/GMfifo7".into());
        check("-j2 --jobserver-auth=3,4 --jobserver-auth=fifo:/tmp/GMfifo7", Some(&fifo), "");
        check("-j2 --jobserver-auth=-2,-2", Some(&Address::Pipe(-2, -2)), "");
        check("-j2 --jobserver-auth=nonsense", None, "");
    }

    #[test]
    fn tokens_that_a_killed_command_had_are_made_anew() {
        for form in [JobserverForm::Pipe, JobserverForm::Fifo] {
            let server = Jobserver::open(&Environment::new(), 3, form).unwrap();
            assert!(server.admits(2));
            let _lost = server.pool.take();
            assert!(!server.admits(3));
            server.keep_for(1);
            assert!(server.admits(2));
            assert!(!server.admits(3));
            server.keep_for(0);
            assert!(server.admits(3));
            assert!(!server.admits(4));
        }
    }

    #[test]
    fn a_second_rush_joins_the_budget_of_the_first() {
        for form in [JobserverForm::Pipe, JobserverForm::Fifo] {
            let outer = Jobserver::open(&Environment::new(), 2, form).unwrap();
            let passed = outer.variables().iter().map(|(name, value)| (name.into(), value.into()));
            let inner = Jobserver::open(&passed.collect(), 8, JobserverForm::Pipe).unwrap();
            assert!(inner.variables().is_empty());
            assert!(inner.admits(2));
            assert!(!inner.admits(3));
            assert!(!outer.admits(2));
            inner.keep_for(1);
            assert!(outer.admits(2));
        }
    }
}
