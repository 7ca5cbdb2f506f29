//! Values that break programs which splice text arrive unchanged, and nothing in them is executed.

use rush_plan::{Command, EnvValue, Interpreter, Task};

use crate::fixture::{Bench, argv, node, plan, script};

const VALUES: &[&str] = &[
    "",
    " ",
    "-n",
    "--",
    "--help",
    "-e",
    "it's",
    "say \"hi\"",
    "$(touch PWNED)",
    "`touch PWNED`",
    "'; touch PWNED; '",
    "\"; touch PWNED; \"",
    "; touch PWNED",
    "&& touch PWNED",
    "| touch PWNED",
    "> PWNED",
    "${HOME}",
    "$HOME",
    "$'\\n'",
    "*",
    "~",
    "a\nb",
    "\n",
    "trailing newline\n",
    "tab\there",
    "back\\slash\\",
    "größe 日本 🦀",
    "%s%n",
    "!!",
    "\u{1b}[31m",
    "__import__('os').system('touch PWNED')",
    "{{x}}",
];

const PYTHON: &str = "import sys, os\nfor a in sys.argv[1:]: sys.stdout.write(a + '\\0')\n";

/// Runs a command that has every value once as an argument, or once in `$VALUE`, and expects them back.
fn check(label: &str, command: impl Fn(&[String]) -> Command) {
    let bench = Bench::new();
    let values: Vec<String> = VALUES.iter().map(|&value| value.to_owned()).collect();
    let task = Task { run: vec![command(&values)], ..Task::default() };
    let ran = bench.run(plan(vec![node(label, task, &[])]));
    let expect: String = values.iter().map(|value| format!("{value}\0")).collect();
    assert_eq!(ran.stdout(label), expect, "{label}: {}", ran.ends());
    assert!(!bench.path("PWNED").exists(), "{label} executed a value");
}

fn check_each(what: &str, make: impl Fn(&str) -> Task) {
    let bench = Bench::new();
    let labels: Vec<String> = (0..VALUES.len()).map(|index| format!("{what}{index}")).collect();
    let nodes = labels.iter().zip(VALUES).map(|(label, value)| node(label, make(value), &[]));
    let ran = bench.run(plan(nodes.collect()));
    for (label, value) in labels.iter().zip(VALUES) {
        assert_eq!(ran.stdout(label), format!("<{value}>"), "{label}: {}", ran.ends());
    }
    assert!(!bench.path("PWNED").exists(), "{what} executed a value");
}

fn with_arguments(interpreter: Interpreter, text: &str) -> impl Fn(&[String]) -> Command {
    move |values| {
        let mut script = script(interpreter, text);
        script.arguments = values.to_vec();
        Command::Script(script)
    }
}

#[test]
fn arguments_of_commands() {
    check("argv", |values| {
        let mut words = vec!["python3", "-c", PYTHON];
        words.extend(values.iter().map(String::as_str));
        argv(&words)
    });
}

#[test]
fn arguments_of_scripts() {
    let shell = "for a in \"$@\"; do printf '%s\\0' \"$a\"; done\n";
    check("sh", with_arguments(Interpreter::Sh, shell));
    check("bash", with_arguments(Interpreter::Bash, shell));
    check("python", with_arguments(Interpreter::Python, PYTHON));
}

#[test]
fn arguments_of_node_scripts() {
    let has_node = std::process::Command::new("node").arg("--version").output().is_ok();
    if has_node {
        let text = "for (const a of process.argv.slice(2)) process.stdout.write(a + '\\0')\n";
        check("node", with_arguments(Interpreter::Node, text));
    }
}

#[test]
fn arguments_of_a_script_too_long_for_one_argument() {
    let long = format!("# {}\n{PYTHON}", "x".repeat(200 * 1024));
    check("python", with_arguments(Interpreter::Python, &long));
    let long =
        format!("# {}\nfor a in \"$@\"; do printf '%s\\0' \"$a\"; done\n", "x".repeat(200_000));
    check("sh", with_arguments(Interpreter::Sh, &long));
}

#[test]
fn captured_variables_and_environment() {
    let shell = "printf '<%s>' \"$value\"\n";
    let python = "import os, sys; sys.stdout.write('<' + os.environ['value'] + '>')\n";
    for (interpreter, text) in
        [(Interpreter::Sh, shell), (Interpreter::Bash, shell), (Interpreter::Python, python)]
    {
        check_each(interpreter.tag(), |value| {
            let mut script = script(interpreter, text);
            script.variables.insert("value".to_owned(), Some(value.to_owned()));
            Task { run: vec![Command::Script(script)], ..Task::default() }
        });
    }
    check_each("env", |value| {
        let mut task = Task { run: vec![argv(&["python3", "-c", python])], ..Task::default() };
        task.env.insert("value".to_owned(), EnvValue::Text(value.to_owned()));
        task
    });
}

#[test]
fn scripts_that_look_like_options() {
    let bench = Bench::new();
    let mut nodes = Vec::new();
    for interpreter in [Interpreter::Sh, Interpreter::Bash] {
        let text = "-n() { :; }; echo fine\n";
        let text =
            if interpreter == Interpreter::Sh { "--foo 2>/dev/null || echo fine\n" } else { text };
        let run = vec![Command::Script(script(interpreter, text))];
        nodes.push(node(interpreter.tag(), Task { run, ..Task::default() }, &[]));
    }
    let ran = bench.run(plan(nodes));
    assert_eq!((ran.stdout("sh"), ran.stdout("bash")), ("fine\n".to_owned(), "fine\n".to_owned()));
}
