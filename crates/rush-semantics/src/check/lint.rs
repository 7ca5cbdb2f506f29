//! Findings that no type error is: what is unused, repeats itself, or says too little.

use regex::Regex;
use rush_diagnostics::Diagnostic;
use rush_syntax::Kind;
use rush_syntax::ast::{Decl, Expr, Item as Ast, ItemKind, Member, Name};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::selection::{members_that_are_none, selections};
use super::{defaults, environment, file_docs, inherited, label_comments};
use crate::db::{Db, Item, SourceFile, Workspace};
use crate::infer::context_free::{item_removal, name_span};
use crate::infer::{Meaning, infer};
use crate::names::{PACKAGE_FILE, directory, import_target, resolve_path, with_bases};
use crate::report;
use crate::signature::signature;
use crate::ty::{Ty, is_settable, is_subtype};

/// The verbs of the command line; a task of such a name is reached by `rush run NAME` only.
pub const VERBS: &[&str] = &[
    "run",
    "up",
    "down",
    "ps",
    "why",
    "cache",
    "runs",
    "logs",
    "profile",
    "retry",
    "replay",
    "resume",
    "cancel",
    "check",
    "fmt",
    "plan",
    "list",
    "describe",
    "graph",
    "explain",
    "grammar",
    "config",
    "completions",
    "lsp",
    "version",
    "help",
];

/// The flags of `rush run`; a parameter of such a name has no flag of its own.
pub const RUN_FLAGS: &[&str] = &[
    "profile",
    "set",
    "parallel",
    "plan",
    "force",
    "force_task",
    "dry_run",
    "watch",
    "poll",
    "jobs",
    "env",
    "keep_going",
    "fail_fast",
    "slots",
    "yes",
    "log",
    "report",
    "format",
    "help",
    "directory",
    "color",
    "verbose",
    "trace",
];

/// The findings about one item.
pub fn item_lints(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    let mut found = file_docs::below_the_head(db, item);
    found.extend(lints_of_kind(db, item));
    found
}

fn lints_of_kind(db: &dyn Db, item: Item) -> Vec<Diagnostic> {
    let ast = item.ast(db);
    match &ast.kind {
        ItemKind::Use { path: Some(path), .. } => unknown_import(db, item, path),
        ItemKind::Decl(decl) => {
            let mut found = match decl.kind() {
                Kind::Task => task_lints(db, (item, ast), decl),
                Kind::Service => service_lints(db, item, decl),
                Kind::Workspace => workspace_lints(db, item, decl),
                _ => Vec::new(),
            };
            found.extend(label_comments::of_declaration(db, (item, ast), decl));
            found.extend(environment::unexpanded(db, (item, ast), decl));
            found.extend(inherited::clashing_variables(db, item, decl));
            found.extend(defaults::of_declaration(db, (item, ast), decl));
            found.extend(selections(db, item));
            found
        }
        ItemKind::Let(_) => {
            let mut found = defaults::of_value(db, (item, ast));
            found.extend(selections(db, item));
            found
        }
        ItemKind::Param(_) => defaults::of_value(db, (item, ast)),
        ItemKind::Fn { .. } => selections(db, item),
        _ => Vec::new(),
    }
}

fn unknown_import(db: &dyn Db, item: Item, path: &rush_syntax::ast::Name) -> Vec<Diagnostic> {
    if import_target(db, item).is_some() {
        return Vec::new();
    }
    let sought = resolve_path(directory(item.file(db).path(db)), &path.text);
    let at = rush_diagnostics::Span::new(item.id(db), path.range);
    let known: Vec<SmolStr> = db.workspace().files(db).keys().cloned().collect();
    let known = known.iter().map(SmolStr::as_str);
    vec![report::unknown_file(at, &path.text, sought.as_deref(), known)]
}

/// The fields of which a task has one at least, if it does anything.
const DOING: [&str; 4] = ["run", "needs", "steps", "finally"];

fn task_lints(db: &dyn Db, (item, ast): (Item, &Ast), decl: &Decl) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(name) = &decl.name else { return found };
    let at = || rush_diagnostics::Span::new(item.id(db), name.range);
    let does_something = DOING.iter().any(|it| ast.field(it).is_some())
        || DOING.iter().any(|it| has_field(db, item, it));
    if !does_something && decl.body.is_complete && is_understood(db, decl) {
        found.push(report::nothing_to_do(at(), &name.text));
    }
    found.extend(idle_cache(db, (item, ast), decl));
    if VERBS.contains(&name.text.as_str()) {
        found.push(report::verb_name(at(), &name.text));
    }
    let params = decl.params.as_deref().unwrap_or_default();
    let known = if params.is_empty() { &[] } else { signature(db, item).params.as_slice() };
    for param in params {
        let Some(param_name) = &param.name else { continue };
        let at = || rush_diagnostics::Span::new(item.id(db), param_name.range);
        if RUN_FLAGS.contains(&param_name.text.as_str()) {
            found.push(report::flag_name(at(), "parameter", &name.text, &param_name.text));
        }
        let sig = known.iter().find(|it| it.name == param_name.text);
        if let Some(sig) = sig
            && !sig.has_default
            && !sig.is_rest
            && !is_settable(&sig.ty)
        {
            found.push(report::unsettable_parameter(at(), &param_name.text, &sig.ty));
        }
    }
    for axis in own_axes(ast, decl) {
        if RUN_FLAGS.contains(&axis.text.as_str()) {
            let at = rush_diagnostics::Span::new(item.id(db), axis.range);
            found.push(report::flag_name(at, "axis", &name.text, &axis.text));
        }
    }
    found
}

