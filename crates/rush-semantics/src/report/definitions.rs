//! Items that clash, circle, or say too little: RUSH0103, 0109, 0110, 0401, 06xx, 07xx and 08xx.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Severity, Span, Tag, TextRange};

/// RUSH0103.
pub fn duplicate_item(at: Span, name: &str, original: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateItem, at, format!("`{name}` is already declared"))
        .because(original, "the first declaration")
        .help("give one of them another name")
}

/// RUSH0109.
pub fn duplicate_workspace(at: Span, original: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateWorkspace, at, "a second `workspace` item")
        .because(original, "the first one")
        .note("a workspace is declared once, in the `tasks.rush` of its root")
}

/// RUSH0109 for a `workspace` in any file but the one that is read for it; `original` is the one there.
pub fn workspace_elsewhere(at: Span, original: Option<Span>) -> Diagnostic {
    let message = "this `workspace` item is not in the root, so nothing in it counts";
    let found = Diagnostic::new(Code::DuplicateWorkspace, at, message)
        .note("a workspace is declared once, in the `tasks.rush` of its root");
    match original {
        Some(original) => {
            found.because(original, "the one that counts").help("move what it says into that one")
        }
        None => found.help("move it into the `tasks.rush` of the root"),
    }
}

/// A hint with the code of the mistake that it is about, which is in another file; so are `others` items.
pub fn left_open(at: Span, path: &str, others: usize, mistake: &Diagnostic) -> Diagnostic {
    let also = match others {
        0 => String::new(),
        1 => "; neither is another declaration".to_owned(),
        _ => format!("; neither are {others} others"),
    };
    let message = format!("this is not checked in full: it needs what is wrong in `{path}`{also}");
    Diagnostic::new(mistake.code, at, message)
        .severity(Severity::Info)
        .because(mistake.primary.span.clone(), mistake.message.clone())
}

/// RUSH0110. `all` is the item with what belongs to it, if that is known.
pub fn unused_import(at: Span, name: &str, all: Option<TextRange>) -> Diagnostic {
    let edit = all.map(|all| Edit::replace(&at.item, all, ""));
    let found =
        Diagnostic::new(Code::UnusedImport, at, format!("`{name}` is imported but not used"))
            .tag(Tag::Unnecessary);
    match edit {
        Some(edit) => found.fix(Fix::automatic("remove the import", vec![edit])),
        None => found,
    }
}

/// RUSH0212.
pub fn duplicate_field(at: Span, name: &str, original: Option<Span>) -> Diagnostic {
    let report =
        Diagnostic::new(Code::DuplicateField, at, format!("field `{name}` is written twice"));
    match original {
        Some(original) => report.because(original, "the first one"),
        None => report,
    }
}

/// The most steps of a circle that are told one by one.
const STEPS_MAX: usize = 12;

/// RUSH0401; `path` names each step.
pub fn circular(at: Span, name: &str, path: &[(Span, String)]) -> Diagnostic {
    let shown = path.get(..STEPS_MAX).unwrap_or(path);
    let mut names: Vec<&str> = shown.iter().map(|(_, name)| name.as_str()).collect();
    if shown.len() < path.len() {
        names.push("...");
    }
    names.push(name);
    let mut report = Diagnostic::new(
        Code::Circular,
        at,
        format!("`{name}` depends on itself: {}", names.join(" -> ")),
    );
    for (span, step) in shown.iter().skip(1) {
        report = report.because(span.clone(), format!("through `{step}`"));
    }
    report
}

/// RUSH0401 where a script closes the circle, probably with a variable that it means as its own.
pub fn by_a_script(circle: Diagnostic, reader: &str, read: &str) -> Diagnostic {
    circle.help(format!(
        "the script of `{reader}` reads `${read}`, and this is the value `{read}` of this file; \
         set the variable in the script before, or give it another name"
    ))
}

/// RUSH0401 for a chain of templates that is too long.
pub fn extends_too_long(at: Span, longest: usize) -> Diagnostic {
    Diagnostic::new(Code::Circular, at, format!("this chain of `extends` is longer than {longest}"))
        .help("copy the fields that matter into fewer templates")
}

/// RUSH0402 for a type that can't be worked with.
pub fn type_too_large(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::BudgetExceeded, at, format!("the type of `{name}` is too large"))
        .help("name fewer definitions inside each other")
}

/// RUSH0204 for `extends` of something that is no template and no task.
pub fn extends_nothing(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, at, format!("{what} can't be extended"))
        .help("`extends` takes a `template` or a `task`")
}

/// RUSH0004-like: a part of a declaration its kind does not have.
pub fn not_allowed_here(at: Span, kind: &str, part: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, at, format!("a `{kind}` can't have {part}"))
}

/// RUSH0201 for the name of a declaration that needs none; `gap` is it and the blanks before it.
pub fn needless_name(at: Span, kind: &str, gap: TextRange) -> Diagnostic {
    let edit = Edit::replace(&at.item, gap, "");
    not_allowed_here(at, kind, "a name").fix(Fix::automatic("remove the name", vec![edit]))
}

/// RUSH0202 for a declaration without a name.
pub fn unnamed_declaration(at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(Code::ExpectedSyntax, at, format!("expected a name after `{kind}`"))
}

