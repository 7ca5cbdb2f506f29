//! What the language server is measured on: one long file, and a workspace of many; and as much YAML,
//! with its schema, and Nickel for the servers beside.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

/// How many lines the long file has.
pub(super) const LINES: usize = 10_000;
/// How many files the workspace has, and how many lines each.
pub(super) const FILES: usize = 1_000;
const LINES_EACH: usize = 100;

/// The lines of one task.
const TASK_LINES: usize = 8;

/// A file of many tasks.
pub(super) fn long_file() -> String {
    let mut text = String::from("workspace {}\n");
    for index in 0..LINES / TASK_LINES {
        let before = index.saturating_sub(1);
        push_task(&mut text, index, &format!("needs: [t{before}]"), "level");
    }
    text
}

/// Packages that all use one name of a library.
pub(super) fn write_workspace(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory.join("lib"))?;
    fs::write(directory.join("tasks.rush"), "workspace {\n  members: [\"lib\", \"p*\"]\n}\n")?;
    fs::write(directory.join("lib/tasks.rush"), library())?;
    for package in 0..FILES {
        let folder = directory.join(format!("p{package}"));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("tasks.rush"), package_text())?;
    }
    Ok(())
}

/// The file of which a name is used everywhere.
pub(super) fn library() -> &'static str {
    "/// The version of everything.\nlet version = \"1\"\n"
}

/// The text of each package.
pub(super) fn package_text() -> String {
    let mut text = String::from("use \"//lib\" as lib\n");
    for index in 0..LINES_EACH / TASK_LINES {
        push_task(&mut text, index, "inputs: [\"src/**\"]", "lib.version");
    }
    text
}

fn push_task(text: &mut String, index: usize, member: &str, used: &str) {
    let _ = write!(
        text,
        "\n/// Part {index} of a large build.\n\
         task t{index}(mode: \"debug\" | \"release\" = \"debug\", level: int(0..=3) = 1) {{\n\
         \x20 {member}\n\
         \x20 timeout: 10m\n\
         \x20 outputs: [\"out/t{index}/**\"]\n\
         \x20 run: `cc -O${{{used}}} -o out/t{index}/${{mode}} src/t{index}/main.c`\n\
         }}\n",
    );
}

/// As many lines of YAML.
pub(super) fn yaml() -> String {
    let mut text = String::from("tasks:\n");
    for index in 0..LINES / TASK_LINES {
        let before = index.saturating_sub(1);
        let _ = write!(
            text,
            "  # Part {index} of a large build.\n  t{index}:\n    mode: debug\n    level: 1\n    \
             needs: [t{before}]\n    timeout: 10min\n    outputs: [\"out/t{index}/**\"]\n    \
             run: cc -O1 -o out/t{index}/debug src/t{index}/main.c\n",
        );
    }
    text
}

/// As many lines of Nickel.
pub(super) fn nickel() -> String {
    let mut text = String::from(
        "let Task = { mode | [| 'debug, 'release |], level | Number, needs | Array String, \
         timeout | String, outputs | Array String, run | String } in\n{\n",
    );
    for index in 0..LINES / TASK_LINES {
        let before = index.saturating_sub(1);
        let _ = write!(
            text,
            "  t{index} | Task = {{\n    mode = 'debug,\n    level : Number = 1,\n    \
             needs = [\"t{before}\"],\n    timeout = \"10min\",\n    \
             outputs = [\"out/t{index}/**\"],\n    \
             run = \"cc -O1 -o out/t{index}/debug src/t{index}/main.c\",\n  }},\n",
        );
    }
    text + "}\n"
}

/// What the YAML may hold.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": { "tasks": { "type": "object", "additionalProperties": {
            "type": "object",
            "additionalProperties": false,
            "required": ["run"],
            "properties": {
                "mode": { "enum": ["debug", "release"] },
                "level": { "type": "integer", "minimum": 0, "maximum": 3 },
                "needs": { "type": "array", "items": { "type": "string" } },
                "inputs": { "type": "array", "items": { "type": "string" } },
                "outputs": { "type": "array", "items": { "type": "string" } },
                "timeout": { "type": "string" },
                "run": { "type": "string" },
            },
        } } },
    })
}
