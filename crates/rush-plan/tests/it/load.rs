//! Plans as files: the same bytes for the same plan, and clear errors for anything that is no plan.

use proptest::prelude::*;
use rush_plan::{EdgeReason, Feature, LoadError, Node, Plan, PlanError};
use serde_json::Value as Json;

use crate::sample::{argv, draft, drafts, full, task};

fn written(plan: &Plan) -> String {
    String::from_utf8(plan.to_json()).expect("JSON is UTF-8")
}

fn built(nodes: Vec<Node>) -> Result<Plan, PlanError> {
    draft(nodes).build()
}

/// Checks the message with which a text is refused.
fn check_refused(text: &str, message: &str) {
    let error = Plan::from_json(text.as_bytes()).expect_err("the text should be refused");
    assert_eq!(error.to_string(), message);
}

/// The plan with its content changed by a tool that also renews the digests, but not the ids.
fn forged(plan: &Plan, change: impl FnOnce(&mut Json)) -> Vec<u8> {
    let mut json: Json = serde_json::from_slice(&plan.to_json()).expect("a plan is JSON");
    change(&mut json);
    crate::schema::sealed(&json)
}

#[test]
fn a_plan_looks_like_this() {
    let mut build = task("//:build");
    let lint = task("//:lint");
    build.add_edge(lint.id(), EdgeReason::Needs);
    insta::assert_snapshot!(written(&built(vec![build, lint]).expect("a plan")));
}

#[test]
fn a_plan_comes_back_as_it_was() {
    let plan = full().build().expect("a plan");
    let again = Plan::from_json(&plan.to_json()).expect("a plan");
    assert_eq!(again.content(), plan.content());
    assert_eq!(again.origin(), plan.origin());
    assert_eq!((again.workspace(), again.cause()), (plan.workspace(), plan.cause()));
    assert_eq!((again.requires(), again.digests()), (plan.requires(), plan.digests()));
    assert_eq!(written(&again), written(&plan));
}

#[test]
fn the_compact_form_says_what_the_json_form_says() {
    let plan = full().build().expect("a plan");
    let again = Plan::from_compact(&plan.to_compact()).expect("a plan");
    assert_eq!(again.digests(), plan.digests());
    assert_eq!(written(&again), written(&plan));
    assert_eq!(again.requires(), plan.requires());
    assert!(again.nodes().iter().all(|node| again.node(node.id()) == Some(node)));
    let compact = plan.to_compact();
    assert!(Plan::from_compact(compact.get(..compact.len() / 2).expect("half of it")).is_none());
}

#[test]
fn the_full_plan_requires_every_feature() {
    assert_eq!(full().build().expect("a plan").requires(), Feature::ALL);
    for feature in Feature::ALL {
        assert_eq!(Feature::from_name(feature.name()), Some(feature));
        assert_eq!(serde_json::to_value(feature).expect("a name"), feature.name());
    }
}

#[test]
fn who_asked_and_where_it_was_written_are_not_the_identity() {
    let plan = full().build().expect("a plan");
    let mut other = full();
    other.cause = rush_plan::Cause::user();
    other.origin = rush_plan::Origin::default();
    let other = other.build().expect("a plan");
    assert_eq!(plan.digests().content, other.digests().content);
    assert_ne!(plan.digests().whole, other.digests().whole);
}

