//! A tool that is asked something: it reads a text, writes an answer and ends. It is no task.

use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How much of an answer is read.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// Starts a program, gives it a text, and returns what it wrote to its standard output, whatever its
/// exit status. It is killed when it takes longer than `time_max`.
pub fn ask_tool(
    program: &str,
    words: &[&str],
    input: &str,
    time_max: Duration,
) -> io::Result<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let answer = converse(&mut child, input, time_max);
    if answer.is_err() {
        // It may have ended by itself just now.
        let _ = child.kill();
    }
    child.wait()?;
    answer
}

fn converse(child: &mut Child, input: &str, time_max: Duration) -> io::Result<Vec<u8>> {
    let (mut to, from) = (child.stdin.take(), child.stdout.take());
    let (sender, receiver) = channel();
    let input = input.to_owned();
    // A tool may write before it has read everything, so both go on at once.
    thread::spawn(move || to.as_mut().map(|it| it.write_all(input.as_bytes())));
    thread::spawn(move || {
        let mut answer = Vec::new();
        let read = from.map(|it| it.take(ANSWER_BYTES_MAX).read_to_end(&mut answer));
        sender.send(read.transpose().map(|_| answer))
    });
    receiver.recv_timeout(time_max).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
