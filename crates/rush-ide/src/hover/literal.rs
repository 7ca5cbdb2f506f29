//! What a literal comes to: other units, the next times of a cron line, the files of a pattern.

use std::str::FromStr as _;

use croner::Cron;
use rush_semantics::builtins::Builtin;
use rush_semantics::infer::{Inference, Meaning, infer};
use rush_semantics::names::{package_dir, packages_matching};
use rush_semantics::ty::{self, Ty};
use rush_semantics::{Db, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{self, Expr, ExprId, fixed_text};
use text_size::TextSize;

use super::{Hover, World};
use crate::draft::Parents;
use crate::place::Placed;

/// How many files of a pattern are named.
const FILES_SHOWN: usize = 8;
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
    let inference = infer(db, placed.item);
    let text = match ast.expr(id) {
        Expr::Duration(value) => duration(*value),
        Expr::Size(value) => size(*value),
        Expr::Text(parts) => {
            let text = fixed_text(parts)?;
            match meant(inference, id)? {
                Ty::Cron => cron(&text, world.now)?,
                Ty::Glob if is_of_packages(ast, inference, id) => {
                    packages(db, package_dir(db, file), &text)
                }
                Ty::Glob if is_of_members(ast, id) => packages(db, "", &text),
                Ty::Glob => match text.strip_prefix('!') {
                    Some(rest) => {
                        format!("leaves out {}", files(world, package_dir(db, file), rest))
                    }
                    None => files(world, package_dir(db, file), &text),
                },
                _ => return None,
            }
        }
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

/// What a literal is taken as where it stands.
fn meant(inference: &Inference, id: ExprId) -> Option<&Ty> {
    let ty = inference.conversions.get(&id).unwrap_or_else(|| inference.ty(id));
    ty.members().iter().map(Ty::bare).find(|it| matches!(it, Ty::Cron | Ty::Glob))
}

/// Whether a text is the pattern of `all(..)`, which means packages.
fn is_of_packages(ast: &ast::Item, inference: &Inference, id: ExprId) -> bool {
    crate::syntax::exprs(ast).any(|(_, it)| match it {
        Expr::Call { callee, args, .. } => {
            let meaning = inference.meanings.get(callee);
            args.first().is_some_and(|it| it.value == id)
                && matches!(meaning, Some(Meaning::Builtin(Builtin::All)))
        }
        _ => false,
    })
}

/// Whether a text is one of the `members` of a workspace: its pattern means packages, too.
fn is_of_members(ast: &ast::Item, id: ExprId) -> bool {
    let is_workspace = ast.decl().is_some_and(|it| it.kind() == Kind::Workspace);
    is_workspace && Parents::of(ast).field_of(id).is_some_and(|it| it == "members")
}

fn packages(db: &dyn Db, directory: &str, pattern: &str) -> String {
    let found = packages_matching(db, directory, pattern);
    let noun = if found.len() == 1 { "package" } else { "packages" };
    let mut text = format!("{} {noun}", found.len());
    for (package, _) in found.iter().take(FILES_SHOWN) {
        text.push_str(&format!("\n- `//{package}`"));
    }
    if found.len() > FILES_SHOWN {
        text.push_str(&format!("\n- and {} more", found.len() - FILES_SHOWN));
    }
    text
}

/// The files of one pattern. What a list of several comes to stands behind it as a hint.
fn files(world: &World<'_>, directory: &str, pattern: &str) -> String {
    let found = world.files.matches(directory, &[pattern.to_owned()]);
    let more = if found.is_capped { "at least " } else { "" };
    let noun = if found.count == 1 { "file" } else { "files" };
    let mut text = format!("{more}{} {noun}", found.count);
    for path in found.first.iter().take(FILES_SHOWN) {
        text.push_str(&format!("\n- `{path}`"));
    }
    let shown = found.first.len().min(FILES_SHOWN);
    if found.count > shown {
        text.push_str(&format!("\n- and {} more", found.count - shown));
    }
    text
}

/// A duration in every unit that says it without many digits.
fn duration(nanoseconds: i64) -> String {
    const UNITS: [(&str, f64); 5] =
        [("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9), ("days", 86400e9)];
    let others = UNITS.iter().filter_map(|(unit, in_ns)| {
        let value = nanoseconds as f64 / in_ns;
        (0.01..1e7).contains(&value.abs()).then(|| format!("{} {unit}", number(value)))
    });
    format!("`{}` = {}", ty::duration(nanoseconds), others.collect::<Vec<_>>().join(" = "))
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
