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
    let layer = |key: &str| all[key]["layer"].as_str().unwrap().to_owned();
    let layers = ["jobs", "keep_going", "log_mode", "color"].map(layer);
    assert_eq!(layers, ["user", "workspace", "environment", "flag"]);
}

#[test]
fn one_value_is_data_for_scripts() {
    let shown = rush().args(["config", "get", "color"]).status(0).stdout("auto\n").run();
    let wrong = shown.then().args(["config", "get", "colour"]).status(2);
    wrong.stderr("did you mean `color`?").run();
}

#[test]
fn a_setting_nobody_knows_is_an_error() {
    let rush = rush().file("../home/.config/rush/config.toml", "\njob = 3\n").args(["config"]);
    rush.status(3).stderr("config.toml:2: no setting is named `job`; did you mean `jobs`?").run();
}
