//! The files a task reads, with their digests: those that its patterns match, and those that its depfile names.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use rush_plan::{Digest, Glob, Task};

use super::codec::Writer;
use super::contents::{Content, Contents, Name};
use super::entry::Input;
use super::inner::Inner;
use super::listing::{Patterns, Purpose};
use super::stamp::{Kind, Stamp, now_ns};
use crate::os::files::{self, Tree};

/// How many files that are named and not there are told of one task.
const MISSING_MAX: usize = 8;

/// The inputs of a task.
pub(super) struct Listed {
    pub(super) patterns: Digest,
    /// What tasks write, if that was left out of a search.
    pub(super) written: Option<Digest>,
    pub(super) inputs: Vec<Input>,
    /// The stamps of all of them; of links to files, of the files.
    stamps: Vec<Stamp>,
    pub(super) conditions: Vec<(Name, Stamp)>,
}

/// What names a list of patterns.
pub(super) fn patterns_digest(texts: &[String]) -> Digest {
    let mut writer = Writer::default();
    texts.iter().for_each(|it| writer.bytes(it.as_bytes()));
    Digest::of("rush patterns", &writer.0)
}

impl Listed {
    /// The first file that was written between this list and a later one, although it is the same again.
    pub(super) fn first_rewritten(&self, later: &Self, tree: &Tree) -> Option<&[u8]> {
        let stamps = self.stamps.iter().zip(&later.stamps);
        let mut inputs = self.inputs.iter().zip(stamps);
        let rewritten = inputs.find(|(input, stamps)| is_rewritten(tree, &input.path, *stamps));
        rewritten.map(|it| &*it.0.path)
    }
}

/// Whether a file was written between two looks at it.
pub(super) fn is_rewritten(tree: &Tree, path: &[u8], (then, now): (&Stamp, &Stamp)) -> bool {
    let is_other = Stamp { changed_ns: now.changed_ns, mode: now.mode, ..*then } != *now;
    // A new name or a new mode changes only that time.
    let is_same_but_changed = then.changed_ns != now.changed_ns && then.mode == now.mode;
    is_other || is_same_but_changed && !files::has_other_names(&tree.path(path))
}

impl Inner {
    /// The inputs of a task as they are now.
    pub(super) fn listed(&self, task: &Task) -> io::Result<Arc<Listed>> {
        let texts = task.inputs.as_deref().unwrap_or_default();
        let patterns = patterns_digest(texts);
        let generation = self.generation.load(Ordering::Relaxed);
        {
            let mut known = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
            if known.0 != generation {
                *known = (generation, rustc_hash::FxHashMap::default());
            }
            if let Some(listed) = known.1.get(&patterns) {
                return Ok(Arc::clone(listed));
            }
        }
        let listed = Arc::new(self.list(texts, patterns)?);
        let mut known = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 == generation {
            known.1.insert(patterns, Arc::clone(&listed));
        }
        Ok(listed)
    }

    fn list(&self, texts: &[String], patterns: Digest) -> io::Result<Listed> {
        let globs = Patterns::new(texts);
        let listing = self.lister.list(&self.contents, self.written(), &globs, Purpose::Inputs)?;
        let mut conditions = listing.conditions;
        let mut inputs = Vec::with_capacity(listing.paths.len());
        let mut stamps = Vec::with_capacity(listing.paths.len());
        for (path, kind) in listing.paths {
            if kind == Kind::Link {
                conditions.push((path.clone(), self.end_stamp(&path)));
            }
            let content = self.contents.look(&path).map_err(|error| unreadable(&path, &error))?;
            let end = || self.contents.tree.stamp_followed(&path);
            let end = (kind == Kind::Link).then(end).filter(|it| it.kind == Kind::File);
            stamps.push(end.unwrap_or(content.stamp));
            inputs.push(input_of(path, &content));
        }
        let written = listing.is_searched.then(|| self.written().digest);
        Ok(Listed { patterns, written, inputs, stamps, conditions })
    }
}

