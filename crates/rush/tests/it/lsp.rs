//! Conversations with the language server: written down, and said again.

use crate::rush;

const START: &str = r#"{"ms":0,"from":"editor","message":{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"capabilities":{}}}}
{"ms":1,"from":"editor","message":{"jsonrpc":"2.0","id":2,"method":"rush/explainText","params":{"uri":"rush-explain:/RUSH0000.md"}}}
"#;

/// The answer to the second question.
fn answer(message: &str) -> String {
    let error = format!(r#"{{"code":-32602,"message":"{message}"}}"#);
    format!(
        "{START}{{\"ms\":2,\"from\":\"server\",\"message\":{{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{error}}}}}\n"
    )
}

#[test]
fn a_conversation_is_said_again_and_compared() {
    let same = answer("there is no page `rush-explain:/RUSH0000.md`");
    let replay = || rush().args(["lsp", "--replay", "talk.jsonl"]);
    replay().file("talk.jsonl", &same).status(0).stdout("1 answers are as they were\n").run();
    let other = answer("something else");
    let found = replay().file("talk.jsonl", &other).status(1).run();
    assert!(
        found.stdout.contains("`rush/explainText` (request 2) is answered otherwise"),
        "{found:?}"
    );
    assert!(found.stdout.ends_with("1 of 1 answers differ\n"), "{found:?}");
}

#[test]
fn of_a_conversation_that_was_cut_off_the_whole_lines_are_said() {
    let talk = format!(
        "{}{{\"ms\":3,\"from\":\"edi",
        answer("there is no page `rush-explain:/RUSH0000.md`")
    );
    let replay = rush().args(["lsp", "--replay", "talk.jsonl"]).file("talk.jsonl", &talk);
    let told = "the last message is cut off and was left out\n1 answers are as they were\n";
    replay.status(0).stdout(told).run();
}

#[test]
fn what_is_no_conversation_is_refused() {
    let replay = || rush().args(["lsp", "--replay", "talk.jsonl"]);
    replay().file("talk.jsonl", "{}\n").status(2).stderr("line 1 is no line of a record").run();
    replay().status(3).stderr("talk.jsonl").run();
}
