//! Fenced blocks of Markdown, with where they stand. It knows no other part of Markdown.

/// One fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What follows the opening fence: a language, then words.
    pub info: String,
    /// The line of the file its first line of text stands on, counted from 0.
    pub line: usize,
    /// The lines between the fences.
    pub lines: Vec<String>,
    /// The last heading above it.
    pub heading: String,
}

impl Block {
    /// Whether it is Rush source.
    pub fn is_rush(&self) -> bool {
        self.info.split_whitespace().next() == Some("rush")
    }

    /// Whether a bare word stands in the info string.
    pub fn has(&self, word: &str) -> bool {
        self.info.split_whitespace().any(|it| it == word)
    }

    /// The values of `name="value"` in the info string; `\"` stands for a quote.
    pub fn values(&self, name: &str) -> Vec<String> {
        let opener = format!(" {name}=\"");
        let mut found = Vec::new();
        let mut rest = self.info.as_str();
        while let Some((_, after)) = rest.split_once(&opener) {
            let mut value = String::new();
            let mut letters = after.char_indices();
            rest = "";
            while let Some((at, letter)) = letters.next() {
                match letter {
                    '\\' => value.extend(letters.next().map(|(_, it)| it)),
                    '"' => {
                        rest = &after[at + 1..];
                        break;
                    }
                    _ => value.push(letter),
                }
            }
            found.push(value);
        }
        found
    }

    /// The text, with a final newline.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

/// Returns the fenced blocks of a Markdown text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    let mut heading = String::new();
    for (line, content) in text.lines().enumerate() {
        let ticks = content.bytes().take_while(|it| *it == b'`').count();
        match &mut open {
            Some((fence, _)) if ticks >= *fence && content.len() == ticks => {
                found.extend(open.take().map(|(_, block)| block));
            }
            Some((_, block)) => block.lines.push(content.to_owned()),
            None if ticks >= 3 => {
                let info = content[ticks..].trim().to_owned();
                let heading = heading.clone();
                open = Some((ticks, Block { info, line: line + 1, lines: Vec::new(), heading }));
            }
            None if content.starts_with('#') => {
                content.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            None => {}
        }
    }
    assert!(open.is_none(), "a fence is never closed:\n{text}");
    found
}

#[test]
fn blocks_have_words_values_and_lines() {
    let text = "# A\n\n```rush fmt plan=\"a(b: \\\"c\\\")\" plan=\"d\"\nx\n\ny\n```\n";
    let block = &blocks(text)[0];
    assert!(block.is_rush() && block.has("fmt") && block.heading == "A" && block.line == 3);
    assert_eq!(block.values("plan"), ["a(b: \"c\")", "d"]);
    assert_eq!(block.text(), "x\n\ny\n");
}
