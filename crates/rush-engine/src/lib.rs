//! The use cases of Rush, one function each: check, format, list, describe, graph, explain, plan, run.
//!
//! Each takes an open [`Project`] (or a [`System`](rush_system::System)) and a request, and returns
//! data. Nothing here prints, exits or knows how a flag is spelled: that is the front end's part.

mod check;
mod error;
mod fix;
mod flag;
mod format;
mod label;
mod list;
mod report;
mod scope;

pub use check::check;
pub use error::EngineError;
pub use fix::{Fixed, Refused, fix};
pub use flag::Form;
pub use format::{FormattedFile, format_paths, format_text, unified_diff};
pub use label::{LabelError, find, find_tasks};
pub use list::{ListedParam, ListedTask, Listing, Which, list};
pub use report::Report;
pub use scope::Scope;

pub use rush_project::{
    Color, Layer, LogMode, Origin, Project, ProjectError, Setting, Settings, SettingsError, Value,
    load_settings,
};
