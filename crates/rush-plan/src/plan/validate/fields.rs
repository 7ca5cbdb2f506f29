//! What must hold of the fields of each node.

use std::collections::BTreeMap;

use super::super::SecretDeclaration;
use super::PlanError;
use crate::{
    Backoff, Command, EnvValue, Glob, Node, Probe, Service, Stdin, Task, TextPart, Value, Work,
};

/// Checks one node.
pub(super) fn check(node: &Node, secrets: &Secrets) -> Result<(), PlanError> {
    let ctx = Context { label: node.label(), secrets };
    for value in node.arguments().values().chain(node.cell().values()) {
        ctx.value(value)?;
    }
    match &node.work {
        Work::Task(task) => ctx.task(task),
        Work::Service(service) => ctx.service(service),
    }
}

struct Context<'a> {
    label: &'a str,
    secrets: &'a Secrets,
}

/// The secrets that a plan declares.
type Secrets = BTreeMap<String, SecretDeclaration>;

type Checked = Result<(), PlanError>;

impl Context<'_> {
    fn bad(&self, field: &'static str, why: impl Into<String>) -> PlanError {
        PlanError::BadField { label: self.label.to_owned(), field, why: why.into() }
    }

    fn require(&self, holds: impl FnOnce() -> bool, field: &'static str, why: &str) -> Checked {
        if holds() { Ok(()) } else { Err(self.bad(field, why)) }
    }

    fn task(&self, task: &Task) -> Checked {
        for (field, patterns) in
            [("inputs", task.inputs.as_deref().unwrap_or_default()), ("outputs", &task.outputs)]
        {
            self.patterns(field, patterns)?;
        }
        for (field, commands) in [("run", &task.run), ("finally", &task.finally)] {
            commands.iter().try_for_each(|command| self.command(field, command))?;
        }
        self.env(&task.env)?;
        self.names("pass_env", &task.pass_env)?;
        self.texts("tools", &task.tools)?;
        if let Some(stdin) = &task.stdin {
            self.secrets(stdin.secrets())?;
            // Input may hold any bytes, so there is nothing else to check in a text.
            self.require(
                || !matches!(stdin, Stdin::Parts(parts) if parts.is_empty()),
                "stdin",
                "has no parts",
            )?;
        }
        self.limits(task)
    }

    fn limits(&self, task: &Task) -> Checked {
        if let Some(retry) = &task.retry {
            self.require(
                || (1..=20).contains(&retry.attempts),
                "retry.attempts",
                "is outside 1..=20",
            )?;
            let codes = retry.on_codes.as_deref().unwrap_or_default();
            self.require(|| !codes.contains(&0), "retry.on_codes", "names 0, which is success")?;
            if let Backoff::Exponential { factor, .. } = retry.delay {
                self.require(
                    || factor.is_finite() && factor > 0.0,
                    "retry.delay",
                    "has a factor that is not above 0",
                )?;
            }
        }
        if let Some(limit) = &task.limit {
            self.require(|| limit.max >= 1, "limit.max", "is below 1")?;
        }
        if let Some(cpu) = task.resources.cpu {
            self.require(
                || cpu.is_finite() && cpu >= 0.0,
                "resources.cpu",
                "is not a number from 0 up",
            )?;
        }
        Ok(())
    }

    fn service(&self, service: &Service) -> Checked {
        self.command("run", &service.run)?;
        self.env(&service.env)?;
        self.names("pass_env", &service.pass_env)?;
        self.patterns("inputs", service.inputs.as_deref().unwrap_or_default())?;
        match service.ready.as_ref().map(|ready| &ready.probe) {
            Some(Probe::Exec { run }) => self.command("ready", run),
            Some(Probe::Tcp { port }) => self.require(|| *port != 0, "ready", "probes port 0"),
            Some(Probe::Http { .. } | Probe::Log { .. }) | None => Ok(()),
        }
    }

    fn patterns(&self, field: &'static str, patterns: &[String]) -> Checked {
        for pattern in patterns {
            if let Err(error) = Glob::check(pattern) {
                return Err(
                    self.bad(field, format!("has the pattern `{pattern}`: {}", error.message))
                );
            }
            let body = pattern.strip_prefix('!').unwrap_or(pattern);
            let is_relative = !body.starts_with("//") && body != ".." && !body.starts_with("../");
            self.require(
                || is_relative,
                field,
                "has a pattern that is not relative to the workspace",
            )?;
        }
        Ok(())
    }

    fn command(&self, field: &'static str, command: &Command) -> Checked {
        match command {
            Command::Argv { words } => {
                let has_program = words.first().is_some_and(|program| !program.is_empty());
                self.require(|| has_program, field, "names no program")?;
                self.texts(field, words)
            }
            Command::Script(script) => {
                self.text(field, &script.text)?;
                self.texts(field, &script.arguments)?;
                for (name, value) in &script.variables {
                    self.name(field, name)?;
                    self.text(field, value.as_deref().unwrap_or_default())?;
                }
                Ok(())
            }
        }
    }

    fn env(&self, env: &BTreeMap<String, EnvValue>) -> Checked {
        for (name, value) in env {
            self.name("env", name)?;
            self.secrets(value.secrets())?;
            match value {
                EnvValue::Text(text) => self.text("env", text)?,
                EnvValue::Parts(parts) => {
                    for part in parts {
                        if let TextPart::Text(text) = part {
                            self.text("env", text)?;
                        }
                    }
                }
                EnvValue::Secret(_) | EnvValue::Path(_) | EnvValue::Unset => {}
            }
        }
        Ok(())
    }

    fn secrets<'b>(&self, mut names: impl Iterator<Item = &'b str>) -> Checked {
        match names.find(|name| !self.secrets.contains_key(*name)) {
            Some(secret) => Err(PlanError::UnknownSecret {
                label: self.label.to_owned(),
                secret: secret.to_owned(),
            }),
            None => Ok(()),
        }
    }

    fn names(&self, field: &'static str, names: &[String]) -> Checked {
        names.iter().try_for_each(|name| self.name(field, name))
    }

    fn name(&self, field: &'static str, name: &str) -> Checked {
        let holds = !name.is_empty() && !name.contains(['=', '\0']);
        self.require(
            || holds,
            field,
            "has a variable name that is empty or contains `=` or a NUL character",
        )
    }

    fn texts(&self, field: &'static str, texts: &[String]) -> Checked {
        texts.iter().try_for_each(|text| self.text(field, text))
    }

    fn text(&self, field: &'static str, text: &str) -> Checked {
        self.require(
            || !text.contains('\0'),
            field,
            "contains a NUL character, which no process can be given",
        )
    }

    /// Numbers that JSON has no form for would come back as something else.
    fn value(&self, value: &Value) -> Checked {
        match value {
            Value::Float(number) => {
                self.require(|| number.is_finite(), "arguments", "has a number that is not finite")
            }
            Value::Command(command) => self.command("arguments", command),
            Value::List(values) => values.iter().try_for_each(|value| self.value(value)),
            Value::Record(fields) | Value::Tag { fields, .. } => {
                fields.values().try_for_each(|value| self.value(value))
            }
            Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Duration(_)
            | Value::Size(_)
            | Value::Path(_)
            | Value::Glob(_)
            | Value::Regex(_)
            | Value::Cron(_)
            | Value::Expression(_)
            | Value::Reference(_) => Ok(()),
        }
    }
}
