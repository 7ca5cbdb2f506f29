//! `rush fmt`: the one look for files, also for those outside of any workspace.
//!
//! Formatting asks no database: a file is a list of items, and each is formatted by itself. Items
//! that can't be read are left byte for byte and reported.

use std::string::FromUtf8Error;

use camino::{Utf8Path, Utf8PathBuf};
use rush_diagnostics::{Code, Diagnostic, FileId, Source, Sources, Span, TextRange, TextSize};
use rush_diagnostics::{ItemId, Locate, resolve_all};
use rush_project::{Project, not_utf8};
use rush_semantics::kinds::KIND_NAMES;
use rush_syntax::{Dialect, parse_item, split};
use rush_system::{FileKind, LeftOut, System, Walk, seen_from};

use crate::error::EngineError;
use crate::report::Report;

/// A file and how it should look.
#[derive(Debug)]
pub struct FormattedFile {
    /// Where it is.
    pub path: Utf8PathBuf,
    /// The path as people see it.
    pub shown: String,
    /// Its text.
    pub original: String,
    /// The text as it should be.
    pub text: String,
    /// What is wrong with the items that were left alone.
    pub report: Report,
}

impl FormattedFile {
    /// Whether formatting changes it.
    pub fn is_changed(&self) -> bool {
        self.original != self.text
    }

    /// Whether an item was left alone.
    pub fn has_broken_items(&self) -> bool {
        !self.report.diagnostics.is_empty()
    }

    /// RUSH0801 at the first line that would change; nothing when the file is fine.
    pub fn difference(&self) -> Report {
        if !self.is_changed() {
            return Report::default();
        }
        let same = self.original.bytes().zip(self.text.bytes()).take_while(|(a, b)| a == b).count();
        let start = self.original.as_bytes().iter().take(same).rposition(|it| *it == b'\n');
        let start = start.map_or(0, |it| it + 1);
        let rest = self.original.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let file = Whole { length: TextSize::of(self.original.as_str()) };
        let range = TextRange::at(TextSize::new(start as u32), TextSize::of(line));
        let finding = Diagnostic::new(
            Code::NotFormatted,
            Span::new(ItemId::new(FileId(0), "", "", 0), range),
            format!("`{}` is not formatted", self.shown),
        )
        .label("the first line that would change")
        .help("run `rush fmt`");
        report(&self.shown, &self.original, &[finding], &file)
    }
}

/// Formats the files of a project, and these files and the task files below these directories.
/// Nothing is written.
pub fn format_paths(
    project: Option<&Project>,
    system: &dyn System,
    paths: &[Utf8PathBuf],
) -> Result<Vec<FormattedFile>, EngineError> {
    let base = system.current_dir().ok();
    let seen = |path: &Utf8Path| match &base {
        Some(base) => seen_from(path, base),
        None => path.to_string(),
    };
    let mut files: Vec<(Utf8PathBuf, String)> = Vec::new();
    if let Some(project) = project {
        files.extend(project.files().map(|(it, _)| (project.absolute(it), project.shown(it))));
    }
    for path in paths {
        if system.is_dir(path) {
            let below = task_files(system, path);
            if below.is_empty() {
                return Err(EngineError::NoTaskFiles { path: seen(path).into() });
            }
            files.extend(below.into_iter().map(|it| (it.clone(), seen(&it))));
        } else {
            files.push((path.clone(), seen(path)));
        }
    }
    files.sort();
    files.dedup();
    files.into_iter().map(|(path, shown)| format_file(system, path, shown)).collect()
}

