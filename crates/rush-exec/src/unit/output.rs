//! The two streams of a process on their way to the events: secrets taken out, characters kept whole.

use rush_plan::LogStream;

use crate::mask::Masker;
use crate::secrets::Secrets;

/// The streams of one process.
pub(crate) struct Outlet {
    output: Channel,
    errors: Channel,
}

struct Channel {
    masker: Masker,
    /// The beginning of a character whose rest has not come yet.
    held: Vec<u8>,
}

impl Outlet {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        let masker = secrets.masker();
        Self {
            output: Channel { masker: masker.clone(), held: Vec::new() },
            errors: Channel { masker, held: Vec::new() },
        }
    }

    /// Takes what was written and returns what can be shown of it by now.
    pub(crate) fn push(&mut self, stream: LogStream, bytes: Vec<u8>) -> Vec<u8> {
        let channel = match stream {
            LogStream::Stdout | LogStream::Unknown => &mut self.output,
            LogStream::Stderr => &mut self.errors,
        };
        let masked = channel.masker.push(bytes);
        channel.whole_characters(masked)
    }

    /// What was held back.
    pub(crate) fn finish(mut self) -> [(LogStream, Vec<u8>); 2] {
        [(LogStream::Stdout, self.output.finish()), (LogStream::Stderr, self.errors.finish())]
    }
}

impl Channel {
    fn whole_characters(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        if !self.held.is_empty() {
            let mut joined = std::mem::take(&mut self.held);
            joined.append(&mut bytes);
            bytes = joined;
        }
        let end = bytes.len() - incomplete_end(&bytes);
        self.held = bytes.split_off(end);
        bytes
    }

    fn finish(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.held);
        bytes.extend(self.masker.finish());
        bytes
    }
}

/// How many bytes at the end are the beginning of a character of UTF-8 that is not complete.
fn incomplete_end(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(3).enumerate() {
        let length = match byte {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        return if length > back + 1 { back + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_split_over_writes_stays_whole_and_broken_bytes_pass() {
        let mut outlet = Outlet::new(&Secrets::default());
        let mut push = |bytes: &[u8]| outlet.push(LogStream::Stdout, bytes.to_vec());
        assert_eq!(push(b"a\xe2\x82"), b"a");
        assert_eq!(push(b"\xac!"), "€!".as_bytes());
        assert_eq!(push(b"\xff\xfe"), b"\xff\xfe");
        assert_eq!(push(b"\xe2\x82"), b"");
        assert_eq!(outlet.finish()[0].1, b"\xe2\x82");
    }
}
