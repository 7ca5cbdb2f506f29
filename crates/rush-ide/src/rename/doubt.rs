//! Which items a new name may give another meaning.
//!
//! An item whose every mention of the old name is edited, and around which nobody knows the new one,
//! reads as before: it was resolved by names, and they differ only in how they are spelled. So does a
//! link to another file, whoever has the new name where it is written. All others are in doubt. So a
//! rename over thousands of files resolves a handful of items again.

use rush_semantics::names::files;
use rush_semantics::{Db, SourceFile};
use rustc_hash::{FxHashMap, FxHashSet};
use text_size::TextRange;

use super::links::{extends, is_link, links};
use super::{Renaming, is_profile, word};
use crate::imports::importers;
use crate::names::Where;
use crate::place::Placed;
use crate::references::Reference;
use crate::target::Target;

/// Words by which an item finds things that it does not import.
const FINDERS: [&str; 2] = ["all", "profile"];

/// The items in doubt, by file and place.
pub(super) fn in_doubt(db: &dyn Db, renaming: &Renaming) -> Vec<Placed> {
    let importers = importers(db);
    let homes = renaming.targets.iter().filter_map(Target::home).map(|it| it.file(db));
    let homes: FxHashSet<SourceFile> = homes.collect();
    let seen = seen_from(&importers, homes.iter().copied());
    let known = files(db).filter(|file| word::count(file.text(db), &renaming.new) > 0);
    let around = seen_from(&importers, known);
    let follows = renaming.follows(db, &homes);
    let is_of_a_shape = renaming.is_of_a_shape() && !renaming.is_everywhere(db);
    let mut found = Vec::new();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        // At home a name is also compared with those that are nearly the same; and an item may depend on
        // the parts of a type without naming one.
        if homes.contains(&file) || is_of_a_shape && seen.contains(&file) {
            found.extend(Placed::all(db, file));
            continue;
        }
        let seeing =
            Seeing { is_seen: seen.contains(&file), is_around: around.contains(&file), follows };
        found.extend(of_file(db, renaming, file, &seeing));
    }
    found
}

/// What a file sees.
struct Seeing {
    /// What is renamed, through imports.
    is_seen: bool,
    /// Something else that has the new name.
    is_around: bool,
    follows: Follows,
}

/// What decides whether a name that is edited means the same in another file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// The names around it, but for links: what these lead to is known.
    Links,
    /// The names around it.
    Names,
    /// Nothing that could be told from names: how it is spelled matters by itself.
    Nothing,
}

impl Seeing {
    /// Whether a name that is edited certainly means the same.
    fn is_plain(&self, text: &str, it: &Reference) -> bool {
        let is_sure = match self.follows {
            Follows::Nothing => false,
            _ if !self.is_around => true,
            Follows::Names => false,
            Follows::Links => is_link(text, it.at.range),
        };
        it.place == Where::Code && is_sure
    }

    /// Whether an item may come to name what is renamed, or no longer do so, by a name that stays.
    fn may_lead(
        &self,
        db: &dyn Db,
        renaming: &Renaming,
        placed: Placed,
        edits: &[Reference],
    ) -> bool {
        let ast = placed.item.ast(db);
        if !self.is_seen || self.follows != Follows::Links {
            return self.is_seen;
        }
        let is_edited = |at: TextRange| {
            let at = at + placed.start;
            edits.iter().any(|it| at.contains_range(it.at.range))
        };
        // What is extended has parameters, and those of the item stand beside them.
        extends(ast).is_some() && renaming.is_of_parameter()
            || [&renaming.old, &renaming.new]
                .into_iter()
                .any(|name| links(ast, name).into_iter().any(|at| !is_edited(at)))
    }
}

fn of_file(db: &dyn Db, renaming: &Renaming, file: SourceFile, seeing: &Seeing) -> Vec<Placed> {
    let (old, new) = (&renaming.old, &renaming.new);
    let edits = of_this(&renaming.references, |it| it.at.file.cmp(&file.id(db)));
    let text = file.text(db);
    let is_plain = |it: &Reference| seeing.is_plain(text, it);
    let all_edited = word::count(text, old) == edits.len() && word::count(text, new) == 0;
    if all_edited && edits.iter().all(is_plain) {
        return Vec::new();
    }
    let is_in_doubt = |placed: &Placed| {
        let text = placed.item.text(db);
        let end = placed.start + text_size::TextSize::of(&**text);
        let own = of_this(edits, |it| match it.at.range.start() {
            at if at < placed.start => std::cmp::Ordering::Less,
            at if at < end => std::cmp::Ordering::Equal,
            _ => std::cmp::Ordering::Greater,
        });
        let is_left = word::count(text, old) > own.len() || word::count(text, new) > 0;
        let finds = || FINDERS.iter().any(|it| word::count(text, it) > 0);
        !own.iter().all(is_plain)
            || is_left && (finds() || seeing.may_lead(db, renaming, *placed, own))
    };
    Placed::all(db, file).filter(is_in_doubt).collect()
}

