//! What people wrote stays: a restore and the clearing of leftovers touch what Rush made, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rush_plan::{EdgeReason, Node, NodeState};

use super::workshop::{Workshop, makes};
use crate::fixture::{Ran, edges, node};

const COPY: &str = "mkdir -p out; cp in out/made";

fn copy_to(outputs: &[&str], script: &str) -> Vec<Node> {
    vec![node("t", makes(&["in"], outputs, script), &[])]
}

/// Runs it once, lets somebody change the workspace, runs it again, and says how that ended.
fn check(nodes: impl Fn() -> Vec<Node>, change: impl FnOnce(&Workshop), expect: &str) -> Workshop {
    let shop = Workshop::new();
    shop.write("in", "x");
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    change(&shop);
    let reasons = shop.reasons(nodes(), "t");
    let ran = shop.run(nodes());
    let warnings = ran.node("t").warnings.join("\n");
    assert!(warnings.starts_with(expect), "{warnings}");
    let is_cached = ran.node("t").state == NodeState::Cached;
    assert_eq!(is_cached, reasons == "cached", "{reasons}");
    assert_eq!(is_cached, expect.is_empty(), "{}", ran.ends());
    shop
}

fn not_in_place(what: &str) -> String {
    format!("its cached result is not put in place, since {what}; remove that if nobody needs it")
}

fn lose(shop: &Workshop, directory: &str) {
    std::fs::remove_dir_all(shop.path(directory)).unwrap();
}

#[test]
fn nothing_is_removed_or_written_through_a_link() {
    let told = not_in_place("`out` is a link that Rush did not make");
    for outputs in [["out/**"], ["out"]] {
        let through = |shop: &Workshop| {
            shop.write("src/main.c", "mine");
            lose(shop, "out");
            symlink("src", shop.path("out")).unwrap();
        };
        let shop = check(|| copy_to(&outputs, COPY), through, &told);
        assert_eq!(shop.read("src/main.c"), "mine");
        // What its own command wrote through the link is nobody else's matter, and the command may change.
        let other = || copy_to(&outputs, &format!("{COPY}; true"));
        let ran = shop.run(other());
        let beyond = "its outputs lie behind `out`, a link that it did not make, so its result is used but not \
                      remembered; name them where that leads, or put a directory in its place";
        assert_eq!(ran.node("t").warnings, [beyond]);
        assert_eq!((shop.read("src/main.c").as_str(), &*shop.read("src/made")), ("mine", "x"));
    }
    let above = |shop: &Workshop| {
        lose(shop, "pub");
        shop.write("static/out/page", "mine");
        symlink("static", shop.path("pub")).unwrap();
    };
    let told = not_in_place("`pub` is a link that Rush did not make");
    let shop = check(|| copy_to(&["pub/out"], "mkdir -p pub/out; cp in pub/out"), above, &told);
    assert_eq!(shop.read("static/out/page"), "mine");
}

#[test]
fn what_lies_in_the_way_stops_a_result_from_being_put_back() {
    let nodes = || copy_to(&["build/x"], "mkdir -p build; cp in build/x; true");
    let file = |shop: &Workshop| {
        lose(shop, "build");
        shop.write("build", "a script of mine");
    };
    let told = not_in_place("`build` is there and is not as Rush made it");
    assert_eq!(check(nodes, file, &told).read("build"), "a script of mine");

    let nowhere = |shop: &Workshop| {
        lose(shop, "build");
        symlink("/nowhere/at/all", shop.path("build")).unwrap();
    };
    let told = not_in_place("`build` is a link that Rush did not make");
    assert!(check(nodes, nowhere, &told).path("build").is_symlink());

    // Also what no pattern matches.
    let repository = |shop: &Workshop| {
        std::fs::remove_file(shop.path("build/x")).unwrap();
        shop.write("build/x/.git/HEAD", "mine");
    };
    let told = not_in_place("`build/x/.git/HEAD` is there and is not as Rush made it");
    assert_eq!(check(nodes, repository, &told).read("build/x/.git/HEAD"), "mine");

    // A directory with nothing in it is in nobody's way.
    let empty = |shop: &Workshop| {
        std::fs::remove_file(shop.path("build/x")).unwrap();
        std::fs::create_dir_all(shop.path("build/x/deep")).unwrap();
    };
    assert_eq!(check(nodes, empty, "").read("build/x"), "x");
}