/// RUSH0602.
pub fn bad_edition(at: Span, edition: i64) -> Diagnostic {
    Diagnostic::new(
        Code::UnknownEdition,
        at,
        format!("this workspace needs edition {edition}; this Rush knows 1"),
    )
    .help("install a newer Rush, or set `edition: 1`")
}

/// RUSH0702.
pub fn unused_secret(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::UnusedSecret, at, format!("secret `{name}` is never used"))
        .tag(Tag::Unnecessary)
}

/// RUSH0704. `port` is a parameter that can be asked as a port.
pub fn missing_ready(at: Span, name: &str, port: Option<&str>) -> Diagnostic {
    let help = match port {
        Some(port) => format!("add `ready {{ probe: tcp({port}) }}`, or another probe"),
        None => "add `ready { probe: tcp(8080) }` with the port it listens on, or wait for a line \
                 of its output with `ready { probe: log(r\"..\") }`"
            .to_owned(),
    };
    Diagnostic::new(
        Code::MissingReady,
        at,
        format!("`{name}` has no `ready`, so what needs it would start too early"),
    )
    .help(help)
}

/// RUSH0802. `removal` is the member to remove.
pub fn repeats_default(at: Span, field: &str, removal: TextRange) -> Diagnostic {
    let edit = Edit::replace(&at.item, removal, "");
    Diagnostic::new(Code::RepeatsDefault, at, format!("`{field}` repeats the default"))
        .tag(Tag::Unnecessary)
        .fix(Fix::automatic(format!("remove `{field}`"), vec![edit]))
}

/// RUSH0807. `ours` is how the comment is written there; `marks` are the `//!` of its lines.
pub fn file_doc_below(at: Span, ours: &str, marks: Vec<TextRange>) -> Diagnostic {
    let edits = marks.into_iter().map(|it| Edit::replace(&at.item, it, ours)).collect();
    let help = match ours {
        "///" => "what follows is documented by `///`",
        _ => "a comment that documents nothing begins with `//`",
    };
    Diagnostic::new(Code::FileDocBelow, at, "`//!` documents a file, and only at its head")
        .help(help)
        .fix(Fix::automatic(format!("write `{ours}`"), edits))
}

/// RUSH0808.
pub fn label_comment(at: Span, label: &str) -> Diagnostic {
    Diagnostic::new(Code::LabelComment, at, rush_syntax::label_in_file(label))
        .help(rush_syntax::instead_of_label(label))
        .note("a comment that is meant has a space behind `//`")
}

/// RUSH0803.
pub fn verb_name(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::VerbName,
        at,
        format!("`rush {name}` is a verb, so this task is started by `rush run {name}` only"),
    )
}

/// RUSH0804.
pub fn flag_name(at: Span, what: &str, task: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::FlagName,
        at,
        format!("`--{}` is a flag of `rush run`, so this {what} has none", name.replace('_', "-")),
    )
    .help(format!("it is given by a call: rush run '{task}({name}: ..)'"))
}

/// RUSH0805.
pub fn nothing_to_do(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::NothingToDo,
        at,
        format!("`{name}` does nothing: it has neither `run` nor `needs` nor `steps`"),
    )
}

/// RUSH0806.
pub fn service_unneeded(at: Span, service: &str) -> Diagnostic {
    Diagnostic::new(
        Code::UnneededService,
        at,
        format!("this reads a parameter of `{service}`, which is not in `needs`"),
    )
    .help(format!(
        "add `{service}` to `needs`, so that it is up whatever the tasks in between need"
    ))
}

/// The same where it is read for nobody in particular.
pub fn service_default(at: Span, service: &str, name: &str) -> Diagnostic {
    let message = format!("this is the default of `{service}.{name}`, whatever the tasks need");
    Diagnostic::new(Code::UnneededService, at, message).help(
        "a `param`, a profile and the fields of a type have one value for all tasks; \
         read the parameter in a task, a function or a `let`",
    )
}

/// The same for a service that is needed twice; each place is a call and its source.
pub fn ambiguous_service(at: Span, service: &str, places: [(Span, &str); 2]) -> Diagnostic {
    let [(first, call), (other, _)] = places;
    let message = format!("`{service}` is needed more than once here, and this reads the first");
    Diagnostic::new(Code::UnneededService, at, message)
        .because(first, "this one is read")
        .because(other, "and this one is not")
        .help(format!("say which one is meant, as in `{call}.`"))
}

/// RUSH0809. What is said of it may be empty.
pub fn deprecated(at: Span, name: &str, said: &str) -> Diagnostic {
    let found = Diagnostic::new(Code::Deprecated, at, format!("`{name}` is deprecated"))
        .tag(Tag::Deprecated);
    if said.is_empty() { found } else { found.help(format!("its doc says: {said}")) }
}

/// RUSH0504 for a `cache` without `inputs`.
pub fn idle_cache(at: Span) -> Diagnostic {
    let message = "`cache` has no effect here, because the task has no `inputs`";
    Diagnostic::new(Code::InputsMatchNothing, at, message)
        .help("name the files it reads in `inputs`; `inputs: []` means that it reads none")
}
