//! What the words mean that Rush brings along without a declaration: how they are written, and what
//! they give. `rush explain` and the hovers of editors read them here.

/// A word that is a value.
pub fn word(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "host" => (
            "host: { os: .., arch: string, cpus: int, memory: size, ci: bool }",
            "Facts about the machine the plan is made for.",
        ),
        "profile" => ("profile: { name: string? }", "The profile that was chosen."),
        "matrix" => {
            ("matrix", "The cell of the matrix that this task runs for: a value for each axis.")
        }
        "base" => ("base", "What this declaration extends: its fields before they are replaced."),
        _ => return None,
    })
}

/// A method, or a field that types have without declaring it.
pub fn member(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "len" => (".len() -> int", "How many characters or elements there are."),
        "trim" => (".trim() -> string", "The text without white space at both ends."),
        "upper" => (".upper() -> string", "The text in capital letters."),
        "lower" => (".lower() -> string", "The text in small letters."),
        "replace" => {
            (".replace(from: string, to: string) -> string", "The text with every `from` replaced.")
        }
        "split" => (".split(separator: string) -> [string]", "The pieces between the separators."),
        "starts_with" => (".starts_with(text: string) -> bool", "Whether it begins with a text."),
        "ends_with" => (".ends_with(text: string) -> bool", "Whether it ends with a text."),
        "contains" => (".contains(value) -> bool", "Whether it has a text, or an element."),
        "join" => (".join(separator: string) -> string", "The elements as one text."),
        "keys" => (".keys() -> [string]", "The names of the fields or entries."),
        "values" => {
            ("values", "All values: of a record or map, or the members of a union of texts.")
        }
        "name" => ("name", "The last part of a path; of a profile, its name."),
        "stem" => (".stem() -> string", "The last part of a path without its extension."),
        "ext" => (".ext() -> string?", "The extension of a path, without the dot."),
        "parent" => (".parent() -> path", "The directory a path is in."),
        "seconds" => (".seconds() -> float", "The duration in seconds."),
        "bytes" => (".bytes() -> int", "The size in bytes."),
        "args" => (".args(list) -> command", "The command with further arguments."),
        "os" => {
            ("host.os: \"linux\" | \"macos\" | \"windows\" | \"freebsd\"", "The operating system.")
        }
        "arch" => ("host.arch: string", "The processor's architecture: `x86_64`, `aarch64` ..."),
        "cpus" => ("host.cpus: int", "How many processors there are."),
        "memory" => ("host.memory: size", "How much memory there is."),
        "ci" => ("host.ci: bool", "Whether a continuous integration service runs this."),
        _ => return None,
    })
}

/// A type that no file declares.
pub fn primitive(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "bool" => ("bool", "`true` or `false`."),
        "int" => ("int", "A whole number. `int(1..=9)` takes only those in a range."),
        "float" => ("float", "A number with a fraction; whole numbers fit, too."),
        "string" => {
            ("string", "A text. `string(r\"v\\d+\")` takes only those that match a pattern.")
        }
        "duration" => ("duration", "A span of time: `500ms`, `30s`, `1h30m`, `7d`."),
        "size" => ("size", "A number of bytes: `512B`, `64KB`, `2GiB`."),
        "path" => ("path", "A file or directory, relative to the package; `//x` is from the root."),
        "glob" => ("glob", "A pattern of paths, such as `src/**/*.c`."),
        "regex" => ("regex", "A regular expression, such as `r\"v\\d+\"`."),
        "cron" => ("cron", "Times that come again, such as `\"0 9 * * mon\"`."),
        "command" => ("command", "A program with its arguments, or a script."),
        "secret" => {
            ("secret", "A value that is masked and only goes into environments and the like.")
        }
        "map" => ("map(T)", "Values of one type under names that are free to choose."),
        _ => return None,
    })
}

