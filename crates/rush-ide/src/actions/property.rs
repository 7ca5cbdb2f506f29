//! Refactorings keep the meaning: each one that is offered is tried at many places of the examples.
//!
//! After it the workspace has no more errors than before, no item has become unreadable, and, but for
//! those that change how a program is started, every task has the same plan.

use std::collections::BTreeMap;

use rush_plan::{
    Call, CallOrder, Cause, Goal, Host, PlanRequest, ReadKey, ReadValue, Reads, WorkspaceId,
    WorkspacePath,
};
use rush_semantics::check::file_diagnostics;
use rush_semantics::eval::{PlanOutcome, plan, runnable};
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::names::{files, label};
use rush_semantics::signature::signature;
use rush_semantics::{Db as _, RushDatabase, SourceFile};
use rush_syntax::ast::Expr;
use text_size::{TextRange, TextSize};

use super::{ActionKind, Change, code_actions, resolve_action};
use crate::fixture::applied;
use crate::names::occurrences;
use crate::place::Placed;
use crate::syntax::exprs;

/// Every how many places of an example one is tried; all of them with `RUSH_THOROUGH`.
const STRIDE: usize = 3;

/// Constructs that examples have seldom, and that a careless refactoring would break.
pub(crate) const TRAPS: &str = r#"
use "lib.rush" as lib

type Env = "dev" | "prod"
param mode: Env = "dev"
param jobs: int = 2
secret token { from: env("TOKEN") }
let base = ["src/**/*.c", "Makefile"]
let name = "it's" + " \"x\""
let twice = jobs * 2 + 1
let first = if mode == "dev" then "a" else "b"
fn greeting() = "hello"
fn flags(debug: bool) -> [string] = if debug then ["-g", "-O0"] else ["-O2"]

template shared {
  inputs: base
  env { LANG: "C" }
}

/// Compiles.
task build(target: Env = "dev", debug: bool = false) extends shared {
  let out = "out/${target}"
  let level = { dev: 0, prod: 3 }[target]
  outputs: ["${out}/${debug}/a.o"]
  run: `cc ${...flags(debug)} -O${level} -o ${out}/a.o "${greeting()} there" 'x ${y}'`
}

task check_all(...rest: [string] = ["a", "b"]) {
  needs: [build("prod"), build(debug: true), lib.lint]
  matrix { v: ["1", "2"], w: [1, 2 + 3] }
  timeout: 1m * twice + 30s
  retry { attempts: 1 + 1, delay: exponential(1s, max: 30s), on_pattern: r"a\d+" }
  when: host.os == "linux" && (mode == "dev" || first.len() > 0)
  confirm: if mode == "prod" then "really ${name}?" else none
  env { TOKEN: token, GREETING: greeting() + "\n" + lib.word, N: "${jobs + 1}" }
  run: [
    `echo ${matrix.v} ${matrix.w * 2} ${...rest} ${lib.word}`
    sh"""
      printf '%s\n' "$name" "$mode" "${jobs}"
    """
    sh"""
      tool --name "$name" 'a b' c
    """
  ]
}

// About the database.
service db(port: int(1..=65535) = 5432) {
  run: `serve -p ${port} --at ${"x" + "y"}`
  ready { probe: tcp(port), every: 100ms + 100ms }
  env { LEVEL: "${port + 1}" }
}

check jobs > 0 && jobs < 100, "jobs is ${jobs}"

task deploy(tag: string = "v1") {
  let wide = (1 + 2) * 2 // a comment
  let spread = [tag, ...["a" + "b"]]
  let chosen = if tag == "v1" then spread else ["none"]
  check wide > 2, "not wide: " + tag
  needs: [db, db(port: 5000 + 1)]
  limit { group: "deploy-${tag}", max: 1 + 1 }
  resources { cpu: 1.5, memory: 1GiB + 512MB, slots: { gpu: 1 } }
  env { URL: "localhost:${db.port}", WIDE: "${wide}", SUM: "${-wide + 3}" }
  cache { key: [tag.upper(), "${spread.len()}"] }
  run: `ship --to ${chosen.join(",")} ${...spread} --in ${10m} '${literal}' a\ b`
}

