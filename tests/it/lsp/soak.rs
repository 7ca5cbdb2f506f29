//! After any number of edits the server says what a fresh check of the final texts says.

use rush_diagnostics::{ResolvedDiagnostic, Source, resolve_all};
use rush_semantics::check::{file_diagnostics, prepare};
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::{RushDatabase, SourceFile};
use rush_system::MemorySystem;
use rush_test::typist::{Dice, place};

use super::client::Client;

const FILES: [(&str, &str); 2] = [
    ("tasks.rush", "use \"./lib.rush\" as lib\ntask a {\n  needs: [b]\n  run: `echo {lib.x}`\n}\n"),
    ("lib.rush", "let x = \"🦀\"\nlet y = x\n"),
];

/// What is put somewhere; most of it breaks something, some of it mends.
const PIECES: &[&str] = &[
    "",
    "\n",
    "}",
    "{",
    "  ",
    "task b {\n  run: `true`\n}\n",
    "needs: [a]\n",
    "let x = 1\n",
    "\"",
    "`",
    "é",
    "🦀",
    "lib.x",
    "// ",
    "x",
    "[",
    "]",
    "\ntask a {}\n",
];

/// Replaces a few characters, and returns where the editor says that was.
fn mangle(text: &mut String, dice: &mut Dice) -> ((u32, u32, u32, u32), &'static str) {
    let places: Vec<usize> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
    let start = dice.roll(places.len());
    let end = (start + dice.roll(6)).min(places.len() - 1);
    let (start, end) = (places[start], places[end]);
    let piece = PIECES[dice.roll(PIECES.len())];
    let (first, last) = (place(text, start), place(text, end));
    text.replace_range(start..end, piece);
    ((first.line, first.column, last.line, last.column), piece)
}

/// What a check says that begins with these texts, in the form in which the client shows it.
fn fresh(texts: &[String]) -> Vec<String> {
    let mut db = RushDatabase::default();
    db.set_files(FILES.iter().zip(texts).map(|((path, _), text)| (*path, text.as_str())));
    prepare(&db);
    FILES
        .iter()
        .zip(texts)
        .map(|((path, _), text)| of_file(&db, db_file(&db, path), text))
        .collect()
}

fn db_file(db: &RushDatabase, path: &str) -> SourceFile {
    use rush_semantics::Db as _;
    *db.workspace().files(db).get(path).unwrap()
}

fn of_file(db: &RushDatabase, file: SourceFile, text: &str) -> String {
    let own = file_diagnostics(db, file);
    let graph = workspace_diagnostics(db).iter().filter(|it| it.file() == file.id(db));
    let source = Source::new("", text);
    let line = |it: &ResolvedDiagnostic| {
        let (start, end) =
            (source.utf16(it.primary.range.start()), source.utf16(it.primary.range.end()));
        let place = format!("{}:{}-{}:{}", start.line, start.col, end.line, end.col);
        format!("{place} {} {}\n", it.code, it.message.lines().next().unwrap_or_default())
    };
    resolve_all(own.iter().chain(graph), db).iter().map(line).collect()
}

#[tokio::test]
async fn random_edits_end_where_a_fresh_check_begins() {
    let mut client =
        Client::start(MemorySystem::from_files([("/w/tasks.rush", "")]), &["/w"]).await;
    let mut texts = FILES.map(|(_, text)| text.to_owned());
    for (path, text) in FILES {
        client.open(&format!("/w/{path}"), 0, text).await;
    }
    let mut dice = Dice(0x5eed_1234_9876_abcd);
    let mut version = 0;
    for round in 0..8 {
        for _ in 0..40 {
            version += 1;
            for ((path, _), text) in FILES.iter().zip(&mut texts) {
                let (range, piece) = mangle(text, &mut dice);
                client.edit(&format!("/w/{path}"), version, range, piece).await;
            }
        }
        for ((path, _), expect) in FILES.iter().zip(fresh(&texts)) {
            let path = format!("/w/{path}");
            client.settles_at(&path, version, &expect).await;
        }
        if round % 2 == 1 {
            version += 1;
            for ((path, new), text) in FILES.iter().zip(&mut texts) {
                (*new).clone_into(text);
                client.replace(&format!("/w/{path}"), version, new).await;
            }
        }
    }
}
