//! What is said about names and literals.

use rush_plan::Host;

use super::{World, hover};
use crate::files::{FileEntry, FileMatches, FileView};
use crate::fixture::Case;

/// A folder with ten sources.
struct Folder;

impl FileView for Folder {
    fn entries(&self, _: &str) -> Vec<FileEntry> {
        Vec::new()
    }

    fn matches(&self, _: &str, patterns: &[String]) -> FileMatches {
        let has = |it: &str| patterns.iter().any(|pattern| pattern == it);
        let count = if has("src/**") { 10 } else { 1 };
        let first = (0..count).map(|it| format!("src/{it}.c")).collect();
        FileMatches { count, first, is_capped: has("**") }
    }
}

fn check(text: &str, expect: &str) {
    let case = Case::new(text);
    let host =
        Host { os: "linux".into(), arch: "x86_64".into(), cpus: 2, memory_bytes: 1, ci: false };
    // 2026-01-01 00:00:00 UTC, a Thursday.
    let world = World { files: &Folder, host: &host, now: 1_767_225_600 };
    let found = hover(&case.db, &world, case.file, case.offset);
    let found = found.map_or(String::new(), |it| format!("{}\n{}", case.show(it.at), it.text));
    assert_eq!(found, expect, "{text}");
}

#[test]
fn tasks_show_what_they_run() {
    check(
        "/// Builds it.\ntask bu$0ild(mode: string = \"fast\") {\n  run: `cargo build --mode ${mode}`\n}\n",
        "tasks.rush:2:6 \"build\"\n```rush-tasks\ntask build(mode: string = \"fast\")\n```\n\nBuilds it.\n\nruns\n\n\
         ```sh\ncargo build --mode fast\n```\n\n`//:build`",
    );
    check(
        "task a {\n  run: bash\"\"\"\n    echo 1\n    echo 2\n  \"\"\"\n}\ntask b {\n  needs: [$0a]\n}\n",
        "tasks.rush:8:11 \"a\"\n```rush-tasks\ntask a\n```\n\nruns\n\n```bash\necho 1\necho 2\n```\n\n`//:a`",
    );
    check(
        "task a(x: string) {\n  run: `echo ${x}`\n}\ntask b {\n  needs: [$0a(x: \"1\")]\n}\n",
        "tasks.rush:5:11 \"a\"\n```rush-tasks\ntask a(x: string)\n```\n\nruns, as it is written\n\n```sh\necho ${x}\n```\n\n`//:a`",
    );
    check(
        "task $0a {\n  run: `echo \"it's\" b`\n}\n",
        "tasks.rush:1:6 \"a\"\n```rush-tasks\ntask a\n```\n\nruns\n\n```sh\necho 'it'\\''s' b\n```\n\n`//:a`",
    );
}

#[test]
fn values_are_worked_out() {
    check(
        "let x = 1 + 2\nlet y = $0x\n",
        "tasks.rush:2:9 \"x\"\n```rush-tasks\nlet x: 3\n```\n\n= `3`",
    );
    check(
        "/// How far.\nparam $0depth: int = 2\n",
        "tasks.rush:2:7 \"depth\"\n```rush-tasks\nparam depth: int = 2\n```\n\nHow far.\n\n= `2`",
    );
    check(
        "param home: string? = env(\"HOME\")\nlet x = $0home\n",
        "tasks.rush:2:9 \"home\"\n```rush-tasks\nparam home: string? = env(\"HOME\")\n```",
    );
    check(
        "fn f(a: int) = a * 2\nlet y = $0f(2)\n",
        "tasks.rush:2:9 \"f\"\n```rush-tasks\nfn f(a: int) -> int\n```",
    );
}

#[test]
fn parts_of_declarations() {
    check(
        "task a(\n  /// Whom to greet.\n  who: string = \"you\"\n) {\n  run: `echo ${$0who}`\n}\n",
        "tasks.rush:5:16 \"who\"\n```rush-tasks\nwho: string = \"you\"\n```\n\nWhom to greet.\n\nparameter of task `a`",
    );
    check(
        "task a {\n  matrix: { os: [\"x\", \"y\"] }\n  run: `echo ${matrix.o$0s}`\n}\n",
        "tasks.rush:3:23 \"os\"\n```rush-tasks\nos: \"x\" | \"y\"\n```\n\naxis of the matrix of `a`",
    );
    check(
        "task a {\n  let d$0 = \"x\"\n}\n",
        "tasks.rush:2:7 \"d\"\n```rush-tasks\nlet d: \"x\"\n```",
    );
    check(
        "type T = \"a\" | \"b\"\nlet x: $0T = \"a\"\n",
        "tasks.rush:2:8 \"T\"\n```rush-tasks\ntype T = \"a\" | \"b\"\n```",
    );
}

#[test]
fn the_prelude_is_documented() {
    check(
        "task a {\n  retry { att$0empts: 2 }\n}\n",
        "tasks.rush:2:11 \"attempts\"\n```rush-tasks\nattempts: int(1..=20)\n```\n\n\
         The number of tries in all, the first one included.\n\nfield of `Retry`",
    );
    check(
        "let x = $0host.os\n",
        "tasks.rush:1:9 \"host\"\n```rush-tasks\nhost: { os: .., arch: string, cpus: int, memory: size, ci: bool }\n```\n\n\
         Facts about the machine the plan is made for.",
    );
    check(
        "let x = \"a\".up$0per()\n",
        "tasks.rush:1:13 \"upper\"\n```rush-tasks\n.upper() -> string\n```\n\nThe text in capital letters.",
    );
}

