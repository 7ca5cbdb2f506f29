//! Clocks that go backwards and times that are put back: nobody is deceived, and the order of runs stays.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{Stage, files};

const TASKS: &str = "task a {\n  inputs: [\"in/**\"]\n  outputs: [\"out/a\"]\n  \
                     run: sh\"\"\"\n    cat in/* > out/a\n  \"\"\"\n}\n";

/// Gives every file below a directory this time.
fn touch(directory: &Path, time: SystemTime) {
    for name in files(directory).into_keys() {
        let file = File::options().append(true).open(directory.join(name)).unwrap();
        file.set_modified(time).unwrap();
    }
}

/// What is made is right; and it ends so, if that is to be.
fn run(stage: &Stage, end: Option<&str>) {
    let said = stage.expect(0, &["run", "a", "-o", "json"]);
    assert_eq!(stage.read("out/a"), stage.read("in/text"));
    let states = said.states();
    let found = states.get("a").map(String::as_str);
    assert!(end.is_none() || found == end, "{end:?}: {said:#?}");
}

#[test]
fn times_of_another_century_deceive_nobody() {
    let now = SystemTime::now();
    let century = Duration::from_hours(100 * 365 * 24);
    let second = Duration::from_secs(1);
    for time in [now + century, now + second, now, now - second, SystemTime::UNIX_EPOCH + second] {
        // What was not used for so long may be dropped.
        let cached = (time > now - second - second).then_some("cached");
        let stage = Stage::new(TASKS);
        for text in ["one", "two", "six"] {
            stage.write("in/text", text);
            // Sources, results, what is remembered, and the cache: everything is of that time.
            touch(&stage.top, time);
            run(&stage, Some("succeeded"));
            touch(&stage.top, time);
            run(&stage, cached);
        }
        stage.write("in/text", "one");
        touch(&stage.top, time);
        fs::remove_file(stage.path("out/a")).unwrap();
        run(&stage, cached);
        stage.assert_sound();
    }
}
