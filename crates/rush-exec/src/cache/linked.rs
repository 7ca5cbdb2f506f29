//! Directories that links of the workspace lead to, as a search enters them: each by the path of the link, and none of
//! them for ever.
//!
//! A link is left alone if it leads to a directory that it lies in, by whatever way the search came there. One that was
//! itself found behind a link is followed only if nothing else led to the same directory, since packages that link each
//! other would else be read by every way through them. It does not know what is searched for.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::contents::Name;
use super::listing::{PRIVATE, Search, join, parent};
use super::stamp::Kind;

/// Where a search goes on.
pub(super) struct Entrance {
    /// The path it goes by.
    pub(super) at: Name,
    /// The directory of the cache by that path, if it lies in there.
    pub(super) own: Option<Name>,
    /// Where the links lie that led there, without any link.
    pub(super) homes: Rc<[Name]>,
}

/// The links that a search has met.
#[derive(Default)]
pub(super) struct Links {
    /// Those that were not looked at yet, with what led to them; in order, so that every search ends up the same.
    pub(super) found: BTreeMap<Name, Rc<[Name]>>,
    /// The directories that were entered.
    entered: FxHashSet<Name>,
}

impl Links {
    /// The next directory to enter.
    pub(super) fn next(&mut self, search: &mut Search<'_>) -> Option<Entrance> {
        while let Some((link, homes)) = self.found.pop_first() {
            let entrance = self.enter(search, link, &homes);
            if entrance.is_some() {
                return entrance;
            }
        }
        None
    }

    fn enter(
        &mut self,
        search: &mut Search<'_>,
        link: Name,
        homes: &Rc<[Name]>,
    ) -> Option<Entrance> {
        let followed = search.contents.tree.stamp_followed(&link);
        if followed.kind != Kind::Directory {
            if followed.kind == Kind::Absent {
                search.conditions.insert(link, followed);
            }
            return None;
        }
        let real = search.contents.target_of(&link)?;
        let home = search.contents.target_of(parent(&link))?;
        let homes: Rc<[Name]> = homes.iter().cloned().chain([home]).collect();
        let is_private = real.split(|it| *it == b'/').any(|it| PRIVATE.contains(&it));
        let is_nested = homes.len() > 1;
        if is_private
            || homes.iter().any(|it| below(it, &real).is_some())
            || !self.entered.insert(real.clone()) && is_nested
        {
            return None;
        }
        let own = match search.lister.own.as_deref().and_then(|own| below(own, &real)) {
            Some([]) => return None,
            Some(rest) => Some(join(&link, rest)),
            None => None,
        };
        Some(Entrance { at: link, own, homes })
    }
}

/// What is left of a path behind a directory; `None` if it does not lie in there.
fn below<'a>(path: &'a [u8], directory: &[u8]) -> Option<&'a [u8]> {
    if directory.is_empty() {
        return Some(path);
    }
    match path.strip_prefix(directory)? {
        [] => Some(&[]),
        [b'/', rest @ ..] => Some(rest),
        _ => None,
    }
}
