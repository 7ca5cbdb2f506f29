//! What Rush says about its own work: lines on standard error, and a trace for a browser.
//!
//! Costs nothing unless asked for: without `-v`, `RUSH_LOG` and `--trace` no subscriber is installed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context as LayerContext, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::file::Destination;

/// Holds the trace until it is written.
pub(crate) struct Tracing(Option<(Chrome, Destination)>);

/// Installs what was asked for.
pub(crate) fn install(ctx: &Context) -> Result<Tracing, Failure> {
    let globals = &ctx.globals;
    let filter = ctx.system.env_var("RUSH_LOG")?.filter(|it| !it.is_empty());
    if filter.is_none() && globals.verbose == 0 && globals.trace.is_none() {
        return Ok(Tracing(None));
    }
    let level = match globals.verbose {
        0 => "off",
        1 => "rush=debug,rush_engine=debug,rush_project=debug,rush_exec=debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_new(filter.as_deref().unwrap_or(level))
        .map_err(|error| Failure::usage(format!("`RUSH_LOG` can't be used: {error}")))?;
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_span_events(fmt::format::FmtSpan::CLOSE)
        .with_filter(filter);
    let file = globals.trace.as_ref().map(|it| Destination::prepare(ctx, "--trace", it));
    let trace = file.transpose()?.map(|file| (Chrome::new(), file));
    let chrome = trace.as_ref().map(|(chrome, _)| chrome.clone());
    let installed = tracing_subscriber::registry().with(lines).with(chrome).try_init();
    debug_assert!(installed.is_ok(), "nothing else installs a subscriber");
    Ok(Tracing(trace))
}

impl Tracing {
    /// Writes the trace, if one was asked for.
    pub(crate) fn finish(self, ctx: &Context) -> Result<(), Failure> {
        let Some((chrome, file)) = self.0 else { return Ok(()) };
        let events = std::mem::take(&mut *chrome.lock());
        let trace = json!({ "traceEvents": events, "displayTimeUnit": "ms" });
        file.write(&*ctx.system, trace.to_string().as_bytes())
    }
}

/// Collects spans in the form `chrome://tracing` reads.
#[derive(Clone)]
struct Chrome {
    start: Instant,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Chrome {
    fn new() -> Self {
        Self { start: Instant::now(), events: Arc::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Value>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, phase: &str, name: &str) {
        let thread = format!("{:?}", std::thread::current().id());
        let thread: u64 =
            thread.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        let micros = self.start.elapsed().as_nanos() as f64 / 1000.0;
        self.lock()
            .push(json!({ "ph": phase, "name": name, "ts": micros, "pid": 1, "tid": thread }));
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Chrome {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: LayerContext<'_, S>) {}

    fn on_enter(&self, id: &Id, ctx: LayerContext<'_, S>) {
        if let Some(span) = ctx.span(id) {
            self.push("B", span.name());
        }
    }

    fn on_exit(&self, id: &Id, ctx: LayerContext<'_, S>) {
        if let Some(span) = ctx.span(id) {
            self.push("E", span.name());
        }
    }
}
