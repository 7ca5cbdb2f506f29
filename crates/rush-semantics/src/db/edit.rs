//! From a new text to the inputs that differ.
//!
//! Most edits touch one item of many. Then only the stretch around it is cut again; when that shows
//! that an item came, went or got another name, the whole file is.

use std::ops::Range;
use std::sync::Arc;

use rush_diagnostics::{FileId, ItemId, TextSize};
use rush_syntax::{Kind, Slice, split};
use rustc_hash::FxHashMap;
use salsa::{Durability, Setter as _};
use smol_str::SmolStr;

use super::{Db as _, Head, Item, Mentions, RushDatabase, SourceFile, Texts};
use crate::kinds::KIND_NAMES;

/// How many items a file may have for all of them to be looked at after each edit of one.
const VOLATILE_MAX: usize = 500;

/// What tells one item of a file from another across edits.
type Key = (Kind, SmolStr, u32);

impl RushDatabase {
    /// Adds the file that declares the kinds; nothing ever changes it.
    pub(super) fn add_prelude(&mut self, path: &str, text: &str) -> SourceFile {
        let file = self.fresh_file(path);
        let slices = split(text, KIND_NAMES);
        let starts: Vec<TextSize> = slices.iter().map(|it| it.range.start()).collect();
        let mut items = Vec::with_capacity(slices.len());
        for (slice, key) in slices.iter().zip(keys(&slices)) {
            let text = text_of(text, slice);
            let head = self.head(file, key, text);
            let item = Item::builder(head, Arc::from(text)).durability(Durability::NEVER_CHANGE);
            items.push(item.new(self));
        }
        file.set_items(self).with_durability(Durability::NEVER_CHANGE).to(Arc::from(items));
        file.set_starts(self).to(Arc::from(starts));
        file.set_text(self).to(Arc::from(text));
        file
    }

    /// Adds a file that is in no workspace yet.
    pub(super) fn add_file(&mut self, path: &str, text: Arc<str>) -> SourceFile {
        let file = self.removed.remove(path).unwrap_or_else(|| self.fresh_file(path));
        self.set_text(file, text);
        file
    }

    fn fresh_file(&mut self, path: &str) -> SourceFile {
        let id = FileId(self.files.len() as u32);
        let (no_items, no_starts) = (Arc::from(Vec::new()), Arc::from(Vec::new()));
        let file = SourceFile::builder(id, path.into(), Arc::from(""), no_items, no_starts)
            .id_durability(Durability::NEVER_CHANGE)
            .path_durability(Durability::NEVER_CHANGE)
            .items_durability(Durability::HIGH)
            .new(self);
        self.files.push(file);
        file
    }

    /// Says that a file is going to be edited, as one is that was opened in an editor.
    ///
    /// The first edit of an item changes what is taken for granted, and all answers are looked at
    /// again. For the items of this file that is done now, once for all of them. Later each edit
    /// looks at the whole file again, so it is not done for a large one.
    pub fn expect_edits(&mut self, path: &str) {
        let file = self.workspace().files(self).get(path).copied();
        let Some(file) = file.filter(|_| self.texts == Texts::Changing) else { return };
        let items = file.items(self).clone();
        if items.len() > VOLATILE_MAX {
            return;
        }
        for item in items.iter() {
            let text = item.text(self).clone();
            item.set_text(self).with_durability(Durability::LOW).to(text);
        }
    }

    /// Replaces the text of a file.
    pub(super) fn set_text(&mut self, file: SourceFile, text: Arc<str>) {
        let Some(stretch) = Stretch::around_change(file.text(self), &text, file.starts(self))
        else {
            return;
        };
        let is_new = file.items(self).is_empty();
        // Which lines such a comment hides is not seen in a part of the text.
        let was_hidden = self.commented.contains(&file);
        let searched = if is_new || was_hidden { 0..text.len() } else { stretch.new.clone() };
        let is_hidden = has_block_comment(&text, searched);
        if is_hidden {
            self.commented.insert(file);
        } else {
            self.commented.remove(&file);
        }
        if is_new || was_hidden || is_hidden || !self.cut_stretch(file, &text, &stretch) {
            self.cut_file(file, &text);
        }
        let durability = self.text_durability();
        file.set_text(self).with_durability(durability).to(text);
    }

