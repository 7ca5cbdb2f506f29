//! Names that mean nothing, or something else: RUSH01xx and the unknown field.

use std::borrow::Cow;

use rush_diagnostics::{
    Code, Diagnostic, Edit, Fix, Nearest, Severity, Span, TextRange, kind_synonym, measured,
    nearest, synonym,
};

/// How many names a note lists; of more, none is listed.
const LISTED_MAX: usize = 12;

/// RUSH0102 for a name in an expression.
pub fn unknown_name<'a>(
    at: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(word) = literal_of(name).filter(|it| *it == "!" || known.contains(it)) {
        let message = format!("`{name}` is written `{word}`");
        let found = Diagnostic::new(Code::UnknownName, at.clone(), message);
        return with_rename(found, &at, &Nearest::one(word));
    }
    let near = nearest(name, known.iter().copied());
    let message = asking(format!("nothing is named `{name}` here"), &near);
    let mut found = Diagnostic::new(Code::UnknownName, at.clone(), message)
        .label("not declared in this file, nor by Rush");
    let is_variable = name.len() > 1
        && name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    if near.is_empty() && is_variable {
        found = found.help(format!(
            "a variable of the environment is read in a script as `${name}`, or by a `param x: \
             string? = env(\"{name}\")` of the file"
        ));
    } else if let Some(help) = said_by_others(name).filter(|_| near.is_empty()) {
        found = found.help(help);
    } else if near.is_empty() {
        found = found.help(format!(
            "declare it with `let {name} = ..` or as a parameter; text is written in quotes: \"{name}\""
        ));
    }
    with_rename(found, &at, &near)
}

/// What other tools have under a name that nothing has here.
fn said_by_others(name: &str) -> Option<&'static str> {
    Some(match name {
        "matrix" => "the axes are declared in the task: `matrix { os: [\"linux\", \"macos\"] }`",
        "os" | "arch" | "platform" => {
            "the system is known as `host.os`, the processor as `host.arch`"
        }
        "process" | "environ" | "getenv" | "ENV" => {
            "a variable of the environment is read in a script as `$NAME`, or by a `param x: string? = \
             env(\"NAME\")` of the file"
        }
        _ => return None,
    })
}

/// RUSH0102 for one of the texts that are expected.
pub fn word_without_quotes(at: Span, name: &str) -> Diagnostic {
    let text = format!("{name:?}");
    let edit = Edit::replace(&at.item, at.range, text.clone());
    let message = format!("nothing is named `{name}` here; the text is written `{text}`");
    Diagnostic::new(Code::UnknownName, at, message)
        .fix(Fix::automatic("put it in quotes", vec![edit]))
}

/// Offers to write a text where a name stands that nothing has.
pub fn with_quotes(found: Diagnostic, at: &Span, text: &str) -> Diagnostic {
    let text = format!("{text:?}");
    let title = format!("write the text `{text}`");
    found.fix(Fix::offered(title, vec![Edit::replace(&at.item, at.range, text)]))
}

/// Says how a task is declared or named, where nothing is like what is written.
pub fn with_task(mut found: Diagnostic, name: &str) -> Diagnostic {
    if found.fixes.is_empty() && found.help.is_some() {
        found.help = Some(format!(
            "declare it as `task {name} {{ .. }}`; one of another package is named after `use \
             \"//package\" as package`, as in `package.{name}`"
        ));
    }
    found
}

/// RUSH0102 for `web/build` where a task is named.
pub fn task_of_package(at: Span, source: &str) -> Diagnostic {
    let found =
        Diagnostic::new(Code::UnknownName, at, format!("`{source}` is a division, and no task"));
    let path = source.trim_start_matches('/');
    let (package, task) = path.rsplit_once('/').unwrap_or((path, path));
    let alias = package.rsplit('/').next().unwrap_or(package);
    found.help(format!(
        "for the task `{task}` of the package `//{package}` write `use \"//{package}\" as {alias}` at \
         the top, then `{alias}.{task}`"
    ))
}

