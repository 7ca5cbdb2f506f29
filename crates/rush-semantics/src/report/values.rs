//! Arguments, fields and values that are missing or too many, and what must not be read.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Label, Span, TextRange, nearest};

use super::grouped;
use super::names::{quoted, with_fixes};
use super::types::describe;
use crate::infer::CELLS_MAX;
use crate::ty::Ty;

/// RUSH0202. `insert` is the text to add and where.
pub fn missing_argument(
    at: Span,
    callee: &str,
    missing: &[&str],
    insert: Option<(TextRange, String)>,
    because: Option<Label>,
) -> Diagnostic {
    let mut report = Diagnostic::new(
        Code::MissingArgument,
        at.clone(),
        format!("`{callee}` needs a value for {}", quoted(missing)),
    );
    report.secondary.extend(because);
    match insert {
        Some((range, text)) => {
            let edit = Edit::replace(&at.item, range, text);
            report.fix(Fix::offered(format!("add {}", quoted(missing)), vec![edit]))
        }
        None => report,
    }
}

/// Says of the missing arguments that may be `none` how they can be left out.
pub fn or_left_out(report: Diagnostic, missing: &[(&str, &Ty)]) -> Diagnostic {
    let optional: Vec<&str> =
        missing.iter().filter(|(_, ty)| ty.may_be_none()).map(|(name, _)| *name).collect();
    if optional.is_empty() { report } else { report.help(left_out(&optional)) }
}

/// How parameters that may be `none` are declared so that they can be left out.
pub fn left_out(names: &[&str]) -> String {
    format!("to leave out {}, add `= none` where it is declared", quoted(names))
}

/// RUSH0202 for a task that `all(..)` selects and that can't be called without arguments.
pub fn incomplete_selection(at: Span, label: &str, missing: &[&str], declared: Span) -> Diagnostic {
    missing_argument(at, label, missing, None, None)
        .because(declared, format!("`{label}` is declared here"))
        .note("`all(..)` calls what it selects without arguments")
        .help("give the parameter a default, or name the tasks one by one")
}

/// RUSH0203 for a named argument.
pub fn unknown_argument(at: Span, callee: &str, name: &str, known: &[&str]) -> Diagnostic {
    let near = nearest(name, known.iter().copied());
    let takes = match known {
        [] => "it takes no arguments".to_owned(),
        _ => format!("it takes {}", quoted(known)),
    };
    let report = Diagnostic::new(
        Code::UnknownArgument,
        at.clone(),
        format!("`{callee}` takes no argument `{name}`; {takes}"),
    );
    match near.question("") {
        Some(question) => with_fixes(report.help(question), near.fixes(&at, str::to_owned)),
        None => report,
    }
}

/// RUSH0203 for a positional argument beyond the last parameter.
pub fn surplus_argument(at: Span, callee: &str, count: usize) -> Diagnostic {
    let takes = match count {
        0 => "no arguments".to_owned(),
        1 => "only one argument".to_owned(),
        _ => format!("only {count} arguments"),
    };
    Diagnostic::new(Code::UnknownArgument, at, format!("`{callee}` takes {takes}"))
}

/// RUSH0212 for an argument given twice.
pub fn repeated_argument(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::DuplicateField, at, format!("the argument `{name}` is given twice"))
}

/// RUSH0204 for a call of something that can't be called.
pub fn not_callable(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, at, format!("{what} can't be called"))
        .help("tasks, services, functions and refined types can be called")
}

/// RUSH0204 for a name that stands for something, but not for a value; `what` says for what.
pub fn not_a_value(at: Span, name: &str, what: &str, use_it: String) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, at, format!("`{name}` is {what}, which is no value"))
        .help(use_it)
}

/// RUSH0204 for a text that must be known without evaluating anything.
pub fn not_written_out(at: Span, function: &str) -> Diagnostic {
    let message = format!("`{function}` takes a text that is written out here");
    Diagnostic::new(Code::TypeMismatch, at, message)
        .note("so an editor can list what it matches, and a plan can record it")
}

/// RUSH0213.
pub fn missing_entry(
    at: Span,
    missing: &[&str],
    insert: Option<(TextRange, String)>,
) -> Diagnostic {
    let list: Vec<String> = missing.iter().map(|it| format!("{it:?}")).collect();
    let report = Diagnostic::new(
        Code::MissingEntry,
        at.clone(),
        format!("no entry for {} in this table", list.join(", ")),
    )
    .note("every value of the index needs an entry, so that the choice always has a result");
    match insert {
        Some((range, text)) => {
            let edit = Edit::replace(&at.item, range, text);
            report.fix(Fix::offered("add the missing entries", vec![edit]))
        }
        None => report,
    }
}

