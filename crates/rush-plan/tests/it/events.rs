//! Events as lines, for readers older and newer than the writer.

use rush_plan::{
    AttemptEnd, Cause, Digest, EventBody, EventLine, LogStream, NodeId, NodeKind, NodeState,
    NoteLevel, PlaceName, RunCounts, RunEvent, RunId, RunOutcome, SkipReason, Timestamp,
    UsageRecord, WaitingReason, WorkspaceId,
};
use serde_json::{Value as Json, json};

use crate::schema::{EVENT, check_nothing_unused, parse, validator};

fn node() -> NodeId {
    NodeId::of("//:build", &rush_plan::Arguments::new(), &rush_plan::Arguments::new())
}

fn event(body: EventBody) -> RunEvent {
    RunEvent {
        version: RunEvent::VERSION,
        run: RunId::new("r1"),
        seq: 7,
        time: Timestamp(1_769_904_000_000_001),
        monotonic_ns: 12,
        node: Some(node()),
        attempt: Some(1),
        place: Some(PlaceName::local()),
        cause: Some(cause()),
        body,
    }
}

fn cause() -> Cause {
    Cause { kind: "user".to_owned(), actor: Some("ada".to_owned()) }
}

/// Every body, with every state, reason, end, outcome and stream.
fn bodies() -> Vec<EventBody> {
    let reasons = [
        WaitingReason::Needs { remaining: 2 },
        WaitingReason::Worker,
        WaitingReason::Resources,
        WaitingReason::Limit { group: "g".to_owned() },
        WaitingReason::Terminal,
        WaitingReason::Confirm,
        WaitingReason::Another { process: None },
        WaitingReason::Another { process: Some(7) },
    ];
    let skips = [
        SkipReason::When,
        SkipReason::Needs { node: node() },
        SkipReason::RunFailed,
        SkipReason::NotNeeded,
    ];
    let mut states = vec![
        NodeState::Ready,
        NodeState::Running { attempt: 1 },
        NodeState::BackingOff { attempt: 2, delay_ms: 1000 },
        NodeState::Serving { attempt: 1 },
        NodeState::Succeeded,
        NodeState::Cached,
        NodeState::Failed { allowed: true },
        NodeState::TimedOut,
        NodeState::Cancelled,
    ];
    states.extend(reasons.map(|reason| NodeState::Waiting { reason }));
    states.extend(skips.map(|reason| NodeState::Skipped { reason }));
    let ends = [
        AttemptEnd::Exited { code: 101 },
        AttemptEnd::Signaled { signal: 9 },
        AttemptEnd::TimedOut,
        AttemptEnd::Lost { message: "the host went away".to_owned() },
        AttemptEnd::Refused { message: "program `x` was not found".to_owned() },
    ];
    let counts =
        RunCounts { succeeded: 1, cached: 2, failed: 3, timed_out: 4, skipped: 5, cancelled: 6 };
    let plan = Digest::of("test", b"");
    let mut bodies = vec![
        EventBody::RunStarted {
            workspace: WorkspaceId("acme".to_owned()),
            plan,
            cause: cause(),
            nodes: 3,
        },
        added("//:build", "//:build(crate: \"api\")", NodeKind::Task),
        added("//:db", "//:db", NodeKind::Service),
        EventBody::AttemptStarted { command: 0, shown: "cargo build".to_owned() },
        EventBody::AttemptOutput { stream: LogStream::Stdout, text: "a\n".to_owned() },
        EventBody::AttemptOutput { stream: LogStream::Stderr, text: "ü".to_owned() },
    ];
    let outcomes = [RunOutcome::Succeeded, RunOutcome::Failed, RunOutcome::Interrupted];
    bodies.extend(outcomes.map(|outcome| EventBody::RunEnded { outcome, counts }));
    bodies.extend(states.into_iter().map(EventBody::NodeChanged));
    let usage = UsageRecord { user_us: 1500, system_us: 20, memory_bytes_peak: Some(4096) };
    bodies.extend(ends.map(|end| EventBody::AttemptEnded { end, usage }));
    let notes = [NoteLevel::Warning, NoteLevel::Problem];
    bodies.extend(notes.map(|level| EventBody::Noted { level, message: "late".to_owned() }));
    bodies
}

fn added(label: &str, name: &str, kind: NodeKind) -> EventBody {
    EventBody::NodeAdded { label: label.to_owned(), name: name.to_owned(), kind }
}

fn lines() -> Vec<String> {
    bodies().into_iter().map(|body| event(body).to_line()).collect()
}

#[test]
fn every_event_is_one_line_that_reads_back() {
    for body in bodies() {
        let event = event(body);
        let line = event.to_line();
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(
            RunEvent::from_line(&line).expect("an event"),
            EventLine::Event(Box::new(event))
        );
    }
}

