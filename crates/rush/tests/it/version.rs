//! `rush version`: for people and for programs.

use crate::rush;

#[test]
fn the_formats_it_reads_have_versions() {
    let shown = rush().args(["version", "-o", "json"]).status(0).run();
    let versions: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&versions["edition"], &versions["plan"]), (&1.into(), &1.into()));
    assert!(versions.get("event").is_some() && versions.get("store").is_some());
    let short = shown.then().args(["--version"]).status(0).run();
    assert_eq!(short.stdout, format!("rush {}\n", versions["version"].as_str().unwrap()));
}
