//! Random steps of a person on a C project: whatever the cache answers is what the compiler makes of the same sources
//! in an empty directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::dice::Dice;
use super::{Stage, files, rounds};

const TASKS: &str = r#"
fn object(source: path) -> path = "out/${source.stem()}.o"
fn used(source: path) -> path = "out/${source.stem()}.d"

task compile(source: path) {
  inputs: [source]
  outputs: [object(source)]
  depfile: used(source)
  run: `gcc -Iinc -O1 -MMD -MF ${used(source)} -c ${source} -o ${object(source)}`
}

task link {
  let objects = [for source in files("src/*.c"): object(source)]
  needs: [for source in files("src/*.c"): compile(source)]
  inputs: objects
  outputs: ["out/prog"]
  run: `gcc -o out/prog ${...objects}`
}

task headers {
  inputs: ["inc"]
  outputs: ["copy"]
  run: sh"""
    rm -rf copy
    mkdir -p copy
    cp -R inc/. copy
  """
}

task table {
  inputs: ["inc"]
  outputs: ["gen/table.txt"]
  run: sh"""
    mkdir -p gen
    cat inc/y.h inc/y2.h > gen/table.txt 2> gen/errors || true
  """
}

task same {
  needs: [table]
  inputs: []
  outputs: ["gen/same"]
  run: sh"""
    mkdir -p gen
    : > gen/same
  """
}

task collect {
  needs: [same]
  inputs: ["**/*.txt"]
  outputs: ["collected"]
  run: `cp gen/table.txt collected`
}

task all { needs: [link, headers, collect] }
"#;

const HEADERS: [&str; 3] = ["inc/x.h", "inc/y.h", "inc/deep/z.h"];
const SOURCES: [&str; 4] = ["src/main.c", "src/a.c", "src/b.c", "src/c.c"];

/// What tasks make.
const VICTIMS: [&str; 9] = [
    "out",
    "out/prog",
    "out/main.o",
    "out/a.o",
    "copy",
    "copy/x.h",
    "gen",
    "gen/table.txt",
    "collected",
];

/// What a person may do next, and may want to take back.
struct Person {
    dice: Dice,
    stage: Stage,
    /// Files as they were.
    undo: Vec<(String, Option<String>)>,
}

impl Person {
    fn new(seed: u64) -> Self {
        let stage = Stage::new(TASKS);
        let mut person = Self { dice: Dice::new(seed), stage, undo: Vec::new() };
        for path in HEADERS.iter().chain(&SOURCES) {
            let text = person.text(path);
            person.stage.write(path, text);
        }
        person
    }

    /// A file that compiles, most of the time.
    fn text(&mut self, path: &str) -> String {
        let (number, comment) = (self.dice.below(4), self.dice.below(3));
        let stem = Path::new(path).file_stem().unwrap().display().to_string();
        if path.starts_with("inc") {
            let guard = format!("/* {comment} */\n#ifndef IN_{stem}\n#define IN_{stem} {number}\n");
            let more =
                if stem == "x" && self.dice.once_in(3) { "#include \"deep/z.h\"\n" } else { "" };
            return format!("{guard}{more}#endif\n");
        }
        let header = *self.dice.pick(&["x.h", "y.h", "deep/z.h"]);
        let value = *self.dice.pick(&["IN_x", "IN_y", "IN_z", "IN_none"]);
        let include = format!("#include \"{header}\" // {comment}\n");
        let value =
            format!("#ifdef {value}\n#define V {value}\n#else\n#define V {number}\n#endif\n");
        if stem == "main" {
            return format!("{include}{value}int main(void) {{ return V; }}\n");
        }
        let broken = if self.dice.once_in(25) { "(" } else { "" };
        format!("{include}{value}int {stem}(void) {{ return V + {number}; }}{broken}\n")
    }

    fn file(&mut self) -> String {
        let all: Vec<&str> = HEADERS.into_iter().chain(SOURCES).collect();
        (*self.dice.pick(&all)).to_owned()
    }

