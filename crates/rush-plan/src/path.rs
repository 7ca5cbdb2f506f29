//! Paths inside the workspace: the only kind of path a plan can hold.
//!
//! Invariant of [`WorkspacePath`]: relative to the workspace root, `/` between components, no empty, `.`
//! or `..` component, no drive letter, no NUL. The root itself is the empty text and prints as `.`.
//! It does not know where the workspace is; whoever runs the plan joins it to a root.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A normalised path relative to the workspace root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspacePath(String);

/// Why a text is no path inside the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path starts at the root of the file system or of a drive.
    #[error("the path is absolute")]
    Absolute,
    /// More `..` than there are directories above.
    #[error("the path leaves the workspace")]
    Outside,
    /// A NUL character, which no file name can contain.
    #[error("the path contains a NUL character")]
    Nul,
}

impl WorkspacePath {
    /// The workspace root.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Reads a path relative to the workspace root, resolving `.` and `..`.
    pub fn new(text: &str) -> Result<Self, PathError> {
        Self::root().join(text)
    }

    /// Resolves `text` from this directory; a leading `//` means the workspace root.
    pub fn join(&self, text: &str) -> Result<Self, PathError> {
        let (base, rest) = match text.strip_prefix("//") {
            Some(rest) => ("", rest),
            None => (self.0.as_str(), text),
        };
        if text.contains('\0') {
            return Err(PathError::Nul);
        }
        if is_absolute(rest) {
            return Err(PathError::Absolute);
        }
        let mut joined = base.to_owned();
        for component in rest.split('/') {
            match component {
                "" | "." => {}
                ".." if joined.is_empty() => return Err(PathError::Outside),
                ".." => joined.truncate(joined.rfind('/').unwrap_or(0)),
                name => {
                    if !joined.is_empty() {
                        joined.push('/');
                    }
                    joined.push_str(name);
                }
            }
        }
        Ok(Self(joined))
    }

    /// Whether [`Self::join`] surely accepts a text in any directory; cheaper than trying.
    pub fn is_surely_inside(text: &str) -> bool {
        let rest = text.strip_prefix("//").unwrap_or(text);
        !text.contains('\0') && !text.contains("..") && !is_absolute(rest)
    }

    /// The path as text, `.` for the root.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "." } else { &self.0 }
    }

    /// Whether this is the workspace root itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The components from the root down.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// The last component; `None` for the root.
    pub fn name(&self) -> Option<&str> {
        self.components().next_back()
    }

    /// The directory that holds this path; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.rfind('/').unwrap_or(0);
        Some(Self(self.0.get(..end).unwrap_or_default().to_owned()))
    }

    /// Whether this path is `directory` or lies below it.
    pub fn is_inside(&self, directory: &Self) -> bool {
        if directory.is_root() {
            return true;
        }
        self.0
            .strip_prefix(directory.0.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// This path as seen from `directory`, with `..` where needed; `.` if they are the same.
    pub fn relative_to(&self, directory: &Self) -> String {
        let shared =
            self.components().zip(directory.components()).take_while(|(a, b)| a == b).count();
        let up = directory.components().skip(shared).map(|_| "..");
        let down = self.components().skip(shared);
        let parts: Vec<&str> = up.chain(down).collect();
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }
}

/// A leading separator or a drive letter, on whatever platform the text was written for.
fn is_absolute(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [b'/' | b'\\', ..])
        || matches!(bytes, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

impl fmt::Display for WorkspacePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WorkspacePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WorkspacePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = WorkspacePath;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path inside the workspace")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<WorkspacePath, E> {
                let path = WorkspacePath::new(text)
                    .map_err(|why| E::custom(format_args!("`{text}`: {why}")))?;
                if path.as_str() == text {
                    Ok(path)
                } else {
                    Err(E::custom(format_args!("`{text}` is not normalised")))
                }
            }
        }
        deserializer.deserialize_str(Text)
    }
}
