//! From what was typed to references: labels, call syntax, flags.
//!
//! Call syntax is an expression of the language and is parsed and checked as one, as if it stood in
//! the file of the task. Flags are texts and become values by the types of the parameters.

use std::sync::Arc;

use rush_diagnostics::{Code, nearest};
use rush_plan::{Call, Given, NodeId};
use smol_str::SmolStr;

use super::convert::Problem;
use super::given::Outside;
use super::label::{LabelError, UnknownLabel, find};
use super::parse_text::{choices, parse, parse_given, parse_texts};
use super::report::help_outside;
use super::session::{Place, Session, Unit};
use super::value::{Reference, Value};
use super::{InCall, UsageError};
use rush_syntax::Kind;

use crate::check;
use crate::db::{Db, Item};
use crate::names::{Namespace, declarations, file_names, files, label, package_dir, resolve};
use crate::report::left_out;
use crate::signature::{ParamSig, matrix_axes, signature, value_type};
use crate::ty::strip_none;

/// What a request without calls asks for.
pub const DEFAULT_TASK: &str = "default";

/// How many values an example shows; more are listed apart from it.
const SHORT_LIST_MAX: usize = 6;

/// The nodes each call of the request asks for. Mistakes are noted in the session.
pub(super) fn roots(session: &mut Session<'_>) -> Vec<Vec<NodeId>> {
    let request = session.request;
    let called = called_items(session);
    check_profile(session);
    check_set(session);
    check_flags(session, &called);
    if !session.findings().usage.is_empty() {
        return Vec::new();
    }
    let mut roots = Vec::with_capacity(called.len());
    for (at, (call, items)) in called.iter().enumerate() {
        let rest: &[String] = if at + 1 == called.len() { &request.goal.rest } else { &[] };
        let mut nodes = Vec::new();
        for &item in items {
            for reference in references(session, call, item, rest) {
                let place = Place::name_of(session.db, item);
                nodes.extend(session.reference_nodes(&reference, place).unwrap_or_default());
            }
        }
        roots.push(nodes);
    }
    roots
}

fn called_items(session: &mut Session<'_>) -> Vec<(Call, Vec<Item>)> {
    let mut calls = session.request.goal.calls.clone();
    if calls.is_empty() {
        calls.push(Call::new(DEFAULT_TASK));
    }
    let mut called = Vec::with_capacity(calls.len());
    for call in calls {
        match find(session.db, "", &call.label) {
            Ok(items) => called.push((call, items)),
            Err(LabelError::Unknown(error)) => session.usage(error.into()),
            // Entering them tells what is wrong with them.
            Err(LabelError::Undeclared(items)) => called.push((call, items)),
        }
    }
    called
}

impl From<UnknownLabel> for UsageError {
    fn from(error: UnknownLabel) -> Self {
        Self {
            help: question(&error.did_you_mean),
            candidates: error.candidates,
            at: error.at.map(|range| InCall { call: error.label, range }),
            ..Self::new(error.message)
        }
    }
}

/// Asks whether one of these was meant.
fn question(labels: &[String]) -> Option<String> {
    let labels: Vec<String> = labels.iter().map(|it| format!("`{it}`")).collect();
    (!labels.is_empty()).then(|| format!("did you mean {}?", labels.join(" or ")))
}

fn check_profile(session: &mut Session<'_>) {
    let Some(name) = &session.request.goal.profile else { return };
    let db = session.db;
    let is_known =
        files(db).any(|file| !declarations(db, file, Namespace::Profiles, name).is_empty());
    if is_known {
        return;
    }
    let names = files(db).flat_map(|file| file_names(db, file).names(Namespace::Profiles));
    let mut known: Vec<String> = names.map(ToString::to_string).collect();
    known.sort();
    known.dedup();
    session.usage(unknown_word(format!("no profile is named `{name}`"), name, known));
}

/// An error about a word, with what it may have meant.
fn unknown_word(message: String, word: &str, known: Vec<String>) -> UsageError {
    let help = nearest(word, known.iter().map(String::as_str)).question("");
    UsageError { help, candidates: known, ..UsageError::new(message) }
}

fn file_params(db: &dyn Db) -> Vec<Item> {
    let items = files(db).flat_map(|file| file.items(db).iter().copied());
    items.filter(|item| item.kind(db) == Kind::Param).collect()
}

fn check_set(session: &mut Session<'_>) {
    let db = session.db;
    if session.request.goal.set.is_empty() {
        return;
    }
    let params = file_params(db);
    for (name, texts) in &session.request.goal.set {
        let named = params.iter().filter(|it| it.name(db) == name || label(db, **it) == *name);
        let named: Vec<Item> = named.copied().collect();
        if named.is_empty() {
            let mut known: Vec<String> = params.iter().map(|it| it.name(db).to_string()).collect();
            known.sort();
            known.dedup();
            session.usage(unknown_word(format!("no `param` is named `{name}`"), name, known));
        }
        for param in named {
            // A wrong value is a mistake even if nothing reads the parameter.
            let parsed = parse_texts(db, texts.as_slice(), value_type(db, param));
            let _ = session.accept(&format!("--set {name}"), parsed);
        }
    }
}

