//! Running a graph of programs that do nothing: all that is left is the scheduler and the spawns.

use std::path::Path;

use anyhow::Result;

use super::measure::{Before, Job, medians};
use super::{Bar, Figure, Setting};
use crate::generate;
use crate::install::{self, SystemTool};

const TASKS: usize = 1_000;

pub(super) const NINJA: SystemTool = SystemTool {
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
    let words = &["run", "everything", "-j2"];
    let remembered = Job { program: &setting.rush, words, dir, before: Before::Nothing };
    let first = Job { before: Before::Forgetting, ..remembered.clone() };
    let words = &["--quiet", "-j2"];
    let peer = Job { program: Path::new("ninja"), words, dir, before: Before::Nothing };
    let [first, ninja] = medians(&[first, peer.clone()], setting.runs)?;
    let [remembered, ninja_again] = medians(&[remembered, peer], setting.runs)?;
    let first_ratio = first.milliseconds / ninja.milliseconds;
    let ratio = remembered.milliseconds / ninja_again.milliseconds;
    Ok(vec![
        Figure::new("run, first: 1,000 x true", first.milliseconds, "ms", Bar::Free),
        Figure::new("run, remembered: 1,000 x true", remembered.milliseconds, "ms", Bar::Free),
        Figure::new("run: ninja, 1,000 x true", ninja.milliseconds, "ms", Bar::Free),
        Figure::new("run, first: rush / ninja", first_ratio, "x", Bar::Free),
        Figure::new("run, remembered: rush / ninja", ratio, "x", Bar::AtMost(1.0)),
    ])
}
