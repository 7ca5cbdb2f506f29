//! `cargo xtask portable`: whether Rush compiles for the systems that it is written for and not tested on.
//!
//! A Rust of rustup's has the standard library of one system, and others can't be had from a package registry. Debian's
//! own Rust comes with the library's sources, from which cargo makes it for any system. The parts of the dependencies
//! that are written in C need a compiler and headers of that system: MinGW has those of Windows, zig those of macOS.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::install::{self, SystemTool};
use crate::{root, run, test};

/// Debian's cargo and rustc, whatever else the path finds first.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";

const TOOLS: [SystemTool; 4] = [
    SystemTool {
        program: CARGO,
        probe: &["--version"],
        package: "cargo-web",
        purpose: "which builds the standard library for other systems",
    },
    SystemTool {
        program: RUSTC,
        probe: &["--version"],
        package: "rustc-web",
        purpose: "the compiler whose standard library that is",
    },
    SystemTool {
        program: "test",
        probe: &["-e", "/usr/lib/rustlib/src/rust/library/Cargo.lock"],
        package: "rust-web-src",
        purpose: "the sources of the standard library",
    },
    SystemTool {
        program: "x86_64-w64-mingw32-gcc",
        probe: &["--version"],
        package: "gcc-mingw-w64-x86-64-win32",
        purpose: "which compiles C for Windows",
    },
];

/// Checks the program for Windows and for macOS; nothing is linked or run.
pub fn main() -> Result<()> {
    if std::env::consts::OS != "linux" {
        bail!(
            "this needs Debian's packages; on another system, check for it with a Rust of rustup's"
        );
    }
    install::system_tools(&TOOLS)?;
    check("x86_64-pc-windows-gnu", None)?;
    let (compiler, archiver) = zig_for_macos()?;
    check("aarch64-apple-darwin", Some((&compiler, &archiver)))?;
    println!("portable: `rush` compiles for Windows and for macOS");
    Ok(())
}

/// Type-checks the program for a system, with this compiler and archiver for C.
fn check(target: &str, tools: Option<(&Path, &Path)>) -> Result<()> {
    let words = ["check", "--quiet", "--locked", "--package", "rush", "--target", target];
    let mut command = Command::new(CARGO);
    command.args(words).arg("-Zbuild-std=std,panic_abort").current_dir(root());
    // Building the standard library is for the nightly compiler, or for whoever says so.
    command.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTUP_TOOLCHAIN");
    command.env("CARGO_TARGET_DIR", test::target_dir().join("portable"));
    if let Some((compiler, archiver)) = tools {
        let name = target.replace('-', "_");
        command.env(format!("CC_{name}"), compiler).env(format!("AR_{name}"), archiver);
        // Asked for where Apple's tools are; zig brings what is needed of them.
        command.env("SDKROOT", "/");
    }
    run(&mut command)
}

/// Two small programs that call zig as a compiler and an archiver for macOS.
fn zig_for_macos() -> Result<(PathBuf, PathBuf)> {
    let zig = install::python_package("ziglang")?.join("ziglang/zig");
    let folder = test::target_dir().join("portable");
    // What names the system in Apple's words is left out, as zig has words of its own.
    let compiler = format!(
        "#!/bin/bash\nwords=()\nfor it in \"$@\"; do\n  case \"$it\" in\n    --target=* | -mmacosx-version-min=* | \
         -arch | arm64) ;;\n    *) words+=(\"$it\") ;;\n  esac\ndone\nexec '{0}' cc -target aarch64-macos \
         \"${{words[@]}}\"\n",
        zig.display()
    );
    let archiver = format!("#!/bin/bash\nexec '{}' ar \"$@\"\n", zig.display());
    Ok((program(&folder.join("zig-cc"), &compiler)?, program(&folder.join("zig-ar"), &archiver)?))
}

/// Writes a program into a file.
fn program(path: &Path, text: &str) -> Result<PathBuf> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)?;
    run(Command::new("chmod").arg("+x").arg(path))?;
    Ok(path.to_owned())
}
