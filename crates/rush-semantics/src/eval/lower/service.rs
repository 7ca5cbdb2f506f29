//! The lowering of `service`.

use rush_plan::{EdgeReason, Probe, Ready, Restart, Service, Stop};

use super::super::expansion::Cell;
use super::super::session::{Eval, Session};
use super::super::value::{Tag, Value};
use super::environment::Secrets;
use super::fields::ServiceFields;
use super::task::{commands, milliseconds, texts};
use super::{Links, edges};

/// What a service does, and whom it waits for.
pub(super) fn lower(
    session: &mut Session<'_>,
    cell: &Cell,
    secrets: &mut Secrets,
) -> Eval<(Service, Links)> {
    let id = cell.instance;
    let checked = session.check_members(id);
    let fields = ServiceFields::read(session, id)?;
    checked?;
    let ServiceFields { run, needs, dir, env, env_files, pass_env, inputs, ready, stop, restart } =
        fields;
    let at = session.field_or_name_place(id, "needs");
    let needed = session.nodes_of_list(&needs, at)?;
    let links = Links { edges: edges(&needed, EdgeReason::Needs, at), ..Links::default() };
    let place = session.field_or_name_place(id, "run");
    let Some(run) = commands(&run).into_iter().next() else {
        return Err(session.unexpected(place, "a service without a command"));
    };
    let service = Service {
        run,
        dir: session.directory(id, &dir)?,
        env: session.environment(id, &env, secrets)?,
        env_files: session.paths(id, "env_files", &env_files)?,
        pass_env: texts(&pass_env),
        inputs: session.patterns(id, "inputs", &inputs)?,
        ready: lower_ready(&ready),
        stop: lower_stop(&stop),
        restart: lower_restart(&restart),
    };
    Ok((service, links))
}

fn lower_ready(value: &Value) -> Option<Ready> {
    let record = value.as_record()?;
    let milliseconds = |name: &str| record.get(name).and_then(milliseconds).unwrap_or_default();
    let Some(Value::Tag(probe)) = record.get("probe") else { return None };
    Some(Ready {
        probe: lower_probe(probe)?,
        every_ms: milliseconds("every"),
        timeout_ms: milliseconds("timeout"),
    })
}

fn lower_probe(tag: &Tag) -> Option<Probe> {
    let number = |name: &str| match tag.fields.get(name) {
        Some(Value::Int(it)) => u16::try_from(*it).ok(),
        _ => None,
    };
    let text = |name: &str| tag.fields.get(name).and_then(Value::as_text).map(ToString::to_string);
    match tag.name.as_str() {
        "tcp" => Some(Probe::Tcp { port: number("port")? }),
        "http" => Some(Probe::Http { url: text("url")?, status: number("status")? }),
        "exec" => {
            let run = commands(tag.fields.get("run")?).into_iter().next()?;
            Some(Probe::Exec { run })
        }
        "log" => Some(Probe::Log { pattern: text("pattern")? }),
        _ => None,
    }
}

fn lower_stop(value: &Value) -> Stop {
    let mut stop = Stop::default();
    let Some(record) = value.as_record() else { return stop };
    if let Some(signal) = record.get("signal").and_then(Value::as_text) {
        stop.signal = signal.to_string();
    }
    if let Some(grace) = record.get("grace").and_then(milliseconds) {
        stop.grace_ms = grace;
    }
    stop
}

fn lower_restart(value: &Value) -> Restart {
    match value.as_text().map(smol_str::SmolStr::as_str) {
        Some("on_failure") => Restart::OnFailure,
        Some("always") => Restart::Always,
        _ => Restart::Never,
    }
}
