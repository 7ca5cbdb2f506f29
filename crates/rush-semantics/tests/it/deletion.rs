//! One mistake, one diagnostic: what `rush check` says when any one token of an example is missing.
//!
//! Tokens are all but white space, newlines and comments; a deleted token's bytes go, the white
//! space around it stays. A declared name is what an item, a parameter, a `let`, a `for` or the `as`
//! of a `use` gives to something. Where one is missing, everything that meant it means nothing, so
//! these deletions are a class of their own, which is printed and not judged.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test reads its own examples, and prints what it measured"
)]

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rush_diagnostics::{Code, Diagnostic, TextRange};
use rush_plan::Work;
use rush_semantics::eval::{self, PlanOutcome, in_rounds};
use rush_semantics::{Db as _, RushDatabase, SourceFile, check, graph, names};
use rush_syntax::ast::{self, Element, Expr, ExprId, ItemKind, Member};
use rush_syntax::{Dialect, parse_tree};
use rush_test::{read, request};

/// The text of every `.rush` file of an example, by its path there.
type Texts = Vec<(String, String)>;

/// The commands of each task and service by its label, or why there is no plan of it.
type Outcomes = BTreeMap<String, Result<String, Vec<Diagnostic>>>;

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let entries = folder.read_dir().unwrap().map(|it| it.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|it| it.is_dir()).collect();
    found.sort();
    found
}

