//! What is wrong with the way an item is written, with one constructor per finding.
//!
//! A syntax error counts from the item's first byte and does not know which item it is in, so it is
//! as position-independent as the tree; `into_diagnostic` gives it an identity.

pub(crate) mod habits;

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, ItemId, Span};
use text_size::{TextRange, TextSize};

use crate::number::BadNumber;
use crate::parse::SCRIPT_TAGS;

/// Something wrong with the way an item is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The code.
    pub code: Code,
    /// The problem in one line.
    pub message: String,
    /// The place.
    pub range: TextRange,
    /// What is to be seen there; may be empty.
    pub label: String,
    /// Places that explain why.
    pub secondary: Vec<(TextRange, String)>,
    /// What to do.
    pub help: Option<String>,
    /// A change that would mend it.
    pub fix: Option<SyntaxFix>,
    /// Whether what stands there was read as what it is meant to be, though nothing mends it unasked.
    pub is_understood: bool,
}

/// A change inside one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFix {
    /// What it does, as an imperative.
    pub title: String,
    /// The replacements; they do not overlap.
    pub edits: Vec<(TextRange, String)>,
    /// Whether it may be applied without asking.
    pub is_automatic: bool,
}

impl SyntaxFix {
    /// A change that keeps the author's intent for certain.
    pub fn automatic(title: impl Into<String>, edits: Vec<(TextRange, String)>) -> Self {
        Self { title: title.into(), edits, is_automatic: true }
    }

    /// A change that is one of several readings.
    pub fn offered(title: impl Into<String>, edits: Vec<(TextRange, String)>) -> Self {
        Self { title: title.into(), edits, is_automatic: false }
    }
}

impl SyntaxError {
    fn new(code: Code, range: TextRange, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            range,
            label: String::new(),
            secondary: Vec::new(),
            help: None,
            fix: None,
            is_understood: false,
        }
    }

    /// Whether it is certain what was meant, so that the rest can be judged.
    pub fn is_certain(&self) -> bool {
        self.is_understood || self.fix.as_ref().is_some_and(|it| it.is_automatic)
    }

    /// Whether one word was taken for another, and nothing around it.
    pub fn is_respelled(&self) -> bool {
        let in_place = |it: &SyntaxFix| {
            it.is_automatic && matches!(it.edits.as_slice(), [(at, _)] if *at == self.range)
        };
        self.is_understood || self.fix.as_ref().is_some_and(in_place)
    }

    fn understood(mut self) -> Self {
        self.is_understood = true;
        self
    }

    fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    fn because(mut self, range: TextRange, message: impl Into<String>) -> Self {
        self.secondary.push((range, message.into()));
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn fix(mut self, fix: SyntaxFix) -> Self {
        self.fix = Some(fix);
        self
    }

    fn opt_fix(mut self, fix: Option<SyntaxFix>) -> Self {
        self.fix = fix;
        self
    }

    /// The finding as a diagnostic of `item`.
    pub fn into_diagnostic(self, item: &ItemId) -> Diagnostic {
        let span = |range| Span::new(item.clone(), range);
        let mut diagnostic =
            Diagnostic::new(self.code, span(self.range), self.message).label(self.label);
        for (range, message) in self.secondary {
            diagnostic = diagnostic.because(span(range), message);
        }
        diagnostic.help = self.help;
        if let Some(fix) = self.fix {
            let edits = fix.edits.into_iter().map(|(range, text)| Edit::replace(item, range, text));
            diagnostic.fixes.push(Fix {
                title: fix.title,
                edits: edits.collect(),
                is_automatic: fix.is_automatic,
            });
        }
        diagnostic
    }
}

/// RUSH0001: a text on one line has no end.
pub(crate) fn unclosed_text(range: TextRange, quote: &str) -> SyntaxError {
    let help = match quote {
        "`" => {
            "write a backtick where the command ends, or use `argv\"\"\"` for several lines".into()
        }
        _ => format!("write `{quote}` where the text ends, or use `\"\"\"` for several lines"),
    };
    let message = "this text is never closed; it ends at the line end";
    SyntaxError::new(Code::UnclosedText, range, message).label("the line ends here").help(help)
}

