//! Takes secrets out of a stream of bytes, in the forms in which programs print them.
//!
//! Known forms: as it is, each longer line of it, base64 (both alphabets, at any offset), percent-encoded and
//! escaped as JSON. A value that is split over writes is found: bytes that may be the beginning of one are held
//! back until the next write or the end. It can't know forms of which it has not heard, such as a digest.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, Input, MatchKind};

/// What stands in the place of a secret.
pub const MASK: &str = "‹secret›";

/// Lines shorter than this are not masked on their own; they would hit innocent text.
const LINE_BYTES_MIN: usize = 8;

/// Forms shorter than this are not masked; they would hit innocent text.
const FORM_BYTES_MIN: usize = 4;

/// Takes secrets out of one stream. What it gives back does not depend on how the stream was cut into writes.
#[derive(Clone, Default)]
pub struct Masker {
    /// What is sought; `None` if nothing is. Shared, since every stream of a run seeks the same.
    forms: Option<Arc<Forms>>,
    /// The last bytes, which may be the beginning of a form.
    held: Vec<u8>,
    /// How many of the held bytes belong to a match that was already replaced.
    covered: usize,
}

/// The forms of all secrets, ready for searching.
struct Forms {
    /// Finds the first match, and of those that start there the longest.
    search: AhoCorasick,
    texts: Vec<Vec<u8>>,
    /// Whether a form starts with this byte.
    starts: [bool; 256],
    /// The length of the longest.
    bytes_max: usize,
}

impl Masker {
    /// A masker for these values.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut forms = BTreeSet::new();
        for value in values {
            add_forms(value, &mut forms);
        }
        forms.retain(|form| form.len() >= FORM_BYTES_MIN);
        let forms = (!forms.is_empty()).then(|| Arc::new(Forms::new(forms)));
        Self { forms, held: Vec::new(), covered: 0 }
    }

    /// Takes the next bytes of the stream and returns what can be shown of it by now.
    pub fn push(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let Some(forms) = self.forms.clone() else { return bytes };
        let mut stream = std::mem::take(&mut self.held);
        if stream.is_empty() {
            stream = bytes;
        } else {
            stream.extend_from_slice(&bytes);
        }
        let end = stream.len() - forms.beginning_at_end(&stream);
        self.release(&forms, stream, end)
    }

    /// Ends the stream and returns what was held back.
    pub fn finish(&mut self) -> Vec<u8> {
        let Some(forms) = self.forms.clone() else { return Vec::new() };
        let stream = std::mem::take(&mut self.held);
        let end = stream.len();
        self.release(&forms, stream, end)
    }

    /// Masks what starts before `end`, and holds the rest.
    fn release(&mut self, forms: &Forms, mut stream: Vec<u8>, end: usize) -> Vec<u8> {
        let mut shown = Vec::new();
        // Everything before here is shown or replaced.
        let mut done = self.covered;
        let mut position = 0;
        while position < end
            && let Some(found) = forms.search.find(Input::new(&stream).range(position..))
            && found.start() < end
        {
            if found.start() >= done {
                shown.extend_from_slice(stream.get(done..found.start()).unwrap_or_default());
                shown.extend_from_slice(MASK.as_bytes());
            }
            done = done.max(found.end());
            // A match that starts inside this one may reach further.
            position = found.start() + 1;
        }
        self.covered = done.saturating_sub(end);
        self.held = stream.split_off(end);
        if done == 0 {
            return stream;
        }
        shown.extend_from_slice(stream.get(done..).unwrap_or_default());
        shown
    }
}

impl Forms {
    fn new(forms: BTreeSet<Vec<u8>>) -> Self {
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&forms)
            .expect("secrets are far from the number of states that an automaton can have");
        let mut starts = [false; 256];
        for first in forms.iter().filter_map(|form| form.first()) {
            if let Some(start) = starts.get_mut(usize::from(*first)) {
                *start = true;
            }
        }
        let bytes_max = forms.iter().map(Vec::len).max().unwrap_or_default();
        Self { search, texts: forms.into_iter().collect(), starts, bytes_max }
    }

    /// How many bytes at the end of the stream could become a form, or a longer one, with more bytes.
    fn beginning_at_end(&self, stream: &[u8]) -> usize {
        let longest = stream.len().min(self.bytes_max - 1);
        let lengths = (1..=longest).rev();
        lengths
            .into_iter()
            .find(|length| {
                let rest = stream.get(stream.len() - length..).unwrap_or_default();
                let can_start = rest.first().and_then(|it| self.starts.get(usize::from(*it)));
                can_start == Some(&true)
                    && self.texts.iter().any(|it| it.len() > rest.len() && it.starts_with(rest))
            })
            .unwrap_or(0)
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
            let end = base64_end(value.as_bytes(), offset);
            for text in [
                &encoded,
                &format!("{encoded}{end}"),
                &format!("{encoded}{}", end.trim_end_matches('=')),
            ] {
                let other = text.replace('+', "-").replace('/', "_");
                forms.insert(text.clone().into_bytes());
                forms.insert(other.into_bytes());
            }
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
    let padded = [&vec![0; offset], value].concat();
    let first = (offset * 8).div_ceil(6);
    (first..padded.len() * 8 / 6).map(|it| base64_digit(&padded, it)).collect()
}

