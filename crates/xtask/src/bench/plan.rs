//! Loading a large plan: read, parse, validate, verify.

use anyhow::Result;

use super::measure::{Before, Job, medians};
use super::{Bar, Figure, Figures, Setting};
use crate::generate::{self, Shape};

const NODES: usize = 10_000;

/// A plan of as many nodes as there are tasks, loaded again; the program's start is taken off.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let dir = setting.dir.as_path();
    generate::write(dir, Shape { tasks: NODES, files: 1 })?;
    let rush = |words| Job { program: &setting.rush, words, dir, before: Before::Nothing };
    // Every task needs the one before it, so the last one's plan has them all.
    let last = format!("t{}", NODES - 1);
    let words = ["plan", &last, "--out", "plan.json"];
    let again = rush(&words);
    let first = Job { before: Before::Forgetting, ..again.clone() };
    let [first] = medians(&[first], setting.runs)?;
    figures.push(Figure::new("plan, first: 10,000 nodes", first.milliseconds, "ms", Bar::Free));
    let [remembered] = medians(&[again], setting.runs)?;
    let remembered = remembered.milliseconds;
    figures.push(Figure::new("plan, remembered: 10,000 nodes", remembered, "ms", Bar::Free));
    let loaded = [rush(&["plan", "verify", "plan.json"]), rush(&["version"])];
    let [loaded, start] = medians(&loaded, setting.runs)?;
    let load = loaded.milliseconds - start.milliseconds;
    figures.push(Figure::new("plan: loaded, 10,000 nodes", load, "ms", Bar::AtMost(40.0)));
    Ok(())
}