    /// Cuts a stretch of the new text anew; `false`, and nothing done, when it is not cut as before.
    fn cut_stretch(&mut self, file: SourceFile, text: &str, stretch: &Stretch) -> bool {
        let part = text.get(stretch.new.clone()).unwrap_or_default();
        let slices = split(part, KIND_NAMES);
        let items = file.items(self).clone();
        let touched = items.get(stretch.items.clone()).unwrap_or_default();
        let is_same = |(slice, item): (&Slice, &Item)| {
            Kind::of(&slice.kind) == item.kind(self) && slice.name == *item.name(self)
        };
        let base = TextSize::new(stretch.new.start as u32);
        let last = slices.last().map(|it| it.range.start() + base);
        if slices.len() != touched.len()
            || !slices.iter().zip(touched).all(is_same)
            || stretch.last_start.is_some_and(|start| last != Some(start))
        {
            return false;
        }
        for (slice, item) in slices.iter().zip(touched) {
            self.keep_item(*item, text_of(part, slice));
        }
        let old = file.starts(self);
        let before = old.iter().take(stretch.items.start).copied();
        let after = old.iter().skip(stretch.items.end).map(|it| stretch.moved(*it));
        let starts: Arc<[TextSize]> =
            before.chain(slices.iter().map(|it| it.range.start() + base)).chain(after).collect();
        if starts != *old {
            file.set_starts(self).to(starts);
        }
        true
    }

    /// Cuts the whole of the new text.
    fn cut_file(&mut self, file: SourceFile, text: &str) {
        let slices = split(text, KIND_NAMES);
        let mut reusable = self.index_items(file);
        let mut items = Vec::with_capacity(slices.len());
        for (slice, key) in slices.iter().zip(keys(&slices)) {
            let text = text_of(text, slice);
            items.push(match reusable.remove(&key) {
                Some(item) => self.keep_item(item, text),
                None => self.fresh_item(file, key, text),
            });
        }
        self.spare_items.extend(reusable.into_values());
        if *items != **file.items(self) {
            let durability = self.structure_durability();
            file.set_items(self).with_durability(durability).to(Arc::from(items));
        }
        let (starts, durability) =
            (slices.iter().map(|it| it.range.start()), self.text_durability());
        file.set_starts(self).with_durability(durability).to(starts.collect());
    }

    fn index_items(&self, file: SourceFile) -> FxHashMap<Key, Item> {
        let key = |item: &Item| (item.kind(self), item.name(self).clone(), item.ordinal(self));
        file.items(self).iter().map(|item| (key(item), *item)).collect()
    }

    fn keep_item(&mut self, item: Item, text: &str) -> Item {
        if **item.text(self) != *text {
            item.set_text(self).with_durability(Durability::LOW).to(Arc::from(text));
            let mentions = Mentions::of(text);
            if item.mentions(self) != mentions {
                let head = Head { mentions, ..item.head(self).clone() };
                item.set_head(self).to(head);
            }
        }
        item
    }

    fn fresh_item(&mut self, file: SourceFile, key: Key, text: &str) -> Item {
        let head = self.head(file, key, text);
        let (durability, head_durability) = (self.item_durability(), self.structure_durability());
        let Some(item) = self.spare_items.pop() else {
            let item = Item::builder(head, Arc::from(text)).durability(durability);
            return item.head_durability(head_durability).new(self);
        };
        item.set_head(self).with_durability(head_durability).to(head);
        item.set_text(self).with_durability(durability).to(Arc::from(text));
        item
    }

    fn head(&self, file: SourceFile, (kind, name, ordinal): Key, text: &str) -> Head {
        // Not that of what stands before the first item.
        let word = if kind == Kind::Unknown { "?" } else { kind.word() };
        let id = ItemId::new(file.id(self), word, name.clone(), ordinal);
        Head { file, kind, name, ordinal, mentions: Mentions::of(text), id }
    }
}

