//! The letters of the tokens, in GBNF. The lexer has the last word on them; a test compares.

use std::fmt::Write as _;

use crate::parse::SCRIPT_TAGS;

/// How a token gets on with its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A word next to it would become a part of it.
    Word,
    /// A word before it could be read as the tag of a script.
    Quoted,
    /// It takes care of the white space around it.
    Layout,
}

/// A token of the EBNF.
pub(super) struct Terminal {
    /// How the EBNF calls it.
    pub(super) name: &'static str,
    /// How the GBNF calls it.
    pub(super) rule: &'static str,
    sort: Sort,
    /// Whether it may reach over a line end, so that there is a second rule for it on one line.
    pub(super) has_lines: bool,
}

impl Terminal {
    /// Whether a word directly before it would change what it is.
    pub(super) fn needs_space_before(&self) -> bool {
        self.sort != Sort::Layout
    }

    /// Whether a word directly behind it would become a part of it.
    pub(super) fn needs_space_after(&self) -> bool {
        self.sort == Sort::Word
    }

    /// Whether it takes care of the white space around it.
    pub(super) fn has_space(&self) -> bool {
        self.sort == Sort::Layout
    }
}

const fn terminal(name: &'static str, rule: &'static str, sort: Sort) -> Terminal {
    Terminal { name, rule, sort, has_lines: false }
}

const fn over_lines(name: &'static str, rule: &'static str, sort: Sort) -> Terminal {
    Terminal { name, rule, sort, has_lines: true }
}

pub(super) const TERMINALS: &[Terminal] = &[
    terminal("ID", "id", Sort::Word),
    terminal("WORD", "word", Sort::Word),
    terminal("KIND", "kind-word", Sort::Word),
    terminal("NUMBER", "number", Sort::Word),
    terminal("DURATION", "duration", Sort::Word),
    terminal("SIZE", "size", Sort::Word),
    over_lines("TEXT", "text", Sort::Quoted),
    terminal("PLAIN", "plain", Sort::Quoted),
    over_lines("RAW", "raw", Sort::Quoted),
    over_lines("COMMAND", "command", Sort::Quoted),
    over_lines("SCRIPT", "script", Sort::Quoted),
    terminal("NL", "end", Sort::Layout),
    over_lines("S", "separator", Sort::Layout),
    terminal("DOC", "doc", Sort::Layout),
];

/// Documentation of an item, which is not indented.
pub(super) const ITEM_DOC: &str = "item-doc";

/// White space, comments, words and texts.
///
/// What a context-free grammar can't say is left out: that the `"""` which closes a text has the
/// indentation of the line that opens it.
const RULES: &str = r#"
blank ::= " "*
space ::= " "+
lines ::= " "* | newlines " "+
lines-behind-slash ::= " "* | ( " "+ comment? )? "\n" newlines? " "+
lines-or-space ::= " "+ | newlines " "+
closing ::= " "* | newlines " "*
newlines ::= ( " "* comment? "\n" )+
comment ::= "//" ( [^/\n] [^\n]* )?
separator ::= " "* "," lines | newlines " "+
end ::= newlines
doc ::= doc-line " "+
item-doc ::= doc-line
doc-line ::= "///" [^\n]* "\n"

word ::= [A-Za-z_] letter*
letter ::= [A-Za-z0-9_]

digits ::= [0-9] [0-9_]*
decimal ::= digits ( "." digits )?
number ::= decimal
size ::= digits ( [KMGT] "i"? )? "B"
duration ::= decimal ( "d" | "h" | "m" | "s" | "ms" ) | days
days ::= digits "d" hours? | hours
hours ::= digits "h" minutes? | minutes
minutes ::= digits "m" seconds? | seconds
seconds ::= digits "s" ( digits "ms" )?

