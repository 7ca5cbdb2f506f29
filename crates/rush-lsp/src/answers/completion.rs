//! What can be written, and what it means once one looks at it; and the parameters of a call.

use ls_types::{
    CompletionItem, CompletionItemKind, CompletionItemLabelDetails, CompletionItemTag,
    CompletionParams, CompletionTextEdit, Documentation, InsertTextFormat, InsertTextMode,
    ParameterInformation, ParameterLabel, Range, SignatureHelp, SignatureHelpParams,
    SignatureInformation, TextEdit, Uri,
};
use rush_ide::{
    Completion, CompletionKind, Completions, DocsId, FileRange, Insert, SignatureParam, completion,
    resolve, signature_help,
};
use serde::Serialize;
use serde_json::json;
use text_size::TextSize;
use tower_lsp::jsonrpc::Result;

use super::hover::markup;
use crate::edits::text_edit;
use crate::ground::{Desk, Ground};
use crate::question::{Question, Subject, Urgency};
use crate::snippet;

/// What an editor asks again for while these are typed, besides letters.
pub(crate) const TRIGGERS: [&str; 11] = ["{", "(", "[", ":", "\"", "$", "`", ".", "/", "|", "-"];

/// Completions, with what they have in common. The list of the protocol library has no place for that.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    is_incomplete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_defaults: Option<Defaults>,
    items: Vec<CompletionItem>,
}

/// What holds for each completion that does not say otherwise.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    edit_range: Range,
}

/// Completions, and what their lines begin with.
pub(crate) struct Found {
    completions: Completions,
    /// The white space of the line they are inserted in; empty where the editor adds it.
    indentation: String,
}

impl Question for CompletionParams {
    type Found = Found;
    type Answer = Listed;
    const WHILE: &'static str = "completions were sought";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position.position)?;
        // An editor without snippets inserts what it is given, sign by sign; with them, it indents.
        let is_indented =
            ground.terms.session.takes_snippets || ground.terms.session.indents_completions;
        let (view, asked) = ground.document()?;
        let completions = completion(&view.db, &view.files, asked.file, offset);
        view.note(completions.list.iter().flat_map(|it| &it.edits).map(|it| it.at.file));
        let text = asked.file.text(&view.db);
        let indentation = if is_indented { "" } else { indentation(text, offset) };
        Some(Found { completions, indentation: indentation.to_owned() })
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let Found { completions: Completions { list, is_incomplete }, indentation } = found;
        let word = list.first().and_then(|it| Word::new(it.replaces, desk));
        let items: Vec<_> =
            list.into_iter().filter_map(|it| item(it, word, &indentation, desk)).collect();
        let shared = word.filter(|_| items.iter().any(|it| it.text_edit.is_none()));
        let item_defaults = shared.map(|it| Defaults { edit_range: it.range });
        Ok(Some(Listed { is_incomplete, item_defaults, items }))
    }
}

