//! The programs that can be given code, and the options by which they are.

use std::ops::Range;

use super::CodeReader;
use super::options::Options;

/// How a program is given code.
#[derive(Debug)]
pub struct Given {
    /// How the code is read.
    pub reader: CodeReader,
    /// The options whose value is code.
    pub code: &'static [&'static str],
    /// The letters without a value that make the first operand code.
    pub switch: &'static [char],
    /// The options whose value is run, so no code is read.
    pub instead: &'static [&'static str],
    /// Whether code can be behind an operand, which is the file to run elsewhere.
    pub has_operands: bool,
    pub options: Options,
}

/// An interpreter whose options are all flags.
const NOTHING: Given = Given {
    reader: CodeReader::Interpreter,
    code: &[],
    switch: &[],
    instead: &[],
    has_operands: false,
    options: Options::letters(""),
};

const SHELL: Given = Given {
    reader: CodeReader::Shell,
    code: &["command"],
    switch: &['c'],
    options: Options { valued: "oO", attached: "", long: &["command", "rcfile", "init-file"] },
    ..NOTHING
};

const USER_SWITCH: Given = Given {
    reader: CodeReader::Shell,
    code: &["c", "command", "session-command"],
    instead: &["u", "user"],
    has_operands: true,
    options: Options {
        valued: "cgGsuw",
        attached: "",
        long: &["command", "session-command", "user", "shell", "group", "supp-group"],
    },
    ..NOTHING
};

const PYTHON: Given = Given {
    code: &["c"],
    instead: &["m"],
    options: Options { valued: "cmWXQ", attached: "", long: &["check-hash-based-pycs"] },
    ..NOTHING
};

const NODE: Given = Given {
    code: &["e", "eval", "print"],
    switch: &['p'],
    options: Options {
        valued: "erC",
        attached: "",
        long: &["eval", "print", "require", "import", "loader", "conditions", "env-file"],
    },
    ..NOTHING
};

const PERL: Given = Given {
    code: &["e", "E"],
    options: Options { valued: "eEI", attached: "FMim", long: &[] },
    ..NOTHING
};

const RUBY: Given = Given {
    code: &["e"],
    options: Options { valued: "eCEIr", attached: "0FKTWix", long: &["encoding", "require"] },
    ..NOTHING
};

const PHP: Given = Given {
    code: &["r", "B", "R", "E", "run", "process-begin", "process-code", "process-end"],
    instead: &["f", "F", "file", "process-file"],
    options: Options {
        valued: "rBREfFcdzSt",
        attached: "",
        long: &[
            "run",
            "process-begin",
            "process-code",
            "process-end",
            "file",
            "process-file",
            "php-ini",
            "define",
        ],
    },
    ..NOTHING
};

const LUA: Given =
    Given { code: &["e"], options: Options { valued: "el", attached: "", long: &[] }, ..NOTHING };

const FISH: Given = Given {
    code: &["c", "C", "command", "init-command"],
    options: Options { valued: "cCdDfo", attached: "", long: &["command", "init-command"] },
    ..NOTHING
};

const NU: Given = Given {
    code: &["c", "e", "commands", "execute"],
    options: Options {
        valued: "ceImt",
        attached: "",
        long: &["commands", "execute", "config", "env-config", "include-path", "log-level"],
    },
    ..NOTHING
};

/// How a program is given code, if it can be.
pub fn given(program: &str) -> Option<&'static Given> {
    Some(match plain_name(program) {
        "su" | "runuser" => &USER_SWITCH,
        "python" | "pypy" => &PYTHON,
        "node" | "bun" => &NODE,
        "perl" => &PERL,
        "ruby" => &RUBY,
        "php" => &PHP,
        "lua" | "Rscript" => &LUA,
        "fish" => &FISH,
        "nu" => &NU,
        _ if is_shell(program) => &SHELL,
        _ => return None,
    })
}

/// The name of a program without its version and the ending of Windows: `python3.12` is `python`.
pub fn plain_name(program: &str) -> &str {
    let name = program.strip_suffix(".exe").unwrap_or(program);
    name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.').trim_end_matches('-')
}

/// Whether a program is a shell that can be given code.
pub fn is_shell(program: &str) -> bool {
    matches!(plain_name(program), "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "mksh")
}

/// Whether a program is PowerShell, whose options are whole words behind one hyphen.
pub fn is_powershell(program: &str) -> bool {
    matches!(plain_name(program), "pwsh" | "powershell")
}

/// The words of `pwsh -Command ..`: all the rest is code.
pub fn powershell_command(words: &[&str]) -> Option<Range<usize>> {
    const VALUED: &[&str] = &[
        "configurationfile",
        "configurationname",
        "custompipename",
        "encodedarguments",
        "encodedcommand",
        "ep",
        "executionpolicy",
        "inputformat",
        "outputformat",
        "psconsolefile",
        "settingsfile",
        "wd",
        "windowstyle",
        "workingdirectory",
    ];
    let mut index = 1;
    loop {
        let option = words.get(index)?.strip_prefix('-').filter(|it| !it.is_empty())?;
        let option = option.to_ascii_lowercase();
        index += 1;
        // An option may be cut short where no other one begins so.
        if "command".starts_with(&option) {
            return Some(index.min(words.len())..words.len());
        }
        if "file".starts_with(&option) {
            return None;
        }
        index += usize::from(VALUED.iter().any(|it| it.starts_with(&option)));
    }
}