/// The part of sorted references that is equal.
fn of_this(
    references: &[Reference],
    order: impl Fn(&Reference) -> std::cmp::Ordering,
) -> &[Reference] {
    let start = references.partition_point(|it| order(it).is_lt());
    let rest = references.get(start..).unwrap_or_default();
    let len = rest.partition_point(|it| order(it).is_eq());
    rest.get(..len).unwrap_or_default()
}

impl Renaming {
    /// Whether it is part of a type, so that also items without the name may depend on it.
    fn is_of_a_shape(&self) -> bool {
        let is_shape = |it: &Target| {
            matches!(
                it,
                Target::Field { .. }
                    | Target::Key { .. }
                    | Target::Tag { .. }
                    | Target::Axis { .. }
            )
        };
        self.targets.iter().any(is_shape)
    }

    /// Whether all that has the old name gets the new one, which nothing else has: in all files, as a file
    /// can bring together what two others declare without a word about its parts, and among what Rush
    /// declares itself. Then nothing is told apart that was alike before.
    fn is_everywhere(&self, db: &dyn Db) -> bool {
        files(db).chain([db.workspace().prelude(db)]).all(|file| {
            let text = file.text(db);
            let edits = of_this(&self.references, |it| it.at.file.cmp(&file.id(db)));
            word::count(text, &self.old) == edits.len() && word::count(text, &self.new) == 0
        })
    }

    /// Whether it is the name of a parameter.
    fn is_of_parameter(&self) -> bool {
        self.targets.iter().any(|it| matches!(it, Target::Parameter { .. }))
    }

    /// What its uses in other files follow.
    fn follows(&self, db: &dyn Db, homes: &FxHashSet<SourceFile>) -> Follows {
        let is_text = |it: &Target| match it {
            Target::Variable { .. } => true,
            Target::Item(item) => is_profile(db, *item),
            _ => false,
        };
        if rush_semantics::names::is_private(&self.new) || self.targets.iter().any(is_text) {
            return Follows::Nothing;
        }
        // Two things of one name, a type and a value, say, are told apart by where the name stands.
        let is_taken = |home: &SourceFile| home.items(db).iter().any(|it| *it.name(db) == self.new);
        let is_linked = |it: &Target| matches!(it, Target::Item(_) | Target::Parameter { .. });
        if self.targets.iter().all(is_linked) && !homes.iter().any(is_taken) {
            Follows::Links
        } else {
            Follows::Names
        }
    }
}

