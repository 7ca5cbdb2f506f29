//! Values that do not fit: RUSH0204 to RUSH0214, and paths that leave the workspace.

use std::fmt::Write as _;

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Label, Span, TextRange, nearest, suggest};
use rush_plan::Certainty;
use smol_str::SmolStr;

use super::names::{quoted, with_fixes};
use crate::ty::Ty;

/// What may be written instead of a value that does not fit.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// What it does to the value.
    pub title: &'static str,
    /// The readings. Only a single one is written unasked.
    pub texts: Vec<String>,
}

impl Remedy {
    /// There is one reading.
    pub fn one(title: &'static str, text: String) -> Self {
        Self { title, texts: vec![text] }
    }

    /// What to do, as it ends a message.
    fn hint(&self) -> String {
        let texts: Vec<String> = self.texts.iter().map(|it| format!("`{it}`")).collect();
        match texts.as_slice() {
            [] | [_] => format!(": {}", self.title),
            several => format!(": {}, as in {}", self.title, several.join(" or ")),
        }
    }

    fn fixes(self, at: &Span) -> Vec<Fix> {
        let edit = |text: &str| vec![Edit::replace(&at.item, at.range, text)];
        match self.texts.as_slice() {
            [only] => vec![Fix::automatic(self.title, edit(only))],
            several => {
                several.iter().map(|it| Fix::offered(format!("write `{it}`"), edit(it))).collect()
            }
        }
    }
}

/// RUSH0204. `expected` is said as `a duration`.
pub fn mismatch(
    at: Span,
    expected: &Ty,
    found: &Ty,
    remedy: Option<Remedy>,
    because: Option<Label>,
) -> Diagnostic {
    let hint = remedy.as_ref().map_or_else(String::new, Remedy::hint);
    // That the value may be left out is no news to who wrote one.
    let wanted = crate::ty::strip_none(expected);
    let wanted = if *expected == Ty::None { expected } else { &wanted };
    let (mut said_wanted, mut said_found) = (describe(wanted), describe(found));
    if said_wanted == said_found {
        (said_wanted, said_found) = (format!("`{wanted}`"), format!("`{found}`"));
    } else if let (Ty::Float(_), Ty::Int(_)) = (wanted.bare(), found.bare()) {
        // A whole number is a number; what it lacks are the limits.
        said_wanted = format!("`{wanted}`");
    }
    let message = format!("expected {said_wanted}, found {said_found}{hint}");
    let mut report = Diagnostic::new(Code::TypeMismatch, at.clone(), message);
    if matches!(found.bare(), Ty::Text(_)) && matches!(expected.bare(), Ty::Path | Ty::Glob) {
        let name = expected.to_string();
        report = report.help(format!(
            "the text is computed, so it is not checked as it stands; write `{name}(..)` around it"
        ));
    }
    let is_task = matches!(found.bare(), Ty::Decl { .. } | Ty::Kind(_));
    if is_task && wanted.members().iter().any(|it| *it.bare() == Ty::Command) {
        report = report.help(
            "tasks that come before are named in `needs`, those that follow each other in `steps`",
        );
    }
    if let Some(remedy) = remedy {
        report = with_fixes(report, remedy.fixes(&at));
    }
    with_reason(report, because)
}

/// Adds to RUSH0204 that a parameter is declared wider than what it is given to.
pub fn too_wide(found: Diagnostic, declared: Span, name: &str, narrow: &str) -> Diagnostic {
    let edit = Edit::replace(&declared.item, declared.range, narrow);
    found
        .because(declared, format!("`{name}` may be more than fits there"))
        .help(format!("give `{name}` the type `{narrow}`"))
        .fix(Fix::offered(format!("declare it as `{narrow}`"), vec![edit]))
}

/// RUSH0205.
pub fn not_a_member(at: Span, text: &str, members: &[&str], because: Option<Label>) -> Diagnostic {
    let near = nearest(text, members.iter().copied());
    let list: Vec<String> = members.iter().take(20).map(|member| format!("{member:?}")).collect();
    let more = if members.len() > 20 { ", .." } else { "" };
    let mut message = format!("{text:?} is not one of {}{more}", list.join(", "));
    if let [only] = members {
        message = format!("{text:?} is not {only:?}, the only value allowed here");
    }
    let mut report = Diagnostic::new(Code::NotAMember, at.clone(), message);
    if let Some(question) = near.question("") {
        report = with_fixes(report.help(question), near.fixes(&at, |near| format!("{near:?}")));
    }
    with_reason(report, because)
}

