//! A place in memory with a clock of its own: what runs there takes exactly as long as it says, and everything that
//! the scheduler must never do is noticed when it happens.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rush_exec::{
    Control, Emitted, Fetched, Next, Place, PlaceError, Process, ProcessEvent, RunOptions,
    RunSummary, Signal, Start, Usage, run_in,
};
use rush_plan::{AttemptEnd, Command, LogStream, NodeState, PlaceName, Plan, Task};
use rush_system::MemorySystem;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::fixture::argv;

/// The memory of the machine that plans of tests are made for.
const MEMORY_BYTES: u64 = 4 << 30;

/// No run of a test takes as long by its own clock; one that does hangs.
const HANGS_AFTER: Duration = Duration::from_hours(1000);

/// The place.
#[derive(Clone)]
pub struct MemoryPlace(Arc<Mutex<State>>);

struct State {
    jobs: usize,
    slots: BTreeMap<String, u64>,
    running: Vec<(String, Task)>,
    history: Vec<String>,
    /// What must never happen and did.
    broken: Vec<String>,
    begun: Option<Instant>,
}

/// A command in memory.
struct MemoryProcess {
    place: MemoryPlace,
    label: String,
    ends: Instant,
    code: i32,
    output: Option<Vec<u8>>,
    is_deaf: bool,
    signal: Option<i32>,
}

/// What a run at the place came to.
pub struct Remembered {
    pub summary: RunSummary,
    pub events: Vec<Emitted>,
    /// When each command began and how it ended, by the clock of the place.
    pub history: Vec<String>,
    pub broken: Vec<String>,
    pub took: Duration,
}

/// A command that takes some milliseconds and ends with a code; `deaf` commands end only when killed.
pub fn takes(millis: u64, code: i32) -> Command {
    argv(&["takes", &millis.to_string(), &code.to_string()])
}

/// One that does not hear when it is asked to end.
pub fn deaf(millis: u64) -> Command {
    argv(&["deaf", &millis.to_string(), "0"])
}

/// One whose exit code depends on the attempt; each attempt says what it is.
pub fn attempts(codes: &[i32]) -> Command {
    let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
    let mut words = vec!["attempts", "10"];
    words.extend(codes.iter().map(String::as_str));
    argv(&words)
}

/// A task with one such command.
pub fn task_of(run: Command) -> Task {
    Task { run: vec![run], ..Task::default() }
}

/// Runs a plan there; `control` says what is told to the run, and when.
pub fn run_there(plan: Plan, options: RunOptions, control: &[(u64, Control)]) -> Remembered {
    let place = MemoryPlace(Arc::new(Mutex::new(State {
        jobs: options.jobs,
        slots: options.slots.clone(),
        running: Vec::new(),
        history: Vec::new(),
        broken: Vec::new(),
        begun: None,
    })));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        place.state().begun = Some(begun);
        let (sink, mut events) = mpsc::channel(8);
        let (sender, heard) = mpsc::channel(8);
        let world = Arc::new(MemorySystem::new());
        let there = Arc::new(place.clone());
        let running = async {
            let summary = run_in(there, Arc::new(plan), options, world, (sink, heard)).await;
            (summary, begun.elapsed())
        };
        let telling = async {
            for (millis, word) in control {
                tokio::time::sleep_until(begun + Duration::from_millis(*millis)).await;
                // The run may be over by now.
                let _ = sender.send(*word).await;
            }
        };
        let reading = async {
            let mut seen = Vec::new();
            while let Some(event) = events.recv().await {
                seen.push(event);
            }
            seen
        };
        let all = async { tokio::join!(running, reading, telling) };
        let ((summary, took), events, ()) =
            tokio::time::timeout(HANGS_AFTER, all).await.expect("the run comes to an end");
        let mut state = place.state();
        if !state.running.is_empty() {
            let left = format!("left running: {:?}", state.running);
            state.broken.push(left);
        }
        let (history, broken) = (state.history.clone(), state.broken.clone());
        Remembered { summary: summary.unwrap(), events, history, broken, took }
    })
}

impl Remembered {
    /// The final state of a node.
    pub fn state(&self, label: &str) -> &NodeState {
        &self.summary.nodes.iter().find(|it| it.label == label).unwrap().state
    }
}

impl MemoryPlace {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn note(&mut self, what: &str) {
        let millis = self.begun.map_or(0, |it| it.elapsed().as_millis());
        self.history.push(format!("{millis} {what}"));
    }

