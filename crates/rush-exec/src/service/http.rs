//! Just enough HTTP/1.1 to ask a service whether it answers: one GET, and the status of the reply.
//!
//! No redirects, no encryption, and nothing is made of the body. A probe that needs more is an `exec` probe with the
//! program of choice.

use std::fmt;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How much of a reply is read at most to find its first line.
const STATUS_LINE_BYTES_MAX: usize = 1024;

/// How much of the rest of a reply is taken from a server at most.
const REST_BYTES_MAX: u64 = 16 << 20;

/// How long the rest of a reply is waited for at most.
const REST_MAX: Duration = Duration::from_secs(5);

/// Where a probe asks; every part is fit for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpUrl {
    /// A name or an address, without the brackets of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The path with its query, beginning with `/`.
    pub(crate) path: String,
    /// Host and port as written, for the header.
    authority: String,
}

/// Why an address can't be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("it uses `https`, which probes don't speak; ask over `http`, or use `exec(`curl ..`)`")]
    Encrypted,
    #[error("it does not begin with `http://`")]
    NoHttp,
    #[error("it names no host")]
    NoHost,
    #[error("it carries a user or password, which probes don't send")]
    Credentials,
    #[error("its port is no number from 1 to 65535")]
    BadPort,
    #[error("it contains a space or another character that no address has")]
    BadCharacter,
}