task python_too(times: int = 3) {
  timeout: 2m
  inputs: [for f in ["a", "b"] if f != "a": "${f}/x.c", ...base]
  run: python"""
    import os
    print(os.environ["times"])
  """
}
"#;

const LIB: &str =
    "let word = \"w\" + \"x\"\nlet unused = word\ntask lint { run: `lint ${word} ${1 + 2}` }\n";

type Texts = BTreeMap<String, String>;

fn database(texts: &Texts) -> RushDatabase {
    let mut db = RushDatabase::default();
    db.set_files(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    db
}

/// What is wrong, as a number for each file, and whether everything can be read.
fn errors(db: &RushDatabase) -> (usize, usize) {
    let all = files(db).flat_map(|file| file_diagnostics(db, file));
    let wrong = all.filter(rush_diagnostics::Diagnostic::is_error).count();
    let graph = workspace_diagnostics(db).iter().filter(|it| it.is_error()).count();
    let items = files(db).flat_map(|file| file.items(db).iter().copied());
    (wrong + graph, items.filter(|it| !it.parsed(db).errors.is_empty()).count())
}

fn messages(db: &RushDatabase) -> Vec<String> {
    let found = files(db).flat_map(|file| file_diagnostics(db, file));
    let graph = workspace_diagnostics(db).iter().cloned();
    found.chain(graph).filter(rush_diagnostics::Diagnostic::is_error).map(|it| it.message).collect()
}

fn request(label: &str) -> PlanRequest {
    PlanRequest {
        workspace: WorkspaceId("test".to_owned()),
        goal: Goal {
            calls: vec![Call::new(label)],
            order: CallOrder::Sequential,
            ..Goal::default()
        },
        host: Host {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpus: 4,
            memory_bytes: 8 << 30,
            ci: false,
        },
        reads: Reads::new(),
        cause: Cause::user(),
    }
}

/// The digest of the plan of each task that needs no argument; `None` where there is no plan.
fn plans(db: &RushDatabase) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    for item in files(db).flat_map(|file| runnable(db, file)) {
        if signature(db, item).required().next().is_some() {
            continue;
        }
        let label = label(db, item);
        let mut request = request(&label);
        let outcome = loop {
            let PlanOutcome::Needs(keys) = plan(db, &request) else { break plan(db, &request) };
            request.reads.extend(keys.into_iter().map(|key| {
                let value = match key {
                    ReadKey::Files(_) => {
                        ReadValue::Names(vec![WorkspacePath::new("src/main.c").unwrap()])
                    }
                    ReadKey::Env(_) | ReadKey::File(_) => ReadValue::Absent,
                };
                (key, value)
            }));
        };
        let digest = match outcome {
            PlanOutcome::Planned { plan, .. } => Some(format!("{:?}", plan.digests().content)),
            _ => None,
        };
        found.insert(label, digest);
    }
    found
}

/// Selections worth a try: each expression, each name, a point inside each expression, and a word inside
/// each text and command.
fn selections(db: &RushDatabase, file: SourceFile) -> Vec<TextRange> {
    let mut found = Vec::new();
    for placed in Placed::all(db, file) {
        let ast = placed.item.ast(db);
        for (id, it) in exprs(ast) {
            let range = ast.expr_range(id) + placed.start;
            found.push(range);
            found.push(TextRange::empty(middle(range)));
            if matches!(it, Expr::Text(_) | Expr::Command(_)) {
                found.extend(
                    word_inside(placed.item.text(db), ast.expr_range(id))
                        .map(|it| it + placed.start),
                );
            }
        }
        let names = occurrences(db, placed.item);
        found.extend(names.iter().map(|it| TextRange::empty(it.range.start() + placed.start)));
    }
    found.sort_by_key(|it| (it.start(), it.end()));
    found.dedup();
    found
}

