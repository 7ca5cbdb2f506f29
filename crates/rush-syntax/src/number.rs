//! What a number token stands for: an integer, a float, a duration or a size.

use std::borrow::Cow;

/// The value of a number token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
    /// Nanoseconds.
    Duration(i64),
    /// Bytes.
    Size(i64),
}

/// Why a number token has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadNumber {
    pub(crate) message: String,
    /// The only sensible spelling, if there is just one.
    pub(crate) replacement: Option<String>,
}

const DURATIONS: [(&str, i64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

const SIZES: [(&str, i64); 9] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Other spellings of units, in lower case, and what may be meant.
const SYNONYMS: [(&str, &[&str]); 29] = [
    ("b", &["B"]),
    ("byte", &["B"]),
    ("bytes", &["B"]),
    ("k", &["KB", "KiB"]),
    ("kb", &["KB", "KiB"]),
    ("kib", &["KiB"]),
    ("ki", &["KiB"]),
    ("mb", &["MB", "MiB"]),
    ("mib", &["MiB"]),
    ("mi", &["MiB"]),
    ("g", &["GB", "GiB"]),
    ("gb", &["GB", "GiB"]),
    ("gib", &["GiB"]),
    ("gi", &["GiB"]),
    ("t", &["TB", "TiB"]),
    ("tb", &["TB", "TiB"]),
    ("tib", &["TiB"]),
    ("ti", &["TiB"]),
    ("sec", &["s"]),
    ("secs", &["s"]),
    ("seconds", &["s"]),
    ("second", &["s"]),
    ("min", &["m"]),
    ("mins", &["m"]),
    ("minutes", &["m"]),
    ("hr", &["h"]),
    ("hours", &["h"]),
    ("day", &["d"]),
    ("days", &["d"]),
];

/// Reads a number token.
pub(crate) fn read(text: &str) -> Result<Number, BadNumber> {
    let (digits, unit) = split_unit(text);
    if unit.is_empty() {
        return read_plain(text, digits);
    }
    if let Some((_, factor)) = SIZES.iter().find(|(name, _)| *name == unit) {
        return scale(text, digits, *factor).map(Number::Size);
    }
    if unit.bytes().any(|byte| byte.is_ascii_digit()) {
        return read_compound(text).map(Number::Duration);
    }
    match DURATIONS.iter().find(|(name, _)| *name == unit) {
        Some((_, factor)) => scale(text, digits, *factor).map(Number::Duration),
        None => Err(unknown_unit(text, digits, unit)),
    }
}

/// Splits after the digits, underscores and the point.
fn split_unit(text: &str) -> (&str, &str) {
    let is_number = |c: char| c.is_ascii_digit() || c == '_' || c == '.';
    text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()))
}

fn read_plain(text: &str, digits: &str) -> Result<Number, BadNumber> {
    let plain = without_underscores(digits);
    if plain.contains('.') {
        return plain.parse().map(Number::Float).map_err(|_| malformed(text));
    }
    plain.parse().map(Number::Int).map_err(|_| too_large(text))
}

fn without_underscores(digits: &str) -> Cow<'_, str> {
    if digits.contains('_') { digits.replace('_', "").into() } else { digits.into() }
}

fn read_compound(text: &str) -> Result<i64, BadNumber> {
    let (mut rest, mut total, mut last) = (text, 0_i64, i64::MAX);
    while !rest.is_empty() {
        let (digits, tail) = split_unit(rest);
        let length = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, after) = tail.split_at(length);
        let known = DURATIONS.iter().find(|(name, _)| *name == unit);
        let Some((_, factor)) = known.filter(|(_, factor)| *factor < last) else {
            return Err(malformed(text));
        };
        total = total.checked_add(scale(text, digits, *factor)?).ok_or_else(|| too_large(text))?;
        (rest, last) = (after, *factor);
    }
    Ok(total)
}

/// Multiplies exactly; a fraction is fine as long as the product is whole.
fn scale(text: &str, digits: &str, factor: i64) -> Result<i64, BadNumber> {
    let plain = digits.replace('_', "");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 15 {
        return Err(malformed(text));
    }
    let divisor = 10_i128.pow(fraction.len() as u32);
    let number: i128 = format!("{whole}{fraction}").parse().map_err(|_| too_large(text))?;
    let product = number.checked_mul(i128::from(factor)).ok_or_else(|| too_large(text))?;
    if product % divisor != 0 {
        return Err(malformed(text));
    }
    i64::try_from(product / divisor).map_err(|_| too_large(text))
}

fn unknown_unit(text: &str, digits: &str, unit: &str) -> BadNumber {
    let lower = unit.to_ascii_lowercase();
    let meant = SYNONYMS.iter().find(|(name, _)| *name == lower).map_or(&[][..], |(_, it)| it);
    let spelled = |unit: &&str| format!("{digits}{unit}");
    let asked: Vec<String> = meant.iter().map(|it| format!("`{}`", spelled(it))).collect();
    let hint = match asked.as_slice() {
        [] => String::new(),
        all => format!("; did you mean {}?", all.join(" or ")),
    };
    let replacement = match meant {
        [only] => Some(spelled(only)),
        _ => None,
    };
    BadNumber { message: format!("unknown unit `{text}`{hint}"), replacement }
}

fn malformed(text: &str) -> BadNumber {
    BadNumber { message: format!("`{text}` is not a number"), replacement: None }
}

fn too_large(text: &str) -> BadNumber {
    BadNumber { message: format!("`{text}` is too large"), replacement: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_units_of_the_language() {
        let cases = [
            ("1_000", Number::Int(1000)),
            ("0.5", Number::Float(0.5)),
            ("500ms", Number::Duration(500_000_000)),
            ("1h30m", Number::Duration(5_400_000_000_000)),
            ("0.5s", Number::Duration(500_000_000)),
            ("7d", Number::Duration(604_800_000_000_000)),
            ("512B", Number::Size(512)),
            ("64KB", Number::Size(64_000)),
            ("2GiB", Number::Size(2 << 30)),
        ];
        for (text, number) in cases {
            assert_eq!(read(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn an_unknown_unit_proposes_what_is_meant() {
        let bad = read("2Gb").unwrap_err();
        assert_eq!(bad.message, "unknown unit `2Gb`; did you mean `2GB` or `2GiB`?");
        assert_eq!(bad.replacement, None);
        assert_eq!(read("10sec").unwrap_err().replacement.as_deref(), Some("10s"));
        for text in ["1m1h", "99999999999999999999", "0.3B", "9999999999d", "1x2y"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