/// The white space that the line of an offset begins with.
fn indentation(text: &str, offset: TextSize) -> &str {
    let before = text.get(..usize::from(offset)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

/// The word at the cursor, which most completions replace.
#[derive(Clone, Copy)]
struct Word {
    at: FileRange,
    range: Range,
}

impl Word {
    fn new(at: FileRange, desk: &Desk) -> Option<Self> {
        Some(Self { at, range: desk.range(at.range)? })
    }

    /// What is replaced by a completion, and by what; nothing if it goes without saying.
    fn edit(
        self,
        (label, text): (&str, String),
        at: FileRange,
        desk: &Desk,
    ) -> Option<CompletionTextEdit> {
        let session = &desk.terms.session;
        if session.shares_ranges && at == self.at && label == text {
            return None;
        }
        let range = if at == self.at { self.range } else { desk.range(at.range)? };
        Some(CompletionTextEdit::Edit(TextEdit::new(range, text)))
    }
}

fn item(
    found: Completion,
    word: Option<Word>,
    indentation: &str,
    desk: &Desk,
) -> Option<CompletionItem> {
    let session = &desk.terms.session;
    let (text, is_snippet) = match found.insert {
        Insert::Plain(text) => (text, false),
        Insert::Snippet(text) if session.takes_snippets => (text, true),
        Insert::Snippet(text) => {
            (snippet::plain(&text).replace('\n', &format!("\n{indentation}")), false)
        }
    };
    let is_long = text.contains('\n');
    let mode = if is_snippet || session.indents_completions {
        InsertTextMode::ADJUST_INDENTATION
    } else {
        InsertTextMode::AS_IS
    };
    let table = desk.table()?;
    let edits = found.edits.iter().filter_map(|it| text_edit(table, it)).collect::<Vec<_>>();
    let uri = desk.asked.as_ref()?.uri.as_str();
    let data = found.docs.map(|it| json!({ "uri": uri, "docs": it.as_str() }));
    let details = CompletionItemLabelDetails {
        detail: found.label_detail,
        description: found.default.map(|it| format!("= {it}")).or_else(|| found.detail.clone()),
    };
    let has_details = details.detail.is_some() || details.description.is_some();
    Some(CompletionItem {
        text_edit: word?.edit((&found.label, text), found.replaces, desk),
        label: found.label,
        label_details: has_details.then_some(details),
        kind: Some(kind(found.kind)),
        detail: found.detail,
        preselect: found.is_likely.then_some(true),
        sort_text: Some(found.sort),
        filter_text: found.filter,
        insert_text_format: is_snippet.then_some(InsertTextFormat::SNIPPET),
        insert_text_mode: is_long.then_some(mode),
        additional_text_edits: Some(edits).filter(|it| !it.is_empty()),
        data,
        tags: found.is_deprecated.then(|| vec![CompletionItemTag::DEPRECATED]),
        ..CompletionItem::default()
    })
}

const fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::KEYWORD,
        CompletionKind::Skeleton => CompletionItemKind::SNIPPET,
        CompletionKind::Field => CompletionItemKind::FIELD,
        CompletionKind::Member | CompletionKind::Tag => CompletionItemKind::ENUM_MEMBER,
        CompletionKind::Local | CompletionKind::Param | CompletionKind::Variable => {
            CompletionItemKind::VARIABLE
        }
        CompletionKind::Let => CompletionItemKind::CONSTANT,
        CompletionKind::Secret => CompletionItemKind::REFERENCE,
        CompletionKind::Function => CompletionItemKind::FUNCTION,
        CompletionKind::Method | CompletionKind::Task => CompletionItemKind::METHOD,
        CompletionKind::Service => CompletionItemKind::EVENT,
        CompletionKind::Template => CompletionItemKind::INTERFACE,
        CompletionKind::Namespace => CompletionItemKind::MODULE,
        CompletionKind::Type => CompletionItemKind::ENUM,
        CompletionKind::File => CompletionItemKind::FILE,
        CompletionKind::Directory => CompletionItemKind::FOLDER,
        CompletionKind::Program => CompletionItemKind::TEXT,
    }
}

/// A completion that is looked at.
pub(crate) struct ResolveCompletion {
    uri: Uri,
    docs: DocsId,
    item: CompletionItem,
}

impl ResolveCompletion {
    /// Reads what was put into the completion when it was told; gives it back when there is nothing
    /// more to say.
    pub(crate) fn new(item: CompletionItem) -> std::result::Result<Self, Box<CompletionItem>> {
        let field = |name| item.data.as_ref()?.get(name)?.as_str();
        let uri = field("uri").and_then(|it| it.parse().ok());
        let docs = field("docs").map(DocsId::new);
        match uri.zip(docs) {
            Some((uri, docs)) => Ok(Self { uri, docs, item }),
            None => Err(Box::new(item)),
        }
    }
}

impl Question for ResolveCompletion {
    type Found = Option<String>;
    type Answer = CompletionItem;
    const WHILE: &'static str = "a completion was explained";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, _) = ground.document()?;
        Some(resolve(&view.db, &self.docs))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let documentation = found.map(|it| Documentation::MarkupContent(markup(it, desk)));
        Ok(Some(CompletionItem { documentation, ..self.item.clone() }))
    }
}

impl Question for SignatureHelpParams {
    type Found = rush_ide::SignatureHelp;
    type Answer = SignatureHelp;
    const WHILE: &'static str = "parameters were shown";
    const URGENCY: Urgency = Urgency::Typing;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document_position_params.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let offset = ground.offset(self.text_document_position_params.position)?;
        let (view, asked) = ground.document()?;
        signature_help(&view.db, asked.file, offset)
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let docs = |it: String| Documentation::MarkupContent(markup(it, desk));
        let label = found.label;
        let parameter = |it: SignatureParam| ParameterInformation {
            // The label is counted in UTF-16 whatever was agreed about documents.
            label: ParameterLabel::LabelOffsets(
                [it.range.start, it.range.end].map(|at| utf16(&label, at)),
            ),
            documentation: it.docs.map(docs),
        };
        let parameters: Vec<_> = found.params.into_iter().map(parameter).collect();
        let active = found.active.map(|it| it as u32);
        let signature = SignatureInformation {
            documentation: found.docs.map(docs),
            parameters: Some(parameters),
            active_parameter: active,
            label,
        };
        Ok(Some(SignatureHelp {
            signatures: vec![signature],
            active_signature: Some(0),
            active_parameter: active,
        }))
    }
}

fn utf16(text: &str, offset: usize) -> u32 {
    let before = text.get(..offset).unwrap_or(text);
    before.encode_utf16().count() as u32
}
