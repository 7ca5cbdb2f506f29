//! Bytes become text, and it is remembered where they were none.

use std::sync::Arc;

use camino::Utf8Path;
use rush_system::{System, SystemError};

/// What a file holds, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    /// Where the first bytes stand that are no UTF-8; in the text there is a replacement character.
    pub(crate) broken_at: Option<usize>,
}

impl Text {
    pub(crate) fn valid(text: Arc<str>) -> Self {
        Self { text, broken_at: None }
    }

    pub(crate) fn decode(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::valid(text.into()),
            Err(error) => {
                // What precedes the first bad byte is text, so its place is the same in both.
                let broken_at = Some(error.utf8_error().valid_up_to());
                let text = String::from_utf8_lossy(error.as_bytes()).into();
                Self { text, broken_at }
            }
        }
    }

    /// Reads a file; `None` when there is none.
    pub(crate) fn read(system: &dyn System, path: &Utf8Path) -> Result<Option<Self>, SystemError> {
        match system.read(path) {
            Ok(bytes) => Ok(Some(Self::decode(bytes))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(SystemError::IsADirectory { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn the_first_bad_byte_has_the_same_place_in_the_text() {
        let text = Text::decode(b"a\xc3\xa9\xff\xfeb".to_vec());
        assert_eq!(text.broken_at, Some(3));
        assert!(text.text.starts_with("aé\u{fffd}"));
        assert_eq!(Text::decode(b"ok".to_vec()).broken_at, None);
    }
}
