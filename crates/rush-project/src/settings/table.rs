//! The table of settings: what each is called, takes, means, and how its value is read and written.
//!
//! A setting is one row here and one field of [`Values`]. Where a value comes from is not known.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZero;
use std::time::Duration;

use rush_diagnostics::Nearest;
use rush_system::System;

use super::amount::{age, bytes, show_age, show_bytes};
use super::{Color, Jobserver, LogMode};

/// Something that can be set.
pub struct Setting {
    /// The key in a file of settings.
    pub name: &'static str,
    /// The variable of the environment.
    pub variable: &'static str,
    /// What the setting is for, in one line.
    pub doc: &'static str,
    /// The values it takes, in words.
    pub expects: &'static str,
    /// Takes over a value as it is written; `None` if it is none.
    set: fn(&mut Values, &str) -> Option<()>,
    show: fn(&Values, &dyn System) -> String,
}

/// The values of all settings.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) color: Color,
    pub(super) history: bool,
    pub(super) history_age: Duration,
    pub(super) history_runs: u32,
    /// In bytes.
    pub(super) history_size: u64,
    /// `None` is as many as there are processors, which are counted when somebody wants to know.
    pub(super) jobs: Option<NonZero<u32>>,
    pub(super) jobserver: Jobserver,
    pub(super) keep_going: bool,
    /// `None` leaves it to the tasks and the terminal.
    pub(super) log_mode: Option<LogMode>,
    pub(super) remember: bool,
    pub(super) slots: BTreeMap<String, u64>,
}

impl Default for Values {
    /// What holds where nobody says anything.
    fn default() -> Self {
        Self {
            color: Color::Auto,
            history: true,
            history_age: Duration::from_hours(30 * 24),
            history_runs: 500,
            history_size: 1_000_000_000,
            jobs: None,
            jobserver: Jobserver::Pipe,
            keep_going: false,
            log_mode: None,
            remember: true,
            slots: BTreeMap::new(),
        }
    }
}

impl Values {
    /// How many tasks run at once on a machine.
    pub(super) fn jobs_on(&self, system: &dyn System) -> u32 {
        self.jobs.map_or_else(|| system.host().cpus.max(1), NonZero::get)
    }
}

