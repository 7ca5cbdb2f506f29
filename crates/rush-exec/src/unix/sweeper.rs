//! Ends what attempts leave behind.
//!
//! Rush adopts the orphans of its attempts, so every process an attempt ever started is below Rush, also one that
//! left its process group with `setsid`. Whose it is says `RUSH_RUN` and `RUSH_NODE` in its environment. What cleared
//! that belongs to the node that ends while no other one runs, unless it was there when another one ended. At the end of a run that is alone in its
//! process, everything that is left counts, also what belonged to a Rush further down that was killed. What changes its
//! user escapes; that is the documented limit.
//! Orphans that end by themselves are reaped as they do, so that whoever waits for one sees it go.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use rush_plan::RunId;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::pipes::open_nothing;
use super::process_table::{self, Variables, value_of};
use crate::place::PlaceError;

/// Processes left behind are looked for at most this often while other nodes run.
const SWEEP_PAUSE: Duration = Duration::from_millis(250);

/// Orphans that ended are reaped at most this often, however many processes end.
const REAP_PAUSE: Duration = Duration::from_millis(10);

/// How long what is left behind may take to end when asked.
pub(super) const LEFTOVER_GRACE: Duration = Duration::from_secs(1);

/// When a process that does not even end when killed is given up; it hangs in the kernel.
const SWEEP_MAX: Duration = Duration::from_secs(5);

/// How often it is looked whether it has ended.
pub(super) const LEFTOVER_TICK: Duration = Duration::from_millis(10);

/// How often it is asked at most in which group a process is.
const GROUP_LOOKS: u32 = 2;

/// How often it is looked for the variables of an orphan that is about to become another program, and the time
/// between two looks. What is missed then is found at the end of the run.
const BETWEEN_PROGRAMS_LOOKS: u32 = 50;
const BETWEEN_PROGRAMS_PAUSE: Duration = Duration::from_micros(200);

/// The direct children that some process of this crate waits for; all others are adopted orphans. Held while a
/// child is started, so that no sweep takes a newborn for an orphan.
static OWN_CHILDREN: Mutex<BTreeMap<libc::pid_t, Kin>> = Mutex::new(BTreeMap::new());

/// How many runs this process has; orphans without a name can be told apart only if it is one.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// What a direct child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// A command; its number is also that of its group.
    Command,
    /// The guard of a run.
    Guard,
}

/// The direct children that are waited for by their starter.
pub(super) fn own_children() -> MutexGuard<'static, BTreeMap<libc::pid_t, Kin>> {
    OWN_CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Finds and ends the orphans of one run.
pub(crate) struct Sweeper {
    run: String,
    nothing: OwnedFd,
    state: Mutex<State>,
    /// Tells that a child has ended; one command at a time listens for all of them, from the first that takes long.
    ends: tokio::sync::Mutex<Option<Signal>>,
}

struct State {
    /// How many commands of a node are running; their descendants are left alone.
    active: HashMap<String, usize>,
    /// What cleared its environment and may be of any of the nodes that ran when it was found.
    strangers: BTreeSet<libc::pid_t>,
    swept: Instant,
    /// What was ended of nodes that had ended before, and nobody was told.
    untold: Vec<String>,
}

/// Whose orphans are meant.
enum Whose<'a> {
    Run,
    Node(&'a str),
    Inactive,
}

impl Sweeper {
    /// Makes this process the one that orphans below it fall to.
    pub(crate) fn new(run: &RunId) -> Result<Self, PlaceError> {
        adopt_orphans()
            .map_err(|error| PlaceError::new(format_args!("orphans can't be adopted: {error}")))?;
        let nothing = open_nothing().map_err(|error| {
            PlaceError::new(format_args!("`/dev/null` can't be opened: {error}"))
        })?;
        RUNS.fetch_add(1, Ordering::SeqCst);
        let state = State {
            active: HashMap::new(),
            strangers: BTreeSet::new(),
            swept: Instant::now(),
            untold: Vec::new(),
        };
        let run = run.as_str().to_owned();
        Ok(Self { run, nothing, state: Mutex::new(state), ends: tokio::sync::Mutex::default() })
    }

    /// What a process without input reads.
    pub(super) const fn nothing(&self) -> &OwnedFd {
        &self.nothing
    }

    pub(super) fn command_starts(&self, node: &str) {
        *self.state().active.entry(node.to_owned()).or_default() += 1;
    }

    /// Notes the end of a command, and once in a while ends the orphans of nodes that do not run any more.
    pub(super) fn command_ends(&self, node: &str) {
        let mut state = self.state();
        if let Some(count) = state.active.get_mut(node) {
            *count -= 1;
            if *count == 0 {
                state.active.remove(node);
            }
        }
        if state.swept.elapsed() >= SWEEP_PAUSE {
            drop(state);
            let found = self.meant(&Whose::Inactive);
            let words: Vec<String> = found.iter().map(|it| words_of(*it)).collect();
            found.into_iter().for_each(|it| send(it, libc::SIGTERM));
            let mut state = self.state();
            let is_new = |it: &String| !state.untold.contains(it);
            let words: Vec<String> = words.into_iter().filter(is_new).collect();
            state.untold.extend(words);
            state.swept = Instant::now();
        }
    }

