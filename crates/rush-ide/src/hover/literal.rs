//! What a literal comes to: other units, the next times of a cron line, the files of a pattern.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use croner::Cron;
use rush_semantics::builtins::Builtin;
use rush_semantics::infer::infer;
use rush_semantics::names::{package_dir, packages_matching};
use rush_semantics::ty::{self, Ty};
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{self, Expr, ExprId, fixed_text};
use text_size::TextSize;

use super::{Hover, World};
use crate::constants;
use crate::draft::Parents;
use crate::place::Placed;
use crate::taken::{Taken, taken};

/// How many files of a pattern are named.
const FILES_SHOWN: usize = 8;
/// For how many packages it is told what patterns match there.
const PACKAGES_SHOWN: usize = 3;
/// How many times of a cron line are told.
const TIMES_SHOWN: usize = 3;

/// What there is to say about the literal at `offset`.
pub(super) fn hover(
    db: &dyn Db,
    world: &World<'_>,
    file: SourceFile,
    offset: TextSize,
) -> Option<Hover> {
    let (placed, inside) = Placed::at(db, file, offset)?;
    let ast = placed.item.ast(db);
    let id = innermost(ast, inside)?;
    let text = match ast.expr(id) {
        Expr::Duration(value) => duration(*value),
        Expr::Size(value) => size(*value),
        Expr::Text(_) => meant(db, world, placed.item, id)?,
        _ => return None,
    };
    Some(Hover { at: placed.range(db, ast.expr_range(id)), text })
}

/// The smallest expression that has the byte.
pub(super) fn innermost(ast: &ast::Item, at: TextSize) -> Option<ExprId> {
    let all = (0..ast.expr_count()).map(|it| ExprId(it as u32));
    let around = all.filter(|id| ast.expr_range(*id).contains_inclusive(at));
    around.min_by_key(|id| ast.expr_range(*id).len())
}

/// What texts come to where they are taken as something else: a text, or a list of them.
pub(super) fn meant(db: &dyn Db, world: &World<'_>, item: Item, value: ExprId) -> Option<String> {
    let texts = match item.ast(db).expr(value) {
        Expr::Text(parts) => vec![fixed_text(parts)?.to_string()],
        _ => constants::texts(db, item, value)?,
    };
    let own = package_dir(db, item.file(db));
    let mut pages: Vec<String> = Vec::new();
    for taken in taken(db, item, value, |it| element(it).is_some()) {
        let Some(page) = page(db, world, &taken, &texts) else { continue };
        let package = package_dir(db, taken.item.file(db));
        let page = if package == own { page } else { format!("in `//{package}`: {page}") };
        if !pages.contains(&page) {
            pages.push(page);
        }
    }
    if pages.len() > PACKAGES_SHOWN {
        pages.truncate(PACKAGES_SHOWN);
        pages.push("and in other packages".to_owned());
    }
    (!pages.is_empty()).then(|| pages.join("\n\n"))
}

fn page(db: &dyn Db, world: &World<'_>, taken: &Taken, texts: &[String]) -> Option<String> {
    let (item, id) = (taken.item, taken.value);
    let ast = item.ast(db);
    match (element(&taken.ty)?, texts) {
        (Ty::Cron, [line]) => cron(line, world.now),
        (Ty::Glob, _) if is_of_packages(db, item, id) => {
            Some(packages(db, package_dir(db, item.file(db)), texts))
        }
        (Ty::Glob, _) if is_of_members(ast, id) => Some(packages(db, "", texts)),
        (Ty::Glob, _) => Some(files(world, package_dir(db, item.file(db)), texts)),
        _ => None,
    }
}

/// What is told about in a type, which may be that of a list.
fn element(ty: &Ty) -> Option<&Ty> {
    ty.members().iter().map(Ty::bare).find_map(|it| match it {
        Ty::Cron | Ty::Glob => Some(it),
        Ty::List(inner) => element(inner),
        _ => None,
    })
}

