//! What a simple command does to variables: sets them, names them, or runs its words as code.
//!
//! Only commands whose effect on variables is fixed by their own syntax are known here.

use super::commands::Command;
use super::heredoc::Feeds;
use super::reader::{Frame, Reader};
use super::site::is_name;
use super::word::{Treatment, Word};
use super::{Context, SecondShell};

/// Whether a program is a shell that can be given code.
fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "mksh" | "busybox")
}

/// Whether a program starts the program named by its further words.
fn is_launcher(program: &str) -> bool {
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
fn is_remote(program: &str) -> bool {
    matches!(
        program,
        "ssh" | "docker" | "podman" | "nerdctl" | "kubectl" | "docker-compose" | "lxc" | "vagrant"
    )
}

/// What reads the here-document of a program.
pub(super) fn feeds(program: &str) -> Feeds {
    match program {
        "ssh" => Feeds::RemoteShell(program.into()),
        "envsubst" => Feeds::Template,
        _ if is_shell(program) => Feeds::Shell(program.into()),
        _ => Feeds::Nobody,
    }
}

/// What single quotes mean to a program.
fn treatment(program: &str) -> Treatment {
    match program {
        "envsubst" => Treatment::Template,
        "awk" | "gawk" | "mawk" | "nawk" | "sed" | "gsed" | "jq" | "yq" | "perl" | "python"
        | "python3" | "python2" | "ruby" | "node" | "deno" | "bun" | "php" | "pwsh" | "nu"
        | "fish" | "Rscript" | "lua" | "tclsh" | "osascript" => Treatment::Program,
        "grep" | "egrep" | "rg" | "ag" | "ack" | "make" | "gmake" | "gh" | "nix" | "psql"
        | "mysql" | "sqlite3" | "curl" | "git" | "just" | "alias" | "ninja" | "jsonnet" => {
            Treatment::Elsewhere
        }
        _ if is_remote(program) => Treatment::Elsewhere,
        _ => Treatment::Text,
    }
}

impl Reader<'_> {
    /// Notes what a command does, and empties it.
    pub(super) fn finish(&mut self, command: &mut Command) {
        let words = std::mem::take(&mut command.words);
        let words = match words.as_slice() {
            [] => return,
            [first, rest @ ..] if is_prefix(first) && !rest.is_empty() => rest,
            all => all,
        };
        let Some(first) = words.first() else { return };
        let program = first.program().unwrap_or_default().to_owned();
        let code = code_words(&program, words);
        let shown = words.iter().find_map(|it| {
            let name = it.program()?;
            (treatment(name) != Treatment::Text).then(|| treatment(name))
        });
        let text = match treatment(&program) {
            Treatment::Text if is_launcher(&program) => shown.unwrap_or(Treatment::Text),
            other => other,
        };
        for (index, word) in words.iter().enumerate() {
            match code.iter().find(|it| it.word == index) {
                Some(code) if code.is_remote => self.settle(word, Treatment::Elsewhere),
                Some(_) => self.settle(word, Treatment::Code),
                None => self.settle(word, text),
            }
        }
        self.note_second_shell(words, &code);
        self.effects(&program, words.get(1..).unwrap_or_default());
    }

    fn note_second_shell(&mut self, words: &[Word], code: &[Code]) {
        let mut uses = Vec::new();
        for code in code {
            if let Some(word) = words.get(code.word) {
                uses.extend(self.direct_uses(word.uses.clone(), word.nesting));
            }
        }
        if let (Some(code), false) = (code.first(), uses.is_empty()) {
            self.facts
                .second_shells
                .push(SecondShell { program: code.program.as_str().into(), uses });
        }
    }

    fn effects(&mut self, program: &str, args: &[Word]) {
        match program {
            "read" | "vared" | "mapfile" | "readarray" => self.read_command(program, args),
            "getopts" => {
                self.sets_word(args.get(1));
                self.sets("OPTARG");
                self.sets("OPTIND");
            }
            "printf" | "print" if args.first().and_then(Word::fixed) == Some("-v") => {
                self.sets_word(args.get(1));
            }
            "wait" if args.first().and_then(Word::fixed) == Some("-p") => {
                self.sets_word(args.get(1));
            }
            "local" | "declare" | "readonly" | "typeset" | "integer" | "float" => {
                self.declared(args);
            }
            "export" | "printenv" => self.named(args),
            "test" | "[" => self.tested(args),
            "let" => self.let_command(args),
            "." | "source" | "eval" => self.facts.has_hidden_sets = true,
            _ => {}
        }
    }

    fn sets_word(&mut self, word: Option<&Word>) {
        if let Some(name) = word.and_then(Word::fixed) {
            self.sets(name);
        }
    }

    fn read_command(&mut self, program: &str, args: &[Word]) {
        let valued: &[char] = match program {
            "read" => &['d', 'i', 'n', 'N', 'p', 't', 'u'],
            _ => &['d', 'n', 'O', 's', 'u', 'C', 'c', 'p', 'r'],
        };
        let mut skips = false;
        let mut names = 0;
        for word in args {
            let Some(text) = word.fixed() else {
                skips = false;
                continue;
            };
            if std::mem::take(&mut skips) {
                continue;
            }
            if let Some(options) = text.strip_prefix('-') {
                skips = options.ends_with(valued);
                continue;
            }
            // zsh: `read 'x?Name: '`
            self.sets(text.split('?').next().unwrap_or(text));
            names += 1;
        }
        if names == 0 {
            self.sets(if program == "read" { "REPLY" } else { "MAPFILE" });
        }
    }

    /// `local x`; `declare -p x` only shows it, which is a read too rare to tell apart.
    fn declared(&mut self, args: &[Word]) {
        for word in args {
            self.sets_word(Some(word));
        }
    }

    fn named(&mut self, args: &[Word]) {
        for word in args {
            if word.fixed().is_some_and(is_name) {
                self.uses_name(word.start, word.end, Frame::bare(Context::Name));
            }
        }
    }

    fn tested(&mut self, args: &[Word]) {
        for pair in args.windows(2) {
            if let [operator, word] = pair
                && operator.fixed() == Some("-v")
            {
                self.named(std::slice::from_ref(word));
            }
        }
    }

    fn let_command(&mut self, args: &[Word]) {
        for word in args {
            let after = self.pos;
            let inside = match word.single_quoted.first() {
                Some(inside) => *inside,
                None if self.slice(word.start, word.end).starts_with(b"\"") => {
                    (word.start + 1, word.end.saturating_sub(1).max(word.start + 1))
                }
                None => (word.start, word.end),
            };
            self.within(inside, after, |it| {
                it.arithmetic(super::arithmetic::Close::End, Context::Arithmetic);
            });
        }
    }
}

