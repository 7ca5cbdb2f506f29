//! What decides the result of a task, beside files and what needed tasks made: the one list of parts.
//!
//! [`Facts::tell`] is the list; everything that enters a key passes through it, or is a file or an output digest.
//! Not in it, on purpose: absolute paths, the time, the user, how output is shown, `timeout` and `retry`, the value
//! of a secret, and the variables of [`rush_plan::environment`].

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use camino::Utf8PathBuf;
use rush_plan::{Command, Digest, Host, Interpreter, Script, Stdin, Task, TextPart};

use super::codec::Writer;
use super::commands;
use super::contents::{Contents, Name};
use super::part::{Part, PartKind};
use super::programs::{Found, ProgramDigests};
use super::stamp::Stamp;
use super::variables::{self, Declared, DeclaredVariables};
use crate::environment::{Environment, absolute};
use crate::layers::search_path;
use crate::local::programs_of;
use crate::os;

/// The rules by which keys are made. Whoever changes what a part holds or means counts it up.
pub(crate) const RULES: &str = "10";

/// Takes parts, one after the other.
trait Sink {
    fn part(&mut self, kind: PartKind, name: &str, values: &[&[u8]]);
}

impl Sink for Writer {
    fn part(&mut self, kind: PartKind, name: &str, values: &[&[u8]]) {
        self.byte(kind as u8);
        self.bytes(name.as_bytes());
        self.count(values.len());
        values.iter().for_each(|it| self.bytes(it));
    }
}

/// The parts one by one.
struct List(Vec<Part>);

impl Sink for List {
    fn part(&mut self, kind: PartKind, name: &str, values: &[&[u8]]) {
        let mut writer = Writer::default();
        values.iter().for_each(|it| writer.bytes(it));
        let digest = Digest::of("rush part", &writer.0);
        self.0.push(Part { kind, name: name.to_owned(), digest });
    }
}

/// What the parts of a task are found with.
pub(crate) struct Facts {
    pub(crate) root: Utf8PathBuf,
    pub(crate) host: Host,
    /// Mixed into the digests of values that could be guessed.
    pub(crate) salt: [u8; 32],
    /// What processes inherit.
    pub(crate) inherited: Arc<Environment>,
    /// Variables of the command line.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) programs: ProgramDigests,
}

impl Facts {
    /// The parts, for the key and for comparing.
    pub(crate) fn parts(&self, task: &Task) -> Vec<Part> {
        let mut list = List(Vec::new());
        self.tell(task, &mut list);
        list.0
    }

    /// One digest of all parts, which costs less; only good for comparing with itself on this machine.
    pub(crate) fn shape(&self, task: &Task, buffer: &mut Writer) -> Digest {
        buffer.0.clear();
        buffer.0.extend_from_slice(&self.salt);
        self.tell(task, buffer);
        // The patterns decide which files are asked for.
        let inputs = task.inputs.as_deref().unwrap_or_default();
        inputs.iter().for_each(|it| buffer.bytes(it.as_bytes()));
        Digest::of("rush shape", &buffer.0)
    }

    /// Tells everything that decides the result of a task. One line a part: leaving one out is a cache that lies.
    fn tell(&self, task: &Task, sink: &mut impl Sink) {
        sink.part(PartKind::Rush, "rules", &[RULES.as_bytes()]);
        sink.part(PartKind::Host, "operating system", &[self.host.os.as_bytes()]);
        sink.part(PartKind::Host, "architecture", &[self.host.arch.as_bytes()]);
        sink.part(PartKind::Host, "C library", &[os::c_library().as_bytes()]);
        for (name, command) in commands::named(task) {
            self.tell_command(&name, command, sink);
        }
        let variables = variables::declared(self, task);
        self.tell_programs(task, &variables, sink);
        sink.part(PartKind::Directory, "dir", &[task.dir.as_str().as_bytes()]);
        for directory in &task.bin {
            sink.part(PartKind::Directory, "bin", &[directory.as_str().as_bytes()]);
        }
        self.tell_variables(&variables, sink);
        self.tell_stdin(task, sink);
        for pattern in &task.outputs {
            sink.part(PartKind::Outputs, pattern, &[]);
        }
        if let Some(file) = &task.depfile {
            sink.part(PartKind::Outputs, "depfile", &[file.as_str().as_bytes()]);
        }
        for (index, text) in (1..).zip(&task.cache.key) {
            sink.part(PartKind::Key, &index.to_string(), &[text.as_bytes()]);
        }
    }

