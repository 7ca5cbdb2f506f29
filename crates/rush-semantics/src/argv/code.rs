//! Holes of a command that end up in code: `` `sh -c "echo ${x}"` ``.

use rush_diagnostics::Diagnostic;
use rush_syntax::ast::{ExprId, Part};
use smol_str::SmolStr;
use text_size::TextRange;

use super::{Argv, Piece, Word};
use crate::shell::code::{Code, CodeReader, MAY_BE_OPTIONS, PUT_IN, Remedy, program};
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
    program.is_some_and(|it| self::program(it).is_some())
        && parts.iter().any(|it| matches!(it, Part::Hole { .. }))
}

/// The holes in code, with who reads it.
pub fn holes(argv: &Argv) -> Option<(Code, Vec<CodeHole>)> {
    // Nearly no command reads code, and its words need not be gathered.
    let program = program(&shown(argv.words.first()?))?;
    let shown: Vec<SmolStr> = argv.words.iter().map(shown).collect();
    let shown: Vec<&str> = shown.iter().map(SmolStr::as_str).collect();
    let code = program.code(&shown)?;
    let words = code.words.iter().filter_map(|it| argv.words.get(*it));
    let hole = |piece: &Piece| match *piece {
        Piece::Hole { expr, range } | Piece::Spread { expr, range } => {
            Some(CodeHole { expr, range })
        }
        Piece::Text { .. } => None,
    };
    let holes = words.flat_map(|it| &it.pieces).filter_map(hole).collect();
    Some((code, holes))
}

/// RUSH0306 for one of the holes.
pub fn report(code: &Code, hole: CodeHole, site: &Site<'_>) -> Diagnostic {
    let program = code.program.as_str();
    let source = site.source(hole.range);
    let help = match code.remedy() {
        Remedy::Input => {
            "send the value on standard input: `stdin` is a field of the task".to_owned()
        }
        Remedy::Argument => format!(
            "give the value as an argument behind the code, as in `{program} -c 'echo \"$1\"' {program} ${{x}}`, or \
             make the whole command a script"
        ),
        Remedy::UserArgument => format!(
            "give the value as an argument behind `--`, as in `{program} USER -c 'echo \"$1\"' -- sh ${{x}}`"
        ),
        Remedy::Variable if code.reader == CodeReader::Shell => {
            "put the value in `env`, and let the code read it there, as `\"$NAME\"`".to_owned()
        }
        Remedy::Name | Remedy::Variable => {
            "put the value in `env`, and let the code read it there".to_owned()
        }
        Remedy::HandedOn => format!(
            "write `env NAME=${{x}}` before `{program}`, and let the code read `NAME` from its environment"
        ),
    };
    read_as_code((program, code.reader), source, site.span(hole.range)).help(help)
}

/// The text of a word, with [`PUT_IN`] for each hole.
fn shown(word: &Word) -> SmolStr {
    if let [Piece::Spread { .. }] = word.pieces.as_slice() {
        return SmolStr::new_static(MAY_BE_OPTIONS);
    }
    let mut shown = String::new();
    for piece in &word.pieces {
        shown.push_str(match piece {
            Piece::Text { value, .. } => value,
            Piece::Hole { .. } | Piece::Spread { .. } => PUT_IN,
        });
    }
    shown.into()
}
