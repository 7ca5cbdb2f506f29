//! "Did you mean": a word nobody declared, and the declared word its author probably meant.
//!
//! Two sources of guesses. Spelling: a small edit distance to a candidate. Vocabulary: what other
//! task runners call the same thing. Vocabulary wins, since `deps` is nearer to `desc` than to
//! `needs` in letters only.

mod slip;

use std::borrow::Cow;

use crate::{Edit, Fix, Span};

/// A word other tools use, and ours.
type Pair = (&'static [&'static str], &'static str);

/// Fields, by the words of make, just, go-task, turbo, npm, CI services and build tools.
const FIELDS: &[Pair] = &[
    (
        &[
            "need",
            "deps",
            "dep",
            "depends",
            "depends_on",
            "dependencies",
            "dependency",
            "requires",
            "require",
            "required",
            "prerequisites",
            "prereqs",
            "needs_tasks",
            "run_after",
        ],
        "needs",
    ),
    (
        &[
            "cmd",
            "cmds",
            "command",
            "commands",
            "script",
            "scripts",
            "exec",
            "execute",
            "recipe",
            "action",
            "runs",
            "run_commands",
            "entrypoint",
        ],
        "run",
    ),
    (&["step", "sequence", "serial", "stages", "chain"], "steps"),
    (
        &["sources", "source", "srcs", "cache_files", "input", "file_inputs", "watch_files"],
        "inputs",
    ),
    (&["generates", "output", "outs", "artifacts", "artefacts", "produces", "creates"], "outputs"),
    (&["dep_file", "deps_file"], "depfile"),
    (
        &[
            "cwd",
            "working_dir",
            "working_directory",
            "work_dir",
            "workdir",
            "directory",
            "chdir",
            "pwd",
        ],
        "dir",
    ),
    (&["environment", "env_vars", "environ", "envs", "env_variables"], "env"),
    (&["env_file", "dotenv", "dotenv_files", "dotenv_path", "envfile"], "env_files"),
    (
        &[
            "pass_through_env",
            "passthrough_env",
            "global_pass_through_env",
            "inherit_env",
            "env_passthrough",
            "allowed_env",
        ],
        "pass_env",
    ),
    (&["if", "condition", "only_if", "run_if", "only_when", "enabled"], "when"),
    (&["strategy", "variants", "permutations"], "matrix"),
    (
        &[
            "continue_on_error",
            "ignore_error",
            "ignore_errors",
            "ignore_failure",
            "allow_fail",
            "allow_failures",
            "may_fail",
        ],
        "allow_failure",
    ),
    (&["time_limit", "deadline", "max_time"], "timeout"),
    (&["retries", "retry_count", "retry_policy", "max_retries"], "retry"),
    (&["max_attempts", "tries"], "attempts"),
    (&["backoff", "wait_between", "retry_delay"], "delay"),
    (&["exit_codes", "on_exit_codes", "retry_on_exit_codes"], "on_codes"),
    (&["prompt", "confirmation", "ask"], "confirm"),
    (&["concurrency", "concurrency_group", "mutex", "lock"], "limit"),
    (
        &["finalize", "cleanup", "clean_up", "teardown", "after_script", "defer", "on_exit"],
        "finally",
    ),
    (&["tty", "stdin_tty"], "interactive"),
    (&["output_logs", "log_mode", "output_mode"], "log"),
    (&["executables", "binaries", "required_tools", "programs"], "tools"),
    (&["cpus", "cores"], "cpu"),
    (&["mem", "memory_limit", "ram"], "memory"),
    (&["health_check", "healthcheck", "readiness", "readiness_probe", "wait_for"], "ready"),
    (&["interval", "poll_interval", "period"], "every"),
    (&["restart_policy"], "restart"),
    (&["grace_period", "stop_grace_period", "kill_timeout"], "grace"),
    (&["stop_signal", "kill_signal"], "signal"),
    (&["packages", "projects", "workspaces", "includes"], "members"),
];

