//! How languages that are no POSIX shell read the environment, by the look of it.

mod destructured;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use destructured::destructured;

use super::source::Source;
use super::{Context, Language, Quoting, ScriptFacts, VarUse};

/// A place that reads a variable of the environment.
pub(super) struct Lookup {
    /// Where the name is.
    pub(super) name: Range<usize>,
    /// Whether it says what happens if the variable is not set.
    pub(super) has_default: bool,
    /// `Lookup` or `Destructured`.
    pub(super) context: Context,
}

static LOOKUP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?P<soft>environ\.get|getenv|ENV\.fetch)\(\s*["'](?P<a>[A-Za-z_][A-Za-z0-9_]*)["']"#,
        r#"|\b(?:environ|ENV|ENVIRON|process\.env|_ENV)\[\s*["'](?P<b>[A-Za-z_][A-Za-z0-9_]*)["']"#,
        r"|\$\{?(?i:env):(?P<c>[A-Za-z_][A-Za-z0-9_]*)",
        r#"|\$ENV\{["']?(?P<d>[A-Za-z_][A-Za-z0-9_]*)"#,
        r"|(?:process\.env|\$env|\$ENV|\benv)\.(?P<e>[A-Za-z_][A-Za-z0-9_]*)",
    ))
    .expect("a fixed pattern is well-formed")
});

static FISH_USE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\\.|'(?:[^'\\]|\\.)*'|(?m:(?:^|\s)#.*$)|\$+(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
        .expect("a fixed pattern is well-formed")
});

static FISH_SET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:set|read|for)\s+(?:-{1,2}[a-zA-Z-]+\s+)*(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
        .expect("a fixed pattern is well-formed")
});

/// The lookups in a piece of some program.
pub(super) fn lookups(text: &str) -> Vec<Lookup> {
    let called = LOOKUP.captures_iter(text).filter_map(|found| {
        let name = ["a", "b", "c", "d", "e"].iter().find_map(|group| found.name(group))?;
        let has_default = found.name("soft").is_some();
        Some(Lookup { name: name.range(), has_default, context: Context::Lookup })
    });
    called.chain(destructured(text)).collect()
}

/// Reads a whole script of such a language.
pub(super) fn read(language: Language, source: &Source<'_>) -> ScriptFacts {
    let mut facts = ScriptFacts::default();
    if language == Language::Fish {
        read_fish(source, &mut facts);
        return facts;
    }
    for lookup in lookups(&source.text) {
        let text = source.text.get(lookup.name.clone()).unwrap_or_default();
        let mut it = found(source, text, lookup.name, lookup.has_default);
        it.context = lookup.context;
        facts.uses.push(it);
    }
    facts
}

fn read_fish(source: &Source<'_>, facts: &mut ScriptFacts) {
    for captures in FISH_USE.captures_iter(&source.text) {
        if let Some(name) = captures.name("name") {
            let mut it = found(source, name.as_str(), name.range(), false);
            // A variable of fish is a list and never split.
            it.context = Context::Assignment;
            facts.uses.push(it);
        }
    }
    let mut first_sets = FxHashMap::default();
    for captures in FISH_SET.captures_iter(&source.text) {
        let Some(name) = captures.name("name") else { continue };
        // What stands behind the name is read before.
        let line = source.text.get(name.end()..).and_then(|it| it.find('\n'));
        let end = line.map_or(source.text.len(), |it| name.end() + it);
        let place = source.range(end, end).start();
        let first = first_sets.entry(SmolStr::from(name.as_str())).or_insert(place);
        *first = (*first).min(place);
    }
    facts.own_names(first_sets);
}

fn found(source: &Source<'_>, name: &str, at: Range<usize>, has_default: bool) -> VarUse {
    let range = source.range(at.start, at.end);
    VarUse {
        name: name.into(),
        range,
        name_range: range,
        quoting: Quoting::DoubleQuoted,
        context: Context::Lookup,
        has_default,
        is_in_backticks: false,
        is_in_inner_quotes: false,
        nesting: 0,
    }
}