/// Every flag belongs to a called task or to a file-level parameter.
fn check_flags(session: &mut Session<'_>, called: &[(Call, Vec<Item>)]) {
    let db = session.db;
    let shared = session.request.goal.params.keys().map(|name| (name, called));
    let own = called.iter().map(std::slice::from_ref);
    let own = own.flat_map(|one| {
        one.iter().flat_map(|(call, _)| call.params.keys()).map(move |it| (it, one))
    });
    for (name, called) in shared.chain(own) {
        let word = name.replace('-', "_");
        let items = called.iter().flat_map(|(_, items)| items.iter().copied());
        if items.clone().any(|item| takes(db, item, &word)) {
            continue;
        }
        let is_param = items.clone().any(|item| {
            resolve(db, item.file(db), &word).is_some_and(|it| it.kind(db) == Kind::Param)
        });
        if is_param {
            session.param_flags.insert(word);
            continue;
        }
        let known = items.clone().flat_map(|item| names_of(db, item)).collect::<Vec<_>>();
        let who = called.first().map_or("nothing", |(call, _)| call.label.as_str());
        session.usage(unknown_word(format!("`{who}` takes no `{}`", flag(name)), &word, known));
    }
}

fn names_of(db: &dyn Db, item: Item) -> Vec<String> {
    let params = signature(db, item).params.iter().filter(|it| !it.is_rest);
    let axes = matrix_axes(db, item).iter().map(|(axis, _)| axis.to_string());
    params.map(|it| it.name.to_string()).chain(axes).collect()
}

fn takes(db: &dyn Db, item: Item, name: &str) -> bool {
    let params = &signature(db, item).params;
    params.iter().any(|it| it.name == name && !it.is_rest)
        || matrix_axes(db, item).iter().any(|(axis, _)| axis == name)
}

/// The calls of one declaration that one label stands for.
fn references(
    session: &mut Session<'_>,
    call: &Call,
    item: Item,
    rest: &[String],
) -> Vec<Reference> {
    if session.enter(item).is_err() {
        return Vec::new();
    }
    let reference = match call.arguments.as_deref() {
        None | Some("" | "*") => Some(Reference { item, args: Vec::new(), axes: Vec::new() }),
        Some(arguments) => written_call(session, call, item, arguments),
    };
    let Some(mut reference) = reference else { return Vec::new() };
    let db = session.db;
    reference.args.resize(signature(db, item).params.len(), None);
    give_flags(session, call, &mut reference);
    give_rest(session, &mut reference, rest);
    let references = if call.arguments.as_deref() == Some("*") {
        every_member(session, reference)
    } else {
        vec![reference]
    };
    // A value that was given and is wrong is no missing one.
    if session.findings().usage.is_empty() {
        require_all(session, (call, item), &references);
    }
    references
}

/// `build(crate: "api")`, parsed and checked as a `let` of the task's file.
fn written_call(
    session: &mut Session<'_>,
    call: &Call,
    item: Item,
    arguments: &str,
) -> Option<Reference> {
    let db = session.db;
    let prefix = format!("let _request = {}(", item.name(db));
    let text: Arc<str> = Arc::from(format!("{prefix}{arguments})\n"));
    // A slot of its own: no file lists it, so nothing but this request ever sees it.
    let written = Item::detached(db, item.file(db), "_request", text);
    let problems = check::item_diagnostics(db, written).iter().filter(|it| it.is_error());
    let mut has_problem = false;
    for problem in problems {
        has_problem = true;
        let range = problem.primary.span.range;
        let place = |at: rush_diagnostics::TextSize| {
            usize::from(at).saturating_sub(prefix.len()).min(arguments.len())
        };
        let label = call.label.strip_prefix("//:").unwrap_or(&call.label);
        let before = label.len() + 1;
        session.usage(UsageError {
            help: problem.help.clone(),
            at: Some(InCall {
                call: format!("{label}({arguments})"),
                range: before + place(range.start())..before + place(range.end()),
            }),
            ..UsageError::new(problem.message.clone())
        });
    }
    if has_problem {
        return None;
    }
    match session.settle(|session| session.force(&Unit::Item(written))) {
        Ok(Some(Value::Reference(reference))) => Some(Reference::clone(&reference)),
        Ok(_) | Err(_) => None,
    }
}

/// What the call's own flags give, else those for all calls.
fn given<'a>(session: &Session<'a>, call: &'a Call, name: &str) -> Option<&'a Given> {
    let both = [&call.params, &session.request.goal.params];
    both.into_iter().find_map(|it| it.get(name).or_else(|| it.get(&name.replace('_', "-"))))
}

