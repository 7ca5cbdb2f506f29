//! Many Rush processes at once on one workspace: all are right, nothing is done twice that is remembered, and nothing
//! is corrupted.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::graph::begins;
use super::{Running, Stage, rounds};

const TASKS: usize = 8;

fn source() -> String {
    let mut text = String::new();
    let mut names = Vec::new();
    for number in 0..TASKS {
        let needs = if number == 0 { String::new() } else { format!("n{}", number / 2) };
        let _ = writeln!(
            text,
            "task n{number} {{\n  needs: [{needs}]\n  inputs: [\"in/{number}\"]\n  \
             outputs: [\"out/{number}\"]\n  run: sh\"\"\"\n    echo begin {number} >> ledger\n    \
             cat in/{number} > out/{number}.new\n    mv out/{number}.new out/{number}\n    \
             echo told {number}\n  \"\"\"\n}}",
        );
        names.push(format!("n{number}"));
    }
    // `n0 / 2` is itself.
    let text = text.replace("needs: [n0]\n  inputs: [\"in/0\"]", "inputs: [\"in/0\"]");
    format!(
        "{text}task loud {{ run: `echo loud` }}\ntask all {{ needs: [{}, loud] }}\n",
        names.join(", ")
    )
}

#[test]
fn many_at_once_do_everything_once() {
    let crowd = usize::try_from(rounds(12, 64)).unwrap();
    let stage = Stage::new(&source());
    for wave in 0..2 {
        for number in 0..TASKS {
            stage.write(&format!("in/{number}"), format!("{wave} {number}\n"));
        }
        stage.write("ledger", "");
        let start = |_| Running::start(stage.rush(&["run", "all", "-j2"]));
        let running: Vec<Running> = (0..crowd).map(start).collect();
        for mut one in running {
            let child = std::mem::replace(&mut one.0, stage.within("true", &[]).spawn().unwrap());
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            assert!(!said.contains("warning"), "{said}");
            let told = String::from_utf8_lossy(&output.stdout);
            let told: BTreeSet<&str> =
                told.lines().map(|it| it.rsplit(" | ").next().unwrap()).collect();
            let missing = (0..TASKS).find(|it| !told.contains(format!("told {it}").as_str()));
            assert!(missing.is_none() && told.contains("loud"), "{missing:?}: {told:?}");
        }
        let ledger = stage.read("ledger");
        for number in 0..TASKS {
            assert_eq!(begins(&ledger, number), 1, "{number} in wave {wave}\n{ledger}");
            let made = stage.read(&format!("out/{number}"));
            assert_eq!(made, format!("{wave} {number}\n"), "wave {wave}");
        }
        let runs = stage.expect(0, &["runs", "-n", "1000", "-o", "json"]);
        let runs: serde_json::Value = serde_json::from_str(&runs.stdout).unwrap();
        let runs = runs["runs"].as_array().unwrap();
        assert_eq!(runs.len(), crowd * (wave + 1));
        assert!(runs.iter().all(|it| it["status"] == "succeeded"), "{runs:#?}");
        stage.assert_sound();
        stage.assert_alone();
    }
}