impl HttpUrl {
    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        if text.contains(|it: char| it.is_ascii_whitespace() || it.is_control() || !it.is_ascii()) {
            return Err(UrlError::BadCharacter);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::NoHttp)?;
        if scheme.eq_ignore_ascii_case("https") {
            return Err(UrlError::Encrypted);
        }
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(UrlError::NoHttp);
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(UrlError::Credentials);
        }
        let (host, port) = split_authority(authority)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host: host.to_owned(), port, path, authority: authority.to_owned() })
    }

    /// Whether it is this machine, as far as the name tells.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.host.as_str();
        let address = host.parse::<std::net::IpAddr>();
        host.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|it| it.is_loopback() || it.is_unspecified())
    }

    /// Asks, and returns the reply as soon as its status is known.
    pub(crate) async fn get(&self) -> std::io::Result<Reply> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: rush\r\nAccept: */*\r\nConnection: close\r\n\r\n",
            self.path, self.authority
        );
        stream.write_all(request.as_bytes()).await?;
        let mut reply = Vec::new();
        while reply.len() < STATUS_LINE_BYTES_MAX && !reply.contains(&b'\n') {
            if stream.read_buf(&mut reply).await? == 0 {
                break;
            }
        }
        Ok(Reply { status: status(&reply).ok_or(NotHttp), stream })
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

/// What a server says.
pub(crate) struct Reply {
    pub(crate) status: Result<u16, NotHttp>,
    stream: TcpStream,
}

impl Reply {
    /// Hears a server out, within limits: one that is hung up on finds a connection that was reset, and says so in its
    /// log. However that ends, its status is known, so nothing has to wait for it.
    pub(crate) async fn hear_out(self) {
        if self.status.is_ok() {
            let mut rest = self.stream.take(REST_BYTES_MAX);
            let heard = async { tokio::io::copy(&mut rest, &mut tokio::io::sink()).await };
            let _ = tokio::time::timeout(REST_MAX, heard).await;
        }
    }
}

/// A reply that is something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotHttp;

fn split_authority(authority: &str) -> Result<(&str, u16), UrlError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or(UrlError::NoHost)?;
            let port = match after {
                "" => None,
                _ => Some(after.strip_prefix(':').ok_or(UrlError::BadPort)?),
            };
            (host, port)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if host.is_empty() {
        return Err(UrlError::NoHost);
    }
    let port = match port {
        // An empty port is the default one, as RFC 3986 has it.
        None | Some("") => 80,
        Some(digits) if digits.bytes().all(|it| it.is_ascii_digit()) => {
            digits.parse().ok().filter(|it| *it != 0).ok_or(UrlError::BadPort)?
        }
        Some(_) => return Err(UrlError::BadPort),
    };
    Ok((host, port))
}

/// The status in the first line of a reply.
fn status(reply: &[u8]) -> Option<u16> {
    let line = reply.split(|it| *it == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim_end();
    let mut words = line.strip_prefix("HTTP/1.")?.splitn(3, ' ');
    let (version, code) = (words.next()?, words.next()?);
    let is_sound = matches!(version, "0" | "1") && code.len() == 3;
    code.parse().ok().filter(|it| is_sound && (100..=599).contains(it))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn check(text: &str, expect: Result<(&str, u16, &str), UrlError>) {
        let found = HttpUrl::parse(text);
        let found = found.as_ref().map(|it| (it.host.as_str(), it.port, it.path.as_str()));
        assert_eq!(found.map_err(|it| *it), expect, "{text}");
    }

    #[test]
    fn an_address_has_a_host_a_port_and_a_path() {
        check("http://localhost:8000/health", Ok(("localhost", 8000, "/health")));
        check("HTTP://127.0.0.1", Ok(("127.0.0.1", 80, "/")));
        check("http://[::1]:81?deep=1#part", Ok(("::1", 81, "/?deep=1")));
        check("http://host:/a/b", Ok(("host", 80, "/a/b")));
    }

    #[test]
    fn what_can_t_be_asked_is_refused_by_its_cause() {
        check("https://localhost/", Err(UrlError::Encrypted));
        check("localhost:8000", Err(UrlError::NoHttp));
        check("ftp://localhost", Err(UrlError::NoHttp));
        check("http:///path", Err(UrlError::NoHost));
        check("http://[::1", Err(UrlError::NoHost));
        check("http://me:secret@host/", Err(UrlError::Credentials));
        check("http://host:0/", Err(UrlError::BadPort));
        check("http://host:70000/", Err(UrlError::BadPort));
        check("http://host:+80/", Err(UrlError::BadPort));
        check("http://[::1]8/", Err(UrlError::BadPort));
        check("http://host/a b", Err(UrlError::BadCharacter));
        check("http://host/\r\nX: y", Err(UrlError::BadCharacter));
    }

    #[test]
    fn the_first_line_of_a_reply_has_the_status() {
        assert_eq!(status(b"HTTP/1.1 204 No Content\r\n"), Some(204));
        assert_eq!(status(b"HTTP/1.0 503"), Some(503));
        for wrong in ["", "SSH-2.0-OpenSSH", "HTTP/1.1", "HTTP/1.1 2000 x", "HTTP/2 200"] {
            assert_eq!(status(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_server_is_heard_out() {
        use std::io::{Read as _, Write as _};
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept()?;
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte)?;
                request.extend(byte);
            }
            let mut reply = b"HTTP/1.0 200 OK\r\n\r\n".to_vec();
            reply.resize(64 << 10, b'x');
            stream.write_all(&reply)?;
            stream.shutdown(std::net::Shutdown::Write)?;
            stream.read(&mut [0])
        });
        let url = HttpUrl::parse(&format!("http://127.0.0.1:{port}/")).expect("it is well formed");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let status = runtime.expect("there is room for it").block_on(async {
            let reply = url.get().await.expect("it answers");
            let status = reply.status;
            reply.hear_out().await;
            status
        });
        assert_eq!(status, Ok(200));
        let left = server.join().expect("it ends");
        assert!(left.is_ok_and(|it| it == 0));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(
            host in "[a-z][a-z0-9.-]{0,12}|\\[[0-9a-f:]{2,12}\\]",
            port in proptest::option::of(1u16..),
            path in "(/[a-z0-9._~%-]{0,6}){1,3}(\\?[a-z=&]{0,6})?",
        ) {
            let port_text = port.map(|it| format!(":{it}")).unwrap_or_default();
            let text = format!("http://{host}{port_text}{path}");
            let url = HttpUrl::parse(&text).expect("it is well formed");
            prop_assert_eq!(url.to_string(), text);
            prop_assert_eq!(url.port, port.unwrap_or(80));
        }

        #[test]
        fn no_text_makes_two_lines_of_a_request(text in "(http://)?\\PC{0,20}[\r\n ]?\\PC{0,8}") {
            if let Ok(url) = HttpUrl::parse(&text) {
                let is_one_word = |it: &str| !it.contains(|it: char| it.is_whitespace() || it.is_control());
                prop_assert!(is_one_word(&url.path) && is_one_word(&url.authority));
                prop_assert!(url.path.starts_with('/') && !url.host.is_empty() && url.port > 0);
            }
        }

        #[test]
        fn any_reply_is_a_status_or_none(reply in proptest::collection::vec(0u8.., 0..64)) {
            prop_assert!(status(&reply).is_none_or(|it| (100..=599).contains(&it)));
        }
    }
}
