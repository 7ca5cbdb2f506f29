//! Who listens on a port of this machine.
//!
//! Linux tells by its process file system: the socket's number by the port, then the process that has a descriptor
//! of that number. Elsewhere it is only known that somebody listens.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::service::port::{Holder, Listening};

/// How long the question whether somebody listens may take, where there is no table to look at.
const CONNECT_MAX: Duration = Duration::from_millis(500);

/// The state of a socket that listens, in the kernel's tables.
const LISTEN: &str = "0A";

/// Says who listens on this port, at the addresses that programs of this machine reach by `localhost`.
pub(crate) fn find(port: u16) -> Listening {
    if !cfg!(target_os = "linux") {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let connected = TcpStream::connect_timeout(&address, CONNECT_MAX).is_ok();
        return if connected { Listening::Somebody(Holder::default()) } else { Listening::Nobody };
    }
    let Some(socket) = listening_socket(port) else { return Listening::Nobody };
    let mut holder = process_with(socket.inode).unwrap_or_default();
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(socket.user));
    holder.user = user.ok().flatten().map(|it| it.name).or(Some(socket.user.to_string()));
    Listening::Somebody(holder)
}

struct Socket {
    inode: u64,
    user: u32,
}

fn listening_socket(port: u16) -> Option<Socket> {
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let table = std::fs::read_to_string(table).ok()?;
        table.lines().skip(1).find_map(|line| socket_of(line, port))
    })
}

/// The socket of a line of the kernel's table, if it listens on this port and `localhost` leads to it.
fn socket_of(line: &str, port: u16) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let (address, local_port) = local.split_once(':')?;
    if state != LISTEN || u16::from_str_radix(local_port, 16).ok()? != port || !is_near(address) {
        return None;
    }
    let user = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    Some(Socket { inode, user })
}

/// Whether an address is any or this machine's own. The kernel writes words in its own byte order.
fn is_near(address: &str) -> bool {
    let words = address.as_bytes().chunks(8).map(|word| {
        let text = std::str::from_utf8(word).unwrap_or_default();
        u32::from_str_radix(text, 16).unwrap_or(u32::MAX).to_ne_bytes()
    });
    let bytes: Vec<u8> = words.flatten().collect();
    if let Ok(v4) = <[u8; 4]>::try_from(bytes.as_slice()) {
        let v4 = Ipv4Addr::from(v4);
        return v4.is_unspecified() || v4.is_loopback();
    }
    <[u8; 16]>::try_from(bytes.as_slice()).is_ok_and(|v6| {
        let v6 = std::net::Ipv6Addr::from(v6);
        let mapped = v6.to_ipv4_mapped().is_some_and(|it| it.is_loopback() || it.is_unspecified());
        v6.is_unspecified() || v6.is_loopback() || mapped
    })
}

/// The process that holds a socket, if this user may see it.
fn process_with(inode: u64) -> Option<Holder> {
    let wanted = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let mut numbers: Vec<u32> =
        processes.filter_map(|it| it.file_name().to_str()?.parse().ok()).collect();
    // A server shares its socket with its workers; the oldest is whom people know.
    numbers.sort_unstable();
    let process = numbers.into_iter().find(|process| {
        let Ok(descriptors) = std::fs::read_dir(format!("/proc/{process}/fd")) else {
            return false;
        };
        let mut targets = descriptors.flatten().filter_map(|it| std::fs::read_link(it.path()).ok());
        targets.any(|it| it.as_os_str() == wanted.as_str())
    })?;
    let variable = |name: &str| super::process_table::variable(process, name);
    Some(Holder {
        process: Some(process),
        command: command(process),
        task: variable("RUSH_TASK").zip(variable("RUSH_WORKSPACE")),
        run: variable("RUSH_RUN"),
        is_below_us: super::process_table::is_below(process, std::process::id()),
        user: None,
    })
}

/// All words of a process; what is shown of them is not decided here, since a secret may be among them.
fn command(process: u32) -> Option<String> {
    let words = std::fs::read(format!("/proc/{process}/cmdline")).ok()?;
    let words = String::from_utf8_lossy(&words).replace('\0', " ");
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_process_that_listens_is_named() {
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let port = listener.local_addr().unwrap().port();
            let Listening::Somebody(holder) = find(port) else { panic!("{address}") };
            assert_eq!(holder.process, Some(std::process::id()), "{address}");
            assert!(holder.command.is_some());
            drop(listener);
            assert_eq!(find(port), Listening::Nobody, "{address}");
        }
    }

    #[test]
    fn only_addresses_of_this_machine_count() {
        assert!(is_near("00000000") && is_near("0100007F"));
        assert!(!is_near("0101A8C0"));
        assert!(is_near("00000000000000000000000001000000"));
        assert!(!is_near("000080FE00000000FF57A602FE1A32FE"));
    }
}
