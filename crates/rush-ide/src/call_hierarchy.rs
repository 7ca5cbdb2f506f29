//! Which tasks a task waits for, and which wait for it.
//!
//! - `call_item(db, file, offset) -> Option<CallItem>`: the task, service or template that is declared
//!   or mentioned at a place.
//! - `incoming_calls(db, file, offset) -> Vec<Call>`: who needs it, with the places where it says so.
//! - `outgoing_calls(db, file, offset) -> Vec<Call>`: what it needs, with the places in its own text.
//!
//! A declaration mentions another in `needs`, `steps` and `after`, by its `outputs`, by `extends`,
//! and by `all("//packages/*", "name")`; a `let` or `fn` in between counts for what it mentions
//! itself. The offset of the second and third is the start of the first one's `name`.

use rush_semantics::names::{files, label};
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ItemKind, Member};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use crate::names::{Role, names_at, occurrences};
use crate::place::{FileRange, Placed};
use crate::symbols::SymbolKind;
use crate::syntax::{exprs, whole};
use crate::target::Target;

/// How many `let`s and `fn`s may stand between a task and what it needs.
const STEPS_MAX: usize = 64;

/// A declaration that needs others or is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallItem {
    /// Its name.
    pub name: String,
    /// Its label, such as `//web:build`.
    pub label: String,
    /// Whether it is a task, a service or a template.
    pub kind: SymbolKind,
    /// All of it.
    pub at: FileRange,
    /// Its name; by its start it is found again.
    pub selection: FileRange,
}

/// One declaration and where it is mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// For what comes in, who mentions; for what goes out, who is mentioned.
    pub item: CallItem,
    /// The places, in the text of the one that mentions.
    pub places: Vec<FileRange>,
}

/// The declaration at a place, by its own name or by a mention.
pub fn call_item(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<CallItem> {
    describe(db, item_at(db, file, offset)?)
}

/// Who mentions the declaration at a place.
pub fn incoming_calls(db: &dyn Db, file: SourceFile, offset: TextSize) -> Vec<Call> {
    let Some(target) = item_at(db, file, offset) else { return Vec::new() };
    let words = words_for(db, target);
    let mut found = Vec::new();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        for placed in Placed::all(db, file).filter(|it| is_callable(db, it.item)) {
            let text = placed.item.text(db);
            if placed.item == target || !words.iter().any(|it| text.contains(it.as_str())) {
                continue;
            }
            let places = mentions(db, placed.item).into_iter().filter(|(it, _)| *it == target);
            let places: Vec<FileRange> = places.map(|(_, at)| placed.range(db, at)).collect();
            let item = describe(db, placed.item).filter(|_| !places.is_empty());
            found.extend(item.map(|item| Call { item, places }));
        }
    }
    found
}

/// What the declaration at a place mentions.
pub fn outgoing_calls(db: &dyn Db, file: SourceFile, offset: TextSize) -> Vec<Call> {
    let Some(item) = item_at(db, file, offset) else { return Vec::new() };
    let Some(placed) = Placed::of(db, item) else { return Vec::new() };
    let mut found: Vec<(Item, Vec<FileRange>)> = Vec::new();
    for (target, at) in mentions(db, item) {
        let at = placed.range(db, at);
        match found.iter_mut().find(|(it, _)| *it == target) {
            Some((_, places)) => places.push(at),
            None => found.push((target, vec![at])),
        }
    }
    let calls = found.into_iter().filter(|(it, _)| *it != item);
    calls.filter_map(|(it, places)| Some(Call { item: describe(db, it)?, places })).collect()
}

fn is_callable(db: &dyn Db, item: Item) -> bool {
    matches!(item.kind(db), Kind::Task | Kind::Service | Kind::Template)
}

fn item_at(db: &dyn Db, file: SourceFile, offset: TextSize) -> Option<Item> {
    let (placed, names) = names_at(db, file, offset)?;
    let named = names.into_iter().find_map(|it| match it.target {
        Target::Item(item) if is_callable(db, item) => Some(item),
        _ => None,
    });
    named.or_else(|| {
        Some(placed.item)
            .filter(|it| is_callable(db, *it) && is_head(db, *it, offset - placed.start))
    })
}

