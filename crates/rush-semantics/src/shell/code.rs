//! Which words of a command are code to the program that gets them: `sh -c ".."`, `eval`, `ssh host ".."`.
//!
//! Scripts and commands without a shell ask here alike. A word is its fixed text, or `None` where
//! something is put in.

/// Words that are read as code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The program that reads them.
    pub program: String,
    /// The index of each.
    pub words: std::ops::Range<usize>,
    /// How it reads them.
    pub reader: CodeReader,
}

/// What reads code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeReader {
    /// A shell with the same environment.
    Shell,
    /// A shell elsewhere.
    RemoteShell,
    /// Another language.
    Interpreter,
}

/// How a program is given code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// `sh -euc code`: the first word without a sign is a file.
    Shell,
    /// `su user -c code`
    UserSwitch,
    /// By one of these options.
    Interpreter(&'static [&'static str]),
}

/// Whether a program may read one of its words as code, or start one that does.
pub fn may_read_code(program: &str) -> bool {
    is_launcher(program)
        || given(program).is_some()
        || matches!(program, "eval" | "trap" | "ssh" | "watch")
}

/// The words that are read as code. `program` is the last part of the path in the first one.
pub fn code_words(program: &str, words: &[Option<&str>]) -> Option<Code> {
    let all = |from: usize, reader| {
        let words = from.min(words.len())..words.len();
        Some(Code { program: program.to_owned(), words, reader })
    };
    match program {
        "eval" => return all(1, CodeReader::Shell),
        "watch" => return all(watch_command(words)?, CodeReader::Shell),
        "trap" => {
            let at = 1 + usize::from(words.get(1) == Some(&Some("--")));
            let words = at..at + 1;
            return Some(Code { program: program.to_owned(), words, reader: CodeReader::Shell });
        }
        "ssh" => return all(ssh_command(words), CodeReader::RemoteShell),
        _ if given(program).is_none() && !is_launcher(program) => return None,
        _ => {}
    }
    // What starts another program has that program, and its code, among its words.
    let reach = if given(program).is_some() && !is_launcher(program) { 1 } else { words.len() };
    let found = words.iter().enumerate().take(reach).find_map(|(at, word)| {
        let name = (*word).filter(|it| at == 0 || is_program(program, words, at, it))?;
        let name = file_name(name);
        let given = given(name)?;
        Some((name, given, code_behind(words, at, given)?))
    });
    let (name, given, word) = found?;
    let reader = match given {
        Given::Interpreter(_) => CodeReader::Interpreter,
        Given::Shell | Given::UserSwitch if is_remote(program) => CodeReader::RemoteShell,
        Given::Shell | Given::UserSwitch => CodeReader::Shell,
    };
    Some(Code { program: name.to_owned(), words: word..word + 1, reader })
}

/// Whether a word behind a launcher can be the program that it starts, and not the value of an option or the name of
/// something else.
fn is_program(launcher: &str, words: &[Option<&str>], at: usize, word: &str) -> bool {
    let before = at.checked_sub(1).and_then(|it| *words.get(it)?);
    if matches!(launcher, "find" | "fd") {
        let options = ["-exec", "-execdir", "-ok", "-x", "-X", "--exec", "--exec-batch"];
        return before.is_some_and(|it| options.contains(&it));
    }
    let is_path = word.contains('/') && !word.starts_with(['/', '.']);
    let is_behind_option = before.is_some_and(|it| it.starts_with('-') && it != "--");
    !word.contains([':', '=']) && !is_path && (!is_behind_option || is_shell(word))
}

/// The last part of the path of a program.
pub fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a program is a shell that can be given code.
pub fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "mksh" | "busybox")
}

