//! Files in make format, as compilers write them: which files a result was made from.
//!
//! `target: file file \` and so on. A `\` before a space, `#` or `\` takes its meaning off, one at the end of a line
//! continues it, `$$` is a dollar. The first colon ends the targets unless it belongs to a drive, as in
//! `C:\include\a.h`. Rules without files, which compilers write against missing headers, add nothing.
//!
//! What is named counts from the directory of the task. Seen from the workspace it may lie outside: by a relative name
//! it then keeps its `..`, since another checkout has another file there; by an absolute one it is the same for all.

use std::path::Path;

use rush_plan::WorkspacePath;

use crate::os::files::{self, Tree};

/// The files that the depfile of a task names, in order, each once: relative to the workspace, with `..` for what
/// lies above it, or absolute. `dir` is where the task runs.
pub fn depfile_paths(text: &[u8], root: &Path, dir: &WorkspacePath) -> Vec<Vec<u8>> {
    let Ok(tree) = Tree::open(root) else { return Vec::new() };
    paths(text, &tree, (&files::bytes_of(root.as_os_str()), dir))
}

/// Whether a text says something, and none of it as make does: then nobody knows what it names.
pub(super) fn is_foreign(text: &[u8]) -> bool {
    let mut lines =
        logical_lines(text).into_iter().map(|it| words(&it)).filter(|it| !it.is_empty());
    let is_rule = |words: Vec<Word>| words.iter().any(|it| it.ends_the_targets);
    lines.next().is_some_and(|first| !is_rule(first) && !lines.any(is_rule))
}

/// The same in a workspace that is open already, at an absolute path.
pub(super) fn paths(
    text: &[u8],
    tree: &Tree,
    (root, dir): (&[u8], &WorkspacePath),
) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    for name in prerequisites(text) {
        let path = resolve(&name, root, dir, |a, b| leads_to_the_same(tree, a, b));
        if seen.insert(path.clone()) {
            found.push(path);
        }
    }
    found
}

/// A name of a depfile as a path of the workspace. `is_same` says whether two paths lead to one file: a `..` behind a
/// link is not undone by leaving out both.
fn resolve(
    name: &[u8],
    root: &[u8],
    dir: &WorkspacePath,
    is_same: impl Fn(&[u8], &[u8]) -> bool,
) -> Vec<u8> {
    let is_absolute = name.first() == Some(&b'/');
    if !is_absolute && name.get(1) == Some(&b':') {
        let inside = name.strip_prefix(root).and_then(|it| it.strip_prefix(b"\\"));
        return inside.unwrap_or(name).to_vec();
    }
    let written = if is_absolute || dir.is_root() {
        name.to_vec()
    } else {
        [dir.as_str().as_bytes(), b"/", name].concat()
    };
    let short = short(&written, root);
    let has_parent = components(&written).any(|it| it == b"..");
    if has_parent && !is_same(&short, &written) { written } else { short }
}

/// A path without `.`, and without `..` as far as that can be told without asking; relative if it lies in the
/// workspace.
pub(super) fn short(path: &[u8], root: &[u8]) -> Vec<u8> {
    if path.first() == Some(&b'/') { from_top(path, root) } else { from_root(path, root) }
}

fn leads_to_the_same(tree: &Tree, a: &[u8], b: &[u8]) -> bool {
    let (a, b) = (tree.stamp_followed(a), tree.stamp_followed(b));
    (a.kind, a.device, a.inode) == (b.kind, b.device, b.inode)
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|it| !matches!(*it, b"" | b"."))
}

/// An absolute path without `.` and `..`, relative if it lies in the workspace.
fn from_top(path: &[u8], root: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in components(path) {
        if name == b".." {
            names.pop();
        } else {
            names.push(name);
        }
    }
    let root: Vec<&[u8]> = components(root).collect();
    match names.strip_prefix(root.as_slice()) {
        Some(inside) => inside.join(&b'/'),
        None => [b"/", names.join(&b'/').as_slice()].concat(),
    }
}

/// A path relative to the workspace without `.`, and with `..` only where it leads out.
fn from_root(path: &[u8], root: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    let mut ups = 0;
    for name in components(path) {
        if name != b".." {
            names.push(name);
        } else if names.pop().is_none() {
            ups += 1;
        }
    }
    // Out of the workspace and in again by its own name is in it.
    let root: Vec<&[u8]> = components(root).collect();
    let above = root.get(root.len().saturating_sub(ups)..).unwrap_or_default();
    let again = above.iter().zip(&names).take_while(|(own, name)| own == name).count();
    let ups = std::iter::repeat_n(&b".."[..], ups - again.min(ups));
    ups.chain(names.into_iter().skip(again)).collect::<Vec<_>>().join(&b'/')
}

/// The files that the rules name as prerequisites, in order, each once.
fn prerequisites(text: &[u8]) -> Vec<Vec<u8>> {
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
    fn names_count_from_the_directory_of_the_task_and_may_lead_out_of_the_workspace() {
        let check = |dir: &str, name: &str, expect: &str| {
            let dir = WorkspacePath::new(dir).unwrap();
            let path = resolve(name.as_bytes(), b"/home/me/app", &dir, |_, _| true);
            assert_eq!(std::str::from_utf8(&path).unwrap(), expect, "{name} in {dir}");
        };
        check("", "src/./a.h", "src/a.h");
        check("lib", "a.h", "lib/a.h");
        check("lib", "../src//a.h", "src/a.h");
        check("lib", "../../common/a.h", "../common/a.h");
        check("", "../app/a.h", "a.h");
        check("lib", "../../../me/app/src/a.h", "src/a.h");
        check("", "../../me/other/a.h", "../other/a.h");
        check("", "../application/a.h", "../application/a.h");
        check("lib", "/home/me/app/a.h", "a.h");
        check("lib", "/home/me/other/../app/a.h", "a.h");
        check("", "/usr/lib/gcc/../include/a.h", "/usr/lib/include/a.h");
        check("", "/home/me/application/a.h", "/home/me/application/a.h");
    }

    #[test]
    fn a_parent_behind_a_link_stays_as_it_is_written() {
        let dir = WorkspacePath::new("").unwrap();
        let path = resolve(b"link/../a.h", b"/app", &dir, |_, _| false);
        assert_eq!(path, b"link/../a.h");
    }

    #[test]
    fn what_make_does_not_write() {
        for text in ["a.c\na.h\n", "[\"a.c\", \"a.h\"]\n", "o in h", "# files\na.c\n"] {
            assert!(is_foreign(text.as_bytes()), "{text}");
        }
        for text in ["", "\n \n", "# nothing\n", "a.o:\n", "a.o: a.c\n", "export A\na.o: a.c\n"] {
            assert!(!is_foreign(text.as_bytes()), "{text}");
        }
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