#[test]
fn output_that_travels_beside_its_event_is_text_in_the_line() {
    let output = |text: &str| {
        event(EventBody::AttemptOutput { stream: LogStream::Stdout, text: text.to_owned() })
    };
    assert_eq!(output("").to_line_with(b"a\xffb"), output("a\u{fffd}b").to_line());
    let other = event(EventBody::NodeChanged(NodeState::Ready));
    assert_eq!(other.to_line_with(b""), other.to_line());
}

#[test]
fn events_look_like_this() {
    insta::assert_snapshot!(lines().join("\n"));
}

#[test]
fn every_event_follows_the_schema() {
    let schema = validator(&parse(EVENT));
    for line in lines() {
        let json: Json = serde_json::from_str(&line).expect("JSON");
        let errors: Vec<String> =
            schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line}\n{}", errors.join("\n"));
    }
}

#[test]
fn the_schema_knows_no_event_that_is_never_written() {
    let examples: Vec<Json> = lines().iter().map(|line| parse(line)).collect();
    let mut unknowns = examples.clone();
    for (pointer, name) in UNKNOWN {
        for example in examples.iter().filter(|example| example.pointer(pointer).is_some()) {
            let mut later = example.clone();
            *later.pointer_mut(pointer).expect("a tag") = json!(name);
            unknowns.push(later);
        }
    }
    check_nothing_unused(&parse(EVENT), &unknowns);
}

/// The places where later versions may bring variants.
const UNKNOWN: [(&str, &str); 8] = [
    ("/body/event", "node_teleported"),
    ("/body/state", "levitating"),
    ("/body/reason/kind", "moon_phase"),
    ("/body/end", "evaporated"),
    ("/body/outcome", "undecided"),
    ("/body/stream", "stdfoo"),
    ("/body/level", "whisper"),
    ("/cause/kind", "oracle"),
];

#[test]
fn readers_accept_what_later_versions_write() {
    let schema = validator(&parse(EVENT));
    for line in lines() {
        for (pointer, name) in UNKNOWN {
            let mut later = parse(&line);
            let Some(tag) = later.pointer_mut(pointer) else { continue };
            *tag = json!(name);
            later["surprise"] = json!({ "any": "thing" });
            later["body"]["surprise"] = json!([1]);
            assert!(schema.is_valid(&later), "{later}");
            let read = RunEvent::from_line(&later.to_string())
                .unwrap_or_else(|error| panic!("{later}: {error}"));
            assert!(matches!(read, EventLine::Event(_)));
        }
    }
    let newer = parse(&lines()[0].replace("\"version\":1", "\"version\":2"));
    assert_eq!(RunEvent::from_line(&newer.to_string()).expect("a line"), EventLine::Newer(2));
    assert!(RunEvent::from_line("{}").is_err());
}

#[test]
fn wrong_events_are_refused() {
    let schema = validator(&parse(EVENT));
    for line in lines() {
        for field in ["version", "run", "seq", "time", "monotonic_ns", "body"] {
            let mut less = parse(&line);
            less.as_object_mut().expect("an object").shift_remove(field);
            assert!(!schema.is_valid(&less), "without `{field}`");
            assert!(RunEvent::from_line(&less.to_string()).is_err(), "without `{field}`");
        }
    }
}

#[test]
fn times_are_utc_text() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_769_904_000_000_001, "2026-02-01T00:00:00.000001Z"),
        (4_107_542_399_000_000, "2100-02-28T23:59:59.000000Z"),
    ] {
        assert_eq!(Timestamp(micros).to_string(), text);
        assert_eq!(Timestamp::parse(text), Some(Timestamp(micros)));
    }
    for text in [
        "",
        "2026-01-01",
        "2026-13-01T00:00:00.000000Z",
        "2026-01-01T00:00:00.0Z",
        "2026-01-01T00:00:00.-00001Z",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text}");
    }
}

#[test]
fn final_states_are_those_nothing_follows() {
    let states: Vec<NodeState> = bodies()
        .into_iter()
        .filter_map(
            |body| if let EventBody::NodeChanged(state) = body { Some(state) } else { None },
        )
        .collect();
    let satisfied: Vec<&NodeState> = states.iter().filter(|state| state.is_satisfied()).collect();
    assert_eq!(
        satisfied,
        [
            &NodeState::Serving { attempt: 1 },
            &NodeState::Succeeded,
            &NodeState::Cached,
            &NodeState::Failed { allowed: true },
            &NodeState::Skipped { reason: SkipReason::When },
            &NodeState::Skipped { reason: SkipReason::NotNeeded }
        ]
    );
    let serves = |state: &&&NodeState| matches!(state, NodeState::Serving { .. });
    assert!(satisfied.iter().all(|state| state.is_final() != serves(&state)));
    assert_eq!(states.iter().filter(|state| !state.is_final()).count(), 12);
}
