//! How a parameter is given on the command line, as its type says.

use rush_semantics::signature::ParamSig;
use rush_semantics::ty::{Ty, strip_none};

/// How a parameter is given on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `--release` or `--no-release`
    Switch,
    /// `--crate api`
    Value,
    /// `--feature a --feature b`
    Repeated,
    /// What follows `--`.
    Rest,
    /// Only by call syntax: records and maps have no form as text.
    CallOnly,
}

impl Form {
    /// The form of a parameter.
    pub(crate) fn of(param: &ParamSig) -> Self {
        if param.is_rest { Self::Rest } else { Self::of_type(&param.ty) }
    }

    /// The form of a parameter or matrix axis of this type.
    pub(crate) fn of_type(ty: &Ty) -> Self {
        match strip_none(ty).bare() {
            Ty::Bool => Self::Switch,
            Ty::List(_) => Self::Repeated,
            Ty::Map(_)
            | Ty::Record(_)
            | Ty::Tag(_)
            | Ty::Command
            | Ty::Kind(_)
            | Ty::Decl { .. } => Self::CallOnly,
            _ => Self::Value,
        }
    }
}
