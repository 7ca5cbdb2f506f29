//! What the log viewer of GitHub Actions understands: foldable groups, and errors at a line of a file.
//!
//! The form of these commands, with what has to be escaped, is in GitHub's documentation under "Workflow commands".

use rush_plan::{Node, Plan};

/// The line that opens a group.
pub(super) fn open(title: &str) -> String {
    format!("::group::{}\n", data(title))
}

/// The line that closes it.
pub(super) const CLOSE: &str = "::endgroup::\n";

/// How a node failed.
pub(super) struct FailedNode<'a> {
    /// What the node is called.
    pub(super) name: &'a str,
    /// Why.
    pub(super) reason: &'a str,
}

/// An error at the place where the commands of a node were written. `from_root` gives a path of the workspace as seen
/// from the repository.
pub(super) fn error(
    plan: &Plan,
    node: &Node,
    failure: &FailedNode<'_>,
    from_root: impl Fn(&str) -> String,
) -> String {
    let origin = plan.origin();
    let place = origin.field(node.id(), "run").and_then(|at| {
        let file = property(&from_root(origin.path(at.file)?.as_str()));
        Some(format!("file={file},line={},col={},", at.line, at.column))
    });
    let place = place.unwrap_or_default();
    format!("::error {place}title={}::{}\n", property(failure.name), data(failure.reason))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_early_is_escaped() {
        assert_eq!(open("50%\nof it"), "::group::50%25%0Aof it\n");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
