//! `cargo xtask mutants`: small mistakes put into Rush, each of which a test must notice.
//!
//! The mistakes are listed in `tests/mutants`, a file for each part of Rush. Each is applied to a copy of the tree,
//! built, and judged by the tests of the part it is in. The default tests only hold that each mistake can still be
//! made: that its old text occurs exactly once.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::tidy::sources;
use crate::{cargo, install, root};

const LISTS: &str = "tests/mutants";

/// Tests that judge mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Judge {
    package: &'static str,
    /// Words of which a test has one in its name; none means all tests.
    words: &'static [&'static str],
}

const fn all_of(package: &'static str) -> Judge {
    Judge { package, words: &[] }
}

/// Who judges a mistake in the compiler, the quicker first; it catches most.
const COMPILER: &[Judge] = &[all_of("rush-tests"), all_of("rush-semantics")];

/// Who judges one in the cache; what several processes do is seen through the program only.
const CACHE: &[Judge] = &[
    Judge { package: "rush-exec", words: &["cache::"] },
    all_of("rush-exec"),
    Judge { package: "rush", words: &["turns::"] },
];

/// Who judges one elsewhere in the executor.
const EXECUTOR: &[Judge] = &[
    Judge {
        package: "rush-exec",
        words: &["scheduling::", "ordering::", "services::", "schedule::", "limit_group::"],
    },
    all_of("rush-exec"),
];

/// A mistake that is made on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The list it stands in, such as `scheduler`.
    pub list: String,
    /// What Rush then does wrong.
    pub name: String,
    /// The file, from the root.
    pub file: String,
    /// The text as it stands there, once.
    pub old: String,
    /// The text that is wrong.
    pub new: String,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// A test failed.
    Caught,
    /// The compiler refused it, so it says nothing about the tests.
    Unbuildable,
    /// No test noticed.
    Survived,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Caught => "caught",
            Self::Unbuildable => "does not build",
            Self::Survived => "SURVIVED",
        })
    }
}

impl Mutant {
    /// Whether a word chooses it: the name of its list, or a part of its own.
    fn is_meant(&self, word: &str) -> bool {
        self.list == word || self.name.contains(word)
    }
}

/// Tries the mutants that one of the words chooses, or all; fails if one survives.
pub fn main(words: &[&str]) -> Result<()> {
    let is_meant = |it: &Mutant| words.is_empty() || words.iter().any(|word| it.is_meant(word));
    let mutants: Vec<_> = list(&root())?.into_iter().filter(is_meant).collect();
    install::cargo_tool("nextest")?;
    let tree = copy_of_tree()?;
    let asked = mutants.iter().flat_map(|it| judges(&it.file)).copied();
    let asked: BTreeSet<Judge> = asked.filter(|it| it.words.is_empty()).collect();
    for judge in asked {
        let failed = judge.ask(&tree)?;
        if !failed.is_empty() {
            bail!("without any mutant this fails: {failed}");
        }
    }
    let mut caught = 0;
    for mutant in &mutants {
        let start = Instant::now();
        let (verdict, by) = attempt(&tree, mutant)?;
        caught += usize::from(verdict == Verdict::Caught);
        let seconds = start.elapsed().as_secs();
        println!("{verdict:<16} {:<48} {seconds:>4} s  {by}", mutant.name);
    }
    println!("{caught} of {} caught", mutants.len());
    if caught < mutants.len() {
        bail!("{} mutants were not caught", mutants.len() - caught);
    }
    Ok(())
}

/// Makes the mistake, asks the tests, and mends it again; with who noticed.
fn attempt(tree: &Path, mutant: &Mutant) -> Result<(Verdict, String)> {
    let path = tree.join(&mutant.file);
    let text = fs::read_to_string(&path).with_context(|| mutant.file.clone())?;
    if text.matches(&mutant.old).count() != 1 {
        bail!("`{}`: the old text does not occur once in `{}`", mutant.name, mutant.file);
    }
    fs::write(&path, text.replacen(&mutant.old, &mutant.new, 1))?;
    let mut failed = String::new();
    let mut verdict = Verdict::Survived;
    for judge in judges(&mutant.file) {
        failed = judge.ask(tree)?;
        if failed.is_empty() {
            continue;
        }
        let is_broken = failed == "build";
        verdict = if is_broken { Verdict::Unbuildable } else { Verdict::Caught };
        break;
    }
    fs::write(&path, text)?;
    Ok((verdict, failed))
}

/// Whose tests have to notice a mistake in this file; the last has the last word.
fn judges(file: &str) -> &'static [Judge] {
    if file.starts_with("crates/rush-exec/src/cache") {
        CACHE
    } else if file.starts_with("crates/rush-exec/") {
        EXECUTOR
    } else {
        COMPILER
    }
}

