//! Every answer about the structure of a file stays well-formed while the file is torn: cut anywhere,
//! with line ends of two bytes, with characters of many bytes.

use rush_diagnostics::FileId;
use rush_semantics::kinds::KIND_NAMES;
use rush_semantics::names::files;
use rush_semantics::{RushDatabase, SourceFile};
use text_size::{TextRange, TextSize};

use crate::actions::property::TRAPS;
use crate::actions::{EVERYTHING, resolve_action};
use crate::files::{FileEntry, FileMatches, FileView};
use crate::fixture::applied;
use crate::place::{FileEdit, FileRange};
use crate::symbols::DocumentSymbol;

/// A folder without files.
struct Empty;

impl FileView for Empty {
    fn entries(&self, _: &str) -> Vec<FileEntry> {
        Vec::new()
    }

    fn matches(&self, _: &str, _: &[String]) -> FileMatches {
        FileMatches::default()
    }
}

struct Torn {
    db: RushDatabase,
    file: SourceFile,
    text: String,
}

impl Torn {
    fn new(text: &str) -> Self {
        let mut db = RushDatabase::default();
        db.set_file("lib.rush", "task lint {}\nlet word = \"w\"\n");
        let file = db.set_file("tasks.rush", text);
        Self { db, file, text: text.to_owned() }
    }

    fn id(&self) -> FileId {
        self.file.id(&self.db)
    }

    /// A place is inside its file and cuts no character.
    fn sound(&self, at: FileRange) {
        let file = files(&self.db).find(|it| it.id(&self.db) == at.file).unwrap();
        let text = file.text(&self.db);
        assert!(text.get(std::ops::Range::<usize>::from(at.range)).is_some(), "{at:?}");
    }

    fn edits(&self, edits: &[FileEdit]) {
        let mut ranges: Vec<TextRange> = edits.iter().map(|it| it.at.range).collect();
        edits.iter().for_each(|it| self.sound(it.at));
        ranges.sort_by_key(|it| (it.start(), it.end()));
        for pair in ranges.windows(2) {
            assert!(pair[0].end() <= pair[1].start(), "{edits:?}");
        }
    }

    fn symbol(&self, symbol: &DocumentSymbol) {
        self.sound(symbol.at);
        assert!(symbol.at.range.contains_range(symbol.selection.range), "{symbol:?}");
        for child in &symbol.children {
            assert!(symbol.at.range.contains_range(child.at.range), "{child:?}");
            self.symbol(child);
        }
    }

    /// What is asked about the file as a whole.
    fn whole(&self) {
        let (db, file) = (&self.db, self.file);
        crate::folding(db, file).iter().for_each(|it| self.sound(it.at));
        crate::document_symbols(db, file).iter().for_each(|it| self.symbol(it));
        crate::lenses(db, file).iter().for_each(|it| self.sound(it.at));
        crate::document_links(db, &Empty, file).iter().for_each(|it| self.sound(it.at));
        let mut end = TextSize::new(0);
        for token in crate::semantic_tokens(db, file, None) {
            assert!(token.range.start() >= end && !token.range.is_empty(), "{token:?}");
            self.sound(FileRange { file: self.id(), range: token.range });
            let written = &self.text[std::ops::Range::<usize>::from(token.range)];
            assert!(!written.contains('\n'), "{token:?}");
            end = token.range.end();
        }
        self.edits(&crate::organise_imports(db, file));
        let everything = resolve_action(db, file, TextRange::default(), EVERYTHING);
        self.edits(&everything.unwrap_or_default().edits);
        crate::will_rename(db, &[("lib.rush", "x/y.rush")]).iter().for_each(|it| self.sound(it.at));
    }

    /// What is asked at a place.
    fn at(&self, offset: TextSize) {
        let (db, file) = (&self.db, self.file);
        let steps = crate::selection_ranges(db, file, offset);
        for pair in steps.windows(2) {
            assert!(pair[1].range.contains_range(pair[0].range), "{steps:?}");
        }
        assert_eq!(steps.last().unwrap().range.len(), TextSize::of(&*self.text));
        crate::linked_editing(db, file, offset).iter().for_each(|it| self.sound(*it));
        if let Some(item) = crate::call_item(db, file, offset) {
            self.sound(item.selection);
        }
        let calls = crate::incoming_calls(db, file, offset).into_iter();
        let calls = calls.chain(crate::outgoing_calls(db, file, offset));
        calls.flat_map(|it| it.places).for_each(|it| self.sound(it));
        for typed in ['}', '\n'] {
            self.edits(&crate::format_on_type(db, file, offset, typed));
        }
        self.edits(&crate::format_range(db, file, TextRange::empty(offset)));
    }
}

/// Asks everything about every `step`-th prefix of a text.
fn check(text: &str, step: usize) {
    for cut in (0..=text.len()).step_by(step).filter(|it| text.is_char_boundary(*it)) {
        let torn = Torn::new(&text[..cut]);
        torn.whole();
        for back in [0, 1, 7, 40] {
            let at = cut.saturating_sub(back);
            if torn.text.is_char_boundary(at) {
                torn.at(TextSize::new(at as u32));
            }
        }
    }
}

#[test]
fn every_prefix_has_well_formed_answers() {
    check(TRAPS, 23);
}

#[test]
fn line_ends_and_long_characters_change_nothing() {
    let text = TRAPS.replace("echo", "échö🦀").replace("Compiles", "🦀").replace('\n', "\r\n");
    check(&text, 41);
}

#[test]
fn every_place_of_a_sound_file_has_answers() {
    let torn = Torn::new(TRAPS);
    for at in (0..TRAPS.len()).step_by(5) {
        torn.at(TextSize::new(at as u32));
    }
}

#[test]
fn the_whole_range_is_what_the_formatter_makes() {
    let messy = TRAPS.replace(": ", ":").replace("  ", "   ").replace(" = ", "=");
    for text in [messy.clone(), messy.replace('\n', "\r\n")] {
        let torn = Torn::new(&text);
        let range = TextRange::up_to(TextSize::of(&*text));
        let edits = crate::format_range(&torn.db, torn.file, range);
        torn.edits(&edits);
        let formatted = rush_syntax::format(&text, KIND_NAMES).text;
        assert_eq!(applied(&text, &edits).trim_end(), formatted.trim_end());
    }
}

#[test]
fn a_part_that_is_formatted_keeps_the_meaning() {
    let messy = TRAPS.replace(": ", ":").replace("  ", "   ").replace(" = ", "=");
    let torn = Torn::new(&messy);
    let formatted = rush_syntax::format(&messy, KIND_NAMES).text;
    for at in (0..messy.len()).step_by(37) {
        let range = TextRange::at(TextSize::new(at as u32), TextSize::new(20));
        let edits = crate::format_range(&torn.db, torn.file, range);
        let after = applied(&messy, &edits);
        assert_eq!(rush_syntax::format(&after, KIND_NAMES).text, formatted, "{range:?}");
    }
}
