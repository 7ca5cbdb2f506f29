//! A task or service as a person names it among what is remembered: a label, a call, or a label with its flags.
//!
//! Nothing is evaluated and no task file is asked, since those may have changed or be gone. Arguments are compared as
//! they are written; one that is not given may have been anything.

use std::fmt;

use rush_plan::{Call, Given, Node, Value};
use rush_syntax::parse_number;

/// What a person named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    label: String,
    arguments: Vec<Argument>,
}

/// One argument that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Argument {
    /// The parameter; `None` in a call that leaves names out.
    name: Option<String>,
    value: Typed,
}

/// A value as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Typed {
    /// As in a task file: `"api"`, `[1, 2]`.
    Source(String),
    /// By a flag, once for each time it was given: `api`.
    Flag(Vec<String>),
}

/// An argument that is remembered: the parameter and the value as it would be written.
type Shown = (String, String);

impl Wanted {
    /// What a call names.
    pub fn of(call: &Call) -> Self {
        let written = call.arguments.as_deref().map(split).unwrap_or_default();
        let written = written.into_iter().map(|it| match named(&it) {
            Some((name, value)) => Argument { name: Some(name), value: Typed::Source(value) },
            None => Argument { name: None, value: Typed::Source(it) },
        });
        let flags = call.params.iter().map(|(name, given)| {
            let texts = match given {
                Given::Switch(is_on) => vec![is_on.to_string()],
                Given::Texts(texts) => texts.clone(),
            };
            Argument { name: Some(name.clone()), value: Typed::Flag(texts) }
        });
        Self { label: call.label.clone(), arguments: written.chain(flags).collect() }
    }

    /// What a word names, which is a label or a call.
    pub fn parse(word: &str) -> Self {
        Self::of(&Call::new(word))
    }

    /// The label, as it was typed.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether it says anything about arguments.
    pub const fn has_arguments(&self) -> bool {
        !self.arguments.is_empty()
    }

    /// Whether it means the task or service with this label: wherever that is, or as seen from the package around.
    ///
    /// In a name `-` may stand for `_`. What has no package is in the one around or in the root package.
    pub fn means(&self, label: &str, around: Option<&str>) -> bool {
        let (package, name) = label.rsplit_once(':').unwrap_or_default();
        let (named, typed) = match self.label.rsplit_once(':') {
            Some((named, typed)) => (Some(named), typed),
            None => (None, self.label.as_str()),
        };
        let is_around = || around.is_none_or(|it| package.strip_prefix("//") == Some(it));
        let is_there = match named {
            None => is_around() || package == "//",
            Some("") => is_around(),
            Some(named) => named == package,
        };
        is_there && typed.replace('-', "_") == name.replace('-', "_")
    }

    /// Whether it means this node.
    pub fn is_node(&self, node: &Node) -> bool {
        self.given_in(node).is_some()
    }

    /// The parameters and axes of a node that it says something about; `None` if it means another.
    pub fn given_in(&self, node: &Node) -> Option<Vec<String>> {
        if !self.means(node.label(), None) {
            return None;
        }
        let shown = node.arguments().iter().chain(node.cell().iter());
        let of_node = |(name, value): (&str, &Value)| {
            (name.to_owned(), value.seen_from(&node.package).to_string())
        };
        self.fitting(shown.map(of_node).collect())
    }

    /// Whether its arguments are among those of a call, which are written as `(name: value, ..)`.
    pub(crate) fn fits_call(&self, arguments: &str) -> bool {
        let inner = arguments.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        let shown = split(inner.unwrap_or_default());
        self.fitting(shown.iter().filter_map(|it| named(it)).collect()).is_some()
    }

    /// The parameters it gives arguments for, each another; `None` if one of them is not there.
    fn fitting(&self, mut left: Vec<Shown>) -> Option<Vec<String>> {
        // Those with a name know which they mean, so they choose first.
        let (named, bare): (Vec<_>, Vec<_>) =
            self.arguments.iter().partition(|it| it.name.is_some());
        let found = named.into_iter().chain(bare).map(|wanted| {
            let at = left.iter().position(|shown| wanted.is_meant(shown))?;
            Some(left.remove(at).0)
        });
        found.collect()
    }
}

impl fmt::Display for Wanted {
    /// As it could have been typed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.label)?;
        let mut separator = "(";
        for Argument { name, value } in &self.arguments {
            out.write_str(separator)?;
            separator = ", ";
            if let Some(name) = name {
                write!(out, "{name}: ")?;
            }
            match value {
                Typed::Source(text) => out.write_str(text)?,
                Typed::Flag(texts) => out.write_str(&texts.join(" "))?,
            }
        }
        out.write_str(if self.arguments.is_empty() { "" } else { ")" })
    }
}