/// What follows those characters if nothing follows the value; empty if it fills its group.
fn base64_end(value: &[u8], offset: usize) -> String {
    let padded = [&vec![0; offset], value].concat();
    let fill = match padded.len() % 3 {
        0 => return String::new(),
        1 => "==",
        _ => "=",
    };
    format!("{}{fill}", base64_digit(&padded, padded.len() * 8 / 6))
}

/// The character of the base64 form of these bytes at this place; bits behind their end are 0.
fn base64_digit(bytes: &[u8], index: usize) -> char {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = (0..6).fold(0, |bits, bit| {
        let position = index * 6 + bit;
        let byte = bytes.get(position / 8).copied().unwrap_or(0);
        bits << 1 | usize::from(byte >> (7 - position % 8) & 1)
    });
    ALPHABET.get(bits).copied().map_or('=', char::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "s3cr3t/+\"value";

    /// The meaning of masking without any haste: a position is secret if some form lies over it, and forms that
    /// overlap are one secret.
    fn slow(values: &[String], stream: &[u8]) -> Vec<u8> {
        let mut forms = BTreeSet::new();
        values.iter().for_each(|value| add_forms(value, &mut forms));
        forms.retain(|form| form.len() >= FORM_BYTES_MIN);
        let mut shown = Vec::new();
        let mut covered = 0;
        for position in 0..stream.len() {
            let rest = &stream[position..];
            if let Some(length) = forms.iter().filter(|it| rest.starts_with(it)).map(Vec::len).max()
            {
                if covered <= position {
                    shown.extend_from_slice(MASK.as_bytes());
                }
                covered = covered.max(position + length);
            }
            if covered <= position {
                shown.push(rest[0]);
            }
        }
        shown
    }

    /// Few letters, so that forms overlap, repeat and begin in vain all the time.
    fn values() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[ab/\"]{4,7}(\n[ab]{6,9})?", 0..4)
    }

    fn writes(values: &[String]) -> impl Strategy<Value = Vec<Vec<u8>>> + use<> {
        let mut forms = BTreeSet::new();
        values.iter().for_each(|value| add_forms(value, &mut forms));
        forms.insert(b"x".to_vec());
        let form = prop::sample::select(forms.into_iter().collect::<Vec<_>>());
        let piece = (form, any::<(prop::sample::Index, prop::sample::Index)>());
        let piece = piece.prop_map(|(form, (from, to))| {
            let (from, to) = (from.index(form.len()), to.index(form.len() + 1));
            if from % 3 == 0 { form } else { form[from.min(to)..to.max(from)].to_vec() }
        });
        prop::collection::vec(piece, 0..12)
    }

    proptest! {
        #[test]
        fn masking_is_independent_of_writes_and_hides_what_the_plain_search_finds(
            (values, writes) in values().prop_flat_map(|it| (Just(it.clone()), writes(&it)))
        ) {
            let mut masker = Masker::new(values.iter().map(String::as_str));
            let mut shown = Vec::new();
            for write in &writes {
                shown.extend(masker.push(write.clone()));
            }
            shown.extend(masker.finish());
            let expect = slow(&values, &writes.concat());
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            prop_assert_eq!(text(&shown), text(&expect));
        }
    }

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
        // The value alone, after one byte, after two bytes; with the fill behind it, without, and with more behind it.
        check(&["czNjcjN0LysidmFsdWU="], "‹secret›");
        check(&["czNjcjN0LysidmFsdWU"], "‹secret›");
        check(&["czNjcjN0LysidmFsdWV4"], "‹secret›V4");
        check(&["eHMzY3IzdC8rInZhbHVl"], "eH‹secret›");
        check(&["eHhzM2NyM3QvKyJ2YWx1ZQ=="], "eHh‹secret›");
    }
}
