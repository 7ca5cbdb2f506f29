//! The functions of Rush: how each is called, what it gives, and what it is for. The checker, the
//! evaluator and the editor read them here; what a call means they know themselves.

use rush_syntax::Kind;

use crate::ty::{FieldTy, Ty};

/// A function of Rush.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// `all("//packages/*", "test") -> [task]`
    All,
    /// `env("X") -> string?`
    Env,
    /// `file("p") -> string?`
    File,
    /// `files("src/*.c") -> [path]`
    Files,
    /// `flag(name, value: string?) -> [string]`
    Flag,
    /// `glob(text) -> glob`
    Glob,
    /// `path(text) -> path`
    Path,
    /// `sh(raw: text) -> command`, and the same for each script tag.
    Raw(&'static str),
}

/// The tags of scripts; each is also a function that takes a computed script.
const TAGS: [&str; 9] = ["sh", "bash", "zsh", "fish", "pwsh", "python", "node", "ruby", "nu"];

/// The name of a parameter, and its type.
type Param = (&'static str, fn() -> Ty);

/// What is known of a function without a call of it.
struct Description {
    params: &'static [Param],
    result: fn() -> Ty,
    doc: &'static str,
}

impl Builtin {
    /// Each function once, in the order of their names; `sh` stands for all script tags.
    pub const ALL: [Self; 8] = [
        Self::All,
        Self::Env,
        Self::File,
        Self::Files,
        Self::Flag,
        Self::Glob,
        Self::Path,
        Self::Raw("sh"),
    ];

    /// The function that is called by this name.
    pub fn named(name: &str) -> Option<Self> {
        let tag = || TAGS.into_iter().find(|it| *it == name).map(Self::Raw);
        Self::ALL.into_iter().find(|it| it.name() == name).or_else(tag)
    }

    /// The name it is called by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Env => "env",
            Self::File => "file",
            Self::Files => "files",
            Self::Flag => "flag",
            Self::Glob => "glob",
            Self::Path => "path",
            Self::Raw(tag) => tag,
        }
    }

    /// Its parameters.
    pub fn params(self) -> Vec<FieldTy> {
        let params = self.description().params.iter();
        params.map(|(name, ty)| FieldTy { name: (*name).into(), ty: ty(), default: None }).collect()
    }

    /// What a call gives where nothing else is expected.
    pub fn result(self) -> Ty {
        (self.description().result)()
    }

    /// What it is for.
    pub const fn doc(self) -> &'static str {
        self.description().doc
    }

    /// Whether it asks the caller's environment or files for a text, which few places may.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Env | Self::File)
    }

    /// Whether its arguments are written out, so that an editor can list what it gives.
    pub const fn is_written_out(self) -> bool {
        matches!(self, Self::All | Self::Files)
    }

    /// `flag(name: string, value: string?) -> [string]`
    pub fn signature(self) -> String {
        let params = self.params();
        let params: Vec<String> =
            params.iter().map(|it| format!("{}: {}", it.name, it.ty)).collect();
        format!("{}({}) -> {}", self.name(), params.join(", "), self.result())
    }

    const fn description(self) -> Description {
        match self {
            Self::All => Description {
                params: &[("packages", || Ty::Glob), ("task", text)],
                result: || Ty::list(Ty::Kind(Kind::Task)),
                doc: "The task of this name in each package that the pattern matches and that has \
                      one. Both texts are written out, so that an editor can list them.",
            },
            Self::Env => Description {
                params: &[("name", text)],
                result: optional_text,
                doc: "A variable of the caller's environment, read when the plan is made. Only \
                      `param` defaults, `profile` and `secret` may read it.",
            },
            Self::File => Description {
                params: &[("path", text)],
                result: optional_text,
                doc: "The text of a file without its last line end, read when the plan is made. \
                      Only `param` defaults, `profile` and `secret` may read it.",
            },
            Self::Files => Description {
                params: &[("pattern", || Ty::Glob)],
                result: || Ty::list(Ty::Path),
                doc: "The files a pattern matches when the plan is made. The pattern is written \
                      out.",
            },
            Self::Flag => Description {
                params: &[("name", text), ("value", optional_text)],
                result: || Ty::list(Ty::TEXT),
                doc: "A flag with its value as two arguments, or no argument when the value is \
                      `none`.",
            },
            Self::Glob => Description {
                params: &[("text", text)],
                result: || Ty::Glob,
                doc: "A computed text as a pattern; it is checked when the plan is made.",
            },
            Self::Path => Description {
                params: &[("text", text)],
                result: || Ty::Path,
                doc: "A computed text as a path; it is checked when the plan is made.",
            },
            Self::Raw(_) => Description {
                params: &[("raw", text)],
                result: || Ty::Command,
                doc: "A computed script. Values in it are read as shell code, so this is always \
                      reported; a script that is written out gets its values as variables.",
            },
        }
    }
}

fn text() -> Ty {
    Ty::TEXT
}

fn optional_text() -> Ty {
    Ty::TEXT.optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_its_name() {
        for function in Builtin::ALL.into_iter().chain(TAGS.map(Builtin::Raw)) {
            assert_eq!(Builtin::named(function.name()), Some(function));
        }
        assert!(Builtin::ALL.is_sorted_by_key(|it| it.name()));
        assert_eq!(Builtin::named("len"), None);
    }

    #[test]
    fn a_signature_reads_as_it_would_be_declared() {
        assert_eq!(Builtin::Flag.signature(), "flag(name: string, value: string?) -> [string]");
        assert_eq!(Builtin::Raw("nu").signature(), "nu(raw: string) -> command");
    }
}
