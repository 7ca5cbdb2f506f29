//! Makes the fixes that are certain, looks again, and repeats: what `rush check --fix` does, and an
//! editor that is asked for all fixes at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Damage, apply_edits, certain_fixes};
use crate::diagnostic::Diagnostic;
use crate::resolve::{ResolvedDiagnostic, ResolvedEdit, ResolvedFix};
use crate::span::FileId;

/// How often fixes are made and the result is checked again.
const ROUNDS_MAX: usize = 10;

/// How often one round tries out which of its fixes do harm; those it can't try are left out.
const TRIALS_MAX: usize = 200;

/// Texts that fixes are tried on.
pub trait Bench {
    /// All that is wrong with the texts as they are.
    fn findings(&mut self) -> Vec<Diagnostic>;

    /// The findings with their places in the texts as they are, sorted by path.
    fn resolve(&self, findings: &[Diagnostic]) -> Vec<ResolvedDiagnostic>;

    /// Whether a file may be changed.
    fn is_in_scope(&self, file: FileId) -> bool;

    /// The text of a file as it is.
    fn text(&self, file: FileId) -> Arc<str>;

    /// Puts texts in the place of those of some files.
    fn put(&mut self, texts: Vec<(FileId, Arc<str>)>);
}

/// What was mended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// How many fixes were made.
    pub count: usize,
    /// Fixes of the last round that were left out, as there would be more wrong after them.
    pub harmful: Vec<ResolvedFix>,
}

/// Makes the certain fixes, and those that show after them; the texts stay as they are then.
pub fn mend(bench: &mut impl Bench) -> Mended {
    let mut mended = Mended::default();
    let mut findings = bench.findings();
    for _ in 0..ROUNDS_MAX {
        let round = round(bench, findings);
        (findings, mended.harmful) = (round.after, round.harmful);
        mended.count += round.count;
        if round.count == 0 {
            break;
        }
    }
    mended
}

/// Makes the certain fixes once.
pub fn mend_once(bench: &mut impl Bench) -> Mended {
    let findings = bench.findings();
    let Round { count, harmful, .. } = round(bench, findings);
    Mended { count, harmful }
}

/// What a round did.
struct Round {
    after: Vec<Diagnostic>,
    count: usize,
    harmful: Vec<ResolvedFix>,
}

/// Makes the certain fixes, but for those that do harm: where all of a group can't be made, each half
/// of it is tried.
fn round(bench: &mut impl Bench, before: Vec<Diagnostic>) -> Round {
    let chosen = certain_fixes(&bench.resolve(&before), |file| bench.is_in_scope(file));
    let files: BTreeSet<FileId> =
        chosen.iter().flat_map(|it| &it.edits).map(|it| it.file).collect();
    let texts: BTreeMap<FileId, Arc<str>> =
        files.into_iter().map(|it| (it, bench.text(it))).collect();
    let (mut made, mut harmful) = (Vec::new(), Vec::new());
    let mut after = before;
    let mut groups = vec![chosen];
    let mut trials = 0;
    while let Some(mut group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        if trials == TRIALS_MAX {
            harmful.append(&mut group);
            continue;
        }
        trials += 1;
        let together: Vec<&ResolvedFix> = made.iter().chain(&group).collect();
        bench.put(with(&texts, &together));
        let found = bench.findings();
        if !is_worse(&found, &after, texts.keys()) {
            after = found;
            made.append(&mut group);
            continue;
        }
        let rest = group.split_off(group.len() / 2);
        if group.is_empty() {
            harmful.extend(rest);
        } else {
            groups.extend([rest, group]);
        }
    }
    bench.put(with(&texts, &made.iter().collect::<Vec<_>>()));
    Round { after, count: made.len(), harmful }
}

/// The texts with these fixes.
fn with(texts: &BTreeMap<FileId, Arc<str>>, fixes: &[&ResolvedFix]) -> Vec<(FileId, Arc<str>)> {
    let mut by_file = BTreeMap::<FileId, Vec<ResolvedEdit>>::new();
    for edit in fixes.iter().flat_map(|it| &it.edits) {
        by_file.entry(edit.file).or_default().push(edit.clone());
    }
    let texts = texts.iter().map(|(file, text)| {
        let edits = by_file.remove(file).unwrap_or_default();
        (*file, apply_edits(text, edits).into())
    });
    texts.collect()
}

/// Whether there is more wrong than before, in all or in one of the files that were changed.
fn is_worse<'a>(
    after: &[Diagnostic],
    before: &[Diagnostic],
    mut files: impl Iterator<Item = &'a FileId>,
) -> bool {
    let damage = |found: &[Diagnostic], file: &FileId| {
        Damage::of(found.iter().filter(|it| it.file() == *file))
    };
    Damage::of(after).exceeds(Damage::of(before))
        || files.any(|it| damage(after, it).exceeds(damage(before, it)))
}
