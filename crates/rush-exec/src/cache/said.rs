//! What a task said, kept so that it can be said again: which stream, which bytes, in which order.
//!
//! Chunks one after the other, each with its stream and length. A long log is in a file, so it takes no memory.

use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::path::PathBuf;

use rush_plan::{Digest, LogStream};

use super::contents::content_hasher;
use super::entry::Log;
use super::vault::Vault;
use crate::results::Replay;

/// What is kept in memory, and in the entry.
const INLINE_BYTES_MAX: usize = 8 * 1024;
/// The longest chunk.
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// A log in the making.
pub(crate) struct Saying {
    start: Vec<u8>,
    rest: Option<Rest>,
    /// Whether something could not be kept.
    is_broken: bool,
}

/// The file of a log that became long.
struct Rest {
    path: PathBuf,
    file: File,
    hasher: blake3::Hasher,
    size: u64,
}

impl Drop for Rest {
    fn drop(&mut self) {
        // A log that is kept has another name by now.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Saying {
    pub(crate) const fn new() -> Self {
        Self { start: Vec::new(), rest: None, is_broken: false }
    }

    /// Takes what was said.
    pub(crate) fn hear(&mut self, vault: &Vault, stream: LogStream, bytes: &[u8]) {
        for chunk in bytes.chunks(CHUNK_BYTES_MAX) {
            let mut head = [0; 5];
            let [code, length @ ..] = &mut head;
            *code = code_of(stream);
            *length = (chunk.len() as u32).to_le_bytes();
            for part in [&head[..], chunk] {
                if self.keep(vault, part).is_err() {
                    self.is_broken = true;
                }
            }
        }
    }

    fn keep(&mut self, vault: &Vault, bytes: &[u8]) -> io::Result<()> {
        if self.rest.is_none() {
            self.start.extend_from_slice(bytes);
            if self.start.len() <= INLINE_BYTES_MAX {
                return Ok(());
            }
            let (path, file) = vault.temporary()?;
            let mut rest = Rest { path, file, hasher: content_hasher(), size: 0 };
            let start = std::mem::take(&mut self.start);
            rest.write(&start)?;
            self.rest = Some(rest);
            return Ok(());
        }
        self.rest.as_mut().map_or(Ok(()), |rest| rest.write(bytes))
    }

    /// Puts it where entries find it.
    pub(crate) fn finish(self, vault: &Vault) -> io::Result<Log> {
        if self.is_broken {
            return Err(io::Error::other("its log could not be kept"));
        }
        let Some(rest) = self.rest else { return Ok(Log::Here(self.start)) };
        let digest = Digest::from_bytes(*rest.hasher.finalize().as_bytes());
        if !vault.keep_blob(digest) {
            vault.publish(&rest.path, &vault.blob(digest))?;
        }
        Ok(Log::Blob(digest, rest.size))
    }
}

impl Rest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }
}

/// Says a log again; `None` if nothing was said.
pub(crate) fn replay(vault: &Vault, log: &Log) -> io::Result<Option<Box<dyn Replay>>> {
    Ok(match log {
        Log::Here(bytes) if bytes.is_empty() => None,
        Log::Here(bytes) => Some(Box::new(Chunks(io::Cursor::new(bytes.clone())))),
        Log::Blob(digest, _) => {
            Some(Box::new(Chunks(BufReader::new(File::open(vault.blob(*digest))?))))
        }
    })
}

struct Chunks<R>(R);

impl<R: io::Read + Send> Replay for Chunks<R> {
    fn next(&mut self) -> io::Result<Option<(LogStream, Vec<u8>)>> {
        let mut head = [0; 5];
        let [code, length @ ..] = &mut head;
        match self.0.read(std::slice::from_mut(code)) {
            Ok(0) => return Ok(None),
            Ok(_) => self.0.read_exact(length)?,
            Err(error) => return Err(error),
        }
        let length = u32::from_le_bytes(*length) as usize;
        if length > CHUNK_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes)?;
        let stream = if *code == 1 { LogStream::Stderr } else { LogStream::Stdout };
        Ok(Some((stream, bytes)))
    }
}

const fn code_of(stream: LogStream) -> u8 {
    match stream {
        LogStream::Stderr => 1,
        LogStream::Stdout | LogStream::Unknown => 0,
    }
}
