//! A new name is refused with a reason, or nobody notices it but the reader.
//!
//! Every name that can be changed is given every word of its files, the words of Rush, and words that
//! nobody uses. What is accepted must leave the same findings and the same plans, up to the name, and
//! the way back must lead to the same bytes.

#![allow(
    clippy::disallowed_methods,
    reason = "a test reads the corpus and an environment variable"
)]

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rush_diagnostics::{Code, Diagnostic};
use rush_semantics::check::file_diagnostics;
use rush_semantics::eval::{PlanOutcome, in_rounds, plan, runnable};
use rush_semantics::graph::workspace_diagnostics;
use rush_semantics::names::{files, is_private, label};
use rush_semantics::signature::signature;
use rush_semantics::{Item, RushDatabase, SourceFile};
use rush_syntax::Kind;
use rush_test::{Fixture, read, request};
use rustc_hash::FxHashSet;
use text_size::TextSize;

use super::word::open;
use super::{prepare_rename, rename};
use crate::corpus::{collect, is_long, root};
use crate::fixture::applied;
use crate::names::occurrences;
use crate::place::{FileEdit, Placed};

/// How many renames are tried of each corpus, and how many of them when there is time: about four minutes,
/// as the slowest takes a seventh of a second each.
const TRIES: usize = 40;
const TRIES_LONG: usize = 1_500;

/// Of how many blocks of the specification one is looked at, unless there is time.
const BLOCKS_EVERY: usize = 8;

/// Findings that depend on what a name looks like, and are the answer to it: a task with the name of a
/// verb, a parameter with that of a flag. The author who chooses such a name is told by the warning.
const ABOUT_STYLE: [Code; 2] = [Code::VerbName, Code::FlagName];

/// Names that mean something by themselves, to Rush, to a shell, or on the command line.
const WORDS: &str = "env file files flag all path glob sh bash python host profile matrix base \
    task template service secret workspace kind use let param fn type check extends as if then else \
    for in true false none int string bool Retry Backoff fixed tcp first delay values keys len join \
    include exclude defaults run needs outputs name os HOME PATH IFS home ifs jobs RUSH_STATUS \
    _hidden zz_fresh ZZ";

/// What is made to mislead.
const MISLEADING: &str = include_str!("property/misleading.rush");

type Texts = BTreeMap<String, String>;

/// A workspace, and what it comes to.
struct Ground {
    db: RushDatabase,
    texts: Texts,
    found: OnceCell<Vec<Diagnostic>>,
    planned: OnceCell<Vec<Planned>>,
}