    /// Reaps orphans as they end, for as long as it is polled. May be dropped at any time, and called by many.
    pub(super) async fn reap_as_they_end(&self) {
        // The lock is whose turn it is to listen, and so it is held while listening: one pass over the
        // orphans serves all commands. Nobody else needs what it guards, so who waits for it misses nothing,
        // and a command that ends drops its turn for the next.
        let mut listener = self.ends.lock().await;
        if listener.is_none() {
            *listener = signal(SignalKind::child()).ok();
            reap_orphans();
        }
        let Some(ends) = listener.as_mut() else { return std::future::pending().await };
        while ends.recv().await.is_some() {
            reap_orphans();
            tokio::time::sleep(REAP_PAUSE).await;
        }
    }

    /// Signals the orphans of one node.
    pub(super) fn signal_node(&self, node: &str, signal: i32) {
        self.signal(&Whose::Node(node), signal);
    }

    /// Whether a node has orphans, where that is cheap to know; else only [`Sweeper::command_ends`] finds them.
    pub(super) fn has_orphans(&self, node: &str) -> bool {
        children_of_first_thread().is_some_and(|it| !it.is_empty()) && self.still_has_orphans(node)
    }

    /// Whether a node has orphans, however much it costs to know.
    pub(super) fn still_has_orphans(&self, node: &str) -> bool {
        !self.meant(&Whose::Node(node)).is_empty()
    }

    /// The commands of what a node left behind: its orphans, and whoever is still in the group.
    pub(super) fn leftovers(&self, node: &str, group: libc::pid_t) -> Vec<String> {
        let members = all_processes().into_iter().filter_map(stat);
        let members = members.filter(|it| it.group == group && !it.is_ended).map(|it| it.pid);
        let found: BTreeSet<_> = members.chain(self.meant(&Whose::Node(node))).collect();
        found.into_iter().map(words_of).collect()
    }

    /// Ends every orphan of the run, also those that fall to us while it goes; returns when none is left, with the
    /// command lines of all that nobody was told of.
    pub(crate) async fn sweep_all(&self) -> Vec<String> {
        let begun = Instant::now();
        let mut ended = std::mem::take(&mut self.state().untold);
        let mut asked = BTreeSet::new();
        while has_children() && begun.elapsed() < SWEEP_MAX {
            let orphans = self.meant(&Whose::Run);
            if orphans.is_empty() {
                break;
            }
            for orphan in orphans {
                let is_new = asked.insert(orphan);
                if is_new {
                    ended.push(words_of(orphan));
                }
                if begun.elapsed() > LEFTOVER_GRACE {
                    send(orphan, libc::SIGKILL);
                } else if is_new {
                    send(orphan, libc::SIGTERM);
                }
            }
            tokio::time::sleep(LEFTOVER_TICK).await;
        }
        ended.retain(|it| !it.is_empty());
        ended.dedup();
        ended
    }

    fn signal(&self, whose: &Whose<'_>, signal: i32) {
        for orphan in self.meant(whose) {
            send(orphan, signal);
        }
    }

    fn meant(&self, whose: &Whose<'_>) -> Vec<libc::pid_t> {
        orphans().into_iter().filter(|orphan| self.is_meant(*orphan, whose)).collect()
    }

    fn is_meant(&self, pid: libc::pid_t, whose: &Whose<'_>) -> bool {
        if matches!(whose, Whose::Run) && RUNS.load(Ordering::SeqCst) == 1 {
            return true;
        }
        let Some(variables) = variables_of(pid) else { return false };
        match value_of(&variables, "RUSH_RUN") {
            Some(run) if run == self.run.as_bytes() => {}
            None => return matches!(whose, Whose::Node(it) if self.can_only_be_of(it, pid)),
            Some(_) => return false,
        }
        let node = value_of(&variables, "RUSH_NODE").unwrap_or_default();
        match whose {
            Whose::Run => true,
            Whose::Node(wanted) => node == wanted.as_bytes(),
            Whose::Inactive => {
                let state = self.state();
                !state.active.keys().any(|active| active.as_bytes() == node)
            }
        }
    }