/// RUSH0206.
pub fn out_of_range(at: Span, value: &Ty, expected: &Ty, because: Option<Label>) -> Diagnostic {
    let message = format!("{value} is outside {}", limits(expected));
    with_reason(Diagnostic::new(Code::OutOfRange, at, message), because)
}

fn limits(ty: &Ty) -> String {
    let text = ty.bare().to_string();
    match (text.find('('), text.strip_suffix(')')) {
        (Some(open), Some(inner)) => inner.get(open + 1..).unwrap_or_default().to_owned(),
        _ => text,
    }
}

/// RUSH0207.
pub fn pattern_mismatch(at: Span, text: &str, expected: &Ty, because: Option<Label>) -> Diagnostic {
    let report = match expected {
        Ty::Alias(alias) => Diagnostic::new(
            Code::PatternMismatch,
            at,
            format!("{text:?} does not match `{}`", alias.name),
        )
        .note(format!("`{}` is {}", alias.name, alias.ty)),
        other => {
            Diagnostic::new(Code::PatternMismatch, at, format!("{text:?} does not match `{other}`"))
        }
    };
    with_reason(report, because)
}

/// RUSH0208.
pub fn maybe_none(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::MaybeNone, at, format!("{what} may be `none` here"))
        .help("give a value for that case with `??`, or ask with `if x == none then .. else ..`")
}

/// RUSH0208 for a word of a command that is the hole `hole`; `option` is the word before it.
pub fn maybe_none_argument(
    at: Span,
    source: &str,
    hole: TextRange,
    option: Option<(&str, TextRange)>,
) -> Diagnostic {
    let alone = format!("${{...{source}}}");
    let both = option.map(|(option, word)| {
        let text = format!("${{...if {source} != none then [{option:?}, {source}] else []}}");
        (option, Edit::replace(&at.item, word.cover(hole), text))
    });
    let mut help = format!("write `{alone}` to leave the argument out, ");
    if let Some((option, edit)) = &both {
        let _ = write!(help, "`{}` to leave out `{option}` as well, ", edit.text);
    }
    let _ = write!(help, "or `${{{source} ?? \"..\"}}` for a default");
    let edit = Edit::replace(&at.item, hole, alone);
    let report = maybe_none(at, &format!("`{source}`"))
        .help(help)
        .fix(Fix::offered("leave the argument out when it is none", vec![edit]));
    match both {
        Some((option, edit)) => {
            let what = format!("leave `{option}` and its argument out when it is none");
            report.fix(Fix::offered(what, vec![edit]))
        }
        None => report,
    }
}

/// RUSH0208 for an element of a list that is joined.
pub fn maybe_none_element(at: Span, source: &str) -> Diagnostic {
    let edit = Edit::replace(&at.item, at.range, format!("...{source}"));
    maybe_none(at, &format!("`{source}`"))
        .help(format!("write `...{source}` to leave it out then, or give a value with `??`"))
        .fix(Fix::offered("leave it out when it is none", vec![edit]))
}

/// RUSH0208 for a list that is joined.
pub fn maybe_none_in_list(at: Span, source: &str) -> Diagnostic {
    maybe_none(at, &format!("an element of `{source}`"))
        .help(format!("leave those out: `[for it in {source}: ...it]`"))
}

/// RUSH0209.
pub fn comparison_is_constant(at: Span, left: &Ty, right: &Ty, outcome: &str) -> Diagnostic {
    let found = Diagnostic::new(
        Code::AlwaysFalse,
        at,
        format!("this is always {outcome}: {left} is never {right}"),
    );
    match meant(left, right).or_else(|| meant(right, left)) {
        Some(text) => found.help(format!("did you mean {text:?}?")),
        None => found,
    }
}

/// The member of `many` that the text `one` is another word for.
fn meant(many: &Ty, one: &Ty) -> Option<String> {
    const WORDS: &[(&[&str], &str)] = &[
        (&["darwin", "osx", "mac", "macosx", "Darwin"], "macos"),
        (&["win", "win32", "win64", "Windows", "nt"], "windows"),
        (&["Linux", "gnu"], "linux"),
        (&["arm64"], "aarch64"),
        (&["amd64", "x64", "x86-64"], "x86_64"),
    ];
    let members = many.literal_texts()?;
    let texts = one.literal_texts()?;
    let [text] = texts.as_slice() else { return None };
    let known = members.iter().map(smol_str::SmolStr::as_str);
    let other = WORDS.iter().find(|(words, _)| words.contains(&text.as_str()));
    let other = other.map(|it| it.1).filter(|it| known.clone().any(|member| member == *it));
    other.or_else(|| suggest(text, known)).map(str::to_owned)
}