impl Ground {
    fn new(texts: Texts) -> Self {
        let mut db = RushDatabase::default();
        db.set_files(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        Self { db, texts, found: OnceCell::new(), planned: OnceCell::new() }
    }

    fn file(&self, path: &str) -> SourceFile {
        *rush_semantics::Db::workspace(&self.db).files(&self.db).get(path).unwrap()
    }

    /// Everything that can be renamed, each at one place.
    fn names(&self) -> Vec<Named> {
        let mut seen = FxHashSet::default();
        let mut found = Vec::new();
        for file in files(&self.db) {
            for placed in Placed::all(&self.db, file) {
                for it in occurrences(&self.db, placed.item) {
                    let at = it.range.start() + placed.start;
                    if !seen.insert(it.target) {
                        continue;
                    }
                    let Ok(prepared) = prepare_rename(&self.db, file, at) else { continue };
                    found.push(Named { file, at, name: prepared.name });
                }
            }
        }
        found
    }

    /// The words of all files, and those that mean something by themselves.
    fn words(&self) -> BTreeSet<String> {
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let texts = self.texts.values().flat_map(|it| it.split(move |sign| !is_part(sign)));
        let own =
            texts.filter(|it| it.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_'));
        own.chain(WORDS.split_whitespace()).map(str::to_owned).collect()
    }

    fn edited(&self, edits: &[FileEdit]) -> Self {
        let mut texts = self.texts.clone();
        for file in files(&self.db) {
            let own: Vec<_> =
                edits.iter().filter(|it| it.at.file == file.id(&self.db)).cloned().collect();
            texts.insert(file.path(&self.db).to_string(), applied(file.text(&self.db), &own));
        }
        Self::new(texts)
    }

    /// All findings, with the names left open.
    fn findings(&self, names: [&str; 2]) -> Vec<String> {
        let found = self.found.get_or_init(|| {
            let own = files(&self.db).flat_map(|file| file_diagnostics(&self.db, file));
            let all = own.chain(workspace_diagnostics(&self.db).iter().cloned());
            all.filter(|it| !ABOUT_STYLE.contains(&it.code)).collect()
        });
        let told = found.iter().map(|it| {
            let item = rush_diagnostics::Locate::item_range(&self.db, &it.primary.span.item);
            let start = item.map(|item| item.start() + it.primary.span.range.start());
            let file = self.db.file(it.primary.span.item.file()).unwrap();
            let before = start.and_then(|at| file.text(&self.db).get(..usize::from(at)));
            let at = before.map(|it| open(it, names).len());
            // What somebody may have meant is sought among all names, the new one included.
            let message = it.message.split("; did you mean").next().unwrap_or_default();
            let message = open(message, names);
            format!("{} {}:{at:?} {message}", it.code, file.path(&self.db))
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        told
    }

    /// The plan of each task that needs no argument, without a profile and with each, with the names
    /// left open.
    fn plans(&self, names: [&str; 2]) -> Vec<String> {
        // A task with a private name has no label to be run by, and may be given one or lose it.
        let is_hidden = |it: &Planned| {
            names.contains(&it.task.as_str()) && names.iter().any(|it| is_private(it))
        };
        let planned = self.planned.get_or_init(|| self.all_plans()).iter();
        let told = planned.filter(|it| !is_hidden(it)).map(|it| {
            let text = open(&it.text, names);
            // Tables are sorted by name.
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            format!("{} {}", open(&it.goal, names), lines.join("\n"))
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        told
    }

    fn all_plans(&self) -> Vec<Planned> {
        let db = &self.db;
        let items = files(db).flat_map(|file| runnable(db, file));
        let needs_nothing = |it: &Item| signature(db, *it).required().next().is_none();
        let named = files(db).flat_map(|file| file.items(db).iter().copied());
        let profiles = named.filter(|it| it.kind(db) == Kind::Profile);
        let profiles = profiles.map(|it| Some(it.name(db).to_string()));
        let profiles: BTreeSet<Option<String>> = profiles.chain([None]).collect();
        let mut found = Vec::new();
        for item in items.filter(needs_nothing) {
            let label = label(db, item);
            for profile in &profiles {
                let text = planned(db, &label, profile.clone());
                let goal = format!("{label} {}", profile.as_deref().unwrap_or_default());
                found.push(Planned { task: item.name(db).to_string(), goal, text });
            }
        }
        found
    }
}

/// Something that can be renamed, and where.
struct Named {
    file: SourceFile,
    at: TextSize,
    name: String,
}

/// What a task comes to.
struct Planned {
    task: String,
    /// What was asked for.
    goal: String,
    /// The nodes, an identity being shown as the label it stands for.
    text: String,
}

fn planned(db: &RushDatabase, label: &str, profile: Option<String>) -> String {
    let mut request = request([label]);
    request.goal.profile = profile;
    let Some(PlanOutcome::Planned { plan, .. }) = in_rounds(request, |it| plan(db, it), read)
    else {
        return "no plan".to_owned();
    };
    let ids: Vec<(String, String)> =
        plan.nodes().iter().map(|it| (format!("{:?}", it.id()), it.label().to_owned())).collect();
    let mut text = format!("{:#?}", plan.nodes());
    for (id, label) in ids {
        text = text.replace(&id, &label);
    }
    text
}

/// Renames one name to one word; what is wrong, if something is. `None` when it was refused.
fn violation(ground: &Ground, named: &Named, new: &str) -> Option<Vec<String>> {
    let Named { file, at: offset, name: old } = named;
    let (file, offset) = (*file, *offset);
    let edits = match rename(&ground.db, file, offset, new) {
        Ok(edits) => edits,
        Err(refusal) => {
            assert!(refusal.0.len() > 10, "a reason is a sentence: {refusal:?}");
            return None;
        }
    };
    let names = [old.as_str(), new];
    let after = ground.edited(&edits);
    let mut wrong = Vec::new();
    let told = |before: Vec<String>, after: Vec<String>| {
        let gone = before.iter().find(|it| !after.contains(it));
        let new = after.iter().find(|it| !before.contains(it));
        format!("{gone:?} became {new:?}")
    };
    let (before, now) = (ground.findings(names), after.findings(names));
    if before != now {
        wrong.push(format!("findings: {}", told(before, now)));
    }
    let (before, now) = (ground.plans(names), after.plans(names));
    if before != now {
        wrong.push(format!("plans: {}", told(before, now)));
    }
    let before = edits.iter().filter(|it| it.at.file == file.id(&ground.db));
    let before = before.filter(|it| it.at.range.start() < offset).count();
    let moved = usize::from(offset) + before * new.len() - before * old.len();
    let file = after.file(file.path(&ground.db));
    match rename(&after.db, file, TextSize::new(moved as u32), old) {
        Err(refusal) if old != new => wrong.push(format!("no way back: {}", refusal.0)),
        Ok(edits) if after.edited(&edits).texts != ground.texts => {
            wrong.push("another way back".to_owned());
        }
        Ok(_) | Err(_) => {}
    }
    Some(wrong)
}

/// Tries a sample of all renames in some workspaces; how many were accepted.
fn check(grounds: &[Ground]) -> usize {
    let known: Vec<_> = grounds.iter().map(|it| (it, it.names(), it.words())).collect();
    let mut all = Vec::new();
    for (ground, names, words) in &known {
        for named in names {
            all.extend(words.iter().map(|word| (*ground, named, word)));
        }
    }
    let every = all.len().div_ceil(if is_long() { TRIES_LONG } else { TRIES });
    let (mut accepted, mut wrong) = (0, Vec::new());
    // Scattered, so that it depends on neither the number of words nor that of names.
    let is_tried = |at: &usize| (at.wrapping_mul(0x9e37_79b9) >> 8).is_multiple_of(every.max(1));
    let sample = all.iter().zip(0_usize..).filter(|(_, at)| is_tried(at));
    let mut tried = 0;
    for ((ground, named, word), _) in sample {
        tried += 1;
        let Some(found) = violation(ground, named, word) else { continue };
        accepted += 1;
        let place = format!("{}:{}", named.file.path(&ground.db), u32::from(named.at));
        let text = named.file.text(&ground.db).get(usize::from(named.at)..).unwrap_or_default();
        let text: String = text.chars().take(30).collect();
        wrong.extend(found.into_iter().map(|it| format!("{place} {text:?} to `{word}`: {it}")));
    }
    println!("{tried} of {} renames tried, {accepted} of them accepted", all.len());
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {accepted}:\n{shown}", wrong.len());
    accepted
}

fn examples() -> Vec<Ground> {
    let root = root().join("docs/examples");
    let mut found = BTreeMap::<PathBuf, Texts>::new();
    let mut paths = Vec::new();
    collect(&root, "rush", &mut paths);
    for path in paths {
        let inside = path.strip_prefix(&root).unwrap();
        let example = inside.iter().next().unwrap();
        let path_inside =
            inside.strip_prefix(example).unwrap().to_str().unwrap().replace('\\', "/");
        let text = std::fs::read_to_string(&path).unwrap();
        found.entry(example.into()).or_default().insert(path_inside, text);
    }
    found.into_values().map(Ground::new).collect()
}

/// The blocks of the specification, without what is expected of them.
fn blocks() -> Vec<Ground> {
    let mut pages = Vec::new();
    collect(&root().join("tests/spec"), "md", &mut pages);
    let mut found = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(page).unwrap();
        for block in text.split("```rush").skip(1) {
            let Some((_, block)) = block.split_once('\n') else { continue };
            let Some((block, _)) = block.split_once("```\n") else { continue };
            let is_expected = |line: &&str| line.trim_start().starts_with('^');
            let lines = block.lines().filter(|it| !is_expected(it)).map(|line| {
                let file = line.strip_prefix("// file: ");
                file.map_or_else(|| format!("{line}\n"), |path| format!("//- {path}\n"))
            });
            let fixture = Fixture::parse(&lines.collect::<String>());
            found.push(Ground::new(fixture.files.into_iter().collect()));
        }
    }
    found
}

#[test]
fn new_names_in_the_examples_are_faithful_or_refused() {
    let accepted = check(&examples());
    assert!(accepted > TRIES / 8, "{accepted}");
}

#[test]
fn new_names_among_misleading_ones_are_faithful_or_refused() {
    let ground = Ground::new(Fixture::parse(MISLEADING).files.into_iter().collect());
    let accepted = check(&[ground]);
    assert!(accepted > TRIES / 8, "{accepted}");
}

#[test]
fn new_names_in_the_specification_are_faithful_or_refused() {
    let every = if is_long() { 1 } else { BLOCKS_EVERY };
    let blocks: Vec<Ground> = blocks().into_iter().step_by(every).collect();
    check(&blocks);
}
