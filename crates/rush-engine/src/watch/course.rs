//! A run of a watch, and what happens to it from outside.

use std::time::Duration;

use rush_exec::Control;
use tokio::time::Instant;

use super::Ending;
use super::lookout::{Changes, Lookout};
use super::streak::{QUIET, Rerun, Streak, pause_after};

/// What a person or the system wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Again,
    Quit,
    Signal(Control),
}

/// A run that goes on, what changed since it began, and what is wished.
pub(super) struct Course {
    pub(super) changes: Changes,
    pub(super) wish: Option<Wish>,
    pub(super) is_stopping: bool,
    /// When something changed last, or it began.
    quiet_since: Instant,
    /// When it is stopped if nothing changes before.
    due: Option<Instant>,
    /// After how much quiet at most something changed.
    pub(super) quiet: Duration,
    /// Whether it was stopped while it was quiet, so that it was not about to end when something changed.
    pub(super) is_stopped_quiet: bool,
}

impl Course {
    pub(super) fn begin() -> Self {
        Self {
            changes: Changes::default(),
            wish: None,
            is_stopping: false,
            quiet_since: Instant::now(),
            due: None,
            quiet: Duration::ZERO,
            is_stopped_quiet: false,
        }
    }

    /// Takes in what changed, and says what that means for the run.
    pub(super) fn take_in(
        &mut self,
        changes: Changes,
        streak: &Streak,
        lookout: &Lookout,
    ) -> Rerun {
        let now = Instant::now();
        let quiet = now.duration_since(self.quiet_since);
        self.quiet_since = now;
        self.quiet = self.quiet.max(quiet);
        let reruns = changes.files.iter().map(|file| {
            let places = lookout.places(std::slice::from_ref(file));
            streak.rerun(places.iter().map(String::as_str), quiet)
        });
        let rerun = reruns.min().unwrap_or(Rerun::Never);
        self.changes.extend(changes);
        if rerun == Rerun::WhenQuiet || self.due.is_some() {
            // What held it back once is over then, however often something changes until then.
            let pause = if self.due.is_none() { pause_after(quiet) } else { QUIET };
            self.due = self.due.max(Some(now + pause));
        }
        rerun
    }

    /// Waits until it has been quiet for long enough after something changed that ends it then.
    pub(super) async fn quiet(&self) {
        match self.due {
            Some(due) if !self.is_stopping => tokio::time::sleep_until(due).await,
            _ => std::future::pending().await,
        }
    }

    /// Stops it, since it is quiet now.
    pub(super) fn stop_quiet(&mut self) -> Control {
        self.is_stopped_quiet = true;
        Control::Interrupt
    }

    /// Takes in a wish, and says what it means for the run. Who wants to quit does not want it again.
    pub(super) fn wish(&mut self, next: Wish) -> Option<Control> {
        let is_again = next == Wish::Again;
        if !is_again || self.wish.is_none() {
            self.wish = Some(next);
        }
        match next {
            Wish::Again if self.is_stopping => None,
            Wish::Again | Wish::Quit => Some(Control::Interrupt),
            Wish::Signal(control) => Some(control),
        }
    }

    pub(super) const fn ending(&self) -> Ending {
        match self.wish {
            Some(Wish::Quit | Wish::Signal(_)) => Ending::Quitting,
            Some(Wish::Again) => Ending::Overtaken,
            None if self.is_stopping => Ending::Overtaken,
            None => Ending::ByItself,
        }
    }
}
