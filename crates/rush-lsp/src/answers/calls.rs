//! Who needs a task, and what it needs.

use ls_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, Range,
};
use rush_ide::{Call, CallItem, FileRange, call_item, incoming_calls, outgoing_calls};
use tower_lsp::jsonrpc::Result;

use super::symbols::kind;
use crate::ground::{Desk, Ground, View};
use crate::question::{Question, Subject, Urgency};
use crate::table::Table;

impl Question for CallHierarchyPrepareParams {
    type Found = CallItem;
    type Answer = Vec<CallHierarchyItem>;
    const WHILE: &'static str = "a task was looked up";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position_params.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position_params.position)?;
        let (view, asked) = ground.document()?;
        let found = call_item(&view.db, asked.file, offset)?;
        view.note([found.at.file]);
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(desk.table().and_then(|table| item(&found, table)).map(|it| vec![it]))
    }
}

impl Question for CallHierarchyIncomingCallsParams {
    type Found = Vec<Call>;
    type Answer = Vec<CallHierarchyIncomingCall>;
    const WHILE: &'static str = "it was sought who needs a task";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.item.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.item.selection_range.start)?;
        let (view, asked) = ground.document()?;
        let found = incoming_calls(&view.db, asked.file, offset);
        Some(noted(found, view))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let Some(table) = desk.table() else { return Ok(None) };
        let call = |it: &Call| {
            let from_ranges = ranges(&it.places, table);
            Some(CallHierarchyIncomingCall { from: item(&it.item, table)?, from_ranges })
        };
        Ok(Some(found.iter().filter_map(call).collect()))
    }
}

impl Question for CallHierarchyOutgoingCallsParams {
    type Found = Vec<Call>;
    type Answer = Vec<CallHierarchyOutgoingCall>;
    const WHILE: &'static str = "it was sought what a task needs";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.item.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.item.selection_range.start)?;
        let (view, asked) = ground.document()?;
        let found = outgoing_calls(&view.db, asked.file, offset);
        Some(noted(found, view))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let Some(table) = desk.table() else { return Ok(None) };
        let call = |it: &Call| {
            let from_ranges = ranges(&it.places, table);
            Some(CallHierarchyOutgoingCall { to: item(&it.item, table)?, from_ranges })
        };
        Ok(Some(found.iter().filter_map(call).collect()))
    }
}

fn noted(found: Vec<Call>, view: &mut View) -> Vec<Call> {
    view.note(found.iter().map(|it| it.item.at.file));
    view.note(found.iter().flat_map(|it| &it.places).map(|it| it.file));
    found
}

fn ranges(places: &[FileRange], table: &Table) -> Vec<Range> {
    places.iter().filter_map(|it| table.range(it.file, it.range)).collect()
}

fn item(found: &CallItem, table: &Table) -> Option<CallHierarchyItem> {
    Some(CallHierarchyItem {
        name: found.name.clone(),
        kind: kind(found.kind),
        tags: None,
        detail: Some(found.label.clone()),
        uri: table.uri(found.at.file)?,
        range: table.range(found.at.file, found.at.range)?,
        selection_range: table.range(found.selection.file, found.selection.range)?,
        data: None,
    })
}
