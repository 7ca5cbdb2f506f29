//! What can be done about a place: fixes of what is wrong there, and rewritings.
//!
//! An editor that can asks for the changes of an action when it is chosen; until then it has a name
//! by which it is found again. The others get all changes at once.

use ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, Diagnostic,
    NumberOrString, Range, Uri, WorkspaceEdit,
};
use rush_ide::{Action, ActionKind, Change, changes, code_actions, fix_all, resolve_action};
use rush_semantics::RushDatabase;
use serde_json::json;
use text_size::TextRange;
use tower_lsp::jsonrpc::Result;

use crate::edits::{rename_after, workspace_edit};
use crate::ground::{Asked, Desk, Ground};
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
        // Where an editor names what makes all fixes, one action makes all of all codes.
        let is_all_asked = names(self, ActionKind::FixAll);
        let is_wanted = |it| is_wanted(self, it) && !(is_all_asked && it == ActionKind::FixAll);
        let mut found: Self::Found = if is_asked_later {
            let actions = code_actions(&view.db, asked.file, range, is_wanted);
            actions.into_iter().map(|it| (it, None)).collect()
        } else {
            let changes = changes(&view.db, asked.file, range, is_wanted);
            changes.into_iter().map(|(it, change)| (it, Some(change))).collect()
        };
        if is_all_asked {
            let change = (!is_asked_later).then(|| everywhere(&view.db, asked)).flatten();
            found.push((everything(), change));
        }
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

/// By what the action is found that makes all sure fixes of a document.
const EVERYTHING: &str = "fix-everything";

/// All sure fixes at once: what an editor asks for when a document is saved.
fn everything() -> Action {
    Action {
        id: EVERYTHING.to_owned(),
        title: "make all fixes that are sure".to_owned(),
        kind: ActionKind::FixAll,
        mends: None,
        is_preferred: false,
    }
}

/// The edits of that action, if there are any.
fn everywhere(db: &RushDatabase, asked: &Asked) -> Option<Change> {
    let edits = fix_all(db, asked.file);
    (!edits.is_empty()).then_some(Change { edits, rename: None })
}

fn change(db: &RushDatabase, asked: &Asked, range: TextRange, id: &str) -> Option<Change> {
    if id == EVERYTHING {
        return everywhere(db, asked);
    }
    resolve_action(db, asked.file, range, id)
}

/// Whether an editor asks for actions of a kind by its name.
fn names(params: &CodeActionParams, kind: ActionKind) -> bool {
    params.context.only.is_some() && is_wanted(params, kind)
}

/// Whether an editor asks for actions of a kind: for all, or for those below a kind it names.
fn is_wanted(params: &CodeActionParams, kind: ActionKind) -> bool {
    let Some(only) = &params.context.only else { return true };
    let is_below = |it: &CodeActionKind| {
        let rest = kind.name().strip_prefix(it.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || it.as_str().is_empty())
    };
    only.iter().any(is_below)
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
        let change = change(&view.db, asked, range, &self.id)?;
        view.note(change.edits.iter().map(|it| it.at.file));
        Some(change)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let (edit, command) = told(&found, desk).unwrap_or_default();
        Ok(Some(CodeAction { edit, command, ..self.action.clone() }))
    }
}