#[test]
fn one_changed_byte_anywhere_is_found() {
    let bytes = full().build().expect("a plan").to_json();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Plan::from_json(&changed).is_err(), "byte {at} of {}", bytes.len());
    }
    for at in (0..bytes.len()).step_by(97) {
        assert!(Plan::from_json(&bytes[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    let plan = full().build().expect("a plan");
    let text = written(&plan);
    check_refused(
        &text.replace("\"rush_plan\": 1", "\"rush_plan\": 7"),
        "the plan has version 7; this Rush reads version 1",
    );
    check_refused(
        &text.replace("\"retry\",", "\"telepathy\","),
        "the plan requires `telepathy`, which this Rush does not know",
    );
    check_refused(
        &text.replace("cargo", "cargA"),
        "the plan was changed after it was written: its whole digest does not match",
    );
    let reformatted =
        serde_json::to_string(&serde_json::from_str::<Json>(&text).expect("JSON")).expect("JSON");
    check_refused(
        &reformatted,
        "the plan is not laid out as Rush writes it; it was changed or reformatted",
    );
    check_refused("", "this is not a plan: it is empty");
    check_refused("task a {", "this is not a plan: it is no JSON from line 1, column 2 on");
    let no_version = "this is not a plan: it does not begin with `rush_plan` and a version";
    for text in ["{}", "[]", "3", r#"{ "rush_plan": "x" }"#] {
        check_refused(text, no_version);
    }
}

#[test]
fn forged_plans_are_validated_too() {
    let plan = full().build().expect("a plan");
    let refused = |change: fn(&mut Json)| {
        Plan::from_json(&forged(&plan, change))
            .expect_err("the forgery should be refused")
            .to_string()
    };
    assert!(Plan::from_json(&forged(&plan, |_| {})).is_ok());
    assert_eq!(
        refused(|json| json["content"]["nodes"][0]["label"] = "//:other".into()),
        "the id of `//:other` does not belong to its label, arguments and cell"
    );
    assert_eq!(
        refused(|json| json["requires"] = Json::Array(Vec::new())),
        "the plan uses `allow_failure` without requiring it, or the other way round"
    );
    assert!(
        refused(|json| json["content"]["surprise"] = 1.into()).contains("unknown field `surprise`")
    );
    assert!(
        refused(|json| json["content"]["nodes"].as_array_mut().expect("a list").reverse())
            .starts_with("the plan is not laid out")
    );
    assert!(
        refused(|json| json["content"]["nodes"][0]["package"] = "/etc".into())
            .contains("the path is absolute")
    );
}

#[test]
fn extensions_are_left_out() {
    let plan = full().build().expect("a plan");
    let extended = forged(&plan, |json| {
        json["x-tool"] = 1.into();
        json["content"]["x-note"] = "a".into();
        json["content"]["nodes"][0]["x-note"] = Json::Array(Vec::new());
    });
    let read = Plan::from_json(&extended).expect("a plan");
    assert_eq!(read.content(), plan.content());
    assert_eq!(read.digests(), plan.digests());
}

#[test]
fn circles_are_named_by_their_labels() {
    let mut nodes = ["//:a", "//:b", "//:c", "//:d"].map(task);
    let ids = nodes.each_ref().map(Node::id);
    for (from, to) in [(0, 1), (1, 2), (2, 3), (3, 1)] {
        nodes[from].add_edge(ids[to], EdgeReason::Needs);
    }
    let error = built(nodes.into()).expect_err("a circle");
    assert_eq!(
        error.to_string(),
        "tasks need each other in a circle: //:b -> //:c -> //:d -> //:b"
    );
    let mut own = task("//:a");
    own.add_edge(own.id(), EdgeReason::After);
    let error = built(vec![own]).expect_err("a circle");
    assert_eq!(error.to_string(), "tasks need each other in a circle: //:a -> //:a");
}

#[test]
fn a_long_chain_needs_no_stack() {
    let mut nodes: Vec<Node> = Vec::new();
    for number in 0..100_000 {
        let mut node = task(&format!("//:t{number}"));
        if let Some(before) = nodes.last() {
            node.add_edge(before.id(), EdgeReason::Needs);
        }
        nodes.push(node);
    }
    assert_eq!(built(nodes).expect("a plan").summary().depth, 100_000);
}

#[test]
fn what_is_missing_or_twice_is_named() {
    let refused = |nodes: Vec<Node>| built(nodes).expect_err("it should be refused").to_string();
    assert_eq!(refused(vec![task("//:a"), task("//:a")]), "the node `//:a` is in the plan twice");
    let (mut a, b) = (task("//:a"), task("//:b"));
    a.add_edge(b.id(), EdgeReason::Needs);
    assert_eq!(
        refused(vec![a.clone()]),
        format!("`//:a` waits for the node `{}`, which is not in the plan", b.id())
    );
    let mut unknown_root = draft(vec![b.clone()]);
    unknown_root.content.roots.push(a.id());
    let error = unknown_root.build().expect_err("a root that is not there");
    assert_eq!(
        error.to_string(),
        format!("the plan asks for the node `{}`, which is not in the plan", a.id())
    );
    let mut twice = draft(vec![b]);
    twice.content.roots.extend(twice.content.roots.clone());
    assert!(matches!(twice.build(), Err(PlanError::Duplicate { .. })));
    let mut secretless = full();
    secretless.content.secrets.clear();
    let error = secretless.build().expect_err("secrets that are not there");
    assert!(
        error.to_string().ends_with("uses the secret `token`, which the plan does not declare"),
        "{error}"
    );
}

#[test]
fn fields_that_no_process_could_be_given_are_refused() {
    let refused = |change: fn(&mut rush_plan::Task)| {
        let mut work = rush_plan::Task::default();
        change(&mut work);
        let mut node = task("//:a");
        node.work = rush_plan::Work::Task(Box::new(work));
        built(vec![node]).expect_err("it should be refused").to_string()
    };
    assert_eq!(refused(|task| task.run = vec![argv(&[])]), "`run` of `//:a` names no program");
    assert_eq!(
        refused(|task| task.finally = vec![argv(&["a", "b\0c"])]),
        "`finally` of `//:a` contains a NUL character, which no process can be given"
    );
    assert_eq!(
        refused(|task| task.outputs = vec!["dist/**.js".to_owned()]),
        "`outputs` of `//:a` has the pattern `dist/**.js`: `**.js` must be `**/*.js`"
    );
    assert_eq!(
        refused(|task| task.inputs = Some(vec!["../x".to_owned()])),
        "`inputs` of `//:a` has a pattern that is not relative to the workspace"
    );
    assert_eq!(
        refused(|task| task.pass_env = vec!["A=B".to_owned()]),
        "`pass_env` of `//:a` has a variable name that is empty or contains `=` or a NUL character"
    );
    assert_eq!(
        refused(|task| task.limit = Some(rush_plan::Limit { group: "g".to_owned(), max: 0 })),
        "`limit.max` of `//:a` is below 1"
    );
}

#[test]
fn plans_load_in_linear_time() {
    rush_test::assert_linear("a plan", 10_000, |count| {
        let bytes = many(count).to_json();
        rush_test::spent_on(|| {
            let plan = Plan::from_json(&bytes).expect("a plan");
            assert_eq!(plan.nodes().len(), count);
        })
    });
}

/// Gives a few bytes at a time, as a pipe does.
struct Drops<'a>(&'a [u8], usize);

impl std::io::Read for Drops<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let count = bytes.len().min(self.1);
        std::io::Read::read(&mut self.0, &mut bytes[..count])
    }
}

