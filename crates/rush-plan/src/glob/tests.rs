//! Patterns against a brute-force model and against `globset`.

use proptest::prelude::*;

use super::{Glob, PatternIndex};
use crate::{PathError, WorkspacePath};

fn glob(text: &str) -> Glob {
    Glob::parse_with_holes(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

/// Checks which of the paths a pattern matches.
fn check_matches(pattern: &str, yes: &[&str], no: &[&str]) {
    let parsed = glob(pattern);
    for path in yes {
        assert!(parsed.matches(path), "`{pattern}` should match `{path}`");
    }
    for path in no {
        assert!(!parsed.matches(path), "`{pattern}` should not match `{path}`");
    }
}

/// Checks the message, the text it points at, and what the fix makes of the pattern.
fn check_error(pattern: &str, message: &str, at: &str, fixed: Option<&str>) {
    let error = Glob::parse(pattern).expect_err(pattern);
    assert_eq!(error.message, message, "`{pattern}`");
    assert_eq!(&pattern[error.range.clone()], at, "`{pattern}`");
    let repaired = error.fix.map(|fix| fix.apply(pattern));
    assert_eq!(repaired.as_deref(), fixed, "`{pattern}`");
    if let Some(repaired) = repaired {
        Glob::parse(&repaired)
            .unwrap_or_else(|error| panic!("`{pattern}` -> `{repaired}`: {error}"));
    }
}

#[test]
fn patterns_match_as_the_language_says() {
    check_matches("src/*.rs", &["src/a.rs", "src/.rs"], &["src/a/b.rs", "src/a.rsx", "a.rs"]);
    check_matches("**/*.rs", &["a.rs", "a/b.rs", "a/b/c.rs"], &["a.rs/b", "a"]);
    check_matches("**/*.{rs,toml}", &["a.rs", "x/Cargo.toml"], &["a.md"]);
    check_matches("src/**", &["src/a", "src/a/b"], &["src", "srcs/a", ""]);
    check_matches("**", &["a", "a/b/c"], &[""]);
    check_matches("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb", "a/b/c"]);
    check_matches("a?c", &["abc", "aéc"], &["ac", "a/c"]);
    check_matches("[a-c]x[!0-9]", &["axa", "cx_"], &["dxa", "ax1", "ax/"]);
    check_matches("[]a]", &["]", "a"], &["b"]);
    check_matches("{src,tests/it}/**/*.rs", &["src/a.rs", "tests/it/b/c.rs"], &["tests/a.rs"]);
    check_matches("{**,src}/x", &["x", "src/x", "a/b/x"], &["src/y"]);
    check_matches("{a/**,b}/x", &["a/x", "a/q/x", "b/x"], &["b/q/x"]);
    check_matches("a\\*\\{b", &["a*{b"], &["aa{b"]);
    check_matches("out/\0.txt", &["out/.txt", "out/a/b.txt"], &["out/a"]);
    check_matches("!gen/**", &["gen/a"], &["gen"]);
    check_matches("dist/", &["dist"], &["dist/a"]);
    check_matches("*.github/*", &[".github/x"], &["github"]);
    let long = format!("{}/*.rs", "component/".repeat(20).trim_end_matches('/'));
    check_matches(&long, &[&long.replace('*', "a")], &["a.rs"]);
}

#[test]
fn mistakes_are_shown_with_what_to_write() {
    check_error("**.rs", "`**.rs` must be `**/*.rs`", "**", Some("**/*.rs"));
    check_error("src/**.rs", "`**.rs` must be `**/*.rs`", "**", Some("src/**/*.rs"));
    check_error("src**", "`src**` must be `src/**`", "**", Some("src/**"));
    check_error("src**.rs", "`src**.rs` must be `src/**/*.rs`", "**", Some("src/**/*.rs"));
    check_error("a/***/b", "`***` must be `**`", "***", Some("a/**/b"));
    check_error(
        "a/[b",
        "`[` is never closed; write `\\[` for the character itself",
        "[",
        Some("a/\\[b"),
    );
    check_error(
        "a/{b,c",
        "`{` is never closed; write `\\{` for the character itself",
        "{",
        Some("a/\\{b,c"),
    );
    check_error(
        "a}",
        "no `{` is open here; write `\\}` for the character itself",
        "}",
        Some("a\\}"),
    );
    check_error("[z-a]", "`z` comes after `a`", "z-a", Some("[a-z]"));
    check_error(
        "src\\main.rs",
        "paths are written with `/`, also on Windows",
        "\\",
        Some("src/main.rs"),
    );
    check_error("a//b", "two `/` in a row", "/", Some("a/b"));
    check_error("!!a", "one `!` is enough", "!", Some("!a"));
    check_error(
        "/etc/x",
        "a pattern can't start at the root of the file system; `//` is the workspace",
        "/",
        Some("//etc/x"),
    );
    check_error("", "a pattern can't be empty", "", None);
    check_error("a/*/../b", "`..` can stand only at the start", "..", None);
    check_error("{../a,b}", "`..` can stand only at the start", "..", None);
    check_error(".../../a", "`..` can stand only at the start", "..", None);
    check_error("[/]", "this set matches no character; `/` is never in one", "[/]", None);
    check_error("é**", "`é**` must be `é/**`", "**", Some("é/**"));
}

#[test]
fn resolving_makes_patterns_relative_to_the_workspace() {
    let package = WorkspacePath::new("packages/api[1]").expect("a path");
    let resolved = |text| glob(text).resolve(&package).map(|glob| glob.as_str().to_owned());
    assert_eq!(resolved("src/*.rs"), Ok("packages/api\\[1\\]/src/*.rs".to_owned()));
    assert_eq!(resolved("!./target/**"), Ok("!packages/api\\[1\\]/target/**".to_owned()));
    assert_eq!(resolved("//lib/*.rs"), Ok("lib/*.rs".to_owned()));
    assert_eq!(resolved("../web/dist"), Ok("packages/web/dist".to_owned()));
    assert_eq!(resolved("../../.."), Err(PathError::Outside));
    assert_eq!(resolved("../../../x"), Err(PathError::Outside));
    assert_eq!(resolved("."), Ok("packages/api\\[1\\]".to_owned()));
}

#[test]
fn an_input_reads_inside_an_output_only_if_its_fixed_part_says_so() {
    let inside = |input: &str, output: &str| glob(input).lies_inside(&glob(output));
    assert!(inside("gen/a.c", "gen"));
    assert!(inside("gen/*.c", "gen"));
    assert!(inside("gen/*.c", "gen/**"));
    assert!(inside("gen/deep/*.c", "gen/*"));
    assert!(inside("gen/a.c", "gen/*.c"));
    assert!(!inside("**/*.c", "gen"));
    assert!(!inside("**/*", "dist/**"));
    assert!(!inside("**", "**/*.o"));
    assert!(!inside("gen/*.c", "gen/*.c"));
    assert!(!inside("genre/*.c", "gen"));
    assert!(inside("target/api/*.d", "target/{api,core}"));
    assert!(inside(".", ".") && inside(".", "**") && inside("src", ".") && inside("**", "."));
    assert!(!inside(".", "src"));
}

#[test]
fn the_directory_that_holds_every_match_is_empty_for_the_root() {
    let directory = |text: &str| glob(text).literal_directory().to_owned();
    assert_eq!(
        [".", "**", "*", "src/*", "src", "!."].map(directory),
        ["", "", "", "src", "src", ""]
    );
}

#[test]
fn a_pattern_with_its_contents_matches_what_is_below() {
    let output = glob("dist/*.app").with_contents();
    assert!(output.matches("dist/x.app") && output.matches("dist/x.app/Contents/Info"));
    assert!(!output.matches("dist/x.ap"));
    assert!(glob("dist").with_contents().intersects(&glob("dist/**/*.js")));
    assert!(!glob("dist").with_contents().intersects(&glob("distant/*.js")));
}

#[test]
fn walks_are_pruned_where_nothing_can_match() {
    let pattern = glob("src/*/gen/**/*.c");
    for directory in ["src", "src/a", "src/a/gen", "src/a/gen/b", ".", ""] {
        assert!(pattern.may_match_below(directory), "{directory}");
    }
    for directory in ["srcs", "src/a/b", "lib", "src/a/generated"] {
        assert!(!pattern.may_match_below(directory), "{directory}");
    }
}

#[test]
fn common_paths_are_readable_and_respect_exclusions() {
    let common = |a: &str, b: &str| glob(a).common_path(&glob(b));
    assert_eq!(common("dist/**", "dist/*.js").as_deref(), Some("dist/a.js"));
    assert_eq!(common("dist/**", "dist/.a*").as_deref(), Some("dist/.a"));
    assert_eq!(common("**/*.rs", "src/?*").as_deref(), Some("src/a.rs"));
    assert_eq!(common("a*", "*b").as_deref(), Some("ab"));
    assert_eq!(common("[a-c]", "[!a-b]").as_deref(), Some("c"));
    assert_eq!(common("*.rs", "*.md"), None);
    assert_eq!(common("a/*/b", "a/b"), None);
    assert_eq!(
        common("target/\0/api", "target/release/api").as_deref(),
        Some("target/release/api")
    );
    assert_eq!(common("target/\0/api", "target/release/cli"), None);
    let outside = |a: &str, b: &str, not: &[&str]| {
        let excluded: Vec<Glob> = not.iter().map(|text| glob(text)).collect();
        glob(a).common_path_outside(&glob(b), &excluded.iter().collect::<Vec<_>>())
    };
    assert_eq!(outside("**/*.c", "gen/*.c", &["gen/**"]), None);
    assert_eq!(outside("**/*.c", "gen/*.c", &["gen/a*", "gen/.*"]).as_deref(), Some("gen/b.c"));
    assert_eq!(outside("gen/a.c", "gen/a.c", &["gen/b.c"]).as_deref(), Some("gen/a.c"));
}

/// Small patterns over `a`, `b` and `/`, without holes.
fn patterns() -> impl Strategy<Value = String> {
    patterns_of(0)
}

/// The same, some with holes.
fn patterns_with_holes() -> impl Strategy<Value = String> {
    prop_oneof![2 => patterns_of(0), 1 => patterns_of(4)]
}

fn patterns_of(hole_weight: u32) -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        hole_weight => Just("\0".to_owned()),
        4 => Just("a".to_owned()),
        4 => Just("b".to_owned()),
        2 => Just("*".to_owned()),
        1 => Just("?".to_owned()),
        1 => Just("[ab]".to_owned()),
        1 => Just("[!a]".to_owned()),
        1 => Just("{a,bb}".to_owned()),
        1 => Just("{a/b,*}".to_owned()),
    ];
    let component = prop_oneof![
        4 => prop::collection::vec(atom, 1..4).prop_map(|atoms| atoms.concat()),
        1 => Just("**".to_owned()),
    ];
    prop::collection::vec(component, 1..4)
        .prop_map(|components| components.join("/"))
        .prop_filter("one star after another is another pattern", |text| {
            Glob::parse_with_holes(text).is_ok()
        })
}

