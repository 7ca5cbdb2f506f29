//! Takes secrets out of a stream of bytes, in the forms in which programs print them.
//!
//! Known forms: as it is, each longer line of it, base64 (both alphabets, at any offset, and in lines where the value
//! is encoded alone), as hexadecimal numbers, in dumps of it alone, percent-encoded as in addresses and forms, escaped
//! as JSON, with the references of HTML and XML, quoted for a shell. A value that is split over writes is found: bytes that may be the
//! beginning of one are held back until the next write or the end.
//! It can't know forms of which it has not heard, such as a digest.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

mod forms;

/// What stands in the place of a secret.
pub const MASK: &str = "‹secret›";

/// How many bytes of each form are sought first. No form is shorter, and dialects of one value mostly begin alike, so
/// there are few different beginnings: few enough for a search that looks at many bytes of the stream at once.
const BEGINNING_BYTES: usize = forms::FORM_BYTES_MIN;

/// Up to how many beginnings are sought by the fastest kind of table, which takes some kilobytes for each.
const TABLE_BEGINNINGS_MAX: usize = 4096;

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
    /// Finds where a form may start.
    beginnings: AhoCorasick,
    /// In order.
    texts: Vec<Vec<u8>>,
    /// The length of the longest.
    bytes_max: usize,
}

impl Masker {
    /// A masker for these values.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let forms: BTreeSet<Vec<u8>> = values.flat_map(forms::of_value).collect();
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
            && let Some(found) = forms.find(&stream, position)
            && found.start < end
        {
            if found.start >= done {
                shown.extend_from_slice(stream.get(done..found.start).unwrap_or_default());
                shown.extend_from_slice(MASK.as_bytes());
            }
            done = done.max(found.end);
            // A match that starts inside this one may reach further.
            position = found.start + 1;
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
        let first: BTreeSet<&[u8]> =
            forms.iter().filter_map(|it| it.get(..BEGINNING_BYTES)).collect();
        let is_small = first.len() <= TABLE_BEGINNINGS_MAX;
        let beginnings = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .kind(is_small.then_some(AhoCorasickKind::DFA))
            .build(&first)
            .expect("secrets are far from the number of states that an automaton can have");
        let bytes_max = forms.iter().map(Vec::len).max().unwrap_or_default();
        Self { beginnings, texts: forms.into_iter().collect(), bytes_max }
    }

    /// The first form that starts at this position or after it, and of those that start there the longest.
    fn find(&self, stream: &[u8], position: usize) -> Option<Range<usize>> {
        self.candidates(stream, position).find_map(|start| {
            let length = self.longest_before(stream.get(start..)?)?;
            Some(start..start + length)
        })
    }

    /// Where a form may start, from this position on, but for the last few bytes.
    fn candidates(&self, stream: &[u8], mut position: usize) -> impl Iterator<Item = usize> {
        // They may overlap, which is why the next one is sought right behind where the last one starts.
        std::iter::from_fn(move || {
            let found = self.beginnings.find(Input::new(stream).range(position..))?;
            position = found.start() + 1;
            Some(found.start())
        })
    }

    /// The length of the longest form with which these bytes begin.
    fn longest_before(&self, bytes: &[u8]) -> Option<usize> {
        let mut rest = bytes;
        loop {
            let behind = self.texts.partition_point(|it| it.as_slice() <= rest);
            let nearest = self.texts.get(behind.checked_sub(1)?)?;
            if rest.starts_with(nearest) {
                return Some(nearest.len());
            }
            // In this order, whatever else they begin with is also what the nearest text begins with.
            let common = rest.iter().zip(nearest).take_while(|(left, right)| left == right);
            rest = rest.get(..common.count())?;
        }
    }

