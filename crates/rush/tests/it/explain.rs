//! Pages about findings, kinds and fields.

use crate::rush;

#[test]
fn codes_kinds_and_fields_have_pages() {
    for (word, expect) in [
        ("RUSH0204", "# RUSH0204: "),
        ("0204", "# RUSH0204: "),
        ("task", "# task\n"),
        ("task.retry", "# task.retry\n"),
        ("task.retry.delay", "# task.retry.delay\n"),
        ("template.cache.ttl", "# template.cache.ttl\n"),
        ("Retry", "# Retry\n"),
        ("Retry.delay", "# Retry.delay\n"),
        ("Backoff", "# Backoff\n"),
        ("Backoff.fixed", "# Backoff.fixed\n"),
    ] {
        let page = rush().args(["explain", word]).status(0).run();
        assert!(page.stdout.starts_with(expect), "{word}: {}", page.stdout);
    }
}

#[test]
fn what_is_not_known_is_suggested() {
    for (word, expect) in [
        ("taks", "did you mean `task`?"),
        ("task.retyr", "did you mean `task.retry`?"),
        ("task.depends_on", "did you mean `task.needs`?"),
        ("task.retry.dealy", "did you mean `task.retry.delay`?"),
        ("Retyr", "did you mean `Retry`?"),
    ] {
        rush().args(["explain", word]).status(2).stderr(expect).run();
    }
}

#[test]
fn words_of_the_language_have_pages() {
    for (word, expect) in [
        ("host", "- `host.cpus: int`"),
        ("host.os", "The operating system."),
        ("duration", "`500ms`"),
        ("glob", "A pattern of paths"),
        ("if", "if condition then a else b"),
        ("extends", "template"),
        ("files", "files(pattern: glob) -> [path]"),
        ("map", "map(T)"),
    ] {
        let page = rush().args(["explain", word]).status(0).run();
        assert!(page.stdout.contains(expect), "{word}: {}", page.stdout);
    }
    rush().args(["explain", "duraton"]).status(2).stderr("did you mean `duration`?").run();
    rush().args(["explain", "host.nothing"]).status(2).run();
}

#[test]
fn a_page_is_one_json_document() {
    let page = rush().args(["explain", "task.retry", "-o", "json"]).status(0).run();
    let page: serde_json::Value = serde_json::from_str(&page.stdout).unwrap();
    assert_eq!((&page["version"], &page["topic"]), (&1.into(), &"task.retry".into()));
    assert_eq!(page["title"], "task.retry");
    assert!(page["markdown"].as_str().unwrap().starts_with("# task.retry\n"));
}
