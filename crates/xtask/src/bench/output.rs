//! One task that writes 100 MB while three secrets are declared: reading, masking, storing and passing on.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::measure::{Before, Job, medians};
use super::{Bar, Figure, Figures, Setting};

const MEGABYTES: usize = 100;

const TASKS: &str = "\
secret one { from: env(\"BENCH_SECRET_ONE\") }
secret two { from: env(\"BENCH_SECRET_TWO\") }
secret three { from: env(\"BENCH_SECRET_THREE\") }

task write {
  env {
    ONE: one
    TWO: two
    THREE: three
  }
  run: `cat data`
}
";

/// Standard output goes to a file, as that of `cat` beside it.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let dir = setting.dir.as_path();
    std::fs::write(dir.join("tasks.rush"), TASKS).context("the tasks can't be written")?;
    write_lines(&dir.join("data")).context("the data can't be written")?;
    let secrets = "BENCH_SECRET_ONE=correct-horse BENCH_SECRET_TWO=battery/staple+7 \
                   BENCH_SECRET_THREE='hunter2 is no secret'";
    let program = setting.rush.display();
    let ours = format!("{secrets} '{program}' run write > out 2> errors");
    let words = ["-c", ours.as_str()];
    let sh = Path::new("sh");
    let rush = Job { program: sh, words: &words, dir, before: Before::Nothing };
    let cat = Job { words: &["-c", "cat data > out"], ..rush.clone() };
    let [rush, cat] = medians(&[rush, cat], setting.runs)?;
    let speed = MEGABYTES as f64 / (rush.milliseconds / 1000.0);
    let slowness = rush.milliseconds / cat.milliseconds;
    let memory = rush.megabytes.unwrap_or_default();
    figures.extend([
        Figure::new(
            "output: 100 MB of one task",
            rush.milliseconds,
            "ms",
            Bar::AtMost(1000.0 / 3.0),
        ),
        Figure::new("output: through Rush", speed, "MB/s", Bar::Free),
        Figure::new("output: rush / cat", slowness, "x", Bar::Free),
        Figure::new("output: largest memory", memory, "MB", Bar::AtMost(64.0)),
    ]);
    Ok(())
}

/// Writes lines as compilers write them. Never all of them are in memory: a process that is started
/// counts what its parent had as its own.
fn write_lines(path: &Path) -> std::io::Result<()> {
    let line = b"   Compiling something v1.2.3 (/home/someone/projects/something/crates/part)\n";
    let mut file = BufWriter::new(File::create(path)?);
    for _ in 0..MEGABYTES * 1_000_000 / line.len() {
        file.write_all(line)?;
    }
    file.flush()
}
