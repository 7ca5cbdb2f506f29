//! One `check` for completion; the cases are data.

mod cases;
mod corpus;
mod first;
mod holes;
mod kinds;

use rush_semantics::Db as _;
use rush_semantics::SourceFile;
use text_size::TextSize;

use super::{Completion, Completions, completion};
use crate::files::{FileEntry, FileKind, FileMatches, FileView};
use crate::fixture::Case;

/// The files of a fixture as a folder.
pub(crate) struct FixtureFiles(pub(crate) Vec<String>);

impl FixtureFiles {
    pub(crate) fn of(case: &Case) -> Self {
        Self(case.db.workspace().files(&case.db).keys().map(ToString::to_string).collect())
    }
}

impl FileView for FixtureFiles {
    fn entries(&self, directory: &str) -> Vec<FileEntry> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let inside = self.0.iter().filter_map(|it| it.strip_prefix(&prefix));
        let mut entries: Vec<FileEntry> = inside
            .map(|it| match it.split_once('/') {
                Some((name, _)) => FileEntry { name: name.into(), kind: FileKind::Directory },
                None => FileEntry { name: it.into(), kind: FileKind::File },
            })
            .collect();
        entries.sort();
        entries.dedup();
        entries
    }

    fn matches(&self, directory: &str, patterns: &[String]) -> FileMatches {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let inside = self.0.iter().filter_map(|it| it.strip_prefix(&prefix));
        // Enough of patterns for tests: `**/*.c`, `*.c`, names.
        let is_match = |path: &str, pattern: &str| match pattern.rsplit_once('*') {
            Some((before, ending)) => {
                path.ends_with(ending) && (before.contains('/') || !path.contains('/'))
            }
            None => path == pattern,
        };
        let found: Vec<String> = inside
            .filter(|path| patterns.iter().any(|it| is_match(path, it)))
            .map(str::to_owned)
            .collect();
        FileMatches {
            count: found.len(),
            first: found.into_iter().take(3).collect(),
            is_capped: false,
        }
    }
}

pub(crate) fn complete(case: &Case) -> Completions {
    completion(&case.db, &FixtureFiles::of(case), case.file, case.offset)
}

/// The line of the cursor after a proposal was chosen; further lines after a `|`.
fn chosen(case: &Case, file: SourceFile, it: &Completion) -> String {
    let text = file.text(&case.db);
    let range = it.replaces.range;
    assert!(range.contains_inclusive(case.offset), "{}: {range:?} is elsewhere", it.label);
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let line = format!("{}{}{}", &text[line_start..start], it.insert.text(), &text[end..line_end]);
    line.trim().replace('\n', "|")
}

/// The file after the changes elsewhere that come with a proposal, `|` for line ends.
fn edited(case: &Case, it: &Completion) -> String {
    let mut text = case.file.text(&case.db).to_string();
    for edit in &it.edits {
        text.replace_range(std::ops::Range::<usize>::from(edit.at.range), &edit.text);
    }
    text.replace('\n', "|")
}

