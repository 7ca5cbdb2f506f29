//! Judges what a script reads against the names that are in scope where it is written.

use rush_diagnostics::Diagnostic;
use rush_plan::environment::is_base_variable;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::code::CodeReader;
use super::site::Site;
use super::variables::{harm, is_given};
use super::{Context, Language, Quoting, ScriptFacts, SecondShell, VarUse, names_used, report};

/// What a name in scope stands for, as far as a script can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A value with a text form that may hold anything.
    Scalar,
    /// A scalar that may split, but all texts it can be are written in the file.
    Written,
    /// A scalar whose text form never splits or means code: a number, a duration, a bool, a union
    /// of plain words.
    Plain,
    /// A list.
    List,
    /// A record or a map.
    Record,
    /// Something without parts: a command, a task.
    Whole(&'static str),
    /// A secret.
    Secret,
}

impl NameKind {
    /// Whether a script gets it as a variable.
    pub fn is_variable(self) -> bool {
        matches!(self, Self::Scalar | Self::Written | Self::Plain)
    }
}

/// The names a script can read.
#[derive(Clone, Debug, Default)]
pub struct ScopeNames {
    /// Values in lexical scope: parameters, `let`s, `param`s.
    pub values: FxHashMap<SmolStr, NameKind>,
    /// The keys of `env`.
    pub env: FxHashSet<SmolStr>,
    /// The names in `pass_env`, and how names begin as in `CI_*`.
    pub pass_env: FxHashSet<SmolStr>,
    /// Whether variables come from where nobody can see when checking: `env_files`, computed keys.
    pub has_hidden_env: bool,
    /// Whether the task has `inputs`, and so sees only what its cache key covers.
    pub has_inputs: bool,
}

impl ScopeNames {
    /// Whether `pass_env` passes a variable on.
    fn passes(&self, name: &str) -> bool {
        let begins = |it: &SmolStr| it.strip_suffix('*').is_some_and(|it| name.starts_with(it));
        self.pass_env.contains(name) || self.pass_env.iter().any(begins)
    }
}

/// The findings about a script, in the order of the text.
pub fn lint(
    language: Language,
    facts: &ScriptFacts,
    names: &ScopeNames,
    site: &Site<'_>,
) -> Vec<Diagnostic> {
    let in_second_shell = second_shell_uses(facts);
    let judge = Judge { language, facts, names, site };
    let mut found = Vec::new();
    let mut seen = FxHashSet::default();
    for (index, variable) in facts.uses.iter().enumerate() {
        let finding = match in_second_shell.get(&index) {
            Some(shell) if judge.is_injected(variable, shell.reader) => {
                Some(report::second_shell(shell, variable, site))
            }
            Some(_) | None => judge.variable(variable, &mut seen),
        };
        found.extend(finding);
    }
    found.extend(facts.foreign_holes.iter().map(|hole| report::hole_in_script(hole, names, site)));
    found.extend(judge.harmful_exports());
    found.sort_by_key(|it| (it.primary.span.range.start(), it.code));
    found
}

fn second_shell_uses(facts: &ScriptFacts) -> FxHashMap<usize, &SecondShell> {
    let shells = facts.second_shells.iter();
    shells.flat_map(|it| it.uses.iter().map(move |index| (*index, it))).collect()
}

struct Judge<'a> {
    language: Language,
    facts: &'a ScriptFacts,
    names: &'a ScopeNames,
    site: &'a Site<'a>,
}

