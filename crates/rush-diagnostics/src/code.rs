//! The registry of diagnostic codes: the one home of their numbers, names and severities.
//!
//! A code is stable and never used again for something else. Each has a page under `docs/errors`.

use std::fmt;
use std::str::FromStr;

use crate::diagnostic::Severity;

/// The part of the compiler a code belongs to, by its hundreds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// 00xx: how the text is written.
    Syntax,
    /// 01xx: what a name means.
    Names,
    /// 02xx: whether values fit.
    Types,
    /// 03xx: commands and the shell.
    Commands,
    /// 04xx: evaluation.
    Evaluation,
    /// 05xx: the graph of tasks.
    Graph,
    /// 06xx: the author's own checks and the edition.
    Checks,
    /// 07xx: secrets and services.
    Secrets,
    /// 08xx: style.
    Style,
    /// 09xx: Rush itself.
    Internal,
}

/// What the registry knows about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// The variant's name in kebab case, for machine formats: `unknown-field`.
    pub name: &'static str,
    /// The severity when nothing says otherwise.
    pub severity: Severity,
    /// One line on what the code is about.
    pub title: &'static str,
    /// Whether findings of this code may carry a machine-applicable fix.
    pub has_fix: bool,
}

/// A diagnostic code given in a form that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseCodeError;

macro_rules! codes {
    ($( $variant:ident = $number:literal, $name:literal, $severity:ident, $fix:ident, $title:literal; )*) => {
        /// A stable diagnostic code, printed as `RUSH0201`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Code {
            $( #[doc = $title] $variant = $number, )*
        }

        const ALL: &[CodeInfo] = &[
            $( CodeInfo {
                code: Code::$variant,
                name: $name,
                severity: Severity::$severity,
                title: $title,
                has_fix: codes!(@fix $fix),
            }, )*
        ];

        impl Code {
            /// What the registry knows about this code.
            pub fn info(self) -> &'static CodeInfo {
                match self {
                    $( Self::$variant => {
                        const INFO: &CodeInfo = &CodeInfo {
                            code: Code::$variant,
                            name: $name,
                            severity: Severity::$severity,
                            title: $title,
                            has_fix: codes!(@fix $fix),
                        };
                        INFO
                    } )*
                }
            }
        }
    };
    (@fix fix) => { true };
    (@fix nofix) => { false };
}

