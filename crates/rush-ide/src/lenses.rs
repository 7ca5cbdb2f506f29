//! What can be run, above each task and service.
//!
//! - `lenses(db, file) -> Vec<Lens>`: to run it; to run it with arguments when it takes some; to see
//!   what it would do; and a slot for what became of it last, which the history of runs fills.
//! - `task_at(db, file, offset) -> Option<Lens>`: to run what the cursor is in.
//!
//! What the command line can't name has no lens: names that begin with `_`, and files that no
//! package uses. Whether the texts are on a disk, where a run would find them, is not known here.

use rush_semantics::eval::runnable;
use rush_semantics::names::{duplicate_of, import_target, label};
use rush_semantics::signature::{Signature, matrix_axes, signature};
use rush_semantics::{Db, Item, SourceFile};
use rustc_hash::FxHashSet;
use text_size::TextSize;

use rush_syntax::Kind;

use crate::place::{FileRange, Placed};
use crate::syntax::whole;

/// Something to run, above a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The declared name.
    pub at: FileRange,
    /// What it does.
    pub command: LensCommand,
    /// What it shows; for the last run, what it shows when there was none.
    pub title: String,
    /// What is run, such as `//web:build`.
    pub label: String,
    /// What stands between the brackets of the call, with a gap for each value that is missing;
    /// `None` when it is called without arguments.
    pub call: Option<String>,
}

/// What a lens does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LensCommand {
    /// Runs it.
    Run,
    /// Asks for arguments, then runs it.
    RunWithArguments,
    /// Shows what a run would do.
    DryRun,
    /// Shows the last run.
    ShowRun,
}

impl LensCommand {
    /// The command a client has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "rush.run",
            Self::RunWithArguments => "rush.runWithArguments",
            Self::DryRun => "rush.dryRun",
            Self::ShowRun => "rush.showRun",
        }
    }
}

/// The lenses of a file, in the order written.
pub fn lenses(db: &dyn Db, file: SourceFile) -> Vec<Lens> {
    let mut found = Vec::new();
    let runnable: FxHashSet<Item> = runnable(db, file).into_iter().collect();
    if runnable.is_empty() || !is_used(db, file) {
        return found;
    }
    for placed in Placed::all(db, file).filter(|it| runnable.contains(&it.item)) {
        db.unwind_if_revision_cancelled();
        if duplicate_of(db, placed.item).is_none() {
            found.extend(of_item(db, placed));
        }
    }
    found
}

