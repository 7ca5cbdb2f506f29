//! This machine as a place: commands become processes of the operating system.
//!
//! What differs between operating systems is in `unix.rs` and `windows.rs`; here a command of the plan becomes
//! words, a directory, an environment and an input.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use camino::Utf8PathBuf;
use rush_plan::{Command, PlaceName, RunId, Script, Stdin, Task};

use crate::environment::{Composed, Environment, Inherited, Sources, absolute, compose};
use crate::jobserver::Jobserver;
use crate::limits::INLINE_SCRIPT_BYTES_MAX;
use crate::options::GuardProgram;
use crate::os;
use crate::outputs;
use crate::place::{Fetched, Place, PlaceError, Process, Start, Sweeping, Variables};
use crate::program::Programs;

mod interpreter;

pub(crate) use interpreter::programs as programs_of;

/// This machine.
pub struct LocalPlace {
    root: Utf8PathBuf,
    inherited: Inherited,
    /// Variables that every process gets, unless its task has others.
    added: Variables,
    /// How commands are run that are not interactive.
    manner: Manner,
    programs: Programs,
    sweeper: Arc<os::Sweeper>,
    run: RunId,
    /// Before the guard, which sees to it that they go until they are gone.
    private: Mutex<PrivateFiles>,
    /// What ends everything if we can't; started with the first command.
    guard: Option<GuardProgram>,
    guarding: OnceLock<Option<os::guard::Guard>>,
    /// Why there is no guard, until somebody was told.
    unguarded: Mutex<Option<String>>,
}

/// Files that only this user can read; the directory is made when it is first needed and goes with the place.
#[derive(Default)]
struct PrivateFiles {
    directory: Option<tempfile::TempDir>,
    count: usize,
    secrets: HashMap<String, String>,
}

/// A command, ready for the operating system.
pub(crate) struct Launch<'a> {
    /// The file of the program.
    pub(crate) program: Arc<Path>,
    /// All words, the program's own name first.
    pub(crate) words: Cow<'a, [String]>,
    pub(crate) directory: PathBuf,
    pub(crate) environment: Composed<'a>,
    pub(crate) input: Input,
    pub(crate) manner: Manner,
    /// Whose it is, for finding what it leaves behind.
    pub(crate) node: String,
    /// The file that holds its script, removed when it has ended.
    pub(crate) script: Option<PathBuf>,
}

/// How a command meets the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Not at all: its output is read and shown.
    Piped,
    /// Its output is shown to a person who looks at nothing else.
    Shown,
    /// It talks with the person.
    Interactive,
}

/// What a process reads.
pub(crate) enum Input {
    Nothing,
    /// What Rush itself was given to read.
    Ours,
    Bytes(Vec<u8>),
    File(PathBuf),
}

impl LocalPlace {
    /// The workspace at `root` on this machine, for one run; its processes inherit `inherited`.
    pub fn new(
        root: Utf8PathBuf,
        run: &RunId,
        inherited: &Environment,
    ) -> Result<Self, PlaceError> {
        Ok(Self {
            root,
            inherited: Inherited::new(inherited),
            added: Variables::new(),
            manner: Manner::Piped,
            programs: Programs::default(),
            sweeper: Arc::new(os::Sweeper::new(run)?),
            run: run.clone(),
            guard: None,
            guarding: OnceLock::new(),
            unguarded: Mutex::default(),
            private: Mutex::default(),
        })
    }

    /// Lets the output of commands be a terminal; sensible if it is shown on one and there is only one command.
    #[must_use]
    pub const fn shown_on_terminal(mut self) -> Self {
        self.manner = Manner::Shown;
        self
    }

    /// Lets this program see to it that nothing outlives Rush, however it ends.
    #[must_use]
    pub fn guarded_by(mut self, guard: Option<GuardProgram>) -> Self {
        self.guard = guard;
        self
    }

    /// Lets commands find a budget.
    #[must_use]
    pub(crate) fn sharing(mut self, budget: &Jobserver) -> Self {
        self.added.extend_from_slice(budget.variables());
        self
    }

    /// Starts the guard once. Without one, only a kill of Rush itself leaves something; no reason not to run.
    fn begin_guarding(&self) -> Option<&os::guard::Guard> {
        let guard = self.guarding.get_or_init(|| {
            let guard = self.guard.as_ref()?;
            os::guard::Guard::start(guard, &self.run.0)
                .inspect_err(|error| self.note_unguarded(error))
                .ok()
        });
        guard.as_ref()
    }

    fn note_unguarded(&self, error: &std::io::Error) {
        let mut unguarded = self.unguarded.lock().unwrap_or_else(PoisonError::into_inner);
        *unguarded = Some(error.to_string());
    }

    /// Writes a file that only this user can read. The guard knows its directory before there is anything in it.
    fn write_private(
        &self,
        private: &mut PrivateFiles,
        name: &str,
        bytes: &[u8],
    ) -> Result<PathBuf, PlaceError> {
        if private.directory.is_none() {
            let directory = os::private_directory().map_err(|it| no_private_file(&it))?;
            if let Some(guard) = self.begin_guarding() {
                let told = guard.take_along(directory.path());
                told.unwrap_or_else(|error| self.note_unguarded(&error));
            }
            private.directory = Some(directory);
        }
        private.write(name, bytes)
    }