/// Some files and those that import them, however far.
fn seen_from(
    importers: &FxHashMap<SourceFile, Vec<SourceFile>>,
    from: impl Iterator<Item = SourceFile>,
) -> FxHashSet<SourceFile> {
    let mut open: Vec<SourceFile> = from.collect();
    let mut found: FxHashSet<SourceFile> = open.iter().copied().collect();
    while let Some(file) = open.pop() {
        let more = importers.get(&file).into_iter().flatten();
        open.extend(more.copied().filter(|it| found.insert(*it)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::in_doubt;
    use crate::fixture::Case;
    use crate::names::names_at;
    use crate::rename::Renaming;

    /// Which items are in doubt when what is at `$0` is renamed.
    fn doubtful(text: &str, new: &str) -> Vec<String> {
        let case = Case::new(text);
        let (_, names) = names_at(&case.db, case.file, case.offset).unwrap();
        let target = names.first().unwrap().target.clone();
        let found = in_doubt(&case.db, &Renaming::new(&case.db, target, new.into()));
        let shown = found.into_iter().map(|it| {
            let file = it.item.file(&case.db);
            format!("{} {}", file.path(&case.db), it.item.name(&case.db))
        });
        shown.collect()
    }

    #[test]
    fn a_name_that_others_have_leaves_links_alone() {
        let with = |last: &str| {
            format!(
                "//- lib.rush\nlet ver$0sion = \"1\"\nfn flag_of(mode: string) -> string = mode\n\
                 //- tasks.rush\nuse \"./lib.rush\" as lib\nlet a = lib.version\n\
                 task test(lint: string = \"\") {{ run: `${{lib.version}}${{lint}}` }}\n{last}\n"
            )
        };
        let home = ["lib.rush version".to_owned(), "lib.rush flag_of".to_owned()];
        for new in ["test", "lint", "a", "lib", "run"] {
            assert_eq!(doubtful(&with(""), new), home, "{new}");
        }
        for (last, new) in [
            ("let b = lib.test", "test"),
            ("let b = lib.version\nlet c = all(\"//*\", \"test\")", "test"),
            ("type B = lib.test", "test"),
        ] {
            let found = doubtful(&with(last), new);
            assert_eq!(found.len(), 3, "{last}: {found:?}");
        }
    }

    #[test]
    fn a_name_that_its_own_file_has_puts_all_uses_in_doubt() {
        let text = "//- lib.rush\nlet ver$0sion = \"1\"\ntype test = \"a\"\n\
                    //- tasks.rush\nuse \"./lib.rush\" as lib\nlet a = lib.version\n\
                    task test {}\n";
        assert!(doubtful(text, "test").contains(&"tasks.rush a".to_owned()));
    }

    #[test]
    fn a_part_of_a_type_that_nothing_else_has_leaves_other_files_alone() {
        let with = |last: &str| {
            format!(
                "//- lib.rush\ntype Conf = {{ dep$0th: int }}\nlet conf: Conf = {{ depth: 1 }}\n\
                 //- tasks.rush\nuse \"./lib.rush\" as lib\nlet a = lib.conf.depth\nlet b = lib.conf\n{last}"
            )
        };
        let count = |last: &str, new: &str| doubtful(&with(last), new).len();
        assert_eq!(count("", "levels"), 2);
        // `b` may be handed to what has a field of the old name, or of the new one.
        assert_eq!(count("let c = { depth: 1 }\n", "levels"), 6);
        assert_eq!(count("let c = { levels: 1 }\n", "levels"), 6);
        // So has something of Rush.
        assert_eq!(count("", "attempts"), 5);
    }

    #[test]
    fn a_part_of_a_type_may_meet_one_of_a_file_that_does_not_see_it() {
        let with = |field: &str, of: &str| {
            format!(
                "//- lib.rush\ntype Conf = {{ dep$0th: int }}\nlet conf: Conf = {{ depth: 1 }}\n\
                 //- x.rush\nfn f(c: {{ {field}: int }}) -> int = c.{field}\n\
                 //- tasks.rush\nuse \"./lib.rush\" as lib\nuse \"./x.rush\" as x\n\
                 let b = {of}\n"
            )
        };
        let at_home = ["lib.rush Conf".to_owned(), "lib.rush conf".to_owned()];
        let is_told = |text: &str| doubtful(text, "levels").contains(&"tasks.rush b".to_owned());
        assert!(is_told(&with("depth", "x.f(lib.conf)")));
        assert!(is_told(&with("levels", "x.f({ levels: 1 })")));
        assert_eq!(doubtful(&with("size", "lib.conf"), "levels"), at_home);
        let tags = "//- lib.rush\ntype P = | fa$0st(n: int) | slow(n: int)\nlet p: P = fast(1)\n\
                    //- x.rush\ntype Q = | fast(n: int) | slow(n: int)\nfn f(q: Q) -> Q = q\n\
                    //- tasks.rush\nuse \"./lib.rush\" as lib\nuse \"./x.rush\" as x\n\
                    let b = x.f(lib.p)\n";
        assert!(doubtful(tags, "quick").contains(&"tasks.rush b".to_owned()));
    }

    #[test]
    fn arguments_are_links_to_a_parameter() {
        let text = |last: &str| {
            format!(
                "//- lib.rush\nfn flag_of(mo$0de: string) -> string = mode\n\
                 //- tasks.rush\nuse \"./lib.rush\" as lib\nlet level = lib.flag_of(mode: \"x\")\n{last}\n"
            )
        };
        assert_eq!(doubtful(&text(""), "level"), ["lib.rush flag_of"]);
        let wrong = text("let b = lib.flag_of(level: \"x\")");
        assert_eq!(doubtful(&wrong, "level"), ["lib.rush flag_of", "tasks.rush b"]);
    }
}
