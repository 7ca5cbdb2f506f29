//! Several files in one text.
//!
//! ```text
//! //- tasks.rush
//! task a {}
//! //- web/tasks.rush
//! task b {$0}
//! ```
//!
//! A line `//- path` starts a file; what precedes the first one is `tasks.rush`. `$0` is the cursor
//! and is removed.

/// The file of a text without headers.
const DEFAULT_PATH: &str = "tasks.rush";

/// Files, and where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixture {
    /// Paths and texts, in the order written.
    pub files: Vec<(String, String)>,
    /// Where `$0` stood.
    pub cursor: Option<Cursor>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The file.
    pub path: String,
    /// The bytes before it.
    pub offset: usize,
}

impl Fixture {
    /// Reads the files of a text.
    pub fn parse(text: &str) -> Self {
        let mut fixture = Self::default();
        let mut current: Option<(String, String)> = None;
        for line in text.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix("//- ") {
                fixture.add(current.take());
                current = Some((path.trim().to_owned(), String::new()));
                continue;
            }
            let (_, body) = current.get_or_insert_with(|| (DEFAULT_PATH.to_owned(), String::new()));
            body.push_str(line);
        }
        fixture.add(current);
        fixture
    }

    fn add(&mut self, file: Option<(String, String)>) {
        let Some((path, text)) = file else { return };
        let text = match text.split_once("$0") {
            Some((before, after)) => {
                self.cursor = Some(Cursor { path: path.clone(), offset: before.len() });
                format!("{before}{after}")
            }
            None => text,
        };
        self.files.push((path, text));
    }
}

#[cfg(test)]
mod tests {
    use super::Fixture;

    #[test]
    fn a_text_holds_several_files_and_a_cursor() {
        let fixture = Fixture::parse("//- a.rush\nx\n//- web/tasks.rush\ny$0z\n");
        let expect = [("a.rush", "x\n"), ("web/tasks.rush", "yz\n")];
        assert_eq!(fixture.files, expect.map(|(path, text)| (path.to_owned(), text.to_owned())));
        let cursor = fixture.cursor.unwrap();
        assert_eq!((cursor.path.as_str(), cursor.offset), ("web/tasks.rush", 1));
    }

    #[test]
    fn a_text_without_header_is_the_task_file() {
        assert_eq!(Fixture::parse("task a {}\n").files.len(), 1);
        assert_eq!(Fixture::parse("task a {}\n").files[0].0, "tasks.rush");
    }
}
