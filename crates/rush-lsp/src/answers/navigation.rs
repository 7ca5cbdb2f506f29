//! From a name to where it is declared, and to where it is used.

use ls_types::{
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, GotoDefinitionParams,
    GotoDefinitionResponse, Location, LocationLink, ReferenceParams, Uri,
};
use rush_ide::{
    Declared, Navigation, Reference, Role, definition, highlights, references, type_definition,
};
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};
use crate::table::Table;

/// Where a name is declared.
pub(crate) struct GoToDefinition(pub(crate) GotoDefinitionParams);

/// Where the type of a name is declared.
pub(crate) struct GoToTypeDefinition(pub(crate) GotoDefinitionParams);

impl Question for GoToDefinition {
    type Found = Navigation;
    type Answer = GotoDefinitionResponse;
    const WHILE: &'static str = "a definition was sought";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        subject(&self.0)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.0.text_document_position_params.position)?;
        let (view, asked) = ground.document()?;
        let found = definition(&view.db, asked.file, offset)?;
        view.note(found.targets.iter().map(|it| it.name.file));
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(lead(&found, desk))
    }
}

impl Question for GoToTypeDefinition {
    type Found = Navigation;
    type Answer = GotoDefinitionResponse;
    const WHILE: &'static str = "the definition of a type was sought";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        subject(&self.0)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.0.text_document_position_params.position)?;
        let (view, asked) = ground.document()?;
        let found = type_definition(&view.db, asked.file, offset)?;
        view.note(found.targets.iter().map(|it| it.name.file));
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(lead(&found, desk))
    }
}

fn subject(params: &GotoDefinitionParams) -> Subject<'_> {
    Subject::Document(&params.text_document_position_params.text_document.uri)
}

fn lead(found: &Navigation, desk: &Desk) -> Option<GotoDefinitionResponse> {
    let table = desk.table()?;
    if !desk.terms.session.takes_links {
        let locations = found.targets.iter().filter_map(|it| table.location(it.name));
        return Some(locations.collect::<Vec<_>>().into());
    }
    let origin = desk.range(found.origin.range);
    let link = |target: &Declared| {
        Some(LocationLink {
            origin_selection_range: origin,
            target_uri: table.uri(target.whole.file)?,
            target_range: table.range(target.whole.file, target.whole.range)?,
            target_selection_range: table.range(target.name.file, target.name.range)?,
        })
    };
    Some(found.targets.iter().filter_map(link).collect::<Vec<_>>().into())
}

impl Question for ReferenceParams {
    type Found = Vec<Reference>;
    type Answer = Vec<Location>;
    const WHILE: &'static str = "references were sought";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position.position)?;
        let (view, asked) = ground.document()?;
        let mut found = references(&view.db, asked.file, offset);
        if !self.context.include_declaration {
            found.retain(|it| it.role != Role::Declaration);
        }
        view.note(found.iter().map(|it| it.at.file));
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(desk.table().map(|table| locations(&found, table)))
    }
}

/// The places, which are in the order of files: each file is named once and the name copied.
fn locations(found: &[Reference], table: &Table) -> Vec<Location> {
    let mut locations = Vec::with_capacity(found.len());
    let mut last: Option<(_, Uri)> = None;
    for reference in found {
        let file = reference.at.file;
        if last.as_ref().is_none_or(|(id, _)| *id != file) {
            last = table.uri(file).map(|uri| (file, uri));
        }
        let Some((_, uri)) = &last else { continue };
        let Some(range) = table.range(file, reference.at.range) else { continue };
        locations.push(Location { uri: uri.clone(), range });
    }
    locations
}

impl Question for DocumentHighlightParams {
    type Found = Vec<Reference>;
    type Answer = Vec<DocumentHighlight>;
    const WHILE: &'static str = "a name was highlighted";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position_params.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position_params.position)?;
        let (view, asked) = ground.document()?;
        Some(highlights(&view.db, asked.file, offset))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let highlight = |it: &Reference| {
            let kind = match it.role {
                Role::Declaration | Role::Write => DocumentHighlightKind::WRITE,
                Role::Read => DocumentHighlightKind::READ,
            };
            Some(DocumentHighlight { range: desk.range(it.at.range)?, kind: Some(kind) })
        };
        Ok(Some(found.iter().filter_map(highlight).collect()))
    }
}
