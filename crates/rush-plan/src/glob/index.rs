//! An index of patterns by what their matches start with, so that only patterns that might meet are compared.

use super::Glob;

/// Patterns with something attached to each, sorted by literal prefix.
///
/// Two patterns can meet only if the literal prefix of one starts with that of the other; sorted, the patterns
/// that start with a text stand side by side, and those a text starts with form a chain.
#[derive(Clone, Debug)]
pub struct PatternIndex<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    prefix: Box<str>,
    /// The nearest entry before this one with a shorter prefix that this one starts with.
    shorter: Option<usize>,
    value: T,
}

impl<T> Default for PatternIndex<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<'a, T> FromIterator<(&'a Glob, T)> for PatternIndex<T> {
    fn from_iter<I: IntoIterator<Item = (&'a Glob, T)>>(patterns: I) -> Self {
        Self::by_prefix(patterns.into_iter().map(|(glob, value)| (glob.literal_prefix(), value)))
    }
}

impl<T> PatternIndex<T> {
    /// An index of patterns of which nothing but the literal prefixes is known.
    pub fn by_prefix<'a>(prefixes: impl IntoIterator<Item = (&'a str, T)>) -> Self {
        let entry =
            |(prefix, value): (&str, T)| Entry { prefix: prefix.into(), shorter: None, value };
        let mut entries: Vec<Entry<T>> = prefixes.into_iter().map(entry).collect();
        entries.sort_by(|a, b| a.prefix.cmp(&b.prefix));
        let mut chain: Vec<usize> = Vec::new();
        for at in 0..entries.len() {
            let (before, rest) = entries.split_at_mut(at);
            let Some(entry) = rest.first_mut() else { break };
            let is_longer =
                |it: &Entry<T>| it.prefix != entry.prefix && entry.prefix.starts_with(&*it.prefix);
            while chain.last().and_then(|last| before.get(*last)).is_some_and(|it| !is_longer(it)) {
                chain.pop();
            }
            entry.shorter = chain.last().copied();
            chain.push(at);
        }
        Self { entries }
    }

    /// The number of patterns.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is attached to the patterns that might meet this one; each once, in the order of prefixes.
    pub fn candidates(&self, glob: &Glob) -> impl Iterator<Item = &T> {
        self.candidates_at(glob.literal_prefix())
    }

    /// What is attached to the patterns that might meet one with this literal prefix; each once, in
    /// the order of prefixes.
    pub fn candidates_at(&self, prefix: &str) -> impl Iterator<Item = &T> {
        let start = self.entries.partition_point(|entry| &*entry.prefix < prefix);
        let longer = self
            .entries
            .iter()
            .skip(start)
            .take_while(move |entry| entry.prefix.starts_with(prefix));
        let shorter = self.nearest(start, |it| prefix.starts_with(it));
        self.chain(shorter).chain(longer).map(|entry| &entry.value)
    }

    /// What is attached to the patterns that might match everything below a directory (`""` and `.`
    /// are the root): their literal prefix ends in it or above; in the order of prefixes from the
    /// longest to the shortest.
    pub fn above(&self, directory: &str) -> impl Iterator<Item = &T> {
        let directory = if directory == "." { "" } else { directory };
        let slash = if directory.is_empty() { "" } else { "/" };
        let below = move || directory.bytes().chain(slash.bytes());
        let after = self.entries.partition_point(|entry| entry.prefix.bytes().le(below()));
        let holds = move |prefix: &str| {
            directory.starts_with(prefix) || prefix.strip_prefix(directory) == Some(slash)
        };
        let shorter = self.nearest(after, holds);
        self.chain(shorter).map(|entry| &entry.value)
    }

    /// All pairs of different patterns of the index that might meet, each once.
    pub fn pairs(&self) -> impl Iterator<Item = (&T, &T)> {
        self.entries.iter().enumerate().flat_map(|(at, entry)| {
            self.chain(self.before(at)).map(|before| (&before.value, &entry.value))
        })
    }

    /// Of the entry before a position and those whose prefixes it starts with, the first whose own is as wanted.
    /// What holds for a prefix has to hold for those that it starts with.
    fn nearest(&self, position: usize, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let mut at = position.checked_sub(1);
        while let Some(entry) = at.and_then(|it| self.entries.get(it))
            && !is_wanted(&entry.prefix)
        {
            at = entry.shorter;
        }
        at
    }

    /// The entry before this one whose prefix is the same, else the nearest that this one starts with.
    fn before(&self, at: usize) -> Option<usize> {
        let entry = self.entries.get(at)?;
        let is_same =
            |it: &usize| self.entries.get(*it).is_some_and(|it| it.prefix == entry.prefix);
        at.checked_sub(1).filter(is_same).or(entry.shorter)
    }

    /// An entry and all whose prefixes it starts with.
    fn chain(&self, from: Option<usize>) -> impl Iterator<Item = &Entry<T>> {
        let all = std::iter::successors(from, |at| self.before(*at));
        all.filter_map(|at| self.entries.get(at))
    }
}
