//! Services and results that are remembered: what starts for whom.

use std::path::Path;

use crate::rush;

/// How often something was started that writes a line each time.
fn lines(work: &Path, file: &str) -> usize {
    std::fs::read_to_string(work.join(file)).unwrap_or_default().lines().count()
}

#[test]
fn a_service_is_not_started_for_what_is_remembered() {
    let text = r#"
task image {
  inputs: ["image.in"]
  outputs: ["image"]
  run: `cp image.in image`
}
service db {
  needs: [image]
  run: sh"""
    echo start >> starts
    echo up
    exec sleep 1000
  """
  ready { probe: log("up") }
}
service api {
  needs: [db]
  run: sh"""
    echo start >> starts
    echo up
    exec sleep 1000
  """
  ready { probe: log("up") }
}
task test {
  needs: [api]
  inputs: ["in"]
  run: `echo tested`
}
task after {
  needs: [test, db]
  inputs: ["in", "other"]
  run: `echo after`
}
task never {
  needs: [db]
  when: false
  run: `echo never`
}
"#;
    let first = rush().file("tasks.rush", text).file("in", "1").file("other", "1");
    let first = first.file("image.in", "1").args(["run", "after", "-j1"]).status(0).run();
    assert_eq!(lines(&first.work(), "starts"), 2, "{}", first.snapshot());
    let again = first.again().args(["run", "after", "-j1", "-o", "json"]).status(0).run();
    assert_eq!(lines(&again.work(), "starts"), 2, "{}", again.snapshot());
    let unneeded = again.stdout.matches(r#""kind":"not_needed""#).count();
    assert_eq!(unneeded, 2, "{}", again.stdout);
    let shown = again.again().args(["runs", "show"]).status(0).run();
    assert!(shown.stdout.contains("what needs it was done without it"), "{}", shown.stdout);
    // What has to run has its services, also those behind what is answered.
    let other = again.again().file("other", "2").args(["run", "after"]).status(0).run();
    assert_eq!(lines(&other.work(), "starts"), 4, "{}", other.snapshot());
    // What a service is made of counts, too.
    let image = other.again().file("image.in", "2").args(["run", "after"]).status(0).run();
    assert_eq!(lines(&image.work(), "starts"), 6, "{}", image.snapshot());
    let never = image.again().args(["run", "never"]).status(0).run();
    assert_eq!(lines(&never.work(), "starts"), 6, "{}", never.snapshot());
    // Of a service only what needs it takes time.
    let summary = image.stderr.lines().filter(|it| it.starts_with(' ')).collect::<String>();
    assert!(!summary.contains("db") && summary.contains("image"), "{}", image.stderr);
}

#[test]
fn what_runs_has_the_services_behind_what_is_answered() {
    let text = r#"
service db {
  run: sh"""
    touch db.up
    trap 'rm db.up; exit' TERM
    echo up
    while :; do sleep 0.01; done
  """
  ready { probe: log("up") }
}
task migrate {
  needs: [db]
  inputs: ["m.sql"]
  run: `echo migrated`
}
task test {
  needs: [migrate]
  run: `test -e db.up`
}
service server {
  needs: [migrate]
  run: sh"""
    test -e db.up
    echo up
    exec sleep 1000
  """
  ready { probe: log("up") }
}
task ask {
  needs: [server]
  run: `test -e db.up`
}
task remembered {
  needs: [migrate]
  inputs: ["in"]
  run: `test -e db.up`
}
"#;
    let first = rush().file("tasks.rush", text).file("m.sql", "1").file("in", "1");
    let mut ran = first.args(["run", "remembered"]).status(0).run();
    for name in ["test", "ask", "test"] {
        ran = ran.again().args(["run", name, "-j1"]).status(0).run();
        assert!(ran.stderr.contains("1 cached"), "{}", ran.snapshot());
    }
    // What needs it is looked at first, and nothing starts if it is answered, too.
    let again = ran.again().args(["run", "remembered", "-o", "json"]).status(0).run();
    assert_eq!(again.stdout.matches(r#""kind":"not_needed""#).count(), 1, "{}", again.stdout);
    again.again().file("in", "2").args(["run", "remembered"]).status(0).run();
}

#[test]
fn a_service_that_does_not_come_up_skips_what_was_looked_at_before() {
    let text = r#"
service db {
  run: `false`
  ready { probe: log("up"), timeout: 5s }
}
task test {
  needs: [db]
  inputs: ["in"]
  run: `echo tested`
}
task other { run: `true` }
task all { needs: [test, other] }
"#;
    for flags in [&["--keep-going"][..], &[], &["--fail-fast"]] {
        let run = rush().file("tasks.rush", text).file("in", "1");
        let words = ["run", "all", "-o", "json"].into_iter().chain(flags.iter().copied());
        let run = run.args(words).status(1).run();
        assert!(!run.stdout.contains("tested"), "{}", run.snapshot());
        assert!(run.stdout.contains(r#""skipped":2"#), "{}", run.snapshot());
    }
}

#[test]
fn a_service_behind_what_makes_no_files_decides_the_result() {
    let text = |version: u32| {
        format!(
            "service db {{\n  env {{ VERSION: \"{version}\" }}\n  run: sh\"\"\"\n    \
             echo $VERSION > version; echo up; exec sleep 600\n  \"\"\"\n  \
             ready {{ probe: log(\"up\") }}\n}}\n\
             task migrate {{\n  needs: [db]\n  inputs: [\"in\"]\n  run: `true`\n}}\n\
             task group {{ needs: [migrate] }}\n\
             task test {{\n  needs: [group]\n  inputs: [\"in\"]\n  run: `cat version`\n}}\n"
        )
    };
    let first = rush().file("tasks.rush", text(1)).file("in", "").args(["run", "test"]);
    let first = first.status(0).run();
    assert!(first.stdout.contains("test    | 1"), "{}", first.snapshot());
    let again = first.again().args(["run", "test"]).status(0).run();
    assert!(again.stdout.contains("test (cached) | 1"), "{}", again.snapshot());
    let other = again.again().file("tasks.rush", text(2)).args(["run", "test"]).status(0).run();
    assert!(other.stdout.contains("test    | 2"), "{}", other.snapshot());
}
