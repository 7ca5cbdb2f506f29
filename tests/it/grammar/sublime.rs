//! The colours for Sublime Text, which are made from the TextMate grammar.
//!
//! Sublime reads no `.tmLanguage.json`, and its rules lack two things: a part of a match can't be
//! given to other rules, and a rule does not hold for as long as lines begin alike. Both are needed
//! for texts in `"""` that end where the indentation says, so those are made of other rules here;
//! everything else is translated one to one. Which scopes there are is not known here.
//!
//! `RUSH_COLOURS=update` writes the file anew.

use std::fmt::Write as _;

use serde_json::Value;

use crate::repository::{read, setting, write};

const GRAMMAR: &str = "grammar/rush.tmLanguage.json";
const SYNTAX: &str = "editors/sublime/Rush.sublime-syntax";

/// How a line begins, in the TextMate grammar, that opens a text of several lines.
const BEFORE: &str = "^([ \\t]*)(?!//)((?:(?!\"\"\").)*?)";
/// How such a line ends.
const BEHIND: &str = "[ \\t]*$";
/// What is in front of such a text closes its brackets: they are not open in the text.
const OPENER: &str = "(?=(?:\\b[a-z]+)?\"\"\"[ \\t]*$)";

/// The languages of scripts that come with Sublime Text, as it names them. A syntax that names one
/// it does not have is refused, so scripts in others are of one colour.
const EMBEDDED: [(&str, &str); 4] = [
    ("source.shell", "source.shell.bash"),
    ("source.python", "source.python"),
    ("source.js", "source.js"),
    ("source.ruby", "source.ruby"),
];

/// A syntax while it is written.
#[derive(Default)]
struct Syntax {
    text: String,
    /// Contexts that follow the one being written.
    later: Vec<String>,
}

impl Syntax {
    /// Writes a line of a context; `depth` is that of the list it is in.
    fn line(&mut self, depth: usize, text: &str) {
        writeln!(self.text, "{}{text}", "  ".repeat(depth)).expect("a string takes everything");
    }

    fn context(&mut self, name: &str, rules: &Value) {
        self.line(1, &format!("{name}:"));
        match rules.get("patterns") {
            Some(patterns) if rules.get("begin").is_none() => {
                for rule in patterns.as_array().expect("patterns are a list") {
                    self.rule(2, rule);
                }
            }
            _ => self.rule(2, rules),
        }
    }

    /// Translates a rule that means the same in both.
    fn rule(&mut self, depth: usize, rule: &Value) {
        if let Some(include) = text_of(rule, "include") {
            let name = include.strip_prefix('#').expect("other languages stand in scripts only");
            return self.line(depth, &format!("- include: {name}"));
        }
        let Some(begin) = text_of(rule, "begin") else {
            let pattern = text_of(rule, "match").expect("a rule matches, begins or includes");
            self.line(depth, &format!("- match: {}", quoted(pattern)));
            if let Some(scope) = text_of(rule, "name") {
                self.line(depth + 1, &format!("scope: {scope}"));
            }
            return self.captures(depth + 1, rule.get("captures"));
        };
        self.line(depth, &format!("- match: {}", quoted(begin)));
        self.captures(depth + 1, rule.get("beginCaptures"));
        self.line(depth + 1, "push:");
        for (ours, theirs) in [("name", "meta_scope"), ("contentName", "meta_content_scope")] {
            if let Some(scope) = text_of(rule, ours) {
                self.line(depth + 2, &format!("- {theirs}: {scope}"));
            }
        }
        let end = text_of(rule, "end").expect("what begins ends");
        let is_text = text_of(rule, "name").is_some();
        let end = if is_text { end.to_owned() } else { format!("{end}|{OPENER}") };
        self.pop(depth + 2, &end, rule.get("endCaptures"));
        for inner in rule["patterns"].as_array().into_iter().flatten() {
            self.rule(depth + 2, inner);
        }
    }

    fn pop(&mut self, depth: usize, pattern: &str, captures: Option<&Value>) {
        self.line(depth, &format!("- match: {}", quoted(pattern)));
        self.captures(depth + 1, captures);
        self.line(depth + 1, "pop: true");
    }

    fn captures(&mut self, depth: usize, captures: Option<&Value>) {
        let Some(captures) = captures.and_then(Value::as_object) else { return };
        self.line(depth, "captures:");
        for (number, capture) in captures {
            let scope = text_of(capture, "name").expect("a part of a match has a scope");
            self.line(depth + 1, &format!("{number}: {scope}"));
        }
    }

