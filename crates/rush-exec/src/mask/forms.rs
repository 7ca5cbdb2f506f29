//! The forms in which programs print a value.
//!
//! Each encoder is asked for the dialects in which it is met; a form that two of them share counts once. It knows no
//! stream and no mask, and nothing of encodings that can't be undone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

mod html;

/// Lines shorter than this are not masked on their own; they would hit innocent text.
const LINE_BYTES_MIN: usize = 8;

/// Forms shorter than this are not masked; they would hit innocent text.
pub(super) const FORM_BYTES_MIN: usize = 4;

/// After how many characters programs break base64: mail and `base64`, and the files of keys.
const WRAPS: [usize; 2] = [76, 64];

/// What stands between the bytes that `xxd -p`, `od -t x1` and fingerprints of keys write as numbers.
const HEX_SEPARATORS: [&str; 3] = ["", " ", ":"];

/// After how many characters `xxd -p` and `od -t x1` break what they write.
const HEX_WRAPS: [(&str, usize); 2] = [("", 60), (" ", 3 * 16)];

/// How many bytes a line of a dump has beside its offset and its text: `xxd` and `hexdump -C`. Such lines are known
/// where the value is dumped alone; among other bytes it could begin at any place of a line.
const DUMP_BYTES: usize = 16;

/// What percent-encoders leave as it is beside letters and digits, and what they make of a space.
const PERCENT_DIALECTS: [(&[u8], &str); 9] = [
    (b"-_.~", "%20"),
    (b"-_.~/", "%20"),
    (b"-_.!~*'()", "%20"),
    (b"-_.!~*'();,/?:@&=+$#", "%20"),
    (b"-_.~", "+"),
    (b"-_.~/", "+"),
    (b"-_.", "+"),
    (b"-_.*", "+"),
    (b"-_.!~*'()", "+"),
];

/// All forms of a value that are long enough to be sought.
pub(super) fn of_value(value: &str) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::new();
    forms.insert(value.to_owned());
    forms.extend(lines(value.lines().map(str::trim)));
    forms.insert(value.replace('\'', r"'\''"));
    for dialect in PERCENT_DIALECTS {
        let encoded = percent_encoded(value, dialect);
        forms.insert(lower_digits(&encoded));
        forms.insert(encoded);
    }
    for dialect in JsonDialect::all() {
        forms.insert(dialect.escaped(value));
    }
    forms.extend(html::dialects(value));
    hex_forms(value.as_bytes(), &mut forms);
    dump_forms(value.as_bytes(), &mut forms);
    for offset in 0..3 {
        base64_forms(value.as_bytes(), offset, &mut forms);
    }
    forms.retain(|form| form.len() >= FORM_BYTES_MIN);
    forms.into_iter().map(String::into_bytes).collect()
}

/// The lines that are long enough to be known again.
fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    lines.filter(|line| line.len() >= LINE_BYTES_MIN).map(str::to_owned)
}

fn percent_encoded(value: &str, (kept, space): (&[u8], &str)) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte == b' ' {
            text.push_str(space);
        } else if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a text never fails");
        }
    }
    text
}

/// The same with small letters in the numbers behind `%`.
fn lower_digits(encoded: &str) -> String {
    let mut text = String::new();
    let mut digits = 0;
    for char in encoded.chars() {
        let shown = if digits > 0 { char.to_ascii_lowercase() } else { char };
        text.push(shown);
        digits = if char == '%' && digits == 0 { 2_usize } else { digits.saturating_sub(1) };
    }
    text
}

/// What a writer of JSON escapes beyond what it has to.
#[derive(Clone, Copy)]
struct JsonDialect(u8);

impl JsonDialect {
    const BEYOND_ASCII: u8 = 1;
    const SLASH: u8 = 2;
    const MARKUP: u8 = 4;
    const DELETE: u8 = 8;

    fn all() -> impl Iterator<Item = Self> {
        (0..16).map(Self)
    }

    const fn has(self, habit: u8) -> bool {
        self.0 & habit != 0
    }

