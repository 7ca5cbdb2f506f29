//! The program alone: what a person pays before anything happens.

use anyhow::Result;

use super::measure::{Before, Job, medians};
use super::{Bar, Figure, Figures, Setting};
use crate::{generate, install};

/// Starting, beside just.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let peer = install::python_tool("just", "rust-just")?;
    let dir = setting.dir.as_path();
    std::fs::write(dir.join("tasks.rush"), generate::one_file(10))?;
    std::fs::write(dir.join("justfile"), generate::justfile(10))?;
    let rush = |words| Job { program: &setting.rush, words, dir, before: Before::Nothing };
    let just = |words| Job { program: &peer, words, dir, before: Before::Nothing };
    let first = Job { before: Before::Forgetting, ..rush(&["list"]) };
    let jobs = [rush(&["--version"]), just(&["--version"]), first, just(&["--list"])];
    let [version, just_version, list, just_list] = medians(&jobs, setting.runs * 3)?;
    let version_ratio = version.milliseconds / just_version.milliseconds;
    let list_ratio = list.milliseconds / just_list.milliseconds;
    figures.extend([
        Figure::new("start: rush --version", version.milliseconds, "ms", Bar::Free),
        Figure::new("start: just --version", just_version.milliseconds, "ms", Bar::Free),
        Figure::new("start: rush / just, --version", version_ratio, "x", Bar::AtMost(1.5)),
        Figure::new("start: rush list, 10 tasks, first", list.milliseconds, "ms", Bar::Free),
        Figure::new("start: just --list, 10 recipes", just_list.milliseconds, "ms", Bar::Free),
        Figure::new("start: rush / just, list of 10", list_ratio, "x", Bar::AtMost(1.5)),
    ]);
    Ok(())
}
