//! The programs that start another one, which is among their words.

use super::options::Options;
use super::{PUT_IN, file_name, is_shell};

pub const WATCH: Options = Options { valued: "nq", attached: "d", long: &["interval", "equexit"] };

/// Whether a program starts the program named by its further words.
pub fn is_launcher(program: &str) -> bool {
    own_words(program).is_some() || names_others(program)
}

/// Whether what a program starts does not see this environment.
pub fn is_remote(program: &str) -> bool {
    matches!(
        program,
        "ssh" | "docker" | "podman" | "nerdctl" | "kubectl" | "docker-compose" | "lxc" | "vagrant"
    )
}

/// The index of the program that a launcher starts, if its words say which one it is.
pub fn program(launcher: &str, words: &[&str]) -> Option<usize> {
    let own = own_words(launcher)?;
    let start = own.options.operand(words)? + own.operands;
    let assigned =
        words.iter().skip(start).take_while(|it| own.assigns && it.contains('=')).count();
    Some(start + assigned)
}

/// Whether the word at `at` behind a launcher can be the program that it starts, and not the value of an option or
/// the name of something else.
pub fn may_be_program(launcher: &str, words: &[&str], at: usize) -> bool {
    let (Some(word), Some(before)) =
        (words.get(at), at.checked_sub(1).and_then(|it| words.get(it)))
    else {
        return false;
    };
    if matches!(launcher, "find" | "fd") {
        let options = ["-exec", "-execdir", "-ok", "-x", "-X", "--exec", "--exec-batch"];
        return options.contains(before);
    }
    let is_path = word.contains('/') && !word.starts_with(['/', '.']);
    let is_behind_option = before.starts_with('-') && *before != "--";
    let is_value = is_behind_option && !is_shell(file_name(word));
    !word.contains([':', '=']) && !word.contains(PUT_IN) && !is_path && !is_value
}

/// The words of a launcher before the program.
struct OwnWords {
    options: Options,
    /// How many words without a hyphen are its own.
    operands: usize,
    /// Whether `NAME=value` may follow.
    assigns: bool,
}

/// The words of a launcher that has few.
fn own_words(launcher: &str) -> Option<OwnWords> {
    let own = |valued, long| {
        let options = Options { valued, attached: "", long };
        OwnWords { options, operands: 0, assigns: false }
    };
    Some(match launcher {
        "sudo" => OwnWords {
            assigns: true,
            ..own("CDRTUghprtu", &["chdir", "chroot", "group", "host", "prompt", "user"])
        },
        "env" => OwnWords { assigns: true, ..own("CPu", &["chdir", "unset"]) },
        "timeout" => OwnWords { operands: 1, ..own("ks", &["kill-after", "signal"]) },
        "flock" => OwnWords {
            operands: 1,
            ..own("Ecw", &["command", "conflict-exit-code", "timeout", "wait"])
        },
        "chroot" => OwnWords { operands: 1, ..own("", &[]) },
        "doas" => own("Cu", &[]),
        "exec" => own("a", &[]),
        "time" => own("fo", &["format", "output"]),
        "nice" => own("n", &["adjustment"]),
        "ionice" => own("Pcnpu", &["class", "classdata"]),
        "stdbuf" => own("eio", &["error", "input", "output"]),
        "strace" => own("EIOPSXabeopsu", &[]),
        "watch" => OwnWords { options: WATCH, ..own("", &[]) },
        "xargs" => {
            let long = &["arg-file", "delimiter", "max-args", "max-chars", "max-procs"];
            let options = Options { valued: "EILPadns", attached: "eil", long };
            OwnWords { options, ..own("", &[]) }
        }
        "busybox" | "chronic" | "command" | "nohup" | "setsid" => own("", &[]),
        _ => return None,
    })
}

/// Whether a program names more than the program that it starts: files, containers, users.
fn names_others(program: &str) -> bool {
    is_remote(program)
        || matches!(program, "find" | "fd" | "parallel" | "su" | "runuser" | "nsenter" | "unshare")
}
