//! Which files count as inputs.

use rush_plan::{EdgeReason, Task};

use super::workshop::{Workshop, cached, makes};
use crate::fixture::{edges, node};

/// The files of a workspace, the patterns, and the files whose change makes the task run again.
fn check(files: &[&str], inputs: &[&str], count: &[&str]) {
    let shop = Workshop::new();
    for file in files {
        shop.write(file, &format!("{file}\n"));
    }
    check_in(&shop, files, inputs, count);
}

fn check_in(shop: &Workshop, files: &[&str], inputs: &[&str], count: &[&str]) {
    // The other one makes none of its outputs, which is a failure; by then `t` has run.
    let nodes = || {
        vec![
            node("t", makes(inputs, &["out"], ": > out"), &[]),
            node("other", makes(&[], &["gen", "dist/*.js"], "true"), &["t"]),
        ]
    };
    shop.run(nodes());
    let mut found = Vec::new();
    for file in files {
        let before = shop.read(file);
        shop.write(file, &format!("{before}changed\n"));
        if shop.reasons(nodes(), "t") != "cached" {
            found.push(*file);
        }
        shop.write(file, &before);
        assert_eq!(shop.reasons(nodes(), "t"), "cached", "after `{file}` was put back");
    }
    assert_eq!(found, count, "{inputs:?}");
}

#[test]
fn directories_patterns_dots_and_exclusions() {
    let files = ["a.c", "src/b.c", "src/.hidden", "src/deep/c.c", "src/deep/d.h"];
    check(&files, &["src"], &["src/b.c", "src/.hidden", "src/deep/c.c", "src/deep/d.h"]);
    check(&files, &["**/*.c"], &["a.c", "src/b.c", "src/deep/c.c"]);
    check(&files, &["!src/deep", "**/*.c"], &["a.c", "src/b.c"]);
    check(&files, &["**/*.c", "!src/deep/**"], &["a.c", "src/b.c"]);
    check(&files, &["src/*.c", "src/d*"], &["src/b.c", "src/deep/c.c", "src/deep/d.h"]);
    check(&files, &["a.c", "src/deep/d.h"], &["a.c", "src/deep/d.h"]);
}

#[test]
fn what_git_ignores_counts_only_if_it_is_named() {
    let shop = Workshop::new();
    let files = ["a.txt", "b.log", "keep.log", "tmp/x", "sub/c.log", "sub/d.txt", "sub/e.tmp"];
    for file in files {
        shop.write(file, "1\n");
    }
    shop.write(".gitignore", "*.log\n!keep.log\n/tmp/\n");
    shop.write("sub/.gitignore", "*.tmp\n!c.log\n");
    let count = ["a.txt", "keep.log", "sub/c.log", "sub/d.txt"];
    check_in(&shop, &files, &["**/*", "!.gitignore", "!sub/.gitignore"], &count);
    check_in(&shop, &files, &["tmp"], &["tmp/x"]);
    check_in(&shop, &files, &["b.log"], &["b.log"]);
}

#[test]
fn a_changed_ignore_file_changes_what_counts() {
    let shop = Workshop::new();
    shop.write("x/a.txt", "");
    shop.write(".gitignore", "");
    let nodes = || vec![node("t", makes(&["x/**"], &["out"], ": > out"), &[])];
    shop.run(nodes());
    shop.write(".gitignore", "a.txt\n");
    assert_eq!(shop.reasons(nodes(), "t"), "the file `x/a.txt` is gone");
}

#[test]
fn a_wildcard_does_not_read_what_tasks_write_unless_it_begins_there() {
    let files = ["a.c", "gen/b.c", "dist/c.js", "dist/d.txt"];
    check(&files, &["**/*.c"], &["a.c"]);
    check(&files, &["gen/*.c"], &["gen/b.c"]);
    check(&files, &["gen/b.c"], &["gen/b.c"]);
    check(&files, &["dist/**"], &["dist/d.txt"]);
    check(&files, &["dist/*.js"], &["dist/c.js"]);
}

#[test]
fn private_directories_are_left_out() {
    let files = ["a", ".git/config", ".rush-state/x", "deep/.git/y", "deep/.rush-1-2.tmp"];
    check(&files, &["**"], &["a"]);
}