/// A stretch of whole items with everything that an edit changed inside it.
struct Stretch {
    /// The items it had and has.
    items: Range<usize>,
    /// Where it is in the new text.
    new: Range<usize>,
    /// Where the last item must start in the new text: it is untouched and shows that what follows
    /// is cut as before. `None` when the stretch reaches the end of the file.
    last_start: Option<TextSize>,
    /// The lengths of the whole texts.
    lengths: (TextSize, TextSize),
}

impl Stretch {
    /// The stretch to cut anew; `None` when nothing changed.
    ///
    /// It begins an item early, because comments above an item may turn out to be the end of the one
    /// before, and ends an item late. An item starts the same way wherever it stands, so nothing
    /// before or after can depend on the change.
    fn around_change(old: &str, new: &str, starts: &[TextSize]) -> Option<Self> {
        let prefix = common_prefix(old.as_bytes(), new.as_bytes());
        let (old_rest, new_rest) = (old.as_bytes().get(prefix..)?, new.as_bytes().get(prefix..)?);
        if old_rest.is_empty() && new_rest.is_empty() {
            return None;
        }
        let old_end = old.len() - common_suffix(old_rest, new_rest);
        let begun = starts.partition_point(|it| usize::from(*it) < prefix);
        let first = begun.saturating_sub(2);
        let after = starts.partition_point(|it| usize::from(*it) < old_end).max(begun);
        let last = (after + 1).min(starts.len());
        let lengths = (TextSize::of(old), TextSize::of(new));
        let moved = |at: TextSize| at + lengths.1 - lengths.0;
        let start_of = |at: usize| starts.get(at).copied();
        let start = start_of(first).map_or(0, usize::from);
        let end = start_of(last).map_or(new.len(), |it| moved(it).into());
        let last_start = start_of(after).map(moved);
        Some(Self { items: first..last, new: start..end, last_start, lengths })
    }

    /// Where what was after the stretch is now.
    fn moved(&self, at: TextSize) -> TextSize {
        at + self.lengths.1 - self.lengths.0
    }
}

/// How many bytes are compared at once.
const BLOCK: usize = 4096;

/// How many bytes two texts have in common from their start.
pub(crate) fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    let blocks = one.chunks_exact(BLOCK).zip(other.chunks_exact(BLOCK));
    let same = BLOCK * blocks.take_while(|(one, other)| one == other).count();
    let bytes = one.iter().skip(same).zip(other.iter().skip(same));
    same + bytes.take_while(|(one, other)| one == other).count()
}

/// How many bytes two texts have in common from their end.
pub(crate) fn common_suffix(one: &[u8], other: &[u8]) -> usize {
    let blocks = one.rchunks_exact(BLOCK).zip(other.rchunks_exact(BLOCK));
    let same = BLOCK * blocks.take_while(|(one, other)| one == other).count();
    let bytes = one.iter().rev().skip(same).zip(other.iter().rev().skip(same));
    same + bytes.take_while(|(one, other)| one == other).count()
}

/// The key of each item.
fn keys(slices: &[Slice]) -> impl Iterator<Item = Key> {
    let mut ranks = FxHashMap::<(Kind, &str), u32>::default();
    slices.iter().map(move |slice| {
        let kind = Kind::of(&slice.kind);
        let rank = ranks.entry((kind, &slice.name)).or_insert(0);
        let key = (kind, slice.name.clone(), *rank);
        *rank += 1;
        key
    })
}

fn text_of<'t>(text: &'t str, slice: &Slice) -> &'t str {
    text.get(Range::<usize>::from(slice.range)).unwrap_or_default()
}

/// Whether a comment of other languages opens at column 0, in a part of a text or at its borders.
fn has_block_comment(text: &str, part: Range<usize>) -> bool {
    let part = part.start.saturating_sub(2)..(part.end + 2).min(text.len());
    let is_first = part.start == 0 && text.starts_with("/*");
    let part = text.as_bytes().get(part).unwrap_or_default();
    is_first || memchr::memmem::find(part, b"\n/*").is_some()
}

#[cfg(test)]
mod tests;
