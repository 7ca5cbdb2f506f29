//! Cuts a stream of bytes into messages.

/// The bytes of a stream that belong to no whole message yet.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
}

/// What ends the headers of a message.
const HEAD_END: &[u8] = b"\r\n\r\n";

impl Frames {
    /// Takes in what came.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message. What has no length is skipped.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let head_end = memchr::memmem::find(&self.bytes, HEAD_END)?;
            let start = head_end + HEAD_END.len();
            let Some(length) = self.bytes.get(..head_end).and_then(length) else {
                self.bytes.drain(..start);
                continue;
            };
            let end = start.checked_add(length)?;
            let message = self.bytes.get(start..end)?.to_vec();
            self.bytes.drain(..end);
            return Some(message);
        }
    }
}

fn length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.trim().eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse().ok()).flatten()
    })
}

/// A message as it goes over the wire. It may come in parts, so that a long one is copied once.
pub(crate) fn frame(parts: &[&str]) -> Vec<u8> {
    let length: usize = parts.iter().map(|it| it.len()).sum();
    let head = format!("Content-Length: {length}\r\n\r\n");
    let mut bytes = Vec::with_capacity(head.len() + length);
    bytes.extend_from_slice(head.as_bytes());
    parts.iter().for_each(|it| bytes.extend_from_slice(it.as_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::{Frames, frame};

    #[test]
    fn messages_come_in_pieces() {
        let wire =
            [frame(&["{\"é\"", ":1}"]), b"Noise: 1\r\n\r\n".to_vec(), frame(&["{}"])].concat();
        for size in [1, 3, 7, wire.len()] {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for piece in wire.chunks(size) {
                frames.feed(piece);
                found.extend(std::iter::from_fn(|| frames.next()));
            }
            let found: Vec<_> = found.iter().map(|it| String::from_utf8_lossy(it)).collect();
            assert_eq!(found, ["{\"é\":1}", "{}"], "{size}");
        }
    }
}
