//! The forms in which pages and XML carry a value: with references in place of some of its characters.
//!
//! Which characters, and how a reference to them is spelled, differs from writer to writer. It knows the spellings of
//! the usual ones, and does not know where in a page a value stands.

use std::fmt::Write as _;

/// How one writer spells what it does not leave as it is; `&`, `<` and `>` they all spell alike.
struct Writer {
    quote: &'static str,
    apostrophe: &'static str,
    /// What else it refers to by number.
    also: &'static str,
    number: Number,
}

/// How a reference by number is spelled.
#[derive(Clone, Copy)]
enum Number {
    Decimal,
    LowerHex,
    UpperHex,
}

const NUMBERS: [Number; 3] = [Number::Decimal, Number::LowerHex, Number::UpperHex];

const WRITERS: [Writer; 11] = [
    // Text alone, and attributes between quotes.
    writer("\"", "'", ""),
    writer("&quot;", "'", ""),
    // Python and most of what writes XML, PHP, and what came before HTML 5.
    writer("&quot;", "&#x27;", ""),
    writer("&quot;", "&apos;", ""),
    writer("&quot;", "&#039;", ""),
    writer("&quot;", "&#39;", ""),
    // Jinja; Go, whose templates do not trust `+` either.
    writer("&#34;", "&#39;", ""),
    Writer { number: Number::Decimal, ..writer("&#34;", "&#39;", "+") },
    // Handlebars, Mustache, and those who follow OWASP.
    writer("&quot;", "&#x27;", "`="),
    writer("&quot;", "&#39;", "/`="),
    writer("&quot;", "&#x27;", "/"),
];

const fn writer(quote: &'static str, apostrophe: &'static str, also: &'static str) -> Writer {
    Writer { quote, apostrophe, also, number: Number::UpperHex }
}

/// The value as each of the usual writers spells it, and with a number for each of its characters.
pub(super) fn dialects(value: &str) -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for writer in &WRITERS {
        forms.push(writer.spelled(value, None));
        if !value.is_ascii() {
            forms.extend(NUMBERS.map(|number| writer.spelled(value, Some(number))));
        }
    }
    for number in NUMBERS {
        forms.push(value.chars().map(|it| number.reference(it)).collect());
    }
    forms
}

impl Writer {
    /// The value as it is spelled by this writer, if it refers by number to what is beyond ASCII, or leaves that.
    fn spelled(&self, value: &str, beyond_ascii: Option<Number>) -> String {
        let mut text = String::new();
        for char in value.chars() {
            match (char, beyond_ascii) {
                ('&', _) => text.push_str("&amp;"),
                ('<', _) => text.push_str("&lt;"),
                ('>', _) => text.push_str("&gt;"),
                ('"', _) => text.push_str(self.quote),
                ('\'', _) => text.push_str(self.apostrophe),
                (other, _) if self.also.contains(other) => {
                    text.push_str(&self.number.reference(other));
                }
                (other, Some(number)) if !other.is_ascii() => {
                    text.push_str(&number.reference(other));
                }
                (other, _) => text.push(other),
            }
        }
        text
    }
}

impl Number {
    fn reference(self, char: char) -> String {
        let number = u32::from(char);
        let mut text = "&#".to_owned();
        let written = match self {
            Self::Decimal => write!(text, "{number};"),
            Self::LowerHex => write!(text, "x{number:x};"),
            Self::UpperHex => write!(text, "x{number:X};"),
        };
        written.expect("writing to a text never fails");
        text
    }
}