    /// How many bytes at the end of the stream could become a form, or a longer one, with more bytes.
    fn beginning_at_end(&self, stream: &[u8]) -> usize {
        let from = stream.len() - stream.len().min(self.bytes_max - 1);
        let last = stream.len().saturating_sub(BEGINNING_BYTES - 1).max(from);
        let mut starts = self.candidates(stream, from).chain(last..stream.len());
        let found = starts.find(|start| self.can_grow(stream.get(*start..).unwrap_or_default()));
        found.map_or(0, |start| stream.len() - start)
    }

    /// Whether some form begins with these bytes and goes on.
    fn can_grow(&self, bytes: &[u8]) -> bool {
        let behind = self.texts.partition_point(|it| it.as_slice() <= bytes);
        self.texts.get(behind).is_some_and(|it| it.starts_with(bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "s3cr3t/+\"value";

    /// The meaning of masking without any haste: a position is secret if some form lies over it, and forms that
    /// overlap are one secret.
    fn slow(values: &[String], stream: &[u8]) -> Vec<u8> {
        let forms: BTreeSet<Vec<u8>> =
            values.iter().flat_map(|value| forms::of_value(value)).collect();
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
        let mut forms: BTreeSet<Vec<u8>> =
            values.iter().flat_map(|value| forms::of_value(value)).collect();
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

    /// Masks one text in which a value stands in some form.
    fn check_form(value: &str, text: &str, expect: &str) {
        let mut masker = Masker::new(std::iter::once(value));
        let mut shown = masker.push(text.as_bytes().to_vec());
        shown.extend(masker.finish());
        assert_eq!(String::from_utf8_lossy(&shown), expect, "{text}");
    }

    #[test]
    fn dumps_of_the_value_alone_are_masked() {
        let value = "s3cr3t/+\"value,-and_more";
        // As `xxd`, `xxd -u` and `hexdump -C` write them.
        for (text, expect) in [
            (
                "00000000: 7333 6372 3374 2f2b 2276 616c 7565 2c2d  s3cr3t/+\"value,-\n\
                 00000010: 616e 645f 6d6f 7265 0a                   and_more.\n",
                "00000000: ‹secret›  ‹secret›\n00000010: ‹secret› 0a                   ‹secret›.\n",
            ),
            (
                "00000000: 7333 6372 3374 2F2B 2276 616C 7565 2C2D  s3cr3t/+\"value,-\n",
                "00000000: ‹secret›  ‹secret›\n",
            ),
            (
                "00000000  73 33 63 72 33 74 2f 2b  22 76 61 6c 75 65 2c 2d  |s3cr3t/+\"value,-|\n\
                 00000010  61 6e 64 5f 6d 6f 72 65  |and_more|\n",
                "00000000  ‹secret›  |‹secret›|\n00000010  ‹secret›  |‹secret›|\n",
            ),
        ] {
            check_form(value, text, expect);
        }
    }

    #[test]
    fn addresses_and_forms_are_masked_in_every_dialect() {
        let value = "a/b c~d*e?f=";
        for text in [
            "a%2Fb%20c~d%2Ae%3Ff%3D",
            "a%2fb%20c~d%2ae%3ff%3d",
            "a/b%20c~d%2Ae%3Ff%3D",
            "a%2Fb+c~d%2Ae%3Ff%3D",
            "a%2Fb+c%7Ed%2Ae%3Ff%3D",
            "a%2Fb+c%7Ed*e%3Ff%3D",
            "a/b%20c~d*e?f=",
        ] {
            check_form(value, &format!("<{text}>"), "<‹secret›>");
        }
    }

    #[test]
    fn json_is_masked_in_every_dialect() {
        let value = "caf\u{e9}/\u{1f600}<x";
        for text in [
            "caf\u{e9}/\u{1f600}<x",
            r"caf\u00e9/\ud83d\ude00<x",
            r"caf\u00e9\/\ud83d\ude00<x",
            "caf\u{e9}\\/\u{1f600}<x",
            "caf\u{e9}/\u{1f600}\\u003cx",
        ] {
            check_form(value, &format!("\"{text}\""), "\"‹secret›\"");
        }
    }

    #[test]
    fn numbers_of_bytes_are_masked_in_one_piece_and_in_the_lines_of_a_dump() {
        let value = "hunter2?";
        for text in [
            "68756e746572323f",
            "68756E746572323F",
            "68 75 6e 74 65 72 32 3f",
            "68:75:6E:74:65:72:32:3F",
        ] {
            check_form(value, &format!("<{text}>"), "<‹secret›>");
        }
        let value = "0123456789".repeat(4);
        let (first, last) = ("30313233343536373839".repeat(3), "30313233343536373839");
        check_form(&value, &format!("{first}\n{last}\n"), "‹secret›\n");
        let dump = "0000000 30 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35\n";
        check_form(&value, dump, "0000000 ‹secret›\n");
    }

    #[test]
    fn pages_are_masked_in_every_dialect() {
        let value = "a&b<c>\"d'e/f=\u{e9}";
        for text in [
            "a&amp;b&lt;c&gt;\"d'e/f=\u{e9}",
            "a&amp;b&lt;c&gt;&quot;d'e/f=\u{e9}",
            "a&amp;b&lt;c&gt;&quot;d&#x27;e/f=\u{e9}",
            "a&amp;b&lt;c&gt;&quot;d&apos;e/f=&#233;",
            "a&amp;b&lt;c&gt;&quot;d&#039;e/f=&#xe9;",
            "a&amp;b&lt;c&gt;&#34;d&#39;e/f=&#xE9;",
            "a&amp;b&lt;c&gt;&quot;d&#39;e&#x2F;f&#x3D;\u{e9}",
        ] {
            check_form(value, &format!("<p>{text}</p>"), "<p>‹secret›</p>");
        }
        check_form("pass+1", "<b>pass&#43;1</b>", "<b>‹secret›</b>");
        check_form("pass", "&#112;&#97;&#115;&#115;", MASK);
        check_form("pass", "&#x70;&#x61;&#x73;&#x73;", MASK);
    }

    #[test]
    fn every_form_is_masked_however_it_is_split_over_writes() {
        let value = "k&y \"1/\u{e9}";
        let fresh = Masker::new(std::iter::once(value));
        for form in forms::of_value(value).into_iter().map(String::from_utf8) {
            let form = form.expect("forms are text");
            for split in (1..form.len()).filter(|it| form.is_char_boundary(*it)) {
                let mut masker = fresh.clone();
                let (left, right) = form.split_at(split);
                let mut shown = masker.push(format!("\n{left}").into_bytes());
                shown.extend(masker.push(format!("{right}\n").into_bytes()));
                shown.extend(masker.finish());
                assert_eq!(String::from_utf8_lossy(&shown), "\n‹secret›\n", "{left} {right}");
            }
        }
    }

    #[test]
    fn a_key_of_many_lines_is_masked() {
        let lines: Vec<String> = (0..80).map(|it| format!("{it:064}")).collect();
        let key = lines.join("\n");
        check_form(&key, &key, MASK);
        check_form(&key, &lines[7], MASK);
        check_form(&key, &key.replace('\n', "%0a"), MASK);
    }

    #[test]
    fn short_values_and_long_ones_in_lines_are_masked_as_base64() {
        check_form("abcd", "YWJjZA==", MASK);
        check_form("abcd", "YWJjZAo=", "‹secret›o=");
        check_form("abcde", "YWJjZGU=", MASK);
        check_form("it's so", r"'it'\''s so'", "'‹secret›'");
        // 60 bytes are 80 characters: one line of 76 and one of 4, or one of 64 and one of 16.
        let value = "0123456789".repeat(6);
        let whole =
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5";
        let (mail, last) = whole.split_at(76);
        check_form(&value, &format!("{mail}\n{last}\n"), "‹secret›\n");
        check_form(&value, &format!("{mail}\r\n{last}\r\n"), "‹secret›\r\n");
        let (key, last) = whole.split_at(64);
        check_form(&value, &format!("{key}\n  {last}\n"), "‹secret›\n  ‹secret›\n");
    }
}
