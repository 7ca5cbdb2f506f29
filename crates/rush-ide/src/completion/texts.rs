//! Inside quotes: members of unions, paths, labels, holes.

use rush_semantics::builtins::Builtin;
use rush_semantics::infer::Meaning;
use rush_semantics::names::{
    Namespace, declarations, file_names, is_private, package_dir, packages_matching,
};
use rush_semantics::signature::value_type;
use rush_semantics::ty::{TextTy, Ty};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Part};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use text_size::TextSize;

use super::list::{List, Rank};
use super::paths::Wanted;
use super::wanted::is_scalar;
use super::{Completion, CompletionKind, Insert, Site};
use crate::draft::{Parent, WORD};
use crate::place::FileRange;

/// What is written between quotes, around the word.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// What precedes the word, since the quote or the last hole.
    pub(super) before: String,
    /// Whether a hole precedes that.
    pub(super) follows_hole: bool,
    /// What follows the word, up to the quote or the next hole.
    pub(super) after: String,
}

impl Content {
    /// The content around the word.
    pub(super) fn of(parts: &[Part]) -> Self {
        let mut content = Self { before: String::new(), follows_hole: false, after: String::new() };
        let mut is_found = false;
        for part in parts {
            match part {
                Part::Text { value, .. } if is_found => content.after.push_str(value),
                Part::Text { value, .. } => match value.split_once(WORD) {
                    Some((before, after)) => {
                        content.before.push_str(before);
                        content.after.push_str(after);
                        is_found = true;
                    }
                    None => content.before.push_str(value),
                },
                Part::Hole { .. } if is_found => break,
                Part::Hole { .. } => {
                    content.before.clear();
                    content.follows_hole = true;
                }
            }
        }
        content
    }
}

