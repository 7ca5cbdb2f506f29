//! What the tasks of a plan declare as outputs, so that no wildcard reads it by accident.
//!
//! The same rule as the compiler's: an input that begins in there, or is spelled like the output, means it.

use rush_plan::{Digest, Glob, Node, Plan, Task};
use rustc_hash::{FxHashMap, FxHashSet};

use super::codec::Writer;

/// The declared outputs of all tasks of a plan.
pub(crate) struct Written {
    /// Plain paths: they and all below.
    paths: FxHashSet<String>,
    /// Wildcards, and outputs of tasks with exclusions.
    patterns: Vec<Output>,
    /// Equal for plans whose outputs are the same.
    pub(crate) digest: Digest,
}

struct Output {
    glob: Glob,
    covers: Glob,
    excluded: Vec<Glob>,
}

/// What one pattern leaves out.
pub(crate) struct Hidden<'a> {
    written: &'a Written,
    /// The directory the pattern begins in.
    start: String,
    patterns: Vec<&'a Output>,
}

/// The task of a node if it writes anything in this plan: where its `when` is false, its outputs are files like others.
pub(crate) fn writes(node: &Node) -> Option<&Task> {
    node.as_task().filter(|it| it.skip.is_none())
}

impl Written {
    /// Gathers the outputs.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut paths = FxHashSet::default();
        let mut patterns: FxHashMap<Vec<String>, Output> = FxHashMap::default();
        for task in plan.nodes().iter().filter_map(writes) {
            let depfile = task.depfile.iter().map(ToString::to_string);
            paths.extend(depfile);
            let globs = task.outputs.iter().filter_map(|text| Glob::parse(text).ok());
            let (excluded, wanted): (Vec<Glob>, Vec<Glob>) = globs.partition(Glob::is_negated);
            for glob in wanted {
                if glob.is_literal() && excluded.is_empty() {
                    paths.insert(glob.literal_prefix().to_owned());
                    continue;
                }
                let texts = excluded.iter().map(|it| it.as_str().to_owned());
                let key = std::iter::once(glob.as_str().to_owned()).chain(texts).collect();
                let excluded = excluded.iter().map(Glob::with_contents).collect();
                let covers = if glob.is_literal() { glob.with_contents() } else { glob.clone() };
                patterns.insert(key, Output { glob, covers, excluded });
            }
        }
        let digest = digest(&paths, patterns.keys());
        Self { paths, patterns: patterns.into_values().collect(), digest }
    }

    /// What an input pattern leaves out; the pattern as it is written, since one that names a directory begins in it.
    pub(crate) fn outside_of(&self, input: &Glob) -> Hidden<'_> {
        let patterns = self.patterns.iter().filter(|it| !is_meant(input, &it.glob)).collect();
        Hidden { written: self, start: input.literal_directory().to_owned(), patterns }
    }
}

impl Written {
    /// Whether a task may make what an input pattern matches.
    pub(crate) fn meets(&self, input: &Glob) -> bool {
        let input = input.with_contents();
        let globs = self.paths.iter().filter_map(|it| Glob::parse(it).ok());
        self.patterns.iter().any(|it| it.covers.intersects(&input))
            || globs.map(|it| it.with_contents()).any(|it| it.intersects(&input))
    }
}

impl Hidden<'_> {
    /// Whether a path is left out.
    pub(crate) fn hides(&self, path: &str) -> bool {
        let mut at = Some(path);
        while let Some(path) = at {
            if self.written.paths.contains(path) && !is_at_or_below(&self.start, path) {
                return true;
            }
            at = path.rsplit_once('/').map(|(directory, _)| directory);
        }
        self.patterns
            .iter()
            .any(|it| it.covers.matches(path) && !it.excluded.iter().any(|not| not.matches(path)))
    }
}

/// Whether an input that meets an output reads it: it is the same, or begins in there.
pub(super) fn is_meant(input: &Glob, output: &Glob) -> bool {
    input.as_str() == output.as_str() || input.lies_inside(output)
}

fn is_at_or_below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    directory == "." || rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

fn digest<'a>(
    paths: &FxHashSet<String>,
    patterns: impl Iterator<Item = &'a Vec<String>>,
) -> Digest {
    let mut paths: Vec<&String> = paths.iter().collect();
    paths.sort_unstable();
    let mut patterns: Vec<&Vec<String>> = patterns.collect();
    patterns.sort_unstable();
    let mut writer = Writer::default();
    paths.iter().for_each(|it| writer.bytes(it.as_bytes()));
    for texts in patterns {
        writer.count(texts.len());
        texts.iter().for_each(|it| writer.bytes(it.as_bytes()));
    }
    Digest::of("rush written", &writer.0)
}