    fn tell_command(&self, name: &str, command: &Command, sink: &mut impl Sink) {
        match command {
            Command::Argv { words } => {
                let mut values: Vec<&[u8]> = vec![b"argv"];
                values.extend(words.iter().map(String::as_bytes));
                sink.part(PartKind::Command, name, &values);
            }
            Command::Script(script) => {
                let Script { interpreter, text, variables, arguments } = script;
                let mut values = vec![b"script", interpreter.tag().as_bytes(), text.as_bytes()];
                values.extend(arguments.iter().map(String::as_bytes));
                sink.part(PartKind::Command, name, &values);
                for (variable, value) in variables {
                    let value = self.salted(value.as_deref().map(str::as_bytes));
                    sink.part(PartKind::Value, variable, &[name.as_bytes(), value.as_bytes()]);
                }
            }
        }
    }

    /// The programs by what they are called.
    fn tell_programs(&self, task: &Task, variables: &DeclaredVariables, sink: &mut impl Sink) {
        for (name, found) in self.programs(task, variables) {
            sink.part(PartKind::Program, &name, &[found.digest.as_bytes()]);
        }
    }

    /// The programs, each once, and what runs those that are scripts; what runs a script may be one itself.
    fn programs<'a>(
        &self,
        task: &'a Task,
        variables: &DeclaredVariables,
    ) -> Vec<(Cow<'a, str>, Found)> {
        let search = self.search(task, variables);
        let named = program_names(task).into_iter();
        let mut due: VecDeque<(Cow<'a, str>, Cow<'a, str>, &[String])> =
            named.map(|(name, own)| (name.into(), name.into(), own)).collect();
        let mut programs: Vec<(Cow<'a, str>, Found)> = Vec::with_capacity(due.len());
        while let Some((told, spelled, own)) = due.pop_front() {
            if programs.iter().any(|it| it.0 == told) {
                continue;
            }
            let found = self.programs.find_outside(&self.contents, &spelled, &search, own);
            due.extend(found.interpreters.iter().map(|interpreter| {
                (self.told_name(interpreter).into(), interpreter.clone().into(), own)
            }));
            programs.push((told, found));
        }
        programs
    }

    /// What a program that a file names by its path is called: that in the workspace does not depend on where it lies.
    fn told_name(&self, path: &str) -> String {
        let path = self.contents.relative(path.as_bytes()).unwrap_or(path.as_bytes());
        String::from_utf8_lossy(path).into_owned()
    }

    /// The files that decide the result beside those that patterns and a depfile name, as they are now: those with
    /// variables, programs, what standard input is read from. That of a program from the search path is the one that
    /// was found first.
    pub(crate) fn sources(&self, task: &Task) -> Vec<(Name, Stamp)> {
        let variables = variables::declared(self, task);
        let programs = self.programs(task, &variables).into_iter().filter_map(|it| it.1.file);
        let stdin = match &task.stdin {
            Some(Stdin::Path(path)) => Some(path),
            Some(Stdin::Text(_) | Stdin::Secret(_) | Stdin::Parts(_)) | None => None,
        };
        let paths = task.env_files.iter().chain(stdin).map(|it| Name::from(it.as_str().as_bytes()));
        let stamp = |path: Name| (self.contents.tree.stamp_followed(&path), path);
        programs.chain(paths).map(stamp).map(|(stamp, path)| (path, stamp)).collect()
    }

    /// Where the programs of a task are sought, as the process that starts them does.
    fn search(&self, task: &Task, variables: &DeclaredVariables) -> Search<'_> {
        let path = variables::path(self, variables);
        Search {
            directory: absolute(&self.root, &task.dir),
            bin: task.bin.iter().map(|it| absolute(&self.root, it)).collect(),
            path: search_path(path, !task.bin.is_empty()),
        }
    }

    fn tell_variables(&self, variables: &DeclaredVariables, sink: &mut impl Sink) {
        for (name, value) in variables {
            let salted;
            // A path may be spelled like a secret.
            let values: &[&[u8]] = match value {
                Declared::Value(value) => {
                    salted = self.salted(Some(value));
                    &[b"value", salted.as_bytes()]
                }
                Declared::Parts(parts) => {
                    salted = self.salted(Some(&without_secrets(parts)));
                    &[b"parts", salted.as_bytes()]
                }
                Declared::Path(path) => &[b"path", path.as_bytes()],
                Declared::Secret(name) => &[b"secret", name.as_bytes()],
                Declared::Unset => &[b"unset"],
            };
            sink.part(PartKind::Variable, name, values);
        }
    }

    fn tell_stdin(&self, task: &Task, sink: &mut impl Sink) {
        match &task.stdin {
            None => {}
            Some(Stdin::Text(text)) => {
                let salted = self.salted(Some(text.as_bytes()));
                sink.part(PartKind::Input, "text", &[b"value", salted.as_bytes()]);
            }
            Some(Stdin::Secret(name)) => sink.part(PartKind::Input, "secret", &[name.as_bytes()]),
            Some(Stdin::Parts(parts)) => {
                let salted = self.salted(Some(&without_secrets(parts)));
                sink.part(PartKind::Input, "text", &[b"parts", salted.as_bytes()]);
            }
            Some(Stdin::Path(path)) => {
                let digest = self.contents.look_through(path.as_str().as_bytes());
                sink.part(PartKind::Input, path.as_str(), &[digest.as_bytes()]);
            }
        }
    }

    /// The digest of a value that could be guessed from a plain one.
    fn salted(&self, value: Option<&[u8]>) -> Digest {
        let mut writer = Writer::default();
        writer.0.extend_from_slice(&self.salt);
        writer.byte(u8::from(value.is_some()));
        writer.bytes(value.unwrap_or_default());
        Digest::of("rush value", &writer.0)
    }
}

