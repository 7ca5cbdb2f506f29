//! The registry of diagnostic codes: the one home of their numbers, names and severities.
//!
//! A code is stable and never used again for something else. Each has a page under `docs/errors`,
//! which is compiled in: a code without a page does not build.

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
    /// The page that explains it, in Markdown, with a wrong and a right example.
    pub page: &'static str,
}

/// A diagnostic code given in a form that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseCodeError;

macro_rules! codes {
    ($( $variant:ident = $number:literal, $name:literal, $severity:ident, $title:literal; )*) => {
        /// A stable diagnostic code, printed as `RUSH0201`.
        #[allow(clippy::zero_prefixed_literal, reason = "the number is also the name of the page")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Code {
            $( #[doc = $title] $variant = $number, )*
        }

        const ALL: &[Code] = &[$( Code::$variant, )*];

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
                            page: include_str!(
                                concat!("../../../docs/errors/RUSH", stringify!($number), ".md")
                            ),
                        };
                        INFO
                    } )*
                }
            }
        }
    };
}

codes! {
    UnclosedText = 0001, "unclosed-text", Error, "a text is never closed";
    UnclosedBracket = 0002, "unclosed-bracket", Error, "a bracket is never closed, or closes nothing";
    TextBlockIndent = 0003, "text-block-indent", Error, "a `\"\"\"` body ends at a line that is not indented";
    ExpectedSyntax = 0004, "expected-syntax", Error, "something else was expected here";
    MissingSeparator = 0005, "missing-separator", Error, "two entries on one line need a comma";
    EqualsForColon = 0006, "equals-for-colon", Error, "fields use `:`; `=` is for `let`";
    ForeignComment = 0007, "foreign-comment", Error, "comments start with `//`";
    ColumnZero = 0008, "column-zero", Error, "a line inside an item starts at column 0";
    UnknownUnit = 0009, "unknown-unit", Error, "a number has an unknown unit or a malformed form";
    TooDeep = 0010, "too-deep", Error, "nesting is deeper than 128 levels";
    NotUtf8 = 0011, "not-utf8", Error, "the file is not UTF-8";

    UnknownKind = 0101, "unknown-kind", Error, "no kind has this name";
    UnknownName = 0102, "unknown-name", Error, "nothing has this name here";
    DuplicateItem = 0103, "duplicate-item", Error, "a name is declared twice in one file";
    UnknownMember = 0104, "unknown-member", Error, "the namespace or value has no such member";
    Shadowing = 0105, "shadowing", Error, "a name hides another one";
    PrivateName = 0106, "private-name", Error, "the name is private to its file";
    UnknownFile = 0107, "unknown-file", Error, "no such file to use";
    DuplicateWorkspace = 0109, "duplicate-workspace", Error, "a second `workspace` item";
    UnusedImport = 0110, "unused-import", Warning, "an import is not used";

    UnknownField = 0201, "unknown-field", Error, "the record has no such field";
    MissingArgument = 0202, "missing-argument", Error, "a required argument or field is not given";
    UnknownArgument = 0203, "unknown-argument", Error, "no parameter takes this argument";
    TypeMismatch = 0204, "type-mismatch", Error, "a value of another type was expected";
    NotAMember = 0205, "not-a-member", Error, "the value is not one of the members of a union";
    OutOfRange = 0206, "out-of-range", Error, "the value is outside the range of its type";
    PatternMismatch = 0207, "pattern-mismatch", Error, "the text does not match the pattern of its type";
    MaybeNone = 0208, "maybe-none", Error, "the value may be `none` here";
    AlwaysFalse = 0209, "always-false", Error, "a comparison can only have one result";
    BadGlob = 0210, "bad-glob", Error, "the glob is malformed";
    BadRegex = 0211, "bad-regex", Error, "the regular expression, cron line or path is malformed";
    DuplicateField = 0212, "duplicate-field", Error, "a field is written twice";
    MissingEntry = 0213, "missing-entry", Error, "a table lacks an entry for a member";
    BadOperands = 0214, "bad-operands", Error, "the operator does not join values of these types";
    MissingField = 0215, "missing-field", Error, "the declaration lacks a field its kind demands";
    UnsettableParameter = 0216, "unsettable-parameter", Error, "a parameter can't be set on the command line and has no default";

    ShellSyntax = 0301, "shell-syntax", Error, "a command without a shell uses shell syntax";
    ListInArgument = 0302, "list-in-argument", Error, "a list can't be part of one argument";
    UnknownShellName = 0303, "unknown-shell-name", Warning, "a script reads a name that nothing sets";
    UnquotedVariable = 0304, "unquoted-variable", Warning, "an unquoted variable may split into several words";
    SingleQuotedVariable = 0305, "single-quoted-variable", Warning, "a variable is not expanded inside single quotes";
    SecondShell = 0306, "second-shell", Warning, "a second shell would read a value as code";
    ListInScript = 0307, "list-in-script", Error, "a list can't be an environment variable";
    UnknownProgram = 0308, "unknown-program", Warning, "a program was not found";
    HarmfulExport = 0309, "harmful-export", Error, "exporting this name would break the shell";
    ComputedScript = 0310, "computed-script", Info, "a script is computed";
    DollarName = 0311, "dollar-name", Error, "`$name` means nothing without a shell";
    LeadingAssignment = 0312, "leading-assignment", Error, "an assignment before a command needs a shell or `env`";
    LeadingTilde = 0313, "leading-tilde", Error, "`~` means nothing without a shell";
    HoleInScript = 0314, "hole-in-script", Error, "a script has no holes";
    UncoveredVariable = 0315, "uncovered-variable", Warning, "a script reads a variable its cache key does not cover";

    Circular = 0401, "circular", Error, "a definition depends on itself";
    BudgetExceeded = 0402, "budget-exceeded", Error, "evaluation needs more than its budget";
    ReadNotAllowed = 0403, "read-not-allowed", Error, "the environment and files can't be read here";
    BadComputation = 0404, "bad-computation", Error, "a computation has no result";

    NeedsCycle = 0501, "needs-cycle", Error, "tasks need each other in a circle";
    SkippedOutputs = 0502, "skipped-outputs", Error, "a task reads outputs of a task that is skipped";
    OutputRace = 0503, "output-race", Error, "two tasks that may run at the same time write the same path";
    InputsMatchNothing = 0504, "inputs-match-nothing", Warning, "`inputs` matches no file";
    MatrixTooLarge = 0505, "matrix-too-large", Error, "a matrix makes too many cells";
    ExcludeNoCell = 0506, "exclude-no-cell", Warning, "an `exclude` entry names no cell";
    OutsideWorkspace = 0507, "outside-workspace", Error, "a path lies outside the workspace";
    MissingNeed = 0508, "missing-need", Error, "a task reads what another one writes, without needing it";

    CheckFailed = 0601, "check-failed", Error, "a `check` is false";
    UnknownEdition = 0602, "unknown-edition", Error, "the workspace needs another edition";

    SecretLeak = 0701, "secret-leak", Error, "a secret would leak";
    UnusedSecret = 0702, "unused-secret", Warning, "a secret is never used";
    MissingReady = 0704, "missing-ready", Warning, "a service has no readiness probe";
    PortClash = 0705, "port-clash", Error, "two services use the same port";

    NotFormatted = 0801, "not-formatted", Error, "the file is not formatted";
    RepeatsDefault = 0802, "repeats-default", Hint, "a field repeats its default";
    VerbName = 0803, "verb-name", Warning, "a task has the name of a verb";
    FlagName = 0804, "flag-name", Warning, "a parameter has the name of a flag of `rush run`";
    NothingToDo = 0805, "nothing-to-do", Warning, "a task has neither `run` nor `needs` nor `steps`";
    UnneededService = 0806, "unneeded-service", Warning, "a parameter of a service is read without needing it";
    FileDocBelow = 0807, "file-doc-below", Warning, "a `//!` comment stands below the head of its file";
    LabelComment = 0808, "label-comment", Warning, "a label stands where it is a comment";
    Deprecated = 0809, "deprecated", Hint, "something is used that is not to be used any more";

    Internal = 0901, "internal", Error, "an error in Rush itself";
}

