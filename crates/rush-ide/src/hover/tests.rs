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
fn what_is_written_over_several_lines_keeps_them() {
    check(
        "service s {\n  re$0ady { probe: tcp(1) }\n}\n",
        "tasks.rush:2:3 \"ready\"\n```rush-tasks\nready: {\n  /// What is asked.\n  probe: Probe\n  /// How often.\n  \
         every: duration(1ms..) = 200ms\n  /// How long at most.\n  timeout: duration(1ms..) = 60s\n}? = none\n```\n\n\
         How Rush finds out that it is ready.\n\nfield of `service`",
    );
    check(
        "task $0a(\n  /// Whom to greet.\n  who: string = \"you\" // or else\n) {\n}\n",
        "tasks.rush:1:6 \"a\"\n```rush-tasks\ntask a(\n  /// Whom to greet.\n  who: string = \"you\" // or else\n)\n```\n\n`//:a`",
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
        "tasks.rush:1:9 \"1h30m\"\n`1h30m` = 5400000 ms = 5400 s = 90 min = 1.5 h",
    );
    check("let t = 50$0ms\n", "tasks.rush:1:9 \"50ms\"\n`50ms` = 50 ms");
    check(
        "let t = 36$0h\n",
        "tasks.rush:1:9 \"36h\"\n`1d12h` = 129600000 ms = 129600 s = 2160 min = 36 h = 1.5 days",
    );
    check("let t = 1h$01s\n", "tasks.rush:1:9 \"1h1s\"\n`1h1s` = 3601000 ms = 3601 s");
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
fn a_pattern_counts_where_its_name_makes_it_one() {
    let one = "1 file\n- `src/0.c`";
    let uses = [
        "let s = [\"$0x.c\"]\ntask a { inputs: s }\n",
        "let s = \"$0x.c\"\ntask a { inputs: [s] }\n",
        "let s = [\"$0x.c\"]\nlet all = [\"b\", ...s]\ntask a { inputs: all + [\"c\"] }\n",
        "let s = if host.ci then [\"$0x.c\"] else [\"y\"]\ntask a { inputs: s }\n",
        "let s = { c: [\"$0x.c\"], d: \"x\" }\ntask a { inputs: s.c }\n",
        "fn s() = [\"$0x.c\"]\ntask a { inputs: s() }\n",
        "let s: [glob] = [\"$0x.c\"]\n",
        "task a {\n  let s = [\"$0x.c\"]\n  inputs: s\n}\n",
        // In a file that is broken elsewhere, too.
        "let s = [\"$0x.c\"]\ntask b { inputs: [\ntask a { inputs: s }\n",
    ];
    for text in uses {
        let (before, after) = text.split_once("$0").unwrap();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().len();
        let end = after.find('"').unwrap();
        let at = format!("tasks.rush:{line}:{column} {:?}", format!("\"{}\"", &after[..end]));
        check(text, &format!("{at}\n{one}"));
    }
    let elsewhere = "//- tasks.rush\nworkspace { members: [\"p\"] }\n//- lib.rush\nlet s = \"$0x.c\"\n\
                     //- p/tasks.rush\nuse \"//lib.rush\" as lib\ntask a { inputs: [lib.s] }\n";
    check(elsewhere, &format!("lib.rush:1:9 \"\\\"x.c\\\"\"\nin `//p`: {one}"));
    let user = |package: &str| {
        format!(
            "//- {package}/tasks.rush\nuse \"//lib.rush\" as lib\ntask a {{ inputs: [lib.s] }}\n"
        )
    };
    let users: String = ["p", "q", "r", "s"].map(user).concat();
    check(
        &format!("//- lib.rush\nlet s = \"$0x.c\"\n{users}"),
        &format!(
            "lib.rush:1:9 \"\\\"x.c\\\"\"\nin `//p`: {one}\n\nin `//q`: {one}\n\nin `//r`: {one}\n\nand in other packages"
        ),
    );
    check("let s = [\"$0x.c\"]\ntask a { env { X: s[0] } }\n", "");
    check("let s = \"$0x.c\"\ntask a { run: `cat ${s}` }\n", "");
    check(
        "let c = \"0 9 * * $0mon\"\nlet d: cron = c\n",
        "tasks.rush:1:9 \"\\\"0 9 * * mon\\\"\"\nnext\n- Mon 2026-01-05 09:00 UTC\n- Mon 2026-01-12 09:00 UTC\n- Mon 2026-01-19 09:00 UTC",
    );
}

#[test]
fn a_name_for_patterns_counts_their_files_together() {
    let said = "= `[\"x.c\", \"y.c\"]`\n\n1 file\n- `src/0.c`";
    check(
        "let s = [\"x.c\", \"y.c\"]\ntask a { inputs: $0s }\n",
        &format!("tasks.rush:2:18 \"s\"\n```rush-tasks\nlet s: [\"x.c\" | \"y.c\"]\n```\n\n{said}"),
    );
    check(
        "task a {\n  let s = [\"x.c\"]\n  inputs: $0s\n}\n",
        "tasks.rush:3:11 \"s\"\n```rush-tasks\nlet s: [\"x.c\"]\n```\n\n1 file\n- `src/0.c`",
    );
    // Where all of them take files away, it is told how many.
    check(
        "task a {\n  let s = [\"!x.c\", \"!y.c\"]\n  inputs: [\"src/**\", ...$0s]\n}\n",
        "tasks.rush:3:25 \"s\"\n```rush-tasks\nlet s: [\"!x.c\" | \"!y.c\"]\n```\n\nleaves out 1 file\n- `src/0.c`",
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

#[test]
fn texts_that_are_one_of_a_few_show_the_others() {
    check(
        "task a {\n  log: \"qui$0et\"\n}\n",
        "tasks.rush:2:8 \"\\\"quiet\\\"\"\n```rush-tasks\n\"quiet\": \"stream\" | \"grouped\" | \"quiet\"\n```\n\nWhere its output goes.",
    );
    let mode = "/// How.\ntype Mode = \"debug\" | \"release\"\n";
    let members = "```rush-tasks\n\"debug\": \"debug\" | \"release\"\n```";
    check(
        &format!("{mode}let m: Mode = \"deb$0ug\"\n"),
        &format!("tasks.rush:3:15 \"\\\"debug\\\"\"\n{members}\n\nHow.\n\nmember of `Mode`"),
    );
    let task = "task a(mode: \"debug\" | \"release\") {";
    check(
        &format!("{task} run: if mode == \"deb$0ug\" then `x` else `y` }}\n"),
        &format!("tasks.rush:1:53 \"\\\"debug\\\"\"\n{members}"),
    );
    check(
        &format!("{task} run: `x` }}\ntask b {{ needs: [a(mode: \"deb$0ug\")] }}\n"),
        &format!("tasks.rush:2:26 \"\\\"debug\\\"\"\n{members}"),
    );
    check(
        &mode.replace("\"release", "\"rel$0ease"),
        "tasks.rush:2:23 \"\\\"release\\\"\"\n```rush-tasks\ntype Mode = \"debug\" | \"release\"\n```\n\nHow.",
    );
    check("let x = \"deb$0ug\"\n", "");
}

#[test]
fn words_of_the_language_are_explained() {
    check(
        "l$0et a = 1\n",
        "tasks.rush:1:1 \"let\"\n```rush-tasks\nlet name = value\n```\n\nNames a value: in a file, or inside a declaration for its fields.",
    );
    check(
        "let a = if tr$0ue then 1 else 2\n",
        "tasks.rush:1:12 \"true\"\n```rush-tasks\ntrue\n```\n\nThe condition that always holds.",
    );
    check(
        "task a {\n  run: s$0h\"\"\"\n    x\n  \"\"\"\n}\n",
        "tasks.rush:2:8 \"sh\"\n```rush-tasks\nsh\"\"\" .. \"\"\"\n```\n\nA script for `sh -eu`: it ends at the first \
         command that fails, and where a variable is read that nobody set. Names of Rush are variables: `\"$name\"`.",
    );
    // A field may be called like one.
    check(
        "let p = { else$0where: 1 }\n",
        "tasks.rush:1:11 \"elsewhere\"\n```rush-tasks\nelsewhere: 1\n```\n\nfield of a record in let `p`",
    );
    for interpreter in rush_plan::Interpreter::ALL {
        assert!(rush_semantics::words::interpreter(interpreter.tag()).is_some(), "{interpreter:?}");
    }
}

#[test]
fn what_is_taken_over_says_what_it_sets() {
    check(
        "/// Base.\ntemplate t(x: int = 1) { env { A: \"${x}\" }, timeout: 1m }\ntask a extends $0t { run: `b` }\n",
        "tasks.rush:3:16 \"t\"\n```rush-tasks\ntemplate t(x: int = 1)\n```\n\nBase.\n\nsets `env`, `timeout`",
    );
    let files = "//- lib.rush\n//! Things for all.\n\nlet v = 1\n";
    check(
        &format!("//- tasks.rush\nuse \"./lib.rush\" as lib\nlet a = li$0b.v\n{files}"),
        "tasks.rush:2:9 \"lib\"\n```rush-tasks\nuse \"./lib.rush\" as lib\n```\n\n```rush-tasks\nlib.rush\n```\n\nThings for all.",
    );
}

#[test]
fn a_secret_says_where_it_comes_from_and_never_what_it_is() {
    let secret = "/// The token.\nsecret token { from: env(\"TOKEN\") }\n";
    let said = "```rush-tasks\nsecret token\n```\n\nThe token.\n\nits value comes from `env(\"TOKEN\")` when a task starts";
    check(
        &secret.replace("secret token", "secret to$0ken"),
        &format!("tasks.rush:2:8 \"token\"\n{said}"),
    );
    let script = "  env { T: token }\n  run: sh\"\"\"\n    echo $$0T\n  \"\"\"\n";
    check(
        &format!("{secret}task a {{\n{script}}}\n"),
        "tasks.rush:6:11 \"T\"\n```rush-tasks\nT: token\n```\n\nenvironment variable that task `a` sets",
    );
}

#[test]
fn a_variable_of_the_defaults_has_its_value() {
    check(
        "workspace {\n  defaults { env { LA$0NG: \"C\" } }\n}\n",
        "tasks.rush:2:20 \"LANG\"\n```rush-tasks\nLANG: \"C\"\n```\n\nenvironment variable that the workspace sets",
    );
}

#[test]
fn members_of_a_workspace_are_packages() {
    check(
        "//- tasks.rush\nworkspace { members: [\"p$0/*\"] }\n//- p/x/tasks.rush\n//- q/tasks.rush\n",
        "tasks.rush:1:23 \"\\\"p/*\\\"\"\n1 package\n- `//p/x`",
    );
}

#[test]
fn what_was_built_by_operators_is_worked_out() {
    check(
        "let base = \"a\"\nlet b$0 = [\"${base}/x\"] + [\"y\"]\n",
        "tasks.rush:2:5 \"b\"\n```rush-tasks\nlet b: [string]\n```\n\n= `[\"a/x\", \"y\"]`",
    );
}
