//! Every name that is written in an item, with what it refers to.
//!
//! One walk over the syntax of an item, guided by what was inferred about it. Going to a definition,
//! finding references, renaming and colouring names are questions to this list.

mod expressions;
mod header;
mod origin;
mod profiles;
mod read_as_text;
mod variables;

#[cfg(test)]
mod tests;

use rush_semantics::infer::{Inference, LocalId, LocalSource, Meaning, infer};
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::ast;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

pub(crate) use expressions::is_ambiguous;
pub(crate) use origin::Origins;
pub use origin::Shape;
pub(crate) use profiles::{hands_profile_on, profiles_named};
pub(crate) use read_as_text::reads_as_text;

use crate::place::Placed;
use crate::syntax::between_quotes;
use crate::target::Target;

/// A name that is written somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Where, counted from the start of the item; quotes and `$` excluded.
    pub range: TextRange,
    /// What it refers to.
    pub target: Target,
    /// What is done with it.
    pub role: Role,
    /// In which language it is written.
    pub place: Where,
}

/// What is done with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// It is declared.
    Declaration,
    /// A declared field, axis or parameter is given a value.
    Write,
    /// It is read, called or needed.
    Read,
}

/// In which language a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Where {
    /// As Rush.
    Code,
    /// Between quotes that Rush reads as a name: a path of a `use`, a task in `all(..)`.
    Text,
    /// As a variable of a script.
    Script,
    /// The same, where the script gives a variable of its own that name: `const { x } = process.env`, `x=${x%/}`.
    ScriptName,
}

/// All names of an item in the order written.
pub fn occurrences(db: &dyn Db, item: Item) -> Vec<Occurrence> {
    occurrences_after(&Origins::new(db), item)
}

/// The same, for who asks about many items: what was looked over for one serves for the next.
pub(crate) fn occurrences_after(origins: &Origins<'_>, item: Item) -> Vec<Occurrence> {
    let mut walk = Walk::new(origins, item);
    walk.header();
    walk.types();
    walk.expressions();
    let mut found = walk.found;
    found.sort_by_key(|it| (it.range.start(), it.range.end()));
    found.dedup_by(|a, b| a.range == b.range && a.target == b.target);
    found
}

/// The names at a place, with their item: more than one where a name means two things.
pub(crate) fn names_at(
    db: &dyn Db,
    file: SourceFile,
    offset: TextSize,
) -> Option<(Placed, Vec<Occurrence>)> {
    let (placed, inside) = Placed::at(db, file, offset)?;
    let mut hit: Vec<Occurrence> = occurrences(db, placed.item);
    hit.retain(|it| it.range.contains_inclusive(inside));
    if hit.iter().any(|it| it.range.contains(inside)) {
        // Of two names that touch, the one to the right is meant.
        hit.retain(|it| it.range.contains(inside));
    }
    (!hit.is_empty()).then_some((placed, hit))
}

/// The state of one walk.
struct Walk<'a> {
    db: &'a dyn Db,
    item: Item,
    file: SourceFile,
    ast: &'a ast::Item,
    inference: &'a Inference,
    origins: &'a Origins<'a>,
    /// What gives the locals their values.
    sources: FxHashMap<LocalSource, LocalId>,
    found: Vec<Occurrence>,
}

impl<'a> Walk<'a> {
    fn new(origins: &'a Origins<'a>, item: Item) -> Self {
        let db = origins.db();
        let inference = infer(db, item);
        let mut sources = FxHashMap::default();
        for (at, local) in inference.locals.iter().enumerate() {
            sources.entry(local.source).or_insert(LocalId(at as u32));
        }
        let (file, ast) = (item.file(db), item.ast(db));
        Self { db, item, file, ast, inference, origins, sources, found: Vec::new() }
    }

    fn add(&mut self, range: TextRange, target: Target, role: Role) {
        self.found.push(Occurrence { range, target, role, place: Where::Code });
    }

    /// A name as written, without the quotes it may have.
    fn add_name(&mut self, name: &ast::Name, target: Target, role: Role) {
        if !name.text.is_empty() {
            self.add(self.inside_quotes(name), target, role);
        }
    }

    fn inside_quotes(&self, name: &ast::Name) -> TextRange {
        let text: &str = self.item.text(self.db);
        let written = text.get(std::ops::Range::<usize>::from(name.range)).unwrap_or_default();
        between_quotes(written).map_or(name.range, |it| it + name.range.start())
    }

    /// What an inferred meaning refers to; `None` for what is unknown.
    fn target(&self, name: &SmolStr, meaning: &Meaning) -> Option<Target> {
        Some(match meaning {
            Meaning::Unknown => return None,
            Meaning::Local(id) => {
                let local = self.inference.locals.get(id.0 as usize)?;
                match local.source {
                    LocalSource::Parameter(_) => {
                        Target::Parameter { item: self.item, name: local.name.clone() }
                    }
                    LocalSource::Let(_) | LocalSource::For(_) => {
                        Target::Local { item: self.item, local: *id }
                    }
                }
            }
            Meaning::Item(item) => Target::Item(*item),
            Meaning::Namespace(file) => {
                match rush_semantics::names::resolve(self.db, self.file, name) {
                    Some(import) => Target::Item(import),
                    None => Target::File(*file),
                }
            }
            Meaning::Matrix | Meaning::Base | Meaning::Host | Meaning::Profile => {
                Target::Word(name.clone())
            }
            // The type of the name tells which type's.
            Meaning::Tag(_) => return None,
            Meaning::Builtin(builtin) => Target::Function(*builtin),
        })
    }
}