    /// Texts of several lines. The line that opens one is looked at first; then two contexts hold:
    /// above, what is in front of the quotes, below, what follows until the indentation ends.
    fn blocks(&mut self, rules: &Value) {
        self.line(1, "block:");
        let mut later = Self::default();
        for (at, rule) in rules["patterns"].as_array().into_iter().flatten().enumerate() {
            let begin = text_of(rule, "begin").expect("a text begins");
            let opener = begin.strip_prefix(BEFORE).and_then(|it| it.strip_suffix(BEHIND));
            let opener = opener.expect("the line that opens a text is written as above");
            let begin = format!("^([ \\t]*)(?!//)(?=(?:(?!\"\"\").)*?{opener}{BEHIND})");
            self.line(2, &format!("- match: {}", quoted(&begin)));
            self.line(3, &format!("push: [block-{at}, block-{at}-opener]"));
            later.opener(&format!("block-{at}-opener"), opener, rule);
            later.content(&format!("block-{at}"), rule);
        }
        self.later.push(later.text);
    }

    fn opener(&mut self, name: &str, opener: &str, rule: &Value) {
        self.line(1, &format!("{name}:"));
        self.line(2, &format!("- match: {}", quoted(&format!("{opener}{BEHIND}"))));
        self.line(3, "captures:");
        // The first two groups are the indentation and what is in front.
        let captures = rule["beginCaptures"].as_object().into_iter().flatten();
        for (number, capture) in captures.filter(|(number, _)| *number != "2") {
            let number: usize = number.parse().expect("groups have numbers");
            let scope = text_of(capture, "name").expect("a part of a match has a scope");
            self.line(4, &format!("{}: {scope}", number - 2));
        }
        self.line(3, "pop: true");
        self.pop(2, "$", None);
        self.line(2, "- include: line");
    }

    /// The lines of a text. Each run of lines that are not indented less than its first is one.
    fn content(&mut self, name: &str, rule: &Value) {
        self.line(1, &format!("{name}:"));
        self.pop(2, text_of(rule, "end").expect("a text ends"), rule.get("endCaptures"));
        let script = rule.pointer("/patterns/0").filter(|it| it.get("while").is_some());
        let scope = text_of(script.unwrap_or(rule), "contentName").expect("its lines have a scope");
        self.line(2, &format!("- match: {}", quoted("^([ \\t]+)(?=\\S)")));
        let rest = "^(?!\\1|[ \\t]*$)";
        let language = script.and_then(|it| it.pointer("/patterns/0/include")?.as_str());
        let language = language.and_then(|it| EMBEDDED.iter().find(|(ours, _)| *ours == it));
        if let Some((_, theirs)) = language {
            self.line(3, &format!("embed: scope:{theirs}"));
            self.line(3, &format!("embed_scope: {scope}"));
            return self.line(3, &format!("escape: {}", quoted(rest)));
        }
        self.line(3, "push:");
        self.line(4, &format!("- meta_scope: {scope}"));
        self.pop(4, rest, None);
        if script.is_none() {
            rule["patterns"].as_array().into_iter().flatten().for_each(|it| self.rule(4, it));
        }
    }
}

fn text_of<'a>(rule: &'a Value, field: &str) -> Option<&'a str> {
    rule.get(field)?.as_str()
}

/// A pattern as YAML takes it literally.
fn quoted(pattern: &str) -> String {
    format!("'{}'", pattern.replace('\'', "''"))
}

/// The whole syntax.
fn made(grammar: &Value) -> String {
    let mut syntax = Syntax::default();
    for line in [
        "%YAML 1.2",
        "---",
        "# Made from grammar/rush.tmLanguage.json; see grammar/README.md.",
        "name: Rush",
        "scope: source.rush-tasks",
        "file_extensions: [rush]",
        "version: 2",
        "contexts:",
    ] {
        syntax.line(0, line);
    }
    let shebang = grammar.pointer("/repository/shebang").expect("it is there");
    let pattern = text_of(shebang, "match").expect("it is a match").replace("\\A", "^");
    syntax.line(1, "main:");
    syntax.line(2, &format!("- match: {}", quoted(&pattern)));
    syntax.line(3, &format!("scope: {}", text_of(shebang, "name").expect("it has a scope")));
    syntax.line(3, "set: file");
    syntax.line(2, "- match: ''");
    syntax.line(3, "set: file");
    syntax.line(1, "file:");
    syntax.line(2, "- include: block");
    syntax.line(2, "- include: line");
    for (name, rules) in grammar["repository"].as_object().into_iter().flatten() {
        match name.as_str() {
            "shebang" => {}
            "block" => syntax.blocks(rules),
            _ => syntax.context(name, rules),
        }
    }
    let later = syntax.later.concat();
    syntax.text + &later
}

#[test]
fn sublime_has_the_colours_of_the_textmate_grammar() {
    let grammar: Value = serde_json::from_str(&read(GRAMMAR)).expect("it is JSON");
    let made = made(&grammar);
    if setting("RUSH_COLOURS").as_deref() == Some("update") {
        return write(SYNTAX, &made);
    }
    assert!(made == read(SYNTAX), "{SYNTAX} is old; RUSH_COLOURS=update cargo xtask test sublime");
}
