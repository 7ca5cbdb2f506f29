//! How large a type may become.
//!
//! Types share their parts, so a few lines can describe one that no walk would ever finish, and a
//! long chain of definitions one that is nested deeper than a thread's stack.

use super::Ty;

/// The deepest nesting; deeper than what can be written in one item.
const DEPTH_MAX: usize = 256;

/// The most parts, each counted as often as it occurs.
const PARTS_MAX: usize = 20_000;

/// Whether a type is too large to be worked with.
pub fn is_too_large(ty: &Ty) -> bool {
    let mut open = vec![(ty, 1)];
    let mut parts = 0;
    while let Some((ty, depth)) = open.pop() {
        parts += 1;
        if depth > DEPTH_MAX || parts > PARTS_MAX {
            return true;
        }
        let inside = depth + 1;
        match ty {
            Ty::List(inner) | Ty::Map(inner) => open.push((inner, inside)),
            Ty::Alias(alias) => open.push((&alias.ty, inside)),
            Ty::Record(record) => open.extend(record.fields.iter().map(|it| (&it.ty, inside))),
            Ty::Tag(tag) => open.extend(tag.fields.iter().map(|it| (&it.ty, inside))),
            Ty::Union(members) => open.extend(members.iter().map(|it| (it, inside))),
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
            | Ty::Command
            | Ty::Secret
            | Ty::Kind(_)
            | Ty::Decl { .. } => {}
        }
    }
    false
}
