//! The loop: plan, run, wait, again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rush_exec::{Ask, Control, Interruption, Keys, RunError, RunSummary, ask_unless_stopped};
use rush_plan::{Node, NodeState, Plan};
use rush_system::System;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::course::{Course, Wish};
use super::fresh::Fresh;
use super::lookout::{Changes, Lookout, Meanwhile};
use super::streak::{QUIET, Rerun, Streak};
use super::{
    Ending, FileChange, News, Occasion, Replanned, Reuse, WatchEnd, WatchFailure, WatchFront,
    Watching,
};
use crate::run::{CONTROLS_MAX, Run, RunFailure, run_told};
use crate::services::{Attended, Wanted};
use crate::unread::Unread;

/// How long after a run something that changed counts as changed by it: events come late.
const AFTERMATH: Duration = Duration::from_millis(300);

/// How often it is looked whether all services have ended.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// Why the next run begins.
enum Cause {
    First,
    Asked,
    Changed(Changes),
}

/// What comes after a run, or after waiting.
enum Next {
    Again(Cause),
    Wait,
    End(WatchEnd),
}

/// Where wishes come from beside the keyboard.
struct Wishes {
    signals: mpsc::Receiver<Control>,
    /// Until it was heard.
    unread: Option<Unread>,
}

struct Session<'a> {
    front: RefCell<&'a mut dyn WatchFront>,
    system: Arc<dyn System>,
    lookout: Lookout,
    wishes: Wishes,
    hears_keys: bool,
    reuse: Reuse,
    fresh: Fresh,
    streak: Streak,
    /// What changed while there was no sound plan to say whom it concerns.
    owed: Vec<FileChange>,
    services: Attended,
}

pub(super) async fn watch(
    watching: Watching,
    system: Arc<dyn System>,
    front: &mut dyn WatchFront,
) -> Result<WatchEnd, WatchFailure> {
    let (control, signals) = mpsc::channel(CONTROLS_MAX);
    let forwarding = tokio::spawn(rush_exec::forward_signals(control, |_| {}));
    let lookout = Lookout::open(&watching, Arc::clone(&system))?;
    let services = Attended::new(Arc::clone(&system), watching.root.clone());
    let mut session = Session {
        front: RefCell::new(front),
        services,
        system,
        lookout,
        wishes: Wishes { signals, unread: Some(watching.unread) },
        hears_keys: watching.hears_keys,
        reuse: watching.reuse,
        fresh: Fresh::default(),
        streak: Streak::default(),
        owed: Vec::new(),
    };
    let end = session.go_on().await;
    session.end_services().await;
    forwarding.abort();
    Ok(end)
}

