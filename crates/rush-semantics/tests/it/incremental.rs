//! What runs again after an edit, and that the answers are those of a fresh database.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use rush_diagnostics::Diagnostic;
use rush_semantics::{Db as _, RushDatabase, check};

/// A database that notes which queries run.
struct Observed {
    db: RushDatabase,
    ran: Arc<Mutex<Vec<String>>>,
}

impl Observed {
    fn new(text: &str) -> Self {
        let ran = Arc::new(Mutex::new(Vec::new()));
        let log = ran.clone();
        let mut db = RushDatabase::new(Some(Box::new(move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                let shown = format!("{database_key:?}");
                log.lock().unwrap().push(shown);
            }
        })));
        db.set_file("tasks.rush", text);
        let mut observed = Self { db, ran };
        observed.check();
        observed
    }

    /// The names of the queries that a change makes run, each as often as it ran.
    fn after(&mut self, text: &str) -> Vec<String> {
        self.db.set_file("tasks.rush", text);
        self.ran.lock().unwrap().clear();
        self.check();
        let ran = self.ran.lock().unwrap();
        let name = |key: &String| key.split('(').next().unwrap_or_default().to_owned();
        let mut names: Vec<String> = ran.iter().map(name).collect();
        names.sort();
        names
    }

    fn check(&mut self) {
        all(&self.db);
    }
}

/// Everything that is wrong with the items of a workspace.
fn all(db: &RushDatabase) -> Vec<Diagnostic> {
    check::prepare(db);
    let files = db.workspace().files(db).values();
    files.flat_map(|file| check::file_diagnostics(db, *file)).collect()
}

const TEXT: &str = "\
let root = \"out\"