fn give_flags(session: &mut Session<'_>, call: &Call, reference: &mut Reference) {
    let db = session.db;
    for (param, slot) in signature(db, reference.item).params.iter().zip(&mut reference.args) {
        let Some(given) = given(session, call, &param.name).filter(|_| !param.is_rest) else {
            continue;
        };
        if slot.is_some() {
            let message = format!("`{}` is given twice", param.name);
            session.usage(UsageError::new(message));
        }
        let parsed = inside(db, reference.item, parse_given(db, given, &param.ty));
        *slot = session.accept(&flag(&param.name), parsed).ok();
    }
    for (axis, ty) in matrix_axes(db, reference.item) {
        let Some(given) = given(session, call, axis) else { continue };
        let parsed = inside(db, reference.item, parse_given(db, given, ty));
        if let Ok(value) = session.accept(&flag(axis), parsed) {
            reference.axes.push((axis.clone(), value));
        }
    }
}

fn give_rest(session: &mut Session<'_>, reference: &mut Reference, rest: &[String]) {
    if rest.is_empty() {
        return;
    }
    let db = session.db;
    let params = &signature(db, reference.item).params;
    let slot = params.iter().position(|it| it.is_rest);
    let slot = slot.and_then(|at| Some((params.get(at)?, reference.args.get_mut(at)?)));
    let Some((param, slot)) = slot else {
        let name = reference.item.name(db);
        session.usage(UsageError {
            help: Some(format!("declare it: `task {name}(...args: [string])`")),
            ..UsageError::new(format!("`{name}` takes nothing after `--`"))
        });
        return;
    };
    let given = Given::Texts(rest.to_vec());
    let parsed = inside(db, reference.item, parse_given(db, &given, &param.ty));
    *slot = session.accept("--", parsed).ok();
}

/// What was given to a task; its paths must not leave the workspace.
fn inside(db: &dyn Db, item: Item, parsed: Result<Value, Problem>) -> Result<Value, Problem> {
    let value = parsed?;
    match value.outside(package_dir(db, item.file(db))) {
        None => Ok(value),
        Some(Outside { path, why }) => Err(Problem {
            code: Code::OutsideWorkspace,
            message: format!("{why}: `{path}`"),
            help: Some(help_outside(&path).to_owned()),
            candidates: Vec::new(),
        }),
    }
}

/// `build(*)`: a call for every member of each parameter that has listed members and no value.
fn every_member(session: &mut Session<'_>, reference: Reference) -> Vec<Reference> {
    let db = session.db;
    let params = &signature(db, reference.item).params;
    let is_open = |at: usize| matches!(reference.args.get(at), Some(None));
    let all = params.iter().enumerate();
    let listed: Vec<(usize, &ParamSig)> =
        all.filter(|(at, it)| is_open(*at) && !choices(&it.ty).is_empty()).collect();
    let required = listed.iter().filter(|(_, it)| !it.has_default).copied();
    let mut chosen: Vec<(usize, &ParamSig)> = required.collect();
    if chosen.is_empty() {
        chosen.extend(listed.first());
    }
    if chosen.is_empty() {
        let name = reference.item.name(db);
        let message =
            format!("`{name}` has no parameter whose values are listed, so `*` means nothing");
        session.usage(UsageError::new(message));
    }
    let mut references = vec![reference];
    for (at, param) in chosen {
        let values: Vec<Value> =
            choices(&param.ty).iter().filter_map(|text| parse(db, text, &param.ty).ok()).collect();
        let expanded = references.iter().flat_map(|reference| {
            values.iter().map(|value| {
                let mut reference = Reference::clone(reference);
                if let Some(slot) = reference.args.get_mut(at) {
                    *slot = Some(value.clone());
                }
                reference
            })
        });
        references = expanded.collect();
    }
    references
}

fn require_all(session: &mut Session<'_>, (call, item): (&Call, Item), references: &[Reference]) {
    let db = session.db;
    // Of many tasks of one name, which it is has to be said.
    let who = if call.label.contains("...") { label(db, item) } else { item.name(db).to_string() };
    let params = &signature(db, item).params;
    for reference in references {
        for (param, value) in params.iter().zip(&reference.args) {
            if value.is_some() || param.has_default || param.is_rest {
                continue;
            }
            let mut members = choices(&param.ty);
            let example = match members.len() {
                0 => strip_none(&param.ty).to_string(),
                1..=SHORT_LIST_MAX => std::mem::take(&mut members)
                    .iter()
                    .map(SmolStr::as_str)
                    .collect::<Vec<_>>()
                    .join("|"),
                _ => param.name.to_uppercase(),
            };
            let help = if check::is_run_flag(&param.name) {
                let call = format!("'{}({}: {})'", item.name(db), param.name, param.ty);
                format!("`{}` is a flag of `rush run`; write the call `{call}`", flag(&param.name))
            } else {
                format!("add `{} {example}`", flag(&param.name))
            };
            session.usage(UsageError {
                help: Some(with_left_out(help, param)),
                candidates: members.iter().map(ToString::to_string).collect(),
                ..UsageError::new(format!("`{who}` needs a value for `{}`", param.name))
            });
        }
    }
}

/// The help on a missing value, with how it could be left out.
fn with_left_out(help: String, param: &ParamSig) -> String {
    if param.ty.may_be_none() { format!("{help}; {}", left_out(&[&param.name])) } else { help }
}

/// A flag as it is typed: `--dry-run` gives a value to `dry_run`.
pub(super) fn flag(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}
