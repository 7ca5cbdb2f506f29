//! Inside commands and scripts: programs, holes, variables, paths.

use rush_semantics::names::{Namespace, declarations, file_names};
use rush_semantics::signature::value_type;
use rush_syntax::Kind;
use rush_syntax::ast::{self, Element, Expr, ItemKind, Member, Name, Part};
use smol_str::SmolStr;

use super::list::{List, Rank};
use super::paths::Wanted;
use super::texts::{Content, InCommand};
use super::wanted::is_scalar;
use super::{Completion, CompletionKind, Insert, Site};
use crate::draft::WORD;

/// How the languages of scripts read a variable: what precedes its name, and what closes it.
const READS: &[(&[&str], &str, &str)] = &[
    (&["sh", "bash", "zsh"], "${", "}"),
    (&["sh", "bash", "zsh", "fish"], "$", ""),
    (&["pwsh"], "$env:", ""),
    (&["pwsh"], "${env:", "}"),
    (&["nu"], "$env.", ""),
    (&["python"], "environ[\"", "\"]"),
    (&["python"], "environ['", "']"),
    (&["python"], "environ.get(\"", "\")"),
    (&["python"], "getenv(\"", "\")"),
    (&["node"], "process.env.", ""),
    (&["node"], "process.env[\"", "\"]"),
    (&["node"], "process.env['", "']"),
    (&["ruby"], "ENV[\"", "\"]"),
    (&["ruby"], "ENV['", "']"),
    (&["ruby"], "ENV.fetch(\"", "\")"),
];

/// The languages whose words are those of a command line.
const SHELLS: [&str; 3] = ["sh", "bash", "zsh"];

/// What ends a word of a command line.
const ENDS_OF_WORDS: [char; 14] =
    [' ', '\t', '\n', '"', '\'', '`', '=', ';', '|', '&', '<', '>', '(', ')'];

impl Site<'_> {
    /// Adds what can stand in a command.
    pub(super) fn command(self, parts: &[Part], list: &mut List) {
        let content = Content::of(parts);
        if content.before.ends_with('$') {
            return self.holes(&content, InCommand::Yes, list);
        }
        let start = content.before.rfind([' ', '\t', '\n', '"', '\'', '=']).map_or(0, |at| at + 1);
        let argument = content.before.get(start..).unwrap_or_default();
        if !content.follows_hole && content.before.trim().is_empty() {
            self.programs(list);
        }
        if !(content.follows_hole && start == 0) {
            self.path_argument(argument, &content.after, list);
        }
    }

    /// Adds the entries of the directory that the word of a command begins with.
    fn path_argument(self, before: &str, after: &str, list: &mut List) {
        if !before.contains('/') {
            return;
        }
        let end = after.find(ENDS_OF_WORDS).unwrap_or(after.len());
        let after = after.get(..end).unwrap_or_default().to_owned();
        let argument = Content { before: before.to_owned(), follows_hole: false, after };
        self.paths_from(&argument, &self.command_dir(), Wanted::AS_WORD, list);
    }

    /// Adds the variables a script can read, where one is read, and in a shell paths.
    pub(super) fn script(self, tag: &Name, body: &[Part], list: &mut List) {
        let before = self.draft.before();
        let is_read = |(tags, prefix, _): &&(&[&str], &str, &str)| {
            tags.contains(&tag.text.as_str()) && before.ends_with(prefix)
        };
        let Some((_, _, close)) = READS.iter().find(is_read) else {
            if SHELLS.contains(&tag.text.as_str()) {
                self.path_in_shell(body, list);
            }
            return;
        };
        let close = if self.draft.after().starts_with(close) { "" } else { close };
        for (name, detail, rank) in self.variables(&tag.text) {
            let it = list.proposal(&name, CompletionKind::Variable);
            let insert = Insert::Plain(format!("{name}{close}"));
            list.add(rank, Completion { insert, detail: Some(detail), ..it });
        }
    }

    /// Adds the entries of the directory that a word of a shell begins with, unless a variable is in it.
    fn path_in_shell(self, body: &[Part], list: &mut List) {
        let lines = body.iter().filter_map(|part| match part {
            Part::Text { value, .. } => value.split_once(WORD),
            Part::Hole { .. } => None,
        });
        for (before, after) in lines {
            let before = before.rsplit('\n').next().unwrap_or_default();
            let start = before.rfind(ENDS_OF_WORDS).map_or(0, |at| at + 1);
            let word = before.get(start..).unwrap_or_default();
            if !word.contains('$') {
                self.path_argument(word, after, list);
            }
        }
    }

    /// The variables of a script: name, what they are, how near.
    fn variables(self, tag: &str) -> Vec<(SmolStr, String, Rank)> {
        let mut found = Vec::new();
        for local in self.view.locals.iter().rev().filter(|it| is_scalar(&it.ty)) {
            found.push((local.name.clone(), local.ty.to_string(), Rank::Near));
        }
        for name in self.env_keys() {
            found.push((name, "env".to_owned(), Rank::Near));
        }
        for name in self.view.script_sets.iter().filter(|it| !it.starts_with(WORD)) {
            found.push((name.clone(), "set by the script".to_owned(), Rank::Near));
        }
        // Other languages get what the task itself names.
        if !SHELLS.contains(&tag) {
            return found;
        }
        let file = self.draft.file(self.db);
        let mut names: Vec<&SmolStr> = file_names(self.db, file).names(Namespace::Values).collect();
        names.sort_unstable();
        for name in names {
            let Some(item) = declarations(self.db, file, Namespace::Values, name).first() else {
                continue;
            };
            if matches!(item.kind(self.db), Kind::Let | Kind::Param) {
                let ty = value_type(self.db, *item);
                if is_scalar(ty) {
                    found.push((name.clone(), ty.to_string(), Rank::Fits));
                }
            }
        }
        found
    }

    /// The variables that the declaration, or what it extends, sets or lets through.
    fn env_keys(self) -> Vec<SmolStr> {
        let mut keys = names_of(&self.draft.ast);
        if let Some(base) = self.view.base {
            keys.extend(names_of(base.ast(self.db)));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

fn names_of(ast: &ast::Item) -> Vec<SmolStr> {
    let ItemKind::Decl(decl) = &ast.kind else { return Vec::new() };
    let fields = decl.body.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(field),
        _ => None,
    });
    let mut names = Vec::new();
    for field in fields {
        match (field.name.text.as_str(), ast.expr(field.value)) {
            ("env", Expr::Record(record)) => names.extend(super::siblings::names(record).cloned()),
            ("pass_env", Expr::List(elements)) => {
                names.extend(elements.iter().filter_map(|it| literal(ast, it)));
            }
            _ => {}
        }
    }
    names
}

fn literal(ast: &ast::Item, element: &Element) -> Option<SmolStr> {
    let Element::Value(value) = element else { return None };
    match ast.expr(*value) {
        Expr::Text(parts) => match parts.as_slice() {
            [Part::Text { value, .. }] => Some(value.clone()),
            _ => None,
        },
        _ => None,
    }
}
