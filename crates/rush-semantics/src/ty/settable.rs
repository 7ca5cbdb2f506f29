//! Which values can be given as text: in flags, with `--set`, in the environment.
//!
//! How a text is read is the evaluator's affair; that the checker and the evaluator agree on what
//! can be read at all is why the question is answered here.

use super::{Ty, strip_none};

/// Whether values of the type can be given as text.
///
/// One member that can is enough, but `none` alone does not make a map settable.
/// What was reported already counts as settable, so that one mistake gives one problem.
pub fn is_settable(ty: &Ty) -> bool {
    strip_none(ty).members().iter().any(|member| match member.bare() {
        Ty::List(element) => is_settable(element),
        Ty::Map(_) | Ty::Record(_) | Ty::Tag(_) | Ty::Command | Ty::Secret => false,
        Ty::Kind(_) | Ty::Decl { .. } => false,
        Ty::Error
        | Ty::Never
        | Ty::None
        | Ty::Bool
        | Ty::Int(_)
        | Ty::Float(_)
        | Ty::Duration(_)
        | Ty::Size(_)
        | Ty::Text(_)
        | Ty::Path
        | Ty::Glob
        | Ty::Regex
        | Ty::Cron
        | Ty::Union(_)
        | Ty::Alias(_) => true,
    })
}