    /// Whether a process that does not say whose it is was left by this node, since no other one runs.
    fn can_only_be_of(&self, node: &str, pid: libc::pid_t) -> bool {
        let mut state = self.state();
        let is_alone = state.active.len() == 1 && state.active.contains_key(node);
        if !is_alone || RUNS.load(Ordering::SeqCst) != 1 {
            state.strangers.insert(pid);
        }
        !state.strangers.contains(&pid)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn send(orphan: libc::pid_t, signal: i32) {
    // SAFETY: `kill` takes two numbers. The process is our unreaped child, so its id is not reused.
    unsafe { libc::kill(orphan, signal) };
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        RUNS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(target_os = "linux")]
fn adopt_orphans() -> std::io::Result<()> {
    // SAFETY: this option takes one number and changes nothing but who adopts orphans.
    if unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

/// Only Linux lets a process adopt orphans; elsewhere what leaves its group escapes.
#[cfg(not(target_os = "linux"))]
fn adopt_orphans() -> std::io::Result<()> {
    Ok(())
}

/// Whether this process has any child, running or ended.
fn has_children() -> bool {
    // SAFETY: zeros are a valid `siginfo_t`; with `WNOWAIT` nothing is reaped.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        libc::waitid(libc::P_ALL, 0, &raw mut info, options) == 0
    }
}

/// Reaps the children that have ended and that nobody waits for.
pub(super) fn reap_orphans() {
    let candidates = children_of_first_thread().unwrap_or_else(all_processes);
    let own_children = own_children();
    let my_group = nix::unistd::getpgrp();
    for pid in candidates.into_iter().filter(|pid| !own_children.contains_key(pid)) {
        // Of what is in our group some other part of the program awaits the end.
        if nix::unistd::getpgid(Some(Pid::from_raw(pid))).is_ok_and(|group| group != my_group) {
            super::exit::reap(pid);
        }
    }
}

/// The running children that nobody waits for; the ended ones among them are reaped.
fn orphans() -> Vec<libc::pid_t> {
    let candidates = children_of_first_thread().unwrap_or_else(all_processes);
    if candidates.is_empty() {
        return Vec::new();
    }
    let own_children = own_children();
    let me = std::process::id().cast_signed();
    let my_group = nix::unistd::getpgrp().as_raw();
    let strangers = candidates.into_iter().filter(|pid| !own_children.contains_key(pid));
    let processes = strangers.filter_map(stat).filter(|process| process.parent == me);
    let mut orphans = Vec::new();
    for process in processes {
        // Children that other parts of the program start stay in its group; they are not ours to end.
        if process.group == my_group {
            continue;
        }
        if process.is_ended {
            super::exit::reap(process.pid);
        } else {
            orphans.push(process.pid);
        }
    }
    orphans
}

/// The children of our first thread, to which orphans fall, if this kernel keeps such a list. Reading it costs about
/// as much as any other system call.
fn children_of_first_thread() -> Option<Vec<libc::pid_t>> {
    static LIST: OnceLock<Option<File>> = OnceLock::new();
    let me = std::process::id();
    let open = || File::open(format!("/proc/{me}/task/{me}/children")).ok();
    let list = LIST.get_or_init(open).as_ref()?;
    let mut bytes = [0; 4096];
    let count = list.read_at(&mut bytes, 0).ok()?;
    // A list that does not fit is rare enough for the slow way.
    let text = bytes.get(..count).filter(|it| it.len() < 4096)?;
    let text = std::str::from_utf8(text).ok()?;
    Some(text.split_ascii_whitespace().filter_map(|it| it.parse().ok()).collect())
}

fn all_processes() -> Vec<libc::pid_t> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.parse().ok()).collect()
}

/// The variables of an orphan. One that is about to become another program is waited for, if it does not take long.
fn variables_of(pid: libc::pid_t) -> Option<Vec<u8>> {
    for _ in 0..BETWEEN_PROGRAMS_LOOKS {
        match process_table::variables(pid.cast_unsigned()) {
            Variables::Known(variables) => return Some(variables),
            Variables::Hidden => return None,
            Variables::NotYet => std::thread::sleep(BETWEEN_PROGRAMS_PAUSE),
        }
    }
    None
}

/// All words of a process.
fn words_of(pid: libc::pid_t) -> String {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).replace('\0', " ").trim().to_owned()
}

struct ProcessStat {
    pid: libc::pid_t,
    parent: libc::pid_t,
    group: libc::pid_t,
    is_ended: bool,
}

/// What the table of processes says of one, if the kernel says so, too: where `/proc` is that of another namespace, its
/// numbers are those of other processes. One that changes its group between the two is asked about once more.
fn stat(pid: libc::pid_t) -> Option<ProcessStat> {
    (0..GROUP_LOOKS).find_map(|_| stat_once(pid))
}

fn stat_once(pid: libc::pid_t) -> Option<ProcessStat> {
    let stat = process_table::stat(pid.cast_unsigned())?;
    let mut fields = stat.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let is_here = nix::unistd::getpgid(Some(Pid::from_raw(pid))).ok()?.as_raw() == group;
    is_here.then_some(ProcessStat { pid, parent, group, is_ended: matches!(state, "Z" | "X") })
}
