//! What a finding about a script looks like to its author: one constructor per code.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Span};
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use super::code::{CodeReader, Remedy};
use super::lint::ScopeNames;
use super::site::{Site, is_name, is_reserved, text_literal, with_fix};
use super::variables::Harm;
use super::{Context, ForeignHole, Language, Quoting, ScriptFacts, SecondShell, VarUse};

pub(super) fn unknown_name(
    language: Language,
    variable: &VarUse,
    near: &str,
    site: &Site<'_>,
) -> Diagnostic {
    let name = &variable.name;
    let or_default = match language {
        Language::Sh | Language::Bash | Language::Zsh => format!("write `${{{name}:-}}` or "),
        _ => String::new(),
    };
    let edit = Edit::replace(site.item, variable.name_range, near);
    Diagnostic::new(
        Code::UnknownShellName,
        site.span(variable.range),
        format!(
            "`${name}` is not a parameter, `let` or `env` of this task; did you mean `${near}`?"
        ),
    )
    .help(format!("if the variable comes from outside, {or_default}name it in `pass_env`"))
    .fix(Fix::offered(format!("write `{near}`"), vec![edit]))
}

pub(super) fn unquoted(variable: &VarUse, site: &Site<'_>) -> Diagnostic {
    let source = site.source(variable.range);
    let diagnostic = Diagnostic::new(
        Code::UnquotedVariable,
        site.span(variable.range),
        format!("`{source}` may split into several words; quote it"),
    )
    .note("without quotes, a shell splits the value at blanks and replaces `*` by names of files")
    .help(format!("write `\"{source}\"`; for several arguments use a list and `.args(list)`"));
    if variable.is_in_backticks || source.contains('"') {
        return diagnostic;
    }
    let edit = Edit::replace(site.item, variable.range, format!("\"{source}\""));
    diagnostic.fix(Fix::offered("quote it", vec![edit]))
}

pub(super) fn single_quoted(variable: &VarUse, site: &Site<'_>) -> Diagnostic {
    let source = site.source(variable.range);
    Diagnostic::new(
        Code::SingleQuotedVariable,
        site.span(variable.range),
        format!("`{source}` is not expanded inside `'...'`"),
    )
    .help(format!("use double quotes around it: `'...'\"{source}\"'...'`"))
}

pub(super) fn second_shell(shell: &SecondShell, variable: &VarUse, site: &Site<'_>) -> Diagnostic {
    let name = &variable.name;
    let program = shell.program.as_str();
    let help = match shell.remedy {
        Remedy::Input if variable.is_in_inner_quotes => format!(
            "send the value on standard input, or quote it for the other shell: `${{{name}@Q}}` in bash, where no quote \
             of that shell is open"
        ),
        Remedy::Input => format!(
            "send the value on standard input, or quote it for the other shell: \
             `${{{name}@Q}}` in bash"
        ),
        Remedy::Name => format!("put the code in `'...'`: it then reads `\"${name}\"` itself"),
        Remedy::Argument => format!(
            "put the code in `'...'` and give it the value behind it: \
             `{program} -c '... \"$1\"' {program} \"${name}\"`"
        ),
        Remedy::UserArgument => format!(
            "put the code in `'...'` and give it the value behind `--`: \
             `{program} USER -c '... \"$1\"' -- sh \"${name}\"`"
        ),
        Remedy::Variable if variable.context == Context::HereDocument => format!(
            "quote the word behind `<<`, as in `<<'END'`: `{name}` is in the environment, so the second shell reads \
             `\"${name}\"` itself"
        ),
        Remedy::Variable if shell.reader == CodeReader::Shell => format!(
            "put the code in `'...'`: `{name}` is in the environment, so the second shell reads \
             `\"${name}\"` itself"
        ),
        Remedy::Variable => format!(
            "put the code in `'...'`: `{name}` is in the environment, and the code can read it there"
        ),
        Remedy::HandedOn if variable.context == Context::HereDocument => format!(
            "quote the word behind `<<`, as in `<<'END'`, and write `env {name}=\"${name}\"` before `{program}`: the \
             second shell reads `\"${name}\"` itself"
        ),
        Remedy::HandedOn => format!(
            "put the code in `'...'` and `env {name}=\"${name}\"` before `{program}`: the code can read it from its \
             environment"
        ),
    };
    read_as_code((&shell.program, shell.reader), &format!("${name}"), site.span(variable.range))
        .help(help)
}

