//! Checking a large workspace, from the start of the process to its end.

use anyhow::Result;

use super::measure::{Before, Job, Median, medians};
use super::{Bar, Figure, Figures, Setting};
use crate::generate::{self, Shape};

/// 10,000 tasks in both shapes, and how the time grows with the number of tasks.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    for (name, files) in [("one file", 1), ("1,000 files", 1_000)] {
        let found = checked(setting, Shape { tasks: 10_000, files })?;
        let label = format!("check: 10,000 tasks, {name}");
        figures.push(Figure::new(label.clone(), found.milliseconds, "ms", Bar::AtMost(150.0)));
        if let Some(memory) = found.megabytes {
            figures.push(Figure::new(label + ", memory", memory, "MB", Bar::AtMost(150.0)));
        }
    }
    let few = checked(setting, Shape { tasks: 1_000, files: 1 })?.milliseconds / 1_000.0;
    let many = checked(setting, Shape { tasks: 100_000, files: 1 })?.milliseconds / 100_000.0;
    figures.push(Figure::new("check: us per task at 1,000", few * 1e3, "us", Bar::Free));
    figures.push(Figure::new("check: us per task at 100,000", many * 1e3, "us", Bar::Free));
    figures.push(Figure::new("check: growth per task", many / few, "x", Bar::AtMost(1.3)));
    Ok(())
}

fn checked(setting: &Setting, shape: Shape) -> Result<Median> {
    let dir = setting.dir.join(format!("{}-{}", shape.tasks, shape.files));
    generate::write(&dir, shape)?;
    let job = Job { program: &setting.rush, words: &["check"], dir: &dir, before: Before::Nothing };
    let [found] = medians(&[job], setting.runs)?;
    Ok(found)
}
