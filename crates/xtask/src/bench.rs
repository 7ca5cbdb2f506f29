//! `cargo xtask bench`: figures of the release build against their bars, peers in the same run.
//!
//! A group is one file that returns figures; adding one is a file and a line in `GROUPS`. All
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

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

pub use report::{Bar, Figure};

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
    measure: fn(&Setting) -> Result<Vec<Figure>>,
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
    measure: fn(&Setting) -> Result<Vec<Figure>>,
) -> Group {
    Group { when: When::Always, name, about, measure }
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
    let mut figures = Vec::new();
    for group in &options.groups {
        eprintln!("{}: {}", group.name, group.about);
        let dir = base.join(group.name);
        std::fs::create_dir_all(&dir)
            .with_context(|| format!("could not create `{}`", dir.display()))?;
        let setting = Setting { rush: rush.clone(), dir, runs: options.runs };
        let measured =
            (group.measure)(&setting).with_context(|| format!("the group `{}` broke", group.name));
        figures.extend(measured?);
    }
    std::fs::remove_dir_all(&base)?;
    print!("{}", report::table(&figures));
    if let Some(path) = options.json {
        let text = format!("{:#}\n", report::json(&figures));
        std::fs::write(Path::new(path), text)
            .with_context(|| format!("could not write `{path}`"))?;
    }
    let over = figures.iter().filter(|it| it.is_over()).count();
    if options.is_strict && over > 0 {
        bail!("{over} figures are over their bars");
    }
    Ok(())
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
