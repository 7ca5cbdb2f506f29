//! `rush explain`: the page of a code, a kind or a field.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{markdown, stdout};

/// Explain a finding, a kind, or a field of a kind
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  rush explain RUSH0204            why a finding is one, with a good example
  rush explain task                the fields of a kind
  rush explain task.retry          what one field is for
  rush explain duration            a type, or a word of the language
  rush explain RUSH0204 -o json    the page as Markdown, for programs")]
pub(crate) struct ExplainArgs {
    /// A code, a kind, `kind.field`, a type, or a word of the language
    #[arg(value_name = "CODE|KIND|KIND.FIELD|WORD")]
    word: String,
    /// How the page is written
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: PageFormat,
}

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PageFormat {
    /// For people
    Text,
    /// One JSON document, which holds the page as Markdown
    Json,
}

pub(crate) fn run(ctx: &Context, args: &ExplainArgs) -> Result<Exit, Failure> {
    let page = rush_engine::explain(&args.word)
        .map_err(|error| Failure::usage(error.to_string()).help(error.help()))?;
    match args.format {
        PageFormat::Text => stdout(&markdown::render(&page, ctx.style(Stream::Stdout)))?,
        PageFormat::Json => {
            let title = page.lines().next().unwrap_or_default().trim_start_matches('#').trim();
            let page = json!({
                "version": 1,
                "topic": args.word,
                "title": title,
                "markdown": page,
            });
            stdout(&format!("{page:#}\n"))?;
        }
    }
    Ok(Exit::DONE)
}
