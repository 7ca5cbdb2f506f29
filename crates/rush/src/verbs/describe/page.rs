//! A description for people.

use rush_diagnostics::HumanStyle;
use rush_engine::{Described, DescribedCommand, DescribedField, ParamDescription, Runs};

use super::last_run::LastRun;
use crate::context::{Context, Stream};
use crate::output::paint::Paint;
use crate::output::table::{self, Cell};

/// One page for each task.
pub(super) fn text<'a>(
    ctx: &Context,
    found: impl Iterator<Item = (&'a Described, Option<&'a LastRun>)>,
) -> String {
    let shape = (ctx.style(Stream::Stdout), Stream::Stdout.columns());
    let pages: Vec<String> = found.map(|(described, last)| page(described, last, shape)).collect();
    pages.join("\n")
}

fn page(
    described: &Described,
    last: Option<&LastRun>,
    (style, columns): (HumanStyle, Option<usize>),
) -> String {
    let description = &described.description;
    let (file, line) = &described.place;
    let mut out = format!(
        "{} {}  {}\n",
        description.kind,
        Paint::Name.on(&described.name, style),
        Paint::Dim.on(&format!("{file}:{line}"), style)
    );
    if let Some(doc) = &description.doc {
        out.push('\n');
        doc.lines().for_each(|line| out.push_str(&format!("{line}\n")));
    }
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            out.push_str(&format!("\n{}\n{body}", Paint::Heading.on(title, style)));
        }
    };
    let table = |rows: &[Vec<Cell>]| table::render_within(rows, style, columns);
    section("Parameters", table(&parameters(described)));
    let title = match &described.runs {
        Runs::Resolved(_) => "Runs",
        Runs::Written(_) => "Runs, as it is written",
    };
    section(title, commands(&described.runs));
    section("Fields", table(&fields(&described.fields)));
    let last = last.map(|it| format!("  {}\n", it.line(style)));
    section("Last run", last.unwrap_or_default());
    out
}

fn parameters(described: &Described) -> Vec<Vec<Cell>> {
    let description = &described.description;
    let mut rows: Vec<Vec<Cell>> = description.params.iter().map(row).collect();
    rows.extend(description.axes.iter().map(|axis| {
        vec![
            Cell::painted(format!("  --{}", axis.name.replace('_', "-")), Paint::Name),
            Cell::plain(axis.ty.clone()),
            Cell::plain("all"),
            Cell::painted("axis of the matrix", Paint::Dim),
        ]
    }));
    rows
}

fn row(param: &ParamDescription) -> Vec<Cell> {
    let name = param.name.replace('_', "-");
    let flag = match (param.is_rest, param.is_settable) {
        (true, _) => format!("  -- {}...", param.name.to_uppercase()),
        (false, true) => format!("  --{name}"),
        (false, false) => format!("  ({}: ..)", param.name),
    };
    let default = match (&param.default, param.is_required) {
        (Some(default), _) => format!("= {default}"),
        (None, true) => "required".to_owned(),
        (None, false) => String::new(),
    };
    let doc = param.doc.as_deref().and_then(|it| it.lines().next()).unwrap_or_default();
    vec![
        Cell::painted(flag, Paint::Name),
        Cell::plain(param.ty.clone()),
        Cell::plain(default),
        Cell::painted(doc, Paint::Dim),
    ]
}

fn commands(runs: &Runs) -> String {
    let mut out = String::new();
    for command in runs.commands() {
        let (mark, text) = match command {
            DescribedCommand::Argv(text) | DescribedCommand::Script(text) => ("$ ", text),
            DescribedCommand::Value(source) => ("", source),
        };
        for (at, line) in text.lines().enumerate() {
            let mark = if at == 0 || mark.is_empty() { mark } else { "  " };
            out.push_str(format!("  {mark}{line}").trim_end());
            out.push('\n');
        }
    }
    out
}

/// What it declares besides its commands, which have a section of their own.
fn fields(fields: &[DescribedField]) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for field in fields.iter().filter(|it| it.name != "run") {
        // The values of variables are what `--env` is for.
        let source = if field.name == "env" && !field.keys.is_empty() {
            field.keys.join(", ")
        } else {
            field.source.clone()
        };
        let origin = field.from.as_ref().map(|from| {
            let (file, line) = &field.place;
            format!("from `{from}`, {file}:{line}")
        });
        for (at, line) in source.lines().enumerate() {
            let (name, origin) = match at {
                0 => (format!("  {}", field.name), origin.clone().unwrap_or_default()),
                _ => (String::new(), String::new()),
            };
            rows.push(vec![
                Cell::painted(name, Paint::Name),
                Cell::plain(line),
                Cell::painted(origin, Paint::Dim),
            ]);
        }
    }
    rows
}
