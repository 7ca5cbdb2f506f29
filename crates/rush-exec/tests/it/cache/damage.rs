//! What happens to a cache that is damaged, can't be written, or is as old as the clock says it is not.

use std::path::PathBuf;

use super::workshop::{Workshop, copy, makes};
use crate::fixture::node;

fn shelf(shop: &Workshop, shelf: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for directory in std::fs::read_dir(shop.cache().join(shelf)).unwrap() {
        for file in std::fs::read_dir(directory.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files
}

#[test]
fn a_damaged_blob_is_told_dropped_and_made_again() {
    let shop = Workshop::new();
    shop.write("in", "contents");
    let nodes = || vec![node("a", copy(&shop), &[])];
    for damage in ["", "other", "contents and more"] {
        shop.run_forced(nodes());
        for blob in shelf(&shop, "blobs") {
            std::fs::write(blob, damage).unwrap();
        }
        std::fs::remove_file(shop.path("out")).unwrap();
        let ran = shop.run(nodes());
        assert_eq!(ran.ends(), "a=succeeded -> 0");
        let told = "its cached `out` was damaged and is dropped; it is made again";
        assert_eq!(ran.node("a").warnings, [told]);
        assert_eq!(shop.read("out"), "contents");
        std::fs::remove_file(shop.path("out")).unwrap();
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
    }
}

#[test]
fn all_that_is_damaged_of_a_result_is_made_again_at_once() {
    let shop = Workshop::new();
    let task = makes(&[], &["out/*"], "echo one > out/1; echo two > out/2; echo three > out/3");
    let nodes = || vec![node("a", task.clone(), &[])];
    shop.run(nodes());
    for blob in shelf(&shop, "blobs") {
        std::fs::write(blob, "other").unwrap();
    }
    for ends in ["a=succeeded -> 0", "a=cached -> 0"] {
        std::fs::remove_dir_all(shop.path("out")).unwrap();
        assert_eq!(shop.run(nodes()).ends(), ends);
        assert_eq!(shop.read("out/1") + &shop.read("out/3"), "one\nthree\n");
    }
}

#[test]
fn any_byte_of_an_entry_or_of_the_table_may_be_damaged() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = || vec![node("a", copy(&shop), &[])];
    shop.run(nodes());
    let entry = shelf(&shop, "entries").remove(0);
    for file in [entry, shop.table()] {
        let whole = std::fs::read(&file).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 23 + 1) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            std::fs::write(&file, &damaged).unwrap();
            let _ = std::fs::remove_file(shop.path("out"));
            shop.run(nodes());
            assert_eq!(shop.read("out"), "1", "byte {at} of {}", file.display());
        }
        std::fs::write(&file, whole.get(..whole.len() / 2).unwrap()).unwrap();
        shop.run(nodes());
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
    }
}

#[test]
fn checking_everything_finds_what_is_damaged() {
    let shop = Workshop::new();
    shop.write("in", "1");
    shop.run(vec![node("a", copy(&shop), &[]), node("b", makes(&[], &[], "true"), &[])]);
    let checked = rush_exec::check_cache(&shop.cache()).unwrap();
    assert_eq!((checked.whole, checked.damaged.len()), (2, 0));
    std::fs::write(shelf(&shop, "blobs").remove(0), "x").unwrap();
    let checked = rush_exec::check_cache(&shop.cache()).unwrap();
    assert_eq!((checked.whole, checked.damaged), (1, vec!["`a`".to_owned()]));
    assert_eq!(rush_exec::cache_stats(&shop.cache()).unwrap().entries, 1);
}

#[test]
fn clearing_removes_what_is_ours_and_nothing_else() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = || vec![node("a", copy(&shop), &[])];
    shop.run(nodes());
    let others = ["tmp/mine", "blobs/notes.txt", "blobs/ab/mine", "locks/mine", "mine"];
    for name in others {
        let path = shop.cache().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let cleared = rush_exec::clear_cache(&shop.cache()).unwrap();
    assert_eq!((cleared.entries, cleared.blobs), (1, 1));
    assert!(others.iter().all(|it| shop.cache().join(it).exists()));
    assert_eq!(rush_exec::cache_stats(&shop.cache()).unwrap().entries, 0);
    let tag = std::fs::read_to_string(shop.cache().join("CACHEDIR.TAG")).unwrap();
    assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
    shop.write("other/tmp/1-1", "not ours");
    let error = rush_exec::clear_cache(&shop.path("other")).unwrap_err();
    assert!(error.to_string().contains("nothing was removed"), "{error}");
    assert_eq!(shop.read("other/tmp/1-1"), "not ours");
    rush_exec::clear_cache(&shop.path("nowhere")).unwrap();
}

