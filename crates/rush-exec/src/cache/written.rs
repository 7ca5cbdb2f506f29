//! What the tasks of a plan declare as outputs, so that no wildcard reads it by accident.
//!
//! The same rule as the compiler's: an input that begins in there, or is spelled like the output, means it.

use std::cell::OnceCell;

use rush_plan::{Digest, Glob, Node, Plan, Task};
use rustc_hash::FxHashMap;

use super::codec::Writer;

/// The declared outputs of all tasks of a plan.
pub(crate) struct Written {
    /// Plain paths: they and all below.
    paths: FxHashMap<String, Source>,
    /// Wildcards, and outputs of tasks with exclusions, by the directories they begin in.
    patterns: Vec<Output>,
    /// Equal for plans whose outputs are the same.
    pub(crate) digest: Digest,
}

/// What a plain path is to a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Output,
    Depfile,
}

struct Output {
    glob: Glob,
    /// With all below what it matches: a directory means what is in it.
    covers: Glob,
    excluded: Vec<Glob>,
}

/// One pattern that a task declares. Most are compared by their texts alone, so it is parsed when somebody has to know
/// more.
pub(super) struct Declared<'a> {
    pub(super) text: &'a str,
    parsed: OnceCell<Option<Box<Parsed>>>,
}

/// A pattern, and the same with all below it.
pub(super) struct Parsed {
    pub(super) glob: Glob,
    pub(super) covers: Glob,
}

impl<'a> Declared<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, parsed: OnceCell::new() }
    }

    /// The pattern; the plan was validated, so there is one.
    pub(super) fn parsed(&self) -> Option<&Parsed> {
        let parse = || {
            let glob = Glob::parse(self.text).ok()?;
            Some(Box::new(Parsed { covers: glob.with_contents(), glob }))
        };
        self.parsed.get_or_init(parse).as_deref()
    }
}

/// What one pattern leaves out.
pub(crate) struct Hidden<'a> {
    written: &'a Written,
    rule: Rule,
    /// The directory the pattern begins in.
    start: String,
    patterns: Vec<&'a Output>,
    /// Whether it reads what a task of the plan makes, so that it means all of that, be it ignored or not.
    pub(crate) reads_made: bool,
}

/// Why a pattern leaves something out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// It reads, and does not begin in there.
    Reading,
    /// It is an output, and another output begins further down.
    Making,
}

/// The task of a node if it writes anything in this plan: where its `when` is false, its outputs are files like others.
pub(crate) fn writes(node: &Node) -> Option<&Task> {
    node.as_task().filter(|it| it.skip.is_none())
}

impl Written {
    /// Gathers the outputs.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut paths = FxHashMap::default();
        let mut patterns: FxHashMap<Vec<String>, Output> = FxHashMap::default();
        for task in plan.nodes().iter().filter_map(writes) {
            let depfile = task.depfile.iter().map(ToString::to_string);
            for path in depfile {
                paths.entry(path).or_insert(Source::Depfile);
            }
            let globs = task.outputs.iter().filter_map(|text| Glob::parse(text).ok());
            let (excluded, wanted): (Vec<Glob>, Vec<Glob>) = globs.partition(Glob::is_negated);
            for glob in wanted {
                if glob.is_literal() && excluded.is_empty() {
                    paths.insert(glob.literal_prefix().to_owned(), Source::Output);
                    continue;
                }
                let texts = excluded.iter().map(|it| it.as_str().to_owned());
                let key = std::iter::once(glob.as_str().to_owned()).chain(texts).collect();
                let excluded = excluded.iter().map(Glob::with_contents).collect();
                let covers = glob.with_contents();
                patterns.insert(key, Output { glob, covers, excluded });
            }
        }
        let digest = digest(&paths, patterns.keys());
        let mut patterns: Vec<Output> = patterns.into_values().collect();
        patterns.sort_by(|a, b| a.directory().cmp(b.directory()));
        Self { paths, patterns, digest }
    }

    /// Those of no task.
    pub(crate) fn of_nobody() -> Self {
        let paths = FxHashMap::default();
        let digest = digest(&paths, std::iter::empty());
        Self { paths, patterns: Vec::new(), digest }
    }

    /// What an input pattern leaves out; the pattern as it is written, since one that names a directory begins in it.
    pub(crate) fn outside_of(&self, input: &Glob) -> Hidden<'_> {
        let (meant, patterns): (Vec<_>, Vec<_>) =
            self.patterns.iter().partition(|it| is_meant(input, &it.glob));
        let start = input.literal_directory().to_owned();
        let reads_made = !meant.is_empty()
            || at_and_above(&start).any(|it| self.paths.get(it) == Some(&Source::Output));
        Hidden { written: self, rule: Rule::Reading, start, patterns, reads_made }
    }

    /// What an output pattern leaves out: what outputs declare that begin further down.
    pub(crate) fn outside_of_output(&self, output: &Glob) -> Hidden<'_> {
        let start = output.literal_directory().to_owned();
        let from = self.patterns.partition_point(|it| it.directory() <= start.as_str());
        let near = self.patterns.iter().skip(from);
        let near = near.take_while(|it| it.directory().starts_with(&start));
        let patterns = near.filter(|it| is_below(it.directory(), &start)).collect();
        Hidden { written: self, rule: Rule::Making, start, patterns, reads_made: false }
    }
}

