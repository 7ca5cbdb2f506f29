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

/// Whether a `-` stands before a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

/// Why a number token has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadNumber {
    pub(crate) message: String,
    /// The only sensible spelling, if there is just one.
    pub(crate) replacement: Option<String>,
    /// What to do where there is none.
    pub(crate) help: &'static str,
}

const UNITS: &str = "durations: `ms s m h d`; sizes: `B KB MB GB TB KiB MiB GiB TiB`";

const LARGEST: &str = "whole numbers lie between -9223372036854775808 and 9223372036854775807";
const LARGEST_UNIT: &str = "durations end at 106751 days, sizes at 9223372 TB";

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
    read_signed(Sign::Plus, text)
}

/// Reads a number token with what stands before it: the least number has no positive counterpart.
pub(crate) fn read_signed(sign: Sign, text: &str) -> Result<Number, BadNumber> {
    let (digits, unit) = split_unit(text);
    let written = Written { sign, text, digits, unit };
    if unit.is_empty() {
        return written.plain();
    }
    written.with_unit().map_err(|bad| foreign(text).unwrap_or(bad))
}

/// A number token, taken apart.
#[derive(Clone, Copy)]
struct Written<'a> {
    sign: Sign,
    text: &'a str,
    digits: &'a str,
    unit: &'a str,
}

impl Written<'_> {
    fn plain(self) -> Result<Number, BadNumber> {
        let plain = without_underscores(self.digits);
        if plain.contains('.') {
            let value: f64 = plain.parse().map_err(|_| malformed(self.text))?;
            return Ok(Number::Float(if self.sign == Sign::Minus { -value } else { value }));
        }
        let value: i128 = plain.parse().map_err(|_| self.out_of_range())?;
        self.signed(value).map(Number::Int)
    }

    fn with_unit(self) -> Result<Number, BadNumber> {
        let named = |units: &[(&str, i64)]| {
            units.iter().find(|(name, _)| *name == self.unit).map(|(_, factor)| *factor)
        };
        if let Some(factor) = named(&SIZES) {
            return self.signed(self.scaled(self.digits, factor)?).map(Number::Size);
        }
        if self.unit.bytes().any(|byte| byte.is_ascii_digit()) {
            return self.signed(self.compound()?).map(Number::Duration);
        }
        match named(&DURATIONS) {
            Some(factor) => self.signed(self.scaled(self.digits, factor)?).map(Number::Duration),
            None => Err(unknown_unit(self.text, self.digits, self.unit)),
        }
    }

    fn compound(self) -> Result<i128, BadNumber> {
        let (mut rest, mut total, mut last) = (self.text, 0_i128, i64::MAX);
        while !rest.is_empty() {
            let (digits, tail) = split_unit(rest);
            let length = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, after) = tail.split_at(length);
            let known = DURATIONS.iter().find(|(name, _)| *name == unit);
            let Some((_, factor)) = known.filter(|(_, factor)| *factor < last) else {
                return Err(malformed(self.text));
            };
            let part = self.scaled(digits, *factor)?;
            total = total.checked_add(part).ok_or_else(|| self.out_of_range())?;
            (rest, last) = (after, *factor);
        }
        Ok(total)
    }

    /// Multiplies exactly; a fraction is fine as long as the product is whole.
    fn scaled(self, digits: &str, factor: i64) -> Result<i128, BadNumber> {
        let plain = without_underscores(digits);
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 15 {
            return Err(malformed(self.text));
        }
        let divisor = 10_i128.pow(fraction.len() as u32);
        let number: i128 = format!("{whole}{fraction}").parse().map_err(|_| self.out_of_range())?;
        let product = number.checked_mul(i128::from(factor)).ok_or_else(|| self.out_of_range())?;
        if product % divisor != 0 {
            return Err(malformed(self.text));
        }
        Ok(product / divisor)
    }

    fn signed(self, magnitude: i128) -> Result<i64, BadNumber> {
        let value = if self.sign == Sign::Minus { -magnitude } else { magnitude };
        i64::try_from(value).map_err(|_| self.out_of_range())
    }

    fn out_of_range(self) -> BadNumber {
        let help = if self.unit.is_empty() { LARGEST } else { LARGEST_UNIT };
        let message = match self.sign {
            Sign::Plus => format!("`{}` is too large", self.text),
            Sign::Minus => format!("`-{}` is too small", self.text),
        };
        BadNumber { message, replacement: None, help }
    }
}

