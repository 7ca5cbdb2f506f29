//! Pages that must exist: one per diagnostic code, and numbers on decisions.

use std::collections::BTreeMap;

use rush_diagnostics::Code;

use super::Problem;
use super::sources::Source;

const ERRORS: &str = "docs/errors";
const DECISIONS: &str = "docs/decisions";

/// Checks `docs/errors` against the registry of codes, and the names in `docs/decisions`.
pub(super) fn check(files: &[Source]) -> Vec<Problem> {
    let mut problems = codes(files);
    problems.extend(decisions(files));
    problems
}

fn codes(files: &[Source]) -> Vec<Problem> {
    let page = |code: Code| format!("{ERRORS}/{code}.md");
    let expected: Vec<String> = Code::all().map(|it| page(it.code)).collect();
    let missing = expected.iter().filter(|it| !files.iter().any(|file| file.path == **it));
    let mut problems: Vec<_> =
        missing.map(|it| Problem::in_file(it, "this code has no page")).collect();
    for file in in_folder(files, ERRORS) {
        let is_index = file.name() == "README.md";
        if !is_index && !expected.contains(&file.path) {
            problems.push(Problem::in_file(&file.path, "no code has this page"));
        }
    }
    problems
}

fn decisions(files: &[Source]) -> Vec<Problem> {
    let mut numbers = BTreeMap::new();
    let mut problems = Vec::new();
    for file in in_folder(files, DECISIONS).filter(|it| it.name() != "README.md") {
        let number = file.name().split_once('-').map(|(number, _)| number);
        match number.filter(|it| it.len() == 4 && it.bytes().all(|byte| byte.is_ascii_digit())) {
            None => {
                let message = "name decisions `NNNN-title.md`, numbered in order";
                problems.push(Problem::in_file(&file.path, message));
            }
            Some(number) => {
                if let Some(other) = numbers.insert(number.to_owned(), file.path.clone()) {
                    let message = format!("`{other}` has the same number");
                    problems.push(Problem::in_file(&file.path, message));
                }
            }
        }
    }
    problems
}

fn in_folder<'a>(files: &'a [Source], folder: &str) -> impl Iterator<Item = &'a Source> {
    files.iter().filter(move |it| {
        it.path.strip_prefix(folder).is_some_and(|it| it.starts_with('/')) && it.has_extension("md")
    })
}

#[cfg(test)]
mod tests {
    use super::super::sources::Source;
    use super::decisions;

    #[test]
    fn decisions_are_numbered_once() {
        let names = ["0001-a.md", "0001-b.md", "c.md", "README.md"];
        let files =
            names.map(|it| Source { path: format!("docs/decisions/{it}"), text: String::new() });
        let found: Vec<_> = decisions(&files).into_iter().map(|it| it.path).collect();
        assert_eq!(found, ["docs/decisions/0001-b.md", "docs/decisions/c.md"]);
    }
}
