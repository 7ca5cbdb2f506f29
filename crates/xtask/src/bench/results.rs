//! Remembered results: a build that records, runs in which nothing changed, and files that are put back.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::measure::{self, Before, Job, middle};
use super::run::NINJA;
use super::{Bar, Figure, Figures, Setting};
use crate::install;

const TASKS: usize = 10_000;
const FILES: usize = 1_000;
const FILE_BYTES: usize = 1 << 20;

/// A run of 10,000 tasks in which nothing changed, beside ninja; the first one after a build apart.
pub(super) fn noop(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let place = Place::new(setting, TASKS)?;
    place.rush(&["run", "everything", "-j2", "--log", "quiet"])?;
    let first = place.rush(&["run", "everything", "-j2", "--log", "quiet"])?;
    place.ninja()?;
    let (mut rush, mut ninja) = (Vec::new(), Vec::new());
    for _ in 0..setting.runs.max(1) {
        rush.push(place.rush(&["run", "everything", "-j2", "--log", "quiet"])?);
        ninja.push(place.ninja()?);
    }
    let (rush, ninja) = medians(rush, ninja)?;
    figures.extend([
        Figure::new("noop: rush, 10,000 tasks", rush, "ms", Bar::Free),
        Figure::new("noop: ninja, 10,000 tasks", ninja, "ms", Bar::Free),
        Figure::new("noop: rush / ninja", rush / ninja, "x", Bar::AtMost(1.5)),
        Figure::new("noop: first after a build / ninja", first / ninja, "x", Bar::AtMost(4.0)),
    ]);
    Ok(())
}

/// The largest memory of runs of 10,000 tasks in which nothing changed: the first after a build,
/// which makes the tables that later ones read, and a later one.
pub(super) fn noop_memory(setting: &Setting) -> Result<[Option<f64>; 2]> {
    let place = Place::new(setting, TASKS)?;
    let cache = format!("XDG_CACHE_HOME={}", place.cache.display());
    let rush = place.rush.display().to_string();
    let words = &[cache.as_str(), &rush, "run", "everything", "-j2", "--log", "quiet"];
    let env = Path::new("env");
    let job = Job { program: env, words, dir: &place.dir, before: Before::Nothing };
    let jobs = [job];
    // The build is what warms up.
    let [first] = measure::medians(&jobs, 1)?;
    let [later] = measure::medians(&jobs, 1)?;
    Ok([first.megabytes, later.megabytes])
}

/// 10,000 files copied by 10,000 tasks whose results are recorded, beside ninja.
pub(super) fn cold(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let place = Place::new(setting, TASKS)?;
    let (mut rush, mut ninja) = (Vec::new(), Vec::new());
    for _ in 0..setting.runs.clamp(1, 3) {
        place.forget()?;
        rush.push(place.rush(&["run", "everything", "-j2", "--log", "quiet"])?);
        place.forget()?;
        ninja.push(place.ninja()?);
    }
    let (rush, ninja) = medians(rush, ninja)?;
    figures.extend([
        Figure::new("cold: rush, 10,000 x cp", rush, "ms", Bar::Free),
        Figure::new("cold: ninja, 10,000 x cp", ninja, "ms", Bar::Free),
        Figure::new("cold: rush / ninja", rush / ninja, "x", Bar::AtMost(1.3)),
    ]);
    Ok(())
}

