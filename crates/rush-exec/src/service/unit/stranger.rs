//! Whether somebody else answers in the place of a service.
//!
//! A probe asks a port, a socket or a file, and takes whatever answers for the service. So what it asks has to be silent
//! before the service starts, and what answers afterwards must not be known to belong to another run. Where the answer
//! comes from a file that an earlier run may have left there is nobody to accuse, only something to be told. It starts
//! and ends nothing but the one question it asks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rush_plan::{Command, Probe, Value};

use super::super::port::{Holder, Listening, busy};
use super::super::probe::Prober;
use super::asking::try_command;
use super::{ServiceUnit, Subject};
use crate::display::one_line;
use crate::environment::absolute;
use crate::os;
use crate::unit::Shared;

/// How long a command may take to succeed before the service is there; whoever is up answers at once.
const BEFORE_MAX: Duration = Duration::from_secs(1);

/// A number below this is a port only where it stands behind a `:`.
const PORT_MIN: u16 = 1024;

/// Says why a service can't start: what it is probed by answers already. If it may start and there is something to tell,
/// returns that.
pub(super) async fn answers_already(
    unit: &ServiceUnit,
    subject: &Subject<'_>,
    attempt: u32,
) -> Result<Option<String>, String> {
    let Some(prober) = &subject.conduct.prober else { return Ok(None) };
    if let Some(port) = prober.local_port() {
        return match holder_of(&unit.shared, port) {
            Some(holder) => Err(busy(port, &holder) + &how_to_share(unit, subject, &holder)),
            None => Ok(None),
        };
    }
    let Some(Probe::Exec { run }) = subject.service.ready.as_ref().map(|it| &it.probe) else {
        return Ok(None);
    };
    // What an earlier attempt of this run left answers for a service that ended.
    if attempt > 1 || try_command(&unit.shared, unit.position, attempt, BEFORE_MAX).await.is_err() {
        return Ok(None);
    }
    let name = unit.shared.secrets.summary(run);
    let answers = format!("its probe `{name}` succeeds before it is started");
    if let Some((port, holder)) = first_held(&unit.shared, ports_asked(subject, run)) {
        let share = how_to_share(unit, subject, &holder);
        return Err(format!("{answers}: port {port} is in use by {holder}{share}"));
    }
    let directory = absolute(&unit.shared.root, &subject.service.dir);
    match file_asked(run, Path::new(&directory)) {
        Some(file) => Ok(Some(format!(
            "{answers}: `{file}` was there already, so the probe does not tell when it can be used"
        ))),
        None => Err(format!(
            "{answers}, so something else answers; end that, or let the probe ask for what only this service has"
        )),
    }
}

/// Says who answers in the place of a service that was started, if that is known to be another run's.
pub(super) fn another_run(unit: &ServiceUnit, subject: &Subject<'_>) -> Option<String> {
    let prober = subject.conduct.prober.as_ref()?;
    let probe = subject.service.ready.as_ref().map(|it| &it.probe);
    let ports = match (prober, probe) {
        (Prober::Exec, Some(Probe::Exec { run })) => ports_asked(subject, run),
        _ => prober.local_port().into_iter().collect(),
    };
    let own = unit.shared.run.as_str();
    let is_other = |holder: &Holder| {
        !holder.is_below_us && holder.run.as_deref().is_some_and(|run| run != own)
    };
    let mut held = ports.into_iter().filter_map(|it| Some((it, holder_of(&unit.shared, it)?)));
    let (port, holder) = held.find(|(_, holder)| is_other(holder))?;
    Some(busy(port, &holder))
}

/// Who has a port that a service names, for saying why it did not come up; nothing if it is another service of the
/// workspace, which it may well talk to.
pub(super) fn in_the_way(unit: &ServiceUnit, subject: &Subject<'_>) -> Option<String> {
    let mut ports = arguments_of(subject);
    if let Some(Probe::Exec { run }) = subject.service.ready.as_ref().map(|it| &it.probe) {
        let own = numbers(&subject.service.run);
        ports.extend(numbers(run).into_iter().filter(|it| own.contains(it)));
    }
    let (port, holder) = first_held(&unit.shared, ports)?;
    let root = unit.shared.root.as_str();
    let is_partner = holder
        .task
        .as_ref()
        .is_some_and(|(label, workspace)| workspace == root && label != subject.node.label());
    (!is_partner).then(|| busy(port, &holder))
}