/// Kinds and the words that open other items.
const KINDS: &[Pair] = &[
    (&["job", "recipe", "target", "rule", "step", "command", "cmd", "goal"], "task"),
    (&["daemon", "server", "process", "background"], "service"),
    (&["mixin", "base", "abstract", "preset"], "template"),
    (&["credential", "credentials", "token", "password"], "secret"),
    (&["import", "include", "load", "require", "mod"], "use"),
    (&["var", "variable", "const", "val", "set", "export", "vars"], "let"),
    (&["function", "func", "def", "fun", "macro"], "fn"),
    (&["parameter", "arg", "argument", "option", "variables"], "param"),
    (&["typedef", "enum", "struct", "alias", "interface"], "type"),
    (&["assert", "require_that", "precondition", "preconditions"], "check"),
    (&["project", "monorepo"], "workspace"),
    (&["environment", "mode"], "profile"),
];

/// The units of durations and sizes.
const UNITS: &[Pair] = &[
    (&["ms", "millis", "milliseconds"], "ms"),
    (&["s", "sec", "secs", "second", "seconds"], "s"),
    (&["m", "min", "mins", "minute", "minutes"], "m"),
    (&["h", "hr", "hrs", "hour", "hours"], "h"),
    (&["d", "day", "days"], "d"),
    (&["b", "bytes"], "B"),
    (&["kb"], "KB"),
    (&["mb"], "MB"),
    (&["gb"], "GB"),
    (&["kib"], "KiB"),
    (&["mib"], "MiB"),
    (&["gib"], "GiB"),
];

/// The most words that are named as equally near.
const NAMED_MAX: usize = 3;

/// The declared words that an unknown one may stand for: none, one, or several that are equally near.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nearest<'a> {
    words: Vec<&'a str>,
    /// Whether a word that stands alone here is the one that was meant, and not just near it.
    is_certain: bool,
}

impl<'a> Nearest<'a> {
    /// This word and no other, which is known by more than its spelling.
    pub fn one(word: &'a str) -> Self {
        Self { words: vec![word], is_certain: true }
    }

    /// The first of them, for who can only name one.
    pub fn first(&self) -> Option<&'a str> {
        self.words.first().copied()
    }

    /// The word, if there is no second that is as near.
    pub fn only(&self) -> Option<&'a str> {
        self.first().filter(|_| self.words.len() == 1)
    }

    /// All of them.
    pub fn words(&self) -> &[&'a str] {
        &self.words
    }

    /// Whether nothing is near.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// ``did you mean `a` or `b`?``, each word behind `before`; `None` when nothing is near.
    pub fn question(&self, before: &str) -> Option<String> {
        let words: Vec<String> = self.words.iter().map(|it| format!("`{before}{it}`")).collect();
        (!words.is_empty()).then(|| format!("did you mean {}?", words.join(" or ")))
    }

    /// The fixes that write one of them at `at`, as `spell` spells it. A single one is what was meant, unless it is
    /// another word rather than a slip of the hand; among several only the author can choose.
    pub fn fixes(&self, at: &Span, spell: impl Fn(&str) -> String) -> Vec<Fix> {
        let is_certain = self.is_certain && self.only().is_some();
        let make = if is_certain { Fix::automatic } else { Fix::offered };
        let fix = |word: &&str| {
            let text = spell(word);
            let shown = if text == **word { format!("`{text}`") } else { text.clone() };
            make(format!("change it to {shown}"), vec![Edit::replace(&at.item, at.range, text)])
        };
        self.words.iter().map(fix).collect()
    }
}

/// Returns the candidates `word` most likely stands for.
///
/// A synonym counts only if it is a candidate. Of equally close candidates the first few are named,
/// in the order of `candidates`, which must be stable.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Nearest<'a> {
    let word = Undeclared::new(word);
    let mut least = usize::MAX;
    let mut best: Vec<&'a str> = Vec::new();
    for candidate in candidates {
        if Some(candidate) == word.meant {
            return Nearest::one(candidate);
        }
        let Some(distance) = word.distance(candidate) else { continue };
        if distance < least {
            best.clear();
            least = distance;
        }
        if distance == least && best.len() < NAMED_MAX && !best.contains(&candidate) {
            best.push(candidate);
        }
    }
    let is_certain = best.iter().all(|it| slip::is_slip(word.word, it));
    Nearest { words: best, is_certain }
}

