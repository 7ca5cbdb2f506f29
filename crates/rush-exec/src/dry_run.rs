//! What a run would do, as data; nothing is started and nothing is read.

use rush_plan::{EnvValue, Node, NodeId, Plan, Stdin, Task, TextPart, Work};

use crate::display::{line_with_variables, quoted};
use crate::mask::MASK;

/// What one node would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryNode {
    /// Which.
    pub node: NodeId,
    /// Its label.
    pub label: String,
    /// Whether its `when` is false.
    pub is_skipped: bool,
    /// The working directory, relative to the workspace root.
    pub dir: String,
    /// The variables it declares, as `NAME=value` quoted for a shell; secrets are masked.
    pub env: Vec<String>,
    /// Its standard input, if it has one; secrets are masked.
    pub stdin: Option<String>,
    /// Its commands, for people; scripts behind the variables they are given.
    pub commands: Vec<String>,
    /// The commands that run after them in any case.
    pub finally: Vec<String>,
}

/// Returns what a run of this plan would do, each node behind those it waits for.
pub fn dry_run(plan: &Plan) -> Vec<DryNode> {
    plan.topological().map(dry_node).collect()
}

fn dry_node(node: &Node) -> DryNode {
    let mut dry = DryNode {
        node: node.id(),
        label: node.label().to_owned(),
        is_skipped: false,
        dir: String::new(),
        env: Vec::new(),
        stdin: None,
        commands: Vec::new(),
        finally: Vec::new(),
    };
    match &node.work {
        Work::Task(task) => fill_task(&mut dry, task),
        Work::Service(service) => {
            dry.dir = service.dir.to_string();
            dry.env = service.env.iter().map(|(name, value)| shown_env(name, value)).collect();
            dry.commands = vec![line_with_variables(&service.run)];
        }
    }
    dry
}

fn fill_task(dry: &mut DryNode, task: &Task) {
    dry.is_skipped = task.skip.is_some();
    dry.dir = task.dir.to_string();
    dry.env = task.env.iter().map(|(name, value)| shown_env(name, value)).collect();
    dry.stdin = task.stdin.as_ref().map(shown_stdin);
    dry.commands = task.run.iter().map(line_with_variables).collect();
    dry.finally = task.finally.iter().map(line_with_variables).collect();
}

fn shown_env(name: &str, value: &EnvValue) -> String {
    match value {
        EnvValue::Text(text) => format!("{name}={}", quoted(text)),
        EnvValue::Secret(_) => format!("{name}={MASK}"),
        EnvValue::Parts(parts) => format!("{name}={}", shown_parts(parts)),
        EnvValue::Path(path) => format!("{name}={}", quoted(path.as_str())),
        EnvValue::Unset => format!("-u {name}"),
    }
}

fn shown_stdin(stdin: &Stdin) -> String {
    match stdin {
        Stdin::Text(text) => text.clone(),
        Stdin::Secret(_) => MASK.to_owned(),
        Stdin::Parts(parts) => shown_parts(parts),
        Stdin::Path(path) => format!("< {}", quoted(path.as_str())),
    }
}

fn shown_parts(parts: &[TextPart]) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Text(text) => text.clone(),
        TextPart::Secret(_) => MASK.to_owned(),
    };
    parts.iter().map(part).collect()
}
