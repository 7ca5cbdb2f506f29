//! What a problem of a command looks like to its author: one constructor per code.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Severity};
use rush_syntax::ast::Part;
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use super::{Argv, Assignment, Piece, Problem, to_shell};
use crate::shell::site::{Site, push_text, with_fix};

/// Diagnostics for all problems of a command.
pub fn reports(argv: &Argv, parts: &[Part], site: &Site<'_>) -> Vec<Diagnostic> {
    let problems = argv.problems.iter().map(|problem| report(problem, parts, site));
    problems.chain(word_of_a_shell(argv, parts, site)).collect()
}

/// A command whose program is known to shells only. On some systems there is one of that name, which can do
/// nothing for the commands behind it.
fn word_of_a_shell(argv: &Argv, parts: &[Part], site: &Site<'_>) -> Option<Diagnostic> {
    let first = argv.words.first().filter(|_| argv.problems.is_empty())?;
    let [Piece::Text { value, .. }] = first.pieces.as_slice() else { return None };
    let help = instead_of(value)?;
    let message = format!("`{value}` only works in a shell; this command runs without one");
    let found = Diagnostic::new(Code::ShellSyntax, site.span(first.range), message)
        .severity(Severity::Warning)
        .help(help);
    Some(with_fix(found, to_shell(parts, site)))
}

/// What to write instead of a program that only shells know; `None` for all others.
pub(super) fn instead_of(program: &str) -> Option<&'static str> {
    Some(match program {
        "cd" | "pushd" | "popd" => {
            "the directory of all commands of a task is its field `dir`; for a shell write `sh\"\"\"`"
        }
        "export" | "unset" => {
            "variables are set in the field `env` of the task; for a shell write `sh\"\"\"`"
        }
        "source" => "a file of variables is named in `env_files`; for a shell write `sh\"\"\"`",
        _ => return None,
    })
}

fn report(problem: &Problem, parts: &[Part], site: &Site<'_>) -> Diagnostic {
    match problem {
        Problem::Operator { text, range, is_quotable } => {
            let diagnostic = shell_syntax(text, *range, site);
            let mut fix = to_shell(parts, site);
            if let Some(fix) = &mut fix {
                fix.is_automatic = is_surely_shell(text, *range, site);
            }
            let diagnostic = with_fix(diagnostic, fix);
            if *is_quotable { diagnostic.fix(quote_sign(*range, site)) } else { diagnostic }
        }
        Problem::Dollar { name, range } => {
            let diagnostic = dollar_name(name, *range, site);
            with_fix(diagnostic, to_shell(parts, site))
        }
        Problem::Assignments { assignments, range, has_program } => {
            let fix = if *has_program { move_to_env(assignments, *range, site) } else { None };
            let diagnostic = with_fix(leading_assignment(assignments, *range, site), fix);
            with_fix(diagnostic, to_shell(parts, site))
        }
        Problem::Tilde { range } => {
            let diagnostic = leading_tilde(*range, site);
            let diagnostic = with_fix(diagnostic, to_shell(parts, site));
            diagnostic.fix(escape_sign("write a plain `~`", *range, site))
        }
        Problem::Escape { escaped, range } => bad_escape(*escaped, *range, site),
        Problem::UnclosedQuote { quote, range } => unclosed_quote(*quote, *range, site),
        Problem::SpreadInWord { range } => spread_in_word(*range, site),
        Problem::Empty => empty_command(site),
    }
}

/// Whether a sign was meant for a shell for certain: a word of its own between other words.
fn is_surely_shell(sign: &str, range: TextRange, site: &Site<'_>) -> bool {
    let one = TextSize::new(1);
    let around = TextRange::new(range.start() - one, range.end() + one);
    let has_blanks = site.source(around).strip_prefix(' ').is_some_and(|rest| rest.ends_with(' '));
    matches!(sign, "|" | "&&" | "||" | ">" | ">>") && has_blanks
}

fn shell_syntax(sign: &str, range: TextRange, site: &Site<'_>) -> Diagnostic {
    let help = match sign {
        "*" => {
            "for names of files write `${...files(\"src/*.c\")}`, for a plain `*` put it in \
                quotes, for a shell write `sh\"\"\"`"
        }
        "&" => "to run things side by side use `needs`; for a shell write `sh\"\"\"`",
        "&&" | ";" => {
            "write a list of commands: each runs after the one before succeeded; for a \
                       shell write `sh\"\"\"`"
        }
        _ => {
            "put the command into a script: `sh\"\"\"` ... `\"\"\"`; each `${...}` in it must \
              then be the plain name of a value, and a list goes through `.args(list)`"
        }
    };
    Diagnostic::new(
        Code::ShellSyntax,
        site.span(range),
        format!("`{sign}` only works in a shell; this command runs without one"),
    )
    .help(help)
}