/// Expectations, separated by ` ;; `:
/// - `= a, b`: the list begins with these labels
/// - `+ a`: the label is there; `+ a => line`: and this is the line when it is chosen
/// - `- a`: the label is not there; `-` alone: nothing is
/// - `! a text`: choosing it makes the file begin with this, `|` for line ends
/// - `~ a`: the label is struck through
/// - `: a type`: the label has this type; `# a text`: the label's docs contain this
fn problems(case: &Case, found: &Completions, expect: &str) -> Vec<String> {
    let labels: Vec<&str> = found.list.iter().map(|it| it.label.as_str()).collect();
    let get = |label: &str| found.list.iter().find(|it| it.label == label);
    let mut problems = Vec::new();
    for expectation in expect.split(" ;; ").map(str::trim) {
        let (sign, rest) = expectation.split_at(1);
        let rest = rest.trim();
        let is_met = match sign {
            "=" => {
                let wanted: Vec<&str> = rest.split(", ").collect();
                labels.starts_with(&wanted)
            }
            "+" => match rest.split_once(" => ") {
                Some((label, line)) => {
                    let line_found = get(label).map(|it| chosen(case, case.file, it));
                    if let Some(found) = line_found.as_ref().filter(|it| *it != line) {
                        problems.push(format!("`{label}` gives {found}"));
                    }
                    line_found.as_deref() == Some(line)
                }
                None => get(rest).is_some(),
            },
            "-" if rest.is_empty() => labels.is_empty(),
            "-" => get(rest).is_none(),
            "!" => {
                let (label, text) = rest.split_once(' ').unwrap();
                get(label).is_some_and(|it| edited(case, it).starts_with(text))
            }
            "~" => get(rest).is_some_and(|it| it.is_deprecated),
            ":" => {
                let (label, ty) = rest.split_once(' ').unwrap();
                get(label).and_then(|it| it.detail.as_deref()) == Some(ty)
            }
            "#" => {
                let (label, text) = rest.split_once(' ').unwrap();
                let docs = get(label).and_then(|it| it.docs.as_ref());
                let docs = docs.and_then(|it| super::resolve(&case.db, it));
                docs.is_some_and(|it| it.contains(text))
            }
            _ => panic!("bad expectation {expectation}"),
        };
        if !is_met {
            problems.push(format!("not met: {expectation}"));
        }
    }
    if !problems.is_empty() {
        let shown: Vec<&str> = labels.iter().copied().take(24).collect();
        problems.push(format!("{} labels: {}", labels.len(), shown.join(" | ")));
    }
    problems
}

/// Checks one case.
fn check(fixture: &str, expect: &str) -> Vec<String> {
    assert!(fixture.contains("$0"), "no cursor in {fixture}");
    let case = Case::new(fixture);
    let found = complete(&case);
    let mut problems = problems(&case, &found, expect);
    let sorts: Vec<&str> = found.list.iter().map(|it| it.sort.as_str()).collect();
    if !sorts.is_sorted() {
        problems.push("the order differs from that of `sort`".to_owned());
    }
    problems
}

#[test]
fn what_the_last_item_of_a_long_file_runs_is_offered() {
    let between = "task t {}\n".repeat(100);
    let fixture = format!("task a {{ tools: [\"$0\"] }}\n{between}task z {{ run: `make` }}\n");
    assert_eq!(check(&fixture, "= make"), [""; 0]);
}

#[test]
fn each_place_offers_what_fits_there() {
    let mut failed = String::new();
    let mut count = 0;
    for (fixture, expect) in cases::ALL.iter().flat_map(|it| it.iter()) {
        count += 1;
        let problems = check(fixture, expect);
        if !problems.is_empty() {
            failed.push_str(&format!("--- {fixture}\n{}\n", problems.join("\n")));
        }
    }
    assert!(failed.is_empty(), "{failed}");
    assert!(count >= 100, "{count} cases");
}

#[test]
fn many_names_are_filtered_by_what_is_typed() {
    let mut text = String::from("task last {\n  needs: [t77$0]\n}\n");
    for at in 0..2_000 {
        text.push_str(&format!("task t{at} {{}}\n"));
    }
    let found = complete(&Case::new(&text));
    assert!(found.is_incomplete && found.list.len() < 400);
    let tasks = found.list.iter().filter(|it| it.label.starts_with('t') && it.label != "true");
    assert!(tasks.clone().count() > 10 && tasks.clone().count() < 200);
    assert!(tasks.clone().any(|it| it.label == "t1077"));
}

#[test]
fn an_offset_beyond_the_text_is_harmless() {
    let mut case = Case::new("task a {\n  ru$0\n}\n");
    for offset in [0, 5, 1_000] {
        case.offset = TextSize::new(offset);
        complete(&case);
    }
}
