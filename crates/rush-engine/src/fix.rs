//! `rush check --fix`: applies the fixes that are certain, checks again, and repeats.
//!
//! The new texts are tried as overlays; a file that would have more errors than before, or more that
//! keep it from being read, keeps its old text. Files are written at the end, and only if the disk still holds what was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rush_diagnostics::{
    Area, Diagnostic, FileId, ResolvedDiagnostic, ResolvedEdit, ResolvedFix, TextRange,
};
use rush_project::{Change, Project};
use rush_system::SystemError;

use crate::check::findings;
use crate::report::Report;
use crate::scope::Scope;

/// How often fixes are applied and the result is checked again.
const ROUNDS_MAX: usize = 10;

/// What was mended.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that were written, as people see them.
    pub written: Vec<String>,
    /// How many findings were mended.
    pub fixes: usize,
    /// Files that were left alone after all.
    pub refused: Vec<Refused>,
    /// What is still wrong.
    pub report: Report,
}

/// Why a file that could be mended was left alone.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Somebody else wrote to it.
    #[error("`{path}` changed on the disk while it was being fixed; run the check again")]
    Changed {
        /// The file, as people see it.
        path: String,
    },
    /// It can't be written.
    #[error("`{path}` could not be fixed: {source}")]
    Unwritable {
        /// The file, as people see it.
        path: String,
        /// Why.
        source: SystemError,
    },
}

/// Mends the files in scope and writes them.
#[tracing::instrument(level = "info", skip_all)]
pub fn fix(project: &mut Project, scope: &Scope) -> Fixed {
    let mut session = Session { project, originals: BTreeMap::new(), frozen: BTreeSet::new() };
    let mut fixes = 0;
    let mut diagnostics = findings(session.project);
    for _ in 0..ROUNDS_MAX {
        let chosen = choose(session.project.resolve(&diagnostics), |file| {
            session
                .path(file)
                .is_some_and(|it| scope.contains(&it) && !session.frozen.contains(&it))
        });
        if chosen.is_empty() {
            break;
        }
        let (after, count) = session.round(&diagnostics, chosen);
        fixes += count;
        diagnostics = after;
    }
    let (written, refused) = session.write();
    let report = crate::check::check(project, scope);
    let fixes = if written.is_empty() { 0 } else { fixes };
    Fixed { written, fixes, refused, report }
}

struct Session<'p> {
    project: &'p mut Project,
    /// What was read from the disk, of each file that has another text now.
    originals: BTreeMap<String, Arc<str>>,
    /// Files whose fixes made things worse.
    frozen: BTreeSet<String>,
}

