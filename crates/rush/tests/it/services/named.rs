//! Services that are named on the command line.

use super::{Up, eventually};

/// A service that only `user` needs.
const TASKS: &str = r#"
service log {
  run: sh"""
    echo start >> starts
    echo up
    exec sleep 1000
  """
  ready { probe: log("up") }
}
task free { run: `test -s starts` }
task known { inputs: ["in"], run: `test -s starts` }
task user { needs: [log], inputs: ["in"], run: `test -s starts` }
task later { after: [log], run: `test -s starts` }
service server { run: `sleep 1000` }
task meets { needs: [log, later], run: `test -s starts` }
"#;

#[test]
fn a_service_that_is_named_is_up_for_what_is_named_after_it() {
    let requests: [&[&str]; 8] = [
        &["log", "free"],
        &["log", "known"],
        &["log", "known"],
        &["log", "user"],
        &["log", "free", "user"],
        &["--parallel", "log", "later"],
        &["--force", "later", "user"],
        // What `later` comes after starts beside what serves anyway.
        &["server", "meets"],
    ];
    let mut up = Up::new(TASKS);
    up.file("in", "");
    for words in requests {
        let _ = std::fs::remove_file(up.work().join("starts"));
        let args: Vec<&str> = ["run"].into_iter().chain(words.iter().copied()).collect();
        up.check(&args, 0, "");
        assert_eq!(up.starts(), 1, "{words:?}");
    }
}

#[test]
fn a_service_that_is_named_last_stays_up() {
    let up = Up::new(TASKS);
    std::fs::write(up.work().join("starts"), "before\n").unwrap();
    let mut running = up.start(&["run", "free", "log"]);
    eventually("it is up", || up.starts() == 2);
    assert!(running.0.try_wait().unwrap().is_none());
    running.interrupt();
    running.ends_with(130);
}
