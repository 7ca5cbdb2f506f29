//! The layer table: which crate may use which, held against the manifests.
//!
//! A crate's border has a reason (purity, a heavy dependency, two users that must not meet), so a
//! new edge is a decision: it is made here, where review sees it.

use anyhow::{Context as _, Result};
use toml_edit::{DocumentMut, Item, TableLike};

use super::Problem;
use super::sources::Source;

/// A row of the layer table.
struct Layer {
    name: &'static str,
    number: u8,
    may_use: MayUse,
}

enum MayUse {
    /// Exactly these crates of ours.
    Only(&'static [&'static str]),
    /// Every crate of a lower layer.
    AllBelow,
    /// Everything: tools for developers, which nothing that ships may use.
    Everything,
}

use MayUse::{AllBelow, Everything, Only};

const fn layer(number: u8, name: &'static str, may_use: MayUse) -> Layer {
    Layer { name, number, may_use }
}

/// The layer of what developers use.
const DEVELOPERS: u8 = 9;

const LAYERS: &[Layer] = &[
    layer(0, "rush-diagnostics", Only(&[])),
    layer(0, "rush-system", Only(&[])),
    layer(1, "rush-syntax", Only(&["rush-diagnostics"])),
    layer(1, "rush-plan", Only(&["rush-diagnostics"])),
    layer(2, "rush-semantics", Only(&["rush-diagnostics", "rush-plan", "rush-syntax"])),
    layer(3, "rush-exec", Only(&["rush-plan", "rush-system"])),
    layer(3, "rush-store", Only(&["rush-plan"])),
    layer(
        3,
        "rush-project",
        // Listings match the patterns of the plan, or they would not say what a run finds.
        Only(&["rush-diagnostics", "rush-plan", "rush-semantics", "rush-system"]),
    ),
    layer(
        3,
        "rush-ide",
        // What a task would run is shown as the plan has it.
        Only(&["rush-diagnostics", "rush-plan", "rush-semantics", "rush-syntax"]),
    ),
    layer(
        4,
        "rush-lsp",
        Only(&[
            "rush-diagnostics",
            "rush-ide",
            // The facts about the machine, which hovers of tasks depend on.
            "rush-plan",
            "rush-project",
            // Diagnostics and formatting are whole answers already and are asked for directly.
            "rush-semantics",
            "rush-syntax",
            "rush-system",
        ]),
    ),
    layer(5, "rush-engine", AllBelow),
    layer(
        7,
        "rush",
        Only(&[
            "rush-diagnostics",
            "rush-engine",
            "rush-lsp",
            "rush-plan",
            // The program chooses the real world: `OsSystem` is made here and handed down.
            "rush-system",
        ]),
    ),
    layer(DEVELOPERS, "rush-test", Everything),
    layer(DEVELOPERS, "rush-tests", Everything),
    layer(DEVELOPERS, "xtask", Everything),
];

/// Dependencies that only some crates may name, because they are heavy or set a style.
const EXCLUSIVE: &[(&str, &[&str])] = &[
    ("anyhow", &["rush", "xtask"]),
    ("ariadne", &["rush-diagnostics"]),
    ("chumsky", &["rush-syntax"]),
    ("clap", &["rush"]),
    ("clap_complete", &["rush"]),
    ("clap_mangen", &["rush"]),
    ("futures-util", &["rush-lsp"]),
    ("libc", &["rush-exec", "rush-system", "xtask"]),
    ("logos", &["rush-syntax"]),
    ("ls-types", &["rush-lsp"]),
    ("miette", &["rush"]),
    ("nix", &["rush-exec", "rush-store"]),
    ("notify", &["rush-project"]),
    ("rowan", &["rush-syntax"]),
    ("rusqlite", &["rush-store"]),
    ("salsa", &["rush-semantics", "rush-project", "rush-ide", "rush-lsp"]),
    ("tokio", &["rush-exec", "rush-engine", "rush-lsp", "rush"]),
    ("toml_edit", &["rush-engine", "rush-project", "xtask"]),
    ("tower", &["rush-lsp"]),
    ("tower-lsp", &["rush-lsp"]),
    ("tracing-subscriber", &["rush"]),
];

/// The fuzz targets are a workspace of their own, as `cargo fuzz` demands.
const FUZZ_MANIFEST: &str = "tests/fuzz/Cargo.toml";

/// Holds every manifest against the table.
pub(super) fn check(files: &[Source]) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|it| it.name() == "Cargo.toml" && it.path != "Cargo.toml") {
        if file.crate_folder().is_none() || file.path == FUZZ_MANIFEST {
            continue;
        }
        let manifest: DocumentMut =
            file.text.parse().with_context(|| format!("could not read `{}`", file.path))?;
        problems.extend(check_manifest(&file.path, &manifest));
    }
    Ok(problems)
}

fn check_manifest(path: &str, manifest: &DocumentMut) -> Vec<Problem> {
    let name = manifest.get("package").and_then(|it| it.get("name")).and_then(Item::as_str);
    let Some(layer) = LAYERS.iter().find(|it| Some(it.name) == name) else {
        return vec![Problem::in_file(path, "this crate has no row in the layer table of tidy")];
    };
    let mut problems = inherited(path, manifest);
    for dependency in dependencies(manifest) {
        if !dependency.is_inherited {
            let message = format!(
                "`{}` must be `workspace = true`; versions live in the root manifest",
                dependency.name
            );
            problems.push(Problem::in_file(path, message));
        }
        problems.extend(refused(layer, &dependency).map(|message| Problem::in_file(path, message)));
    }
    problems
}

