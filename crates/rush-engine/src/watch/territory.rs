//! Which files concern which nodes of a plan.
//!
//! A task with `inputs` is concerned by what these match, by its dotenv files, its programs and its standard input, and
//! by what its depfile named. One without says nothing about what it reads, so every file of its package counts. What
//! tasks write concerns nobody: it changes because they run. A file is read by its own path, and by those of links to it
//! and behind links to directories that it lies in. It knows names only; whether contents differ is found out elsewhere.

use std::collections::{BTreeSet, HashMap, HashSet};

use rush_plan::{
    Command, Glob, Node, NodeId, PatternIndex, Plan, ReadKey, Stdin, Task, Work, WorkspacePath,
    program_files,
};

/// How the names of task files end.
const TASK_FILES: &str = ".rush";

/// The files of one plan.
#[derive(Default)]
pub(super) struct Territory {
    claims: Vec<Claim>,
    /// Positions in `claims`, by what their files start with.
    index: PatternIndex<usize>,
    /// The nodes that read this very file.
    files: HashMap<String, Vec<NodeId>>,
    /// Nodes that say nothing of what they read, by their package.
    silent: Vec<(WorkspacePath, NodeId)>,
    written: Vec<Glob>,
    /// Files that the plan was made from, besides task files.
    read: HashSet<String>,
    /// Names that the plan was made from.
    names: Vec<Glob>,
    links: Vec<Link>,
}

/// A link of the workspace to a file or directory of the workspace, both relative to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) at: String,
    pub(super) leads_to: String,
}

/// By how many names a file is known that many links lead to.
const NAMES_MAX: usize = 64;

/// Files that a node reads.
struct Claim {
    node: NodeId,
    glob: Glob,
    excluded: std::sync::Arc<[Glob]>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// Its content is another one.
    Changed,
    /// It was not there before.
    Appeared,
    /// It is not there any more.
    Vanished,
}

/// What a file means for a plan.
#[derive(Debug, Default)]
pub(super) struct Concerned {
    /// The nodes that read it.
    pub(super) nodes: BTreeSet<NodeId>,
    /// Whether the plan may be another one now.
    pub(super) is_plan: bool,
}

/// Whether this is the name of a task file.
pub(super) fn is_task_file(path: &str) -> bool {
    path.ends_with(TASK_FILES)
}

impl Concerned {
    pub(super) fn is_nobody(&self) -> bool {
        self.nodes.is_empty() && !self.is_plan
    }
}

impl Territory {
    /// The territory of a plan in a workspace that has these links.
    pub(super) fn of(plan: &Plan, links: Vec<Link>) -> Self {
        let mut territory = Self { links, ..Self::default() };
        for node in plan.nodes() {
            territory.add(node);
        }
        if let Some(cache) = &plan.content().settings.cache_dir {
            territory.written.push(Glob::literal(cache).with_contents());
        }
        for read in &plan.content().reads {
            match &read.key {
                ReadKey::File(path) => drop(territory.read.insert(path.as_str().to_owned())),
                ReadKey::Files(pattern) => territory.names.extend(Glob::parse(pattern)),
                ReadKey::Env(_) => {}
            }
        }
        let claims = territory.claims.iter().enumerate();
        territory.index = claims.map(|(at, claim)| (&claim.glob, at)).collect();
        territory
    }

    fn add(&mut self, node: &Node) {
        let (inputs, given) = match &node.work {
            Work::Task(task) => {
                if task.skip.is_some() {
                    return;
                }
                let outputs = task.outputs.iter().filter_map(|it| Glob::parse(it).ok());
                let outputs = outputs.filter(|it| !it.is_negated());
                self.written.extend(outputs.map(|it| it.with_contents()));
                if let Some(depfile) = &task.depfile {
                    self.written.push(Glob::literal(depfile));
                }
                if task.inputs.is_none() && !task.run.is_empty() {
                    self.silent.push((node.package.clone(), node.id()));
                }
                (task.inputs.as_deref(), given_to(task))
            }
            // A service says which files it has to be started anew for; beside its program nothing else concerns it.
            Work::Service(service) => {
                let mut given = service.env_files.clone();
                let program = service.run.program();
                let files = program.map(|it| program_files(it, &service.dir, &service.bin));
                given.extend(files.into_iter().flatten());
                (service.inputs.as_deref(), given)
            }
        };
        for file in given {
            self.add_file(file.as_str(), node.id());
        }
        let globs = inputs.unwrap_or_default().iter().filter_map(|it| Glob::parse(it).ok());
        let (excluded, wanted): (Vec<Glob>, Vec<Glob>) =
            globs.map(|it| it.with_contents()).partition(Glob::is_negated);
        let excluded: std::sync::Arc<[Glob]> = excluded.into();
        let claim = |glob| Claim { node: node.id(), glob, excluded: excluded.clone() };
        self.claims.extend(wanted.into_iter().map(claim));
    }

    /// One more file that a node reads.
    pub(super) fn add_file(&mut self, path: &str, node: NodeId) {
        self.files.entry(path.to_owned()).or_default().push(node);
    }

