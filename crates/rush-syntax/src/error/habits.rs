//! What other languages write and Rush says otherwise, with one constructor per habit.
//!
//! What was meant is known where these are called; the words are here. All are RUSH0004 but the heads of
//! declarations, which are RUSH0101.

use rush_diagnostics::Code;
use text_size::{TextRange, TextSize};

use super::{SyntaxError, SyntaxFix, expected, expected_insert};

type Edits = Vec<(TextRange, String)>;

/// RUSH0004: a script between single quotes.
pub(crate) fn script_in_one_quote(
    script: TextRange,
    open: TextRange,
    close: TextRange,
) -> SyntaxError {
    let edits = [open, close].map(|it| (it, "\"\"\"".to_owned()));
    expected(script, "a script stands between `\"\"\"`, also on one line")
        .fix(SyntaxFix::automatic("write `\"\"\"`", edits.to_vec()))
}

/// RUSH0004: a text or a command over several lines, in the quotes of one line. `opener` is what it
/// has to open with; `block` is how it is written, and whether that is certain.
pub(crate) fn text_over_lines(
    first: TextRange,
    whole: TextRange,
    opener: &str,
    block: (String, bool),
) -> SyntaxError {
    let what = if opener == "\"\"\"" { "text" } else { "command" };
    let (text, is_certain) = block;
    let make = if is_certain { SyntaxFix::automatic } else { SyntaxFix::offered };
    expected(first, format!("a {what} over several lines stands between `{opener}` and `\"\"\"`"))
        .help(format!(
            "`{opener}` ends its line, the {what} is indented below it, and `\"\"\"` on a line of \
             its own closes it"
        ))
        .fix(make(format!("write `{opener}`"), vec![(whole, text)]))
}

/// RUSH0004: a text over several lines that begins behind its quotes. `first` is its first line,
/// `opener` how it opens.
pub(crate) fn block_begins_on_line(first: TextRange, opener: &str, fix: SyntaxFix) -> SyntaxError {
    let what = match opener {
        "\"\"\"" | "r\"\"\"" => "text",
        "argv\"\"\"" => "command",
        _ => "script",
    };
    expected(first, format!("a {what} over several lines begins below its `{opener}`"))
        .help(format!(
            "`{opener}` ends its line, the {what} is indented below it, and `\"\"\"` on a line of \
             its own closes it"
        ))
        .fix(fix)
}

/// What is said of a line that opens or closes code in Markdown. Of a file it is said once.
pub const FENCE: &str = "a line of backticks is Markdown, not Rush";

/// RUSH0004: a line that opens or closes code in Markdown.
pub(crate) fn fence(line: TextRange, with_newline: TextRange) -> SyntaxError {
    expected(line, FENCE)
        .help("a file has only what stands between two such lines")
        .fix(SyntaxFix::automatic("remove the line", vec![(with_newline, String::new())]))
}

