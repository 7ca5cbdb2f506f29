//! Snippets for editors that have none: the text with every place filled in.

/// The text of a snippet: the first proposal of each place, and nothing where there is none.
pub(crate) fn plain(snippet: &str) -> String {
    let mut text = String::with_capacity(snippet.len());
    let mut characters = snippet.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '$' if characters.peek() == Some(&'{') => {
                characters.next();
                let inside = placeholder(&mut characters);
                text.push_str(&first_proposal(&inside));
            }
            '$' => while characters.next_if(char::is_ascii_digit).is_some() {},
            other => text.push(other),
        }
    }
    text
}

/// What is between the braces of a place, which may hold places itself.
fn placeholder(characters: &mut impl Iterator<Item = char>) -> String {
    let mut inside = String::new();
    let mut depth = 1;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                inside.push(character);
                inside.extend(characters.next());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        inside.push(character);
    }
    inside
}

fn first_proposal(inside: &str) -> String {
    let proposals = inside.trim_start_matches(|it: char| it.is_ascii_digit());
    if let Some(choices) = proposals.strip_prefix('|') {
        return first_choice(choices);
    }
    plain(proposals.strip_prefix(':').unwrap_or_default())
}

/// The text before the first `,` or `|` that no `\` precedes.
fn first_choice(choices: &str) -> String {
    let mut text = String::new();
    let mut signs = choices.chars();
    while let Some(sign) = signs.next().filter(|it| !matches!(it, ',' | '|')) {
        match sign {
            '\\' => text.extend(signs.next()),
            _ => text.push(sign),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn places_are_filled_in() {
        assert_eq!(plain("task ${1:name} {\n  $0\n}"), "task name {\n  \n}");
        assert_eq!(plain("mode: ${1|\"dev\",\"prod\"|}$2"), "mode: \"dev\"");
        assert_eq!(plain("${1|a\\,b\\|\\\\n $1,c|}."), "a,b|\\n $1.");
        assert_eq!(plain("a \\$b \\} ${1:x ${2:y} \\}} ${3}"), "a $b } x y } ");
    }
}