/// What runs the task or service at a place, its docs included: [`LensCommand::RunWithArguments`] if
/// some must be given, else [`LensCommand::Run`].
pub fn task_at(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Lens> {
    let (placed, inside) = Placed::at(db, file, offset)?;
    let item = placed.item;
    let is_runnable =
        runnable(db, file).contains(&item) && duplicate_of(db, item).is_none() && is_used(db, file);
    if !is_runnable || !whole(item.text(db)).contains_inclusive(inside) {
        return None;
    }
    of_item(db, placed).into_iter().next()
}

/// Whether a file is that of a package, or used by one: only then has what it declares a label. An
/// editor may have opened any other.
fn is_used(db: &dyn Db, file: SourceFile) -> bool {
    let mut seen: FxHashSet<SourceFile> = FxHashSet::default();
    let mut queue: Vec<SourceFile> = db.workspace().packages(db).values().copied().collect();
    if queue.contains(&file) {
        return true;
    }
    while let Some(next) = queue.pop() {
        db.unwind_if_revision_cancelled();
        if next == file {
            return true;
        }
        if seen.insert(next) {
            let uses = next.items(db).iter().filter(|it| it.kind(db) == Kind::Use);
            queue.extend(uses.filter_map(|it| import_target(db, *it)));
        }
    }
    false
}

fn of_item(db: &dyn Db, placed: Placed) -> Vec<Lens> {
    let item = placed.item;
    let Some(name) = item.ast(db).name() else { return Vec::new() };
    let signature = signature(db, item);
    let (label, at) = (label(db, item), placed.range(db, name.range));
    let call = arguments(signature);
    let lens = |command, title: &str, call: Option<&String>| Lens {
        at,
        command,
        title: title.to_owned(),
        label: label.clone(),
        call: call.cloned(),
    };
    let mut found = Vec::new();
    if call.is_none() {
        found.push(lens(LensCommand::Run, "run", None));
    }
    if !signature.params.is_empty() || !matrix_axes(db, item).is_empty() {
        let title = if call.is_none() { "run with .." } else { "run with arguments" };
        let empty = String::new();
        found.push(lens(LensCommand::RunWithArguments, title, call.as_ref().or(Some(&empty))));
    }
    found.push(lens(LensCommand::DryRun, "dry run", call.as_ref()));
    found.push(lens(LensCommand::ShowRun, "", None));
    found
}

/// `target: , tag: ` for the parameters that must be given; a literal type gives a first value.
fn arguments(signature: &Signature) -> Option<String> {
    let gaps: Vec<String> = signature
        .required()
        .map(|param| {
            let first = param.ty.literal_texts().and_then(|it| it.first().cloned());
            let value = first.map(|it| format!("{it:?}")).unwrap_or_default();
            format!("{}: {value}", param.name)
        })
        .collect();
    (!gaps.is_empty()).then(|| gaps.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{lenses, task_at};
    use crate::fixture::Case;

    /// Lenses as `place command [title] label(call)`.
    fn check(input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let found: Vec<String> = lenses(&case.db, case.file)
            .iter()
            .map(|it| {
                let place = case.show(it.at);
                let call = it.call.as_ref().map(|it| format!("({it})")).unwrap_or_default();
                format!("{place} {} [{}] {}{call}", it.command.name(), it.title, it.label)
            })
            .collect();
        assert_eq!(found, expect, "{input}");
    }

    #[test]
    fn a_task_is_run_or_looked_at() {
        check(
            "task a { run: `x` }\n",
            &[
                "tasks.rush:1:6 \"a\" rush.run [run] //:a",
                "tasks.rush:1:6 \"a\" rush.dryRun [dry run] //:a",
                "tasks.rush:1:6 \"a\" rush.showRun [] //:a",
            ],
        );
    }

    #[test]
    fn arguments_that_must_be_given_are_asked_for() {
        check(
            "type E = \"dev\" | \"prod\"\ntask a(e: E, n: int, d: bool = true) { run: `x` }\n",
            &[
                "tasks.rush:2:6 \"a\" rush.runWithArguments [run with arguments] //:a(e: \"dev\", n: )",
                "tasks.rush:2:6 \"a\" rush.dryRun [dry run] //:a(e: \"dev\", n: )",
                "tasks.rush:2:6 \"a\" rush.showRun [] //:a",
            ],
        );
    }

    #[test]
    fn arguments_that_may_be_given_are_offered() {
        check(
            "//- web/tasks.rush\ntask a(n: int = 1) { run: `x` }\n",
            &[
                "web/tasks.rush:1:6 \"a\" rush.run [run] //web:a",
                "web/tasks.rush:1:6 \"a\" rush.runWithArguments [run with ..] //web:a()",
                "web/tasks.rush:1:6 \"a\" rush.dryRun [dry run] //web:a",
                "web/tasks.rush:1:6 \"a\" rush.showRun [] //web:a",
            ],
        );
    }

    #[test]
    fn services_run_and_templates_do_not() {
        check(
            "template t {}\nlet x = 1\ntask _p {}\nservice s { run: `x` }\n",
            &[
                "tasks.rush:4:9 \"s\" rush.run [run] //:s",
                "tasks.rush:4:9 \"s\" rush.dryRun [dry run] //:s",
                "tasks.rush:4:9 \"s\" rush.showRun [] //:s",
            ],
        );
    }

    #[test]
    fn cells_of_a_matrix_may_be_chosen() {
        let own = "task a { matrix: { os: [\"x\", \"y\"] }, run: `x` }\n";
        let inherited =
            "task a extends t { run: `x` }\ntemplate t { matrix: { os: [\"x\", \"y\"] } }\n";
        for input in [own, inherited] {
            check(
                input,
                &[
                    "tasks.rush:1:6 \"a\" rush.run [run] //:a",
                    "tasks.rush:1:6 \"a\" rush.runWithArguments [run with ..] //:a()",
                    "tasks.rush:1:6 \"a\" rush.dryRun [dry run] //:a",
                    "tasks.rush:1:6 \"a\" rush.showRun [] //:a",
                ],
            );
        }
    }

    #[test]
    fn what_no_package_uses_has_no_label() {
        check("//- lib.rush\ntask a { run: `x` }\n//- tasks.rush\n", &[]);
        check(
            "//- web/lib.rush\ntask a { run: `x` }\n//- web/other.rush\nuse \"./lib.rush\"\n",
            &[],
        );
    }

    #[test]
    fn files_of_a_package_have_longer_labels() {
        check(
            "//- web/lib.rush\ntask a {\n//- web/tasks.rush\nuse \"./more.rush\"\n\
             //- web/more.rush\nuse \"./lib.rush\"\n",
            &[
                "web/lib.rush:1:6 \"a\" rush.run [run] //web:lib.a",
                "web/lib.rush:1:6 \"a\" rush.dryRun [dry run] //web:lib.a",
                "web/lib.rush:1:6 \"a\" rush.showRun [] //web:lib.a",
            ],
        );
    }

    #[test]
    fn a_name_that_is_taken_runs_nothing() {
        check("let a = 1\ntask a { run: `x` }\n", &[]);
    }

    /// What runs at the cursor, as `command label(call)`; empty for nothing.
    fn check_at(input: &str, expect: &str) {
        let case = Case::new(input);
        let found = task_at(&case.db, case.file, case.offset).map(|it| {
            let call = it.call.as_ref().map(|it| format!("({it})")).unwrap_or_default();
            format!("{} {}{call}", it.command.name(), it.label)
        });
        assert_eq!(found.unwrap_or_default(), expect, "{input}");
    }

    #[test]
    fn what_the_cursor_is_in_is_run() {
        check_at("task a { run: `x` }\n\n/// D$0ocs.\ntask b { run: `x` }\n", "rush.run //:b");
        check_at("task a { run: `x` }$0\n\ntask b { run: `x` }\n", "rush.run //:a");
        check_at("task a {\n  run: sh\"\"\"\n    task $0no\n  \"\"\"\n}\n", "rush.run //:a");
        check_at("task a(n: int) { $0 }\n", "rush.runWithArguments //:a(n: )");
        check_at("task a(n: int = 1) { $0 }\n", "rush.run //:a");
        check_at(
            "//- tasks.rush\nuse \"./lib/x.rush\"\n//- lib/x.rush\ntask a { $0 }\n",
            "rush.run //:lib.x.a",
        );
    }

    #[test]
    fn what_is_no_task_is_not_run() {
        check_at("task a { run: `x` }\n$0\ntask b { run: `x` }\n", "");
        check_at("task a { run: `x` }\n\nlet x = $01\n", "");
        check_at("task _a { run: $0`x` }\n", "");
        check_at("//- lib.rush\ntask a { $0 }\n//- tasks.rush\n", "");
    }
}
