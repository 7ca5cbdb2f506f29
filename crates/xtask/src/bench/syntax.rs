//! Parser and formatter in process, and the formatter as a person meets it: one large file through
//! `rush fmt --check`.

use anyhow::Result;

use super::measure::{Before, Job, in_process, medians};
use super::{Bar, Figure, Figures, Setting};
use crate::generate;

/// About a megabyte of tasks.
const TASKS: usize = 4_000;

/// What is measured in process, and its bar in megabytes a second.
const SPEEDS: [(&str, f64); 3] = [("parse", 20.0), ("tree", 20.0), ("format", 10.0)];

/// Parsing and formatting; for the program its start is taken off.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let large = setting.dir.join("large");
    let small = setting.dir.join("small");
    for (dir, tasks) in [(&large, TASKS), (&small, 1)] {
        std::fs::create_dir_all(dir)?;
        std::fs::write(dir.join("tasks.rush"), generate::one_file(tasks))?;
        // So that the figure is of reading and comparing, not of writing a new file each time.
        crate::run(std::process::Command::new(&setting.rush).arg("fmt").current_dir(dir))?;
    }
    let megabytes = std::fs::metadata(large.join("tasks.rush"))?.len() as f64 / 1e6;
    let words = ["fmt", "--check"];
    let job = |dir| Job { program: &setting.rush, words: &words, dir, before: Before::Nothing };
    let [large, small] = medians(&[job(&large), job(&small)], setting.runs)?;
    let seconds = (large.milliseconds - small.milliseconds) / 1e3;
    let speed = megabytes / seconds;
    figures.push(Figure::new("syntax: rush fmt --check", speed, "MB/s", Bar::AtLeast(10.0)));
    let inside = in_process("rush-syntax", "throughput", &generate::one_file(TASKS))?;
    for (name, speed) in inside {
        let bar =
            SPEEDS.iter().find(|(it, _)| *it == name).map_or(Bar::Free, |it| Bar::AtLeast(it.1));
        figures.push(Figure::new(format!("syntax: {name}"), speed, "MB/s", bar));
    }
    Ok(())
}