    /// Whom a file concerns, given relative to the root.
    pub(super) fn concerned(&self, path: &str, happened: Happened) -> Concerned {
        let is_name = happened != Happened::Changed && self.names.iter().any(|it| it.matches(path));
        let is_task_file = is_task_file(path);
        let mut nodes = BTreeSet::new();
        if !is_task_file && !self.is_written(path) {
            for name in self.names_of(path) {
                nodes.extend(self.files.get(&name).into_iter().flatten());
                nodes.extend(self.claims_on(&name).map(|it| it.node));
            }
            nodes.extend(self.silent_around(path));
        }
        Concerned { nodes, is_plan: is_name || is_task_file || self.read.contains(path) }
    }

    /// Whom a file concerns that something did while tasks run. Tasks that say nothing about what they read make files
    /// nobody declared: what comes and goes meanwhile is taken for theirs.
    pub(super) fn concerned_meanwhile(&self, path: &str, happened: Happened) -> Concerned {
        let mut concerned = self.concerned(path, happened);
        if happened != Happened::Changed {
            let silent: BTreeSet<NodeId> = self.silent.iter().map(|(_, node)| *node).collect();
            concerned.nodes.retain(|it| !silent.contains(it));
        }
        concerned
    }

    /// The patterns of those who read a file.
    pub(super) fn patterns(&self, path: &str) -> impl Iterator<Item = &str> {
        let names = self.names_of(path);
        let claims = names.into_iter().flat_map(|name| {
            let claims: Vec<&Claim> = self.claims_on(&name).collect();
            claims
        });
        claims.map(|it| it.glob.as_str())
    }

    fn claims_on(&self, path: &str) -> impl Iterator<Item = &Claim> {
        let claims = self.index.candidates_at(path).filter_map(|at| self.claims.get(*at));
        claims.filter(move |it| it.covers(path))
    }

    /// The paths by which a file may be read: its own, and those by way of links, unless somebody writes there.
    fn names_of(&self, path: &str) -> Vec<String> {
        let mut names = vec![path.to_owned()];
        let mut at = 0;
        while let Some(name) = names.get(at).filter(|_| names.len() < NAMES_MAX).cloned() {
            let others = self.links.iter().filter_map(|it| it.lead_to(&name));
            names.extend(others.filter(|it| !self.is_written(it)).collect::<Vec<_>>());
            at += 1;
        }
        names
    }

    /// Whether a file that is ignored counts nonetheless, because somebody names it.
    pub(super) fn names(&self, path: &str) -> bool {
        let mut claims = self.index.candidates_at(path).filter_map(|at| self.claims.get(*at));
        self.files.contains_key(path)
            || self.read.contains(path)
            || claims.any(|it| it.glob.is_literal() && it.covers(path))
    }

    /// The directories to watch whatever is ignored, and the files that are named, relative to the root.
    pub(super) fn named(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut directories = BTreeSet::new();
        let mut files: BTreeSet<String> = self.files.keys().chain(&self.read).cloned().collect();
        for claim in &self.claims {
            if claim.glob.is_literal() {
                files.insert(claim.glob.as_str().to_owned());
            }
            directories.insert(claim.glob.literal_directory().to_owned());
        }
        let parents = files.iter().filter_map(|it| it.rsplit_once('/'));
        directories.extend(parents.map(|(directory, _)| directory.to_owned()));
        directories.remove("");
        (directories, files)
    }

    fn is_written(&self, path: &str) -> bool {
        self.written.iter().any(|it| it.matches(path))
    }

    fn silent_around(&self, path: &str) -> impl Iterator<Item = NodeId> {
        let path = WorkspacePath::new(path).ok();
        let around =
            move |package: &WorkspacePath| path.as_ref().is_some_and(|it| it.is_inside(package));
        self.silent.iter().filter(move |it| around(&it.0)).map(|it| it.1)
    }
}

/// The files that a task is given beside its inputs.
fn given_to(task: &Task) -> Vec<WorkspacePath> {
    let programs = task.run.iter().chain(&task.finally).filter_map(Command::program);
    let programs = programs.chain(task.tools.iter().map(String::as_str));
    let mut given: Vec<WorkspacePath> =
        programs.flat_map(|it| program_files(it, &task.dir, &task.bin)).collect();
    given.extend(task.env_files.iter().cloned());
    if let Some(Stdin::Path(path)) = &task.stdin {
        given.push(path.clone());
    }
    given
}

impl Link {
    /// A link that ends in the workspace; `None` for one that leads to a directory that it lies in itself.
    pub(super) fn new(at: &str, leads_to: &str) -> Option<Self> {
        let is_circle = leads_to.is_empty() || below(at, leads_to).is_some();
        (!is_circle).then(|| Self { at: at.to_owned(), leads_to: leads_to.to_owned() })
    }

    /// The path of a file by way of this link, if that leads there.
    fn lead_to(&self, path: &str) -> Option<String> {
        if path == self.leads_to {
            return Some(self.at.clone());
        }
        Some(format!("{}/{}", self.at, below(path, &self.leads_to)?))
    }
}

/// What is left of a path behind a directory that it lies in.
fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    path.strip_prefix(directory)?.strip_prefix('/')
}

impl Claim {
    fn covers(&self, path: &str) -> bool {
        self.glob.matches(path) && !self.excluded.iter().any(|it| it.matches(path))
    }
}
