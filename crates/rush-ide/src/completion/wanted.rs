//! What is wanted where a value stands, and how well a value does.

use rush_semantics::ty::{Ty, may_fit};

use super::list::Rank;

/// What is wanted where a value stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wanted {
    /// Nobody says.
    Anything,
    /// A value of a type.
    Of(Ty),
    /// Something that can be part of a text.
    Scalar,
    /// Something that gives arguments: a list, or what may be none.
    Arguments,
    /// A list of anything, whose elements are visited.
    Elements,
}

impl Wanted {
    /// How well a value of the type fits.
    pub(super) fn rank(&self, ty: &Ty, fitting: Rank) -> Rank {
        let fits = match self {
            Self::Anything => return fitting,
            _ if ty.is_error() => return Rank::HasParts,
            Self::Of(wanted) => may_fit(ty, wanted),
            Self::Scalar => is_scalar(ty) && !ty.may_be_none(),
            Self::Arguments => {
                let is_list = ty.members().iter().any(|it| matches!(it.bare(), Ty::List(_)));
                is_list || ty.may_be_none()
            }
            Self::Elements => ty.members().iter().all(|it| matches!(it.bare(), Ty::List(_))),
        };
        if fits { fitting } else { Rank::Other }
    }

    pub(super) fn has(&self, test: impl Fn(&Ty) -> bool) -> bool {
        match self {
            Self::Of(ty) => ty.members().iter().any(|it| test(it.bare())),
            Self::Anything | Self::Scalar | Self::Arguments | Self::Elements => false,
        }
    }

    /// Whether a value of the type only fits as the element of a list.
    pub(super) fn wants_in_list(&self, ty: &Ty) -> bool {
        let Self::Of(wanted) = self else { return false };
        let mut members = wanted.members().iter();
        !may_fit(ty, wanted)
            && members.any(|it| matches!(it.bare(), Ty::List(element) if may_fit(ty, element)))
    }

    /// Whether something with parts of these types has one that fits.
    pub(super) fn rank_of_whole<'t>(&self, mut parts: impl Iterator<Item = &'t Ty>) -> Rank {
        match self {
            Self::Anything => Rank::HasParts,
            _ if parts.any(|it| self.rank(it, Rank::Fits) == Rank::Fits) => Rank::HasParts,
            _ => Rank::Other,
        }
    }

    /// Whether a task or a list of tasks is wanted.
    pub(super) fn wants_declaration(&self) -> bool {
        self.has(|it| match it {
            Ty::List(element) => element.members().iter().any(|it| matches!(it, Ty::Kind(_))),
            other => matches!(other, Ty::Kind(_)),
        })
    }
}

/// Whether a value has one text form.
pub(super) fn is_scalar(ty: &Ty) -> bool {
    ty.members().iter().all(|member| {
        matches!(
            member.bare(),
            Ty::None
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
        )
    })
}