impl Site<'_> {
    /// Adds what can stand in a text.
    pub(super) fn text(self, text: ExprId, parts: &[Part], list: &mut List) {
        let content = Content::of(parts);
        if content.before.ends_with('$') {
            return self.holes(&content, InCommand::No, list);
        }
        if let Some(Parent::OfCall(call, at)) = self.draft.parents.get(text)
            && let Expr::Call { callee, args, .. } = self.draft.ast.expr(*call)
            && let Some(Meaning::Builtin(Builtin::All)) = self.view.inference.meanings.get(callee)
        {
            let whole = self.content_range(text);
            return match at {
                0 => self.packages(whole, list),
                _ => self.labels(args.first().map(|it| it.value), whole, list),
            };
        }
        let whole = self.content_range(text);
        for profile in self.compared_profiles(text) {
            let it = list.proposal(&profile, CompletionKind::Member);
            list.add(Rank::Member, Completion { replaces: whole, ..it });
        }
        if let Some(Parent::OfList(elements)) = self.draft.parents.get(text) {
            self.listed_names(*elements, whole, list);
        }
        let Some(expected) = self.view.expected.get(&text) else {
            return self.paths_by_name(text, &content, list);
        };
        for member in expected.members() {
            match member.bare() {
                Ty::Text(TextTy::Literal(value)) => {
                    let it = list.proposal(value, CompletionKind::Member);
                    let insert = Insert::Plain(crate::syntax::escaped(value));
                    list.add(Rank::Member, Completion { insert, replaces: whole, ..it });
                }
                Ty::Text(TextTy::Pattern(pattern)) => signals(pattern, whole, list),
                Ty::Path if !content.follows_hole => {
                    self.paths(&content, Wanted::in_path(self.wanted_entries(text)), list);
                }
                Ty::Glob if !content.follows_hole => {
                    self.paths(&content, Wanted::IN_PATTERN, list);
                    let package = package_dir(self.db, self.draft.file(self.db));
                    self.patterns_from(&content, package, list);
                }
                _ => {}
            }
        }
    }

    /// What is between the quotes of a text, in the file.
    fn content_range(self, text: ExprId) -> FileRange {
        let range = self.draft.ast.expr_range(text);
        let source = self.draft.source(range);
        let quotes = if source.trim_start_matches('r').starts_with("\"\"\"") { 3 } else { 1 };
        let raw = usize::from(source.starts_with('r'));
        let is_closed = source.len() > raw + 2 * quotes - 1 && source.ends_with('"');
        let end = range.end() - TextSize::new(if is_closed { quotes as u32 } else { 0 });
        let rest = usize::from(end.checked_sub(self.draft.word.end()).unwrap_or_default());
        // Without a closing quote the text goes on to the end of the line, and that is not ours.
        let rest = if is_closed { rest } else { 0 };
        self.draft.around(self.db, range.start() + TextSize::new((raw + quotes) as u32), rest)
    }

    /// Adds patterns of packages, for `all(..)`.
    fn packages(self, whole: FileRange, list: &mut List) {
        let packages = self.db.workspace().packages(self.db);
        let mut parents: FxHashMap<&str, usize> = FxHashMap::default();
        for package in packages.keys().filter(|it| !it.is_empty()) {
            *parents.entry(package.rsplit_once('/').map_or("", |it| it.0)).or_insert(0) += 1;
        }
        let mut parents: Vec<_> = parents.into_iter().collect();
        parents.sort_unstable();
        for (parent, count) in parents {
            let slash = if parent.is_empty() { "" } else { "/" };
            let it = list.proposal(&format!("//{parent}{slash}*"), CompletionKind::Member);
            let plural = if count == 1 { "package" } else { "packages" };
            let detail = Some(format!("{count} {plural}"));
            list.add(Rank::Member, Completion { replaces: whole, detail, ..it });
        }
        let all = packages.keys().map(|it| (it.as_str(), it)).collect();
        for package in list.names(all) {
            let it = list.proposal(&format!("//{package}"), CompletionKind::Directory);
            list.add(Rank::Fits, Completion { replaces: whole, ..it });
        }
    }

    /// Adds the names of the tasks of the packages that a pattern matches.
    fn labels(self, pattern: Option<ExprId>, whole: FileRange, list: &mut List) {
        let Some(Expr::Text(parts)) = pattern.map(|it| self.draft.ast.expr(it)) else { return };
        let [Part::Text { value: pattern, .. }] = parts.as_slice() else { return };
        let packages =
            packages_matching(self.db, package_dir(self.db, self.draft.file(self.db)), pattern);
        let mut tasks: FxHashMap<&SmolStr, usize> = FxHashMap::default();
        for (_, file) in &packages {
            for name in file_names(self.db, *file).names(Namespace::Values) {
                let items = declarations(self.db, *file, Namespace::Values, name).first();
                let is_task = items.is_some_and(|it| it.kind(self.db).is_runnable());
                if is_task && !is_private(name) {
                    *tasks.entry(name).or_insert(0) += 1;
                }
            }
        }
        let all = tasks.iter().map(|(name, count)| (name.as_str(), (*name, *count))).collect();
        for (name, count) in list.names(all) {
            let it = list.proposal(name, CompletionKind::Task);
            let detail = Some(format!("in {count} of {} packages", packages.len()));
            let rank = if count == packages.len() { Rank::Member } else { Rank::Near };
            list.add(rank, Completion { replaces: whole, detail, ..it });
        }
    }

    /// Adds `${name}` for what can be part of the text, after a `$`.
    pub(super) fn holes(self, content: &Content, place: InCommand, list: &mut List) {
        debug_assert!(content.before.ends_with('$'), "asked for after a `$` only");
        let start = self.draft.word.start() - TextSize::of('$');
        let replaces = self.draft.around(self.db, start, 0);
        let file = self.draft.file(self.db);
        let mut found: Vec<(String, Ty, CompletionKind)> = Vec::new();
        for local in self.view.locals.iter().rev() {
            found.push((local.name.to_string(), local.ty.clone(), CompletionKind::Local));
        }
        for (axis, ty) in &self.view.axes {
            found.push((format!("matrix.{axis}"), ty.clone(), CompletionKind::Local));
        }
        let names = file_names(self.db, file).names(Namespace::Values);
        let names = list.names(names.map(|it| (it.as_str(), it)).collect());
        for name in names {
            let item = declarations(self.db, file, Namespace::Values, name).first().copied();
            let Some(item) = item.filter(|it| *it != self.draft.placed.item) else { continue };
            let kind = match item.kind(self.db) {
                Kind::Let => CompletionKind::Let,
                Kind::Param => CompletionKind::Param,
                _ => continue,
            };
            found.push((name.to_string(), value_type(self.db, item).clone(), kind));
        }
        for (name, ty, kind) in found {
            let label = if is_scalar(&ty) && !ty.may_be_none() || ty.is_error() {
                format!("${{{name}}}")
            } else if place == InCommand::Yes {
                format!("${{...{name}}}")
            } else {
                continue;
            };
            let rank = if kind == CompletionKind::Local { Rank::Near } else { Rank::Fits };
            let it = list.proposal(&label, kind).of_type(&ty);
            let filter = Some(format!("${name}"));
            list.add(rank, Completion { replaces, filter, ..it });
        }
        let it = list.proposal("${..}", CompletionKind::Skeleton);
        let insert = Insert::Snippet("\\${$0}".to_owned());
        list.add(Rank::Form, Completion { replaces, insert, filter: Some("$".to_owned()), ..it });
    }
}

/// The signals that processes are asked with to end.
pub(super) const SIGNALS: [&str; 7] =
    ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL"];

/// Whether a pattern is that of the prelude for signals.
pub(super) fn is_of_signals(pattern: &str) -> bool {
    pattern.starts_with("SIG")
}

/// Signals, where the pattern is that of the prelude for them.
fn signals(pattern: &str, whole: FileRange, list: &mut List) {
    for name in SIGNALS.iter().filter(|_| is_of_signals(pattern)) {
        let it = list.proposal(name, CompletionKind::Member);
        list.add(Rank::Near, Completion { replaces: whole, ..it });
    }
}

/// Whether a hole is one of a command, where lists and optional values give arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InCommand {
    /// It is.
    Yes,
    /// It is part of a text.
    No,
}
