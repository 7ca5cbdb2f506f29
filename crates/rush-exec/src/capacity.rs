//! What may run at the same time: workers, processors, memory, named slots, `limit` groups and the terminal.
//!
//! A node that asks for more than there is gets everything, so it runs alone instead of never. Services take
//! nothing: they would keep it from those they serve. Who waits for what is not known here.

use std::collections::{BTreeMap, HashMap};

use rush_plan::{Host, Limit, Resources, Task, WaitingReason};

use crate::limit_group::{LimitGroups, Place};

/// Processors are counted in thousandths, so that sums are exact.
const CPU_UNIT: f64 = 1000.0;

/// How much there is of a named slot that this machine says nothing about.
const SLOT_UNITS: u64 = 1;

/// What is there and what is taken.
pub(crate) struct Capacity {
    workers: Amount,
    cpu: Amount,
    memory_bytes: Amount,
    slots: HashMap<String, Amount>,
    slot_sizes: BTreeMap<String, u64>,
    groups: LimitGroups,
    /// The places in `limit` groups that nodes have.
    places: HashMap<usize, Place>,
    has_terminal: bool,
}

/// Something that is shared out.
struct Amount {
    size: u64,
    taken: u64,
}

/// What keeps a node from starting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shortage {
    /// The service of this position, which ended and has not come back yet.
    Service(usize),
    /// All workers run something, and it was there before those that wait for nothing else.
    Worker,
    /// As many nodes as may look for an earlier result while others have what they need for that.
    Looks,
    /// Somebody runs while it needs the terminal alone, or has the terminal alone.
    Terminal,
    /// Processors.
    Cpu,
    /// Memory.
    Memory,
    /// A named slot.
    Slot(String),
    /// A `limit` group.
    Group(String),
}

impl Shortage {
    /// The reason as people and events know it; `None` where that is told of another node.
    pub(crate) fn reason(&self) -> Option<WaitingReason> {
        Some(match self {
            Self::Service(_) => return None,
            Self::Worker | Self::Looks => WaitingReason::Worker,
            Self::Terminal => WaitingReason::Terminal,
            Self::Cpu | Self::Memory | Self::Slot(_) => WaitingReason::Resources,
            Self::Group(group) => WaitingReason::Limit { group: group.clone() },
        })
    }

    /// Whether a task wants something of what is short.
    pub(crate) fn concerns(&self, task: &Task) -> bool {
        match self {
            // Who waits for that is asked before anybody else.
            Self::Service(_) | Self::Worker | Self::Looks => false,
            Self::Terminal => true,
            Self::Cpu => task.resources.cpu.is_none_or(|it| it > 0.0),
            Self::Memory => task.resources.memory_bytes.is_some_and(|it| it > 0),
            Self::Slot(name) => task.resources.slots.get(name).is_some_and(|it| *it > 0),
            Self::Group(group) => task.limit.as_ref().is_some_and(|it| it.group == *group),
        }
    }
}

impl Amount {
    const fn new(size: u64) -> Self {
        Self { size, taken: 0 }
    }

    /// What a wish comes to: nobody gets more than there is.
    fn share(&self, wanted: u64) -> u64 {
        wanted.min(self.size)
    }

    fn has(&self, wanted: u64) -> bool {
        self.taken + self.share(wanted) <= self.size
    }

    fn take(&mut self, wanted: u64) {
        self.taken += self.share(wanted);
    }

    fn give_back(&mut self, wanted: u64) {
        self.taken -= self.share(wanted);
    }
}

impl Capacity {
    /// Everything free: `jobs` workers and processors, the memory of the host, and what is said of named slots.
    pub(crate) fn new(
        jobs: usize,
        host: &Host,
        slot_sizes: BTreeMap<String, u64>,
        groups: LimitGroups,
    ) -> Self {
        let workers = jobs.max(1) as u64;
        Self {
            workers: Amount::new(workers),
            cpu: Amount::new(workers * CPU_UNIT as u64),
            memory_bytes: Amount::new(host.memory_bytes),
            slots: HashMap::new(),
            slot_sizes,
            groups,
            places: HashMap::new(),
            has_terminal: false,
        }
    }

    /// Whether no worker is free for anything.
    pub(crate) fn is_full(&self) -> bool {
        !self.workers.has(1)
    }

    /// How many nodes have taken something.
    pub(crate) fn running(&self) -> usize {
        self.workers.taken as usize
    }

    /// Takes what a node needs, or nothing and says what is short. A worker has to be free.
    pub(crate) fn try_take(&mut self, node: usize, task: &Task) -> Result<(), Shortage> {
        let resources = &task.resources;
        if self.has_terminal || task.interactive && self.workers.taken > 0 {
            return Err(Shortage::Terminal);
        }
        if !self.cpu.has(cpu(resources)) {
            return Err(Shortage::Cpu);
        }
        if !self.memory_bytes.has(memory(resources)) {
            return Err(Shortage::Memory);
        }
        for (name, units) in &resources.slots {
            if !self.slot(name).has(*units) {
                return Err(Shortage::Slot(name.clone()));
            }
        }
        if let Some(Limit { group, max }) = &task.limit {
            let place = self.groups.try_enter(group, *max);
            self.places.insert(node, place.ok_or_else(|| Shortage::Group(group.clone()))?);
        }
        self.workers.take(1);
        self.cpu.take(cpu(resources));
        self.memory_bytes.take(memory(resources));
        for (name, units) in &resources.slots {
            self.slot(name).take(*units);
        }
        self.has_terminal = task.interactive;
        Ok(())
    }

    /// Gives back what a node took.
    pub(crate) fn give_back(&mut self, node: usize, task: &Task) {
        let resources = &task.resources;
        self.workers.give_back(1);
        self.cpu.give_back(cpu(resources));
        self.memory_bytes.give_back(memory(resources));
        for (name, units) in &resources.slots {
            self.slot(name).give_back(*units);
        }
        if let Some(place) = self.places.remove(&node) {
            self.groups.leave(place);
        }
        if task.interactive {
            self.has_terminal = false;
        }
    }

    /// What the person should know about `limit` groups, once.
    pub(crate) fn take_problem(&mut self) -> Option<String> {
        self.groups.take_problem()
    }

    fn slot(&mut self, name: &str) -> &mut Amount {
        let size = self.slot_sizes.get(name).copied().unwrap_or(SLOT_UNITS);
        self.slots.entry(name.to_owned()).or_insert_with(|| Amount::new(size))
    }
}

fn cpu(resources: &Resources) -> u64 {
    (resources.cpu.unwrap_or(1.0).max(0.0) * CPU_UNIT) as u64
}

fn memory(resources: &Resources) -> u64 {
    resources.memory_bytes.unwrap_or(0)
}
