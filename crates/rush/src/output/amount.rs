//! When things were, how long they took and how large they are, for people: one way to say it in every verb.

use std::time::Duration;

use rush_plan::Timestamp;

/// A duration with the precision people care about.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A duration that is redrawn while it grows, or a guess: whole units only.
pub(crate) fn rough(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// How long ago something was.
pub(crate) fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// A number of bytes in the largest unit that leaves it at least one.
pub(crate) fn size(bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    match bytes {
        0..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{:.1} KiB", bytes as f64 / KIB as f64),
        MIB..GIB => format!("{:.1} MiB", bytes as f64 / MIB as f64),
        _ => format!("{:.1} GiB", bytes as f64 / GIB as f64),
    }
}

/// A point in time for people: the date and the time of day where they are.
pub(crate) fn local_time(time: Timestamp) -> String {
    let offset = rush_system::local_offset(time.0.div_euclid(1_000_000));
    let text = Timestamp(time.0.saturating_add(offset * 1_000_000)).to_string();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {}", clock.get(..8).unwrap_or(clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        let shown = |ms| duration(Duration::from_millis(ms));
        assert_eq!(shown(7), "7 ms");
        assert_eq!(shown(1_449), "1.4 s");
        assert_eq!(shown(61_000), "1 min 01 s");
        assert_eq!(shown(3_720_000), "1 h 02 min");
        assert_eq!(rough(Duration::from_millis(900)), "0 s");
    }

    #[test]
    fn sizes_are_in_the_largest_unit_that_fits() {
        let shown = [0, 1023, 1024, 1_572_864, 3 << 30].map(size);
        assert_eq!(shown, ["0 bytes", "1023 bytes", "1.0 KiB", "1.5 MiB", "3.0 GiB"]);
        assert_eq!([59, 3_700, 90_000].map(age), ["59 s", "1 h 01 min", "1 d 1 h"]);
    }
}