impl Judge {
    /// Runs the tests, and none any more once one has failed or hangs: its name, `build`, or nothing.
    fn ask(self, tree: &Path) -> Result<String> {
        let mut command = cargo(&["nextest", "run", "--profile", "mutants", "--color", "never"]);
        command.args(["--cargo-quiet", "--package", self.package]);
        if self.package == "rush-tests" {
            // The parts that need no other program.
            command.args(["--test", "it", "spec::", "pages::", "documents::"]);
        } else {
            command.args(self.words);
        }
        let output = command
            .current_dir(tree)
            .env("CARGO_TARGET_DIR", target())
            .env("RUST_BACKTRACE", "0")
            // The short forms judge, also where the long ones are asked for.
            .env_remove("RUSH_TEST_LONG")
            .output()
            .context("could not start cargo")?;
        if output.status.success() {
            return Ok(String::new());
        }
        first_failure(&output).with_context(|| {
            format!("the tests could not be run:\n{}", String::from_utf8_lossy(&output.stderr))
        })
    }
}

/// Which test failed first; nothing if it was not a test that did.
fn first_failure(output: &Output) -> Option<String> {
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("could not compile") {
        return Some("build".to_owned());
    }
    let is_failure = |line: &&str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        line.contains(" [") && ["FAIL", "TIMEOUT", "SIG"].iter().any(|it| word.starts_with(it))
    };
    let name = errors.lines().find(is_failure).and_then(|it| it.split_whitespace().last());
    name.map(str::to_owned)
}

fn target() -> PathBuf {
    root().join("target/mutants/target")
}

/// A copy of the files of the repository; cargo sees only what has changed since the last.
fn copy_of_tree() -> Result<PathBuf> {
    let tree = root().join("target/mutants/tree");
    for (name, bytes) in sources::collect_bytes(&root())? {
        let path = tree.join(&name);
        if fs::read(&path).is_ok_and(|it| it == bytes) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, &bytes).with_context(|| name.clone())?;
    }
    remove_strangers(&tree)?;
    Ok(tree)
}

/// Files of an earlier copy that the repository no longer has.
fn remove_strangers(tree: &Path) -> Result<()> {
    for (name, _) in sources::collect_bytes(tree)? {
        if !root().join(&name).is_file() {
            fs::remove_file(tree.join(&name))?;
        }
    }
    Ok(())
}

/// Reads the lists of a repository.
pub fn list(root: &Path) -> Result<Vec<Mutant>> {
    let mut files: Vec<PathBuf> = fs::read_dir(root.join(LISTS))
        .context(LISTS)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort_unstable();
    let mut mutants = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        mutants.append(&mut parse(&name, &text)?);
    }
    Ok(mutants)
}

/// `=== name`, `file path`, lines after `- ` and lines after `+ `.
fn parse(list: &str, text: &str) -> Result<Vec<Mutant>> {
    let mut found: Vec<Mutant> = Vec::new();
    for line in text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')) {
        if let Some(name) = line.strip_prefix("=== ") {
            let (file, old, new) = (String::new(), String::new(), String::new());
            let (list, name) = (list.to_owned(), name.to_owned());
            found.push(Mutant { list, name, file, old, new });
            continue;
        }
        let Some(mutant) = found.last_mut() else { bail!("`{line}` stands before any `===`") };
        if let Some(file) = line.strip_prefix("file ") {
            file.clone_into(&mut mutant.file);
        } else if let Some(old) = line.strip_prefix("- ") {
            add_line(&mut mutant.old, old);
        } else if let Some(new) = line.strip_prefix("+ ") {
            add_line(&mut mutant.new, new);
        } else {
            bail!("`{line}` is no part of a mutant");
        }
    }
    Ok(found)
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_can_still_be_made() {
        let root = root();
        let mutants = list(&root).unwrap();
        assert!(mutants.len() >= 30, "there are only {}", mutants.len());
        let cannot = mutants.iter().filter(|it| {
            let text = fs::read_to_string(root.join(&it.file)).unwrap_or_default();
            it.new == it.old || text.matches(&it.old).count() != 1
        });
        let cannot: Vec<_> = cannot.map(|it| (&it.name, &it.file)).collect();
        assert!(cannot.is_empty(), "give these their text anew: {cannot:#?}");
    }

    #[test]
    fn a_mutant_may_have_several_lines() {
        let text = "# list\n\n=== a\nfile b.rs\n- x\n-   y\n+ z\n";
        let mutant = &parse("parts", text).unwrap()[0];
        assert!(mutant.is_meant("parts") && mutant.is_meant("a") && !mutant.is_meant("part"));
        assert_eq!((mutant.old.as_str(), mutant.new.as_str()), ("x\n  y", "z"));
    }

    #[test]
    fn all_of_them_are_caught() {
        let is_long = std::env::var_os("RUSH_TEST_LONG").is_some();
        if is_long {
            main(&[]).unwrap();
        }
    }
}
