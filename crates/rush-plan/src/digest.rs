//! Content digests: BLAKE3 over bytes, written as 64 lower-case hex digits.
//!
//! It does not know what was digested; every caller separates its domain with a prefix of its own.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A BLAKE3 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes within a named domain, so that equal bytes of different meaning differ.
    pub fn of(domain: &str, bytes: &[u8]) -> Self {
        Self::of_parts(domain, &[bytes])
    }

    /// The digest of these parts one after the other.
    pub(crate) fn of_parts(domain: &str, parts: &[&[u8]]) -> Self {
        let mut digesting = Digesting::within(domain);
        for part in parts {
            digesting.add(part);
        }
        digesting.finish()
    }

    /// A digest from its raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hex digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        decode_hex(text, &mut bytes)?;
        Some(Self(bytes))
    }
}

/// A digest in the making, of bytes that are not there as a whole: equal to [`Digest::of`] all of them.
#[derive(Clone, Debug)]
pub struct Digesting(blake3::Hasher);

impl Digesting {
    /// Begins within a named domain.
    pub fn within(domain: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(domain.as_bytes()).update(&[0]);
        Self(hasher)
    }

    /// Adds the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was added.
    pub fn finish(&self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;
        impl de::Visitor<'_> for Hex {
            type Value = Digest;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 hexadecimal digits")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                Digest::parse(text)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Hex)
    }
}

/// Writes bytes as lower-case hex digits, in one piece: names are written for every event of a run.
pub(crate) fn write_hex<const N: usize>(
    bytes: &[u8; N],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    let mut digits = [[0; 2]; N];
    for (pair, byte) in digits.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0xf)];
    }
    f.write_str(std::str::from_utf8(digits.as_flattened()).map_err(|_| fmt::Error)?)
}

/// Fills `bytes` from exactly twice as many lower-case hex digits.
pub(crate) fn decode_hex(text: &str, bytes: &mut [u8]) -> Option<()> {
    let digits = text.as_bytes();
    if digits.len() != bytes.len() * 2 {
        return None;
    }
    let mut all = 0;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = *pair else { return None };
        let (high, low) = (hex_digit(high), hex_digit(low));
        all |= high | low;
        *byte = high << 4 | low & 0xf;
    }
    (all < NO_DIGIT).then_some(())
}

/// What stands for a character that is no digit.
const NO_DIGIT: u8 = 0x10;

/// The value of each character as a digit: a large plan has a million of them.
#[allow(clippy::indexing_slicing, reason = "worked out by the compiler, which sees a wrong index")]
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

fn hex_digit(digit: u8) -> u8 {
    DIGITS.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}
