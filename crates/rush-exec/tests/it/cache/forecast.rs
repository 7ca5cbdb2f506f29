//! What is foretold of a run is what it does, whatever was edited before.

use proptest::prelude::{ProptestConfig, Strategy, TestCaseError, prop};
use proptest::{prop_assert, proptest};
use rush_exec::Outlook;
use rush_plan::{CacheMode, Node, NodeState, Plan, Task, WorkspacePath};

use super::workshop::{Workshop, makes};
use crate::fixture::{Ran, node};

/// What may be edited: sources, and what tasks make of them.
const FILES: [&str; 14] = [
    "g", "src/a.c", "src/b.c", "h/y.h", "lock", "tool", "gen/x.h", "out/obj", "out/more",
    "copy/a.c", "copy/c.c", "mods/x", "pack", "obj.d",
];

#[derive(Clone, Debug)]
enum Edit {
    Write(&'static str, u8),
    Remove(&'static str),
    Rename(&'static str, &'static str),
    RemoveDirectory(&'static str),
    Fail(bool),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let file = || prop::sample::select(FILES.to_vec());
    let source = || prop::sample::select(vec!["src/a.c", "src/b.c", "src/c.c", "h/y.h", "h/z.h"]);
    let directory = prop::sample::select(vec!["gen", "out", "copy", "mods", "both"]);
    let edit = proptest::prop_oneof![
        4 => (file(), 0..3_u8).prop_map(|(file, text)| Edit::Write(file, text)),
        2 => file().prop_map(Edit::Remove),
        2 => (source(), source()).prop_map(|(from, to)| Edit::Rename(from, to)),
        1 => directory.prop_map(Edit::RemoveDirectory),
        1 => proptest::bool::ANY.prop_map(Edit::Fail),
    ];
    prop::collection::vec(edit, 1..10)
}

fn project() -> Vec<Node> {
    let with_depfile = |task| Task { depfile: Some(WorkspacePath::new("obj.d").unwrap()), ..task };
    let obj = "mkdir -p out; cat src/*.c gen/x.h h/*.h > out/obj 2> /dev/null || true; \
               echo out/obj: gen/x.h $(ls h/*.h 2> /dev/null) > obj.d; test ! -e fail";
    let copy = "mkdir -p copy; for f in src/*; do test ! -e $f || cmp -s $f copy/${f#src/} || cp $f copy; done";
    let stamp = |mut task: Task| {
        task.cache.mode = CacheMode::Stamp;
        task
    };
    let beside =
        |name: &str| makes(&[name], &["both"], &format!("mkdir -p both; cp {name} both/{name}"));
    vec![
        node("gen", makes(&["g"], &["gen/x.h"], "mkdir -p gen; cp g gen/x.h"), &[]),
        node("obj", with_depfile(makes(&["src/*.c"], &["out/obj"], obj)), &["gen"]),
        node("pack", makes(&["out/obj"], &["pack"], "cp out/obj pack"), &["obj"]),
        node("copy", makes(&["src"], &["copy"], copy), &[]),
        node("list", makes(&["copy/**"], &["list"], "ls copy > list"), &["copy"]),
        node("mods", stamp(makes(&["lock"], &["mods"], "mkdir -p mods; cp lock mods/x")), &[]),
        node("use", makes(&["lock"], &["used"], "cp mods/x used"), &["mods"]),
        node("test", makes(&["src/*.c"], &[], "test ! -e fail"), &["mods"]),
        node("all", makes(&["**/*.h", "copy"], &["headers"], "ls > headers"), &["pack", "list"]),
        node("first", beside("g"), &[]),
        node("second", beside("lock"), &["first"]),
    ]
}

fn apply(shop: &Workshop, edit: &Edit) {
    let set = |name: &str, text: &str| {
        let path = shop.path(name);
        let _ = std::fs::create_dir_all(path.parent().unwrap());
        // What a link or a directory took the place of stays as it is.
        let _ = std::fs::write(path, text);
    };
    match edit {
        Edit::Write(name, text) => set(name, &format!("text {text}")),
        Edit::Remove(name) => drop(std::fs::remove_file(shop.path(name))),
        Edit::Rename(from, to) => drop(std::fs::rename(shop.path(from), shop.path(to))),
        Edit::RemoveDirectory(name) => drop(std::fs::remove_dir_all(shop.path(name))),
        Edit::Fail(true) => set("fail", ""),
        Edit::Fail(false) => drop(std::fs::remove_file(shop.path("fail"))),
    }
}

/// Whether a node does what was foretold; whatever was not begun may have been foretold anything, and what runs by
/// itself may find an older result where something behind it ran.
fn is_as_foretold(outlook: &Outlook, state: &NodeState, is_behind_news: bool) -> bool {
    match state {
        NodeState::Cached => is_behind_news || !matches!(outlook, Outlook::Runs(_)),
        NodeState::Succeeded | NodeState::Failed { .. } => {
            !matches!(outlook, Outlook::Cached { .. })
        }
        _ => true,
    }
}

/// Whether anything that a node needs ran, by whatever way it needs it.
fn is_behind_news(ran: &Ran, plan: &Plan, node: &Node) -> bool {
    let mut needed = node.edges.iter().filter_map(|it| plan.node(it.node));
    needed.any(|it| {
        ran.node(it.label()).state == NodeState::Succeeded || is_behind_news(ran, plan, it)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_run_does_what_was_foretold(edits in edits()) {
        check(&edits)?;
    }
}

fn check(edits: &[Edit]) -> Result<(), TestCaseError> {
    let shop = Workshop::new();
    for name in ["g", "src/a.c", "src/b.c", "h/y.h", "lock", "tool"] {
        shop.write(name, "text 0");
    }
    shop.run(project());
    for edit in edits {
        apply(&shop, edit);
        let plan = shop.plan(project());
        let outlooks = shop.outlooks(project());
        let ran = shop.run(project());
        for (node, outlook) in plan.nodes().iter().zip(&outlooks) {
            let state = &ran.node(node.label()).state;
            let is_behind_news = is_behind_news(&ran, &plan, node);
            let is_so = is_as_foretold(outlook, state, is_behind_news);
            prop_assert!(is_so, "{} after {edit:?}: {outlook:?} and then {state:?}", node.label());
        }
    }
    Ok(())
}

#[test]
fn a_directory_without_files_is_foreseen() {
    let edits =
        [Edit::Remove("src/b.c"), Edit::Rename("src/a.c", "h/y.h"), Edit::RemoveDirectory("copy")];
    check(&edits).unwrap();
}
