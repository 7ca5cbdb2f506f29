//! What a service is made of, as far as that can change while it is up, and what becomes of those who need it then.
//!
//! It is the same for every plan that has the service: a supervisor and a run compare theirs. It does not know which
//! services are up; see [`crate::service`].

use std::io;

use rush_plan::{Digest, Glob, Node, Task};
use rustc_hash::FxHashSet;

use super::inner::Inner;
use super::made::Made;
use super::order::hands_on;
use super::part::PartKind;
use crate::os;
use crate::service::{ServiceBasis, as_task};

impl Inner {
    /// What a service is made of now; everything before it has ended.
    pub(super) fn basis(&self, position: usize) -> io::Result<ServiceBasis> {
        let Some(service) = self.node(position).and_then(Node::as_service) else {
            return Ok(ServiceBasis::default());
        };
        self.learn();
        let mut basis = ServiceBasis::default();
        let parts = self.facts.parts(&as_task(service)).into_iter();
        for program in parts.filter(|it| it.kind == PartKind::Program) {
            // Which one the search path leads to is up to the caller.
            let is_sure = os::is_path(&program.name);
            let parts = if is_sure { &mut basis.sure } else { &mut basis.unsure };
            parts.insert(format!("the program `{}`", program.name), program.digest);
        }
        let inputs = wanted(service.inputs.as_deref().unwrap_or_default());
        for needed in self.makers_for(position) {
            let Some(node) = self.node(needed) else { continue };
            let Some(task) = node.as_task() else { continue };
            let made = self.made_by_now(needed)?;
            let is_sure = self.remembered_task(needed).is_some() || reads(&inputs, task);
            let is_sure = is_sure && !matches!(self.made_so_far(needed), Made::Untold(_));
            let parts = if is_sure { &mut basis.sure } else { &mut basis.unsure };
            parts.insert(format!("what `{node}` made"), made);
        }
        Ok(basis)
    }

    /// What a task made, or another run after it: a service that starts again runs on that.
    fn made_by_now(&self, needed: usize) -> io::Result<Digest> {
        let made = self.made_by(needed)?;
        if !self.neighbours.was_anybody_there() {
            return Ok(made);
        }
        self.files_changed();
        if self.remembered_task(needed).is_some() && !self.is_remade(needed) {
            return Ok(made);
        }
        Ok(self.outputs_digest(needed)?.unwrap_or(made))
    }

    /// The tasks that a node needs and that make anything, also those in groups.
    pub(super) fn makers_for(&self, node: usize) -> Vec<usize> {
        let (mut seen, mut open) = (FxHashSet::default(), vec![node]);
        let mut makers = Vec::new();
        while let Some(position) = open.pop() {
            for needed in self.needed.get(position).into_iter().flatten() {
                let Some(node) = self.node(*needed).filter(|_| seen.insert(*needed)) else {
                    continue;
                };
                let Some(task) = node.as_task() else { continue };
                if hands_on(node) {
                    open.push(*needed);
                } else if self.remembered_task(*needed).is_some() || !task.outputs.is_empty() {
                    makers.push(*needed);
                }
            }
        }
        makers
    }

    /// A service is used of which nobody can tell whether it runs on what is there: no result of those who need it is
    /// remembered.
    pub(super) fn doubt(&self, service: usize) {
        self.set_made(service, Made::Doubtful);
    }
}

impl Inner {
    /// Whether a node needs a service of which nobody can tell whether it runs on what is there.
    pub(super) fn needs_doubtful(&self, position: usize) -> bool {
        self.needed_by(position).iter().any(|it| self.made_so_far(*it) == Made::Doubtful)
    }
}

/// Whether these patterns match anything that a task makes.
fn reads(inputs: &[Glob], task: &Task) -> bool {
    let mut made = wanted(&task.outputs).into_iter();
    made.any(|made| inputs.iter().any(|it| it.intersects(&made)))
}

/// The patterns with all below what they match, without the exclusions.
fn wanted(patterns: &[String]) -> Vec<Glob> {
    let globs = patterns.iter().filter_map(|it| Glob::parse(it).ok());
    globs.filter(|it| !it.is_negated()).map(|it| it.with_contents()).collect()
}
