//! Manual pages: one for the program, one for each verb.

use crate::rush;

#[test]
fn every_verb_has_a_page_with_its_examples() {
    let directory = rush().args(["version"]).status(0).run();
    clap_mangen::generate_to(rush::command(), directory.work()).unwrap();
    assert!(directory.read("rush.1").contains("Exit status"));
    for verb in rush::command().get_subcommands().filter(|it| !it.is_hide_set()) {
        let name = verb.get_name();
        let page = directory.read(&format!("rush-{name}.1"));
        assert!(page.contains("Examples:"), "`rush {name}` shows no example:\n{page}");
    }
    for action in ["show", "diff", "verify"] {
        let page = directory.read(&format!("rush-plan-{action}.1"));
        assert!(page.contains("The plan") || page.contains("The earlier plan"), "{page}");
    }
}
