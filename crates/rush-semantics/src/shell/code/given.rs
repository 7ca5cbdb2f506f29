//! How programs are given code that they read themselves.

use super::options::{Options, Read, Style, Value};
use super::{CodeReader, MAY_BE_OPTIONS, PUT_IN, program};

/// How a program is given code.
#[derive(Debug)]
pub struct Given {
    /// How the code is read.
    pub reader: CodeReader,
    pub options: Options,
    pub operands: Operands,
    pub rest: Rest,
}

/// What the words behind the first one of the code are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Code too.
    Code,
    /// What the code is given.
    Arguments,
    /// More options, one of which may bring more code.
    Options,
}

/// What the words without a hyphen are.
#[derive(Clone, Copy, Debug)]
pub enum Operands {
    /// So many are names, behind which an option may bring code; the next one is what is run.
    Names(usize),
    /// The first one is code if one of these letters stands before it, and else the file to run.
    Switched(&'static [char]),
    /// The one behind so many others is code.
    CodeBehind(usize),
}

/// An interpreter whose options are all flags.
const NOTHING: Given = Given {
    reader: CodeReader::Interpreter,
    options: Options::FLAGS,
    operands: Operands::Names(0),
    rest: Rest::Options,
};

pub const EVAL: Given = Given {
    reader: CodeReader::Shell,
    operands: Operands::CodeBehind(0),
    rest: Rest::Code,
    ..NOTHING
};

pub const TRAP: Given = Given {
    options: Options { instead: "l p P", ..Options::FLAGS },
    rest: Rest::Arguments,
    ..EVAL
};

pub const SSH: Given = Given {
    reader: CodeReader::Shell,
    options: Options::valued("B b c D E e F I i J L l m O o P p Q R S W w"),
    operands: Operands::CodeBehind(1),
    rest: Rest::Code,
};

pub const WATCH: Given = Given { options: Options { instead: "x exec", ..WATCH_OPTIONS }, ..EVAL };
pub const WATCH_OPTIONS: Options =
    Options { attached: "d", ..Options::valued("n interval q equexit s shotsdir") };

pub const FLOCK: Given = Given {
    reader: CodeReader::Shell,
    options: Options { code: "c command", ..FLOCK_OPTIONS },
    operands: Operands::Names(1),
    ..NOTHING
};
pub const FLOCK_OPTIONS: Options = Options::valued("E conflict-exit-code w timeout wait");

pub const SHELL: Given = Given {
    reader: CodeReader::Shell,
    options: Options { style: Style::Shell, ..Options::valued("o O rcfile init-file") },
    operands: Operands::Switched(&['c']),
    ..NOTHING
};

pub const USER_SWITCH: Given = Given {
    reader: CodeReader::Shell,
    options: Options {
        code: "c command session-command",
        instead: "u user",
        ..Options::valued("g G s w shell group supp-group whitelist-environment")
    },
    operands: Operands::Names(usize::MAX),
    ..NOTHING
};

pub const PYTHON: Given = Given {
    options: Options { code: "c", instead: "m", ..Options::valued("W X Q check-hash-based-pycs") },
    rest: Rest::Arguments,
    ..NOTHING
};

pub const NODE: Given = Given {
    options: Options {
        code: "e eval print",
        ..Options::valued(
            "r require C conditions import loader experimental-loader input-type env-file \
             env-file-if-exists title icu-data-dir openssl-config redirect-warnings \
             disable-warning disable-proto dns-result-order diagnostic-dir unhandled-rejections \
             max-http-header-size stack-trace-limit inspect-port inspect-publish-uid \
             experimental-default-type experimental-policy policy-integrity \
             experimental-sea-config snapshot-blob build-snapshot-config allow-fs-read \
             allow-fs-write cpu-prof-dir cpu-prof-interval cpu-prof-name heap-prof-dir \
             heap-prof-interval heap-prof-name heapsnapshot-signal heapsnapshot-near-heap-limit \
             network-family-autoselection-attempt-timeout report-dir report-directory \
             report-filename report-signal secure-heap secure-heap-min test-concurrency \
             test-name-pattern test-reporter test-reporter-destination test-shard test-timeout \
             tls-cipher-list tls-keylog trace-event-categories trace-event-file-pattern \
             trace-require-module use-largepages v8-pool-size watch-path",
        )
    },
    operands: Operands::Switched(&['p']),
    ..NOTHING
};

pub const PERL: Given = Given {
    options: Options { code: "e E", attached: "CDFMimx", ..Options::valued("I") },
    ..NOTHING
};

pub const RUBY: Given = Given {
    options: Options {
        code: "e",
        attached: "0FKTWix",
        ..Options::valued(
            "C E I r encoding external-encoding internal-encoding require enable disable",
        )
    },
    ..NOTHING
};

pub const PHP: Given = Given {
    options: Options {
        code: "r run B process-begin R process-code E process-end",
        instead: "f file F process-file",
        ..Options::valued("c php-ini d define z zend-extension S server t docroot rf rc re rz ri")
    },
    ..NOTHING
};

/// Lua, R
pub const E_OPTION: Given =
    Given { options: Options { code: "e", ..Options::valued("l") }, ..NOTHING };

pub const FISH: Given = Given {
    options: Options {
        code: "c command C init-command",
        ..Options::valued(
            "d debug D debug-stack-frames o debug-output f features p profile profile-startup",
        )
    },
    ..NOTHING
};

pub const NU: Given = Given {
    options: Options {
        code: "c commands e execute",
        ..Options::valued(
            "I include-path m table-mode t testbin config env-config plugin-config plugins \
             error-style log-level log-target log-include log-exclude experimental-options",
        )
    },
    ..NOTHING
};

pub const POWERSHELL: Given = Given {
    options: Options {
        code: "command",
        instead: "file",
        style: Style::Words,
        ..Options::valued(
            "configurationfile configurationname custompipename encodedarguments encodedcommand \
             ep executionpolicy inputformat outputformat psconsolefile settingsfile wd \
             windowstyle workingdirectory",
        )
    },
    rest: Rest::Code,
    ..NOTHING
};

impl Given {
    /// The words that are code; the first word is the program.
    pub fn words(&self, words: &[&str]) -> Option<Vec<usize>> {
        let mut found = self.found(words);
        found.retain(|it| *it < words.len());
        let first = *found.first()?;
        Some(if self.rest == Rest::Code { (first..words.len()).collect() } else { found })
    }

