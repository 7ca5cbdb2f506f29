//! The commands of a task as people read them, kept with a result so that it can be told what became another one.
//!
//! They decide nothing: the key has the parts. Their secrets were masked before they come here, and a long one is
//! not kept at all.

use rush_plan::{Command, Task};

use super::codec::{Reader, Writer};
use super::part::{Difference, PartKind};
use crate::display::command_line;

/// How much is kept of one result.
const BYTES_MAX: usize = 16 * 1024;

/// The texts of commands by the names of their parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandTexts(Vec<(String, String)>);

/// The commands of a task with the names of their parts, those of `finally` last.
pub(super) fn named(task: &Task) -> impl Iterator<Item = (String, &Command)> {
    let run = (1..).zip(&task.run).map(|(at, it)| (format!("run {at}"), it));
    let finally = (1..).zip(&task.finally).map(|(at, it)| (format!("finally {at}"), it));
    run.chain(finally)
}

impl CommandTexts {
    /// The texts of a task's commands, each as `shown` leaves it; without those there is no room for.
    pub(crate) fn of(task: &Task, shown: impl Fn(&str) -> String) -> Self {
        let mut left = BYTES_MAX;
        let texts = named(task).map(|(name, command)| (name, shown(&command_line(command))));
        let fits = |(_, text): &(String, String)| {
            let rest = left.checked_sub(text.len());
            left = rest.unwrap_or(left);
            rest.is_some()
        };
        Self(texts.filter(fits).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.count(self.0.len());
        for (name, text) in &self.0 {
            writer.bytes(name.as_bytes());
            writer.bytes(text.as_bytes());
        }
    }

    /// Reads them; there are none in an entry that an older Rush made.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if reader.0.is_empty() {
            return Some(Self::default());
        }
        reader.list(|reader| Some((reader.text()?, reader.text()?))).map(Self)
    }
}

/// Tells what commands were and are, where that is known.
pub(super) fn tell(differences: &mut [Difference], before: &CommandTexts, now: &CommandTexts) {
    let commands = differences.iter_mut().filter(|it| it.kind == PartKind::Command);
    for difference in commands {
        difference.before = before.get(&difference.name).map(str::to_owned);
        difference.now = now.get(&difference.name).map(str::to_owned);
    }
}