    fn begin(&mut self, label: &str, task: &Task) {
        self.running.push((label.to_owned(), task.clone()));
        if let Some(rule) = self.broken_rule() {
            let labels: Vec<&String> = self.running.iter().map(|it| &it.0).collect();
            self.broken.push(format!("{rule}: {labels:?}"));
        }
    }

    fn end(&mut self, label: &str) {
        let position = self.running.iter().position(|it| it.0 == label).unwrap();
        self.running.remove(position);
    }

    /// The first rule that what runs now breaks.
    fn broken_rule(&self) -> Option<String> {
        let tasks = || self.running.iter().map(|it| &it.1);
        let jobs = self.jobs as f64;
        if self.running.len() > self.jobs {
            return Some("more than -j".to_owned());
        }
        if tasks().any(|it| it.interactive) && self.running.len() > 1 {
            return Some("the terminal is shared".to_owned());
        }
        if tasks().map(|it| it.resources.cpu.unwrap_or(1.0).min(jobs)).sum::<f64>() > jobs {
            return Some("too many processors".to_owned());
        }
        let memory = tasks().filter_map(|it| it.resources.memory_bytes);
        if memory.map(|it| it.min(MEMORY_BYTES)).sum::<u64>() > MEMORY_BYTES {
            return Some("too much memory".to_owned());
        }
        for task in tasks() {
            for name in task.resources.slots.keys() {
                let size = self.slots.get(name).copied().unwrap_or(1);
                let taken = tasks().filter_map(|it| it.resources.slots.get(name));
                if taken.map(|it| (*it).min(size)).sum::<u64>() > size {
                    return Some(format!("too much of `{name}`"));
                }
            }
            if let Some(limit) = &task.limit {
                let same = tasks()
                    .filter(|it| it.limit.as_ref().is_some_and(|it| it.group == limit.group));
                if same.count() as u64 > limit.max {
                    return Some(format!("too many of `{}`", limit.group));
                }
            }
        }
        None
    }
}

impl Place for MemoryPlace {
    fn name(&self) -> PlaceName {
        PlaceName("memory".to_owned())
    }

    fn prepare(&self, _task: &Task) -> Result<(), PlaceError> {
        Ok(())
    }

    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, PlaceError> {
        let Command::Argv { words } = start.command else {
            return Err(PlaceError::new("there are no scripts in memory"));
        };
        let code = match words[0].as_str() {
            "attempts" => &words[(start.attempt as usize + 1).min(words.len() - 1)],
            _ => &words[2],
        };
        let status = start.situation.iter().find(|it| it.0 == "RUSH_STATUS");
        let status = status.map_or(String::new(), |it| format!(" finally {}", it.1));
        let label = start.node.label().to_owned();
        let mut state = self.state();
        state.note(&format!("+{label}{status}"));
        state.begin(&label, start.task);
        Ok(Box::new(MemoryProcess {
            place: self.clone(),
            ends: Instant::now() + Duration::from_millis(words[1].parse().unwrap()),
            code: code.parse().unwrap(),
            output: Some(format!("{label} {}\n", start.attempt).into_bytes()),
            is_deaf: words[0] == "deaf",
            label,
            signal: None,
        }))
    }

    fn fetch(&self, _task: &Task) -> Result<Fetched, PlaceError> {
        Ok(Fetched::default())
    }
}

impl Process for MemoryProcess {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async {
            if let Some(bytes) = self.output.take() {
                return ProcessEvent::Output(LogStream::Stdout, bytes);
            }
            let end = match self.signal {
                Some(signal) => AttemptEnd::Signaled { signal },
                None => {
                    tokio::time::sleep_until(self.ends).await;
                    AttemptEnd::Exited { code: self.code }
                }
            };
            let mut state = self.place.state();
            let how = match &end {
                AttemptEnd::Signaled { signal } => format!("signal {signal}"),
                _ => self.code.to_string(),
            };
            state.note(&format!("-{} {how}", self.label));
            state.end(&self.label);
            ProcessEvent::Ended(end, Usage::default())
        })
    }

    fn signal(&mut self, signal: Signal) {
        let number = match signal {
            Signal::Interrupt => 2,
            Signal::Kill => 9,
            _ => 15,
        };
        if !self.is_deaf || signal == Signal::Kill {
            self.signal = Some(number);
        }
    }
}
