//! Takes secrets out of a stream of bytes, in the forms in which programs print them.
//!
//! Known forms: as it is, each longer line of it, base64 (both alphabets, at any offset), percent-encoded and
//! escaped as JSON. A value that is split over writes is found: bytes that may be the beginning of one are held
//! back until the next write or the end. It can't know forms of which it has not heard, such as a digest.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What stands in the place of a secret.
pub const MASK: &str = "‹secret›";

/// Lines shorter than this are not masked on their own; they would hit innocent text.
const LINE_BYTES_MIN: usize = 8;

/// Takes secrets out of one stream.
#[derive(Clone, Default)]
pub struct Masker {
    /// Sorted by length, longest first.
    patterns: Vec<Vec<u8>>,
    /// Whether a pattern starts with this byte.
    starts: Vec<bool>,
    held: Vec<u8>,
    /// How many of the held bytes belong to a match that was already replaced.
    covered: usize,
}

impl Masker {
    /// A masker for these values.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut forms = BTreeSet::new();
        for value in values {
            add_forms(value, &mut forms);
        }
        let mut patterns: Vec<Vec<u8>> = forms.into_iter().filter(|it| it.len() >= 4).collect();
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        let mut starts = if patterns.is_empty() { Vec::new() } else { vec![false; 256] };
        for first in patterns.iter().filter_map(|pattern| pattern.first()) {
            if let Some(start) = starts.get_mut(usize::from(*first)) {
                *start = true;
            }
        }
        Self { patterns, starts, held: Vec::new(), covered: 0 }
    }

    /// Takes the next bytes of the stream and returns what can be shown of it by now.
    pub fn push(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        if self.patterns.is_empty() {
            return bytes;
        }
        self.held.extend_from_slice(&bytes);
        self.release(false)
    }

    /// Ends the stream and returns what was held back.
    pub fn finish(&mut self) -> Vec<u8> {
        self.release(true)
    }

    fn release(&mut self, is_end: bool) -> Vec<u8> {
        let mut shown = Vec::with_capacity(self.held.len());
        let mut position = 0;
        let mut covered = self.covered;
        while let Some(rest) = self.held.get(position..).filter(|rest| !rest.is_empty()) {
            if !is_end && self.may_begin(rest) {
                break;
            }
            if let Some(length) = self.match_at(rest) {
                if covered == 0 {
                    shown.extend_from_slice(MASK.as_bytes());
                }
                covered = covered.max(length);
            }
            if covered > 0 {
                covered -= 1;
            } else {
                shown.extend(rest.first());
            }
            position += 1;
        }
        self.held.drain(..position);
        self.covered = covered;
        shown
    }

    /// Whether more bytes could make a longer match out of these.
    fn may_begin(&self, rest: &[u8]) -> bool {
        self.can_start(rest)
            && self.patterns.iter().any(|it| it.len() > rest.len() && it.starts_with(rest))
    }

    fn match_at(&self, rest: &[u8]) -> Option<usize> {
        if !self.can_start(rest) {
            return None;
        }
        self.patterns.iter().find(|pattern| rest.starts_with(pattern)).map(Vec::len)
    }

    fn can_start(&self, rest: &[u8]) -> bool {
        rest.first().is_some_and(|byte| self.starts.get(usize::from(*byte)) == Some(&true))
    }
}

fn add_forms(value: &str, forms: &mut BTreeSet<Vec<u8>>) {
    forms.insert(value.as_bytes().to_vec());
    let lines = value.lines().map(str::trim).filter(|line| line.len() >= LINE_BYTES_MIN);
    forms.extend(lines.map(|line| line.as_bytes().to_vec()));
    forms.insert(percent_encoded(value).into_bytes());
    forms.insert(json_escaped(value).into_bytes());
    for offset in 0..3 {
        let encoded = base64_core(value.as_bytes(), offset);
        if encoded.len() >= LINE_BYTES_MIN {
            let other = encoded.replace('+', "-").replace('/', "_");
            forms.insert(encoded.into_bytes());
            forms.insert(other.into_bytes());
        }
    }
}

fn percent_encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a text never fails");
        }
    }
    text
}

fn json_escaped(value: &str) -> String {
    let mut text = String::new();
    for char in value.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            control if control.is_control() => {
                write!(text, "\\u{:04x}", u32::from(control))
                    .expect("writing to a text never fails");
            }
            plain => text.push(plain),
        }
    }
    text
}

/// The characters of the base64 form that depend on the value alone when it stands `offset` bytes into a group.
fn base64_core(value: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut padded = vec![0; offset];
    padded.extend_from_slice(value);
    let sextets = padded.len() * 8 / 6;
    let first = (offset * 8).div_ceil(6);
    let digit = |index: usize| {
        let bits = (0..6).fold(0, |bits, bit| {
            let position = index * 6 + bit;
            let byte = padded.get(position / 8).copied().unwrap_or(0);
            bits << 1 | usize::from(byte >> (7 - position % 8) & 1)
        });
        ALPHABET.get(bits).copied().map_or('=', char::from)
    };
    (first..sextets).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr3t/+\"value";

    fn check(writes: &[&str], expect: &str) {
        let mut masker = Masker::new([SECRET, "abcdef", "efghij"].into_iter());
        let mut shown = Vec::new();
        for write in writes {
            shown.extend(masker.push(write.as_bytes().to_vec()));
        }
        shown.extend(masker.finish());
        assert_eq!(String::from_utf8_lossy(&shown), expect, "{writes:?}");
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands() {
        check(&["nothing here\n"], "nothing here\n");
        check(&[SECRET], MASK);
        check(&["a ", SECRET, " b"], "a ‹secret› b");
        check(&["s3cr3t"], "s3cr3t");
        check(&["s3cr3ts3cr3t/+\"value"], "s3cr3t‹secret›");
    }

    #[test]
    fn a_secret_split_over_writes_is_masked() {
        for split in 1..SECRET.len() {
            let (left, right) = SECRET.split_at(split);
            check(&["x", left, right, "y"], "x‹secret›y");
        }
        let bytes: Vec<String> = SECRET.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        check(&bytes, MASK);
    }

    #[test]
    fn overlapping_secrets_leave_nothing_of_either() {
        check(&["<abcdefghij>"], "<‹secret›>");
        check(&["<abcd", "efgh", "ij>"], "<‹secret›>");
    }

    #[test]
    fn encoded_forms_are_masked() {
        check(&["s3cr3t%2F%2B%22value"], MASK);
        check(&["s3cr3t/+\\\"value"], MASK);
        // The value alone, after one byte, after two bytes; the last character depends on what follows.
        check(&["czNjcjN0LysidmFsdWU="], "‹secret›U=");
        check(&["eHMzY3IzdC8rInZhbHVl"], "eH‹secret›");
        check(&["eHhzM2NyM3QvKyJ2YWx1ZQ=="], "eHh‹secret›Q==");
    }
}
