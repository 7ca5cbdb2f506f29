//! What decides whether a service that is up is the one that a plan means.
//!
//! It covers what the running process was given: command, directory, variables, declared inputs. How it is probed,
//! restarted and stopped is left out, since a process is none the worse for that. Its parts are kept apart, so
//! that a difference has a name; values are only ever hashed.

use std::collections::BTreeMap;

use camino::Utf8Path;
use ignore::WalkBuilder;
use rush_plan::{Digest, EnvValue, Glob, NodeId, Plan, Service, WorkspacePath};
use rush_system::System;
use serde::{Deserialize, Serialize};

use crate::layers::is_passed;
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

struct Taker<'a> {
    root: &'a Utf8Path,
    world: &'a dyn System,
    secrets: &'a Secrets,
    variables: &'a Variables,
}

impl Taker<'_> {
    fn of(&self, service: &Service) -> ServiceFingerprint {
        let mut parts = BTreeMap::new();
        let command = serde_json::to_vec(&service.run)
            .expect("a command has string keys, so it always serialises");
        parts.insert("the command".to_owned(), digest(&command));
        parts.insert("the directory".to_owned(), digest(service.dir.as_str().as_bytes()));
        if !service.pass_env.is_empty() {
            let caller = self.world.env_vars().into_iter();
            for (name, value) in caller.filter(|(name, _)| is_passed(&service.pass_env, name)) {
                let value = tagged(b't', value.as_bytes());
                parts.insert(format!("the variable `{name}`"), digest(&value));
            }
        }
        for (name, value) in &service.env {
            parts.insert(format!("the variable `{name}`"), digest(&self.value(value)));
        }
        // `-e` is for one run; it makes another service only where it changes what this one declares.
        let is_declared =
            |name: &String| service.env.contains_key(name) || is_passed(&service.pass_env, name);
        for (name, value) in self.variables.iter().filter(|it| is_declared(&it.0)) {
            parts.insert(format!("the variable `{name}`"), digest(&tagged(b't', value.as_bytes())));
        }
        for file in &service.env_files {
            parts.insert(format!("the file `{file}`"), self.file(file));
        }
        for file in self.inputs(service) {
            let name = format!("the file `{file}`");
            parts.insert(name, self.file(&file));
        }
        ServiceFingerprint(parts)
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
            let mut walk = WalkBuilder::new(self.root.join(glob.literal_directory()));
            walk.standard_filters(false).git_ignore(true).parents(true).require_git(false);
            walk.filter_entry(|it| it.file_name() != ".git" && it.file_name() != ".rush-state");
            files.extend(walk.build().flatten().filter_map(|entry| {
                let is_file = entry.file_type().is_some_and(|it| !it.is_dir());
                let path = entry.path().strip_prefix(self.root).ok()?.to_str()?;
                let is_wanted = is_file && glob.matches(path);
                let is_wanted = is_wanted && !excluded.iter().any(|it| it.matches(path));
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
