//! What there is to ask for, and the help about it.
//!
//! A chore is one entry of [`CHORES`]; the list that `cargo xtask` prints and the help of each chore are made from
//! it. It does not know how a chore is done.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use crate::{bench, deny, generate, man, mutants, portable, test, tidy};

/// Something that is done for the repository.
pub struct Chore {
    /// The word that asks for it.
    pub name: &'static str,
    /// The words it takes.
    words: &'static str,
    /// What it does, on one line.
    about: &'static str,
    /// What its words mean; empty if it takes none.
    details: &'static str,
    /// Command lines without the `cargo xtask` before them, and what each does.
    examples: &'static [(&'static str, &'static str)],
    /// What else there is to know, found out when asked.
    more: fn() -> String,
    /// Does it.
    pub run: fn(&[&str]) -> Result<()>,
}

/// All chores, those of every day first.
pub const CHORES: &[Chore] = &[
    Chore {
        name: "test",
        words: "[--long] [FILTER...] | --vscode",
        about: "all tests; installs what they need if it is missing",
        details: "\
FILTER    only tests with this word in their names; several words mean any of them
--long    also what takes minutes, with other random inputs each time
--vscode  only the extension for VS Code, also in the editor itself; takes no other words",
        examples: &[
            ("test", "everything a change has to pass"),
            ("test rename", "the tests that have `rename` in their names"),
            ("test --long glob", "the long form of those about globs"),
            ("test --vscode", "the extension, in a real editor"),
        ],
        more: String::new,
        run: test::main,
    },
    Chore {
        name: "tidy",
        words: "[--table]",
        about: "the house rules that no compiler knows",
        details: "--table  also which specification shows which rule of the language",
        examples: &[("tidy", "every breach with its file and line")],
        more: String::new,
        run: tidy::main,
    },
    Chore {
        name: "deny",
        words: "",
        about: "licences, bans and sources of the dependencies",
        details: "",
        examples: &[("deny", "after a dependency was added")],
        more: String::new,
        run: |words| alone("deny", words, deny::main),
    },
    Chore {
        name: "bench",
        words: "[--runs N] [--json FILE] [--strict] [GROUP...]",
        about: "figures against the bars, peers in the same run",
        details: "\
GROUP        only these groups; without any, all but those that take minutes
--runs N     how often each command is run; 11
--json FILE  the figures for programs, too
--strict     fail if a figure is over its bar",
        examples: &[
            ("bench start list", "two groups"),
            ("bench --runs 31 plan", "steadier medians on a busy machine"),
            (
                "bench --strict --json now.json",
                "all but what takes minutes, as a gate and for comparing",
            ),
        ],
        more: bench::shown_groups,
        run: bench::main,
    },
    Chore {
        name: "generate",
        words: "[--tasks N] [--files N] DIR",
        about: "a large workspace to measure with",
        details: "\
DIR        where it is written
--tasks N  how many tasks in all; 10000
--files N  how many task files they are spread over; 1",
        examples: &[
            ("generate /tmp/large", "10,000 tasks in one file"),
            ("generate --tasks 20000 --files 1000 /tmp/wide", "1,000 packages"),
        ],
        more: String::new,
        run: generate::main,
    },
    Chore {
        name: "man",
        words: "[DIR]",
        about: "manual pages of rush and of each verb",
        details: "DIR  where they are written; target/man",
        examples: &[("man", "the pages in target/man")],
        more: String::new,
        run: man::main,
    },
    Chore {
        name: "mutants",
        words: "[WORD...]",
        about: "mistakes put into Rush; a test must notice each",
        details: "WORD  only mistakes with this word in their names or files",
        examples: &[("mutants cache", "the mistakes in the cache")],
        more: String::new,
        run: mutants::main,
    },
    Chore {
        name: "portable",
        words: "",
        about: "whether Rush compiles for Windows and macOS; needs Debian",
        details: "",
        examples: &[("portable", "after a change of what differs between systems")],
        more: String::new,
        run: |words| alone("portable", words, portable::main),
    },
];

/// The chore of this name.
pub fn named(name: &str) -> Option<&'static Chore> {
    CHORES.iter().find(|it| it.name == name)
}

/// Whether a word asks for help.
pub fn is_help(word: &str) -> bool {
    matches!(word, "help" | "--help" | "-h")
}

/// All chores, a line each.
pub fn overview() -> String {
    let mut text = String::from("The chores of the Rush repository.\n\n");
    for Chore { name, words, about, .. } in CHORES {
        let usage = format!("cargo xtask {name} {words}");
        let _ = writeln!(text, "{}\n    {about}", usage.trim_end());
    }
    text.push_str("\n`cargo xtask CHORE --help` tells more about one of them.\n");
    text
}

impl Chore {
    /// What it does, its words and examples.
    pub fn help(&self) -> String {
        let usage = format!("cargo xtask {} {}", self.name, self.words);
        let mut text = format!("{}\n\n    {}\n", self.about, usage.trim_end());
        if !self.details.is_empty() {
            let _ = writeln!(text, "\n{}", self.details);
        }
        text.push_str("\nExamples:\n");
        for (line, meaning) in self.examples {
            let _ = writeln!(text, "  cargo xtask {line}\n      {meaning}");
        }
        text + &(self.more)()
    }
}

/// Does a chore that takes no words.
fn alone(name: &str, words: &[&str], run: fn() -> Result<()>) -> Result<()> {
    if words.is_empty() { run() } else { bail!("`cargo xtask {name}` takes no words") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chore_has_help_with_an_example_of_itself() {
        for chore in CHORES {
            let help = chore.help();
            assert!(help.contains(&format!("  cargo xtask {}", chore.name)), "{help}");
            assert!(chore.examples.iter().all(|(line, _)| line.starts_with(chore.name)), "{help}");
            assert!(overview().contains(chore.about), "{}", chore.name);
        }
    }

    #[test]
    fn the_help_of_the_bench_names_its_groups() {
        let help = named("bench").expect("there is a bench").help();
        assert!(help.contains("noop") && help.contains("soak"), "{help}");
    }
}