/// Whether its kind has all fields of a declaration: one that nobody knows may be a `run` spelled wrong.
fn is_understood(db: &dyn Db, decl: &Decl) -> bool {
    let def = crate::kinds::kind(db, decl.kind());
    decl.body.members.iter().all(|member| match member {
        Member::Field(field) => def.is_some_and(|it| it.field(&field.name.text).is_some()),
        _ => true,
    })
}

/// The names of the axes a declaration writes itself.
fn own_axes<'a>(ast: &'a Ast, decl: &'a Decl) -> impl Iterator<Item = &'a Name> {
    let fields = |members: &'a [Member]| {
        members.iter().filter_map(|it| match it {
            Member::Field(field) => Some(field),
            _ => None,
        })
    };
    let matrix = fields(&decl.body.members).find(|it| it.name.text == "matrix");
    let members = match matrix.map(|it| ast.expr(it.value)) {
        Some(Expr::Record(record)) => record.members.as_slice(),
        _ => &[],
    };
    let is_axis = |it: &&Name| !matches!(it.text.as_str(), "include" | "exclude");
    fields(members).map(|it| &it.name).filter(is_axis)
}

/// A `cache` of a task that is never cached, because it says of no file that it reads it.
fn idle_cache(db: &dyn Db, (item, ast): (Item, &Ast), decl: &Decl) -> Option<Diagnostic> {
    let cache = decl.body.members.iter().find_map(|member| match member {
        Member::Field(field) if field.name.text == "cache" => Some(field),
        _ => None,
    })?;
    let Expr::Record(record) = ast.expr(cache.value) else { return None };
    let mode = match record.field("mode").map(|it| ast.expr(it.value)) {
        None => None,
        Some(Expr::Text(parts)) => Some(rush_syntax::ast::fixed_text(parts)?),
        Some(_) => return None,
    };
    let is_spread = decl.body.members.iter().any(|it| matches!(it, Member::Spread { .. }));
    if mode.is_some_and(|it| it == "off") || is_spread || has_field(db, item, "inputs") {
        return None;
    }
    Some(report::idle_cache(rush_diagnostics::Span::new(item.id(db), cache.name.range)))
}

fn has_field(db: &dyn Db, item: Item, name: &str) -> bool {
    with_bases(db, item).any(|it| it.ast(db).field(name).is_some())
}

/// The workspace's own declaration, in the `tasks.rush` of the root.
pub fn workspace_item(db: &dyn Db) -> Option<Item> {
    workspace_item_of(db, db.workspace())
}

#[salsa::tracked(returns(copy))]
fn workspace_item_of(db: &dyn Db, workspace: Workspace) -> Option<Item> {
    let root = *workspace.packages(db).get("")?;
    root.items(db).iter().copied().find(|item| item.kind(db) == Kind::Workspace)
}

fn service_lints(db: &dyn Db, item: Item, decl: &Decl) -> Vec<Diagnostic> {
    let Some(name) = &decl.name else { return Vec::new() };
    let is_ready = |member: &Member| match member {
        Member::Field(field) => {
            field.name.text == "ready"
                || rush_diagnostics::synonym(&field.name.text) == Some("ready")
        }
        _ => false,
    };
    if decl.body.members.iter().any(is_ready) || !decl.body.is_complete {
        return Vec::new();
    }
    let at = rush_diagnostics::Span::new(item.id(db), name.range);
    vec![report::missing_ready(at, &name.text, port_of(db, item).as_deref())]
}

/// The parameter of a service that can be asked as a port: the one called so, else the first.
fn port_of(db: &dyn Db, service: Item) -> Option<SmolStr> {
    let probe = crate::kinds::kind(db, Kind::Service)?.field("ready")?.ty.clone();
    let Ty::Record(ready) = crate::ty::strip_none(&probe).bare().clone() else { return None };
    let tcp = crate::infer::tag_of(&ready.field("probe")?.ty, "tcp")?;
    let port = &tcp.fields.first()?.ty;
    let params = &crate::signature::signature(db, service).params;
    let mut fitting = params.iter().filter(|it| is_subtype(&it.ty, port) && !it.ty.is_error());
    let first = fitting.clone().next();
    fitting.find(|it| it.name.contains("port")).or(first).map(|it| it.name.clone())
}

