//! What of an answer has to be as it was, and which diagnostics count.

#![allow(clippy::indexing_slicing, reason = "an object of JSON has null where it has nothing")]

use std::collections::BTreeMap;

use rush_ide::LensCommand;
use serde_json::{Value, json};

/// The diagnostics of a document.
#[derive(Default)]
pub(super) struct Said {
    /// The last ones of the text before.
    before: Option<Value>,
    /// All that were said of the present text, oldest first.
    pub(super) now: Vec<Value>,
}

impl Said {
    /// Notes that the text is another one.
    pub(super) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now).pop().or_else(|| self.before.take());
    }

    /// Those that are wanted, if they were said of the present text; else the last ones.
    ///
    /// The recorded editor may have left, or typed on, before it was told what the rules about the
    /// whole workspace say.
    pub(super) fn found(&self, wanted: &Value) -> Option<Value> {
        let mut now = self.now.iter().map(sorted);
        let same = now.clone().find(|it| it == wanted);
        same.or_else(|| now.next_back()).or_else(|| self.before.as_ref().map(sorted))
    }
}

/// Whether an answer is that the question was withdrawn, or that its text is no more.
pub(super) fn is_withdrawn(answer: &Value) -> bool {
    matches!(answer["error"]["code"].as_i64(), Some(-32_802..=-32_800))
}

/// What of an answer has to be the same.
pub(super) fn essence(method: &str, answer: &Value) -> Value {
    let mut answer = json!({ "result": answer.get("result"), "error": answer.get("error") });
    match method {
        // A newer server may say so.
        "initialize" => answer["result"]["serverInfo"] = Value::Null,
        "textDocument/codeLens" => {
            if let Some(lenses) = answer["result"].as_array_mut() {
                // What ran since is no news of the server.
                lenses.retain(|it| it["command"]["command"] != LensCommand::ShowRun.name());
            }
        }
        _ => {}
    }
    sorted(&answer)
}

/// The same with the numbers of answers left out, and all lists in one order.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(them) => {
            let mut them: Vec<Value> = them.iter().map(sorted).collect();
            // Lists of numbers say something by their order.
            if !them.iter().all(Value::is_number) {
                them.sort_by_cached_key(Value::to_string);
            }
            Value::Array(them)
        }
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "resultId");
            let kept: BTreeMap<_, _> = kept.map(|(name, it)| (name.clone(), sorted(it))).collect();
            kept.into_iter().collect::<serde_json::Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Said;

    /// What counts as said, when `wanted` was recorded last; a bar is where the text became another.
    fn check(said: &[&str], wanted: &str, expect: Option<&str>) {
        let mut it = Said::default();
        for said in said {
            match *said {
                "|" => it.turn(),
                said => it.now.push(json!(said)),
            }
        }
        assert_eq!(it.found(&json!(wanted)), expect.map(Value::from), "{said:?}");
    }

    #[test]
    fn a_recorded_editor_may_have_left_before_all_was_said() {
        check(&[], "file", None);
        check(&["file", "graph"], "graph", Some("graph"));
        check(&["file", "graph"], "file", Some("file"));
        check(&["file", "graph"], "other", Some("graph"));
        check(&["file", "|"], "file", Some("file"));
        check(&["file", "|", "graph"], "file", Some("graph"));
        check(&["file", "|", "|"], "file", Some("file"));
    }
}
