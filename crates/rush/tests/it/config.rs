//! Settings: which value counts, and where it comes from.

use crate::rush;

#[test]
fn each_value_names_its_origin() {
    let rush = rush()
        .file("tasks.rush", "")
        .file("../home/.config/rush/config.toml", "jobs = 3\n")
        .file(".rush-state/config.toml", "keep_going = true\n")
        .env("RUSH_LOG_MODE", "quiet");
    let shown = rush.args(["config", "--color", "never", "-o", "json"]).status(0).run();
    let all: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(all["version"], 1);
    let layer = |key: &str| all["settings"][key]["layer"].as_str().unwrap().to_owned();
    let layers = ["jobs", "keep_going", "log_mode", "color"].map(layer);
    assert_eq!(layers, ["user", "workspace", "environment", "flag"]);
}

#[test]
fn slots_have_a_size_by_setting_and_by_flag() {
    let text = "task a {\n  resources { slots { gpu: 1 } }\n  run: `rendezvous a b`\n}\n\
                task b {\n  resources { slots { gpu: 1 } }\n  run: `rendezvous b a`\n}\n\
                task all { needs: [a, b] }\n";
    let meet = "sh\"\"\"\n    touch NAME\n    for i in $(seq 100); do if [ -e OTHER ]; then exit 0; fi; \
                sleep 0.02; done\n    exit 1\n  \"\"\"";
    let text = text
        .replace("`rendezvous a b`", &meet.replace("NAME", "a").replace("OTHER", "b"))
        .replace("`rendezvous b a`", &meet.replace("NAME", "b").replace("OTHER", "a"));
    let rush = || rush().file("tasks.rush", &text);
    let set = rush().file(".rush-state/config.toml", "slots = { gpu = 2 }\n");
    let ran = set.args(["run", "all", "-j2"]).status(0).run();
    let listed = ran.again().args(["config"]).status(0).run();
    let line = listed.stdout.lines().find(|it| it.starts_with("slots")).unwrap_or_default();
    assert!(line.contains("gpu=2") && line.contains(".rush-state/config.toml:1"), "{line}");
    rush().env("RUSH_SLOTS", "gpu=2").args(["run", "all", "-j2"]).status(0).run();
    rush().args(["run", "all", "-j2", "--slots", "gpu=2"]).status(0).run();
    rush().args(["run", "all", "-j2"]).status(1).run();
    let flag =
        rush().env("RUSH_SLOTS", "gpu=2 x=3").args(["run", "all", "-j2", "--slots", "gpu=1"]);
    flag.status(1).run();
    let wrong = rush().env("RUSH_SLOTS", "gpu").args(["run", "all"]).status(3);
    wrong.stderr("`gpu` is no value for `slots`").run();
}

#[test]
fn what_is_typed_wrong_is_told_in_our_words() {
    let rush = || rush().file("tasks.rush", "task a { run: `true` }\n");
    rush().args(["run", "a", "-jx"]).status(2).stderr("use a whole number from 1 to 1024").run();
    rush().args(["run", "a", "-j0"]).status(2).stderr("`-j` alone for as many as there are").run();
    rush().args(["run", "a", "-j"]).status(0).run();
    rush().args(["runs", "prune", "--keep", "x"]).status(2).stderr("use a whole number").run();
}

#[test]
fn a_question_without_a_terminal_is_told_with_its_answer() {
    let text = "task q {\n  confirm: \"drop the database?\"\n  run: `echo done`\n}\n";
    let asked = rush().file("tasks.rush", text).args(["run", "q"]).status(2);
    let ran = asked.stderr("`q` asks `drop the database?`").stderr("`--yes`").run();
    ran.again().args(["run", "q", "--yes"]).status(0).stdout("done\n").run();
}

#[test]
fn one_value_is_data_for_scripts() {
    let shown = rush().args(["config", "get", "color"]).status(0).stdout("auto\n").run();
    let json = shown.then().args(["config", "get", "color", "-o", "json"]).status(0).run();
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["name"], "color");
    assert_eq!(document["value"], "auto");
    assert_eq!(document["layer"], "default");
    let wrong = json.then().args(["config", "get", "colour"]).status(2);
    wrong.stderr("did you mean `color`?").run();
}

#[test]
fn a_setting_nobody_knows_is_an_error() {
    let rush = rush().file("../home/.config/rush/config.toml", "\njob = 3\n").args(["config"]);
    rush.status(3).stderr("config.toml:2: no setting is named `job`; did you mean `jobs`?").run();
}
