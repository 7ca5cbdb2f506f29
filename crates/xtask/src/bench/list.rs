//! Listing 1,000 tasks, which completion in a shell waits for.

use anyhow::Result;

use super::measure::{Job, medians};
use super::{Bar, Figure, Setting};
use crate::{generate, install};

const TASKS: usize = 1_000;

/// Listing, beside just.
pub(super) fn measure(setting: &Setting) -> Result<Vec<Figure>> {
    let peer = install::python_tool("just", "rust-just")?;
    let dir = setting.dir.as_path();
    std::fs::write(dir.join("tasks.rush"), generate::one_file(TASKS))?;
    std::fs::write(dir.join("justfile"), generate::justfile(TASKS))?;
    let rush = Job { program: &setting.rush, words: &["list"], dir };
    let just = Job { program: &peer, words: &["--list"], dir };
    let [rush, just] = medians(&[rush, just], setting.runs)?;
    let ratio = rush.milliseconds / just.milliseconds;
    Ok(vec![
        Figure::new("list: rush, 1,000 tasks", rush.milliseconds, "ms", Bar::AtMost(15.0)),
        Figure::new("list: just, 1,000 recipes", just.milliseconds, "ms", Bar::Free),
        Figure::new("list: rush / just", ratio, "x", Bar::AtMost(0.2)),
    ])
}
