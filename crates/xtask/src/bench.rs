//! `cargo xtask bench`: figures of the release build against their bars, peers in the same run.
//!
//! A group is one file that adds figures; adding one is a file and a line in `GROUPS`. A group that
//! breaks is named in the end, and the others go on. All
//! times are medians. A ratio compares two medians of one run, measured in turns, so that a busy
//! machine is busy for both.

mod build;
mod check;
mod editing;
mod editor;
mod list;
mod lsp;
mod measure;
mod output;
mod plan;
mod report;
mod results;
mod run;
mod start;
mod syntax;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

pub use report::{Bar, Figure, Figures};

/// What a group gets to work with.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The program under test, built for release.
    pub rush: PathBuf,
    /// An empty directory of the group's own.
    pub dir: PathBuf,
    /// How often each command is run.
    pub runs: usize,
}

/// A named group of figures.
struct Group {
    when: When,
    name: &'static str,
    about: &'static str,
    measure: fn(&Setting, &mut Figures) -> Result<()>,
}

/// When a group is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Whenever no group is named.
    Always,
    /// Only when named: it takes minutes.
    Named,
}

const GROUPS: &[Group] = &[
    always("start", "the program alone, and ten tasks", start::measure),
    always("list", "1,000 tasks, beside just", list::measure),
    always("check", "10,000 tasks in both shapes", check::measure),
    always("syntax", "the formatter through the program", syntax::measure),
    always("editing", "edits among 10,000 tasks, through the language server", editing::measure),
    always("lsp", "the language server over a pipe, beside one for YAML", lsp::measure),
    always("plan", "a plan of 10,000 nodes", plan::measure),
    always("output", "100 MB of one task, three secrets", output::measure),
    always("run", "1,000 and 10,000 idle tasks, beside ninja", run::measure),
    always("memory", "the largest memory of 10,000 tasks", run::memory),
    always("noop", "10,000 tasks of which none has to run, beside ninja", results::noop),
    always("cold", "10,000 tasks whose results are recorded, beside ninja", results::cold),
    always("restore", "1,000 files of 1 MB put back, beside cp", results::restore),
    Group {
        when: When::Named,
        ..always(
            "soak",
            "100,000 edits and questions, through the language server",
            lsp::soak::measure,
        )
    },
    Group { when: When::Named, ..always("build", "building Rush itself", build::measure) },
];

const fn always(
    name: &'static str,
    about: &'static str,
    measure: fn(&Setting, &mut Figures) -> Result<()>,
) -> Group {
    Group { when: When::Always, name, about, measure }
}

/// The groups there are, for help.
pub(crate) fn shown_groups() -> String {
    let mut text = String::from("\nGroups:\n");
    for group in GROUPS {
        let named = if group.when == When::Named { "; only when named" } else { "" };
        let _ = writeln!(text, "  {:<8} {}{named}", group.name, group.about);
    }
    text
}

struct Options<'a> {
    runs: usize,
    json: Option<&'a str>,
    is_strict: bool,
    groups: Vec<&'static Group>,
}

/// Runs the groups that the words name, or all.
pub fn main(words: &[&str]) -> Result<()> {
    let options = options(words)?;
    crate::run(&mut crate::cargo(&["build", "--quiet", "--release", "--package", "rush"]))?;
    let rush = crate::test::target_dir()
        .join("release")
        .join(format!("rush{}", std::env::consts::EXE_SUFFIX));
    let base = std::env::temp_dir().join(format!("rush-bench-{}", std::process::id()));
    let mut figures = Figures::default();
    let setting = Setting { rush, dir: base.clone(), runs: options.runs };
    let broken = measure(&options.groups, &setting, &mut figures);
    warn_of_disturbance(&options.groups, &figures);
    let cleaned = std::fs::remove_dir_all(&base);
    if let Some(path) = options.json {
        let text = format!("{:#}\n", report::json(&figures, &broken));
        std::fs::write(Path::new(path), text)
            .with_context(|| format!("could not write `{path}`"))?;
    }
    if !broken.is_empty() {
        bail!("not all was measured; what broke: {}", broken.join(", "));
    }
    cleaned.with_context(|| format!("could not remove `{}`", base.display()))?;
    let over = figures.count_over();
    if options.is_strict && over > 0 {
        bail!("{over} figures are over their bars");
    }
    Ok(())
}

