//! What other runners have flags and words for, and what Rush has instead.

/// Flags of make, just, go-task and others; some say the same by two names.
const FLAGS: &[(&[&str], &str)] = &[
    (&["-n", "--just-print", "--recon", "--dry"], "`--dry-run` shows what would run"),
    (
        &["-B", "--always-make", "-f", "--no-cache", "--rerun-tasks"],
        "`--force` runs what is up to date, too; `-C DIR` starts in another directory",
    ),
    (
        &["--file", "--makefile", "--taskfile", "--justfile", "-t", "-d", "--dir"],
        "`tasks.rush` is looked for from here upwards; `-C DIR` starts in another directory",
    ),
    (&["-l", "--list", "--list-all", "-a", "--summary"], "`rush list` shows the tasks"),
    (&["-q", "--quiet", "-s", "--silent"], "`--log quiet` shows the output of failures only"),
    (&["-k"], "after a failure, `--keep-going` goes on with what does not depend on it"),
    (&["-w"], "`--watch` runs again when files change"),
    (&["-p"], "`--parallel` runs the labels side by side"),
    (&["-i", "--ignore-errors"], "`allow_failure: true` in a task lets it fail"),
];

/// What to write for a flag of another runner.
pub(super) fn flag(word: &str) -> Option<String> {
    let known = FLAGS.iter().find(|(theirs, _)| theirs.contains(&word));
    known.map(|(_, ours)| (*ours).to_owned())
}

/// What to write for `V=1`, which no task takes.
pub(super) fn assignment(word: &str) -> Option<String> {
    let (name, _) = word.split_once('=')?;
    let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    is_name.then(|| {
        format!("`-e {word}` sets a variable of the tasks, `--set {word}` a `param` of the files")
    })
}
