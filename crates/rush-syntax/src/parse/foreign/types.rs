//! Types as other languages write them: `list(string)`, `List<string>`, `string[]`.

use crate::ast::{TypeExpr, TypeId};
use crate::error::habits;
use crate::kind::SyntaxKind;
use crate::parse::Parser;
use crate::token::Token;

/// What other languages call a list.
const LISTS: [&str; 8] = ["list", "List", "array", "Array", "Vec", "vec", "Seq", "Sequence"];

impl Parser {
    /// Whether `name(..)` with these tokens inside is a list of another language.
    pub(in crate::parse) fn is_foreign_list(&self, name: &str, inside: (usize, usize)) -> bool {
        let (from, end) = inside;
        LISTS.contains(&name)
            && matches!(
                self.kind(from, end),
                Some(SyntaxKind::Ident | SyntaxKind::LeftBracket | SyntaxKind::LeftBrace)
            )
    }

    /// What goes on behind a type, `read` from its first token up to where it stopped, in other languages.
    pub(in crate::parse) fn foreign_type_end(
        &mut self,
        read: (usize, usize),
        end: usize,
        target: Option<TypeId>,
    ) -> Option<(TypeId, usize)> {
        let (from, stop) = read;
        let token = self.token(stop).filter(|it| from < stop && stop < end && !it.is_first())?;
        let (inside, after) = match token.kind {
            SyntaxKind::LeftBracket if self.mate(stop) == stop + 1 => ((from, stop), stop + 2),
            SyntaxKind::Less => self.type_arguments(from, stop, end),
            _ => return None,
        };
        let missing = self.new_type(TypeExpr::Missing, self.bytes(from, after));
        if inside.0 < inside.1 {
            let element = self.slice(self.bytes(inside.0, inside.1)).to_owned();
            self.errors.push(habits::foreign_list(self.bytes(from, after), &element));
        } else {
            self.errors.push(habits::type_arguments(self.range_at(stop)));
        }
        if let Some(target) = target {
            self.set_type(target, TypeExpr::Missing);
            return Some((target, after));
        }
        Some((missing, after))
    }

    /// The tokens between `<` and `>` if they are the element of a list, else none of them, and where
    /// what goes on after the `>`.
    fn type_arguments(&self, from: usize, less: usize, end: usize) -> ((usize, usize), usize) {
        let ends = |at: &usize| self.kind(*at, end) == Some(SyntaxKind::Greater);
        let on_line = |at: &usize| self.token(*at).is_some_and(|it| !Token::is_first(it));
        let close = (less + 1..end).take_while(on_line).find(ends);
        let Some(close) = close else { return ((less, less), less + 1) };
        let is_nested = (less + 1..close).any(|at| self.kind(at, end) == Some(SyntaxKind::Less));
        let is_list = from + 1 == less && LISTS.contains(&self.word(from)) && !is_nested;
        if is_list && close > less + 1 {
            ((less + 1, close), close + 1)
        } else {
            ((less, less), end)
        }
    }
}