#[test]
fn literals_have_other_units() {
    check(
        "let t = 1h3$00m\n",
        "tasks.rush:1:9 \"1h30m\"\n`1h30m` = 5400000 ms = 5400 s = 90 min = 1.5 h = 0.062 days",
    );
    check(
        "let s = 2G$0iB\n",
        "tasks.rush:1:9 \"2GiB\"\n`2GiB` = 2147483648 bytes = 2147.484 MB = 2048 MiB = 2.147 GB = 2 GiB",
    );
}

#[test]
fn cron_lines_tell_their_next_times() {
    check(
        "let c: cron = \"0 9 * * $0mon\"\n",
        "tasks.rush:1:15 \"\\\"0 9 * * mon\\\"\"\nnext\n- Mon 2026-01-05 09:00 UTC\n- Mon 2026-01-12 09:00 UTC\n- Mon 2026-01-19 09:00 UTC",
    );
}

#[test]
fn patterns_count_their_files() {
    check(
        "task a {\n  inputs: [\"sr$0c/**\"]\n}\n",
        "tasks.rush:2:12 \"\\\"src/**\\\"\"\n10 files\n- `src/0.c`\n- `src/1.c`\n- `src/2.c`\n- `src/3.c`\n- `src/4.c`\n- `src/5.c`\n- `src/6.c`\n- `src/7.c`\n- and 2 more",
    );
    check(
        "task a {\n  inputs: [\"$0x.c\"]\n}\n",
        "tasks.rush:2:12 \"\\\"x.c\\\"\"\n1 file\n- `src/0.c`",
    );
}

#[test]
fn nothing_is_said_about_nothing() {
    check("task a {\n $0 \n}\n", "");
    check("let x = $01\n", "");
    check("let x = nothing$0\n", "");
    check("\n$0", "");
}

#[test]
fn commands_that_depend_on_arguments_are_shown_as_written() {
    let at = "tasks.rush:1:6 \"a\"\n```rush-tasks\ntask a";
    check(
        "task $0a(x: int) {\n  run: [\n    `echo ${x}`\n    sh\"\"\"\n      echo $x\n        b\n    \"\"\"\n    argv\"\"\"\n      c\n      d\n    \"\"\"\n  ]\n}\n",
        &format!(
            "{at}(x: int)\n```\n\nruns, as it is written\n\n```sh\necho ${{x}}\n```\n\n```sh\necho $x\n  b\n```\n\n```sh\nc\nd\n```\n\n`//:a`"
        ),
    );
    check(
        "task $0a {\n  matrix: { os: [\"x\", \"y\"] }\n  run: `echo ${matrix.os}`\n}\n",
        &format!(
            "{at}\n```\n\nruns, as it is written\n\n```sh\necho ${{matrix.os}}\n```\n\n`//:a`"
        ),
    );
    check(
        "task $0a(x: int) extends t {}\ntemplate t {\n  run: if true then `b` else `c`\n}\n",
        &format!(
            "{at}(x: int) extends t\n```\n\nruns, as it is written\n\n```rush-tasks\nif true then `b` else `c`\n```\n\n`//:a`"
        ),
    );
    check(
        "task $0a {\n  matrix: { os: [\"x\", \"y\"] }\n  run: `echo ${1 + 1}`\n}\n",
        &format!("{at}\n```\n\nruns\n\n```sh\necho 2\n```\n\n`//:a`"),
    );
}

#[test]
fn a_pattern_counts_for_itself() {
    check(
        "task a {\n  inputs: [\"src/**\", \"$0x.c\"]\n}\n",
        "tasks.rush:2:22 \"\\\"x.c\\\"\"\n1 file\n- `src/0.c`",
    );
    check(
        "task a {\n  inputs: [\"src/**\", \"!$0x.c\"]\n}\n",
        "tasks.rush:2:22 \"\\\"!x.c\\\"\"\nleaves out 1 file\n- `src/0.c`",
    );
    check(
        "//- tasks.rush\ntask a {\n  needs: all(\"//p/$0*\", \"t\")\n}\n//- p/x/tasks.rush\ntask t {}\n//- p/y/tasks.rush\n",
        "tasks.rush:2:14 \"\\\"//p/*\\\"\"\n2 packages\n- `//p/x`\n- `//p/y`",
    );
}

#[test]
fn types_without_declaration_are_described() {
    check(
        "param p: [dura$0tion(1s..)] = []\n",
        "tasks.rush:1:11 \"duration\"\n```rush-tasks\nduration\n```\n\nA span of time: `500ms`, `30s`, `1h30m`, `7d`.",
    );
    check(
        "task a(m: m$0ap(int)) {}\n",
        "tasks.rush:1:11 \"map\"\n```rush-tasks\nmap(T)\n```\n\nValues of one type under names that are free to choose.",
    );
    check(
        "let x = fl$0ag(\"a\", none)\n",
        "tasks.rush:1:9 \"flag\"\n```rush-tasks\nflag(name: string, value: string?) -> [string]\n```\n\nA flag with its value as two arguments, or no argument when the value is `none`.",
    );
}

#[test]
fn fields_of_records_without_a_type_say_what_they_are() {
    check(
        "let p = {\n  /// Where it listens.\n  port: 8080\n}\nlet n = p.$0port\n",
        "tasks.rush:5:11 \"port\"\n```rush-tasks\nport: 8080\n```\n\nWhere it listens.\n\nfield of a record in let `p`",
    );
    check(
        "fn f(c: { port: int = 1 }) = c.$0port\n",
        "tasks.rush:1:32 \"port\"\n```rush-tasks\nport: int = 1\n```\n\nfield of a record in fn `f`",
    );
}
