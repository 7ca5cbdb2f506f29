//! One name that nothing has, written several times in one item: one mistake, so one finding.
//!
//! A list of findings is shortened for a reader. An editor marks each place instead, and what mends
//! texts looks at each.

use rush_diagnostics::{Code, Diagnostic, Fix, ItemId, Label};
use rustc_hash::FxHashMap;

/// Joins the findings about one unknown name of one item: the first is kept and shows the places of
/// the others, and what mends it mends them all.
pub fn joined(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut first: FxHashMap<(ItemId, String), usize> = FxHashMap::default();
    let mut kept = Vec::with_capacity(found.len());
    for finding in found {
        let Some(key) = key(&finding) else {
            kept.push(finding);
            continue;
        };
        match first.get(&key).and_then(|at| kept.get_mut(*at)) {
            Some(first) => join(first, finding),
            None => {
                first.insert(key, kept.len());
                kept.push(finding);
            }
        }
    }
    kept
}

/// The item, and what is missing there, without what may have been meant: that depends on the place.
fn key(finding: &Diagnostic) -> Option<(ItemId, String)> {
    if finding.code != Code::UnknownName {
        return None;
    }
    let missing = finding.message.split("; ").next()?;
    Some((finding.primary.span.item.clone(), missing.to_owned()))
}

fn join(first: &mut Diagnostic, again: Diagnostic) {
    let span = again.primary.span;
    if span == first.primary.span {
        return;
    }
    first.secondary.push(Label { span, message: "here again".to_owned() });
    for fix in again.fixes {
        let is_same = |it: &&mut Fix| it.title == fix.title && it.is_automatic == fix.is_automatic;
        match first.fixes.iter_mut().find(is_same) {
            Some(same) => same.edits.extend(fix.edits),
            None => first.fixes.push(fix),
        }
    }
}
