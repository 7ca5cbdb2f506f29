//! What editor and server agree on at the start.

mod offer;

use std::collections::BTreeSet;

use ls_types::{
    CompletionClientCapabilities, InitializeParams, InsertTextMode, MarkupKind,
    PositionEncodingKind,
};

use crate::edits::RENAME;
use crate::position::Encoding;

pub(crate) use offer::offer;

/// What the editor can take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an ability of its own")]
pub(crate) struct Session {
    /// How it counts columns.
    pub(crate) encoding: Encoding,
    /// Whether it shows places that explain a diagnostic.
    pub(crate) shows_related: bool,
    /// Whether it tints what is unnecessary or deprecated.
    pub(crate) shows_tags: bool,
    /// Whether it leads from a code to its page.
    pub(crate) shows_pages: bool,
    /// Whether it keeps the data of a diagnostic.
    pub(crate) keeps_data: bool,
    /// Whether it asks for diagnostics, and asks again when it is told to.
    pub(crate) pulls: bool,
    /// Whether it can be asked to watch files.
    pub(crate) watches_files: bool,
    /// Whether it can be asked for its settings.
    pub(crate) tells_settings: bool,
    /// Whether it can be asked to say when its settings change.
    pub(crate) announces_settings: bool,
    /// Whether it shows how far a long step is.
    pub(crate) shows_progress: bool,
    /// What it asks for again when it is told to.
    pub(crate) refreshes: Refreshes,
    /// Whether texts with placeholders can be inserted.
    pub(crate) takes_snippets: bool,
    /// Whether it indents the lines of a completion like the one they are inserted in.
    pub(crate) indents_completions: bool,
    /// Whether what completions replace may be said once for all of them.
    pub(crate) shares_ranges: bool,
    /// Whether documentation may have Markdown.
    pub(crate) takes_markdown: bool,
    /// Whether an edit of several files may name the versions it is for.
    pub(crate) takes_versioned_edits: bool,
    /// Whether symbols may hold symbols.
    pub(crate) nests_symbols: bool,
    /// Whether a link may say from where it leads.
    pub(crate) takes_links: bool,
    /// Whether code actions may be more than commands.
    pub(crate) takes_actions: bool,
    /// Whether it asks for the changes of an action when that is chosen.
    pub(crate) resolves_actions: bool,
    /// Whether it has a command that lets the person rename what stands at a place.
    pub(crate) renames_later: bool,
    /// Whether a fold may end inside a line.
    pub(crate) folds_lines_only: bool,
    /// The kinds of words it has colours for.
    pub(crate) colours: BTreeSet<String>,
}

/// What an editor asks for again when it is told to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refreshes {
    /// Hints inside texts.
    pub(crate) hints: bool,
    /// Lenses above tasks.
    pub(crate) lenses: bool,
    /// Colours of words.
    pub(crate) tokens: bool,
}

impl Session {
    /// Reads what the editor says of itself.
    pub(crate) fn negotiate(params: &InitializeParams) -> Self {
        let mut session = Self { encoding: encoding(params), ..Self::default() };
        session.read_document(params);
        session.read_workspace(params);
        let window = params.capabilities.window.as_ref();
        session.renames_later = has_command(params, RENAME);
        session.shows_progress = window.and_then(|it| it.work_done_progress).unwrap_or_default();
        session
    }

