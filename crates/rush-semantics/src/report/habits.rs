//! What comes from other tools and means nothing here, or something else: RUSH0102, RUSH0104,
//! RUSH0311 and RUSH0314 with the words for it.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Severity, Span};

/// Whether a name with `-` may have been meant as the subtraction that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dashed {
    /// No part of it is a number.
    Name,
    /// A part may be a number.
    Subtraction,
}

/// RUSH0102: a name with `-`, of which there is one with `_`.
pub fn dashed_name(at: Span, written: &str, name: &str, dashed: Dashed) -> Diagnostic {
    let edit = Edit::replace(&at.item, at.range, name);
    let make = match dashed {
        Dashed::Name => Fix::automatic,
        Dashed::Subtraction => Fix::offered,
    };
    Diagnostic::new(
        Code::UnknownName,
        at,
        format!("`{written}` is a subtraction; names have no `-`"),
    )
    .help(format!("the name is `{name}`"))
    .fix(make(format!("write `{name}`"), vec![edit]))
}

/// RUSH0102: `map()` without the type of its values, which would declare a variant.
pub fn bare_map(at: Span, name: &str) -> Diagnostic {
    let edit = Edit::replace(&at.item, at.range, "map(string)");
    Diagnostic::new(Code::UnknownName, at, format!("`{name}` does not say which values it holds"))
        .help("write the type of the values between the parentheses, as in `map(string)`")
        .fix(Fix::offered("write `map(string)`", vec![edit]))
}

/// RUSH0104: an import of an imported file; `target` is that file, seen from the root.
pub fn not_passed_on(at: Span, owner: &str, name: &str, target: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(
        Code::UnknownMember,
        at,
        format!("`{owner}` does not pass on what it imports as `{name}`"),
    );
    match target {
        Some(path) => found
            .help(format!("write `use \"//{path}\" as {name}` in this file, too, then `{name}.`")),
        None => found.help("import the file that declares it here, too"),
    }
}

/// A warning: `{{x}}` around the name of a value. RUSH0311 in a command, RUSH0314 in a script.
pub fn name_in_braces(at: Span, name: &str, is_command: bool) -> Diagnostic {
    let code = if is_command { Code::DollarName } else { Code::HoleInScript };
    let edit = Edit::replace(&at.item, at.range, format!("${{{name}}}"));
    let help = if is_command {
        "to pass the braces on as they are, put them between `'`".to_owned()
    } else {
        format!("a script gets the value as a variable: `\"${name}\"`")
    };
    Diagnostic::new(
        code,
        at,
        format!("`{{{{{name}}}}}` stays as it is; a value is written `${{{name}}}`"),
    )
    .severity(Severity::Warning)
    .help(help)
    .fix(Fix::offered(format!("write `${{{name}}}`"), vec![edit]))
}

/// What a `$NAME` in a value of `env` may have been meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unexpanded {
    /// A value of the file or of the declaration.
    Value,
    /// `$PATH` in the variable of that name.
    Path,
    /// A variable from outside.
    Outside,
}

/// RUSH0311, as a warning: `$NAME` in a value of `env`.
pub fn unexpanded(at: Span, name: &str, meant: Unexpanded) -> Diagnostic {
    let hole = Edit::replace(&at.item, at.range, format!("${{{name}}}"));
    let escape = Edit::replace(&at.item, at.range, format!("\\${name}"));
    let found = Diagnostic::new(
        Code::DollarName,
        at,
        format!("`${name}` is not expanded here: a value of `env` is passed as it is written"),
    )
    .severity(Severity::Warning);
    let found = match meant {
        Unexpanded::Value => found
            .help(format!("a value of this file is written `${{{name}}}`"))
            .fix(Fix::offered(format!("write `${{{name}}}`"), vec![hole])),
        Unexpanded::Path => found.help(
            "directories of programs are named in the field `bin`, as in `bin: [\"tools\"]`; they \
             come before `PATH`",
        ),
        Unexpanded::Outside => found.help(
            "what comes from outside is named in `pass_env`, or expanded by a shell in the script \
             itself",
        ),
    };
    found.fix(Fix::offered("write a plain `$`", vec![escape]))
}
