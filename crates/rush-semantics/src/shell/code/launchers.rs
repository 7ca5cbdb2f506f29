//! The programs that start another one, which is among their words.

use super::given::{FLOCK_OPTIONS, WATCH_OPTIONS};
use super::options::{Options, Read};
use super::{PUT_IN, file_name, is_shell};

/// Where a program names the one that it starts.
#[derive(Clone, Copy, Debug)]
pub enum Starts {
    /// Behind these words.
    Behind(&'static OwnWords),
    /// Behind names of something else: containers, users.
    Somewhere,
    /// Behind an option such as `-exec`.
    Exec,
}

/// The words of a launcher before the program.
#[derive(Debug)]
pub struct OwnWords {
    options: Options,
    /// How many words without a hyphen are its own.
    operands: usize,
    /// Whether `NAME=value` may follow.
    assigns: bool,
}

/// Where a program stands behind its launcher.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub at: usize,
    /// Whether what stands before it is known; an option that is not may have a value.
    pub is_sure: bool,
}

const NOTHING: OwnWords = OwnWords { options: Options::FLAGS, operands: 0, assigns: false };

/// A launcher all of whose options are flags.
pub const PLAIN: OwnWords = NOTHING;

pub const SUDO: OwnWords = OwnWords {
    options: Options::valued(
        "C close-from c login-class D chdir g group h host p prompt R chroot r role T \
         command-timeout t type U other-user u user a auth-type",
    ),
    assigns: true,
    ..NOTHING
};

/// `-S` is a flag: the program and its first words are one word behind it.
pub const ENV: OwnWords =
    OwnWords { options: Options::valued("a argv0 C chdir P u unset"), assigns: true, ..NOTHING };

pub const TIMEOUT: OwnWords =
    OwnWords { options: Options::valued("k kill-after s signal"), operands: 1, ..NOTHING };

pub const FLOCK: OwnWords = OwnWords { options: FLOCK_OPTIONS, operands: 1, ..NOTHING };

pub const CHROOT: OwnWords =
    OwnWords { options: Options::valued("g u G groups userspec"), operands: 1, ..NOTHING };

pub const DOAS: OwnWords = OwnWords { options: Options::valued("a C u"), ..NOTHING };

pub const EXEC: OwnWords = OwnWords { options: Options::valued("a"), ..NOTHING };

pub const TIME: OwnWords = OwnWords { options: Options::valued("f format o output"), ..NOTHING };

pub const NICE: OwnWords = OwnWords { options: Options::valued("n adjustment"), ..NOTHING };

pub const IONICE: OwnWords =
    OwnWords { options: Options::valued("c class n classdata p pid P pgid u uid"), ..NOTHING };

pub const STDBUF: OwnWords =
    OwnWords { options: Options::valued("e error i input o output"), ..NOTHING };

pub const STRACE: OwnWords = OwnWords {
    options: Options::valued(
        "a columns b detach-on E env e abbrev const-print-style fault inject kvm raw read signal \
         status trace verbose write I interruptible O summary-syscall-overhead o output P \
         trace-path p attach S summary-sort-by s string-limit U summary-columns u user X argv0",
    ),
    ..NOTHING
};

pub const WATCH: OwnWords = OwnWords { options: WATCH_OPTIONS, ..NOTHING };

pub const XARGS: OwnWords = OwnWords {
    options: Options {
        attached: "eil",
        ..Options::valued(
            "a arg-file d delimiter E I L max-lines n max-args P max-procs process-slot-var s \
             max-chars",
        )
    },
    ..NOTHING
};

impl OwnWords {
    /// Where the program stands; the first word is the launcher.
    pub fn program(&self, words: &[&str]) -> Option<Place> {
        let mut is_sure = true;
        let mut index = 1;
        loop {
            match self.options.read(words.get(index)?) {
                Read::Operand => break,
                Read::Valued { is_attached: false, .. } => index += 1,
                Read::Unlisted => is_sure = false,
                Read::End | Read::Flags(_) | Read::Valued { .. } => {}
            }
            index += 1;
        }
        let start = index + self.operands;
        let behind = words.iter().skip(start);
        let assigned = behind.take_while(|it| self.assigns && it.contains('=')).count();
        Some(Place { at: start + assigned, is_sure })
    }
}

impl Starts {
    /// Whether the word at `at` can be the program that is started, and not the value of an option or the name of
    /// something else.
    pub fn may_be_program(self, words: &[&str], at: usize) -> bool {
        let (Some(word), Some(before)) =
            (words.get(at), at.checked_sub(1).and_then(|it| words.get(it)))
        else {
            return false;
        };
        if matches!(self, Self::Exec) {
            let options = ["-exec", "-execdir", "-ok", "-x", "-X", "--exec", "--exec-batch"];
            return options.contains(before);
        }
        let is_path = word.contains('/') && !word.starts_with(['/', '.']);
        let is_behind_option = before.starts_with('-') && *before != "--";
        let is_value = is_behind_option && !is_shell(file_name(word));
        !word.contains([':', '=']) && !word.contains(PUT_IN) && !is_path && !is_value
    }
}
