//! One try whether a service can be used, and the answer in words.
//!
//! When to try again and when to give up is decided by whoever asks. What a service writes is watched elsewhere: a
//! `log` probe is never asked.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use regex::bytes::Regex;
use rush_plan::Probe;
use tokio::net::TcpStream;

use super::http::{HttpUrl, NotHttp};

/// How long one try may take; a service that accepts and says nothing is not ready.
pub(crate) const TRY_MAX: Duration = Duration::from_secs(5);

/// A probe, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) enum Prober {
    Tcp(u16),
    Http(HttpUrl, u16),
    Exec,
    Log(Regex),
}

/// Why a service can't be used yet, as the last part of a sentence.
pub(crate) type NotYet = String;

impl Prober {
    /// Reads a probe; the error says what is wrong with it.
    pub(crate) fn of(probe: &Probe) -> Result<Self, String> {
        Ok(match probe {
            Probe::Tcp { port } => Self::Tcp(*port),
            Probe::Http { url, status } => {
                let parsed = HttpUrl::parse(url);
                Self::Http(parsed.map_err(|it| format!("`{url}` can't be probed: {it}"))?, *status)
            }
            Probe::Exec { .. } => Self::Exec,
            Probe::Log { pattern } => {
                let wanted = Regex::new(pattern);
                Self::Log(wanted.map_err(|_| format!("`{pattern}` is no regular expression"))?)
            }
        })
    }

    /// The port of this machine that tells whether it is ready, if it is one.
    pub(crate) fn local_port(&self) -> Option<u16> {
        match self {
            Self::Tcp(port) => Some(*port),
            Self::Http(url, _) => url.is_local().then_some(url.port),
            Self::Exec | Self::Log(_) => None,
        }
    }

    /// The line that is waited for, if it is one.
    pub(crate) fn wanted_line(&self) -> Option<Regex> {
        match self {
            Self::Log(wanted) => Some(wanted.clone()),
            Self::Tcp(_) | Self::Http(..) | Self::Exec => None,
        }
    }

    /// What is said before the first answer.
    pub(crate) fn first_answer(&self) -> NotYet {
        match self {
            Self::Log(wanted) => format!("no line of its output matches `{wanted}`"),
            Self::Tcp(_) | Self::Http(..) | Self::Exec => "it was not asked yet".to_owned(),
        }
    }
}

/// Tries to connect to a port of this machine, by both families of addresses.
pub(crate) async fn try_tcp(port: u16) -> Result<(), NotYet> {
    let addresses = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    let connected = within(TcpStream::connect(addresses.as_slice())).await;
    connected.map(drop).map_err(|error| format!("port {port}: {}", reason(&error)))
}

/// Asks over HTTP and compares the status.
pub(crate) async fn try_http(url: &HttpUrl, wanted: u16) -> Result<(), NotYet> {
    let reply = within(url.get()).await.map_err(|error| format!("{url}: {}", reason(&error)))?;
    let status = reply.status;
    // The verdict does not wait for that: a server may say more, or nothing, for as long as it likes.
    tokio::spawn(reply.hear_out());
    match status {
        Ok(status) if status == wanted => Ok(()),
        Ok(status) => Err(format!("{url} answered with status {status}, not {wanted}")),
        Err(NotHttp) => Err(format!("{url} answered with something that is not HTTP")),
    }
}

async fn within<T>(asking: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    let answer = tokio::time::timeout(TRY_MAX, asking).await;
    answer.unwrap_or_else(|_| Err(Error::from(ErrorKind::TimedOut)))
}

/// An error of the network without its number.
fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ErrorKind::ConnectionReset => "connection reset".to_owned(),
        ErrorKind::TimedOut => format!("no answer within {} s", TRY_MAX.as_secs()),
        ErrorKind::UnexpectedEof => "connection closed".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// A try that is over once the server was heard out, as in a run that goes on.
    fn ask_and_go_on(url: &HttpUrl, server: std::thread::JoinHandle<()>) -> Result<(), NotYet> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = try_http(url, 200).await;
            let ended = tokio::task::spawn_blocking(move || server.join().unwrap());
            ended.await.unwrap();
            answer
        })
    }

    /// Answers one connection with these bytes, then asks for the status 200.
    fn ask(reply: &'static [u8]) -> Result<(), NotYet> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(&request, b"GET ");
            stream.write_all(reply).unwrap();
            // What was not read would turn the end into a reset.
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let url = HttpUrl::parse(&format!("http://localhost:{port}/health")).unwrap();
        let answer = ask_and_go_on(&url, server);
        answer.map_err(|it| it.replace(&port.to_string(), "PORT"))
    }

    #[test]
    fn the_answer_says_what_was_wrong() {
        assert_eq!(ask(b"HTTP/1.1 200 OK\r\n\r\nhello"), Ok(()));
        let busy = "http://localhost:PORT/health answered with status 503, not 200";
        assert_eq!(ask(b"HTTP/1.1 503 Busy\r\n\r\n"), Err(busy.to_owned()));
        let other = "http://localhost:PORT/health answered with something that is not HTTP";
        assert_eq!(ask(b"SSH-2.0-x\r\n"), Err(other.to_owned()));
        assert_eq!(ask(b""), Err(other.to_owned()));
    }

    #[test]
    fn a_server_that_never_closes_is_ready_by_its_status() {
        /// Less than a server is heard out for.
        const SHORT: Duration = Duration::from_secs(4);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
            // The connection is open until the test is over.
            let _ = is_done.recv();
        });
        let url = HttpUrl::parse(&format!("http://127.0.0.1:{port}/events")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let asked =
            runtime.block_on(async { tokio::time::timeout(SHORT, try_http(&url, 200)).await });
        drop(done);
        server.join().unwrap();
        assert_eq!(asked, Ok(Ok(())));
    }

    #[test]
    fn a_port_where_nobody_listens_refuses() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        assert_eq!(runtime.block_on(try_tcp(port)), Ok(()));
        drop(listener);
        let refused = format!("port {port}: connection refused");
        assert_eq!(runtime.block_on(try_tcp(port)), Err(refused));
    }
}
