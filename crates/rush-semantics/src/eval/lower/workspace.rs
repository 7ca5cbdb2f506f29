//! The settings of the `workspace` item that running needs.

use rush_plan::WorkspaceSettings;

use super::super::session::{Eval, Session};
use super::super::value::Reference;
use super::fields::WorkspaceFields;
use super::parts::WorkspaceCacheParts;

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
    let mut read = session.reader(id, "cache");
    let WorkspaceCacheParts { dir, max_size, ttl } = WorkspaceCacheParts::of(read.record(&cache)?);
    settings.cache_size_bytes_max = read.bytes(max_size)?;
    settings.cache_ttl_ms = read.milliseconds(ttl)?;
    settings.cache_dir = session.opt_path(id, "cache", dir)?;
    Ok(settings)
}
