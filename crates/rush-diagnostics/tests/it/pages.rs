//! The pages of the codes keep one shape, on which `rush explain` and the tests of their examples
//! rely.

use rush_diagnostics::Code;

const SECTIONS: [&str; 3] = ["## Wrong", "## Right", "## Why"];
const COMMENTS: [&str; 4] = ["stage: plan", "stage: preflight", "stage: fmt", "example: none"];

fn check(page: &str) -> Result<(), String> {
    let lead = page.lines().nth(2).unwrap_or_default();
    if lead.is_empty() || !lead.ends_with('.') {
        return Err(format!("line 3 is to say what it means, in a sentence: {lead}"));
    }
    let headings: Vec<_> = page.lines().filter(|it| it.starts_with("## ")).collect();
    if !headings.is_empty() && headings != SECTIONS && headings != SECTIONS[..2] {
        return Err(format!(
            "the sections are to be {SECTIONS:?}, the last optional: {headings:?}"
        ));
    }
    for line in page.lines().filter(|it| it.starts_with("<!--")) {
        let inner = line.trim_start_matches("<!-- ").trim_end_matches(" -->");
        if !COMMENTS.contains(&inner) && !inner.starts_with("plan: ") {
            return Err(format!("nobody reads this comment: {line}"));
        }
    }
    let is_planned = ["stage: plan", "stage: preflight"].iter().any(|it| page.contains(it));
    if is_planned != page.contains("<!-- plan: ") {
        return Err("an example of the stage plan names what is planned".to_owned());
    }
    files(page)
}

/// Either one block is the whole workspace, or each block says which file it is.
fn files(page: &str) -> Result<(), String> {
    for section in page.split("\n## ").skip(1).take(2) {
        let blocks: Vec<_> = section.split("```rush\n").skip(1).collect();
        let named = blocks.iter().filter(|it| it.starts_with("// file: ")).count();
        if named > 0 && named < blocks.len() || named == 0 && blocks.len() > 1 {
            return Err(format!("{named} of {} blocks name their file", blocks.len()));
        }
    }
    Ok(())
}

#[test]
fn each_page_has_the_shape_its_readers_rely_on() {
    for info in Code::all() {
        assert_eq!(check(info.page), Ok(()), "{}", info.code);
    }
}

#[test]
fn a_bad_page_is_noticed() {
    let good = "# T\n\nIt means.\n\n## Wrong\n\n```rush\na\n```\n\n## Right\n\n```rush\nb\n```\n";
    assert_eq!(check(good), Ok(()));
    for bad in [
        good.replace("It means.", "it means"),
        good.replace("## Right", "## Better"),
        good.replace("## Wrong", "<!-- stage: run -->\n\n## Wrong"),
        good.replace("## Wrong", "<!-- stage: plan -->\n\n## Wrong"),
        good.replace("```rush\na\n```", "```rush\na\n```\n\n```rush\nc\n```"),
    ] {
        assert!(check(&bad).is_err(), "{bad}");
    }
}
