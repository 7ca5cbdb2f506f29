//! Holes of a command that end up in code: `` `sh -c "echo ${x}"` ``.

use rush_diagnostics::Diagnostic;
use rush_syntax::ast::{ExprId, Part};
use smol_str::SmolStr;
use text_size::TextRange;

use super::{Argv, Piece, Word};
use crate::shell::code::{Code, CodeReader, code_words, file_name, may_read_code};
use crate::shell::{Site, read_as_code};

/// A hole in a word that the program reads as code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeHole {
    /// The expression.
    pub expr: ExprId,
    /// From `$` to `}`.
    pub range: TextRange,
}

/// Whether a command has a hole, and a program that may read it as code.
pub(super) fn may_hold(parts: &[Part], program: Option<&str>) -> bool {
    program.is_some_and(|it| may_read_code(file_name(it)))
        && parts.iter().any(|it| matches!(it, Part::Hole { .. }))
}

/// The holes in code, with who reads it.
pub fn holes(argv: &Argv) -> Option<(Code, Vec<CodeHole>)> {
    let fixed: Vec<Option<SmolStr>> = argv.words.iter().map(fixed_text).collect();
    let fixed: Vec<Option<&str>> = fixed.iter().map(Option::as_deref).collect();
    let program = file_name(fixed.first().copied().flatten()?);
    let code = code_words(program, &fixed)?;
    // Behind a list nobody knows which word is which.
    let is_list = |it: &Word| matches!(it.pieces.as_slice(), [Piece::Spread { .. }]);
    if argv.words.iter().take(code.words.start).any(is_list) {
        return None;
    }
    let words = argv.words.get(code.words.clone()).unwrap_or_default();
    let hole = |piece: &Piece| match *piece {
        Piece::Hole { expr, range } | Piece::Spread { expr, range } => {
            Some(CodeHole { expr, range })
        }
        Piece::Text { .. } => None,
    };
    let holes = words.iter().flat_map(|it| &it.pieces).filter_map(hole).collect();
    Some((code, holes))
}

/// RUSH0306 for one of the holes.
pub fn report(code: &Code, hole: CodeHole, site: &Site<'_>) -> Diagnostic {
    let program = code.program.as_str();
    let help = match (code.reader, program) {
        (_, "ssh" | "su" | "runuser") => {
            "send the value on standard input: `stdin` is a field of the task".to_owned()
        }
        (_, "watch") => "write a script and watch that: the value is in its environment".to_owned(),
        (CodeReader::Interpreter, _) => {
            "give the value as an argument behind the code, which reads it from its arguments"
                .to_owned()
        }
        (CodeReader::Shell | CodeReader::RemoteShell, _) => format!(
            "give the value as an argument behind the code, as in `{program} -c 'echo \"$1\"' {program} \
             ${{x}}`, or make the whole command a script"
        ),
    };
    let source = site.source(hole.range);
    read_as_code((program, code.reader), source, site.span(hole.range)).help(help)
}

/// The text of a word without holes. Of an option with one, what is put in stands for itself: `-p${port}` is no `-p`.
fn fixed_text(word: &Word) -> Option<SmolStr> {
    let is_option =
        matches!(word.pieces.first(), Some(Piece::Text { value, .. }) if value.starts_with('-'));
    let pieces = word.pieces.iter().map(|it| match it {
        Piece::Text { value, .. } => Some(value.as_str()),
        Piece::Hole { .. } | Piece::Spread { .. } => is_option.then_some("\0"),
    });
    pieces.collect::<Option<String>>().map(SmolStr::from)
}
