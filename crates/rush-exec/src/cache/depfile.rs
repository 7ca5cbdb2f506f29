//! Files in make format, as compilers write them: which files a result was made from.
//!
//! `target: file file \` and so on. A `\` before a space, `#` or `\` takes its meaning off, one at the end of a line
//! continues it, `$$` is a dollar. The first colon ends the targets unless it belongs to a drive, as in
//! `C:\include\a.h`. Rules without files, which compilers write against missing headers, add nothing.

/// The files that the rules name as prerequisites, in order, each once.
pub fn prerequisites(text: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    for line in logical_lines(text) {
        let words = words(&line);
        let Some(colon) = words.iter().position(|word| word.ends_the_targets) else { continue };
        for word in words.into_iter().skip(colon + 1) {
            if !word.text.is_empty() && seen.insert(word.text.clone()) {
                found.push(word.text);
            }
        }
    }
    found
}

/// The lines, those that are continued joined by a space.
fn logical_lines(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut current = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let backslashes = line.iter().rev().take_while(|byte| **byte == b'\\').count();
        if backslashes % 2 == 1 {
            current.extend_from_slice(line.get(..line.len() - 1).unwrap_or_default());
            current.push(b' ');
        } else {
            current.extend_from_slice(line);
            lines.push(std::mem::take(&mut current));
        }
    }
    lines.push(current);
    lines
}

struct Word {
    text: Vec<u8>,
    /// Whether the colon stood behind it.
    ends_the_targets: bool,
}

fn words(line: &[u8]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut text = Vec::new();
    let mut rest = line;
    let mut has_colon = false;
    let end = |text: &mut Vec<u8>, words: &mut Vec<Word>, ends_the_targets: bool| {
        if !text.is_empty() || ends_the_targets {
            words.push(Word { text: std::mem::take(text), ends_the_targets });
        }
    };
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            // In make, only these need one; any other backslash is part of a Windows path.
            (b'\\', Some(next @ (b' ' | b'#' | b'\t' | b':'))) => {
                text.push(*next);
                rest = after.get(1..).unwrap_or_default();
            }
            (b'$', Some(b'$')) => {
                text.push(b'$');
                rest = after.get(1..).unwrap_or_default();
            }
            (b'#', _) => break,
            (b' ' | b'\t', _) => end(&mut text, &mut words, false),
            (b':', next) if !has_colon && !is_drive(&text, next) => {
                has_colon = true;
                end(&mut text, &mut words, true);
            }
            (byte, _) => text.push(*byte),
        }
    }
    end(&mut text, &mut words, false);
    words
}

/// Whether what was read so far is the letter of a drive.
fn is_drive(text: &[u8], next: Option<&u8>) -> bool {
    matches!(text, [letter] if letter.is_ascii_alphabetic()) && matches!(next, Some(b'/' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let found = prerequisites(text.as_bytes());
        let found: Vec<&str> = found.iter().map(|it| std::str::from_utf8(it).unwrap()).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn what_compilers_write() {
        check("a.o: a.c a.h\n", &["a.c", "a.h"]);
        check("a.o: a.c \\\n  a.h \\\n  b.h\n", &["a.c", "a.h", "b.h"]);
        check("a.o a.d: a.c\r\n", &["a.c"]);
        check("a.o : a.c", &["a.c"]);
        check("a.o: a.c a.h\n\na.h:\nb.h:\n", &["a.c", "a.h"]);
        check("a.o:a.c", &["a.c"]);
        check(r"odd\:name.o: a.c", &["a.c"]);
        check("a.o:\n", &[]);
        check("", &[]);
    }

    #[test]
    fn names_with_spaces_dollars_hashes_and_colons() {
        check(r"a.o: my\ file.c cost$$.h sharp\#.h", &["my file.c", "cost$.h", "sharp#.h"]);
        check(r"C:\out\a.o: C:\src\a.c D:/inc/a.h", &[r"C:\src\a.c", "D:/inc/a.h"]);
        check("a.o: a.c # and no more", &["a.c"]);
        check("a.o: b\\\\\n", &[r"b\\"]);
        check("x: a b a\ny: b c", &["a", "b", "c"]);
        check("\\ start: a", &["a"]);
    }
}
