//! The settings of the `workspace` item that running needs.

use rush_plan::WorkspaceSettings;
use rush_syntax::ast::ItemKind;

use super::super::session::{Eval, Session};
use super::super::value::Reference;
use super::fields::WorkspaceFields;
use super::parts::WorkspaceCacheParts;
use crate::db::Item;
use crate::kinds::kind;
use crate::names::PACKAGE_FILE;

/// The settings; the defaults when there is no `workspace` item or it is wrong, which is reported.
pub(super) fn settings(session: &mut Session<'_>) -> WorkspaceSettings {
    session.settle(read).unwrap_or_default()
}

/// The settings, or a failure if the `workspace` item is wrong. Where there is none, what nobody can read may be meant
/// to be it.
pub(in super::super) fn sound_settings(session: &mut Session<'_>) -> Eval<WorkspaceSettings> {
    match session.workspace_item() {
        Some(item) => session.enter(item)?,
        None => unread_items(session).into_iter().try_for_each(|it| session.enter(it))?,
    }
    session.settle(read)
}

fn unread_items(session: &Session<'_>) -> Vec<Item> {
    let db = session.db;
    let Some(root) = db.workspace().files(db).get(PACKAGE_FILE) else { return Vec::new() };
    let is_unread = |it: &Item| match &it.ast(db).kind {
        ItemKind::Nothing => true,
        ItemKind::Decl(_) => kind(db, it.kind(db)).is_none(),
        _ => false,
    };
    root.items(db).iter().copied().filter(is_unread).collect()
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