/// Every valid path over `a`, `b` and `/` of up to seven characters.
fn small_paths() -> Vec<String> {
    let mut paths = vec![String::new()];
    let mut from = 0;
    for _ in 0..7 {
        let until = paths.len();
        for at in from..until {
            for character in ['a', 'b', '/'] {
                if character != '/' || !paths[at].is_empty() && !paths[at].ends_with('/') {
                    let longer = format!("{}{character}", paths[at]);
                    paths.push(longer);
                }
            }
        }
        from = until;
    }
    paths.retain(|path| !path.is_empty() && !path.ends_with('/'));
    paths
}

#[test]
fn the_start_of_a_pattern_ends_where_it_has_to_be_parsed() {
    let starts =
        ["src/main.c", "!src/*.c", "//gen/{a,b}", "a\\*b", ".", "./", "out/"].map(Glob::start_of);
    assert_eq!(starts, ["src/main.c", "src/", "gen/", "a", "", "", "out"]);
}

#[track_caller]
fn check_choices(pattern: &str, expect: &[&str]) {
    let choices = glob(pattern).choices();
    assert_eq!(choices.iter().map(Glob::as_str).collect::<Vec<_>>(), expect);
}

#[test]
fn braces_before_the_first_wildcard_are_choices() {
    check_choices("{config,local}.yml", &["config.yml", "local.yml"]);
    check_choices("{src/a,gen/x}/*.{c,h}", &["src/a/*.{c,h}", "gen/x/*.{c,h}"]);
    check_choices("{a,{b,c}/d}x", &["ax", "b/dx", "c/dx"]);
    check_choices("{a,b}{c,d}", &["ac", "ad", "bc", "bd"]);
    check_choices("src/*.{c,h}", &["src/*.{c,h}"]);
    check_choices("{a[,}],b}", &["{a[,}],b}"]);
    check_choices("{a\\,,b}", &["a\\,", "b"]);
    check_choices("src{,/sub}/x", &["src/x", "src/sub/x"]);
    check_choices("!{a,b}", &["!a", "!b"]);
    check_choices("//{a,b}", &["//a", "//b"]);
    for whole in ["{!a,b}", "!{!a,b}", ".{,env}", ".{/a,b}", "{/,a}b", "{,a}/b"] {
        check_choices(whole, &[whole]);
    }
    check_choices("plain", &["plain"]);
    let many = "{a,b}".repeat(7);
    check_choices(&many, &[&many]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn intersection_agrees_with_brute_force(a in patterns_with_holes(), b in patterns_with_holes()) {
        let (left, right) = (glob(&a), glob(&b));
        let meets = left.intersects(&right);
        prop_assert_eq!(meets, right.intersects(&left));
        let witness = left.common_path(&right);
        prop_assert_eq!(meets, witness.is_some());
        if let Some(path) = &witness {
            prop_assert!(left.matches(path) && right.matches(path), "`{}` of `{}` and `{}`", path, a, b);
        }
        let brute = small_paths().into_iter().find(|path| left.matches(path) && right.matches(path));
        // A longer common path may exist than brute force tries, never the other way round.
        prop_assert!(meets || brute.is_none(), "`{}` and `{}` both match `{:?}`", a, b, brute);
        if witness.is_some_and(|path| path.len() <= 7 && path.chars().all(|c| "ab/".contains(c))) {
            prop_assert!(brute.is_some());
        }
    }

    #[test]
    fn exclusion_agrees_with_brute_force(
        a in patterns_with_holes(),
        b in patterns(),
        not in patterns(),
    ) {
        let (left, right, excluded) = (glob(&a), glob(&b), glob(&not));
        let witness = left.common_path_outside(&right, &[&excluded]);
        if let Some(path) = &witness {
            prop_assert!(left.matches(path) && right.matches(path) && !excluded.matches(path));
        }
        let mut all = small_paths().into_iter();
        let brute = all.find(|path| left.matches(path) && right.matches(path) && !excluded.matches(path));
        prop_assert!(witness.is_some() || brute.is_none(), "{:?}", brute);
    }

    #[test]
    fn matching_agrees_with_globset(pattern in patterns()) {
        // There a negated set leaves its component.
        let pattern = pattern.replace("[!a]", "[b]");
        let ours = glob(&pattern);
        let theirs = globset::GlobBuilder::new(&pattern)
            .literal_separator(true)
            .build()
            .expect("a pattern of both")
            .compile_matcher();
        for path in small_paths() {
            prop_assert_eq!(ours.matches(&path), theirs.is_match(&path), "`{}` on `{}`", pattern, path);
        }
    }

    #[test]
    fn contents_are_what_lies_below_a_match(pattern in patterns_with_holes()) {
        let (paths, contents) = (glob(&pattern), glob(&pattern).with_contents());
        for path in small_paths() {
            let mut ancestors = path.match_indices('/').map(|(at, _)| &path[..at]).chain([path.as_str()]);
            prop_assert_eq!(contents.matches(&path), ancestors.any(|path| paths.matches(path)), "`{}`", path);
        }
    }

    #[test]
    fn how_a_pattern_starts_shows_without_parsing(pattern in patterns_with_holes()) {
        let contents = glob(&pattern).with_contents();
        prop_assert!(contents.literal_prefix().starts_with(Glob::start_of(&pattern)));
    }

    #[test]
    fn resolving_puts_the_package_before_every_match(pattern in patterns_with_holes()) {
        let resolved = glob(&pattern).resolve(&WorkspacePath::new("p/[q]").expect("a path")).expect("inside");
        for path in small_paths() {
            prop_assert_eq!(resolved.matches(&format!("p/[q]/{path}")), glob(&pattern).matches(&path), "`{}`", path);
            prop_assert!(!resolved.matches(&path));
        }
    }

    #[test]
    fn what_lies_inside_an_output_is_matched_by_it(input in patterns(), output in patterns()) {
        let (input, output) = (glob(&input), glob(&output));
        if input.lies_inside(&output) {
            let below = output.with_contents();
            for path in small_paths().iter().filter(|path| input.matches(path)) {
                prop_assert!(below.matches(path), "`{}` of `{}` in `{}`", path, input, output);
            }
        }
    }

    #[test]
    fn pruning_never_hides_a_match(pattern in patterns_with_holes()) {
        let parsed = glob(&pattern);
        for path in small_paths().iter().filter(|path| parsed.matches(path)) {
            for (at, _) in path.match_indices('/') {
                prop_assert!(parsed.may_match_below(&path[..at]), "`{}` below `{}`", pattern, &path[..at]);
            }
        }
    }

    #[test]
    fn the_index_misses_no_pair(texts in prop::collection::vec(patterns(), 1..12)) {
        let globs: Vec<Glob> = texts.iter().map(|text| glob(text)).collect();
        let index: PatternIndex<usize> = globs.iter().zip(0..).collect();
        let pairs: Vec<(usize, usize)> = index.pairs().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
        for (a, left) in globs.iter().enumerate() {
            let candidates: Vec<usize> = index.candidates(left).copied().collect();
            for (b, right) in globs.iter().enumerate() {
                let may_meet = left.literal_prefix().starts_with(right.literal_prefix())
                    || right.literal_prefix().starts_with(left.literal_prefix());
                prop_assert_eq!(candidates.iter().filter(|found| **found == b).count(), usize::from(may_meet));
                if a < b {
                    prop_assert_eq!(pairs.iter().filter(|pair| **pair == (a, b)).count(), usize::from(may_meet));
                }
            }
        }
    }

    #[test]
    fn the_index_knows_what_may_hold_a_directory(
        texts in prop::collection::vec(patterns(), 1..12),
        directory in "[ab]{0,2}(/[ab]{1,2}){0,2}",
    ) {
        let directory = directory.trim_start_matches('/');
        let globs: Vec<Glob> = texts.iter().map(|text| glob(text)).collect();
        let index: PatternIndex<usize> = globs.iter().zip(0..).collect();
        let mut found: Vec<usize> = index.above(directory).copied().collect();
        found.sort_unstable();
        let below = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let expected = globs.iter().zip(0..).filter(|(it, _)| below.starts_with(it.literal_prefix()));
        prop_assert_eq!(found, expected.map(|(_, at)| at).collect::<Vec<usize>>());
    }

    #[test]
    fn parsing_never_panics_and_fixes_point_into_the_text(text in "[ab*?{}\\[\\],/.!\\\\é-]{0,12}") {
        prop_assert_eq!(Glob::check(&text).is_ok(), Glob::parse(&text).is_ok());
        match Glob::parse(&text) {
            Ok(parsed) => {
                parsed.matches("a/b");
                let package = WorkspacePath::new("p/q").expect("a path");
                let _ = parsed.resolve(&package);
                parsed.with_contents();
            }
            Err(error) => {
                prop_assert!(text.get(error.range).is_some());
                if let Some(fix) = error.fix {
                    fix.apply(&text);
                }
            }
        }
    }

    #[test]
    fn a_pattern_matches_what_one_of_its_choices_does(
        text in "[ab{},/*]{1,10}",
        path in "[ab]{1,3}(/[ab]{1,2}){0,2}",
    ) {
        if let Ok(pattern) = Glob::parse(&text) {
            let of_choice = pattern.choices().iter().any(|it| it.matches(&path));
            prop_assert_eq!(pattern.matches(&path), of_choice, "{} {}", text, path);
        }
    }

    #[test]
    fn escaped_text_matches_itself_only(text in "[a*?{}\\[\\],!\\\\é-]{1,8}", other in "[a*!]{1,3}") {
        let escaped = glob(&Glob::escape(&text));
        prop_assert!(escaped.is_literal() && escaped.matches(&text));
        prop_assert_eq!(escaped.matches(&other), text == other);
    }
}