/// Whether a text is the pattern of `all(..)`, which means packages.
fn is_of_packages(db: &dyn Db, item: Item, id: ExprId) -> bool {
    let ast = item.ast(db);
    Parents::of(ast).builtin_of(ast, infer(db, item), id) == Some(Builtin::All)
}

/// Whether a text is one of the `members` of a workspace: its pattern means packages, too.
fn is_of_members(ast: &ast::Item, id: ExprId) -> bool {
    let is_workspace = ast.decl().is_some_and(|it| it.kind() == Kind::Workspace);
    is_workspace && Parents::of(ast).field_of(id).is_some_and(|it| it == "members")
}

fn packages(db: &dyn Db, directory: &str, patterns: &[String]) -> String {
    let found = patterns.iter().flat_map(|it| packages_matching(db, directory, it));
    let found: BTreeMap<_, _> = found.collect();
    let noun = if found.len() == 1 { "package" } else { "packages" };
    let mut text = format!("{} {noun}", found.len());
    for package in found.keys().take(FILES_SHOWN) {
        text.push_str(&format!("\n- `//{package}`"));
    }
    if found.len() > FILES_SHOWN {
        text.push_str(&format!("\n- and {} more", found.len() - FILES_SHOWN));
    }
    text
}

/// The files of patterns. Where all take files away, those they take.
fn files(world: &World<'_>, directory: &str, patterns: &[String]) -> String {
    let stripped = patterns.iter().map(|it| it.strip_prefix('!').map(str::to_owned));
    let without = stripped.collect::<Option<Vec<_>>>().filter(|it| !it.is_empty());
    let found = world.files.matches(directory, without.as_deref().unwrap_or(patterns));
    let verb = if without.is_some() { "leaves out " } else { "" };
    let more = if found.is_capped { "at least " } else { "" };
    let noun = if found.count == 1 { "file" } else { "files" };
    let mut text = format!("{verb}{more}{} {noun}", found.count);
    for path in found.first.iter().take(FILES_SHOWN) {
        text.push_str(&format!("\n- `{path}`"));
    }
    let shown = found.first.len().min(FILES_SHOWN);
    if found.count > shown {
        text.push_str(&format!("\n- and {} more", found.count - shown));
    }
    text
}

/// A duration in every unit in which it is a whole number, or has one digit behind the point.
fn duration(nanoseconds: i64) -> String {
    const UNITS: [(&str, i64); 5] = [
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("min", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("days", 86_400_000_000_000),
    ];
    let mut text = format!("`{}`", ty::duration(nanoseconds));
    for (unit, in_ns) in UNITS.iter().filter(|(_, it)| nanoseconds % (it / 10) == 0) {
        let value = nanoseconds as f64 / *in_ns as f64;
        text.push_str(&format!(" = {} {unit}", number(value)));
    }
    text
}

fn size(bytes: i64) -> String {
    const UNITS: [(&str, f64); 7] = [
        ("bytes", 1.0),
        ("kB", 1e3),
        ("KiB", 1024.0),
        ("MB", 1e6),
        ("MiB", 1_048_576.0),
        ("GB", 1e9),
        ("GiB", 1_073_741_824.0),
    ];
    let others = UNITS.iter().filter_map(|(unit, in_bytes)| {
        let value = bytes as f64 / in_bytes;
        let is_fit = *unit == "bytes" || (0.01..1e6).contains(&value.abs());
        is_fit.then(|| format!("{} {unit}", number(value)))
    });
    format!("`{}` = {}", ty::size(bytes), others.collect::<Vec<_>>().join(" = "))
}

/// At most three digits behind the point, and none that says nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The next times of a cron line, in UTC.
fn cron(line: &str, now: i64) -> Option<String> {
    let cron = Cron::from_str(line).ok()?;
    let now = jiff::Timestamp::from_second(now).ok()?;
    let now = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let times = cron.iter_after(now).take(TIMES_SHOWN);
    let times: Vec<String> =
        times.map(|it| format!("\n- {}", it.strftime("%a %Y-%m-%d %H:%M UTC"))).collect();
    Some(format!("next{}", times.concat()))
}