#[test]
fn links_count_by_where_they_lead_and_are_not_followed_out_of_the_workspace() {
    let shop = Workshop::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "1").unwrap();
    shop.write("real/file", "1");
    std::fs::create_dir(shop.path("src")).unwrap();
    std::os::unix::fs::symlink("../real/file", shop.path("src/link")).unwrap();
    std::os::unix::fs::symlink(outside.path(), shop.path("src/away")).unwrap();
    let nodes = || vec![node("t", makes(&["src/**"], &["out"], ": > out"), &[])];
    shop.run(nodes());
    assert_eq!(shop.reasons(nodes(), "t"), "cached");
    std::fs::write(outside.path().join("secret"), "22").unwrap();
    assert_eq!(shop.reasons(nodes(), "t"), "cached", "what lies outside");
    shop.write("real/file", "2");
    assert_eq!(shop.reasons(nodes(), "t"), "the file `src/link` changed");
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    std::fs::remove_file(shop.path("src/link")).unwrap();
    std::os::unix::fs::symlink("../real", shop.path("src/link")).unwrap();
    let reasons = "the file `src/link` changed, the file `src/link/file` is new";
    assert_eq!(shop.reasons(nodes(), "t"), reasons);
}

#[test]
fn names_that_are_no_text_are_hashed_and_restored_as_they_are() {
    use std::os::unix::ffi::OsStrExt as _;
    let shop = Workshop::new();
    let name = std::ffi::OsStr::from_bytes(b"b\xff\xfe.bin");
    std::fs::create_dir(shop.path("src")).unwrap();
    let input = shop.path("src").join(name);
    std::fs::write(&input, "1").unwrap();
    let script = "rm -rf dist; cp -r src dist";
    let nodes = || vec![node("t", makes(&["src"], &["dist"], script), &[])];
    shop.run(nodes());
    std::fs::remove_dir_all(shop.path("dist")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(std::fs::read(shop.path("dist").join(name)).unwrap(), b"1");
    std::fs::write(&input, "2").unwrap();
    assert_eq!(shop.reasons(nodes(), "t"), r"the file `src/b\xff\xfe.bin` changed");
}

#[test]
fn the_files_of_a_depfile_count_from_then_on() {
    let shop = Workshop::new();
    shop.write("dir/a.c", "x");
    shop.write("dir/a.h", "x");
    shop.write("dir/b.h", "x");
    let task = || {
        let mut task = makes(
            &["dir/a.c"],
            &["dir/a.o"],
            r"cat a.c a.h > a.o; echo 'a.o: a.c \' > a.d; echo '  ./a.h' >> a.d",
        );
        task.dir = rush_plan::WorkspacePath::new("dir").unwrap();
        task.depfile = Some(rush_plan::WorkspacePath::new("dir/a.d").unwrap());
        task
    };
    let nodes = || vec![node("t", task(), &[])];
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    shop.write("dir/b.h", "y");
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    shop.write("dir/a.h", "y");
    assert_eq!(shop.reasons(nodes(), "t"), "the file `dir/a.h` changed");
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    shop.write("dir/a.h", "x");
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(shop.read("dir/a.o"), "xx");
    std::fs::remove_file(shop.path("dir/a.d")).unwrap();
    shop.write("dir/a.c", "z");
    let mut silent = task();
    silent.run = crate::fixture::sh("cat a.c a.h > a.o").run;
    let ran = shop.run(vec![node("t", silent, &[])]);
    let removed =
        "what it runs, or what that is given, changed, so what was made then is removed: `dir/a.o`";
    let told = "it did not write its depfile `dir/a.d`, so its result is not remembered";
    assert_eq!(ran.node("t").warnings, [removed, told]);
}

/// A task in `dir` that reads `a.c`, and these files by what its depfile says.
fn reads(dir: &str, files: &[&str]) -> rush_plan::Task {
    let files = files.join(" ");
    let script = format!("cat a.c {files} > a.o; echo 'a.o: a.c {files}' > a.d");
    let at = |name: &str| rush_plan::WorkspacePath::new(dir).unwrap().join(name).unwrap();
    let mut task = makes(&[at("a.c").as_str()], &[at("a.o").as_str()], &script);
    task.dir = rush_plan::WorkspacePath::new(dir).unwrap();
    task.depfile = Some(at("a.d"));
    task
}

#[test]
fn a_depfile_may_name_files_above_the_workspace() {
    let around = tempfile::tempdir().unwrap();
    let mut shop = Workshop::new();
    shop.bench.directory = tempfile::TempDir::with_prefix_in("work", around.path()).unwrap();
    let own_name = shop.root().file_name().unwrap().to_str().unwrap().to_owned();
    let common = around.path().canonicalize().unwrap().join("common.h");
    std::fs::write(&common, "1").unwrap();
    shop.write("src/a.c", "x");
    shop.write("src/own.h", "1");
    let own = format!("../../{own_name}/src/own.h");
    for (file, told) in [
        ("../../common.h", "../common.h"),
        (common.to_str().unwrap(), common.to_str().unwrap()),
        (own.as_str(), "src/own.h"),
    ] {
        let nodes = || vec![node("t", reads("src", &[file]), &[])];
        assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0", "{file}");
        assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0", "{file}");
        for text in ["22", "1"] {
            let changed = if told == "src/own.h" { shop.path(told) } else { common.clone() };
            std::fs::write(changed, text).unwrap();
            if text == "1" {
                continue;
            }
            assert_eq!(shop.reasons(nodes(), "t"), format!("the file `{told}` changed"));
            assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0", "{file}");
            assert_eq!(shop.read("src/a.o"), "x22");
        }
        assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0", "{file}");
        assert_eq!(shop.read("src/a.o"), "x1");
    }
}

#[test]
fn a_parent_behind_a_link_is_that_of_where_it_leads() {
    let shop = Workshop::new();
    shop.write("src/a.c", "x");
    shop.write("far/away/here/b.h", "1");
    shop.write("far/away/c.h", "1");
    std::os::unix::fs::symlink("../far/away/here", shop.path("src/link")).unwrap();
    let nodes = || vec![node("t", reads("src", &["link/../c.h"]), &[])];
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    shop.write("far/away/c.h", "2");
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
}

#[test]
fn what_another_checkout_would_read_is_not_taken_from_this_one() {
    let around = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut one = Workshop::new();
    let mut two = one.checkout();
    for (shop, around) in [&mut one, &mut two].into_iter().zip(&around) {
        shop.bench.directory = tempfile::TempDir::with_prefix_in("work", around.path()).unwrap();
    }
    let nodes = || vec![node("t", reads("src", &["../../common.h"]), &[])];
    for (shop, text) in [(&one, "1"), (&two, "2")] {
        std::fs::write(shop.root().parent().unwrap().join("common.h"), text).unwrap();
        shop.write("src/a.c", "x");
        assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    }
    assert_eq!(two.read("src/a.o"), "x2");
}

#[test]
fn a_file_outside_that_a_link_leads_to_counts() {
    let shop = Workshop::new();
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("data");
    std::fs::write(&file, "1").unwrap();
    std::fs::create_dir(shop.path("src")).unwrap();
    std::os::unix::fs::symlink(&file, shop.path("src/link")).unwrap();
    let nodes = || vec![node("t", makes(&["src"], &["out"], "cat src/link > out"), &[])];
    shop.run(nodes());
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    std::fs::write(&file, "22").unwrap();
    assert_eq!(shop.reasons(nodes(), "t"), "the file `src/link` changed");
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    assert_eq!(shop.read("out"), "22");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=failed -> 1");
}

#[test]
fn patterns_that_match_nothing_are_told_whether_the_task_runs_or_not() {
    let shop = Workshop::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("file"), "").unwrap();
    std::os::unix::fs::symlink(outside.path(), shop.path("linked")).unwrap();
    shop.write("src/a.c", "");
    let check = |inputs: &[&str], told: &[&str]| {
        let made = makes(&[], &["gen/made"], ": > gen/made");
        let nodes = || {
            vec![node("t", makes(inputs, &[], "true"), &["made"]), node("made", made.clone(), &[])]
        };
        for round in 0..3 {
            let run = shop.run(nodes());
            assert_eq!(run.node("t").warnings, told, "{inputs:?}, round {round}");
        }
    };
    let nothing = "`inputs` matches no file, so no change of a file makes it run again";
    check(&["src/*.c"], &[]);
    check(&["src/*.c", "scr/*.h"], &[]);
    check(&[], &[]);
    check(&["gen/*"], &[]);
    check(&["scr/*.c"], &[nothing]);
    check(&["confg.toml"], &[nothing]);
    // Of what is named each must be there, or be made.
    let absent = "`inputs` names `confg.toml`, and there is no such file";
    check(&["src/*.c", "confg.toml", "gen/made"], &[absent]);
    let out = "`inputs` matches no file: `linked` leads out of the workspace, and directories there \
               are not entered";
    check(&["linked/**"], &[out]);
}

