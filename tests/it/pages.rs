//! The page of each code: its wrong example is reported with that code alone, its right one not at all.

use std::fmt::Write as _;

use rush_diagnostics::{Code, CodeInfo};

use crate::findings::{self, Asked, Files, Finding};
use crate::markdown::{Block, blocks};

#[test]
fn the_wrong_example_of_a_page_is_found_and_the_right_one_is_clean() {
    let mut report = String::new();
    for info in Code::all() {
        if info.page.contains("\n<!-- example: none -->\n") {
            continue;
        }
        // What only the machine knows is shown where the program is run.
        if comment(info.page, "stage") == Some("preflight") {
            continue;
        }
        let wrong: Vec<Code> = found(info, "Wrong").iter().map(|it| it.code).collect();
        if wrong.is_empty() || wrong.iter().any(|it| *it != info.code) {
            let _ = writeln!(report, "{}: the wrong example gives {wrong:?}", info.code);
        }
        for it in found(info, "Right") {
            let (code, line) = (it.code, it.line + 1);
            let _ = writeln!(
                report,
                "{}: the right example gives {code} in line {line}: {}",
                info.code, it.message
            );
        }
    }
    assert!(report.is_empty(), "{report}");
}

fn found(info: &CodeInfo, heading: &str) -> Vec<Finding> {
    let blocks = blocks(info.page);
    let blocks = blocks.iter().filter(|it| it.is_rush() && it.heading == heading);
    let files: Files = blocks.map(file).collect();
    if comment(info.page, "stage") == Some("fmt") {
        return findings::layout(&files);
    }
    let mut found = findings::check(&files);
    if let Some(call) = comment(info.page, "plan") {
        let asked = Asked { calls: vec![call.to_owned()], ..Asked::default() };
        let planned = findings::planning(&files, &asked);
        found.extend(planned);
        found.dedup();
    }
    found
}

/// The value of `<!-- name: value -->`.
fn comment<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let lines = page.lines().filter_map(|it| it.strip_prefix("<!-- ")?.strip_suffix(" -->"));
    lines.filter_map(|it| it.split_once(": ")).find(|(it, _)| *it == name).map(|(_, value)| value)
}

fn file(block: &Block) -> (String, String) {
    let path = block.lines.first().and_then(|it| it.strip_prefix("// file: "));
    (path.unwrap_or("tasks.rush").trim().to_owned(), block.text())
}
