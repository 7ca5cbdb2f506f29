//! What programs and CI services read.

use rush_diagnostics::{
    Code, FileId, ResolvedDiagnostic, Source, Sources, TextRange, json_value, render_github,
    render_json, render_sarif,
};
use serde_json::Value;

use crate::finding::{finding, sample};

const OWN_SCHEMA: &str = include_str!("../../../../docs/schemas/diagnostics-1.json");
const SARIF_SCHEMA: &str = include_str!("../fixtures/sarif-schema-2.1.0.json");
/// The published schema has a stray bracket in this pattern, which a strict reader refuses.
const SARIF_SCHEMA_SLIP: (&str, &str) = ("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");

fn assert_valid(schema: &str, document: &str) {
    let schema = schema.replace(SARIF_SCHEMA_SLIP.0, SARIF_SCHEMA_SLIP.1);
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let document: Value = serde_json::from_str(document).expect("the document is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn json() {
    let (texts, findings) = sample();
    let text = render_json(&findings, &texts.sources);
    assert_valid(OWN_SCHEMA, &text);
    assert_eq!(
        serde_json::from_str::<Value>(&text).ok(),
        Some(json_value(&findings, &texts.sources))
    );
    insta::assert_snapshot!(text);
}

#[test]
fn json_without_sources_or_findings_is_valid_too() {
    let (_, findings) = sample();
    assert_valid(OWN_SCHEMA, &render_json(&findings, &Sources::new()));
    assert_valid(OWN_SCHEMA, &render_json(&[], &Sources::new()));
}

#[test]
fn the_schema_knows_every_field() {
    let schema: Value = serde_json::from_str(OWN_SCHEMA).expect("the schema is JSON");
    let (texts, findings) = sample();
    let document = json_value(&findings, &texts.sources);
    let keys = |it: &Value| it.as_object().map(|it| it.keys().cloned().collect::<Vec<_>>());
    let schema = &schema["$defs"]["diagnostic"]["properties"];
    assert_eq!(keys(&document["diagnostics"][0]), keys(schema));
}

#[test]
fn sarif() {
    let (texts, findings) = sample();
    let text = render_sarif(&findings, &texts.sources, "1.2.3");
    assert_valid(SARIF_SCHEMA, &text);
    assert_valid(SARIF_SCHEMA, &render_sarif(&[], &Sources::new(), "1.2.3"));
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let run = &log["runs"][0];
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        let rule = &run["tool"]["driver"]["rules"][index];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().is_some_and(|it| it.starts_with("# RUSH")));
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["results"]).expect("JSON"));
}

#[test]
fn sarif_paths_are_uris() {
    let (_, findings) = sample();
    let uri = |path: &str| {
        let sources =
            [(FileId(0), Source::new(path, "x".repeat(200)))].into_iter().collect::<Sources>();
        let text = render_sarif(&findings[..1], &sources, "1.2.3");
        assert_valid(SARIF_SCHEMA, &text);
        let log: Value = serde_json::from_str(&text).expect("JSON");
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        location["artifactLocation"]["uri"].as_str().expect("a text").to_owned()
    };
    assert_eq!(uri("a b/é:1%.rush"), "a%20b/%C3%A9%3A1%25.rush");
    assert_eq!(uri("/home/x/tasks.rush"), "file:///home/x/tasks.rush");
}

fn github(path: &str, diagnostic: ResolvedDiagnostic) -> String {
    let text = "let größe = biuld\n\n";
    let sources = [(FileId(0), Source::new(path, text))].into_iter().collect::<Sources>();
    render_github(&[diagnostic], &sources)
}

#[test]
fn github_annotations() {
    let (texts, findings) = sample();
    insta::assert_snapshot!(render_github(&findings, &texts.sources), @r#"
    ::error file=web/tasks.rush,line=4,endLine=4,col=3,endColumn=6,title=RUSH0201 unknown-field::`task` has no field `deps`%0Ahelp: write `needs`, which means the same%0Afix: rename to `needs`
    ::error file=web/tasks.rush,line=8,endLine=8,col=24,endColumn=25,title=RUSH0206 out-of-range::80 is outside 1024..=65535%0Awhy: ports below 1024 need special rights
    "#);
}

#[test]
fn github_escapes_what_would_end_a_property_or_the_command() {
    let label = |start: u32, end: u32| rush_diagnostics::ResolvedLabel {
        file: FileId(0),
        range: TextRange::new(start.into(), end.into()),
        message: String::new(),
    };
    let mut one = finding(Code::UnknownName, "100% of `a::b`, or\r\nnone", label(14, 19));
    one.notes.push("a, b: c".to_owned());
    insta::assert_snapshot!(github("a,b:c%.rush", one), @"::error file=a%2Cb%3Ac%25.rush,line=1,endLine=1,col=13,endColumn=17,title=RUSH0102 unknown-name::100%25 of `a::b`, or%0D%0Anone%0Awhy: a, b: c");
    let lines = finding(Code::UnknownName, "over lines", label(0, 20));
    insta::assert_snapshot!(github("tasks.rush", lines), @"::error file=tasks.rush,line=1,endLine=2,title=RUSH0102 unknown-name::over lines");
}