/// RUSH0004: a text between single or typographic quotes.
pub(crate) fn foreign_quotes(whole: TextRange, content: &str) -> SyntaxError {
    let text =
        format!("\"{}\"", content.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${"));
    let title = format!("write `{text}`");
    let edits = vec![(whole, text)];
    // A `\` may have been meant as it stands, or as the escape it is elsewhere.
    let fix = if content.contains('\\') || content.contains("${") {
        SyntaxFix::offered(title, edits)
    } else {
        SyntaxFix::automatic(title, edits)
    };
    expected(whole, "a text stands between `\"` and `\"`").fix(fix)
}

/// RUSH0101: a declaration that opens with words of another language.
pub(crate) fn foreign_head(range: TextRange, written: &str, ours: &str) -> SyntaxError {
    let leaves_out = written.strip_suffix(ours).map(str::trim_end).filter(|it| !it.is_empty());
    let message = match leaves_out {
        Some(word) => format!("Rush has no `{word}`; leave it out"),
        None => format!("`{written}` is written `{ours}`"),
    };
    let error = SyntaxError::new(Code::UnknownKind, range, message);
    let error = match leaves_out {
        Some(_) => error.help("every name can be used elsewhere, but one that begins with `_`"),
        None => error,
    };
    error.fix(SyntaxFix::automatic(format!("write `{ours}`"), vec![(range, ours.to_owned())]))
}

/// RUSH0101: `alias b := build`, `set shell := [..]`
pub(crate) fn setting_of_just(word: TextRange, written: &str, name: &str) -> SyntaxError {
    let help = match (written, name) {
        ("alias", _) => format!("a task that only needs the other one is another name for it: `task {name} {{ needs: [..] }}`"),
        (_, "shell") => "each script says what runs it, as in `bash\"\"\"`".to_owned(),
        (_, "export") => "`env` of `workspace { defaults { .. } }` sets variables of all tasks".to_owned(),
        (_, "dotenv" | "dotenv_load" | "dotenv_filename") => {
            "files of variables are named in `env_files`, for all tasks in `workspace { defaults { .. } }`".to_owned()
        }
        _ => "`rush explain workspace` lists what a `workspace` sets for all tasks".to_owned(),
    };
    SyntaxError::new(
        Code::UnknownKind,
        word,
        format!("Rush has no `{written}` at the beginning of a line"),
    )
    .help(help)
}

/// An operator of another language; `edits` write it as Rush does.
pub(crate) fn foreign_operator(
    range: TextRange,
    theirs: &str,
    ours: &str,
    edits: Edits,
) -> SyntaxError {
    expected(range, format!("`{theirs}` is written `{ours}`")).fix(written_so(edits))
}

/// `a = b` where values are compared.
pub(crate) fn equals_for_comparison(range: TextRange) -> SyntaxError {
    expected(range, "`=` gives a value its name; to compare, write `==`")
        .fix(written_so(vec![(range, "==".to_owned())]))
}

/// `a & b`
pub(crate) fn single_ampersand(range: TextRange) -> SyntaxError {
    expected(range, "both of two conditions is written `&&`, and texts are joined by `+`")
}

/// `5 min` and `1h 30m`: `unit` is the second word, `ours` both as one.
pub(crate) fn unit_apart(whole: TextRange, unit: &str, ours: String) -> SyntaxError {
    let what = if unit.starts_with(|it: char| it.is_ascii_digit()) {
        "a duration is"
    } else {
        "a number and its unit are"
    };
    expected(whole, format!("{what} one word: `{ours}`")).fix(written_so(vec![(whole, ours)]))
}

/// `run: 'make'`: a command between the quotes of another language.
pub(crate) fn command_in_quotes(whole: TextRange, fix: SyntaxFix) -> SyntaxError {
    expected(whole, "a command stands between backticks").fix(fix)
}

/// `name?: string`, `name?: string = "x"`; `end` is that of the type.
pub(crate) fn optional_name(
    mark: TextRange,
    (name, ty): (&str, &str),
    has_default: bool,
    end: TextSize,
) -> SyntaxError {
    let error = expected(mark, "the `?` of what may be left out stands behind the type");
    let remove = (mark, String::new());
    if has_default {
        let ours = format!("{name}: {ty}");
        return error
            .help("what has a default may be left out without it")
            .fix(SyntaxFix::offered(format!("write `{ours}`"), vec![remove]));
    }
    let ours = format!("{name}: {ty}? = none");
    let add = (TextRange::empty(end), "? = none".to_owned());
    error.fix(SyntaxFix::offered(format!("write `{ours}`"), vec![remove, add]))
}

/// `string name`
pub(crate) fn type_before_name(whole: TextRange, ty: &str, name: &str) -> SyntaxError {
    let ours = format!("{name}: {ty}");
    expected(whole, format!("the type stands behind the name: `{ours}`"))
        .fix(SyntaxFix::offered(format!("write `{ours}`"), vec![(whole, ours)]))
}

/// `depends-on: [..]`; `own` is what Rush has for it.
pub(crate) fn dashed_field(range: TextRange, own: &str) -> SyntaxError {
    expected(range, format!("names of fields have no `-`; here this is written `{own}`"))
        .fix(SyntaxFix::automatic(format!("rename to `{own}`"), vec![(range, own.to_owned())]))
}

/// `MY-KEY: ..` in a record, of which only its type says whether any text is a key, as in `env`, or it has fields.
pub(crate) fn dashed_key(range: TextRange, written: &str) -> SyntaxError {
    let (text, field) = (format!("\"{written}\""), written.replace('-', "_"));
    expected(range, "names have no `-`")
        .help(format!("where any text is a key, write `{text}`; a field is written `{field}`"))
        .fix(SyntaxFix::offered(format!("write `{text}`"), vec![(range, text)]))
}

/// `[a { x: 1 }]`; `gap` reaches from behind the name to the end of the record.
pub(crate) fn arguments_in_braces(
    gap: TextRange,
    record: TextRange,
    (name, entries): (&str, &str),
) -> SyntaxError {
    let call = format!("{name}({entries})");
    expected(record, format!("arguments stand between parentheses: `{call}`"))
        .fix(SyntaxFix::offered(format!("write `{call}`"), vec![(gap, format!("({entries})"))]))
}

/// `${{ x }}`
pub(crate) fn hole_in_braces(hole: TextRange, inside: &str) -> SyntaxError {
    let ours = format!("${{{inside}}}");
    let title = format!("write `{ours}`");
    let edits = vec![(hole, ours.clone())];
    // What other tools have behind a dot, as in `github.sha`, is not there.
    let is_here = !inside.contains('.') || inside.starts_with("matrix.");
    let fix =
        if is_here { SyntaxFix::automatic(title, edits) } else { SyntaxFix::offered(title, edits) };
    expected(hole, format!("a value is written `{ours}`, with one pair of braces")).fix(fix)
}

/// `env:` and entries below it that are indented; `fix` writes the record.
pub(crate) fn indented_record(
    first: TextRange,
    field: &str,
    fix: Option<SyntaxFix>,
) -> SyntaxError {
    let found = expected(first, format!("the entries of `{field}` stand between `{{` and `}}`"))
        .help(format!("write `{field} {{`, then an entry a line, then `}}`"));
    match fix {
        Some(fix) => found.fix(fix),
        None => found,
    }
}

/// `list(string)`, `List<string>`, `string[]`
pub(crate) fn foreign_list(written: TextRange, element: &str) -> SyntaxError {
    let ours = format!("[{element}]");
    expected(written, format!("a list of `{element}` is written `{ours}`"))
        .fix(SyntaxFix::automatic(format!("write `{ours}`"), vec![(written, ours)]))
}

/// `Map<string, int>`
pub(crate) fn type_arguments(sign: TextRange) -> SyntaxError {
    expected(sign, "types take nothing between `<` and `>`")
        .help("a list is written `[string]`, a map from texts `map(string)`")
}

/// `c ? a : b`; `edits` write it with words.
pub(crate) fn ternary(question: TextRange, edits: Option<Edits>) -> SyntaxError {
    let fix = |edits| SyntaxFix::automatic("write `if .. then .. else ..`", edits);
    expected(question, "`a ? b : c` is written `if a then b else c`")
        .help("both values are needed, and have the type that is expected here")
        .opt_fix(edits.map(fix))
}

/// `needs: [//web:test]`
pub(crate) fn label_as_value(place: TextRange, label: &str) -> SyntaxError {
    expected(place, label_in_file(label)).help(crate::lex::instead_of_label(label))
}

/// The words for a label where `//` begins a comment.
pub fn label_in_file(label: &str) -> String {
    format!("`{label}` is a label, which only the command line takes; here `//` begins a comment")
}

/// `größe` as a name.
pub(crate) fn foreign_letters(range: TextRange, name: &str) -> SyntaxError {
    expected(range, format!("names have the letters a to z, digits and `_`, unlike `{name}`"))
        .help("so they can be typed everywhere; a text between quotes may hold any letter")
        .understood()
}

/// `f?.upper()`; `value` is what stands before the mark.
pub(crate) fn optional_chain(mark: TextRange, value: &str) -> SyntaxError {
    let is_short = value.len() <= 30 && !value.contains('\n');
    let value = if is_short { value } else { "x" };
    expected(mark, "`?.` is no operator; a value that may be none is asked first").help(format!(
        "write `if {value} == none then .. else {value}.` and the rest, or give a value for none \
         with `({value} ?? ..).`"
    ))
}

/// `1..3` where a value stands.
pub(crate) fn range_as_value(range: TextRange) -> SyntaxError {
    expected(range, "ranges stand in types only, as in `int(1..=9)`")
        .help("write the values one by one: `[1, 2, 3]`")
}

/// `argv "make all"`
pub(crate) fn quoted_command(whole: TextRange, content: &str) -> SyntaxError {
    expected(whole, "a command stands between backticks")
        .fix(written_so(vec![(whole, format!("`{content}`"))]))
}

/// `sh "make all"`
pub(crate) fn quoted_script(whole: TextRange, tag: &str, content: &str) -> SyntaxError {
    expected(whole, "a script stands between `\"\"\"`, also on one line")
        .fix(written_so(vec![(whole, format!("{tag}\"\"\"{content}\"\"\""))]))
}

/// `f"text"`: `place` is that of the word before the text.
pub(crate) fn prefix_of_text(place: TextRange, word: &str) -> SyntaxError {
    expected(place, format!("`{word}` before a text means nothing"))
        .help("a value in a text is written `${..}`; `r\"..\"` has neither values nor escapes")
        .fix(SyntaxFix::offered(format!("remove `{word}`"), vec![(place, String::new())]))
}

/// A list with an entry a line, each behind a `-`.
pub(crate) fn dashed_list(dash: TextRange, fix: Option<SyntaxFix>) -> SyntaxError {
    expected(dash, "a list stands between `[` and `]`")
        .help("its entries are separated by commas or new lines, without `-`")
        .opt_fix(fix)
}

/// `needs: a, b`; `list` is how it is written.
pub(crate) fn list_without_brackets(place: TextRange, list: &str) -> SyntaxError {
    let edits = vec![
        (TextRange::empty(place.start()), "[".to_owned()),
        (TextRange::empty(place.end()), "]".to_owned()),
    ];
    expected(place, "several values of one field stand between `[` and `]`")
        .help(format!("write the list `{list}`"))
        .fix(SyntaxFix::automatic(format!("write `{list}`"), edits))
}

/// How a list is made from another.
const FOR_EXAMPLE: &str = "as in `[for x in xs: x * 2]`";

/// A `for` in a list that can't be read.
pub(crate) fn broken_for(place: TextRange, message: &str) -> SyntaxError {
    expected(place, message).help(FOR_EXAMPLE)
}

/// A `for` with nothing behind it; the `:` stands at `at`.
pub(crate) fn for_without_element(word: TextRange, at: TextSize) -> SyntaxError {
    expected_insert(word, "expected `:` and an element after this `for`", at, ":").help(FOR_EXAMPLE)
}

/// `if x { a } else { b }`
pub(crate) fn if_with_braces(place: TextRange) -> SyntaxError {
    expected(place, "an `if` is written `if x then a else b`, without braces")
        .help("in a list, `if x: a` is what is there only sometimes")
}

/// `[for x in xs => x * 2]`, `[for x in xs { x * 2 }]` and others; `edits` write the `:`.
pub(crate) fn element_without_colon(place: TextRange, edits: Option<Edits>) -> SyntaxError {
    let error = broken_for(place, "a `:` stands between a `for` and its element");
    error.opt_fix(edits.map(|it| SyntaxFix::automatic("write `:`", it)))
}

/// `for x of xs`, `for x in xs where c:`.
pub(crate) fn word_in_for(place: TextRange, word: &str, ours: &str) -> SyntaxError {
    expected(place, format!("`{word}` is written `{ours}`"))
        .help("as in `[for x in xs if x > 1: x * 2]`")
        .fix(written_so(vec![(place, ours.to_owned())]))
}

/// `[if c then a]`; `then` with the blanks before it becomes a `:`.
pub(crate) fn then_before_element(place: TextRange, then: TextRange) -> SyntaxError {
    let message = "this `if` has no `else`; what is in a list only sometimes stands behind a `:`";
    expected(place, message)
        .help("as in `[if c: x]`")
        .fix(SyntaxFix::offered("write `:`", vec![(then, ":".to_owned())]))
}

/// `x => x * 2`
pub(crate) fn anonymous_function(place: TextRange) -> SyntaxError {
    expected(place, "functions have a name")
        .help("write `fn double(x: int) = x * 2`, and for each of a list `[for x in xs: x * 2]`")
}

/// A `for` where a value stands.
pub(crate) fn for_outside_list(place: TextRange) -> SyntaxError {
    expected(place, "a `for` stands in a list").help(FOR_EXAMPLE)
}

/// `[x * 2 for x in xs]`; `edit` turns it round.
pub(crate) fn element_before_for(word: TextRange, edit: (TextRange, String)) -> SyntaxError {
    expected(word, "`for` stands before the element, and a `:` between them")
        .help(FOR_EXAMPLE)
        .fix(written_so(vec![edit]))
}

/// `if a {` and other statements among the fields of a record.
pub(crate) fn statement_in_record(place: TextRange, word: &str) -> SyntaxError {
    expected(place, format!("`{word}` can't stand where a field does")).help(
        "a record has fields only; write `run: if x then a else b` for one of two values, and \
         `[for x in xs: ..]` for a list",
    )
}

/// `task inner {` inside another declaration.
pub(crate) fn declaration_in_record(place: TextRange, head: &str) -> SyntaxError {
    expected(place, format!("`{head}` can't stand inside another declaration"))
        .help("declarations begin at column 0")
}

/// `$name` and `${name}` where a value stands.
pub(crate) fn dollar_before_name(whole: TextRange, fix: Option<SyntaxFix>) -> SyntaxError {
    expected(whole, "a value is written by its name, without `$`")
        .help("`${..}` stands in texts and commands only")
        .opt_fix(fix)
}

/// `run: cargo build`
pub(crate) fn bare_command(written: TextRange, fix: Option<SyntaxFix>) -> SyntaxError {
    expected(written, "a command stands between backticks")
        .help("a script of a shell stands between `sh\"\"\"` and `\"\"\"`")
        .opt_fix(fix)
}

/// `run: |` and the lines below it.
pub(crate) fn block_of_lines(mark: TextRange, fix: Option<SyntaxFix>) -> SyntaxError {
    expected(mark, "a text over several lines stands between `\"\"\"`")
        .help("`sh\"\"\"` opens a script, and `\"\"\"` on a line of its own closes it")
        .opt_fix(fix)
}

/// `match x {`, `switch x {`
pub(crate) fn choice(place: TextRange, word: &str) -> SyntaxError {
    expected(place, format!("there is no `{word}`: a value is chosen by a key or by `if`")).help(
        "write the record of all values and index it, as in `{ dev: 1, prod: 6 }[target]`, or \
         `if a then b else c`",
    )
}

/// `task a: base {`; `gap` is what stands between the two names, if there is one base only. Elsewhere
/// a `:` also stands before what is to be done first, so it is for the author to say.
pub(crate) fn base_without_extends(sign: TextRange, gap: Option<TextRange>) -> SyntaxError {
    let fix = |gap| SyntaxFix::offered("write `extends`", vec![(gap, " extends ".to_owned())]);
    expected(sign, "a template is named after `extends`")
        .help("as in `task build extends base { .. }`; what runs before it stands in `needs`")
        .opt_fix(gap.map(fix))
}

/// `task test:unit {`; `name` is how the whole is written.
pub(crate) fn sign_in_name(written: TextRange, sign: &str, name: &str) -> SyntaxError {
    let edits = vec![(written, name.to_owned())];
    expected(written, format!("names have no `{sign}`; write `{name}`"))
        .help("a template is named after `extends`, as in `task build extends base { .. }`")
        .fix(SyntaxFix::offered(format!("write `{name}`"), edits))
}

/// `extends a, b`
pub(crate) fn several_bases(place: TextRange) -> SyntaxError {
    expected(place, "a declaration extends one template only").help(
        "let one template extend the other, or take single fields over, as in \
         `inputs: other.inputs`",
    )
}

/// A second item on a line; `gap` is the white space before its `head`.
pub(crate) fn item_on_line(place: TextRange, head: &str, gap: TextRange) -> SyntaxError {
    expected(place, format!("`{head}` begins a line of its own"))
        .help("each item begins at column 0")
        .fix(SyntaxFix::automatic("write it on a new line", vec![(gap, "\n".to_owned())]))
}

/// `use "./web.rush"`
pub(crate) fn use_without_as(place: TextRange, fix: Option<SyntaxFix>) -> SyntaxError {
    expected(place, "expected `as` and a name")
        .help("what a file declares is reached by that name, as in `web.build`")
        .opt_fix(fix)
}

/// `*args`: what is left over, as other languages write it.
pub(crate) fn starred_param(place: TextRange, name: &str) -> SyntaxError {
    let ours = format!("...{name}: [string]");
    expected(place, "what stands behind `--` is a parameter with `...`")
        .fix(SyntaxFix::offered(format!("write `{ours}`"), vec![(place, ours)]))
}

/// Writes it as Rush does; one edit names what it writes.
fn written_so(edits: Edits) -> SyntaxFix {
    let title = match edits.as_slice() {
        [(_, ours)] => format!("write `{}`", ours.trim()),
        _ => "write it so".to_owned(),
    };
    SyntaxFix::automatic(title, edits)
}