    fn read_document(&mut self, params: &InitializeParams) {
        let Some(document) = params.capabilities.text_document.as_ref() else { return };
        if let Some(it) = &document.publish_diagnostics {
            self.shows_related = it.related_information.unwrap_or_default();
            self.shows_tags = it.tag_support.is_some();
            self.shows_pages = it.code_description_support.unwrap_or_default();
            self.keeps_data = it.data_support.unwrap_or_default();
        }
        self.read_completion(document.completion.as_ref());
        let formats = document.hover.as_ref().and_then(|it| it.content_format.as_deref());
        self.takes_markdown = formats.is_some_and(|it| it.contains(&MarkupKind::Markdown));
        let symbols = document.document_symbol.as_ref();
        self.nests_symbols =
            symbols.and_then(|it| it.hierarchical_document_symbol_support).unwrap_or_default();
        let definition = document.definition.as_ref();
        self.takes_links = definition.and_then(|it| it.link_support).unwrap_or_default();
        let action = document.code_action.as_ref();
        self.takes_actions = action.is_some_and(|it| it.code_action_literal_support.is_some());
        let resolved = action.and_then(|it| it.resolve_support.as_ref());
        self.resolves_actions = resolved
            .is_some_and(|it| it.properties.iter().any(|it| it == "edit"))
            && action.and_then(|it| it.data_support).unwrap_or_default();
        let folding = document.folding_range.as_ref();
        self.folds_lines_only = folding.and_then(|it| it.line_folding_only).unwrap_or_default();
        let tokens = document.semantic_tokens.as_ref();
        let colours = tokens.iter().flat_map(|it| &it.token_types);
        self.colours = colours.map(|it| it.as_str().to_owned()).collect();
        // Who can't be told to ask again would miss what changes elsewhere.
        let workspace = params.capabilities.workspace.as_ref();
        let refresh = workspace.and_then(|it| it.diagnostics.as_ref());
        self.pulls = document.diagnostic.is_some()
            && refresh.and_then(|it| it.refresh_support).unwrap_or_default();
    }

    fn read_completion(&mut self, completion: Option<&CompletionClientCapabilities>) {
        let item = completion.and_then(|it| it.completion_item.as_ref());
        self.takes_snippets = item.and_then(|it| it.snippet_support).unwrap_or_default();
        let modes = item.and_then(|it| it.insert_text_mode_support.as_ref());
        self.indents_completions =
            modes.is_some_and(|it| it.value_set.contains(&InsertTextMode::ADJUST_INDENTATION));
        let list = completion.and_then(|it| it.completion_list.as_ref());
        let shared = list.and_then(|it| it.item_defaults.as_deref()).unwrap_or_default();
        self.shares_ranges = shared.iter().any(|it| it == "editRange");
    }

    fn read_workspace(&mut self, params: &InitializeParams) {
        let Some(workspace) = params.capabilities.workspace.as_ref() else { return };
        let watching = workspace.did_change_watched_files.as_ref();
        self.watches_files = watching.and_then(|it| it.dynamic_registration).unwrap_or_default();
        self.tells_settings = workspace.configuration.unwrap_or_default();
        let changes = workspace.did_change_configuration.as_ref();
        self.announces_settings =
            changes.and_then(|it| it.dynamic_registration).unwrap_or_default();
        let edits = workspace.workspace_edit.as_ref();
        self.takes_versioned_edits = edits.and_then(|it| it.document_changes).unwrap_or_default();
        let (hints, lenses) = (workspace.inlay_hint.as_ref(), workspace.code_lens.as_ref());
        let tokens = workspace.semantic_tokens.as_ref();
        self.refreshes = Refreshes {
            hints: hints.and_then(|it| it.refresh_support).unwrap_or_default(),
            lenses: lenses.and_then(|it| it.refresh_support).unwrap_or_default(),
            tokens: tokens.and_then(|it| it.refresh_support).unwrap_or_default(),
        };
    }
}

/// Whether the editor has a command of its own: its names are an option of the start.
fn has_command(params: &InitializeParams, name: &str) -> bool {
    let options = params.initialization_options.as_ref();
    let commands = options.and_then(|it| it.get("commands")?.as_array());
    commands.is_some_and(|it| it.iter().any(|it| it == name))
}

/// Bytes if the editor can count them, for nothing needs to be converted then.
fn encoding(params: &InitializeParams) -> Encoding {
    let general = params.capabilities.general.as_ref();
    let encodings = general.and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
    if encodings.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
}
