//! `rush check --fix`: applies the fixes that are certain, checks again, and repeats.
//!
//! The new texts are tried as overlays. A fix after which a file would have more errors than before, or
//! more that keep it from being read, is left out and named; the others are still made. Files are
//! written at the end, and only if the disk still holds what was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use rush_diagnostics::{
    Bench, Diagnostic, FileId, Mended, ResolvedDiagnostic, ResolvedFix, SourceLookup as _, mend,
    mend_once,
};
use rush_project::{Change, Project};
use rush_semantics::kinds::KIND_NAMES;
use rush_syntax::format_touched;
use rush_system::SystemError;

use crate::check::findings;
use crate::report::Report;
use crate::scope::Scope;

/// What was mended.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that were written, as people see them.
    pub written: Vec<String>,
    /// How many findings were mended.
    pub fixes: usize,
    /// Files that were left alone after all.
    pub refused: Vec<Refused>,
    /// Fixes that were left out because they would have done harm.
    pub left_out: Vec<LeftOut>,
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

/// A fix that looked certain, but makes a file worse than it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("left out at `{path}:{line}`: {title}; with it there would be more errors than before")]
pub struct LeftOut {
    /// The file, as people see it.
    pub path: String,
    /// The line its finding is on.
    pub line: usize,
    /// What it does.
    pub title: String,
}

/// Mends the files in scope and writes them.
#[tracing::instrument(level = "info", skip_all)]
pub fn fix(project: &mut Project, scope: &Scope) -> Fixed {
    let mut session = Session { project, scope, originals: BTreeMap::new() };
    let Mended { count, harmful } = mend(&mut session);
    let (written, refused) = session.write();
    let mut report = crate::check::check(project, scope);
    let left_out = demote(&mut report, &harmful);
    let fixes = if written.is_empty() { 0 } else { count };
    Fixed { written, fixes, refused, left_out, report }
}

/// Tries out the certain fixes of a report, and takes those for uncertain that would do harm.
pub fn judge_fixes(project: &mut Project, scope: &Scope, report: &mut Report) {
    if report.counts().fixable == 0 {
        return;
    }
    let mut session = Session { project, scope, originals: BTreeMap::new() };
    let harmful = mend_once(&mut session).harmful;
    session.restore();
    demote(report, &harmful);
}

/// Takes fixes for uncertain, and says which they are.
fn demote(report: &mut Report, harmful: &[ResolvedFix]) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    for diagnostic in &mut report.diagnostics {
        let place = &diagnostic.primary;
        for fix in diagnostic.fixes.iter_mut().filter(|it| harmful.contains(it)) {
            fix.is_automatic = false;
            let Some(source) = report.sources.source(place.file) else { continue };
            left_out.push(LeftOut {
                path: source.path().to_owned(),
                line: source.position(place.range.start()).line as usize,
                title: fix.title.clone(),
            });
        }
    }
    left_out
}

struct Session<'p> {
    project: &'p mut Project,
    scope: &'p Scope,
    /// What was read from the disk, of each file that has another text now.
    originals: BTreeMap<String, Arc<str>>,
}

impl Bench for Session<'_> {
    fn findings(&mut self) -> Vec<Diagnostic> {
        findings(self.project)
    }

    fn resolve(&self, findings: &[Diagnostic]) -> Vec<ResolvedDiagnostic> {
        self.project.resolve(findings)
    }

    fn is_in_scope(&self, file: FileId) -> bool {
        self.path(file).is_some_and(|it| self.scope.contains(&it))
    }

    fn text(&self, file: FileId) -> Arc<str> {
        self.path(file).map(|it| self.text_at(&it)).unwrap_or_default()
    }

    fn put(&mut self, texts: Vec<(FileId, Arc<str>)>) {
        let mut changes = Vec::new();
        for (file, text) in texts {
            let Some(path) = self.path(file) else { continue };
            changes.push(Change::overlay(self.project.absolute(&path), text));
            let original = self.text_at(&path);
            self.originals.entry(path).or_insert(original);
        }
        self.project.apply_changes(changes);
    }
}

