//! How the words behind a program are read as options.

/// The options of a program that have a value; every other one is a flag.
///
/// Each is a letter or a long name, with blanks between them.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Their value is code.
    pub code: &'static str,
    /// With these no code is read, for instance since their value is run.
    pub instead: &'static str,
    /// Their value is something else.
    pub valued: &'static str,
    /// Letters whose value is the rest of their word, which may be empty.
    pub attached: &'static str,
    pub style: Style,
}

/// How options are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `-a`, `-abc`, `--long`
    Hyphens,
    /// Also `+a`, as shells have it.
    Shell,
    /// `-Long` in any case, cut short where no other one begins so.
    Words,
}

/// What the value of an option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    Code,
    /// Something that is run, so no code is read.
    Instead,
    Other,
}

/// What a word is to a program that still looks for options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// No option.
    Operand,
    /// `--`
    End,
    /// Options without a value: their letters.
    Flags(&'a str),
    /// A long option that is not listed, and may have a value in the next word.
    Unlisted,
    /// An option with a value, in the same word or the next.
    Valued {
        value: Value,
        /// The letters before it.
        flags: &'a str,
        /// Whether the value is in this word.
        is_attached: bool,
    },
}

impl Options {
    /// Those of a program whose options are all flags.
    pub const FLAGS: Self =
        Self { code: "", instead: "", valued: "", attached: "", style: Style::Hyphens };

    /// Those of a program that is given no code by them.
    pub const fn valued(valued: &'static str) -> Self {
        Self { valued, ..Self::FLAGS }
    }

    /// Reads a word: of `-NL` the last letter takes the next word, of `-p22` the first one has its value.
    pub fn read<'a>(&self, word: &'a str) -> Read<'a> {
        let plus = word.strip_prefix('+').filter(|_| self.style == Style::Shell);
        match word.strip_prefix('-').or(plus) {
            None | Some("") => Read::Operand,
            Some("-") => Read::End,
            Some(text) if self.style == Style::Words => self.read_word(text),
            Some(text) => match text.strip_prefix('-') {
                Some(long) => self.read_long(long),
                None => self.read_letters(text),
            },
        }
    }

    /// The listed ones with what their value is.
    fn listed(&self) -> impl Iterator<Item = (&'static str, Value)> {
        [(self.code, Value::Code), (self.instead, Value::Instead), (self.valued, Value::Other)]
            .into_iter()
            .flat_map(|(names, value)| names.split_ascii_whitespace().map(move |it| (it, value)))
    }

    fn value_of(&self, name: &str) -> Option<Value> {
        self.listed().find(|(it, _)| *it == name).map(|(_, value)| value)
    }

    fn read_word<'a>(&self, text: &str) -> Read<'a> {
        let text = text.to_ascii_lowercase();
        match self.listed().find(|(it, _)| it.starts_with(&text)) {
            Some((_, value)) => Read::Valued { value, flags: "", is_attached: false },
            None => Read::Flags(""),
        }
    }

    fn read_long<'a>(&self, text: &'a str) -> Read<'a> {
        let (name, is_attached) = match text.split_once('=') {
            Some((name, _)) => (name, true),
            None => (text, false),
        };
        match self.value_of(name) {
            Some(value) => Read::Valued { value, flags: "", is_attached },
            None if is_attached => Read::Flags(""),
            None => Read::Unlisted,
        }
    }

    fn read_letters<'a>(&self, text: &'a str) -> Read<'a> {
        for (at, letter) in text.char_indices() {
            let (flags, rest) = text.split_at_checked(at).unwrap_or_default();
            let (name, behind) = rest.split_at_checked(letter.len_utf8()).unwrap_or_default();
            if self.attached.contains(letter) {
                return Read::Valued { value: Value::Other, flags, is_attached: true };
            }
            if let Some(value) = self.value_of(name) {
                return Read::Valued { value, flags, is_attached: !behind.is_empty() };
            }
            // `perl -d:Trace`
            if letter == ':' {
                return Read::Flags(flags);
            }
        }
        Read::Flags(text)
    }
}
