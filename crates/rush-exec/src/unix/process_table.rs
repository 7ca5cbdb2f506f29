//! What can be seen of any process: its variables, its parent, its memory.
//!
//! Linux only; elsewhere every question is answered with nothing.

use std::collections::{BTreeMap, HashMap};

use rush_plan::{NodeId, RunId};

use crate::supervisor::ServiceProcess;

/// A process of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) process: u32,
    pub(crate) parent: u32,
    /// When it started, in ticks since the machine did; with the number it names one process for good.
    pub(crate) started: u64,
}

/// The variables a process began with, as far as this user may see them.
pub(crate) enum Variables {
    /// Each with a NUL at its end; nothing for what has ended and for threads of the kernel.
    Known(Vec<u8>),
    /// It is about to become another program: its old variables are gone and the new ones not in place. On a loaded
    /// machine that can last.
    NotYet,
    Hidden,
}

/// The variables of a process, as they are at this moment.
pub(crate) fn variables(process: u32) -> Variables {
    match std::fs::read(format!("/proc/{process}/environ")) {
        Ok(bytes) if bytes.is_empty() && is_between_programs(process) => Variables::NotYet,
        Ok(bytes) => Variables::Known(bytes),
        Err(_) => Variables::Hidden,
    }
}

/// Whether a process has memory of its own but the kernel has not written down yet where its variables are.
fn is_between_programs(process: u32) -> bool {
    /// Counted from the state, which is the first field behind the name.
    const MEMORY: usize = 20;
    const VARIABLES_END: usize = 48;
    let fields = stat(process).unwrap_or_default();
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let is_zero = |field: usize| fields.get(field).is_some_and(|it| *it == "0");
    !is_zero(MEMORY) && is_zero(VARIABLES_END)
}

/// The value a variable had when a process began; none if this user may not see it.
pub(crate) fn variable(process: u32, name: &str) -> Option<String> {
    let Variables::Known(environment) = variables(process) else { return None };
    let value = value_of(&environment, name)?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// The value of a variable among those of a process.
pub(crate) fn value_of<'a>(variables: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut entries = variables.split(|it| *it == 0);
    entries.find_map(|it| it.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// What the kernel tells of a process, from its state on.
pub(crate) fn stat(process: u32) -> Option<String> {
    let bytes = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in brackets and may contain anything, also brackets.
    let end = memchr::memrchr(b')', &bytes)?;
    String::from_utf8(bytes.get(end + 2..)?.to_vec()).ok()
}

/// A process, if there is one of this number and it has not ended.
pub(crate) fn entry(process: u32) -> Option<Entry> {
    let stat = stat(process)?;
    let mut fields = stat.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let started = fields.nth(17)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(Entry { process, parent, started })
}

/// Whether a process is a descendant of another one.
pub(crate) fn is_below(process: u32, above: u32) -> bool {
    // A number that is used again while we look could lead in a circle.
    const GENERATIONS_MAX: usize = 256;
    let parent = |it: &u32| entry(*it).map(|it| it.parent);
    std::iter::successors(parent(&process), parent).take(GENERATIONS_MAX).any(|it| it == above)
}

/// Every process of this machine, by its parent.
pub(crate) fn by_parent() -> HashMap<u32, Vec<Entry>> {
    let mut children: HashMap<u32, Vec<Entry>> = HashMap::new();
    let Ok(entries) = std::fs::read_dir("/proc") else { return children };
    let numbers = entries.flatten().filter_map(|it| it.file_name().to_str()?.parse().ok());
    for found in numbers.filter_map(entry) {
        children.entry(found.parent).or_default().push(found);
    }
    children
}

/// The memory a process has in use, its share of what it shares with others.
pub(crate) fn memory_bytes(process: u32) -> u64 {
    let Ok(text) = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else {
        return resident_bytes(process);
    };
    let line = text.lines().find_map(|it| it.strip_prefix("Pss:"));
    let kib = line.and_then(|it| it.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.map_or_else(|| resident_bytes(process), |it| it * 1024)
}

fn resident_bytes(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kib = line.and_then(|it| it.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// The first process of each of these nodes, and the memory of all it started. Only children of this process count,
/// so it answers for whoever runs the nodes.
pub(crate) fn of_nodes(nodes: &BTreeMap<NodeId, RunId>) -> BTreeMap<NodeId, ServiceProcess> {
    let children = by_parent();
    let mut own: Vec<Entry> = children.get(&std::process::id()).cloned().unwrap_or_default();
    // A probe that runs at the moment, or an orphan we adopted, is younger than the service itself.
    own.sort_unstable_by_key(|it| (it.started, it.process));
    let mut found = BTreeMap::new();
    for entry in own {
        let node = variable(entry.process, "RUSH_NODE").and_then(|it| NodeId::parse(&it));
        let Some(node) = node.filter(|it| nodes.contains_key(it)) else { continue };
        let run = variable(entry.process, "RUSH_RUN");
        if run.as_deref() != nodes.get(&node).map(RunId::as_str) || found.contains_key(&node) {
            continue;
        }
        let memory_bytes = memory_of_all(entry.process, &children);
        found.insert(node, ServiceProcess { process: entry.process, memory_bytes });
    }
    found
}

/// The memory of a process and of all below it.
fn memory_of_all(process: u32, children: &HashMap<u32, Vec<Entry>>) -> u64 {
    let mut open = vec![process];
    let mut sum = 0;
    while let Some(process) = open.pop() {
        sum += memory_bytes(process);
        open.extend(children.get(&process).into_iter().flatten().map(|it| it.process));
    }
    sum
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::{Variables, value_of, variables};

    #[test]
    fn only_what_is_about_to_be_another_program_has_no_variables_yet() {
        let mut child = Command::new("sleep");
        let child = child.arg("600").env_clear().env("A", "1").stdin(Stdio::null());
        let mut child = child.spawn().unwrap();
        let Variables::Known(known) = variables(child.id()) else {
            panic!("its own user may look")
        };
        assert_eq!(value_of(&known, "A"), Some(&b"1"[..]));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(matches!(variables(child.id()), Variables::Hidden));

        let mut bare = Command::new("sleep").arg("600").env_clear().spawn().unwrap();
        let found = variables(bare.id());
        bare.kill().unwrap();
        bare.wait().unwrap();
        assert!(matches!(found, Variables::Known(it) if it.is_empty()));
        // The first of the kernel's own threads, where this machine shows it.
        assert!(!matches!(variables(2), Variables::NotYet));
    }
}
