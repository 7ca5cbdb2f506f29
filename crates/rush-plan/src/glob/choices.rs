//! The texts that the braces at the start of a pattern stand for: `{a,b}/*.c` is `a/*.c` and `b/*.c`.
//!
//! It works on the text of a pattern that was parsed before, and does not know what a pattern matches.

/// How many choices are taken apart.
const CHOICES_MAX: usize = 64;

/// The choices of a pattern; `None` if it has no braces before its first wildcard, too many choices, or one that would
/// mean something else by itself.
pub(super) fn of(text: &str) -> Option<Vec<String>> {
    let body = text.strip_prefix('!').unwrap_or(text);
    let body = body.strip_prefix("//").unwrap_or(body);
    let head = text.strip_suffix(body)?;
    let bodies = taken_apart(body)?;
    let are_the_same = bodies.iter().all(|it| means_the_same_alone(it));
    are_the_same.then(|| bodies.iter().map(|it| [head, it].concat()).collect())
}

/// Whether a choice is no exclusion, not from the root, and without the `.` and `..` that are resolved in whole
/// patterns only: `{!a,b}` names a file `!a`, and `.{,env}` does not name the workspace.
fn means_the_same_alone(choice: &str) -> bool {
    let mut components = choice.trim_end_matches('/').split('/');
    !choice.starts_with('!') && components.all(|it| !matches!(it, "" | "." | ".."))
}

fn taken_apart(text: &str) -> Option<Vec<String>> {
    let (mut waiting, mut found) = (vec![text.to_owned()], Vec::new());
    while let Some(text) = waiting.pop() {
        match first(&text) {
            Some(choices) => waiting.extend(choices.into_iter().rev()),
            // One that has lost all its text matches no path.
            None if !text.is_empty() => found.push(text),
            None => {}
        }
        if waiting.len() + found.len() > CHOICES_MAX {
            return None;
        }
    }
    (found.len() > 1).then_some(found)
}

/// The texts that the first braces stand for, if no wildcard comes before them.
fn first(text: &str) -> Option<Vec<String>> {
    let mut special = special(text).skip_while(|it| matches!(it.1, ',' | '}' | ']'));
    let open = special.next().filter(|it| it.1 == '{')?.0;
    let (mut depth, mut start) = (0_usize, open + 1);
    let mut parts = Vec::new();
    for (at, character) in special {
        match character {
            // What is in a set needs a parser.
            '[' => return None,
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(text.get(start..at)?);
                start = at + 1;
                if character == '}' {
                    let (before, behind) = (text.get(..open)?, text.get(start..)?);
                    return Some(parts.iter().map(|it| [before, it, behind].concat()).collect());
                }
            }
            _ => {}
        }
    }
    None
}

/// The characters that mean something, with their places.
fn special(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut is_escaped = false;
    text.char_indices().filter(move |(_, character)| {
        let is_special = !is_escaped && super::parse::is_special(*character) && *character != '\\';
        is_escaped = !is_escaped && *character == '\\';
        is_special
    })
}
