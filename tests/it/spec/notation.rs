//! How a block of the specification says which findings it expects.
//!
//! A line of carets, a code and words belongs to the line of source above it:
//!
//! ```text
//! task build {
//!   timeout: "10m"
//!            ^^^^^ RUSH0204 expected a duration
//! }
//! ```
//!
//! The carets stand under the place, the words are part of the message. `// file: lib/x.rush` on a
//! line of its own starts another file of the same workspace. With the word `visible` after `rush`,
//! `␉` stands for a tab, `␍` for a carriage return and `␈` for a byte-order mark.

use rush_diagnostics::Code;

use crate::findings::Files;
use crate::markdown::Block;

/// A block, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The files without the expectations.
    pub files: Files,
    /// What is expected, in the order written.
    pub expected: Vec<Expected>,
}

/// One expected finding; all lines count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The file.
    pub path: String,
    /// The line of that file.
    pub line: usize,
    /// The first character the carets mark.
    pub column: usize,
    /// How many they mark.
    pub width: usize,
    /// The code.
    pub code: Code,
    /// A part of the message.
    pub message: String,
    /// The line in the block where the expectation is written.
    pub written: usize,
}

/// Takes a block apart.
pub fn case(block: &Block) -> Case {
    let mut case = Case::default();
    let mut path = "tasks.rush".to_owned();
    let mut text = String::new();
    let mut count = 0;
    for (written, line) in block.lines.iter().enumerate() {
        if let Some(next) = line.strip_prefix("// file: ") {
            if !text.trim().is_empty() {
                case.files.push((path.clone(), std::mem::take(&mut text)));
            }
            next.trim().clone_into(&mut path);
            text.clear();
            count = 0;
        } else if let Some((column, width, code, message)) = expectation(line) {
            let (path, line) = (path.clone(), usize::max(count, 1) - 1);
            case.expected.push(Expected { path, line, column, width, code, message, written });
        } else {
            text.push_str(line);
            text.push('\n');
            count += 1;
        }
    }
    case.files.push((path, text));
    if block.has("visible") {
        for (_, text) in &mut case.files {
            *text = text.replace('␉', "\t").replace('␍', "\r").replace('␈', "\u{feff}");
        }
    }
    case
}

fn expectation(line: &str) -> Option<(usize, usize, Code, String)> {
    let carets = line.trim_start();
    let column = line.chars().count() - carets.chars().count();
    let rest = carets.trim_start_matches('^');
    let width = carets.len() - rest.len();
    let (code, message) = rest.strip_prefix(' ')?.split_once(' ').unwrap_or((&rest[1..], ""));
    if width == 0 || !code.starts_with("RUSH") {
        return None;
    }
    Some((column, width, code.parse().ok()?, message.trim().to_owned()))
}

/// How an expectation is written.
pub fn written(column: usize, width: usize, code: Code, message: &str) -> String {
    format!("{}{} {code} {message}", " ".repeat(column), "^".repeat(width))
}