    /// The words with which code starts. A word that may be options is that first, and then the name before the code, if
    /// that begins like the name of a program.
    fn found(&self, words: &[&str]) -> Vec<usize> {
        let found = self.found_if(words, true);
        if !found.is_empty() || !words.contains(&MAY_BE_OPTIONS) {
            return found;
        }
        let mut found = self.found_if(words, false);
        found.retain(|it| words.get(*it..).is_some_and(looks_like_code));
        found
    }

    fn found_if(&self, words: &[&str], skips_unclear: bool) -> Vec<usize> {
        let mut is_switched = false;
        let mut is_over = false;
        let mut names = 0;
        let mut found = Vec::new();
        let switches = |letters: &str| match self.operands {
            Operands::Switched(switches) => letters.contains(switches),
            Operands::Names(_) | Operands::CodeBehind(_) => false,
        };
        let mut index = 1;
        while let Some(word) = words.get(index) {
            let read = if is_over { Read::Operand } else { self.options.read(word) };
            match read {
                Read::Operand => match self.operands {
                    Operands::CodeBehind(many)
                        if skips_unclear
                            && (names < many || many == 0)
                            && self.may_be_options(words, index) => {}
                    Operands::Switched(_) if is_switched && found.is_empty() => return vec![index],
                    Operands::CodeBehind(many) if names == many => return vec![index],
                    Operands::Names(many) | Operands::CodeBehind(many) if names < many => {
                        names += 1;
                    }
                    // What is put in may be the file that is run, or an option that takes the next word.
                    _ => return found,
                },
                Read::End => is_over = true,
                Read::Unlisted => {}
                Read::Flags(letters) => is_switched |= switches(letters),
                Read::Valued { value: Value::Instead, .. } => return found,
                Read::Valued { value: Value::Code, is_attached, .. } => {
                    index += usize::from(!is_attached);
                    found.push(index);
                    if self.rest != Rest::Options {
                        return found;
                    }
                }
                Read::Valued { value: Value::Other, flags, is_attached } => {
                    is_switched |= switches(flags);
                    index += usize::from(!is_attached);
                }
            }
            index += 1;
        }
        found
    }

    /// Whether a word can be options before others; where none has a value it is taken for what it is given.
    fn may_be_options(&self, words: &[&str], index: usize) -> bool {
        let has_options = !self.options.valued.is_empty();
        has_options && words.get(index) == Some(&MAY_BE_OPTIONS) && index + 1 < words.len()
    }
}

/// Whether words behind one that may be options, or else is the host of `ssh`, begin like a command and not like the
/// host itself.
fn looks_like_code(words: &[&str]) -> bool {
    match words {
        [first, ..] if first.starts_with(PUT_IN) => false,
        [first] => first.contains(char::is_whitespace),
        [first, second, ..] => !second.starts_with('-') || program(first).is_some(),
        [] => false,
    }
}
