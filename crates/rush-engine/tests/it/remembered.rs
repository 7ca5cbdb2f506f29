//! A remembered answer is the answer that would be given now, whatever happened in between.

use std::time::Duration;

use camino::Utf8Path;
use proptest::prelude::*;
use rush_engine::BuildId;
use rush_system::{OsSystem, System as _};

use crate::stage::Stage;

#[cfg(unix)]
mod unix;

const ROOT: &str = "workspace { members: [\"p*\"] }\n\
                    param mode: string = env(\"MODE\") ?? \"plain\"\n\
                    /// Builds.\n\
                    task build(level: int = 1) { run: `cc ${mode} ${level}` }\n";
const PACKAGE: &str = "task build { run: `true` }\n";

/// Long after the last change: from now on attributes are trusted.
const LATER: Duration = Duration::from_mins(10);

fn stage() -> Stage {
    Stage::new(&[("tasks.rush", ROOT), ("p1/tasks.rush", PACKAGE)])
}

/// Asks until everything is remembered, and expects that it is.
fn settle(stage: &Stage) {
    stage.ask(&stage.path(""));
    let (answers, is_opened) = stage.ask(&stage.path(""));
    assert!(!is_opened, "nothing changed, so nothing is opened");
    assert_eq!(answers, stage.ask_anew(&stage.path("")));
}

/// After a change everything is answered as if nothing were remembered.
fn check(stage: &Stage, expect_opened: bool) {
    let (answers, is_opened) = stage.ask(&stage.path(""));
    assert_eq!(answers, stage.ask_anew(&stage.path("")));
    assert_eq!(is_opened, expect_opened);
}

/// What happens to a settled workspace, when attributes are trusted and when they are not.
fn check_change(change: impl Fn(&Stage), expect_opened: bool) {
    for ahead in [Duration::ZERO, LATER] {
        let stage = stage();
        stage.set_clock_ahead(ahead);
        settle(&stage);
        change(&stage);
        check(&stage, expect_opened);
    }
}

#[test]
fn what_does_not_matter_changes_nothing() {
    check_change(|_| (), false);
    check_change(|stage| stage.put("p1/deep/main.c", "int main;"), false);
    check_change(|stage| stage.set_env("OTHER", Some("x")), false);
}

#[test]
fn a_file_that_was_touched_or_written_again_is_the_same() {
    check_change(|stage| stage.put("tasks.rush", ROOT), false);
    check_change(|stage| stage.put_unnoticed("tasks.rush", ROOT), false);
    check_change(|stage| (stage.remove("p1"), stage.put("p1/tasks.rush", PACKAGE)).1, false);
}

#[test]
fn an_edit_is_noticed() {
    check_change(|stage| stage.put("tasks.rush", &ROOT.replace("cc", "clang")), true);
    check_change(|stage| stage.put("p1/tasks.rush", "task other { run: `true` }\n"), true);
    check_change(|stage| stage.put("p1/tasks.rush", "task build { run: }\n"), true);
}

#[test]
fn an_edit_of_the_same_size_and_time_is_noticed() {
    check_change(|stage| stage.put_unnoticed("tasks.rush", &ROOT.replace("cc", "ld")), true);
}

#[test]
fn packages_come_and_go() {
    check_change(|stage| stage.put("p2/tasks.rush", PACKAGE), true);
    check_change(|stage| stage.put("q/tasks.rush", PACKAGE), true);
    check_change(|stage| stage.remove("p1/tasks.rush"), true);
    check_change(|stage| stage.remove("p1"), true);
    check_change(|stage| stage.put("tasks.rush", &ROOT.replace("p*", "q*")), true);
}

#[test]
fn a_workspace_above_or_below_takes_over() {
    let above = "workspace { members: [\"w\"] }\n";
    let stage = stage();
    stage.remove("tasks.rush");
    stage.put("tasks.rush", PACKAGE);
    settle(&stage);
    OsSystem.write(&stage.base.join("tasks.rush"), above.as_bytes()).unwrap();
    check(&stage, true);
    assert!(stage.ask(&stage.path("")).0.mention("//w:build"));
    OsSystem.create_dir_all(&stage.path(".git")).unwrap();
    check(&stage, true);
    assert!(!stage.ask(&stage.path("")).0.mention("//w:build"));
}

