//! What it costs to build Rush: from nothing, and after an edit in the middle.

use std::time::{Instant, SystemTime};

use anyhow::{Context as _, Result};

use super::{Bar, Figure, Figures, Setting};
use crate::{cargo, root, run};

/// Builds the workspace for debugging in a folder of its own.
pub(super) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let build = || -> Result<f64> {
        let start = Instant::now();
        let mut command = cargo(&["build", "--quiet", "--locked", "--workspace"]);
        run(command.env("CARGO_TARGET_DIR", setting.dir.join("target")))?;
        Ok(start.elapsed().as_secs_f64())
    };
    let cold = build()?;
    figures.push(Figure::new("build: cold, whole workspace", cold, "s", Bar::AtMost(240.0)));
    let edited = root().join("crates/rush-semantics/src/lib.rs");
    let file = std::fs::File::options().append(true).open(&edited);
    // Cargo goes by the time of a file; nothing is written to it.
    file.with_context(|| format!("could not open `{}`", edited.display()))?
        .set_modified(SystemTime::now())?;
    let warm = build()?;
    figures.push(Figure::new("build: after an edit in semantics", warm, "s", Bar::AtMost(15.0)));
    Ok(())
}
