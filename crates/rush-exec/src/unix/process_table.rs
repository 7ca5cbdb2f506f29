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

/// The value a variable had when a process began; none if this user may not see it.
pub(crate) fn variable(process: u32, name: &str) -> Option<String> {
    let environment = std::fs::read(format!("/proc/{process}/environ")).ok()?;
    let mut entries = environment.split(|it| *it == 0);
    let value = entries.find_map(|it| it.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// A process, if there is one of this number and it has not ended.
pub(crate) fn entry(process: u32) -> Option<Entry> {
    let bytes = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in brackets and may contain anything, also brackets.
    let end = memchr::memrchr(b')', &bytes)?;
    let rest = std::str::from_utf8(bytes.get(end + 2..)?).ok()?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let started = fields.nth(17)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(Entry { process, parent, started })
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