impl Judge<'_> {
    /// The kind of a value of Rush that the script does not replace by its own.
    fn value(&self, variable: &VarUse) -> Option<NameKind> {
        let kind = self.names.values.get(&variable.name).copied()?;
        // What can't arrive is the script's own wherever it sets it.
        let own = if kind.is_variable() { &self.facts.own } else { &self.facts.sets };
        (!own.contains(&variable.name)).then_some(kind)
    }

    fn is_injected(&self, variable: &VarUse, reader: CodeReader) -> bool {
        let has_text = match variable.context {
            Context::Arithmetic | Context::Replaced | Context::Lookup | Context::Destructured => {
                false
            }
            // Its quotes are those of a shell, and end the quotes that they stand in.
            Context::Escaped => reader == CodeReader::Interpreter || variable.is_in_inner_quotes,
            Context::Word
            | Context::Assignment
            | Context::Case
            | Context::Test
            | Context::Subscript
            | Context::ForList
            | Context::HereDocument
            | Context::HereString
            | Context::Name => true,
        };
        has_text && self.value(variable) == Some(NameKind::Scalar)
    }

    fn variable(&self, variable: &VarUse, seen: &mut FxHashSet<SmolStr>) -> Option<Diagnostic> {
        if self.names.env.contains(&variable.name) {
            return None;
        }
        let Some(kind) = self.value(variable) else { return self.unknown(variable, seen) };
        match (kind, variable.quoting) {
            (kind, Quoting::SingleQuoted) if kind.is_variable() => {
                Some(report::single_quoted(variable, self.site))
            }
            (_, Quoting::SingleQuoted) => None,
            (NameKind::List | NameKind::Record | NameKind::Whole(_), _)
                if self.names.passes(&variable.name) =>
            {
                None
            }
            (NameKind::List, _) => Some(report::list_in_script(variable, self.site, self.facts)),
            (NameKind::Record, _) => Some(report::record_in_script(variable, self.site)),
            (NameKind::Whole(what), _) => Some(report::whole_in_script(variable, what, self.site)),
            (NameKind::Secret, _) => Some(report::secret_in_script(variable, self.site)),
            (NameKind::Scalar | NameKind::Written, Quoting::Unquoted) if self.splits(variable) => {
                Some(report::unquoted(variable, self.site))
            }
            (NameKind::Scalar | NameKind::Written | NameKind::Plain, _) => None,
        }
    }

    fn splits(&self, variable: &VarUse) -> bool {
        variable.context == Context::Word && matches!(self.language, Language::Sh | Language::Bash)
    }

    /// A name that nothing in the file or the script gives a value.
    fn unknown(&self, variable: &VarUse, seen: &mut FxHashSet<SmolStr>) -> Option<Diagnostic> {
        let name = &variable.name;
        let is_known = self.facts.sets.contains(name)
            || is_given(name)
            || is_base_variable(name)
            || self.names.passes(name)
            || self.names.has_hidden_env
            || self.facts.has_hidden_sets;
        let is_read =
            variable.quoting != Quoting::SingleQuoted && variable.context != Context::Subscript;
        if is_known || !is_read {
            return None;
        }
        if !variable.has_default
            && let Some(near) = self.near(name)
        {
            return Some(report::unknown_name(self.language, variable, near, self.site));
        }
        let is_first = self.names.has_inputs && seen.insert(name.clone());
        is_first.then(|| report::uncovered(variable, self.site))
    }

    /// The known name that was probably meant.
    fn near(&self, name: &str) -> Option<&str> {
        let values = self.names.values.iter().filter(|(_, kind)| kind.is_variable());
        values
            .map(|(known, _)| known)
            .chain(&self.names.env)
            .chain(self.names.pass_env.iter().filter(|it| !it.ends_with('*')))
            .filter_map(|known| Some((distance(name, known)?, known.as_str())))
            .min()
            .map(|(_, known)| known)
    }

    fn harmful_exports(&self) -> Vec<Diagnostic> {
        let mut scalars: Vec<SmolStr> = self
            .names
            .values
            .iter()
            .filter(|(_, kind)| kind.is_variable())
            .map(|(name, _)| name.clone())
            .collect();
        scalars.sort_unstable();
        let used = names_used(self.language, self.facts, scalars);
        used.iter()
            .filter_map(|name| {
                let harm = harm(self.language, name)?;
                let first = self
                    .facts
                    .uses
                    .iter()
                    .find(|it| it.name == *name && it.quoting != Quoting::SingleQuoted);
                Some(report::harmful_export(name, first, harm, self.site))
            })
            .collect()
    }
}

/// How far a written name is from a known one; `None` if too far to be a slip.
fn distance(written: &str, known: &str) -> Option<usize> {
    if written.eq_ignore_ascii_case(known) {
        return Some(0);
    }
    let shorter = written.len().min(known.len());
    let allowed = match shorter {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    // Words that differ only in digits, as `host1` and `host2`, are siblings, not slips.
    let is_sibling = written.trim_end_matches(|it: char| it.is_ascii_digit())
        == known.trim_end_matches(|it: char| it.is_ascii_digit());
    let distance = strsim::damerau_levenshtein(written, known);
    (distance <= allowed && !is_sibling).then_some(distance)
}
