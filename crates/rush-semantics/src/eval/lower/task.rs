//! The lowering of `task`.

use rush_plan::{Backoff, Cache, CacheMode, EdgeReason, Limit, Resources, Retry, Skip, Task};
use smol_str::SmolStr;

use super::super::expansion::Cell;
use super::super::instance::InstanceId;
use super::super::session::{Eval, Session};
use super::super::value::Value;
use super::environment::Secrets;
use super::fields::TaskFields;
use super::parts::{
    BackoffParts, CacheModes, CacheParts, LimitParts, LogModes, ResourcesParts, RetryParts,
};
use super::reader::Reader;
use super::sequence::Sequence;
use super::{Links, edges};

const NANOSECONDS_PER_MS: i64 = 1_000_000;

/// What a task does, and whom it waits for.
pub(super) fn lower(
    session: &mut Session<'_>,
    cell: &Cell,
    secrets: &mut Secrets,
) -> Eval<(Task, Links)> {
    let id = cell.instance;
    if session.effective(id, &SmolStr::new_static("when"))? == Value::Bool(false) {
        // Nothing else of it is looked at: it may well make no sense here.
        let task = Task { skip: Some(Skip::When), ..Task::default() };
        return Ok((task, Links::default()));
    }
    let checked = session.check_members(id);
    let fields = TaskFields::read(session, id)?;
    checked?;
    lower_fields(session, id, fields, secrets)
}

fn lower_fields(
    session: &mut Session<'_>,
    id: InstanceId,
    fields: TaskFields,
    secrets: &mut Secrets,
) -> Eval<(Task, Links)> {
    let TaskFields {
        needs,
        steps,
        after,
        inputs,
        outputs,
        depfile,
        dir,
        run,
        finally,
        env,
        env_files,
        pass_env,
        tools,
        bin,
        stdin,
        // The cells were made from it before.
        matrix: _matrix,
        // Tested before.
        when: _when,
        confirm,
        timeout,
        retry,
        resources,
        limit,
        cache,
        allow_failure,
        interactive,
        log,
    } = fields;
    let links = links(session, id, &needs, &steps, &after)?;
    let dir = session.directory(id, &dir)?;
    let view = session.view_from(id, &dir);
    let env = session.environment((id, &view), &env, secrets)?;
    let (run, finally) = (view.commands(&run), view.commands(&finally));
    session.check_scripts(id, run.iter().chain(&finally), &env)?;
    let inputs = session.patterns(id, "inputs", &inputs)?;
    let cache = lower_cache(&mut session.reader(id, "cache"), &cache, inputs.is_some())?;
    let task = Task {
        skip: None,
        inputs,
        outputs: session.patterns(id, "outputs", &outputs)?.unwrap_or_default(),
        depfile: session.opt_path(id, "depfile", &depfile)?,
        dir,
        run,
        finally,
        env,
        env_files: session.paths(id, "env_files", &env_files)?,
        pass_env: view.texts(&pass_env),
        tools: view.texts(&tools),
        bin: session.paths(id, "bin", &bin)?,
        stdin: session.stdin((id, &view), &stdin, secrets)?,
        confirm: view.text(&confirm),
        timeout_ms: milliseconds(&timeout),
        retry: session.reader(id, "retry").opt(&retry, lower_retry)?.map(Box::new),
        resources: lower_resources(&mut session.reader(id, "resources"), &resources)?,
        limit: session.reader(id, "limit").opt(&limit, lower_limit)?,
        cache,
        allow_failure: allow_failure == Value::Bool(true),
        interactive: interactive == Value::Bool(true),
        log: session.reader(id, "log").opt(&log, |it, log| it.word(log, LogModes::of))?,
    };
    Ok((task, links))
}

fn links(
    session: &mut Session<'_>,
    id: InstanceId,
    needs: &Value,
    steps: &Value,
    after: &Value,
) -> Eval<Links> {
    let at = session.field_or_name_place(id, "needs");
    let needed = session.nodes_of_list(needs, at)?;
    let mut links = Links { edges: edges(&needed, EdgeReason::Needs, at), ..Links::default() };
    let at = session.field_or_name_place(id, "steps");
    let steps = session.nodes_of_list(steps, at)?;
    links.edges.extend(edges(&steps, EdgeReason::Step, at));
    links.sequence = Some(Sequence::new(steps, at)).filter(|it| it.steps.len() > 1);
    let at = session.field_or_name_place(id, "after");
    let after = session.nodes_in_order(after, at)?;
    links.after = after.into_iter().map(|node| (node, at)).collect();
    Ok(links)
}

/// A duration in whole milliseconds, never rounded down to nothing.
pub(super) fn milliseconds(value: &Value) -> Option<u64> {
    match value {
        Value::Duration(it) if *it > 0 => {
            u64::try_from((*it).max(NANOSECONDS_PER_MS) / NANOSECONDS_PER_MS).ok()
        }
        Value::Duration(_) => Some(0),
        _ => None,
    }
}

/// Without `inputs` nothing is known to be the same, so nothing is reused.
fn lower_cache(read: &mut Reader<'_, '_>, value: &Value, has_inputs: bool) -> Eval<Cache> {
    let written = read.opt(value, |read, value| {
        let CacheParts { mode, ttl, key } = CacheParts::of(read.record(value)?);
        Ok(Cache {
            mode: read.word(mode, CacheModes::of)?,
            ttl_ms: read.opt(ttl, Reader::milliseconds)?,
            key: read.list(key, Reader::text)?,
        })
    })?;
    let cache = written.unwrap_or(Cache { mode: CacheMode::Local, ttl_ms: None, key: Vec::new() });
    Ok(if has_inputs { cache } else { Cache { mode: CacheMode::Off, ..cache } })
}

fn lower_retry(read: &mut Reader<'_, '_>, value: &Value) -> Eval<Retry> {
    let RetryParts { attempts, delay, on_codes, on_pattern, on_timeout } =
        RetryParts::of(read.record(value)?);
    Ok(Retry {
        attempts: read.whole(attempts)?,
        delay: lower_backoff(read, delay)?,
        on_codes: read.opt(on_codes, |read, value| read.list(value, Reader::whole))?,
        on_pattern: read.opt(on_pattern, Reader::text)?,
        on_timeout: read.flag(on_timeout)?,
    })
}

fn lower_backoff(read: &mut Reader<'_, '_>, value: &Value) -> Eval<Backoff> {
    Ok(match read.variant(value, BackoffParts::of)? {
        BackoffParts::Fixed { delay } => Backoff::Fixed { delay_ms: read.milliseconds(delay)? },
        BackoffParts::Exponential { first, factor, max, jitter } => Backoff::Exponential {
            first_ms: read.milliseconds(first)?,
            factor: read.real(factor)?,
            max_ms: read.milliseconds(max)?,
            jitter: read.flag(jitter)?,
        },
    })
}

fn lower_resources(read: &mut Reader<'_, '_>, value: &Value) -> Eval<Resources> {
    let written = read.opt(value, |read, value| {
        let ResourcesParts { cpu, memory, slots } = ResourcesParts::of(read.record(value)?);
        Ok(Resources {
            cpu: read.opt(cpu, Reader::real)?,
            memory_bytes: read.opt(memory, Reader::bytes)?,
            slots: read.map(slots, Reader::whole)?,
        })
    });
    Ok(written?.unwrap_or_default())
}

fn lower_limit(read: &mut Reader<'_, '_>, value: &Value) -> Eval<Limit> {
    let LimitParts { group, max } = LimitParts::of(read.record(value)?);
    Ok(Limit { group: read.text(group)?, max: read.whole(max)? })
}
