//! Who has a port that a service wants, in words.

use std::fmt;

/// Whether somebody listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listening {
    Nobody,
    Somebody(Holder),
}

/// The process that listens; what can't be found out is left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) process: Option<u32>,
    pub(crate) command: Option<String>,
    pub(crate) user: Option<String>,
    /// The label and the workspace, if Rush started it.
    pub(crate) task: Option<(String, String)>,
    /// The run it belongs to, if Rush started it.
    pub(crate) run: Option<String>,
    /// Whether it is a descendant of this process.
    pub(crate) is_below_us: bool,
}

impl Holder {
    /// Whether it is the service of this label in this workspace, started by somebody else.
    pub(crate) fn is_same(&self, label: &str, workspace: &str) -> bool {
        self.task.as_ref().is_some_and(|it| (it.0.as_str(), it.1.as_str()) == (label, workspace))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.process, &self.user) {
            (Some(process), _) => write!(f, "process {process}")?,
            (None, Some(user)) => write!(f, "a process of the user `{user}`")?,
            (None, None) => f.write_str("another process")?,
        }
        if let Some(command) = &self.command {
            write!(f, ", `{command}`")?;
        }
        if let Some((label, workspace)) = &self.task {
            write!(f, ", started as `{label}` of `{workspace}`")?;
        }
        Ok(())
    }
}

/// Why a service does not start.
pub(crate) fn busy(port: u16, holder: &Holder) -> String {
    format!("port {port} is already in use by {holder}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(holder: &Holder, expect: &str) {
        assert_eq!(holder.to_string(), expect);
    }

    #[test]
    fn a_holder_is_described_as_far_as_it_is_known() {
        let user = Some("postgres".to_owned());
        check(&Holder::default(), "another process");
        check(
            &Holder { user: user.clone(), ..Holder::default() },
            "a process of the user `postgres`",
        );
        let known = Holder {
            process: Some(7),
            command: Some("nc -l".to_owned()),
            user,
            ..Holder::default()
        };
        check(&known, "process 7, `nc -l`");
        let task = Some(("//:pg".to_owned(), "/work".to_owned()));
        check(&Holder { task, ..known }, "process 7, `nc -l`, started as `//:pg` of `/work`");
    }
}
