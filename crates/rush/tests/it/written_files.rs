//! Files that a flag names: `--out`, `--report`, `--trace` are alike.

use crate::rush;

const TASKS: &str = "task a { run: `touch witness` }\n";

const FLAGS: [(&str, &[&str], &str); 3] = [
    ("--out", &["plan", "a", "--out"], ""),
    ("--report", &["run", "a", "--report"], "junit="),
    ("--trace", &["run", "a", "--trace"], ""),
];

#[test]
fn missing_directories_are_made() {
    for (flag, args, form) in FLAGS {
        let value = format!("{form}deep/down/file");
        let args = args.iter().copied().chain([value.as_str()]);
        let run = rush().file("tasks.rush", TASKS).args(args).status(0).run();
        assert!(!run.read("deep/down/file").is_empty(), "{flag}");
    }
}

#[test]
fn the_path_counts_from_the_directory_of_the_start() {
    for (flag, args, form) in FLAGS {
        let value = format!("{form}file");
        let args = ["-C", "sub"].iter().chain(args).copied().chain([value.as_str()]);
        let run = rush().file("tasks.rush", TASKS).file("sub/x", "").args(args).status(0).run();
        assert!(!run.read("sub/file").is_empty(), "{flag}");
    }
}

#[test]
fn what_is_in_the_way_is_told_before_anything_runs() {
    for (flag, args, form) in FLAGS {
        for (path, why) in [("taken/file", "taken"), ("sub", "sub` is a directory, not a file")] {
            let value = format!("{form}{path}");
            let args = args.iter().copied().chain([value.as_str()]);
            let rush = rush().file("tasks.rush", TASKS).file("taken", "").file("sub/x", "");
            let refused = rush.args(args).status(3).stdout("").stderr(flag).stderr(why).run();
            assert!(!refused.work().join("witness").exists(), "{flag} {path}");
        }
    }
}
