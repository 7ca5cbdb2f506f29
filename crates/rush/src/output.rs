//! Text leaves the program: data on standard output, words for people on standard error.

pub(crate) mod amount;
pub(crate) mod events;
pub(crate) mod file;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod names;
pub(crate) mod outlook;
pub(crate) mod paint;
pub(crate) mod plan;
pub(crate) mod profile;
pub(crate) mod report;
pub(crate) mod repository;
pub(crate) mod table;

use std::io::{ErrorKind, Write as _};

use miette::{MietteHandlerOpts, Report};

use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes data. When the reader went away, the verb ends in silence.
pub(crate) fn stdout(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// What became of something that was written to standard output.
pub(crate) fn written(outcome: std::io::Result<()>) -> Result<(), Failure> {
    outcome.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::BrokenPipe,
        _ => Failure::refused(format!("could not write to standard output: {error}")),
    })
}

/// Writes words for people. If nobody can read them, there is nobody to tell.
pub(crate) fn stderr(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Tells why a verb ended early, and returns how the program ends.
pub(crate) fn fail(ctx: &Context, failure: Failure) -> Exit {
    let told = match failure {
        Failure::BrokenPipe => return Exit::DONE,
        Failure::Told(told) => told,
        Failure::Found(found) => {
            report::tell(ctx, &found);
            return Exit::USAGE;
        }
    };
    let exit = told.exit.0;
    let style = ctx.style(Stream::Stderr);
    let is_colored = style.color == rush_diagnostics::Color::Always;
    let is_unicode = style.lines == rush_diagnostics::Lines::Unicode;
    // Set once a process: the first failure is the last.
    let _ = miette::set_hook(Box::new(move |_| {
        let options = MietteHandlerOpts::new().color(is_colored).unicode(is_unicode);
        Box::new(options.wrap_lines(false).terminal_links(false).build())
    }));
    stderr(&format!("{:?}\n", Report::new(*told)));
    exit
}