#[test]
fn a_variable_that_is_read_counts() {
    let stage = stage();
    settle(&stage);
    stage.set_env("MODE", Some("fast"));
    let (answers, is_opened) = stage.ask(&stage.path(""));
    assert!(is_opened && answers.mention("fast"));
    stage.set_env("MODE", None);
    check(&stage, true);
    let all: Vec<u8> = stage.entries().iter().flat_map(|it| OsSystem.read(it).unwrap()).collect();
    assert!(!all.is_empty());
}

#[test]
fn files_that_planning_reads_count() {
    let text = "param version: string = file(\"VERSION\") ?? \"0\"\n\
                let sources = files(\"src/*.c\")\n\
                task build { run: [for it in sources: `cc ${it} ${version}`] }\n";
    let stage = Stage::new(&[("tasks.rush", text), ("src/a.c", "")]);
    settle(&stage);
    for (path, text) in [("VERSION", "1"), ("VERSION", "2"), ("src/b.c", "")] {
        stage.put(path, text);
        check(&stage, true);
        settle(&stage);
    }
    stage.remove("VERSION");
    check(&stage, true);
}

#[test]
fn warnings_are_told_again() {
    let text = "task build {\n  matrix {\n    os: [\"a\", \"b\"]\n    \
                exclude: [{ os: \"a\" }, { os: \"a\" }]\n  }\n  run: `true`\n}\n";
    let stage = Stage::new(&[("tasks.rush", text)]);
    let (first, _) = stage.ask(&stage.path(""));
    let (again, is_opened) = stage.ask(&stage.path(""));
    assert!(!is_opened && first.mention("RUSH0506"), "{first:?}");
    assert_eq!(first, again);
}

#[test]
fn a_damaged_entry_is_none() {
    let stage = stage();
    settle(&stage);
    for entry in stage.entries() {
        let whole = OsSystem.read(&entry).unwrap();
        let half = whole.len() / 2;
        let mut flipped = whole.clone();
        flipped[half] ^= 1;
        for damaged in [&flipped[..], &whole[..half], b""] {
            OsSystem.write(&entry, damaged).unwrap();
            check(&stage, true);
            settle(&stage);
        }
    }
}

#[test]
fn an_entry_of_another_name_or_user_is_none() {
    let stage = stage();
    settle(&stage);
    let entries = stage.entries();
    let (first, last) = (entries.first().unwrap(), entries.last().unwrap());
    OsSystem.write(first, &OsSystem.read(last).unwrap()).unwrap();
    let (answers, _) = stage.ask(&stage.path(""));
    assert_eq!(answers, stage.ask_anew(&stage.path("")));
    settle(&stage);
    stage.set_env("HOME", Some(stage.base.join("elsewhere").as_str()));
    check(&stage, true);
}

#[test]
fn another_build_remembers_for_itself() {
    let mut stage = stage();
    settle(&stage);
    stage.build = BuildId::named("the next build");
    check(&stage, true);
    settle(&stage);
}

#[test]
fn a_checkout_that_can_not_be_written_to_is_remembered_elsewhere() {
    let stage = stage();
    stage.make_read_only();
    settle(&stage);
    assert!(!OsSystem.exists(&stage.path(".rush-state")));
    stage.put("p2/tasks.rush", PACKAGE);
    check(&stage, true);
}

#[test]
fn where_nothing_can_be_kept_nothing_is_remembered() {
    let stage = stage();
    stage.set_env("HOME", None);
    check(&stage, true);
    check(&stage, true);
}

#[test]
fn each_place_has_its_own_answers() {
    let stage = stage();
    stage.put("p1/deep/file", "");
    for _ in 0..2 {
        for start in ["", "p1", "p1/deep"] {
            let start = stage.path(start);
            stage.stand_in(&start);
            assert_eq!(stage.ask(&start).0, stage.ask_anew(&start));
        }
    }
    stage.stand_in(&stage.path("p1/deep"));
    assert!(!stage.ask(&stage.path("p1/deep")).1);
    // As with `-C ..`: the same place by another way.
    let start = stage.path("p1/deep/..");
    assert_eq!(stage.ask(&start).0, stage.ask_anew(&start));
}