fn first_held(shared: &Shared, ports: Vec<u16>) -> Option<(u16, Holder)> {
    ports.into_iter().find_map(|it| Some((it, holder_of(shared, it)?)))
}

/// Who listens on a port, without what nobody may read.
fn holder_of(shared: &Shared, port: u16) -> Option<Holder> {
    let Listening::Somebody(mut holder) = os::port_holder::find(port) else { return None };
    holder.command = holder.command.map(|it| one_line(&shared.secrets.mask(&it)));
    Some(holder)
}

fn how_to_share(unit: &ServiceUnit, subject: &Subject<'_>, holder: &Holder) -> String {
    if !holder.is_same(subject.node.label(), unit.shared.root.as_str()) {
        return String::new();
    }
    let label = subject.node.label().trim_start_matches("//:");
    format!(
        "; another run has it up for itself, and `rush up --detach {label}` keeps one up for all runs"
    )
}

/// The ports that a command may ask, and those that the service is given.
fn ports_asked(subject: &Subject<'_>, probe: &Command) -> Vec<u16> {
    let mut ports = numbers(probe);
    ports.extend(arguments_of(subject));
    ports
}

/// The arguments of a service that are ports by their names.
fn arguments_of(subject: &Subject<'_>) -> Vec<u16> {
    let arguments = subject.node.arguments().iter();
    let ports = arguments.filter(|it| it.0 == "port" || it.0.ends_with("_port"));
    let numbers =
        ports.filter_map(|it| if let Value::Int(port) = it.1 { Some(*port) } else { None });
    numbers.filter_map(|it| u16::try_from(it).ok()).collect()
}

/// The numbers in a command that can be ports.
fn numbers(command: &Command) -> Vec<u16> {
    let mut found = Vec::new();
    for text in texts(command) {
        let mut before = ' ';
        for word in text.split_inclusive(|it: char| !it.is_ascii_alphanumeric() && it != '.') {
            let number = word.trim_end_matches(|it: char| !it.is_ascii_alphanumeric());
            let is_port = |it: &u16| *it >= PORT_MIN || before == ':' && *it > 0;
            found.extend(number.parse().ok().filter(is_port));
            before = word.chars().next_back().unwrap_or(' ');
        }
    }
    found
}

/// A file or directory that a command names and that may tell of an earlier run: there, no program, and nobody listens on
/// it. A directory that the service runs in was there before any run.
fn file_asked(command: &Command, directory: &Path) -> Option<String> {
    let skipped = usize::from(matches!(command, Command::Argv { .. }));
    let words = texts(command)
        .skip(skipped)
        .flat_map(|text| text.split(|it: char| it.is_whitespace() || "\"'`;=()<>|&".contains(it)));
    let is_left = |path: PathBuf| {
        let is_device = path.starts_with("/dev");
        !is_device && os::is_left_file(&path) && !holds(&path, directory)
    };
    let mut words = words.filter(|it| !it.is_empty());
    words.find(|word| is_left(directory.join(word))).map(str::to_owned)
}

/// Whether a directory is this one or above it.
fn holds(path: &Path, directory: &Path) -> bool {
    let real = |it: &Path| it.canonicalize().ok();
    real(path).zip(real(directory)).is_some_and(|(path, below)| below.starts_with(path))
}

/// What a command is told.
fn texts(command: &Command) -> Box<dyn Iterator<Item = &str> + '_> {
    match command {
        Command::Argv { words } => Box::new(words.iter().map(String::as_str)),
        Command::Script(script) => {
            let values = script.variables.values().flatten().chain(&script.arguments);
            Box::new(std::iter::once(&script.text).chain(values).map(String::as_str))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expect: &[u16]) {
        let words = words.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(numbers(&Command::Argv { words }), expect);
    }

    #[test]
    fn ports_are_told_from_other_numbers() {
        check(&["curl", "-m", "22", "http://127.0.0.1:18511/v1"], &[18511]);
        check(&["curl", "http://localhost:80/"], &[80]);
        check(&["pg_isready", "-p", "5432", "-t", "3"], &[5432]);
        check(&["redis-cli", "--port=6379", "ping"], &[6379]);
        check(&["sh", "-c", "nc -z localhost 9000; nc -z h 70000"], &[9000]);
        check(&["ping", "10.0.0.1", "x1234", "1.2345", ":0"], &[]);
    }
}
