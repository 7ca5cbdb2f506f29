//! How outputs are put back.

use super::workshop::{Workshop, makes};
use crate::fixture::node;

#[test]
fn files_modes_links_and_empty_directories_come_back_as_they_were() {
    use super::workshop::mode;
    let shop = Workshop::new();
    shop.write("in", "x");
    let script = "mkdir -p out/deep out/empty; cp in out/deep/plain; \
        printf 'echo hi' > out/run; chmod 751 out/run; chmod 440 out/deep/plain; \
        ln -s deep/plain out/link; ln -s /nowhere/at/all out/dangling; : > out/zero";
    let nodes = || vec![node("t", makes(&["in"], &["out"], script), &[])];
    shop.run(nodes());
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(shop.read("out/link"), "x");
    assert_eq!(mode(&shop.path("out/run")), 0o751);
    assert_eq!(mode(&shop.path("out/deep/plain")), 0o440);
    assert!(shop.path("out/empty").is_dir());
    assert_eq!(shop.read("out/zero"), "");
    let dangling = std::fs::read_link(shop.path("out/dangling")).unwrap();
    assert_eq!(dangling.to_str(), Some("/nowhere/at/all"));
    std::fs::remove_file(shop.path("out/run")).unwrap();
    std::fs::create_dir(shop.path("out/run")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(shop.read("out/run"), "echo hi");
    // Where nothing but the mode is another one, that is put back, too.
    let other = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(shop.path("out/run"), other).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(mode(&shop.path("out/run")), 0o751);
}

#[test]
fn directories_come_back_with_their_modes_also_those_nobody_may_write_into() {
    use super::workshop::mode;
    let shop = Workshop::new();
    shop.write("in", "x");
    let script = "mkdir -p out/keys out/sealed/in; cp in out/keys/a; cp in out/sealed/in/a; \
        chmod 700 out/keys; chmod 555 out/sealed/in out/sealed";
    let nodes = || vec![node("t", makes(&["in"], &["out"], script), &[])];
    shop.run(nodes());
    let set_open = |directory: &str| {
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(shop.path(directory), open).unwrap();
    };
    let sealed = ["out/sealed", "out/sealed/in"];
    sealed.into_iter().for_each(set_open);
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    for _ in 0..2 {
        assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
        let modes = ["out/keys", "out/sealed", "out/sealed/in"].map(|it| mode(&shop.path(it)));
        assert_eq!(modes, [0o700, 0o555, 0o555]);
        assert_eq!(shop.read("out/sealed/in/a"), "x");
        // Where nothing but the mode of a directory is another one, that is put back, too.
        set_open("out/keys");
    }
    sealed.into_iter().for_each(set_open);
}

#[test]
fn a_result_with_a_pipe_is_not_remembered() {
    let shop = Workshop::new();
    let nodes = || vec![node("t", makes(&[], &["pipe"], "rm -f pipe; mkfifo pipe"), &[])];
    for _ in 0..2 {
        let ran = shop.run(nodes());
        assert_eq!(ran.ends(), "t=succeeded -> 0");
        let told = "its output `pipe` is a pipe, a socket or a device, which can't be kept, so its \
                    result is not remembered";
        assert_eq!(ran.node("t").warnings, [told]);
    }
}

#[test]
fn what_another_result_left_goes_and_what_is_not_declared_stays() {
    let shop = Workshop::new();
    let script = "rm -rf out; mkdir -p out; for f in src/*; do cp $f out/; done; cp src/* flat/";
    let nodes = || {
        let outputs = ["out", "flat/*.o", "!flat/keep.o"];
        vec![node("t", makes(&["src"], &outputs, script), &[])]
    };
    shop.write("src/a.o", "a");
    shop.write("flat/keep.o", "mine");
    shop.write("flat/readme", "mine");
    shop.run(nodes());
    std::fs::rename(shop.path("src/a.o"), shop.path("src/b.o")).unwrap();
    std::fs::remove_file(shop.path("flat/a.o")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    std::fs::create_dir(shop.path("out/sub")).unwrap();
    std::fs::rename(shop.path("src/b.o"), shop.path("src/a.o")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    let names = |directory: &str| {
        let entries = std::fs::read_dir(shop.path(directory)).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(names("out"), "a.o");
    assert_eq!(names("flat"), "a.o keep.o readme");
}

#[test]
fn many_large_files_come_back() {
    let shop = Workshop::new();
    let script = "mkdir -p out; for i in 1 2 3 4 5 6; do \
        head -c 1500000 /dev/zero | tr '\\0' $i > out/$i; done";
    let nodes = || vec![node("t", makes(&[], &["out"], script), &[])];
    shop.run(nodes());
    let before: Vec<String> = (1..=6).map(|it| shop.read(&format!("out/{it}"))).collect();
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    let after: Vec<String> = (1..=6).map(|it| shop.read(&format!("out/{it}"))).collect();
    assert!(before == after && before[0].len() == 1_500_000);
}

#[test]
fn a_large_output_that_names_the_workspace_is_bound_to_it() {
    let one = Workshop::new();
    let two = one.checkout();
    // The name lies across the border of two pieces that are read.
    let script = "head -c 1572860 /dev/zero > out; printf %s \"$PWD\" >> out";
    let nodes = || vec![node("t", makes(&[], &["out"], script), &[])];
    one.run(nodes());
    assert_eq!(two.run(nodes()).ends(), "t=succeeded -> 0");
    std::fs::remove_file(one.path("out")).unwrap();
    assert_eq!(one.run(nodes()).ends(), "t=cached -> 0");
}

#[test]
fn what_another_task_declares_more_exactly_is_left_to_it() {
    // Both orders, and both by a directory and by a wildcard.
    for (html, is_first) in
        [("out", true), ("out", false), ("out/**/*.html", true), ("out/**/*.html", false)]
    {
        let shop = Workshop::new();
        shop.write("a", "a1");
        shop.write("b", "b1");
        let nodes = || {
            let doc = makes(&["b"], &["out/doc"], "mkdir -p out/doc; cp b out/doc/i.html");
            let html = makes(&["a"], &[html], "mkdir -p out; cp a out/index.html");
            let order = rush_plan::EdgeReason::Sequence;
            let (doc, html) = if is_first {
                (node("doc", doc, &[]), crate::fixture::edges("html", html, &["doc"], order))
            } else {
                (crate::fixture::edges("doc", doc, &["html"], order), node("html", html, &[]))
            };
            vec![doc, html]
        };
        shop.run(nodes());
        for (a, b) in [("a1", "b2"), ("a2", "b2"), ("a1", "b1"), ("a2", "b1"), ("a1", "b2")] {
            shop.write("a", a);
            shop.write("b", b);
            let ran = shop.run(nodes());
            let made = (shop.read("out/index.html"), shop.read("out/doc/i.html"));
            assert_eq!(made, (a.to_owned(), b.to_owned()), "{html} {is_first}: {}", ran.ends());
            assert!(ran.node("html").warnings.is_empty(), "{:?}", ran.node("html").warnings);
            assert_eq!(shop.run(nodes()).ends(), "doc=cached html=cached -> 0");
        }
    }
}

#[test]
fn a_task_that_makes_the_whole_workspace_makes_its_own_files_too() {
    for whole in [".", "**", "*"] {
        let shop = Workshop::new();
        shop.write("src/a", "x");
        let outputs = [whole, "!src", "lib/deep/**"];
        let script = "mkdir -p lib/deep; cp src/a top; cp src/a lib/a; cp src/a lib/deep/a";
        let other = || node("other", makes(&["src/a"], &["other.txt"], "cp src/a other.txt"), &[]);
        let nodes = || vec![other(), node("t", makes(&["src/**"], &outputs, script), &["other"])];
        assert_eq!(shop.run(nodes()).ends(), "other=succeeded t=succeeded -> 0");
        let made = ["top", "lib/a", "lib/deep/a"];
        for gone in made {
            std::fs::remove_file(shop.path(gone)).unwrap();
            let ran = shop.run(nodes());
            let warnings = &ran.node("t").warnings;
            assert_eq!(ran.ends(), "other=cached t=cached -> 0", "{whole} {gone} {warnings:?}");
            assert_eq!(shop.read(gone), "x", "{whole} {gone}");
        }
    }
}
