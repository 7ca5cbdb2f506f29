//! The first line of a program that is a script, by which the system finds what runs it.
//!
//! `#! PATH [ARGUMENT]`, as Linux and macOS read it: everything behind the path is one argument. `env` looks for
//! the program that this argument names on the search path, with `-S` for its first word.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// How much of a file is read; macOS looks at 512 bytes, Linux at 256.
const LINE_BYTES_MAX: u64 = 512;

/// The programs that run a file, in the order in which they start; none if it runs by itself or can't be read.
pub(crate) fn interpreters(file: &Path) -> Vec<String> {
    let mut head = Vec::new();
    let read = File::open(file).and_then(|it| it.take(LINE_BYTES_MAX).read_to_end(&mut head));
    if read.is_ok() { named_in(&head) } else { Vec::new() }
}

fn named_in(head: &[u8]) -> Vec<String> {
    let Some(line) = head.strip_prefix(b"#!") else { return Vec::new() };
    let line = line.split(|it| matches!(it, b'\n' | b'\0')).next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split([' ', '\t']).filter(|it| !it.is_empty());
    let Some(path) = words.next() else { return Vec::new() };
    // A bare name counts from the working directory, not from the search path.
    let mut named = vec![if path.contains('/') { path.to_owned() } else { format!("./{path}") }];
    let mut last = path;
    while last == "env" || last.ends_with("/env") {
        let Some(next) = started_by_env(&mut words) else { break };
        named.push(next.to_owned());
        last = next;
    }
    named
}

/// The first word that is neither an option of `env` nor a variable.
fn started_by_env<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<&'a str> {
    while let Some(word) = words.next() {
        let split = ["-S", "-vS", "--split-string="].iter().find_map(|it| word.strip_prefix(it));
        let word = split.unwrap_or(word).trim_matches(['"', '\'']);
        match word {
            "-u" | "-C" | "-P" => {
                words.next();
            }
            _ if word.is_empty() || word.starts_with('-') || word.contains('=') => {}
            _ => return Some(word),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::named_in;

    fn check(line: &str, expect: &[&str]) {
        assert_eq!(named_in(line.as_bytes()), expect, "{line:?}");
    }

    #[test]
    fn names_what_runs_a_script() {
        check("#!/bin/sh\necho a", &["/bin/sh"]);
        check("#! /bin/sh -eu\n", &["/bin/sh"]);
        check("#!sh\n", &["./sh"]);
        check("#!/usr/bin/env python3\n", &["/usr/bin/env", "python3"]);
        check("#!/usr/bin/env -S deno run -A\n", &["/usr/bin/env", "deno"]);
        check("#!/usr/bin/env -Snode\n", &["/usr/bin/env", "node"]);
        check("#!/usr/bin/env -S -u HOME LANG=C ruby\n", &["/usr/bin/env", "ruby"]);
        check("#!/usr/bin/env -S \"ruby\" -w\n", &["/usr/bin/env", "ruby"]);
        check("#!/usr/bin/env -S env A=1 ruby\n", &["/usr/bin/env", "env", "ruby"]);
        check("#!/usr/bin/env\n", &["/usr/bin/env"]);
        check("#!\n", &[]);
        check("# !/bin/sh\n", &[]);
        check("\x7fELF", &[]);
    }
}
