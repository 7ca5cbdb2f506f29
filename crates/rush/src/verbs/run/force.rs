//! Which tasks of a plan `--force-task` means.

use std::collections::BTreeSet;

use camino::Utf8Path;
use rush_engine::Force;
use rush_plan::Plan;

use crate::failure::{Failure, quoted};

/// The tasks with these labels, as typed in `start` below `root`.
pub(super) fn labels(
    typed: &[String],
    plan: &Plan,
    (root, start): (&Utf8Path, &Utf8Path),
) -> Result<Force, Failure> {
    if typed.is_empty() {
        return Ok(Force::Nothing);
    }
    let labels: BTreeSet<&str> = plan.nodes().iter().map(rush_plan::Node::label).collect();
    let below = start.strip_prefix(root).unwrap_or(Utf8Path::new(""));
    let found = typed.iter().map(|it| find(it, &labels, below).ok_or_else(|| unknown(it, &labels)));
    Ok(Force::Labels(found.collect::<Result<_, _>>()?))
}

/// The label that was meant: as it stands, else that of the nearest package at or above the directory; `-` may stand
/// for `_` in its name.
fn find(typed: &str, labels: &BTreeSet<&str>, below: &Utf8Path) -> Option<String> {
    let (package, name) =
        typed.rsplit_once(':').map_or((None, typed), |(it, name)| (Some(it), name));
    let packages: Vec<String> = match package {
        Some(package) if typed.starts_with("//") => vec![package.to_owned()],
        Some(_) => return None,
        None => {
            let around = below.ancestors().map(Utf8Path::as_str).chain([""]);
            around.map(|it| format!("//{it}")).collect()
        }
    };
    let names = [name.to_owned(), name.replace('-', "_")];
    let mut candidates = packages
        .iter()
        .flat_map(|package| names.iter().map(move |name| format!("{package}:{name}")));
    candidates.find(|it| labels.contains(it.as_str()))
}

fn unknown(typed: &str, labels: &BTreeSet<&str>) -> Failure {
    let labels: Vec<&str> = labels.iter().copied().collect();
    Failure::usage(format!("`--force-task {typed}`: no task of this run has that label"))
        .help(format!("it runs {}", quoted(&labels)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, below: &str, expect: Option<&str>) {
        let labels =
            BTreeSet::from(["//:build", "//web:build", "//web/app:test", "//a-b:unit_test"]);
        assert_eq!(
            find(typed, &labels, Utf8Path::new(below)).as_deref(),
            expect,
            "{typed} {below}"
        );
    }

    #[test]
    fn a_bare_label_is_sought_from_the_directory_upwards() {
        check("//web:build", "", Some("//web:build"));
        check("build", "", Some("//:build"));
        check("build", "web/app/src", Some("//web:build"));
        check("test", "web/app", Some("//web/app:test"));
        check("test", "web", None);
        check("//:test", "", None);
        check("//a-b:unit-test", "", Some("//a-b:unit_test"));
        check("unit-test", "a-b", Some("//a-b:unit_test"));
        check("unit-test", "", None);
    }
}