/// 1,000 files of 1 MB put back, beside `cp -r`.
pub(super) fn restore(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let place = Place::new(setting, 0)?;
    let source = place.dir.join("src");
    fs::create_dir_all(&source)?;
    let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = vec![0_u8; FILE_BYTES];
    for file in 0..FILES {
        for chunk in bytes.chunks_exact_mut(8) {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            chunk.copy_from_slice(&noise.to_le_bytes());
        }
        fs::write(source.join(file.to_string()), &bytes)?;
    }
    let text = "task all {\n  inputs: []\n  outputs: [\"out\"]\n  run: `cp -r src out`\n}\n";
    fs::write(place.dir.join("tasks.rush"), text)?;
    place.rush(&["run", "all"])?;
    let (mut rush, mut copy) = (Vec::new(), Vec::new());
    for _ in 0..setting.runs.clamp(1, 5) {
        remove(&place.dir.join("out"))?;
        rush.push(place.rush(&["run", "all"])?);
        remove(&place.dir.join("copy"))?;
        copy.push(place.time(Path::new("cp"), &["-r", "src", "copy"])?);
    }
    let (rush, copy) = medians(rush, copy)?;
    figures.extend([
        Figure::new("restore: rush, 1,000 x 1 MB", rush, "ms", Bar::Free),
        Figure::new("restore: cp -r", copy, "ms", Bar::Free),
        Figure::new("restore: time of rush / cp -r", rush / copy, "x", Bar::AtMost(1.0 / 0.7)),
    ]);
    Ok(())
}

fn medians(mut rush: Vec<f64>, mut peer: Vec<f64>) -> Result<(f64, f64)> {
    let rush = middle(&mut rush).context("nothing was measured")?;
    Ok((rush, middle(&mut peer).context("nothing was measured")?))
}

/// A workspace of its own, with a cache of its own.
struct Place {
    rush: PathBuf,
    dir: PathBuf,
    cache: PathBuf,
}

impl Place {
    fn new(setting: &Setting, tasks: usize) -> Result<Self> {
        install::system_tools(&[NINJA])?;
        let (dir, cache) = (setting.dir.join("work"), setting.dir.join("cache"));
        for directory in [&dir, &cache] {
            remove(directory)?;
            fs::create_dir_all(directory)?;
        }
        let place = Self { rush: setting.rush.clone(), dir, cache };
        if tasks > 0 {
            place.write(tasks)?;
        }
        Ok(place)
    }

    fn write(&self, tasks: usize) -> Result<()> {
        let mut rush = String::new();
        let mut ninja = "rule cp\n  command = cp $in $out\n".to_owned();
        fs::create_dir_all(self.dir.join("in"))?;
        for task in 0..tasks {
            fs::write(self.dir.join(format!("in/{task}")), format!("{task}\n"))?;
            writeln!(
                rush,
                "task t{task} {{\n  inputs: [\"in/{task}\"]\n  outputs: [\"out/{task}\"]\n  \
                 run: `cp in/{task} out/{task}`\n}}\n"
            )?;
            writeln!(ninja, "build out/{task}: cp in/{task}")?;
        }
        rush.push_str("task everything {\n  needs: [\n");
        for task in 0..tasks {
            writeln!(rush, "    t{task}")?;
        }
        rush.push_str("  ]\n}\n");
        fs::write(self.dir.join("tasks.rush"), rush)?;
        fs::write(self.dir.join("build.ninja"), ninja)?;
        Ok(())
    }

    /// Everything that a build leaves goes, and what was remembered.
    fn forget(&self) -> Result<()> {
        for name in ["out", ".rush-state"] {
            remove(&self.dir.join(name))?;
        }
        for name in [".ninja_log", ".ninja_deps"] {
            let _ = fs::remove_file(self.dir.join(name));
        }
        remove(&self.cache)
    }

    fn rush(&self, words: &[&str]) -> Result<f64> {
        self.time(&self.rush, words)
    }

    fn ninja(&self) -> Result<f64> {
        self.time(Path::new("ninja"), &["--quiet", "-j2"])
    }

    /// The milliseconds that a command takes.
    fn time(&self, program: &Path, words: &[&str]) -> Result<f64> {
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.dir).env("XDG_CACHE_HOME", &self.cache);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let start = Instant::now();
        let output = command.output()?;
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        if !output.status.success() {
            let shown = format!("{} {}", program.display(), words.join(" "));
            bail!("`{shown}` failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(milliseconds)
    }
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    Ok(())
}