/// Whether an offset is in the word a declaration opens with.
fn is_head(db: &dyn Db, item: Item, offset: TextSize) -> bool {
    let ItemKind::Decl(decl) = &item.ast(db).kind else { return false };
    decl.kind.range.contains_inclusive(offset)
}

fn describe(db: &dyn Db, item: Item) -> Option<CallItem> {
    let placed = Placed::of(db, item)?;
    let name = item.ast(db).name()?;
    Some(CallItem {
        name: name.text.to_string(),
        label: label(db, item),
        kind: SymbolKind::of(item.kind(db)),
        at: placed.range(db, whole(item.text(db)).cover(name.range)),
        selection: placed.range(db, name.range),
    })
}

/// The declarations that one mentions, each with its place in the item's text.
fn mentions(db: &dyn Db, item: Item) -> Vec<(Item, TextRange)> {
    let ast = item.ast(db);
    let ItemKind::Decl(decl) = &ast.kind else { return Vec::new() };
    let fields = decl.body.members.iter().filter_map(|member| match member {
        Member::Field(it) if matches!(it.name.text.as_str(), "needs" | "steps" | "after") => {
            Some(ast.expr_range(it.value))
        }
        _ => None,
    });
    let mut inside: Vec<TextRange> = fields.collect();
    inside.extend(decl.extends.as_ref().map(|it| it.range));
    inside.extend(exprs(ast).filter_map(|(_, expr)| match expr {
        Expr::Field { base, name } if name.text == "outputs" => Some(ast.expr_range(*base)),
        _ => None,
    }));
    let direct = written(db, item);
    let direct =
        direct.into_iter().filter(|(_, at)| inside.iter().any(|it| it.contains_range(*at)));
    let mut found = Vec::new();
    for (target, at) in direct {
        let meant = if is_callable(db, target) { vec![target] } else { behind(db, target) };
        found.extend(meant.into_iter().map(|it| (it, at)));
    }
    found.dedup();
    found
}

/// What an item mentions anywhere: declarations, and the `let`s and `fn`s that may stand for some.
fn written(db: &dyn Db, item: Item) -> Vec<(Item, TextRange)> {
    let names = occurrences(db, item).into_iter().filter(|it| it.role == Role::Read);
    let found = names.filter_map(|it| match it.target {
        Target::Item(target) if is_callable(db, target) || is_value(db, target) => {
            Some((target, it.range))
        }
        _ => None,
    });
    found.collect()
}

fn is_value(db: &dyn Db, item: Item) -> bool {
    matches!(item.kind(db), Kind::Let | Kind::Fn)
}

