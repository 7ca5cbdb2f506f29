//! Running a graph of programs that do nothing: all that is left is the scheduler and the spawns.

use std::path::Path;

use anyhow::Result;

use super::measure::{Job, medians};
use super::{Bar, Figure, Setting};
use crate::generate;
use crate::install::{self, SystemTool};

const TASKS: usize = 1_000;

const NINJA: SystemTool = SystemTool {
    program: "ninja",
    probe: &["--version"],
    package: "ninja-build",
    purpose: "to measure beside it",
};

/// The same graph with two jobs, beside ninja, which starts a shell for each.
pub(super) fn measure(setting: &Setting) -> Result<Vec<Figure>> {
    install::system_tools(&[NINJA])?;
    let dir = setting.dir.as_path();
    std::fs::write(dir.join("tasks.rush"), generate::idle_tasks(TASKS))?;
    std::fs::write(dir.join("build.ninja"), generate::idle_ninja(TASKS))?;
    let rush = Job { program: &setting.rush, words: &["run", "everything", "-j2"], dir };
    let ninja = Job { program: Path::new("ninja"), words: &["--quiet", "-j2"], dir };
    let [rush, ninja] = medians(&[rush, ninja], setting.runs)?;
    let ratio = rush.milliseconds / ninja.milliseconds;
    Ok(vec![
        Figure::new("run: rush, 1,000 x true", rush.milliseconds, "ms", Bar::Free),
        Figure::new("run: ninja, 1,000 x true", ninja.milliseconds, "ms", Bar::Free),
        Figure::new("run: rush / ninja", ratio, "x", Bar::AtMost(1.0)),
    ])
}
