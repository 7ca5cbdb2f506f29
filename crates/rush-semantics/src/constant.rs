//! Regular expressions of types, compiled once.

use std::cell::RefCell;

use regex::Regex;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// How many compiled patterns one thread keeps.
const PATTERNS_MAX: usize = 512;

thread_local! {
    static PATTERNS: RefCell<FxHashMap<SmolStr, Option<Regex>>> = RefCell::default();
}

/// Whether `pattern` matches the whole of `text`. A malformed pattern, which is reported where it is
/// written, matches everything.
pub fn matches_whole(pattern: &str, text: &str) -> bool {
    PATTERNS.with_borrow_mut(|patterns| {
        if patterns.len() >= PATTERNS_MAX {
            patterns.clear();
        }
        let compiled = patterns
            .entry(SmolStr::from(pattern))
            .or_insert_with(|| Regex::new(&format!(r"\A(?:{pattern})\z")).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    })
}

/// What is wrong with a regular expression: the byte where, and the problem in a few words.
pub fn regex_problem(pattern: &str) -> Option<(usize, String)> {
    match regex_syntax::parse(pattern) {
        Ok(_) => None,
        Err(regex_syntax::Error::Parse(error)) => {
            Some((error.span().start.offset, error.kind().to_string()))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            Some((error.span().start.offset, error.kind().to_string()))
        }
        Err(_) => Some((0, "it can't be read".to_owned())),
    }
}

/// What is wrong with a cron line of five fields, in a few words.
pub fn cron_problem(text: &str) -> Option<String> {
    const FIELDS: [(&str, u32, u32); 5] =
        [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)];
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() != FIELDS.len() {
        return Some(format!(
            "it has {} fields; the five are minute, hour, day, month and weekday",
            words.len()
        ));
    }
    let mut fields = words.iter().zip(FIELDS);
    fields.find_map(|(word, (name, low, high))| cron_field_problem(word, name, (low, high)))
}

fn cron_field_problem(word: &str, name: &str, (low, high): (u32, u32)) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let value = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let names: &[&str] = match name {
            "month" => &MONTHS,
            "weekday" => &DAYS,
            _ => &[],
        };
        let named = names.iter().position(|it| *it == lower).map(|at| at as u32 + low);
        named.or_else(|| text.parse().ok()).filter(|it| (low..=high).contains(it))
    };
    for part in word.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(a, b)| (a, Some(b)));
        if step.is_some_and(|step| step.parse::<u32>().map_or(true, |it| it == 0)) {
            return Some(format!("`{part}` has no step greater than 0"));
        }
        let is_fine = match range.split_once('-') {
            _ if range == "*" => true,
            Some((from, to)) => matches!((value(from), value(to)), (Some(a), Some(b)) if a <= b),
            None => value(range).is_some(),
        };
        if !is_fine {
            return Some(format!("`{range}` is no {name}; it goes from {low} to {high}"));
        }
    }
    None
}