/// Returns the first candidate that `word` most likely stands for, or `None` when none is close.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(word, candidates).first()
}

/// Returns the field that other tools call `word`: `depends_on` is `needs`.
pub fn synonym(word: &str) -> Option<&'static str> {
    find(FIELDS, word)
}

/// Returns the kind or the item keyword that other tools call `word`: `recipe` is `task`.
pub fn kind_synonym(word: &str) -> Option<&'static str> {
    find(KINDS, word)
}

/// Returns the unit that a word stands for: `minutes` is `m`.
pub fn unit(word: &str) -> Option<&'static str> {
    find(UNITS, word)
}

/// Returns the field and the unit that are both in a name: `timeout_minutes` is `timeout` in `m`.
pub fn measured(name: &str) -> Option<(Cow<'static, str>, &'static str)> {
    let name = snake_case(name);
    let (field, unit) = name.rsplit_once('_')?;
    let field = field.strip_suffix("_in").unwrap_or(field);
    let ours = synonym(field).map_or_else(|| Cow::Owned(field.to_owned()), Cow::Borrowed);
    Some((ours, self::unit(unit)?))
}

fn find(table: &[Pair], word: &str) -> Option<&'static str> {
    let word = snake_case(word);
    table.iter().find(|(theirs, _)| theirs.contains(&word.as_ref())).map(|(_, ours)| *ours)
}

/// A word nobody declared, with what is needed to compare it to thousands that somebody did.
#[derive(Debug)]
pub struct Undeclared<'w> {
    word: &'w str,
    /// What other tools mean by it.
    meant: Option<&'static str>,
    length: usize,
    snake: Cow<'w, str>,
    letters: Letters,
}

impl<'w> Undeclared<'w> {
    /// Makes a word ready to be compared.
    pub fn new(word: &'w str) -> Self {
        let (meant, length) = (synonym(word), word.chars().count());
        Self { word, meant, length, snake: snake_case(word), letters: Letters::of(word) }
    }

    /// Whether it may stand for a candidate, so that [`nearest`] has to hear of that.
    pub fn may_mean(&self, candidate: &str) -> bool {
        Some(candidate) == self.meant || self.distance(candidate).is_some()
    }

    /// The edit distance where it is small enough to be a slip of the hand; 0 for the same word in
    /// another case. Counts characters, and a single one stands for nothing but itself.
    fn distance(&self, candidate: &str) -> Option<usize> {
        let (length, other) = (self.length, candidate.chars().count());
        let allowed = edits_max(length, other);
        if length.abs_diff(other) > allowed.max(1) * 2 {
            return None;
        }
        if self.snake == snake_case(candidate) {
            return Some(0);
        }
        if length.abs_diff(other) > allowed || self.letters.lacking(candidate) > allowed {
            return None;
        }
        Some(strsim::damerau_levenshtein(self.word, candidate)).filter(|it| *it <= allowed)
    }
}

/// How many edits may lie between two words of so many characters if one is to stand for the other.
fn edits_max(length: usize, other: usize) -> usize {
    match (length.min(other), length.max(other)) {
        (0 | 1, _) | (_, 0..=2) => 0,
        (_, 3..=5) => 1,
        (_, 6..=8) => 2,
        _ => 3,
    }
}

/// How often a word has each character of ASCII; as often as one likes from 255 times on.
///
/// One edit brings at most one character that was not there, so most words are seen to be far away
/// without a look at where their characters stand.
#[derive(Debug)]
struct Letters([u8; 128]);

