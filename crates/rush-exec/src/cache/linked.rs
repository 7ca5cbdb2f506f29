//! Directories that links of the workspace lead to, as a search enters them: each by the path of the link, and none of
//! them for ever.
//!
//! A link is left alone if it leads to a directory that it lies in, by whatever way the search came there. One that was
//! itself found behind a link is followed only if nothing else led to the same directory, since packages that link each
//! other would else be read by every way through them. It does not know what is searched for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::contents::Name;
use super::listing::{PRIVATE, Search, join, parent};
use super::stamp::Kind;
use super::written::Hidden;

/// Where a search goes on.
pub(super) struct Entrance {
    /// The path it goes by.
    pub(super) at: Name,
    /// The same directory without any link, if a link that the search found led there.
    pub(super) real: Option<Name>,
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
    /// The next directory to enter; what is `hidden` stays so by every way there.
    pub(super) fn next(
        &mut self,
        search: &mut Search<'_>,
        hidden: &Hidden<'_>,
    ) -> Option<Entrance> {
        while let Some((link, homes)) = self.found.pop_first() {
            let entrance = self.enter(search, link, &homes);
            let is_seen = |it: &Entrance| {
                !it.real_path(&it.at).is_some_and(|it| hidden.hides_all_in(&text(&it)))
            };
            if let Some(entrance) = entrance.filter(is_seen) {
                return Some(entrance);
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
        Some(Entrance { at: link, real: Some(real), own, homes })
    }
}

impl Entrance {
    /// Where a path behind the link is without it.
    fn real_path(&self, path: &[u8]) -> Option<Name> {
        Some(match below(path, &self.at)? {
            [] => self.real.clone()?,
            rest => join(self.real.as_deref()?, rest),
        })
    }

    /// Whether a path is left out by its own name, or by the one that it has without the link.
    pub(super) fn is_hidden(&self, path: &[u8], hidden: &Hidden<'_>) -> bool {
        self.names(path).any(|it| hidden.hides(&text(&it)))
    }

    /// The same for all that is in a directory.
    pub(super) fn is_all_hidden(&self, directory: &[u8], hidden: &Hidden<'_>) -> bool {
        self.names(directory).any(|it| hidden.hides_all_in(&text(&it)))
    }

    /// The name of a path, and the one that it has without the link.
    fn names<'a>(&self, path: &'a [u8]) -> impl Iterator<Item = Cow<'a, [u8]>> {
        let real = self.real_path(path).map(|it| Cow::Owned(it.to_vec()));
        std::iter::once(Cow::Borrowed(path)).chain(real)
    }
}

fn text(path: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(path)
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