impl Session<'_> {
    async fn go_on(&mut self) -> WatchEnd {
        let mut cause = Cause::First;
        loop {
            let next = match self.replan() {
                Replanned::Hopeless => return WatchEnd::Hopeless,
                Replanned::Broken => {
                    if let Cause::Changed(changes) = cause {
                        self.owed.extend(changes.files);
                    }
                    self.lookout.turn_to_everything();
                    Next::Wait
                }
                Replanned::Plan(plan) => self.carry_out(&plan, cause).await,
            };
            let next = match next {
                Next::Wait => self.wait().await,
                next => next,
            };
            match next {
                Next::Again(why) => cause = why,
                Next::End(end) => return end,
                Next::Wait => cause = Cause::Asked,
            }
        }
    }

    fn replan(&mut self) -> Replanned {
        self.front.get_mut().plan()
    }

    fn tell(&self, news: News<'_>) {
        self.front.borrow_mut().tell(news);
    }

    /// Runs what has to run of a plan.
    async fn carry_out(&mut self, plan: &Arc<Plan>, cause: Cause) -> Next {
        if let Err(error) = self.lookout.turn_to(plan) {
            self.tell(News::Trouble(&error));
        }
        self.fresh.hold_against(plan);
        let owed = std::mem::take(&mut self.owed);
        self.fresh.forget(plan, &self.lookout.concerned(&owed));
        match &cause {
            Cause::First => {}
            Cause::Asked => self.fresh.forget_uncached(plan),
            Cause::Changed(changes) => {
                self.fresh.forget(plan, &changes.nodes);
                if self.reuse == Reuse::Unchanged && self.fresh.covers(plan) {
                    self.tell(News::NothingToRun(&changes.files));
                    return Next::Wait;
                }
            }
        }
        let settled = match self.reuse {
            Reuse::Unchanged => self.fresh.settled(plan),
            Reuse::Nothing => HashMap::new(),
        };
        let occasion = match &cause {
            Cause::First => Occasion::First,
            Cause::Asked => Occasion::Asked,
            Cause::Changed(changes) => Occasion::Changed(&changes.files),
        };
        let run = self.front.get_mut().begin(plan, occasion, settled);
        let Some(run) = run else { return Next::Wait };
        let is_forced = |it: &&Node| run.options.force.applies_to(it.label());
        let forced = plan.nodes().iter().filter(is_forced).map(Node::id).collect();
        self.fresh.forget(plan, &forced);
        self.serve_and_run(plan, run).await
    }

    /// Runs with the services that it needs up; they stay up when it has ended. What its tasks ask is asked first.
    async fn serve_and_run(&mut self, plan: &Arc<Plan>, mut run: Run) -> Next {
        // It is heard here, where more has to end than the run.
        run.unread = Unread::default();
        let confirm = std::mem::replace(&mut run.options.confirm, Ask::AlwaysYes);
        let (settled, signals) = (&run.options.settled, &mut self.wishes.signals);
        if let Err(error) = ask_unless_stopped(plan, &confirm, settled, signals).await {
            let next = match &error {
                RunError::Stopped(Interruption::Interrupted) => Next::End(WatchEnd::Interrupted),
                RunError::Stopped(Interruption::Terminated) => Next::End(WatchEnd::Terminated),
                // Nobody will be there the next time either.
                RunError::NobodyToAsk { .. } => Next::End(WatchEnd::Hopeless),
                _ => Next::Wait,
            };
            self.front.get_mut().ended(plan, Err(error.into()), Ending::Quitting);
            return next;
        }
        let guard = run.options.guard.clone();
        let wanted = Wanted {
            plan,
            variables: &run.options.variables,
            guard: guard.as_ref(),
            stale: &self.fresh.stale(plan),
        };
        let provided = tokio::select! {
            provided = self.services.provide(&wanted) => provided,
            wish = self.wishes.next(None) => {
                let is_terminated = wish == Wish::Signal(Control::Terminate);
                self.front.get_mut().cancelled();
                return Next::End(if is_terminated { WatchEnd::Terminated } else { WatchEnd::Interrupted });
            }
        };
        for status in &provided.started {
            let is_renewed = provided.renewed.contains(&status.node);
            self.tell(News::Service { status, is_renewed });
        }
        run.options.settled.extend(provided.done.iter().map(|it| (*it, NodeState::Succeeded)));
        self.run(plan, run).await
    }

    /// Ends the services that were kept up; a signal meanwhile kills them.
    async fn end_services(&mut self) {
        self.services.stop();
        while !self.services.is_gone() {
            tokio::select! {
                _ = self.wishes.signals.recv() => self.services.stop(),
                () = tokio::time::sleep(LOOK_PAUSE) => {}
                emitted = self.services.output() => {
                    self.front.get_mut().hear_service(&emitted);
                }
            }
        }
    }

    async fn run(&mut self, plan: &Arc<Plan>, run: Run) -> Next {
        let mut keys = if has_terminal_to_itself(plan) { None } else { self.keys() };
        let mut course = Course::begin();
        let outcome = {
            let (control, heard) = mpsc::channel(CONTROLS_MAX);
            let words = (control.clone(), heard);
            let front = &self.front;
            let hear = |heard: crate::run::Heard<'_>| front.borrow_mut().hear(heard);
            let mut running = std::pin::pin!(run_told(run, Arc::clone(&self.system), hear, words));
            loop {
                let told = tokio::select! {
                    outcome = &mut running => break outcome,
                    emitted = self.services.output() => {
                        front.borrow_mut().hear_service(&emitted);
                        continue;
                    }
                    () = self.lookout.rung() => {
                        let changes = look_meanwhile(&mut self.lookout, front);
                        if changes.is_empty() { continue }
                        let files = changes.files.clone();
                        let rerun = course.take_in(changes, &self.streak, &self.lookout);
                        if course.is_stopping { continue }
                        front.borrow_mut().tell(News::Overtaken { files: &files, rerun });
                        if rerun != Rerun::AtOnce { continue }
                        Control::Interrupt
                    }
                    () = course.quiet() => course.stop_quiet(),
                    next = self.wishes.next(keys.as_mut()) => {
                        let Some(control) = course.wish(next) else { continue };
                        front.borrow_mut().tell(News::Stopping(control));
                        control
                    }
                };
                course.is_stopping = true;
                // A run that has so many words waiting was told to stop.
                let _ = control.try_send(told);
            }
        };
        drop(keys);
        self.note(plan, &outcome);
        self.front.get_mut().ended(plan, outcome, course.ending());
        match course.wish {
            Some(Wish::Signal(Control::Terminate)) => Next::End(WatchEnd::Terminated),
            Some(Wish::Quit | Wish::Signal(_)) => Next::End(WatchEnd::Interrupted),
            Some(Wish::Again) => Next::Again(Cause::Asked),
            None => self.after(plan, course).await,
        }
    }

    /// Takes in what a run came to.
    fn note(&mut self, plan: &Plan, outcome: &Result<RunSummary, RunFailure>) {
        if let Ok(summary) = outcome {
            self.fresh.note(plan, summary);
        }
        self.lookout.add_found(plan);
    }

    /// What is to be done after a run: what changed meanwhile is due, unless that never ends.
    async fn after(&mut self, plan: &Plan, course: Course) -> Next {
        let is_a_persons = course.is_stopped_quiet && self.streak.is_a_persons(course.quiet);
        let mut changes = course.changes;
        let deadline = Instant::now() + AFTERMATH;
        let is_overtaken = !changes.is_empty();
        while !is_overtaken && tokio::time::timeout_at(deadline, self.lookout.rung()).await.is_ok()
        {
            changes.extend(look_meanwhile(&mut self.lookout, &self.front));
        }
        // A run may have succeeded with what is outdated now.
        self.fresh.forget(plan, &changes.nodes);
        let rerun = if is_a_persons {
            self.streak.end();
            Rerun::AtOnce
        } else {
            let places = self.lookout.places(&changes.files);
            self.streak.note(places.iter().map(String::as_str), course.quiet)
        };
        match rerun {
            // What was stopped here is begun again.
            Rerun::Never if !course.is_stopping => {
                let restless = self.streak.end();
                self.tell(News::Restless(&restless));
                Next::Wait
            }
            _ if changes.is_empty() => Next::Wait,
            Rerun::WhenQuiet if !course.is_stopped_quiet => self.settle(changes).await,
            _ => Next::Again(Cause::Changed(changes)),
        }
    }

    /// Waits until something is to be done.
    async fn wait(&mut self) -> Next {
        let mut keys = self.keys();
        self.tell(News::Idle { files: self.lookout.count(), hears_keys: keys.is_some() });
        self.next(&mut keys).await
    }

    /// Waits until it has been quiet, as long as nothing else is to be done. Who changes something while nothing runs is
    /// no task.
    async fn settle(&mut self, mut changes: Changes) -> Next {
        let mut keys = self.keys();
        self.tell(News::Settling(&changes.files));
        let Ok(next) = tokio::time::timeout(QUIET, self.next(&mut keys)).await else {
            return Next::Again(Cause::Changed(changes));
        };
        self.streak.end();
        if let Next::Again(Cause::Changed(later)) = next {
            changes.extend(later);
            return Next::Again(Cause::Changed(changes));
        }
        next
    }

    /// What is to be done next while nothing runs.
    async fn next(&mut self, keys: &mut Option<Keys>) -> Next {
        loop {
            tokio::select! {
                () = self.lookout.rung() => match self.lookout.changes(Meanwhile::Nothing) {
                    Ok(changes) if changes.is_empty() => {}
                    Ok(changes) => return Next::Again(Cause::Changed(changes)),
                    Err(error) => self.tell(News::Trouble(&error)),
                },
                emitted = self.services.output() => {
                    self.front.borrow_mut().hear_service(&emitted);
                }
                wish = self.wishes.next(keys.as_mut()) => {
                    return match wish {
                        Wish::Again => Next::Again(Cause::Asked),
                        Wish::Signal(Control::Terminate) => Next::End(WatchEnd::Terminated),
                        Wish::Quit | Wish::Signal(_) => Next::End(WatchEnd::Quit),
                    };
                }
            }
        }
    }

    /// A keyboard that can't be listened to is as none.
    fn keys(&self) -> Option<Keys> {
        if self.hears_keys { Keys::open().ok().flatten() } else { None }
    }
}