/// Splits after the digits, underscores and the point.
fn split_unit(text: &str) -> (&str, &str) {
    let is_number = |c: char| c.is_ascii_digit() || c == '_' || c == '.';
    text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()))
}

fn without_underscores(digits: &str) -> Cow<'_, str> {
    if digits.contains('_') { digits.replace('_', "").into() } else { digits.into() }
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
    BadNumber { message: format!("unknown unit `{text}`{hint}"), replacement, help: UNITS }
}

fn malformed(text: &str) -> BadNumber {
    BadNumber { message: format!("`{text}` is not a number"), replacement: None, help: UNITS }
}

/// `0x10`, `0b101`, `0o17` and `1e3`: numbers as other languages write them.
fn foreign(text: &str) -> Option<BadNumber> {
    let plain = text.replace('_', "").to_ascii_lowercase();
    let digits = |prefix: &str, radix| {
        let digits = plain.strip_prefix(prefix).filter(|it| !it.is_empty())?;
        i64::from_str_radix(digits, radix).ok()
    };
    let whole = digits("0x", 16).or_else(|| digits("0b", 2)).or_else(|| digits("0o", 8));
    let (value, help) = match whole {
        Some(value) => (value.to_string(), "numbers are written with the digits 0 to 9"),
        None => (scientific(&plain)?, "numbers have no exponent"),
    };
    let message = format!("`{text}` is written `{value}`");
    Some(BadNumber { message, replacement: Some(value), help })
}

/// The digits of `1.5e3`, as far as they are few.
fn scientific(text: &str) -> Option<String> {
    let (digits, exponent) = text.split_once('e')?;
    let exponent: usize = exponent.parse().ok().filter(|it| *it <= 18)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) || fraction.len() > exponent {
        return None;
    }
    let zeros = "0".repeat(exponent - fraction.len());
    let value: i64 = format!("{whole}{fraction}{zeros}").parse().ok()?;
    Some(value.to_string())
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
    fn the_least_number_of_each_sort_is_written_with_its_sign() {
        let cases = [
            ("9223372036854775808", Some(Number::Int(i64::MIN))),
            ("9_223_372_036_854_775_808", Some(Number::Int(i64::MIN))),
            ("0", Some(Number::Int(0))),
            ("1h30m", Some(Number::Duration(-5_400_000_000_000))),
            ("0.5", Some(Number::Float(-0.5))),
            ("9223372036854775809", None),
            ("340282366920938463463374607431768211456", None),
        ];
        for (text, number) in cases {
            assert_eq!(read_signed(Sign::Minus, text).ok(), number, "-{text}");
        }
        let bad = read_signed(Sign::Minus, "9223372036854775809").unwrap_err();
        assert_eq!(bad.message, "`-9223372036854775809` is too small");
    }

    #[test]
    fn numbers_of_other_languages_are_rewritten() {
        let cases =
            [("0x10", "16"), ("0b101", "5"), ("0o17", "15"), ("1e3", "1000"), ("1.5E2", "150")];
        for (text, ours) in cases {
            assert_eq!(read(text).unwrap_err().replacement.as_deref(), Some(ours), "{text}");
        }
        for text in ["0xg", "1e99", "1.55e1", "0x", "1e"] {
            assert_eq!(read(text).unwrap_err().replacement, None, "{text}");
        }
        assert_eq!(read("9223372036854775808").unwrap_err().help, LARGEST);
        assert_eq!(read("999999999d").unwrap_err().help, LARGEST_UNIT);
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
