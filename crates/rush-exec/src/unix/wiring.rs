//! What a command's standard streams are connected to: pipes, a terminal made for it, or the terminal of the person.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use super::pipes::{self, End, Reader, Writer};
use super::spawn::Belonging;
use super::sweeper::Sweeper;
use super::terminal::{self, Person, Seat};
use crate::local::{Input, Manner};

/// The streams of a command that is about to start.
pub(super) struct Wiring {
    /// What the child reads; nothing if there is none.
    input: Option<OwnedFd>,
    output: OwnedFd,
    /// Where errors go, unless they go where the output goes.
    errors: Option<OwnedFd>,
    our_input: Option<Unwritten>,
    our_output: OwnedFd,
    our_errors: Option<OwnedFd>,
    seat: Seat,
}

/// Our end of a pipe, and what is to be written there.
type Unwritten = (OwnedFd, Vec<u8>);

/// Our ends of the streams of a command that runs.
pub(super) struct Ours {
    pub(super) input: Option<Writer>,
    pub(super) output: Option<Reader>,
    pub(super) errors: Option<Reader>,
    pub(super) person: Option<Person>,
}

impl Wiring {
    pub(super) fn new(input: Input, manner: Manner) -> io::Result<Self> {
        match manner {
            Manner::Piped => Self::piped(input, Seat::None),
            Manner::Shown => Self::shown(input),
            Manner::Interactive => match (Seat::of_person(), &input) {
                (Seat::Whole, Input::Nothing) => Self::interactive(),
                (seat, Input::Nothing) => Self::piped(Input::Ours, seat),
                _ => Self::piped(input, Seat::None),
            },
        }
    }

    fn piped(input: Input, seat: Seat) -> io::Result<Self> {
        let (our_output, output) = pipes::pipe(End::Read)?;
        let (our_errors, errors) = pipes::pipe(End::Read)?;
        let (input, our_input) = connect(input)?;
        let (errors, our_errors) = (Some(errors), Some(our_errors));
        Ok(Self { input, output, errors, our_input, our_output, our_errors, seat })
    }

    /// Output goes to a terminal, so that programs write as they do for people; its bytes are left alone.
    fn shown(input: Input) -> io::Result<Self> {
        let (our_output, output) = terminal::open_plain()?;
        let (input, our_input) = connect(input)?;
        let (errors, our_errors) = (None, None);
        Ok(Self { input, output, errors, our_input, our_output, our_errors, seat: Seat::Watched })
    }

    fn interactive() -> io::Result<Self> {
        let (our_output, output) = terminal::open_whole()?;
        Ok(Self {
            input: Some(output.try_clone()?),
            output,
            errors: None,
            our_input: None,
            our_output,
            our_errors: None,
            seat: Seat::Whole,
        })
    }

    /// Standard input, output and error of the child.
    pub(super) fn files<'a>(&'a self, sweeper: &'a Sweeper) -> [BorrowedFd<'a>; 3] {
        let input = self.input.as_ref().unwrap_or(sweeper.nothing());
        [input.as_fd(), self.output.as_fd(), self.errors.as_ref().unwrap_or(&self.output).as_fd()]
    }

    pub(super) const fn belonging(&self) -> Belonging {
        match self.seat {
            Seat::None | Seat::Watched => Belonging::Group,
            Seat::Handed => Belonging::Foreground,
            Seat::Whole => Belonging::Terminal,
        }
    }

    /// Keeps our ends and closes those of the child, or we would wait for ourselves.
    pub(super) fn into_ours(self, group: libc::pid_t) -> io::Result<Ours> {
        let person = Person::new(self.seat, &self.our_output, group)?;
        let input = self.our_input.map(|(file, bytes)| Writer::new(file, bytes)).transpose()?;
        let output = Some(Reader::new(self.our_output));
        let errors = self.our_errors.map(Reader::new);
        Ok(Ours { input, output, errors, person })
    }
}

/// The child's end of its input, and what we have to write.
fn connect(input: Input) -> io::Result<(Option<OwnedFd>, Option<Unwritten>)> {
    Ok(match input {
        Input::Nothing => (None, None),
        Input::Ours => (Some(io::stdin().as_fd().try_clone_to_owned()?), None),
        Input::File(path) => (Some(File::open(path)?.into()), None),
        Input::Bytes(bytes) => {
            let (read_end, write_end) = pipes::pipe(End::Write)?;
            (Some(read_end), Some((write_end, bytes)))
        }
    })
}