impl Wishes {
    /// Waits until a person or the system wants something. Where nobody reads, somebody wants it to end.
    async fn next(&mut self, mut keys: Option<&mut Keys>) -> Wish {
        loop {
            let unread = async {
                match &self.unread {
                    Some(unread) => unread.told().await,
                    None => std::future::pending().await,
                }
            };
            let key = async {
                match keys.as_mut() {
                    Some(keys) => keys.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(control) = self.signals.recv() => return Wish::Signal(control),
                () = unread => {
                    self.unread = None;
                    return Wish::Signal(Control::Terminate);
                }
                key = key => match key {
                    b'r' | b'R' => return Wish::Again,
                    b'q' | b'Q' => return Wish::Quit,
                    _ => {}
                },
            }
        }
    }
}

/// What changed while a run goes on; nothing if that can't be told, which is.
fn look_meanwhile(lookout: &mut Lookout, front: &RefCell<&mut dyn WatchFront>) -> Changes {
    lookout.changes(Meanwhile::ARun).unwrap_or_else(|error| {
        front.borrow_mut().tell(News::Trouble(&error));
        Changes::default()
    })
}

/// Whether a plan asks a person something, or hands the terminal on.
fn has_terminal_to_itself(plan: &Plan) -> bool {
    plan.nodes()
        .iter()
        .any(|node| node.as_task().is_some_and(|task| task.interactive || task.confirm.is_some()))
}