/// Whether a program starts the program named by its further words.
pub fn is_launcher(program: &str) -> bool {
    matches!(
        program,
        "sudo"
            | "doas"
            | "env"
            | "exec"
            | "command"
            | "nohup"
            | "time"
            | "nice"
            | "ionice"
            | "timeout"
            | "xargs"
            | "find"
            | "fd"
            | "parallel"
            | "flock"
            | "setsid"
            | "stdbuf"
            | "watch"
            | "su"
            | "runuser"
            | "chroot"
            | "nsenter"
            | "unshare"
            | "strace"
            | "chronic"
    ) || is_remote(program)
}

/// Whether what a program starts does not see this environment.
pub fn is_remote(program: &str) -> bool {
    matches!(
        program,
        "ssh" | "docker" | "podman" | "nerdctl" | "kubectl" | "docker-compose" | "lxc" | "vagrant"
    )
}

fn given(program: &str) -> Option<Given> {
    Some(match program {
        "su" | "runuser" => Given::UserSwitch,
        "python" | "python2" | "python3" | "fish" | "nu" => Given::Interpreter(&["-c"]),
        "pwsh" | "powershell" => Given::Interpreter(&["-c", "-Command", "-command"]),
        "node" | "bun" => Given::Interpreter(&["-e", "--eval", "-p", "--print"]),
        "ruby" | "perl" | "lua" | "Rscript" => Given::Interpreter(&["-e"]),
        "php" => Given::Interpreter(&["-r"]),
        _ if is_shell(program) => Given::Shell,
        _ => return None,
    })
}

/// The index of the code that the program at `at` is given.
fn code_behind(words: &[Option<&str>], at: usize, given: Given) -> Option<usize> {
    for (index, word) in words.iter().enumerate().skip(at + 1) {
        // What is put in may be the file that is run, or an option that takes the next word.
        let text = (*word)?;
        let is_module = matches!(given, Given::Interpreter(_)) && text.starts_with("-m");
        let is_other_user = given == Given::UserSwitch && matches!(text, "--" | "-u" | "--user");
        if is_module || is_other_user {
            return None;
        }
        let is_code_option = match given {
            Given::Interpreter(options) => options.contains(&text),
            Given::Shell | Given::UserSwitch => {
                let is_short = text.starts_with('-') && !text.starts_with("--");
                is_short && text.contains('c') || text == "--command"
            }
        };
        if is_code_option {
            return (index + 1 < words.len()).then_some(index + 1);
        }
        let is_file = !text.starts_with(['-', '+']) && !is_option_value(words, index);
        if given != Given::UserSwitch && is_file {
            return None;
        }
    }
    None
}

/// `bash -o pipefail -c ..`: `pipefail` belongs to the option.
fn is_option_value(words: &[Option<&str>], index: usize) -> bool {
    index
        .checked_sub(1)
        .and_then(|before| *words.get(before)?)
        .is_some_and(|text| text.starts_with(['-', '+']) && text.ends_with('o'))
}

/// The index of the first word of the command that `ssh` runs.
fn ssh_command(words: &[Option<&str>]) -> usize {
    let host = operand(words, "BbcDEeFIiJLlmOoPpQRSWw");
    host.map_or(words.len(), |it| it + 1)
}

/// The index of the first word of the command that `watch` gives to a shell, if it does.
fn watch_command(words: &[Option<&str>]) -> Option<usize> {
    let start = operand(words, "nq")?;
    let options = words.iter().take(start).flatten();
    let has_exec = options.copied().any(|it| matches!(it, "-x" | "--exec"));
    (!has_exec).then_some(start)
}

/// The index of the first word that is no option and no value of one; `valued` are the letters of those with a value.
fn operand(words: &[Option<&str>], valued: &str) -> Option<usize> {
    let mut skips = false;
    for (index, word) in words.iter().enumerate().skip(1) {
        if std::mem::take(&mut skips) {
            continue;
        }
        match word.and_then(|it| it.strip_prefix('-')) {
            // Of `-NL` the last letter takes the next word, of `-p22` the first one has its value.
            Some(option) => {
                skips = option.find(|it| valued.contains(it)) == option.len().checked_sub(1);
            }
            None => return Some(index),
        }
    }
    None
}