/// Where programs are sought.
pub(crate) struct Search<'a> {
    /// The working directory, absolute.
    pub(crate) directory: String,
    /// The directories of `bin`, absolute.
    pub(crate) bin: Vec<String>,
    /// The search path.
    pub(crate) path: Cow<'a, OsStr>,
}

impl Search<'_> {
    /// A search of some of the directories.
    pub(crate) fn only(&self, is_wanted: impl Fn(&Path) -> bool) -> Self {
        let bin = self.bin.iter().filter(|it| is_wanted(Path::new(it)));
        let path = std::env::split_paths(&self.path).filter(|it| is_wanted(it));
        // They were one text before, so they are one again.
        let path = std::env::join_paths(path).unwrap_or_default();
        Self {
            directory: self.directory.clone(),
            bin: bin.cloned().collect(),
            path: Cow::Owned(path),
        }
    }

    /// The working directory.
    pub(crate) fn directory(&self) -> &Path {
        Path::new(&self.directory)
    }
}

/// The programs that a task names, each once, with the outputs that do not count as such. From the second command on,
/// they may be what the task made.
fn program_names(task: &Task) -> Vec<(&str, &[String])> {
    let mut names: Vec<(&str, &[String])> = Vec::new();
    for (at, command) in task.run.iter().chain(&task.finally).enumerate() {
        let own = if at == 0 { &[][..] } else { task.outputs.as_slice() };
        match command {
            Command::Argv { words } => names.extend(words.first().map(|it| (it.as_str(), own))),
            Command::Script(script) => names.push((interpreter_name(script.interpreter), own)),
        }
    }
    names.extend(task.tools.iter().map(|it| (it.as_str(), &[][..])));
    // What is there from the start comes first.
    names.sort_unstable_by_key(|(name, own)| (*name, own.len()));
    names.dedup_by_key(|it| it.0);
    names
}

/// What an interpreter is called in a list of programs.
fn interpreter_name(interpreter: Interpreter) -> &'static str {
    programs_of(interpreter).first().copied().unwrap_or_else(|| interpreter.tag())
}

/// A text with the names of its secrets in place of their values; no two texts give the same.
fn without_secrets(parts: &[TextPart]) -> Vec<u8> {
    let mut writer = Writer::default();
    for part in parts {
        let (is_secret, text) = match part {
            TextPart::Text(text) => (false, text),
            TextPart::Secret(name) => (true, name),
        };
        writer.byte(u8::from(is_secret));
        writer.bytes(text.as_bytes());
    }
    writer.0
}
