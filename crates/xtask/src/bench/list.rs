//! Listing 1,000 tasks, which completion in a shell waits for.

use anyhow::Result;

use super::measure::{Before, Job, medians};
use super::{Bar, Figure, Figures, Setting};
use crate::{generate, install};

const TASKS: usize = 1_000;

/// Listing, beside just.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let peer = install::python_tool("just", "rust-just")?;
    let dir = setting.dir.as_path();
    std::fs::write(dir.join("tasks.rush"), generate::one_file(TASKS))?;
    std::fs::write(dir.join("justfile"), generate::justfile(TASKS))?;
    let remembered = Job { program: &setting.rush, words: &["list"], dir, before: Before::Nothing };
    let first = Job { before: Before::Forgetting, ..remembered.clone() };
    let just = Job { program: &peer, words: &["--list"], dir, before: Before::Nothing };
    let [first, just] = medians(&[first, just], setting.runs)?;
    let [remembered] = medians(&[remembered], setting.runs)?;
    let ratio = |rush: f64| rush / just.milliseconds;
    let (first, remembered) = (first.milliseconds, remembered.milliseconds);
    figures.extend([
        Figure::new("list, first: 1,000 tasks", first, "ms", Bar::Free),
        Figure::new("list, remembered: 1,000 tasks", remembered, "ms", Bar::AtMost(15.0)),
        Figure::new("list: just, 1,000 recipes", just.milliseconds, "ms", Bar::Free),
        Figure::new("list, first: rush / just", ratio(first), "x", Bar::Free),
        Figure::new("list, remembered: rush / just", ratio(remembered), "x", Bar::AtMost(0.2)),
    ]);
    Ok(())
}
