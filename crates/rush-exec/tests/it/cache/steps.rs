//! Random steps of a person on a small project: whatever is answered from the cache is what a clean build makes.

use std::collections::BTreeMap;

use rush_plan::Node;

use super::workshop::{Workshop, makes};
use crate::fixture::node;

const FILES: [&str; 6] = ["src/a.in", "src/b.in", "src/c.in", "inc/x.h", "inc/y.h", "note.txt"];

/// A project of five tasks: two that compile with depfiles, one that gathers, one that links, one that checks.
fn project() -> Vec<Node> {
    let compile = |name: &str| {
        let script = format!(
            "{{ cat src/{name}.in; for h in $(sed -n 's/^use //p' src/{name}.in); do \
               test -f inc/$h.h && cat inc/$h.h; done; true; }} | sed 's/ *#.*//' > obj/{name}.o\n\
             {{ printf 'obj/{name}.o: src/{name}.in'; for h in $(sed -n 's/^use //p' src/{name}.in); do \
               printf ' inc/%s.h' $h; done; echo; }} > obj/{name}.d"
        );
        let mut task = makes(&[&format!("src/{name}.in")], &[&format!("obj/{name}.o")], &script);
        task.depfile = Some(rush_plan::WorkspacePath::new(&format!("obj/{name}.d")).unwrap());
        task
    };
    let gather = "rm -rf all; mkdir -p all; for f in src/*.in; do \
        case $f in src/c.in) ;; *) cp $f all/ ;; esac; done";
    let link = "cat obj/a.o obj/b.o > bin/prog; chmod 755 bin/prog";
    vec![
        node("a", compile("a"), &[]),
        node("b", compile("b"), &[]),
        node("gather", makes(&["src/**", "!src/c.in"], &["all"], gather), &[]),
        node("link", makes(&["obj/*.o"], &["bin/prog"], link), &["a", "b"]),
        node("check", makes(&[], &[], "wc -l < bin/prog; ls all"), &["link", "gather"]),
    ]
}

/// Every file of the outputs with its contents.
fn outcome(shop: &Workshop) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for directory in ["obj", "bin", "all"] {
        for entry in std::fs::read_dir(shop.path(directory)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{directory}/{}", entry.file_name().display());
            if entry.path().extension().is_none_or(|it| it != "d") {
                found.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

struct Person {
    seed: u64,
    undo: Vec<(&'static str, Option<String>)>,
}

impl Person {
    fn pick(&mut self, below: u64) -> u64 {
        // xorshift: the steps are the same each time.
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % below
    }

    fn file(&mut self) -> &'static str {
        FILES[self.pick(FILES.len() as u64) as usize]
    }

    fn text(&mut self) -> String {
        let word = self.pick(4);
        let comment = self.pick(3);
        let uses = ["", "use x\n", "use y\n", "use x\nuse y\n"][self.pick(4) as usize];
        format!("{uses}word{word}  # comment {comment}\n")
    }

    /// One edit, undo, removal, renaming or damage to what was made.
    fn step(&mut self, shop: &Workshop) -> String {
        let file = self.file();
        let path = shop.path(file);
        let before = std::fs::read_to_string(&path).ok();
        match self.pick(10) {
            0..=4 => {
                let text = self.text();
                shop.write(file, &text);
                self.undo.push((file, before));
                format!("edit {file}: {text:?}")
            }
            5 | 6 => {
                let Some((file, text)) = self.undo.pop() else { return "nothing".to_owned() };
                match text {
                    Some(text) => shop.write(file, &text),
                    None => drop(std::fs::remove_file(shop.path(file))),
                }
                format!("undo {file}")
            }
            // The two sources that tasks read by name stay.
            7 if !matches!(file, "src/a.in" | "src/b.in") => {
                let _ = std::fs::remove_file(&path);
                self.undo.push((file, before));
                format!("delete {file}")
            }
            8 => {
                let (from, to) = (shop.path("src/c.in"), shop.path("src/d.in"));
                let _ = std::fs::rename(&from, &to).or_else(|_| std::fs::rename(&to, &from));
                "rename src/c.in and back".to_owned()
            }
            _ => {
                let victim = ["obj", "bin", "all", "bin/prog", "obj/a.o"][self.pick(5) as usize];
                let victim = shop.path(victim);
                if victim.is_dir() {
                    let _ = std::fs::remove_dir_all(&victim);
                } else if self.pick(2) == 0 {
                    let _ = std::fs::remove_file(&victim);
                } else {
                    let _ = std::fs::write(&victim, "damage");
                }
                format!("damage {}", victim.display())
            }
        }
    }
}

#[test]
fn a_cached_result_always_equals_a_clean_build() {
    let steps = if std::env::var_os("RUSH_TEST_LONG").is_some() { 500 } else { 50 };
    let shop = Workshop::new();
    for file in FILES {
        shop.write(file, "use x\nword\n");
    }
    let mut person = Person { seed: 0x5eed_1234_abcd, undo: Vec::new() };
    let mut done = Vec::new();
    let mut cached = 0;
    for _ in 0..steps {
        done.push(person.step(&shop));
        let ran = shop.run(project());
        assert!(ran.ends().ends_with("-> 0"), "{}\n{done:#?}", ran.ends());
        cached += ran.summary.counts.cached;
        let made = outcome(&shop);
        let clean = clean_build(&shop);
        assert_eq!(made, outcome(&clean), "after {done:#?}");
        let said = |ran: &crate::fixture::Ran| ran.stdout("check");
        assert_eq!(said(&ran), said(&clean.run_forced(project())), "after {done:#?}");
    }
    assert!(cached > steps, "the cache answered {cached} times only");
}

/// The same sources built somewhere else, with a cache of its own.
fn clean_build(shop: &Workshop) -> Workshop {
    let clean = Workshop::new();
    for file in FILES.iter().chain(&["src/d.in"]) {
        if let Ok(text) = std::fs::read_to_string(shop.path(file)) {
            clean.write(file, &text);
        }
    }
    clean.run(project());
    clean
}
