//! One budget for tasks, make and cargo: together they never do more at once than was asked for.

use std::process::Command;

use crate::rush;

/// A program that writes a line when it begins and one when it ends, and lasts long enough to meet others.
///
/// The first waits for a second, so that two are seen at once however busy the machine is.
const MARK: &str = "#!/bin/sh
echo begin >> \"$LOG\"
tries=0
while [ \"$(grep -c begin \"$LOG\")\" -lt 2 ] && [ $tries -lt 600 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
sleep 0.1
echo end >> \"$LOG\"
";

/// The most that were at work at once.
fn most_at_once(log: &str) -> usize {
    let mut now = 0_usize;
    let mut most = 0;
    for line in log.lines() {
        now = if line == "begin" { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    most
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success())
}

/// Runs two tasks that would each do four things at once, with these flags, and counts.
fn check(tool: &str, files: &[(&str, &str)], flags: &[&str]) {
    if !has(tool) {
        return;
    }
    let build = match tool {
        "make" => "make --no-print-directory -C DIR all",
        _ => "cargo build --quiet --offline --manifest-path DIR/Cargo.toml --target-dir DIR/target",
    };
    let tasks: String = ["a", "b"]
        .map(|dir| {
            let build = build.replace("DIR", dir);
            format!(
                "task {dir} {{\n  run: sh\"\"\"\n    chmod +x mark\n    {build}\n  \"\"\"\n}}\n"
            )
        })
        .concat();
    let tasks = format!("{tasks}task both {{ needs: [a, b] }}\n");
    let mut rush = rush().file("tasks.rush", tasks).file("mark", MARK);
    for dir in ["a", "b"] {
        for (path, text) in files {
            rush = rush.file(&format!("{dir}/{path}"), text);
        }
    }
    let work = rush.work();
    let rush = rush.env("LOG", work.join("log").to_str().unwrap());
    let rush = rush.env("MARK", work.join("mark").to_str().unwrap());
    // The program runs with a home of its own, where no toolchain is.
    let home = std::env::home_dir().unwrap_or_default().join(".rustup");
    let toolchains = std::env::var_os("RUSTUP_HOME").map_or(home, Into::into);
    let rush = rush.env("RUSTUP_HOME", toolchains.to_str().unwrap());
    let words = ["run", "both"].into_iter().chain(flags.iter().copied());
    let ran = rush.args(words).status(0).run();
    let log = ran.read("log");
    assert_eq!(log.matches("begin").count(), 8, "{log}");
    assert_eq!(most_at_once(&log), 2, "{log}");
}

#[test]
fn make_and_tasks_share_one_budget() {
    let makefile = "all: 1 2 3 4\n1 2 3 4:\n\t@$(MARK)\n.PHONY: all 1 2 3 4\n";
    check("make", &[("Makefile", makefile)], &["-j2"]);
}

#[test]
fn cargo_and_tasks_share_one_budget() {
    // Each package has a build script; none needs another.
    let script = "fn main() {\n    let mark = std::env::var(\"MARK\").unwrap();\n    \
                  assert!(std::process::Command::new(mark).status().unwrap().success());\n}\n";
    let root = "[workspace]\nmembers = [\"p1\", \"p2\", \"p3\", \"p4\"]\nresolver = \"3\"\n";
    let manifests: Vec<(String, String)> = (1..=4)
        .flat_map(|number| {
            let package = format!("[package]\nname = \"p{number}\"\nedition = \"2024\"\n");
            [
                (format!("p{number}/Cargo.toml"), package),
                (format!("p{number}/build.rs"), script.to_owned()),
                (format!("p{number}/src/lib.rs"), String::new()),
            ]
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.push(("Cargo.toml", root));
    check("cargo", &files, &["-j2"]);
}

#[test]
fn a_rush_under_make_joins_its_budget() {
    if !has("make") {
        return;
    }
    let task = |name: &str| format!("task {name} {{ run: `./mark` }}\n");
    let names = ["a", "b", "c", "d"];
    let tasks = names.map(task).concat() + "task all { needs: [a, b, c, d] }\n";
    let rush = rush().file("tasks.rush", tasks).file("mark", MARK);
    let program = env!("CARGO_BIN_EXE_rush");
    let makefile = format!("all: 1 2\n1 2:\n\t+@{program} run all -j8\n.PHONY: all 1 2\n");
    let listed = rush.file("Makefile", makefile).args(["list"]).status(0).run();
    let mark = listed.work().join("mark");
    Command::new("chmod").arg("+x").arg(mark).status().unwrap();
    let log = listed.work().join("log");
    let make = listed.command("make").arg("-j2").env("LOG", &log).output();
    let output = make.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = listed.read("log");
    assert_eq!((log.matches("begin").count(), most_at_once(&log)), (8, 2), "{log}");
}

/// `a` takes all tokens and is killed with them; `b` finds them again.
#[test]
fn a_killed_task_gives_its_tokens_back() {
    const TAKE: &str = r#"
    import os, re
    flags = os.environ["MAKEFLAGS"]
    fifo = re.search(r"--jobserver-auth=fifo:(\S+)", flags)
    if fifo:
        way = os.open(fifo[1], os.O_RDWR | os.O_NONBLOCK)
    else:
        way = int(re.search(r"--jobserver-auth=(\d+),", flags)[1])
        way = os.open("/proc/self/fd/%d" % way, os.O_RDONLY | os.O_NONBLOCK)
    print(len(os.read(way, 100)), flush=True)
    END
"#;
    let script = TAKE.trim_start_matches('\n');
    let task = |name: &str, fields: &str, end: &str| {
        let body = script.replace("END", end);
        format!("task {name} {{\n{fields}  run: python\"\"\"\n{body}  \"\"\"\n}}\n")
    };
    let first = task("a", "  allow_failure: true\n", "os.kill(os.getpid(), 9)");
    let tasks = first + &task("b", "  needs: [a]\n", "pass");
    for form in ["pipe", "fifo"] {
        let rush = rush().file("tasks.rush", &tasks).env("RUSH_JOBSERVER", form);
        rush.args(["run", "b", "-j4"]).status(0).stdout("a | 3\nb | 3\n").run();
    }
}