/// RUSH0306: `value` becomes part of what a program reads as code.
pub fn read_as_code((program, reader): (&str, CodeReader), value: &str, at: Span) -> Diagnostic {
    let who = match reader {
        CodeReader::Shell => "a second shell".to_owned(),
        CodeReader::Interpreter => format!("`{program}`"),
    };
    Diagnostic::new(Code::SecondShell, at, format!("{who} would read `{value}` as code"))
        .label(format!("`{program}` runs this text after the value was put in"))
}

pub(super) fn list_in_script(
    variable: &VarUse,
    site: &Site<'_>,
    facts: &ScriptFacts,
) -> Diagnostic {
    let name = &variable.name;
    let diagnostic = Diagnostic::new(
        Code::ListInScript,
        site.span(variable.range),
        format!("the list `{name}` can't be an environment variable; use `.args({name})`"),
    )
    .help(format!("write `\"$@\"` in the script and `.args({name})` after its closing quotes"));
    let other_uses = facts.uses.iter().filter(|it| it.name == *name).count();
    match site.args {
        Some(end) if other_uses == 1 && !facts.reads_arguments => {
            diagnostic.fix(pass_as_arguments(variable.range, variable.quoting, name, (site, end)))
        }
        Some(_) | None => diagnostic,
    }
}

