//! What is heard of a run on its way to the store and to the person.
//!
//! Every event goes to the recorder at once, and to the person when it may: see [`Gate`]. If the store fails, the run
//! goes on without, and nothing is held back any more.

use rush_exec::{Control, Emitted};
use rush_plan::{EventBody, NodeId, NodeState};
use rush_store::{Recorded, Recorder, StoreError};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};

use crate::gate::{Gate, Pace};
use crate::history::{Beginning, Recording};
use crate::run::Heard;

/// The way of the events of one run.
pub(crate) struct Chronicle {
    recorder: Option<Recorder>,
    progress: watch::Receiver<Progress>,
    gate: Gate,
    numbers: Option<Numbers>,
    told: Told,
    /// Where the run hears that the output of a node has no place any more.
    control: mpsc::Sender<Control>,
}

/// How far the recorder has got.
#[derive(Debug, Default)]
struct Progress {
    /// The last committed event.
    committed: Option<u64>,
    /// Why a part of the log is missing.
    lost: Option<String>,
    /// The nodes whose output found no room on the disk, each once.
    unlogged: Vec<NodeId>,
    /// Why nothing more is recorded.
    given_up: Option<String>,
}

/// What the person was told already.
#[derive(Debug, Default)]
struct Told {
    lost: bool,
    given_up: bool,
    /// How many of the nodes whose output found no room.
    unlogged: usize,
    /// There will be nothing more to tell.
    died: bool,
}

impl Chronicle {
    /// Begins to record; `None` if another process took over the run that was to be continued. The run hears through
    /// `control` that what a node says can't be kept.
    pub(crate) fn begin(
        recording: Option<Recording>,
        pace: Pace,
        control: mpsc::Sender<Control>,
    ) -> Result<Option<Self>, StoreError> {
        let (sender, progress) = watch::channel(Progress::default());
        let Some(recording) = recording else {
            let (gate, told) = (Gate::new(None), Told::default());
            return Ok(Some(Self { recorder: None, progress, gate, numbers: None, told, control }));
        };
        let numbers = Numbers::of(&recording.beginning);
        let told = move |recorded| {
            sender.send_modify(|progress| match recorded {
                Recorded::UpTo(seq) => progress.committed = Some(seq),
                Recorded::LogLost { error, nodes } => {
                    progress.lost = Some(words(&error));
                    if matches!(error, StoreError::Full { .. }) {
                        let known = &mut progress.unlogged;
                        nodes.into_iter().for_each(|it| {
                            if !known.contains(&it) {
                                known.push(it);
                            }
                        });
                    }
                }
                Recorded::GivenUp(error) => progress.given_up = Some(words(&error)),
            });
        };
        let Some(recorder) = recording.begin(told)? else { return Ok(None) };
        let (gate, told) = (Gate::new(Some(pace)), Told::default());
        Ok(Some(Self { recorder: Some(recorder), progress, gate, numbers, told, control }))
    }

    /// Waits until there is something to release; for ever where nothing is recorded.
    pub(crate) async fn committed(&mut self) {
        if self.recorder.is_none() || self.told.died {
            std::future::pending::<()>().await;
        }
        if self.progress.changed().await.is_err() {
            self.told.died = true;
        }
    }

    /// Whether more events may come.
    pub(crate) fn has_room(&self) -> bool {
        self.gate.has_room() || self.progress.has_changed().is_err()
    }

    /// Takes in an event.
    pub(crate) fn take(&mut self, mut emitted: Emitted, hear: &mut impl FnMut(Heard<'_>)) {
        if let Some(numbers) = &self.numbers {
            numbers.apply(&mut emitted);
        }
        if let Some(recorder) = &self.recorder {
            recorder.hear(&emitted.event, &emitted.bytes);
        }
        if let Some(emitted) = self.gate.pass(emitted) {
            hear(Heard::Event(&emitted));
        }
    }

    /// Lets go what is committed, or everything once nothing more will be.
    pub(crate) fn release(&mut self, hear: &mut impl FnMut(Heard<'_>)) {
        // The writer holds the other end; if it died without a word, nothing will be committed any more.
        let has_died = self.progress.has_changed().is_err();
        let (committed, lost, given_up) = {
            let progress = self.progress.borrow_and_update();
            for node in progress.unlogged.iter().skip(self.told.unlogged) {
                // A run that has ended does not hear it; one that hears too much now is told with the next commit.
                if self.control.try_send(Control::LogLost(*node)).is_err() {
                    break;
                }
                self.told.unlogged += 1;
            }
            (progress.committed, progress.lost.clone(), progress.given_up.clone())
        };
        if let Some(lost) = lost.filter(|_| !std::mem::replace(&mut self.told.lost, true)) {
            hear(Heard::Warning(&format!("a part of the log is missing: {lost}")));
        }
        let is_over = given_up.is_some() || has_died;
        if let Some(why) = given_up
            && !std::mem::replace(&mut self.told.given_up, true)
        {
            hear(Heard::Warning(&format!("the run is not remembered further: {why}")));
        }
        let up_to = if is_over { Some(u64::MAX) } else { committed };
        if is_over {
            self.gate.open();
        }
        let Some(up_to) = up_to else { return };
        while let Some(emitted) = self.gate.next(up_to) {
            hear(Heard::Event(&emitted));
        }
    }

    /// Waits until everything is committed, and lets all of it go.
    pub(crate) fn finish(mut self, hear: &mut impl FnMut(Heard<'_>)) {
        if let Some(recorder) = self.recorder.take() {
            recorder.finish();
        }
        self.release(hear);
        while let Some(emitted) = self.gate.next(u64::MAX) {
            hear(Heard::Event(&emitted));
        }
    }
}

fn words(error: &StoreError) -> String {
    format!("{error}; {}", error.help())
}

/// How a run that goes on continues the numbers of its first part.
struct Numbers {
    seq: u64,
    ns: u64,
    attempts: FxHashMap<NodeId, u32>,
}

impl Numbers {
    fn of(beginning: &Beginning) -> Option<Self> {
        let Beginning::GoesOn { run, nodes, .. } = beginning else { return None };
        let attempts = nodes.iter().filter(|it| it.attempts > 0);
        let attempts = attempts.map(|it| (it.node, it.attempts)).collect();
        // The clock of the run goes on as if it had never stopped, unless the clock of the day was set back.
        Some(Self { seq: run.next_seq, ns: run.elapsed_ns, attempts })
    }

    fn apply(&self, emitted: &mut Emitted) {
        let event = &mut emitted.event;
        event.seq += self.seq;
        event.monotonic_ns += self.ns;
        let Some(before) = event.node.and_then(|it| self.attempts.get(&it)) else { return };
        event.attempt = event.attempt.map(|it| it + before);
        if let EventBody::NodeChanged(
            NodeState::Running { attempt } | NodeState::BackingOff { attempt, .. },
        ) = &mut event.body
        {
            *attempt += before;
        }
    }
}
