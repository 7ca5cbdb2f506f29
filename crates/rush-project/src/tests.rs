//! Projects in memory: where the root is, which files belong, what changes do.

use std::sync::Arc;

use camino::Utf8Path;
use rush_system::{MemorySystem, System as _};

use crate::{Change, Project, ProjectError, Setting, load_settings};

const WORKSPACE: &str = "workspace { members: [\"packages/*\", \"web\"] }\n";

fn open(system: &MemorySystem, start: &str) -> Result<Project, ProjectError> {
    Project::open(Arc::new(system.clone()), Utf8Path::new(start))
}

/// Opens at `start` and expects the root, the package in it, and the files.
fn check(system: &MemorySystem, start: &str, expect: (&str, &str, &[&str])) -> Project {
    let project = open(system, start).unwrap();
    let files: Vec<_> = project.files().map(|(path, _)| path.to_owned()).collect();
    assert_eq!((project.root().as_str(), project.package()), (expect.0, expect.1));
    assert_eq!(files, expect.2);
    project
}

fn monorepo() -> MemorySystem {
    MemorySystem::from_files([
        ("/w/tasks.rush", WORKSPACE),
        ("/w/packages/a/tasks.rush", "use \"//lib/x.rush\" as x\n"),
        ("/w/packages/a/src/main.c", ""),
        ("/w/packages/b/README", ""),
        ("/w/web/tasks.rush", "task t {}\n"),
        ("/w/lib/x.rush", "use \"./y.rush\" as y\nuse \"./gone.rush\" as gone\n"),
        ("/w/lib/y.rush", "use \"./x.rush\" as x\n"),
        ("/w/lone/tasks.rush", "task t {}\n"),
        ("/other/.git/HEAD", ""),
    ])
}

const ALL: &[&str] =
    &["lib/x.rush", "lib/y.rush", "packages/a/tasks.rush", "tasks.rush", "web/tasks.rush"];

#[test]
fn the_workspace_is_found_from_anywhere_inside() {
    let system = monorepo().with_symlink("/link", "/w/packages/a");
    check(&system, "/w", ("/w", "", ALL));
    check(&system, "/w/packages/a/src", ("/w", "packages/a", ALL));
    check(&system, "/link", ("/w", "packages/a", ALL));
    check(&system, "/w/packages/b", ("/w", "", ALL));
}

#[test]
fn what_git_ignores_holds_no_members() {
    let check_all = |members: &str, expect: &[&str]| {
        let root = format!("workspace {{ members: [{members}] }}\n");
        let system = MemorySystem::from_files([
            ("/r/.git/info/exclude", "scratch/\n"),
            ("/r/.gitignore", "# made by tools\nout/\n"),
            ("/r/w/tasks.rush", root.as_str()),
            ("/r/w/a/tasks.rush", "task t {}\n"),
            ("/r/w/a/.gitignore", "/gen\n!/out/\n"),
            ("/r/w/a/gen/tasks.rush", "task t {}\n"),
            ("/r/w/a/out/tasks.rush", "task t {}\n"),
            ("/r/w/a/b/gen/tasks.rush", "task t {}\n"),
            ("/r/w/out/x/tasks.rush", "task t {}\n"),
            ("/r/w/scratch/tasks.rush", "task t {}\n"),
            ("/r/w/.hidden/tasks.rush", "task t {}\n"),
        ]);
        check(&system, "/r/w", ("/r/w", "", expect));
        for path in ["a", "a/gen", "out/x", ".hidden"] {
            let is_listed = expect.contains(&format!("{path}/tasks.rush").as_str());
            let inside = open(&system, &format!("/r/w/{path}")).unwrap();
            assert_eq!(inside.root() == "/r/w", is_listed, "{path}: {}", inside.root());
        }
    };
    let found = ["a/b/gen/tasks.rush", "a/out/tasks.rush", "a/tasks.rush", "tasks.rush"];
    check_all("\"**\"", &found);
    check_all("\"out/x\"", &["out/x/tasks.rush", "tasks.rush"]);
    check_all("\"out/*\", \".hidden\"", &[".hidden/tasks.rush", "out/x/tasks.rush", "tasks.rush"]);
}

#[test]
fn a_package_that_is_no_member_is_alone() {
    check(&monorepo(), "/w/lone", ("/w/lone", "", &["tasks.rush"]));
}

#[test]
fn the_search_stops_at_a_repository() {
    let system = monorepo().with_file("/w/web/.git/HEAD", "");
    check(&system, "/w/web", ("/w/web", "", &["tasks.rush"]));
    let error = open(&system, "/other").err().unwrap();
    assert_eq!(
        error.to_string(),
        "no `tasks.rush` in `/other`, which is the root of the repository"
    );
}

#[test]
fn nothing_says_where_it_looked() {
    let system = MemorySystem::from_files([("/home/ada/x/y/z", "")]).with_env("HOME", "/home/ada");
    let error = open(&system, "/home/ada/x/y").err().unwrap();
    let expect = "no `tasks.rush` in `/home/ada/x/y`, nor in a directory above it up to \
                  `/home/ada`, the home directory";
    assert_eq!(error.to_string(), expect);
}

#[test]
fn a_file_of_taskrush_is_named() {
    let system = MemorySystem::from_files([("/w/.rush", "tasks:\n  a:\n    cmd: x\n")]);
    let error = open(&system, "/w").err().unwrap();
    assert_eq!(error.to_string(), "`/w/.rush` is a TaskRush file (YAML); Rush reads `tasks.rush`");
}