impl Written {
    /// Whether a task may make what an input pattern matches.
    pub(crate) fn meets(&self, input: &Glob) -> bool {
        let input = input.with_contents();
        let globs = self.paths.keys().filter_map(|it| Glob::parse(it).ok());
        self.patterns.iter().any(|it| it.covers.intersects(&input))
            || globs.map(|it| it.with_contents()).any(|it| it.intersects(&input))
    }
}

impl Output {
    fn directory(&self) -> &str {
        self.glob.literal_directory()
    }
}

impl Hidden<'_> {
    /// Whether a path lies where the pattern begins.
    pub(crate) fn reaches(&self, path: &str) -> bool {
        path == self.start || is_below(path, &self.start)
    }

    fn leaves_out(&self, written: &str, source: Source) -> bool {
        match self.rule {
            Rule::Reading => !is_at_or_below(&self.start, written),
            Rule::Making => source == Source::Output && is_below(written, &self.start),
        }
    }

    /// Whether a path is left out, without a look at what is in it.
    pub(crate) fn hides(&self, path: &str) -> bool {
        self.is_hidden(path, |not| not.matches(path))
    }

    /// Whether all that is in a directory is left out: nothing in there is excluded by who declares it.
    pub(crate) fn hides_all_in(&self, directory: &str) -> bool {
        self.is_hidden(directory, |not| not.matches(directory) || not.may_match_below(directory))
    }

    /// Whether a path is left out, unless an exclusion of who declares it `spares` it.
    fn is_hidden(&self, path: &str, spares: impl Fn(&Glob) -> bool) -> bool {
        let is_left_out =
            |at: &str| self.written.paths.get(at).is_some_and(|it| self.leaves_out(at, *it));
        at_and_above(path).any(is_left_out)
            || self
                .patterns
                .iter()
                .any(|it| it.covers.matches(path) && !it.excluded.iter().any(&spares))
    }
}

/// Whether an input that meets an output reads it: it is the same, or begins in there.
pub(super) fn is_meant(input: &Glob, output: &Glob) -> bool {
    input.as_str() == output.as_str()
        || input.lies_inside(output)
        // `src` means all that is in it, as `src/**` does.
        || input.contents_lie_inside(output)
}

/// A path, and the directories it lies in, the nearest one first.
pub(super) fn at_and_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |it| it.rsplit_once('/').map(|(directory, _)| directory))
}

fn is_at_or_below(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    directory == "." || rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
}

/// Whether a path lies in a directory, `""` being the root.
pub(super) fn is_below(path: &str, directory: &str) -> bool {
    path != directory && (directory.is_empty() || is_at_or_below(path, directory))
}

fn digest<'a>(
    paths: &FxHashMap<String, Source>,
    patterns: impl Iterator<Item = &'a Vec<String>>,
) -> Digest {
    let mut paths: Vec<&String> = paths.keys().collect();
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
