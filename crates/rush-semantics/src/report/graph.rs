//! Tasks that wait for each other, or get in each other's way: RUSH05xx and clashing ports.

use rush_diagnostics::{Code, Diagnostic, Severity, Span};

/// A pattern somebody declared.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it is written.
    pub span: Span,
    /// The label of the task.
    pub label: String,
}

/// RUSH0501. `steps` are labels, the first of which is the one reported.
pub fn needs_cycle(at: Span, steps: &[(Span, String)]) -> Diagnostic {
    let mut names: Vec<&str> = steps.iter().map(|(_, label)| label.as_str()).collect();
    names.extend(steps.first().map(|(_, label)| label.as_str()));
    let mut report = Diagnostic::new(
        Code::NeedsCycle,
        at,
        format!("tasks need each other in a circle: {}", names.join(" -> ")),
    );
    for (span, label) in steps.iter().skip(1) {
        report = report.because(span.clone(), format!("`{label}` needs the next one"));
    }
    report.help("remove one of these edges; if the order alone matters, `after` never adds a task")
}

/// RUSH0503. `example` is a path both may write; `is_certain` says the patterns have no holes.
pub fn output_race(first: &Place, second: &Place, example: &str, severity: Severity) -> Diagnostic {
    Diagnostic::new(
        Code::OutputRace,
        second.span.clone(),
        format!("two tasks that may run at the same time write `{example}`"),
    )
    .label(format!("`{}` writes it", second.label))
    .because(first.span.clone(), format!("`{}` writes it too", first.label))
    .help(format!(
        "let one need the other, as `needs: [{}]`, or let them write different paths",
        first.label
    ))
    .severity(severity)
}

/// RUSH0508.
pub fn missing_need(
    reader: &Place,
    writer: &Place,
    example: &str,
    severity: Severity,
) -> Diagnostic {
    Diagnostic::new(
        Code::MissingNeed,
        reader.span.clone(),
        format!(
            "`{}` reads `{example}`, which `{}` writes, without needing it",
            reader.label, writer.label
        ),
    )
    .because(writer.span.clone(), format!("`{}` writes it", writer.label))
    .help(format!("add `{}` to `needs`", writer.label))
    .severity(severity)
}

/// RUSH0705.
pub fn port_clash(at: Span, port: i64, other: Span, label: &str) -> Diagnostic {
    Diagnostic::new(Code::PortClash, at, format!("two services use port {port}"))
        .because(other, format!("`{label}` uses it too"))
        .help("give one of them another default")
}
