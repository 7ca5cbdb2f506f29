//! Tasks in whose outputs others declare something more exactly: whoever writes there is not remembered, and nobody else
//! is taken for it.

use rush_plan::{CacheMode, EdgeReason, Node, Task};

use super::workshop::{Workshop, makes};
use crate::fixture::{Ran, edges, id, node};

/// A task that comes after another one and does not need it.
fn after(label: &str, task: Task, before: &str) -> Node {
    edges(label, task, &[before], EdgeReason::After)
}

fn shop() -> Workshop {
    let shop = Workshop::new();
    ["p", "q", "src", "t"].iter().for_each(|it| shop.write(it, &format!("{it}1")));
    shop
}

fn generate() -> Node {
    node("gen", makes(&["src"], &["out/a"], "mkdir -p out; cat src > out/a"), &[])
}

/// The only warning of a node.
fn warning<'r>(ran: &'r Ran, label: &str) -> &'r str {
    match &*ran.node(label).warnings {
        [] => "",
        [warning] => warning,
        more => panic!("{more:?}"),
    }
}

fn wrote(path: &str, declarer: &str) -> String {
    format!(
        "it wrote `{path}`, which `{declarer}` declares more exactly; its result is used but not remembered; name that \
         path in its own `outputs`, too, or give each task its own files"
    )
}

#[test]
fn who_writes_nothing_there_is_remembered() {
    let build = || makes(&["q"], &["dist"], "mkdir -p dist; cat q > dist/c");
    let version = |inputs: Option<&str>, mode| {
        let mut task = makes(&[], &["dist/version"], "mkdir -p dist; echo 1 > dist/version");
        task.inputs = inputs.map(|it| vec![it.to_owned()]);
        task.cache.mode = mode;
        node("version", task, &[])
    };
    let shop = shop();
    let asked = || vec![version(None, CacheMode::Local), after("build", build(), "version")];
    let first = shop.run(asked());
    assert_eq!(
        (warning(&first, "build"), &*first.ends()),
        ("", "build=succeeded version=succeeded -> 0")
    );
    assert_eq!(shop.run(asked()).ends(), "build=cached version=succeeded -> 0");

    let stamped =
        || vec![version(Some("p"), CacheMode::Stamp), node("build", build(), &["version"])];
    assert_eq!(warning(&shop.run(stamped()), "build"), "");
    assert_eq!(shop.run(stamped()).ends(), "build=cached version=cached -> 0");
}

#[test]
fn who_comes_behind_two_that_write_one_file_is_remembered() {
    let shop = shop();
    let nodes = || {
        let patch = makes(&["p"], &["out/a"], "cat p >> out/a");
        let bundle = makes(&["q"], &["out"], "cat q > out/c");
        vec![generate(), node("patch", patch, &["gen"]), node("bundle", bundle, &["patch"])]
    };
    for text in ["p1", "p2"] {
        shop.write("p", text);
        assert_eq!(warning(&shop.run(nodes()), "bundle"), "");
        assert_eq!(shop.run(nodes()).ends(), "bundle=cached gen=cached patch=cached -> 0");
    }
}

#[test]
fn who_declares_the_same_directory_declares_it_no_more_exactly() {
    let shop = shop();
    let nodes = || {
        let first = makes(&["src"], &["out"], "mkdir -p out; cat src > out/a");
        let second = makes(&["p"], &["out"], "mkdir -p out/sub; cat p | tee out/b > out/sub/x");
        let third = makes(&["q"], &["out/sub"], "mkdir -p out/sub; cat q > out/sub/x");
        vec![node("a", first, &[]), after("b", second, "a"), after("c", third, "b")]
    };
    assert_eq!(warning(&shop.run(nodes()), "a"), "");
    let again = shop.run(nodes());
    assert!(again.ends().contains("a=cached"), "{}", again.ends());
}

