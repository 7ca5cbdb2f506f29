//! What Windows tells about files and memory.

use std::fs;
use std::io;
use std::path::PathBuf;

use camino::Utf8Path;
use tempfile::NamedTempFile;

use super::Attributes;

/// The attributes that Unix has, as far as Windows can answer.
pub(super) fn attributes(found: &fs::Metadata) -> Attributes {
    let mode = if found.permissions().readonly() { 0o444 } else { 0o644 };
    Attributes { changed: None, mode, inode: 0, device: 0 }
}

/// A new file beside its target.
pub(super) fn temporary_file(dir: &Utf8Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".rush-").tempfile_in(dir)
}

/// `\\?\C:\x` as people write it, `C:\x`; programs that tasks start do not know the long form.
pub(super) fn without_verbatim_prefix(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|it| it.strip_prefix(r"\\?\")) {
        Some(plain) if plain.as_bytes().get(1) == Some(&b':') => PathBuf::from(plain),
        _ => path,
    }
}

/// The shape of `MEMORYSTATUSEX`.
#[repr(C)]
#[derive(Default)]
struct MemoryStatus {
    length: u32,
    load_percent: u32,
    physical_total: u64,
    physical_free: u64,
    page_file_total: u64,
    page_file_free: u64,
    virtual_total: u64,
    virtual_free: u64,
    virtual_extended_free: u64,
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GlobalMemoryStatusEx(status: *mut MemoryStatus) -> i32;
}

/// The main memory in bytes; 0 if the system does not tell.
pub(super) fn memory_bytes() -> u64 {
    let length = u32::try_from(size_of::<MemoryStatus>()).unwrap_or(0);
    let mut status = MemoryStatus { length, ..MemoryStatus::default() };
    // SAFETY: `status` is a valid, writable structure whose first field tells its size.
    let filled = unsafe { GlobalMemoryStatusEx(&raw mut status) };
    if filled == 0 { 0 } else { status.physical_total }
}

/// Whether the read-only flag is absent; who may write is only found out by writing.
pub(super) fn is_writable(path: &Utf8Path) -> bool {
    fs::metadata(path).is_ok_and(|it| !it.permissions().readonly())
}

/// Whether the path is that of a share; a share with a letter looks like a drive.
pub(super) fn is_on_network(path: &Utf8Path) -> bool {
    path.as_str().starts_with(r"\\") && !path.as_str().starts_with(r"\\?\")
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn OpenProcess(access: u32, inherit: i32, pid: u32) -> *mut std::ffi::c_void;
    fn GetProcessTimes(
        process: *mut std::ffi::c_void,
        created: *mut u64,
        ended: *mut u64,
        kernel: *mut u64,
        user: *mut u64,
    ) -> i32;
    fn CloseHandle(handle: *mut std::ffi::c_void) -> i32;
}

/// When a process began; `None` if there is none of this number that still runs.
pub(crate) fn process_started(pid: u32) -> Option<u64> {
    const QUERY_LIMITED_INFORMATION: u32 = 0x1000;
    let (mut created, mut ended, mut kernel, mut user) = (0, 0, 0, 0);
    // SAFETY: the handle is checked before it is used and closed once; the times are written to our own variables,
    // each of the 8 bytes that a FILETIME has.
    let told = unsafe {
        let process = OpenProcess(QUERY_LIMITED_INFORMATION, 0, pid);
        if process.is_null() {
            return None;
        }
        let told = GetProcessTimes(
            process,
            &raw mut created,
            &raw mut ended,
            &raw mut kernel,
            &raw mut user,
        );
        CloseHandle(process);
        told
    };
    (told != 0 && ended == 0).then_some(created)
}

/// Not told on Windows: a process is known by when it began.
pub(crate) fn machine() -> String {
    String::new()
}

/// Left to the end of `main`: threads that hold locks of the loader make a sudden end hang.
pub(crate) const fn end_process(_status: u8) {}

/// There is no way to send Ctrl-C to a program of another console.
pub(crate) fn interrupt(_pid: u32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn FileTimeToLocalFileTime(time: *const u64, local: *mut u64) -> i32;
}

/// How many seconds local time is ahead of UTC; 0 where that is not told.
pub(crate) fn local_offset(seconds: i64) -> i64 {
    const TICKS: u64 = 10_000_000;
    const FROM_1601_TO_1970: i64 = 11_644_473_600;
    let time = u64::try_from(seconds.saturating_add(FROM_1601_TO_1970)).unwrap_or(0) * TICKS;
    let mut local = time;
    // SAFETY: both are numbers of our own, each of the 8 bytes that a FILETIME has.
    if unsafe { FileTimeToLocalFileTime(&raw const time, &raw mut local) } == 0 {
        return 0;
    }
    (local as i64 - time as i64) / TICKS as i64
}
