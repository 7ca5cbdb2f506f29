//! Long chains and many items on a small stack, and types that grow.

use std::fmt::Write as _;

use rush_semantics::{Db as _, RushDatabase, check};

/// A stack far smaller than that of the threads that check.
const STACK: usize = 1 << 20;

/// Checks files on a small stack, and returns the number of findings with the first message.
fn findings(files: Vec<(String, String)>) -> (usize, String) {
    let run = move || {
        let mut db = RushDatabase::default();
        db.set_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        check::prepare(&db);
        let files = db.workspace().files(&db).values();
        let found: Vec<_> = files.flat_map(|it| check::file_diagnostics(&db, *it)).collect();
        (found.len(), found.first().map(|it| it.message.clone()).unwrap_or_default())
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    thread.expect("a thread starts").join().expect("no overflow, no panic")
}

fn one(text: String) -> (usize, String) {
    findings(vec![("tasks.rush".to_owned(), text)])
}

fn lines(count: usize, first: &str, line: impl Fn(usize) -> String) -> String {
    let mut text = format!("{first}\n");
    for at in 1..count {
        let _ = writeln!(text, "{}", line(at));
    }
    text
}

/// How many links a chain has; even the short form is a depth at which recursion would overflow.
#[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of Rush")]
fn many() -> usize {
    if std::env::var_os("RUSH_TEST_LONG").is_some() { 100_000 } else { 20_000 }
}

#[test]
fn a_long_chain_of_needs() {
    let task = |at| format!("task t{at} {{\n  needs: [t{}]\n}}", at - 1);
    assert_eq!(one(lines(many(), "task t0 {\n  run: `a`\n}", task)).0, 0);
}

#[test]
fn a_long_chain_of_lets() {
    assert_eq!(one(lines(many(), "let a0 = 1", |at| format!("let a{at} = a{} + 1", at - 1))).0, 0);
    assert_eq!(one(lines(many(), "let a0 = 1", |at| format!("let a{at} = a{}", at - 1))).0, 0);
}

#[test]
fn a_long_chain_of_functions() {
    let line = |at| format!("fn f{at}(x: int) = f{}(x)", at - 1);
    assert_eq!(one(lines(many(), "fn f0(x: int) = x", line)).0, 0);
}

#[test]
fn a_long_chain_of_types() {
    assert_eq!(one(lines(many(), "type A0 = int", |at| format!("type A{at} = A{}", at - 1))).0, 0);
}

#[test]
fn types_nested_by_a_chain_are_limited() {
    let nested = one(lines(many(), "type A0 = int", |at| format!("type A{at} = [A{}]", at - 1)));
    assert!(nested.0 > 0 && nested.1.ends_with("is too large"), "{nested:?}");
    let wide = |at| format!("type A{at} = {{ a: A{0}, b: A{0} }}", at - 1);
    let wide = one(lines(100, "type A0 = int", wide));
    assert!(wide.0 > 0 && wide.1.ends_with("is too large"), "{wide:?}");
}

#[test]
fn values_nested_by_a_chain_are_limited() {
    let nested = one(lines(many(), "let a0 = 1", |at| format!("let a{at} = [a{}]", at - 1)));
    assert!(nested.0 > 0 && nested.1.ends_with("is too large"), "{nested:?}");
    let wide = |at| format!("let a{at} = {{ a: a{0}, b: a{0} }}", at - 1);
    let wide = one(lines(100, "let a0 = 1", wide));
    assert!(wide.0 > 0 && wide.1.ends_with("is too large"), "{wide:?}");
}

#[test]
fn a_long_chain_of_uses() {
    let file = |at: usize| {
        let text = format!("use \"f{0}.rush\" as f{0}\nlet a = f{0}.a\n", at - 1);
        (format!("f{at}.rush"), text)
    };
    let first = ("f0.rush".to_owned(), "let a = 1\n".to_owned());
    let files = std::iter::once(first).chain((1..10_000).map(file)).collect();
    assert_eq!(findings(files).0, 0);
}

#[test]
fn a_circle_through_everything() {
    let text = lines(many(), &format!("let a0 = a{}", many() - 1), |at| {
        format!("let a{at} = a{}", at - 1)
    });
    assert!(one(text).1.contains("depends on itself"));
}

#[test]
fn many_members_beside_a_label_in_a_comment() {
    let first = "task t {\n  run: `x`\n  needs: [\n    //a:b\n  ]";
    let text = lines(many() / 4, first, |at| format!("  let a{at} = 1")) + "}\n";
    let (count, first) = one(text);
    assert!(count == 1 && first.starts_with("`//a:b` is a label"), "{count} {first}");
}