#[test]
fn a_large_plan_is_read_as_it_comes() {
    let plan = many(1_000);
    let bytes = plan.to_json();
    assert!(bytes.len() > 4 * 128 * 1024, "it has several pieces");
    for at_a_time in [997, 65_536, usize::MAX] {
        let again = Plan::read(Drops(&bytes, at_a_time)).expect("a plan");
        assert_eq!(again.digests(), plan.digests());
        assert_eq!(again.to_json(), bytes);
    }
    let small = many(1);
    let again = Plan::read(&*small.to_json()).expect("a plan");
    assert_eq!(again.to_json(), small.to_json());
}

#[test]
fn nothing_is_read_of_a_large_plan_that_is_not_as_it_was_written() {
    let plan = many(1_000);
    let bytes = plan.to_json();
    let is_refused = |bytes: &[u8]| {
        assert!(Plan::read(bytes).is_none());
        Plan::from_json(bytes).expect_err("not as it was written").to_string()
    };
    let whole = "the plan was changed after it was written: its whole digest does not match";
    for part in 0..8 {
        let at = part * bytes.len() / 8;
        is_refused(&bytes[..at]);
        let digits = bytes[at..].iter().position(u8::is_ascii_digit);
        let Some(digit) = digits.map(|it| at + it).filter(|_| part > 0) else { continue };
        let mut changed = bytes.clone();
        changed[digit] = if bytes[digit] == b'1' { b'2' } else { b'1' };
        assert_eq!(is_refused(&changed), whole);
    }
    // The places of nodes are what ends a large plan; one without is read in another way.
    let mut draft = plan.into_draft();
    draft.origin = rush_plan::Origin::default();
    let bytes = draft.build().expect("a plan").to_json();
    assert!(Plan::read(&*bytes).is_none());
    assert_eq!(Plan::from_json(&bytes).expect("a plan").to_json(), bytes);
}