#[test]
fn links_to_directories_of_the_workspace_are_entered() {
    let shop = Workshop::new();
    let link = |target: &str, at: &str| {
        let at = shop.path(at);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, at).unwrap();
    };
    let files =
        ["app/a.js", "packages/lib/i.js", "packages/lib/.git/x", "packages/ui/u.js", "z.js"];
    for file in files {
        shop.write(file, "1\n");
    }
    link("../../packages/lib", "app/modules/lib");
    // Links in circles, also through another one, and one that leads nowhere yet.
    link("../../../app", "packages/lib/modules/app");
    link("../../ui", "packages/lib/modules/ui");
    link("../../lib", "packages/ui/modules/lib");
    link("..", "app/up");
    link("../nowhere", "app/later");
    let all = ["app/a.js", "packages/lib/i.js", "packages/ui/u.js"];
    check_in(&shop, &files, &["app"], &all);
    check_in(&shop, &files, &["app/**"], &all);
    check_in(&shop, &files, &["app/**/*.js"], &all);
    check_in(&shop, &files, &["a*/modules/*/*.js"], &["packages/lib/i.js"]);
    check_in(
        &shop,
        &files,
        &["app/**", "!app/modules/lib/modules"],
        &["app/a.js", "packages/lib/i.js"],
    );
    check_in(&shop, &files, &["app/*"], &all);
    let nodes = || vec![node("t", makes(&["app/**/*.js"], &["out"], ": > out"), &[])];
    shop.run(nodes());
    shop.write("nowhere/n.js", "new");
    assert_eq!(shop.reasons(nodes(), "t"), "the file `app/later/n.js` is new");
}

