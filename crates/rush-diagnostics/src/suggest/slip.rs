//! Whether a near word is the declared one with a slip of the hand, or another one that means something else.
//!
//! `delay_min` is near `delay_max`, and nobody who writes the one means the other.

use std::cmp::Ordering;

use super::{edits_max, snake_case};

/// Whether two words that are near each other are one: no number differs, and each word between `_` is its
/// counterpart with letters that are lacking, too many, or in the wrong place.
pub(super) fn is_slip(word: &str, meant: &str) -> bool {
    let (word, meant) = (snake_case(word), snake_case(meant));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(&word) != digits(&meant) {
        return false;
    }
    if word.split('_').count() != meant.split('_').count() {
        return word.replace('_', "") == meant.replace('_', "");
    }
    word.split('_').zip(meant.split('_')).all(|(word, meant)| is_misspelled(word, meant))
}

/// Whether one word becomes the other by letters that come or go within it, or that change their places. A letter in
/// place of another makes `list` of `lint`, and one before or behind it makes `unlock` or `https`.
fn is_misspelled(word: &str, meant: &str) -> bool {
    let length = |text: &str| text.chars().count();
    let edits = edits_max(length(word), length(meant));
    if word == meant || strsim::damerau_levenshtein(word, meant) > edits {
        return word == meant;
    }
    match length(word).cmp(&length(meant)) {
        Ordering::Less => is_filled_up(word, meant),
        Ordering::Equal => sorted(word) == sorted(meant),
        Ordering::Greater => is_filled_up(meant, word),
    }
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// Whether the longer word has the letters of the shorter one in their order, and others only among them.
fn is_filled_up(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    let has_all = short.chars().all(|letter| rest.any(|it| it == letter));
    has_all
        && short.chars().next() == long.chars().next()
        && short.chars().last() == long.chars().last()
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
            ("encrypt", "decrypt"),
            ("rebuild", "build"),
            ("preinstall", "postinstall"),
            ("upload", "unload"),
            ("lint", "list"),
            ("http", "https"),
            ("push_dev", "push_dep"),
            ("test_fast", "test_last"),
        ] {
            assert!(!is_slip(word, meant), "{word} {meant}");
            assert!(!is_slip(meant, word), "{meant} {word}");
        }
    }

    #[test]
    fn letters_that_are_lacking_or_in_the_wrong_place_are_a_slip() {
        for (word, meant) in [
            ("tiemout", "timeout"),
            ("timout", "timeout"),
            ("retrry", "retry"),
            ("allowFailure", "allow_failure"),
            ("passenv", "pass_env"),
            ("rn", "run"),
            ("delay_mxa", "delay_max"),
        ] {
            assert!(is_slip(word, meant), "{word} {meant}");
        }
    }
}