#[test]
fn what_it_writes_is_named_and_the_other_one_stays_cached() {
    let (patched, extra) = ("cat p > out/js/a", "cat p | tee out/c > out/js/extra");
    for (script, path) in [(patched, "out/js/a"), (extra, "out/js/extra")] {
        for mode in [CacheMode::Local, CacheMode::Stamp] {
            let shop = shop();
            let nodes = || {
                let make = makes(&["src"], &["out/js/**"], "mkdir -p out/js; cat src > out/js/a");
                let mut patch = makes(&["p"], &["out"], script);
                patch.cache.mode = mode;
                vec![node("gen", make, &[]), node("patch", patch, &["gen"])]
            };
            shop.run(nodes());
            for _ in 0..2 {
                let ran = shop.run(nodes());
                assert_eq!(ran.ends(), "gen=cached patch=succeeded -> 0", "{script} {mode:?}");
                assert_eq!(warning(&ran, "patch"), wrote(path, "gen"));
                assert_eq!((warning(&ran, "gen"), &*shop.read(path)), ("", "p1"));
            }
        }
    }
}

#[test]
fn what_a_person_changes_meanwhile_stays_in_the_way() {
    let shop = shop();
    let nodes =
        || vec![generate(), node("patch", makes(&["p"], &["out"], "cat p > out/a"), &["gen"])];
    shop.run(nodes());
    shop.write("out/a", "by hand");
    let ran = shop.run(vec![generate()]);
    assert_eq!((&*ran.ends(), &*shop.read("out/a")), ("gen=succeeded -> 0", "src1"));
    assert!(warning(&ran, "gen").contains("`out/a` is there and is not as Rush made it"));
}

#[test]
fn what_it_removes_is_named() {
    let shop = shop();
    let nodes = || {
        let patch = makes(&["p"], &["out"], "rm out/a; cat p > out/b");
        let test = makes(&["t"], &["seen"], "ls out > seen");
        let mut test = node("test", test, &["gen"]);
        test.add_edge(id("patch"), EdgeReason::After);
        vec![generate(), node("patch", patch, &["gen"]), test]
    };
    for _ in 0..3 {
        let ran = shop.run(nodes());
        assert!(warning(&ran, "patch").starts_with("it removed `out/a`, which `gen` declares"));
        assert_eq!((&*shop.read("seen"), shop.path("out/a").exists()), ("b\n", false));
    }
}

#[test]
fn a_formatter_behind_it_formats_what_is_made() {
    let shop = shop();
    let nodes = || {
        let make = makes(&["src"], &["out"], "mkdir -p out; cat src > out/a; echo b > out/b");
        let format = makes(&["p"], &["out/a"], "sed -i 's/^/formatted /' out/a");
        let test = makes(&["t"], &["seen"], "cat out/a > seen");
        vec![
            node("gen", make, &[]),
            node("format", format, &["gen"]),
            node("test", test, &["gen", "format"]),
        ]
    };
    let check = |shop: &Workshop, text: &str| {
        let ran = shop.run(nodes());
        let expected = format!("formatted {text}");
        assert_eq!([shop.read("out/a"), shop.read("seen")], [&*expected, &*expected]);
        assert_eq!(warning(&ran, "gen"), wrote("out/a", "format"));
        ran.ends()
    };
    for text in ["g1", "g2", "g1"] {
        shop.write("src", text);
        check(&shop, text);
        assert_eq!(check(&shop, text), "format=cached gen=succeeded test=cached -> 0");
    }
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    check(&shop, "g1");
    // A result that was made without the formatter holds the file itself.
    shop.run(nodes()[..1].to_vec());
    shop.write("src", "g3");
    check(&shop, "g3");
    shop.write("src", "g1");
    check(&shop, "g1");
    let elsewhere = shop.checkout();
    ["p", "t"].iter().for_each(|it| elsewhere.write(it, &format!("{it}1")));
    elsewhere.write("src", "g1");
    check(&elsewhere, "g1");
}

