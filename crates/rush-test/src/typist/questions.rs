//! What may be asked of a server about a place or a document.

use serde_json::{Value, json};

use super::Place;

/// A question, without the place it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The method of the protocol.
    pub method: &'static str,
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
pub const QUESTIONS: [Question; 21] = [
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

impl Question {
    /// The parameters of the question, about a place or a range of a document.
    pub fn params(self, uri: &str, from: Place, to: Place) -> Value {
        let point = |it: Place| json!({ "line": it.line, "character": it.column });
        let mut params = json!({
            "textDocument": { "uri": uri },
            "newName": "renamed",
            "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
            "options": { "tabSize": 2, "insertSpaces": true },
        });
        let Some(fields) = params.as_object_mut() else { return params };
        match self.shape {
            Shape::Document => None,
            Shape::Place => fields.insert("position".to_owned(), point(from)),
            Shape::Places => fields.insert("positions".to_owned(), json!([point(from), point(to)])),
            Shape::Range => {
                fields.insert("range".to_owned(), json!({ "start": point(from), "end": point(to) }))
            }
        };
        params
    }
}
