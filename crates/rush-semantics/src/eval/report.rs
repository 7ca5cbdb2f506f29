//! What evaluation can find wrong: one constructor for each message.

use rush_diagnostics::{Code, Diagnostic, Span, nearest};
use rush_plan::PathError;
use smol_str::SmolStr;

use super::{NODES_MAX, STEPS_MAX};
use crate::report::grouped;

pub(super) fn too_many_steps(span: Span) -> Diagnostic {
    let message = format!("this needs more than {} steps", grouped(STEPS_MAX as usize));
    Diagnostic::new(Code::BudgetExceeded, span, message)
        .help("make the lists shorter, or let a program do this work")
}

/// RUSH0301, as a warning: a pattern from `outputs` in a command.
pub(super) fn pattern_as_argument(span: Span, pattern: &str) -> Diagnostic {
    let message =
        format!("the program gets the pattern `{pattern}` itself, not the names of files");
    Diagnostic::new(Code::ShellSyntax, span, message)
        .severity(rush_diagnostics::Severity::Warning)
        .note("only a shell replaces a pattern by names, and this command runs without one")
        .help("name each file in `outputs`, or write the pattern into a script: `sh\"\"\"`")
}

pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::BudgetExceeded, span, "this is nested too deeply to be computed")
        .note("functions that call functions, and expressions inside expressions, count")
        .help("split it into several `let` items")
}

pub(super) fn too_many_nodes(span: Span) -> Diagnostic {
    let message = format!("this plan needs more than {} nodes", grouped(NODES_MAX));
    Diagnostic::new(Code::BudgetExceeded, span, message)
        .help("ask for fewer tasks at once, or make the matrices smaller")
}

pub(super) fn circular(span: Span, way: &[String]) -> Diagnostic {
    let name = way.first().map_or("this", String::as_str);
    let message = format!("`{name}` depends on itself: {}", way.join(" -> "));
    Diagnostic::new(Code::Circular, span, message)
}

/// RUSH0401 where the calls in `needs` hang on a parameter that they give.
pub(super) fn needs_hang_on_themselves(
    span: Span,
    asker: &str,
    service: &str,
    name: &str,
) -> Diagnostic {
    let message = format!(
        "`{asker}.needs` depends on itself: it asks for `{service}.{name}`, and says which `{service}` that is"
    );
    Diagnostic::new(Code::Circular, span, message).help(format!(
        "give the value a name by `let` and use that in both places, or write `{service}().{name}` for the default"
    ))
}

pub(super) fn division_by_zero(span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadComputation, span, "division by zero")
}

pub(super) fn overflow(span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadComputation, span, "the result is too large")
        .note("whole numbers, durations and sizes have 64 bits")
}

pub(super) fn index_out_of_range(span: Span, index: i64, length: usize) -> Diagnostic {
    let message = format!("there is no element {index} in a list of {length}");
    Diagnostic::new(Code::BadComputation, span, message).note("the first element has the index 0")
}

/// "`a`, `b` and `c`", shortened when there are many.
pub(super) fn list(names: &[&str]) -> String {
    const NAMES_MAX: usize = 12;
    let shown = names.iter().take(NAMES_MAX).map(|it| format!("`{it}`")).collect::<Vec<_>>();
    if names.len() > NAMES_MAX {
        return format!("{} and {} more", shown.join(", "), names.len() - NAMES_MAX);
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

pub(super) fn no_text_form(span: Span, kind: &str) -> Diagnostic {
    let code = match kind {
        "`none`" => Code::MaybeNone,
        "a list" => Code::ListInArgument,
        _ => Code::TypeMismatch,
    };
    Diagnostic::new(code, span, format!("{kind} can't be part of a text"))
}

pub(super) fn secret_leak(span: Span) -> Diagnostic {
    Diagnostic::new(Code::SecretLeak, span, "a secret can't become text, an argument or a log line")
        .help("put it in `env` or `stdin`")
}

pub(super) fn bad_read(span: Span, what: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::BadComputation, span, format!("{what} can't be used: {why}"))
}

pub(super) fn bad_glob(span: Span, pattern: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::BadGlob, span, format!("bad glob `{pattern}`: {why}"))
}