#[test]
fn outputs_behind_a_link_are_outputs() {
    for (inputs, outputs) in [("**", "dist/**"), ("**", "dist"), ("*/**", "dist/*")] {
        let shop = Workshop::new();
        shop.write("src/a.c", "1");
        shop.write("dist/old", "1");
        for link in ["www", "gone"] {
            std::os::unix::fs::symlink("dist", shop.path(link)).unwrap();
        }
        std::os::unix::fs::symlink("..", shop.path("src/up")).unwrap();
        std::os::unix::fs::symlink("../far/gen", shop.path("src/gen")).unwrap();
        std::fs::create_dir_all(shop.path("far/gen")).unwrap();
        let task = makes(&[inputs], &[outputs], "rm -rf dist/*; echo 1 > dist/a");
        let other = makes(&["src/a.c"], &["far/gen/**"], "date +%N > far/gen/b");
        let nodes = || vec![node("t", task.clone(), &[]), node("other", other.clone(), &["t"])];
        let run = shop.run(nodes());
        assert_eq!(run.node("t").warnings, [""; 0], "{inputs} {outputs}");
        assert_eq!(shop.reasons(nodes(), "t"), "cached", "{inputs} {outputs}");
        std::fs::write(shop.path("far/gen/b"), "another").unwrap();
        assert_eq!(shop.reasons(nodes(), "t"), "cached", "{inputs} {outputs}");
    }
}

#[test]
fn a_file_that_many_links_lead_to_is_looked_at_by_each() {
    let shop = Workshop::new();
    shop.write("lib/a.js", "1");
    for link in ["x", "y", "z"] {
        let at = shop.path(&format!("app/{link}"));
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("../lib", at).unwrap();
    }
    let nodes = || vec![node("t", makes(&["app/**"], &["out"], ": > out"), &[])];
    shop.run(nodes());
    assert_eq!(shop.reasons(nodes(), "t"), "cached");
    shop.write("lib/a.js", "2");
    let told = "the file `app/x/a.js` changed, the file `app/y/a.js` changed, \
                the file `app/z/a.js` changed";
    assert_eq!(shop.reasons(nodes(), "t"), told);
}

