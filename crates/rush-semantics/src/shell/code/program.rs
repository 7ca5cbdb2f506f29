//! The programs that read words as code, or start one that does.

use super::given::{self, Given, Operands};
use super::launchers::{self, OwnWords, Starts, Verbs};
use super::options::Style;
use super::{Reach, file_name};

/// What a program does with its words.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// How it is given code itself.
    pub given: Option<&'static Given>,
    /// How it names the program that it starts.
    pub starts: Option<Starts>,
    /// What of its environment gets to what it starts.
    pub reach: Reach,
}

impl Program {
    const fn given(given: &'static Given) -> Self {
        Self { given: Some(given), starts: None, reach: Reach::Here }
    }

    const fn behind(own: &'static OwnWords) -> Self {
        Self { given: None, starts: Some(Starts::Behind(own)), reach: Reach::Here }
    }

    const fn starts(starts: Starts) -> Self {
        Self { given: None, starts: Some(starts), reach: Reach::Here }
    }

    /// A program that starts others here, behind one of these words.
    const fn behind_verb(words: &'static [&'static str]) -> Self {
        Self::starts(Starts::Somewhere(Verbs { words, has_dashes: false }))
    }

    /// A program that starts others where this environment is not, behind one of these words.
    const fn elsewhere(words: &'static [&'static str], has_dashes: bool) -> Self {
        let starts = Starts::Somewhere(Verbs { words, has_dashes });
        Self { reach: Reach::Elsewhere, ..Self::starts(starts) }
    }

    /// How it is given code by an option.
    pub fn given_by_option(self) -> Option<&'static Given> {
        self.given.filter(|it| !matches!(it.operands, Operands::CodeBehind(_)))
    }
}

const ANYWHERE: Verbs = Verbs { words: &[], has_dashes: false };

/// Commands of the shell itself: `bin/eval` is none of them.
const BUILTINS: &[&str] = &["command", "eval", "exec", "trap"];

/// What a program does with its words, if code may be among them; the first word, which may have a path.
pub fn program(word: &str) -> Option<Program> {
    let name = plain_name(file_name(word));
    if BUILTINS.contains(&name) && name != word {
        return None;
    }
    Some(match name {
        "eval" => Program::given(&given::EVAL),
        "trap" => Program::given(&given::TRAP),
        "ssh" => Program { reach: Reach::Elsewhere, ..Program::given(&given::SSH) },
        "watch" => Program { given: Some(&given::WATCH), ..Program::behind(&launchers::WATCH) },
        "flock" => Program { given: Some(&given::FLOCK), ..Program::behind(&launchers::FLOCK) },
        "su" | "runuser" => Program {
            given: Some(&given::USER_SWITCH),
            reach: Reach::Chosen,
            ..Program::starts(Starts::Somewhere(ANYWHERE))
        },
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "mksh" => Program::given(&given::SHELL),
        "pwsh" | "powershell" => Program::given(&given::POWERSHELL),
        "python" | "pypy" => Program::given(&given::PYTHON),
        "node" | "nodejs" | "bun" => Program::given(&given::NODE),
        "perl" => Program::given(&given::PERL),
        "ruby" => Program::given(&given::RUBY),
        "php" => Program::given(&given::PHP),
        "lua" | "luajit" | "Rscript" => Program::given(&given::E_OPTION),
        "fish" => Program::given(&given::FISH),
        "nu" => Program::given(&given::NU),
        "sudo" => Program { reach: Reach::Chosen, ..Program::behind(&launchers::SUDO) },
        "doas" => Program { reach: Reach::Chosen, ..Program::behind(&launchers::DOAS) },
        "env" => Program::behind(&launchers::ENV),
        "timeout" => Program::behind(&launchers::TIMEOUT),
        "chroot" => Program::behind(&launchers::CHROOT),
        "exec" => Program::behind(&launchers::EXEC),
        "time" => Program::behind(&launchers::TIME),
        "nice" => Program::behind(&launchers::NICE),
        "ionice" => Program::behind(&launchers::IONICE),
        "stdbuf" => Program::behind(&launchers::STDBUF),
        "strace" => Program::behind(&launchers::STRACE),
        "xargs" => Program::behind(&launchers::XARGS),
        "busybox" | "chronic" | "command" | "nohup" | "setsid" => {
            Program::behind(&launchers::PLAIN)
        }
        "bundle" => Program::behind_verb(&["exec"]),
        "pipenv" | "poetry" | "uv" => Program::behind_verb(&["run"]),
        "docker" | "nerdctl" | "docker-compose" => {
            Program::elsewhere(&["create", "exec", "run"], false)
        }
        "podman" => Program::elsewhere(&["create", "exec", "run", "unshare"], false),
        "kubectl" => Program::elsewhere(&["create", "debug", "exec", "run"], true),
        "lxc" => Program::elsewhere(&["exec"], true),
        "vagrant" => Program::elsewhere(&["ssh"], true),
        "nsenter" => Program::behind(&launchers::NSENTER),
        "unshare" => Program::behind(&launchers::UNSHARE),
        "parallel" => Program::starts(Starts::Somewhere(ANYWHERE)),
        "find" => Program::starts(Starts::Exec(launchers::FIND)),
        "fd" | "fdfind" => Program::starts(Starts::Exec(launchers::FD)),
        _ => return None,
    })
}

/// The name of a program without its version and the ending of Windows: `python3.12` is `python`.
pub fn plain_name(program: &str) -> &str {
    let name = program.strip_suffix(".exe").unwrap_or(program);
    let plain = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.');
    // `bash-5.2` is a version; `python-0` is the name of something else.
    let has_dot = name.len() > plain.len() && name.contains('.');
    plain.strip_suffix('-').filter(|_| has_dot).unwrap_or(plain)
}

/// Whether a program is a shell that can be given code.
pub fn is_shell(name: &str) -> bool {
    let given = program(name).and_then(|it| it.given);
    given.is_some_and(|it| it.options.style == Style::Shell)
}