pub(super) fn bad_regex(span: Span, pattern: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::BadRegex, span, format!("bad regular expression `{pattern}`: {why}"))
}

pub(super) fn outside(span: Span, path: &str, why: PathError) -> Diagnostic {
    Diagnostic::new(Code::OutsideWorkspace, span, format!("{why}: `{path}`"))
        .help(help_outside(path))
}

/// What to write instead of a path that leaves the workspace.
pub(super) fn help_outside(path: &str) -> &'static str {
    if path.starts_with('/') && !path.starts_with("//") {
        "a file of the system is a text and no `path`; a leading `//` means the workspace root"
    } else {
        "paths are relative to the package; a leading `//` means the workspace root"
    }
}

pub(super) fn check_failed(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(Code::CheckFailed, span, format!("check failed: {message}"))
        .label("this is false")
}

pub(super) fn exclude_no_cell(span: Span, entry: &str) -> Diagnostic {
    Diagnostic::new(Code::ExcludeNoCell, span, format!("`exclude` names no cell: {entry}"))
}

/// Says in RUSH0506 that an axis lacks the value.
pub(super) fn no_such_axis_value(
    diagnostic: Diagnostic,
    axis: &str,
    value: &str,
    known: &[String],
) -> Diagnostic {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = nearest(value, known.iter().copied()).question("");
    let diagnostic = diagnostic
        .label(format!("`{axis}` is never {value}"))
        .note(format!("`{axis}` has the values {}", list(&known)));
    match near {
        Some(near) => diagnostic.help(near),
        None => diagnostic,
    }
}

pub(super) fn no_such_cell(span: Span, task: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::NotAMember, span, format!("the matrix of `{task}` has no cell {wanted}"))
}

pub(super) fn needs_cycle(span: Span, labels: &[String]) -> Diagnostic {
    let message = format!("tasks need each other in a circle: {}", labels.join(" -> "));
    Diagnostic::new(Code::NeedsCycle, span, message)
}

pub(super) fn skipped_outputs(span: Span, user: &str, skipped: &str) -> Diagnostic {
    let message = format!("`{user}` reads the outputs of `{skipped}`, which `when` removes");
    Diagnostic::new(Code::SkippedOutputs, span, message)
        .help("give both the same `when`, or read the outputs only when they are there")
}

pub(super) fn missing_value(span: Span, who: &str, param: &str) -> Diagnostic {
    let message = format!("`{who}` needs a value for `{param}`");
    Diagnostic::new(Code::MissingArgument, span, message)
}

pub(super) fn missing_field(span: Span, kind: &str, field: &str) -> Diagnostic {
    Diagnostic::new(Code::MissingField, span, format!("`{kind}` needs the field `{field}`"))
}

pub(super) fn does_not_fit(span: Span, problem: &super::convert::Problem) -> Diagnostic {
    let diagnostic = Diagnostic::new(problem.code, span, problem.message.clone());
    match &problem.help {
        Some(help) => diagnostic.help(help.clone()),
        None => diagnostic,
    }
}

/// A text from outside; `what` is the variable or file it comes from.
pub(super) fn bad_text_from(
    span: Span,
    what: &str,
    problem: &super::convert::Problem,
) -> Diagnostic {
    let message = format!("{what}: {}", problem.message);
    Diagnostic { message, ..does_not_fit(span, problem) }
}

pub(super) fn internal(span: Span, what: &SmolStr) -> Diagnostic {
    Diagnostic::new(Code::Internal, span, format!("internal error: {what}"))
        .help("please report it with the file it happened in")
}

pub(super) fn no_program(span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadComputation, span, "this command names no program")
        .help("the first word must not be empty")
}

pub(super) fn impossible_plan(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(Code::BadComputation, span, format!("this can't be planned: {why}"))
}
