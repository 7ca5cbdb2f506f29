//! For people at a terminal: the problem in one line, the code, why, and what to do.
//!
//! ariadne draws the code frame only. It is given character offsets, since with byte offsets it
//! slices inside characters when a second file has a label; and it never sees the text of very long
//! lines or of control characters, which `excerpt` takes out first.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};

use ariadne::{CharSet, Config, Fmt as _, IndexType, Label, Report, ReportKind};
use text_size::TextRange;

use crate::diagnostic::Severity;
use crate::render::excerpt::{Excerpt, excerpt, printable, shown_range};
use crate::resolve::{ResolvedDiagnostic, ResolvedFix, ResolvedLabel};
use crate::source::{Source, SourceLookup};
use crate::span::FileId;

/// How many places beside the primary one are drawn; the rest is counted.
const PLACES_MAX: usize = 8;

/// Whether the text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// With ANSI escapes.
    Always,
    /// Plain text.
    Never,
}

/// The characters the code frame is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Box-drawing characters.
    Unicode,
    /// For terminals and logs that know no others.
    Ascii,
}

/// How a report for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HumanStyle {
    /// Whether the text is coloured.
    pub color: Color,
    /// The characters of the frame.
    pub lines: Lines,
}

/// Renders findings for people, one block each, in the order given.
///
/// The text ends with a newline unless it is empty. Each file is indexed once a call, so render
/// many findings by one call.
pub fn render_human(
    diagnostics: &[ResolvedDiagnostic],
    sources: &dyn SourceLookup,
    style: HumanStyle,
) -> String {
    let mut frames = Frames { sources, style, whole: BTreeMap::new() };
    let mut out = String::new();
    for (nth, diagnostic) in diagnostics.iter().enumerate() {
        if nth > 0 {
            out.push('\n');
        }
        header(&mut out, diagnostic, style);
        frames.draw(&mut out, diagnostic);
        footer(&mut out, diagnostic, style);
    }
    out
}

fn header(out: &mut String, diagnostic: &ResolvedDiagnostic, style: HumanStyle) {
    let word = format!("{}[{}]:", diagnostic.severity.word(), diagnostic.code);
    let word = paint(word, severity_color(diagnostic.severity), style);
    let _ = writeln!(out, "{word} {}", one_line(&diagnostic.message));
}

fn footer(out: &mut String, diagnostic: &ResolvedDiagnostic, style: HumanStyle) {
    let mut say = |word: &str, text: &str| {
        let word = paint(format!("{word:>6}:"), ariadne::Color::Cyan, style);
        let text = printable(text);
        let _ = writeln!(out, "{word} {}", text.trim_end().replace('\n', "\n        "));
    };
    if let Some(more @ 1..) = diagnostic.secondary.len().checked_sub(PLACES_MAX) {
        say("why", &format!("and {more} more places"));
    }
    for note in &diagnostic.notes {
        say("why", note);
    }
    if let Some(help) = &diagnostic.help {
        say("help", help);
    }
    for fix in &diagnostic.fixes {
        let ResolvedFix { title, edits: _, is_automatic } = fix;
        if diagnostic.help.as_ref() != Some(title) {
            say(if *is_automatic { "fix" } else { "try" }, title);
        }
    }
}

/// A line end in a message would tear the frame apart.
fn one_line(text: &str) -> String {
    printable(text).replace(['\r', '\n'], " ")
}

fn severity_color(severity: Severity) -> ariadne::Color {
    match severity {
        Severity::Error => ariadne::Color::Red,
        Severity::Warning => ariadne::Color::Yellow,
        Severity::Info => ariadne::Color::Blue,
        Severity::Hint => ariadne::Color::Green,
    }
}

fn paint(text: String, color: ariadne::Color, style: HumanStyle) -> String {
    match style.color {
        Color::Always => text.fg(color).to_string(),
        Color::Never => text,
    }
}

/// Draws code frames, and keeps what ariadne needs to know of each file.
struct Frames<'a> {
    sources: &'a dyn SourceLookup,
    style: HumanStyle,
    whole: BTreeMap<FileId, ariadne::Source<Cow<'a, str>>>,
}

/// A label as it is drawn.
struct Drawn<'d> {
    label: &'d ResolvedLabel,
    range: TextRange,
    is_primary: bool,
}