/// RUSH0001: a quote with nothing but closing brackets behind it.
pub(crate) fn lone_quote(quote: TextRange) -> SyntaxError {
    SyntaxError::new(Code::UnclosedText, quote, "this quote opens a text that is never closed")
        .help("a `\"` is missing on this line, or this one is too many")
}

/// RUSH0001: a `"""` reaches the end of its item.
pub(crate) fn unclosed_block(range: TextRange) -> SyntaxError {
    SyntaxError::new(Code::UnclosedText, range, "this text is never closed")
        .help("write `\"\"\"` on a line of its own, indented like the line that opens the text")
}

/// RUSH0002: an opener without its closer; `at` is where the closer belongs.
pub(crate) fn unclosed_bracket(
    opener: (TextRange, &str),
    closer: &str,
    at: TextRange,
    insert: String,
) -> SyntaxError {
    let (range, head) = opener;
    SyntaxError::new(Code::UnclosedBracket, at, format!("expected `{closer}` to close `{head}`"))
        .label(format!("`{closer}` is missing here"))
        .because(range, "opened here")
        .fix(SyntaxFix::offered(
            format!("insert `{closer}`"),
            vec![(TextRange::empty(at.start()), insert)],
        ))
}

/// RUSH0002: a closer whose opener is missing after `head`.
pub(crate) fn unopened_bracket(
    range: TextRange,
    closer: &str,
    opener: &str,
    after: (TextRange, &str),
) -> SyntaxError {
    let (place, head) = after;
    SyntaxError::new(Code::UnclosedBracket, place, format!("expected `{opener}` after `{head}`"))
        .label(format!("`{opener}` is missing here"))
        .because(range, format!("this `{closer}` closes it"))
        .fix(SyntaxFix::offered(
            format!("insert `{opener}`"),
            vec![(TextRange::empty(place.end()), format!(" {opener}"))],
        ))
}

/// RUSH0002: a closer that closes nothing.
pub(crate) fn stray_closer(range: TextRange, closer: &str) -> SyntaxError {
    SyntaxError::new(Code::UnclosedBracket, range, format!("this `{closer}` closes nothing"))
        .fix(SyntaxFix::offered(format!("remove `{closer}`"), vec![(range, String::new())]))
}

/// RUSH0002: a hole without its `}`.
pub(crate) fn unclosed_hole(range: TextRange, end: TextSize) -> SyntaxError {
    SyntaxError::new(Code::UnclosedBracket, range, "this `${` is never closed")
        .help("a `$` that opens no hole is written `\\$`")
        .fix(SyntaxFix::offered("insert `}`", vec![(TextRange::empty(end), "}".to_owned())]))
}

/// RUSH0003: a line ends a `"""` body because it is not indented; it was meant to be in the body.
pub(crate) fn block_line_not_indented(
    line: TextRange,
    opener: TextRange,
    fix: SyntaxFix,
) -> SyntaxError {
    block_ends(line, opener).help("indent the body deeper than the line that opens it").fix(fix)
}

/// RUSH0003: a line ends a `"""` body, and the closing quotes are missing above it.
pub(crate) fn block_closer_missing(
    line: TextRange,
    opener: TextRange,
    edit: (TextRange, String),
) -> SyntaxError {
    block_ends(line, opener)
        .help("close the text with `\"\"\"` on a line of its own, or indent this line")
        .fix(SyntaxFix::offered("insert `\"\"\"`", vec![edit]))
}

/// RUSH0003: the closing quotes are indented deeper than the line of the opener.
pub(crate) fn block_closer_deeper(
    closer: TextRange,
    opener: TextRange,
    edit: (TextRange, String),
) -> SyntaxError {
    misplaced_closer(closer, opener, edit).help("deeper `\"\"\"` belong to the body")
}

