//! What can be done about a place: fixes of what is wrong there, and rewritings.
//!
//! An editor that can asks for the changes of an action when it is chosen; until then it has a name
//! by which it is found again. The others get all changes at once.

use ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, Diagnostic,
    NumberOrString, Range, Uri, WorkspaceEdit,
};
use rush_ide::{Action, ActionKind, Change, changes, code_actions, resolve_action};
use serde_json::json;
use tower_lsp::jsonrpc::Result;

use crate::edits::{rename_after, workspace_edit};
use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};

/// The kinds that are offered.
pub(crate) const KINDS: [ActionKind; 6] = [
    ActionKind::QuickFix,
    ActionKind::FixAll,
    ActionKind::Extract,
    ActionKind::Inline,
    ActionKind::Rewrite,
    ActionKind::OrganiseImports,
];

impl Question for CodeActionParams {
    /// Actions, with their changes if the editor can't ask for these.
    type Found = Vec<(Action, Option<Change>)>;
    type Answer = Vec<CodeActionOrCommand>;
    const WHILE: &'static str = "it was sought what can be done";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let range = ground.range(self.range)?;
        let is_asked_later = ground.terms.session.resolves_actions;
        let (view, asked) = ground.document()?;
        let found: Self::Found = if is_asked_later {
            let actions = code_actions(&view.db, asked.file, range, |it| is_wanted(self, it));
            actions.into_iter().map(|it| (it, None)).collect()
        } else {
            let changes = changes(&view.db, asked.file, range, |it| is_wanted(self, it));
            changes.into_iter().map(|(it, change)| (it, Some(change))).collect()
        };
        let changes = found.iter().filter_map(|(_, change)| change.as_ref());
        view.note(changes.flat_map(|it| &it.edits).map(|it| it.at.file));
        Some(found)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let action = |(action, change): (Action, Option<Change>)| {
            let (edit, command) = match &change {
                None => (None, None),
                Some(it) => told(it, desk)?,
            };
            let data =
                json!({ "uri": self.text_document.uri, "range": self.range, "id": action.id });
            Some(CodeActionOrCommand::CodeAction(CodeAction {
                diagnostics: mended(self, &action, desk),
                title: action.title,
                kind: Some(action.kind.name().into()),
                is_preferred: action.is_preferred.then_some(true),
                data: edit.is_none().then_some(data),
                edit,
                command,
                ..CodeAction::default()
            }))
        };
        Ok(Some(found.into_iter().filter_map(action).collect()))
    }
}

/// The edits of a change, and what the editor does after them.
fn told(change: &Change, desk: &Desk) -> Option<(Option<WorkspaceEdit>, Option<Command>)> {
    let (table, session) = (desk.table()?, &desk.terms.session);
    let edit = workspace_edit(table, &change.edits, session)?;
    Some((Some(edit), rename_after(table, change, session)))
}

/// Whether an editor asks for actions of a kind: for all, or for those below a kind it names.
fn is_wanted(params: &CodeActionParams, kind: ActionKind) -> bool {
    let Some(only) = &params.context.only else { return kind != ActionKind::FixEverything };
    // Where an editor names what makes all fixes, as it does on saving, one action makes those of all codes.
    kind != ActionKind::FixAll && only.iter().any(|it| is_below(kind, it))
}

fn is_below(kind: ActionKind, named: &CodeActionKind) -> bool {
    let rest = kind.name().strip_prefix(named.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || named.as_str().is_empty())
}

/// The diagnostics that an action does away with, as the editor has them.
fn mended(params: &CodeActionParams, action: &Action, desk: &Desk) -> Option<Vec<Diagnostic>> {
    let mended = action.mends.as_ref()?;
    let range = desk.range(mended.at.range)?;
    let code = NumberOrString::String(mended.code.to_string());
    let is_mended = |it: &&Diagnostic| it.range == range && it.code.as_ref() == Some(&code);
    let them: Vec<_> = params.context.diagnostics.iter().filter(is_mended).cloned().collect();
    Some(them).filter(|it| !it.is_empty())
}

/// An action that was chosen.
pub(crate) struct ResolveAction {
    uri: Uri,
    range: Range,
    id: String,
    action: CodeAction,
}

impl ResolveAction {
    /// Reads what was put into the action when it was offered; gives it back when there is nothing
    /// more to say.
    pub(crate) fn new(action: CodeAction) -> std::result::Result<Self, Box<CodeAction>> {
        let field = |name| action.data.as_ref()?.get(name).cloned();
        let uri = field("uri").and_then(|it| serde_json::from_value(it).ok());
        let range = field("range").and_then(|it| serde_json::from_value(it).ok());
        let id = field("id").and_then(|it| serde_json::from_value(it).ok());
        match (uri, range, id) {
            (Some(uri), Some(range), Some(id)) => Ok(Self { uri, range, id, action }),
            _ => Err(Box::new(action)),
        }
    }
}

impl Question for ResolveAction {
    type Found = Change;
    type Answer = CodeAction;
    const WHILE: &'static str = "a change was made ready";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let range = ground.range(self.range)?;
        let (view, asked) = ground.document()?;
        let change = resolve_action(&view.db, asked.file, range, &self.id)?;
        view.note(change.edits.iter().map(|it| it.at.file));
        Some(change)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let (edit, command) = told(&found, desk).unwrap_or_default();
        Ok(Some(CodeAction { edit, command, ..self.action.clone() }))
    }
}