    fn launch<'a>(&'a self, start: &Start<'a>) -> Result<Launch<'a>, PlaceError> {
        let secret_file = |name: &str| self.secret_file(name, start.secrets.value(name));
        let sources = Sources {
            inherited: &self.inherited,
            added: &self.added,
            root: &self.root,
            secret_file: &secret_file,
        };
        let environment = compose(start, &sources)?;
        let directory = PathBuf::from(absolute(&self.root, &start.task.dir));
        let path = environment.get("PATH").unwrap_or_default();
        let input = self.input(start)?;
        let mut script_file = None;
        let (program, words) = match start.command {
            Command::Argv { words } => {
                let name = words.first().map_or("", String::as_str);
                (self.find(name, &directory, path)?, Cow::Borrowed(words.as_slice()))
            }
            Command::Script(script) => {
                let program = self.find_interpreter(script, &directory, path)?;
                if script.text.len() > INLINE_SCRIPT_BYTES_MAX || interpreter::needs_file(script) {
                    script_file = Some(self.script_file(script)?);
                }
                let words = interpreter::words(script, &program, script_file.as_deref());
                (program, Cow::Owned(words))
            }
        };
        let manner = if start.task.interactive { Manner::Interactive } else { self.manner };
        let (node, script) = (start.node.id().to_string(), script_file);
        Ok(Launch { program, words, directory, environment, input, manner, node, script })
    }

    fn find(&self, name: &str, directory: &Path, path: &OsStr) -> Result<Arc<Path>, PlaceError> {
        self.programs.find(name, directory, path).ok_or_else(|| {
            if !directory.is_dir() {
                return no_directory(directory);
            }
            let hint = if os::is_path(name) {
                "there is no such file in the task's directory"
            } else {
                "it is in no directory of `PATH`"
            };
            PlaceError::new(format_args!("the program `{name}` was not found: {hint}"))
        })
    }

    fn find_interpreter(
        &self,
        script: &Script,
        directory: &Path,
        path: &OsStr,
    ) -> Result<Arc<Path>, PlaceError> {
        let names = interpreter::programs(script.interpreter);
        let found = names.iter().find_map(|name| self.programs.find(name, directory, path));
        found.ok_or_else(|| {
            let tag = script.interpreter.tag();
            PlaceError::new(format_args!("`{tag}` was not found, and the script needs it"))
        })
    }

    fn input(&self, start: &Start<'_>) -> Result<Input, PlaceError> {
        Ok(match &start.task.stdin {
            None => Input::Nothing,
            Some(Stdin::Text(text)) => Input::Bytes(text.clone().into_bytes()),
            Some(Stdin::Secret(name)) => {
                Input::Bytes(start.secrets.value(name).to_owned().into_bytes())
            }
            Some(Stdin::Parts(parts)) => Input::Bytes(start.secrets.text(parts).into_bytes()),
            Some(Stdin::Path(path)) => {
                let file = PathBuf::from(absolute(&self.root, path));
                if !file.is_file() {
                    return Err(PlaceError::new(format_args!(
                        "the file `{path}` of `stdin` does not exist"
                    )));
                }
                Input::File(file)
            }
        })
    }

    fn script_file(&self, script: &Script) -> Result<PathBuf, PlaceError> {
        let mut private = self.private.lock().unwrap_or_else(PoisonError::into_inner);
        private.count += 1;
        let name = format!("script-{}.{}", private.count, interpreter::extension(script));
        self.write_private(&mut private, &name, script.text.as_bytes())
    }

    /// The file of a secret with `mount: "file"`, written once for each run.
    fn secret_file(&self, name: &str, value: &str) -> Result<String, PlaceError> {
        let mut private = self.private.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = private.secrets.get(name) {
            return Ok(path.clone());
        }
        let name_of_file = format!("secret-{name}");
        let path = self.write_private(&mut private, &name_of_file, value.as_bytes())?;
        let path = path.to_string_lossy().into_owned();
        private.secrets.insert(name.to_owned(), path.clone());
        Ok(path)
    }
}

/// The directory of a command is not there.
pub(crate) fn no_directory(directory: &Path) -> PlaceError {
    PlaceError::new(format_args!("the directory `{}` does not exist", directory.display()))
}

fn no_private_file(error: &std::io::Error) -> PlaceError {
    PlaceError::new(format_args!("a private file can't be written: {error}"))
}

impl PrivateFiles {
    /// Writes a file into the directory, which is there.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, PlaceError> {
        let directory = self.directory.as_ref().map_or_else(|| Path::new("."), |it| it.path());
        let path = directory.join(name);
        let mut file = os::create_private(&path).map_err(|it| no_private_file(&it))?;
        file.write_all(bytes).map_err(|it| no_private_file(&it))?;
        Ok(path)
    }
}

impl Place for LocalPlace {
    fn name(&self) -> PlaceName {
        PlaceName::local()
    }

    fn prepare(&self, task: &Task) -> Result<(), PlaceError> {
        outputs::create_directories(task, &self.root)
    }

    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, PlaceError> {
        let launch = self.launch(start)?;
        // A command that began before the guard would be left if Rush is killed between the two.
        self.begin_guarding();
        Ok(Box::new(os::LocalProcess::start(launch, &self.sweeper)?))
    }

    fn fetch(&self, task: &Task) -> Result<Fetched, PlaceError> {
        Ok(outputs::look_for_outputs(task, &self.root))
    }

    fn sweep(&self) -> Sweeping<'_> {
        Box::pin(self.sweeper.sweep_all())
    }

    fn take_remark(&self) -> Option<String> {
        let error = self.unguarded.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let what = "what ends the tasks if Rush itself is killed could not be started";
        Some(format!("{what}, so a `kill -9` of Rush would leave them running: {error}"))
    }
}