fn workspace_lints(db: &dyn Db, item: Item, decl: &Decl) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let at = rush_diagnostics::Span::new(item.id(db), decl.kind.range);
    if item.file(db).path(db).as_str() != PACKAGE_FILE {
        let original = workspace_item(db).and_then(|it| {
            let range = it.ast(db).decl()?.kind.range;
            Some(rush_diagnostics::Span::new(it.id(db), range))
        });
        return vec![report::workspace_elsewhere(at, original)];
    }
    found.extend(members_that_are_none(db, item));
    let first = item.file(db).items(db).iter().copied().find(|it| it.kind(db) == Kind::Workspace);
    if let Some(first) = first.filter(|first| *first != item)
        && let ItemKind::Decl(original) = &first.ast(db).kind
    {
        let original = rush_diagnostics::Span::new(first.id(db), original.kind.range);
        found.push(report::duplicate_workspace(at, original));
    }
    let ast = item.ast(db);
    if let Some(edition) = ast.field("edition").map(|it| it.value)
        && let Expr::Int(number) = ast.expr(edition)
        && *number != 1
    {
        let at = rush_diagnostics::Span::new(item.id(db), ast.expr_range(edition));
        found.push(report::bad_edition(at, *number));
    }
    found
}

/// The findings that need a look at the whole file: what it declares and never uses.
pub fn file_lints(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for &item in file.items(db).iter() {
        match item.kind(db) {
            Kind::Use => {
                let used = used_imports(db, file);
                if let Some(name) = item.ast(db).name()
                    && !used.contains(&name.text)
                    && import_target(db, item).is_some()
                {
                    let at = rush_diagnostics::Span::new(item.id(db), name.range);
                    found.push(report::unused_import(at, &name.text, item_removal(db, item)));
                }
            }
            Kind::Secret => found.extend(unused_secret(db, item)),
            _ => {}
        }
    }
    found
}

/// The namespaces a file mentions; by syntax, so a broken mention counts.
#[salsa::tracked(returns(ref))]
fn used_imports(db: &dyn Db, file: SourceFile) -> FxHashSet<SmolStr> {
    let items = file.items(db).iter();
    if db.has_fixed_texts() {
        return items.flat_map(|item| mentions(item.ast(db))).cloned().collect();
    }
    items.flat_map(|item| mentioned(db, *item).iter().cloned()).collect()
}

#[salsa::tracked(returns(ref))]
fn mentioned(db: &dyn Db, item: Item) -> Vec<SmolStr> {
    let mut found: Vec<SmolStr> = mentions(item.ast(db)).into_iter().cloned().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The names an item uses where a namespace can stand.
fn mentions(ast: &rush_syntax::ast::Item) -> Vec<&SmolStr> {
    let mut found = Vec::new();
    for at in 0..ast.expr_count() {
        if let Expr::Name(name) = ast.expr(rush_syntax::ast::ExprId(at as u32)) {
            found.push(name);
        }
    }
    for at in 0..ast.type_count() {
        if let rush_syntax::ast::TypeExpr::Path { path, .. } =
            ast.ty(rush_syntax::ast::TypeId(at as u32))
            && let [namespace, _] = path.as_slice()
        {
            found.push(&namespace.text);
        }
    }
    if let ItemKind::Decl(decl) = &ast.kind
        && let Some(extends) = &decl.extends
        && let Some(first) = extends.path.first()
    {
        found.push(&first.text);
    }
    found
}

fn unused_secret(db: &dyn Db, item: Item) -> Option<Diagnostic> {
    if used_secrets(db, db.workspace()).contains(&item) {
        return None;
    }
    let name = item.ast(db).name()?;
    if crate::names::duplicate_of(db, item).is_some() {
        return None;
    }
    Some(report::unused_secret(name_span(db, item)?, &name.text))
}

/// The secrets that an item of the workspace means somewhere.
#[salsa::tracked(returns(ref))]
fn used_secrets(db: &dyn Db, workspace: Workspace) -> FxHashSet<Item> {
    let mut found = FxHashSet::default();
    let items = || workspace.files(db).values().flat_map(|file| file.items(db).iter().copied());
    let is_secret = |item: &Item| item.kind(db) == Kind::Secret;
    let names: Vec<String> =
        items().filter(is_secret).map(|it| regex::escape(it.name(db))).collect();
    // The text is asked first: most items name no secret, and need not be understood for this.
    let Ok(mention) = Regex::new(&names.join("|")) else { return found };
    for item in items().filter(|item| mention.is_match(item.text(db))) {
        db.unwind_if_revision_cancelled();
        let inference = infer(db, item);
        let meant = inference.meanings.values().filter_map(|it| match it {
            Meaning::Item(meant) if *meant != item && is_secret(meant) => Some(*meant),
            _ => None,
        });
        found.extend(meant.chain(inference.script_secrets.iter().copied()));
    }
    found
}
