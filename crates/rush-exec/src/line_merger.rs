//! Makes whole lines out of the chunks of several sources, each with the name of its source in front.
//!
//! Pure: bytes in, bytes out. A line is held until it is complete, so two sources never share one. Of a line that
//! was redrawn with carriage returns, only the last drawing is kept, unless output is passed through raw.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr as _;

/// A line longer than this is cut in two, so that no source can fill the memory.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// The colours of prefixes: all but black, white and the red of errors.
const COLOURS: [u8; 5] = [36, 33, 35, 32, 34];

/// What stands in front of each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// Nothing: bytes go through as they come.
    Raw,
    /// `name | `
    Plain,
    /// The same in a colour that depends on the name.
    Coloured,
}

/// Merges the output of several sources; `K` tells streams of sources apart.
#[derive(Debug)]
pub struct LineMerger<K> {
    prefix: Prefix,
    width: usize,
    sources: BTreeMap<K, Source>,
}

#[derive(Debug)]
struct Source {
    head: Vec<u8>,
    line: Vec<u8>,
}

impl<K: Ord + Clone> LineMerger<K> {
    /// A merger that pads names to `width` characters.
    pub const fn new(prefix: Prefix, width: usize) -> Self {
        Self { prefix, width, sources: BTreeMap::new() }
    }

    /// Takes the next chunk of a source and appends what can be shown to `shown`.
    pub fn push(&mut self, key: &K, name: &str, bytes: &[u8], shown: &mut Vec<u8>) {
        if self.prefix == Prefix::Raw {
            shown.extend_from_slice(bytes);
            return;
        }
        let (prefix, width) = (self.prefix, self.width);
        let source = self
            .sources
            .entry(key.clone())
            .or_insert_with(|| Source { head: head(prefix, name, width), line: Vec::new() });
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            source.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                source.line.pop();
                source.show(shown);
            } else if source.line.len() >= LINE_BYTES_MAX {
                source.show(shown);
            }
        }
    }

    /// Ends a source: a last line without a line end is shown with one.
    pub fn finish(&mut self, key: &K, shown: &mut Vec<u8>) {
        if let Some(mut source) = self.sources.remove(key)
            && !source.line.is_empty()
        {
            source.show(shown);
        }
    }
}

impl Source {
    fn show(&mut self, shown: &mut Vec<u8>) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let start = memchr::memrchr(b'\r', line).map_or(0, |position| position + 1);
        let visible = line.get(start..).unwrap_or_default();
        shown.extend_from_slice(&self.head);
        shown.extend_from_slice(visible);
        if memchr::memchr(0x1b, visible).is_some() {
            // A colour that the program left on must not reach the next line.
            shown.extend_from_slice(b"\x1b[0m");
        }
        shown.push(b'\n');
        self.line.clear();
    }
}

fn head(prefix: Prefix, name: &str, width: usize) -> Vec<u8> {
    let padding = width.saturating_sub(name.width());
    let text = format!("{name}{:padding$} |", "");
    match prefix {
        Prefix::Raw => Vec::new(),
        Prefix::Plain => format!("{text} ").into_bytes(),
        Prefix::Coloured => format!("\x1b[{}m{text}\x1b[0m ", colour(name)).into_bytes(),
    }
}

/// The same name has the same colour in every run.
fn colour(name: &str) -> u8 {
    let hash =
        name.bytes().fold(5381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(byte));
    COLOURS.get(hash % COLOURS.len()).copied().unwrap_or(36)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefix: Prefix, chunks: &[(&str, &str)], expect: &str) {
        let mut merger = LineMerger::new(prefix, 3);
        let mut shown = Vec::new();
        for &(name, chunk) in chunks {
            merger.push(&name.to_owned(), name, chunk.as_bytes(), &mut shown);
        }
        for name in ["a", "bb"] {
            merger.finish(&name.to_owned(), &mut shown);
        }
        assert_eq!(String::from_utf8_lossy(&shown), expect);
    }

    #[test]
    fn lines_of_two_sources_never_mix() {
        let chunks = [("a", "on"), ("bb", "two\nth"), ("a", "e\n"), ("bb", "ree")];
        check(Prefix::Plain, &chunks, "bb  | two\na   | one\nbb  | three\n");
        check(Prefix::Raw, &chunks, "ontwo\nthe\nree");
    }

    #[test]
    fn of_a_redrawn_line_the_last_drawing_counts() {
        check(Prefix::Plain, &[("a", "10%\r20%"), ("a", "\r100%\n")], "a   | 100%\n");
        check(Prefix::Plain, &[("a", "dos\r\n\r\n")], "a   | dos\na   | \n");
    }

    #[test]
    fn colours_do_not_leak_into_the_next_line() {
        check(
            Prefix::Plain,
            &[("a", "\x1b[31mred\nplain\n")],
            "a   | \x1b[31mred\x1b[0m\na   | plain\n",
        );
        let coloured = format!("\x1b[{}ma   |\x1b[0m x\n", colour("a"));
        check(Prefix::Coloured, &[("a", "x")], &coloured);
    }
}