#[test]
fn an_edited_output_is_not_overwritten_by_a_result() {
    let nodes = || copy_to(&["out"], "mkdir -p out; test -e out/made || cp in out/made");
    let told = not_in_place("`out/made` is there and is not as Rush made it");
    let shop = check(nodes, |shop| shop.write("out/made", "edited"), &told);
    assert_eq!(shop.read("out/made"), "edited");
    // Once it is gone, the result is put back.
    std::fs::remove_file(shop.path("out/made")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!(shop.read("out/made"), "x");
}

const SET_UP: &str = "test -e env || cp in env";

#[test]
fn a_file_that_the_task_found_is_kept_to_the_checkout_and_never_removed() {
    let shop = Workshop::new();
    shop.write("in", "example");
    shop.write("env", "secret");
    let set_up = |script: &str| copy_to(&["env"], script);
    assert_eq!(shop.run(set_up(SET_UP)).ends(), "t=succeeded -> 0");
    assert_eq!(shop.run(set_up(SET_UP)).ends(), "t=cached -> 0");
    // Times and modes are no text.
    let touch = format!("{SET_UP}; touch env; chmod 600 env");
    assert_eq!(shop.run(set_up(&touch)).ends(), "t=succeeded -> 0");
    let other = shop.checkout();
    other.write("in", "example");
    assert_eq!(other.run(set_up(&touch)).ends(), "t=succeeded -> 0");
    assert_eq!(other.read("env"), "example");
    let other = shop.checkout();
    other.write("in", "example");
    assert_eq!(other.run(set_up(SET_UP)).ends(), "t=succeeded -> 0");
    assert_eq!(other.read("env"), "example");

    // Another command, an edit, and an input less.
    let changed = format!("{SET_UP}; true");
    assert_eq!(shop.run(set_up(&changed)).ends(), "t=succeeded -> 0");
    shop.write("env", "edited");
    assert_eq!(
        shop.reasons(set_up(&changed), "t"),
        "`env` is there and is not as Rush made it, so its result can't be put back"
    );
    assert_eq!(shop.run(set_up(&changed)).ends(), "t=succeeded -> 0");
    assert_eq!(shop.run(set_up(&changed)).ends(), "t=cached -> 0");
    // The result of the other checkout is not put over it either.
    assert_eq!(shop.run(set_up(SET_UP)).ends(), "t=succeeded -> 0");
    assert_eq!(shop.read("env"), "edited");
}

#[test]
fn a_file_that_is_updated_in_place_is_never_removed_nor_put_back_over() {
    let shop = Workshop::new();
    shop.write("in", "1");
    shop.write("lock", "pinned\n");
    let nodes = |script: &str| copy_to(&["lock"], script);
    let install = "cat in >> lock";
    shop.run(nodes(install));
    shop.write("in", "2");
    shop.run(nodes(install));
    assert_eq!(shop.read("lock"), "pinned\n12");
    shop.write("in", "1");
    shop.run(nodes(install));
    assert_eq!(shop.read("lock"), "pinned\n121");
    shop.run(nodes("cat in >> lock; true"));
    assert_eq!(shop.read("lock"), "pinned\n1211");
    // Once it is gone, Rush makes it, and it is one like others.
    std::fs::remove_file(shop.path("lock")).unwrap();
    assert_eq!(shop.run(nodes(install)).ends(), "t=cached -> 0");
    let ran = shop.run(nodes("cat in >> lock; true # again"));
    assert_eq!((ran.ends().as_str(), &*shop.read("lock")), ("t=succeeded -> 0", "1"));
}

#[test]
fn what_tools_find_up_to_date_in_outputs_of_before_is_remembered() {
    let shop = Workshop::new();
    shop.write("in/a", "a");
    shop.write("in/b", "b");
    shop.write("out/a", "of then");
    shop.write("out/b", "of then");
    let script = "for f in in/*; do cmp -s $f out/$(basename $f) || cp $f out/; done";
    let nodes = || vec![node("t", makes(&["in"], &["out"], script), &[])];
    for text in ["1", "2"] {
        shop.write("in/a", text);
        let ran = shop.run(nodes());
        assert_eq!((ran.ends().as_str(), ran.node("t").warnings.len()), ("t=succeeded -> 0", 0));
        assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    }
    // Nobody knows whose they are, so what was there stays, and the person is asked.
    shop.write("in/a", "1");
    let ran = shop.run(nodes());
    let told = not_in_place("`out/a` is there and is not as Rush made it");
    assert_eq!(ran.node("t").warnings, [told]);
    lose(&shop, "out");
    std::fs::create_dir(shop.path("out")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    shop.write("in/a", "2");
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert_eq!((shop.read("out/a").as_str(), &*shop.read("out/b")), ("2", "b"));
}

#[test]
fn what_lies_beyond_the_workspace_is_not_remembered_and_dependants_see_it() {
    let shop = Workshop::new();
    let disk = tempfile::tempdir().unwrap();
    symlink(disk.path(), shop.path("build")).unwrap();
    let nodes = || {
        let make = makes(&["in"], &["build/out"], "mkdir -p build/out; cp in build/out");
        vec![
            node("t", make, &[]),
            node("use", makes(&[], &["used"], "cp build/out/in used"), &["t"]),
        ]
    };
    for text in ["1", "2"] {
        shop.write("in", text);
        let ran = shop.run(nodes());
        assert_eq!(ran.ends(), "t=succeeded use=succeeded -> 0");
        assert_eq!(ran.node("t").warnings.len(), 1);
        assert_eq!(shop.read("used"), text);
    }
    // A file is seen where it is, and nothing is put back there.
    let file = || vec![node("t", makes(&["in"], &["build/file"], "cp in build/file"), &[])];
    assert_eq!(shop.run(file()).ends(), "t=succeeded -> 0");
    assert_eq!(shop.run(file()).ends(), "t=cached -> 0");
    std::fs::remove_file(disk.path().join("file")).unwrap();
    assert_eq!(shop.run(file()).ends(), "t=succeeded -> 0");
}

#[test]
fn tasks_that_share_a_directory_leave_what_the_other_made() {
    let shop = Workshop::new();
    shop.write("a", "1");
    shop.write("b", "1");
    let task = |from: &str, to: &str| {
        makes(&[from], &["dist"], &format!("mkdir -p dist; cp {from} dist/{to}"))
    };
    shop.run(vec![node("js", task("b", "b.js"), &[])]);
    let site = || {
        let js = edges("js", task("b", "b.js"), &["css"], EdgeReason::Sequence);
        vec![node("css", task("a", "a.css"), &[]), js]
    };
    let check = |expect: &str| {
        let ran = shop.run(site());
        assert_eq!(ran.ends(), expect);
        assert_eq!((shop.read("dist/a.css"), shop.read("dist/b.js")), ("1".into(), "1".into()));
    };
    // The one that runs can't be told from one whose tool found the other's file up to date.
    check("css=succeeded js=cached -> 0");
    lose(&shop, "dist");
    shop.run(vec![node("css", task("a", "a.css"), &[])]);
    check("css=cached js=cached -> 0");
    check("css=cached js=cached -> 0");
}

#[test]
fn what_was_put_in_place_before_a_damaged_file_is_still_known() {
    let shop = Workshop::new();
    shop.write("in", "x");
    let nodes =
        || copy_to(&["out"], "mkdir -p out; test -e out/a || cp in out/a; echo last > out/b");
    shop.run(nodes());
    lose(&shop, "out");
    let digest = blob_of(&shop, "last\n");
    std::fs::write(digest, "damage").unwrap();
    let ran = shop.run(nodes());
    let told = "its cached `out/b` was damaged and is dropped; it is made again";
    assert_eq!(
        (ran.ends().as_str(), &*ran.node("t").warnings),
        ("t=succeeded -> 0", &[told.to_owned()][..])
    );
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
}

/// The blob that holds a text.
fn blob_of(shop: &Workshop, text: &str) -> PathBuf {
    let shelves = std::fs::read_dir(shop.cache().join("blobs")).unwrap().flatten();
    let blobs = shelves.flat_map(|it| std::fs::read_dir(it.path()).unwrap().flatten());
    let mut blobs = blobs.map(|it| it.path());
    blobs.find(|it| std::fs::read(it).unwrap() == text.as_bytes()).unwrap()
}

#[test]
fn names_that_keep_a_directory_go_if_the_task_made_them() {
    let shop = Workshop::new();
    shop.write("src/a", "a");
    shop.write("src/.keep", "");
    let nodes = || vec![node("t", makes(&["src"], &["out"], "mkdir -p out; cp -r src/. out"), &[])];
    shop.run(nodes());
    std::fs::remove_file(shop.path("src/.keep")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    assert!(!shop.path("out/.keep").exists());
    shop.write("src/.keep", "");
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    std::fs::remove_file(shop.path("src/.keep")).unwrap();
    assert_eq!(shop.run(nodes()).ends(), "t=cached -> 0");
    assert!(!shop.path("out/.keep").exists());
}

/// A person who works on a project in which Rush runs, and remembers every file they wrote.
struct Person {
    shop: Workshop,
    outside: tempfile::TempDir,
    seed: u64,
    has_more: bool,
    /// Where their files really lie, and what is in them; of a link, where it leads.
    wrote: BTreeMap<PathBuf, String>,
    done: Vec<String>,
}

const SOURCES: [&str; 4] = ["a", "b", "c", "d"];
/// Where they write: beside outputs, over them, and in their way.
const PLACES: [&str; 9] = [
    "out/mine",
    "out/sub/mine",
    "out/a.o",
    "out/b.o",
    "out/more",
    "bin/list",
    "env",
    "notes/mine",
    "notes/a.o",
];

impl Person {
    fn new(seed: u64) -> Self {
        let (shop, outside) = (Workshop::new(), tempfile::tempdir().unwrap());
        shop.write("env.example", "example");
        shop.write("src/z", "always there");
        let wrote = BTreeMap::new();
        Self { shop, outside, seed, has_more: false, wrote, done: Vec::new() }
    }

    fn pick(&mut self, below: usize) -> usize {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed % below as u64) as usize
    }

    fn project(&self) -> Vec<Node> {
        let more = if self.has_more { "mkdir -p out; echo more > out/more; " } else { "" };
        let build = format!(
            "{more}mkdir -p out; for f in src/*; do n=out/$(basename $f).o; cmp -s $f $n || cp $f $n; done; \
             ! test -f src/bad"
        );
        vec![
            node("build", makes(&["src"], &["out"], &build), &[]),
            node("list", makes(&["src"], &["bin/list"], "ls src > bin/list"), &[]),
            node(
                "env",
                makes(&["env.example"], &["env"], "test -e env || cp env.example env"),
                &[],
            ),
        ]
    }

    /// What the command of a task writes, by its path; of `env` only if it is not there.
    fn made_by(&self, label: &str) -> BTreeMap<String, String> {
        let sources = self.sources();
        match label {
            "build" => {
                let more = self.has_more.then(|| ("out/more".to_owned(), "more\n".to_owned()));
                let objects =
                    sources.into_iter().map(|(name, text)| (format!("out/{name}.o"), text));
                objects.chain(more).collect()
            }
            "list" => {
                let names: String = sources.keys().map(|name| format!("{name}\n")).collect();
                BTreeMap::from([("bin/list".to_owned(), names)])
            }
            _ => BTreeMap::from([("env".to_owned(), "example".to_owned())]),
        }
    }

    fn sources(&self) -> BTreeMap<String, String> {
        let entries = std::fs::read_dir(self.shop.path("src")).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        names.map(|name| (name.clone(), self.shop.read(&format!("src/{name}")))).collect()
    }

    fn step(&mut self) {
        let source = format!("src/{}", SOURCES[self.pick(SOURCES.len())]);
        let path = self.shop.path(&source);
        let said = match self.pick(16) {
            0..=3 => {
                let text = self.pick(3).to_string();
                self.shop.write(&source, &text);
                format!("{source} = {text}")
            }
            4 => {
                let _ = std::fs::remove_file(path);
                format!("{source} gone")
            }
            5 => {
                let _ = std::fs::rename(path, self.shop.path("src/e"));
                format!("{source} renamed")
            }
            6 => {
                self.has_more = !self.has_more;
                format!("more: {}", self.has_more)
            }
            7 => {
                let bad = self.shop.path("src/bad");
                let _ = std::fs::remove_file(&bad).or_else(|_| std::fs::write(&bad, "bad"));
                format!("bad: {}", bad.exists())
            }
            8..=11 => self.write_somewhere(),
            12 => self.put_in_the_way(),
            _ => {
                let place = ["out", "bin", "env", "out/a.o", "bin/list"][self.pick(5)];
                self.take_away(place);
                format!("{place} taken away")
            }
        };
        self.done.push(said);
    }

    fn write_somewhere(&mut self) -> String {
        let place = PLACES[self.pick(PLACES.len())];
        let text = format!("text {} of a person", self.done.len());
        let path = self.shop.path(place);
        let is_free = path.parent().is_some_and(|it| std::fs::create_dir_all(it).is_ok());
        if is_free && std::fs::write(&path, &text).is_ok() {
            self.wrote.insert(path.canonicalize().unwrap(), text);
            return format!("wrote {place}");
        }
        "could not write".to_owned()
    }

    /// Puts a file or a link where outputs have a directory, or a directory where they have a file.
    fn put_in_the_way(&mut self) -> String {
        let place = ["out", "bin", "bin/list", "out/a.o"][self.pick(4)];
        let path = self.shop.path(place);
        self.take_away(place);
        let _ = std::fs::create_dir_all(path.parent().unwrap());
        let inside = self.shop.path("notes");
        std::fs::create_dir_all(&inside).unwrap();
        let target = match self.pick(4) {
            0 => inside,
            1 => self.outside.path().to_owned(),
            2 => {
                let _ = std::fs::create_dir_all(&path);
                let text = format!("text {} in a directory", self.done.len());
                if std::fs::write(path.join(".mine"), &text).is_ok() {
                    self.wrote.insert(path.canonicalize().unwrap().join(".mine"), text);
                }
                return format!("a directory at {place}");
            }
            _ => {
                let text = format!("text {} in the way", self.done.len());
                if std::fs::write(&path, &text).is_ok() {
                    self.wrote.insert(path.canonicalize().unwrap(), text);
                }
                return format!("a file at {place}");
            }
        };
        if symlink(&target, &path).is_ok() {
            let at = path.parent().unwrap().canonicalize().unwrap().join(path.file_name().unwrap());
            self.wrote.insert(at, target.to_str().unwrap().to_owned());
        }
        format!("a link at {place} to {}", target.display())
    }

    /// The person removes something, theirs or not.
    fn take_away(&mut self, place: &str) {
        let path = self.shop.path(place);
        let Ok(parent) = path.parent().unwrap().canonicalize() else { return };
        let real = parent.join(path.file_name().unwrap());
        let _ = match real.symlink_metadata() {
            Ok(it) if it.is_dir() => std::fs::remove_dir_all(&real),
            _ => std::fs::remove_file(&real),
        };
        self.wrote.retain(|it, _| !it.starts_with(&real));
    }

    /// After a run: all that they wrote is there, but for what a command that ran itself wrote over.
    fn look_after(&mut self, ran: &Ran) {
        let mut written = BTreeMap::new();
        for label in
            ["build", "list"].into_iter().filter(|it| ran.node(it).state != NodeState::Cached)
        {
            for (path, text) in self.made_by(label) {
                if let Ok(real) = self.shop.path(&path).canonicalize() {
                    written.insert(real, text);
                }
            }
        }
        let is_theirs = |path: &Path, text: &str| match std::fs::read_link(path) {
            Ok(target) => target.to_str() == Some(text),
            Err(_) => std::fs::read_to_string(path).is_ok_and(|it| it == text),
        };
        let lost: Vec<_> = self.wrote.iter().filter(|it| !is_theirs(it.0, it.1)).collect();
        for (path, text) in &lost {
            let now = std::fs::read_to_string(path).unwrap_or_else(|error| error.to_string());
            let by_command = written.get(*path) == Some(&now);
            assert!(by_command, "{} was {text:?} and is {now:?}\n{:#?}", path.display(), self.done);
        }
        let lost: BTreeSet<PathBuf> = lost.into_iter().map(|it| it.0.clone()).collect();
        self.wrote.retain(|path, _| !lost.contains(path));
    }

    /// What was answered is what a clean build makes, and what else lies there is the person's.
    fn look_at_answers(&self, ran: &Ran) -> usize {
        let root = self.shop.root();
        let mut count = 0;
        for label in ["build", "list", "env"] {
            if ran.node(label).state != NodeState::Cached {
                continue;
            }
            count += 1;
            let made = self.made_by(label);
            for (path, text) in &made {
                let now = std::fs::read_to_string(self.shop.path(path)).unwrap_or_default();
                let is_theirs = label == "env" && self.wrote.get(&root.join(path)) == Some(&now);
                assert!(now == *text || is_theirs, "{path} is {now:?}\n{:#?}", self.done);
            }
            if label == "build" {
                for entry in std::fs::read_dir(self.shop.path("out")).unwrap() {
                    let name = format!("out/{}", entry.unwrap().file_name().to_str().unwrap());
                    let is_theirs = self.wrote.keys().any(|it| it.starts_with(root.join(&name)));
                    assert!(made.contains_key(&name) || is_theirs, "{name}\n{:#?}", self.done);
                }
            }
        }
        count
    }
}

#[test]
fn no_byte_that_a_person_wrote_is_lost_and_every_answer_is_that_of_a_clean_build() {
    let seeds = if std::env::var_os("RUSH_TEST_LONG").is_some() { 400 } else { 5 };
    let (mut cached, mut steps) = (0, 0);
    for seed in 1..=seeds {
        let mut person = Person::new(0x5eed_0000 + seed * 7919);
        for _ in 0..25 {
            for _ in 0..=person.pick(2) {
                person.step();
            }
            let ran = person.shop.run(person.project());
            person.done.push(ran.ends());
            person.look_after(&ran);
            cached += person.look_at_answers(&ran);
            steps += 1;
        }
    }
    assert!(cached > steps / 2, "{cached} answers in {steps} runs");
}

#[test]
fn what_has_several_names_is_put_back_under_all_of_them() {
    let shop = Workshop::new();
    let script = "rm -rf out; mkdir out; cp in out/a; ln out/a out/b; ln out/a out/c";
    let nodes = || copy_to(&["out"], script);
    for text in ["one", "two"] {
        shop.write("in", text);
        assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    }
    for text in ["one", "two"] {
        shop.write("in", text);
        let ran = shop.run(nodes());
        assert_eq!(
            (ran.ends().as_str(), ran.node("t").warnings.as_slice()),
            ("t=cached -> 0", &[][..])
        );
        assert_eq!(["out/a", "out/b", "out/c"].map(|it| shop.read(it)), [text; 3]);
    }
}

#[test]
fn what_a_killed_run_made_is_known_to_be_made() {
    let shop = Workshop::new();
    let (table, copy) = (shop.table(), shop.shared.path().join("table"));
    // A run that is killed leaves the table as it is while the next task still runs.
    let script = format!(
        "until cp '{}' '{}' 2> /dev/null; do sleep 0.05; done",
        table.display(),
        copy.display()
    );
    let watch = || node("watch", crate::fixture::sh(&script), &["t"]);
    let nodes = || copy_to(&["out"], COPY);
    shop.write("in", "one");
    let ran = shop.run([nodes(), vec![watch()]].concat());
    assert_eq!(ran.ends(), "t=succeeded watch=succeeded -> 0");
    std::fs::rename(&copy, &table).unwrap();
    shop.write("in", "two");
    assert_eq!(shop.run(nodes()).ends(), "t=succeeded -> 0");
    shop.write("in", "one");
    let ran = shop.run(nodes());
    assert_eq!(
        (ran.ends().as_str(), ran.node("t").warnings.as_slice()),
        ("t=cached -> 0", &[][..])
    );
}
