//! The facts about this machine that a plan may depend on.

use rush_plan::Host;
use rush_system::System;

/// Asks the world for the facts.
pub fn machine_facts(system: &dyn System) -> Host {
    let facts = system.host();
    let ci = system.env_var("CI").ok().flatten();
    Host {
        os: facts.os.to_string(),
        arch: facts.arch,
        cpus: facts.cpus,
        memory_bytes: facts.memory_bytes,
        ci: ci.is_some_and(|it| !matches!(it.as_str(), "" | "0" | "false")),
    }
}
