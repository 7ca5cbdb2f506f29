//! Outputs on their way into the cache: read once, which gives the digest, the blob and whether the workspace is
//! named in them.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};

use memchr::memmem::Finder;
use rush_plan::Digest;

use super::contents::{
    CHUNK_BYTES, Content, Contents, Name, content_digest, content_hasher, nothing,
};
use super::entry::Output;
use super::inputs::shown;
use super::listing::Listing;
use super::stamp::{Kind, now_ns};
use super::vault::Vault;
use crate::os::files;

/// A file up to this size is read at once.
const WHOLE_BYTES_MAX: u64 = 1 << 20;

/// What was made.
pub(crate) struct Captured {
    pub(crate) outputs: Vec<Output>,
    /// Whether the path of the workspace is in it.
    pub(crate) names_root: bool,
}

/// Why outputs are not kept.
pub(crate) enum CaptureError {
    /// An output can't be read.
    Output(io::Error),
    /// An output is no file, link or directory, so it could not be put back.
    Special(Name),
    /// The cache can't be written.
    Cache(io::Error),
}

/// Whether contents are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As blobs.
    Blobs,
    /// Only their digests.
    Digests,
}

/// Takes what is there of the listed outputs.
pub(crate) fn capture(
    contents: &Contents,
    vault: &Vault,
    listing: &Listing,
    keep: Keep,
) -> Result<Captured, CaptureError> {
    let mut capture =
        Capture { contents, vault, keep, finder: Finder::new(&contents.root), names_root: false };
    let mut outputs = Vec::with_capacity(listing.paths.len());
    for (path, _) in &listing.paths {
        outputs.extend(capture.one(path)?);
    }
    Ok(Captured { outputs, names_root: capture.names_root })
}

struct Capture<'a> {
    contents: &'a Contents,
    vault: &'a Vault,
    keep: Keep,
    finder: Finder<'a>,
    names_root: bool,
}

impl Capture<'_> {
    /// `None` for what is not there.
    fn one(&mut self, path: &[u8]) -> Result<Option<Output>, CaptureError> {
        let stamp = self.contents.tree.stamp(path);
        let mut output = Output {
            path: path.into(),
            kind: stamp.kind,
            mode: stamp.mode,
            size: 0,
            digest: nothing(stamp.kind),
            target: Box::default(),
        };
        match stamp.kind {
            Kind::Absent => return Ok(None),
            Kind::Other if self.keep == Keep::Blobs => {
                return Err(CaptureError::Special(path.into()));
            }
            // Dependants see that it is there.
            Kind::Other => {}
            Kind::Unreadable => {
                return Err(unreadable(path, &io::ErrorKind::PermissionDenied.into()));
            }
            Kind::Directory => {}
            Kind::Link => {
                let target = std::fs::read_link(self.contents.tree.path(path));
                let target = target.map_err(|error| unreadable(path, &error))?;
                output.target = files::bytes_of(target.as_os_str()).into();
                output.digest = content_digest(&output.target);
                self.names_root |= self.finder.find(&output.target).is_some();
            }
            Kind::File => {
                let content = self.file(path)?;
                output.size = content.stamp.size;
                output.digest = content.digest;
            }
        }
        Ok(Some(output))
    }

    fn file(&mut self, path: &[u8]) -> Result<Content, CaptureError> {
        let read_ns = now_ns();
        let failed = |error| unreadable(path, &error);
        let mut file = File::open(self.contents.tree.path(path)).map_err(failed)?;
        let stamp = files::stamp_of_open(&file).map_err(failed)?;
        let digest = match self.keep {
            Keep::Digests => self.contents.look(path).map_err(failed)?.digest,
            Keep::Blobs if stamp.size <= WHOLE_BYTES_MAX => {
                self.small(&mut file, stamp.size).map_err(|error| error.of(path))?
            }
            Keep::Blobs => self.large(&mut file).map_err(|error| error.of(path))?,
        };
        let after = files::stamp_of_open(&file).map_err(failed)?;
        if after != stamp {
            return Err(failed(io::Error::other("it is still being written")));
        }
        let content = Content { stamp, digest, is_settled: stamp.is_settled(read_ns) };
        self.contents.remember(path, content);
        Ok(content)
    }

    fn small(&mut self, file: &mut File, size: u64) -> Result<Digest, CaptureError> {
        let mut bytes = Vec::with_capacity(size as usize + 1);
        file.read_to_end(&mut bytes).map_err(CaptureError::Output)?;
        self.names_root |= self.finder.find(&bytes).is_some();
        let digest = content_digest(&bytes);
        self.vault.put_blob(digest, &bytes).map_err(CaptureError::Cache)?;
        Ok(digest)
    }

    fn large(&mut self, file: &mut File) -> Result<Digest, CaptureError> {
        let (temporary, mut copy) = self.vault.temporary().map_err(CaptureError::Cache)?;
        let outcome = self.copy(file, &mut copy);
        drop(copy);
        match outcome {
            Ok(digest) if self.vault.keep_blob(digest) => {
                std::fs::remove_file(&temporary).map_err(CaptureError::Cache)?;
                Ok(digest)
            }
            Ok(digest) => {
                let blob = self.vault.blob(digest);
                self.vault.publish(&temporary, &blob).map_err(CaptureError::Cache)?;
                Ok(digest)
            }
            Err(error) => {
                let _ = std::fs::remove_file(&temporary);
                Err(error)
            }
        }
    }

    /// Copies a file while reading it; what is shared with the copy is only read.
    fn copy(&mut self, file: &mut File, copy: &mut File) -> Result<Digest, CaptureError> {
        let is_shared = files::share_bytes(file, copy).is_ok();
        file.rewind().map_err(CaptureError::Output)?;
        let mut hasher = content_hasher();
        // The end of a piece stays before the next one, so that a name across the border is found.
        let kept_max = self.contents.root.len().saturating_sub(1);
        let mut buffer = vec![0; kept_max + CHUNK_BYTES];
        let mut kept = 0;
        loop {
            let length = match file.read(buffer.get_mut(kept..).unwrap_or_default()) {
                Ok(0) => return Ok(Digest::from_bytes(*hasher.finalize().as_bytes())),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(CaptureError::Output(error)),
            };
            let end = kept + length;
            let new = buffer.get(kept..end).unwrap_or_default();
            hasher.update(new);
            if !is_shared {
                copy.write_all(new).map_err(CaptureError::Cache)?;
            }
            let seen = buffer.get(..end).unwrap_or_default();
            self.names_root |= self.finder.find(seen).is_some();
            kept = end.min(kept_max);
            buffer.copy_within(end - kept..end, 0);
        }
    }
}

impl CaptureError {
    /// The same with the output it is about.
    fn of(self, path: &[u8]) -> Self {
        match self {
            Self::Output(error) => unreadable(path, &error),
            Self::Special(_) | Self::Cache(_) => self,
        }
    }
}

fn unreadable(path: &[u8], error: &io::Error) -> CaptureError {
    let text = format!("the output `{}` can't be read: {error}", shown(path));
    CaptureError::Output(io::Error::new(error.kind(), text))
}
