//! However many tasks there are, Rush has few files open and few threads.

use std::fmt::Write as _;
use std::fs;

use super::{Running, Stage, rounds};

/// What a process had at its worst.
#[derive(Debug, Default)]
struct Worst {
    files: usize,
    threads: usize,
    looks: usize,
}

/// Runs it to its end and looks at it all the while.
fn watch(stage: &Stage, args: &[&str]) -> Worst {
    let mut command = stage.rush(args);
    command.stdout(fs::File::create(stage.path("told")).unwrap());
    let mut running = Running::start(command);
    let process = format!("/proc/{}", running.id());
    let mut worst = Worst::default();
    while running.0.try_wait().unwrap().is_none() {
        let files = fs::read_dir(format!("{process}/fd")).map_or(0, Iterator::count);
        let status = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let threads =
            status.lines().find_map(|it| it.strip_prefix("Threads:")?.trim().parse().ok());
        worst.files = worst.files.max(files);
        worst.threads = worst.threads.max(threads.unwrap_or(0));
        worst.looks += 1;
        super::pause(std::time::Duration::from_millis(1));
    }
    let status = running.end();
    assert!(status.success(), "{args:?}: {status} {}", stage.read("told"));
    worst
}

/// Layers of a hundred tasks, each of which needs three of the layer before.
fn layers(count: usize, body: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0..count {
        let layer = number / 100;
        let needs: Vec<String> = (0..3_usize)
            .filter(|_| layer > 0)
            .map(|it| format!("t{}", (layer - 1) * 100 + (number * 7 + it * 13) % 100))
            .collect();
        let _ =
            writeln!(text, "task t{number} {{ needs: [{}], {} }}", needs.join(", "), body(number));
    }
    let last: Vec<String> = (count.saturating_sub(100)..count).map(|it| format!("t{it}")).collect();
    let _ = writeln!(text, "task all {{ needs: [{}] }}", last.join(", "));
    text
}

#[test]
fn files_and_threads_do_not_grow_with_the_tasks() {
    let count = usize::try_from(rounds(1_000, 10_000)).unwrap();
    let stage = Stage::new(&layers(count, |_| "run: `true`".to_owned()));
    for jobs in [2, 32] {
        let worst = watch(&stage, &["run", "all", &format!("-j{jobs}")]);
        assert!(worst.looks > 3, "{worst:?}");
        // A command has two pipes and a handle.
        assert!(worst.files < 64 + 8 * jobs, "-j{jobs}: {worst:?}");
        assert!(worst.threads < 24 + jobs, "-j{jobs}: {worst:?}");
    }
    stage.assert_alone();
}

#[test]
fn nor_with_what_is_remembered() {
    let count = usize::try_from(rounds(300, 10_000)).unwrap();
    let stage = Stage::new(&layers(count, |it| {
        format!("inputs: [\"in/{it}\"], outputs: [\"out/{it}\"], run: `cp in/{it} out/{it}`")
    }));
    for number in 0..count {
        stage.write(&format!("in/{number}"), number.to_string());
    }
    for what in ["made", "known", "restored"] {
        if what == "restored" {
            fs::remove_dir_all(stage.path("out")).unwrap();
        }
        let worst = watch(&stage, &["run", "all", "-j4"]);
        assert!(worst.files < 64 + 8 * 4 && worst.threads < 40, "{what}: {worst:?}");
    }
    assert_eq!(stage.read("out/7"), "7");
}
