//! Values and paths: text forms, JSON forms, identity.

use proptest::prelude::*;
use rush_plan::{Arguments, Call, NodeId, PathError, Value, WorkspacePath};

use crate::sample::{argv, map, path};

/// Checks the text form and the JSON form of a value.
fn check(value: impl Into<Value>, text: Option<&str>, json: &str) {
    let value = value.into();
    assert_eq!(value.to_text().as_deref(), text, "{value:?}");
    let written = serde_json::to_string(&value).expect("a value is JSON");
    assert_eq!(written, json);
    assert_eq!(serde_json::from_str::<Value>(&written).expect("a value"), value);
}

#[test]
fn values_have_one_text_and_one_json_form() {
    check(Value::None, None, "null");
    check(Value::Bool(true), Some("true"), "true");
    check(Value::Int(-7), Some("-7"), "-7");
    check(Value::Float(0.1), Some("0.1"), "0.1");
    check(Value::Float(1e21), Some("1000000000000000000000"), "1e+21");
    check(Value::Text("ä".to_owned()), Some("ä"), "\"ä\"");
    check(Value::Duration(600_000_000_000), Some("600s"), "{\"duration\":600000000000}");
    check(Value::Duration(500_000_000), Some("0.5s"), "{\"duration\":500000000}");
    check(Value::Duration(-1), Some("-0.000000001s"), "{\"duration\":-1}");
    check(
        Value::Duration(i64::MIN),
        Some("-9223372036.854775808s"),
        "{\"duration\":-9223372036854775808}",
    );
    check(Value::Size(2 << 30), Some("2147483648"), "{\"size\":2147483648}");
    check(Value::Path(path("a/b")), Some("a/b"), "{\"path\":\"a/b\"}");
    check(Value::Glob("**/*.rs".to_owned()), Some("**/*.rs"), "{\"glob\":\"**/*.rs\"}");
    check(Value::Expression("`x`".to_owned()), None, "{\"expression\":\"`x`\"}");
    check(Value::List(vec![Value::Int(1)]), None, "[1]");
    check(Value::Record(map([("a", Value::None)])), None, "{\"record\":{\"a\":null}}");
    let tag = Value::Tag { name: "tcp".to_owned(), fields: map([("port", Value::Int(1))]) };
    check(tag, None, "{\"tag\":{\"name\":\"tcp\",\"fields\":{\"port\":1}}}");
}

/// Checks how a value is shown to people.
fn check_shown(value: &Value, shown: &str) {
    assert_eq!(value.to_string(), shown);
}

