//! Tests: whatever is edited, the items are those of the new text.

use proptest::prelude::*;

use super::*;

const TEXT: &str = "\
//! The build.

let a = 1

/// Builds.
// Not for long.
task build {
  run: `cc`
}

// About b.
task b(x: int) extends build {
  run: \"\"\"
    one
  \"\"\"
}

task b {
}

  // Not where it should be.
  task c {
    run: `x`
  }

odd thing {
}
";

/// What a database knows of a file: kind, name, rank, text and start of each item.
fn items(db: &RushDatabase, file: SourceFile) -> Vec<(String, String, u32, String, TextSize)> {
    let items = file.items(db).iter().zip(file.starts(db).iter());
    items
        .map(|(item, start)| {
            let (kind, name) = (item.kind(db).to_string(), item.name(db).to_string());
            (kind, name, item.ordinal(db), item.text(db).to_string(), *start)
        })
        .collect()
}

#[track_caller]
fn check(texts: &[&str]) {
    let mut db = RushDatabase::default();
    for text in texts {
        let file = db.set_file("tasks.rush", text);
        let mut fresh = RushDatabase::default();
        let expected = fresh.set_file("tasks.rush", text);
        assert_eq!(items(&db, file), items(&fresh, expected), "after {texts:?}");
        assert_eq!(&**file.text(&db), *text);
        for item in file.items(&db).iter() {
            assert_eq!(item.mentions(&db), Mentions::of(item.text(&db)));
        }
    }
}

#[test]
fn a_database_for_one_answer_starts_anew_when_a_text_changes() {
    let mut db = RushDatabase::for_one_answer();
    db.set_files([("tasks.rush", TEXT), ("web/tasks.rush", "task web {\n}\n")]);
    let file = db.workspace().files(&db).get("tasks.rush").copied().unwrap();
    let before = items(&db, file);
    assert!(db.has_fixed_texts());
    let same = db.set_file("tasks.rush", &edited("let a = 1", "let a = 10"));
    assert!(!db.has_fixed_texts());
    assert_eq!(same.id(&db), file.id(&db));
    assert_ne!(items(&db, same), before);
    assert_eq!(db.workspace().files(&db).len(), 2);
    db.set_file("tasks.rush", TEXT);
    assert_eq!(items(&db, same), before);
}

fn edited(from: &str, to: &str) -> String {
    assert!(TEXT.contains(from), "{from} is in the text");
    TEXT.replacen(from, to, 1)
}

#[test]
fn an_edit_inside_an_item() {
    check(&[TEXT, &edited("`cc`", "`clang`"), TEXT]);
}

#[test]
fn an_edit_that_makes_or_removes_items() {
    check(&[TEXT, &edited("task b {\n}\n", ""), TEXT]);
    check(&[TEXT, &edited("task b {", "task c {"), TEXT]);
    check(&[TEXT, "", TEXT]);
    check(&["", "x", ""]);
}

#[test]
fn comments_change_sides() {
    check(&[TEXT, &edited("// About b.\n", "// About b.\n\n"), TEXT]);
    check(&[TEXT, &edited("}\n\n// About b", "}\n// About b"), TEXT]);
    check(&[TEXT, &edited("/// Builds.", "// Builds."), TEXT]);
}

#[test]
fn an_open_text_swallows_what_follows() {
    check(&[TEXT, &edited("    one\n  \"\"\"\n", "    one\n"), TEXT]);
    check(&[TEXT, &edited("task b {\n}", "task b {\n  run: \"\"\"\n}"), TEXT]);
}

#[test]
fn joined_lines_join_items() {
    check(&[TEXT, &edited("let a = 1\n\n", "let a = 1"), TEXT]);
    check(&[TEXT, &edited("let a = 1\n\n", "let a = 1 "), TEXT]);
}

#[test]
fn a_comment_of_other_languages_comes_and_goes() {
    let (half, open) = (edited("// About b.", "/ About b."), edited("// About b.", "/* About b."));
    let closed = open.replace("odd thing", "*/\nodd thing");
    let moved = |text: &str| text.replace("`cc`", "`clang`");
    check(&[TEXT, &open, &moved(&open), &moved(TEXT), TEXT]);
    check(&[TEXT, &half, &open, &closed, &moved(&closed), &closed.replace("/*", "//"), TEXT]);
    check(&[&closed, &closed.replace("task c", "task d"), &open, &half]);
    check(&["/", "/*", "/* */\nlet a = 1\nlet b = 2", "let a = 1\nlet b = 2"]);
    check(&["\n/", "\n/*", "\nlet a = 1\n/* let b = 2", "\nlet a = 1\n let b = 2"]);
}

#[test]
fn untouched_items_keep_their_slots() {
    let mut db = RushDatabase::default();
    let before = db.set_file("tasks.rush", TEXT).items(&db).clone();
    let after = db.set_file("tasks.rush", &edited("let a = 1", "let a = 10\n")).items(&db).clone();
    assert_eq!(before, after);
    let renamed = db.set_file("tasks.rush", &edited("let a", "let other")).items(&db).clone();
    let kept = before.iter().filter(|item| renamed.contains(item)).count();
    assert_eq!(kept, before.len() - 1);
}

#[test]
fn slots_of_items_that_went_are_used_again() {
    let mut db = RushDatabase::default();
    for at in 0..50 {
        let text = format!("task a{at} {{\n}}\ntask b{at} {{\n}}\n");
        db.set_file("tasks.rush", &text);
        assert!(db.spare_items.len() <= 2);
    }
    db.remove_file("tasks.rush");
    assert!(db.spare_items.len() <= 4);
    let id = db.set_file("tasks.rush", TEXT).id(&db);
    assert_eq!(id, FileId(1), "a file that returns has its number");
}

#[test]
fn edits_of_a_file_that_expects_them_end_like_others() {
    let mut db = RushDatabase::default();
    let file = db.set_file("tasks.rush", TEXT);
    let before = items(&db, file);
    db.expect_edits("tasks.rush");
    assert_eq!(items(&db, file), before);
    db.set_file("tasks.rush", &edited("let a = 1", "let a = 10"));
    db.set_file("tasks.rush", TEXT);
    assert_eq!(items(&db, file), before);
}

/// A stretch of the text and what replaces it.
fn edit() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    let pieces = prop::sample::select(vec![
        "",
        "\n",
        "\n\n",
        "x",
        " ",
        "task c {\n}\n",
        "\"\"\"",
        "// c\n",
        "/// d\n",
        "}",
        "  ",
        "let ",
        "odd ",
        "extends",
        "\u{e4}",
        "\r\n",
        "\u{feff}",
        "#!",
    ]);
    let text = prop::collection::vec(pieces, 0..4).prop_map(|it| it.concat());
    (any::<prop::sample::Index>(), 0..40_usize, text)
}

proptest! {
    #[test]
    fn any_edits_give_the_items_of_the_last_text(
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        let mut db = RushDatabase::default();
        let mut text = TEXT.to_owned();
        let file = db.set_file("tasks.rush", &text);
        for (at, length, new) in edits {
            let at = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.ceil_char_boundary((at + length).min(text.len()));
            text.replace_range(at..end, &new);
            db.set_file("tasks.rush", &text);
            let mut fresh = RushDatabase::default();
            let expected = fresh.set_file("tasks.rush", &text);
            prop_assert_eq!(items(&db, file), items(&fresh, expected), "{:?}", text);
        }
    }
}