#[test]
fn what_a_killed_rush_left_between_outputs_goes_and_what_one_writes_stays() {
    let shop = Workshop::new();
    let leave = |name: &str, age: std::time::Duration| {
        shop.write(name, "half");
        let file = std::fs::File::options().write(true).open(shop.path(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - age).unwrap();
    };
    let both = || {
        std::fs::create_dir_all(shop.path("out")).unwrap();
        leave("out/.rush-1-1.tmp", std::time::Duration::from_hours(2));
        leave("out/.rush-1-2.tmp", std::time::Duration::ZERO);
    };
    let names = || {
        let entries = std::fs::read_dir(shop.path("out")).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let task = makes(&[], &["out/**"], "mkdir -p out; echo 1 > out/a");
    let nodes = || vec![node("t", task.clone(), &[])];
    both();
    assert_eq!(shop.run(nodes()).node("t").warnings, [""; 0]);
    assert_eq!(names(), [".rush-1-2.tmp", "a"], "after it ran");
    std::fs::remove_file(shop.path("out/a")).unwrap();
    both();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(names(), [".rush-1-2.tmp", "a"], "after it was put back");
}

#[test]
fn what_an_ignored_link_leads_to_counts_if_it_is_named() {
    let shop = Workshop::new();
    shop.write(".gitignore", "node_modules\n");
    let files = ["app/a.js", "packages/lib/i.js"];
    files.iter().for_each(|it| shop.write(it, "1\n"));
    std::fs::create_dir_all(shop.path("app/node_modules")).unwrap();
    std::os::unix::fs::symlink("../../packages/lib", shop.path("app/node_modules/lib")).unwrap();
    check_in(&shop, &files, &["app/**"], &["app/a.js"]);
    check_in(&shop, &files, &["app/**", "app/node_modules/*/**"], &files);
    check_in(&shop, &files, &["app/**", "app/node_modules"], &files);
    check_in(&shop, &files, &["app/**", "app/node_modules/lib"], &files);
}

#[test]
fn what_becomes_something_else_before_the_run_ends_is_looked_at_again() {
    let changes = [
        ("mkdir extra; echo x > extra/f", "the file `extra/f` is new"),
        ("ln -s s extra", "the file `extra` is new"),
        ("echo x > extra", "the file `extra` is new"),
    ];
    for (change, reason) in changes {
        let shop = Workshop::new();
        shop.write("s", "1");
        let script = "cat s > o; find extra >> o 2>/dev/null || true";
        let reader = || cached(makes(&["s", "extra"], &["o"], script), &shop);
        let nodes = |then: &str| {
            let then = node("then", crate::fixture::sh(then), &["reader"]);
            vec![node("reader", reader(), &[]), then]
        };
        shop.run(nodes(change));
        assert_eq!(shop.reasons(nodes("true"), "reader"), reason);
        let ran = shop.run(nodes("true"));
        assert_eq!(ran.ends(), "reader=succeeded then=succeeded -> 0", "{change}");
        assert_eq!(shop.runs(), 2, "{change}");
    }
}

#[test]
fn what_braces_spell_is_named() {
    for (inputs, ignored) in [("{config,local}.yml", "local.yml"), ("{src/a,gen/x}", "gen")] {
        let name = if ignored == "gen" { "gen/x" } else { "local.yml" };
        let shop = Workshop::new();
        shop.write(".gitignore", ignored);
        shop.write("config.yml", "1");
        shop.write("src/a", "1");
        let script = format!("cat {name} > o 2>/dev/null || echo none > o");
        let nodes = || vec![node("a", makes(&[inputs], &["o"], &script), &[])];
        assert_eq!(shop.run(nodes()).ends(), "a=succeeded -> 0");
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
        for text in ["1", "2"] {
            shop.write(name, text);
            assert_ne!(shop.reasons(nodes(), "a"), "cached");
            assert_eq!(shop.run(nodes()).ends(), "a=succeeded -> 0");
            assert_eq!(shop.read("o"), text);
            assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
        }
        std::fs::remove_file(shop.path(name)).unwrap();
        // As it was at first.
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
        assert_eq!(shop.read("o"), "none\n");
    }
}

/// The ends of `lint` and of what else runs before it, and after `file` has another text.
#[track_caller]
fn reads_what_a_person_changes(file: &str, inputs: &[&str], other: &Task) {
    let shop = Workshop::new();
    let nodes = || {
        let mut lint = makes(inputs, &[], "true");
        lint.outputs = Vec::new();
        vec![node("lint", lint, &[]), edges("other", other.clone(), &["lint"], EdgeReason::After)]
    };
    for text in ["one", "two"] {
        shop.write(file, text);
        let ran = shop.run(nodes());
        assert!(ran.ends().contains("lint=succeeded"), "{file} is {text}: {}", ran.ends());
    }
    assert!(shop.run(nodes()).ends().contains("lint=cached"), "{file} stays");
}

#[test]
fn a_directory_that_is_named_is_read_though_all_in_it_may_be_written() {
    let fix = |output: &str| makes(&[], &[output], "mkdir -p src; echo > src/fixed");
    reads_what_a_person_changes("src/a", &["src"], &fix("src/**"));
    reads_what_a_person_changes("src/a", &["src"], &fix("src/*"));
    reads_what_a_person_changes("src/a", &["src/"], &fix("src/**"));
}

#[test]
fn what_an_output_excludes_is_found_in_its_directory() {
    let build =
        |excluded: &str| makes(&["none"], &["dist", excluded], "mkdir -p dist; echo > dist/app");
    reads_what_a_person_changes("dist/README.md", &["**/*.md"], &build("!dist/README.md"));
    reads_what_a_person_changes("dist/a/b/README.md", &["**/*.md"], &build("!dist/**/README.md"));
    reads_what_a_person_changes("dist/a/README.md", &["dist*/*/*.md"], &build("!dist/a"));
}