/// RUSH0003: the closing quotes are not indented as far as the line of the opener.
pub(crate) fn block_closer_less_deep(
    closer: TextRange,
    opener: TextRange,
    edit: (TextRange, String),
) -> SyntaxError {
    misplaced_closer(closer, opener, edit)
}

fn misplaced_closer(
    closer: TextRange,
    opener: TextRange,
    edit: (TextRange, String),
) -> SyntaxError {
    let message = "the closing `\"\"\"` must be indented exactly like the line that opens the text";
    SyntaxError::new(Code::TextBlockIndent, closer, message)
        .because(opener, "the text opens here")
        .fix(SyntaxFix::automatic("indent", vec![edit]))
}

fn block_ends(line: TextRange, opener: TextRange) -> SyntaxError {
    let message = "the `\"\"\"` body ends here because this line is not indented";
    SyntaxError::new(Code::TextBlockIndent, line, message).because(opener, "the text opens here")
}

/// RUSH0004: something else was expected.
pub(crate) fn expected(range: TextRange, message: impl Into<String>) -> SyntaxError {
    SyntaxError::new(Code::ExpectedSyntax, range, message)
}

/// RUSH0004: something is missing that can be inserted.
pub(crate) fn expected_insert(
    range: TextRange,
    message: impl Into<String>,
    at: TextSize,
    insert: &str,
) -> SyntaxError {
    expected(range, message).fix(SyntaxFix::offered(
        format!("insert `{}`", insert.trim()),
        vec![(TextRange::empty(at), insert.to_owned())],
    ))
}

/// RUSH0004: a name with a `-`.
pub(crate) fn dashed_name(range: TextRange, name: &str) -> SyntaxError {
    let fixed = name.replace('-', "_");
    expected(range, format!("names have no `-`; write `{fixed}`"))
        .help(format!("on the command line `{name}` finds it too"))
        .fix(SyntaxFix::automatic(format!("rename to `{fixed}`"), vec![(range, fixed)]))
}

/// RUSH0004: a path or a pattern without quotes.
pub(crate) fn bare_path(range: TextRange, written: &str) -> SyntaxError {
    let text = format!("\"{written}\"");
    expected(range, "paths and patterns are texts, between quotes")
        .fix(SyntaxFix::automatic(format!("write `{text}`"), vec![(range, text)]))
}

/// RUSH0004: `NAME = value` where an item begins; `lead` is what stands before it on its line.
pub(crate) fn value_outside_items(range: TextRange, lead: TextRange, name: &str) -> SyntaxError {
    let is_type = name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.contains(|it: char| it.is_ascii_lowercase());
    let (word, help) = if is_type {
        (
            "type",
            format!("a type gets its name by `type {name} = ..`, a value by `let {name} = ..`"),
        )
    } else {
        let help = "a variable of a task stands in its `env`";
        ("let", format!("a value gets its name by `let {name} = ..`; {help}"))
    };
    let edit = (lead, format!("{word} "));
    expected(range, format!("`{name} =` begins no item"))
        .help(help)
        .fix(SyntaxFix::offered(format!("insert `{word}`"), vec![edit]))
}

/// RUSH0004: `name: type = value` where an item begins; `lead` is what stands before it on its line.
pub(crate) fn param_outside_items(range: TextRange, lead: TextRange, name: &str) -> SyntaxError {
    let edit = (lead, "param ".to_owned());
    expected(range, format!("`{name}:` begins no item"))
        .help(format!("a parameter of the file is written `param {name}: string = \"value\"`"))
        .fix(SyntaxFix::offered("insert `param`", vec![edit]))
}

