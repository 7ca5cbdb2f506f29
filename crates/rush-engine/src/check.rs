//! `rush check`: everything that can be known to be wrong without running anything.
//!
//! Items are checked on several threads, each on a snapshot of the database; what they found out is
//! remembered there, so the findings are then collected in order on one. A bug that makes the check
//! of one file panic is a finding of that file, and the others are still checked.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use rush_diagnostics::{Code, Diagnostic, ItemId, Span, TextRange};
use rush_project::Project;
use rush_semantics::graph::{self, workspace_diagnostics};
use rush_semantics::signature::signature;
use rush_semantics::{Item, RushDatabase, SourceFile, check as semantics};
use rush_semantics::{eval, names};

use rush_plan::{Call, CallOrder, Goal};

use rustc_hash::FxHashSet;

use rush_syntax::Kind;

use crate::plan::{Planned, UsageError, plan};
use crate::report::Report;
use crate::scope::Scope;

/// The fewest items that are worth a second thread.
const PARALLEL_MIN: usize = 200;

/// The stack of a thread that checks: the nesting inside one body is recursion.
const STACK_BYTES: usize = 16 << 20;

/// How many items a thread takes at a time.
const BATCH: usize = 64;

/// Checks a workspace and reports what concerns the files in scope.
#[tracing::instrument(level = "info", skip_all)]
pub fn check(project: &Project, scope: &Scope) -> Report {
    let db = project.db();
    let causes = causes_outside(project, scope);
    let concerns = |it: &Diagnostic| {
        let is_inside = db.file(it.file()).is_none_or(|file| scope.contains(file.path(db)));
        is_inside || (it.is_error() && causes.contains(&it.primary.span.item))
    };
    let diagnostics: Vec<_> = findings(project).into_iter().filter(concerns).collect();
    Report::new(project, &semantics::joined(diagnostics))
}

/// The items outside the scope whose mistakes leave open what is meant inside, where nothing is said of
/// that.
fn causes_outside(project: &Project, scope: &Scope) -> FxHashSet<ItemId> {
    if *scope == Scope::Everything {
        return FxHashSet::default();
    }
    let db = project.db();
    let inside = project.files().filter(|(path, _)| scope.contains(path));
    let items = inside.flat_map(|(_, file)| file.items(db).iter().copied());
    let causes = items.filter_map(|item| contained(|| semantics::causes(db, item)).ok());
    causes.flatten().map(|it| it.id(db)).collect()
}

/// Checks a workspace also under a profile and with values for its `param`s.
///
/// Every task that can be called without arguments is planned for them, so this reads what their
/// defaults read. An error is a mistake in the choice itself.
pub fn check_choice(
    project: &Project,
    scope: &Scope,
    choice: Goal,
) -> Result<Report, Vec<UsageError>> {
    let mut report = check(project, scope);
    let calls = callable_tasks(project).into_iter();
    let calls = calls.map(|label| Call::new(&label)).collect();
    let goal = Goal { calls, order: CallOrder::Parallel, ..choice };
    let found = match plan(project, goal) {
        Planned::Plan(_, found) | Planned::Failed(found) => found,
        Planned::Usage(errors) => return Err(errors),
    };
    let (db, sources) = (project.db(), &mut report.sources);
    for diagnostic in found.diagnostics {
        let file = db.file(diagnostic.primary.file).map(|it| it.path(db).to_string());
        let is_new = !report.diagnostics.contains(&diagnostic);
        if is_new && file.is_some_and(|it| scope.contains(&it)) {
            report.diagnostics.push(diagnostic);
        }
    }
    *sources = project.sources(&report.diagnostics);
    Ok(report)
}

/// The full labels of the tasks that need no arguments.
fn callable_tasks(project: &Project) -> Vec<String> {
    let db = project.db();
    let items = project.files().flat_map(|(_, file)| eval::runnable(db, file));
    let free = items.filter(|it| signature(db, *it).required().next().is_none());
    let tasks = free.filter(|it| it.kind(db) == Kind::Task);
    tasks.map(|it| names::label(db, it)).collect()
}

/// How many items of the workspace have errors of their own.
pub fn broken_items(project: &Project) -> usize {
    broken(project).items.len()
}

/// The items with errors of their own.
pub(crate) struct Broken {
    pub(crate) items: FxHashSet<Item>,
    /// Whether every check came to its end, so that the same is found next time.
    pub(crate) is_certain: bool,
}

