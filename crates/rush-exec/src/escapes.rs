//! The sequences that colour and move in a terminal, taken out of texts that are read elsewhere.

/// The bytes without the sequences that colour and move in a terminal.
pub fn without_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != 0x1b {
            out.push(byte);
            continue;
        }
        match rest.next() {
            // Up to the letter that ends it.
            Some(b'[') => while rest.next_if(|it| !(0x40..=0x7e).contains(it)).is_some() {},
            // Titles and links end with a bell, or with an escape and a backslash.
            Some(b']') => {
                while rest.next_if(|it| !matches!(it, 0x07 | 0x1b)).is_some() {}
                if rest.peek() == Some(&0x1b) {
                    rest.next();
                }
            }
            Some(_) | None => continue,
        }
        rest.next();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_escapes;

    #[test]
    fn sequences_for_terminals_are_taken_out() {
        for (text, expect) in [
            ("plain", "plain"),
            ("\u{1b}[1;31mred\u{1b}[0m!", "red!"),
            ("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\.", "link."),
            ("half \u{1b}[3", "half "),
        ] {
            assert_eq!(without_escapes(text.as_bytes()), expect.as_bytes(), "{text:?}");
        }
    }
}