/// Says which variants are expected, instead of how a name is declared.
pub fn with_variants<'a>(
    mut found: Diagnostic,
    variants: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let variants: Vec<String> = variants.into_iter().map(|it| format!("{it}(..)")).collect();
    let variants: Vec<&str> = variants.iter().map(String::as_str).collect();
    found.help = Some(format!("what is expected here is one of {}", quoted(&variants)));
    found
}

/// The word for what other languages call `name`.
fn literal_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "None" | "undefined" | "NULL" | "Null" => "none",
        "True" | "TRUE" | "yes" | "on" => "true",
        "False" | "FALSE" | "no" | "off" => "false",
        "not" => "!",
        _ => return None,
    })
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
    let near = synonym.map_or_else(|| nearest(name, known.iter().copied()), Nearest::one);
    let message = asking(format!("no type is named `{name}`"), &near);
    let found = Diagnostic::new(Code::UnknownName, at.clone(), message);
    let written = match name {
        "list" | "array" | "List" | "Array" => Some("a list of texts is written `[string]`"),
        "dict" | "object" | "record" | "Map" => {
            Some("a map is written `map(string)`, a record `{ name: string }`")
        }
        _ => None,
    };
    if let Some(written) = written.filter(|_| near.is_empty()) {
        return found.help(written);
    }
    if near.is_empty() {
        let text = format!("{name:?}");
        return found
            .help(format!("for the text `{name}` and no other, write `{text}`"))
            .fix(Fix::offered("put it in quotes", vec![Edit::replace(&at.item, at.range, text)]));
    }
    with_rename(found, &at, &near)
}

/// RUSH0102 for what stands after `extends`; `known` can be extended.
pub fn unknown_template<'a>(
    at: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    let near = nearest(name, known.iter().copied());
    let message = asking(format!("no template is named `{name}`"), &near);
    let found = Diagnostic::new(Code::UnknownName, at.clone(), message);
    let found = if known.is_empty() {
        found.help(format!("declare it with `template {name} {{ .. }}`"))
    } else if near.is_empty() && known.len() <= LISTED_MAX {
        found.note(format!("what can be extended is {}", quoted(&known)))
    } else {
        found
    };
    with_rename(found, &at, &near)
}

/// RUSH0102 for an axis that is named without `matrix`.
pub fn axis_without_matrix(at: Span, name: &str) -> Diagnostic {
    let near = format!("matrix.{name}");
    let message = format!("`{name}` is an axis of the matrix; write `{near}`");
    with_rename(Diagnostic::new(Code::UnknownName, at.clone(), message), &at, &Nearest::one(&near))
}

/// The words that begin an item which is no declaration of a kind.
const ITEM_WORDS: [&str; 6] = ["let", "param", "fn", "type", "use", "check"];

/// RUSH0101.
pub fn unknown_kind<'a>(
    at: Span,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let words = known.iter().copied().chain(ITEM_WORDS);
    let near = kind_synonym(name).map_or_else(|| nearest(name, words), Nearest::one);
    let message = asking(format!("unknown kind `{name}`"), &near);
    let found = Diagnostic::new(Code::UnknownKind, at.clone(), message)
        .note(format!("the kinds are {}", quoted(&known)));
    match near.first().and_then(form) {
        // Another word is not enough: what follows it is written otherwise, too.
        Some(form) => found.help(format!("write it as `{form}`")),
        None => with_rename(found, &at, &near),
    }
}

/// Offers to write `word` before a name that stands where the kind does; `lead` is what stands before
/// it on its line.
pub fn with_kind(found: Diagnostic, lead: Span, name: &str, word: &str) -> Diagnostic {
    if found.help.is_some() || !found.fixes.is_empty() {
        return found;
    }
    let edit = Edit::replace(&lead.item, lead.range, format!("{word} "));
    found
        .help(format!("if `{name}` is a name, its kind is missing: `{word} {name}`"))
        .fix(Fix::offered(format!("insert `{word}`"), vec![edit]))
}