#[test]
fn a_reader_between_two_that_write_one_file_reads_what_the_first_one_made() {
    let shop = shop();
    let nodes = || {
        let make = makes(&["src"], &["out"], "mkdir -p out; cat src > out/a; echo b > out/b");
        let test = makes(&["t"], &["seen"], "cat out/a > seen");
        let patch = makes(&["p"], &["out/a"], "cat p > out/a");
        vec![node("gen", make, &[]), node("test", test, &["gen"]), after("patch", patch, "test")]
    };
    for (source, text) in [("g1", "t1"), ("g1", "t2"), ("g2", "t2"), ("g1", "t2"), ("g1", "t3")] {
        shop.write("src", source);
        shop.write("t", text);
        assert_eq!(warning(&shop.run(nodes()), "gen"), wrote("out/a", "patch"));
        assert_eq!([shop.read("seen"), shop.read("out/a")], [source, "p1"]);
    }
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    shop.write("t", "t4");
    assert!(shop.run(nodes()).ends().ends_with("-> 0"));
    assert_eq!([shop.read("seen"), shop.read("out/a")], ["g1", "p1"]);
}

#[test]
fn a_reader_by_a_wildcard_that_needs_neither_of_them_reads_that_too() {
    let reads = ["out/*", "out/**", "out/[a]"];
    let places = [("out", "out/a"), ("out", "out/a*"), ("out/**", "out/*a")];
    for (reads, (made, patched)) in reads.iter().flat_map(|it| places.map(|place| (*it, place))) {
        let shop = shop();
        let nodes = || {
            let make = makes(&["src"], &[made], "mkdir -p out; cat src > out/a; echo b > out/b");
            let test = makes(&[reads], &["seen"], "cat out/a > seen");
            let patch = makes(&["p"], &[patched], "cat p > out/a");
            vec![
                node("gen", make, &[]),
                after("test", test, "gen"),
                node("patch", patch, &["test"]),
            ]
        };
        for text in ["g1", "g1", "g2", "g2", "g1", "g2"] {
            shop.write("src", text);
            let ran = shop.run(nodes());
            let seen = [shop.read("seen"), shop.read("out/a")];
            assert_eq!(seen, [text, "p1"], "{reads} {made} {patched}: {}", ran.ends());
        }
    }
}

#[test]
fn a_tool_that_leaves_alone_what_it_wrote_is_not_remembered_either() {
    let shop = shop();
    let nodes = || {
        let script = "mkdir -p out; test out/a -nt src || cat src > out/a; echo b > out/b";
        let format = makes(&["p"], &["out/a"], "sed -i 's/^/formatted /' out/a");
        vec![node("gen", makes(&["src"], &["out"], script), &[]), node("format", format, &["gen"])]
    };
    for text in ["g1", "g1", "g2", "g2", "g1"] {
        shop.write("src", text);
        shop.run(nodes());
        assert_eq!(shop.read("out/a"), format!("formatted {text}"));
    }
}

#[test]
fn who_changes_the_mode_of_a_file_is_not_remembered() {
    let shop = shop();
    let post = || makes(&["p"], &["out"], "cat p > out/b; chmod +x out/a");
    for _ in 0..3 {
        let ran = shop.run(vec![generate(), node("post", post(), &["gen"])]);
        assert_eq!(warning(&ran, "post"), wrote("out/a", "gen"));
    }
}

#[test]
fn what_is_read_by_way_of_a_group_is_what_lies_there() {
    for mode in [CacheMode::Local, CacheMode::Stamp] {
        let shop = shop();
        let nodes = || {
            let mut make = generate();
            if let rush_plan::Work::Task(task) = &mut make.work {
                task.cache.mode = mode;
            }
            let group = Task { run: Vec::new(), ..makes(&[], &[], "") };
            let mut test = node("test", makes(&["t"], &["seen"], "cat out/a > seen"), &["all"]);
            test.add_edge(id("patch"), EdgeReason::After);
            let patch = makes(&["p"], &["out"], "cat p > out/a");
            vec![make, node("all", group, &["gen"]), node("patch", patch, &["all"]), test]
        };
        for text in ["p1", "p1", "p2", "p1"] {
            shop.write("p", text);
            shop.run(nodes());
            assert_eq!(shop.read("seen"), text, "{mode:?}");
        }
    }
}

/// The text of `src` in each run, and what a task writes in place of what was made from it.
const ROUNDS: [(&str, &str); 6] =
    [("g1", "p1"), ("g1", "p1"), ("g2", "p1"), ("g1", "p2"), ("g1", "p2"), ("g3", "p2")];

