//! Commands and scripts without their quotes: `run: cargo build`, `run: make | tee log`, `run: |`.

use text_size::{TextRange, TextSize};

use super::{Parser, SCRIPT_TAGS};
use crate::error::{SyntaxFix, habits};
use crate::kind::SyntaxKind;
use crate::lex::range;
use crate::parse::text::content_of_foreign;

/// What a word of a command is followed by if a shell is meant.
fn is_shell_sign(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(kind, K::Pipe | K::AndAnd | K::OrOr | K::Less | K::Greater)
}

/// A text as a command, or as a script if it has signs that mean something to a shell only, and what
/// makes it one.
fn as_command(text: &str) -> (String, String) {
    if text.contains(['|', '&', '>', '<', ';']) {
        ("make it a script with `sh`".to_owned(), format!("sh\"\"\"{text}\"\"\""))
    } else {
        (format!("write `{text}` in backticks"), format!("`{text}`"))
    }
}

impl Parser {
    /// `run: cargo build`
    pub(super) fn bare_command(&mut self, head: usize, from: usize, end: usize) -> Option<usize> {
        if !self.takes_command(head, end) {
            return None;
        }
        if self.kind(from, end) != Some(SyntaxKind::Ident) {
            return Some(self.report_command(from, self.line_of_entry(from)));
        }
        let next = self.token(from + 1).filter(|it| from + 1 < end && !it.is_first())?;
        let is_operator = matches!(self.word(from + 1), "and" | "or" | "in" | "then" | "else");
        let gap = next.start > self.range_at(from).end().into();
        let is_option = next.kind == SyntaxKind::Minus
            && self.token(from + 2).is_some_and(|it| it.start == next.end);
        let is_word = next.kind.is_word() && !is_operator || next.kind == SyntaxKind::Number;
        let is_tag = self.word(from) == "argv" || SCRIPT_TAGS.contains(&self.word(from));
        let stop = self.line_of_entry(from);
        let is_shell = self.is_shell_line(from, stop);
        let is_command = is_word || is_option || is_shell;
        if !gap || is_tag || !is_command {
            return None;
        }
        if self.is_choice(from, from + 1) {
            return None;
        }
        Some(self.report_command(from, stop))
    }

    fn report_command(&mut self, from: usize, stop: usize) -> usize {
        let written = self.bytes(from, stop);
        let fix = self.quoted_command(written);
        self.errors.push(habits::bare_command(written, fix));
        stop
    }

    /// A command in backticks, or a script if it has signs that mean something to a shell only.
    fn quoted_command(&self, written: TextRange) -> Option<SyntaxFix> {
        let text = self.slice(written);
        let after = self.text.get(usize::from(written.end())..).unwrap_or_default();
        let rest = after.lines().next().unwrap_or_default().trim();
        if text.contains(['`', '\\', '\n', '$', '"', '*']) || !(rest.is_empty() || rest == "}") {
            return None;
        }
        let (title, quoted) = as_command(text);
        Some(SyntaxFix::automatic(title, vec![(written, quoted)]))
    }

    /// `run: 'make'`: says of texts between the quotes of another language that they are commands.
    pub(super) fn commands_in_quotes(&mut self, head: usize, from: usize, end: usize) {
        if self.early.is_empty() || !self.takes_command(head, end) {
            return;
        }
        let is_list = self.kind(from, end) == Some(SyntaxKind::LeftBracket);
        let stop = if is_list { self.mate(from) } else { from + 1 };
        for at in from..stop.min(end) {
            let place = self.range_at(at);
            let content = match self.kind(at, end) {
                Some(SyntaxKind::Text) => content_of_foreign(self.slice(place)),
                _ => None,
            };
            let Some(content) = content.filter(|it| !it.contains('`')) else { continue };
            let (title, command) = as_command(content);
            let edits = vec![(place, command)];
            // A `\` and a `$` may have been meant for the shell.
            let fix = if content.contains(['\\', '$']) {
                SyntaxFix::offered(title, edits)
            } else {
                SyntaxFix::automatic(title, edits)
            };
            if let Some(said) = self.early.iter_mut().find(|it| it.range == place) {
                *said = habits::command_in_quotes(place, fix);
            }
        }
    }

    /// Whether a line has signs of a shell, and is no expression: it has a `|`, or two words side by
    /// side.
    fn is_shell_line(&self, from: usize, stop: usize) -> bool {
        let is_word = |at: usize| {
            self.kind(at, stop).is_some_and(|it| it.is_word() || it == SyntaxKind::Number)
        };
        let has_sign = (from..stop).any(|at| self.kind(at, stop).is_some_and(is_shell_sign));
        let has_pipe = (from..stop).any(|at| self.kind(at, stop) == Some(SyntaxKind::Pipe));
        let are_apart = |at: usize| self.range_at(at).end() < self.range_at(at + 1).start();
        let has_words = (from..stop).any(|at| is_word(at) && is_word(at + 1) && are_apart(at));
        has_pipe || (has_sign && has_words)
    }

    /// Forgets what the lexer and the bracket pass found in a stretch that is not Rush.
    pub(super) fn forget_inside(&mut self, stretch: TextRange) {
        self.early.retain(|it| !stretch.contains_range(it.range));
    }

    /// `run: |` and the lines below it, which are text in YAML.
    pub(super) fn block_of_lines(&mut self, head: usize, from: usize, end: usize) -> Option<usize> {
        let tag = if self.takes_command(head, end) { "sh" } else { "" };
        let mark = self.range_at(from);
        let line_end = self.text.get(usize::from(mark.end())..)?.find('\n')?;
        let first = usize::from(mark.end()) + line_end + 1;
        let rest = self.text.get(usize::from(mark.end())..first)?;
        if !rest.trim_matches(['-', '+', ' ', '\r', '\n']).is_empty() {
            return None;
        }
        let indent = self.line_indent(head);
        let mut stop = first;
        for line in self.text.get(first..)?.split_inclusive('\n') {
            let white = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() && white <= indent {
                break;
            }
            stop += line.len();
        }
        let body = self.text.get(first..stop)?.trim_end();
        if body.is_empty() {
            return None;
        }
        let end = first + body.len();
        let close = format!("\n{}\"\"\"", " ".repeat(indent));
        let fix = (!body.contains("\"\"\"")).then(|| {
            let opened = TextRange::new(mark.start(), TextSize::new(first as u32 - 1));
            let edits = vec![(opened, format!("{tag}\"\"\"")), (range(end, end), close)];
            // What YAML folds into one line stays several lines here.
            let is_certain =
                !tag.is_empty() || self.kind(from, usize::MAX) == Some(SyntaxKind::Pipe);
            let make = if is_certain { SyntaxFix::automatic } else { SyntaxFix::offered };
            make(format!("write `{tag}\"\"\"`"), edits)
        });
        self.forget_inside(range(first, end));
        self.errors.push(habits::block_of_lines(mark, fix));
        Some(self.tokens.partition_point(|it| (it.start as usize) < end))
    }
}
