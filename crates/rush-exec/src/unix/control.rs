//! How Rush processes of one user speak to each other: a Unix socket, one JSON value a line.

use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

use crate::supervisor::MESSAGE_BYTES_MAX;

/// How long the path of a socket may be; the smallest of the limits that systems have, with its NUL.
pub(crate) const PATH_BYTES_MAX: usize = 100;

/// Where a supervisor is spoken to.
#[derive(Debug)]
pub struct Listener(UnixListener);

/// A conversation; each side sends and receives values.
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Listener {
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        // The directory is private already; this is for systems that do not look at it.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self(listener))
    }

    /// Waits for somebody to speak; dropping the future loses nobody.
    pub async fn accept(&self) -> io::Result<Connection> {
        let (stream, _) = self.0.accept().await?;
        Ok(Connection::of(stream))
    }
}

impl Connection {
    pub(crate) async fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::of(UnixStream::connect(path).await?))
    }

    fn of(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self { reader: BufReader::new(reader), writer }
    }

    /// Says something.
    pub async fn send<T: Serialize + Sync>(&mut self, value: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.writer.write_all(&line).await
    }

    /// Hears something; `None` when the other side has hung up. Dropping the future may lose a part of a message.
    pub async fn receive<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let mut line = Vec::new();
        let limit = MESSAGE_BYTES_MAX as u64;
        (&mut self.reader).take(limit).read_until(b'\n', &mut line).await?;
        match line.strip_suffix(b"\n") {
            None if line.is_empty() => Ok(None),
            None => Err(io::Error::new(ErrorKind::InvalidData, "a message that has no end")),
            Some(text) => Ok(Some(serde_json::from_slice(text)?)),
        }
    }
}
