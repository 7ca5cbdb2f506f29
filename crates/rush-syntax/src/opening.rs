//! What an item is, by the word it opens with. Knows no syntax behind that word.

use std::fmt;

/// What an item is.
///
/// The words of a file are `use`, `let`, `param`, `fn`, `type` and `check`; the prelude adds
/// `kind`; the rest are the kinds that it declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What stands before the first item.
    Nothing,
    /// `use`
    Use,
    /// `let`
    Let,
    /// `param`
    Param,
    /// `fn`
    Fn,
    /// `type`
    Type,
    /// `check`
    Check,
    /// `kind`, in the prelude only.
    Kind,
    /// `task`
    Task,
    /// `template`
    Template,
    /// `service`
    Service,
    /// `secret`
    Secret,
    /// `profile`
    Profile,
    /// `workspace`
    Workspace,
    /// A word that opens nothing.
    Unknown,
}

impl Kind {
    /// The kinds of declarations, in the order of the prelude.
    pub const DECLARED: [Self; 6] =
        [Self::Task, Self::Template, Self::Service, Self::Secret, Self::Profile, Self::Workspace];

    /// What an item is that opens with `word`.
    pub fn of(word: &str) -> Self {
        match word {
            "" => Self::Nothing,
            "use" => Self::Use,
            "let" => Self::Let,
            "param" => Self::Param,
            "fn" => Self::Fn,
            "type" => Self::Type,
            "check" => Self::Check,
            "kind" => Self::Kind,
            "task" => Self::Task,
            "template" => Self::Template,
            "service" => Self::Service,
            "secret" => Self::Secret,
            "profile" => Self::Profile,
            "workspace" => Self::Workspace,
            _ => Self::Unknown,
        }
    }

    /// The word it opens with; empty for [`Nothing`](Self::Nothing) and what nobody knows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing | Self::Unknown => "",
            Self::Use => "use",
            Self::Let => "let",
            Self::Param => "param",
            Self::Fn => "fn",
            Self::Type => "type",
            Self::Check => "check",
            Self::Kind => "kind",
            Self::Task => "task",
            Self::Template => "template",
            Self::Service => "service",
            Self::Secret => "secret",
            Self::Profile => "profile",
            Self::Workspace => "workspace",
        }
    }

    /// Whether others can need it and a run can start it: a task or a service.
    pub const fn is_runnable(self) -> bool {
        matches!(self, Self::Task | Self::Service)
    }

    /// Whether a task can extend it: a template or another task.
    pub const fn is_base(self) -> bool {
        matches!(self, Self::Template | Self::Task)
    }

    /// Whether `defaults` of a workspace or a profile say something about it.
    pub const fn takes_defaults(self) -> bool {
        matches!(self, Self::Task | Self::Template | Self::Service)
    }

    /// Whether its name stands for a value or a namespace of values, not for a declaration.
    pub const fn is_value(self) -> bool {
        matches!(self, Self::Let | Self::Param | Self::Fn | Self::Use)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_word_and_its_kind_are_one() {
        let words = ["use", "let", "param", "fn", "type", "check", "kind", ""];
        let words = words.into_iter().chain(Kind::DECLARED.map(Kind::word));
        for word in words {
            assert_eq!(Kind::of(word).word(), word);
        }
        assert_eq!(Kind::of("recipe"), Kind::Unknown);
    }
}
