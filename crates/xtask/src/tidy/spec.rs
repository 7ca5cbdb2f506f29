//! The coverage of the literate specification: who has an accepting and a rejecting case.
//!
//! Ids are the productions of `grammar/rush.ebnf`, the diagnostic codes, and the rules listed in
//! `tests/spec/rules.txt` (an id, then what it says). A case in `tests/spec/**/*.md` names what it
//! shows in a comment of its own line, `accepts:` or `rejects:` and ids with commas. What cannot
//! have both cases stands in `tests/spec/exempt.txt` (an id, then why); an exemption that is no
//! longer needed is a problem, so the list can only shrink.

use std::collections::BTreeMap;
use std::fmt;

use rush_diagnostics::Code;

use super::Problem;
use super::sources::Source;

mod claims;

const GRAMMAR: &str = "grammar/rush.ebnf";
const FOLDER: &str = "tests/spec/";
const RULES: &str = "tests/spec/rules.txt";
const EXEMPT: &str = "tests/spec/exempt.txt";

/// How often an id is shown, and whether it may do without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Where the id comes from: the grammar, the codes or the rules.
    pub source: &'static str,
    /// How many cases accept it.
    pub accepts: usize,
    /// How many cases reject a breach of it.
    pub rejects: usize,
    /// Whether it is excused.
    pub is_exempt: bool,
}

/// The table of all ids.
#[derive(Debug, Default)]
pub struct Coverage {
    rows: BTreeMap<String, Row>,
    unknown: Vec<Problem>,
    has_spec: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Accepts,
    Rejects,
}

impl Coverage {
    /// Reads the ids and the cases; without any case there is no specification to hold.
    pub fn collect(files: &[Source]) -> Self {
        let mut coverage = Self::default();
        let text =
            |path: &str| files.iter().find(|it| it.path == path).map_or("", |it| it.text.as_str());
        coverage.add_ids("grammar", productions(text(GRAMMAR)));
        coverage.add_ids("code", Code::all().map(|it| it.code.to_string()));
        coverage.add_ids("rule", first_words(text(RULES)).map(|(_, it)| it.to_owned()));
        for (index, id) in first_words(text(EXEMPT)) {
            match coverage.rows.get_mut(id) {
                Some(row) => row.is_exempt = true,
                None => coverage.unknown.push(unknown(EXEMPT, index, id)),
            }
        }
        let is_case = |it: &&Source| it.path.starts_with(FOLDER) && it.has_extension("md");
        for file in files.iter().filter(is_case) {
            coverage.has_spec = true;
            coverage.add_cases(file);
        }
        coverage
    }

    fn add_ids(&mut self, source: &'static str, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            self.rows.entry(id).or_default().source = source;
        }
    }

    fn add_cases(&mut self, file: &Source) {
        self.unknown.extend(claims::unproved(file));
        for (index, line) in file.text.lines().enumerate() {
            let Some((case, ids)) = marker(line.trim()) else { continue };
            for id in ids.split(',').map(str::trim) {
                match (self.rows.get_mut(id), case) {
                    (Some(row), Case::Accepts) => row.accepts += 1,
                    (Some(row), Case::Rejects) => row.rejects += 1,
                    (None, _) => self.unknown.push(unknown(&file.path, index, id)),
                }
            }
        }
    }

    /// Returns what is not shown, what is shown though nobody knows it, and idle exemptions.
    pub fn problems(&self) -> Vec<Problem> {
        if !self.has_spec {
            return Vec::new();
        }
        let mut problems = self.unknown.clone();
        for (id, row) in &self.rows {
            let message = match (row.accepts, row.rejects, row.is_exempt) {
                (0, 0, false) => "has neither an accepting nor a rejecting case",
                (0, _, false) => "has no accepting case",
                (_, 0, false) => "has no rejecting case",
                (1.., 1.., true) => "has both cases; remove it from `tests/spec/exempt.txt`",
                (_, _, true) | (1.., 1.., false) => continue,
            };
            problems.push(Problem::in_file(FOLDER, format!("{} `{id}` {message}", row.source)));
        }
        problems
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{:<10} {:<28} {:>8} {:>8}", "from", "id", "accepts", "rejects")?;
        for (id, row) in &self.rows {
            let note = if row.is_exempt { "  exempt" } else { "" };
            writeln!(
                out,
                "{:<10} {id:<28} {:>8} {:>8}{note}",
                row.source, row.accepts, row.rejects
            )?;
        }
        let whole = self.rows.values().filter(|it| it.accepts > 0 && it.rejects > 0).count();
        writeln!(out, "{whole} of {} ids have both cases", self.rows.len())
    }
}