/// As the benchmark's workspace: three needs each, parameters, inputs, outputs.
fn many(count: usize) -> Plan {
    let mut nodes: Vec<Node> = Vec::with_capacity(count);
    let mut origin = rush_plan::Origin::default();
    let file = origin.file(&crate::sample::path("tasks.rush"));
    for number in 0..count {
        let work = rush_plan::Task {
            inputs: Some(vec![format!("src/t{number}/**/*.rs"), "Cargo.lock".to_owned()]),
            outputs: vec![format!("out/t{number}.txt")],
            run: vec![crate::sample::argv(&[
                "cargo",
                "build",
                "-p",
                &format!("t{number}"),
                "--release",
            ])],
            env: crate::sample::map([(
                "CARGO_TERM_COLOR",
                rush_plan::EnvValue::Text("always".to_owned()),
            )]),
            cache: rush_plan::Cache {
                mode: rush_plan::CacheMode::Local,
                ttl_ms: None,
                key: Vec::new(),
            },
            ..rush_plan::Task::default()
        };
        let arguments = crate::sample::map([
            ("crate", rush_plan::Value::Text(format!("t{number}"))),
            ("release", rush_plan::Value::Bool(true)),
        ]);
        let work = rush_plan::Work::Task(Box::new(work));
        let mut node =
            Node::new(format!("//:task{number}"), arguments, rush_plan::Arguments::new(), work);
        for back in [1, 7, 50] {
            if let Some(before) = number.checked_sub(back).and_then(|at| nodes.get(at)) {
                node.add_edge(before.id(), EdgeReason::Needs);
            }
        }
        let position = |line| rush_plan::Position { file, line, column: 3 };
        let line = number as u32 * 8;
        let fields = [
            ("run", position(line + 1)),
            ("inputs", position(line + 2)),
            ("outputs", position(line + 3)),
            ("needs", position(line + 4)),
        ]
        .into_iter()
        .collect();
        origin.insert(node.id(), rush_plan::NodeOrigin { at: position(line), fields });
        nodes.push(node);
    }
    let mut draft = draft(nodes);
    draft.origin = origin;
    draft.build().expect("a plan")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_making_does_not_show(draft in drafts(), seed in any::<u64>()) {
        let mut shuffled = draft.clone();
        let count = shuffled.content.nodes.len();
        for at in 0..count {
            shuffled.content.nodes.swap(at, (seed as usize).wrapping_mul(at + 1) % count);
        }
        let plan = draft.build().expect("a plan");
        prop_assert_eq!(plan.to_json(), shuffled.build().expect("a plan").to_json());
        let again = Plan::from_json(&plan.to_json()).expect("a plan");
        prop_assert_eq!(again.to_json(), plan.to_json());
        let again = Plan::from_compact(&plan.to_compact()).expect("a plan");
        prop_assert_eq!(again.to_json(), plan.to_json());
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Plan::from_json(&bytes).is_err());
        prop_assert!(Plan::from_compact(&bytes).is_none());
    }
}

#[test]
fn load_errors_keep_their_cause() {
    let error = Plan::from_json(b"{").expect_err("no plan");
    assert!(matches!(error, LoadError::NotAPlan { .. }));
    assert!(std::error::Error::source(&error).is_some());
}
