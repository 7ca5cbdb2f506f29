//! How the words behind a program are read as options.

/// The options of a program that have a value; every other one is a flag.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Letters whose value is the rest of their word, or the next word.
    pub valued: &'static str,
    /// Letters whose value is the rest of their word, which may be empty.
    pub attached: &'static str,
    /// Long ones, whose value is behind `=` or the next word.
    pub long: &'static [&'static str],
}

/// What a word is to a program that still looks for options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// No option.
    Operand,
    /// `--`
    End,
    /// Options without a value: their letters, none if it is a long one.
    Flags(&'a str),
    /// An option with a value, in the same word or the next.
    Valued {
        /// Without hyphens.
        name: &'a str,
        /// The letters before it.
        flags: &'a str,
        /// Whether the value is in this word.
        is_attached: bool,
    },
}

impl Options {
    /// Those of which only letters have a value.
    pub const fn letters(valued: &'static str) -> Self {
        Self { valued, attached: "", long: &[] }
    }

    /// Reads a word: of `-NL` the last letter takes the next word, of `-p22` the first one has its value.
    pub fn read<'a>(&self, word: &'a str) -> Read<'a> {
        match word.strip_prefix(['-', '+']) {
            None | Some("") => Read::Operand,
            Some("-") => Read::End,
            Some(text) => match text.strip_prefix('-') {
                Some(long) => self.read_long(long),
                None => self.read_letters(text),
            },
        }
    }

    /// The index of the first word that is no option and no value of one; the first word is the program.
    pub fn operand(&self, words: &[&str]) -> Option<usize> {
        let mut index = 1;
        loop {
            let value = match self.read(words.get(index)?) {
                Read::Operand => return Some(index),
                Read::Valued { is_attached: false, .. } => 1,
                Read::End | Read::Flags(_) | Read::Valued { .. } => 0,
            };
            index += 1 + value;
        }
    }

    fn read_long<'a>(&self, text: &'a str) -> Read<'a> {
        let (name, is_attached) = match text.split_once('=') {
            Some((name, _)) => (name, true),
            None => (text, false),
        };
        if self.long.contains(&name) {
            Read::Valued { name, flags: "", is_attached }
        } else {
            Read::Flags("")
        }
    }

    fn read_letters<'a>(&self, text: &'a str) -> Read<'a> {
        let has_value = |it| self.valued.contains(it) || self.attached.contains(it);
        let Some((flags, rest)) = text.find(has_value).and_then(|at| text.split_at_checked(at))
        else {
            return Read::Flags(text);
        };
        let end = rest.chars().next().map_or(0, char::len_utf8);
        let (name, value) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let is_attached = !value.is_empty() || name.contains(|it| self.attached.contains(it));
        Read::Valued { name, flags, is_attached }
    }
}
