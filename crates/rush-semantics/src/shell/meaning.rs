//! What a simple command does to variables: sets them, names them, or runs its words as code.
//!
//! Only commands whose effect on variables is fixed by their own syntax are known here.

use super::code::{self, Code, CodeReader, Reach, plain_name};
use super::commands::Command;
use super::heredoc::Feeds;
use super::reader::{Frame, Reader};
use super::site::is_name;
use super::word::{Treatment, Word};
use super::{Context, SecondShell};

/// What reads the input of a command.
pub(super) fn feeds(command: &Command) -> Feeds {
    if command.program() == Some("envsubst") {
        return Feeds::Template;
    }
    let known = command.words.first().and_then(|it| code::program(it.fixed()?));
    let shown: Vec<&str> = command.words.iter().map(Word::shown).collect();
    known.and_then(|it| it.input_reader(&shown)).map_or(Feeds::Nobody, Feeds::Shell)
}

/// What single quotes mean to a program.
fn treatment(program: &str) -> Treatment {
    match plain_name(program) {
        "envsubst" => Treatment::Template,
        "awk" | "gawk" | "mawk" | "nawk" | "sed" | "gsed" | "jq" | "yq" | "perl" | "python"
        | "pypy" | "ruby" | "node" | "nodejs" | "deno" | "bun" | "php" | "pwsh" | "powershell"
        | "nu" | "fish" | "Rscript" | "lua" | "luajit" | "tclsh" | "osascript" => {
            Treatment::Program
        }
        "grep" | "egrep" | "rg" | "ag" | "ack" | "make" | "gmake" | "gh" | "nix" | "psql"
        | "mysql" | "sqlite" | "curl" | "git" | "just" | "alias" | "ninja" | "jsonnet" => {
            Treatment::Elsewhere
        }
        name if code::program(name).is_some_and(|it| it.reach == Reach::Elsewhere) => {
            Treatment::Elsewhere
        }
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
        // Nearly no command reads code, and its words need not be gathered.
        let known = first.fixed().and_then(code::program);
        let code = known.and_then(|it| {
            let shown: Vec<&str> = words.iter().map(Word::shown).collect();
            it.code(&shown)
        });
        let text = match treatment(&program) {
            Treatment::Text if known.is_some_and(|it| it.starts.is_some()) => words
                .iter()
                .filter_map(|it| Some(treatment(it.program()?)))
                .find(|it| *it != Treatment::Text)
                .unwrap_or(Treatment::Text),
            other => other,
        };
        for (index, word) in words.iter().enumerate() {
            let code = code.as_ref().filter(|it| it.words.contains(&index));
            let treatment = match code.map(|it| (it.reach, it.reader)) {
                Some((Reach::Elsewhere, _)) => Treatment::Elsewhere,
                Some((_, CodeReader::Shell)) => Treatment::Code,
                Some((_, CodeReader::Interpreter)) | None => text,
            };
            self.settle(word, treatment);
        }
        if let Some(code) = code {
            self.note_second_shell(words, &code);
        }
        self.effects(&program, words.get(1..).unwrap_or_default());
    }

    fn note_second_shell(&mut self, words: &[Word], code: &Code) {
        let mut uses = Vec::new();
        for word in code.words.iter().filter_map(|it| words.get(*it)) {
            uses.extend(self.direct_uses(word.uses.clone(), word.nesting));
        }
        if !uses.is_empty() {
            let (program, reader) = (code.program.as_str().into(), code.reader);
            let shell = SecondShell { program, reader, remedy: code.remedy(), uses };
            self.facts.second_shells.push(shell);
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

fn is_prefix(word: &Word) -> bool {
    matches!(word.fixed(), Some("builtin" | "command" | "noglob" | "nocorrect"))
}