hole ::= "${" blank ( "..." blank )? expr-in-line blank "}"
separator-in-line ::= " "* "," " "*
escape ::= "\\" ( [nrt\\"$] | "u{" code "}" )
code ::= hex hex? hex? | [0-9A-CEFa-cef] hex hex hex | [Dd] [0-7] hex hex | [1-9A-Fa-f] hex hex hex hex
hex ::= [0-9A-Fa-f]
dollars ::= "$"+ [^$\\{"\n`']

plain ::= "\"" ( plain-letter | "'" | "`" )* "$"* "\""
plain-letter ::= [^"\\$\n'`] | escape | dollars
text ::= text-in-line | "\"\"\"" text-body
text-in-line ::= "\"" ( text-letter | "'" | "`" )* "$"* "\"" | "\"\"\"" text-line
text-letter ::= plain-letter | "$"* hole
text-line ::= ( ( "\"" "\""? )? ( text-letter | "'" | "`" ) )+ "$"* "\"\"\""
text-body ::= " "* "\n" ( " "* ( text-letter | "'" | "`" | "\"" )* "$"* "\n" )* " "* "\"\"\""

raw ::= raw-in-line | "r\"\"\"" verbatim-body
raw-in-line ::= "r\"" [^"\n]* "\"" | "r\"\"\"" verbatim-line
script ::= script-in-line | tag "\"\"\"" verbatim-body
script-in-line ::= tag "\"\"\"" verbatim-line
verbatim-line ::= ( ( "\"" "\""? )? [^"\n] )+ "\"\"\""
verbatim-body ::= " "* "\n" ( " "* [^\n]* "\n" )* " "* "\"\"\""

command ::= command-in-line | "argv\"\"\"" command-body
command-in-line ::= "`" ( command-letter | command-quoted )* "$"* "`" | "argv\"\"\"" command-line
command-letter ::= [^"\\$\n'`] | "\\" [^\n] | dollars | "$"* hole
command-quoted ::= "'" [^'\n`]* "'" | "\"" ( command-letter | "'" )* "$"* "\""
command-line ::= ( ( "\"" "\""? )? ( command-letter | "'" | "`" ) )+ "$"* "\"\"\""
command-body ::= " "* "\n" ( " "* ( command-letter | command-quoted | "`" )* "$"* "\n" )* " "* "\"\"\""
"#;

/// The rules for tokens and white space.
pub(super) fn rules(kinds: &[&str]) -> String {
    let mut out = RULES.to_owned();
    let _ = writeln!(out, "tag ::= {}", alternatives(SCRIPT_TAGS));
    let _ = writeln!(out, "kind-word ::= {}", alternatives(kinds));
    out.push_str(&names());
    out
}

fn alternatives(words: &[&str]) -> String {
    words.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(" | ")
}

/// Words that are no names.
const RESERVED: [&str; 9] = ["if", "then", "else", "for", "in", "true", "false", "none", "let"];

/// A name: a word that is not reserved. GBNF can't exclude words, so the rules walk along their
/// letters: `id-fo` is what may follow `fo`.
fn names() -> String {
    let mut prefixes = vec![String::new()];
    for word in RESERVED {
        prefixes.extend((1..=word.len()).filter_map(|end| word.get(..end)).map(str::to_owned));
    }
    prefixes.sort();
    prefixes.dedup();
    let mut out = String::new();
    for prefix in &prefixes {
        let next: String = prefixes
            .iter()
            .filter_map(|it| it.strip_prefix(prefix.as_str()))
            .filter(|it| it.len() == 1)
            .collect();
        let mut parts = vec![format!("{} letter*", others(&next, prefix.is_empty()))];
        parts.extend(next.chars().map(|it| format!("\"{it}\" id-{prefix}{it}")));
        let is_name = !prefix.is_empty() && !RESERVED.contains(&prefix.as_str());
        let rule = if prefix.is_empty() { "id".to_owned() } else { format!("id-{prefix}") };
        let (open, close) = if is_name { ("( ", " )?") } else { ("", "") };
        let _ = writeln!(out, "{rule} ::= {open}{}{close}", parts.join(" | "));
    }
    out
}

/// The class of the letters of words that are not in `except`.
fn others(except: &str, is_first: bool) -> String {
    let letters = ('a'..='z').filter(|it| !except.contains(*it)).collect::<String>();
    let digits = if is_first { "" } else { "0-9" };
    format!("[{letters}A-Z{digits}_]")
}
