//! Whether the blocks below a comment of the specification show what the comment says they do.
//!
//! What the blocks expect is compared as it is written; that Rush finds just that is another test.

use rush_diagnostics::Code;

use super::{Case, marker};
use crate::tidy::Problem;
use crate::tidy::sources::Source;

/// Comments that stand together, and what is written below them up to the next ones.
#[derive(Default)]
struct Claim<'t> {
    /// Each id, with the line of its comment.
    ids: Vec<(usize, Case, &'t str)>,
    blocks: Vec<Vec<&'t str>>,
}

/// The ids that a comment names and no block below shows.
///
/// A rejected code has to be expected there, any other rejected id some code; for what is accepted
/// there has to be a block, and for an accepted code one that does not expect it, unless it is both.
pub(super) fn unproved(file: &Source) -> Vec<Problem> {
    let claims = claims(&file.text);
    let ids = claims.iter().flat_map(|claim| claim.ids.iter().map(move |id| (claim, *id)));
    let unproved = ids.filter(|(claim, (_, case, id))| !claim.shows(*case, id));
    let report = |(_, (line, case, id)): (&Claim<'_>, (usize, Case, &str))| {
        let message = match case {
            Case::Accepts => format!("no block below shows how `{id}` is kept"),
            Case::Rejects => format!("no block below expects `{id}` to be broken"),
        };
        Problem::in_line(&file.path, line, message)
    };
    unproved.map(report).collect()
}

fn claims(text: &str) -> Vec<Claim<'_>> {
    let mut claims: Vec<Claim<'_>> = Vec::new();
    let mut is_inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_inside = !is_inside;
            if let Some(claim) = claims.last_mut().filter(|_| is_inside) {
                claim.blocks.push(Vec::new());
            }
        } else if is_inside {
            let block = claims.last_mut().and_then(|it| it.blocks.last_mut());
            block.into_iter().for_each(|it| it.push(line));
        } else if let Some((case, ids)) = marker(line.trim()) {
            if claims.last().is_none_or(|it| !it.blocks.is_empty()) {
                claims.push(Claim::default());
            }
            let ids = ids.split(',').map(|id| (index, case, id.trim()));
            claims.last_mut().into_iter().for_each(|it| it.ids.extend(ids.clone()));
        }
    }
    claims
}

impl Claim<'_> {
    fn shows(&self, case: Case, id: &str) -> bool {
        let code = Code::all().map(|it| it.code.to_string()).find(|it| it == id);
        let expects = |block: &Vec<&str>| match &code {
            Some(code) => block.iter().any(|line| expected(line) == Some(code)),
            None => block.iter().any(|line| expected(line).is_some()),
        };
        match (case, &code) {
            (Case::Rejects, _) => self.blocks.iter().any(expects),
            (Case::Accepts, Some(_)) => {
                // One block may show both, line by line.
                let is_both =
                    self.ids.iter().any(|(_, case, it)| *case == Case::Rejects && *it == id);
                self.blocks.iter().any(|it| is_both || !expects(it))
            }
            (Case::Accepts, None) => !self.blocks.is_empty(),
        }
    }
}

/// The code that a line of carets expects.
fn expected(line: &str) -> Option<&str> {
    let behind = line.trim_start().strip_prefix('^')?.trim_start_matches('^');
    behind.split_whitespace().next().filter(|it| it.starts_with("RUSH"))
}

#[cfg(test)]
mod tests {
    use super::{Source, unproved};

    fn check(text: &str, expected: &[&str]) {
        let file = Source { path: "tests/spec/a.md".to_owned(), text: text.to_owned() };
        let found: Vec<_> = unproved(&file).into_iter().map(|it| it.message).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_comment_needs_its_block() {
        let wrong = "```rush\nlet a = b\n        ^ RUSH0102 nothing is named `b`\n```\n";
        let right = "```rush\nlet a = 1\n```\n";
        check(&format!("<!-- rejects: RUSH0102, let -->\n\n{right}{wrong}"), &[]);
        check(
            &format!("<!-- rejects: RUSH0102, let -->\n{right}<!-- accepts: let -->\n{wrong}"),
            &[
                "no block below expects `RUSH0102` to be broken",
                "no block below expects `let` to be broken",
            ],
        );
        check(&format!("<!-- accepts: RUSH0102 -->\n{right}{wrong}"), &[]);
        check(
            &format!("<!-- accepts: RUSH0102 -->\n{wrong}"),
            &["no block below shows how `RUSH0102` is kept"],
        );
        check("<!-- accepts: let -->\n", &["no block below shows how `let` is kept"]);
    }

    #[test]
    fn comments_that_stand_together_share_their_blocks() {
        check("<!-- accepts: let -->\n<!-- accepts: type -->\n```rush\nlet a = 1\n```\n", &[]);
    }
}
