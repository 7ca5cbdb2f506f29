//! How a service is, as its supervisor sees it.

use rush_plan::{NodeId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::wanted::Wanted;

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// Its identity.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// Its label with its arguments.
    pub call: String,
    /// How it is.
    pub state: ServiceState,
    /// Since when it is so.
    pub since: Timestamp,
    /// How often it was started again.
    pub restarts: u32,
    /// Its first process, while there is one.
    pub process: Option<u32>,
    /// The port of this machine by which it is probed.
    pub port: Option<u16>,
    /// The memory of all its processes, while there are some.
    pub memory_bytes: Option<u64>,
    /// The file with its output.
    pub log: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// The Rush that keeps it up.
    pub supervisor: u32,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// It can't be used yet.
    Starting,
    /// It can be used.
    Up,
    /// It ended by itself and will start again.
    Restarting,
    /// It ended, and stays so.
    Failed,
    /// It was ended.
    Stopped,
}

impl ServiceState {
    /// Whether it has processes, or soon will.
    pub const fn is_alive(self) -> bool {
        match self {
            Self::Starting | Self::Up | Self::Restarting => true,
            Self::Failed | Self::Stopped => false,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Restarting => "restarting",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// Whether something a person named, seen from the package around, means this service.
pub(super) fn is_meant(status: &ServiceStatus, wanted: &Wanted, package: &str) -> bool {
    wanted.means(&status.label, Some(package))
        && wanted.fits_call(status.call.strip_prefix(&status.label).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rush_plan::Arguments;

    use super::*;

    fn check(typed: &str, package: &str, expect: bool) {
        let label = "//web:dev_server".to_owned();
        let status = ServiceStatus {
            node: NodeId::of(&label, &Arguments::new(), &Arguments::new()),
            call: format!("{label}(port: 80)"),
            label,
            state: ServiceState::Up,
            since: Timestamp(0),
            restarts: 0,
            process: None,
            port: None,
            memory_bytes: None,
            log: String::new(),
            problem: None,
            supervisor: 1,
        };
        assert_eq!(
            is_meant(&status, &Wanted::parse(typed), package),
            expect,
            "{typed} from {package}"
        );
    }

    #[test]
    fn a_service_is_meant_by_its_label_its_call_or_its_name_nearby() {
        check("//web:dev_server", "", true);
        check("//web:dev_server(port: 80)", "api", true);
        check("//web:dev-server", "api", true);
        check("dev-server", "web", true);
        check("dev_server(port: 80)", "web", true);
        check("dev_server(port: 81)", "web", false);
        check("dev_server", "api", false);
        check("dev_server(80)", "web", true);
        check("dev-server( port: 80 )", "web", true);
        check("//web:dev_server(80)", "api", true);
        check("dev_server()", "web", true);
        check("dev_server(80, 81)", "web", false);
        check("server", "web", false);
    }
}
