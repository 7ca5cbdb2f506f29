//! All fixes at once: an editor makes those of `rush check --fix`.

use std::sync::Arc;

use camino::Utf8Path;
use rush_diagnostics::TextRange;
use rush_engine::{Scope, fix};
use rush_ide::{ActionKind, FileEdit, changes};
use rush_project::Project;
use rush_system::{MemorySystem, System as _};

use crate::findings::Files;
use crate::markdown::{Block, blocks};
use crate::repository;
use crate::spec::notation::case;

/// The workspace on a disk of its own.
fn disk(files: &Files) -> MemorySystem {
    let files: Vec<_> = files.iter().map(|(path, it)| (format!("/w/{path}"), it)).collect();
    MemorySystem::from_files(files.iter().map(|(path, it)| (path.as_str(), it.as_str())))
}

fn project(system: Arc<MemorySystem>) -> Option<Project> {
    Project::open(system, Utf8Path::new("/w")).ok()
}

/// The text of a file after `rush check --fix FILE`.
fn by_check(files: &Files, path: &str) -> Option<String> {
    let system = Arc::new(disk(files));
    let mut project = project(system.clone())?;
    let file = Utf8Path::new("/w").join(path);
    let scope = Scope::of_paths(&project, std::slice::from_ref(&file)).ok()?;
    fix(&mut project, &scope);
    String::from_utf8(system.read(&file).ok()?).ok()
}

/// The text of a file after an editor made all fixes.
fn by_editor(files: &Files, path: &str) -> Option<String> {
    let project = project(Arc::new(disk(files)))?;
    let (db, file) = (project.db(), project.file(path)?);
    let all = |it| it == ActionKind::FixEverything;
    let made = changes(db, file, TextRange::default(), all).into_iter().next();
    let edits = made.map(|(_, change)| change.edits).unwrap_or_default();
    assert!(edits.iter().all(|it| it.at.file == file.id(db)), "{path} alone is mended");
    Some(applied(file.text(db), edits))
}

fn applied(text: &str, mut edits: Vec<FileEdit>) -> String {
    edits.sort_by_key(|it| it.at.range.start());
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(std::ops::Range::<usize>::from(edit.at.range), &edit.text);
    }
    text
}

fn is_source(path: &str) -> bool {
    Utf8Path::new(path).extension() == Some("rush")
}

/// How the two differ; and whether there was something to mend.
fn compared(files: &Files, path: &str) -> (Option<String>, bool) {
    let (Some(check), Some(editor)) = (by_check(files, path), by_editor(files, path)) else {
        return (None, false);
    };
    let before = files.iter().find(|(it, _)| it == path).map(|(_, text)| text.as_str());
    let differs = (check != editor)
        .then(|| format!("{path}: `rush check --fix` writes\n{check}\nan editor\n{editor}\n"));
    (differs, before != Some(check.as_str()))
}

/// The first two thirds of a text.
fn torn(text: &str) -> String {
    text.chars().take(text.chars().count() * 2 / 3).collect()
}

fn check(files: &[(&str, &str)], path: &str, expect: &str) {
    let files: Files = files.iter().map(|(path, it)| ((*path).into(), (*it).into())).collect();
    assert_eq!(by_check(&files, path).as_deref(), Some(expect), "`rush check --fix`");
    assert_eq!(by_editor(&files, path).as_deref(), Some(expect), "an editor");
}

#[test]
fn a_fix_that_another_one_makes_possible_is_made_too() {
    // What a field holds is looked at once it has its name.
    let text = "task a {\n  cmd: `y | z`\n  retry { attemps: 3, on_timeout: false }\n}\n";
    let expect = "task a {\n  run: sh\"\"\"\n    y | z\n  \"\"\"\n  retry { attempts: 3 }\n}\n";
    check(&[("tasks.rush", text)], "tasks.rush", expect);
    let crlf = [text, expect].map(|it| it.replace('\n', "\r\n"));
    check(&[("tasks.rush", &crlf[0])], "tasks.rush", &crlf[1]);
}

#[test]
fn a_fix_that_does_harm_keeps_no_other_from_being_made() {
    // What `times` means is not known; once it is, three tasks are wrong.
    let text = "let numbers = [1]\nlet times = nubmers\ntask a { timeout: times, run: `a` }\n\
                task b { timeout: times, run: `b` }\ntask c { timeout: times, cmd: `c` }\n";
    check(&[("tasks.rush", text)], "tasks.rush", &text.replace("cmd", "run"));
}

#[test]
fn an_editor_mends_every_file_as_check_does() {
    let mut report = String::new();
    let (mut count, mut mended) = (0, 0);
    for page in repository::files("tests/spec", ".md") {
        for block in blocks(&repository::read(&page)).into_iter().filter(Block::is_rush) {
            let files = case(&block).files;
            for (path, text) in files.iter().filter(|(path, _)| is_source(path)) {
                for text in [text.clone(), torn(text), text.replace('\n', "\r\n")] {
                    let texts =
                        files
                            .iter()
                            .map(|it| {
                                if it.0 == *path {
                                    (path.clone(), text.clone())
                                } else {
                                    it.clone()
                                }
                            })
                            .collect();
                    let (differs, is_mended) = compared(&texts, path);
                    (count, mended) = (count + 1, mended + usize::from(is_mended));
                    report.extend(differs.map(|it| format!("{page}:{}: {it}", block.line)));
                }
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(mended > 200, "{mended} of {count} files have something to mend");
}