/// The declarations a `let` or a `fn` mentions, through others of their like, too.
fn behind(db: &dyn Db, item: Item) -> Vec<Item> {
    let (mut found, mut seen, mut waiting) = (Vec::new(), FxHashSet::default(), vec![item]);
    while let Some(item) = waiting.pop() {
        if !seen.insert(item) || seen.len() > STEPS_MAX {
            continue;
        }
        for (target, _) in written(db, item) {
            if is_value(db, target) {
                waiting.push(target);
            } else if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    found
}

/// Words without which a text surely does not mention a declaration: its name, and the names of
/// what may stand for it.
fn words_for(db: &dyn Db, target: Item) -> FxHashSet<SmolStr> {
    let mut words = FxHashSet::default();
    let mut fresh = vec![target.name(db).clone()];
    while let Some(word) = fresh.pop() {
        if !words.insert(word.clone()) || words.len() > STEPS_MAX {
            continue;
        }
        for file in files(db) {
            let items = file.items(db).iter().filter(|it| is_value(db, **it));
            let items = items.filter(|it| it.text(db).contains(word.as_str()));
            fresh.extend(items.map(|it| it.name(db).clone()).filter(|it| !it.is_empty()));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Call, call_item, incoming_calls, outgoing_calls};
    use crate::fixture::Case;

    /// What comes in and what goes out at `$0`, as `label: places`.
    fn check(input: &str, incoming: &[&str], outgoing: &[&str]) {
        let case = Case::new(input);
        let show = |calls: Vec<Call>| -> Vec<String> {
            let calls = calls.into_iter().map(|call| {
                let places: Vec<String> = call.places.iter().map(|it| case.show(*it)).collect();
                format!("{}: {}", call.item.label, places.join(", "))
            });
            calls.collect()
        };
        let (db, file, at) = (&case.db, case.file, case.offset);
        assert_eq!(show(incoming_calls(db, file, at)), incoming, "in: {input}");
        assert_eq!(show(outgoing_calls(db, file, at)), outgoing, "out: {input}");
    }

    fn prepared(input: &str, expect: Option<&str>) {
        let case = Case::new(input);
        let found = call_item(&case.db, case.file, case.offset)
            .map(|it| format!("{:?} {} {}", it.kind, it.label, case.show(it.selection)));
        assert_eq!(found.as_deref(), expect, "{input}");
    }

    #[test]
    fn a_place_is_at_a_declaration() {
        prepared("task $0a {}\n", Some("Task //:a tasks.rush:1:6 \"a\""));
        prepared("$0task a {}\n", Some("Task //:a tasks.rush:1:6 \"a\""));
        prepared(
            "task a { needs: [b$0] }\nservice b {}\n",
            Some("Service //:b tasks.rush:2:9 \"b\""),
        );
        prepared("let x$0 = 1\n", None);
        prepared("task a { r$0un: `x` }\n", None);
    }

    #[test]
    fn needs_steps_and_after_are_followed() {
        check(
            "task $0a {}\ntask b { needs: [a] }\ntask c { steps: [b, a, a] }\ntask d { after: [a] }\ntask e { run: `a` }\n",
            &[
                "//:b: tasks.rush:2:18 \"a\"",
                "//:c: tasks.rush:3:21 \"a\", tasks.rush:3:24 \"a\"",
                "//:d: tasks.rush:4:18 \"a\"",
            ],
            &[],
        );
        check(
            "task a(x: int) {}\nservice s {}\ntask $0b { needs: [a(1), s, a(2)] }\n",
            &[],
            &["//:a: tasks.rush:3:18 \"a\", tasks.rush:3:27 \"a\"", "//:s: tasks.rush:3:24 \"s\""],
        );
    }

    #[test]
    fn outputs_and_templates_count() {
        check(
            "task $0a { outputs: [\"x\"] }\ntask b { inputs: [...a.outputs] }\n",
            &["//:b: tasks.rush:2:22 \"a\""],
            &[],
        );
        check(
            "task a {}\ntemplate $0t { needs: [a] }\ntask b extends t {}\n",
            &["//:b: tasks.rush:3:16 \"t\""],
            &["//:a: tasks.rush:2:22 \"a\""],
        );
    }

    #[test]
    fn other_files_are_seen() {
        check(
            "//- tasks.rush\nuse \"lib.rush\" as lib\ntask a { needs: [lib.b] }\n//- lib.rush\ntask $0b { needs: [c] }\ntask c {}\n",
            &["//:a: tasks.rush:2:22 \"b\""],
            &["//:lib.c: lib.rush:1:18 \"c\""],
        );
    }

    #[test]
    fn packages_are_selected() {
        let files = "//- tasks.rush\ntask ci { needs: [...all(\"//packages/*\", \"test\")] }\n\
            //- packages/a/tasks.rush\ntask test {}\n//- packages/b/tasks.rush\ntask test {}\n";
        let call = "tasks.rush:1:43 \"test\"";
        check(
            &files.replace("task ci", "task $0ci"),
            &[],
            &[&format!("//packages/a:test: {call}"), &format!("//packages/b:test: {call}")],
        );
        check(&files.replacen("task test", "task $0test", 1), &[&format!("//:ci: {call}")], &[]);
    }

    #[test]
    fn values_stand_for_what_they_mention() {
        check(
            "let group = [a]\nfn more() -> [task] = group\ntask $0a {}\ntask b { needs: group }\ntask c { needs: more() }\n",
            &["//:b: tasks.rush:4:17 \"group\"", "//:c: tasks.rush:5:17 \"more\""],
            &[],
        );
    }

    #[test]
    fn broken_items_count() {
        check(
            "task $0a {}\ntask b {\n  needs: [a\n  run: `x\n",
            &["//:b: tasks.rush:3:11 \"a\""],
            &[],
        );
    }
}