/// RUSH0004: a `;` after a value; `instead` is what stands there once it is mended.
pub(crate) fn semicolon(range: TextRange, instead: Option<&str>) -> SyntaxError {
    let error = expected(range, "a line ends without `;`");
    match instead {
        Some(text) => {
            error.fix(SyntaxFix::automatic("remove the `;`", vec![(range, text.to_owned())]))
        }
        None => error.help("each of them stands on a line of its own"),
    }
}

/// RUSH0004: a body that opens with something else than `{`.
pub(crate) fn body_without_braces(range: TextRange, head: &str) -> SyntaxError {
    expected(range, format!("expected `{{` and the fields of `{head}`"))
        .help("the fields stand between `{` and `}`, as in `task build { run: .. }`")
}

/// RUSH0004: a parameter that is only a name; `example` is one with a type.
pub(crate) fn no_type(range: TextRange, name: &str, example: &str) -> SyntaxError {
    expected(range, format!("expected `:` and a type after `{name}`"))
        .help(format!("as in `{example}`"))
}

/// RUSH0004: `name = value` where a type is demanded, with the type of the value.
pub(crate) fn type_of_default(range: TextRange, name: &str, ty: &str) -> SyntaxError {
    let text = format!(": {ty}");
    expected(range, format!("expected `:` and a type after `{name}`")).fix(SyntaxFix::automatic(
        format!("write `{name}: {ty}`"),
        vec![(TextRange::empty(range.end()), text)],
    ))
}

/// RUSH0004: `extends: base`
pub(crate) fn extends_colon(colon: TextRange) -> SyntaxError {
    expected(colon, "`extends` is followed by a template, without `:`")
        .fix(SyntaxFix::automatic("remove the `:`", vec![(colon, String::new())]))
}

/// RUSH0004: `fn f(): int`
pub(crate) fn result_colon(colon: TextRange) -> SyntaxError {
    expected(colon, "the type of a result stands after `->`")
        .fix(SyntaxFix::automatic("write `->`", vec![(colon, " ->".to_owned())]))
}

/// RUSH0004: `fn f() int`
pub(crate) fn result_without_arrow(ty: TextRange) -> SyntaxError {
    let edit = (TextRange::empty(ty.start()), "-> ".to_owned());
    expected(ty, "the type of a result stands after `->`")
        .fix(SyntaxFix::automatic("insert `->`", vec![edit]))
}

/// RUSH0004: `fn f() { .. }`
pub(crate) fn block_of_fn(brace: TextRange) -> SyntaxError {
    expected(brace, "expected `=` and the value of this function")
        .help("a function is one value, as in `fn double(x: int) = x * 2`")
}

/// RUSH0004: a declared name between quotes.
pub(crate) fn quoted_name(range: TextRange, name: &str) -> SyntaxError {
    expected(range, "names are written without quotes")
        .fix(SyntaxFix::automatic(format!("write `{name}`"), vec![(range, name.to_owned())]))
}

/// RUSH0004: `name := value` where an item begins; `sign` is the `:=`.
pub(crate) fn assignment_outside_items(
    (range, sign): (TextRange, TextRange),
    lead: TextRange,
    name: &str,
) -> SyntaxError {
    let edits = vec![(lead, "let ".to_owned()), (sign, "=".to_owned())];
    expected(range, format!("`{name} :=` begins no item"))
        .help(format!("a value gets its name by `let {name} = ..`"))
        .fix(SyntaxFix::automatic(format!("write `let {name} =`"), edits))
}

/// RUSH0004: `let name := value`
pub(crate) fn colon_before_equals(colon: TextRange) -> SyntaxError {
    expected(colon, "a value gets its name by `=`, without `:`")
        .fix(SyntaxFix::automatic("remove the `:`", vec![(colon, String::new())]))
}

