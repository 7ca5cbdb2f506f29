//! Times and sizes as people write them: `30d`, `500MB`.

use std::time::Duration;

/// The units of time, the largest first.
const AGES: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// The units of size, the largest first; `B` must come last.
const SIZES: [(&str, u64); 5] =
    [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1)];

/// Reads a time such as `30d`.
pub fn age(text: &str) -> Option<Duration> {
    amount(text, &AGES).map(Duration::from_secs)
}

/// Reads a size such as `500MB`.
pub fn bytes(text: &str) -> Option<u64> {
    amount(text, &SIZES)
}

/// Writes a time so that it can be read again.
pub(super) fn show_age(age: Duration) -> String {
    show(age.as_secs(), &AGES)
}

/// Writes a size so that it can be read again.
pub(super) fn show_bytes(bytes: u64) -> String {
    show(bytes, &SIZES)
}

fn amount(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = units
        .iter()
        .find_map(|(unit, size)| Some((text.trim().strip_suffix(unit)?.trim_end(), *size)))?;
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(unit)
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let fitting =
        units.iter().find(|it| amount > 0 && amount.is_multiple_of(it.1)).or(units.last());
    fitting.map_or_else(String::new, |(unit, size)| format!("{}{unit}", amount / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        for text in ["30d", "12h", "2w", "90s", "5min"] {
            assert_eq!(show_age(age(text).unwrap()), text);
        }
        for text in ["1GB", "500MB", "12B", "0B"] {
            assert_eq!(show_bytes(bytes(text).unwrap()), text);
        }
        for text in ["", "d", "-1d", "1.5d", "30", "30 days", "99999999999999999w"] {
            assert_eq!(age(text), None, "{text}");
        }
    }
}
