//! Secrets: read before the first start, given to processes, never shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use rush_plan::{EnvValue, SecretDeclaration, SecretMount, SecretSource, Stdin, Task, TextPart};
use rush_system::MemorySystem;

use crate::fixture::{Bench, node, plan_with, sh};

fn declared(mount: SecretMount) -> BTreeMap<String, SecretDeclaration> {
    let from = SecretSource::Env("TOKEN".to_owned());
    [("token".to_owned(), SecretDeclaration { from, mount })].into()
}

fn using(text: &str) -> Task {
    let mut task = sh(text);
    task.env.insert("TOKEN".to_owned(), EnvValue::Secret("token".to_owned()));
    task
}

fn bench(value: &str) -> Bench {
    let mut bench = Bench::new();
    bench.world = Arc::new(MemorySystem::new().with_env("TOKEN", value));
    bench
}

#[test]
fn a_process_gets_the_value_and_nobody_else_sees_it() {
    let bench = bench("hunter2-secret");
    let text = "[ \"$TOKEN\" = hunter2-secret ]; echo \"got $TOKEN.\"; printf hunter2; sleep 0.05; printf -- '-secret\\n'\n";
    let ran = bench.run(plan_with(vec![node("a", using(text), &[])], declared(SecretMount::Env)));
    assert_eq!(ran.stdout("a"), "got ‹secret›.\n‹secret›\n");
    assert_eq!(ran.ends(), "a=succeeded -> 0");
    assert!(!format!("{:?}", ran.events).contains("hunter2-secret"));
}

#[test]
fn composed_texts_and_standard_input_carry_secrets() {
    let bench = bench("hunter2-secret");
    let mut task = sh("[ \"$(cat)\" = hunter2-secret ]; [ \"$URL\" = pg://u:hunter2-secret@h ]\n");
    task.stdin = Some(Stdin::Secret("token".to_owned()));
    let text = |text: &str| TextPart::Text(text.to_owned());
    let parts = vec![text("pg://u:"), TextPart::Secret("token".to_owned()), text("@h")];
    task.env.insert("URL".to_owned(), EnvValue::Parts(parts));
    let ran = bench.run(plan_with(vec![node("a", task, &[])], declared(SecretMount::Env)));
    assert_eq!(ran.ends(), "a=succeeded -> 0");
}

#[test]
fn a_secret_as_a_file_is_private_and_goes_with_the_run() {
    let bench = bench("hunter2-secret");
    let text = "[ \"$(cat $TOKEN)\" = hunter2-secret ]; stat -c %a $TOKEN; echo $TOKEN > where\n";
    let ran = bench.run(plan_with(vec![node("a", using(text), &[])], declared(SecretMount::File)));
    assert_eq!((ran.stdout("a").as_str(), ran.ends().as_str()), ("600\n", "a=succeeded -> 0"));
    let file = std::fs::read_to_string(bench.path("where")).unwrap();
    assert!(!std::path::Path::new(file.trim()).exists());
}

/// What is said of processes shows their command lines, which a script may have put a value into, also where it is cut.
#[test]
fn what_is_said_of_processes_left_behind_has_no_value_and_is_one_line() {
    let bench = bench("hunter2-secret");
    for before in ["", &"x".repeat(70)] {
        let text = format!(
            "sh -c 'sleep 600;\n:' '{before}' \"$TOKEN\" >/dev/null 2>&1 &\nuntil grep -q sleep /proc/$!/cmdline; do :; done\n"
        );
        let node = node("a", using(&text), &[]);
        let ran = bench.run(plan_with(vec![node], declared(SecretMount::Env)));
        let [warning] = ran.node("a").warnings.as_slice() else { panic!("{}", ran.ends()) };
        assert!(warning.starts_with("`sh -c sleep 600; : "), "{warning}");
        assert!(!warning.contains("hunter2") && !warning.contains('\n'), "{warning}");
        assert!(!format!("{:?}", ran.events).contains("hunter2"));
    }
}

#[test]
fn a_missing_or_short_secret_stops_the_run_before_it_starts() {
    for (bench, expect) in [
        (Bench::new(), "the environment variable `TOKEN` is not set"),
        (bench("abc"), "shorter than 4 bytes"),
    ] {
        let nodes = vec![node("a", sh(": > STARTED\n"), &[]), node("b", using(":\n"), &["a"])];
        let error = bench.try_run(plan_with(nodes, declared(SecretMount::Env))).err().unwrap();
        assert_eq!(error.exit_status(), 3);
        assert!(error.to_string().contains(expect), "{error}");
        assert!(!bench.path("STARTED").exists());
    }
}