/// RUSH0004: `build:` where an item begins.
pub(crate) fn rule_outside_items(range: TextRange, name: &str) -> SyntaxError {
    let help = match name {
        "vars" | "variables" | "env" | "environment" => {
            "a value gets its name by `let name = ..`, one that may be set from outside by `param name: \
             string = ..`; variables of a task stand in its `env`"
                .to_owned()
        }
        "version" => {
            "a task file has no version; its edition stands in `workspace { edition: 1 }`".to_owned()
        }
        "include" | "includes" | "import" | "imports" | "extends" => {
            "another file is named by `use \"./other.rush\" as other`, then `other.build`".to_owned()
        }
        _ => {
            let task = if name.ends_with('s') { "build" } else { name };
            format!("a task is written `task {task} {{ .. }}`, with its commands in `run`")
        }
    };
    expected(range, format!("`{name}:` begins no item")).help(help)
}

/// RUSH0004: a script in a language that Rush does not start.
pub(crate) fn unknown_tag(range: TextRange, tag: &str) -> SyntaxError {
    expected(range, format!("`{tag}` is no language of scripts"))
        .help(format!("scripts begin with one of {}", SCRIPT_TAGS.join(", ")))
}

/// RUSH0005: two entries on one line.
pub(crate) fn missing_comma(range: TextRange, end: TextSize, what: &str) -> SyntaxError {
    SyntaxError::new(Code::MissingSeparator, range, format!("two {what} on one line need a comma"))
        .fix(SyntaxFix::automatic("insert a comma", vec![(TextRange::empty(end), ",".to_owned())]))
}

/// RUSH0004: the `:` of a `for` or an `if` begins a line; `end` is where the line before ends.
pub(crate) fn colon_on_next_line(colon: TextRange, word: &str, end: TextSize) -> SyntaxError {
    let edits = vec![(TextRange::empty(end), ":".to_owned()), (colon, String::new())];
    expected(colon, format!("the `:` of this `{word}` stands on the line of what it ends"))
        .fix(SyntaxFix::automatic("move the `:` up", edits))
}

/// RUSH0005: a condition and its message without the comma.
pub(crate) fn missing_message_comma(range: TextRange, end: TextSize) -> SyntaxError {
    let message = "a condition and its message need a comma between them";
    SyntaxError::new(Code::MissingSeparator, range, message)
        .fix(SyntaxFix::automatic("insert a comma", vec![(TextRange::empty(end), ",".to_owned())]))
}

/// RUSH0006: `=` where a field has `:`.
pub(crate) fn equals_for_colon(
    equals: TextRange,
    what: &str,
    edit: (TextRange, String),
) -> SyntaxError {
    let message = format!("{what} use `:`; `=` is for `let`");
    SyntaxError::new(Code::EqualsForColon, equals, message)
        .fix(SyntaxFix::automatic("write `:`", vec![edit]))
}

/// RUSH0007: a `#` comment.
pub(crate) fn hash_comment(range: TextRange, comment: &str) -> SyntaxError {
    let hash = TextRange::at(range.start(), TextSize::new(1));
    // Without the space `//!` and `///` would be documentation.
    let is_glued = comment.starts_with("#!") || comment.starts_with("#/");
    let ours = if is_glued { "// " } else { "//" };
    SyntaxError::new(Code::ForeignComment, hash, "comments start with `//`")
        .fix(SyntaxFix::automatic("write `//`", vec![(hash, ours.to_owned())]))
}

/// RUSH0007: a `/* .. */` comment, with what makes it `//` lines where that is plain.
pub(crate) fn block_comment(
    open: TextRange,
    edits: Option<Vec<(TextRange, String)>>,
) -> SyntaxError {
    let error = SyntaxError::new(Code::ForeignComment, open, "comments start with `//`")
        .help("Rush has no comments between `/*` and `*/`; each line has a `//` of its own");
    match edits {
        Some(edits) => error.fix(SyntaxFix::automatic("write `//`", edits)),
        None => error,
    }
}