/// RUSH0204 for a variant where a record is expected whose `field` takes it.
pub fn field_takes_tag(at: Span, tag: &str, field: &str, source: &str) -> Diagnostic {
    let text = format!("{{ {field}: {source} }}");
    let edit = Edit::replace(&at.item, at.range, text.clone());
    let message = format!("`{tag}(..)` is a value of the field `{field}`: write `{text}`");
    Diagnostic::new(Code::TypeMismatch, at, message)
        .fix(Fix::automatic(format!("write `{text}`"), vec![edit]))
}

/// RUSH0204 for names and `/` where a path or a pattern is expected.
pub fn needs_quotes(at: Span, source: &str) -> Diagnostic {
    let text = format!("{source:?}");
    let edit = Edit::replace(&at.item, at.range, text.clone());
    Diagnostic::new(Code::TypeMismatch, at, "paths and patterns are texts, between quotes")
        .fix(Fix::automatic(format!("write `{text}`"), vec![edit]))
}

/// RUSH0204 for a list of words that looks like one command.
pub fn one_command(at: Span, words: &[SmolStr]) -> Diagnostic {
    let command = format!("`{}`", words.join(" "));
    let edit = Edit::replace(&at.item, at.range, command.clone());
    Diagnostic::new(Code::TypeMismatch, at, "expected commands, found texts: use backticks")
        .note("a list holds several commands, one after the other")
        .help(format!("write {command} for one command"))
        .fix(Fix::offered("make it one command", vec![edit]))
}

/// RUSH0210. `fix` writes the whole literal anew.
pub fn bad_glob(at: Span, problem: &str, fix: Option<Fix>) -> Diagnostic {
    let report = Diagnostic::new(Code::BadGlob, at, format!("bad glob: {problem}"));
    match fix {
        Some(fix) => report.fix(fix),
        None => report,
    }
}

/// Writes `pattern` at the place of a literal with a pattern that is not well formed.
pub fn better_glob(place: &Span, pattern: &str, certainty: Certainty) -> Fix {
    let make = match certainty {
        Certainty::Sure => Fix::automatic,
        Certainty::Guess => Fix::offered,
    };
    let edit = Edit::replace(&place.item, place.range, format!("{pattern:?}"));
    make(format!("change it to `{pattern}`"), vec![edit])
}

/// RUSH0211 for a regular expression; `offset` counts bytes from its start.
pub fn bad_regex(at: Span, problem: &str, offset: usize) -> Diagnostic {
    Diagnostic::new(
        Code::BadRegex,
        at,
        format!("bad regular expression: {problem} at column {}", offset + 1),
    )
}

/// RUSH0211 for a path or a cron line.
pub fn bad_path(at: Span, what: &str, problem: &str) -> Diagnostic {
    Diagnostic::new(Code::BadRegex, at, format!("bad {what}: {problem}"))
}

/// RUSH0507.
pub fn outside_workspace(at: Span, written: &str) -> Diagnostic {
    let is_absolute = written.starts_with('/') && !written.starts_with("//");
    Diagnostic::new(Code::OutsideWorkspace, at, format!("`{written}` lies outside the workspace"))
        .help(if is_absolute {
            "a file of the system is a text and no `path`: declare it as `string`; `//x` starts at \
             the workspace root"
        } else {
            "paths are relative to the package of the task; `//x` starts at the workspace root"
        })
}

/// RUSH0204 for a `...` parameter whose type is no list.
pub fn rest_is_no_list(at: Span, ty: &Ty) -> Diagnostic {
    let message = format!("what `...` collects is a list, not {}", describe(ty));
    Diagnostic::new(Code::TypeMismatch, at, message).help(format!("write `[{ty}]`"))
}

/// RUSH0204 for a refinement that the type can't have.
pub fn bad_refinement(at: Span, ty: &Ty) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, at, format!("`{ty}` can't be narrowed in this way"))
        .help("numbers, durations and sizes take a range that is not empty, as `int(1..=9)`; texts take a pattern, as `string(r\"v\\d+\")`")
}

/// RUSH0214.
pub fn bad_operands(at: Span, verb: &str, left: &Ty, right: &Ty) -> Diagnostic {
    let (mut first, mut second) = (left, right);
    if verb == "subtract" {
        std::mem::swap(&mut first, &mut second);
    }
    let (first, second) = (describe(first), describe(second));
    Diagnostic::new(
        Code::BadOperands,
        at,
        format!("can't {verb} {first} {} {second}", preposition(verb)),
    )
}

