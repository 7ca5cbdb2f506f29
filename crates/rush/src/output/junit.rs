//! A run as a JUnit report, which build servers read: one suite, with one case for each node.
//!
//! The form is what the schema of Jenkins accepts, with all that Ant's own report has. A node that failed is a
//! failure, one that took too long or was stopped is an error, and what did not run is skipped. Only what went wrong
//! carries the end of its output.

use std::io;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use rush_engine::{NodeSummary, RunSummary};
use rush_plan::{NodeId, NodeState, Plan, Timestamp};

use super::events::whole_reason;
use super::names::short_names;

/// The name of the suite.
const SUITE: &str = "rush";

/// What Ant writes where the name of the machine is nobody's business.
const HOST: &str = "localhost";

/// What became of a node, in the words of the format.
enum Verdict {
    Passed,
    Skipped,
    /// It did not do its work.
    Failure(String),
    /// It could not end by itself.
    Error(String),
}

/// The report as XML. `last_words` returns the end of the output of a node.
pub(crate) fn report(
    plan: &Plan,
    summary: &RunSummary,
    started: Timestamp,
    last_words: impl Fn(NodeId) -> String,
) -> io::Result<String> {
    let names = short_names(plan);
    let cases = summary.nodes.iter().map(|node| (node, verdict(plan, node)));
    let cases: Vec<(&NodeSummary, Verdict)> = cases.collect();
    let count = |is_one: fn(&Verdict) -> bool| {
        cases.iter().filter(|(_, verdict)| is_one(verdict)).count().to_string()
    };
    let time = seconds(summary.duration);
    // Whole seconds without a zone, as Ant writes them; the time is UTC.
    let timestamp = started.to_string();
    let timestamp = timestamp.split('.').next().unwrap_or_default();
    let (tests, failures) =
        (cases.len().to_string(), count(|it| matches!(it, Verdict::Failure(_))));
    let errors = count(|it| matches!(it, Verdict::Error(_)));
    let skipped = count(|it| matches!(it, Verdict::Skipped));
    let attributes = [
        ("name", SUITE),
        ("package", SUITE),
        ("id", "0"),
        ("timestamp", timestamp),
        ("hostname", HOST),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", &errors),
        ("skipped", &skipped),
        ("time", &time),
    ];
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").write_inner_content(|writer| {
        let suite = writer.create_element("testsuite").with_attributes(attributes);
        suite.write_inner_content(|writer| {
            writer.create_element("properties").write_inner_content(|writer| {
                let run = [("name", "run"), ("value", summary.run.as_str())];
                writer.create_element("property").with_attributes(run).write_empty()?;
                Ok(())
            })?;
            for (node, verdict) in &cases {
                let name = names.get(&node.node).map_or(node.label.as_str(), String::as_str);
                write_case(writer, node, name, verdict, &last_words)?;
            }
            writer.create_element("system-out").write_empty()?;
            writer.create_element("system-err").write_empty()?;
            Ok(())
        })?;
        Ok(())
    })?;
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    Ok(text)
}

fn write_case(
    writer: &mut Writer<Vec<u8>>,
    node: &NodeSummary,
    name: &str,
    verdict: &Verdict,
    last_words: &impl Fn(NodeId) -> String,
) -> io::Result<()> {
    let time = seconds(node.duration);
    let name = plain(name);
    // What stands before the colon of a label is to a task what a class is to a method.
    let package = node.label.rsplit_once(':').map_or("", |(package, _)| package);
    let class = if matches!(package, "" | "//") { SUITE } else { package.trim_start_matches('/') };
    let attributes = [("name", name.as_str()), ("classname", class), ("time", time.as_str())];
    let case = writer.create_element("testcase").with_attributes(attributes);
    let (element, message) = match verdict {
        Verdict::Passed => {
            case.write_empty()?;
            return Ok(());
        }
        Verdict::Skipped => {
            case.write_inner_content(|writer| {
                writer.create_element("skipped").write_empty()?;
                Ok(())
            })?;
            return Ok(());
        }
        Verdict::Failure(message) => ("failure", message),
        Verdict::Error(message) => ("error", message),
    };
    let words = plain(&last_words(node.node));
    let message = plain(message);
    case.write_inner_content(|writer| {
        let element = writer.create_element(element);
        let element = element.with_attributes([("message", message.as_str()), ("type", "rush")]);
        element.write_text_content(BytesText::new(&words))?;
        Ok(())
    })?;
    Ok(())
}

fn verdict(plan: &Plan, node: &NodeSummary) -> Verdict {
    let why = || whole_reason(plan, node).unwrap_or_else(|| "it did not end well".to_owned());
    match &node.state {
        NodeState::Succeeded | NodeState::Cached | NodeState::Failed { allowed: true } => {
            Verdict::Passed
        }
        NodeState::Failed { allowed: false } => Verdict::Failure(why()),
        NodeState::TimedOut => Verdict::Error(why()),
        NodeState::Skipped { .. } => Verdict::Skipped,
        NodeState::Cancelled if node.attempts == 0 => Verdict::Skipped,
        NodeState::Cancelled => Verdict::Error("the run was stopped".to_owned()),
        NodeState::Waiting { .. }
        | NodeState::Ready
        | NodeState::Running { .. }
        | NodeState::BackingOff { .. }
        | NodeState::Serving { .. }
        | NodeState::Unknown => Verdict::Error("it did not end".to_owned()),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

/// The text without what XML can't hold and without the escapes that colour a terminal.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                // A control sequence ends with its first letter or similar.
                chars.next();
                while let Some(char) = chars.next()
                    && !('\u{40}'..='\u{7e}').contains(&char)
                {}
            }
            '\n'
            | '\t'
            | '\r'
            | '\u{20}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fffd}'
            | '\u{10000}'.. => {
                plain.push(char);
            }
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[0m\u{0}\u{7}\n<&"), "red\n<&");
        assert_eq!(plain("\u{1b}[31"), "");
    }
}
