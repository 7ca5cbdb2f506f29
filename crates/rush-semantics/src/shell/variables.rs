//! Names that belong to a shell or to the operating system.

use super::Language;

/// Why a name must not be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    /// Programs would not be found, or others would run.
    Programs,
    /// Tools look for their files in another place.
    Places,
    /// The shell would read its own text otherwise.
    Reading,
    /// Code would be loaded or run.
    Code,
    /// The shell sets it itself, so the script would see another value.
    Overwritten,
}

impl Harm {
    /// What would happen, as a sentence about the name.
    pub(super) fn consequence(self) -> &'static str {
        match self {
            Self::Programs => "programs are looked up along it",
            Self::Places => "programs find the user's files by it",
            Self::Reading => "the shell splits and reads its text by it",
            Self::Code => "what it names is loaded or run before the script",
            Self::Overwritten => "the shell gives it a value of its own, so yours would be lost",
        }
    }
}

/// Whether a value of this name can't be exported to any shell.
pub(crate) fn is_harmful(name: &str) -> bool {
    [Language::Sh, Language::Bash, Language::Zsh, Language::Pwsh]
        .iter()
        .any(|language| harm(*language, name).is_some())
}

/// What exporting `name` would do to a script of this language.
pub(super) fn harm(language: Language, name: &str) -> Option<Harm> {
    everywhere(name).or_else(|| exactly(name)).or_else(|| match language {
        Language::Bash => bash(name),
        Language::Zsh => zsh(name),
        Language::Fish => fish(name),
        Language::Sh
        | Language::Pwsh
        | Language::Python
        | Language::Node
        | Language::Ruby
        | Language::Nu => None,
    })
}

/// Harmful in any case of letters: Windows does not tell them apart, and neither do all shells.
fn everywhere(name: &str) -> Option<Harm> {
    Some(match name.to_ascii_uppercase().as_str() {
        "PATH" | "PATHEXT" | "COMSPEC" | "SYSTEMROOT" => Harm::Programs,
        "HOME" | "PWD" | "OLDPWD" => Harm::Places,
        "IFS" | "SHELLOPTS" | "BASHOPTS" | "POSIXLY_CORRECT" => Harm::Reading,
        "LD_PRELOAD"
        | "LD_LIBRARY_PATH"
        | "LD_AUDIT"
        | "DYLD_INSERT_LIBRARIES"
        | "DYLD_LIBRARY_PATH"
        | "BASH_ENV"
        | "PS4"
        | "PROMPT_COMMAND" => Harm::Code,
        _ => return None,
    })
}

/// Harmful as written; the same word in small letters is a common and harmless parameter.
fn exactly(name: &str) -> Option<Harm> {
    Some(match name {
        "ENV" => Harm::Code,
        "USER" | "LOGNAME" | "SHELL" | "TMPDIR" | "TERM" => Harm::Places,
        "CDPATH" | "GLOBIGNORE" => Harm::Reading,
        "OPTIND" | "OPTARG" | "PPID" | "LINENO" | "PS1" | "PS2" => Harm::Overwritten,
        _ => return None,
    })
}

fn bash(name: &str) -> Option<Harm> {
    matches!(
        name,
        "UID"
            | "EUID"
            | "RANDOM"
            | "SRANDOM"
            | "SECONDS"
            | "GROUPS"
            | "DIRSTACK"
            | "FUNCNAME"
            | "PIPESTATUS"
            | "HOSTNAME"
            | "HOSTTYPE"
            | "MACHTYPE"
            | "OSTYPE"
            | "SHLVL"
            | "BASHPID"
            | "BASH"
            | "BASH_VERSION"
            | "BASH_COMMAND"
            | "EPOCHSECONDS"
            | "EPOCHREALTIME"
            | "HISTCMD"
            | "_"
    )
    .then_some(Harm::Overwritten)
}

fn zsh(name: &str) -> Option<Harm> {
    match name {
        "cdpath" | "fpath" | "manpath" | "mailpath" | "module_path" | "fignore" => {
            Some(Harm::Reading)
        }
        "status" | "pipestatus" | "argv" | "options" | "commands" | "functions" | "aliases"
        | "builtins" | "parameters" | "history" | "prompt" | "signals" | "psvar" | "watch"
        | "histchars" | "keymaps" | "widgets" | "userdirs" | "nameddirs" | "dirstack" | "UID"
        | "EUID" | "GID" | "RANDOM" | "SECONDS" | "HOST" | "OSTYPE" | "TTY" => {
            Some(Harm::Overwritten)
        }
        _ => None,
    }
}

fn fish(name: &str) -> Option<Harm> {
    matches!(name, "status" | "history" | "version" | "pipestatus" | "argv" | "umask" | "hostname")
        .then_some(Harm::Overwritten)
}

/// Whether a shell or Rush gives the name a value without the script's doing.
pub(super) fn is_given(name: &str) -> bool {
    name.starts_with("RUSH_")
        || name.starts_with("BASH")
        || name.starts_with("ZSH_")
        || name.starts_with("EPOCH")
        || name.starts_with("COMP_")
        || bash(name).is_some()
        || matches!(
            name,
            "IFS"
                | "OLDPWD"
                | "PPID"
                | "LINENO"
                | "OPTIND"
                | "OPTARG"
                | "OPTERR"
                | "REPLY"
                | "MAPFILE"
                | "COPROC"
                | "PS1"
                | "PS2"
                | "PS3"
                | "PS4"
                | "ENV"
                | "SHELLOPTS"
                | "COLUMNS"
                | "LINES"
                | "CPUTYPE"
                | "HOST"
                | "VENDOR"
                | "GID"
                | "TTY"
        )
        || zsh(name).is_some()
}
