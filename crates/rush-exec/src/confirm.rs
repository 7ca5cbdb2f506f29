//! The questions of `confirm`, all asked before anything starts.
//!
//! Who answers may take for ever, so the questions are asked on a thread of their own while words to the run are
//! heard. It does not know how a question is shown.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rush_plan::{Node, NodeId, NodeState, Plan};
use tokio::sync::{mpsc, oneshot};

use crate::error::RunError;
use crate::options::{Answer, Ask, AskPerson, Control};
use crate::place::PlaceError;
use crate::summary::Interruption;

/// One question.
#[derive(Debug)]
pub struct Question {
    /// The task that asks.
    pub label: String,
    /// What it asks.
    pub text: String,
    is_withdrawn: Arc<AtomicBool>,
}

impl Question {
    /// Whether nobody waits for the answer any more.
    pub fn is_withdrawn(&self) -> bool {
        self.is_withdrawn.load(Ordering::Relaxed)
    }
}

/// Withdraws the questions when nobody waits for the answers any more.
struct Withdraw(Arc<AtomicBool>);

impl Drop for Withdraw {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks what the tasks of a plan ask that will run, in the order in which they would. Nodes whose end is known do not.
pub fn ask<S: BuildHasher>(
    plan: &Plan,
    confirm: &Ask,
    settled: &HashMap<NodeId, NodeState, S>,
) -> Result<(), RunError> {
    ask_all(questions(plan, settled, &Arc::default()), confirm)
}

/// The same where a word to the run takes the questions back.
pub async fn ask_unless_stopped<S: BuildHasher>(
    plan: &Plan,
    confirm: &Ask,
    settled: &HashMap<NodeId, NodeState, S>,
    control: &mut mpsc::Receiver<Control>,
) -> Result<(), RunError> {
    let withdraw = Withdraw(Arc::default());
    let questions = questions(plan, settled, &withdraw.0);
    let Ask::Person(person) = confirm else { return ask_all(questions, confirm) };
    if questions.is_empty() {
        return Ok(());
    }
    let person = Arc::clone(person);
    let (teller, mut told) = oneshot::channel();
    let asking = move || {
        // Nobody hears it who took the questions back.
        let _ = teller.send(ask_person(questions, &*person));
    };
    let thread = std::thread::Builder::new().name("rush questions".to_owned()).spawn(asking);
    thread.map_err(|error| cannot_ask(&error))?;
    loop {
        tokio::select! {
            biased;
            told = &mut told => return told.unwrap_or_else(|error| Err(cannot_ask(&error).into())),
            Some(control) = control.recv() => match control {
                Control::Interrupt => return Err(RunError::Stopped(Interruption::Interrupted)),
                Control::Terminate => return Err(RunError::Stopped(Interruption::Terminated)),
                // There is neither a service nor a log yet.
                Control::EndService(_) | Control::LogLost(_) => {}
            },
        }
    }
}

fn ask_all(questions: Vec<Question>, confirm: &Ask) -> Result<(), RunError> {
    match confirm {
        Ask::AlwaysYes => Ok(()),
        Ask::Nobody => ask_person(questions, &|_| Answer::NobodyThere),
        Ask::Person(person) => ask_person(questions, &**person),
    }
}

fn ask_person(questions: Vec<Question>, ask: &AskPerson) -> Result<(), RunError> {
    for question in questions {
        let answer = ask(&question);
        let Question { label, text: question, .. } = question;
        match answer {
            Answer::Yes => {}
            Answer::No => return Err(RunError::Declined { label }),
            Answer::NobodyThere => return Err(RunError::NobodyToAsk { label, question }),
        }
    }
    Ok(())
}

fn questions(
    plan: &Plan,
    settled: &HashMap<NodeId, NodeState, impl BuildHasher>,
    is_withdrawn: &Arc<AtomicBool>,
) -> Vec<Question> {
    let runs = |node: &&Node| !settled.get(&node.id()).is_some_and(NodeState::is_final);
    let question = |node: &Node| {
        let task = node.as_task().filter(|task| task.skip.is_none())?;
        let (label, text) = (node.label().to_owned(), task.confirm.clone()?);
        Some(Question { label, text, is_withdrawn: Arc::clone(is_withdrawn) })
    };
    plan.topological().filter(runs).filter_map(question).collect()
}

fn cannot_ask(error: &dyn std::error::Error) -> PlaceError {
    PlaceError::new(format_args!("what a task asks can't be asked: {error}"))
}
