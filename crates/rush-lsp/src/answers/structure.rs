//! How a document is built: what folds, what is selected step by step, what changes together, and
//! what leads to files.

use ls_types::{
    DocumentLink, DocumentLinkParams, FoldingRange, FoldingRangeKind, FoldingRangeParams,
    LinkedEditingRangeParams, LinkedEditingRanges, SelectionRange, SelectionRangeParams,
};
use rush_ide::{
    FileRange, Fold, FoldKind, document_links, folding, linked_editing, selection_ranges,
};
use text_size::TextRange;
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

impl Question for FoldingRangeParams {
    type Found = Vec<Fold>;
    type Answer = Vec<FoldingRange>;
    const WHILE: &'static str = "folds were sought";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        Some(folding(&view.db, asked.file))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(found.iter().filter_map(|it| fold(it, desk)).collect()))
    }
}

fn fold(fold: &Fold, desk: &Desk) -> Option<FoldingRange> {
    let range = desk.range(fold.at.range)?;
    let has_characters = !desk.terms.session.folds_lines_only;
    Some(FoldingRange {
        start_line: range.start.line,
        start_character: has_characters.then_some(range.start.character),
        end_line: range.end.line,
        end_character: has_characters.then_some(range.end.character),
        kind: Some(match fold.kind {
            FoldKind::Imports => FoldingRangeKind::Imports,
            FoldKind::Comment => FoldingRangeKind::Comment,
            FoldKind::Region => FoldingRangeKind::Region,
        }),
        collapsed_text: None,
    })
}

impl Question for SelectionRangeParams {
    type Found = Vec<Vec<TextRange>>;
    type Answer = Vec<SelectionRange>;
    const WHILE: &'static str = "a selection was widened";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offsets: Option<Vec<_>> = self.positions.iter().map(|it| ground.offset(*it)).collect();
        let (view, asked) = ground.document()?;
        let ranges = offsets?.into_iter().map(|offset| {
            let ranges = selection_ranges(&view.db, asked.file, offset);
            let ranges = ranges.into_iter().map(|it| it.range).collect();
            // Each position needs an answer, and nothing selected is one.
            if Vec::is_empty(&ranges) { vec![TextRange::empty(offset)] } else { ranges }
        });
        Some(ranges.collect())
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let selections = found.into_iter().filter_map(|ranges| {
            let outside_in = ranges.into_iter().rev().filter_map(|it| desk.range(it));
            outside_in.fold(None, |parent, range| {
                Some(SelectionRange { range, parent: parent.map(Box::new) })
            })
        });
        Ok(Some(selections.collect()))
    }
}

/// What a name may be, as an editor has it.
const NAME_PATTERN: &str = "[A-Za-z_][A-Za-z0-9_]*";

impl Question for LinkedEditingRangeParams {
    type Found = Vec<FileRange>;
    type Answer = LinkedEditingRanges;
    const WHILE: &'static str = "the places of a name were sought";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position_params.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position_params.position)?;
        let (view, asked) = ground.document()?;
        let found = linked_editing(&view.db, asked.file, offset);
        (!found.is_empty()).then_some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let ranges = found.iter().filter_map(|it| desk.range(it.range)).collect();
        Ok(Some(LinkedEditingRanges { ranges, word_pattern: Some(NAME_PATTERN.to_owned()) }))
    }
}

impl Question for DocumentLinkParams {
    type Found = Vec<rush_ide::DocumentLink>;
    type Answer = Vec<DocumentLink>;
    const WHILE: &'static str = "links were sought";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        Some(document_links(&view.db, &view.files, asked.file))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let names = desk.names.first();
        let link = |it: &rush_ide::DocumentLink| {
            let target = names?.uri(&it.target)?;
            let range = desk.range(it.at.range)?;
            Some(DocumentLink { range, target: Some(target), tooltip: None, data: None })
        };
        Ok(Some(found.iter().filter_map(link).collect()))
    }
}
