//! What the operating system can't take, found before anything starts.
//!
//! Only sizes: that no text has a NUL character is known of every valid plan, and of secrets when they are read.
//! Variables from `env_files` are known only when a node starts; the operating system is asked then.

use std::fmt;

use rush_plan::{Command, EnvValue, Node, NodeId, Plan, Task};

use crate::environment::Environment;
use crate::os;
use crate::secrets::Secrets;
use crate::service::task_of;

/// A script longer than this is handed over as a file.
pub(crate) const INLINE_SCRIPT_BYTES_MAX: usize = 64 * 1024;

/// What pointers and the end of a text cost in the memory that arguments share.
const ENTRY_BYTES: usize = 9;

/// A command that can't be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitError {
    /// The node.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// The field, for looking up where it was written.
    pub field: String,
    /// What is too large, in words for the person.
    pub what: String,
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` can't be started: {}", self.label, self.what)
    }
}

impl std::error::Error for LimitError {}

/// Returns everything in the plan that this operating system can't take.
pub(crate) fn exceeded(plan: &Plan, inherited: &Environment, secrets: &Secrets) -> Vec<LimitError> {
    let inherited_bytes =
        inherited.iter().map(|(name, value)| name.len() + value.len() + 1 + ENTRY_BYTES).sum();
    let mut errors = Vec::new();
    for node in plan.nodes() {
        let Some(task) = task_of(node) else { continue };
        let mut check = Check { node, secrets, bytes: inherited_bytes, errors: &mut errors };
        check.environment(&task);
        let shared = check.bytes;
        for (field, command) in commands(&task) {
            check.bytes = shared;
            check.command(field, command);
        }
    }
    errors
}

fn commands(task: &Task) -> impl Iterator<Item = (&'static str, &Command)> {
    let run = task.run.iter().map(|command| ("run", command));
    run.chain(task.finally.iter().map(|command| ("finally", command)))
}

struct Check<'a> {
    node: &'a Node,
    secrets: &'a Secrets,
    /// The size of everything that one process gets.
    bytes: usize,
    errors: &'a mut Vec<LimitError>,
}

impl Check<'_> {
    fn environment(&mut self, task: &Task) {
        for (name, value) in &task.env {
            let text = match value {
                EnvValue::Text(text) => text.clone(),
                EnvValue::Secret(secret) => self.secrets.value(secret).to_owned(),
                EnvValue::Parts(parts) => self.secrets.text(parts),
                EnvValue::Path(path) => path.to_string(),
                EnvValue::Unset => continue,
            };
            self.variable(&format!("env.{name}"), name, &text);
        }
    }

    fn command(&mut self, field: &str, command: &Command) {
        match command {
            Command::Argv { words } => self.words(field, words),
            Command::Script(script) => {
                for (name, value) in &script.variables {
                    if let Some(value) = value {
                        self.variable(field, name, value);
                    }
                }
                self.words(field, &script.arguments);
                if script.text.len() <= INLINE_SCRIPT_BYTES_MAX {
                    self.bytes += script.text.len();
                }
            }
        }
        let max = os::argument_bytes_total_max();
        if self.bytes > max {
            let what = format!(
                "its arguments and variables take {} together; the limit is {}",
                Size(self.bytes),
                Size(max)
            );
            self.report(field, what);
        }
    }

    fn words(&mut self, field: &str, words: &[String]) {
        for (index, word) in words.iter().enumerate() {
            self.bytes += word.len() + ENTRY_BYTES;
            let name = format!("argument {index}{}", self.parameter(word));
            self.size(field, &name, word.len() + 1);
        }
    }

    /// The parameter that an argument comes from, if one has exactly this value.
    fn parameter(&self, word: &str) -> String {
        let is_it = |value: &rush_plan::Value| *value == rush_plan::Value::Text(word.to_owned());
        let mut arguments = self.node.arguments().iter();
        if word.len() < os::ARGUMENT_BYTES_MAX {
            return String::new();
        }
        arguments
            .find(|(_, value)| is_it(value))
            .map_or_else(String::new, |(name, _)| format!(", the value of the parameter `{name}`,"))
    }

    fn variable(&mut self, field: &str, name: &str, value: &str) {
        let size = name.len() + value.len() + 1;
        self.bytes += size + ENTRY_BYTES;
        self.size(field, &format!("the variable `{name}`"), size);
    }

    fn size(&mut self, field: &str, name: &str, size: usize) {
        if size > os::ARGUMENT_BYTES_MAX {
            let limit = Size(os::ARGUMENT_BYTES_MAX);
            let what = format!(
                "{name} has {}; the limit of the operating system is {limit}, so hand it over by `stdin` or in a file",
                Size(size)
            );
            self.report(field, what);
        }
    }

    fn report(&mut self, field: &str, what: String) {
        self.errors.push(LimitError {
            node: self.node.id(),
            label: self.node.label().to_owned(),
            field: field.to_owned(),
            what,
        });
    }
}

/// A size in the largest unit that leaves it at least one.
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < 1024 => write!(f, "{bytes} bytes"),
            bytes => write!(f, "{} KiB", bytes.div_ceil(1024)),
        }
    }
}