/// What every manifest takes from the workspace.
fn inherited(path: &str, manifest: &DocumentMut) -> Vec<Problem> {
    let mut problems = Vec::new();
    let takes = |table: &str, key: &str| {
        let item = manifest.get(table).and_then(|it| it.get(key));
        let flag = if table == "lints" { item } else { item.and_then(|it| it.get("workspace")) };
        flag.and_then(Item::as_bool) == Some(true)
    };
    let package = ["version", "edition", "rust-version", "license", "publish"];
    let keys = package.map(|it| ("package", it)).into_iter().chain([("lints", "workspace")]);
    for (table, key) in keys {
        if !takes(table, key) {
            let message = format!("`{key}` of `[{table}]` must come from the workspace");
            problems.push(Problem::in_file(path, message));
        }
    }
    problems
}

struct Dependency {
    name: String,
    use_for: Use,
    is_inherited: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Shipping,
    Testing,
}

/// All dependencies of a manifest, also those of single systems.
fn dependencies(manifest: &DocumentMut) -> Vec<Dependency> {
    let mut found = Vec::new();
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(TableLike::iter);
    let tables = targets.filter_map(|(_, item)| item.as_table_like());
    for table in std::iter::once(manifest.as_table() as &dyn TableLike).chain(tables) {
        for (key, use_for) in [
            ("dependencies", Use::Shipping),
            ("build-dependencies", Use::Shipping),
            ("dev-dependencies", Use::Testing),
        ] {
            let Some(entries) = table.get(key).and_then(Item::as_table_like) else { continue };
            found.extend(entries.iter().map(|(name, item)| Dependency {
                name: name.to_owned(),
                use_for,
                is_inherited: item.get("workspace").and_then(Item::as_bool) == Some(true),
            }));
        }
    }
    found
}

/// Why the crate may not have this dependency.
fn refused(layer: &Layer, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    if layer.number == DEVELOPERS {
        return None;
    }
    if let Some(other) = LAYERS.iter().find(|it| it.name == name) {
        let is_fine = match (dependency.use_for, &layer.may_use) {
            (_, Everything) => true,
            // Tests may look down on anything, and speak the fixture language.
            (Use::Testing, _) => other.number <= layer.number || other.name == "rush-test",
            (Use::Shipping, Only(allowed)) => allowed.contains(&name),
            (Use::Shipping, AllBelow) => other.number < layer.number,
        };
        return (!is_fine).then(|| {
            format!("`{}` may not use `{name}`; the layer table of tidy says which", layer.name)
        });
    }
    let (_, owners) = EXCLUSIVE.iter().find(|(it, _)| *it == name)?;
    let is_fine = dependency.use_for == Use::Testing || owners.contains(&layer.name);
    (!is_fine).then(|| format!("`{name}` belongs to {}", owners.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::check_manifest;

    /// Checks a crate with these dependency tables and expects a message with each of these words.
    fn check(name: &str, tables: &str, expect: &[&str]) {
        let package = "version.workspace = true\nedition.workspace = true\n\
                       rust-version.workspace = true\nlicense.workspace = true\n\
                       publish.workspace = true\n[lints]\nworkspace = true\n";
        let text = format!("[package]\nname = \"{name}\"\n{package}{tables}");
        let problems = check_manifest("crates/x/Cargo.toml", &text.parse().unwrap());
        assert_eq!(problems.len(), expect.len(), "{problems:?}");
        for (problem, word) in problems.iter().zip(expect) {
            assert!(problem.message.contains(word), "{problem}");
        }
    }

    #[test]
    fn a_crate_uses_what_its_row_allows() {
        check("rush-syntax", "[dependencies]\nrush-diagnostics.workspace = true\n", &[]);
        check("rush-syntax", "[dependencies]\nrush-plan.workspace = true\n", &["may not use"]);
        check("rush-engine", "[dependencies]\nrush-exec.workspace = true\n", &[]);
        check("rush-exec", "[dependencies]\nrush-test.workspace = true\n", &["may not use"]);
    }

    #[test]
    fn tests_may_look_down_and_use_the_fixture_language() {
        let tables =
            "[dev-dependencies]\nrush-test.workspace = true\nrush-syntax.workspace = true\n";
        check("rush-semantics", tables, &[]);
        check(
            "rush-semantics",
            "[dev-dependencies]\nrush-lsp.workspace = true\n",
            &["may not use"],
        );
    }

    #[test]
    fn heavy_dependencies_have_owners_also_on_single_systems() {
        check("rush-plan", "[dependencies]\ntokio.workspace = true\n", &["belongs to"]);
        let target = "[target.'cfg(unix)'.dependencies]\nnix.workspace = true\n";
        check("rush-plan", target, &["belongs to"]);
        check("rush-exec", target, &[]);
    }

    #[test]
    fn versions_live_in_the_root() {
        check("rush-plan", "[dependencies]\nserde = \"1\"\n", &["workspace = true"]);
        check("rush-plan", "[dependencies]\nserde = { version = \"1\" }\n", &["workspace = true"]);
    }

    #[test]
    fn an_unknown_crate_needs_a_row() {
        let found =
            check_manifest("crates/x/Cargo.toml", &"[package]\nname = \"x\"".parse().unwrap());
        assert_eq!(found.len(), 1);
    }
}
