//! The settings of the `workspace` item that running needs.

use rush_plan::WorkspaceSettings;

use super::super::session::{Eval, Session};
use super::super::value::{Reference, Value};
use super::fields::WorkspaceFields;
use super::task::milliseconds;

/// The settings; the defaults when there is no `workspace` item or it is wrong, which is reported.
pub(super) fn settings(session: &mut Session<'_>) -> WorkspaceSettings {
    session.settle(read).unwrap_or_default()
}

fn read(session: &mut Session<'_>) -> Eval<WorkspaceSettings> {
    let mut settings = WorkspaceSettings::default();
    let Some(item) = session.workspace_item() else { return Ok(settings) };
    let reference = Reference { item, args: Vec::new(), axes: Vec::new() };
    let id = session.instantiate(&reference);
    let WorkspaceFields {
        // Read by whoever collects the files.
        members: _members,
        // Merged into each task.
        defaults: _defaults,
        cache,
        // Tested when the item is checked.
        edition: _edition,
    } = WorkspaceFields::read(session, id)?;
    let Some(cache) = cache.as_record() else { return Ok(settings) };
    if let Some(dir) = cache.get("dir") {
        settings.cache_dir = session.opt_path(id, "cache", dir)?;
    }
    if let Some(Value::Size(size)) = cache.get("max_size") {
        settings.cache_size_bytes_max = u64::try_from(*size).unwrap_or_default();
    }
    if let Some(ttl) = cache.get("ttl").and_then(milliseconds) {
        settings.cache_ttl_ms = ttl;
    }
    Ok(settings)
}