impl Session<'_> {
    fn path(&self, file: FileId) -> Option<String> {
        let db = self.project.db();
        db.file(file).map(|it| it.path(db).to_string())
    }

    fn text_at(&self, path: &str) -> Arc<str> {
        let db = self.project.db();
        self.project.file(path).map(|it| it.text(db).clone()).unwrap_or_default()
    }

    /// Writes what changed, and makes the project read the disk again.
    fn write(mut self) -> (Vec<String>, Vec<Refused>) {
        let (mut written, mut refused) = (Vec::new(), Vec::new());
        for (path, original) in &self.originals {
            let text = self.text_at(path);
            if text == *original {
                continue;
            }
            let text = format_touched(original, &text, KIND_NAMES).map_or(text, Arc::from);
            match self.write_one(path, original, &text) {
                Ok(()) => written.push(self.project.shown(path)),
                Err(why) => refused.push(why),
            }
        }
        self.restore();
        (written, refused)
    }

    /// Makes the project read the disk again.
    fn restore(&mut self) {
        let paths = self.originals.keys().map(|it| self.project.absolute(it));
        let changes = paths.map(Change::disk).collect();
        self.project.apply_changes(changes);
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
    fn no_fix_writes_a_field_a_second_time() {
        let text = "task a {\n  cmd: `x`\n  cmds: `y`\n}\n";
        let (mended_text, fixed) = mended(text, text);
        assert_eq!(mended_text, text.replace("cmd:", "run:"));
        let codes: Vec<_> = fixed.report.diagnostics.iter().map(|it| it.code).collect();
        assert_eq!(codes, [Code::UnknownField]);
    }

    #[test]
    fn a_fix_that_does_harm_keeps_no_other_from_being_made() {
        let half = "let numbers = [1]\nlet times = nubmers\n\
                    task a { timeout: times, run: `a` }\ntask b { timeout: times, run: `b` }\n\
                    task e { timeout: times, run: `e` }\ntask f { timeout: times, run: `f` }\n\
                    task c { depends_on: [a], run: `c` }\ntask d { cmd: `d` }\n";
        let (text, fixed) = mended(half, half);
        assert_eq!(text, half.replace("depends_on", "needs").replace("cmd", "run"));
        assert_eq!((fixed.fixes, fixed.report.counts().fixable), (2, 0));
        let told: Vec<String> = fixed.left_out.iter().map(ToString::to_string).collect();
        let [told] = told.as_slice() else { panic!("{told:?}") };
        assert!(
            told.starts_with("left out at `w/tasks.rush:2`: ") && told.contains("numbers"),
            "{told}"
        );
    }

    #[test]
    fn no_fix_is_promised_that_would_do_harm() {
        let check = |text: &str, fixable: usize| {
            let system = Arc::new(MemorySystem::from_files([("/w/tasks.rush", text)]));
            let mut project = Project::open(system, Utf8Path::new("/w")).unwrap();
            let scope = Scope::of_paths(&project, &[]).unwrap();
            let mut report = crate::check::check(&project, &scope);
            let errors = report.counts().errors;
            judge_fixes(&mut project, &scope, &mut report);
            assert_eq!(report.counts().fixable, fixable, "{text}");
            let again = crate::check::check(&project, &scope);
            assert_eq!((again.counts().errors, report.counts().errors), (errors, errors));
            let fixed = fix(&mut project, &scope);
            assert_eq!(fixed.fixes, fixable, "{text}");
        };
        check(WRONG, 1);
        check(
            "let numbers = [1]\nlet times = nubmers\n\
             task a { timeout: times, run: `a` }\ntask b { timeout: times, run: `b` }\n",
            0,
        );
    }

    #[test]
    fn tabs_are_mended_around_scripts() {
        let before = "task a {\n\tdepends_on: [b]\n\trun: sh\"\"\"\n\t\tif x; then\n\t\t\techo 1\n\t\tfi\n\t\"\"\"\n}\ntask b {\n  cmd: `x`\n}\n";
        let after = "task a {\n  needs: [b]\n  run: sh\"\"\"\n    if x; then\n    \techo 1\n    fi\n  \"\"\"\n}\ntask b {\n  run: `x`\n}\n";
        let (text, fixed) = mended(before, before);
        assert_eq!(text, after);
        assert_eq!(fixed.report.diagnostics.len(), 0, "{:?}", fixed.report.diagnostics);
    }

    #[test]
    fn a_declaration_on_one_line_is_still_one_when_it_is_mended() {
        let text = "task x(n: string) { run: `q ${n.upper()} ${n.lower()} | cat` }\n";
        let (mended_text, fixed) = mended(text, text);
        assert!(fixed.report.diagnostics.is_empty(), "{mended_text}");
        assert!(mended_text.starts_with("task x(n: string) {\n  let "), "{mended_text}");
        let formatted = rush_syntax::format(&mended_text, rush_semantics::kinds::KIND_NAMES).text;
        assert_eq!(mended_text, formatted);
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
}