/// A task of which nothing is remembered makes what others declare more exactly.
struct Unremembered {
    how: &'static str,
    make: Task,
    /// What is read of it in each run.
    read: [&'static str; 6],
}

fn unremembered() -> [Unremembered; 4] {
    let script = "mkdir -p out; cat src > out/a; echo b > out/b";
    let make = |script: &str| makes(&["src"], &["out"], script);
    let asked = Task { inputs: None, ..make(script) };
    let mut off = make(script);
    off.cache.mode = CacheMode::Off;
    let failing = Task { allow_failure: true, ..make(&format!("{script}; exit 1")) };
    let failing = Task { inputs: None, ..failing };
    let tool = make("mkdir -p out; test out/a -nt src || cat src > out/a; echo b > out/b");
    let tool = Task { inputs: None, ..tool };
    let made = ROUNDS.map(|it| it.0);
    // It leaves alone what is newer than its source, and that is what was written in its place the time before.
    let left = ["g1", "p1", "p1", "p1", "p2", "p2"];
    [
        Unremembered { how: "asked", make: asked, read: made },
        Unremembered { how: "off", make: off, read: made },
        Unremembered { how: "failing", make: failing, read: made },
        Unremembered { how: "tool", make: tool, read: left },
    ]
}

#[test]
fn what_is_read_of_a_task_that_is_not_remembered_is_what_it_wrote() {
    for Unremembered { how, make, read } in unremembered() {
        for is_behind_group in [false, true] {
            let shop = shop();
            let nodes = || {
                let group = Task { run: Vec::new(), ..makes(&[], &[], "") };
                let needed = if is_behind_group { "all" } else { "gen" };
                let test = makes(&["t"], &["seen"], "cat out/a > seen");
                let patch = makes(&["p"], &["out/a"], "cat p > out/a");
                vec![
                    node("gen", make.clone(), &[]),
                    node("all", group, &["gen"]),
                    node("test", test, &[needed]),
                    after("patch", patch, "test"),
                ]
            };
            for ((source, patched), read) in ROUNDS.into_iter().zip(read) {
                let old = std::time::SystemTime::now() - std::time::Duration::from_mins(1);
                shop.write("src", source);
                let file = std::fs::File::options().append(true).open(shop.path("src")).unwrap();
                file.set_modified(old).unwrap();
                shop.write("p", patched);
                let ran = shop.run(nodes());
                let at = format!("{how} {is_behind_group}: {}", ran.ends());
                assert_eq!([shop.read("seen"), shop.read("out/a")], [read, patched], "{at}");
            }
            let again = shop.run(nodes()).ends();
            assert!(again.contains("patch=cached test=cached"), "{how}: {again}");
        }
    }
}

#[test]
fn who_needs_the_other_one_and_leaves_its_file_as_it_was_is_remembered() {
    let scripts = [
        "chmod -R a+rX out",
        "touch -d @0 out/a",
        "sed -i 's/ *$//' out/a",
        "cat src > out/a",
        "cat src > out/tmp; mv out/tmp out/a",
    ];
    for script in scripts {
        for is_behind_group in [false, true] {
            let shop = shop();
            let nodes = || {
                let group = Task { run: Vec::new(), ..makes(&[], &[], "") };
                let needed = if is_behind_group { "all" } else { "gen" };
                let mut post = makes(&["p"], &["out"], &format!("cat p > out/b; {script}"));
                if script.contains("src") {
                    post.inputs = Some(vec!["p".to_owned(), "src".to_owned()]);
                }
                vec![generate(), node("all", group, &["gen"]), node("post", post, &[needed])]
            };
            for (file, text) in [("src", "g1"), ("p", "p2"), ("src", "g2"), ("src", "g1")] {
                shop.write(file, text);
                let ran = shop.run(nodes());
                assert_eq!(warning(&ran, "post"), "", "{script}, {file} {text}: {}", ran.ends());
                let again = shop.run(nodes()).ends();
                assert_eq!(again, "all=succeeded gen=cached post=cached -> 0", "{script}");
                assert_eq!(shop.read("out/a"), shop.read("src"), "{script}");
            }
        }
    }
}

#[test]
fn a_formatter_that_only_comes_after_what_it_finds_clean_is_not_remembered() {
    let shop = shop();
    let nodes = || {
        vec![generate(), after("format", makes(&["p"], &["out"], "sed -i 's/ //' out/a"), "gen")]
    };
    for text in ["clean", "un clean", "clean", "un clean"] {
        shop.write("src", text);
        for _ in 0..2 {
            assert_eq!(warning(&shop.run(nodes()), "format"), wrote("out/a", "gen"));
            assert_eq!(shop.read("out/a"), text.replace(' ', ""));
        }
    }
}

#[test]
fn who_wrote_there_once_is_remembered_once_it_no_longer_does() {
    for reason in [EdgeReason::Needs, EdgeReason::After] {
        let shop = shop();
        let nodes = || {
            let post = makes(&["script"], &["out"], "mkdir -p out; sh ./script");
            vec![generate(), edges("post", post, &["gen"], reason)]
        };
        let (wrong, mended) = ("echo oops > out/a; echo b > out/b", "echo b > out/b");
        for _ in 0..2 {
            shop.write("script", wrong);
            for _ in 0..2 {
                assert_eq!(warning(&shop.run(nodes()), "post"), wrote("out/a", "gen"));
                assert_eq!(shop.read("out/a"), "oops\n");
            }
            shop.write("script", mended);
            for _ in 0..2 {
                assert_eq!(warning(&shop.run(nodes()), "post"), "");
                assert_eq!(shop.read("out/a"), "src1");
            }
            assert_eq!(shop.run(nodes()).ends(), "gen=cached post=cached -> 0");
        }
    }
}

#[test]
fn what_the_other_one_made_anew_is_not_removed_as_ones_own() {
    let post =
        |script: &str| makes(&["p"], &["out"], &format!("mkdir -p out; echo b > out/b; {script}"));
    for script in ["grep -q p2 p || cat p > out/a", "cat src > out/a"] {
        let shop = shop();
        for text in ["p1", "p2"] {
            shop.write("p", text);
            shop.run(vec![generate(), after("post", post(script), "gen")]);
        }
        assert_eq!(shop.read("out/a"), "src1");
        let ran = shop.run(vec![node("post", post("true"), &[])]);
        assert_eq!((shop.path("out/a").exists(), &*ran.ends()), (true, "post=succeeded -> 0"));
    }
}

#[test]
fn the_same_text_with_its_old_time_was_written_too() {
    for copy in ["cp -p src out/a", "cat src > out/a; touch -r src out/a"] {
        let shop = shop();
        let nodes = || {
            let copy = format!("mkdir -p out; {copy}; echo b > out/b");
            let format = "grep -q clean conf || cat conf >> out/a";
            let format = makes(&["conf"], &["out/a"], format);
            vec![
                node("gen", makes(&["src"], &["out"], &copy), &[]),
                node("format", format, &["gen"]),
            ]
        };
        for (conf, expect) in
            [("clean", "src1"), ("clean", "src1"), ("c1", "src1c1"), ("c2", "src1c2")]
        {
            shop.write("conf", conf);
            let ran = shop.run(nodes());
            assert_eq!(shop.read("out/a"), expect, "{copy}: {}", ran.ends());
        }
    }
}

#[test]
fn below_what_a_wildcard_of_another_one_matches_is_inside_too() {
    for declared in ["dist/assets/*", "dist/assets"] {
        let shop = shop();
        let assets = makes(
            &["src"],
            &[declared],
            "mkdir -p dist/assets/img; cat src > dist/assets/img/logo",
        );
        let bundle = makes(&["q"], &["dist"], "cat q > dist/assets/img/logo; echo app > dist/app");
        let nodes =
            || vec![node("assets", assets.clone(), &[]), after("bundle", bundle.clone(), "assets")];
        for _ in 0..2 {
            let ran = shop.run(nodes());
            assert_eq!(
                warning(&ran, "bundle"),
                wrote("dist/assets/img/logo", "assets"),
                "{declared}"
            );
            assert_eq!(shop.read("dist/assets/img/logo"), "q1", "{declared}");
        }
    }
}