codes! {
    UnclosedText = 1, "unclosed-text", Error, nofix, "a text is never closed";
    UnclosedBracket = 2, "unclosed-bracket", Error, fix, "a bracket is never closed, or closes nothing";
    TextBlockIndent = 3, "text-block-indent", Error, fix, "a `\"\"\"` body ends at a line that is not indented";
    ExpectedSyntax = 4, "expected-syntax", Error, nofix, "something else was expected here";
    MissingSeparator = 5, "missing-separator", Error, fix, "two entries on one line need a comma";
    EqualsForColon = 6, "equals-for-colon", Error, fix, "fields use `:`; `=` is for `let`";
    ForeignComment = 7, "foreign-comment", Error, fix, "comments start with `//`";
    ColumnZero = 8, "column-zero", Error, fix, "a line inside an item starts at column 0";
    UnknownUnit = 9, "unknown-unit", Error, fix, "a number has an unknown unit or a malformed form";
    TooDeep = 10, "too-deep", Error, nofix, "nesting is deeper than 128 levels";
    NotUtf8 = 11, "not-utf8", Error, nofix, "the file is not UTF-8";

    UnknownKind = 101, "unknown-kind", Error, fix, "no kind has this name";
    UnknownName = 102, "unknown-name", Error, fix, "nothing has this name here";
    DuplicateItem = 103, "duplicate-item", Error, nofix, "a name is declared twice in one file";
    UnknownMember = 104, "unknown-member", Error, fix, "the namespace or value has no such member";
    Shadowing = 105, "shadowing", Error, nofix, "a name hides another one";
    PrivateName = 106, "private-name", Error, nofix, "the name is private to its file";
    UnknownFile = 107, "unknown-file", Error, fix, "no such file to use";
    DuplicateWorkspace = 109, "duplicate-workspace", Error, nofix, "a second `workspace` item";
    UnusedImport = 110, "unused-import", Warning, fix, "an import is not used";

    UnknownField = 201, "unknown-field", Error, fix, "the record has no such field";
    MissingArgument = 202, "missing-argument", Error, fix, "a required argument or field is not given";
    UnknownArgument = 203, "unknown-argument", Error, fix, "no parameter takes this argument";
    TypeMismatch = 204, "type-mismatch", Error, fix, "a value of another type was expected";
    NotAMember = 205, "not-a-member", Error, fix, "the value is not one of the members of a union";
    OutOfRange = 206, "out-of-range", Error, nofix, "the value is outside the range of its type";
    PatternMismatch = 207, "pattern-mismatch", Error, nofix, "the text does not match the pattern of its type";
    MaybeNone = 208, "maybe-none", Error, fix, "the value may be `none` here";
    AlwaysFalse = 209, "always-false", Error, nofix, "a comparison can only have one result";
    BadGlob = 210, "bad-glob", Error, fix, "the glob is malformed";
    BadRegex = 211, "bad-regex", Error, nofix, "the regular expression, cron line or path is malformed";
    DuplicateField = 212, "duplicate-field", Error, nofix, "a field is written twice";
    MissingEntry = 213, "missing-entry", Error, fix, "a table lacks an entry for a member";
    BadOperands = 214, "bad-operands", Error, nofix, "the operator does not join values of these types";
    MissingField = 215, "missing-field", Error, fix, "the declaration lacks a field its kind demands";
    UnsettableParameter = 216, "unsettable-parameter", Error, nofix, "a parameter can't be set on the command line and has no default";

    ShellSyntax = 301, "shell-syntax", Error, fix, "a command without a shell uses shell syntax";
    ListInArgument = 302, "list-in-argument", Error, fix, "a list can't be part of one argument";
    UnknownShellName = 303, "unknown-shell-name", Warning, fix, "a script reads a name that nothing sets";
    UnquotedVariable = 304, "unquoted-variable", Warning, fix, "an unquoted variable may split into several words";
    SingleQuotedVariable = 305, "single-quoted-variable", Warning, nofix, "a variable is not expanded inside single quotes";
    SecondShell = 306, "second-shell", Warning, nofix, "a second shell would read a value as code";
    ListInScript = 307, "list-in-script", Error, fix, "a list can't be an environment variable";
    UnknownProgram = 308, "unknown-program", Warning, nofix, "a program was not found";
    HarmfulExport = 309, "harmful-export", Error, nofix, "exporting this name would break the shell";
    ComputedScript = 310, "computed-script", Info, nofix, "a script is computed";
    DollarName = 311, "dollar-name", Error, fix, "`$name` means nothing without a shell";
    LeadingAssignment = 312, "leading-assignment", Error, fix, "an assignment before a command needs a shell or `env`";
    LeadingTilde = 313, "leading-tilde", Error, fix, "`~` means nothing without a shell";
    HoleInScript = 314, "hole-in-script", Error, fix, "a script has no holes";
    UncoveredVariable = 315, "uncovered-variable", Warning, fix, "a script reads a variable its cache key does not cover";

    Circular = 401, "circular", Error, nofix, "a definition depends on itself";
    BudgetExceeded = 402, "budget-exceeded", Error, nofix, "evaluation needs more than its budget";
    ReadNotAllowed = 403, "read-not-allowed", Error, nofix, "the environment and files can't be read here";
    BadComputation = 404, "bad-computation", Error, nofix, "a computation has no result";

    NeedsCycle = 501, "needs-cycle", Error, nofix, "tasks need each other in a circle";
    SkippedOutputs = 502, "skipped-outputs", Error, nofix, "a task reads outputs of a task that is skipped";
    OutputRace = 503, "output-race", Error, nofix, "two tasks that may run at the same time write the same path";
    InputsMatchNothing = 504, "inputs-match-nothing", Warning, nofix, "`inputs` matches no file";
    MatrixTooLarge = 505, "matrix-too-large", Error, nofix, "a matrix makes too many cells";
    ExcludeNoCell = 506, "exclude-no-cell", Warning, nofix, "an `exclude` entry names no cell";
    OutsideWorkspace = 507, "outside-workspace", Error, nofix, "a path lies outside the workspace";
    MissingNeed = 508, "missing-need", Error, fix, "a task reads what another one writes, without needing it";

    CheckFailed = 601, "check-failed", Error, nofix, "a `check` is false";
    UnknownEdition = 602, "unknown-edition", Error, nofix, "the workspace needs another edition";

    SecretLeak = 701, "secret-leak", Error, nofix, "a secret would leak";
    UnusedSecret = 702, "unused-secret", Warning, nofix, "a secret is never used";
    MissingReady = 704, "missing-ready", Warning, nofix, "a service has no readiness probe";
    PortClash = 705, "port-clash", Error, nofix, "two services use the same port";

    NotFormatted = 801, "not-formatted", Error, fix, "the file is not formatted";
    RepeatsDefault = 802, "repeats-default", Hint, fix, "a field repeats its default";
    VerbName = 803, "verb-name", Warning, nofix, "a task has the name of a verb";
    FlagName = 804, "flag-name", Warning, nofix, "a parameter has the name of a flag of `rush run`";
    NothingToDo = 805, "nothing-to-do", Warning, nofix, "a task has neither `run` nor `needs` nor `steps`";
    UnneededService = 806, "unneeded-service", Warning, fix, "a parameter of a service is read without needing it";

    Internal = 901, "internal", Error, nofix, "an error in Rush itself";
}

impl Code {
    /// All codes, by number.
    pub fn all() -> impl Iterator<Item = &'static CodeInfo> {
        ALL.iter()
    }

    /// The number after `RUSH`.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The part of the compiler it belongs to.
    pub fn area(self) -> Area {
        match self.number() / 100 {
            0 => Area::Syntax,
            1 => Area::Names,
            2 => Area::Types,
            3 => Area::Commands,
            4 => Area::Evaluation,
            5 => Area::Graph,
            6 => Area::Checks,
            7 => Area::Secrets,
            8 => Area::Style,
            _ => Area::Internal,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RUSH{:04}", self.number())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Code {
    type Err = ParseCodeError;

    /// Accepts `RUSH0201`, `rush0201`, `0201` and `201`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.get(..4) {
            Some(head) if head.eq_ignore_ascii_case("rush") => text.get(4..).unwrap_or_default(),
            _ => text,
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseCodeError);
        }
        let number: u16 = digits.parse().map_err(|_| ParseCodeError)?;
        ALL.iter().find(|info| info.code.number() == number).map(|it| it.code).ok_or(ParseCodeError)
    }
}