impl Session<'_> {
    fn path(&self, file: FileId) -> Option<String> {
        let db = self.project.db();
        db.file(file).map(|it| it.path(db).to_string())
    }

    fn text(&self, path: &str) -> Arc<str> {
        let db = self.project.db();
        self.project.file(path).map(|it| it.text(db).clone()).unwrap_or_default()
    }

    /// Applies fixes and takes back what made a file worse; returns the findings after that.
    fn round(
        &mut self,
        before: &[Diagnostic],
        chosen: Vec<ResolvedFix>,
    ) -> (Vec<Diagnostic>, usize) {
        let mut count = chosen.len();
        let old = self.apply(chosen);
        let mut after = findings(self.project);
        let worse: Vec<String> = old
            .keys()
            .filter(|path| self.damage_in(&after, path).exceeds(self.damage_in(before, path)))
            .cloned()
            .collect();
        let undone = match (worse.is_empty(), damage(&after).exceeds(damage(before))) {
            (true, false) => Vec::new(),
            (false, _) => worse,
            // Something else became wrong by it, so none of it is trusted.
            (true, true) => old.keys().cloned().collect(),
        };
        if !undone.is_empty() {
            let texts = undone.iter().filter_map(|path| Some((path, old.get(path)?.clone())));
            let changes = texts.map(|(path, text)| self.change(path, text)).collect();
            self.project.apply_changes(changes);
            count = count.saturating_sub(undone.len());
            self.frozen.extend(undone);
            after = findings(self.project);
        }
        (after, count)
    }

    /// Puts the texts with the fixes in place, and returns the texts before.
    fn apply(&mut self, chosen: Vec<ResolvedFix>) -> BTreeMap<String, Arc<str>> {
        let mut by_file = BTreeMap::<FileId, Vec<ResolvedEdit>>::new();
        for edit in chosen.into_iter().flat_map(|it| it.edits) {
            by_file.entry(edit.file).or_default().push(edit);
        }
        let mut old = BTreeMap::new();
        let mut changes = Vec::new();
        for (file, edits) in by_file {
            let Some(path) = self.path(file) else { continue };
            let text = self.text(&path);
            changes.push(self.change(&path, apply_edits(&text, edits).into()));
            self.originals.entry(path.clone()).or_insert_with(|| text.clone());
            old.insert(path, text);
        }
        self.project.apply_changes(changes);
        old
    }

    fn change(&self, path: &str, text: Arc<str>) -> Change {
        Change::overlay(self.project.absolute(path), text)
    }

    fn damage_in(&self, diagnostics: &[Diagnostic], path: &str) -> Damage {
        let file = self.project.file(path).map(|it| it.id(self.project.db()));
        damage(diagnostics.iter().filter(|it| Some(it.file()) == file))
    }

    /// Writes what changed, and makes the project read the disk again.
    fn write(self) -> (Vec<String>, Vec<Refused>) {
        let (mut written, mut refused) = (Vec::new(), Vec::new());
        for (path, original) in &self.originals {
            let text = self.text(path);
            if text == *original {
                continue;
            }
            match self.write_one(path, original, &text) {
                Ok(()) => written.push(self.project.shown(path)),
                Err(why) => refused.push(why),
            }
        }
        let paths = self.originals.keys().map(|it| self.project.absolute(it));
        let changes = paths.map(Change::disk).collect();
        self.project.apply_changes(changes);
        (written, refused)
    }

    fn write_one(&self, path: &str, original: &str, text: &str) -> Result<(), Refused> {
        let shown = self.project.shown(path);
        let (system, path) = (self.project.system(), self.project.absolute(path));
        let refuse = |source| Refused::Unwritable { path: shown.clone(), source };
        if system.read(&path).map_err(refuse)? != original.as_bytes() {
            return Err(Refused::Changed { path: shown });
        }
        system.write(&path, text.as_bytes()).map_err(refuse)
    }
}

/// How bad findings are for a file.
#[derive(Clone, Copy)]
struct Damage {
    errors: usize,
    /// Those that hide others: what can't be parsed, or stops the check.
    blind: usize,
}

impl Damage {
    /// Fewer errors are no gain if they are fewer because less could be read.
    fn exceeds(self, before: Self) -> bool {
        self.errors > before.errors || self.blind > before.blind
    }
}

fn damage<'d>(diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> Damage {
    let mut found = Damage { errors: 0, blind: 0 };
    for diagnostic in diagnostics.into_iter().filter(|it| it.is_error()) {
        found.errors += 1;
        found.blind += usize::from(match diagnostic.code.area() {
            Area::Syntax | Area::Internal => true,
            Area::Names
            | Area::Types
            | Area::Commands
            | Area::Evaluation
            | Area::Graph
            | Area::Checks
            | Area::Secrets
            | Area::Style => false,
        });
    }
    found
}

/// The first certain fix of each finding, as long as it does not touch what an earlier one touches.
fn choose(
    diagnostics: Vec<ResolvedDiagnostic>,
    is_allowed: impl Fn(FileId) -> bool,
) -> Vec<ResolvedFix> {
    let mut taken = BTreeMap::<FileId, Vec<TextRange>>::new();
    let mut chosen = Vec::new();
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fixes.into_iter().find(|it| it.is_automatic) else { continue };
        let is_free = fix.edits.iter().all(|edit| {
            let ranges = taken.get(&edit.file).map(Vec::as_slice).unwrap_or_default();
            is_allowed(edit.file) && !ranges.iter().any(|it| touches(*it, edit.range))
        });
        if is_free && !fix.edits.is_empty() {
            for edit in &fix.edits {
                taken.entry(edit.file).or_default().push(edit.range);
            }
            chosen.push(fix);
        }
    }
    chosen
}

/// Whether applying one edit could change what the other means; two insertions at a place do.
fn touches(a: TextRange, b: TextRange) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}