/// RUSH0215.
pub fn missing_field(
    at: Span,
    owner: &str,
    field: &str,
    insert: Option<(TextRange, String)>,
) -> Diagnostic {
    needs_field(Code::MissingField, at, (owner, field), insert)
}

/// RUSH0202 for a record that is no declaration.
pub fn missing_entry_of_record(
    at: Span,
    owner: &str,
    field: &str,
    insert: Option<(TextRange, String)>,
) -> Diagnostic {
    needs_field(Code::MissingArgument, at, (owner, field), insert)
}

fn needs_field(
    code: Code,
    at: Span,
    (owner, field): (&str, &str),
    insert: Option<(TextRange, String)>,
) -> Diagnostic {
    let report = Diagnostic::new(code, at.clone(), format!("`{owner}` needs the field `{field}`"));
    match insert {
        Some((range, text)) => {
            let edit = Edit::replace(&at.item, range, text);
            report.fix(Fix::offered(format!("add `{field}`"), vec![edit]))
        }
        None => report,
    }
}

/// RUSH0216.
pub fn unsettable_parameter(at: Span, name: &str, ty: &Ty) -> Diagnostic {
    let is_secret = ty.members().iter().any(|it| *it.bare() == Ty::Secret);
    let note = if is_secret {
        "a secret has no flag; only another task can give it".to_owned()
    } else {
        format!(
            "{} has no flag; another task gives it a value, or a call does: `rush run 'task({name}: ..)'`",
            describe(ty)
        )
    };
    Diagnostic::new(
        Code::UnsettableParameter,
        at,
        format!("`{name}` can't be set on the command line, so it needs a default"),
    )
    .note(note)
}

/// RUSH0403.
pub fn read_not_allowed(at: Span, function: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ReadNotAllowed,
        at,
        format!("`{function}(..)` is only allowed in `secret`, `param` and `profile`"),
    )
    .help(format!(
        "declare `param name: string = {function}(..) ?? \"..\"` in this file and use `name` here"
    ))
}

/// The parameter that a read belongs in.
pub enum ParamProposal {
    /// In place of a `let` of the file; with the edits that make it one, where that is certain.
    Instead {
        /// The whole declaration.
        declaration: String,
        /// What makes it of the `let`.
        edits: Option<Vec<Edit>>,
    },
    /// Beside what reads now.
    Beside {
        /// Its name.
        name: String,
        /// The whole declaration.
        declaration: String,
    },
}

/// RUSH0403 with what to write.
pub fn with_param(found: Diagnostic, proposed: ParamProposal) -> Diagnostic {
    match proposed {
        ParamProposal::Instead { declaration, edits } => {
            let found = found.help(format!("write `{declaration}`"));
            match edits {
                Some(edits) => found.fix(Fix::automatic("make it a `param`", edits)),
                None => found,
            }
        }
        ParamProposal::Beside { name, declaration } => {
            found.help(format!("declare `{declaration}` in this file and use `{name}` here"))
        }
    }
}

/// RUSH0203 for a second argument of `env(..)` or `file(..)`, with what puts it where it belongs.
pub fn with_fallback(found: Diagnostic, edits: Vec<Edit>, is_certain: bool) -> Diagnostic {
    let make = if is_certain { Fix::automatic } else { Fix::offered };
    found
        .help("the value for where nothing is set stands behind `??`")
        .fix(make("write it behind `??`", edits))
}

/// RUSH0701.
pub fn secret_leak(at: Span, place: &str) -> Diagnostic {
    Diagnostic::new(Code::SecretLeak, at, format!("a secret can't become {place}"))
        .help("put it in `env` or `stdin` of the task; the command reads it from there")
}

/// RUSH0307.
pub fn list_in_script(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::ListInScript, at, format!("`{name}` can't be an argument of a script"))
        .help("`.args(..)` takes a list of texts, numbers or paths")
}

/// RUSH0310.
pub fn computed_script(at: Span) -> Diagnostic {
    Diagnostic::new(
        Code::ComputedScript,
        at,
        "this script is computed: values in it are read as shell code",
    )
}

/// RUSH0505.
pub fn matrix_too_large(span: Span, cells: usize) -> Diagnostic {
    let message = format!("`matrix` makes {} nodes; the limit is {CELLS_MAX}", grouped(cells));
    Diagnostic::new(Code::MatrixTooLarge, span, message)
        .help("remove an axis or values, or list the cells with `include`")
}
