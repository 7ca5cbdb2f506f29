//! Findings in the form that was asked for.

use clap::ValueEnum;
use rush_diagnostics::{Sources, render_github, render_human, render_json, render_sarif, summary};
use rush_engine::Report;

use super::{paint::Paint, repository, stderr, stdout};
use crate::context::{Context, Stream};
use crate::failure::Failure;

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Code frames, on standard error
    #[default]
    Human,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
    /// Annotations for GitHub Actions
    Github,
}

/// Writes findings: for people with a closing line on standard error, else as data.
pub(crate) fn write(ctx: &Context, report: &Report, format: ReportFormat) -> Result<(), Failure> {
    let (diagnostics, sources) = (report.diagnostics.as_slice(), &report.sources);
    match format {
        ReportFormat::Human => {
            tell(ctx, report);
            Ok(())
        }
        ReportFormat::Json => stdout(&render_json(diagnostics, sources)),
        ReportFormat::Sarif => {
            let sources = from_root(ctx, sources)?;
            stdout(&render_sarif(diagnostics, &sources, env!("CARGO_PKG_VERSION")))
        }
        ReportFormat::Github => stdout(&render_github(diagnostics, &from_root(ctx, sources)?)),
    }
}

/// The sources by their paths in the repository: whoever reads the findings is not where we are.
fn from_root(ctx: &Context, sources: &Sources) -> Result<Sources, Failure> {
    let base = ctx.system.current_dir()?;
    Ok(sources.renamed(|path| repository::from_root(&*ctx.system, &base, path)))
}

/// Shows findings to people, with a closing line.
pub(crate) fn tell(ctx: &Context, report: &Report) {
    let style = ctx.style(Stream::Stderr);
    let mut text = render_human(&report.diagnostics, &report.sources, style);
    if let Some(line) = summary(&report.diagnostics) {
        text.push('\n');
        text.push_str(&Paint::Heading.on(&line, style));
        text.push('\n');
    }
    stderr(&text);
}