    fn now(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.stage.path(path)).ok()
    }

    fn put(&self, path: &str, text: Option<String>) {
        match text {
            Some(text) => self.stage.write(path, text),
            None => drop(fs::remove_file(self.stage.path(path))),
        }
    }

    /// Does something, and tells what.
    fn step(&mut self) -> String {
        let path = self.file();
        match self.dice.below(12) {
            0..=4 => {
                let text = self.text(&path);
                self.change(&path, Some(text));
                format!("edit {path}")
            }
            5 | 6 => match self.undo.pop() {
                Some((path, text)) => {
                    self.put(&path, text);
                    format!("undo {path}")
                }
                None => "nothing".to_owned(),
            },
            7 => {
                self.change(&path, None);
                format!("delete {path}")
            }
            8 => self.rename(&path),
            9 => self.swap(),
            _ => self.damage(),
        }
    }

    /// Puts back what a build needs, as a person does who sees one fail.
    fn mend(&mut self) -> String {
        for path in HEADERS.iter().chain(&SOURCES) {
            let text = self.text(path);
            self.change(path, Some(text));
            self.put(&path.replace(".c", "2.c").replace(".h", "2.h"), None);
        }
        "mend".to_owned()
    }

    fn change(&mut self, path: &str, text: Option<String>) {
        let before = self.now(path);
        self.undo.push((path.to_owned(), before));
        self.put(path, text);
    }

    fn rename(&mut self, path: &str) -> String {
        let to = path.replace(".c", "2.c").replace(".h", "2.h");
        let (from, to) =
            if self.now(path).is_some() { (path.to_owned(), to) } else { (to, path.to_owned()) };
        let text = self.now(&from);
        self.change(&to, text);
        self.change(&from, None);
        format!("rename {from} {to}")
    }

    /// Two sources change places, with their times: only their contents tell.
    fn swap(&self) -> String {
        let [a, b, free] = ["src/a.c", "src/b.c", "src/free"].map(|it| self.stage.path(it));
        for (from, to) in [(&a, &free), (&b, &a), (&free, &b)] {
            let _ = fs::rename(from, to);
        }
        "swap src/a.c and src/b.c".to_owned()
    }

    /// Somebody spoils what was made.
    fn damage(&mut self) -> String {
        let victim = *self.dice.pick(&VICTIMS);
        let path = self.stage.path(victim);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else if self.dice.once_in(2) {
            let _ = fs::remove_file(&path);
        } else if path.parent().is_some_and(Path::is_dir) {
            fs::write(&path, "damage").unwrap();
        }
        format!("damage {victim}")
    }
}

/// What the same commands make of the same sources somewhere else; nothing if they fail.
fn clean_build(stage: &Stage) -> Option<BTreeMap<PathBuf, Vec<u8>>> {
    let clean = tempfile::tempdir().unwrap();
    for directory in ["src", "inc"] {
        for (name, bytes) in files(&stage.path(directory)) {
            let path = clean.path().join(directory).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    fs::create_dir(clean.path().join("out")).unwrap();
    let script = "set -e\nfor f in src/*.c; do o=out/$(basename $f .c).o; \
                  gcc -Iinc -O1 -c $f -o $o; done\ngcc -o out/prog out/*.o";
    let command = stage.within("sh", &["-c", script]).current_dir(clean.path()).output().unwrap();
    command.status.success().then(|| files(&clean.path().join("out")))
}

/// The objects of sources that are gone are nobody's output any more.
fn built(stage: &Stage, expected: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = files(&stage.path("out"));
    found.retain(|name, _| expected.contains_key(name));
    found
}

#[test]
fn what_is_answered_is_what_a_clean_build_makes() {
    if !Command::new("gcc").arg("--version").output().is_ok_and(|it| it.status.success()) {
        return;
    }
    let steps = rounds(15, 500);
    let mut person = Person::new(0x00c0_ffee);
    let mut done = Vec::new();
    let (mut cached, mut failed, mut is_broken) = (0, 0, false);
    for _ in 0..steps {
        // A failed build is left for a while, now and then.
        let is_mended = is_broken && !person.dice.once_in(3);
        done.push(if is_mended { person.mend() } else { person.step() });
        let stage = &person.stage;
        let said = stage.run(&["run", "all", "-o", "json", "--keep-going"]);
        let expected = clean_build(stage);
        is_broken = expected.is_none();
        let Some(expected) = expected else {
            assert_eq!(said.status, Some(1), "{said:#?} after {done:#?}");
            failed += 1;
            continue;
        };
        assert_eq!(said.status, Some(0), "{said:#?} after {done:#?}");
        cached += said.stdout.matches("\"state\":\"cached\"").count();
        assert!(built(stage, &expected) == expected, "objects differ after {done:#?}");
        let (copy, original) = (files(&stage.path("copy")), files(&stage.path("inc")));
        assert!(copy == original, "{copy:?} is no copy of {original:?} after {done:#?}; {said:#?}");
        let table: String =
            ["inc/y.h", "inc/y2.h"].iter().filter_map(|it| person.now(it)).collect();
        assert_eq!(person.now("collected"), Some(table), "after {done:#?}; {said:#?}");
    }
    assert!(cached as u64 > steps, "the cache answered {cached} times only");
    assert!(failed < steps / 2, "{failed} of {steps} builds failed");
    person.stage.assert_sound();
}