    fn escaped(self, value: &str) -> String {
        let mut text = String::new();
        for char in value.chars() {
            match char {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\u{8}' => text.push_str("\\b"),
                '\u{c}' => text.push_str("\\f"),
                '/' if self.has(Self::SLASH) => text.push_str("\\/"),
                other if self.escapes(other) => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(text, "\\u{unit:04x}").expect("writing to a text never fails");
                    }
                }
                plain => text.push(plain),
            }
        }
        text
    }

    fn escapes(self, char: char) -> bool {
        match char {
            '\0'..='\u{1f}' => true,
            '\u{7f}' => self.has(Self::DELETE),
            '<' | '>' | '&' => self.has(Self::MARKUP),
            other => self.has(Self::BEYOND_ASCII) && !other.is_ascii(),
        }
    }
}

/// The bytes as numbers of two digits, in one piece and in the lines of a dump of the value alone.
fn hex_forms(value: &[u8], forms: &mut BTreeSet<String>) {
    for separator in HEX_SEPARATORS {
        let bytes: Vec<String> = value.iter().map(|byte| format!("{byte:02x}")).collect();
        let lower = bytes.join(separator);
        forms.insert(lower.to_ascii_uppercase());
        forms.insert(lower);
    }
    for (separator, columns) in HEX_WRAPS {
        let bytes: Vec<String> =
            value.iter().map(|byte| format!("{byte:02x}{separator}")).collect();
        let lower = bytes.concat();
        for line in wrapped(&[lower.clone(), lower.to_ascii_uppercase()], columns) {
            forms.insert(line.trim_end().to_owned());
        }
    }
}

/// What the lines of a dump of the value alone show of it, as numbers and as text. A last line of three bytes or fewer
/// could be anything.
fn dump_forms(value: &[u8], forms: &mut BTreeSet<String>) {
    for line in value.chunks(DUMP_BYTES) {
        let hex = |bytes: &[u8], separator: &str| {
            let bytes = bytes.iter().map(|byte| format!("{byte:02x}"));
            bytes.collect::<Vec<_>>().join(separator)
        };
        let pairs: Vec<String> = line.chunks(2).map(|it| hex(it, "")).collect();
        let halves: Vec<String> = line.chunks(DUMP_BYTES / 2).map(|it| hex(it, " ")).collect();
        for lower in [pairs.join(" "), halves.join("  ")] {
            let upper = lower.to_ascii_uppercase();
            forms.extend(lines([lower.as_str(), upper.as_str()].into_iter()));
        }
        let is_shown = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        let text: String =
            line.iter().map(|it| if is_shown(it) { char::from(*it) } else { '.' }).collect();
        if line.iter().filter(|it| it.is_ascii_graphic()).count() >= LINE_BYTES_MIN {
            forms.insert(text);
        }
    }
}

/// The base64 forms of a value that stands `offset` bytes into a group of three, in both alphabets.
fn base64_forms(value: &[u8], offset: usize, forms: &mut BTreeSet<String>) {
    let core = base64_core(value, offset);
    let end = base64_end(value, offset);
    let whole = format!("{core}{end}");
    let mut found = vec![core, whole.trim_end_matches('=').to_owned(), whole];
    if offset == 0 {
        // Where lines end is known of what is encoded alone.
        let wrapped = WRAPS.iter().flat_map(|columns| wrapped(&found, *columns));
        let wrapped: Vec<String> = wrapped.collect();
        found.extend(wrapped);
    }
    for text in found {
        forms.insert(text.replace('+', "-").replace('/', "_"));
        forms.insert(text);
    }
}

/// Texts broken into lines: each line that can be known again, and a short last one together with that before it.
fn wrapped(texts: &[String], columns: usize) -> Vec<String> {
    let mut forms = Vec::new();
    for text in texts.iter().filter(|it| it.len() > columns) {
        let mut rest = text.as_str();
        let mut before = "";
        while let Some((line, more)) = rest.split_at_checked(columns) {
            forms.push(line.to_owned());
            (before, rest) = (line, more);
        }
        forms.extend(lines(std::iter::once(rest)));
        for line_end in ["\n", "\r\n"] {
            forms.push(format!("{before}{line_end}{rest}"));
        }
    }
    forms
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
