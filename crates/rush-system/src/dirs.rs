//! Where a user's own files live, computed from the environment alone.
//!
//! Unix systems, macOS included, follow the XDG base directories, as command-line tools do there;
//! Windows uses its application data folders. Variables that are empty or not absolute count as
//! unset, as the XDG specification demands.

use camino::Utf8PathBuf;

use crate::facts::HostOs;

/// What a variable is set to; only the few that count are asked for.
type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The user's home directory.
pub(crate) fn home(env: Env<'_>, os: HostOs) -> Option<Utf8PathBuf> {
    match os {
        HostOs::Windows => directory(env, "USERPROFILE", os),
        HostOs::Linux | HostOs::Macos | HostOs::Freebsd => directory(env, "HOME", os),
    }
}

/// The directory of the user's settings.
pub(crate) fn config(env: Env<'_>, os: HostOs) -> Option<Utf8PathBuf> {
    base(env, os, &Base { xdg: "XDG_CONFIG_HOME", below_home: ".config", windows: "APPDATA" })
}

/// The directory of what can be made again.
pub(crate) fn cache(env: Env<'_>, os: HostOs) -> Option<Utf8PathBuf> {
    let base_of_all = Base { xdg: "XDG_CACHE_HOME", below_home: ".cache", windows: "LOCALAPPDATA" };
    let dir = base(env, os, &base_of_all)?;
    // Windows has one folder for cache and state, so the two get a name of their own in it.
    Some(if os == HostOs::Windows { dir.join("cache") } else { dir })
}

/// The directory of what is remembered.
pub(crate) fn state(env: Env<'_>, os: HostOs) -> Option<Utf8PathBuf> {
    let base_of_all =
        Base { xdg: "XDG_STATE_HOME", below_home: ".local/state", windows: "LOCALAPPDATA" };
    let dir = base(env, os, &base_of_all)?;
    Some(if os == HostOs::Windows { dir.join("state") } else { dir })
}

struct Base {
    xdg: &'static str,
    below_home: &'static str,
    windows: &'static str,
}

fn base(env: Env<'_>, os: HostOs, base: &Base) -> Option<Utf8PathBuf> {
    let parent = match os {
        HostOs::Windows => directory(env, base.windows, os)?,
        HostOs::Linux | HostOs::Macos | HostOs::Freebsd => match directory(env, base.xdg, os) {
            Some(dir) => dir,
            None => home(env, os)?.join(base.below_home),
        },
    };
    Some(parent.join("rush"))
}

fn directory(env: Env<'_>, name: &str, os: HostOs) -> Option<Utf8PathBuf> {
    env(name).filter(|it| is_absolute(it, os)).map(Utf8PathBuf::from)
}

/// `Path::is_absolute` answers for the system we were built for; this answers for `os`.
fn is_absolute(text: &str, os: HostOs) -> bool {
    match os {
        HostOs::Windows => {
            let mut rest = text.chars().skip(1);
            rest.next() == Some(':') && matches!(rest.next(), Some('\\' | '/'))
        }
        HostOs::Linux | HostOs::Macos | HostOs::Freebsd => text.starts_with('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::{cache, config, home, state};
    use crate::facts::HostOs;

    type Find = fn(super::Env<'_>, HostOs) -> Option<camino::Utf8PathBuf>;

    fn check(find: Find, os: HostOs, env: &[(&str, &str)], expect: Option<&str>) {
        let env = |name: &str| env.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        let found = find(&env, os).map(|it| it.as_str().replace('\\', "/"));
        assert_eq!(found.as_deref(), expect);
    }

    #[test]
    fn xdg_variables_win_over_the_home_directory() {
        let env = [("HOME", "/home/ada"), ("XDG_CONFIG_HOME", "/etc/ada")];
        check(config, HostOs::Linux, &env, Some("/etc/ada/rush"));
        check(cache, HostOs::Linux, &env, Some("/home/ada/.cache/rush"));
        check(state, HostOs::Macos, &env, Some("/home/ada/.local/state/rush"));
    }

    #[test]
    fn relative_and_empty_variables_count_as_unset() {
        let env = [("HOME", "/home/ada"), ("XDG_CACHE_HOME", ""), ("XDG_STATE_HOME", "state")];
        check(cache, HostOs::Linux, &env, Some("/home/ada/.cache/rush"));
        check(state, HostOs::Linux, &env, Some("/home/ada/.local/state/rush"));
    }

    #[test]
    fn windows_uses_its_application_data() {
        let env = [("USERPROFILE", r"C:\Users\ada"), ("LOCALAPPDATA", r"C:\Users\ada\Local")];
        check(home, HostOs::Windows, &env, Some("C:/Users/ada"));
        check(cache, HostOs::Windows, &env, Some("C:/Users/ada/Local/rush/cache"));
        check(config, HostOs::Windows, &env, None);
    }

    #[test]
    fn nothing_is_made_up_without_a_home() {
        check(home, HostOs::Linux, &[], None);
        check(config, HostOs::Freebsd, &[], None);
    }
}