fn texts(root: &Path) -> Texts {
    let mut found = Texts::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in folder.read_dir().unwrap().map(|it| it.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rush") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The errors of `rush check`.
fn errors(db: &RushDatabase) -> Vec<Diagnostic> {
    check::prepare(db);
    let files = db.workspace().files(db).values();
    let mut found: Vec<_> = files.flat_map(|it| check::file_diagnostics(db, *it)).collect();
    found.extend(graph::workspace_diagnostics(db).iter().cloned());
    found.retain(Diagnostic::is_error);
    check::joined(found)
}

/// Where an item gives something a name.
fn declared_names(item: &ast::Item) -> HashSet<TextRange> {
    let mut names: Vec<&ast::Name> = item.name().into_iter().collect();
    let params: &[ast::ParamDecl] = match &item.kind {
        ItemKind::Fn { params, .. } => params,
        ItemKind::Decl(decl) => decl.params.as_deref().unwrap_or_default(),
        _ => &[],
    };
    names.extend(params.iter().filter_map(|it| it.name.as_ref()));
    let mut blocks: Vec<&[Member]> = item.decl().map(|it| &*it.body.members).into_iter().collect();
    for id in 0..item.expr_count() as u32 {
        match item.expr(ExprId(id)) {
            Expr::Record(record) => blocks.push(&record.members),
            Expr::List(elements) => elements.iter().for_each(|it| variables(it, &mut names)),
            _ => {}
        }
    }
    for member in blocks.into_iter().flatten() {
        if let Member::Let(it) = member {
            names.extend(&it.name);
        }
    }
    names.into_iter().map(|it| it.range).collect()
}

fn variables<'a>(element: &'a Element, names: &mut Vec<&'a ast::Name>) {
    match element {
        Element::For { name, element, .. } => {
            names.extend(name.as_deref());
            variables(element, names);
        }
        Element::If { element, .. } => variables(element, names),
        Element::Value(_) | Element::Spread(_) => {}
    }
}

/// How many errors the deletions of a class lead to, with those of more than two.
#[derive(Default)]
struct Class {
    counts: Vec<usize>,
    worst: Vec<(usize, String)>,
}

impl Class {
    fn add(&mut self, place: String, found: &[Diagnostic]) {
        if found.is_empty() {
            return;
        }
        self.counts.push(found.len());
        if found.len() > 2 {
            let mut lines = place;
            for it in found {
                let _ = write!(lines, "\n      {}: {}", it.code, it.message);
            }
            self.worst.push((found.len(), lines));
        }
    }

    fn percentile(&self, share: f64) -> usize {
        let mut sorted = self.counts.clone();
        sorted.sort_unstable();
        sorted[((sorted.len() - 1) as f64 * share).round() as usize]
    }

    fn print(&mut self, name: &str) {
        let (count, worst) = (self.counts.len(), self.worst.len());
        let [median, high, most] = [0.5, 0.95, 1.0].map(|it| self.percentile(it));
        println!("{name}: {count} invalid, errors: median {median}, p95 {high}, most {most}");
        println!("  more than two: {worst}");
        self.worst.sort_by_key(|it| std::cmp::Reverse(it.0));
        self.worst.iter().take(100).for_each(|(count, it)| println!("  {count}  {it}"));
    }
}

/// The declared names, and everything else.
#[derive(Default)]
struct Measured {
    names: Class,
    others: Class,
    deletions: usize,
}

/// After how many deletions everything is planned; `cargo xtask test --long` does it after each.
fn planned_each() -> usize {
    if std::env::var_os("RUSH_TEST_LONG").is_some() { 1 } else { 11 }
}

impl Measured {
    fn example(&mut self, root: &Path) {
        let texts = texts(root);
        let mut db = RushDatabase::default();
        db.set_files(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        assert!(errors(&db).is_empty(), "{} is valid", root.display());
        let name = root.file_name().unwrap().to_string_lossy();
        let planned = outcomes(&db);
        for (path, text) in &texts {
            let file = db.set_file(path, text);
            for (range, is_name) in tokens(&db, file) {
                let (before, after) = (&text[..range.start().into()], &text[range.end().into()..]);
                db.set_file(path, &format!("{before}{after}"));
                let line = before.matches('\n').count() + 1;
                let token = text[range].lines().next().unwrap_or_default();
                let class = if is_name { &mut self.names } else { &mut self.others };
                let (place, found) =
                    (format!("{name}/{path}:{line} without `{token}`"), errors(&db));
                self.deletions += 1;
                if !is_name && !found.is_empty() && self.deletions.is_multiple_of(planned_each()) {
                    compare(&place, &planned, &outcomes(&db));
                }
                class.add(place, &found);
            }
            db.set_file(path, text);
        }
    }
}

/// What a node runs.
fn commands(work: &Work) -> String {
    match work {
        Work::Task(task) => format!("{:?} {:?}\n", task.run, task.finally),
        Work::Service(service) => format!("{:?}\n", service.run),
    }
}

/// What a task or a service comes to: its commands, or why it can't be planned.
fn outcome(db: &RushDatabase, label: &str) -> Result<String, Vec<Diagnostic>> {
    match in_rounds(request([label]), |it| eval::plan(db, it), read) {
        Some(PlanOutcome::Planned { plan, .. }) => {
            Ok(plan.nodes().iter().map(|it| commands(&it.work)).collect())
        }
        Some(PlanOutcome::Failed(found)) => Err(found),
        // What it is asked for is the same each time: it can be asked no longer.
        Some(PlanOutcome::Usage(_)) | None => Err(Vec::new()),
    }
}

/// The tokens of a file, and whether each is a declared name.
fn tokens(db: &RushDatabase, file: SourceFile) -> Vec<(TextRange, bool)> {
    let items = file.items(db).iter().zip(file.starts(db).iter());
    let tokens = items.flat_map(|(item, start)| {
        let names = declared_names(item.ast(db));
        let tree = parse_tree(item.text(db), Dialect::File);
        let tokens = tree.tokens().filter(|it| !it.kind.is_trivia() && !it.range.is_empty());
        let placed = tokens.map(|it| (it.range + *start, names.contains(&it.range)));
        placed.collect::<Vec<_>>()
    });
    tokens.collect()
}

/// What each task and service of a workspace comes to, by its label.
fn outcomes(db: &RushDatabase) -> Outcomes {
    let files = db.workspace().files(db).values();
    let items = files.flat_map(|file| eval::runnable(db, *file));
    let labels = items.map(|item| names::label(db, item));
    labels.map(|label| (label.clone(), outcome(db, &label))).collect()
}

/// A task without an error does what it did, or is refused with the mistake.
fn compare(place: &str, before: &Outcomes, after: &Outcomes) {
    for (label, after) in after {
        match (before.get(label), after) {
            (_, Err(found)) => {
                let internal = found.iter().find(|it| it.code == Code::Internal);
                assert!(internal.is_none(), "{place}: {label}: {internal:?}");
            }
            (Some(Ok(before)), Ok(after)) => assert_eq!(before, after, "{place}: {label}"),
            _ => {}
        }
    }
}

#[test]
fn one_mistake_is_one_diagnostic() {
    let mut measured = Measured::default();
    examples().iter().for_each(|it| measured.example(it));
    measured.names.print("declared names");
    measured.others.print("everything else");
    assert!(measured.others.counts.len() > 1_000);
    assert_eq!(measured.others.percentile(0.5), 1);
    assert!(measured.others.percentile(0.95) <= 2);
}
