//! The programs that start another one, which is among their words.

use super::given::{FLOCK_OPTIONS, WATCH_OPTIONS};
use super::options::{Options, Read};
use super::{PUT_IN, is_shell};

/// Where a program names the one that it starts.
#[derive(Clone, Copy, Debug)]
pub enum Starts {
    /// Behind these words.
    Behind(&'static OwnWords),
    /// Behind names of something else: containers, users.
    Somewhere(Verbs),
    /// Behind one of these options, such as `-exec`.
    Exec(&'static [&'static str]),
}

/// Which words stand before a program whose place nobody knows.
#[derive(Clone, Copy, Debug)]
pub struct Verbs {
    /// One of these, if there are any.
    pub words: &'static [&'static str],
    /// Whether `--` stands before the program, if it is there at all.
    pub has_dashes: bool,
}

/// The words of a launcher before the program.
#[derive(Debug)]
pub struct OwnWords {
    options: Options,
    /// How many words without a hyphen are its own.
    operands: usize,
    /// Whether `NAME=value` may follow.
    assigns: bool,
    /// Whether this is `env`: the program may have its options in its word, and a lone `-` is an option.
    pub is_env: bool,
}

const NOTHING: OwnWords =
    OwnWords { options: Options::FLAGS, operands: 0, assigns: false, is_env: false };

/// A launcher all of whose options are flags.
pub const PLAIN: OwnWords = NOTHING;

/// The options of `find` with a command behind them.
pub const FIND: &[&str] = &["-exec", "-execdir", "-ok", "-okdir"];

/// Those of `fd`.
pub const FD: &[&str] = &["-x", "-X", "--exec", "--exec-batch"];

pub const SUDO: OwnWords = OwnWords {
    options: Options::valued(
        "C close-from c login-class D chdir g group h host p prompt R chroot r role T \
         command-timeout t type U other-user u user a auth-type",
    ),
    assigns: true,
    ..NOTHING
};

/// `-S` is a flag: the program and its first words are one word behind it.
pub const ENV: OwnWords = OwnWords {
    options: Options::valued("a argv0 C chdir P u unset"),
    assigns: true,
    is_env: true,
    ..NOTHING
};

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

pub const NSENTER: OwnWords = OwnWords {
    options: Options {
        attached: "muinpCTrw",
        ..Options::valued("t target N net-socket S setuid G setgid W wdns")
    },
    ..NOTHING
};

pub const UNSHARE: OwnWords = OwnWords {
    options: Options::valued(
        "R root w wd S setuid G setgid l load-interp map-user map-users map-group map-groups owner \
         propagation setgroups monotonic boottime",
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
    /// Where the program can stand; the first word is the launcher. There are two places where an option that is not
    /// listed may or may not have a value.
    pub fn programs(&self, words: &[&str]) -> [Option<usize>; 2] {
        let first = self.program(words, false);
        let second = self.program(words, true);
        [first, second.filter(|it| Some(*it) != first)]
    }

    fn program(&self, words: &[&str], unlisted_has_value: bool) -> Option<usize> {
        let mut index = 1;
        loop {
            let word = words.get(index)?;
            match self.options.read(word) {
                Read::Operand if self.is_env && *word == "-" => {}
                Read::Operand => break,
                Read::Valued { is_attached: false, .. } => index += 1,
                Read::Unlisted => index += usize::from(unlisted_has_value),
                Read::End | Read::Flags(_) | Read::Valued { .. } => {}
            }
            index += 1;
        }
        let start = index + self.operands;
        let behind = words.iter().skip(start);
        let assigned = behind.take_while(|it| self.assigns && it.contains('=')).count();
        Some(start + assigned)
    }
}

impl Starts {
    /// The first word that can be the program.
    pub fn first_place(self, words: &[&str]) -> Option<usize> {
        let Self::Somewhere(verbs) = self else { return Some(1) };
        let behind = |from: usize, wanted: &[&str]| {
            let at = words.iter().skip(from).position(|it| wanted.contains(it))?;
            Some(from + at + 1)
        };
        let from = if verbs.words.is_empty() { 1 } else { behind(1, verbs.words)? };
        let dashes = verbs.has_dashes.then(|| behind(from, &["--"])).flatten();
        Some(dashes.unwrap_or(from))
    }

    /// Whether the word at `at` can be the program that is started, and not the value of an option or the name of
    /// something else.
    pub fn may_be_program(self, words: &[&str], at: usize) -> bool {
        let (Some(word), Some(before)) =
            (words.get(at), at.checked_sub(1).and_then(|it| words.get(it)))
        else {
            return false;
        };
        if let Self::Exec(options) = self {
            // An option of the same name further on is one of the program's own.
            let earlier = words.iter().take(at - 1).rev();
            let mut earlier = earlier.take_while(|it| !matches!(**it, ";" | "+"));
            return options.contains(before) && !earlier.any(|it| options.contains(it));
        }
        let is_path = word.contains('/') && !word.starts_with(['/', '.']);
        let is_behind_option = before.starts_with('-') && *before != "--";
        let is_value = is_behind_option && !is_shell(word);
        !word.contains([':', '=']) && !word.contains(PUT_IN) && !is_path && !is_value
    }
}
