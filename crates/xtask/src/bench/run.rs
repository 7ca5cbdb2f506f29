//! Running a graph of programs that do nothing: all that is left is the scheduler and the spawns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::measure::{Before, Job, Median, medians, middle};
use super::{Bar, Figure, Figures, Setting};
use crate::generate;
use crate::install::{self, SystemTool};

const FEW: usize = 1_000;
const MANY: usize = 10_000;

/// How many run at a time; the command lines say the same.
const JOBS: usize = 2;

/// Ten times as many tasks take ten times as long; more often than this nobody wants to wait for it.
const RUNS_OF_MANY_MAX: usize = 3;

pub(super) const NINJA: SystemTool = SystemTool {
    program: "ninja",
    probe: &["--version"],
    package: "ninja-build",
    purpose: "to measure beside it",
};

/// The medians of one graph.
struct Medians {
    first: Median,
    remembered: Median,
    ninja: Median,
    /// The milliseconds of a loop that only starts the programs and waits for them.
    floor: f64,
}

/// Two graphs of layers with two jobs, beside ninja, which starts a shell for each task, and beside a bare loop,
/// which tells what this machine leaves room for.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    install::system_tools(&[NINJA])?;
    let few = graph(setting, FEW, setting.runs)?;
    figures.extend(self::figures("1,000", &few));
    let many = graph(setting, MANY, setting.runs.min(RUNS_OF_MANY_MAX))?;
    figures.extend(self::figures("10,000", &many));
    let growth =
        many.remembered.milliseconds / few.remembered.milliseconds * (FEW as f64 / MANY as f64);
    figures.push(Figure::new("run: a task of 10,000 / of 1,000", growth, "x", Bar::AtMost(1.2)));
    Ok(())
}

fn graph(setting: &Setting, tasks: usize, runs: usize) -> Result<Medians> {
    let dir = setting.dir.join(tasks.to_string());
    write(&dir, tasks)?;
    let words = &["run", "everything", "-j2"];
    let remembered = Job { program: &setting.rush, words, dir: &dir, before: Before::Nothing };
    let first = Job { before: Before::Forgetting, ..remembered.clone() };
    let words = &["--quiet", "-j2"];
    let ninja = Job { program: Path::new("ninja"), words, dir: &dir, before: Before::Nothing };
    let [first] = medians(&[first], runs)?;
    let [remembered, ninja] = medians(&[remembered, ninja], runs)?;
    let floor = floor(tasks, runs)?;
    Ok(Medians { first, remembered, ninja, floor })
}

/// What nobody can be faster than: as many programs, as many at a time, and nothing else.
fn floor(tasks: usize, runs: usize) -> Result<f64> {
    let program = idle_program()?;
    let runs = (0..runs.max(1)).map(|_| bare_loop(&program, tasks));
    let mut times = runs.collect::<Result<Vec<_>>>()?;
    middle(&mut times).context("nothing was measured")
}

/// The file of the program that does nothing, so that it is not searched for each time.
fn idle_program() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").context("there is no `PATH`")?;
    let mut files = std::env::split_paths(&path).map(|it| it.join("true"));
    files.find(|it| it.is_file()).context("`true` is in no directory of `PATH`")
}

fn bare_loop(program: &Path, tasks: usize) -> Result<f64> {
    let share = || -> std::io::Result<()> {
        for _ in 0..tasks / JOBS {
            let mut command = Command::new(program);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        }
        Ok(())
    };
    let start = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..JOBS).map(|_| scope.spawn(share)).collect();
        threads.into_iter().try_for_each(|it| {
            it.join().ok().context("a loop that starts programs failed")?.map_err(Into::into)
        })
    })
    .map(|()| start.elapsed().as_secs_f64() * 1e3)
}

fn write(dir: &Path, tasks: usize) -> Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join("tasks.rush"), generate::idle_tasks(tasks))?;
    fs::write(dir.join("build.ninja"), generate::idle_ninja(tasks))?;
    Ok(())
}

fn figures(count: &str, medians: &Medians) -> Vec<Figure> {
    let Medians { first, remembered, ninja, floor } = medians;
    let ratio = |it: &Median| it.milliseconds / ninja.milliseconds;
    let time = |name: &str, it: &Median| {
        Figure::new(format!("run{name}: {count} x true"), it.milliseconds, "ms", Bar::Free)
    };
    vec![
        time(", first", first),
        time(", remembered", remembered),
        Figure::new(format!("run: ninja, {count} x true"), ninja.milliseconds, "ms", Bar::Free),
        Figure::new(format!("run, first, {count}: rush / ninja"), ratio(first), "x", Bar::Free),
        Figure::new(
            format!("run, remembered, {count}: rush / ninja"),
            ratio(remembered),
            "x",
            Bar::AtMost(0.75),
        ),
        Figure::new(
            format!("run, bare loop of {count} x true / ninja"),
            floor / ninja.milliseconds,
            "x",
            Bar::Free,
        ),
    ]
}

/// The largest memory of 10,000 tasks: planned, run from memory, and with nothing to do.
pub(super) fn memory(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let dir = setting.dir.join("idle");
    write(&dir, MANY)?;
    let words = &["run", "everything", "-j2"];
    let run = Job { program: &setting.rush, words, dir: &dir, before: Before::Nothing };
    let planned = Job { words: &["plan", "everything", "--out", "plan.json"], ..run.clone() };
    let planned = Job { before: Before::Forgetting, ..planned };
    let mut tell = |name: &str, megabytes: Option<f64>| {
        let name = format!("memory: 10,000 tasks, {name}");
        let megabytes = megabytes.unwrap_or_default();
        figures.push(Figure::new(name, megabytes, "MB", Bar::AtMost(60.0)));
    };
    let [planned] = medians(&[planned], 1)?;
    tell("planned first", planned.megabytes);
    let [run] = medians(&[run], 1)?;
    tell("run", run.megabytes);
    let [first_noop, noop] = super::results::noop_memory(setting)?;
    tell("first no-op after a build", first_noop);
    tell("no-op", noop);
    Ok(())
}