fn pass_as_arguments(
    range: TextRange,
    quoting: Quoting,
    list: &str,
    (site, end): (&Site<'_>, TextSize),
) -> Fix {
    let arguments = match quoting {
        Quoting::Unquoted => "\"$@\"",
        Quoting::DoubleQuoted | Quoting::SingleQuoted => "$@",
    };
    let edits = vec![
        Edit::replace(site.item, range, arguments),
        Edit::replace(site.item, TextRange::empty(end), format!(".args({list})")),
    ];
    Fix::offered(format!("pass it with `.args({list})`"), edits)
}

pub(super) fn record_in_script(variable: &VarUse, site: &Site<'_>) -> Diagnostic {
    let name = &variable.name;
    Diagnostic::new(
        Code::ListInScript,
        site.span(variable.range),
        format!("the record `{name}` can't be an environment variable"),
    )
    .help(format!("name the field you need: `let field = {name}.field`, then `$field`"))
}

pub(super) fn whole_in_script(variable: &VarUse, what: &str, site: &Site<'_>) -> Diagnostic {
    let name = &variable.name;
    let help = match what {
        "command" => {
            "a command runs by itself, as in `run: [first, second]`; what it prints is no value of \
             Rush"
        }
        _ => "only values with a text form are passed: texts, numbers, paths, `true` and `false`",
    };
    Diagnostic::new(
        Code::ListInScript,
        site.span(variable.range),
        format!("the {what} `{name}` can't be an environment variable"),
    )
    .help(help)
}

pub(super) fn secret_in_script(variable: &VarUse, site: &Site<'_>) -> Diagnostic {
    let name = &variable.name;
    let key = name.to_ascii_uppercase();
    let entry = format!("{key}: {name}");
    let fix = site.insert_entry("env", site.env, &entry).map(|insert| {
        let rename = Edit::replace(site.item, variable.name_range, key.clone());
        Fix::offered(format!("pass it as `env {{ {entry} }}`"), vec![insert, rename])
    });
    let diagnostic = Diagnostic::new(
        Code::SecretLeak,
        site.span(variable.range),
        format!("the secret `{name}` is not passed to a script by its name alone"),
    )
    .help(format!("put it in `env {{ {entry} }}` and read `\"${key}\"`"));
    with_fix(diagnostic, fix)
}

pub(super) fn harmful_export(
    name: &SmolStr,
    first: Option<&VarUse>,
    harm: Harm,
    site: &Site<'_>,
) -> Diagnostic {
    let range = first.map_or(site.literal, |it| it.range);
    Diagnostic::new(
        Code::HarmfulExport,
        site.span(range),
        format!("exporting a value named `{name}` would break the script"),
    )
    .note(format!(
        "a script gets the values it uses as environment variables; {}",
        harm.consequence()
    ))
    .help(format!("give it another name, or `let {name}_value = {name}` and read `${name}_value`"))
}

pub(super) fn hole_in_script(
    hole: &ForeignHole,
    names: &ScopeNames,
    site: &Site<'_>,
) -> Diagnostic {
    let written = hole.expression.as_str();
    let diagnostic = Diagnostic::new(
        Code::HoleInScript,
        site.span(hole.range),
        format!("`${{{written}}}` is no shell expansion"),
    )
    .note("a script is passed on as it is written; only plain names of values reach it");
    // As CI services write it: `${{ x }}`.
    let inner = written.strip_prefix('{').and_then(|it| it.strip_suffix('}')).map(str::trim);
    let expression = inner.unwrap_or(written);
    if names.values.get(expression).is_some_and(|it| it.is_variable()) {
        let variable = variable(expression, hole.quoting);
        let edit = Edit::replace(site.item, hole.range, variable.as_str());
        return diagnostic
            .help(format!("a script gets the value as a variable: `\"${expression}\"`"))
            .fix(Fix::offered(format!("write `{variable}`"), vec![edit]));
    }
    if expression.is_empty() || is_name(expression) {
        return diagnostic;
    }
    let Some(list) = expression.strip_prefix("...") else {
        return with_let(diagnostic, expression, hole, site);
    };
    let diagnostic =
        diagnostic.help(format!("write `\"$@\"` and `.args({list})` after the closing quotes"));
    match site.args {
        Some(end) if is_name(list) => {
            diagnostic.fix(pass_as_arguments(hole.range, hole.quoting, list, (site, end)))
        }
        Some(_) | None => diagnostic,
    }
}

fn with_let(
    diagnostic: Diagnostic,
    expression: &str,
    hole: &ForeignHole,
    site: &Site<'_>,
) -> Diagnostic {
    let name = site.let_name(expression, &[]);
    let diagnostic = diagnostic
        .help(format!("write `let {name} = {expression}` before it, and `${{{name}}}` here"));
    if !is_expression(expression) {
        return diagnostic;
    }
    let variable = variable(&name, hole.quoting);
    let fix = site.insert_member(&format!("let {name} = {expression}")).map(|insert| {
        let replace = Edit::replace(site.item, hole.range, variable);
        Fix::offered(format!("insert `let {name} = {expression}`"), vec![insert, replace])
    });
    with_fix(diagnostic, fix)
}

/// How a script reads a variable as one word.
fn variable(name: &str, quoting: Quoting) -> String {
    match quoting {
        Quoting::Unquoted => format!("\"${{{name}}}\""),
        Quoting::DoubleQuoted | Quoting::SingleQuoted => format!("${{{name}}}"),
    }
}

/// Whether the text looks like an expression of the language that a `let` can hold.
fn is_expression(text: &str) -> bool {
    let starts_well =
        text.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_' || it == '(');
    let opened = text.matches(['(', '[', '{']).count();
    let closed = text.matches([')', ']', '}']).count();
    starts_well && opened == closed && !is_reserved(text) && !text.contains('\n')
}

pub(super) fn uncovered(variable: &VarUse, site: &Site<'_>) -> Diagnostic {
    let name = &variable.name;
    let fix = site
        .insert_entry("pass_env", site.pass_env, &text_literal(name))
        .map(|edit| Fix::offered(format!("add `{name}` to `pass_env`"), vec![edit]));
    let diagnostic = Diagnostic::new(
        Code::UncoveredVariable,
        site.span(variable.range),
        format!("`${name}` is not covered by the cache key, so this task does not get it"),
    )
    .note("a task with `inputs` sees only variables whose values its cache key covers")
    .help(format!("name it in `pass_env: [\"{name}\"]`, or give it a value in `env`"));
    with_fix(diagnostic, fix)
}
