//! The lowering of `task`.

use std::collections::BTreeMap;

use rush_plan::{
    Backoff, Cache, CacheMode, Command, EdgeReason, Limit, LogMode, Resources, Retry, Skip, Task,
};
use smol_str::SmolStr;

use super::super::expansion::Cell;
use super::super::instance::InstanceId;
use super::super::session::{Eval, Session};
use super::super::value::{Record, Value};
use super::environment::Secrets;
use super::fields::TaskFields;
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
    let inputs = session.patterns(id, "inputs", &inputs)?;
    let cache = lower_cache(&cache, inputs.is_some());
    let task = Task {
        skip: None,
        inputs,
        outputs: session.patterns(id, "outputs", &outputs)?.unwrap_or_default(),
        depfile: session.opt_path(id, "depfile", &depfile)?,
        dir: session.directory(id, &dir)?,
        run: commands(&run),
        finally: commands(&finally),
        env: session.environment(id, &env, secrets)?,
        env_files: session.paths(id, "env_files", &env_files)?,
        pass_env: texts(&pass_env),
        tools: texts(&tools),
        bin: session.paths(id, "bin", &bin)?,
        stdin: session.stdin(id, &stdin, secrets)?,
        confirm: confirm.as_text().map(ToString::to_string),
        timeout_ms: milliseconds(&timeout),
        retry: lower_retry(&retry),
        resources: lower_resources(&resources),
        limit: lower_limit(&limit),
        cache,
        allow_failure: allow_failure == Value::Bool(true),
        interactive: interactive == Value::Bool(true),
        log: lower_log(&log),
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
    for (earlier, later) in steps.iter().zip(steps.iter().skip(1)) {
        let pairs = later.iter().flat_map(|later| earlier.iter().map(move |it| (*later, *it, at)));
        links.sequence.extend(pairs);
    }
    let at = session.field_or_name_place(id, "after");
    let after = session.nodes_of_list(after, at)?;
    links.after = after.into_iter().flatten().map(|node| (node, at)).collect();
    Ok(links)
}

/// One command or several.
pub(in super::super) fn commands(value: &Value) -> Vec<Command> {
    let one = |value: &Value| match value {
        Value::Command(command) => Some((**command).clone()),
        _ => None,
    };
    match value {
        Value::List(elements) => elements.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    }
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    value.elements().iter().filter_map(Value::as_text).map(ToString::to_string).collect()
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

fn field<'a>(record: &'a Record, name: &str) -> &'a Value {
    record.get(name).unwrap_or(&Value::None)
}

/// Without `inputs` nothing is known to be the same, so nothing is reused.
fn lower_cache(value: &Value, has_inputs: bool) -> Cache {
    let record = value.as_record();
    let mode = record.and_then(|it| field(it, "mode").as_text()).map(SmolStr::as_str);
    Cache {
        mode: match mode {
            _ if !has_inputs => CacheMode::Off,
            Some("off") => CacheMode::Off,
            Some("stamp") => CacheMode::Stamp,
            Some(_) | None => CacheMode::Local,
        },
        ttl_ms: record.and_then(|it| milliseconds(field(it, "ttl"))),
        key: record.map(|it| texts(field(it, "key"))).unwrap_or_default(),
    }
}

fn lower_retry(value: &Value) -> Option<Retry> {
    let record = value.as_record()?;
    let codes = |value: &Value| match value {
        Value::List(elements) => {
            Some(elements.iter().filter_map(whole).filter_map(|it| u8::try_from(it).ok()).collect())
        }
        _ => None,
    };
    Some(Retry {
        attempts: whole(field(record, "attempts")).and_then(|it| u8::try_from(it).ok())?,
        delay: lower_backoff(field(record, "delay"))?,
        on_codes: codes(field(record, "on_codes")),
        on_pattern: field(record, "on_pattern").as_text().map(ToString::to_string),
        on_timeout: *field(record, "on_timeout") == Value::Bool(true),
    })
}

fn lower_backoff(value: &Value) -> Option<Backoff> {
    let Value::Tag(tag) = value else { return None };
    let milliseconds = |name: &str| milliseconds(field(&tag.fields, name)).unwrap_or_default();
    Some(if tag.name == "fixed" {
        Backoff::Fixed { delay_ms: milliseconds("delay") }
    } else {
        Backoff::Exponential {
            first_ms: milliseconds("first"),
            factor: real(field(&tag.fields, "factor")).unwrap_or(2.0),
            max_ms: milliseconds("max"),
            jitter: *field(&tag.fields, "jitter") == Value::Bool(true),
        }
    })
}

fn lower_resources(value: &Value) -> Resources {
    let Some(record) = value.as_record() else { return Resources::default() };
    let slots = field(record, "slots").as_record();
    let slots: BTreeMap<String, u64> = slots
        .into_iter()
        .flat_map(Record::iter)
        .filter_map(|(name, value)| Some((name.to_string(), whole(value)?)))
        .collect();
    let memory = match field(record, "memory") {
        Value::Size(it) => u64::try_from(*it).ok(),
        _ => None,
    };
    Resources { cpu: real(field(record, "cpu")), memory_bytes: memory, slots }
}

fn lower_limit(value: &Value) -> Option<Limit> {
    let record = value.as_record()?;
    let group = field(record, "group").as_text()?.to_string();
    Some(Limit { group, max: whole(field(record, "max")).unwrap_or(1) })
}

fn lower_log(value: &Value) -> Option<LogMode> {
    match value.as_text()?.as_str() {
        "stream" => Some(LogMode::Stream),
        "grouped" => Some(LogMode::Grouped),
        "quiet" => Some(LogMode::Quiet),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Int(it) => u64::try_from(*it).ok(),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Float(it) => Some(*it),
        Value::Int(it) => Some(*it as f64),
        _ => None,
    }
}
