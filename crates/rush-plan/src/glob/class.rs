//! Sets of characters, as `[a-z_]` and `[!0-9]` write them.
//!
//! Invariant: ranges are sorted, do not touch, and never contain `/`, so that no set leaves its component.

/// A set of characters without `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    ranges: Vec<(char, char)>,
}

impl Class {
    /// The set of these ranges, or of all characters outside of them.
    pub(super) fn new(listed: Vec<(char, char)>, kind: ClassKind) -> Self {
        let mut listed = listed;
        match kind {
            ClassKind::Listed => Self { ranges: without_slash(&merged(listed)) },
            ClassKind::Others => {
                listed.push(('/', '/'));
                Self { ranges: complement(&merged(listed)) }
            }
        }
    }

    pub(super) fn contains(&self, character: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&character))
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.ranges.iter().any(|(low, high)| {
            other
                .ranges
                .iter()
                .any(|(other_low, other_high)| low <= other_high && other_low <= high)
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(super) fn ranges(&self) -> &[(char, char)] {
        &self.ranges
    }
}

/// Whether a set has what it lists or everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClassKind {
    Listed,
    Others,
}

/// The next character, skipping the surrogates, which are none.
pub(super) fn after(character: char) -> Option<char> {
    match character {
        char::MAX => None,
        '\u{D7FF}' => Some('\u{E000}'),
        _ => char::from_u32(u32::from(character) + 1),
    }
}

fn before(character: char) -> Option<char> {
    match character {
        '\0' => None,
        '\u{E000}' => Some('\u{D7FF}'),
        _ => char::from_u32(u32::from(character) - 1),
    }
}

fn merged(mut ranges: Vec<(char, char)>) -> Vec<(char, char)> {
    ranges.sort_unstable();
    let mut merged: Vec<(char, char)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some(last) if after(last.1).is_none_or(|next| low <= next) => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut gaps = Vec::with_capacity(ranges.len() + 1);
    let mut start = Some('\0');
    for (low, high) in ranges {
        if let (Some(from), Some(to)) = (start, before(*low))
            && from <= to
        {
            gaps.push((from, to));
        }
        start = after(*high);
    }
    if let Some(from) = start {
        gaps.push((from, char::MAX));
    }
    gaps
}

fn without_slash(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut parts = Vec::with_capacity(ranges.len() + 1);
    for (low, high) in ranges {
        if !(*low..=*high).contains(&'/') {
            parts.push((*low, *high));
            continue;
        }
        if *low < '/' {
            parts.push((*low, '.'));
        }
        if *high > '/' {
            parts.push(('0', *high));
        }
    }
    parts
}