/// RUSH0008: a line of an item at column 0.
pub(crate) fn column_zero(line: TextRange, item: &str) -> SyntaxError {
    let message = if item.is_empty() {
        "this line starts at column 0 but begins no item".to_owned()
    } else {
        format!("this line starts at column 0 inside `{item}`; indent it")
    };
    SyntaxError::new(Code::ColumnZero, line, message)
        .help("only items, comments and closing brackets start at column 0")
        .fix(SyntaxFix::automatic(
            "indent",
            vec![(TextRange::empty(line.start()), "  ".to_owned())],
        ))
}

/// RUSH0008: an item that is indented; `edits` move it to the first column.
pub(crate) fn indented_item(
    head: TextRange,
    written: &str,
    edits: Option<Vec<(TextRange, String)>>,
) -> SyntaxError {
    let message = format!("`{written}` is indented; items begin in the first column");
    let fix = |edits| SyntaxFix::automatic("move it to the first column", edits);
    SyntaxError::new(Code::ColumnZero, head, message)
        .help("only what is inside an item is indented")
        .opt_fix(edits.map(fix))
}

/// RUSH0008: lines indented with tabs.
pub(crate) fn tabs(first: TextRange, edits: Vec<(TextRange, String)>) -> SyntaxError {
    SyntaxError::new(Code::ColumnZero, first, "Rush is indented with spaces, not with tabs")
        .fix(SyntaxFix::automatic("indent with spaces", edits))
}

/// RUSH0009: a number nobody can read.
pub(crate) fn bad_number(range: TextRange, bad: BadNumber) -> SyntaxError {
    let error = SyntaxError::new(Code::UnknownUnit, range, bad.message);
    match bad.replacement {
        Some(text) => {
            error.fix(SyntaxFix::automatic(format!("write `{text}`"), vec![(range, text)]))
        }
        None => error.help(bad.help),
    }
}

/// RUSH0010: the nesting limit.
pub(crate) fn too_deep(range: TextRange) -> SyntaxError {
    SyntaxError::new(Code::TooDeep, range, "nesting is deeper than 128 levels")
        .help("give a part of it a name with `let`")
}

/// RUSH0004: a `\` before something it does not escape.
pub(crate) fn bad_escape(range: TextRange, message: String) -> SyntaxError {
    let backslash = TextRange::empty(range.start());
    expected(range, message)
        .help("the escapes are `\\n \\r \\t \\\\ \\\" \\$ \\u{..}`; `r\"..\"` has none")
        .fix(SyntaxFix::offered("double the `\\`", vec![(backslash, "\\".to_owned())]))
}

/// RUSH0004: a comma with nothing before it.
pub(crate) fn extra_comma(range: TextRange, message: String) -> SyntaxError {
    expected(range, message)
        .fix(SyntaxFix::automatic("remove the comma", vec![(range, String::new())]))
}

/// RUSH0004: something stands on a line of its own that belongs to the line above.
pub(crate) fn joined_line(
    range: TextRange,
    message: String,
    edit: (TextRange, String),
) -> SyntaxError {
    expected(range, message).fix(SyntaxFix::offered("join the lines", vec![edit]))
}

/// RUSH0004: `${}`.
pub(crate) fn empty_hole(range: TextRange) -> SyntaxError {
    let dollar = TextRange::empty(range.start());
    expected(range, "expected a value in this hole")
        .help("for the text `${`, write `\\${`")
        .fix(SyntaxFix::offered("write `\\${`", vec![(dollar, "\\".to_owned())]))
}

/// RUSH0004: a `\r` without the `\n` behind it; `gap` is what a line end takes the place of.
pub(crate) fn lone_return(gap: TextRange) -> SyntaxError {
    expected(gap, "a `\\r` stands alone here; lines end in `\\n` or `\\r\\n`")
        .fix(SyntaxFix::automatic("write a line end", vec![(gap, "\n".to_owned())]))
}

/// RUSH0004: text that belongs to no item.
pub(crate) fn outside_items(range: TextRange, message: String) -> SyntaxError {
    expected(range, message)
        .help("a file is a list of items such as `task build { .. }` and `let x = ..`")
}