/// The words of the language, each with how it is written and what it is for.
pub const KEYWORDS: [(&str, &str, &str); 15] = [
    (
        "use",
        "use \"./lib.rush\" as lib",
        "Imports another file, or the `tasks.rush` of a directory; `//` begins at the root of the \
         workspace. What it declares is `lib.name`; what it imports itself is not passed on.",
    ),
    (
        "let",
        "let name = value",
        "Names a value: in a file, or inside a declaration for its fields.",
    ),
    (
        "param",
        "param name: string = \"value\"",
        "A value that is chosen from outside: by `--name value` behind a task, by `--set \
         name=value`, or in a `profile`.",
    ),
    (
        "fn",
        "fn name(x: int) -> int = x * 2",
        "A function: one value made of its parameters. Functions do not call themselves.",
    ),
    ("type", "type Name = \"a\" | \"b\"", "Names a type."),
    (
        "check",
        "check condition, \"what is wrong\"",
        "Stops a plan with this message when the condition is false.",
    ),
    (
        "extends",
        "task build extends base { .. }",
        "Takes over the fields of a template or a task. A field that is written again replaces the \
         whole, but for `env`, `resources` and `defaults`, which are merged by their keys.",
    ),
    (
        "if",
        "if condition then a else b",
        "Chooses one of two values. In a list, `if condition: element` is there or not.",
    ),
    ("then", "if condition then a else b", "The value when the condition of an `if` holds."),
    (
        "else",
        "if condition then a else b",
        "The value when the condition of an `if` does not hold.",
    ),
    (
        "for",
        "[for x in list if condition: element]",
        "An element for each of another list; the `if` is optional.",
    ),
    ("in", "value in list", "Whether a list has this element, or a record or map this name."),
    ("true", "true", "The condition that always holds."),
    ("false", "false", "The condition that never holds."),
    (
        "none",
        "none",
        "No value. A type with `?` allows it, `??` gives a value in its place, and as a field it \
         unsets what was inherited.",
    ),
];

/// A word of the language: how it is written, and what it is for.
pub fn keyword(name: &str) -> Option<(&'static str, &'static str)> {
    KEYWORDS.iter().find(|it| it.0 == name).map(|it| (it.1, it.2))
}

/// A word before the text of a script: how it is written, and who reads the text.
pub fn interpreter(tag: &str) -> Option<(&'static str, &'static str)> {
    Some(match tag {
        "sh" => (
            "sh\"\"\" .. \"\"\"",
            "A script for `sh -eu`: it ends at the first command that fails, and where a variable is \
             read that nobody set. Names of Rush are variables: `\"$name\"`.",
        ),
        "bash" => (
            "bash\"\"\" .. \"\"\"",
            "A script for `bash -euo pipefail`: it ends at the first command that fails, also in a \
             pipe, and where a variable is read that nobody set. Names of Rush are variables: \
             `\"$name\"`.",
        ),
        "zsh" => (
            "zsh\"\"\" .. \"\"\"",
            "A script for `zsh -f -eu -o pipefail`: it ends at the first command that fails, also in \
             a pipe, and where a variable is read that nobody set. Names of Rush are variables: \
             `\"$name\"`.",
        ),
        "fish" => ("fish\"\"\" .. \"\"\"", "A script for `fish --no-config`."),
        "pwsh" => ("pwsh\"\"\" .. \"\"\"", "A script for PowerShell, without a profile."),
        "python" => (
            "python\"\"\" .. \"\"\"",
            "A script for Python. Names of Rush are in its environment: `os.environ[\"name\"]`.",
        ),
        "node" => (
            "node\"\"\" .. \"\"\"",
            "A script for Node.js. Names of Rush are in its environment: `process.env.name`.",
        ),
        "ruby" => (
            "ruby\"\"\" .. \"\"\"",
            "A script for Ruby. Names of Rush are in its environment: `ENV[\"name\"]`.",
        ),
        "nu" => ("nu\"\"\" .. \"\"\"", "A script for Nushell, without a configuration."),
        _ => return None,
    })
}

/// The fields of `host`.
pub const HOST: [&str; 5] = ["os", "arch", "cpus", "memory", "ci"];

#[cfg(test)]
mod tests {
    #[test]
    fn each_type_without_declaration_is_described() {
        for name in crate::types::PRIMITIVES {
            assert!(super::primitive(name).is_some(), "{name}");
        }
    }
}