/// How an item that is no declaration is written.
fn form(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "let" => "let name = value",
        "fn" => "fn name(x: int) = value",
        "use" => "use \"./file.rush\" as name",
        "param" => "param name: string = \"value\"",
        "type" => "type Name = \"a\" | \"b\"",
        "check" => "check condition, \"message\"",
        _ => return None,
    })
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
    let near = nearest(name, known.iter().copied());
    let message = asking(format!("`{owner}` has no `{name}`"), &near);
    let mut found = Diagnostic::new(Code::UnknownMember, at.clone(), message);
    if near.is_empty() && !known.is_empty() && known.len() <= LISTED_MAX {
        found = found.note(format!("it has {}", quoted(&known)));
    }
    with_rename(found, &at, &near)
}

/// RUSH0104 for `xs.map(..)` and others that go through a list.
pub fn list_by_method(found: Diagnostic) -> Diagnostic {
    found.help("a list is made from another with `for`, as in `[for x in xs if x > 1: x * 2]`")
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

/// RUSH0105 for a name that a script gets from its surroundings, and again from an `env` that is written elsewhere.
pub fn script_and_env(at: Span, name: &str) -> Diagnostic {
    shadowing(at, name, None).note(format!(
        "a script gets `{name}` as a value of its file, and the `env` that counts sets it, too"
    ))
}

/// RUSH0106.
pub fn private_name(at: Span, name: &str, file: &str) -> Diagnostic {
    Diagnostic::new(Code::PrivateName, at, format!("`{name}` is private to {file}"))
        .note("a name that begins with `_` can be used only in the file that declares it")
        .help(format!("rename it to `{}` there", name.trim_start_matches('_')))
}

/// RUSH0107, as a warning: a selection of packages that selects none.
pub fn no_package<'a>(
    at: Span,
    pattern: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    /// More packages than these are not listed.
    const LISTED: usize = 12;

    let known: Vec<String> = known.into_iter().map(|it| format!("//{it}")).collect();
    let found = Diagnostic::new(Code::UnknownFile, at, format!("no package matches `{pattern}`"))
        .severity(Severity::Warning)
        .help(match pattern.strip_suffix("...") {
            Some(above) => format!("through all directories goes `{above}**`"),
            None => "a package is a directory with a `tasks.rush` that is among the `members` of the workspace"
                .to_owned(),
        });
    if known.len() > LISTED {
        return found;
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    found.note(format!("the packages are {}", quoted(&known)))
}

/// RUSH0104, as a warning: a selection of tasks that selects none.
pub fn no_selected<'a>(
    at: Span,
    pattern: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("no package that matches `{pattern}` has a task `{name}`");
    let message = asking(message, &nearest(name, known));
    let found = Diagnostic::new(Code::UnknownMember, at, message).severity(Severity::Warning);
    if name.starts_with('_') {
        return found.note("a name that begins with `_` is private to its file");
    }
    found
}

/// RUSH0107.
pub fn unknown_file<'a>(
    at: Span,
    written: &str,
    sought: Option<&str>,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let near = sought.map(|sought| nearest(sought, known.iter().copied())).unwrap_or_default();
    let Some(sought) = sought else {
        return Diagnostic::new(
            Code::UnknownFile,
            at,
            format!("`{written}` leaves the workspace"),
        )
        .help("write the path relative to this file, or from the workspace root as `//dir/file.rush`");
    };
    let message = match near.question("//") {
        Some(question) => format!("no file `{written}`; {question}"),
        None => format!("no file `{written}`"),
    };
    let found = Diagnostic::new(Code::UnknownFile, at.clone(), message)
        .note(format!("looked for `{sought}`, and for `tasks.rush` in a directory of that name"));
    with_fixes(found, near.fixes(&at, |near| format!("\"//{near}\"")))
}

