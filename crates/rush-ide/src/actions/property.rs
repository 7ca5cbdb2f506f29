//! Refactorings keep the meaning: each one that is offered is tried at many places of the examples
//! and of the specification.
//!
//! After it the workspace has no other findings than before, no item has become unreadable, and, but
//! for those that change how a program is started, every task has the same plan. What was extracted
//! can be put back, and the plans are still the same.

use std::collections::{BTreeMap, BTreeSet};

use rush_diagnostics::Code;
use rush_semantics::check::file_diagnostics;
use rush_semantics::eval::{PlanOutcome, in_rounds, plan, runnable};
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::kinds::KIND_NAMES;
use rush_semantics::names::{files, label};
use rush_semantics::signature::signature;
use rush_semantics::{Db as _, RushDatabase, SourceFile};
use rush_syntax::ast::Expr;
use rush_syntax::format;
use rush_test::{read, request};
use text_size::{TextRange, TextSize};

use super::{ActionKind, Change, code_actions, resolve_action};
use crate::corpus::{is_long, texts};
use crate::fixture::applied;
use crate::names::occurrences;
use crate::place::Placed;
use crate::syntax::exprs;

/// Every how many places of an example one is tried, unless all are wanted.
const STRIDE: usize = 3;
/// The same for the blocks of the specification.
const STRIDE_OF_BLOCKS: usize = 47;

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

/// What is wrong with a workspace.
#[derive(Debug)]
struct Findings {
    codes: BTreeSet<Code>,
    errors: usize,
    unreadable: usize,
    messages: Vec<String>,
}

impl Findings {
    fn of(db: &RushDatabase) -> Self {
        let own = files(db).flat_map(|file| file_diagnostics(db, file));
        let all: Vec<_> = own.chain(workspace_diagnostics(db).iter().cloned()).collect();
        let items = files(db).flat_map(|file| file.items(db).iter().copied());
        Self {
            codes: all.iter().map(|it| it.code).collect(),
            errors: all.iter().filter(|it| it.is_error()).count(),
            unreadable: items.filter(|it| !it.parsed(db).errors.is_empty()).count(),
            messages: all.into_iter().map(|it| it.message).collect(),
        }
    }