impl Code {
    /// All codes, by number.
    pub fn all() -> impl Iterator<Item = &'static CodeInfo> {
        ALL.iter().map(|code| code.info())
    }

    /// The page that explains the code, in Markdown.
    pub fn page(self) -> &'static str {
        self.info().page
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
        ALL.iter().copied().find(|code| code.number() == number).ok_or(ParseCodeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_opens_with_its_code_and_title() {
        for info in Code::all() {
            let heading = format!("# {}: {}\n", info.code, info.title);
            assert!(info.page.starts_with(&heading), "{}: expected {heading}", info.code);
        }
    }

    #[test]
    fn each_page_shows_a_wrong_and_a_right_example_or_says_that_there_is_none() {
        for info in Code::all() {
            let has = |text: &str| info.page.contains(text);
            let has_both = has("\n## Wrong\n\n```rush\n") && has("\n## Right\n\n```rush\n");
            assert_ne!(has_both, has("\n<!-- example: none -->\n"), "{}", info.code);
        }
    }

    #[test]
    fn the_index_lists_each_code_with_its_severity_and_title() {
        let index = include_str!("../../../docs/errors/README.md");
        for info in Code::all() {
            let (code, severity) = (info.code, info.severity.word());
            let row = format!("| [{code}]({code}.md) | {severity} | {} |\n", info.title);
            assert!(index.contains(&row), "docs/errors/README.md lacks the row {row}");
        }
    }

    #[test]
    fn names_and_numbers_are_unique_and_in_order() {
        let infos: Vec<_> = Code::all().collect();
        assert!(infos.windows(2).all(|pair| pair[0].code.number() < pair[1].code.number()));
        let mut names: Vec<_> = infos.iter().map(|info| info.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), infos.len());
    }

    #[test]
    fn a_code_is_read_in_any_common_spelling() {
        for text in ["RUSH0201", "rush0201", "0201", "201"] {
            assert_eq!(text.parse(), Ok(Code::UnknownField), "{text}");
        }
        for text in ["", "RUSH", "RUSH9999", "-1", "+201", "é201", "99999999999"] {
            assert_eq!(text.parse::<Code>(), Err(ParseCodeError), "{text}");
        }
    }
}
