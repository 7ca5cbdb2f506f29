//! The fixes of findings: one by one, all of one place, all of one code.

use std::cell::RefCell;

use rush_diagnostics::{
    Code, Diagnostic, FileId, ItemId, Locate, ResolvedDiagnostic, ResolvedFix, resolve,
};
use rush_semantics::check::file_diagnostics;
use rush_semantics::db::text_start;
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::names::files;
use rush_semantics::{Db, SourceFile};
use rustc_hash::FxHashMap;
use text_size::{TextRange, TextSize};

use super::trial::Trial;
use super::{ActionKind, Change, Mended, Offer};
use crate::place::{FileEdit, FileRange, Placed};
use crate::syntax::{exprs, line_start, range};

/// The places of a revision, without the concrete database.
struct Places<'a> {
    db: &'a dyn Db,
    /// Where the items of the files are that were asked for.
    known: RefCell<FxHashMap<FileId, FxHashMap<ItemId, TextRange>>>,
}

impl<'a> Places<'a> {
    fn new(db: &'a dyn Db) -> Self {
        Self { db, known: RefCell::default() }
    }

    fn file(&self, id: FileId) -> Option<SourceFile> {
        let prelude = self.db.workspace().prelude(self.db);
        files(self.db).chain([prelude]).find(|it| it.id(self.db) == id)
    }

    fn items(&self, id: FileId) -> FxHashMap<ItemId, TextRange> {
        let placed = self.file(id).into_iter().flat_map(|it| Placed::all(self.db, it));
        let range = |it: Placed| TextRange::at(it.start, TextSize::of(&**it.item.text(self.db)));
        placed.map(|it| (it.item.id(self.db), range(it))).collect()
    }
}

impl Locate for Places<'_> {
    fn item_range(&self, id: &ItemId) -> Option<TextRange> {
        let mut known = self.known.borrow_mut();
        let items = known.entry(id.file()).or_insert_with(|| self.items(id.file()));
        items.get(id).copied()
    }

    fn file_start(&self, id: FileId) -> TextSize {
        self.file(id).map(|it| text_start(it.text(self.db))).unwrap_or_default()
    }
}

/// The fixes of what is wrong at a selection.
pub(super) fn offers(db: &dyn Db, file: SourceFile, selection: TextRange) -> Vec<Offer<'static>> {
    let all = fixable(db, file);
    let mut here: Vec<(TextSize, &ResolvedDiagnostic)> =
        all.iter().filter_map(|it| Some((distance(db, file, it, selection)?, it))).collect();
    here.sort_by_key(|(distance, _)| *distance);
    let here: Vec<&ResolvedDiagnostic> = here.into_iter().map(|(_, it)| it).collect();
    let mut found = Vec::new();
    for finding in &here {
        for (at, fix) in finding.fixes.iter().enumerate() {
            let start = u32::from(finding.primary.range.start());
            let id = format!("fix:{}:{start}:{at}", finding.code);
            let mut offer = Offer::new(id, &fix.title, ActionKind::QuickFix, edits(fix));
            offer.action.is_preferred = at == 0 && fix.is_automatic;
            offer.action.mends = Some(mended(finding));
            found.push(offer);
        }
    }
    let mut codes: Vec<_> = here.iter().map(|it| it.code).collect();
    codes.dedup();
    for (at, code) in codes.iter().enumerate() {
        if codes.iter().take(at).any(|it| it == code) {
            continue;
        }
        let same: Vec<&ResolvedDiagnostic> = all.iter().filter(|it| it.code == *code).collect();
        let first = |it: &&ResolvedDiagnostic| it.fixes.first().is_some_and(|it| it.is_automatic);
        let automatic: Vec<_> = same.iter().copied().filter(first).collect();
        found.extend(together(&format!("fix-all:{code}"), &automatic, &|count| {
            format!("fix all {count} of `{code}` in this file")
        }));
    }
    found.extend(missing(&here));
    found
}

/// How far a finding is from a selection: nothing where they touch. What lacks something is at hand
/// wherever it is selected, the smaller the nearer.
fn distance(
    db: &dyn Db,
    file: SourceFile,
    finding: &ResolvedDiagnostic,
    selection: TextRange,
) -> Option<TextSize> {
    if finding.primary.range.intersect(selection).is_some() {
        return Some(TextSize::new(0));
    }
    let whole = lacking(db, file, finding)?;
    whole.contains_range(selection).then_some(whole.len())
}

