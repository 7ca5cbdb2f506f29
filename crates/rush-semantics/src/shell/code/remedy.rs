//! How a value gets to code without becoming part of it: said of scripts and of commands alike.

use super::{CodeReader, Reach, is_shell};

/// What to do with a value that would be read as code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Standard input: all words become one text, which is read where nothing of here is.
    Input,
    /// What the code names when it is run: it is run by the script itself.
    Name,
    /// An argument behind the code.
    Argument,
    /// The same, behind `--` and the name of a user.
    UserArgument,
    /// A variable, which whoever reads the code finds in its environment.
    Variable,
    /// The same, but `env` has to set it: what starts the program does not pass the environment on.
    HandedOn,
}

impl Remedy {
    /// The one for what a program reads.
    pub fn of(program: &str, reader: CodeReader, reach: Reach) -> Self {
        match program {
            "ssh" => Self::Input,
            "eval" | "trap" => Self::Name,
            "su" | "runuser" => Self::UserArgument,
            _ if reader == CodeReader::Shell && is_shell(program) => Self::Argument,
            // An argument would not do: to `perl -n` it is a file, and `lua` runs it.
            _ if reach == Reach::Here => Self::Variable,
            _ => Self::HandedOn,
        }
    }
}
