//! What shellcheck says about a script, if it is installed.

use std::time::Duration;

use rush_exec::ask_tool;
use serde_json::Value;

/// How long a script may be checked.
const TIME_MAX: Duration = Duration::from_secs(10);

/// What is not asked: a variable that nobody sets is one that Rush hands over, which it checks
/// itself, and what a script is written for is known.
const EXCLUDED: &str = "--exclude=SC2154,SC2148,SC1091";

/// Something that shellcheck says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptRemark {
    /// The line and the character where it starts, counted from 1.
    pub start: (usize, usize),
    /// The line and the character where it ends, counted from 1.
    pub end: (usize, usize),
    /// `error`, `warning`, `info` or `style`.
    pub level: String,
    /// The number of the rule.
    pub code: u64,
    /// What it says.
    pub message: String,
}

/// Has shellcheck check a script for `sh`, `bash`, `dash` or `ksh`; nothing if there is no shellcheck.
pub fn check_script(shell: &str, script: &str) -> Option<Vec<ScriptRemark>> {
    let shell = format!("--shell={shell}");
    let words = [shell.as_str(), "--format=json1", EXCLUDED, "-"];
    let answer = ask_tool("shellcheck", &words, script, TIME_MAX).ok()?;
    read(&answer)
}

fn read(answer: &[u8]) -> Option<Vec<ScriptRemark>> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    Some(answer.get("comments")?.as_array()?.iter().filter_map(remark).collect())
}

fn remark(comment: &Value) -> Option<ScriptRemark> {
    let number = |name| comment.get(name)?.as_u64();
    let place = |line, column| Some((number(line)? as usize, number(column)? as usize));
    Some(ScriptRemark {
        start: place("line", "column")?,
        end: place("endLine", "endColumn")?,
        level: comment.get("level")?.as_str()?.to_owned(),
        code: number("code")?,
        message: comment.get("message")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn remarks_are_read() {
        let answer = r#"{"comments":[{"file":"-","line":2,"endLine":2,"column":8,"endColumn":10,
            "level":"info","code":2086,"message":"Double quote it.","fix":null}]}"#;
        let remarks = read(answer.as_bytes()).unwrap();
        let [remark] = remarks.as_slice() else { panic!("{remarks:?}") };
        assert_eq!((remark.start, remark.end), ((2, 8), (2, 10)));
        assert_eq!((remark.code, remark.level.as_str()), (2086, "info"));
        assert_eq!(read(b"no such flag"), None);
    }
}