/// The items with errors of their own: in their syntax, names and types. What is wrong between
/// tasks is found by [`check`] and by planning, not here, where an answer must be quick.
pub(crate) fn broken(project: &Project) -> Broken {
    let db = project.db();
    let files: Vec<SourceFile> = project.files().map(|(_, file)| file).collect();
    let _ = contained(|| semantics::prepare(db));
    on_items_ahead(project, &files, check_item);
    let items = files.iter().flat_map(|file| file.items(db).iter().copied());
    let mut is_certain = true;
    let is_broken = |item: &Item| {
        let found = contained(|| semantics::item_diagnostics(db, *item));
        is_certain &= found.is_ok();
        found.map_or(true, |found| found.iter().any(Diagnostic::is_error))
            || contained(|| semantics::causes(db, *item)).map_or(true, |it| !it.is_empty())
    };
    let items = items.filter(is_broken).collect();
    Broken { items, is_certain }
}

/// Everything that is wrong with a workspace.
pub(crate) fn findings(project: &Project) -> Vec<Diagnostic> {
    let db = project.db();
    let files: Vec<SourceFile> = project.files().map(|(_, file)| file).collect();
    // Whatever goes wrong here goes wrong again where it is reported.
    let _ = contained(|| semantics::prepare(db));
    on_items_ahead(project, &files, |db, item| {
        check_item(db, item);
        graph::prepare(db, item);
    });
    let of_files = |db: &RushDatabase| -> Vec<Diagnostic> {
        let found = files.iter().map(|file| {
            let found = contained(|| semantics::file_diagnostics(db, *file));
            found.unwrap_or_else(|panic| vec![internal(db, *file, &panic)])
        });
        found.flatten().collect()
    };
    let between_items = |db: &RushDatabase| -> Vec<Diagnostic> {
        let found = contained(|| workspace_diagnostics(db).to_vec());
        found.unwrap_or_else(|panic| {
            files.first().map(|file| internal(db, *file, &panic)).into_iter().collect()
        })
    };
    let count = files.iter().map(|it| it.items(db).len()).sum();
    let (mut all, between) = if threads(project, count) < 2 {
        (of_files(db), between_items(db))
    } else {
        both(project, of_files, between_items)
    };
    all.extend(between);
    all
}

/// Two answers that need nothing of each other, side by side.
fn both<A, B: Send>(
    project: &Project,
    here: impl FnOnce(&RushDatabase) -> A,
    beside: impl Fn(&RushDatabase) -> B + Sync,
) -> (A, B) {
    let db = project.db();
    std::thread::scope(|scope| {
        let (snapshot, beside) = (project.snapshot(), &beside);
        let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
        let spawned = builder.spawn_scoped(scope, move || beside(&snapshot));
        let first = here(db);
        // What could not be found out there is found out here.
        let second = spawned.ok().and_then(|it| it.join().ok()).unwrap_or_else(|| beside(db));
        (first, second)
    })
}

fn check_item(db: &RushDatabase, item: Item) {
    semantics::item_diagnostics(db, item);
}

/// What is computed ahead for an item, to be remembered in the database.
type Work = fn(&RushDatabase, Item);

/// How many threads are worth it for so many items.
fn threads(project: &Project, items: usize) -> usize {
    if items < PARALLEL_MIN {
        return 1;
    }
    (project.system().host().cpus as usize).min(items / PARALLEL_MIN + 1)
}

/// Looks at the items on several threads, so that what follows only collects.
#[tracing::instrument(level = "info", skip_all)]
fn on_items_ahead(project: &Project, files: &[SourceFile], work: Work) {
    let db = project.db();
    let items: Vec<Item> = files.iter().flat_map(|it| it.items(db).iter().copied()).collect();
    let threads = threads(project, items.len());
    if threads < 2 {
        return;
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let db = project.snapshot();
            let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
            let spawned = builder.spawn_scoped(scope, || on_batches(db, &items, &next, work));
            if spawned.is_err() {
                // The machine has no room for more; what is left is checked where it is collected.
                break;
            }
        }
    });
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the snapshot has to be dropped by the thread that used it"
)]
fn on_batches(db: RushDatabase, items: &[Item], next: &AtomicUsize, work: Work) {
    loop {
        let start = next.fetch_add(BATCH, Ordering::Relaxed);
        let end = (start + BATCH).min(items.len());
        let Some(batch) = items.get(start..end).filter(|it| !it.is_empty()) else { return };
        for item in batch {
            // A panic comes again where the findings are collected, and is reported there.
            let _ = contained(|| work(&db, *item));
        }
    }
}

/// Runs a query and catches its panic, which leaves the database as it was.
fn contained<T>(query: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(query)).map_err(|panic| panic_message(&*panic))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown").to_owned()
}

/// RUSH0901
fn internal(db: &RushDatabase, file: SourceFile, panic: &str) -> Diagnostic {
    let item = file.items(db).first().map(|it| it.id(db));
    let item = item.unwrap_or_else(|| rush_diagnostics::ItemId::new(file.id(db), "", "", 0));
    let span = Span::new(item, TextRange::default());
    Diagnostic::new(Code::Internal, span, "an error in Rush itself stopped the check of this file")
        .note(format!("what went wrong: {panic}"))
        .help("please report it with the file; the other files were checked")
}