    /// Whether nothing is wrong that was not wrong before.
    fn is_no_worse_than(&self, before: &Self) -> bool {
        self.codes.is_subset(&before.codes)
            && self.errors <= before.errors
            && self.unreadable <= before.unreadable
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
        let outcome = in_rounds(request([&*label]), |it| plan(db, it), read);
        let digest = match outcome {
            Some(PlanOutcome::Planned { plan, .. }) => {
                Some(format!("{:?}", plan.digests().content))
            }
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

/// A workspace before anything is changed.
struct Before {
    texts: Texts,
    db: RushDatabase,
    /// Another database, whose texts are changed: most of what it knows stays true.
    scratch: RushDatabase,
    findings: Findings,
    plans: BTreeMap<String, Option<String>>,
}

/// How much was tried.
#[derive(Debug, Default)]
struct Tried {
    refactorings: usize,
    put_back: usize,
}

impl Before {
    fn new(texts: &[(&str, &str)]) -> Self {
        let texts: Texts =
            texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let db = database(&texts);
        let (findings, plans) = (Findings::of(&db), plans(&db));
        let scratch = database(&texts);
        Self { texts, db, scratch, findings, plans }
    }

    /// Expects of changed texts that they mean the same.
    fn expect_same(&mut self, after: &Texts, about_plans: AboutPlans, what: &str) {
        let db = &mut self.scratch;
        db.set_files(after.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let shown = || format!("{what}\n{}", after.values().cloned().collect::<String>());
        let found = Findings::of(db);
        assert!(found.is_no_worse_than(&self.findings), "{}\n{:?}", shown(), found.messages);
        if about_plans == AboutPlans::Same {
            let now = plans(db);
            let differ = self.plans.iter().filter(|(label, it)| now.get(*label) != Some(it));
            let differ: Vec<_> = differ.map(|it| it.0).collect();
            assert!(differ.is_empty(), "{differ:?} {}", shown());
        }
    }

    /// Expects that what was formatted still is.
    fn expect_formatted(&self, after: &Texts, what: &str) {
        let is_formatted = |it: &str| format(it, KIND_NAMES).text == it;
        for (path, text) in after.iter().filter(|(path, it)| self.texts.get(*path) != Some(it)) {
            let before = self.texts.get(path).map(String::as_str).unwrap_or_default();
            assert!(is_formatted(text) || !is_formatted(before), "{what} in {path}\n{text}");
        }
    }

    /// Tries what is offered at every `stride`-th place, the first being `start`.
    fn check(&mut self, (start, stride): (usize, usize), tried: &mut Tried) {
        let mut seen = BTreeSet::new();
        let places = files(&self.db)
            .flat_map(|file| selections(&self.db, file).into_iter().map(move |it| (file, it)));
        let places: Vec<_> = places.collect();
        for (file, selection) in places.into_iter().skip(start).step_by(stride) {
            for action in code_actions(&self.db, file, selection, |_| true) {
                let is_refactoring = matches!(
                    action.kind,
                    ActionKind::Extract | ActionKind::Inline | ActionKind::Rewrite
                );
                let change = resolve_action(&self.db, file, selection, &action.id).unwrap();
                let after = changed(&self.db, &self.texts, &change);
                self.expect_formatted(&after, &format!("{} at {selection:?}", action.id));
                if !is_refactoring || !seen.insert(after.clone()) {
                    continue;
                }
                tried.refactorings += 1;
                let what = format!("{} at {selection:?} in {}", action.id, file.path(&self.db));
                let about_plans =
                    if action.id.contains("script") { AboutPlans::Other } else { AboutPlans::Same };
                self.expect_same(&after, about_plans, &what);
                if action.kind == ActionKind::Extract {
                    tried.put_back += usize::from(self.put_back(&after, &change, &what));
                }
            }
        }
    }

    /// Inlines what was extracted, if that is offered.
    fn put_back(&mut self, after: &Texts, change: &Change, what: &str) -> bool {
        let Some(name) = change.rename else { return false };
        // It holds the texts after the extraction; its files have the same numbers.
        let db = &self.scratch;
        let file = db.file(name.file).unwrap();
        let at = TextRange::empty(name.range.start());
        let Some(back) = resolve_action(db, file, at, "inline-all") else { return false };
        let undone = changed(db, after, &back);
        self.expect_same(&undone, AboutPlans::Same, &format!("{what}, undone"));
        true
    }
}

/// What is expected of the plans after a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AboutPlans {
    /// They are what they were.
    Same,
    /// A program is started in another way.
    Other,
}

fn stride() -> usize {
    if is_long() { 1 } else { STRIDE }
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
    let mut tried = Tried::default();
    for example in examples {
        let mut before = Before::new(&[("tasks.rush", example)]);
        assert_eq!(before.findings.errors, 0, "{:?}", before.findings);
        before.check((0, stride()), &mut tried);
    }
    assert!(tried.refactorings > 60 && tried.put_back > 15, "{tried:?}");
}

#[test]
fn refactorings_around_traps_keep_their_plans() {
    let mut before = Before::new(&[("tasks.rush", TRAPS), ("lib.rush", LIB)]);
    assert_eq!(before.findings.errors, 0, "{:?}", before.findings);
    let mut tried = Tried::default();
    before.check((0, stride().div_ceil(2)), &mut tried);
    assert!(tried.refactorings > 60 && tried.put_back > 30, "{tried:?}");
}

#[test]
fn refactorings_of_declarations_on_one_line_keep_their_plans() {
    let text = "task a(n: string = \"x\") { run: `x ${n.upper()} 'it'` }\n\n\
                task b { run: `cargo build --release --features one,two,three,four --target x86_64-unknown` }\n\n\
                template t { env { A: \"some longer text\" }, timeout: 5m }\n\n\
                task c extends t { needs: [a(\"y\"), b], run: [`one two`, `three four`], when: host.os == \"linux\" }\n";
    let text = format(text, KIND_NAMES).text;
    let mut before = Before::new(&[("tasks.rush", &text)]);
    assert_eq!(before.findings.errors, 0, "{:?}", before.findings);
    let mut tried = Tried::default();
    before.check((0, 1), &mut tried);
    assert!(tried.refactorings > 20, "{tried:?}");
}

#[test]
fn refactorings_of_the_specification_keep_their_plans() {
    let mut tried = Tried::default();
    let stride = if is_long() { 1 } else { STRIDE_OF_BLOCKS };
    for (number, text) in texts().iter().enumerate() {
        let mut before = Before::new(&[("tasks.rush", text)]);
        before.check((number % stride, stride), &mut tried);
    }
    assert!(tried.refactorings > 30, "{tried:?}");
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
            for action in code_actions(&db, file, range, |_| true) {
                assert!(resolve_action(&db, file, range, &action.id).is_some(), "{action:?}");
            }
        }
        assert!(!db.workspace().files(&db).is_empty());
    }
}
