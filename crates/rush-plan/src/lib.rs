//! The plan, the request and the run events as validated plain data; globs.
//!
//! The waist of the hourglass: the compiler makes a [`Plan`], the executor carries it out, and this crate is
//! all they share. It does not know the language, starts nothing and reads nothing.
//!
//! Invariants: a [`Plan`] that exists is valid (ids resolve, no circle, no duplicate, every secret declared);
//! every path lies inside the workspace; no value of a secret is anywhere in it; equal plans have equal bytes.

mod command;
mod digest;
pub mod environment;
mod event;
mod fitted;
mod glob;
mod id;
mod named;
mod node;
mod origin;
mod path;
mod place;
mod plan;
mod request;
mod service;
mod state;
mod task;
mod value;

pub use command::{Command, EnvValue, Interpreter, Script, Stdin, TextPart, program_files};
pub use digest::{Digest, Digesting};
pub use event::{
    EventBody, EventLine, LogStream, NoteLevel, RunCounts, RunEvent, RunOutcome, Timestamp,
    UsageRecord,
};
pub use glob::{Certainty, Glob, GlobError, GlobFix, PatternIndex};
pub use id::{NodeId, RunId, WorkspaceId};
pub use named::Named;
pub use node::{Edge, EdgeReason, Node, NodeKind, Work};
pub use origin::{FieldPositions, NodeOrigin, Origin, Position};
pub use path::{PathError, WorkspacePath};
pub use place::{AttemptEnd, PlaceName};
pub use plan::{
    Change, Content, Digests, FORMAT_VERSION, Feature, LoadError, NodeChange, Plan, PlanDiff,
    PlanDraft, PlanError, SecretDeclaration, SecretMount, SecretSource, Summary, WorkspaceSettings,
};
pub use request::{
    Call, CallOrder, Cause, Given, Goal, Host, PlanRequest, ReadKey, ReadValue, Reads,
    RecordedRead, Texts,
};
pub use service::{Probe, Ready, Restart, Service, Stop};
pub use state::{NodeState, SkipReason, WaitingReason};
pub use task::{Backoff, Cache, CacheMode, Limit, LogMode, Resources, Retry, Skip, Task};
pub use value::{Arguments, Value};

/// Whether a field has its default and is left out of the JSON form.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
