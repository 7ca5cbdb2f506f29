//! Names that change together while one of them is typed.
//!
//! `linked_editing(db, file, offset) -> Vec<FileRange>`; empty when there is nothing to change along.
//! Only where no other place can be concerned: a `let` of a block and the variable of a `for`, and a
//! parameter that nobody outside its item names. Variables of scripts are among the places. All
//! other names are for a rename, which looks for clashes first.

use rush_semantics::names::files;
use rush_semantics::{Db, Item, SourceFile};
use text_size::TextSize;

use crate::names::{names_at, occurrences};
use crate::place::FileRange;
use crate::syntax::slice;
use crate::target::Target;

/// The places of the name at an offset.
pub fn linked_editing(db: &dyn Db, file: SourceFile, offset: TextSize) -> Vec<FileRange> {
    let Some((placed, names)) = names_at(db, file, offset) else { return Vec::new() };
    let [name] = names.as_slice() else { return Vec::new() };
    let is_own = match &name.target {
        Target::Local { .. } => true,
        Target::Parameter { item, name } => *item == placed.item && !is_named(db, name, *item),
        _ => false,
    };
    if !is_own {
        return Vec::new();
    }
    let text = placed.item.text(db);
    let word = slice(text, name.range);
    let all = occurrences(db, placed.item);
    let mut places: Vec<_> =
        all.iter().filter(|it| it.target == name.target).map(|it| it.range).collect();
    places.dedup();
    let is_plain = places.len() > 1 && places.iter().all(|it| slice(text, *it) == word);
    let ranges = places.into_iter().map(|it| placed.range(db, it));
    if is_plain { ranges.collect() } else { Vec::new() }
}

/// Whether another item has both words, so that it may name the parameter.
fn is_named(db: &dyn Db, parameter: &str, own: Item) -> bool {
    let owner = own.name(db).as_str();
    let mut items = files(db).flat_map(|file| file.items(db).iter().copied());
    items.any(|item| {
        let text = item.text(db);
        item != own && text.contains(parameter) && text.contains(owner) && {
            let target = Target::Parameter { item: own, name: parameter.into() };
            occurrences(db, item).iter().any(|it| it.target == target)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::linked_editing;
    use crate::fixture::Case;

    /// Where the name at `$0` is, as `line:column`, with the name.
    fn check(input: &str, expect: &str) {
        let case = Case::new(input);
        let found = linked_editing(&case.db, case.file, case.offset);
        let shown: Vec<String> = found
            .iter()
            .map(|it| case.show(*it).trim_start_matches("tasks.rush:").to_owned())
            .collect();
        assert_eq!(shown.join(", "), expect, "{input}");
    }

    #[test]
    fn locals_change_together() {
        check(
            "task a {\n  let x$0 = 1\n  run: `b ${x} ${x}`\n}\n",
            "2:7 \"x\", 3:13 \"x\", 3:18 \"x\"",
        );
        check("let l = [for v in [1]: v$0 + v]\n", "1:14 \"v\", 1:24 \"v\", 1:28 \"v\"");
    }

    #[test]
    fn parameters_change_with_their_scripts() {
        check(
            "task a(name: string) {\n  run: sh\"\"\"\n    echo \"$na$0me\" ${name}\n  \"\"\"\n}\n",
            "1:8 \"name\", 3:12 \"name\", 3:20 \"name\"",
        );
        check("fn f(a$0: int) -> int = a\n", "1:6 \"a\", 1:23 \"a\"");
    }

    #[test]
    fn names_others_use_do_not() {
        check("task a(x$0: int) { run: `b ${x}` }\ntask c { needs: [a(x: 1)] }\n", "");
        check("let x$0 = 1\nlet y = x\n", "");
        check("task a$0 {}\ntask b { needs: [a] }\n", "");
    }

    #[test]
    fn a_name_without_uses_is_alone() {
        check("task a(x$0: int) {}\n", "");
        check("task a { ru$0n: `x` }\n", "");
    }

    #[test]
    fn broken_items_are_no_obstacle() {
        check("task a(x$0: int) {\n  run: `b ${x}\n", "1:8 \"x\", 2:13 \"x\"");
    }
}