impl Inner {
    /// What to tell of a task that reads nothing, which no change would ever make run again, or that names files that
    /// are not there. `files` are those that it was found to read.
    pub(super) fn remark_on_inputs<'a>(
        &self,
        task: &Task,
        files: impl IntoIterator<Item = (&'a [u8], Kind)>,
    ) -> Vec<String> {
        let mut absent = Vec::new();
        let mut is_any_there = false;
        for (path, kind) in files {
            match kind {
                Kind::Absent => absent.push(path),
                _ => is_any_there = true,
            }
        }
        match (is_any_there, absent.is_empty()) {
            (false, _) => self.remark_on_nothing(task).into_iter().collect(),
            (true, true) => Vec::new(),
            (true, false) => self.remark_on_absent(task, &absent),
        }
    }

    /// Most files that are named and not there are misspelt. What a task of the plan makes may come yet.
    fn remark_on_absent(&self, task: &Task, absent: &[&[u8]]) -> Vec<String> {
        let patterns = Patterns::new(task.inputs.as_deref().unwrap_or_default());
        let literals = patterns.wanted().iter().filter(|it| it.is_literal());
        let missing = literals.filter(|it| {
            absent.contains(&it.literal_prefix().as_bytes()) && !self.written().meets(it)
        });
        let sentence = |it: &Glob| {
            format!("`inputs` names `{}`, and there is no such file", it.literal_prefix())
        };
        missing.take(MISSING_MAX).map(sentence).collect()
    }

    fn remark_on_nothing(&self, task: &Task) -> Option<String> {
        let patterns = Patterns::new(task.inputs.as_deref().unwrap_or_default());
        let wanted = patterns.wanted();
        if wanted.is_empty() || wanted.iter().any(|it| self.written().meets(it)) {
            return None;
        }
        let leads_out = |glob: &&Glob| {
            let start = glob.literal_directory().as_bytes();
            self.contents.tree.stamp_followed(start).kind == Kind::Directory
                && self.contents.target_of(start).is_none()
        };
        Some(match wanted.iter().find(leads_out) {
            Some(glob) => format!(
                "`inputs` matches no file: `{}` leads out of the workspace, and directories there are \
                 not entered",
                glob.literal_directory()
            ),
            None => {
                "`inputs` matches no file, so no change of a file makes it run again".to_owned()
            }
        })
    }

    /// What a link leads to; something that nothing equals if that may change without a trace.
    fn end_stamp(&self, link: &[u8]) -> Stamp {
        let stamp = self.contents.tree.stamp_followed(link);
        if stamp.is_settled(now_ns()) { stamp } else { Stamp::UNREADABLE }
    }
}

/// A file as it is now.
pub(super) fn input(contents: &Contents, path: Name) -> io::Result<Input> {
    let content = contents.look(&path).map_err(|error| unreadable(&path, &error))?;
    Ok(input_of(path, &content))
}

pub(super) fn input_of(path: Name, content: &Content) -> Input {
    Input {
        path,
        kind: content.stamp.kind,
        is_executable: content.stamp.is_executable(),
        digest: content.digest,
    }
}

fn unreadable(path: &[u8], error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}` can't be read: {error}", shown(path)))
}

/// A path for people: what is no UTF-8 is escaped.
pub(crate) fn shown(path: &[u8]) -> String {
    match std::str::from_utf8(path) {
        Ok(text) => text.to_owned(),
        Err(_) => path.escape_ascii().to_string(),
    }
}

/// The first path in which two lists differ.
pub(super) fn first_difference<'a>(before: &'a [Input], now: &'a [Input]) -> Option<&'a [u8]> {
    let mut old = before.iter().peekable();
    let mut new = now.iter().peekable();
    loop {
        return match (old.peek(), new.peek()) {
            (None, None) => None,
            (Some(a), None) => Some(&a.path),
            (None, Some(b)) => Some(&b.path),
            (Some(a), Some(b)) if a == b => {
                old.next();
                new.next();
                continue;
            }
            (Some(a), Some(b)) => Some(if a.path <= b.path { &a.path } else { &b.path }),
        };
    }
}
