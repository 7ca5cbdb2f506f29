//! Bytes to text: Rush files are UTF-8, and one that is not is reported, never guessed at.

use crate::error::{self, SyntaxError};

/// Why a file could not be read as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUtf8 {
    /// Where the first byte is that belongs to no character.
    pub offset: usize,
    /// The line it is on, from 1.
    pub line: usize,
    /// The byte.
    pub byte: u8,
    /// The text before it, which is sound.
    pub before: String,
}

/// Reads the bytes of a file as text; a byte-order mark stays in it.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    String::from_utf8(bytes).map_err(|bad| {
        let offset = bad.utf8_error().valid_up_to();
        let bytes = bad.as_bytes();
        let sound = bytes.get(..offset).unwrap_or_default();
        NotUtf8 {
            offset,
            line: memchr::memchr_iter(b'\n', sound).count() + 1,
            byte: bytes.get(offset).copied().unwrap_or_default(),
            before: String::from_utf8_lossy(sound).into_owned(),
        }
    })
}

impl NotUtf8 {
    /// The finding, at the end of the sound text, counted from the start of the file.
    pub fn error(&self) -> SyntaxError {
        error::not_utf8(self.offset, self.line, self.byte)
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn bytes_that_are_no_text_are_named() {
        assert_eq!(decode(b"let x = 1".to_vec()).unwrap(), "let x = 1");
        let bad = decode(b"let\n x\xff1".to_vec()).unwrap_err();
        assert_eq!((bad.offset, bad.before.as_str()), (6, "let\n x"));
        assert_eq!(bad.error().message, "the file is not UTF-8: line 2 has the byte `0xff`");
    }
}
