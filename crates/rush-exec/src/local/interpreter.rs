//! How each interpreter is given a script: verbatim, strict, with its arguments as arguments.
//!
//! A script travels in one argument, so no quoting is involved; those that are too long, and interpreters that
//! can't take arguments beside a text, get a file.

use std::path::Path;

use rush_plan::{Interpreter, Script};

/// The programs that can be the interpreter, best first.
pub(crate) const fn programs(interpreter: Interpreter) -> &'static [&'static str] {
    match interpreter {
        Interpreter::Sh => &["sh"],
        Interpreter::Bash => &["bash"],
        Interpreter::Zsh => &["zsh"],
        Interpreter::Fish => &["fish"],
        Interpreter::Pwsh => &["pwsh", "powershell"],
        Interpreter::Python => &["python3", "python"],
        Interpreter::Node => &["node"],
        Interpreter::Ruby => &["ruby"],
        Interpreter::Nu => &["nu"],
    }
}

/// Whether the script has to be a file, whatever its length.
pub(super) fn needs_file(script: &Script) -> bool {
    match script.interpreter {
        // `-Command` would read the arguments as code.
        Interpreter::Pwsh => true,
        // `-c` takes no arguments.
        Interpreter::Nu => !script.arguments.is_empty(),
        Interpreter::Sh
        | Interpreter::Bash
        | Interpreter::Zsh
        | Interpreter::Fish
        | Interpreter::Python
        | Interpreter::Node
        | Interpreter::Ruby => false,
    }
}

/// The ending of a script file; PowerShell and node insist on one.
pub(super) const fn extension(script: &Script) -> &'static str {
    match script.interpreter {
        Interpreter::Sh | Interpreter::Bash | Interpreter::Zsh => "sh",
        Interpreter::Fish => "fish",
        Interpreter::Pwsh => "ps1",
        Interpreter::Python => "py",
        Interpreter::Node => "js",
        Interpreter::Ruby => "rb",
        Interpreter::Nu => "nu",
    }
}

/// All words of the command, the interpreter's own name first.
pub(super) fn words(script: &Script, program: &Path, file: Option<&Path>) -> Vec<String> {
    let tag = script.interpreter.tag();
    let name = program.file_name().map_or_else(|| tag.into(), |it| it.to_string_lossy());
    let mut words = vec![name.into_owned()];
    words.extend(flags(script.interpreter).iter().map(|&flag| flag.to_owned()));
    match file {
        Some(file) => {
            if script.interpreter == Interpreter::Pwsh {
                words.push("-File".to_owned());
            }
            words.push(file.to_string_lossy().into_owned());
        }
        None => words.extend(inline(script)),
    }
    words.extend(script.arguments.iter().cloned());
    words
}

/// The flags that make an interpreter strict and independent of the person's start-up files.
const fn flags(interpreter: Interpreter) -> &'static [&'static str] {
    match interpreter {
        Interpreter::Sh => &["-eu"],
        Interpreter::Bash => &["-euo", "pipefail"],
        Interpreter::Zsh => &["-f", "-eu", "-o", "pipefail"],
        Interpreter::Fish => &["--no-config"],
        Interpreter::Pwsh => &["-NoProfile", "-NonInteractive"],
        Interpreter::Nu => &["--no-config-file"],
        Interpreter::Python | Interpreter::Node | Interpreter::Ruby => &[],
    }
}

/// The words that carry the text itself, up to where the arguments start.
fn inline(script: &Script) -> Vec<String> {
    let text = script.text.clone();
    let tag = script.interpreter.tag().to_owned();
    match script.interpreter {
        // After `--` a text that starts with `-` is no option; the tag becomes `$0`.
        Interpreter::Sh | Interpreter::Bash | Interpreter::Zsh => {
            vec!["-c".to_owned(), "--".to_owned(), text, tag]
        }
        Interpreter::Fish | Interpreter::Python | Interpreter::Pwsh | Interpreter::Nu => {
            vec!["-c".to_owned(), text]
        }
        // The tag stands where the file name would, so arguments start at `process.argv[2]` in both cases.
        Interpreter::Node => vec![format!("--eval={text}"), "--".to_owned(), tag],
        Interpreter::Ruby => vec!["-e".to_owned(), text, "--".to_owned()],
    }
}
