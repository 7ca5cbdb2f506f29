//! The lowering of `service`.

use rush_plan::{EdgeReason, Probe, Ready, Service, Stop};

use super::super::expansion::Cell;
use super::super::session::{Eval, Session};
use super::super::value::Value;
use super::super::view::View;
use super::environment::Secrets;
use super::fields::ServiceFields;
use super::parts::{ProbeParts, ReadyParts, Restarts, StopParts};
use super::reader::Reader;
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
    let ServiceFields {
        run,
        needs,
        dir,
        env,
        env_files,
        pass_env,
        bin,
        inputs,
        ready,
        stop,
        restart,
    } = fields;
    let at = session.field_or_name_place(id, "needs");
    let needed = session.nodes_of_list(&needs, at)?;
    let links = Links { edges: edges(&needed, EdgeReason::Needs, at), ..Links::default() };
    let place = session.field_or_name_place(id, "run");
    let dir = session.directory(id, &dir)?;
    let view = session.view_from(id, &dir);
    let Some(run) = view.commands(&run).into_iter().next() else {
        return Err(session.unexpected(place, "a service without a command"));
    };
    let env = session.environment((id, &view), &env, secrets)?;
    session.check_scripts(id, std::iter::once(&run), &env)?;
    let service = Service {
        run,
        dir,
        env,
        env_files: session.paths(id, "env_files", &env_files)?,
        pass_env: view.texts(&pass_env),
        bin: session.paths(id, "bin", &bin)?,
        inputs: session.patterns(id, "inputs", &inputs)?,
        ready: session
            .reader(id, "ready")
            .opt(&ready, |read, ready| lower_ready(read, &view, ready))?,
        stop: lower_stop(&mut session.reader(id, "stop"), &stop)?,
        restart: session.reader(id, "restart").word(&restart, Restarts::of)?,
    };
    Ok((service, links))
}

fn lower_ready(read: &mut Reader<'_, '_>, view: &View, value: &Value) -> Eval<Ready> {
    let ReadyParts { probe, every, timeout } = ReadyParts::of(read.record(value)?);
    Ok(Ready {
        probe: lower_probe(read, view, probe)?,
        every_ms: read.milliseconds(every)?,
        timeout_ms: read.milliseconds(timeout)?,
    })
}

fn lower_probe(read: &mut Reader<'_, '_>, view: &View, value: &Value) -> Eval<Probe> {
    Ok(match read.variant(value, ProbeParts::of)? {
        ProbeParts::Tcp { port } => Probe::Tcp { port: read.whole(port)? },
        ProbeParts::Http { url, status } => {
            Probe::Http { url: read.text(url)?, status: read.whole(status)? }
        }
        ProbeParts::Exec { run } => {
            let first = view.commands(run).into_iter().next();
            Probe::Exec { run: first.ok_or_else(|| read.unexpected(run))? }
        }
        ProbeParts::Log { pattern } => Probe::Log { pattern: read.text(pattern)? },
    })
}

fn lower_stop(read: &mut Reader<'_, '_>, value: &Value) -> Eval<Stop> {
    let StopParts { signal, grace } = StopParts::of(read.record(value)?);
    Ok(Stop { signal: read.text(signal)?, grace_ms: read.milliseconds(grace)? })
}
