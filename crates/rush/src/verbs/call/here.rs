//! Paths that are typed as the value of a flag: they count from where one stands, as everywhere in a shell,
//! where Tab completes them from as well.

use std::borrow::Cow;

use camino::{Utf8Path, Utf8PathBuf};
use rush_engine::TaskFlag;

use crate::context::Context;

/// Where one stands in a workspace.
pub(super) struct Here {
    start: Utf8PathBuf,
    root: Utf8PathBuf,
}

impl Here {
    /// Where the command was given, in the workspace `root`; nowhere, unless that lies in there.
    pub(super) fn of(ctx: &Context, root: &Utf8Path) -> Option<Self> {
        let start = ctx.system.canonicalize(&ctx.start().ok()?).ok()?;
        start.starts_with(root).then(|| Self { start, root: root.to_owned() })
    }

    /// The value of a flag as the task files would have it: a path begins at the root of the workspace.
    pub(super) fn value<'v>(&self, flag: &TaskFlag, typed: &'v str) -> Cow<'v, str> {
        if !flag.takes_path() || typed.starts_with("//") || typed.is_empty() {
            return Cow::Borrowed(typed);
        }
        match rush_system::seen_from(&self.start.join(typed), &self.root).as_str() {
            "." => Cow::Borrowed("//"),
            seen => Cow::Owned(format!("//{seen}")),
        }
    }
}
