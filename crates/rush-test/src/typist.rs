//! Somebody who types and asks at random, the same in every run.
//!
//! Half of the edits are those of a person who knows the language: lines come, go and move, names are
//! exchanged, brackets are opened. The other half knows nothing: any characters at any place, other
//! line ends, half of a crab. The typist keeps the texts as an editor does, so that what a server has
//! in the end can be compared.

mod questions;

pub use questions::{Inquiry, all_inquiries};

use questions::QUESTIONS;

/// The texts a typist begins with, by their names.
pub const TEXTS: [(&str, &str); 3] = [
    (
        "tasks.rush",
        "use \"./lib.rush\" as lib\n\ntype Target = \"dev\" | \"prod\"\n\n/// Builds.\n\
         task build(target: Target, tag: string = \"🦀\") {\n  inputs: [\"src/**\"]\n  \
         run: `cargo build --target ${target} ${tag}`\n}\n\ntask test {\n  \
         needs: [build(target: \"dev\")]\n  run: sh\"\"\"\n    echo ${name}\n  \"\"\"\n}\n",
    ),
    ("lib.rush", "/// 🦀 é\nlet x = \"a\"\r\nlet y = [x, \"b\"]\r\n"),
    ("services.rush", "service db {\n  run: `sleep 60`\n}\n\ntask up {\n  uses: [db]\n}\n"),
];

/// What somebody types who knows the language; most of it breaks something, some of it mends.
const PIECES: &[&str] = &[
    "}",
    "{",
    "  ",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    "${",
    "\"\"\"",
    "// ",
    "/// ",
    ": ",
    ", ",
    "lib.x",
    "x",
    "needs: [build]\n",
    "let x = 1\n",
    "task b {\n  run: `true`\n}\n",
    "\ntask a {}\n",
    "run: sh\"\"\"\n  echo $x\n\"\"\"\n",
    "type T = \"a\" | \"b\"\n",
    "use \"./lib.rush\" as l\n",
];

/// What somebody types who knows nothing.
const CHARACTERS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{7f}",
    "é",
    "🦀",
    "e\u{301}",
    "\u{feff}",
    "\u{2028}",
    "👩‍👩‍👧",
    "\u{10ffff}",
    "\\",
    "\u{202e}",
    "ß",
    "中",
];

/// Numbers that look random and are the same in every run.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`, which is not 0.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.roll(of.len())).copied()
    }
}

/// A place in a text as an editor counts: the line, and UTF-16 code units in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, from 0.
    pub line: u32,
    /// The column, from 0; may lie inside a character or behind the end of the line.
    pub column: u32,
}

/// What the typist does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Puts a text in place of what lies between two places.
    Edit {
        /// The number of the document.
        document: usize,
        /// Where it begins.
        from: Place,
        /// Where it ends.
        to: Place,
        /// The new text.
        text: String,
    },
    /// Begins a document anew.
    Replace {
        /// The number of the document.
        document: usize,
        /// The whole text.
        text: String,
    },
    /// Asks something.
    Ask(Inquiry),
}

/// Somebody who types at random.
#[derive(Clone, Debug)]
pub struct Typist {
    dice: Dice,
    texts: Vec<String>,
}

impl Typist {
    /// Begins with [`TEXTS`].
    pub fn new(seed: u64) -> Self {
        let texts = TEXTS.iter().map(|(_, text)| (*text).to_owned()).collect();
        Self { dice: Dice(seed | 1), texts }
    }

    /// The texts as they are now, in the order of [`TEXTS`].
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Does something.
    pub fn act(&mut self) -> Act {
        let document = self.dice.roll(TEXTS.len());
        match self.dice.roll(120) {
            0..40 => self.ask(document),
            40..42 => self.begin_anew(document),
            42..80 => self.change(document, Self::known),
            _ => self.change(document, Self::unknown),
        }
    }

    fn begin_anew(&mut self, document: usize) -> Act {
        let text = TEXTS.get(document).map_or("", |it| it.1).to_owned();
        if let Some(mine) = self.texts.get_mut(document) {
            text.clone_into(mine);
        }
        Act::Replace { document, text }
    }

    fn ask(&mut self, document: usize) -> Act {
        let question = self.dice.pick(&QUESTIONS).unwrap_or(QUESTIONS[0]);
        let text = self.texts.get(document).cloned().unwrap_or_default();
        let (a, b) = (self.offset(&text), self.offset(&text));
        let (from, to) = (self.blurred(&text, a.min(b)), self.blurred(&text, a.max(b)));
        Act::Ask(Inquiry { document, question, from, to })
    }

    /// Changes a text as `edit` says: the bytes that go, and what comes.
    fn change(
        &mut self,
        document: usize,
        edit: fn(&mut Self, &str) -> (std::ops::Range<usize>, String),
    ) -> Act {
        let before = self.texts.get(document).cloned().unwrap_or_default();
        let (range, text) = edit(self, &before);
        let (start, end) = (whole(&before, range.start), whole(&before, range.end));
        let (from, to) = (self.blurred(&before, start), self.blurred(&before, end));
        if let Some(mine) = self.texts.get_mut(document) {
            mine.replace_range(start..end, &text);
        }
        Act::Edit { document, from, to, text }
    }

