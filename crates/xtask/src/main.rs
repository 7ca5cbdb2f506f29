//! `cargo xtask`: words in, one chore out.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool talks")]

use std::process::ExitCode;

use xtask::{bench, deny, generate, man, mutants, portable, test, tidy};

const HELP: &str = "\
The chores of the Rush repository.

cargo xtask test [--long] [FILTER...]   all tests; installs what they need if it is missing
cargo xtask test --vscode               the extension for VS Code, also in the editor itself
cargo xtask tidy [--table]              the house rules that no compiler knows
cargo xtask deny                        licences, bans and sources of the dependencies
cargo xtask bench [--runs N] [--json FILE] [--strict] [GROUP...]
                                        figures against the bars, peers in the same run
cargo xtask generate [--tasks N] [--files N] DIR
                                        a large workspace to measure with
cargo xtask man [DIR]                   manual pages of rush and of each verb; target/man
cargo xtask mutants [WORD...]           mistakes put into Rush; a test must notice each
cargo xtask portable                    whether Rush compiles for Windows and macOS; needs Debian
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.split_first() {
        Some((&"test", rest)) => test::main(rest),
        Some((&"tidy", rest)) => tidy::main(rest),
        Some((&"deny", [])) => deny::main(),
        Some((&"bench", rest)) => bench::main(rest),
        Some((&"generate", rest)) => generate::main(rest),
        Some((&"man", rest)) => man::main(rest),
        Some((&"mutants", rest)) => mutants::main(rest),
        Some((&"portable", [])) => portable::main(),
        None | Some((&("help" | "--help" | "-h"), _)) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some((other, _)) => {
            eprintln!("error: `{other}` is no chore, or takes no such words\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
