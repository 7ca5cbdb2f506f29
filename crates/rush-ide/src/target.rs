//! What a name refers to, independent of where it is written.

use rush_semantics::builtins::Builtin;
use rush_semantics::infer::LocalId;
use rush_semantics::{Db, Item, SourceFile};
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use crate::names::{Role, Shape, occurrences};
use crate::place::{FileRange, Placed};

/// What a name refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// An item: a declaration, a `let`, `param`, `fn` or `type`, the alias of a `use`, a kind.
    Item(Item),
    /// A parameter of a declaration or function.
    Parameter {
        /// Whose parameter it is.
        item: Item,
        /// Its name.
        name: SmolStr,
    },
    /// A `let` of a block, or the variable of a `for`.
    Local {
        /// The item it is in.
        item: Item,
        /// Which of its locals.
        local: LocalId,
    },
    /// An axis of a matrix.
    Axis {
        /// The item that declares the matrix.
        item: Item,
        /// Its name.
        name: SmolStr,
    },
    /// A field of a kind, of a record type or of a tag.
    Field {
        /// The kind or type that declares it.
        owner: Item,
        /// Its name.
        name: SmolStr,
    },
    /// A field of a record that no type gives a name.
    Key {
        /// The item that the record is written in.
        item: Item,
        /// The record: of those that stand for the same, the first.
        shape: Shape,
        /// The field's name.
        name: SmolStr,
    },
    /// A tag of a union.
    Tag {
        /// The type that declares it.
        owner: Item,
        /// Its name.
        name: SmolStr,
    },
    /// A variable that `env` sets: one for a task, what it extends, and the `defaults`.
    Variable {
        /// The outermost declaration that sets it.
        item: Item,
        /// Its name.
        name: SmolStr,
    },
    /// A file, by its path in a `use`.
    File(SourceFile),
    /// A function of Rush.
    Function(Builtin),
    /// A method of a type, or a field that Rush itself knows.
    Member(SmolStr),
    /// `matrix`, `base`, `host`, `profile`.
    Word(SmolStr),
}

/// Where something is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The name; for a file its first byte.
    pub name: FileRange,
    /// All that belongs to the declaration.
    pub whole: FileRange,
}

impl Target {
    /// The item in whose text the name is declared; `None` for what Rush brings along without text.
    pub(crate) fn home(&self) -> Option<Item> {
        match self {
            Self::Item(item)
            | Self::Parameter { item, .. }
            | Self::Local { item, .. }
            | Self::Axis { item, .. }
            | Self::Key { item, .. }
            | Self::Field { owner: item, .. }
            | Self::Tag { owner: item, .. }
            | Self::Variable { item, .. } => Some(*item),
            Self::File(_) | Self::Function(_) | Self::Member(_) | Self::Word(_) => None,
        }
    }

    /// Whether the name is seen in one item only.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::Local { .. })
    }

    /// The name as declared; `None` for a file.
    pub fn name(&self, db: &dyn Db) -> Option<SmolStr> {
        Some(match self {
            Self::Item(item) => item.name(db).clone(),
            Self::Parameter { name, .. }
            | Self::Axis { name, .. }
            | Self::Field { name, .. }
            | Self::Key { name, .. }
            | Self::Tag { name, .. }
            | Self::Variable { name, .. }
            | Self::Member(name)
            | Self::Word(name) => name.clone(),
            Self::Local { item, local } => {
                let locals = &rush_semantics::infer::infer(db, *item).locals;
                locals.get(local.0 as usize)?.name.clone()
            }
            Self::Function(_) | Self::File(_) => return None,
        })
    }

    /// Where it is declared.
    pub fn declared(&self, db: &dyn Db) -> Option<Declared> {
        if let Self::File(file) = self {
            let name = FileRange { file: file.id(db), range: TextRange::default() };
            return Some(Declared { name, whole: name });
        }
        let placed = Placed::of(db, self.home()?)?;
        let name = self.declaration(db)?;
        let whole = match self {
            Self::Item(item) => written(item.text(db)),
            _ => name,
        };
        Some(Declared { name: placed.range(db, name), whole: placed.range(db, whole) })
    }

    /// The range of the declared name in its item.
    pub(crate) fn declaration(&self, db: &dyn Db) -> Option<TextRange> {
        let home = self.home()?;
        if let Self::Item(item) = self {
            return Some(item.ast(db).name()?.range);
        }
        let all = occurrences(db, home);
        all.iter().find(|it| it.role == Role::Declaration && it.target == *self).map(|it| it.range)
    }
}

/// An item's text without the blank space around it.
fn written(text: &str) -> TextRange {
    let start = TextSize::of(text) - TextSize::of(text.trim_start());
    TextRange::new(start, TextSize::of(text.trim_end()).max(start))
}
