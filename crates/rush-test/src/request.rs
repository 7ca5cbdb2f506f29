//! A request for a plan that is the same on every machine, and a world that answers its reads.

use rush_plan::{
    Call, CallOrder, Cause, Goal, Host, PlanRequest, ReadKey, ReadValue, Reads, WorkspaceId,
    WorkspacePath,
};

/// Asks for calls, one after the other, on a machine with four processors.
pub fn request<'a>(labels: impl IntoIterator<Item = &'a str>) -> PlanRequest {
    let calls = labels.into_iter().map(Call::new).collect();
    PlanRequest {
        workspace: WorkspaceId("test".to_owned()),
        goal: Goal { calls, order: CallOrder::Sequential, ..Goal::default() },
        host: Host {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpus: 4,
            memory_bytes: 8 << 30,
            ci: false,
        },
        reads: Reads::new(),
        cause: Cause::user(),
    }
}

/// What is read in a world where every pattern matches `src/main.c` and nothing else is there.
pub fn read(key: &ReadKey) -> ReadValue {
    match key {
        ReadKey::Files(_) => {
            ReadValue::Names(WorkspacePath::new("src/main.c").into_iter().collect())
        }
        ReadKey::Env(_) | ReadKey::File(_) => ReadValue::Absent,
    }
}
