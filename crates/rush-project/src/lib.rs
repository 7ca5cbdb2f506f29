//! A folder becomes a database: discovery, settings, listings, overlays of open buffers.
//!
//! [`Project::open`] finds the workspace around a directory and loads its files;
//! [`Project::apply_changes`] is the one door through which texts change afterwards. Everything is
//! read through a [`System`](rush_system::System), so a project can live in memory. What the texts
//! mean is not known here: that is asked of the database.

mod ahead;
mod change;
mod discover;
mod error;
mod listing;
mod machine;
mod members;
mod project;
mod report;
mod settings;
mod text;
mod watch;

pub use change::{Applied, Change, Content};
pub use error::{ProjectError, Stop};
pub use listing::{FolderEntry, Folders, FoundFiles};
pub use machine::machine_facts;
pub use project::Project;
pub use report::not_utf8;
pub use settings::{
    Color, History, Jobserver, Layer, LogMode, Origin, Setting, Settings, SettingsError,
    load_settings, parse_age, parse_bytes,
};
pub use watch::{Changed, Watch, WatchError, WatchMode};

#[cfg(test)]
mod tests;