fn unknown(path: &str, index: usize, id: &str) -> Problem {
    Problem::in_line(path, index, format!("`{id}` is no production, code or rule"))
}

/// The ids of `<!-- accepts: a, b -->`.
fn marker(line: &str) -> Option<(Case, &str)> {
    let inside = line.strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let (word, ids) = inside.split_once(':')?;
    match word.trim() {
        "accepts" => Some((Case::Accepts, ids)),
        "rejects" => Some((Case::Rejects, ids)),
        _ => None,
    }
}

/// The names left of `=` where a production starts, in an EBNF whose text and comments are quoted.
fn productions(grammar: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = grammar;
    let mut word = String::new();
    while let Some(next) = rest.chars().next() {
        let mut skip = next.len_utf8();
        match next {
            '"' | '\'' => {
                let inside = rest.get(1..).unwrap_or_default();
                skip = inside.find(next).map_or(rest.len(), |it| it + 2);
                word.clear();
            }
            '(' if rest.starts_with("(*") => {
                skip = rest.find("*)").map_or(rest.len(), |it| it + 2);
            }
            '=' => names.push(std::mem::take(&mut word)),
            _ if next.is_alphanumeric() || next == '_' => word.push(next),
            _ if next.is_whitespace() => {
                let after = rest.trim_start();
                if !after.starts_with('=') {
                    word.clear();
                }
            }
            _ => word.clear(),
        }
        rest = rest.get(skip..).unwrap_or_default();
    }
    names.retain(|it| !it.is_empty());
    names
}

/// The first word of each line that is no comment, with the line's index.
fn first_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines.filter_map(|(index, line)| Some((index, line.split_whitespace().next()?)))
}

#[cfg(test)]
mod tests {
    use super::super::sources::Source;
    use super::{Coverage, productions};

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn productions_are_the_names_before_the_equals_sign() {
        let grammar = "item = use | \"let\" ID [ \"=\" expr ] ; (* a = b *)\nuse  = \"use\" ;\n\
                       pdecl = ID ;   range = \"..\" ;";
        assert_eq!(productions(grammar), ["item", "use", "pdecl", "range"]);
    }

    #[test]
    fn an_id_needs_both_cases() {
        let files = [
            source("grammar/rush.ebnf", "item = let ; let = \"let\" ;"),
            source("tests/spec/rules.txt", "# rules\nfirewall  bodies stay inside\n"),
            source(
                "tests/spec/a.md",
                "<!-- accepts: item, let, firewall -->\n```rush\n```\n\
                 <!-- rejects: item -->\n```rush\n^ RUSH0004\n```",
            ),
        ];
        let problems: Vec<_> =
            Coverage::collect(&files).problems().into_iter().map(|it| it.message).collect();
        let about = |id: &str| problems.iter().filter(|it| it.contains(&format!("`{id}`"))).count();
        assert_eq!((about("item"), about("let"), about("firewall")), (0, 1, 1));
    }

    #[test]
    fn unknown_ids_and_idle_exemptions_are_found() {
        let files = [
            source("grammar/rush.ebnf", "item = ID ;"),
            source("tests/spec/exempt.txt", "item  cannot be wrong\n"),
            source("tests/spec/a.md", "<!-- accepts: item, itme -->\n<!-- rejects: item -->\n"),
        ];
        let problems = Coverage::collect(&files).problems();
        assert!(problems.iter().any(|it| it.message.contains("`itme` is no production")));
        assert!(problems.iter().any(|it| it.message.contains("remove it")));
    }
}
