//! The functions of Rush as an editor shows them, for completion, hover and signatures alike.

use rush_syntax::Kind;

use rush_semantics::infer::{Builtin, Param};
use rush_semantics::ty::Ty;

/// A function of Rush.
pub(crate) struct BuiltinFunction {
    /// Its name.
    pub(crate) name: &'static str,
    params: &'static [BuiltinParam],
    /// Its result.
    pub(crate) result: fn() -> Ty,
    /// What it does.
    pub(crate) doc: &'static str,
}

/// A parameter, which must be given: its name and its type.
type BuiltinParam = (&'static str, fn() -> Ty);

impl BuiltinFunction {
    /// `flag(name: string, value: string?) -> [string]`
    pub(crate) fn signature(&self) -> String {
        let params = self.params.iter().map(|(name, ty)| format!("{name}: {}", ty()));
        format!("{}({}) -> {}", self.name, params.collect::<Vec<_>>().join(", "), (self.result)())
    }

    /// Its parameters.
    pub(crate) fn params(&self) -> Vec<Param> {
        let params = self.params.iter().map(|(name, ty)| Param {
            name: (*name).into(),
            ty: ty(),
            is_optional: false,
            default: None,
            is_rest: false,
        });
        params.collect()
    }
}

/// The function of this name. That of each script language is described as `sh`.
pub(crate) fn builtin(name: &str) -> Option<&'static BuiltinFunction> {
    BUILTINS.iter().find(|it| it.name == name)
}

/// The description of a function.
pub(crate) fn of(function: Builtin) -> &'static BuiltinFunction {
    let name = match function {
        Builtin::All => "all",
        Builtin::Env => "env",
        Builtin::File => "file",
        Builtin::Files => "files",
        Builtin::Flag => "flag",
        Builtin::Glob => "glob",
        Builtin::Path => "path",
        Builtin::Raw(_) => "sh",
    };
    builtin(name).expect("a test looks for each of them")
}

fn text() -> Ty {
    Ty::TEXT
}

fn optional_text() -> Ty {
    Ty::TEXT.optional()
}

/// The functions in the order of their names.
pub(crate) const BUILTINS: &[BuiltinFunction] = &[
    BuiltinFunction {
        name: "all",
        params: &[("packages", || Ty::Glob), ("task", text)],
        result: || Ty::list(Ty::Kind(Kind::Task)),
        doc: "The task of this name in each package that the pattern matches and that has one. Both \
              texts are written out, so that an editor can list them.",
    },
    BuiltinFunction {
        name: "env",
        params: &[("name", text)],
        result: optional_text,
        doc: "A variable of the caller's environment, read when the plan is made. Only `param` \
              defaults, `profile` and `secret` may read it.",
    },
    BuiltinFunction {
        name: "file",
        params: &[("path", text)],
        result: optional_text,
        doc: "The text of a file without its last line end, read when the plan is made. Only `param` \
              defaults, `profile` and `secret` may read it.",
    },
    BuiltinFunction {
        name: "files",
        params: &[("pattern", || Ty::Glob)],
        result: || Ty::list(Ty::Path),
        doc: "The files a pattern matches when the plan is made. The pattern is written out.",
    },
    BuiltinFunction {
        name: "flag",
        params: &[("name", text), ("value", optional_text)],
        result: || Ty::list(Ty::TEXT),
        doc: "A flag with its value as two arguments, or no argument when the value is `none`.",
    },
    BuiltinFunction {
        name: "glob",
        params: &[("text", text)],
        result: || Ty::Glob,
        doc: "A computed text as a pattern; it is checked when the plan is made.",
    },
    BuiltinFunction {
        name: "path",
        params: &[("text", text)],
        result: || Ty::Path,
        doc: "A computed text as a path; it is checked when the plan is made.",
    },
    BuiltinFunction {
        name: "sh",
        params: &[("raw", text)],
        result: || Ty::Command,
        doc: "A computed script. Values in it are read as shell code, so this is always reported; a \
              script that is written out gets its values as variables.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_is_described() {
        let all = [
            Builtin::All,
            Builtin::Env,
            Builtin::File,
            Builtin::Files,
            Builtin::Flag,
            Builtin::Glob,
            Builtin::Path,
            Builtin::Raw("bash"),
        ];
        let shown: Vec<String> = all.iter().map(|it| of(*it).signature()).collect();
        assert!(shown.contains(&"flag(name: string, value: string?) -> [string]".to_owned()));
        assert_eq!(BUILTINS.len(), all.len());
    }
}
