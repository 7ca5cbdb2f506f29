//! Hints inside the text.

use ls_types::{
    InlayHint, InlayHintKind, InlayHintLabel, InlayHintLabelPart, InlayHintParams,
    InlayHintTooltip, Location,
};
use rush_ide::{HintConfig, HintKind, Padding, inlay_hints};
use tower_lsp::jsonrpc::Result;

use super::hover::markup;
use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};
use crate::settings::Hints;

impl Question for InlayHintParams {
    type Found = Vec<rush_ide::InlayHint>;
    type Answer = Vec<InlayHint>;
    const WHILE: &'static str = "hints were made";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let config = HintConfig { shown: shown(ground.terms.settings.hints), profile: None };
        let range = ground.range(self.range)?;
        let (view, asked) = ground.document()?;
        let found = inlay_hints(&view.db, &view.files, asked.file, range, &config);
        view.note(found.iter().filter_map(|it| it.source).map(|it| it.file));
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(found.into_iter().filter_map(|it| hint(it, desk)).collect()))
    }
}

/// The kinds of hints that are wanted. Those of arguments belong to the defaults: both say what a
/// call does not.
fn shown(hints: Hints) -> Vec<HintKind> {
    let kinds = [
        (hints.defaults, HintKind::Argument),
        (hints.defaults, HintKind::Default),
        (hints.files, HintKind::Files),
        (hints.matrix, HintKind::Cells),
    ];
    kinds.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, kind)| kind).collect()
}

fn hint(found: rush_ide::InlayHint, desk: &Desk) -> Option<InlayHint> {
    let at = desk.range(text_size::TextRange::empty(found.at))?.start;
    let source: Option<Location> = found.source.and_then(|it| desk.table()?.location(it));
    let tooltip = found.tooltip.map(|it| markup(it, desk));
    let label = match source {
        None => InlayHintLabel::String(found.label),
        // A hint that comes from somewhere leads there.
        Some(location) => InlayHintLabel::LabelParts(vec![InlayHintLabelPart {
            value: found.label,
            location: Some(location),
            ..InlayHintLabelPart::default()
        }]),
    };
    Some(InlayHint {
        position: at,
        label,
        kind: (found.kind == HintKind::Argument).then_some(InlayHintKind::PARAMETER),
        text_edits: None,
        tooltip: tooltip.map(InlayHintTooltip::MarkupContent),
        padding_left: (found.padding == Padding::Before).then_some(true),
        padding_right: (found.padding == Padding::After).then_some(true),
        data: None,
    })
}
