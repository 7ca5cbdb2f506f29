//! Names of runs: short, in the order of their starts, and unique without asking anybody.
//!
//! Twelve characters of Crockford's base 32, which has no letters that look alike: six for the second in which the
//! run began, two for its 1,024th part, four that are random. People type as many of them as it takes to tell one run
//! from the others.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use rush_plan::{RunId, Timestamp};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The seconds from 1970 to 2025; the names last until 2059.
const EPOCH_SECONDS: i64 = 1_735_689_600;

/// The characters of a whole name.
pub(crate) const LENGTH: usize = 12;

/// The fewest characters that are shown of a name: they tell runs apart that began a 32nd of a second after each
/// other. Shorter ones would soon begin the name of a later run as well.
pub(crate) const SHOWN_MIN: usize = 7;

/// Makes a name for a run that begins now.
pub fn new_run_id(now: Timestamp) -> RunId {
    // The standard library seeds every one of these from the randomness of the system.
    of(now, RandomState::new().build_hasher().finish())
}

fn of(now: Timestamp, random: u64) -> RunId {
    let since = now.0.saturating_sub(EPOCH_SECONDS * 1_000_000).max(0) as u64;
    let (seconds, rest_us) = (since / 1_000_000, since % 1_000_000);
    let parts =
        [(seconds & 0x3fff_ffff) << 30, (rest_us * 1024 / 1_000_000) << 20, random & 0xf_ffff];
    let number = parts.iter().fold(0, |it, part| it | part);
    let digits = (0..LENGTH).rev().map(|at| {
        let digit = (number >> (5 * at)) & 31;
        ALPHABET.get(digit as usize).map_or('0', |it| char::from(*it))
    });
    RunId::new(digits.collect::<String>())
}

/// A prefix as it was meant: capitals are small letters, `o` is zero, `i` and `l` are one; `None` for anything that
/// can't begin a name.
pub(crate) fn normalised(typed: &str) -> Option<String> {
    let digits = typed.chars().map(|it| match it.to_ascii_lowercase() {
        'o' => Some('0'),
        'i' | 'l' => Some('1'),
        digit if digit.is_ascii() && ALPHABET.contains(&(digit as u8)) => Some(digit),
        _ => None,
    });
    let digits = digits.collect::<Option<String>>()?;
    (!digits.is_empty() && digits.len() <= LENGTH).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

    #[test]
    fn later_runs_have_later_names() {
        let later_us = [0, 1_000, 2_000, 999_000, 1_000_000, 59_000_000, 86_400 * 400_000_000];
        let names = later_us.map(|it| of(Timestamp(NOW.0 + it), !(it as u64)).to_string());
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|it| it.len() == LENGTH));
    }

    #[test]
    fn names_of_one_moment_differ() {
        assert_ne!(new_run_id(NOW), new_run_id(NOW));
    }

    #[test]
    fn what_looks_alike_is_alike() {
        assert_eq!(normalised("7F3oIL").as_deref(), Some("7f3011"));
        assert_eq!(normalised("build"), None);
        assert_eq!(normalised("7f3-"), None);
        assert_eq!(normalised(""), None);
    }
}
