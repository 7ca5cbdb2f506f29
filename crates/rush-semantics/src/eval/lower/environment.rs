//! Variables, standard input and secrets.

use std::collections::BTreeMap;

use rush_plan::{Command, EnvValue, SecretDeclaration, SecretSource, Stdin, TextPart};
use smol_str::SmolStr;

use super::super::instance::InstanceId;
use super::super::session::{Eval, Place, Session};
use super::super::value::{Piece, Reference, Value};
use super::super::view::View;
use super::fields::SecretFields;
use super::parts::{FromParts, Mounts};
use crate::db::Item;
use crate::names::label;
use crate::report;

/// The secrets a node uses.
pub(super) type Secrets = Vec<(String, SecretDeclaration)>;

impl Session<'_> {
    /// `env`: `none` takes a variable away.
    pub(super) fn environment(
        &mut self,
        (id, view): (InstanceId, &View),
        value: &Value,
        secrets: &mut Secrets,
    ) -> Eval<BTreeMap<String, EnvValue>> {
        let mut env = BTreeMap::new();
        let Some(record) = value.as_record() else { return Ok(env) };
        let at = self.field_or_name_place(id, "env");
        for (name, value) in record.iter() {
            let value = match value {
                Value::None => EnvValue::Unset,
                Value::Path(path) => EnvValue::Path(self.path(id, path, at)?),
                Value::Secret(item) => EnvValue::Secret(self.secret(*item, secrets)?),
                Value::SecretText(pieces) => EnvValue::Parts(self.parts(view, pieces, secrets)?),
                other => EnvValue::Text(self.known_text(view, other, at)?),
            };
            env.insert(name.to_string(), value);
        }
        Ok(env)
    }

    /// A script must not get a variable from its surroundings that `env` gives it, too. Most of that is found when
    /// the declaration is checked; not what meets in a template and what extends it.
    pub(super) fn check_scripts<'c>(
        &mut self,
        id: InstanceId,
        commands: impl Iterator<Item = &'c Command>,
        env: &BTreeMap<String, EnvValue>,
    ) -> Eval<()> {
        let scripts = commands.filter_map(|it| match it {
            Command::Script(script) => Some(script),
            Command::Argv { .. } => None,
        });
        let mut given = scripts.flat_map(|it| it.variables.keys());
        let Some(name) = given.find(|it| env.contains_key(*it)) else { return Ok(()) };
        let at = self.field_or_name_place(id, "env").span(self.db);
        Err(self.fail(report::script_and_env(at, name)))
    }

    /// `stdin`
    pub(super) fn stdin(
        &mut self,
        (id, view): (InstanceId, &View),
        value: &Value,
        secrets: &mut Secrets,
    ) -> Eval<Option<Stdin>> {
        let at = self.field_or_name_place(id, "stdin");
        Ok(Some(match value {
            Value::None => return Ok(None),
            Value::Path(path) => Stdin::Path(self.path(id, path, at)?),
            Value::Secret(item) => Stdin::Secret(self.secret(*item, secrets)?),
            Value::SecretText(pieces) => Stdin::Parts(self.parts(view, pieces, secrets)?),
            other => Stdin::Text(self.known_text(view, other, at)?),
        }))
    }

    fn known_text(&mut self, view: &View, value: &Value, at: Place) -> Eval<String> {
        view.text(value).ok_or_else(|| self.unexpected(at, value.kind()))
    }

    fn parts(
        &mut self,
        view: &View,
        pieces: &[Piece],
        secrets: &mut Secrets,
    ) -> Eval<Vec<TextPart>> {
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let text = match piece {
                Piece::Text(text) => text.clone(),
                Piece::Path(path) => view.path(path),
                Piece::Secret(item) => {
                    parts.push(TextPart::Secret(self.secret(*item, secrets)?));
                    continue;
                }
            };
            match parts.last_mut() {
                Some(TextPart::Text(last)) => last.push_str(&text),
                _ => parts.push(TextPart::Text(text)),
            }
        }
        Ok(parts)
    }

    /// Notes a secret, and gives the name under which the plan has it.
    fn secret(&mut self, item: Item, secrets: &mut Secrets) -> Eval<String> {
        let name = secret_name(self, item);
        if secrets.iter().any(|(known, _)| *known == name) {
            return Ok(name);
        }
        let reference = Reference { item, args: Vec::new(), axes: Vec::new() };
        let id = self.instantiate(&reference);
        let SecretFields { from, mount } = SecretFields::read(self, id)?;
        let mut read = self.reader(id, "from");
        let from = match read.variant(&from, FromParts::of)? {
            FromParts::Env { name } => SecretSource::Env(read.text(name)?),
            FromParts::File { path } => {
                let path = SmolStr::from(read.text(path)?);
                let at = self.field_or_name_place(id, "from");
                SecretSource::File(self.path(id, &path, at)?)
            }
        };
        let mount = self.reader(id, "mount").word(&mount, Mounts::of)?;
        secrets.push((name.clone(), SecretDeclaration { from, mount }));
        Ok(name)
    }
}

/// The bare name of a secret of the root's file, the label of any other: two can't meet.
fn secret_name(session: &Session<'_>, item: Item) -> String {
    let label = label(session.db, item);
    match label.strip_prefix("//:") {
        Some(name) if !name.contains('.') => name.to_owned(),
        _ => label,
    }
}