/// The words for the values of a setting that has few.
type Words<T, const N: usize> = [(&'static str, T); N];

const SWITCH: Words<bool, 2> = [("true", true), ("false", false)];
const COLORS: Words<Color, 3> =
    [("auto", Color::Auto), ("always", Color::Always), ("never", Color::Never)];
const JOBSERVERS: Words<Jobserver, 2> = [("pipe", Jobserver::Pipe), ("fifo", Jobserver::Fifo)];
const LOG_MODES: Words<Option<LogMode>, 4> = [
    ("auto", None),
    ("stream", Some(LogMode::Stream)),
    ("grouped", Some(LogMode::Grouped)),
    ("quiet", Some(LogMode::Quiet)),
];

/// What a setting that is on or off takes.
const TRUE_OR_FALSE: &str = "use `true` or `false`";

impl Setting {
    /// Whether text is coloured.
    pub const COLOR: &'static Self = &Self {
        name: "color",
        variable: "RUSH_COLOR",
        doc: "whether text is coloured",
        expects: "use `auto`, `always` or `never`",
        set: |values, text| put(&mut values.color, of_word(&COLORS, text)),
        show: |values, _| word(&COLORS, values.color),
    };

    /// All settings, by name.
    pub const ALL: [&'static Self; 11] = [
        Self::COLOR,
        &Self {
            name: "history",
            variable: "RUSH_HISTORY",
            doc: "whether runs are remembered, with what they wrote",
            expects: TRUE_OR_FALSE,
            set: |values, text| put(&mut values.history, of_word(&SWITCH, text)),
            show: |values, _| word(&SWITCH, values.history),
        },
        &Self {
            name: "history_age",
            variable: "RUSH_HISTORY_AGE",
            doc: "how old a remembered run may get",
            expects: "use a time such as `12h` or `30d`",
            set: |values, text| put(&mut values.history_age, age(text)),
            show: |values, _| show_age(values.history_age),
        },
        &Self {
            name: "history_runs",
            variable: "RUSH_HISTORY_RUNS",
            doc: "how many runs are remembered",
            expects: "use a whole number from 1 to 1000000",
            set: |values, text| {
                let runs = text.parse().ok().filter(|it| (1..=1_000_000).contains(it));
                put(&mut values.history_runs, runs)
            },
            show: |values, _| values.history_runs.to_string(),
        },
        &Self {
            name: "history_size",
            variable: "RUSH_HISTORY_SIZE",
            doc: "how much room remembered runs may take",
            expects: "use a size such as `500MB` or `1GB`",
            set: |values, text| put(&mut values.history_size, bytes(text)),
            show: |values, _| show_bytes(values.history_size),
        },
        &Self {
            name: "jobs",
            variable: "RUSH_JOBS",
            doc: "how many tasks run at once; the number of processors if unset",
            expects: "use a whole number from 1 to 1024",
            set: |values, text| {
                let jobs = text.parse().ok().filter(|it: &NonZero<u32>| it.get() <= 1024);
                put(&mut values.jobs, jobs.map(Some))
            },
            show: |values, system| values.jobs_on(system).to_string(),
        },
        &Self {
            name: "jobserver",
            variable: "RUSH_JOBSERVER",
            doc: "how make, cargo and the like find the budget that they share with tasks",
            expects: "use `pipe` or `fifo`",
            set: |values, text| put(&mut values.jobserver, of_word(&JOBSERVERS, text)),
            show: |values, _| word(&JOBSERVERS, values.jobserver),
        },
        &Self {
            name: "keep_going",
            variable: "RUSH_KEEP_GOING",
            doc: "whether a run goes on after a failure, as far as it can",
            expects: TRUE_OR_FALSE,
            set: |values, text| put(&mut values.keep_going, of_word(&SWITCH, text)),
            show: |values, _| word(&SWITCH, values.keep_going),
        },
        &Self {
            name: "log_mode",
            variable: "RUSH_LOG_MODE",
            doc: "how the output of tasks is shown",
            expects: "use `auto`, `stream`, `grouped` or `quiet`",
            set: |values, text| put(&mut values.log_mode, of_word(&LOG_MODES, text)),
            show: |values, _| word(&LOG_MODES, values.log_mode),
        },
        &Self {
            name: "remember",
            variable: "RUSH_REMEMBER",
            doc: "whether a workspace that has not changed is not compiled again",
            expects: TRUE_OR_FALSE,
            set: |values, text| put(&mut values.remember, of_word(&SWITCH, text)),
            show: |values, _| word(&SWITCH, values.remember),
        },
        &Self {
            name: "slots",
            variable: "RUSH_SLOTS",
            doc: "how much there is of the slots that tasks take; 1 of those not named",
            expects: "name each with its number, such as `gpu=2 licence=5`, or use `none`",
            set: |values, text| put(&mut values.slots, slots(text)),
            show: |values, _| show_slots(&values.slots),
        },
    ];

    /// The setting of this name.
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|it| it.name == name)
    }

    /// The names of the settings that look most like this one.
    pub fn nearest(name: &str) -> Nearest<'static> {
        rush_diagnostics::nearest(name, Self::ALL.map(|it| it.name))
    }

    /// Takes over a value as it is written in a variable; `None` if it is none.
    pub(super) fn set(&self, values: &mut Values, text: &str) -> Option<()> {
        (self.set)(values, text.trim())
    }

    /// The value as it would be written in a variable.
    pub(super) fn show(&self, values: &Values, system: &dyn System) -> String {
        (self.show)(values, system)
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Setting").field(&self.name).finish()
    }
}

fn put<T>(slot: &mut T, value: Option<T>) -> Option<()> {
    *slot = value?;
    Some(())
}

fn of_word<T: Copy, const N: usize>(words: &Words<T, N>, text: &str) -> Option<T> {
    words.iter().find(|it| it.0 == text).map(|it| it.1)
}

fn word<T: Copy + PartialEq, const N: usize>(words: &Words<T, N>, value: T) -> String {
    words.iter().find(|it| it.1 == value).map_or("", |it| it.0).to_owned()
}

/// Reads `gpu=2 licence=5`.
fn slots(text: &str) -> Option<BTreeMap<String, u64>> {
    if text == "none" {
        return Some(BTreeMap::new());
    }
    let words = text.split([' ', ',']).filter(|it| !it.is_empty());
    let found: BTreeMap<String, u64> = words
        .map(|word| {
            let (name, units) = word.split_once('=')?;
            let units = units.parse().ok().filter(|it| *it > 0)?;
            (!name.is_empty()).then(|| (name.to_owned(), units))
        })
        .collect::<Option<_>>()?;
    (!found.is_empty()).then_some(found)
}

fn show_slots(slots: &BTreeMap<String, u64>) -> String {
    if slots.is_empty() {
        return "none".to_owned();
    }
    let words = slots.iter().map(|(name, units)| format!("{name}={units}"));
    words.collect::<Vec<_>>().join(" ")
}