/// The text with all edits applied. What is inserted gets the line ends of the file.
fn apply_edits(text: &str, mut edits: Vec<ResolvedEdit>) -> String {
    edits.sort_by_key(|it| (it.range.start(), it.range.end()));
    let has_crlf =
        text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = std::ops::Range::<usize>::from(edit.range);
        out.push_str(text.get(at..range.start).unwrap_or_default());
        if has_crlf {
            out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.text);
        }
        at = range.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use rush_diagnostics::Code;
    use rush_system::{MemorySystem, System as _};

    use super::*;

    /// Mends `before` where the disk holds `on_disk` by then, and returns what it holds afterwards.
    fn mended(before: &str, on_disk: &str) -> (String, Fixed) {
        let path = Utf8Path::new("/w/tasks.rush");
        let system = Arc::new(MemorySystem::from_files([(path.as_str(), before)]));
        let mut project = Project::open(system.clone(), Utf8Path::new("/w")).unwrap();
        system.write(path, on_disk.as_bytes()).unwrap();
        let scope = Scope::of_paths(&project, &[]).unwrap();
        let fixed = fix(&mut project, &scope);
        (String::from_utf8(system.read(path).unwrap()).unwrap(), fixed)
    }

    const WRONG: &str = "task a { run: `a` }\ntask b {\n  depends_on: [a]\n  run: `b`\n}\n";

    #[test]
    fn what_is_certain_is_mended() {
        let (text, fixed) = mended(WRONG, WRONG);
        assert_eq!(text, WRONG.replace("depends_on", "needs"));
        assert_eq!((fixed.fixes, fixed.written.len(), fixed.refused.len()), (1, 1, 0));
    }

    #[test]
    fn one_slip_is_mended_by_one_fix() {
        let check = |before: &str, expect: &str| {
            let (text, fixed) = mended(before, before);
            assert_eq!((text.as_str(), fixed.fixes), (expect, 1), "{before}");
        };
        check(
            "task a {\n  run: sh\"\"\"make clean\n      make all\n  \"\"\"\n}\n",
            "task a {\n  run: sh\"\"\"\n    make clean\n    make all\n  \"\"\"\n}\n",
        );
        check(
            "task a {\n  run: sh\"\"\"make clean\n    make all\"\"\"\n  dir: \"web\"\n}\n",
            "task a {\n  run: sh\"\"\"\n    make clean\n    make all\n  \"\"\"\n  dir: \"web\"\n}\n",
        );
        check("```rush\ntask a {\n  run: `a`\n}\n```\n", "task a {\n  run: `a`\n}\n");
        check(
            "task a { run: `a` }\n\n//! What b does,\n//! in full.\ntask b { run: `b` }\n",
            "task a { run: `a` }\n\n/// What b does,\n/// in full.\ntask b { run: `b` }\n",
        );
        check("task a { run: `a` }\n\n//! The end.\n", "task a { run: `a` }\n\n// The end.\n");
        check(
            "task a {\n  run: `a`\n  retry { attempts: 3, on_timeout: false }\n}\n",
            "task a {\n  run: `a`\n  retry { attempts: 3 }\n}\n",
        );
    }

    #[test]
    fn a_file_that_changed_on_the_disk_is_left_alone() {
        let changed = WRONG.replace("task a", "// mine\ntask a");
        let (text, fixed) = mended(WRONG, &changed);
        assert_eq!(text, changed);
        assert!(fixed.written.is_empty() && fixed.fixes == 0);
        assert!(matches!(fixed.refused.as_slice(), [Refused::Changed { .. }]));
    }

    #[test]
    fn no_file_gets_more_errors_than_it_had() {
        // What `times` means is not known; once it is, both tasks are wrong.
        let worse = "let numbers = [1]\nlet times = nubmers\n\
                     task a { timeout: times, run: `a` }\ntask b { timeout: times, run: `b` }\n";
        let (text, fixed) = mended(worse, worse);
        assert_eq!(text, worse);
        assert_eq!((fixed.fixes, fixed.report.counts().errors), (0, 1));
    }

    #[test]
    fn no_file_gets_harder_to_read_than_it_was() {
        let finding = |code| {
            let item = rush_diagnostics::ItemId::new(FileId(0), "task", "t", 0);
            let at = rush_diagnostics::Span::new(item, TextRange::default());
            Diagnostic::new(code, at, String::new())
        };
        let [types, syntax, bug] = [Code::TypeMismatch, Code::ExpectedSyntax, Code::Internal];
        let exceeds = |after: &[Code], before: &[Code]| {
            let [after, before] = [after, before]
                .map(|it| damage(&it.iter().map(|it| finding(*it)).collect::<Vec<_>>()));
            after.exceeds(before)
        };
        assert!(exceeds(&[syntax], &[types, types]) && exceeds(&[bug], &[types]));
        assert!(exceeds(&[types, types], &[types]) && !exceeds(&[types], &[syntax]));
    }

    #[test]
    fn a_declaration_on_one_line_is_still_one_when_it_is_mended() {
        let text = "task x(n: string) { run: `q ${n.upper()} ${n.lower()} | cat` }\n";
        let (mended_text, fixed) = mended(text, text);
        assert!(fixed.report.diagnostics.is_empty(), "{mended_text}");
        assert!(mended_text.starts_with("task x(n: string) { let "), "{mended_text}");
    }

    #[test]
    fn a_let_that_reads_the_environment_becomes_a_param() {
        for (before, after) in [
            ("let cc = env(\"CC\") ?? \"cc\"\n", "param cc: string = env(\"CC\") ?? \"cc\"\n"),
            (
                "/// Where.\nlet home = env(\"HOME\")\n",
                "/// Where.\nparam home: string? = env(\"HOME\")\n",
            ),
            ("let n: int = env(\"N\") ?? 1\n", "param n: int = env(\"N\") ?? 1\n"),
            (
                "let a = env(\"A\") ?? file(\"a\") ?? \"x\"\n",
                "param a: string = env(\"A\") ?? file(\"a\") ?? \"x\"\n",
            ),
        ] {
            let (text, fixed) = mended(before, before);
            assert_eq!(text, after);
            assert_eq!(fixed.report.counts().errors, 0, "{text}");
        }
    }

    #[test]
    fn a_read_that_could_be_meant_otherwise_is_told_what_to_write() {
        for (before, help) in [
            ("let n = env(\"N\") ?? 1\n", "write `param n: int = env(\"N\") ?? 1`"),
            (
                "task t {\n  run: `cc ${env(\"CC-NAME\") ?? \"cc\"}`\n}\n",
                "declare `param cc_name: string = env(\"CC-NAME\") ?? \"cc\"` in this file and use `cc_name` here",
            ),
            (
                "let v = [file(\"etc/VERSION.txt\")]\n",
                "declare `param version: string? = file(\"etc/VERSION.txt\")` in this file and use `version` here",
            ),
            (
                "let cc = [env(\"CC\")]\n",
                "declare `param name: string = env(..) ?? \"..\"` in this file and use `name` here",
            ),
        ] {
            let (text, fixed) = mended(before, before);
            assert_eq!(text, before);
            let found = fixed.report.diagnostics.iter().find(|it| it.code == Code::ReadNotAllowed);
            assert_eq!(found.and_then(|it| it.help.as_deref()), Some(help));
        }
    }

    #[test]
    fn hints_with_a_certain_fix_are_mended_too() {
        let text = "workspace { members: [\"x\"], defaults { timeout: 20m } }\n\
                    task a {\n  timeout: 20m\n  interactive: false\n  run: `a`\n}\n";
        let (mended_text, fixed) = mended(text, text);
        assert_eq!(mended_text, text.replace("  timeout: 20m\n  interactive: false\n", ""));
        assert!(fixed.report.diagnostics.is_empty());
        let profile = format!("{text}profile ci {{ defaults {{ timeout: 1h }} }}\n");
        let (mended_text, _) = mended(&profile, &profile);
        assert_eq!(mended_text, profile.replace("  interactive: false\n", ""));
    }

    fn edit(start: u32, end: u32, text: &str) -> ResolvedEdit {
        let range = TextRange::new(start.into(), end.into());
        ResolvedEdit { file: FileId(1), range, text: text.to_owned() }
    }

    #[test]
    fn edits_are_applied_from_the_front_and_keep_line_ends() {
        let edits = vec![edit(4, 5, "X\n"), edit(0, 1, "A")];
        assert_eq!(apply_edits("ab\r\nc\r\n", edits), "Ab\r\nX\r\n\r\n");
    }

    #[test]
    fn neighbours_that_touch_wait_for_the_next_round() {
        let range = |start: u32, end: u32| TextRange::new(start.into(), end.into());
        assert!(touches(range(0, 2), range(2, 3)) && touches(range(2, 2), range(2, 2)));
        assert!(!touches(range(0, 2), range(3, 4)));
    }
}
