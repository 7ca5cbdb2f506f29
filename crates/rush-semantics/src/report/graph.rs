//! Tasks that wait for each other, or get in each other's way: RUSH05xx and clashing ports.

use rush_diagnostics::{Code, Diagnostic, Edit, Fix, Severity, Span};

/// A pattern somebody declared.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it is written.
    pub span: Span,
    /// The label of the task.
    pub label: String,
}

/// A task of a circle.
#[derive(Clone, Debug)]
pub struct CircleStep {
    /// Where it says what it waits for.
    pub span: Span,
    /// The task.
    pub label: String,
    /// What it waits for, as a sentence.
    pub says: String,
}

/// RUSH0501. The first of the steps, of which there is at least one, is the place reported.
pub fn needs_cycle(steps: &[CircleStep]) -> Diagnostic {
    let (first, others) = steps.split_first().expect("a circle has a step");
    let names = steps.iter().chain([first]).map(|it| it.label.as_str());
    let names: Vec<&str> = names.collect();
    let message = format!("tasks need each other in a circle: {}", names.join(" -> "));
    let mut report = Diagnostic::new(Code::NeedsCycle, first.span.clone(), message);
    report = report.label(first.says.clone());
    for step in others {
        report = report.because(step.span.clone(), step.says.clone());
    }
    report.help("remove one of these edges; what two tasks share can be a third task")
}

/// RUSH0502. `when` is where the task says that it never runs.
pub fn skipped_outputs(at: Span, reader: &str, of: &str, when: Span) -> Diagnostic {
    let message = format!("`{reader}` reads the outputs of `{of}`, which `when` removes");
    Diagnostic::new(Code::SkippedOutputs, at, message)
        .because(when, format!("so `{of}` never runs"))
        .help(format!("let `{of}` run, or do not read its outputs"))
}

/// RUSH0402, for the search for races: told, but nobody's mistake.
pub fn unproved_races(at: Span, pairs_max: usize) -> Diagnostic {
    let message = "from here on no races were looked for: too many patterns may meet";
    Diagnostic::new(Code::BudgetExceeded, at, message)
        .note(format!("{pairs_max} pairs of patterns were compared, which is the limit"))
        .help("give the outputs of different tasks different directories")
        .severity(Severity::Info)
}

/// RUSH0503 within one task: `first` and `second` are two calls of it, both written out.
pub fn calls_race(
    at: Span,
    first: &str,
    second: &str,
    example: &str,
    severity: Severity,
) -> Diagnostic {
    let message = format!("two tasks that may run at the same time write `{example}`");
    Diagnostic::new(Code::OutputRace, at, message)
        .label(format!("`{first}` and `{second}` both write it"))
        .help("make the path depend on the parameter that tells them apart")
        .severity(severity)
}

/// RUSH0503 within one task: its cells write the same path, whatever the value of `axis`.
pub fn cells_race(
    at: Span,
    task: &str,
    axis: &str,
    example: &str,
    severity: Severity,
) -> Diagnostic {
    let message = format!("two cells of `{task}` that may run at the same time write `{example}`");
    Diagnostic::new(Code::OutputRace, at, message)
        .label(format!("the same path for every value of `{axis}`"))
        .help(format!("make the path depend on `${{matrix.{axis}}}`"))
        .severity(severity)
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

/// The change that adds a task to `needs`.
pub fn add_need(need: &str, edit: Edit) -> Fix {
    Fix::automatic(format!("add `{need}` to `needs`"), vec![edit])
}

/// RUSH0705.
pub fn port_clash(at: Span, port: i64, other: Span, label: &str) -> Diagnostic {
    Diagnostic::new(Code::PortClash, at, format!("two services use port {port}"))
        .because(other, format!("`{label}` uses it too"))
        .help("give one of them another default")
}