#[test]
fn the_least_recently_used_goes_first() {
    let shop = Workshop::new();
    let nodes = |name: &str| {
        let script = format!("head -c 1000 /dev/zero | tr '\\0' {name} > {name}");
        vec![node(name, makes(&[], &[name], &script), &[])]
    };
    for (name, minutes) in [("a", 30), ("b", 10), ("c", 20)] {
        let before = if shop.cache().join("entries").is_dir() {
            shelf(&shop, "entries")
        } else {
            Vec::new()
        };
        shop.run(nodes(name));
        let new = shelf(&shop, "entries").into_iter().find(|it| !before.contains(it)).unwrap();
        let time = std::time::SystemTime::now() - std::time::Duration::from_mins(minutes);
        std::fs::File::options().append(true).open(new).unwrap().set_modified(time).unwrap();
    }
    for blob in shelf(&shop, "blobs") {
        let time = std::time::SystemTime::now() - std::time::Duration::from_mins(1);
        std::fs::File::options().append(true).open(blob).unwrap().set_modified(time).unwrap();
    }
    let hour = std::time::Duration::from_hours(1);
    let size = rush_exec::cache_stats(&shop.cache()).unwrap().size_bytes;
    let limits = rush_exec::CacheLimits { size_bytes_max: size * 2 / 3 + 10, age_max: hour };
    let pruned = rush_exec::prune_cache(&shop.cache(), &limits).unwrap();
    assert_eq!((pruned.entries, pruned.blobs), (1, 1));
    for (name, ends) in [("a", "a=succeeded -> 0"), ("b", "b=cached -> 0"), ("c", "c=cached -> 0")]
    {
        std::fs::remove_file(shop.path(name)).unwrap();
        assert_eq!(shop.run(nodes(name)).ends(), ends);
    }
    let limits = rush_exec::CacheLimits { size_bytes_max: 1 << 30, age_max: hour / 4 };
    assert_eq!(rush_exec::prune_cache(&shop.cache(), &limits).unwrap().entries, 0, "all were used");
}

#[test]
fn a_cache_that_can_not_be_written_costs_the_memory_and_not_the_run() {
    let shop = Workshop::new();
    shop.write("in", "1");
    // A file where the directory should be is refused to everybody, also to root.
    std::fs::write(shop.cache(), "").unwrap();
    let nodes =
        || vec![node("a", copy(&shop), &[]), node("b", makes(&["in"], &["b"], "cp in b"), &["a"])];
    let ran = shop.run(nodes());
    assert_eq!(ran.ends(), "a=succeeded b=succeeded -> 0");
    let told: Vec<&String> = ran.summary.nodes.iter().flat_map(|it| &it.warnings).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("can't be written, so results are not remembered"), "{told:?}");
}

#[test]
fn times_in_the_future_and_times_put_back_deceive_nobody() {
    let shop = Workshop::new();
    let nodes = || vec![node("a", copy(&shop), &[])];
    let set_time = |seconds: i64| {
        let now = std::time::SystemTime::now();
        let span = std::time::Duration::from_secs(seconds.unsigned_abs());
        let time = if seconds < 0 { now - span } else { now + span };
        let file = std::fs::File::options().append(true).open(shop.path("in")).unwrap();
        file.set_modified(time).unwrap();
    };
    shop.write("in", "1");
    for (text, seconds) in [("2", 3600), ("3", -3600), ("4", 3600), ("5", -3600)] {
        shop.run(nodes());
        shop.write("in", text);
        set_time(seconds);
        assert_eq!(shop.run(nodes()).ends(), "a=succeeded -> 0");
        assert_eq!(shop.read("out"), text);
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
    }
}

#[test]
fn a_file_written_again_within_one_tick_of_the_clock_is_seen() {
    let shop = Workshop::new();
    let nodes = || vec![node("a", makes(&["in"], &["out"], "cp in out"), &[])];
    for round in 0..20 {
        for half in ["a", "b"] {
            let text = format!("{half}{round:04}");
            std::fs::write(shop.path("in"), &text).unwrap();
            shop.run(nodes());
            assert_eq!(shop.read("out"), text);
        }
    }
}

#[test]
fn what_was_made_stays_known_when_its_result_is_forgotten() {
    let shop = Workshop::new();
    let nodes = |script: &str| vec![node("t", makes(&["in"], &["out"], script), &[])];
    let script = "mkdir -p out; cp in out/x; test -e out/lib || echo lib > out/lib";
    let run = |script: &str, text: &str| {
        shop.write("in", text);
        let ran = shop.run(nodes(script));
        (ran.ends(), ran.node("t").warnings.join(" "))
    };
    let is = |end: &str| (format!("t={end} -> 0"), String::new());
    assert_eq!(run(script, "one"), is("succeeded"));
    assert_eq!(run(script, "one"), is("cached"));
    rush_exec::forget_results(&shop.table()).unwrap();
    rush_exec::clear_cache(&shop.cache()).unwrap();
    assert_ne!(shop.reasons(nodes(script), "t"), "cached");
    for end in ["succeeded", "cached"] {
        assert_eq!(run(script, "one"), is(end));
        assert_eq!(run(script, "two"), is(end));
    }
    // Another command does not take over what was made before, also without the result of it.
    rush_exec::forget_results(&shop.table()).unwrap();
    let ran = run("mkdir -p out; cp in out/y", "two");
    assert!(ran.1.starts_with("what it runs, or what that is given, changed"), "{ran:?}");
    assert!(!shop.path("out/lib").exists() && shop.path("out/y").exists());
    // Where nothing is remembered, there is nothing to forget.
    rush_exec::forget_results(&shop.path("no/where")).unwrap();
}