/// Measures each group in a directory of its own below that of `setting`; returns the names of those
/// that broke.
fn measure<'a>(groups: &[&'a Group], setting: &Setting, figures: &mut Figures) -> Vec<&'a str> {
    let mut broken = Vec::new();
    for group in groups {
        eprintln!("{}: {}", group.name, group.about);
        let setting = Setting { dir: setting.dir.join(group.name), ..setting.clone() };
        let share = measure::Share::begin();
        let measured = std::fs::create_dir_all(&setting.dir)
            .with_context(|| format!("could not create `{}`", setting.dir.display()))
            .and_then(|()| (group.measure)(&setting, figures));
        if let Err(error) = measured {
            eprintln!("the group `{}` broke: {error:#}", group.name);
            broken.push(group.name);
        }
        if let Some(percent) = share.and_then(measure::Share::stolen_percent) {
            figures.push(Figure::new(disturbance(group), percent, "%", Bar::Free));
        }
    }
    broken
}

/// Above this share of stolen time a bar that is missed tells more of the host than of Rush.
const DISTURBED_PERCENT: f64 = 5.0;

/// The name of the figure that tells what the host gave to others while a group was measured.
fn disturbance(group: &Group) -> String {
    format!("{}: processor time that others got", group.name)
}

/// Says which groups to measure again because the host had others to serve.
fn warn_of_disturbance(groups: &[&Group], figures: &Figures) {
    let part = |group| figures.value(&disturbance(group)).unwrap_or_default();
    let disturbed = groups.iter().filter(|it| part(it) > DISTURBED_PERCENT);
    let names: Vec<_> = disturbed.map(|it| it.name).collect();
    if !names.is_empty() {
        eprintln!(
            "the host gave more than {DISTURBED_PERCENT} % of the processors' time to others while these \
             were measured, so only their ratios count: {}",
            names.join(" ")
        );
    }
}

fn options<'a>(words: &[&'a str]) -> Result<Options<'a>> {
    let mut options = Options { runs: 11, json: None, is_strict: false, groups: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--runs" => {
                let number = words.next().context("`--runs` needs a number")?;
                options.runs = number.parse().context("`--runs` needs a number")?;
            }
            "--json" => options.json = Some(words.next().context("`--json` needs a file")?),
            "--strict" => options.is_strict = true,
            flag if flag.starts_with('-') => {
                bail!("`{flag}` is no flag of `cargo xtask bench`; `--help` tells what there is")
            }
            name => options.groups.push(group(name)?),
        }
    }
    if options.groups.is_empty() {
        options.groups.extend(GROUPS.iter().filter(|it| it.when == When::Always));
    }
    Ok(options)
}

fn group(name: &str) -> Result<&'static Group> {
    GROUPS.iter().find(|it| it.name == name).with_context(|| {
        let known: Vec<_> = GROUPS.iter().map(|it| it.name).collect();
        format!("no group `{name}`; there are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_breaks_takes_no_other_with_it() {
        let first = always("first", "breaks half-way", |_, figures| {
            figures.push(Figure::new("half", 1.0, "x", Bar::Free));
            bail!("the peer is not there")
        });
        let second = always("second", "goes on", |setting, figures| {
            anyhow::ensure!(setting.dir.is_dir(), "a directory of its own");
            figures.push(Figure::new("whole", 2.0, "x", Bar::Free));
            Ok(())
        });
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting { rush: PathBuf::new(), dir: dir.path().to_owned(), runs: 1 };
        let mut figures = Figures::default();
        assert_eq!(measure(&[&first, &second], &setting, &mut figures), ["first"]);
        assert_eq!(["half", "whole"].map(|it| figures.value(it)), [Some(1.0), Some(2.0)]);
    }
}