#[test]
fn changes_load_what_they_ask_for_and_drop_the_rest() {
    let system = monorepo();
    let mut project = check(&system, "/w", ("/w", "", ALL));
    let applied =
        project.apply_changes(vec![Change::overlay("/w/packages/a/tasks.rush", "let a = 1\n")]);
    assert_eq!(applied.removed, ["lib/x.rush", "lib/y.rush"]);
    let applied = project.apply_changes(vec![Change::disk("/w/packages/a/tasks.rush")]);
    assert_eq!(applied.added, ["lib/x.rush", "lib/y.rush"]);
    let system = system.with_file("/w/lib/gone.rush", "let x = 1\n");
    let applied = project.apply_changes(vec![Change::disk("/w/lib/gone.rush")]);
    assert_eq!(applied.added, ["lib/gone.rush"]);
    let system = system.with_file("/w/packages/new/tasks.rush", "task t {}\n");
    let applied = project.apply_changes(vec![Change::disk("/w/packages/new/tasks.rush")]);
    assert_eq!(applied.added, ["packages/new/tasks.rush"]);
    system.remove_file(Utf8Path::new("/w/packages/new/tasks.rush")).unwrap();
    let applied = project.apply_changes(vec![Change::removed("/w/packages/new/tasks.rush")]);
    assert!(project.file("packages/new/tasks.rush").is_none() && !applied.is_outdated);
    system.remove_file(Utf8Path::new("/w/tasks.rush")).unwrap();
    assert!(project.apply_changes(vec![Change::removed("/w/tasks.rush")]).is_outdated);
}

#[test]
fn a_buffer_hides_the_disk_until_it_is_closed() {
    let mut project = open(&monorepo(), "/w").unwrap();
    let text = |project: &Project| {
        project.file("web/tasks.rush").map(|it| it.text(project.db()).to_string())
    };
    project.apply_changes(vec![Change::overlay("/w/web/tasks.rush", "task u {}\n")]);
    assert_eq!(text(&project).as_deref(), Some("task u {}\n"));
    project.apply_changes(vec![Change::disk("/w/web/tasks.rush")]);
    assert_eq!(text(&project).as_deref(), Some("task t {}\n"));
}

#[test]
fn bytes_that_are_no_text_are_reported_alone() {
    let system = monorepo().with_file("/w/web/tasks.rush", b"task t {}\ntask \xff {}\n");
    let project = open(&system, "/w").unwrap();
    let resolved = project.resolve(&[]);
    let found: Vec<_> = resolved.iter().map(|it| (it.code.number(), it.primary.range)).collect();
    assert_eq!(found, [(11, rush_diagnostics::TextRange::new(15.into(), 18.into()))]);
    assert_eq!(project.shown("web/tasks.rush"), "w/web/tasks.rush");
}

/// A chain of files, on a stack that recursion would not survive.
#[test]
fn ten_thousand_files_that_use_each_other_are_loaded() {
    let files = (0..10_000).map(|at| {
        let name = if at == 0 { "tasks".to_owned() } else { format!("f{at}") };
        (format!("/w/{name}.rush"), format!("use \"./f{}.rush\" as next\n", at + 1))
    });
    let project = open(&MemorySystem::from_files(files), "/w").unwrap();
    assert_eq!(project.files().count(), 10_000);
}

#[test]
fn the_nearest_layer_of_settings_wins_and_is_named() {
    let system = MemorySystem::new()
        .with_env("HOME", "/home/ada")
        .with_env("RUSH_KEEP_GOING", "true")
        .with_file("/home/ada/.config/rush/config.toml", "jobs = 3\ncolor = \"never\"\n")
        .with_file(
            "/w/.rush-state/config.toml",
            "# here\njobs = 5\nslots = { gpu = 2, licence = 5 }\n",
        );
    let flags = [(Setting::COLOR, "always")];
    let settings = load_settings(&system, Some(Utf8Path::new("/w")), &flags).unwrap();
    let shown: Vec<_> = settings
        .iter(&system)
        .map(|(setting, value, origin)| format!("{} = {value}  # {origin}", setting.name))
        .collect();
    assert_eq!(
        shown,
        [
            "color = always  # --color",
            "history = true  # default",
            "history_age = 30d  # default",
            "history_runs = 500  # default",
            "history_size = 1GB  # default",
            "jobs = 5  # /w/.rush-state/config.toml:2",
            "jobserver = pipe  # default",
            "keep_going = true  # RUSH_KEEP_GOING",
            "log_mode = auto  # default",
            "remember = true  # default",
            "slots = gpu=2 licence=5  # /w/.rush-state/config.toml:3",
        ]
    );
}

#[test]
fn settings_nobody_knows_are_errors() {
    let check = |text: &str, expect: &str| {
        let system = MemorySystem::new()
            .with_env("HOME", "/h")
            .with_file("/h/.config/rush/config.toml", text);
        let error = load_settings(&system, None, &[]).unwrap_err().to_string();
        assert_eq!(error, format!("/h/.config/rush/config.toml:{expect}"));
    };
    check("\njob = 3\n", "2: no setting is named `job`; did you mean `jobs`?");
    check("jobs = 0\n", "1: `0` is no value for `jobs`; use a whole number from 1 to 1024");
    check(
        "slots = \"gpu\"\n",
        "1: `gpu` is no value for `slots`; name each with its number, such as `gpu=2 licence=5`, or use `none`",
    );
    check("color = 1\n", "1: `1` is no value for `color`; use `auto`, `always` or `never`");
    assert!(load_settings(&MemorySystem::new().with_env("RUSH_JOBS", "x"), None, &[]).is_err());
}
