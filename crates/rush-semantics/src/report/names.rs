//! Names that mean nothing, or something else: RUSH01xx and the unknown field.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Span, kind_synonym, suggest, synonym};

/// RUSH0102 for a name in an expression.
pub fn unknown_name<'a>(
    at: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let near = suggest(name, known.iter().copied());
    let mut found = Diagnostic::new(Code::UnknownName, at.clone(), nothing_named(name, near))
        .label("not declared in this file, nor by Rush");
    if near.is_none() {
        found = found.help(format!(
            "declare it with `let {name} = ..` or as a parameter; text is written in quotes: \"{name}\""
        ));
    }
    with_rename(found, &at, near)
}

/// RUSH0102 for a name in a type.
pub fn unknown_type<'a>(
    at: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let aliases = [
        ("str", "string"),
        ("text", "string"),
        ("String", "string"),
        ("boolean", "bool"),
        ("integer", "int"),
        ("number", "int"),
        ("double", "float"),
        ("time", "duration"),
        ("file", "path"),
        ("bytes", "size"),
    ];
    let known: Vec<&str> = known.into_iter().collect();
    let synonym = aliases.iter().find(|(other, _)| *other == name).map(|(_, own)| *own);
    let near = synonym.or_else(|| suggest(name, known.iter().copied()));
    let message = match near {
        Some(near) => format!("no type is named `{name}`; did you mean `{near}`?"),
        None => format!("no type is named `{name}`"),
    };
    with_rename(Diagnostic::new(Code::UnknownName, at.clone(), message), &at, near)
}

/// RUSH0101.
pub fn unknown_kind<'a>(
    at: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let near = kind_synonym(name).or_else(|| suggest(name, known.iter().copied()));
    let message = match near {
        Some(near) => format!("unknown kind `{name}`; did you mean `{near}`?"),
        None => format!("unknown kind `{name}`"),
    };
    let found = Diagnostic::new(Code::UnknownKind, at.clone(), message)
        .note(format!("the kinds are {}", quoted(&known)));
    with_rename(found, &at, near)
}

/// RUSH0104.
pub fn no_member<'a>(
    at: Span,
    owner: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let mut known: Vec<&str> = known.into_iter().filter(|it| !it.starts_with('_')).collect();
    known.sort_unstable();
    let near = suggest(name, known.iter().copied());
    let message = match near {
        Some(near) => format!("`{owner}` has no `{name}`; did you mean `{near}`?"),
        None => format!("`{owner}` has no `{name}`"),
    };
    let mut found = Diagnostic::new(Code::UnknownMember, at.clone(), message);
    if near.is_none() && !known.is_empty() && known.len() <= 12 {
        found = found.note(format!("it has {}", quoted(&known)));
    }
    with_rename(found, &at, near)
}

/// RUSH0105.
pub fn shadowing(at: Span, name: &str, original: Option<Span>) -> Diagnostic {
    let found = Diagnostic::new(
        Code::Shadowing,
        at,
        format!("`{name}` hides another `{name}` that is in scope here"),
    )
    .help("give one of them another name; a reader could not tell which is meant");
    match original {
        Some(original) => found.because(original, format!("the other `{name}`")),
        None => found,
    }
}

/// RUSH0106.
pub fn private_name(at: Span, name: &str, file: &str) -> Diagnostic {
    Diagnostic::new(Code::PrivateName, at, format!("`{name}` is private to {file}"))
        .note("a name that begins with `_` can be used only in the file that declares it")
        .help(format!("rename it to `{}` there", name.trim_start_matches('_')))
}

/// RUSH0107.
pub fn unknown_file<'a>(
    at: Span,
    written: &str,
    sought: Option<&str>,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let near = sought.and_then(|sought| suggest(sought, known.iter().copied()));
    let Some(sought) = sought else {
        return Diagnostic::new(
            Code::UnknownFile,
            at,
            format!("`{written}` leaves the workspace"),
        )
        .help("write the path relative to this file, or from the workspace root as `//dir/file.rush`");
    };
    let message = match near {
        Some(near) => format!("no file `{written}`; did you mean `//{near}`?"),
        None => format!("no file `{written}`"),
    };
    let found = Diagnostic::new(Code::UnknownFile, at.clone(), message)
        .note(format!("looked for `{sought}`, and for `tasks.rush` in a directory of that name"));
    match near {
        Some(near) => {
            let edit = Edit::replace(&at.item, at.range, format!("\"//{near}\""));
            found.fix(Fix::automatic(format!("use `//{near}`"), vec![edit]))
        }
        None => found,
    }
}

/// RUSH0201. `is_known_elsewhere` names the kind that does have the field.
pub fn unknown_field<'a>(
    at: Span,
    owner: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let by_synonym = synonym(name).filter(|own| known.contains(own));
    let near = by_synonym.or_else(|| suggest(name, known.iter().copied()));
    let message = match near {
        Some(near) if by_synonym.is_none() => {
            format!("`{owner}` has no field `{name}`; did you mean `{near}`?")
        }
        _ => format!("`{owner}` has no field `{name}`"),
    };
    let mut found = Diagnostic::new(Code::UnknownField, at.clone(), message);
    found = match by_synonym {
        Some("needs") => found.help("dependencies are written `needs`"),
        Some(own) => found.help(format!("here this is written `{own}`")),
        None if near.is_none() && !known.is_empty() => {
            found.note(format!("it has {}", quoted(&known)))
        }
        None => found,
    };
    with_rename(found, &at, near)
}

/// ``nothing is named `x` here``, with the suggestion.
fn nothing_named(name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("nothing is named `{name}` here; did you mean `{near}`?"),
        None => format!("nothing is named `{name}` here"),
    }
}

/// Offers to write `near` at the place of the wrong name.
fn with_rename(found: Diagnostic, at: &Span, near: Option<&str>) -> Diagnostic {
    match near {
        Some(near) => found.fix(Fix::automatic(
            format!("change it to `{near}`"),
            vec![Edit::replace(&at.item, at.range, near)],
        )),
        None => found,
    }
}

/// A list of words as people read it: `` `a`, `b` and `c` ``.
pub fn quoted(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(|word| format!("`{word}`")).collect();
            format!("{} and `{last}`", rest.join(", "))
        }
    }
}
