//! How other languages open a declaration: `var x = 1`, `function f(..)`, `export let x`.
//!
//! Such a line is read as the item that is meant, so that its name is known and one slip of the
//! tongue is one finding. No valid file has such a line: none of these words is a kind.

use smol_str::SmolStr;

/// The opening words of a line that Rush says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForeignHead {
    /// How many bytes of the line they take.
    pub(crate) length: usize,
    /// How many words they are: 1 or 2.
    pub(crate) words: usize,
    /// The word of Rush for them.
    pub(crate) ours: SmolStr,
}

/// Words before a declaration that say who may see it, which Rush has no words for.
const MODIFIERS: &[&str] = &[
    "export", "pub", "public", "private", "static", "async", "global", "final", "readonly",
    "declare", "local",
];

const OWN: &[&str] = &["use", "let", "param", "fn", "type", "check"];

/// What has to follow a word, or the name behind it, so that it is what it seems to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `name =` or `name:`
    Value,
    /// `name(`
    Function,
    /// A text.
    Path,
    /// A condition, then a comma.
    Condition,
}

const HEADS: &[(&[&str], &str, Shape)] = &[
    (&["var", "const", "val", "variable", "set", "local", "constant"], "let", Shape::Value),
    (&["function", "func", "def", "fun"], "fn", Shape::Function),
    (&["import", "include", "load", "require"], "use", Shape::Path),
    (&["enum", "typedef", "alias", "interface", "struct"], "type", Shape::Value),
    (&["assert"], "check", Shape::Condition),
];

/// The foreign words `line` opens with, if it does.
pub(crate) fn head(line: &str) -> Option<ForeignHead> {
    let (first, rest) = word(line);
    if first.is_empty() {
        return None;
    }
    if let Some(ours) = ours(first, rest) {
        return Some(ForeignHead { length: first.len(), words: 1, ours: ours.into() });
    }
    if !MODIFIERS.contains(&first) {
        return None;
    }
    let (second, after) = word(rest.trim_start());
    if second.is_empty() || !rest.starts_with([' ', '\t']) {
        return None;
    }
    let (third, _) = word(after.trim_start());
    let length = line.len() - after.len();
    let found = |ours: &str| Some(ForeignHead { length, words: 2, ours: ours.into() });
    if let Some(ours) = ours(second, after) {
        return found(ours);
    }
    if OWN.contains(&second) || (!third.is_empty() && third != "extends") {
        return found(second);
    }
    let is_value = is_shaped(rest, Shape::Value) && matches!(first, "export" | "global" | "static");
    is_value.then(|| ForeignHead { length: first.len(), words: 1, ours: "let".into() })
}

/// Whether a word opens an item of every file.
pub(crate) fn is_keyword(word: &str) -> bool {
    OWN.contains(&word)
}

fn ours(word: &str, rest: &str) -> Option<&'static str> {
    let (_, ours, shape) = HEADS.iter().find(|(theirs, ..)| theirs.contains(&word))?;
    is_shaped(rest, *shape).then_some(*ours)
}

fn is_shaped(rest: &str, shape: Shape) -> bool {
    if !rest.starts_with([' ', '\t']) {
        return false;
    }
    let rest = rest.trim_start();
    let (name, after) = word(rest);
    let after = after.trim_start();
    match shape {
        Shape::Value => {
            let is_defined = after.starts_with('=') && !after.starts_with("==");
            !name.is_empty() && (is_defined || after.starts_with(':'))
        }
        Shape::Function => !name.is_empty() && after.starts_with('('),
        Shape::Path => rest.starts_with(['"', '\'']),
        Shape::Condition => !rest.starts_with(['{', ':', '=']) && rest.contains(','),
    }
}

fn word(text: &str) -> (&str, &str) {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let end = text.find(|it| !is_word(it)).unwrap_or(text.len());
    if text.starts_with(|it: char| it.is_ascii_digit()) {
        return ("", text);
    }
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::head;

    fn check(line: &str, expect: Option<(&str, &str)>) {
        let found = head(line);
        let found = found.as_ref().map(|it| (&line[..it.length], it.ours.as_str()));
        assert_eq!(found, expect, "{line}");
    }

    #[test]
    fn words_of_other_languages_are_known_by_what_follows() {
        check("var x = 1", Some(("var", "let")));
        check("const x: int = 1", Some(("const", "let")));
        check("export const x = 1", Some(("export const", "let")));
        check("export X = 1", Some(("export", "let")));
        check("pub fn f(x: int) = x", Some(("pub fn", "fn")));
        check("export task build {", Some(("export task", "task")));
        check("function f(x: int) = x", Some(("function", "fn")));
        check("import \"./x.rush\" as x", Some(("import", "use")));
        check("enum E = \"a\" | \"b\"", Some(("enum", "type")));
        check("assert a == b, \"no\"", Some(("assert", "check")));
        check("var x {", None);
        check("set -e", None);
        check("let x = 1", None);
        check("export FOO", None);
        check("task build {", None);
        check("local a {", None);
        check("", None);
    }
}
