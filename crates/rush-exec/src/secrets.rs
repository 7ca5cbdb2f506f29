//! The values of the secrets of a plan, read before the first start.
//!
//! Only secrets that some node uses are read. A value never leaves this crate except to the process that the
//! plan gives it to; `Debug` shows names only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::Utf8Path;
use rush_plan::{
    AttemptEnd, Command, EnvValue, Node, Plan, SecretDeclaration, SecretMount, SecretSource, Stdin,
    TextPart, Work,
};
use rush_system::System;

use crate::display::masked_summary;
use crate::mask::Masker;

/// The shortest value that can be masked without masking everything.
const VALUE_BYTES_MIN: usize = 4;

/// The values of secrets, by name.
#[derive(Default)]
pub struct Secrets {
    values: BTreeMap<String, Secret>,
    /// Takes all of them out of output; every stream begins with a copy.
    masker: Masker,
}

struct Secret {
    value: String,
    mount: SecretMount,
}

/// Why a secret can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error(
        "the secret `{name}` is missing: the environment variable `{variable}` is not set; nothing was run"
    )]
    VariableMissing {
        /// The secret.
        name: String,
        /// Where it should be.
        variable: String,
    },
    /// The source can't be read.
    #[error("the secret `{name}` can't be read: {reason}; nothing was run")]
    Unreadable {
        /// The secret.
        name: String,
        /// Why.
        reason: String,
    },
    /// The value is too short to be masked.
    #[error(
        "the secret `{name}` is shorter than {VALUE_BYTES_MIN} bytes, too short to be masked in output; nothing was run"
    )]
    TooShort {
        /// The secret.
        name: String,
    },
}

impl Secrets {
    /// Reads every secret that a node of the plan uses; all that is wrong with them is told at once.
    pub fn read(
        plan: &Plan,
        root: &Utf8Path,
        world: &dyn System,
    ) -> Result<Self, Vec<SecretError>> {
        let (secrets, errors) = Self::read_those_there(plan, root, world);
        if errors.is_empty() { Ok(secrets) } else { Err(errors) }
    }

    /// Reads those secrets that can be read, for keeping them out of what is only shown.
    pub fn known(plan: &Plan, root: &Utf8Path, world: &dyn System) -> Self {
        Self::read_those_there(plan, root, world).0
    }

    fn read_those_there(
        plan: &Plan,
        root: &Utf8Path,
        world: &dyn System,
    ) -> (Self, Vec<SecretError>) {
        let mut secrets = Self::default();
        let mut errors = Vec::new();
        for name in used_names(plan) {
            let Some(declaration) = plan.content().secrets.get(&name) else { continue };
            match read_one(&name, declaration, root, world) {
                Ok(value) => {
                    secrets.values.insert(name, Secret { value, mount: declaration.mount });
                }
                Err(error) => errors.push(error),
            }
        }
        // Texts made of several parts are masked as a whole.
        let composed = plan.nodes().iter().flat_map(composed_texts);
        let is_known = |parts: &&[TextPart]| {
            parts.iter().all(|it| match it {
                TextPart::Text(_) => true,
                TextPart::Secret(name) => secrets.values.contains_key(name),
            })
        };
        let composed: BTreeSet<String> =
            composed.filter(is_known).map(|parts| secrets.text(parts)).collect();
        let values = secrets.values.values().map(|secret| secret.value.as_str());
        secrets.masker = Masker::new(values.chain(composed.iter().map(String::as_str)));
        (secrets, errors)
    }

