//! Starts `rush lsp` for Zed. What Rush means is the server's; here is only where to find it.

use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree};

struct Rush;

impl zed::Extension for Rush {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let command = worktree.which("rush").ok_or("`rush` is not on the PATH of this project")?;
        Ok(Command { command, args: vec!["lsp".into()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Rush);
