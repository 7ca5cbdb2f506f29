//! What decides whether a service that is up is the one that a plan means.
//!
//! It covers what the running process was given: command, directory, what wins of each variable, declared inputs.
//! How it is probed, restarted and stopped is left out, since a process is none the worse for that. Its parts are
//! kept apart, so that a difference has a name; values are only ever hashed.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use camino::Utf8Path;
use rush_plan::{Command, Digest, EnvValue, Glob, NodeId, Plan, Service, WorkspacePath};
use rush_system::{LeftOut, System, Walk};
use serde::{Deserialize, Serialize};

use crate::layers::{EnvDeclaration, EnvFile, EnvSources, EnvStep, env_steps, is_passed};
use crate::place::Variables;
use crate::secrets::Secrets;

/// What a service was started with, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceFingerprint(BTreeMap<String, Digest>);

impl ServiceFingerprint {
    /// The names of the parts that differ, such as ``the variable `PORT` ``.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut names: Vec<&String> = self.0.keys().chain(other.0.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let differs = |name: &&String| self.0.get(*name) != other.0.get(*name);
        names.into_iter().filter(differs).cloned().collect()
    }
}

/// Returns the fingerprints of all services of a plan. A secret that can't be read is left out: the run itself
/// will refuse it.
pub fn service_fingerprints(
    plan: &Plan,
    root: &Utf8Path,
    world: &dyn System,
    variables: &Variables,
) -> BTreeMap<NodeId, ServiceFingerprint> {
    let secrets = Secrets::read(plan, root, world).unwrap_or_default();
    let taker = Taker { root, world, secrets: &secrets, variables };
    let services = plan.nodes().iter().filter_map(|node| Some((node.id(), node.as_service()?)));
    services.map(|(id, service)| (id, taker.of(service))).collect()
}

/// Returns the fingerprint of one service, such as one that is being started: what it reads may have been made by what
/// it needs. `None` if the node is no service.
pub fn service_fingerprint(
    plan: &Plan,
    node: NodeId,
    root: &Utf8Path,
    world: &dyn System,
    variables: &Variables,
) -> Option<ServiceFingerprint> {
    let service = plan.node(node)?.as_service()?;
    let secrets = Secrets::read(plan, root, world).unwrap_or_default();
    Some(Taker { root, world, secrets: &secrets, variables }.of(service))
}

struct Taker<'a> {
    root: &'a Utf8Path,
    world: &'a dyn System,
    secrets: &'a Secrets,
    variables: &'a Variables,
}

impl Taker<'_> {
    fn of(&self, service: &Service) -> ServiceFingerprint {
        let mut parts = BTreeMap::new();
        let mut command = service.run.clone();
        if let Command::Script(script) = &mut command {
            // They are variables like any others.
            script.variables.clear();
        }
        let command = serde_json::to_vec(&command)
            .expect("a command has string keys, so it always serialises");
        parts.insert("the command".to_owned(), digest(&command));
        parts.insert("the directory".to_owned(), digest(service.dir.as_str().as_bytes()));
        if !service.bin.is_empty() {
            let directories = service.bin.iter().map(|it| it.as_str().as_bytes());
            let joined = directories.collect::<Vec<_>>().join(&0);
            parts.insert("the field `bin`".to_owned(), digest(&joined));
        }
        for (part, value) in self.variables(service) {
            parts.insert(part, digest(&value));
        }
        for file in self.inputs(service) {
            let name = format!("the file `{file}`");
            parts.insert(name, self.file(&file));
        }
        ServiceFingerprint(parts)
    }

    /// What gives the process its variables, by the names of the parts: of each variable what wins.
    fn variables(&self, service: &Service) -> BTreeMap<String, Vec<u8>> {
        let caller = self.world.env_vars();
        let sources = EnvSources {
            caller: caller.iter().map(|(name, value)| (name.as_str(), OsStr::new(value))),
            read: |file: &WorkspacePath| EnvFile::read_through(self.world, self.root, file),
            given: self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        };
        let part = |name: &str| format!("the variable `{name}`");
        let text = |value: &str| tagged(b't', value.as_bytes());
        let mut found = BTreeMap::new();
        for step in env_steps(EnvDeclaration::of_service(service), sources) {
            match step {
                EnvStep::Passed(name, value) => {
                    found.insert(part(name), tagged(b't', value.as_encoded_bytes()));
                }
                EnvStep::File(_, EnvFile::Read(variables)) => {
                    found.extend(variables.iter().map(|it| (part(&it.name), text(&it.value))));
                }
                EnvStep::File(_, EnvFile::Missing) => {}
                // The run will refuse it.
                EnvStep::File(file, EnvFile::Broken(bytes, _)) => {
                    found.insert(format!("the file `{file}`"), tagged(b'f', &bytes));
                }
                EnvStep::File(file, EnvFile::Unreadable(_)) => {
                    found.insert(format!("the file `{file}`"), b"unreadable".to_vec());
                }
                EnvStep::Script(name, value) => {
                    found.insert(part(name), value.map_or_else(|| b"unset".to_vec(), text));
                }
                EnvStep::Declared(name, value) => {
                    found.insert(part(name), self.value(value));
                }
                // It is for one run, and makes another service only where it changes what this one declares.
                EnvStep::Given(name, value) => {
                    let is_declared = is_passed(&service.pass_env, name);
                    if is_declared || found.contains_key(&part(name)) {
                        found.insert(part(name), text(value));
                    }
                }
            }
        }
        found
    }

    fn value(&self, value: &EnvValue) -> Vec<u8> {
        match value {
            EnvValue::Text(text) => tagged(b't', text.as_bytes()),
            EnvValue::Path(path) => tagged(b'p', path.as_str().as_bytes()),
            EnvValue::Parts(parts) => tagged(b't', self.secrets.text(parts).as_bytes()),
            EnvValue::Secret(name) => tagged(b't', self.secrets.value(name).as_bytes()),
            EnvValue::Unset => b"unset".to_vec(),
        }
    }

    fn file(&self, path: &WorkspacePath) -> Digest {
        match self.world.read(&self.root.join(path.as_str())) {
            Ok(bytes) => digest(&tagged(b'f', &bytes)),
            Err(_) => digest(b"missing"),
        }
    }

    /// The files that the patterns of `inputs` match, sorted.
    fn inputs(&self, service: &Service) -> Vec<WorkspacePath> {
        let patterns = service.inputs.as_deref().unwrap_or_default();
        let globs = patterns.iter().filter_map(|text| Glob::parse(text).ok());
        let (excluded, wanted): (Vec<Glob>, Vec<Glob>) =
            globs.map(|glob| glob.with_contents()).partition(Glob::is_negated);
        let mut files = Vec::new();
        for glob in &wanted {
            let start = glob.literal_directory();
            let (system, root, left_out) = (self.world, self.root, LeftOut::Ignored);
            let found = Walk { system, root, start, left_out }.files(|it| glob.may_match_below(it));
            files.extend(found.iter().filter_map(|path| {
                let is_wanted = glob.matches(path) && !excluded.iter().any(|it| it.matches(path));
                is_wanted.then(|| WorkspacePath::new(path).ok()).flatten()
            }));
        }
        files.sort_unstable();
        files.dedup();
        files
    }
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag], bytes].concat()
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::of("rush service 1", bytes)
}
