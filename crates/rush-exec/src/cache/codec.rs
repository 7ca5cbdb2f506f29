//! The bytes of what the cache keeps: numbers little-endian, texts with their length before them.
//!
//! Reading never trusts what it reads: every length is held against what is left, and the end of the input is
//! `None`, never a panic. It does not know what is written.

use std::io::{self, Write};

use rush_plan::{Digest, Digesting};

/// What separates the checksums of files from all other digests.
const SEAL_DOMAIN: &str = "rush file";

/// How much of a large file is in memory before it is written.
const PIECE_BYTES: usize = 64 * 1024;

/// Writes.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        self.u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
        self.0.extend_from_slice(value);
    }

    pub(crate) fn digest(&mut self, value: Digest) {
        self.0.extend_from_slice(value.as_bytes());
    }

    pub(crate) fn count(&mut self, value: usize) {
        self.u32(u32::try_from(value).unwrap_or(u32::MAX));
    }

    /// What was written, behind a first line that says what it is, and with its checksum at the end.
    pub(crate) fn sealed(self, magic: &str) -> Vec<u8> {
        let mut all = Vec::with_capacity(magic.len() + self.0.len() + 32);
        all.extend_from_slice(magic.as_bytes());
        all.extend(self.0);
        let checksum = Digest::of(SEAL_DOMAIN, &all);
        all.extend_from_slice(checksum.as_bytes());
        all
    }
}

/// Writes a sealed file piece by piece, so that it is never in memory as a whole.
pub(crate) struct Sealing<W> {
    out: W,
    checksum: Digesting,
    /// What was written and did not go out yet.
    pub(crate) writer: Writer,
}

impl<W: Write> Sealing<W> {
    /// Begins with the line that says what it is.
    pub(crate) fn begin(out: W, magic: &str) -> Self {
        let checksum = Digesting::within(SEAL_DOMAIN);
        Self { out, checksum, writer: Writer(magic.as_bytes().to_vec()) }
    }

    /// Lets go what was written, once it is enough to be worth it.
    pub(crate) fn pass_on(&mut self) -> io::Result<()> {
        if self.writer.0.len() < PIECE_BYTES { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.checksum.add(&self.writer.0);
        self.out.write_all(&self.writer.0)?;
        self.writer.0.clear();
        Ok(())
    }

    /// Ends it with the checksum.
    pub(crate) fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.out.write_all(self.checksum.finish().as_bytes())
    }
}

/// Takes the first line and the checksum off, if both are right.
pub(crate) fn unseal<'a>(bytes: &'a [u8], magic: &str) -> Option<&'a [u8]> {
    let (all, checksum) = bytes.split_last_chunk::<32>()?;
    let body = all.strip_prefix(magic.as_bytes())?;
    (Digest::of(SEAL_DOMAIN, all).as_bytes() == checksum).then_some(body)
}

/// Reads.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn digest(&mut self) -> Option<Digest> {
        self.array().map(Digest::from_bytes)
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// Reads as many items as are announced.
    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.u32()? as usize;
        // An item takes a byte at least, so a wrong count can't ask for more memory than the input has.
        let mut items = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_breaks_the_seal_and_a_cut_text_is_no_text() {
        let mut writer = Writer::default();
        writer.bytes(b"hello");
        let sealed = writer.sealed("test 1\n");
        let body = unseal(&sealed, "test 1\n").unwrap();
        assert_eq!(Reader(body).bytes(), Some(&b"hello"[..]));
        assert_eq!(Reader(&body[..6]).bytes(), None);
        let mut piecewise = Vec::new();
        let mut sealing = Sealing::begin(&mut piecewise, "test 1\n");
        sealing.writer.bytes(b"hello");
        sealing.flush().unwrap();
        sealing.end().unwrap();
        assert_eq!(piecewise, sealed);
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(unseal(&damaged, "test 1\n").is_none());
        }
    }
}
