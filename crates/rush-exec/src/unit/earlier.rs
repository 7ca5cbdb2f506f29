//! The part of a unit that deals with earlier results: looking before the first attempt, recording after success.
//!
//! Both may read and write many files, so they happen on a thread for such work. It does not know what decides
//! whether a result holds; see [`crate::results`].

use std::sync::Arc;

use rush_plan::{Node, NodeState};

use super::{Finish, Report, Stop, Unit};
use crate::cache::CommandTexts;
use crate::results::{Begun, Claim, Earlier, Hit, Patience, Recorded, Success};

/// How a unit begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// With its first attempt.
    Running,
    /// With a look for an earlier result.
    Looking,
}

/// What became of the look.
pub(super) enum Looked {
    /// The node has ended.
    Ended(Box<Finish>),
    /// It has to run.
    Runs(Option<Box<dyn Claim>>),
}

/// Tells the thread that looks to give up when the unit is dropped.
struct GiveUp(Arc<Patience>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Unit {
    /// Looks for an earlier result until there is one or room to make it. Whoever waits for services has nothing that
    /// others may wait for, so the look is made again when they are up.
    pub(super) async fn claim(&mut self) -> Looked {
        loop {
            let claim = match self.look().await {
                Looked::Ended(finish) => return Looked::Ended(finish),
                Looked::Runs(claim) => claim,
            };
            self.tell(1, Report::Begins).await;
            let mut claim = Some(claim);
            let is_let_in = tokio::select! {
                biased;
                () = self.line.sent_back() => {
                    claim = None;
                    self.is_let_in().await
                }
                is_let_in = self.is_let_in() => is_let_in,
            };
            if !is_let_in {
                let finish = Finish::without_attempt(NodeState::Cancelled);
                return Looked::Ended(Box::new(finish));
            }
            if let Some(claim) = claim {
                return Looked::Runs(claim);
            }
        }
    }

    /// Looks for an earlier result; a hit ends the node.
    async fn look(&mut self) -> Looked {
        let Some(results) = self.shared.results.clone() else { return Looked::Runs(None) };
        let position = self.position;
        let (patience, mut waits) = Patience::new();
        let give_up = GiveUp(Arc::new(patience));
        let patience = Arc::clone(&give_up.0);
        let mut looking = tokio::task::spawn_blocking(move || results.look(position, &patience));
        let earlier = loop {
            tokio::select! {
                biased;
                earlier = &mut looking => break earlier,
                () = self.line.stopped(Some(Stop::Interrupt)) => {
                    give_up.0.end();
                    break looking.await;
                }
                Ok(()) = waits.changed() => {
                    let wait = *waits.borrow_and_update();
                    self.tell(0, Report::Waits(wait)).await;
                }
            }
        };
        match earlier {
            Ok(Earlier::Hit(hit)) => Looked::Ended(Box::new(self.use_hit(hit).await)),
            Ok(Earlier::Miss { claim, notes }) => {
                self.add_notes(notes);
                match self.stop_level() {
                    Stop::No => Looked::Runs(claim),
                    _ => Looked::Ended(Box::new(Finish::without_attempt(NodeState::Cancelled))),
                }
            }
            Ok(Earlier::Stopped { notes }) => {
                self.add_notes(notes);
                Looked::Ended(Box::new(Finish::without_attempt(NodeState::Cancelled)))
            }
            Err(error) => {
                // An error in Rush costs the memory of this node, not the node.
                self.add_notes(vec![format!("no earlier result could be looked for: {error}")]);
                Looked::Runs(None)
            }
        }
    }

    /// What a look has to say is said once, however often it is made, and whatever becomes of the node.
    fn add_notes(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// The end of a node without an attempt, with what there was to say before.
    pub(super) fn end_without_attempt(&mut self, mut finish: Finish) -> Finish {
        self.add_notes(std::mem::take(&mut finish.warnings));
        Finish { warnings: std::mem::take(&mut self.notes), ..finish }
    }

    /// The first attempt is about to begin: notes what is there.
    pub(super) async fn use_claim(&mut self, claim: Option<Box<dyn Claim>>) {
        let Some(claim) = claim else { return };
        match tokio::task::spawn_blocking(move || claim.begin()).await {
            Ok(Begun { pending, notes }) => {
                self.pending = Some(pending);
                self.notes.extend(notes);
            }
            // An error in Rush costs the memory of this node, not the node.
            Err(error) => self.notes.push(format!("its result is not remembered: {error}")),
        }
    }

    async fn use_hit(&mut self, hit: Hit) -> Finish {
        let Hit { log, mut notes } = hit;
        if let Some(mut log) = log {
            loop {
                match log.next() {
                    Ok(Some((stream, bytes))) => {
                        self.tell(0, Report::Output { stream, bytes }).await;
                    }
                    Ok(None) => break,
                    Err(error) => {
                        notes.push(format!("its log could not be read to the end: {error}"));
                        break;
                    }
                }
            }
        }
        Finish { warnings: notes, ..Finish::without_attempt(NodeState::Cached) }
    }

    /// Ends the last result, where an attempt does that.
    pub(super) async fn spend(&self) -> Result<(), String> {
        let Some(results) = self.shared.results.clone() else { return Ok(()) };
        let position = self.position;
        if !results.is_stamped(position) {
            return Ok(());
        }
        let spent = tokio::task::spawn_blocking(move || results.spend(position)).await;
        spent.map_err(|it| it.to_string()).and_then(|it| it.map_err(|it| it.to_string())).map_err(
            |problem| {
                format!(
                    "its last result does not hold once it runs, and that can't be noted: {problem}"
                )
            },
        )
    }

    /// Keeps the result of a node that succeeded.
    pub(super) async fn record(&mut self, finish: &mut Finish) {
        finish.warnings.append(&mut self.notes);
        let Some(pending) = self.pending.take() else { return };
        if finish.state != NodeState::Succeeded {
            // An error in there costs the note, not the node.
            let _ = tokio::task::spawn_blocking(move || pending.leave()).await;
            return;
        }
        let secrets = &self.shared.secrets;
        let task = self.shared.plan.nodes().get(self.position).and_then(Node::as_task);
        let texts = |task| CommandTexts::of(task, |text| secrets.sentence(text));
        let success = Success {
            duration: self.started.elapsed(),
            usage: finish.usage,
            commands: task.map(texts).unwrap_or_default(),
        };
        match tokio::task::spawn_blocking(move || pending.record(success)).await {
            Ok(Recorded { notes, unlike_before, refused }) => {
                finish.warnings.extend(notes);
                finish.unlike_before = unlike_before;
                finish.refused = refused;
            }
            Err(error) => finish.warnings.push(format!("its result was not recorded: {error}")),
        }
    }
}