impl Letters {
    fn of(word: &str) -> Self {
        let mut counts = [0_u8; 128];
        for byte in word.bytes() {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    /// How many characters of a candidate the word does not have: no more than the edit distance.
    fn lacking(&self, candidate: &str) -> usize {
        let mut left = self.0;
        let mut lacking = 0;
        for byte in candidate.bytes() {
            match left.get_mut(usize::from(byte)) {
                None | Some(&mut u8::MAX) => {}
                Some(0) => lacking += 1,
                Some(count) => *count -= 1,
            }
        }
        lacking
    }
}

/// `dependsOn`, `depends-on` and `Depends_On` are all `depends_on`.
fn snake_case(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
        return Cow::Borrowed(word);
    }
    let mut snake = String::with_capacity(word.len() + 4);
    let mut was_lower = false;
    for character in word.chars() {
        if character.is_uppercase() && was_lower {
            snake.push('_');
        }
        was_lower = character.is_lowercase() || character.is_ascii_digit();
        snake.extend(if character == '-' { '_' } else { character }.to_lowercase());
    }
    Cow::Owned(snake)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANDIDATES: &[&str] = &["needs", "run", "inputs", "outputs", "dir", "timeout", "desc"];

    fn check(word: &str, expect: Option<&str>) {
        assert_eq!(suggest(word, CANDIDATES.iter().copied()), expect, "{word}");
    }

    #[test]
    fn spelling() {
        check("need", Some("needs"));
        check("tiemout", Some("timeout"));
        check("Inputs", Some("inputs"));
        check("ouptuts", Some("outputs"));
        check("rn", Some("run"));
        check("zebra", None);
        check("d", None);
        check("", None);
        check(&"x".repeat(100_000), None);
    }

    #[test]
    fn short_words_are_counted_in_characters() {
        let check = |word, candidate, expect: bool| {
            assert_eq!(suggest(word, [candidate]).is_some(), expect, "{word} {candidate}");
        };
        check("字", "ä", false);
        check("字", "字典", false);
        check("ä", "ö", false);
        check("ä", "äö", false);
        check("a", "abc", false);
        check("ab", "ac", false);
        check("ab", "ba", false);
        check("grüße", "größe", true);
        check("字典", "ab典", false);
        check("字典字典", "字a字典", true);
        check("aufgabe", "äufgäbe", true);
        check("größe", "größer", true);
        check("Ä", "ä", true);
        check("rn", "run", true);
    }

    #[test]
    fn a_letter_that_is_there_often_is_never_lacking() {
        let (word, longer) = ("a".repeat(300), "a".repeat(303));
        assert_eq!(suggest(&word, [longer.as_str()]), Some(longer.as_str()));
        assert_eq!(Letters::of("level").lacking("levelled"), 3);
        assert_eq!(Letters::of("").lacking("字"), 0);
    }

    #[test]
    fn equally_near_words_are_all_named() {
        let near = nearest("prd", ["prd2", "prod", "prod", "staging"]);
        assert_eq!(near.question("").as_deref(), Some("did you mean `prd2` or `prod`?"));
        assert_eq!((near.first(), near.only()), (Some("prd2"), None));
        let near = nearest("biuld", ["build", "lint"]);
        assert_eq!(near.question("--").as_deref(), Some("did you mean `--build`?"));
        assert_eq!(near.only(), Some("build"));
        assert_eq!(nearest("deps", ["desc", "dep", "needs"]).only(), Some("needs"));
        assert_eq!(nearest("zebra", ["build"]).question(""), None);
    }

    #[test]
    fn vocabulary_wins_over_spelling() {
        check("deps", Some("needs"));
        check("dependsOn", Some("needs"));
        check("working-directory", Some("dir"));
        check("generates", Some("outputs"));
        check("environment", None);
        assert_eq!(synonym("environment"), Some("env"));
        assert_eq!(kind_synonym("recipe"), Some("task"));
    }

    #[test]
    fn a_name_may_say_its_unit() {
        let check = |name, expect: Option<(&str, &str)>| {
            let found = measured(name);
            assert_eq!(
                found.as_ref().map(|(field, unit)| (field.as_ref(), *unit)),
                expect,
                "{name}"
            );
        };
        check("timeout_ms", Some(("timeout", "ms")));
        check("timeoutMinutes", Some(("timeout", "m")));
        check("timeout-in-seconds", Some(("timeout", "s")));
        check("time_limit_seconds", Some(("timeout", "s")));
        check("ram_MB", Some(("memory", "MB")));
        check("timeout", None);
        check("minutes", None);
        check("timeout_weeks", None);
    }

    #[test]
    fn no_word_means_two_fields() {
        for table in [FIELDS, KINDS, UNITS] {
            let mut words: Vec<_> = table.iter().flat_map(|(theirs, _)| theirs.iter()).collect();
            let all = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), all);
        }
    }
}
