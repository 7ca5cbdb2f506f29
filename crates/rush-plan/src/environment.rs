//! The variables every task gets, whatever its cache key covers.
//!
//! A task with `inputs` may be answered from the cache, so it sees only what its key covers. This
//! is the one exception: variables that say where things are and how to talk to the user, without
//! which hardly any program works. They pass by without being hashed. The checker uses the list to
//! tell which reads are safe, the executor to build the environment.

/// The names that always pass, in alphabetical order.
pub const BASE_VARIABLES: &[&str] = &[
    "ALL_PROXY",
    "ANDROID_HOME",
    "APPDATA",
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "BUN_INSTALL",
    "CARGO_HOME",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COMSPEC",
    "CONDA_PREFIX",
    "DENO_DIR",
    "DISPLAY",
    "DOCKER_CONFIG",
    "DOCKER_HOST",
    "FNM_DIR",
    "FORCE_COLOR",
    "FTP_PROXY",
    "GEM_HOME",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GRADLE_USER_HOME",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "JAVA_HOME",
    "KUBECONFIG",
    "LANG",
    "LANGUAGE",
    "LOCALAPPDATA",
    "LOGNAME",
    "M2_HOME",
    "MISE_DATA_DIR",
    "NO_COLOR",
    "NO_PROXY",
    "NVM_DIR",
    "PATH",
    "PATHEXT",
    "PNPM_HOME",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PWD",
    "PYENV_ROOT",
    "RBENV_ROOT",
    "RUSTUP_HOME",
    "SDKMAN_DIR",
    "SHELL",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TERMINFO",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "VIRTUAL_ENV",
    "VOLTA_HOME",
    "WAYLAND_DISPLAY",
    "WINDIR",
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The beginnings of further names that always pass.
pub const BASE_PREFIXES: &[&str] = &["LC_", "XDG_"];

/// Whether a variable passes to every task without being part of a cache key.
pub fn is_base_variable(name: &str) -> bool {
    BASE_VARIABLES.binary_search(&name).is_ok()
        || BASE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(BASE_VARIABLES.is_sorted());
    }

    #[test]
    fn families_of_names_pass_too() {
        assert!(is_base_variable("LC_ALL"));
        assert!(is_base_variable("PATH"));
        assert!(!is_base_variable("DATABASE_URL"));
    }
}
