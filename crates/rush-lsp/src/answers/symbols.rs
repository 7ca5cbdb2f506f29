//! Names: the outline of a document, and a search in the whole workspace.

use ls_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, Location, OneOf,
    SymbolInformation, SymbolKind, SymbolTag, Uri, WorkspaceSymbol, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};
use rush_ide::{document_symbols, workspace_symbols};
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

/// How many names a search finds. Who needs more types another letter.
const FOUND_MAX: usize = 256;

impl Question for DocumentSymbolParams {
    type Found = Vec<rush_ide::DocumentSymbol>;
    type Answer = DocumentSymbolResponse;
    const WHILE: &'static str = "an outline was made";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        Some(document_symbols(&view.db, asked.file))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        if desk.terms.session.nests_symbols {
            let symbols: Vec<_> = found.into_iter().filter_map(|it| symbol(it, desk)).collect();
            return Ok(Some(symbols.into()));
        }
        let mut flat = Vec::new();
        flatten(&found, None, desk, &mut flat);
        Ok(Some(flat.into()))
    }
}

#[expect(deprecated, reason = "the type has no constructor without the old field")]
fn symbol(symbol: rush_ide::DocumentSymbol, desk: &Desk) -> Option<DocumentSymbol> {
    let children: Vec<_> =
        symbol.children.into_iter().filter_map(|it| self::symbol(it, desk)).collect();
    Some(DocumentSymbol {
        name: symbol.name,
        detail: Some(symbol.detail).filter(|it| !it.is_empty()),
        kind: kind(symbol.kind),
        tags: tags(symbol.is_deprecated),
        deprecated: None,
        range: desk.range(symbol.at.range)?,
        selection_range: desk.range(symbol.selection.range)?,
        children: Some(children).filter(|it| !it.is_empty()),
    })
}

#[expect(deprecated, reason = "the type has no constructor without the old field")]
fn flatten(
    symbols: &[rush_ide::DocumentSymbol],
    container: Option<&str>,
    desk: &Desk,
    flat: &mut Vec<SymbolInformation>,
) {
    for symbol in symbols {
        let uri: Option<Uri> = desk.asked.as_ref().map(|it| it.uri.clone());
        if let (Some(uri), Some(range)) = (uri, desk.range(symbol.at.range)) {
            flat.push(SymbolInformation {
                name: symbol.name.clone(),
                kind: kind(symbol.kind),
                tags: tags(symbol.is_deprecated),
                deprecated: None,
                location: Location { uri, range },
                container_name: container.map(str::to_owned),
            });
        }
        flatten(&symbol.children, Some(&symbol.name), desk, flat);
    }
}

impl Question for WorkspaceSymbolParams {
    /// For each workspace what was found there.
    type Found = Vec<Vec<rush_ide::WorkspaceSymbol>>;
    type Answer = WorkspaceSymbolResponse;
    const WHILE: &'static str = "names were sought in the workspace";
    const URGENCY: Urgency = Urgency::Searching;

    fn subject(&self) -> Subject<'_> {
        Subject::Everything
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let found = ground.views.iter_mut().map(|view| {
            let found = workspace_symbols(&view.db, &self.query, FOUND_MAX);
            view.note(found.iter().map(|it| it.at.file));
            found
        });
        Some(found.collect())
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let all = found.into_iter().zip(&desk.tables);
        let mut all: Vec<_> =
            all.flat_map(|(them, table)| them.into_iter().map(move |it| (it, table))).collect();
        // Those of several workspaces are one list, the best first.
        all.sort_by_key(|(it, _)| std::cmp::Reverse(it.score));
        let symbols = all.into_iter().take(FOUND_MAX).filter_map(|(it, table)| {
            Some(WorkspaceSymbol {
                name: it.name,
                kind: kind(it.kind),
                tags: tags(it.is_deprecated),
                container_name: Some(it.container).filter(|it| !it.is_empty()),
                location: OneOf::Left(table.location(it.at)?),
                data: None,
            })
        });
        Ok(Some(symbols.collect::<Vec<_>>().into()))
    }
}

fn tags(is_deprecated: bool) -> Option<Vec<SymbolTag>> {
    is_deprecated.then(|| vec![SymbolTag::DEPRECATED])
}

/// The nearest of the protocol's kinds, which are those of programming languages.
pub(super) const fn kind(kind: rush_ide::SymbolKind) -> SymbolKind {
    use rush_ide::SymbolKind as Ours;
    match kind {
        Ours::Namespace => SymbolKind::NAMESPACE,
        Ours::Variable => SymbolKind::CONSTANT,
        Ours::Parameter => SymbolKind::VARIABLE,
        Ours::Function => SymbolKind::FUNCTION,
        Ours::Type => SymbolKind::ENUM,
        Ours::Member => SymbolKind::ENUM_MEMBER,
        Ours::Field => SymbolKind::FIELD,
        Ours::Check | Ours::Task => SymbolKind::METHOD,
        Ours::Template => SymbolKind::INTERFACE,
        Ours::Service => SymbolKind::EVENT,
        Ours::Secret => SymbolKind::KEY,
        Ours::Profile => SymbolKind::OBJECT,
        Ours::Workspace => SymbolKind::PACKAGE,
        Ours::Kind => SymbolKind::CLASS,
    }
}
