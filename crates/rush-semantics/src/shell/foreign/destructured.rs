//! What a program for Node takes out of the environment by the names of a pattern:
//! `const { a, b: local = "x" } = process.env`.
//!
//! Read by the look of it: a pattern inside a pattern may have none inside, and a name with `$` is no
//! variable. What can't be read is left out.

use std::sync::LazyLock;

use regex::Regex;

use super::Lookup;
use crate::shell::Context;

const ENVIRONMENT: &str = "process.env";

/// Texts and comments. A comment that does not end goes on to the end.
static NO_CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?s)//[^\n]*|/\*.*?(?:\*/|\z)",
        r#"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"#,
    ))
    .expect("a fixed pattern is well-formed")
});

/// The whole, with what stands between the braces.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{(?P<properties>(?:[^{}]|\{[^{}]*\})*)\}\s*=\s*process\.env\b")
        .expect("a fixed pattern is well-formed")
});

/// One of its properties.
static PROPERTY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?s)^\s*["']?(?P<name>[A-Za-z_][A-Za-z0-9_]*)["']?"#,
        r"\s*(?P<local>:\s*(?:\{[^{}]*\}|[^={}]*))?\s*(?P<default>=.*)?$",
    ))
    .expect("a fixed pattern is well-formed")
});

/// The variables that are taken out of the environment.
pub(super) fn destructured(text: &str) -> Vec<Lookup> {
    if !text.contains(ENVIRONMENT) {
        return Vec::new();
    }
    let code = code_of(text);
    let mut found = Vec::new();
    for pattern in PATTERN.captures_iter(&code) {
        let behind = pattern.get(0).and_then(|it| code.get(it.end()..)).unwrap_or_default();
        if let Some(all) = pattern.name("properties").filter(|_| !is_part(behind)) {
            found.extend(properties(all.as_str()).filter_map(|it| lookup(it, all.start())));
        }
    }
    found
}

/// The text with blanks for what is no code, as long as before. A text that is a name stays: it may be a key.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut end = 0;
    for found in NO_CODE.find_iter(text) {
        code.push_str(text.get(end..found.start()).unwrap_or_default());
        let is_name = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        if is_name(found.as_str().trim_matches(['"', '\''])) {
            code.push_str(found.as_str());
        } else {
            code.extend(std::iter::repeat_n(' ', found.len()));
        }
        end = found.end();
    }
    code.push_str(text.get(end..).unwrap_or_default());
    code
}

/// Whether it is something of the environment that is taken apart, as in `process.env.name`.
fn is_part(behind: &str) -> bool {
    let behind = behind.trim_start();
    behind.starts_with(['.', '[', '$']) || behind.starts_with("?.")
}

/// What commas separate that are in no brackets, each with where it starts.
fn properties(all: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0_usize;
    let parts = all.split(move |it| {
        match it {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        it == ',' && depth == 0
    });
    parts.scan(0, |at, part| {
        let start = *at;
        *at += part.len() + 1;
        Some((start, part))
    })
}

/// What a property takes, of those that start at `start`.
fn lookup((at, property): (usize, &str), start: usize) -> Option<Lookup> {
    let found = PROPERTY.captures(property)?;
    let name = found.name("name")?.range();
    let context =
        if found.name("local").is_none() { Context::Destructured } else { Context::Lookup };
    let has_default = found.name("default").is_some();
    let start = start + at;
    Some(Lookup { name: start + name.start..start + name.end, has_default, context })
}