impl Argument {
    fn is_meant(&self, (name, shown): &Shown) -> bool {
        if self.name.as_ref().is_some_and(|it| it != name) {
            return false;
        }
        match &self.value {
            Typed::Source(text) => is_same(text, shown),
            Typed::Flag(texts) => match texts.as_slice() {
                [text] if is_text(text, shown) => true,
                texts => is_list(texts, shown),
            },
        }
    }
}

/// Whether a text that a flag was given stands for a value.
fn is_text(text: &str, shown: &str) -> bool {
    is_same(text, shown) || Value::Text(text.to_owned()).to_string() == shown
}

fn is_list(texts: &[String], shown: &str) -> bool {
    let Some(inner) = shown.strip_prefix('[').and_then(|it| it.strip_suffix(']')) else {
        return false;
    };
    let elements = split(inner);
    elements.len() == texts.len() && texts.iter().zip(&elements).all(|(text, it)| is_text(text, it))
}

/// Whether two sources are the same value; a number can be written in several ways.
fn is_same(typed: &str, shown: &str) -> bool {
    typed == shown || parse_number(typed).is_some_and(|it| parse_number(shown) == Some(it))
}

/// Splits `name: value`.
fn named(argument: &str) -> Option<Shown> {
    let (name, value) = argument.split_once(':')?;
    let name = name.trim_end();
    let is_name =
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    is_name.then(|| (name.to_owned(), value.trim_start().to_owned()))
}

/// What stands between commas, each without the space around it.
fn split(inner: &str) -> Vec<String> {
    let (mut parts, mut is_quoted, mut is_escaped, mut depth) =
        (vec![String::new()], false, false, 0_u32);
    for char in inner.chars() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '[' | '{' | '(' if !is_quoted => depth += 1,
            ']' | '}' | ')' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if char != ',' || is_quoted || depth > 0 => part.push(char),
            _ => parts.push(String::new()),
        }
    }
    let parts = parts.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, flags: &[(&str, Given)], arguments: &str, expect: bool) {
        let mut call = Call::new(word);
        call.params = flags.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
        assert_eq!(Wanted::of(&call).fits_call(arguments), expect, "{word} {flags:?} {arguments}");
    }

    #[test]
    fn a_name_means_what_is_nearby_or_what_is_anywhere() {
        let check = |label: &str, word: &str, around: Option<&str>, expect: bool| {
            assert_eq!(
                Wanted::parse(word).means(label, around),
                expect,
                "{label} {word} {around:?}"
            );
        };
        let near = "//my-app:dev_server";
        for word in ["dev_server", "dev-server", ":dev-server"] {
            check(near, word, None, true);
            check(near, word, Some("my-app"), true);
            check(near, word, Some(""), false);
            check(near, word, Some("api"), false);
        }
        for around in [None, Some("my-app"), Some("api")] {
            check(near, "//my-app:dev_server", around, true);
            check(near, "//my-app:dev-server", around, true);
            check(near, "//my_app:dev_server", around, false);
            check(near, "server", around, false);
        }
        let at_root = "//:dev_server";
        check(at_root, "dev-server", Some("api"), true);
        check(at_root, ":dev-server", Some("api"), false);
        check(at_root, "//:dev-server", Some("api"), true);
        check(at_root, "dev-server", None, true);
    }

    #[test]
    fn a_call_means_the_arguments_that_it_gives() {
        let remembered = "(a: \"x, y\", b: [1, 2], c: 1m30s)";
        check("t", &[], remembered, true);
        check("t()", &[], remembered, true);
        check("t(\"x, y\", [1, 2])", &[], remembered, true);
        check("t([1, 2], a : \"x, y\")", &[], remembered, true);
        check("t(c: 90s)", &[], remembered, true);
        check("t(c: 91s)", &[], remembered, false);
        check("t(d: 1)", &[], remembered, false);
        check("t(1, a: 1)", &[], "(a: 1)", false);
        check("t(1)", &[], "", false);
        check("t(\"a\\\", b\")", &[], "(s: \"a\\\", b\")", true);
    }

    #[test]
    fn a_flag_means_the_value_that_it_stands_for() {
        let texts =
            |texts: &[&str]| Given::Texts(texts.iter().map(|it| (*it).to_owned()).collect());
        let remembered = "(crate: \"api\", fast: true, list: [\"a\", \"b\"], wait: 2m)";
        check("t", &[("crate", texts(&["api"]))], remembered, true);
        check("t", &[("crate", texts(&["web"]))], remembered, false);
        check("t", &[("fast", Given::Switch(true))], remembered, true);
        check("t", &[("fast", Given::Switch(false))], remembered, false);
        check("t", &[("list", texts(&["a", "b"]))], remembered, true);
        check("t", &[("list", texts(&["a"]))], remembered, false);
        check("t", &[("wait", texts(&["120s"]))], remembered, true);
    }
}