/// The fields of a record, by who has them.
pub struct Fields<'a> {
    /// Those it may have.
    pub known: Vec<&'a str>,
    /// Those that are written in it.
    pub written: Vec<&'a str>,
    /// What the unknown one is, if its name says the unit of its value.
    pub measured: Option<Measured>,
}

/// A field whose name says the unit of its value, as `timeout_minutes` does.
pub struct Measured {
    /// The field it is here.
    pub field: Cow<'static, str>,
    /// The unit.
    pub unit: &'static str,
    /// Its value, and how that is written with the unit, where it is known.
    pub value: Option<(Span, String)>,
}

impl Measured {
    /// Writes the name without the unit and the value with it.
    fn fix(&self, at: &Span) -> Option<Fix> {
        let (value, text) = self.value.as_ref()?;
        let edits = vec![
            Edit::replace(&at.item, at.range, self.field.as_ref()),
            Edit::replace(&value.item, value.range, text),
        ];
        Some(Fix::automatic(format!("write `{}: {text}`", self.field), edits))
    }

    fn help(&self) -> String {
        let Self { field, unit, value } = self;
        let example = value.as_ref().map_or_else(|| format!("5{unit}"), |it| it.1.clone());
        format!("the unit stands at the value, as in `{field}: {example}`")
    }
}

/// RUSH0201. A fix never writes a field that is there already.
pub fn unknown_field(at: Span, owner: &str, name: &str, fields: &Fields<'_>) -> Diagnostic {
    let Fields { known, written, measured } = fields;
    let by_measure = measured.as_ref().map(|it| it.field.as_ref());
    let by_synonym = by_measure.or_else(|| synonym(name).filter(|own| known.contains(own)));
    let near = by_synonym.map_or_else(|| nearest(name, known.iter().copied()), Nearest::one);
    let mut message = format!("`{owner}` has no field `{name}`");
    if by_synonym.is_none() {
        message = asking(message, &near);
    }
    let mut found = Diagnostic::new(Code::UnknownField, at.clone(), message);
    let is_taken = near.first().is_some_and(|it| written.contains(&it));
    let twin = near.first().and_then(|it| meant_before(it, name, fields));
    found = match (by_synonym, near.first()) {
        (_, Some(own)) if let Some(twin) = twin => {
            found.help(format!("`{twin}` is meant as `{own}` already; write both in one"))
        }
        (_, Some(own)) if is_taken => {
            found.help(format!("`{own}` is written here already; move what belongs there into it"))
        }
        _ if let Some(measured) = measured => found.help(measured.help()),
        (Some("needs"), _) => found.help("dependencies are written `needs`"),
        (Some(own), _) => found.help(format!("here this is written `{own}`")),
        (None, Some(_)) => found,
        (None, None) => match said_elsewhere(owner, name) {
            Some(help) => found.help(help),
            None if known.is_empty() => found,
            None => found.note(format!("it has {}", quoted(known))),
        },
    };
    match measured {
        _ if is_taken || twin.is_some() => found,
        Some(measured) => with_fixes(found, measured.fix(&at).into_iter().collect()),
        None => with_rename(found, &at, &near),
    }
}

/// An unknown field that is written before `name` and most likely means the same field.
fn meant_before<'a>(field: &str, name: &str, fields: &Fields<'a>) -> Option<&'a str> {
    let Fields { known, written, .. } = fields;
    let means = |it: &str| match synonym(it).filter(|own| known.contains(own)) {
        Some(own) => own == field,
        None if measured(it).is_some_and(|it| it.0 == field) => true,
        None => nearest(it, known.iter().copied()).first() == Some(field),
    };
    let before = written.iter().copied().take_while(|it| *it != name);
    before.filter(|it| !known.contains(it)).find(|it| means(it))
}