    /// An edit of somebody who knows what lines and names are.
    fn known(&mut self, text: &str) -> (std::ops::Range<usize>, String) {
        let lines = lines(text);
        let line = self.dice.pick(&lines).unwrap_or_default();
        let other = self.dice.pick(&lines).unwrap_or_default();
        let content = |(start, end): (usize, usize)| text.get(start..end).unwrap_or_default();
        match self.dice.roll(5) {
            0 => (line.0..line.1, String::new()),
            1 => (line.0..line.0, content(other).to_owned()),
            2 => (line.0..line.1, content(other).to_owned()),
            3 => {
                let names = names(text);
                let name = self.dice.pick(&names).unwrap_or_default();
                let new = self.dice.pick(&names).unwrap_or_default();
                (name.0..name.1, content(new).to_owned())
            }
            _ => {
                let at = self.offset(text);
                (at..at, self.dice.pick(PIECES).unwrap_or_default().to_owned())
            }
        }
    }

    /// An edit of somebody who knows nothing.
    fn unknown(&mut self, text: &str) -> (std::ops::Range<usize>, String) {
        let start = self.offset(text);
        let count = self.dice.roll(5);
        let rest = text.get(start..).unwrap_or_default();
        let length: usize = rest.chars().take(count).map(char::len_utf8).sum();
        let piece = match self.dice.roll(3) {
            0 => String::new(),
            1 => self.dice.pick(CHARACTERS).unwrap_or_default().to_owned(),
            _ => self.dice.pick(PIECES).unwrap_or_default().to_owned(),
        };
        (start..start + length, piece)
    }

    /// Where some character begins, or the end.
    fn offset(&mut self, text: &str) -> usize {
        let count = text.chars().count();
        let number = self.dice.roll(count + 1);
        text.char_indices().nth(number).map_or(text.len(), |it| it.0)
    }

    /// The place of a byte. Sometimes it is said as carelessly as editors do: inside the surrogate
    /// pair that begins there, or behind the end of the line.
    fn blurred(&mut self, text: &str, offset: usize) -> Place {
        let mut place = place(text, offset);
        let next = text.get(offset..).and_then(|it| it.chars().next());
        let is_careless = self.dice.roll(4) == 0;
        match next {
            Some(it) if is_careless && it.len_utf16() == 2 => place.column += 1,
            None | Some('\n' | '\r') if is_careless => place.column += 7,
            _ => {}
        }
        place
    }
}

/// The lines of a text, each with its end.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let mut at = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            (start, at)
        })
        .collect()
}

/// The names in a text.
fn names(text: &str) -> Vec<(usize, usize)> {
    let is_part = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        match start {
            None if is_part(byte) => start = Some(at),
            Some(from) if !is_part(byte) => {
                found.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The start of the line end that a byte is in the middle of: editors have no place there.
fn whole(text: &str, at: usize) -> usize {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    if before.ends_with('\r') && after.starts_with('\n') { at - 1 } else { at }
}

/// The place of a byte. A line ends with `\n`, `\r\n` or `\r`.
pub fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..whole(text, offset)).unwrap_or(text);
    let is_end = |(at, it): (usize, char)| {
        (it == '\n' || (it == '\r' && !before.get(at + 1..)?.starts_with('\n'))).then_some(at + 1)
    };
    let ends: Vec<usize> = before.char_indices().filter_map(is_end).collect();
    let start = ends.last().copied().unwrap_or(0);
    let column = before.get(start..).unwrap_or_default().encode_utf16().count();
    Place { line: ends.len() as u32, column: column as u32 }
}

#[cfg(test)]
mod tests {
    use super::{Act, Place, Typist, place};

    #[test]
    fn places_are_as_editors_count() {
        let text = "a🦀b\r\nc\rd\n";
        let at = |offset| {
            let Place { line, column } = place(text, offset);
            (line, column)
        };
        assert_eq!([at(0), at(1), at(5), at(6)], [(0, 0), (0, 1), (0, 3), (0, 4)]);
        assert_eq!([at(7), at(8), at(9), at(10), at(12)], [(0, 4), (1, 0), (1, 1), (2, 0), (3, 0)]);
    }

    #[test]
    fn everything_is_done_and_the_same_each_time() {
        let acts = |seed| {
            let mut typist = Typist::new(seed);
            (0..500).map(|_| typist.act()).collect::<Vec<_>>()
        };
        let all = acts(7);
        assert_eq!(all, acts(7));
        assert!(all.iter().any(|it| matches!(it, Act::Replace { .. })));
        assert!(all.iter().any(|it| matches!(it, Act::Ask(_))));
        assert!(all.iter().any(|it| matches!(it, Act::Edit { text, .. } if text == "\r\n")));
    }
}
