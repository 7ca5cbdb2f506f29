//! Programs: those that others run or name as their tools, and the scripts of the package.

use rush_semantics::names::{package_dir, resolve_path};
use rush_syntax::ast::{Expr, fixed_text};

use super::list::{List, Rank};
use super::{CompletionKind, Site};
use crate::files::FileKind;

/// The directories whose files are run by their path.
const OF_SCRIPTS: [&str; 4] = ["scripts", "script", "bin", "tools"];
/// How many of their files are proposed.
const SCRIPTS_MAX: usize = 50;

impl Site<'_> {
    /// Adds what a command can begin with.
    pub(super) fn programs(self, list: &mut List) {
        for program in self.known_programs() {
            let it = list.proposal(&program, CompletionKind::Program);
            list.add(Rank::Near, it);
        }
        for path in self.scripts_of_package() {
            let it = list.proposal(&path, CompletionKind::File);
            list.add(Rank::Fits, it);
        }
    }

    /// The files of the package that are there to be run, as a command names them.
    fn scripts_of_package(self) -> Vec<String> {
        let from = self.command_dir();
        let entries = self.files.entries(&from).into_iter();
        let directories = entries
            .filter(|it| it.kind == FileKind::Directory && OF_SCRIPTS.contains(&it.name.as_str()));
        let mut found = Vec::new();
        for directory in directories {
            let Some(inside) = resolve_path(&from, &directory.name) else { continue };
            let files = self.files.entries(&inside).into_iter();
            let files = files.filter(|it| it.kind == FileKind::File && !it.name.starts_with('.'));
            found.extend(files.map(|it| format!("./{}/{}", directory.name, it.name)));
        }
        found.truncate(SCRIPTS_MAX);
        found
    }

    /// Where commands run, as far as that is written here: paths of programs are counted from there.
    pub(super) fn command_dir(self) -> String {
        let package = package_dir(self.db, self.draft.file(self.db));
        let written = self.draft.ast.field("dir").and_then(|it| {
            let Expr::Text(parts) = self.draft.ast.expr(it.value) else { return None };
            resolve_path(package, &fixed_text(parts)?)
        });
        written.unwrap_or_else(|| package.to_string())
    }
}
