//! Random edits and questions: each question is answered once, and in the end the server says what
//! one says that was started on the final texts.

use std::collections::BTreeMap;

use rush_system::MemorySystem;
use serde_json::{Value, json};

use super::client::{Client, uri};
use super::soak::{Dice, PIECES, position};

const FILES: [(&str, &str); 3] = [
    (
        "/w/tasks.rush",
        "use \"./lib.rush\" as lib\n\ntype Target = \"dev\" | \"prod\"\n\n/// Builds.\n\
         task build(target: Target, tag: string = \"🦀\") {\n  inputs: [\"src/**\"]\n  \
         run: `cargo build --target ${target} ${tag}`\n}\n\ntask test {\n  \
         needs: [build(target: \"dev\")]\n  run: sh\"\"\"\n    echo ${name}\n  \"\"\"\n}\n",
    ),
    ("/w/lib.rush", "/// 🦀 é\nlet x = \"a\"\r\nlet y = [x, \"b\"]\r\n"),
    ("/w/services.rush", "service db {\n  run: `sleep 60`\n}\n\ntask up {\n  uses: [db]\n}\n"),
];

/// What may be asked about a place or a document.
const QUESTIONS: [(&str, Shape); 21] = [
    ("hover", Shape::Place),
    ("definition", Shape::Place),
    ("typeDefinition", Shape::Place),
    ("references", Shape::Place),
    ("documentHighlight", Shape::Place),
    ("prepareRename", Shape::Place),
    ("rename", Shape::Place),
    ("completion", Shape::Place),
    ("signatureHelp", Shape::Place),
    ("linkedEditingRange", Shape::Place),
    ("prepareCallHierarchy", Shape::Place),
    ("selectionRange", Shape::Places),
    ("documentSymbol", Shape::Document),
    ("foldingRange", Shape::Document),
    ("semanticTokens/full", Shape::Document),
    ("codeLens", Shape::Document),
    ("documentLink", Shape::Document),
    ("formatting", Shape::Document),
    ("semanticTokens/range", Shape::Range),
    ("inlayHint", Shape::Range),
    ("codeAction", Shape::Range),
];

/// What a question names.
#[derive(Clone, Copy)]
enum Shape {
    Document,
    Place,
    Places,
    Range,
}

/// The documents of an editor that types at random.
struct Storm {
    client: Client,
    texts: BTreeMap<&'static str, String>,
    version: i32,
    dice: Dice,
}

impl Storm {
    async fn new(texts: BTreeMap<&'static str, String>) -> Self {
        let disk = FILES.map(|(path, _)| (path, "")).into_iter().chain([("/w/src/main.rs", "")]);
        let mut client = Client::start(MemorySystem::from_files(disk), &["/w"]).await;
        for (path, text) in &texts {
            client.open(path, 0, text).await;
        }
        Self { client, texts, version: 0, dice: Dice(0x0dd_ba11_5eed_0001) }
    }

    /// Replaces a few characters of a document; sometimes all of it, by what it was at first.
    async fn edit(&mut self) {
        self.version += 1;
        let (path, original) = FILES[self.dice.roll(FILES.len())];
        let text = self.texts.get_mut(path).unwrap();
        if self.dice.roll(40) == 0 {
            original.clone_into(text);
            self.client.replace(path, self.version, original).await;
            return;
        }
        let places: Vec<usize> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
        let start = self.dice.roll(places.len());
        let end = (start + self.dice.roll(5)).min(places.len() - 1);
        let (start, end) = (whole(text, places[start]), whole(text, places[end]));
        let line_end = self.dice.roll(20) == 0;
        let piece = if line_end { "\r\n" } else { PIECES[self.dice.roll(PIECES.len())] };
        let (first, last) = (position(text, start), position(text, end));
        text.replace_range(start..end, piece);
        let range = (first.0, first.1, last.0, last.1);
        self.client.edit(path, self.version, range, piece).await;
    }

    /// Asks something, and returns the number of the question.
    async fn ask(&mut self) -> u64 {
        let (path, _) = FILES[self.dice.roll(FILES.len())];
        let (method, shape) = QUESTIONS[self.dice.roll(QUESTIONS.len())];
        let (from, to) = (self.dice.roll(400), self.dice.roll(400));
        // Half of the places lie inside a surrogate pair or behind the end, as happens.
        let text = self.texts[path].clone();
        let params = question(path, &text, shape, (from, to));
        self.client.request(&format!("textDocument/{method}"), params).await
    }

    /// What is answered to everything, at the same places each time.
    async fn answers(&mut self) -> Vec<Value> {
        let mut answers = Vec::new();
        for (path, _) in FILES {
            let text = self.texts[path].clone();
            for (method, shape) in QUESTIONS {
                for at in [0, text.len() / 3, text.len() / 2, text.len()] {
                    let params = question(path, &text, shape, (at, at + 20));
                    let id = self.client.request(&format!("textDocument/{method}"), params).await;
                    let mut answer = self.client.answer(id).await;
                    if let Some(fields) = answer["result"].as_object_mut() {
                        fields.remove("resultId");
                    }
                    answers.push(json!([path, method, at, answer["result"], answer["error"]]));
                }
            }
        }
        answers
    }
}

/// The start of the line end that a byte is in the middle of: editors have no place there.
fn whole(text: &str, at: usize) -> usize {
    let is_inside = text[..at].ends_with('\r') && text[at..].starts_with('\n');
    if is_inside { at - 1 } else { at }
}

fn question(path: &str, text: &str, shape: Shape, (from, to): (usize, usize)) -> Value {
    let point = |at: usize| {
        let at = (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it)).unwrap();
        let (line, character) = position(text, at);
        json!({ "line": line, "character": character })
    };
    let mut params = json!({
        "textDocument": { "uri": uri(path) },
        "newName": "renamed",
        "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
        "options": { "tabSize": 2, "insertSpaces": true },
    });
    match shape {
        Shape::Document => {}
        Shape::Place => params["position"] = point(from),
        Shape::Places => params["positions"] = json!([point(from), point(to)]),
        Shape::Range => {
            let (from, to) = (from.min(to), from.max(to));
            params["range"] = json!({ "start": point(from), "end": point(to) });
        }
    }
    params
}

/// How many steps are made: many more when somebody has the time.
#[allow(clippy::disallowed_methods, reason = "a test asks whether it may take long")]
fn steps() -> usize {
    if std::env::var_os("RUSH_TEST_LONG").is_some() { 100_000 } else { 1_000 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_edits_and_questions_ends_where_a_fresh_server_begins() {
    let texts = FILES.map(|(path, text)| (path, text.to_owned()));
    let mut storm = Storm::new(texts.into_iter().collect()).await;
    let mut open = Vec::new();
    for step in 0..steps() {
        if storm.dice.roll(3) == 0 {
            open.push(storm.ask().await);
        } else {
            storm.edit().await;
        }
        if step % 50 == 49 {
            for id in open.drain(..) {
                storm.client.answer(id).await;
            }
            storm.client.forget_notifications();
        }
    }
    for id in open {
        storm.client.answer(id).await;
    }
    let twice = storm.client.unclaimed().find(|it| it.get("id").is_some());
    assert_eq!(twice, None, "something was answered twice");
    let found = storm.answers().await;
    let expect = Storm::new(storm.texts.clone()).await.answers().await;
    for (found, expect) in found.iter().zip(&expect) {
        assert_eq!(found, expect);
    }
}