/// The call, record or declaration that lacks something.
fn lacking(db: &dyn Db, file: SourceFile, finding: &ResolvedDiagnostic) -> Option<TextRange> {
    if !matches!(finding.code, Code::MissingField | Code::MissingArgument) {
        return None;
    }
    let added = finding.fixes.first()?.edits.first()?.range;
    let (placed, at) = Placed::at(db, file, finding.primary.range.start())?;
    let (ast, text) = (placed.item.ast(db), placed.item.text(db));
    let both = finding.primary.range.cover(added).checked_sub(placed.start)?;
    let exprs = exprs(ast).map(|(id, _)| ast.expr_range(id));
    let whole = exprs.filter(|it| it.contains_range(both)).min_by_key(|it| it.len());
    let declaration = || range(line_start(text, at.into()), text.trim_end().len());
    Some(whole.unwrap_or_else(declaration) + placed.start)
}

/// Several fixes that are offered at one place, such as all fields that are missing.
fn missing(here: &[&ResolvedDiagnostic]) -> Option<Offer<'static>> {
    here.iter().find_map(|first| missing_with(first, here))
}

fn missing_with(
    first: &ResolvedDiagnostic,
    here: &[&ResolvedDiagnostic],
) -> Option<Offer<'static>> {
    let same: Vec<&ResolvedDiagnostic> = here
        .iter()
        .copied()
        .filter(|it| it.code == first.code && it.primary.range == first.primary.range)
        .collect();
    let adds = same.iter().all(|it| {
        let insert = it.fixes.first();
        insert.is_some_and(|fix| fix.edits.iter().all(|it| it.range.is_empty()))
    });
    let mut offer =
        together("add-missing", &same, &|count| format!("add all {count} that are missing"))?;
    offer.action.kind = ActionKind::QuickFix;
    offer.action.mends = Some(mended(first));
    adds.then_some(offer)
}

/// The first fixes of at least two findings as one.
fn together(
    id: &str,
    findings: &[&ResolvedDiagnostic],
    title: &dyn Fn(usize) -> String,
) -> Option<Offer<'static>> {
    let mut chosen = Chosen::default();
    for finding in findings {
        chosen.add(finding.fixes.first()?);
    }
    (chosen.count > 1)
        .then(|| Offer::new(id, title(chosen.count), ActionKind::FixAll, chosen.edits))
}

/// Leaves out the fixes after which the files would be worse. One copy of the files serves for all of them.
pub(super) fn leave_out_harmful(db: &dyn Db, offers: &mut Vec<Offer<'_>>) {
    let all: Vec<&FileEdit> = offers.iter().filter_map(fix).flat_map(|it| &it.edits).collect();
    if all.is_empty() {
        return;
    }
    let mut trial = Trial::new(db, all);
    offers.retain(|it| !fix(it).is_some_and(|it| trial.is_harmed_by(&it.edits)));
}

/// What an offer changes, if it is a fix.
fn fix<'o>(offer: &'o Offer<'_>) -> Option<&'o Change> {
    let is_fix = match offer.action.kind {
        ActionKind::QuickFix | ActionKind::FixAll => true,
        // It has had its trials.
        ActionKind::FixEverything
        | ActionKind::Extract
        | ActionKind::Inline
        | ActionKind::Rewrite
        | ActionKind::OrganiseImports => false,
    };
    offer.known().filter(|_| is_fix)
}

/// Fixes that were chosen.
#[derive(Default)]
struct Chosen {
    edits: Vec<FileEdit>,
    count: usize,
}

impl Chosen {
    /// Adds a fix unless it touches another one, so that each does what it would do alone.
    fn add(&mut self, fix: &ResolvedFix) {
        let new = edits(fix);
        let touches = |a: &FileEdit, b: &FileEdit| {
            let inserts = a.at.range.is_empty() && b.at.range.is_empty();
            a.at.file == b.at.file && !inserts && a.at.range.intersect(b.at.range).is_some()
        };
        let is_known = new.iter().all(|it| self.edits.contains(it));
        if !is_known && !new.iter().any(|a| self.edits.iter().any(|b| touches(a, b))) {
            self.edits.extend(new);
            self.count += 1;
        }
    }
}

/// The findings of a file that have a fix.
fn fixable(db: &dyn Db, file: SourceFile) -> Vec<ResolvedDiagnostic> {
    let own = file_diagnostics(db, file);
    let graph = workspace_diagnostics(db).iter().filter(|it| it.file() == file.id(db));
    let with_fix = |it: &&Diagnostic| !it.fixes.is_empty();
    let places = Places::new(db);
    own.iter().chain(graph).filter(with_fix).filter_map(|it| resolve(it, &places)).collect()
}

fn edits(fix: &ResolvedFix) -> Vec<FileEdit> {
    let edit = |it: &rush_diagnostics::ResolvedEdit| FileEdit {
        at: FileRange { file: it.file, range: it.range },
        text: it.text.clone(),
    };
    fix.edits.iter().map(edit).collect()
}

fn mended(finding: &ResolvedDiagnostic) -> Mended {
    Mended {
        code: finding.code,
        at: FileRange { file: finding.primary.file, range: finding.primary.range },
        message: finding.message.clone(),
    }
}
