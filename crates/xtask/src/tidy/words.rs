//! Words that no file may hold: paths of one machine and hosts of package registries.

use super::Problem;
use super::sources::Source;

/// The starts of paths that exist on somebody's machine only.
const MACHINE_PATHS: &[&str] = &["work/main", "work/shared", "root"];

/// Hosts that a file has no business naming; clients know them.
const HOSTS: &[&str] = &[
    concat!("deb.", "debian.org"),
    concat!("pypi", ".org"),
    concat!("files.", "pythonhosted.org"),
    concat!("registry.", "npmjs.org"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
];

/// Finds forbidden words; the lock file is written by cargo and names its index.
pub(super) fn check(file: &Source) -> Vec<Problem> {
    if file.name() == "Cargo.lock" {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if let Some(path) = MACHINE_PATHS.iter().find(|it| has_absolute(line, it)) {
            let message = format!("a path below `/{path}` exists on one machine only");
            problems.push(Problem::in_line(&file.path, index, message));
        }
        if let Some(host) = HOSTS.iter().find(|it| line.contains(**it)) {
            let message = format!("`{host}` is a registry's host; name the package instead");
            problems.push(Problem::in_line(&file.path, index, message));
        }
    }
    problems
}

/// Whether the line has `/folder/` at the start of a path, not inside a longer one.
fn has_absolute(line: &str, folder: &str) -> bool {
    let needle = format!("/{folder}/");
    line.match_indices(&needle).any(|(at, _)| {
        let before = line.get(..at).and_then(|it| it.chars().next_back());
        before.is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '/' | '.' | '_' | '-' | '}')))
    })
}

#[cfg(test)]
mod tests {
    use super::has_absolute;

    #[test]
    fn only_the_start_of_a_path_counts() {
        assert!(has_absolute(concat!("see /", "work/main/x"), "work/main"));
        assert!(has_absolute(concat!("\"/", "root/x\""), "root"));
        assert!(!has_absolute("/home/ada/work/main/x", "work/main"));
        assert!(!has_absolute("chroot/root/x", "root"));
    }
}
