//! Starts commands, and measures wall time and the largest memory.

#[cfg(unix)]
#[path = "measure/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "measure/windows.rs"]
mod platform;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Looks at how much of the machine we get: a host may give its processors to others meanwhile, and
/// then a time says nothing of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    used: u64,
    stolen: u64,
}

impl Share {
    /// Begins to look; `None` where the system does not count it.
    pub(super) fn begin() -> Option<Self> {
        platform::clock_ticks().map(|(used, stolen)| Self { used, stolen })
    }

    /// The percentage of the time we asked for since `begin` that others got.
    pub(super) fn stolen_percent(self) -> Option<f64> {
        let now = Self::begin()?;
        let stolen = now.stolen.saturating_sub(self.stolen) as f64;
        let asked = now.used.saturating_sub(self.used) as f64 + stolen;
        (asked > 0.0).then(|| stolen / asked * 100.0)
    }
}

/// One run of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) wall: Duration,
    /// The largest resident memory; `None` where the system does not tell it per process.
    pub(super) memory_bytes: Option<u64>,
}

/// The median of several runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Median {
    pub(super) milliseconds: f64,
    pub(super) megabytes: Option<f64>,
}

/// A command line that can be run again and again.
#[derive(Clone, Debug)]
pub(super) struct Job<'a> {
    pub(super) program: &'a Path,
    pub(super) words: &'a [&'a str],
    pub(super) dir: &'a Path,
    /// What happens before each run, unmeasured.
    pub(super) before: Before,
}

/// What happens before a command is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// What Rush remembers about the directory is forgotten.
    Forgetting,
}

/// Runs jobs in turns, each once to warm up, and returns their medians in the same order.
pub(super) fn medians<const N: usize>(jobs: &[Job<'_>; N], runs: usize) -> Result<[Median; N]> {
    let mut samples = [(); N].map(|()| Vec::with_capacity(runs));
    for job in jobs {
        sample(job)?;
    }
    for _ in 0..runs.max(1) {
        for (job, taken) in jobs.iter().zip(&mut samples) {
            taken.push(sample(job)?);
        }
    }
    Ok(samples.map(|it| median(&it)))
}

fn sample(job: &Job<'_>) -> Result<Sample> {
    let mut command = Command::new(job.program);
    command.args(job.words).current_dir(job.dir).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::piped()).env_remove("RUSH_LOG");
    let state = job.dir.join(".rush-state");
    if job.before == Before::Forgetting && state.exists() {
        std::fs::remove_dir_all(state)?;
    }
    let start = Instant::now();
    let (status, memory_bytes, words) = platform::wait(command)?;
    let wall = start.elapsed();
    if !status.success() {
        let shown = format!("{} {}", job.program.display(), job.words.join(" "));
        bail!("`{shown}` failed ({status}):\n{words}");
    }
    Ok(Sample { wall, memory_bytes })
}

fn median(samples: &[Sample]) -> Median {
    let mut times: Vec<_> = samples.iter().map(|it| it.wall.as_secs_f64() * 1e3).collect();
    let mut sizes: Vec<_> =
        samples.iter().filter_map(|it| it.memory_bytes).map(|it| it as f64 / 1e6).collect();
    Median { milliseconds: middle(&mut times).unwrap_or(f64::NAN), megabytes: middle(&mut sizes) }
}

/// Runs a bench program of a crate, which reads a text and prints a name and a number a line.
pub(super) fn in_process(package: &str, bench: &str, text: &str) -> Result<Vec<(String, f64)>> {
    let words = ["bench", "--quiet", "--package", package, "--bench", bench];
    let mut command = crate::cargo(&words);
    let shown = crate::shown(&command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("could not start `{shown}`"))?;
    let mut input = child.stdin.take().context("the bench has no input")?;
    // It reads everything before it prints anything.
    input.write_all(text.as_bytes())?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("`{shown}` failed ({})", output.status);
    }
    let lines = String::from_utf8(output.stdout)?;
    let figure = |line: &str| {
        let (name, number) = line.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    Ok(lines.lines().filter_map(figure).collect())
}

/// The middle of some numbers; of two middles the larger.
pub(super) fn middle(numbers: &mut [f64]) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::{Before, Job, Share, medians, middle};
    use std::path::Path;

    #[test]
    fn the_middle_of_an_odd_count_is_in_the_middle() {
        assert_eq!(middle(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(middle(&mut []), None);
    }

    #[test]
    fn what_others_got_is_a_part_of_what_was_asked_for() {
        let others = |used, stolen| Share { used, stolen }.stolen_percent();
        if Share::begin().is_none() {
            return;
        }
        assert_eq!(others(u64::MAX, u64::MAX), None, "nobody asked for anything");
        assert!(others(0, 0).is_some_and(|it| (0.0..100.0).contains(&it)));
    }

    #[test]
    fn a_failing_command_is_no_measurement() {
        let here = Path::new(".");
        let job =
            |words| Job { program: Path::new("sh"), words, dir: here, before: Before::Nothing };
        assert!(medians(&[job(&["-c", "echo lost >&2; exit 3"])], 1).is_err());
        let [fine] = medians(&[job(&["-c", ":"])], 3).unwrap();
        assert!(fine.milliseconds > 0.0 && fine.megabytes.is_none_or(|it| it > 0.1));
    }

    #[test]
    fn memory_is_that_of_the_command_alone() {
        drop(std::hint::black_box(vec![1_u8; 300 << 20]));
        let words = &["-c", ":"];
        let job =
            Job { program: Path::new("sh"), words, dir: Path::new("."), before: Before::Nothing };
        let [shell] = medians(&[job], 1).unwrap();
        assert!(shell.megabytes.is_none_or(|it| it < 100.0), "{shell:?}");
    }
}
