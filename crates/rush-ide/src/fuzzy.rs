//! How well a few typed letters fit a name.

/// How well `query` fits `name`: higher is better; `None` when its letters do not occur in order.
/// Whole names and beginnings of words count most, gaps and length count against. Case matters
/// only to decide between names that are otherwise equal.
pub(crate) fn score(query: &str, name: &str) -> Option<i32> {
    let wanted: Vec<char> = query.chars().filter(|it| !it.is_whitespace()).collect();
    let signs: Vec<char> = name.chars().collect();
    // Most names do not have the letters at all, and that is seen at a glance.
    let mut rest = signs.iter();
    if !wanted.iter().all(|sign| rest.any(|it| it.eq_ignore_ascii_case(sign))) {
        return None;
    }
    let mut best: Vec<Option<i32>> = vec![Some(0); signs.len() + 1];
    for (count, sign) in wanted.iter().enumerate() {
        best = extend(&best, &signs, count, *sign);
    }
    let fit = best.into_iter().flatten().max()?;
    let is_whole = wanted.len() == signs.len();
    let length = i32::try_from(signs.len()).unwrap_or(i32::MAX);
    Some((fit + if is_whole { 40 } else { 0 }).saturating_sub(length))
}

/// The best score of one more letter, by where in the name it ends.
fn extend(before: &[Option<i32>], signs: &[char], count: usize, wanted: char) -> Vec<Option<i32>> {
    let mut after = vec![None; signs.len() + 1];
    // The best so far that ends before this letter with a gap.
    let mut apart: Option<i32> = None;
    for (at, sign) in signs.iter().enumerate() {
        let joined = before.get(at).copied().flatten();
        if sign.eq_ignore_ascii_case(&wanted) {
            let starts_word = at == 0
                || signs.get(at - 1).is_some_and(|it| !it.is_alphanumeric())
                || (sign.is_uppercase() && signs.get(at - 1).is_some_and(|it| it.is_lowercase()));
            let own = 4 + if starts_word { 8 } else { 0 } + i32::from(*sign == wanted);
            let joined = joined.map(|it| it + if count == 0 { 0 } else { 6 });
            let best = joined.max(apart.map(|it| it - 1));
            if let Some(slot) = after.get_mut(at + 1) {
                *slot = best.map(|it| it + own);
            }
        }
        apart = apart.max(joined);
    }
    after
}

#[cfg(test)]
mod tests {
    use super::score;

    /// The names a query finds, the best first.
    fn check(query: &str, names: &[&str], expect: &[&str]) {
        let mut found: Vec<_> =
            names.iter().filter_map(|name| Some((score(query, name)?, *name))).collect();
        found.sort_by_key(|(score, _)| -score);
        assert_eq!(found.iter().map(|(_, name)| *name).collect::<Vec<_>>(), expect, "{query}");
    }

    #[test]
    fn letters_in_order_are_found() {
        check("bld", &["build", "bdl", "rebuild"], &["build", "rebuild"]);
        check("x", &["build"], &[]);
        check("", &["a", "bb"], &["a", "bb"]);
    }

    #[test]
    fn whole_names_and_beginnings_come_first() {
        check("test", &["latest", "test_unit", "test"], &["test", "test_unit", "latest"]);
        check("tu", &["statue", "test_unit"], &["test_unit", "statue"]);
        check("dt", &["edit", "deployTarget"], &["deployTarget", "edit"]);
        check("B", &["build", "Build"], &["Build", "build"]);
    }
}
