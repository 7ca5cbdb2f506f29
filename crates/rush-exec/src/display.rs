//! Commands as people would type them.
//!
//! For reading and for pasting into a shell; nothing in Rush ever executes this text.

use rush_plan::{Command, Script};

/// How many characters of a script's first line a summary shows.
const SUMMARY_CHARS_MAX: usize = 80;

/// Returns the whole command: words quoted where a shell needs it, scripts in full under their interpreter.
pub fn command_line(command: &Command) -> String {
    match command {
        Command::Argv { words } => words_line(words),
        Command::Script(script) => {
            let head = script_head(script);
            let body: String = script.text.lines().map(indented).collect::<Vec<_>>().join("\n");
            if body.is_empty() { head } else { format!("{head}\n{body}") }
        }
    }
}

/// The same with the variables that a script is given, as a shell would set them for it.
pub(crate) fn line_with_variables(command: &Command) -> String {
    let line = command_line(command);
    let Command::Script(script) = command else { return line };
    let (unset, set): (Vec<_>, Vec<_>) = script.variables.iter().partition(|it| it.1.is_none());
    let unset = unset.iter().map(|(name, _)| format!("-u {name} "));
    let unset: String = unset.collect();
    let set = set
        .iter()
        .map(|(name, value)| format!("{name}={} ", quoted(value.as_deref().unwrap_or_default())));
    let set: String = set.collect();
    let env = if unset.is_empty() { "" } else { "env " };
    format!("{env}{unset}{set}{line}")
}

/// Returns the command in one line: for a script its interpreter and first line that says something.
pub fn command_summary(command: &Command) -> String {
    masked_summary(command, str::to_owned)
}

/// The same of a command that may hold secrets: they go before the line is cut, which might leave half of one.
pub(crate) fn masked_summary(command: &Command, mask: impl Fn(&str) -> String) -> String {
    match command {
        Command::Argv { words } => one_line(&mask(&words_line(words))),
        Command::Script(script) => {
            let mut lines = script.text.lines().map(str::trim);
            let telling = |line: &&str| !line.is_empty() && !line.starts_with('#');
            let first = lines.find(telling).unwrap_or_default();
            let more = if lines.any(|line| !line.is_empty()) { " ..." } else { "" };
            format!("{}: {}{more}", mask(&script_head(script)), one_line(&mask(first)))
        }
    }
}

fn script_head(script: &Script) -> String {
    let mut head = script.interpreter.tag().to_owned();
    for argument in &script.arguments {
        head.push(' ');
        head.push_str(&quoted(argument));
    }
    head
}

fn words_line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn indented(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("  {line}") }
}

/// A text of any origin as one line of limited length without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut line: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if let Some((end, _)) = line.char_indices().nth(SUMMARY_CHARS_MAX) {
        line.truncate(end);
        line.push_str("...");
    }
    line
}

/// One word as a POSIX shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |it: char| {
        it.is_ascii_alphanumeric()
            || "_@%+=:,./-".contains(it)
            || it as u32 > 0x9f && it.is_alphanumeric()
    };
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if word.chars().any(char::is_control) {
        return ansi_quoted(word);
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A word with control characters, which must not reach a terminal as they are.
fn ansi_quoted(word: &str) -> String {
    let mut text = String::from("$'");
    for char in word.chars() {
        match char {
            '\'' => text.push_str("\\'"),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            control if control.is_control() => {
                text.extend(format!("\\u{:04x}", u32::from(control)).chars());
            }
            plain => text.push(plain),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use rush_plan::Interpreter;

    use super::*;

    fn check(words: &[&str], expect: &str) {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(command_line(&Command::Argv { words }), expect);
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        check(&["cargo", "build", "--release"], "cargo build --release");
        check(&["echo", "", "a b", "it's", "größe"], r"echo '' 'a b' 'it'\''s' größe");
        check(&["echo", "$(touch PWNED)", "~", "*"], "echo '$(touch PWNED)' '~' '*'");
        check(&["echo", "a\nb\u{1b}[0m"], r"echo $'a\nb\u001b[0m'");
    }

    #[test]
    fn scripts_are_shown_in_full_or_by_their_first_telling_line() {
        let script = Command::Script(Script {
            interpreter: Interpreter::Bash,
            text: "# greet\necho hello\n\necho again\n".to_owned(),
            variables: std::collections::BTreeMap::default(),
            arguments: vec!["a b".to_owned()],
        });
        assert_eq!(command_line(&script), "bash 'a b'\n  # greet\n  echo hello\n\n  echo again");
        assert_eq!(command_summary(&script), "bash 'a b': echo hello ...");
    }
}
