//! A workspace is reached by symbolic links.

use rush_system::{OsSystem, System as _};

use super::stage;
use crate::stage::Stage;

#[test]
fn a_link_to_the_workspace_may_lead_elsewhere_later() {
    let stage = stage();
    let other = Stage::new(&[("tasks.rush", "task other { run: `true` }\n")]);
    let link = stage.base.join("link");
    std::os::unix::fs::symlink(stage.path(""), &link).unwrap();
    assert!(stage.ask(&link).1);
    let (answers, is_opened) = stage.ask(&link);
    assert!(!is_opened && answers == stage.ask_anew(&stage.path("")));
    OsSystem.remove_file(&link).unwrap();
    std::os::unix::fs::symlink(other.path(""), &link).unwrap();
    let (answers, is_opened) = stage.ask(&link);
    assert!(is_opened && answers == stage.ask_anew(&link));
}