/// RUSH0214 for values with a secret in them.
pub fn secrets_compared(at: Span, left: &Ty, right: &Ty) -> Diagnostic {
    bad_operands(at, "compare", left, right)
        .note("there is a secret in it, and what a secret is nobody knows before the command runs")
}

fn preposition(verb: &str) -> &'static str {
    match verb {
        "compare" => "with",
        "divide" | "multiply" => "by",
        "subtract" => "from",
        _ => "and",
    }
}

/// RUSH0302, also for texts.
pub fn list_in_argument(at: Span, found: &Ty, source: Option<&str>) -> Diagnostic {
    let what = if matches!(found.bare(), Ty::List(_)) { "a list" } else { "a record" };
    let report = Diagnostic::new(
        Code::ListInArgument,
        at.clone(),
        format!("{what} can't be part of one argument or text"),
    );
    match source {
        Some(source) if what == "a list" => {
            let edit = Edit::replace(&at.item, at.range, format!("${{...{source}}}"));
            report
                .help(format!("write `${{...{source}}}` for one argument each"))
                .fix(Fix::automatic("make it one argument each", vec![edit]))
        }
        _ => report.help("join its elements with `.join(\" \")`, or pick one"),
    }
}

/// A type as it is said in a sentence.
pub(super) fn describe(ty: &Ty) -> String {
    match ty {
        Ty::Alias(alias) => format!("`{}`", alias.name),
        Ty::Bool => "true or false".to_owned(),
        Ty::None => "`none`".to_owned(),
        Ty::Int(it) if it.single().is_none() => "a whole number".to_owned(),
        Ty::Float(it) if it.single().is_none() => "a number".to_owned(),
        Ty::Int(_) | Ty::Float(_) => format!("the number {ty}"),
        Ty::Duration(_) => "a duration".to_owned(),
        Ty::Size(_) => "a size".to_owned(),
        Ty::Text(_) => "text".to_owned(),
        Ty::Path => "a path".to_owned(),
        Ty::Glob => "a glob".to_owned(),
        Ty::Regex => "a regular expression".to_owned(),
        Ty::Cron => "a cron line".to_owned(),
        Ty::Command => "a command".to_owned(),
        Ty::Secret => "a secret".to_owned(),
        Ty::List(element) => match element.bare() {
            Ty::Never | Ty::Error => "a list".to_owned(),
            Ty::Text(_) => "a list of texts".to_owned(),
            other => format!("a list of `{other}`"),
        },
        Ty::Map(value) => format!("a map of `{value}`"),
        Ty::Record(_) => "a record".to_owned(),
        Ty::Tag(tag) => format!("`{}(..)`", tag.name),
        Ty::Kind(kind) | Ty::Decl { kind, .. } => format!("a {kind}"),
        Ty::Union(members) => match ty.literal_texts() {
            Some(texts) => {
                let texts: Vec<&str> =
                    texts.iter().take(8).map(smol_str::SmolStr::as_str).collect();
                format!("one of {}", quoted(&texts))
            }
            None => {
                let words: Vec<String> = members.iter().map(describe).collect();
                match words.as_slice() {
                    [rest @ .., last] if !rest.is_empty() => {
                        format!("{} or {last}", rest.join(", "))
                    }
                    _ => format!("`{ty}`"),
                }
            }
        },
        Ty::Error | Ty::Never => "nothing".to_owned(),
    }
}

fn with_reason(mut report: Diagnostic, because: Option<Label>) -> Diagnostic {
    report.secondary.extend(because);
    report
}

/// RUSH0204 for commands where tasks are named.
pub fn commands_for_tasks(at: Span, field: &str) -> Diagnostic {
    let message = format!("`{field}` names tasks; these are commands");
    Diagnostic::new(Code::TypeMismatch, at, message)
        .help("commands that follow each other are a list in `run`: run: [`make`, `make install`]")
}

/// RUSH0204 for signs of a shell outside a script.
pub fn unquoted_script(at: Span, source: &str) -> Diagnostic {
    let script = format!("sh\"\"\"{source}\"\"\"");
    let edit = Edit::replace(&at.item, at.range, script);
    let message = "a command stands between backticks, a script of a shell between `\"\"\"`";
    Diagnostic::new(Code::TypeMismatch, at, message)
        .fix(Fix::offered("make it a script with `sh`", vec![edit]))
}