#[test]
fn values_are_shown_as_they_would_be_written() {
    check_shown(&Value::None, "none");
    check_shown(&Value::Float(2.0), "2.0");
    check_shown(&Value::Text("a \"b\" ${c}\n".to_owned()), r#""a \"b\" \${c}\n""#);
    check_shown(&Value::Path(path("a/b")), "\"a/b\"");
    check_shown(&Value::Duration(90_000_000_000), "1m30s");
    check_shown(&Value::Duration(500_000_000), "500ms");
    check_shown(&Value::Duration(-3_600_000_000_000), "-1h");
    check_shown(&Value::Duration(0), "0s");
    check_shown(&Value::Duration(1), "0.000000001s");
    check_shown(&Value::Size(2 << 30), "2GiB");
    check_shown(&Value::Size(1500), "1500B");
    check_shown(&Value::List(vec![Value::Int(1), Value::Bool(false)]), "[1, false]");
    check_shown(
        &Value::Record(map([("a", Value::Int(1)), ("x-b", Value::None)])),
        "{a: 1, \"x-b\": none}",
    );
    let tag = Value::Tag { name: "tcp".to_owned(), fields: map([("port", Value::Int(1))]) };
    check_shown(&tag, "tcp(port: 1)");
    let text = "\"-o${path(\"//x\")}\"";
    check_shown(&Value::Expression(text.to_owned()), text);
    check_shown(
        &Value::Command(Box::new(argv(&["echo", "it's", "a b"]))),
        "`echo \"it's\" \"a b\"`",
    );
}

#[test]
fn nodes_are_shown_as_calls() {
    let cell: Arguments = map([("features", Value::Text("full".to_owned()))]);
    let arguments: Arguments = map([("release", Value::Bool(true))]);
    let work = || rush_plan::Work::Task(Box::default());
    let node =
        |arguments, cell| rush_plan::Node::new("//:build", arguments, cell, work()).to_string();
    assert_eq!(node(arguments.clone(), map([])), "//:build(release: true)");
    assert_eq!(node(arguments, cell.clone()), "//:build(release: true, features: \"full\")");
    assert_eq!(node(map([]), cell), "//:build(features: \"full\")");
    assert_eq!(node(map([]), map([])), "//:build");
}

#[test]
fn whole_floats_stay_floats() {
    check(Value::Float(1.0), Some("1"), "1.0");
    assert_ne!(Value::Float(1.0), Value::Int(1));
}

#[test]
fn objects_that_stand_for_no_value_are_refused() {
    for json in
        ["{}", "{\"size\":1,\"path\":\"a\"}", "{\"bogus\":1}", "{\"size\":-1}", "{\"path\":\"/a\"}"]
    {
        assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
    }
}

#[test]
fn ids_depend_on_label_arguments_and_cell_only() {
    let some: Arguments = map([("a", Value::Int(1))]);
    let none = Arguments::new();
    let id = NodeId::of("//:a", &none, &none);
    assert_eq!(id, NodeId::of("//:a", &none, &none));
    assert_ne!(id, NodeId::of("//:b", &none, &none));
    assert_ne!(NodeId::of("//:a", &some, &none), NodeId::of("//:a", &none, &some));
    // Written down once, so that ids stay the same from version to version.
    assert_eq!(id.to_string(), "ee0470f1da6526c3599e6223d2dc0996");
}

#[test]
fn paths_stay_inside_the_workspace() {
    let join = |base: &str, text: &str| path(base).join(text).map(|path| path.as_str().to_owned());
    assert_eq!(join("web", "src/./a.ts"), Ok("web/src/a.ts".to_owned()));
    assert_eq!(join("web", "../api//x/"), Ok("api/x".to_owned()));
    assert_eq!(join("web", "//x"), Ok("x".to_owned()));
    assert_eq!(join("web", ".."), Ok(".".to_owned()));
    assert_eq!(join("web", "../.."), Err(PathError::Outside));
    assert_eq!(join("web", "/etc"), Err(PathError::Absolute));
    assert_eq!(join("web", "C:/x"), Err(PathError::Absolute));
    assert_eq!(join("web", "\\\\host\\x"), Err(PathError::Absolute));
    assert_eq!(join("web", "a\0"), Err(PathError::Nul));
}

#[test]
fn paths_know_where_they_lie() {
    assert_eq!(path("a/b/c").relative_to(&path("a/x")), "../b/c");
    assert_eq!(path("a").relative_to(&path("a")), ".");
    assert_eq!(path("a").relative_to(&WorkspacePath::root()), "a");
    assert!(path("a/b").is_inside(&path("a")) && path("a").is_inside(&path("a")));
    assert!(!path("ab").is_inside(&path("a")) && path("ab").is_inside(&WorkspacePath::root()));
    assert_eq!(
        (path("a/b").parent(), path("a").parent()),
        (Some(path("a")), Some(WorkspacePath::root()))
    );
    assert_eq!(WorkspacePath::root().parent(), None);
}

#[test]
fn calls_split_at_the_first_bracket() {
    let call = Call::new(" //web:build(crate: \"a(b)\", x: 1) ");
    assert_eq!(
        (call.label.as_str(), call.arguments.as_deref()),
        ("//web:build", Some("crate: \"a(b)\", x: 1"))
    );
    assert_eq!(Call::new("build(*)").arguments.as_deref(), Some("*"));
    let build = Call::new("build");
    assert_eq!((build.label.as_str(), build.arguments), ("build", None));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn floats_come_back_exactly(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        let text = Value::Float(value).to_text().expect("a text");
        prop_assert_eq!(text.parse::<f64>().expect("a number").to_bits(), value.to_bits());
        let json = serde_json::to_string(&Value::Float(value)).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Value>(&json).expect("a value"), Value::Float(value));
    }

    #[test]
    fn joined_paths_are_normalised(text in "[a./]{0,10}") {
        if let Ok(joined) = path("p/q").join(&text) {
            let json = serde_json::to_string(&joined).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<WorkspacePath>(&json).expect("a path"), joined);
        }
    }
}
