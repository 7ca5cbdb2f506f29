//! What the person wants: the section `rush` of the editor's settings.
//!
//! Settings come with the start, are asked for, or are pushed; each time all of them. What is not
//! set has its default, and what can't be understood is told and counts as not set.

use serde_json::Value;

/// The name of the section.
pub(crate) const SECTION: &str = "rush";

/// What the person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Which hints are shown inside the text.
    pub(crate) hints: Hints,
    /// Which lenses are shown above tasks.
    pub(crate) lenses: Lenses,
    /// Whether scripts are handed to shellcheck.
    pub(crate) shellcheck: ShellCheck,
    /// Which rules are checked.
    pub(crate) check: Check,
}

/// Which hints are shown inside the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hints {
    /// Defaults that apply, and who set them.
    pub(crate) defaults: bool,
    /// How many files patterns match.
    pub(crate) files: bool,
    /// How many cells a matrix has.
    pub(crate) matrix: bool,
}

/// Which lenses are shown above tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lenses {
    /// Those that run the task.
    pub(crate) run: bool,
    /// How it ran last.
    pub(crate) history: bool,
}

/// Whether scripts are handed to shellcheck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShellCheck {
    /// Never.
    Off,
    /// When a document is saved.
    OnSave,
}

/// Which rules are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// Those about the graph of all tasks.
    pub(crate) graph: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hints: Hints { defaults: true, files: true, matrix: true },
            lenses: Lenses { run: true, history: true },
            shellcheck: ShellCheck::Off,
            check: Check { graph: true },
        }
    }
}

impl Settings {
    /// Reads the section, or what holds it, and says what was not understood.
    pub(crate) fn read(value: &Value) -> (Self, Vec<String>) {
        let section = value.get(SECTION).filter(|it| it.is_object()).unwrap_or(value);
        let mut settings = Self::default();
        let mut problems = Vec::new();
        let Some(groups) = section.as_object() else { return (settings, problems) };
        for (group, value) in groups {
            match value.as_object().filter(|_| group != "shellcheck") {
                Some(fields) => {
                    for (field, value) in fields {
                        settings.set(&format!("{group}.{field}"), value, &mut problems);
                    }
                }
                None => settings.set(group, value, &mut problems),
            }
        }
        (settings, problems)
    }

    fn set(&mut self, name: &str, value: &Value, problems: &mut Vec<String>) {
        if value.is_null() {
            return;
        }
        let switch = match name {
            "inlayHints.defaults" => &mut self.hints.defaults,
            "inlayHints.files" => &mut self.hints.files,
            "inlayHints.matrix" => &mut self.hints.matrix,
            "lens.run" => &mut self.lenses.run,
            "lens.history" => &mut self.lenses.history,
            "check.graph" => &mut self.check.graph,
            "shellcheck" => {
                match value.as_str() {
                    Some("off") => self.shellcheck = ShellCheck::Off,
                    Some("onSave") => self.shellcheck = ShellCheck::OnSave,
                    _ => problems.push(expected(name, "`\"off\"` or `\"onSave\"`", value)),
                }
                return;
            }
            // Clients keep settings of their own in the same section.
            _ => return,
        };
        match value.as_bool() {
            Some(value) => *switch = value,
            None => problems.push(expected(name, "`true` or `false`", value)),
        }
    }
}

fn expected(name: &str, what: &str, value: &Value) -> String {
    format!("the setting `{SECTION}.{name}` takes {what}, not `{value}`; it has its default")
}

#[cfg(test)]
mod tests {
    use super::{Settings, ShellCheck};
    use serde_json::{Value, json};

    fn read(value: &Value) -> Settings {
        let (settings, problems) = Settings::read(value);
        assert!(problems.is_empty(), "{problems:?}");
        settings
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        assert_eq!(read(&Value::Null), Settings::default());
        assert_eq!(read(&json!({ "rush": null, "other": 1 })), Settings::default());
        let set = json!({ "inlayHints": { "files": false, "matrix": null },
                          "lens": { "run": false }, "shellcheck": "onSave", "path": "/x" });
        let settings = read(&set);
        assert_eq!(settings, read(&json!({ "rush": set })));
        assert!(settings.hints.defaults && !settings.hints.files && settings.hints.matrix);
        assert!(!settings.lenses.run && settings.lenses.history);
        assert_eq!(settings.shellcheck, ShellCheck::OnSave);
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let (settings, problems) =
            Settings::read(&json!({ "check": { "graph": "no" }, "shellcheck": true }));
        assert_eq!(settings, Settings::default());
        assert_eq!(
            problems,
            [
                "the setting `rush.check.graph` takes `true` or `false`, not `\"no\"`; it has its default",
                "the setting `rush.shellcheck` takes `\"off\"` or `\"onSave\"`, not `true`; it has its default"
            ]
        );
    }
}
