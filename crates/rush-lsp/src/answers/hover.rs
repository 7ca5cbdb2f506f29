//! What there is to say about a name.

use ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use rush_ide::hover;
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

impl Question for HoverParams {
    type Found = rush_ide::Hover;
    type Answer = Hover;
    const WHILE: &'static str = "a name was explained";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position_params.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position_params.position)?;
        let terms = ground.terms.clone();
        let (view, asked) = ground.document()?;
        hover(&view.db, &terms.world(&view.files), asked.file, offset)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(Hover {
            contents: HoverContents::Markup(markup(found.text, desk)),
            range: desk.range(found.at.range),
        }))
    }
}

/// Markdown, or the same as text for an editor that shows it as it is.
pub(super) fn markup(markdown: String, desk: &Desk) -> MarkupContent {
    let kind = if desk.terms.session.takes_markdown {
        MarkupKind::Markdown
    } else {
        MarkupKind::PlainText
    };
    let value = if kind == MarkupKind::Markdown { markdown } else { plain(&markdown) };
    MarkupContent { kind, value }
}

/// Markdown without what only Markdown needs: fences go, their content stays.
fn plain(markdown: &str) -> String {
    let lines = markdown.lines().filter(|it| !it.starts_with("```") && *it != "---");
    lines.map(|it| it.replace("**", "").replace('`', "")).collect::<Vec<_>>().join("\n")
}