fn format_file(
    system: &dyn System,
    path: Utf8PathBuf,
    shown: String,
) -> Result<FormattedFile, EngineError> {
    let bytes = system.read(&path).map_err(|error| match system.current_dir() {
        Ok(base) => error.seen_from(&base),
        Err(_) => error,
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(FormattedFile { path, ..format_text(&shown, text) }),
        Err(error) => {
            let report = not_text(&shown, &error);
            let (original, text) = (String::new(), String::new());
            Ok(FormattedFile { path, shown, original, text, report })
        }
    }
}

/// RUSH0011 for bytes that were to be formatted.
pub fn not_text(shown: &str, error: &FromUtf8Error) -> Report {
    let text = String::from_utf8_lossy(error.as_bytes());
    let at = TextSize::new(error.utf8_error().valid_up_to() as u32);
    let range = TextRange::at(at, TextSize::of('\u{fffd}'));
    let finding = not_utf8(Span::new(ItemId::new(FileId(0), "", "", 0), range));
    report(shown, &text, &[finding], &Whole { length: TextSize::of(text.as_ref()) })
}

/// Formats a text that is shown under this path.
pub fn format_text(shown: &str, original: String) -> FormattedFile {
    let formatted = rush_syntax::format(&original, KIND_NAMES);
    let is_whole = formatted.broken_items.is_empty() && formatted.refused_items.is_empty();
    let report = if is_whole {
        Report::default()
    } else {
        left_items(shown, &original, &formatted.refused_items)
    };
    let (path, shown) = (Utf8PathBuf::new(), shown.to_owned());
    FormattedFile { path, shown, original, text: formatted.text, report }
}

/// The difference in the form that `patch` reads; empty when there is none.
pub fn unified_diff(file: &FormattedFile) -> String {
    let diff = similar::TextDiff::from_lines(&file.original, &file.text);
    let (old, new) = (format!("a/{}", file.shown), format!("b/{}", file.shown));
    diff.unified_diff().header(&old, &new).to_string()
}

/// Finds `*.rush` below a directory, leaving out what Git ignores and what begins with a dot.
fn task_files(system: &dyn System, directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(absolute) = system.canonicalize(directory) else { return Vec::new() };
    let root = ignoring_root(system, &absolute);
    let start = absolute.strip_prefix(root).map(|it| it.as_str().replace('\\', "/"));
    let start = start.unwrap_or_default();
    let inside = |path: &'_ str| {
        let rest = path.strip_prefix(start.as_str()).unwrap_or(path);
        rest.trim_start_matches('/').to_owned()
    };
    let is_shown = |path: &str| !inside(path).split('/').any(|it| it.starts_with('.'));
    let walk = Walk { system, root, start: &start, left_out: LeftOut::Ignored };
    let is_task_file = |path: &str| Utf8Path::new(path).extension() == Some("rush");
    let found = walk.files(is_shown);
    // A link may lead anywhere; what it leads to is formatted where it is.
    let is_file = |path: &str| {
        let found = system.symlink_metadata(&root.join(path));
        found.is_ok_and(|it| it.kind == FileKind::File)
    };
    let files = found.iter().filter(|it| is_shown(it) && is_task_file(it) && is_file(it));
    files.map(|it| directory.join(inside(it))).collect()
}

/// The outermost directory whose `.gitignore` speaks of this one: the root of its repository, else of its workspace.
fn ignoring_root<'a>(system: &dyn System, directory: &'a Utf8Path) -> &'a Utf8Path {
    let has = |name: &'static str| move |it: &&Utf8Path| system.exists(&it.join(name));
    let repository = directory.ancestors().find(has(".git"));
    let workspace = || directory.ancestors().filter(has("tasks.rush")).last();
    repository.or_else(workspace).unwrap_or(directory)
}

/// Why items were left: the syntax errors of a text, and RUSH0901 where the formatter is at fault.
fn left_items(shown: &str, text: &str, refused: &[TextRange]) -> Report {
    let at = |range: &TextRange| Span::new(ItemId::new(FileId(0), "", "", 0), *range);
    let mut findings: Vec<Diagnostic> = refused.iter().map(|it| not_the_same(at(it))).collect();
    let whole = ItemId::new(FileId(0), "", "", 0);
    for slice in split(text, KIND_NAMES) {
        let item = text.get(std::ops::Range::<usize>::from(slice.range)).unwrap_or_default();
        for mut error in parse_item(item, Dialect::File).errors {
            error.fix = None;
            error.range += slice.range.start();
            error.secondary.iter_mut().for_each(|it| it.0 += slice.range.start());
            findings.push(error.into_diagnostic(&whole));
        }
    }
    report(shown, text, &findings, &Whole { length: TextSize::of(text) })
}

/// RUSH0901 for an item that would say something else, were it formatted.
fn not_the_same(at: Span) -> Diagnostic {
    let message = "internal error: formatted, this item would not say the same";
    Diagnostic::new(Code::Internal, at, message)
        .note("it was left as it is; the rest of the file was formatted")
        .help("please report it, with the text of the item")
}

fn report(shown: &str, text: &str, findings: &[Diagnostic], whole: &Whole) -> Report {
    let source = (FileId(0), Source::new(shown, text));
    Report { diagnostics: resolve_all(findings, whole), sources: Sources::from_iter([source]) }
}

/// One text taken as one item, so that its places are absolute.
struct Whole {
    length: TextSize,
}

impl Locate for Whole {
    fn item_range(&self, _: &ItemId) -> Option<TextRange> {
        Some(TextRange::up_to(self.length))
    }

    fn file_start(&self, _: FileId) -> TextSize {
        TextSize::default()
    }
}