/// Enough files that several threads look at them.
#[test]
fn a_change_of_one_file_among_a_thousand_is_noticed() {
    let name = |at: usize| format!("p{at}/tasks.rush");
    let mut files = vec![("tasks.rush".to_owned(), ROOT)];
    files.extend((0..1000).map(|at| (name(at), PACKAGE)));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    let stage = Stage::new(&files);
    stage.set_clock_ahead(LATER);
    settle(&stage);
    stage.put(&name(999), &PACKAGE.replace("true", "false"));
    check(&stage, true);
    check(&stage, false);
    stage.remove(&name(500));
    check(&stage, true);
}

#[test]
fn two_that_remember_at_once_give_the_same_answers() {
    let stage = stage();
    settle(&stage);
    for round in 0..20 {
        stage.put("p1/tasks.rush", &PACKAGE.replace("true", &format!("echo {round}")));
        let expect = stage.ask_anew(&stage.path(""));
        std::thread::scope(|scope| {
            let asks = (0..4).map(|_| scope.spawn(|| stage.ask(&stage.path("")).0));
            for ask in asks.collect::<Vec<_>>() {
                assert_eq!(ask.join().unwrap(), expect);
            }
        });
    }
}

#[test]
fn refusing_memory_reads_everything() {
    let stage = stage();
    settle(&stage);
    let workspace = stage.open(&stage.path("")).unwrap();
    assert!(!workspace.is_opened());
    assert!(workspace.without_memory().unwrap().is_opened());
}

/// Something that happens between two questions.
#[derive(Clone, Debug)]
enum Event {
    Put(usize, usize),
    Remove(usize),
    Touch(usize),
    Variable(Option<&'static str>),
    Time(bool),
}

const PATHS: [&str; 6] =
    ["tasks.rush", "p1/tasks.rush", "p2/tasks.rush", "p1/lib.rush", "VERSION", "q/tasks.rush"];

/// No two have the same length: within a tick of the clock, only the size tells two states apart where
/// the clock of the test says that they are old.
const TEXTS: [&str; 8] = [
    ROOT,
    PACKAGE,
    "workspace { members: [\"*\"] }\ntask build { run: `make` }\n",
    "use \"./lib.rush\" as lib\ntask build { run: `${lib.tool}` }\n",
    "pub let tool = \"cc\"\n",
    "param version: string = file(\"//VERSION\") ?? \"none\"\ntask build { run: `v ${version}` }\n",
    "task build { run: `a` }\ntask broken { run: unknown_name }\n",
    "7",
];

fn event() -> impl Strategy<Value = Event> {
    let path = 0..PATHS.len();
    prop_oneof![
        6 => (path.clone(), 0..TEXTS.len()).prop_map(|(path, text)| Event::Put(path, text)),
        2 => path.clone().prop_map(Event::Remove),
        1 => path.prop_map(Event::Touch),
        1 => prop::sample::select(vec![None, Some("1"), Some("22")]).prop_map(Event::Variable),
        1 => any::<bool>().prop_map(Event::Time),
    ]
}

fn happen(stage: &Stage, event: &Event) {
    let path = |at: usize| PATHS[at];
    match event {
        Event::Put(at, text) => stage.put(path(*at), TEXTS[*text]),
        Event::Remove(at) if OsSystem.exists(&stage.path(path(*at))) => stage.remove(path(*at)),
        Event::Touch(at) => {
            if let Ok(bytes) = OsSystem.read(&stage.path(path(*at))) {
                stage.put(path(*at), &String::from_utf8(bytes).unwrap());
            }
        }
        Event::Variable(value) => stage.set_env("MODE", *value),
        Event::Time(is_late) => {
            stage.set_clock_ahead(if *is_late { LATER } else { Duration::ZERO });
        }
        Event::Remove(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_remembered_answer_is_the_answer_now(events in prop::collection::vec(event(), 1..12)) {
        let stage = stage();
        for event in events {
            happen(&stage, &event);
            for start in ["", "p1"] {
                let start = stage.path(start);
                if !OsSystem.is_dir(Utf8Path::new(&start)) {
                    continue;
                }
                let expected = stage.ask_anew(&start);
                prop_assert_eq!(&stage.ask(&start).0, &expected, "after {:?}", event);
                prop_assert_eq!(&stage.ask(&start).0, &expected, "again after {:?}", event);
            }
        }
    }
}
