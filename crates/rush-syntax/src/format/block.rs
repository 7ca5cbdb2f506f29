//! Moves the body of a text over several lines to a new indentation, as a block.

const QUOTES: &str = "\"\"\"";

/// Rewrites `text`, from its opening to its closing quotes, for a line with this indentation.
///
/// The body goes two deeper; what the lines have beyond their common white space stays.
pub(super) fn shift(text: &str, indent: usize, out: &mut String) {
    let Some((opener, rest)) = text.split_once('\n') else {
        out.push_str(text);
        return;
    };
    let (body, closer) = match rest.rsplit_once('\n') {
        Some((body, closer)) => (Some(body), closer),
        None => (None, rest),
    };
    out.push_str(opener.trim_end());
    let common = body.map_or("", common_white);
    for line in body.into_iter().flat_map(|it| it.split('\n')) {
        out.push('\n');
        let content = line.strip_prefix(common).unwrap_or_default();
        if !content.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent + 2));
            out.push_str(content);
        }
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    debug_assert_eq!(closer.trim_start(), QUOTES, "a sound text ends with its quotes");
    out.push_str(closer.trim_start());
}

/// The longest white space all lines of `body` that are not blank begin with.
fn common_white(body: &str) -> &str {
    let mut common: Option<&str> = None;
    for line in body.split('\n').filter(|line| !line.trim().is_empty()) {
        let white = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let same = common.map_or(white.len(), |before| {
            before.bytes().zip(white.bytes()).take_while(|(a, b)| a == b).count()
        });
        common = white.get(..same);
    }
    common.unwrap_or_default()
}
