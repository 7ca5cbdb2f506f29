//! What may be asked of a server about a place or a document.

use serde_json::{Value, json};

use super::{Place, place};

/// A question about some place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// The number of the document.
    pub document: usize,
    pub(super) question: Question,
    /// The place it is about, or where the range begins.
    pub(super) from: Place,
    /// Where the range ends.
    pub(super) to: Place,
}

/// A question, without the place it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// The method of the protocol.
    method: &'static str,
    shape: Shape,
}

/// What a question names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Document,
    Place,
    Places,
    Range,
}

const fn ask(method: &'static str, shape: Shape) -> Question {
    Question { method, shape }
}

/// All questions that depend on nothing but the texts.
pub(super) const QUESTIONS: [Question; 22] = [
    ask("textDocument/hover", Shape::Place),
    ask("textDocument/definition", Shape::Place),
    ask("textDocument/typeDefinition", Shape::Place),
    ask("textDocument/references", Shape::Place),
    ask("textDocument/documentHighlight", Shape::Place),
    ask("textDocument/prepareRename", Shape::Place),
    ask("textDocument/rename", Shape::Place),
    ask("textDocument/completion", Shape::Place),
    ask("textDocument/signatureHelp", Shape::Place),
    ask("textDocument/linkedEditingRange", Shape::Place),
    ask("rush/taskAt", Shape::Place),
    ask("textDocument/prepareCallHierarchy", Shape::Place),
    ask("textDocument/selectionRange", Shape::Places),
    ask("textDocument/documentSymbol", Shape::Document),
    ask("textDocument/foldingRange", Shape::Document),
    ask("textDocument/semanticTokens/full", Shape::Document),
    ask("textDocument/codeLens", Shape::Document),
    ask("textDocument/documentLink", Shape::Document),
    ask("textDocument/formatting", Shape::Document),
    ask("textDocument/semanticTokens/range", Shape::Range),
    ask("textDocument/inlayHint", Shape::Range),
    ask("textDocument/codeAction", Shape::Range),
];

/// How much of a document the range of a question covers, in bytes.
const RANGE_BYTES: usize = 20;

/// Every question at a few places of each text, the same each time.
pub fn all_inquiries(texts: &[String]) -> Vec<Inquiry> {
    let mut all = Vec::new();
    for (document, text) in texts.iter().enumerate() {
        for question in QUESTIONS {
            for at in [0, text.len() / 3, text.len() / 2, text.len()] {
                let start = text.floor_char_boundary(at);
                let end = text.floor_char_boundary(start + RANGE_BYTES);
                let (from, to) = (place(text, start), place(text, end));
                all.push(Inquiry { document, question, from, to });
            }
        }
    }
    all
}

impl Inquiry {
    /// The method of the protocol.
    pub fn method(&self) -> &'static str {
        self.question.method
    }

    /// The parameters, for a document of this name.
    pub fn params(&self, uri: &str) -> Value {
        let point = |it: Place| json!({ "line": it.line, "character": it.column });
        let (from, to) = (point(self.from), point(self.to));
        let mut params = json!({
            "textDocument": { "uri": uri },
            "newName": "renamed",
            "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
            "options": { "tabSize": 2, "insertSpaces": true },
        });
        let Some(fields) = params.as_object_mut() else { return params };
        match self.question.shape {
            Shape::Document => None,
            Shape::Place => fields.insert("position".to_owned(), from),
            Shape::Places => fields.insert("positions".to_owned(), json!([from, to])),
            Shape::Range => fields.insert("range".to_owned(), json!({ "start": from, "end": to })),
        };
        params
    }
}
