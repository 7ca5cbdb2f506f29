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