/// A word that a shell reads as code.
struct Code {
    program: String,
    word: usize,
    is_remote: bool,
}

/// The words that a shell will read as code.
fn code_words(program: &str, words: &[Word]) -> Vec<Code> {
    let all = |from: usize, is_remote| {
        (from..words.len())
            .map(|word| Code { program: program.to_owned(), word, is_remote })
            .collect()
    };
    match program {
        "eval" => return all(1, false),
        "trap" => {
            let word = 1 + usize::from(words.get(1).and_then(Word::fixed) == Some("--"));
            return vec![Code { program: program.to_owned(), word, is_remote: false }];
        }
        "ssh" => return all(ssh_command(words), true),
        "watch" => return all(1, false),
        _ if !is_shell(program) && !is_launcher(program) => return Vec::new(),
        _ => {}
    }
    let shell = words.iter().position(|word| {
        word.program().is_some_and(|name| is_shell(name) || matches!(name, "su" | "runuser"))
    });
    shell.and_then(|at| shell_code(program, words, at)).into_iter().collect()
}

fn is_prefix(word: &Word) -> bool {
    matches!(word.fixed(), Some("builtin" | "command" | "noglob" | "nocorrect"))
}

/// The code in `sh -c code` whose `sh` is at `shell`.
fn shell_code(program: &str, words: &[Word], shell: usize) -> Option<Code> {
    let name = words.get(shell)?.program()?.to_owned();
    let is_user_switch = !is_shell(&name);
    for (index, word) in words.iter().enumerate().skip(shell + 1) {
        let Some(text) = word.fixed() else { continue };
        let is_code_option = text.starts_with('-') && !text.starts_with("--") && text.contains('c');
        if is_code_option || text == "--command" {
            let is_remote = is_remote(program);
            let code = index + 1;
            return (code < words.len()).then_some(Code { program: name, word: code, is_remote });
        }
        if !is_user_switch && !text.starts_with(['-', '+']) && !is_option_value(words, index) {
            return None;
        }
    }
    None
}

/// `bash -o pipefail -c ..`: `pipefail` belongs to the option.
fn is_option_value(words: &[Word], index: usize) -> bool {
    index
        .checked_sub(1)
        .and_then(|before| words.get(before)?.fixed())
        .is_some_and(|text| text.starts_with(['-', '+']) && text.ends_with('o'))
}

/// The index of the first word of the command that `ssh` runs.
fn ssh_command(words: &[Word]) -> usize {
    const VALUED: &str = "BbcDEeFIiJLlmOoPpQRSWw";
    let mut skips = false;
    for (index, word) in words.iter().enumerate().skip(1) {
        let text = word.fixed().unwrap_or_default();
        if std::mem::take(&mut skips) {
            continue;
        }
        match text.strip_prefix('-') {
            Some(option) => skips = option.len() == 1 && VALUED.contains(option),
            None => return index + 1,
        }
    }
    words.len()
}
