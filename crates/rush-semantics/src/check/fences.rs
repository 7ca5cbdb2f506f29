//! The fences of Markdown around a file that was copied from a chat or a page: one mistake, so one
//! finding, although an item is found to be broken by each.

use rush_diagnostics::{Code, Diagnostic, Fix};

/// Leaves one finding of all fences of a file, and lets its fix remove them all.
pub fn join(found: &mut Vec<Diagnostic>) {
    let mut fences = found.iter().filter(|it| is_fence(it));
    if fences.next().is_none() || fences.next().is_none() {
        return;
    }
    let all = found.extract_if(.., |it| is_fence(it)).collect::<Vec<_>>();
    let edits = all.iter().flat_map(|it| &it.fixes).flat_map(|it| it.edits.clone()).collect();
    if let Some(mut first) = all.into_iter().next() {
        first.fixes = vec![Fix::automatic("remove the lines", edits)];
        found.insert(0, first);
    }
}

fn is_fence(finding: &Diagnostic) -> bool {
    finding.code == Code::ExpectedSyntax && finding.message == rush_syntax::FENCE
}
