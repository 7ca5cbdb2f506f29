//! Whether a near word is the declared one with a slip of the hand, or another one that means something else.
//!
//! `delay_min` is near `delay_max`, and nobody who writes the one means the other.

use super::{edits_max, snake_case};

/// What is put for one another where a name is to mean the opposite, or its neighbour.
const OPPOSITES: &[(&str, &str)] = &[
    ("", "non"),
    ("", "not_"),
    ("", "un"),
    ("", "no_"),
    ("before", "after"),
    ("cpu", "gpu"),
    ("de", "in"),
    ("dis", "en"),
    ("first", "last"),
    ("get", "set"),
    ("im", "ex"),
    ("in", "ex"),
    ("in", "out"),
    ("low", "high"),
    ("min", "max"),
    ("off", "on"),
    ("read", "write"),
    ("src", "dst"),
    ("start", "end"),
    ("start", "stop"),
    ("tcp", "udp"),
    ("up", "down"),
];

/// Whether two words that are near each other are one: no number and no whole word differs, and they are no opposites.
pub(super) fn is_slip(word: &str, meant: &str) -> bool {
    let (word, meant) = (snake_case(word), snake_case(meant));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(&word) != digits(&meant) || is_opposite(&word, &meant) || is_opposite(&meant, &word) {
        return false;
    }
    let parts = word.split('_').count();
    if parts != meant.split('_').count() {
        return word.replace('_', "") == meant.replace('_', "");
    }
    word.split('_').zip(meant.split('_')).all(|(word, meant)| is_near(word, meant))
}

fn is_near(word: &str, meant: &str) -> bool {
    let edits = edits_max(word.chars().count(), meant.chars().count());
    word == meant || strsim::damerau_levenshtein(word, meant) <= edits
}

/// Whether one of the pairs makes one word of the other.
fn is_opposite(word: &str, other: &str) -> bool {
    OPPOSITES.iter().any(|(ours, theirs)| {
        let starts = word.match_indices(ours).map(|(at, _)| at);
        let mut turned = starts.filter_map(|at| {
            let (before, behind) = (word.get(..at)?, word.get(at + ours.len()..)?);
            Some(format!("{before}{theirs}{behind}"))
        });
        turned.any(|it| it == other)
    })
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn another_word_is_no_slip() {
        for (word, meant) in [
            ("delay_min", "delay_max"),
            ("inputs", "outputs"),
            ("include", "exclude"),
            ("unlock", "lock"),
            ("target1", "target2"),
            ("target", "target2"),
            ("on_start", "on_stop"),
            ("run_as", "run_in"),
            ("gpu", "cpu"),
        ] {
            assert!(!is_slip(word, meant), "{word} {meant}");
            assert!(!is_slip(meant, word), "{meant} {word}");
        }
    }

    #[test]
    fn letters_that_are_lacking_or_in_the_wrong_place_are_a_slip() {
        for (word, meant) in [
            ("tiemout", "timeout"),
            ("need", "needs"),
            ("env_file", "env_files"),
            ("allowFailure", "allow_failure"),
            ("passenv", "pass_env"),
            ("rn", "run"),
            ("delay_mxa", "delay_max"),
        ] {
            assert!(is_slip(word, meant), "{word} {meant}");
        }
    }
}