/// The last word in a text.
fn word_inside(text: &str, range: TextRange) -> Option<TextRange> {
    let written = crate::syntax::slice(text, range);
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let end = written.rfind(is_word)? + 1;
    let start = written.get(..end)?.rfind(|it| !is_word(it))? + 1;
    Some(crate::syntax::range(start, end) + range.start())
}

fn middle(range: TextRange) -> TextSize {
    TextSize::new(u32::midpoint(range.start().into(), range.end().into()))
}

fn changed(db: &RushDatabase, texts: &Texts, change: &Change) -> Texts {
    let mut after = texts.clone();
    for file in files(db) {
        let own: Vec<_> =
            change.edits.iter().filter(|it| it.at.file == file.id(db)).cloned().collect();
        after.insert(file.path(db).to_string(), applied(file.text(db), &own));
    }
    after
}

/// Tries what is offered in a workspace; how many refactorings were tried.
fn check(texts: &[(&str, &str)], stride: usize) -> usize {
    let texts: Texts =
        texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let db = database(&texts);
    let (before, planned) = (errors(&db), plans(&db));
    let wrong = messages(&db);
    assert_eq!(before, (0, 0), "the example is sound: {wrong:?}");
    let mut tried = 0;
    let mut seen = std::collections::BTreeSet::new();
    for file in files(&db) {
        for selection in selections(&db, file).into_iter().step_by(stride) {
            for action in code_actions(&db, file, selection) {
                let is_refactoring = matches!(
                    action.kind,
                    ActionKind::Extract | ActionKind::Inline | ActionKind::Rewrite
                );
                let change = resolve_action(&db, file, selection, &action.id).unwrap();
                let after = changed(&db, &texts, &change);
                if !is_refactoring || !seen.insert(after.values().cloned().collect::<String>()) {
                    continue;
                }
                tried += 1;
                let new = database(&after);
                let shown = || {
                    let path = file.path(&db);
                    format!("{} at {selection:?} in {path}:\n{}", action.id, after[path.as_str()])
                };
                let wrong = messages(&new);
                assert_eq!(errors(&new), before, "{}\n{wrong:?}", shown());
                if !action.id.contains("script") {
                    let mut differ = planned.clone();
                    let now = plans(&new);
                    differ.retain(|label, digest| now.get(label) != Some(digest));
                    let differ: Vec<_> = differ.keys().collect();
                    assert!(differ.is_empty(), "{differ:?} {}", shown());
                }
            }
        }
    }
    tried
}

fn stride() -> usize {
    if std::option_env!("RUSH_THOROUGH").is_some() { 1 } else { STRIDE }
}

macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../../../../docs/examples/", $name, "/tasks.rush"))
    };
}

#[test]
fn refactorings_of_the_examples_keep_their_plans() {
    let examples = [
        example!("c"),
        example!("containers"),
        example!("deploy"),
        example!("hello"),
        example!("matrix"),
        example!("python"),
        example!("rust"),
        example!("scripts"),
        example!("services"),
        example!("web"),
    ];
    let tried: usize = examples.iter().map(|it| check(&[("tasks.rush", it)], stride())).sum();
    assert!(tried > 60, "{tried}");
}

#[test]
fn refactorings_around_traps_keep_their_plans() {
    let tried = check(&[("tasks.rush", TRAPS), ("lib.rush", LIB)], stride().div_ceil(2));
    assert!(tried > 60, "{tried}");
}

#[test]
fn actions_in_torn_files_are_plain_data() {
    for cut in (0..TRAPS.len()).step_by(97).filter(|it| TRAPS.is_char_boundary(*it)) {
        let mut db = RushDatabase::default();
        let file = db.set_file("tasks.rush", &TRAPS[..cut]);
        let end = TextSize::new(cut as u32);
        for range in [
            TextRange::empty(end),
            TextRange::up_to(end),
            TextRange::empty(middle(TextRange::up_to(end))),
        ] {
            for action in code_actions(&db, file, range) {
                assert!(resolve_action(&db, file, range, &action.id).is_some(), "{action:?}");
            }
        }
        assert!(!db.workspace().files(&db).is_empty());
    }
}