task lib(mode: \"debug\" | \"release\" = \"debug\") {
  outputs: [\"${root}/lib\"]
  run: `cc lib.c`
}

task app {
  needs: [lib(\"release\")]
  run: `cc app.c`
}

task other {
  run: `true`
}
";

fn edited(from: &str, to: &str) -> String {
    assert!(TEXT.contains(from), "{from} is in the text");
    TEXT.replace(from, to)
}

#[test]
fn an_edit_of_a_body_runs_one_item() {
    let mut observed = Observed::new(TEXT);
    // From its first edit on, an item is expected to change; that it is noted costs once.
    observed.after(&edited("lib.c", "lib2.c"));
    assert_eq!(observed.after(TEXT), ["infer", "parsed_item", "signature"]);
    assert_eq!(
        observed.after(&edited("lib.c", "lib3.c")),
        ["infer", "parsed_item", "signature"],
        "who needs `lib` sees its signature only"
    );
}

#[test]
fn the_first_edit_of_an_item_runs_those_who_refer_to_it() {
    let mut observed = Observed::new(TEXT);
    let ran = observed.after(&edited("lib.c", "lib2.c"));
    assert_eq!(ran.iter().filter(|it| *it == "parsed_item").count(), 1, "{ran:?}");
    assert_eq!(ran.iter().filter(|it| *it == "infer").count(), 2, "{ran:?}");
}

#[test]
fn a_line_above_runs_nothing() {
    let mut observed = Observed::new(&format!("\n{TEXT}"));
    observed.after(&format!("\n\n{TEXT}"));
    let ran = observed.after(&format!("\n\n\n{TEXT}"));
    assert!(ran.iter().all(|it| it == "parsed_item" || it == "infer"), "{ran:?}");
    assert!(ran.len() <= 2, "only what stands above is read again: {ran:?}");
}

#[test]
fn a_rename_runs_those_who_mention_the_name() {
    let mut observed = Observed::new(TEXT);
    let ran = observed.after(&edited("task lib", "task lib2"));
    assert_eq!(ran.iter().filter(|it| *it == "parsed_item").count(), 1, "{ran:?}");
    assert_eq!(ran.iter().filter(|it| *it == "infer").count(), 2, "the item and `app`: {ran:?}");
}

#[test]
fn a_new_item_runs_itself() {
    let mut observed = Observed::new(TEXT);
    let ran = observed.after(&format!("{TEXT}task last {{\n  run: `true`\n}}\n"));
    assert_eq!(ran.iter().filter(|it| *it == "infer").count(), 1, "{ran:?}");
}

/// Files with types that are broken, and one whose declarations hang on these.
const LIBS: [(&str, &str); 2] = [
    ("broken.rush", "type Mode = \"a\" \"b\"\n"),
    ("lib.rush", "use \"./broken.rush\" as broken\ntype Conf = { mode: broken.Mode }\n"),
];
const USER: &str = "\
use \"./lib.rush\" as lib
let a: [lib.Conf] = []
let b: [lib.Conf] = []
let c: [string] = []
";

/// What an editor says in the file that hangs on the others.
fn hints(db: &RushDatabase) -> Vec<Diagnostic> {
    check::prepare(db);
    let file = db.workspace().files(db)["tasks.rush"];
    check::left_open(db, file).clone()
}

#[test]
fn an_edit_asks_one_item_again_on_which_mistakes_it_hangs() {
    let mut observed = Observed::new(USER);
    for (path, text) in LIBS {
        observed.db.set_file(path, text);
    }
    // From its first edit on, an item is expected to change; that it is noted costs once.
    let first = USER.replace(" = []", " = [ ]");
    for text in [USER, &first] {
        observed.db.set_file("tasks.rush", text);
        assert_eq!(hints(&observed.db).len(), 1);
    }
    for (text, others) in [
        (&first.replace("let c: [string]", "let c: [int]"), 1),
        (&first.replace("= [ ]\nlet c", "= []\nlet c"), 1),
        (&first.replace("let c: [string]", "let c: [lib.Conf]"), 2),
    ] {
        observed.db.set_file("tasks.rush", &first);
        hints(&observed.db);
        observed.db.set_file("tasks.rush", text);
        observed.ran.lock().unwrap().clear();
        let found = hints(&observed.db);
        let ran = observed.ran.lock().unwrap().clone();
        let asked_again = ran.iter().filter(|it| it.starts_with("hangs_on")).count();
        assert_eq!(asked_again, 1, "{text}\n{ran:?}");
        let mut fresh = RushDatabase::default();
        fresh.set_file("tasks.rush", text);
        for (path, text) in LIBS {
            fresh.set_file(path, text);
        }
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(shown(&found, &observed.db), shown(&hints(&fresh), &fresh), "{text}");
        let also = if others == 1 { "is another declaration" } else { "are 2 others" };
        assert!(found.iter().all(|it| it.message.ends_with(also)), "{found:?}");
    }
}

#[test]
fn a_write_cancels_a_check() {
    let mut db = RushDatabase::default();
    let tasks: Vec<String> =
        (0..2_000).map(|it| format!("task t{it} {{\n  run: `a`\n}}\n")).collect();
    let text = tasks.concat();
    db.set_file("tasks.rush", &text);
    let snapshot = db.clone();
    let (started, wait) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        started.send(()).unwrap();
        loop {
            let checked = salsa::Cancelled::catch(std::panic::AssertUnwindSafe(|| all(&snapshot)));
            if checked.is_err() {
                return;
            }
        }
    });
    wait.recv().unwrap();
    db.set_file("tasks.rush", "task t {\n  run: `b`\n}\n");
    reader.join().unwrap();
    assert_eq!(all(&db).len(), 0);
}

#[test]
fn a_matrix_that_calls_its_own_task_is_no_error_in_rush() {
    for text in [
        "task a {\n  matrix { x: [a()] }\n  run: `b`\n}\n",
        "task a(p: string = \"\") {\n  matrix { x: [for v in [\"c\"]: b(v)] }\n  run: `b`\n}\n\
         task b(p: string = \"\") {\n  matrix { y: [a(\"d\")] }\n  run: `b`\n}\n",
    ] {
        let mut db = RushDatabase::default();
        db.set_file("tasks.rush", text);
        let found = shown(&all(&db), &db);
        assert!(!found.iter().any(|it| it.contains("an error in Rush itself")), "{found:#?}");
    }
}

/// What a user reads: where, which code, what it says.
fn shown(found: &[Diagnostic], db: &RushDatabase) -> Vec<String> {
    let mut found: Vec<String> =
        rush_diagnostics::resolve_all(found, db).iter().map(|it| format!("{it:?}")).collect();
    found.sort();
    found
}

const SOURCES: [&str; 5] = [
    include_str!("../../../rush-syntax/tests/corpus/shop.rush"),
    include_str!("../../../rush-syntax/tests/corpus/templates.rush"),
    include_str!("../../../rush-syntax/tests/corpus/matrix.rush"),
    TEXT,
    SCRIPTS,
];

/// Scripts that name their own `let`, each other, and what a function makes of them.
const SCRIPTS: &str = "\
let a = sh\"\"\"
  a=$(git describe --tags)
  echo \"$a\" '$b'
\"\"\"
let b = [sh\"\"\"
  echo \"$a $c\"
\"\"\"].len()
let c = f(\"x\")
fn f(x: string) = python\"\"\"
  print(os.environ[\"c\"], os.environ[\"x\"])
\"\"\"
param d: command = bash\"\"\"
  b=1; echo \"${b}\" \"${d}\"
\"\"\"
task show(e: string = \"\") {
  let f = sh\"\"\"
    f=$e; echo \"$f\"
  \"\"\"
  run: [a, f, sh\"\"\"
    echo \"$a\" \"$d\"
  \"\"\"]
}
";

/// A script that reads, sets or only mentions definitions.
fn script(reads: u8, sets: u8, quoted: u8) -> String {
    let [reads, sets, quoted] = [reads, sets, quoted].map(|it| char::from(b'a' + it % 6));
    let tag = if quoted == 'f' { "python" } else { "sh" };
    format!("{tag}\"\"\"\n  {sets}=1\n  echo \"${reads}\" '${quoted}' environ['{quoted}']\n\"\"\"")
}

/// A definition of this name that has something of the script's, or of another definition.
fn definition(name: u8, shape: u8, other: u8, script: &str) -> String {
    let [name, other] = [name, other].map(|it| char::from(b'a' + it % 6));
    match shape % 8 {
        0 => format!("let {name} = {script}\n"),
        1 => format!("let {name} = [{script}].len()\n"),
        2 => format!("let {name} = {other}\n"),
        3 => format!("let {name} = {other}()\n"),
        4 => format!("fn {name}() = {script}\n"),
        5 => format!("fn {name}() = [{other}]\n"),
        6 => format!("param {name}: command = {script}\n"),
        _ => format!("task {name}({other}: string = \"\") {{\n  run: {script}\n}}\n")
            .replace("\n\"\"\"\n}", "\n  \"\"\"\n}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn scripts_that_name_definitions_are_understood_in_any_order(
        seeds in prop::collection::vec(any::<[u8; 5]>(), 1..7),
        edited in any::<prop::sample::Index>(),
        edit in any::<[u8; 5]>(),
    ) {
        let written = |at: usize, [shape, other, reads, sets, quoted]: [u8; 5]| {
            definition(at as u8, shape, other, &script(reads, sets, quoted))
        };
        let mut items: Vec<String> = seeds.iter().enumerate().map(|(at, it)| written(at, *it)).collect();
        let mut db = RushDatabase::default();
        db.set_file("tasks.rush", &items.concat());
        all(&db);
        let edited = edited.index(items.len());
        items[edited] = written(edited, edit);
        let text = items.concat();
        db.set_file("tasks.rush", &text);
        // Somebody asks about a file before the workspace was prepared.
        let files: Vec<_> = db.workspace().files(&db).values().copied().collect();
        for file in files {
            check::file_diagnostics(&db, file);
        }
        let mut fresh = RushDatabase::default();
        fresh.set_file("tasks.rush", &text);
        let found = shown(&all(&fresh), &fresh);
        prop_assert!(!found.iter().any(|it| it.contains("an error in Rush itself")), "{text}\n{found:#?}");
        prop_assert_eq!(shown(&all(&db), &db), found, "{}", text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn edits_end_like_a_fresh_database(
        source in 0..SOURCES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8), 1..8),
    ) {
        let mut text = SOURCES[source].to_owned();
        let mut db = RushDatabase::default();
        db.set_file("tasks.rush", &text);
        all(&db);
        for (at, other, kind) in edits {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let (at, other) = (at.index(lines.len().max(1)), other.index(lines.len().max(1)));
            let mut lines: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
            if lines.is_empty() {
                lines.push("let a = 1\n".to_owned());
            }
            match kind {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[other].clone()),
                2 => lines[at] = lines[at].replace('a', "b"),
                _ => lines.swap(at, other),
            }
            text = lines.concat();
            db.set_file("tasks.rush", &text);
            all(&db);
        }
        let mut fresh = RushDatabase::default();
        fresh.set_file("tasks.rush", &text);
        prop_assert_eq!(shown(&all(&db), &db), shown(&all(&fresh), &fresh), "{}", text);
    }
}