    /// The value of a secret; empty if no node uses it.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |secret| secret.value.as_str())
    }

    /// How a process gets a secret.
    pub fn mount(&self, name: &str) -> SecretMount {
        self.values.get(name).map_or(SecretMount::Env, |secret| secret.mount)
    }

    /// A text with its secrets filled in.
    pub fn text(&self, parts: &[TextPart]) -> String {
        let part = |part: &TextPart| match part {
            TextPart::Text(text) => text.clone(),
            TextPart::Secret(name) => self.value(name).to_owned(),
        };
        parts.iter().map(part).collect()
    }

    /// A text without the values that may be in it.
    pub fn mask(&self, text: &str) -> String {
        let mut masker = self.masker();
        let mut shown = masker.push(text.as_bytes().to_vec());
        shown.extend(masker.finish());
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// A command in one line for people.
    pub(crate) fn summary(&self, command: &Command) -> String {
        masked_summary(command, |text| self.mask(text))
    }

    /// A sentence for people: without values, and without characters that move or colour in a terminal. Whatever
    /// units and places say passes through here before anybody reads it.
    pub(crate) fn sentence(&self, text: &str) -> String {
        let mut shown = String::new();
        for char in self.mask(text).chars() {
            if char.is_control() && char != '\n' {
                shown.extend(char.escape_default());
            } else {
                shown.push(char);
            }
        }
        shown
    }

    /// How an attempt ended, in such sentences.
    pub(crate) fn end(&self, end: AttemptEnd) -> AttemptEnd {
        match end {
            AttemptEnd::Lost { message } => AttemptEnd::Lost { message: self.sentence(&message) },
            AttemptEnd::Refused { message } => {
                AttemptEnd::Refused { message: self.sentence(&message) }
            }
            AttemptEnd::Exited { .. }
            | AttemptEnd::Signaled { .. }
            | AttemptEnd::TimedOut
            | AttemptEnd::Unknown => end,
        }
    }

    /// What takes the values out of a stream of output.
    pub fn masker(&self) -> Masker {
        self.masker.clone()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// The names of all secrets that nodes use.
fn used_names(plan: &Plan) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for node in plan.nodes() {
        let (env, stdin) = match &node.work {
            Work::Task(task) if task.skip.is_some() => continue,
            Work::Task(task) => (&task.env, task.stdin.as_ref()),
            Work::Service(service) => (&service.env, None),
        };
        names.extend(env.values().flat_map(EnvValue::secrets).map(str::to_owned));
        names.extend(stdin.into_iter().flat_map(Stdin::secrets).map(str::to_owned));
    }
    names
}

fn composed_texts(node: &Node) -> Vec<&[TextPart]> {
    let (env, stdin) = match &node.work {
        Work::Task(task) => (&task.env, task.stdin.as_ref()),
        Work::Service(service) => (&service.env, None),
    };
    let env = env.values().filter_map(|value| match value {
        EnvValue::Parts(parts) => Some(parts.as_slice()),
        EnvValue::Text(_) | EnvValue::Secret(_) | EnvValue::Path(_) | EnvValue::Unset => None,
    });
    let stdin = stdin.into_iter().filter_map(|stdin| match stdin {
        Stdin::Parts(parts) => Some(parts.as_slice()),
        Stdin::Text(_) | Stdin::Secret(_) | Stdin::Path(_) => None,
    });
    let has_secret = |parts: &&[TextPart]| parts.iter().any(|it| matches!(it, TextPart::Secret(_)));
    env.chain(stdin).filter(has_secret).collect()
}

fn read_one(
    name: &str,
    declaration: &SecretDeclaration,
    root: &Utf8Path,
    world: &dyn System,
) -> Result<String, SecretError> {
    let unreadable = |reason: String| SecretError::Unreadable { name: name.to_owned(), reason };
    let value = match &declaration.from {
        SecretSource::Env(variable) => world
            .env_var(variable)
            .map_err(|error| unreadable(error.to_string()))?
            .ok_or_else(|| SecretError::VariableMissing {
                name: name.to_owned(),
                variable: variable.clone(),
            })?,
        SecretSource::File(path) => {
            let bytes = world
                .read(&root.join(path.as_str()))
                .map_err(|error| unreadable(error.to_string()))?;
            let mut text = String::from_utf8(bytes)
                .map_err(|_| unreadable(format!("`{path}` is not UTF-8")))?;
            if text.ends_with('\n') {
                text.pop();
            }
            text
        }
    };
    if value.contains('\0') {
        return Err(unreadable("it contains a NUL character".to_owned()));
    }
    if value.len() < VALUE_BYTES_MIN {
        return Err(SecretError::TooShort { name: name.to_owned() });
    }
    Ok(value)
}
