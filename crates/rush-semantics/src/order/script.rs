//! The definitions that the scripts of a definition name.
//!
//! A script gets the values whose names it reads, so it depends on them as an expression does. What
//! a script sets before it reads it is its own. Whether a name in `'...'`, in another language or one
//! that is set further down means a value of Rush is not certain; such a mention is judged where that
//! needs nothing that is still being judged.

use rush_syntax::Kind;
use rush_syntax::ast::{self, Part};
use smol_str::SmolStr;

use super::Walk;
use crate::db::{Db, Item};
use crate::names::resolve;
use crate::shell::{self, Language, Quoting, ScriptFacts, VarUse};

/// How certain it is that a script gets the value it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// It reads the name, and gets the value.
    Read,
    /// It says the name where it may mean something else.
    Mentioned,
}

/// The names whose values a script may get, each once and in order.
pub fn foreign_names(language: Language, facts: &ScriptFacts) -> Vec<(SmolStr, Certainty)> {
    let certainty = |it: &VarUse| {
        let is_read = language.is_posix_family() && it.quoting != Quoting::SingleQuoted;
        // In a function, what the script sets further down is set before the read.
        let is_certain = is_read && !facts.sets.contains(&it.name);
        if is_certain { Certainty::Read } else { Certainty::Mentioned }
    };
    let uses = facts.uses.iter().filter(|it| !facts.own.contains(&it.name));
    let mut found: Vec<_> = uses.map(|it| (it.name.clone(), certainty(it))).collect();
    found.sort_unstable();
    found.dedup_by(|later, first| later.0 == first.0);
    found
}

impl Walk<'_> {
    /// Finds what a script names.
    pub(super) fn script(&mut self, tag: &ast::Name, body: &[Part]) {
        let Some(language) = Language::from_tag(&tag.text) else { return };
        for (name, certainty) in foreign_names(language, &shell::read(language, body)) {
            let Some(item) = self.value(&name) else { continue };
            match certainty {
                Certainty::Read => {
                    self.found.needed.push(item);
                    self.found.read_in_scripts.push(item);
                }
                Certainty::Mentioned => self.found.mentioned.push(item),
            }
        }
    }

    /// The value of the file that has this name.
    fn value(&self, name: &SmolStr) -> Option<Item> {
        if self.bound.contains(name) {
            return None;
        }
        let item = resolve(self.db, self.item.file(self.db), name)?;
        is_value(self.db, item).then_some(item)
    }
}

fn is_value(db: &dyn Db, item: Item) -> bool {
    matches!(item.kind(db), Kind::Let | Kind::Param)
}