/// Offers to write `let` before what is no field and has a `=`.
pub fn with_let(found: Diagnostic, at: Span, name: &str) -> Diagnostic {
    if found.help.is_some() || !found.fixes.is_empty() {
        return found;
    }
    let edit = Edit::replace(&at.item, TextRange::empty(at.range.start()), "let ");
    found
        .help(format!("a value gets its name by `let {name} = ..`"))
        .fix(Fix::offered(LET_MISSING, vec![edit]))
}

/// How the change is called that makes a `let` of a field.
pub const LET_MISSING: &str = "insert `let`";

/// Whether a field of other tools is the documentation of a declaration.
pub fn is_documentation(field: &str) -> bool {
    matches!(field, "description" | "desc" | "doc" | "docs" | "summary" | "help" | "about")
}

/// How something is said that is no field.
fn said_elsewhere(owner: &str, name: &str) -> Option<&'static str> {
    Some(match (owner, name) {
        ("task" | "service" | "template" | "secret" | "profile", it) if is_documentation(it) => {
            "what it is for is said in lines with `///` above it"
        }
        ("task" | "service" | "template" | "secret" | "profile", "name" | "id") => {
            "its name stands before its `{`, as in `task build { .. }`"
        }
        ("service", "port" | "ports") => {
            "a port is a parameter, as in `service db(port: int(1..=65535) = 5432) { .. }`"
        }
        ("secret", "env" | "variable" | "var") => "write `from: env(\"NAME\")`",
        ("secret", "file" | "path") => "write `from: file(\"path\")`",
        ("secret", "value") => {
            "a secret is never written down; it comes `from: env(\"NAME\")` or `from: file(\"path\")`"
        }
        ("task" | "service" | "template", "shell") => {
            "the shell is named where the script is written, as in `run: bash\"\"\"make\"\"\"`"
        }
        ("task" | "template", "uses" | "action" | "with") => {
            "what a step of another service does is a command in `run`; what other tasks do is named in `needs`"
        }
        ("task" | "template", "runs_on" | "agents") => {
            "a task runs on this machine; where it makes sense is said by `when: host.os == \"linux\"`"
        }
        ("task" | "service" | "template", "vars" | "variables" | "locals") => {
            "a value gets its name by `let name = ..`; what a process gets as variables stands in `env`"
        }
        ("task" | "template", "preconditions" | "assert") => {
            "what must hold is said by `check condition, \"message\"`"
        }
        ("task", "parallel") => "what `needs` lists runs in parallel already",
        ("task" | "template", "silent" | "quiet") => {
            "commands are never echoed; what they write is hidden by `log: \"quiet\"`"
        }
        ("task", "alias" | "aliases") => "a task has one name; another task may need it by `needs`",
        ("task" | "template", "platform" | "platforms" | "os") => {
            "write `when: host.os == \"linux\"`"
        }
        ("task" | "service" | "template", "image" | "container") => {
            "what runs in a container is a command, as in `run: `docker run --rm postgres``"
        }
        ("Cache", "path" | "paths" | "files") => {
            "what is kept are the `outputs` of the task, and `inputs` say when they hold"
        }
        ("task", "args" | "params" | "parameters" | "arguments") => {
            "parameters stand after the name, as in `task build(release: bool = false) { .. }`"
        }
        ("profile", it) if crate::kinds::is_default(it) => "write it inside `defaults { .. }`",
        _ => return None,
    })
}

/// The message, and what may have been meant.
fn asking(message: String, near: &Nearest<'_>) -> String {
    match near.question("") {
        Some(question) => format!("{message}; {question}"),
        None => message,
    }
}

/// Offers to write what is near at the place of the wrong name.
fn with_rename(found: Diagnostic, at: &Span, near: &Nearest<'_>) -> Diagnostic {
    with_fixes(found, near.fixes(at, str::to_owned))
}

/// The finding with these changes, the best first.
pub(super) fn with_fixes(found: Diagnostic, fixes: Vec<Fix>) -> Diagnostic {
    fixes.into_iter().fold(found, Diagnostic::fix)
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