impl<'a> Frames<'a> {
    fn draw(&mut self, out: &mut String, diagnostic: &ResolvedDiagnostic) {
        let drawn = self.drawn(diagnostic);
        let Some(primary) = drawn.iter().find(|it| it.is_primary) else { return };
        let cut = self.cut(&drawn);
        for label in &drawn {
            let (file, sources) = (label.label.file, self.sources);
            let Some(source) = sources.source(file) else { continue };
            if !cut.contains_key(&file) {
                self.whole
                    .entry(file)
                    .or_insert_with(|| ariadne::Source::from(printable(source.text())));
            }
        }
        let page = Page { frames: self, cut };
        let mut headers = Vec::new();
        let mut report = Report::build(ReportKind::Error, page.span(primary))
            .with_config(config(self.style.color, self.style.lines));
        for label in &drawn {
            let color = if label.is_primary {
                severity_color(diagnostic.severity)
            } else {
                ariadne::Color::Blue
            };
            let message = match label.label.message.as_str() {
                "" => "here".to_owned(),
                message => one_line(message),
            };
            report.add_label(Label::new(page.span(label)).with_message(message).with_color(color));
            headers.extend(page.header_of_cut(label));
        }
        let mut bytes = Vec::new();
        if report.finish().write(&page, &mut bytes).is_ok() {
            let mut frame = String::from_utf8_lossy(&bytes).into_owned();
            for (false_place, true_place) in headers {
                frame = frame.replacen(&false_place, &true_place, 1);
            }
            // The first line is ariadne's own header.
            for line in frame.lines().skip(1) {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
    }

    /// The labels in the order that makes one frame per file: the primary's file first, then by
    /// line. Labels without a source can't be drawn.
    fn drawn<'d>(&self, diagnostic: &'d ResolvedDiagnostic) -> Vec<Drawn<'d>> {
        let primary_file = diagnostic.primary.file;
        let primary = std::iter::once((&diagnostic.primary, true));
        let secondary = diagnostic.secondary.iter().take(PLACES_MAX).map(|label| (label, false));
        let mut drawn: Vec<_> = primary
            .chain(secondary)
            .filter_map(|(label, is_primary)| {
                let range = shown_range(self.sources.source(label.file)?, label.range);
                Some(Drawn { label, range, is_primary })
            })
            .collect();
        drawn.sort_by_key(|it| {
            let file = it.label.file;
            (file != primary_file, file, it.range.end(), !it.is_primary)
        });
        drawn
    }

    /// Excerpts of the files whose lines are too long to be drawn whole.
    fn cut(&self, drawn: &[Drawn<'_>]) -> BTreeMap<FileId, Cut<'a>> {
        let mut ranges: BTreeMap<FileId, Vec<TextRange>> = BTreeMap::new();
        for label in drawn {
            ranges.entry(label.label.file).or_default().push(label.range);
        }
        let cut = |(file, ranges): (FileId, Vec<TextRange>)| {
            let excerpt = excerpt(self.sources.source(file)?, &ranges)?;
            let source = ariadne::Source::from(Cow::Owned(excerpt.text().to_owned()));
            Some((file, Cut { excerpt, source }))
        };
        ranges.into_iter().filter_map(cut).collect()
    }
}

struct Cut<'a> {
    excerpt: Excerpt,
    source: ariadne::Source<Cow<'a, str>>,
}

/// The texts one finding is drawn on.
struct Page<'f, 'a> {
    frames: &'f Frames<'a>,
    cut: BTreeMap<FileId, Cut<'a>>,
}

impl<'a> Page<'_, 'a> {
    fn text(&self, file: FileId) -> Option<&ariadne::Source<Cow<'a, str>>> {
        self.cut.get(&file).map(|it| &it.source).or_else(|| self.frames.whole.get(&file))
    }

    fn source(&self, file: FileId) -> Option<&Source> {
        self.frames.sources.source(file)
    }

    /// The characters of the drawn text that a label covers.
    fn span(&self, label: &Drawn<'_>) -> (FileId, std::ops::Range<usize>) {
        let file = label.label.file;
        let range = self.cut.get(&file).map_or(label.range, |it| it.excerpt.map(label.range));
        let Some(text) = self.text(file) else { return (file, 0..0) };
        let start = characters_before(text, range.start().into());
        let end = characters_before(text, range.end().into()).max(start);
        (file, start..end)
    }

    /// What ariadne will print as the place of a label in an excerpt, and the true place.
    fn header_of_cut(&self, label: &Drawn<'_>) -> Option<(String, String)> {
        let file = label.label.file;
        let (_, cut) = self.cut.get_key_value(&file)?;
        let source = self.source(file)?;
        let at = source.position(label.range.start());
        let (_, line, column) = cut.source.get_offset_line(self.span(label).1.start)?;
        let path = printable(source.path());
        let false_place = format!(" {path}:{}:{} ", line + 1, column + 1);
        Some((false_place, format!(" {path}:{}:{} ", at.line, at.column)))
    }
}

impl<'a> ariadne::Cache<FileId> for &Page<'_, 'a> {
    type Storage = Cow<'a, str>;

    fn fetch(&mut self, file: &FileId) -> Result<&ariadne::Source<Self::Storage>, impl fmt::Debug> {
        self.text(*file).ok_or("no source")
    }

    fn display<'i>(&self, file: &'i FileId) -> Option<impl Display + 'i> {
        self.source(*file).map(|source| printable(source.path()).into_owned())
    }
}

fn config(color: Color, lines: Lines) -> Config {
    Config::new()
        .with_index_type(IndexType::Char)
        .with_tab_width(4)
        .with_color(color == Color::Always)
        .with_char_set(match lines {
            Lines::Unicode => CharSet::Unicode,
            Lines::Ascii => CharSet::Ascii,
        })
}

/// Counts characters within one line only, so that the cost does not grow with the file.
fn characters_before(text: &ariadne::Source<Cow<'_, str>>, offset: usize) -> usize {
    let Some((line, _, column)) = text.get_byte_line(offset) else { return text.len() };
    let before = text.get_line_text(line).and_then(|it| it.get(..column));
    line.offset() + before.map_or(line.len(), |it| it.chars().count())
}