fn dollar_name(name: &str, range: TextRange, site: &Site<'_>) -> Diagnostic {
    let message = format!("`${name}` means nothing without a shell");
    let diagnostic = Diagnostic::new(Code::DollarName, site.span(range), message);
    let escape = escape_sign("write a plain `$`", range, site);
    if (site.is_taken)(name) {
        let edit = Edit::replace(site.item, range, format!("${{{name}}}"));
        return diagnostic
            .help(format!("a value of this file is written `${{{name}}}`"))
            .fix(Fix::offered(format!("write `${{{name}}}`"), vec![edit]))
            .fix(escape);
    }
    diagnostic
        .help("write `${name}` for a value of this file, `\\$` for a plain `$`, or use `sh\"\"\"`")
        .fix(escape)
}

fn leading_assignment(assignments: &[Assignment], range: TextRange, site: &Site<'_>) -> Diagnostic {
    let names: Vec<String> = assignments.iter().map(|it| format!("`{}=`", it.name)).collect();
    let verb = if names.len() == 1 { "sets" } else { "set" };
    Diagnostic::new(
        Code::LeadingAssignment,
        site.span(range),
        format!("{} before a command {verb} a variable only in a shell", names.join(", ")),
    )
    .note("without a shell, the first word is the program to start")
    .help("move it to the field `env`, or use `sh\"\"\"`")
}

fn leading_tilde(range: TextRange, site: &Site<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::LeadingTilde,
        site.span(range),
        "`~` is the home directory only in a shell; this command runs without one",
    )
    .help("use `sh\"\"\"`, or write `\"~\"` for a plain `~`")
}

fn bad_escape(escaped: Option<char>, range: TextRange, site: &Site<'_>) -> Diagnostic {
    match escaped {
        Some('\n') => Diagnostic::new(
            Code::ExpectedSyntax,
            site.span(range),
            "a `\\` at the end of a line is not needed: all lines are one command",
        )
        .help("remove the `\\`")
        .fix(Fix::automatic("remove the `\\`", vec![remove_first(range, site)])),
        Some(sign) => {
            let insert = Edit::replace(site.item, TextRange::empty(range.start()), "\\");
            Diagnostic::new(
                Code::ExpectedSyntax,
                site.span(range),
                format!("`\\{sign}` means nothing in a command"),
            )
            .help("write `\\\\` for a plain `\\`, or put the word in `'...'`")
            .fix(Fix::offered("write `\\\\`", vec![insert]))
        }
        None => Diagnostic::new(
            Code::ExpectedSyntax,
            site.span(range),
            "nothing follows this `\\` that it could apply to",
        )
        .help("write `\\\\` for a plain `\\`"),
    }
}

fn unclosed_quote(quote: char, range: TextRange, site: &Site<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::UnclosedText,
        site.span(range),
        format!("this `{quote}` is never closed in the command"),
    )
    .help(format!("close it, or write `\\{quote}` for a plain `{quote}`"))
    .fix(escape_sign(&format!("write a plain `{quote}`"), range, site))
}

fn spread_in_word(range: TextRange, site: &Site<'_>) -> Diagnostic {
    let source = site.source(range);
    Diagnostic::new(
        Code::ListInArgument,
        site.span(range),
        format!("a list can't be part of one argument; `{source}` must be a word of its own"),
    )
    .help("put blanks around it and no quotes; to join a list into one text use `.join(\",\")`")
}

fn empty_command(site: &Site<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::ExpectedSyntax,
        site.span(site.literal),
        "expected a program: this command is empty",
    )
    .help("write the program and its arguments between the quotes")
}

/// `env { NAME: "value" }` instead of `NAME=value` before the program.
fn move_to_env(assignments: &[Assignment], range: TextRange, site: &Site<'_>) -> Option<Fix> {
    let entries: Option<Vec<String>> = assignments
        .iter()
        .map(|it| Some(format!("{}: {}", it.name, value_literal(&it.value, site)?)))
        .collect();
    let insert = site.insert_entry("env", site.env, &entries?.join(", "))?;
    let remove = Edit::replace(site.item, range, "");
    Some(Fix::offered("move it to `env`", vec![insert, remove]))
}

fn value_literal(pieces: &[Piece], site: &Site<'_>) -> Option<String> {
    let mut literal = String::from("\"");
    for piece in pieces {
        match piece {
            Piece::Text { value, .. } => push_text(&mut literal, value),
            Piece::Hole { range, .. } => literal.push_str(site.source(*range)),
            Piece::Spread { .. } => return None,
        }
    }
    literal.push('"');
    Some(literal)
}

fn quote_sign(range: TextRange, site: &Site<'_>) -> Fix {
    let sign: SmolStr = site.source(range).into();
    let edit = Edit::replace(site.item, range, format!("'{sign}'"));
    Fix::offered(format!("write a plain `{sign}`"), vec![edit])
}

fn escape_sign(title: &str, range: TextRange, site: &Site<'_>) -> Fix {
    let source = site.source(range);
    let text = if source.starts_with('~') { "'~'".to_owned() } else { format!("\\{source}") };
    Fix::offered(title, vec![Edit::replace(site.item, range, text)])
}

fn remove_first(range: TextRange, site: &Site<'_>) -> Edit {
    Edit::replace(site.item, TextRange::at(range.start(), TextSize::new(1)), "")
}
